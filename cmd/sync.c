/* itsm sync: fetch, merge, push. */
#include <limits.h>
#include <unistd.h>

#include "command.h"
#include "itsm/exchange.h"
#include "output.h"

struct sync_values {
	const char *message;
	int64_t attempts;
};

static const struct option_row options[] = {
	{0, "attempts", "N", OPTION_COUNT, offsetof(struct sync_values, attempts),
		"how often to try while others are faster; 50 when not given"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct sync_values, message), "the message of a merge"},
	{0},
};

const struct syntax sync_syntax = {
	.words = "[REMOTE]",
	.options = options,
	.size = sizeof(struct sync_values),
	.most = 1,
};

/* This very program, for git to merge with. NULL where the system does not tell. */
static const char *own_program(struct context *context)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path));

	return length > 0 && length < (ssize_t)sizeof(path) ? itsm_arena_strndup(context->arena, path, (size_t)length)
							    : NULL;
}

static void print_conflicts(struct context *context, const struct itsm_sync_result *result)
{
	struct itsm_buffer text = {0};
	size_t position;

	for (position = 0; position < result->conflict_count; position++) {
		itsm_escape_terminal(&text, result->conflicts[position], false);
		itsm_buffer_putc(&text, '\n');
	}
	output_flush(context, &text);
	itsm_buffer_free(&text);
}

static const char *plural(size_t count)
{
	return count == 1 ? "" : "s";
}

int command_sync(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct sync_values *values = data;
	struct itsm_sync_options request = {
		.remote = words.count ? words.items[0] : NULL,
		.message = values->message,
		.attempts = (size_t)values->attempts,
		.program = own_program(context),
	};
	struct itsm_sync_result result = {0};
	int status = itsm_desk_sync(context->desk, context->arena, &request, &result, err);

	context_progress_clear(context);
	print_conflicts(context, &result);
	if (status)
		return status;
	if (!result.received && !result.sent)
		output_note(context, "%s of %s: nothing new on either side", result.branch, result.remote);
	else
		output_note(context, "%s of %s: received %zu commit%s%s, sent %zu", result.branch, result.remote,
			result.received, plural(result.received), result.merged ? ", merged" : "", result.sent);
	return status;
}
