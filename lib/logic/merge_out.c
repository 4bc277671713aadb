/* Text under construction: lines, indentation, markers. */
#include <string.h>

#include "merge_job.h"

void merge_out_span(struct merge_out *out, struct merge_span span)
{
	itsm_buffer_add(&out->text, span.text, span.size);
}

void merge_out_line(struct merge_out *out)
{
	if (out->text.length > out->start && out->text.data[out->text.length - 1] != '\n')
		itsm_buffer_puts(&out->text, out->newline);
}

static bool is_blank(const char *line, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++) {
		if (!strchr(" \t\r\n", line[i]))
			return false;
	}
	return true;
}

void merge_out_indented(struct merge_out *out, struct merge_span lines, size_t from, size_t to)
{
	size_t start, end, cut, i;

	if (lines.size > 0)
		merge_out_line(out);
	for (start = 0; start < lines.size; start = end) {
		end = merge_line_next(lines, start);
		cut = start;
		while (to < from && cut < end && cut - start < from - to && lines.text[cut] == ' ')
			cut++;
		if (!is_blank(lines.text + start, end - start)) {
			for (i = from; i < to; i++)
				itsm_buffer_putc(&out->text, ' ');
		}
		itsm_buffer_add(&out->text, lines.text + cut, end - cut);
	}
}

static unsigned current_line(struct merge_out *out)
{
	for (; out->counted < out->text.length; out->counted++)
		out->line += out->text.data[out->counted] == '\n';
	return out->line + 1;
}

/* A label comes from outside: one line, nothing that a terminal acts on. */
static void write_marker(struct merge_out *out, const char *marker, const char *label, const char *fallback)
{
	merge_out_line(out);
	itsm_buffer_puts(&out->text, marker);
	if (fallback)
		itsm_buffer_putc(&out->text, ' ');
	for (label = label && *label ? label : fallback; label && *label; label++)
		itsm_buffer_putc(&out->text, (unsigned char)*label < ' ' || *label == 0x7f ? '?' : *label);
	itsm_buffer_puts(&out->text, out->newline);
}

void merge_out_conflict(struct merge_out *out, const char *field, const char *reason,
	const char *const values[MERGE_SIDES], const struct merge_span lines[MERGE_SIDES])
{
	const struct itsm_merge_labels *labels = out->labels;
	struct itsm_merge_conflict *conflict;

	merge_out_line(out);
	if (out->settle != MERGE_BASE) {
		merge_out_span(out, lines[out->settle]);
		return;
	}
	itsm_arena_grow(out->arena, &out->conflicts, &out->capacity, out->count, sizeof(*out->conflicts));
	conflict = &out->conflicts[out->count++];
	conflict->field = itsm_arena_strdup(out->arena, field);
	conflict->reason = itsm_arena_strdup(out->arena, reason);
	conflict->base = values[MERGE_BASE];
	conflict->ours = values[MERGE_OURS];
	conflict->theirs = values[MERGE_THEIRS];
	conflict->line = current_line(out);
	write_marker(out, "<<<<<<<", labels ? labels->ours : NULL, "ours");
	merge_out_span(out, lines[MERGE_OURS]);
	write_marker(out, "|||||||", labels ? labels->base : NULL, "base");
	merge_out_span(out, lines[MERGE_BASE]);
	write_marker(out, "=======", NULL, NULL);
	merge_out_span(out, lines[MERGE_THEIRS]);
	write_marker(out, ">>>>>>>", labels ? labels->theirs : NULL, "theirs");
}
