/*
 * What of a record is searched: its title, the texts of its fields, its body.
 *
 * Left out is what all records of a kind share and nobody looks for by a word: names of fields and of the
 * sections that the kind asks for, comments (the guidance of templates), states, enums, numbers and times, which
 * qualifiers find.
 */
#include <string.h>

#include "search.h"

#define HEADING_MAX 256

static bool is_text(enum itsm_type type)
{
	switch (type) {
	case ITSM_TYPE_ENUM:
	case ITSM_TYPE_INT:
	case ITSM_TYPE_NUMBER:
	case ITSM_TYPE_BOOL:
	case ITSM_TYPE_DATE:
	case ITSM_TYPE_TIME:
	case ITSM_TYPE_DURATION:
		return false;
	default:
		return true;
	}
}

static const struct itsm_field *find_field(const struct itsm_field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		const char *dot = strrchr(fields[i].name, '.');

		if (strcmp(dot ? dot + 1 : fields[i].name, name) == 0)
			return &fields[i];
	}
	return NULL;
}

/* Every text below a node; `field` NULL: one that the kind does not know. */
static void add_node(struct itsm_buffer *out, const struct itsm_field *field, const struct itsm_yaml *node)
{
	if (itsm_yaml_is_null(node) || (field && !is_text(field->type)))
		return;
	if (node->type == ITSM_YAML_SCALAR) {
		itsm_buffer_puts(out, node->text);
		itsm_buffer_putc(out, '\n');
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		const struct itsm_field *inner = field;

		if (node->type == ITSM_YAML_MAPPING)
			inner = field ? find_field(field->fields, field->field_count, node->keys[i]->text) : NULL;
		add_node(out, inner, node->items[i]);
	}
}

static void add_front(struct search_text *out, const struct itsm_kind *kind, const struct itsm_yaml *front)
{
	for (size_t i = 0; i < front->count; i++) {
		const char *name = front->keys[i]->text;

		if (kind->state_count && strcmp(name, "state") == 0)
			continue;
		if (kind->title_field && strcmp(name, kind->title_field) == 0)
			add_node(&out->title, NULL, front->items[i]);
		else
			add_node(&out->fields, find_field(kind->fields, kind->field_count, name), front->items[i]);
	}
}

/* Does the line say `## ` and the name of one of the kind's sections? */
static bool is_known_heading(const struct itsm_kind *kind, const char *line, size_t length)
{
	char name[HEADING_MAX];

	if (length < 4 || memcmp(line, "## ", 3) != 0)
		return false;
	for (line += 3, length -= 3; length && (*line == ' ' || *line == '\t'); line++)
		length--;
	while (length && strchr(" \t\r#", line[length - 1]))
		length--;
	if (length == 0 || length >= sizeof(name))
		return false;
	memcpy(name, line, length);
	name[length] = '\0';
	return itsm_kind_section(kind, name) != NULL;
}

/* Lines up to `end`, which no comment interrupts. */
static void add_lines(struct itsm_buffer *out, const struct itsm_kind *kind, const char *text, const char *end)
{
	const char *start = text;

	for (const char *line = text, *stop; line < end; line = stop) {
		stop = memchr(line, '\n', (size_t)(end - line));
		stop = stop ? stop + 1 : end;
		if (*line != '#' || !is_known_heading(kind, line, (size_t)(stop - line) - (stop[-1] == '\n')))
			continue;
		itsm_buffer_add(out, start, (size_t)(line - start));
		start = stop;
	}
	itsm_buffer_add(out, start, (size_t)(end - start));
}

static void add_body(struct itsm_buffer *out, const struct itsm_kind *kind, const char *text, size_t size)
{
	const char *end = text + size, *start = text, *comment, *close;

	while ((comment = memmem(start, (size_t)(end - start), "<!--", 4)) != NULL) {
		close = memmem(comment, (size_t)(end - comment), "-->", 3);
		if (!close)
			break;
		add_lines(out, kind, start, comment);
		start = close + 3;
	}
	add_lines(out, kind, start, end);
}

void itsm_index_search_text(struct search_text *out, const struct itsm_kind *kind, const char *text, size_t size)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_document document;
	struct itsm_yaml *front;
	size_t start = 0, end = size;

	if (itsm_document_read(text, size, kind->markdown, &document, NULL) == 0 &&
		(!kind->markdown || document.front)) {
		if (kind->markdown) {
			start = document.front_start;
			end = document.front_end;
			add_body(&out->body, kind, text + document.body_start, size - document.body_start);
		}
		if (itsm_yaml_parse(arena, text + start, end - start, 1, &front, NULL) == 0 &&
			front->type == ITSM_YAML_MAPPING)
			add_front(out, kind, front);
	}
	itsm_arena_free(arena);
}

void itsm_index_search_text_free(struct search_text *text)
{
	itsm_buffer_free(&text->title);
	itsm_buffer_free(&text->fields);
	itsm_buffer_free(&text->body);
}
