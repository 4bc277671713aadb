/* Random records: written down, in a style that follows from the record's style and the field's name. */
#include <stdint.h>
#include <string.h>

#include "itsm/emit.h"
#include "merge_random.h"

struct writer {
	struct itsm_arena *arena;
	struct itsm_buffer *out;
	uint64_t style;
	size_t step; /* columns per level */
};

/* A choice for the thing of this name, always the same in this style. */
static uint64_t choose(const struct writer *writer, const char *path, uint64_t sides)
{
	struct dice dice = {writer->style};

	for (; *path; path++)
		dice.state = dice.state * 31 + (unsigned char)*path;
	return dice_roll(&dice, sides);
}

static void indent(const struct writer *writer, size_t columns)
{
	while (columns-- > 0)
		itsm_buffer_putc(writer->out, ' ');
}

static void write_scalar(const struct writer *writer, const char *text, bool flow, uint64_t choice)
{
	const char *c;

	if (choice == 0 && text[0] && !strpbrk(text, "\n\t")) {
		itsm_buffer_putc(writer->out, '\'');
		for (c = text; *c; c++)
			itsm_buffer_puts(writer->out, *c == '\'' ? "''" : (char[]){*c, 0});
		itsm_buffer_putc(writer->out, '\'');
	} else if (choice == 1 || flow) {
		itsm_escape_json(writer->out, text);
	} else {
		itsm_yaml_write_scalar(writer->out, text, true);
	}
}

static void write_flow(const struct writer *writer, const struct itsm_yaml *node)
{
	size_t i;

	if (node->type == ITSM_YAML_SCALAR) {
		write_scalar(writer, node->text, true, 1);
		return;
	}
	itsm_buffer_putc(writer->out, node->type == ITSM_YAML_MAPPING ? '{' : '[');
	for (i = 0; i < node->count; i++) {
		itsm_buffer_puts(writer->out, i ? ", " : "");
		if (node->type == ITSM_YAML_MAPPING) {
			write_scalar(writer, node->keys[i]->text, true, 1);
			itsm_buffer_puts(writer->out, ": ");
		}
		write_flow(writer, node->items[i]);
	}
	itsm_buffer_putc(writer->out, node->type == ITSM_YAML_MAPPING ? '}' : ']');
}

/* A text of several lines that ends in one line end, as `|`. */
static bool write_literal(const struct writer *writer, const char *text, size_t columns)
{
	size_t length = strlen(text), i;

	if (length < 2 || text[length - 1] != '\n' || text[length - 2] == '\n' || text[0] == ' ' || text[0] == '\n')
		return false;
	itsm_buffer_puts(writer->out, "|\n");
	for (i = 0; i < length; i++) {
		if (text[i] != '\n' && (i == 0 || text[i - 1] == '\n'))
			indent(writer, columns + 2);
		itsm_buffer_putc(writer->out, text[i]);
	}
	return true;
}

static void write_mapping(const struct writer *writer, const struct itsm_yaml *node, const char *path, size_t columns,
	bool first_inline);

static void write_list(const struct writer *writer, const struct itsm_yaml *node, const char *path, size_t columns)
{
	size_t i;

	itsm_buffer_putc(writer->out, '\n');
	for (i = 0; i < node->count; i++) {
		const struct itsm_yaml *item = node->items[i];

		indent(writer, columns);
		itsm_buffer_puts(writer->out, "- ");
		if (item->type == ITSM_YAML_MAPPING && item->count > 0 && choose(writer, path, 4) > 0) {
			write_mapping(writer, item, path, columns + 2, true);
		} else {
			write_flow(writer, item);
			itsm_buffer_putc(writer->out, '\n');
		}
	}
}

static void write_value(const struct writer *writer, const struct itsm_yaml *node, const char *path, size_t columns)
{
	bool block = node->count > 0 && choose(writer, path, 3) > 0;

	if (node->type == ITSM_YAML_SCALAR) {
		itsm_buffer_putc(writer->out, ' ');
		if (choose(writer, path, 2) && write_literal(writer, node->text, columns))
			return;
		write_scalar(writer, node->text, false, strchr(node->text, '\n') ? 1 : choose(writer, path, 4));
	} else if (block && node->type == ITSM_YAML_MAPPING) {
		itsm_buffer_puts(writer->out, choose(writer, path, 5) ? "\n" : " # below\n");
		write_mapping(writer, node, path, columns + writer->step, false);
		return;
	} else if (block) {
		write_list(writer, node, path, columns + (choose(writer, path, 2) ? writer->step : 0));
		return;
	} else {
		itsm_buffer_putc(writer->out, ' ');
		write_flow(writer, node);
	}
	itsm_buffer_puts(writer->out, choose(writer, path, 5) == 0 ? " # behind\n" : "\n");
}

static void write_mapping(const struct writer *writer, const struct itsm_yaml *node, const char *path, size_t columns,
	bool first_inline)
{
	size_t i;

	for (i = 0; i < node->count; i++) {
		const char *key = node->keys[i]->text, *below = itsm_arena_printf(writer->arena, "%s/%s", path, key);

		if (!(first_inline && i == 0)) {
			if (choose(writer, below, 9) == 0) {
				indent(writer, columns);
				itsm_buffer_printf(writer->out, "# above %s\n", key);
			}
			indent(writer, columns);
		}
		write_scalar(writer, key, false, 2);
		itsm_buffer_putc(writer->out, ':');
		write_value(writer, node->items[i], below, columns);
	}
}

static void write_body(struct itsm_buffer *out, const struct random_record *record)
{
	size_t i, j;

	itsm_buffer_puts(out, record->style % 3 == 0 ? "Before all sections.\n\n" : "");
	for (i = 0; i < record->section_count; i++) {
		itsm_buffer_printf(out, "## %s\n\n", record->sections[i].name);
		for (j = 0; j < record->sections[i].count; j++)
			itsm_buffer_printf(out, "%s\n", record->sections[i].lines[j]);
		if (i + 1 < record->section_count)
			itsm_buffer_putc(out, '\n');
	}
}

void random_record_write(struct itsm_arena *arena, const struct random_record *record, struct itsm_buffer *out)
{
	struct itsm_buffer text = {0};
	struct writer writer = {arena, &text, record->style, record->style % 2 ? 2 : 4};
	const char *c;

	if (record->kind->markdown)
		itsm_buffer_puts(&text, "---\n");
	else if (record->style % 5 == 0)
		itsm_buffer_puts(&text, "# A file of its own\n\n");
	write_mapping(&writer, record->front, "", 0, false);
	if (record->kind->markdown) {
		itsm_buffer_puts(&text, "---\n");
		write_body(&text, record);
	}
	itsm_buffer_puts(out, record->bom ? "\xEF\xBB\xBF" : "");
	for (c = text.data ? text.data : ""; *c; c++) {
		if (*c == '\n' && record->crlf)
			itsm_buffer_putc(out, '\r');
		itsm_buffer_putc(out, *c);
	}
	itsm_buffer_free(&text);
}
