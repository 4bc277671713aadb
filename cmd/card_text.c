#include <string.h>

#include "card.h"
#include "output.h"

#define NAME_WIDTH_MAX 24

const char *card_body(const struct itsm_record *record, size_t *length)
{
	size_t start = record->document.front ? record->document.body_start : 0;

	*length = record->kind->markdown && start < record->size ? record->size - start : 0;
	return record->text + (*length ? start : 0);
}

bool card_is_base(const struct itsm_record *record, const char *field)
{
	const char *title = record->kind->title_field;

	return !strcmp(field, "state") || (title && !strcmp(title, "title") && !strcmp(field, title));
}

/* The card's first lines say it already. */
static bool is_in_head(const struct itsm_record *record, const char *field)
{
	const char *title = record->kind->title_field;

	return !strcmp(field, "state") || (title && !strcmp(field, title));
}

static void add_scalar(struct context *context, const struct itsm_field *field, const struct itsm_yaml *node,
	size_t indent, struct itsm_buffer *out)
{
	struct itsm_time time;

	if (field && field->type == ITSM_TYPE_TIME && !itsm_time_parse(node->text, &time, NULL)) {
		output_moment(context, time.seconds, out);
		output_distance(context, time.seconds, out);
		return;
	}
	output_indented(out, node->text, indent);
}

static bool is_scalar_list(const struct itsm_yaml *node)
{
	size_t position;

	if (node->type != ITSM_YAML_SEQUENCE)
		return false;
	for (position = 0; position < node->count; position++)
		if (node->items[position]->type != ITSM_YAML_SCALAR)
			return false;
	return true;
}

static void add_value(struct context *context, const struct itsm_field *field, const struct itsm_yaml *node,
	size_t indent, struct itsm_buffer *out)
{
	struct itsm_buffer json = {0};
	size_t position;

	if (node->type == ITSM_YAML_SCALAR) {
		add_scalar(context, field, node, indent, out);
	} else if (is_scalar_list(node)) {
		for (position = 0; position < node->count; position++) {
			itsm_buffer_puts(out, position ? ", " : "");
			add_scalar(context, field, node->items[position], indent, out);
		}
	} else {
		itsm_yaml_json(node, field, &json);
		output_indented(out, json.data, indent);
		itsm_buffer_free(&json);
	}
}

/* Fields as name and value lines; objects are taken apart into dotted names. */
struct field_list {
	struct context *context;
	const struct itsm_record *record;
	size_t width; /* of the longest name */
	size_t indent;
	struct itsm_buffer *out; /* NULL while measuring */
};

static void add_fields(struct field_list *list, const struct itsm_yaml *mapping, const char *prefix)
{
	const struct itsm_yaml *node;
	const char *name;
	size_t position, length;

	for (position = 0; position < mapping->count; position++) {
		node = mapping->items[position];
		name = itsm_arena_printf(list->context->arena, "%s%s", prefix, mapping->keys[position]->text);
		if (itsm_yaml_is_null(node) || is_in_head(list->record, name))
			continue;
		if (node->type == ITSM_YAML_MAPPING && node->count && strlen(prefix) < ITSM_ID_MAX) {
			add_fields(list, node, itsm_arena_printf(list->context->arena, "%s.", name));
			continue;
		}
		length = strlen(name);
		if (!list->out) {
			list->width = length > list->width && length <= NAME_WIDTH_MAX ? length : list->width;
			continue;
		}
		itsm_buffer_printf(list->out, "%*s%s", (int)list->indent, "", list->context->palette.dim);
		output_padded(list->out, name, list->width);
		itsm_buffer_printf(list->out, "%s  ", list->context->palette.reset);
		add_value(list->context, itsm_kind_field(list->record->kind, name), node, list->indent + list->width + 2,
			list->out);
		itsm_buffer_putc(list->out, '\n');
	}
}

static void add_record_fields(struct context *context, const struct itsm_record *record, size_t indent,
	struct itsm_buffer *out)
{
	struct field_list list = {.context = context, .record = record, .indent = indent};

	add_fields(&list, record->front, "");
	list.out = out;
	add_fields(&list, record->front, "");
}

static void add_body(struct context *context, const struct itsm_record *record, size_t indent, struct itsm_buffer *out)
{
	size_t length;
	const char *body = card_body(record, &length);

	while (length && strchr("\r\n", *body)) {
		body++;
		length--;
	}
	while (length && strchr(" \t\r\n", body[length - 1]))
		length--;
	if (!length)
		return;
	itsm_buffer_printf(out, "\n%*s", (int)indent, "");
	output_indented(out, itsm_arena_strndup(context->arena, body, length), indent);
	itsm_buffer_putc(out, '\n');
}

static void add_part(struct context *context, const struct itsm_record *part, struct itsm_buffer *out)
{
	const struct palette *palette = &context->palette;

	itsm_buffer_printf(out, "\n%s%s%s ", palette->head, part->kind->name, palette->reset);
	itsm_escape_terminal(out, part->id, false);
	if (part->state) {
		itsm_buffer_puts(out, "  ");
		itsm_escape_terminal(out, part->state, false);
	}
	if (*part->title) {
		itsm_buffer_puts(out, "  ");
		itsm_escape_terminal(out, part->title, false);
	}
	itsm_buffer_putc(out, '\n');
	add_record_fields(context, part, 4, out);
	add_body(context, part, 4, out);
}

static void add_backlinks(struct context *context, const struct itsm_shown *shown, struct itsm_buffer *out)
{
	const struct itsm_backlink *link;
	size_t position, length, relation = 0, source = 0;

	if (!shown->backlink_count)
		return;
	for (position = 0; position < shown->backlink_count; position++) {
		length = strlen(shown->backlinks[position].relation);
		relation = length > relation ? length : relation;
		length = strlen(shown->backlinks[position].source);
		source = length > source ? length : source;
	}
	itsm_buffer_printf(out, "\n%sLinks here%s\n", context->palette.head, context->palette.reset);
	for (position = 0; position < shown->backlink_count; position++) {
		link = &shown->backlinks[position];
		itsm_buffer_puts(out, "    ");
		output_padded(out, link->relation, relation + 2);
		output_padded(out, link->source, source + 2);
		itsm_escape_terminal(out, link->title, false);
		itsm_buffer_putc(out, '\n');
	}
}

void card_text(struct context *context, const struct itsm_shown *shown, struct itsm_buffer *out)
{
	const struct palette *palette = &context->palette;
	const struct itsm_record *record = shown->record;
	size_t position;

	itsm_buffer_puts(out, palette->bold);
	itsm_escape_terminal(out, record->id, false);
	if (*record->title) {
		itsm_buffer_puts(out, "  ");
		itsm_escape_terminal(out, record->title, false);
	}
	itsm_buffer_printf(out, "%s\n%s", palette->reset, record->kind->name);
	if (record->owner) {
		itsm_buffer_puts(out, " of ");
		itsm_escape_terminal(out, record->owner, false);
	}
	if (record->state) {
		itsm_buffer_printf(out, ", %s", palette->good);
		itsm_escape_terminal(out, record->state, false);
		itsm_buffer_puts(out, palette->reset);
	}
	itsm_buffer_printf(out, "  %s", palette->dim);
	itsm_escape_terminal(out, record->path, false);
	itsm_buffer_printf(out, "%s\n\n", palette->reset);
	add_record_fields(context, record, 2, out);
	add_body(context, record, 0, out);
	for (position = 0; position < shown->part_count; position++)
		add_part(context, shown->parts[position], out);
	add_backlinks(context, shown, out);
}
