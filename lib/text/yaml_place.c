/* One value in place of another, new pairs, pairs taken away. */
#include <stdint.h>
#include <string.h>

#include "yaml_edit.h"
#include "yaml_read.h"

void itsm_surgery_splice(struct itsm_surgery *surgery, size_t start, size_t end, const char *text, size_t length)
{
	itsm_arena_grow(surgery->arena, &surgery->splices, &surgery->capacity, surgery->count,
		sizeof(*surgery->splices));
	surgery->splices[surgery->count++] = (struct itsm_splice){
		.start = start, .end = end, .length = length,
		.text = itsm_arena_strndup(surgery->arena, text, length),
	};
}

void itsm_surgery_remove_lines(struct itsm_surgery *surgery, size_t start, size_t end)
{
	size_t next = itsm_line_next(surgery->text, surgery->size, end), stop;

	for (; surgery->careful && next < surgery->size; next = itsm_line_next(surgery->text, surgery->size, next)) {
		stop = itsm_line_end(surgery->text, surgery->size, next);
		while (stop > next && surgery->text[stop - 1] == ' ')
			stop--;
		if (stop > next)
			break;
	}
	itsm_surgery_splice(surgery, itsm_line_start(surgery->text, surgery->size, start), next, "", 0);
}

static void splice_buffer(struct itsm_surgery *surgery, size_t start, size_t end, struct itsm_buffer *buffer)
{
	itsm_surgery_splice(surgery, start, end, buffer->data, buffer->length);
	itsm_buffer_free(buffer);
}

void itsm_surgery_locate(const struct itsm_yaml *root, const char *path, struct itsm_field_place *out)
{
	struct itsm_field_place place = {.mapping = root, .rest = path};
	size_t length, i;

	for (;;) {
		length = strcspn(place.rest, ".");
		for (i = 0; i < place.mapping->count; i++) {
			const char *key = place.mapping->keys[i]->text;

			if (strncmp(key, place.rest, length) == 0 && !key[length])
				break;
		}
		place.found = i < place.mapping->count;
		place.index = i;
		if (!place.found || !place.rest[length] || place.mapping->items[i]->type != ITSM_YAML_MAPPING)
			break;
		place.parent = place.mapping;
		place.parent_index = i;
		place.mapping = place.mapping->items[i];
		place.rest += length + 1;
	}
	*out = place;
}

size_t itsm_surgery_indent(const struct itsm_surgery *surgery, const struct itsm_yaml *mapping)
{
	size_t start;

	if (mapping->count == 0)
		return 0;
	start = mapping->keys[0]->start;
	return start - itsm_line_start(surgery->text, surgery->size, start);
}

/* The byte behind the colon of a pair, or 0 when its key has none. */
static size_t behind_colon(const struct itsm_surgery *surgery, const struct itsm_yaml *mapping, size_t index)
{
	const char *blanks = mapping->style == ITSM_YAML_FLOW ? " \t\r\n" : " \t";
	size_t offset = mapping->keys[index]->end;

	while (offset < surgery->size && surgery->text[offset] && strchr(blanks, surgery->text[offset]))
		offset++;
	return offset < surgery->size && surgery->text[offset] == ':' ? offset + 1 : 0;
}

size_t itsm_surgery_pair_end(const struct itsm_surgery *surgery, const struct itsm_yaml *mapping, size_t index)
{
	const struct itsm_yaml *value = mapping->items[index];
	size_t end = behind_colon(surgery, mapping, index);

	if (end == 0)
		end = mapping->keys[index]->end;
	return value->start < value->end && value->end > end ? value->end : end;
}

static int refuse_explicit(struct itsm_surgery *surgery, const struct itsm_yaml *key)
{
	return itsm_error_set_at(surgery->err, ITSM_EDATA, key->line, key->column,
		"'%.64s' is written as a '? ' key, which cannot be edited by field; "
		"write it as 'key: value' first", key->text);
}

/* Where the token and the body of a value are, or will be. */
struct ground {
	size_t token_start, token_end, body_start, body_end;
	const char *lead; /* what must come before a token that was not there */
};

static void survey(const struct itsm_surgery *surgery, const struct itsm_yaml *mapping, size_t index,
	struct ground *out)
{
	const struct itsm_yaml *value = mapping->items[index];
	size_t colon = behind_colon(surgery, mapping, index);
	bool block_scalar = value->style == ITSM_YAML_LITERAL || value->style == ITSM_YAML_FOLDED;

