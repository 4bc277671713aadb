/* itsm search: records by the words of their text, the best first. */
#include "command.h"
#include "output.h"

#define LIMIT 20
#define INDENT 4

struct search_values {
	const char *at;
	int64_t limit;
	bool all, parts, expired;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{'n', "limit", "COUNT", OPTION_COUNT, offsetof(struct search_values, limit),
		"print so many results at most, instead of 20"},
	{0, "all", NULL, OPTION_FLAG, offsetof(struct search_values, all), "print every result"},
	{0, "parts", NULL, OPTION_FLAG, offsetof(struct search_values, parts),
		"let notes, approvals and other parts be results of their own"},
	{0, "expired", NULL, OPTION_FLAG, offsetof(struct search_values, expired),
		"find what its kind hides too, such as articles that can no longer be trusted"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct search_values, at), "search the desk as committed at REV"},
	FORMAT_ROW(struct search_values),
	{0},
};

const struct syntax search_syntax = {
	.words = "[KIND] WORD|QUALIFIER ...",
	.options = options,
	.size = sizeof(struct search_values),
	.least = 1,
	.most = MANY_WORDS,
	.exclusions = true,
};

/* The excerpt with what was found in it made bold, escaped piece by piece. */
static void add_excerpt(struct context *context, const struct itsm_found *found, struct itsm_buffer *out)
{
	const char *text = found->excerpt;
	size_t at = 0, position;

	for (position = 0; position < found->mark_count; position++) {
		const struct itsm_mark *mark = &found->marks[position];

		itsm_escape_terminal(out, itsm_arena_strndup(context->arena, text + at, mark->start - at), false);
		itsm_buffer_puts(out, context->palette.bold);
		itsm_escape_terminal(
			out, itsm_arena_strndup(context->arena, text + mark->start, mark->end - mark->start), false);
		itsm_buffer_puts(out, context->palette.reset);
		at = mark->end;
	}
	itsm_escape_terminal(out, text + at, false);
}

static void print(struct context *context, const struct itsm_found *found, struct itsm_buffer *out)
{
	itsm_buffer_puts(out, context->palette.head);
	itsm_escape_terminal(out, found->id, false);
	itsm_buffer_puts(out, context->palette.reset);
	if (found->state) {
		itsm_buffer_puts(out, "  ");
		itsm_escape_terminal(out, found->state, false);
	}
	if (found->title && *found->title) {
		itsm_buffer_puts(out, "  ");
		itsm_escape_terminal(out, found->title, false);
	}
	itsm_buffer_putc(out, '\n');
	if (found->part) {
		itsm_buffer_printf(out, "%*s%s", INDENT, "", context->palette.dim);
		itsm_escape_terminal(out, found->part, false);
		itsm_buffer_printf(out, ":%s\n", context->palette.reset);
	}
	if (found->excerpt) {
		itsm_buffer_printf(out, "%*s", INDENT, "");
		add_excerpt(context, found, out);
		itsm_buffer_putc(out, '\n');
	}
	output_flush(context, out);
}

static int print_all(struct context *context, const struct itsm_found *found, size_t count)
{
	struct itsm_buffer text = {0};

	output_page(context);
	for (size_t position = 0; position < count && !context->closed; position++)
		print(context, &found[position], &text);
	itsm_buffer_free(&text);
	return ITSM_OK;
}

static int emit_all(struct context *context, const struct itsm_found *found, size_t count, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {"id", "kind", "state", "title", "path", "part", "score", "excerpt"};
	struct itsm_emitter *emitter =
		output_begin(context, format, "search", columns, sizeof(columns) / sizeof(*columns));

	for (size_t position = 0; position < count && !context->closed; position++) {
		const struct itsm_found *one = &found[position];
		const struct itsm_value row[] = {
			output_text(one->id), output_text(one->kind), output_text(one->state), output_text(one->title),
			output_text(one->path), output_text(one->part),
			{.type = ITSM_VALUE_REAL, .real = one->score}, output_text(one->excerpt),
		};

		itsm_emit_row(emitter, row);
	}
	return itsm_emit_end(emitter, err);
}

int command_search(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct search_values *values = data;
	const struct itsm_kind *kind =
		words.count > 1 ? itsm_kinds_find(itsm_desk_kinds(context->desk), words.items[0]) : NULL;
	struct itsm_search_options request = {
		.kind = kind ? kind->name : NULL,
		.words = words.items + (kind ? 1 : 0),
		.word_count = words.count - (kind ? 1 : 0),
		.limit = values->all ? 0 : values->limit ? values->limit : LIMIT,
		.parts = values->parts,
		.hidden = values->expired,
	};
	struct itsm_index *index;
	struct itsm_found *found;
	size_t count;
	int status = itsm_desk_view(context->desk, values->at, &index, err);

	if (!status)
		status = itsm_index_search(index, context->arena, &request, &found, &count, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format == ITSM_FORMAT_TEXT)
		return print_all(context, found, count);
	return emit_all(context, found, count, values->format, err);
}
