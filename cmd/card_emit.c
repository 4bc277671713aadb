#include <string.h>

#include "card.h"
#include "output.h"

/* Names that a row has besides the fields; a field of such a name is given as "field.<name>". */
static const char *const base[] = {"id", "kind", "state", "title", "path", NULL};
static const char *const extra[] = {"record", "body", "sections", "parts", "backlinks", NULL};

static const char *field_name(struct context *context, const char *key)
{
	if (itsm_list_has(base, key) || itsm_list_has(extra, key))
		return itsm_arena_printf(context->arena, "field.%s", key);
	return key;
}

static const char *keep(struct context *context, struct itsm_buffer *text)
{
	const char *kept = itsm_arena_strndup(context->arena, text->data ? text->data : "", text->length);

	itsm_buffer_free(text);
	return kept;
}

static const char *body_text(struct context *context, const struct itsm_record *record)
{
	size_t length;
	const char *body = card_body(record, &length);

	return record->kind->markdown ? itsm_arena_strndup(context->arena, body, length) : NULL;
}

static void add_sections(struct context *context, const struct itsm_record *record, struct itsm_buffer *out)
{
	const struct itsm_section_span *span;
	size_t position, length;
	const char *text;

	itsm_buffer_putc(out, '{');
	for (position = 0; position < record->section_count; position++) {
		span = &record->sections[position];
		if (itsm_record_section(record, span->name) != span)
			continue;
		text = record->text + span->start;
		length = span->end - span->start;
		while (length && strchr("\r\n", *text)) {
			text++;
			length--;
		}
		while (length && strchr(" \t\r\n", text[length - 1]))
			length--;
		output_json_pair(out, span->name, itsm_arena_strndup(context->arena, text, length));
	}
	itsm_buffer_putc(out, '}');
}

static void add_part(struct context *context, const struct itsm_record *part, struct itsm_buffer *out)
{
	const struct itsm_yaml *front = part->front;
	size_t position;

	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_pair(out, "id", part->id);
	output_json_pair(out, "kind", part->kind->name);
	output_json_pair(out, "state", part->state);
	output_json_pair(out, "title", part->title);
	output_json_pair(out, "path", part->path);
	for (position = 0; position < front->count; position++) {
		if (card_is_base(part, front->keys[position]->text))
			continue;
		output_json_name(out, field_name(context, front->keys[position]->text));
		itsm_yaml_json(front->items[position], itsm_kind_field(part->kind, front->keys[position]->text), out);
	}
	if (part->kind->markdown)
		output_json_pair(out, "body", body_text(context, part));
	itsm_buffer_putc(out, '}');
}

static void add_backlinks(const struct itsm_shown *shown, struct itsm_buffer *out)
{
	const struct itsm_backlink *link;
	size_t position;

	itsm_buffer_putc(out, '[');
	for (position = 0; position < shown->backlink_count; position++) {
		link = &shown->backlinks[position];
		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "id", link->source);
		output_json_pair(out, "kind", link->kind);
		output_json_pair(out, "title", link->title);
		output_json_pair(out, "relation", link->relation);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

/* Columns and values under construction. */
struct row {
	const char **names;
	struct itsm_value *values;
	size_t count;
};

static void add(struct row *row, const char *name, struct itsm_value value)
{
	row->names[row->count] = name;
	row->values[row->count++] = value;
}

static struct itsm_value field_value(struct context *context, const struct itsm_field *field,
	const struct itsm_yaml *node)
{
	struct itsm_buffer json = {0};
	struct itsm_time time;

	if (itsm_yaml_is_null(node))
		return output_text(NULL);
	if (field && field->type == ITSM_TYPE_TIME && node->type == ITSM_YAML_SCALAR &&
	    !itsm_time_parse(node->text, &time, NULL))
		return output_time(context, time.seconds);
	itsm_yaml_json(node, field, &json);
	if (json.length && json.data[0] == '"') {
		itsm_buffer_free(&json);
		return output_text(node->text);
	}
	return output_json(keep(context, &json));
}

static void add_rest(struct context *context, struct row *row, const struct itsm_shown *shown, bool links)
{
	struct itsm_buffer json = {0};
	size_t position;

	if (shown->record->kind->markdown) {
		add(row, "body", output_text(body_text(context, shown->record)));
		add_sections(context, shown->record, &json);
		add(row, "sections", output_json(keep(context, &json)));
	}
	itsm_buffer_putc(&json, '[');
	for (position = 0; position < shown->part_count; position++)
		add_part(context, shown->parts[position], &json);
	itsm_buffer_putc(&json, ']');
	add(row, "parts", output_json(keep(context, &json)));
	if (!links)
		return;
	add_backlinks(shown, &json);
	add(row, "backlinks", output_json(keep(context, &json)));
}

int card_emit(struct context *context, const struct itsm_shown *shown, bool links, enum itsm_format format,
	struct itsm_error *err)
{
	const struct itsm_record *record = shown->record;
	size_t most = record->front->count + sizeof(base) / sizeof(*base) + sizeof(extra) / sizeof(*extra), position;
	struct row row = {
		.names = itsm_arena_alloc(context->arena, most * sizeof(*row.names)),
		.values = itsm_arena_alloc(context->arena, most * sizeof(*row.values)),
	};
	struct itsm_emitter *emitter;
	const char *key;

	add(&row, "id", output_text(record->id));
	add(&row, "kind", output_text(record->kind->name));
	add(&row, "state", output_text(record->state));
	add(&row, "title", output_text(record->title));
	add(&row, "path", output_text(record->path));
	if (record->owner)
		add(&row, "record", output_text(record->owner));
	for (position = 0; position < record->front->count; position++) {
		key = record->front->keys[position]->text;
		if (card_is_base(record, key))
			continue;
		add(&row, field_name(context, key),
			field_value(context, itsm_kind_field(record->kind, key), record->front->items[position]));
	}
	add_rest(context, &row, shown, links);
	emitter = output_begin(context, format, "show", row.names, row.count);
	itsm_emit_row(emitter, row.values);
	return itsm_emit_end(emitter, err);
}
