/* itsm sla: the service-level clocks of a record, those that are soon due, and how they were kept. */
#include <string.h>

#include "command.h"
#include "itsm/service_level.h"
#include "output.h"
#include "sla.h"

struct sla_values {
	const char *breaching, *at, *from, *to, *by;
	bool explain;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "explain", NULL, OPTION_FLAG, offsetof(struct sla_values, explain),
		"ID: tell every interval in which a clock ran or stood"},
	{0, "breaching", "DURATION", OPTION_TEXT, offsetof(struct sla_values, breaching),
		"list: only what is breached, or due within so long"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct sla_values, at),
		"ID, list: as they stood at REV, or at a moment"},
	{0, "from", "TIME", OPTION_TEXT, offsetof(struct sla_values, from),
		"report: the first month, day or moment of the period"},
	{0, "to", "TIME", OPTION_TEXT, offsetof(struct sla_values, to), "report: its last one"},
	{0, "by", "FIELD", OPTION_TEXT, offsetof(struct sla_values, by),
		"report: by service, team, customer, priority, agreement, kind or month"},
	FORMAT_ROW(struct sla_values),
	{0},
};

const struct syntax sla_syntax = {
	.words = "ID | list [KIND] [QUALIFIER ...] | report",
	.options = options,
	.size = sizeof(struct sla_values),
	.least = 1,
	.most = MANY_WORDS,
	.negations = true,
};

static int list(struct context *context, struct itsm_words words, const struct sla_values *values, struct itsm_error *err)
{
	struct itsm_service_level_options request = {.breaching = values->breaching != NULL, .at = values->at};
	const struct itsm_kind *kind = words.count ? itsm_kinds_find(itsm_desk_kinds(context->desk), words.items[0]) : NULL;
	struct itsm_service_level *levels;
	size_t count;
	int status;

	if (values->breaching && !itsm_duration_parse(values->breaching, &request.within))
		return itsm_error_set(err, ITSM_EUSAGE, "sla: --breaching takes a duration such as 30m, 2h or 1d, not '%s'",
			values->breaching);
	request.kind = kind ? kind->name : NULL;
	request.words = (struct itsm_words){words.items + (kind ? 1 : 0), words.count - (kind ? 1 : 0)};
	status = itsm_desk_service_levels(context->desk, context->arena, &request, &levels, &count, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format == ITSM_FORMAT_TEXT)
		output_page(context);
	return sla_print_levels(context, levels, count, values->format, err);
}

static int report(struct context *context, struct itsm_words words, const struct sla_values *values, struct itsm_error *err)
{
	struct itsm_service_level_report request = {values->from, values->to, values->by};
	struct itsm_query *rows;
	int status;

	if (words.count)
		return itsm_error_set(err, ITSM_EUSAGE, "sla: report takes no words; give --from, --to and --by");
	status = itsm_desk_service_level_report(context->desk, &request, &rows, err);
	if (status) {
		itsm_error_prefix(err, "sla");
		return status;
	}
	context_progress_clear(context);
	status = sla_print_report(context, rows, values->format, err);
	itsm_query_free(rows);
	return status;
}

static int record(struct context *context, const char *word, const struct sla_values *values, struct itsm_error *err)
{
	struct itsm_clocks clocks;
	struct itsm_hit hit;
	int status = itsm_desk_clocks(context->desk, context->arena, word, values->at, values->explain, &hit, &clocks, err);

	if (status)
		return status;
	context_progress_clear(context);
	if (!clocks.count && values->format == ITSM_FORMAT_TEXT)
		output_note(context, "nothing is promised for %s: no active agreement is for its service, customer, kind and priority; `itsm list agreement` tells what is promised", hit.id);
	if (values->explain && values->format == ITSM_FORMAT_TEXT)
		return sla_explain(context, &hit, &clocks);
	return sla_print_clocks(context, &clocks, values->explain, values->format, err);
}

int command_sla(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct sla_values *values = data;
	struct itsm_words rest = {words.items + 1, words.count - 1};
	bool is_list = strcmp(words.items[0], "list") == 0, is_report = strcmp(words.items[0], "report") == 0;

	if ((values->breaching && !is_list) || ((values->from || values->to || values->by) && !is_report) ||
	    (values->explain && (is_list || is_report)) || (values->at && is_report))
		return itsm_error_set(err, ITSM_EUSAGE,
			"sla: --explain is for an ID, --breaching for list, --at for both, --from, --to and --by for report");
	if (is_list)
		return list(context, rest, values, err);
	if (is_report)
		return report(context, rest, values, err);
	if (rest.count)
		return itsm_error_set(err, ITSM_EUSAGE, "sla: one ID, list or report; '%s' is too much", rest.items[0]);
	return record(context, words.items[0], values, err);
}
