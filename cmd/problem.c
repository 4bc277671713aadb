/* itsm problem: what comes again and again. */
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "itsm/kind.h"
#include "itsm/trend.h"
#include "output.h"

#define DAY 86400

struct problem_values {
	const char *window, *chance, *message;
	int64_t windows, least;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "window", "DURATION", OPTION_TEXT, offsetof(struct problem_values, window), "how far back a cluster reaches; 30d when not given"},
	{0, "windows", "N", OPTION_COUNT, offsetof(struct problem_values, windows), "how many windows before tell what is expected; 6 when not given"},
	{0, "least", "N", OPTION_COUNT, offsetof(struct problem_values, least), "how many incidents make a cluster; 3 when not given"},
	{0, "chance", "P", OPTION_TEXT, offsetof(struct problem_values, chance), "leave out what chance brings more often; 0.05 when not given"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct problem_values, message), "open: why, for the commit"},
	FORMAT_ROW(struct problem_values),
	{0},
};

const struct syntax problem_syntax = {
	.words = "trends | open item|service|category|word VALUE",
	.options = options,
	.size = sizeof(struct problem_values),
	.least = 1,
	.most = 3,
};

static int read_options(struct context *context, const struct problem_values *values, struct itsm_trend_options *out,
	struct itsm_error *err)
{
	static const struct itsm_field duration = {.name = "--window", .type = ITSM_TYPE_DURATION};
	struct itsm_value window = {.integer = 30 * DAY};
	char *end = NULL;
	int status = values->window ? itsm_field_value(&duration, values->window, context->arena, &window, err) : 0;

	if (status)
		return itsm_error_set(err, ITSM_EUSAGE, "problem: --window is a duration such as 30d");
	*out = (struct itsm_trend_options){.to = context->now + 1, .window = window.integer,
		.windows = values->windows ? (unsigned)values->windows : 6, .least = values->least ? (size_t)values->least : 3,
		.probability = values->chance ? strtod(values->chance, &end) : 0.05};
	if (out->window <= 0 || out->window > 3660 * (int64_t)DAY || values->windows > 1000)
		return itsm_error_set(err, ITSM_EUSAGE, "problem: a window has up to ten years, and there are up to 1000 of them");
	if (values->chance && (!*values->chance || *end || out->probability < 0 || out->probability > 1))
		return itsm_error_set(err, ITSM_EUSAGE, "problem: --chance is a number from 0 to 1");
	return ITSM_OK;
}

static int show_trends(struct context *context, const struct problem_values *values, const struct itsm_trend_options *wanted,
	struct itsm_error *err)
{
	static const char *const columns[] = {"cluster", "value", "count", "expected", "chance", "incidents"};
	struct itsm_emitter *emitter;
	struct itsm_trend *trends;
	size_t count, i;
	int status = itsm_desk_trends(context->desk, context->arena, wanted, &trends, &count, err);

	if (status)
		return status;
	emitter = output_begin(context, values->format, "problem", columns, sizeof(columns) / sizeof(*columns));
	for (i = 0; i < count; i++) {
		struct itsm_buffer ids = {0};
		struct itsm_value row[6];

		output_json_list(&ids, trends[i].ids);
		row[0] = output_text(trends[i].sort);
		row[1] = output_text(trends[i].value);
		row[2] = output_integer((int64_t)trends[i].count);
		row[3] = (struct itsm_value){.type = ITSM_VALUE_REAL, .real = trends[i].expected};
		row[4] = (struct itsm_value){.type = ITSM_VALUE_REAL, .real = trends[i].probability};
		row[5] = output_json(ids.data);
		itsm_emit_row(emitter, row);
		itsm_buffer_free(&ids);
	}
	status = itsm_emit_end(emitter, err);
	if (!status && count && context->err_terminal)
		output_note(context, "`itsm problem open %s %s` makes a problem of the first", trends[0].sort, trends[0].value);
	return status;
}

int command_problem(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct problem_values *values = data;
	struct itsm_trend_options wanted;
	struct itsm_outcome outcome;
	int status = read_options(context, values, &wanted, err);

	if (status)
		return status;
	if (!strcmp(words.items[0], "trends") && words.count == 1)
		return show_trends(context, values, &wanted, err);
	if (strcmp(words.items[0], "open") != 0 || words.count != 3)
		return itsm_error_set(err, ITSM_EUSAGE, "problem: give trends, or open with a cluster such as item db-1");
	itsm_outcome_init(&outcome, context->arena);
	return output_made(context, &outcome,
		itsm_desk_propose_problem(context->desk, &wanted, words.items[1], words.items[2], values->message, &outcome, err));
}
