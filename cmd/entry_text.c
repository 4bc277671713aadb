#include "entry_text.h"

#include <ctype.h>
#include <string.h>

#include "output.h"

#define SHORT_TEXT 60

/* "Some-Key: value" */
static bool is_trailer(const char *line, size_t length)
{
	const char *colon = memchr(line, ':', length);
	const char *at;

	if (!colon || colon == line || colon + 1 == line + length || colon[1] != ' ')
		return false;
	for (at = line; at < colon; at++)
		if (!isalnum((unsigned char)*at) && *at != '-')
			return false;
	return true;
}

/* Where the last paragraph begins if it is all trailers, else the end. */
static size_t without_trailers(const char *text, size_t length)
{
	size_t end = length, start = length;

	while (end && strchr(" \r\n", text[end - 1]))
		end--;
	while (end) {
		start = end;
		while (start && text[start - 1] != '\n')
			start--;
		if (start == end)
			return end;
		if (!is_trailer(text + start, end - start))
			return length;
		end = start ? start - 1 : 0;
	}
	return 0;
}

void entry_message(const struct itsm_commit *commit, struct itsm_buffer *out)
{
	const char *text = commit->body ? commit->body : "";
	size_t length;

	text += strspn(text, "\r\n");
	length = without_trailers(text, strlen(text));
	while (length && strchr(" \t\r\n", text[length - 1]))
		length--;
	itsm_buffer_add(out, text, length);
	itsm_buffer_add(out, "", 0);
}

static void add_head(struct entry_printer *printer, const struct itsm_commit *commit)
{
	const struct palette *palette = &printer->context->palette;
	struct itsm_buffer *out = &printer->text, message = {0};
	char text[41];

	itsm_oid_text(&commit->oid, text);
	itsm_buffer_printf(out, "%s%s%.8s%s  ", printer->count ? "\n" : "", palette->warning, text, palette->reset);
	output_moment(printer->context, commit->author.seconds, out);
	itsm_buffer_puts(out, "  ");
	itsm_escape_terminal(out, commit->author.name ? commit->author.name : "", false);
	itsm_buffer_printf(out, "\n%s", palette->bold);
	itsm_escape_terminal(out, commit->subject ? commit->subject : "", false);
	itsm_buffer_printf(out, "%s\n", palette->reset);
	entry_message(commit, &message);
	if (message.length) {
		itsm_buffer_puts(out, "  ");
		output_indented(out, message.data, 2);
		itsm_buffer_putc(out, '\n');
	}
	itsm_buffer_free(&message);
}

static bool is_short(const char *text)
{
	return !text || (!strchr(text, '\n') && strlen(text) <= SHORT_TEXT);
}

static void add_lines(struct itsm_buffer *out, const char *style, const char *sign, const char *text, size_t length,
	const char *reset)
{
	struct itsm_buffer line = {0};
	size_t end;

	for (; length; text += end, length -= end) {
		const char *next = memchr(text, '\n', length);

		end = next ? (size_t)(next - text) + 1 : length;
		itsm_buffer_clear(&line);
		itsm_buffer_add(&line, text, end - (next ? 1 : 0));
		itsm_buffer_printf(out, "      %s%s ", style, sign);
		itsm_escape_terminal(out, line.data, false);
		itsm_buffer_printf(out, "%s\n", reset);
	}
	itsm_buffer_free(&line);
}

/* Bytes of whole lines that both texts begin with. */
static size_t common_start(const char *a, const char *b)
{
	size_t position, lines = 0;

	for (position = 0; a[position] && a[position] == b[position]; position++)
		if (a[position] == '\n')
			lines = position + 1;
	return lines;
}

/* Bytes of whole lines that both end with, beyond the common start. */
static size_t common_end(const char *a, size_t a_length, const char *b, size_t b_length)
{
	size_t count, lines = 0;

	for (count = 0; count < a_length && count < b_length; count++) {
		if (a[a_length - 1 - count] != b[b_length - 1 - count])
			break;
		if (a[a_length - 1 - count] == '\n')
			lines = count;
	}
	return lines;
}

/* The lines that went and the lines that came. */
static void add_long(const struct palette *palette, const char *old_text, const char *new_text, struct itsm_buffer *out)
{
	const char *a = old_text ? old_text : "", *b = new_text ? new_text : "";
	size_t start = common_start(a, b), end;

	a += start;
	b += start;
	end = common_end(a, strlen(a), b, strlen(b));
	add_lines(out, palette->bad, "-", a, strlen(a) - end, palette->reset);
	add_lines(out, palette->good, "+", b, strlen(b) - end, palette->reset);
}

static void add_short(struct itsm_buffer *out, const char *text)
{
	if (text && *text)
		itsm_escape_terminal(out, text, false);
	else
		itsm_buffer_puts(out, text ? "(empty)" : "(none)");
}

static void add_difference(const struct palette *palette, const struct itsm_difference *difference, size_t width,
	struct itsm_buffer *out)
{
	const char *old_text = difference->old_text, *new_text = difference->new_text;

	itsm_buffer_puts(out, "    ");
	if (!is_short(old_text) || !is_short(new_text)) {
		itsm_escape_terminal(out, difference->field, false);
		itsm_buffer_putc(out, '\n');
		add_long(palette, old_text, new_text, out);
		return;
	}
	output_padded(out, difference->field, width + 2);
	if (old_text) {
		add_short(out, old_text);
		itsm_buffer_puts(out, " -> ");
	}
	add_short(out, new_text);
	itsm_buffer_putc(out, '\n');
}

void entry_text(struct entry_printer *printer, const struct itsm_log_entry *entry)
{
	const struct palette *palette = &printer->context->palette;
	size_t position, length, width = 0;

	if (printer->commits && !itsm_oid_equal(&printer->last, &entry->commit.oid)) {
		add_head(printer, &entry->commit);
		printer->last = entry->commit.oid;
	}
	itsm_buffer_printf(&printer->text, "  %s", palette->head);
	itsm_escape_terminal(&printer->text, entry->id, false);
	itsm_buffer_printf(&printer->text, "%s  %s  %s\n", palette->reset, entry->kind, entry->change);
	for (position = 0; position < entry->count; position++) {
		length = strlen(entry->differences[position].field);
		width = length > width && length < SHORT_TEXT / 2 ? length : width;
	}
	for (position = 0; position < entry->count; position++)
		add_difference(palette, &entry->differences[position], width, &printer->text);
	output_flush(printer->context, &printer->text);
}
