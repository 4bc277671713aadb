/* itsm hook: set up git's hooks, and be them. */
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "command.h"
#include "itsm/hook.h"
#include "output.h"

#define LINES_LIMIT (16u << 20)

struct hook_values {
	bool force;
};

static const struct option_row options[] = {
	{0, "force", NULL, OPTION_FLAG, offsetof(struct hook_values, force), "install: keep another hook that is there, and run it first"},
	{0},
};

const struct syntax hook_syntax = {
	.words = "install | uninstall | pre-commit | pre-push REMOTE URL | pre-receive",
	.options = options,
	.size = sizeof(struct hook_values),
	.least = 1,
	.most = 3,
};

/* This very program; NULL where the system does not tell. */
static const char *own_program(struct context *context)
{
	char path[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, sizeof(path));

	return length > 0 && length < (ssize_t)sizeof(path) ? itsm_arena_strndup(context->arena, path, (size_t)length) : NULL;
}

static int install(struct context *context, bool force, struct itsm_error *err)
{
	struct itsm_hook_files files;
	size_t i;
	int status = itsm_hook_install(context->arena, context->folder, own_program(context), force, &files, err);

	for (i = 0; i < (status ? 0 : files.count); i++)
		output_note(context, "%s: %s%s", files.items[i].path, files.items[i].changed ? "installed" : "is there already",
			files.items[i].chained ? "; the hook that was there is run first" : "");
	return status;
}

static int uninstall(struct context *context, struct itsm_error *err)
{
	struct itsm_hook_files files;
	size_t i;
	int status = itsm_hook_uninstall(context->arena, context->folder, &files, err);

	for (i = 0; i < (status ? 0 : files.count); i++)
		output_note(context, "%s: %s", files.items[i].path, !files.items[i].changed ? "is none of ours" :
			files.items[i].chained ? "taken away; the hook that was there is back" : "taken away");
	return status;
}

static int open_desk(struct context *context, struct itsm_error *err)
{
	struct itsm_desk_options desk = context_desk_options(context);

	desk.untouched = true;
	return itsm_desk_open(&desk, &context->desk, err);
}

static int pre_commit(struct context *context, struct itsm_error *err)
{
	struct itsm_findings findings;
	int status = open_desk(context, err);

	itsm_findings_init(&findings, context->arena);
	if (!status)
		status = itsm_desk_check_staged(context->desk, &findings, err);
	if (status)
		return status;
	output_refusal(context, &findings);
	if (!findings.errors)
		return ITSM_OK;
	return itsm_error_set(err, ITSM_EREFUSED, "not committed: %zu error%s in what is staged; mend it, or go on with --no-verify",
		findings.errors, findings.errors == 1 ? "" : "s");
}

/* Tell each branch's verdict; refused when one is. */
static int conclude(struct context *context, const struct itsm_hook_verdicts *verdicts, const char *way_on,
	struct itsm_error *err)
{
	const struct itsm_hook_verdict *verdict;
	size_t i;

	for (i = 0; i < verdicts->count; i++) {
		verdict = &verdicts->items[i];
		output_refusal(context, &verdict->findings);
		if (verdict->refusal)
			output_note(context, "%s: %s", verdict->branch, verdict->refusal);
		else if (verdict->note)
			output_note(context, "%s: not judged: %s", verdict->branch, verdict->note);
		else if (verdict->findings.errors)
			output_note(context, "%s: %zu error%s", verdict->branch, verdict->findings.errors,
				verdict->findings.errors == 1 ? "" : "s");
	}
	if (!verdicts->refused)
		return ITSM_OK;
	return itsm_error_set(err, ITSM_EREFUSED, "refused: nothing is pushed; %s", way_on);
}

static int pre_push(struct context *context, struct itsm_words words, const char *lines, struct itsm_error *err)
{
	struct itsm_hook_verdicts verdicts;
	int status = open_desk(context, err);

	if (!status)
		status = itsm_hook_push(context->arena, context->desk, words.count > 1 ? words.items[1] : "origin", lines, &verdicts, err);
	return status ? status : conclude(context, &verdicts, "mend it, or go on with --no-verify", err);
}

static int pre_receive(struct context *context, const char *lines, struct itsm_error *err)
{
	struct itsm_desk_options desk = context_desk_options(context);
	struct itsm_hook_verdicts verdicts;
	int status;

	desk.untouched = true;
	status = itsm_hook_receive(context->arena, &desk, lines, &verdicts, err);
	return status ? status : conclude(context, &verdicts, "mend it and push again", err);
}

int command_hook(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct hook_values *values = data;
	const char *doing = words.items[0];
	struct itsm_buffer lines = {0};
	int status = ITSM_OK;

	if (strcmp(doing, "pre-push") && words.count > 1)
		return itsm_error_set(err, ITSM_EUSAGE, "hook: '%s' takes no further words", doing);
	if (!strcmp(doing, "install"))
		return install(context, values->force, err);
	if (!strcmp(doing, "uninstall"))
		return uninstall(context, err);
	if (!strcmp(doing, "pre-commit"))
		return pre_commit(context, err);
	if (strcmp(doing, "pre-push") && strcmp(doing, "pre-receive"))
		return itsm_error_set(err, ITSM_EUSAGE, "hook: '%s' is none of install, uninstall, pre-commit, pre-push and pre-receive", doing);
	status = context_read("-", LINES_LIMIT, &lines, err);
	if (!status && !strcmp(doing, "pre-push"))
		status = pre_push(context, words, lines.data, err);
	else if (!status)
		status = pre_receive(context, lines.data, err);
	itsm_buffer_free(&lines);
	return status;
}
