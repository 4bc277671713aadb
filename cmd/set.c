/* itsm set: fields of one record or many, one commit. */
#include "command.h"
#include "ids.h"
#include "output.h"

struct set_values {
	const char *message;
};

static const struct option_row options[] = {
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct set_values, message), "why, for the commit"},
	{0},
};

const struct syntax set_syntax = {
	.words = "ID ... FIELD=VALUE ...",
	.options = options,
	.size = sizeof(struct set_values),
	.least = 2,
	.most = MANY_WORDS,
};

int command_set(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct set_values *values = data;
	struct itsm_words ids, assignments;
	struct itsm_outcome outcome;
	int status = ids_part(context, words, &ids, &assignments, err);

	if (status)
		return status;
	itsm_outcome_init(&outcome, context->arena);
	status = itsm_desk_set(context->desk, ids, assignments, values->message, &outcome, err);
	return output_outcome(context, &outcome, status);
}
