/* itsm move: one record or many along the kind's workflow, one commit. */
#include <string.h>

#include "command.h"
#include "ids.h"
#include "output.h"

struct move_values {
	const char *message;
};

static const struct option_row options[] = {
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct move_values, message), "why, for the commit"},
	{0},
};

const struct syntax move_syntax = {
	.words = "ID ... STATE [FIELD=VALUE ...]",
	.options = options,
	.size = sizeof(struct move_values),
	.least = 2,
	.most = MANY_WORDS,
};

int command_move(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct move_values *values = data;
	struct itsm_words ids, assignments;
	struct itsm_outcome outcome;
	const char *state = NULL;
	size_t last = words.count;
	int status;

	/* the state is the last word that is no assignment: what stands before it are IDs */
	while (last && strchr(words.items[last - 1], '='))
		last--;
	if (last)
		state = words.items[last - 1];
	if (last < 2 || strcmp(state, "-") == 0)
		return itsm_error_set(err, ITSM_EUSAGE, "give an ID, or several, and the state to move to");
	status = ids_part(context, (struct itsm_words){words.items, last - 1}, &ids, &assignments, err);
	if (!status && assignments.count)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' stands before the state; give IDs, the state, then FIELD=VALUE",
			assignments.items[0]);
	if (status)
		return status;
	assignments = (struct itsm_words){words.items + last, words.count - last};
	itsm_outcome_init(&outcome, context->arena);
	status = itsm_desk_move(context->desk, ids, state, assignments, values->message, &outcome, err);
	return output_outcome(context, &outcome, status);
}
