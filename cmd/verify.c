/* itsm verify: the whole audit trail. Writes nothing. */
#include "command.h"
#include "itsm/audit.h"
#include "output.h"
#include "report.h"

struct verify_values {
	const char *base, *format;
	bool signatures;
	struct itsm_words outputs;
};

static const struct option_row options[] = {
	{0, "base", "REV", OPTION_TEXT, offsetof(struct verify_values, base),
		"judge all by the people, keys and kinds of REV"},
	{0, "signatures", NULL, OPTION_FLAG, offsetof(struct verify_values, signatures),
		"verify the signatures of commits also where the desk does not ask for them"},
	{0, "format", "FORMAT", OPTION_TEXT, offsetof(struct verify_values, format), "how to print: " REPORT_FORMS},
	{'o', "output", "FORMAT=FILE", OPTION_LIST, offsetof(struct verify_values, outputs),
		"write a file besides; may be given several times"},
	{0},
};

const struct syntax verify_syntax = {
	.words = "[A..B]",
	.options = options,
	.size = sizeof(struct verify_values),
	.most = 1,
};

/* On stderr: stdout is for the findings, in whatever form. */
static void tell(struct context *context, const struct itsm_verified *verified, const struct itsm_findings *findings)
{
	output_note(context, "%zu commits, %zu of them signed, %zu signatures verified", verified->commits,
		verified->signed_commits, verified->good_signatures);
	output_note(context, "%zu transitions", verified->transitions);
	output_note(context, "%zu approvals, %zu of them proven by signatures", verified->approvals,
		verified->proven_approvals);
	output_note(context, "%zu checkpoints, %zu of them signed; %zu commits are covered by none",
		verified->checkpoints, verified->signed_checkpoints, verified->since_checkpoint);
	output_note(context, "%zu breaks, %zu to look at", findings->errors, findings->count - findings->errors);
}

int command_verify(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct verify_values *values = data;
	struct itsm_verify request = {words.count ? words.items[0] : NULL, values->base, values->signatures};
	struct report_request report = {values->format, values->outputs, NULL, "verify"};
	struct itsm_verified verified;
	struct itsm_findings findings;
	int status = report_verify(&report, err);

	if (status) {
		itsm_error_prefix(err, "verify");
		return status;
	}
	itsm_findings_init(&findings, context->arena);
	status = itsm_desk_verify(context->desk, &request, &findings, &verified, err);
	if (status)
		return status;
	context_progress_clear(context);
	status = report_print(context, &report, &findings, err);
	tell(context, &verified, &findings);
	if (!status && findings.errors)
		return output_told(err);
	return status;
}
