/* itsm metrics: figures of a period, and what they counted. */
#include "metrics.h"

#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "output.h"

#define SECONDS 20  /* for each metric */
#define TOGETHER 3  /* times that, for all of them */

struct metrics_values {
	const char *at, *from, *to, *by, *timeout, *format;
	bool records;
};

static const struct option_row options[] = {
	{0, "from", "TIME", OPTION_TEXT, offsetof(struct metrics_values, from),
		"the first month, day or moment of the period: 30 days before its end if not given"},
	{0, "to", "TIME", OPTION_TEXT, offsetof(struct metrics_values, to), "its last one: now if not given"},
	{0, "by", "FIELD", OPTION_TEXT, offsetof(struct metrics_values, by),
		"a figure for each service, team, priority ..., or day, week, month, quarter, year"},
	{0, "records", NULL, OPTION_FLAG, offsetof(struct metrics_values, records), "list what was counted instead"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct metrics_values, at), "measure the desk as committed at REV"},
	{0, "timeout", "SECONDS", OPTION_TEXT, offsetof(struct metrics_values, timeout),
		"give a metric up after so long: 20 if not given, 0 for no bound"},
	{0, "format", "FORMAT", OPTION_TEXT, offsetof(struct metrics_values, format),
		"how to print: text, json, jsonl, csv, id or openmetrics"},
	{0},
};

const struct syntax metrics_syntax = {
	.words = "[NAME ...]",
	.options = options,
	.size = sizeof(struct metrics_values),
	.most = MANY_WORDS,
};

/* When patience ends. `end` first: context_expired is asked with this. */
struct patience {
	int64_t end, whole;  /* of the metric at hand, of all */
	int64_t seconds;     /* for each; 0: no bound */
};

static void begin(void *context)
{
	struct patience *patience = context;
	int64_t own = context_deadline(patience->seconds);

	patience->end = !patience->seconds ? INT64_MAX : own < patience->whole ? own : patience->whole;
}

static int read_patience(const char *text, struct patience *out, struct itsm_error *err)
{
	size_t length = text ? strlen(text) : 0;

	if (text && (!length || length > 9 || strspn(text, "0123456789") != length))
		return itsm_error_set(err, ITSM_EUSAGE, "--timeout takes a number of seconds, 0 for no bound, not '%s'", text);
	out->end = INT64_MAX;
	out->seconds = text ? strtoll(text, NULL, 10) : SECONDS;
	out->whole = out->seconds ? context_deadline(TOGETHER * out->seconds) : INT64_MAX;
	return ITSM_OK;
}

/* ITSM_FORMAT_TEXT and `openmetrics` set for that one. */
static int read_format(const char *text, enum itsm_format *out, bool *openmetrics, struct itsm_error *err)
{
	static const char *const names[] = {"text", "json", "csv", "id", "jsonl"};

	*out = ITSM_FORMAT_TEXT;
	*openmetrics = text && strcmp(text, "openmetrics") == 0;
	if (!text || *openmetrics)
		return ITSM_OK;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(names[i], text) != 0)
			continue;
		*out = (enum itsm_format)i;
		return ITSM_OK;
	}
	return itsm_error_set(err, ITSM_EUSAGE, "metrics: '%s' is no format; there are text, json, jsonl, csv, id and openmetrics", text);
}

static int print(struct context *context, const struct itsm_measures *measures, const struct metrics_values *values,
	enum itsm_format format, bool openmetrics, struct itsm_error *err)
{
	struct itsm_buffer text = {0};

	context_progress_clear(context);
	if (openmetrics) {
		itsm_measures_openmetrics(measures, values->by, &text);
		output_flush(context, &text);
		itsm_buffer_free(&text);
		return ITSM_OK;
	}
	if (format == ITSM_FORMAT_TEXT)
		output_page(context);
	return values->records || format == ITSM_FORMAT_ID ? metrics_print_records(context, measures, format, err) :
		metrics_print(context, measures, values->by, format, err);
}

int command_metrics(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct metrics_values *values = data;
	struct patience patience;
	struct itsm_measure_options request = {.names = words, .at = values->at, .from = values->from, .to = values->to,
		.by = values->by, .expired = context_expired, .begin = begin, .expired_context = &patience};
	struct itsm_measures measures;
	enum itsm_format format;
	bool openmetrics;
	int status = read_format(values->format, &format, &openmetrics, err);

	if (!status && openmetrics && values->records)
		return itsm_error_set(err, ITSM_EUSAGE, "metrics: --records lists records, openmetrics has figures only");
	if (!status)
		status = read_patience(values->timeout, &patience, err);
	if (!status)
		status = itsm_desk_measure(context->desk, context->arena, &request, &measures, err);
	if (status) {
		itsm_error_prefix(err, "metrics");
		return status;
	}
	for (size_t i = 0; i < measures.count; i++)
		if (measures.items[i].trouble)
			output_note(context, "%s is left out: %s", measures.items[i].metric->name, measures.items[i].trouble);
	return print(context, &measures, values, format, openmetrics, err);
}
