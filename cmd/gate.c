/* itsm gate: may this be deployed now? The answer is the exit code; every reason against it is told. */
#include <string.h>

#include "command.h"
#include "itsm/gate.h"
#include "output.h"
#include "report.h"
#include "reviews.h"

struct gate_values {
	struct itsm_words changes, releases, commits, items, outputs, reviews;
	const char *at, *format;
};

static const struct option_row options[] = {
	{0, "change", "ID", OPTION_LIST, offsetof(struct gate_values, changes), "a change; may be given several times"},
	{0, "release", "ID", OPTION_LIST, offsetof(struct gate_values, releases), "a release; may be given several times"},
	{0, "commit", "REVISION", OPTION_LIST, offsetof(struct gate_values, commits),
		"the changes that a commit, or those of A..B, name"},
	{0, "item", "ID", OPTION_LIST, offsetof(struct gate_values, items), "some change about this item"},
	{0, "at", "TIME", OPTION_TEXT, offsetof(struct gate_values, at), "at another moment than now"},
	{0, "format", "FORMAT", OPTION_TEXT, offsetof(struct gate_values, format), "how to print: " REPORT_FORMS},
	{'o', "output", "FORMAT=FILE", OPTION_LIST, offsetof(struct gate_values, outputs),
		"write a file besides; may be given several times"},
	REVIEWS_ROW(struct gate_values),
	{0},
};

const struct syntax gate_syntax = {
	.words = "",
	.options = options,
	.size = sizeof(struct gate_values),
};

static void tell(struct context *context, const struct itsm_gate_answer *answers, size_t count)
{
	size_t position;

	for (position = 0; position < count; position++) {
		struct itsm_buffer title = {0};

		itsm_escape_terminal(&title, answers[position].title ? answers[position].title : "", false);
		output_note(context, "%s (%s) %s: %s", answers[position].id, answers[position].state ? answers[position].state : "",
			title.data ? title.data : "", answers[position].allowed ? "may be deployed now" : "may not be deployed now");
		itsm_buffer_free(&title);
	}
}

int command_gate(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct gate_values *values = data;
	struct report_request request = {values->format, values->outputs, NULL, "gate"};
	struct itsm_gate gate = {.changes = values->changes, .releases = values->releases, .commits = values->commits,
		.items = values->items};
	struct itsm_gate_answer *answers;
	struct itsm_findings findings;
	size_t count;
	int status = report_verify(&request, err);

	(void)words;
	if (!status && values->at) {
		gate.has_at = true;
		status = itsm_moment_parse(values->at, context->now, &gate.at, err);
		if (status)
			status = itsm_error_set(err, ITSM_EUSAGE, "'%s' is no time; give one such as 2026-11-22T22:00:00+01:00 or +2h", values->at);
	}
	itsm_findings_init(&findings, context->arena);
	if (!status)
		status = reviews_read(context, values->reviews, err);
	if (!status)
		status = itsm_desk_gate(context->desk, context->arena, &gate, &answers, &count, &findings, err);
	if (status) {
		itsm_error_prefix(err, "gate");
		return status;
	}
	context_progress_clear(context);
	status = report_print(context, &request, &findings, err);
	tell(context, answers, count);
	if (!status && findings.errors)
		return output_told(err);
	return status;
}
