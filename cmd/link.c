/* itsm link: a reference between two records. */
#include "command.h"
#include "output.h"

struct link_values {
	const char *message;
	bool remove;
};

static const struct option_row options[] = {
	{0, "remove", NULL, OPTION_FLAG, offsetof(struct link_values, remove), "take the link away"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct link_values, message), "why, for the commit"},
	{0},
};

const struct syntax link_syntax = {
	.words = "ID RELATION TARGET",
	.options = options,
	.size = sizeof(struct link_values),
	.least = 3,
	.most = 3,
};

int command_link(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct link_values *values = data;
	struct itsm_outcome outcome;
	int status;

	itsm_outcome_init(&outcome, context->arena);
	status = itsm_desk_link(context->desk, words.items[0], words.items[1], words.items[2], values->remove,
		values->message, &outcome, err);
	return output_outcome(context, &outcome, status);
}
