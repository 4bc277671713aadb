/* itsm mail: messages from a mail server's pipe. */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "itsm/mail.h"
#include "itsm/mailbox.h"
#include "output.h"

const struct syntax mail_syntax = {
	.words = "ingest [FILE]",
	.least = 1,
	.most = 2,
};

static int tell(struct context *context, const struct itsm_mail_intake *intake, const struct itsm_outcome *outcome)
{
	switch (intake->fate) {
	case ITSM_MAIL_DROPPED:
		output_note(context, "dropped: %s", intake->reason);
		return ITSM_OK;
	case ITSM_MAIL_KNOWN:
		output_note(context, "%s has this mail already", outcome->id);
		return ITSM_OK;
	case ITSM_MAIL_OPENED:
	case ITSM_MAIL_NOTED:
		break;
	}
	if (intake->left)
		output_note(context, "%zu attachment%s kept, %zu too large or too many", intake->kept, intake->kept == 1 ? "" : "s", intake->left);
	return output_made(context, outcome, ITSM_OK);
}

int command_mail(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	struct itsm_mail_intake intake;
	struct itsm_outcome outcome;
	struct itsm_buffer text = {0};
	int status;

	(void)data;
	if (strcmp(words.items[0], "ingest") != 0)
		return itsm_error_set(err, ITSM_EUSAGE, "mail: '%s' is not ingest", words.items[0]);
	status = context_read(words.count > 1 ? words.items[1] : "-", ITSM_MAIL_MAX_BYTES, &text, err);
	if (status == ITSM_ELIMIT) /* it will be no smaller the next time */
		status = err ? err->status = ITSM_EREFUSED : ITSM_EREFUSED;
	itsm_outcome_init(&outcome, context->arena);
	if (status == ITSM_OK)
		status = itsm_desk_mail(context->desk, text.data ? text.data : "", text.length, &intake, &outcome, err);
	itsm_buffer_free(&text);
	if (status == ITSM_EREFUSED)
		output_refusal(context, &outcome.findings);
	return status ? status : tell(context, &intake, &outcome);
}
