/* itsm sql --schema: the views as data, from the kinds. */
#include <string.h>

#include "output.h"
#include "sql.h"

#define NAME_WIDTH 22
#define TYPE_WIDTH 16

static const char *type_text(struct context *context, const struct itsm_column *column)
{
	const char *name = itsm_type_name(column->type);

	return column->list ? itsm_arena_printf(context->arena, "list of %s", name) : name;
}

static void add_names(const char *before, const char *const *names, struct itsm_buffer *out)
{
	for (size_t i = 0; names && names[i]; i++) {
		itsm_buffer_puts(out, i ? ", " : before);
		itsm_escape_terminal(out, names[i], false);
	}
}

/* The words that a column may hold, where they are known. */
static const char *const *values_of(struct context *context, const struct itsm_view *view,
	const struct itsm_column *column)
{
	const struct itsm_kind *kind = view->kind;
	const char **states;

	if (column->field)
		return column->field->values;
	if (!kind || !kind->state_count || strcmp(column->name, "state") != 0)
		return NULL;
	states = itsm_arena_alloc(context->arena, (kind->state_count + 1) * sizeof(*states));
	for (size_t i = 0; i < kind->state_count; i++)
		states[i] = kind->states[i].name;
	return states;
}

static void print_view(struct context *context, const struct itsm_view *view, struct itsm_buffer *out)
{
	const struct palette *palette = &context->palette;

	if (out->length)
		itsm_buffer_putc(out, '\n');
	itsm_buffer_puts(out, palette->bold);
	itsm_escape_terminal(out, view->name, false);
	itsm_buffer_puts(out, palette->reset);
	if (view->meaning) {
		itsm_buffer_puts(out, ": ");
		itsm_escape_terminal(out, view->meaning, false);
	}
	itsm_buffer_putc(out, '\n');
	for (size_t i = 0; i < view->count; i++) {
		const struct itsm_column *column = &view->columns[i];

		itsm_buffer_puts(out, "    ");
		output_padded(out, column->name, NAME_WIDTH);
		itsm_buffer_putc(out, ' ');
		output_padded(out, type_text(context, column), TYPE_WIDTH);
		if (column->meaning) {
			itsm_buffer_putc(out, ' ');
			itsm_escape_terminal(out, column->meaning, false);
		}
		add_names(" -> ", column->to, out);
		add_names(": ", values_of(context, view, column), out);
		while (out->data[out->length - 1] == ' ')
			out->length--;
		itsm_buffer_putc(out, '\n');
	}
}

static void add_column(struct context *context, const struct itsm_view *view, const struct itsm_column *column,
	struct itsm_buffer *out)
{
	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_pair(out, "column", column->name);
	output_json_pair(out, "type", itsm_type_name(column->type));
	output_json_boolean(out, "list", column->list);
	output_json_pair(out, "field", column->field ? column->field->name : NULL);
	output_json_name(out, "to");
	output_json_list(out, column->to);
	output_json_name(out, "values");
	output_json_list(out, values_of(context, view, column));
	output_json_pair(out, "meaning", column->meaning);
	itsm_buffer_putc(out, '}');
}

static void emit_json(struct context *context, struct itsm_emitter *emitter, const struct itsm_view *view)
{
	struct itsm_buffer columns = {0};

	itsm_buffer_putc(&columns, '[');
	for (size_t i = 0; i < view->count; i++)
		add_column(context, view, &view->columns[i], &columns);
	itsm_buffer_putc(&columns, ']');
	itsm_emit_row(emitter, (struct itsm_value[]){
		output_text(view->name), output_boolean(view->kind != NULL), output_boolean(view->history),
		output_text(view->meaning), output_json(columns.data),
	});
	itsm_buffer_free(&columns);
}

static void emit_columns(struct context *context, struct itsm_emitter *emitter, const struct itsm_view *view)
{
	struct itsm_buffer to = {0};

	for (size_t i = 0; i < view->count; i++) {
		const struct itsm_column *column = &view->columns[i];

		itsm_buffer_clear(&to);
		output_json_list(&to, column->to);
		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(view->name), output_text(column->name), output_text(type_text(context, column)),
			column->to ? output_json(to.data) : output_json(NULL), output_text(column->meaning),
		});
	}
	itsm_buffer_free(&to);
}

static int emit(struct context *context, const struct itsm_view *const *views, size_t count, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const by_view[] = {"view", "kind", "history", "meaning", "columns"};
	static const char *const by_column[] = {"view", "column", "type", "to", "meaning"};
	bool flat = format == ITSM_FORMAT_CSV;
	struct itsm_emitter *emitter = output_begin(context, format, "sql", flat ? by_column : by_view, 5);

	for (size_t i = 0; i < count; i++) {
		if (flat)
			emit_columns(context, emitter, views[i]);
		else
			emit_json(context, emitter, views[i]);
	}
	return itsm_emit_end(emitter, err);
}

/* The views that the words name, or all. */
static int choose(struct context *context, struct itsm_words words, const struct itsm_view ***out, size_t *count,
	struct itsm_error *err)
{
	const struct itsm_view *views, **chosen;
	const char *name;
	size_t all, used = 0;
	int status;

	itsm_views(context->arena, itsm_desk_kinds(context->desk), &views, &all);
	chosen = itsm_arena_alloc(context->arena, (words.count + all) * sizeof(*chosen));
	for (size_t i = 0; i < all && !words.count; i++)
		chosen[used++] = &views[i];
	for (size_t i = 0; i < words.count; i++) {
		if ((status = itsm_desk_view_name(context->desk, words.items[i], &name, err)) != 0)
			return status;
		for (size_t j = 0; j < all; j++)
			if (!strcmp(views[j].name, name))
				chosen[used++] = &views[j];
	}
	*out = chosen;
	*count = used;
	return ITSM_OK;
}

int sql_schema(struct context *context, struct itsm_words words, enum itsm_format format, struct itsm_error *err)
{
	const struct itsm_view **views;
	struct itsm_buffer text = {0};
	size_t count;
	int status = choose(context, words, &views, &count, err);

	if (status)
		return status;
	if (format != ITSM_FORMAT_TEXT)
		return emit(context, views, count, format, err);
	for (size_t i = 0; i < count; i++)
		print_view(context, views[i], &text);
	output_page(context);
	output_flush(context, &text);
	itsm_buffer_free(&text);
	return ITSM_OK;
}
