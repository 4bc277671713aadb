/* One trial: reading, merging, settling, comparing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "merge_trial.h"

void trial_refuse(const struct trial *trial, const char *format, ...)
{
	const struct itsm_record *base = trial->records[BASE];
	char what[500];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	/* Longer than what cmocka prints. */
	fprintf(stderr, "seed %u, %s: %s\n-- base --\n%s", trial->seed, trial->path, what, base ? base->text : "(none)\n");
	fprintf(stderr, "-- ours --\n%s-- theirs --\n%s-- merged --\n%s\n", trial->records[OURS]->text,
		trial->records[THEIRS]->text, trial->merged.text ? trial->merged.text : "(none)");
	fail_msg("seed %u: %s", trial->seed, what);
}

struct itsm_record *trial_try(const struct trial *trial, const char *text, size_t size)
{
	struct itsm_findings findings;

	itsm_findings_init(&findings, trial->arena);
	return itsm_record_read(trial->arena, trial->kinds, trial->path, text, size, &findings);
}

struct itsm_record *trial_read(const struct trial *trial, const char *text, size_t size)
{
	struct itsm_findings findings;
	struct itsm_record *record;

	itsm_findings_init(&findings, trial->arena);
	record = itsm_record_read(trial->arena, trial->kinds, trial->path, text, size, &findings);
	if (!record)
		trial_refuse(trial, "unreadable: %u: %s in\n%s", findings.items[0].line,
			findings.items[0].message, text);
	return record;
}

void trial_merge(const struct trial *trial, const struct itsm_record *base, const struct itsm_record *ours,
	const struct itsm_record *theirs, struct itsm_merge *out)
{
	struct itsm_error error = {0};

	if (itsm_merge_records(trial->arena, base, ours, theirs, NULL, out, &error) != ITSM_OK)
		trial_refuse(trial, "%s", error.message);
}

size_t trial_bom(const struct itsm_merge *merged)
{
	return merged->size >= 3 && memcmp(merged->text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

const char *trial_settle(const struct trial *trial, const struct itsm_merge *merged, int side, size_t *size)
{
	static const char marks[] = "|<=>";
	struct itsm_buffer out = {0};
	const char *line, *stop, *end = merged->text + merged->size;
	size_t bom = trial_bom(merged);
	int part = -1;
	char *text;

	itsm_buffer_add(&out, merged->text, bom);
	for (line = merged->text + bom; line < end; line = stop) {
		const char *mark = strchr(marks, *line);
		bool marker = mark && *mark && end - line >= 7 && strspn(line, (char[]){*mark, '\0'}) == 7 &&
			(*mark == '<' || part != -1);

		stop = memchr(line, '\n', (size_t)(end - line));
		stop = stop ? stop + 1 : end;
		if (marker)
			part = *mark == '<' ? OURS : *mark == '|' ? BASE : *mark == '=' ? THEIRS : -1;
		else if (part == -1 || part == side)
			itsm_buffer_add(&out, line, (size_t)(stop - line));
	}
	text = itsm_arena_strndup(trial->arena, out.data ? out.data : "", out.length);
	*size = out.length;
	itsm_buffer_free(&out);
	return text;
}

int trial_compare_texts(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

const char *trial_meaning(const struct trial *trial, const struct itsm_yaml *node, bool sets)
{
	const char **parts, *text = "";
	bool mapping;
	size_t i, count = 0;

	if (itsm_yaml_is_null(node))
		return "";
	if (node->type == ITSM_YAML_SCALAR)
		return itsm_arena_printf(trial->arena, "'%s'", node->text);
	mapping = node->type == ITSM_YAML_MAPPING;
	parts = itsm_arena_alloc(trial->arena, (node->count + 1) * sizeof(*parts));
	for (i = 0; i < node->count; i++) {
		parts[count] = trial_meaning(trial, node->items[i], sets);
		if (mapping && *parts[count])
			parts[count] = itsm_arena_printf(trial->arena, "'%s':%s", node->keys[i]->text, parts[count]);
		count += !mapping || *parts[count];
	}
	if (mapping || sets)
		qsort(parts, count, sizeof(*parts), trial_compare_texts);
	for (i = 0; i < count; i++)
		text = itsm_arena_printf(trial->arena, "%s%s,", text, parts[i]);
	return count ? itsm_arena_printf(trial->arena, mapping ? "{%s}" : "[%s]", text) : "";
}

bool trial_same(const struct trial *trial, const struct itsm_yaml *a, const struct itsm_yaml *b)
{
	return strcmp(trial_meaning(trial, a, false), trial_meaning(trial, b, false)) == 0;
}

size_t trial_count_items(const struct trial *trial, const struct itsm_yaml *list, const char *item)
{
	size_t i, count = 0;

	for (i = 0; list && list->type == ITSM_YAML_SEQUENCE && i < list->count; i++)
		count += strcmp(trial_meaning(trial, list->items[i], false), item) == 0;
	return count;
}

const char *trial_section(const struct trial *trial, const struct itsm_record *record, const char *name)
{
	const struct itsm_section_span *section = record ? itsm_record_section(record, name) : NULL;
	struct itsm_buffer out = {0};
	size_t i;
	const char *text;

	if (!section)
		return NULL;
	for (i = section->start; i < section->end; i++) {
		if (record->text[i] != '\r')
			itsm_buffer_putc(&out, record->text[i]);
	}
	while (out.length > 0 && strchr(" \n", out.data[out.length - 1]))
		out.length--;
	text = itsm_arena_printf(trial->arena, "\n%.*s\n", (int)out.length, out.data ? out.data : "");
	itsm_buffer_free(&out);
	return text;
}

bool trial_equal(const char *a, const char *b)
{
	return a && b ? strcmp(a, b) == 0 : a == b;
}

struct itsm_record *trial_write_and_read(const struct trial *trial, const struct random_record *record)
{
	struct itsm_buffer text = {0};
	struct itsm_record *read;

	random_record_write(trial->arena, record, &text);
	read = trial_read(trial, text.data ? text.data : "", text.length);
	itsm_buffer_free(&text);
	return read;
}

const char *trial_path(struct itsm_arena *arena, const struct itsm_kind *kind)
{
	const char *owner = kind->part ? "transition/changes/2026/11/CHG-4k7q2m8d.md" : NULL;
	const char *id = kind->prefix ? itsm_arena_printf(arena, "%s-4k7q2m8d", kind->prefix) : "x";

	return itsm_kind_path(arena, kind, id, 1795000000, owner);
}

