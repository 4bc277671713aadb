/* The history of a desk or of one of its files, streamed from `git log`. */
#include <errno.h>
#include <string.h>

#include "history.h"

/*
 * A user's configuration must not change what is printed. With a folder, every
 * commit is wanted (--sparse: also those that change nothing in it); with
 * paths, only those that change one of them, on whatever branch it happened.
 */
static const char *const *command(struct itsm_arena *arena, const struct itsm_place *place,
	const struct itsm_oid *from, const struct itsm_oid *to, const char *const *paths, bool oldest_first)
{
	static const char *const fixed[] = {
		"git", "-c", "log.follow=false", "-c", "log.showRoot=true", "-c", "diff.ignoreSubmodules=none",
		"log", HISTORY_FORMAT, "--raw", "-z", "-c",
		"--no-renames", "--no-abbrev", "--date=raw", "--encoding=UTF-8", "--no-color", "--no-ext-diff",
		"--no-textconv", "--no-show-signature", "--no-notes", "--no-mailmap", "--no-decorate", "--full-history",
		"--no-relative", "-O/dev/null",
	};
	size_t count = sizeof(fixed) / sizeof(fixed[0]);
	const char **argv;
	size_t path_count = 0, i;
	char name[41];

	while (paths[path_count])
		path_count++;
	argv = itsm_arena_alloc(arena, (count + path_count + 11) * sizeof(*argv));
	memcpy(argv, fixed, sizeof(fixed));
	if (!path_count && *place->prefix)
		argv[count++] = "--sparse";
	if (oldest_first) {
		argv[count++] = "--reverse";
		argv[count++] = "--date-order";
	}
	itsm_oid_text(to, name);
	argv[count++] = itsm_arena_strdup(arena, name);
	if (from && !itsm_oid_is_zero(from)) {
		itsm_oid_text(from, name);
		argv[count++] = itsm_arena_printf(arena, "^%s", name);
		if (!oldest_first)
			argv[count++] = "--topo-order";
	}
	argv[count++] = "--";
	for (i = 0; i < path_count; i++)
		argv[count++] = itsm_arena_printf(arena, "%s%s", place->prefix, paths[i]);
	if (!path_count && *place->prefix)
		argv[count++] = place->prefix;
	return argv;
}

/* 0 at the end of the stream or when the limit is reached. */
static int pump(struct store_child *child, struct history_parser *parser, struct itsm_error *err)
{
	char chunk[65536];
	ssize_t got;
	int status = ITSM_OK;

	while (!status && !parser->done) {
		got = store_child_receive(child, chunk, sizeof(chunk));
		if (got == 0)
			break;
		if (got < 0)
			return itsm_error_set(err, ITSM_EIO, "cannot read from `git log`: %s", strerror(errno));
		status = history_feed(parser, chunk, (size_t)got, err);
	}
	return status;
}

int itsm_repo_history(const struct itsm_place *place, const struct itsm_oid *from, const struct itsm_oid *to,
	const char *path, size_t limit, const struct itsm_history *history, struct itsm_error *err)
{
	const char *const one[] = {path, NULL}, *const *paths = history->paths ? history->paths : one;
	/* where all is wanted, git need not write each commit by itself */
	static const char *const unhurried[] = {"GIT_FLUSH=0", NULL};
	struct store_start start = {.directory = store_directory(place), .variables = limit ? NULL : unhurried,
		.flags = STORE_CHILD_GIT | STORE_CHILD_OUTPUT};
	struct history_parser parser = {.history = history, .prefix = place->prefix, .limit = limit, .between = true,
		.changed_only = *paths != NULL};
	struct store_child child = STORE_CHILD_NONE;
	struct itsm_arena *arena = itsm_arena_new();
	int status;

	start.argv = command(arena, place, from, to, paths, history->oldest_first);
	status = store_child_start(&child, &start, err);
	if (!status)
		status = pump(&child, &parser, err);
	if (status || parser.done)
		store_child_kill(&child);
	else
		status = store_child_end(&child, NULL, err);
	if (!status)
		status = history_finish(&parser, err);
	history_free(&parser);
	itsm_arena_free(arena);
	return status;
}
