/* itsm list: records by kind, qualifiers and words. */
#include <string.h>

#include "command.h"
#include "output.h"

struct list_values {
	const char *at, *sort, *columns, *group_by;
	int64_t limit;
	bool parts;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{'n', "limit", "COUNT", OPTION_COUNT, offsetof(struct list_values, limit), "print so many rows at most"},
	{0, "sort", "COLUMNS", OPTION_TEXT, offsetof(struct list_values, sort),
		"sort by these columns, -COLUMN turns one round"},
	{0, "columns", "COLUMNS", OPTION_TEXT, offsetof(struct list_values, columns), "print these columns"},
	{0, "group-by", "COLUMN", OPTION_TEXT, offsetof(struct list_values, group_by),
		"count the records by a column's value"},
	{0, "parts", NULL, OPTION_FLAG, offsetof(struct list_values, parts), "list notes, approvals and other parts too"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct list_values, at), "list the desk as committed at REV"},
	FORMAT_ROW(struct list_values),
	{0},
};

const struct syntax list_syntax = {
	.words = "[KIND] [QUALIFIER ...]",
	.options = options,
	.size = sizeof(struct list_values),
	.most = MANY_WORDS,
	.negations = true,
};

static const char *const base_columns[] = {"id", "kind", "state", "title", "path", NULL};

/* What programs get when no columns were named: the five that every record has, then every field. */
static const char *every_column(struct context *context, const struct itsm_kind *kind)
{
	const struct itsm_field *const *fields = NULL;
	struct itsm_buffer text = {0};
	const char *columns;
	size_t count = 0, position;

	if (kind)
		fields = itsm_kind_columns(kind, &count);
	for (position = 0; base_columns[position]; position++)
		itsm_buffer_printf(&text, "%s%s", position ? "," : "", base_columns[position]);
	for (position = 0; position < count; position++)
		if (!itsm_list_has(base_columns, fields[position]->column))
			itsm_buffer_printf(&text, ",%s", fields[position]->column);
	columns = itsm_arena_strdup(context->arena, text.data);
	itsm_buffer_free(&text);
	return columns;
}

/* A kind that is spelt wrong is a word to look for like any other: say so when it finds nothing. */
static void tell_nothing(struct context *context, const struct itsm_list_options *request)
{
	if (!request->kind && request->word_count && !strpbrk(request->words[0], ": "))
		output_note(context, "nothing found; '%s' is no kind and was looked for in titles and IDs, `itsm kinds` lists the kinds",
			request->words[0]);
}

int command_list(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct list_values *values = data;
	const struct itsm_kind *kind = NULL;
	struct itsm_list_options request = {
		.sort = values->sort,
		.columns = values->columns,
		.group_by = values->group_by,
		.limit = values->limit,
		.parts = values->parts,
	};
	struct itsm_index *index;
	struct itsm_query *query;
	size_t rows = 0;
	int status;

	if (words.count)
		kind = itsm_kinds_find(itsm_desk_kinds(context->desk), words.items[0]);
	request.kind = kind ? kind->name : NULL;
	request.words = words.items + (kind ? 1 : 0);
	request.word_count = words.count - (kind ? 1 : 0);
	if (values->format == ITSM_FORMAT_ID && !values->group_by)
		request.columns = "id";
	else if (values->format != ITSM_FORMAT_TEXT && !values->columns && !values->group_by)
		request.columns = every_column(context, kind);
	status = itsm_desk_view(context->desk, values->at, &index, err);
	if (!status)
		status = itsm_index_list(index, &request, &query, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format == ITSM_FORMAT_TEXT)
		output_page(context);
	status = output_query(context, "list", query, values->format, &rows, err);
	if (!status && !rows && values->format == ITSM_FORMAT_TEXT)
		tell_nothing(context, &request);
	itsm_query_free(query);
	return status;
}
