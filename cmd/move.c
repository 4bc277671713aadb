/* itsm move: along the kind's workflow. */
#include "command.h"
#include "output.h"

struct move_values {
	const char *message;
};

static const struct option_row options[] = {
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct move_values, message), "why, for the commit"},
	{0},
};

const struct syntax move_syntax = {
	.words = "ID STATE [FIELD=VALUE ...]",
	.options = options,
	.size = sizeof(struct move_values),
	.least = 2,
	.most = MANY_WORDS,
};

int command_move(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct move_values *values = data;
	struct itsm_words assignments = {words.items + 2, words.count - 2};
	struct itsm_outcome outcome;
	int status;

	itsm_outcome_init(&outcome, context->arena);
	status = itsm_desk_move(context->desk, words.items[0], words.items[1], assignments, values->message, &outcome, err);
	return output_outcome(context, &outcome, status);
}
