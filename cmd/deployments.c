/* itsm deployments: what was deployed, or found changed, without an approved change. */
#include <string.h>

#include "command.h"
#include "itsm/pipeline.h"
#include "output.h"
#include "report.h"

struct deployments_values {
	const char *from, *to, *repository, *format, *message;
	struct itsm_words outputs;
	bool open;
};

static const struct option_row options[] = {
	{0, "from", "TIME", OPTION_TEXT, offsetof(struct deployments_values, from), "what began then or later, instead of 30 days ago"},
	{0, "to", "TIME", OPTION_TEXT, offsetof(struct deployments_values, to), "what began before, instead of until now"},
	{0, "repository", "DIR", OPTION_TEXT, offsetof(struct deployments_values, repository),
		"where the code is; the desk's repository when not given"},
	{0, "open", NULL, OPTION_FLAG, offsetof(struct deployments_values, open), "open an emergency change for each, with what is known"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct deployments_values, message), "why, for the commits of --open"},
	{0, "format", "FORMAT", OPTION_TEXT, offsetof(struct deployments_values, format), "how to print: " REPORT_FORMS},
	{'o', "output", "FORMAT=FILE", OPTION_LIST, offsetof(struct deployments_values, outputs),
		"write a file besides; may be given several times"},
	{0},
};

const struct syntax deployments_syntax = {
	.words = "audit",
	.options = options,
	.size = sizeof(struct deployments_values),
	.least = 1,
	.most = 1,
};

static int read_moment(struct context *context, const char *text, int64_t *out, struct itsm_error *err)
{
	if (!text || itsm_moment_parse(text, context->now, out, err) == 0)
		return 0;
	return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no time; give one such as 2026-11-01 or -7d", text);
}

static int open_all(struct context *context, const struct itsm_unauthorised *found, size_t count, const char *message,
	struct itsm_error *err)
{
	struct itsm_outcome outcome;
	size_t i;
	int status = 0;

	for (i = 0; i < count && !status; i++) {
		if (found[i].opened)
			continue;
		itsm_outcome_init(&outcome, context->arena);
		status = itsm_desk_deployments_open(context->desk, &found[i], message, &outcome, err);
		status = output_outcome(context, &outcome, status);
	}
	return status;
}

int command_deployments(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct deployments_values *values = data;
	struct report_request report = {values->format, values->outputs, NULL, "deployments"};
	struct itsm_deployments_audit request = {context->now - 30 * INT64_C(86400), context->now + 1,
		values->repository ? context_path(context, values->repository) : NULL};
	struct itsm_unauthorised *found = NULL;
	struct itsm_findings findings;
	size_t count = 0;
	int status = report_verify(&report, err);

	if (strcmp(words.items[0], "audit"))
		return itsm_error_set(err, ITSM_EUSAGE, "deployments: '%s' is not known here; there is audit", words.items[0]);
	itsm_findings_init(&findings, context->arena);
	if (!status)
		status = read_moment(context, values->from, &request.from, err);
	if (!status)
		status = read_moment(context, values->to, &request.to, err);
	if (!status)
		status = itsm_desk_deployments_audit(context->desk, context->arena, &request, &found, &count, &findings, err);
	if (status) {
		itsm_error_prefix(err, "deployments");
		return status;
	}
	context_progress_clear(context);
	status = report_print(context, &report, &findings, err);
	if (!status && values->open)
		status = open_all(context, found, count, values->message, err);
	return !status && findings.errors ? output_told(err) : status;
}
