/*
 * Templates: text with {columns} in it.
 *
 *   {name}            the column's text
 *   {name|text}       the text after the bar where the column has none
 *   {name:slug}       as a slug; {name:lower} in lower case; both before a bar
 *   {{ }}             braces
 */
#include <string.h>

#include "import_map.h"

static void add_piece(struct import_map *map, struct import_rule *rule, size_t *capacity, struct import_piece piece)
{
	itsm_arena_grow(map->arena, &rule->pieces, capacity, rule->piece_count, sizeof(*rule->pieces));
	rule->pieces[rule->piece_count++] = piece;
}

/* Take ":filter" off the end of a column's name. */
static bool take_filter(char *name, const char *filter)
{
	size_t length = strlen(name), tail = strlen(filter);

	if (length <= tail || strcmp(name + length - tail, filter) != 0)
		return false;
	name[length - tail] = '\0';
	return true;
}

static int read_reference(struct import_map *map, const struct itsm_yaml *node, const char *text, size_t length,
	struct import_piece *out, struct itsm_error *err)
{
	char *name = itsm_arena_strndup(map->arena, text, length);
	char *bar = strchr(name, '|');

	if (bar) {
		*bar = '\0';
		out->otherwise = bar + 1;
	}
	out->slug = take_filter(name, ":slug");
	out->lower = !out->slug && take_filter(name, ":lower");
	if (!*name)
		return itsm_error_set_at(
			err, ITSM_EDATA, node->line, node->column, "'{}' names no column; write '{{' for a brace");
	out->column = strcmp(name, "item") == 0 && map->ensure_count ? IMPORT_ITEM : import_map_column(map, name, node);
	return 0;
}

int import_template_read(struct import_map *map, const struct itsm_yaml *node, const char *text,
	struct import_rule *rule, struct itsm_error *err)
{
	struct itsm_buffer literal = {0};
	size_t capacity = 0;
	int status = 0;

	while (*text && status == 0) {
		struct import_piece piece = {0};
		size_t length;

		if ((text[0] == '{' || text[0] == '}') && text[1] == text[0]) {
			itsm_buffer_putc(&literal, text[0]);
			text += 2;
			continue;
		}
		if (*text != '{') {
			itsm_buffer_putc(&literal, *text++);
			continue;
		}
		if (literal.length)
			add_piece(map, rule, &capacity,
				(struct import_piece){.text = itsm_arena_strdup(map->arena, literal.data)});
		itsm_buffer_clear(&literal);
		length = strcspn(text, "}");
		if (!text[length]) {
			status = itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
				"'%.40s' opens a brace that is never closed; write '{{' for a brace", text);
			break;
		}
		status = read_reference(map, node, text + 1, length - 1, &piece, err);
		add_piece(map, rule, &capacity, piece);
		text += length + 1;
	}
	if (literal.length)
		add_piece(map, rule, &capacity,
			(struct import_piece){.text = itsm_arena_strdup(map->arena, literal.data)});
	itsm_buffer_free(&literal);
	return status;
}