	*out = (struct ground){.token_start = value->start, .token_end = value->end, .lead = ""};
	if (value->style == ITSM_YAML_BLOCK || value->start == value->end) {
		out->token_start = out->token_end = colon ? colon : mapping->keys[index]->end;
		out->lead = colon ? " " : ": ";
	} else if (block_scalar) {
		out->token_end = value->start + itsm_yaml_header_length(surgery->text, surgery->size, value->start);
	}
	out->body_start = itsm_line_end(surgery->text, surgery->size, out->token_end);
	out->body_end = out->body_start;
	if (value->style == ITSM_YAML_BLOCK)
		out->body_end = itsm_line_end(surgery->text, surgery->size, value->end);
	else if (block_scalar && value->end > out->body_start)
		out->body_end = value->end;
	/* "key: " has its blank already, when nothing but the line's or the value's end follows. */
	if (colon && *out->lead && colon < surgery->size && surgery->text[colon] == ' ' &&
			(colon + 1 == out->body_start || strchr(",}", surgery->text[colon + 1]))) {
		out->token_start = out->token_end = colon + 1;
		out->lead = "";
	}
}

/* Where the value's lines go, when it has some. */
static size_t body_indent(const struct itsm_surgery *surgery, const struct itsm_yaml *value, size_t indent)
{
	size_t found = 0;

	if (value->style == ITSM_YAML_LITERAL || value->style == ITSM_YAML_FOLDED)
		found = itsm_yaml_content_indent(surgery->text,
			itsm_line_next(surgery->text, surgery->size, value->start), value->end);
	return found > indent ? found : indent + itsm_surgery_step(surgery);
}

/* What goes into a field that is empty so far and whose key gets keys below it. */
static void render_below(struct itsm_surgery *surgery, const struct itsm_yaml *mapping, const char *rest,
	const struct itsm_yaml *wanted, bool below, struct itsm_rendered *out)
{
	size_t step = itsm_surgery_step(surgery);
	struct itsm_render_context context = {.flow = !below};
	struct itsm_buffer pair = {0};
	size_t i;

	context.indent = itsm_surgery_indent(surgery, mapping) + step;
	context.block_list = itsm_surgery_list_style(surgery, mapping, &context.list_indent);
	context.list_indent += context.indent;
	itsm_render_pair(surgery, rest, wanted, &context, &pair, &out->ends_line);
	if (below) {
		itsm_buffer_puts(&out->body, surgery->newline);
		for (i = 0; i < context.indent; i++)
			itsm_buffer_putc(&out->body, ' ');
		itsm_buffer_add(&out->body, pair.data, pair.length);
	} else {
		itsm_buffer_printf(&out->token, "{%s}", pair.data);
	}
	itsm_buffer_free(&pair);
}

int itsm_surgery_replace(struct itsm_surgery *surgery, const struct itsm_yaml *mapping, size_t index, const char *rest,
	const struct itsm_yaml *wanted)
{
	const struct itsm_yaml *value = mapping->items[index];
	struct itsm_render_context context = {.flow = mapping->style == ITSM_YAML_FLOW, .style = value->style};
	struct itsm_rendered rendered = {0};
	bool absent = value->start == value->end;
	struct ground ground;

	if (!context.flow && !behind_colon(surgery, mapping, index))
		return refuse_explicit(surgery, mapping->keys[index]);
	survey(surgery, mapping, index, &ground);
	context.indent = itsm_surgery_indent(surgery, mapping);
	context.body_indent = body_indent(surgery, value, context.indent);
	context.block_list = absent && itsm_surgery_list_style(surgery, mapping, &context.list_indent);
	context.list_indent += context.indent;
	if (rest)
		render_below(surgery, mapping, rest, wanted, absent && !context.flow, &rendered);
	else
		itsm_render_value(surgery, wanted, &context, &rendered);
	if (rendered.token.length > 0 || ground.token_end > ground.token_start) {
		struct itsm_buffer token = {0};

		itsm_buffer_puts(&token, ground.lead);
		itsm_buffer_add(&token, rendered.token.data, rendered.token.length);
		splice_buffer(surgery, ground.token_start, ground.token_end, &token);
	}
	if (rendered.ends_line && ground.body_end == surgery->size)
		itsm_buffer_puts(&rendered.body, surgery->newline);
	if (rendered.body.length > 0 || ground.body_end > ground.body_start)
		itsm_surgery_splice(surgery, ground.body_start, ground.body_end, rendered.body.data,
			rendered.body.length);
	itsm_rendered_free(&rendered);
	return ITSM_OK;
}

