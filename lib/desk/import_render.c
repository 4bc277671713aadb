/* The text that a rule starts from: a column's, a template's, or the rule's own. */
#include <string.h>

#include "import_run.h"
#include "itsm/id.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static void add_filtered(struct itsm_buffer *out, const struct import_piece *piece, const char *text)
{
	char slug[ITSM_ID_MAX];

	if (piece->slug) {
		if (itsm_id_slug(text, slug))
			itsm_buffer_puts(out, slug);
		return;
	}
	for (; *text; text++) {
		if (*text == IMPORT_ITEM_END)
			itsm_buffer_puts(out, ", ");
		else
			itsm_buffer_putc(
				out, piece->lower && *text >= 'A' && *text <= 'Z' ? (char)(*text - 'A' + 'a') : *text);
	}
}

/* Runs of blanks become one, none is left at the ends. */
static void squeeze(struct itsm_buffer *text)
{
	size_t from, to = 0;

	for (from = 0; from < text->length; from++) {
		if (!is_blank(text->data[from]))
			text->data[to++] = text->data[from];
		else if (to && text->data[to - 1] != ' ')
			text->data[to++] = ' ';
	}
	while (to && text->data[to - 1] == ' ')
		to--;
	text->length = to;
}

static uint32_t column_text(const struct import_run *run, size_t column)
{
	return column == IMPORT_ITEM ? run->item : run->raw[column];
}

/* A template all of whose columns are empty has no value. */
static uint32_t render(struct import_run *run, const struct import_rule *rule)
{
	struct itsm_buffer *out = &run->buffer;
	size_t i;
	bool any = false, asked = false;

	itsm_buffer_clear(out);
	for (i = 0; i < rule->piece_count; i++) {
		const struct import_piece *piece = &rule->pieces[i];
		uint32_t text = piece->text ? 0 : column_text(run, piece->column);

		asked = asked || !piece->text;
		any = any || text || piece->otherwise;
		if (piece->text)
			itsm_buffer_puts(out, piece->text);
		else if (text)
			add_filtered(out, piece, IMPORT_TEXT(run, text));
		else if (piece->otherwise)
			itsm_buffer_puts(out, piece->otherwise);
	}
	if (asked && !any)
		return 0;
	if (rule->one_line)
		squeeze(out);
	return import_texts_add(run->texts, out->data, out->length);
}

uint32_t import_value_source(struct import_run *run, struct import_rule *rule)
{
	size_t i;

	if (rule->value)
		return import_texts_add(run->texts, rule->value, strlen(rule->value));
	if (rule->piece_count)
		return render(run, rule);
	for (i = 0; i < rule->from_count; i++) {
		uint32_t text = column_text(run, rule->from[i]);

		if (text)
			return text;
	}
	return 0;
}
