/* itsm undo: take back a write by another commit. */
#include "command.h"
#include "itsm/exchange.h"
#include "output.h"

struct undo_values {
	const char *message;
};

static const struct option_row options[] = {
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct undo_values, message), "why, for the commit"},
	{0},
};

const struct syntax undo_syntax = {
	.words = "[COMMIT]",
	.options = options,
	.size = sizeof(struct undo_values),
	.most = 1,
};

int command_undo(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct undo_values *values = data;
	struct itsm_undo_result result;
	struct itsm_findings findings;
	struct itsm_buffer text = {0};
	char undone[41], commit[41];
	size_t position;
	int status;

	itsm_findings_init(&findings, context->arena);
	status = itsm_desk_undo(context->desk, context->arena, words.count ? words.items[0] : NULL, values->message,
		&result, &findings, err);
	output_refusal(context, &findings);
	if (status)
		return status;
	for (position = 0; position < result.count; position++) {
		itsm_escape_terminal(&text, result.paths[position], false);
		itsm_buffer_putc(&text, '\n');
	}
	output_flush(context, &text);
	itsm_buffer_free(&text);
	itsm_oid_text(&result.undone.oid, undone);
	itsm_oid_text(&result.commit, commit);
	output_note(context, "undid %.8s \"%s\": committed %.8s", undone, result.undone.subject, commit);
	return status;
}