void itsm_surgery_settle(struct itsm_surgery *surgery, size_t offset)
{
	const struct itsm_yaml *node = surgery->root;
	size_t header, sign;

	while (node->type != ITSM_YAML_SCALAR && node->count > 0)
		node = node->items[node->count - 1];
	if (offset < surgery->size || node->end != surgery->size ||
			(node->style != ITSM_YAML_LITERAL && node->style != ITSM_YAML_FOLDED))
		return;
	header = node->start + itsm_yaml_header_length(surgery->text, surgery->size, node->start);
	for (sign = node->start; sign < header; sign++) {
		if (surgery->text[sign] == '-')
			return;
		if (surgery->text[sign] == '+')
			break;
	}
	itsm_surgery_splice(surgery, sign, sign < header ? sign + 1 : sign, "-", 1);
}

/* The first pair of a document that has none: on a line of its own at the end. */
static void insert_first(struct itsm_surgery *surgery, struct itsm_buffer *pair)
{
	bool broken = surgery->size > itsm_bom_length(surgery->text, surgery->size) &&
		surgery->text[surgery->size - 1] != '\n';
	struct itsm_buffer line = {0};

	if (broken)
		itsm_buffer_puts(&line, surgery->newline);
	itsm_buffer_add(&line, pair->data, pair->length);
	itsm_buffer_puts(&line, surgery->newline);
	splice_buffer(surgery, surgery->size, surgery->size, &line);
}

static void insert_flow(struct itsm_surgery *surgery, const struct itsm_yaml *mapping, const struct itsm_buffer *pair)
{
	size_t last = mapping->count - 1;

	if (mapping->count == 0)
		itsm_surgery_splice(surgery, mapping->start + 1, mapping->start + 1, pair->data, pair->length);
	else
		itsm_surgery_append_flow(surgery, mapping->start, mapping->keys[last]->start,
			itsm_surgery_pair_end(surgery, mapping, last), pair->data, pair->length);
}

int itsm_surgery_insert_pair(struct itsm_surgery *surgery, const struct itsm_yaml *mapping, const char *path,
	const struct itsm_yaml *wanted)
{
	struct itsm_render_context context = {.flow = mapping->style == ITSM_YAML_FLOW};
	struct itsm_buffer pair = {0}, line = {0};
	bool ends_line;
	size_t end, i;

	if (!context.flow && mapping->count > 0 && !behind_colon(surgery, mapping, mapping->count - 1))
		return refuse_explicit(surgery, mapping->keys[mapping->count - 1]);
	context.indent = itsm_surgery_indent(surgery, mapping);
	context.block_list = itsm_surgery_list_style(surgery, mapping, &context.list_indent);
	context.list_indent += context.indent;
	itsm_render_pair(surgery, path, wanted, &context, &pair, &ends_line);
	if (context.flow) {
		insert_flow(surgery, mapping, &pair);
	} else if (mapping->count == 0) {
		insert_first(surgery, &pair);
	} else {
		end = itsm_surgery_pair_end(surgery, mapping, mapping->count - 1);
		end = itsm_line_end(surgery->text, surgery->size, end);
		itsm_surgery_settle(surgery, end);
		itsm_buffer_puts(&line, surgery->newline);
		for (i = 0; i < context.indent; i++)
			itsm_buffer_putc(&line, ' ');
		itsm_buffer_add(&line, pair.data, pair.length);
		if (ends_line && end == surgery->size)
			itsm_buffer_puts(&line, surgery->newline);
		splice_buffer(surgery, end, end, &line);
	}
	itsm_buffer_free(&pair);
	return ITSM_OK;
}

int itsm_surgery_remove_pair(struct itsm_surgery *surgery, const struct itsm_field_place *place)
{
	const struct itsm_yaml empty = {.type = ITSM_YAML_MAPPING};
	const struct itsm_yaml *mapping = place->mapping;
	const struct itsm_yaml *key = mapping->keys[place->index];
	size_t end = itsm_surgery_pair_end(surgery, mapping, place->index);
	size_t before = SIZE_MAX, after = SIZE_MAX;

	if (mapping->style == ITSM_YAML_FLOW) {
		if (place->index > 0)
			before = itsm_surgery_pair_end(surgery, mapping, place->index - 1);
		if (place->index + 1 < mapping->count)
			after = mapping->keys[place->index + 1]->start;
		itsm_surgery_remove_flow(surgery, key->start, end, before, after);
		return ITSM_OK;
	}
	if (!behind_colon(surgery, mapping, place->index))
		return refuse_explicit(surgery, key);
	if (mapping->count == 1 && place->parent)
		return itsm_surgery_replace(surgery, place->parent, place->parent_index, NULL, &empty);
	itsm_surgery_remove_lines(surgery, key->start, end);
	return ITSM_OK;
}
