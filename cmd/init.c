/* itsm init: make a desk. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "command.h"
#include "output.h"

struct init_values {
	const char *name;
};

static const struct option_row options[] = {
	{0, "name", "NAME", OPTION_TEXT, offsetof(struct init_values, name), "the desk's name; else the folder's"},
	{0},
};

const struct syntax init_syntax = {
	.words = "[DIR]",
	.options = options,
	.size = sizeof(struct init_values),
	.most = 1,
};

/*
 * The folder without links and "..": what is there of it as the system knows
 * it, and behind that the names that are to be made.
 */
static int resolve(struct context *context, const char *path, const char **out, struct itsm_error *err)
{
	char *real = realpath(path, NULL);
	const char *slash, *parent, *name;
	int status;

	if (real) {
		*out = itsm_arena_strdup(context->arena, real);
		free(real);
		return ITSM_OK;
	}
	if (errno != ENOENT)
		return itsm_error_set(err, ITSM_EIO, "'%s' cannot be used: %s", path, strerror(errno));
	while (*path && path[strlen(path) - 1] == '/')
		path = itsm_arena_strndup(context->arena, path, strlen(path) - 1);
	slash = strrchr(path, '/');
	name = slash ? slash + 1 : path;
	if (!*name || !strcmp(name, ".") || !strcmp(name, ".."))
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no folder that could be made", path);
	parent = slash ? itsm_arena_strndup(context->arena, path, slash == path ? 1 : (size_t)(slash - path)) : ".";
	status = resolve(context, parent, &parent, err);
	if (!status)
		*out = itsm_arena_printf(context->arena, "%s/%s", strcmp(parent, "/") ? parent : "", name);
	return status;
}

int command_init(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct init_values *values = data;
	struct itsm_desk_options desk = context_desk_options(context);
	struct itsm_init_result result;
	struct itsm_buffer text = {0};
	const char *folder;
	int status = resolve(context, words.count ? words.items[0] : ".", &folder, err);

	if (status)
		return status;
	status = itsm_desk_init(context->arena, &desk, folder, values->name, &result, err);
	if (status)
		return status;
	itsm_escape_terminal(&text, result.root, false);
	itsm_buffer_putc(&text, '\n');
	output_flush(context, &text);
	itsm_buffer_free(&text);
	output_note(context, "made a desk%s; next: itsm new change --title 'What is to change'",
		result.repository ? " and its repository" : "");
	return ITSM_OK;
}
