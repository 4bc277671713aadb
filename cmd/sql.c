/* itsm sql: a query over the views, within bounds. */
#include "sql.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "output.h"

#define QUERY_BYTES (256u << 10)
#define ROWS 1000000
#define SECONDS 60

struct sql_values {
	const char *at, *limit, *timeout, *write_db;
	bool schema;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "at", "REV", OPTION_TEXT, offsetof(struct sql_values, at), "query the desk as committed at REV"},
	{0, "limit", "COUNT", OPTION_TEXT, offsetof(struct sql_values, limit),
		"fail beyond so many rows: 1000000 if not given, 0 for no bound"},
	{0, "timeout", "SECONDS", OPTION_TEXT, offsetof(struct sql_values, timeout),
		"fail after so long: 60 if not given, 0 for no bound"},
	{0, "schema", NULL, OPTION_FLAG, offsetof(struct sql_values, schema),
		"tell the views and their columns, or those named"},
	{0, "write-db", "FILE", OPTION_TEXT, offsetof(struct sql_values, write_db),
		"write every view to an SQLite file"},
	FORMAT_ROW(struct sql_values),
	{0},
};

const struct syntax sql_syntax = {
	.words = "[QUERY] [NAME=VALUE ...]",
	.options = options,
	.size = sizeof(struct sql_values),
	.most = MANY_WORDS,
};

static int read_count(const char *text, const char *option, int64_t otherwise, int64_t *out, struct itsm_error *err)
{
	char *end;

	*out = otherwise;
	if (!text)
		return ITSM_OK;
	*out = strtoll(text, &end, 10);
	if (!isdigit((unsigned char)*text) || *end || *out > INT32_MAX)
		return itsm_error_set(err, ITSM_EUSAGE, "--%s takes a whole number, not '%s'", option, text);
	return ITSM_OK;
}

/* What reads as a whole number and is written as one: 7, -7, but not 007. */
static bool is_number(const char *text, int64_t *number)
{
	char *end, again[32];

	*number = strtoll(text, &end, 10);
	snprintf(again, sizeof(again), "%lld", (long long)*number);
	return *text && !*end && !strcmp(again, text);
}

static int read_parameters(struct context *context, struct itsm_words words, struct itsm_sql_request *request,
	struct itsm_error *err)
{
	struct itsm_parameter *parameters = itsm_arena_alloc(context->arena, (words.count + 1) * sizeof(*parameters));
	size_t position;

	for (position = 0; position < words.count; position++) {
		struct itsm_parameter *parameter = &parameters[position];
		const char *word = words.items[position], *value = strchr(word, '=');

		if (!value || value == word)
			return itsm_error_set(err, ITSM_EUSAGE,
				"'%s' is no NAME=VALUE; is the query one word, in quotes?", word);
		parameter->name = itsm_arena_strndup(context->arena, word, (size_t)(value - word));
		parameter->value = output_text(value + 1);
		if (is_number(value + 1, &parameter->value.integer))
			parameter->value.type = ITSM_VALUE_INTEGER;
	}
	request->parameters = parameters;
	request->parameter_count = words.count;
	return ITSM_OK;
}

static int query(struct context *context, struct itsm_words words, const struct sql_values *values,
	struct itsm_error *err)
{
	struct itsm_sql_request request = {0};
	struct itsm_buffer text = {0};
	struct itsm_query *rows;
	int64_t seconds, end;
	int status;

	if ((status = read_count(values->limit, "limit", ROWS, &request.rows, err)) ||
	    (status = read_count(values->timeout, "timeout", SECONDS, &seconds, err)))
		return status;
	if (words.count && strcmp(words.items[0], "-") != 0)
		request.sql = words.items[0];
	else if ((status = context_read("-", QUERY_BYTES, &text, err)) == ITSM_OK)
		request.sql = itsm_arena_strdup(context->arena, text.data);
	itsm_buffer_free(&text);
	if (!status && words.count)
		status = read_parameters(context, (struct itsm_words){words.items + 1, words.count - 1}, &request, err);
	if (status)
		return status;
	end = seconds ? context_deadline(seconds) : INT64_MAX;
	request.expired = context_expired;
	request.expired_context = &end;
	status = itsm_desk_sql(context->desk, values->at, &request, &rows, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format == ITSM_FORMAT_TEXT)
		output_page(context);
	status = output_query(context, "sql", rows, values->format, NULL, err);
	itsm_query_free(rows);
	return status;
}

static int write_db(struct context *context, struct itsm_words words, const struct sql_values *values,
	struct itsm_error *err)
{
	struct itsm_export_options request = {
		.format = ITSM_EXPORT_SQLITE, .at = values->at, .output = context_path(context, values->write_db),
	};
	int status;

	if (words.count)
		return itsm_error_set(err, ITSM_EUSAGE, "--write-db writes every view and takes no query; "
			"`itsm export` takes kinds");
	status = itsm_desk_export(context->desk, &request, err);
	if (!status)
		output_note(context, "wrote %s", values->write_db);
	return status;
}

int command_sql(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct sql_values *values = data;

	if (values->write_db)
		return write_db(context, words, values, err);
	if (values->schema)
		return sql_schema(context, words, values->format, err);
	return query(context, words, values, err);
}
