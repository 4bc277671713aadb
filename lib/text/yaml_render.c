/* Values and pairs as text, in block or flow, as the text around them is written. */
#include <string.h>

#include "itsm/utf8.h"
#include "yaml_edit.h"

static void add_spaces(struct itsm_buffer *out, size_t count)
{
	while (count-- > 0)
		itsm_buffer_putc(out, ' ');
}

void itsm_rendered_free(struct itsm_rendered *rendered)
{
	itsm_buffer_free(&rendered->token);
	itsm_buffer_free(&rendered->body);
}

/* Characters that a literal block scalar can hold as they are. */
static bool fits_literal_characters(const char *text)
{
	size_t size = strlen(text), length;
	uint32_t codepoint;

	for (; size > 0; text += length, size -= length) {
		length = itsm_utf8_decode(text, size, &codepoint);
		if (length == 0 || itsm_utf8_is_deceptive(codepoint) || (codepoint & 0xFFFE) == 0xFFFE)
			return false;
		if (itsm_utf8_is_control(codepoint) && codepoint != '\n' && codepoint != '\t')
			return false;
	}
	return true;
}

/*
 * Several lines, of which the first begins with a character that is no blank
 * (its indentation is taken for the whole), none is blank but not empty, and at
 * most one line break stands at the end.
 */
static bool fits_literal(const char *text)
{
	size_t length = strlen(text), line, end;

	if (!memchr(text, '\n', length) || strchr("\n \t", text[0]) || !fits_literal_characters(text))
		return false;
	if (length >= 2 && text[length - 1] == '\n' && text[length - 2] == '\n')
		return false;
	for (line = 0; line < length; line = end + 1) {
		end = line + strcspn(text + line, "\n");
		if (end > line && line + strspn(text + line, " \t") >= end)
			return false;
	}
	return true;
}

static void render_literal(struct itsm_surgery *surgery, const char *text, size_t indent, struct itsm_rendered *out)
{
	size_t length = strlen(text), line, end;

	out->ends_line = text[length - 1] == '\n';
	itsm_buffer_puts(&out->token, out->ends_line ? "|" : "|-");
	for (line = 0; line < length; line = end + 1) {
		end = line + strcspn(text + line, "\n");
		itsm_buffer_puts(&out->body, surgery->newline);
		if (end > line)
			add_spaces(&out->body, indent);
		itsm_buffer_add(&out->body, text + line, end - line);
	}
}

static void render_flow_list(struct itsm_surgery *surgery, const struct itsm_yaml *list, struct itsm_buffer *out)
{
	size_t i;

	itsm_buffer_putc(out, '[');
	for (i = 0; i < list->count; i++) {
		if (i > 0)
			itsm_buffer_puts(out, ", ");
		itsm_yaml_write_styled(out, list->items[i]->text, ITSM_YAML_PLAIN, surgery->edit->text, true);
	}
	itsm_buffer_putc(out, ']');
}

static void render_block_list(struct itsm_surgery *surgery, const struct itsm_yaml *list,
	const struct itsm_render_context *context, struct itsm_rendered *out)
{
	struct itsm_render_context below = {.indent = context->list_indent, .body_indent = context->list_indent + 2};
	size_t i;

	for (i = 0; i < list->count; i++) {
		struct itsm_rendered item = {0};

		itsm_render_value(surgery, list->items[i], &below, &item);
		itsm_buffer_puts(&out->body, surgery->newline);
		add_spaces(&out->body, context->list_indent);
		itsm_buffer_puts(&out->body, "- ");
		itsm_buffer_add(&out->body, item.token.data, item.token.length);
		itsm_buffer_add(&out->body, item.body.data, item.body.length);
		out->ends_line = item.ends_line;
		itsm_rendered_free(&item);
	}
}

void itsm_render_value(struct itsm_surgery *surgery, const struct itsm_yaml *value,
	const struct itsm_render_context *context, struct itsm_rendered *out)
{
	if (value->type == ITSM_YAML_MAPPING) {
		itsm_buffer_puts(&out->token, "{}");
	} else if (value->type == ITSM_YAML_SEQUENCE && value->count > 0 && context->block_list && !context->flow) {
		render_block_list(surgery, value, context, out);
	} else if (value->type == ITSM_YAML_SEQUENCE) {
		render_flow_list(surgery, value, &out->token);
	} else if (!context->flow && !surgery->careful && fits_literal(value->text)) {
		render_literal(surgery, value->text, context->body_indent, out);
	} else {
		itsm_yaml_write_styled(&out->token, value->text, context->style, surgery->edit->text, context->flow);
	}
}

