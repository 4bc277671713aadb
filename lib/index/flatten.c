/* A record as rows: what content.c puts into the tables. Touches nothing shared, so that any thread may do it. */
#include <stdlib.h>
#include <string.h>

#include "index.h"

/* Add a reference when its text is fit to be one; else the schema has a finding already. */
static void add_reference(struct index_rows *rows, const struct itsm_field *field, const struct itsm_yaml *node)
{
	struct index_reference *reference;

	if (node->type != ITSM_YAML_SCALAR || itsm_yaml_is_null(node) ||
	    itsm_field_value(field, node->text, rows->arena, NULL, NULL) != 0)
		return;
	itsm_arena_grow(rows->arena, &rows->references, &rows->reference_capacity, rows->reference_count,
		sizeof(*rows->references));
	reference = &rows->references[rows->reference_count++];
	reference->field = field->name;
	reference->target = node->text;
	reference->line = node->line;
	reference->column = node->column;
	reference->start = node->start;
}

/* Every reference below a node that holds one value, or a list of values, of a field. */
static void add_references(struct index_rows *rows, const struct itsm_field *field, const struct itsm_yaml *node)
{
	if (!node || (field->type != ITSM_TYPE_REF && field->type != ITSM_TYPE_OBJECT))
		return;
	if (node->type == ITSM_YAML_SEQUENCE) {
		for (size_t i = 0; i < node->count && field->list; i++)
			if (node->items[i]->type != ITSM_YAML_SEQUENCE)
				add_references(rows, field, node->items[i]);
	} else if (field->type == ITSM_TYPE_REF) {
		add_reference(rows, field, node);
	} else if (node->type == ITSM_YAML_MAPPING) {
		for (size_t i = 0; i < field->field_count; i++) {
			const char *dot = strrchr(field->fields[i].name, '.');

			add_references(
				rows, &field->fields[i], itsm_yaml_get(node, dot ? dot + 1 : field->fields[i].name));
		}
	}
}

static int compare_references(const void *a, const void *b)
{
	const struct index_reference *left = a, *right = b;

	return (left->start > right->start) - (left->start < right->start);
}

/* A value as its column holds it. Of a scalar that is not of its type nothing is kept but texts. */
static void set_value(struct index_rows *rows, const struct itsm_field *field, const struct itsm_yaml *node,
	struct itsm_value *out)
{
	struct itsm_buffer json = {0};

	if (!node)
		return;
	if (!field->list && field->type != ITSM_TYPE_OBJECT && field->type != ITSM_TYPE_ANY) {
		if (node->type != ITSM_YAML_SCALAR)
			return;
		if (itsm_field_value(field, node->text, rows->arena, out, NULL) == 0)
			return;
		*out = (struct itsm_value){ .type = ITSM_VALUE_NULL };
		switch (field->type) {
		case ITSM_TYPE_STRING:
		case ITSM_TYPE_TEXT:
		case ITSM_TYPE_ENUM:
		case ITSM_TYPE_REF:
		case ITSM_TYPE_MAIL:
		case ITSM_TYPE_URL:
			out->type = ITSM_VALUE_TEXT;
			out->text = node->text;
			break;
		default:
			break;
		}
		return;
	}
	if (field->list && node->type == ITSM_YAML_SCALAR)
		itsm_buffer_putc(&json, '[');
	itsm_yaml_json(node, field, &json);
	if (field->list && node->type == ITSM_YAML_SCALAR)
		itsm_buffer_putc(&json, ']');
	out->type = ITSM_VALUE_JSON;
	out->text = itsm_arena_strndup(rows->arena, json.data, json.length);
	itsm_buffer_free(&json);
}

static const char *sections_json(const struct index_rows *rows, const struct itsm_record *record)
{
	struct itsm_buffer json = {0};
	const char *text;

	if (record->section_count == 0)
		return NULL;
	for (size_t i = 0; i < record->section_count; i++) {
		itsm_buffer_putc(&json, i ? ',' : '{');
		itsm_escape_json(&json, record->sections[i].name);
		itsm_buffer_puts(&json, record->sections[i].filled ? ":1" : ":0");
	}
	itsm_buffer_putc(&json, '}');
	text = itsm_arena_strndup(rows->arena, json.data, json.length);
	itsm_buffer_free(&json);
	return text;
}

/* A kind without states is always open; so is a record whose state nobody knows: it must not slip from the lists. */
static bool is_open(const struct itsm_record *record)
{
	const struct itsm_state *state = record->state ? itsm_kind_state(record->kind, record->state) : NULL;

	return !state || state->open;
}

void itsm_index_flatten(struct index_rows *rows, struct itsm_arena *arena, const struct itsm_kinds *kinds,
	const struct index_shape *shape, const char *path, const char *text, size_t size)
{
	struct itsm_record *record;
	uint64_t present = 0;

	*rows = (struct index_rows){ .arena = arena };
	itsm_findings_init(&rows->findings, arena);
	record = itsm_record_read(arena, kinds, path, text, size, &rows->findings);
	if (!record)
		return;
	itsm_record_check(record, &rows->findings);
	rows->record = record;
	rows->kind = record->kind;
	rows->state = record->state;
	rows->title = record->title;
	rows->is_open = is_open(record);
	rows->sections = sections_json(rows, record);
	rows->value_count = shape->count;
	rows->values = itsm_arena_alloc(arena, (rows->value_count + 1) * sizeof(*rows->values));
	for (size_t i = 0; i < record->front->count; i++)
		present |= itsm_index_hint(record->front->keys[i]->text);
	for (size_t i = 0; i < rows->value_count; i++)
		if (present & shape->hints[i])
			set_value(rows, shape->fields[i], itsm_record_field(record, shape->fields[i]->name),
				&rows->values[i]);
	for (size_t i = 0; i < record->kind->field_count; i++) {
		const struct itsm_field *field = &record->kind->fields[i];

		if (field->type == ITSM_TYPE_REF || field->type == ITSM_TYPE_OBJECT)
			add_references(rows, field, itsm_record_field(record, field->name));
	}
	if (rows->reference_count)
		qsort(rows->references, rows->reference_count, sizeof(*rows->references), compare_references);
}

void itsm_index_flatten_obstacle(struct index_rows *rows, struct itsm_arena *arena, const struct itsm_kinds *kinds,
	const char *path, enum index_obstacle obstacle)
{
	static const struct itsm_finding findings[] = {
		[INDEX_LINK] = {"path/symlink", ITSM_SEVERITY_ERROR, NULL, NULL, 0, 0,
			"is a symbolic link, which is never followed", "put the file itself there"},
		[INDEX_TOO_LARGE] = {"text/size", ITSM_SEVERITY_ERROR, NULL, NULL, 0, 0, "is too large for a record",
			"make it smaller, or split it"},
		[INDEX_NO_ACCESS] = {"path/access", ITSM_SEVERITY_ERROR, NULL, NULL, 0, 0, "cannot be read",
			"give yourself the right to read it"},
	};

	*rows = (struct index_rows){ .arena = arena };
	itsm_findings_init(&rows->findings, arena);
	if (obstacle == INDEX_MISPLACED)
		itsm_record_read(arena, kinds, path, "", 0, &rows->findings);
	else
		itsm_findings_add(&rows->findings, &findings[obstacle]);
}
