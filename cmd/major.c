/* itsm major: a major incident is led, reviewed and told of. */
#include "command.h"
#include "itsm/incident.h"
#include "output.h"

struct major_values {
	const char *every, *update, *message;
	bool status;
};

static const struct option_row options[] = {
	{0, "every", "DURATION", OPTION_TEXT, offsetof(struct major_values, every), "how often people are told: 30m where nothing is said"},
	{0, "update", "TEXT", OPTION_TEXT, offsetof(struct major_values, update), "tell everyone this now, - for stdin"},
	{0, "status", NULL, OPTION_FLAG, offsetof(struct major_values, status), "print the text for a status page, and change nothing"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct major_values, message), "why, for the commit"},
	{0},
};

const struct syntax major_syntax = {
	.words = "ID [FIELD=VALUE ...]",
	.options = options,
	.size = sizeof(struct major_values),
	.least = 1,
	.most = MANY_WORDS,
};

/* Lines as they are, but nothing that a terminal acts on. */
static int print_status(struct context *context, const char *id, struct itsm_error *err)
{
	struct itsm_buffer text = {0}, safe = {0};
	int status = itsm_desk_major_status(context->desk, id, &text, err);

	context_progress_clear(context);
	if (!status) {
		itsm_escape_terminal(&safe, text.data, true);
		output_flush(context, &safe);
	}
	itsm_buffer_free(&safe);
	itsm_buffer_free(&text);
	return status;
}

int command_major(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct major_values *values = data;
	struct itsm_major request = {
		.id = words.items[0],
		.words = {words.items + 1, words.count - 1},
		.every = values->every,
		.update = values->update,
		.message = values->message,
	};
	struct itsm_buffer update = {0};
	struct itsm_outcome outcome;
	const char *review = NULL;
	int status = ITSM_OK;

	if (values->status && (request.words.count || values->every || values->update || values->message))
		return itsm_error_set(err, ITSM_EUSAGE, "major: --status changes nothing; it goes with nothing else");
	if (values->status)
		return print_status(context, request.id, err);
	if (values->update && values->update[0] == '-' && !values->update[1]) {
		status = context_read("-", ITSM_FILE_MAX_BYTES, &update, err);
		request.update = update.data ? update.data : "";
	}
	itsm_outcome_init(&outcome, context->arena);
	if (!status)
		status = output_outcome(context, &outcome, itsm_desk_major(context->desk, &request, &outcome, &review, err));
	if (!status && review)
		output_note(context, "the review is %s; write it with `itsm edit %s`, its timeline with `itsm timeline %s --markdown`", review,
			review, outcome.id);
	itsm_buffer_free(&update);
	return status;
}