static void render_key(struct itsm_surgery *surgery, const char *path, size_t length, bool flow,
	struct itsm_buffer *out)
{
	const char *key = itsm_arena_strndup(surgery->arena, path, length);

	itsm_yaml_write_styled(out, key, ITSM_YAML_PLAIN, true, flow);
	itsm_buffer_putc(out, ':');
}

static void render_flow_pair(struct itsm_surgery *surgery, const char *path, const struct itsm_yaml *value,
	struct itsm_buffer *out)
{
	struct itsm_render_context context = {.flow = true};
	struct itsm_rendered rendered = {0};
	size_t length = strcspn(path, "."), open = 0;

	for (; path[length]; path += length + 1, length = strcspn(path, "."), open++) {
		render_key(surgery, path, length, true, out);
		itsm_buffer_puts(out, " {");
	}
	render_key(surgery, path, length, true, out);
	itsm_render_value(surgery, value, &context, &rendered);
	itsm_buffer_putc(out, ' ');
	itsm_buffer_add(out, rendered.token.data, rendered.token.length);
	itsm_rendered_free(&rendered);
	while (open-- > 0)
		itsm_buffer_putc(out, '}');
}

void itsm_render_pair(struct itsm_surgery *surgery, const char *path, const struct itsm_yaml *value,
	const struct itsm_render_context *context, struct itsm_buffer *out, bool *ends_line)
{
	struct itsm_render_context below = *context;
	struct itsm_rendered rendered = {0};
	size_t step = itsm_surgery_step(surgery), length = strcspn(path, ".");

	*ends_line = false;
	if (context->flow) {
		render_flow_pair(surgery, path, value, out);
		return;
	}
	for (; path[length]; path += length + 1, length = strcspn(path, ".")) {
		render_key(surgery, path, length, false, out);
		below.indent += step;
		below.list_indent += step;
		itsm_buffer_puts(out, surgery->newline);
		add_spaces(out, below.indent);
	}
	below.body_indent = below.indent + step;
	render_key(surgery, path, length, false, out);
	itsm_render_value(surgery, value, &below, &rendered);
	if (rendered.token.length > 0) {
		itsm_buffer_putc(out, ' ');
		itsm_buffer_add(out, rendered.token.data, rendered.token.length);
	}
	itsm_buffer_add(out, rendered.body.data, rendered.body.length);
	*ends_line = rendered.ends_line;
	itsm_rendered_free(&rendered);
}

/* The distance between a key and the keys of the first block mapping below it, or 0. */
static size_t find_step(const struct itsm_yaml *mapping)
{
	const struct itsm_yaml *item;
	size_t i, step = 0;

	for (i = 0; i < mapping->count && step == 0; i++) {
		item = mapping->items[i];
		if (item->type != ITSM_YAML_MAPPING || item->style != ITSM_YAML_BLOCK || item->count == 0 ||
				mapping->type != ITSM_YAML_MAPPING)
			continue;
		if (item->keys[0]->column > mapping->keys[i]->column)
			step = item->keys[0]->column - mapping->keys[i]->column;
	}
	return step;
}

size_t itsm_surgery_step(const struct itsm_surgery *surgery)
{
	size_t step = find_step(surgery->root);

	return step > 0 && step <= 8 ? step : 2;
}

bool itsm_surgery_list_style(const struct itsm_surgery *surgery, const struct itsm_yaml *mapping, size_t *offset)
{
	const struct itsm_yaml *lists[] = {mapping, surgery->root};
	size_t where, i;

	for (where = 0; where < 2; where++) {
		for (i = 0; i < lists[where]->count; i++) {
			const struct itsm_yaml *item = lists[where]->items[i];

			if (item->type != ITSM_YAML_SEQUENCE || item->count == 0)
				continue;
			/* A lone CR is a line break for libyaml only: then columns say little. */
			*offset = item->column > lists[where]->keys[i]->column ?
				item->column - lists[where]->keys[i]->column : 0;
			return item->style == ITSM_YAML_BLOCK;
		}
	}
	*offset = 0;
	return false;
}
