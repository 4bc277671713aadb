/*
 * Baselines: named revisions. A baseline is an annotated tag, so it says who
 * named it and when, travels with push and fetch, is signed where git signs tags, and
 * nobody moves it unseen; a record would be a file that later commits can change.
 */
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "itsm/configuration.h"

#define NAME_MAX_BYTES 100

static const char *where(const struct itsm_desk *desk)
{
	return desk->place.work_tree ? desk->place.work_tree : desk->place.git_dir;
}

/* Plain, so that it is one word for shells, git and ranges alike. */
static bool is_name(const char *name)
{
	size_t length = strlen(name);

	return length > 0 && length <= NAME_MAX_BYTES && *name != '-' && *name != '.' && name[length - 1] != '.' &&
		strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-") == length &&
		!strstr(name, "..") && (length < 5 || strcmp(name + length - 5, ".lock") != 0);
}

int desk_resolve_name(struct itsm_desk *desk, const char *name, struct itsm_oid *commit, struct itsm_error *err)
{
	struct itsm_repo *repo;
	struct itsm_error said = {0};
	int status = itsm_desk_repository(desk, &repo, err);

	if (status != 0)
		return status;
	status = itsm_repo_resolve(repo, name, commit, &said);
	if (status == ITSM_ENOTFOUND && is_name(name) &&
	    itsm_repo_resolve(repo, itsm_arena_printf(desk->arena, "refs/tags/" ITSM_BASELINE_TAGS "%s", name), commit, NULL) == 0)
		return 0;
	if (status != 0 && err)
		*err = said;
	return status;
}

static int refuse_existing(struct itsm_desk *desk, const char *tag, const char *name, struct itsm_error *err)
{
	struct itsm_repo *repo;
	struct itsm_oid commit;
	int status = itsm_desk_repository(desk, &repo, err);

	if (status != 0)
		return status;
	if (itsm_repo_resolve(repo, tag, &commit, NULL) != 0)
		return 0;
	return itsm_error_set(err, ITSM_EREFUSED, "there is a baseline '%s' already; give this one another name", name);
}

int itsm_desk_baseline(struct itsm_desk *desk, struct itsm_arena *arena, const char *name, const char *at, const char *message,
	struct itsm_oid *commit, struct itsm_error *err)
{
	const char *tag = itsm_arena_printf(arena, ITSM_BASELINE_TAGS "%s", name), *text;
	char oid[41];
	const char *argv[] = {"git", "tag", "--annotate", "--cleanup=verbatim", "--file=-", tag, oid, NULL};
	struct itsm_buffer input = {0};
	struct itsm_oid found;
	int status;

	if (!is_name(name))
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' cannot name a baseline; take letters, digits, '.', '_' and '-'", name);
	if ((status = refuse_existing(desk, itsm_arena_printf(arena, "refs/tags/%s", tag), name, err)) != 0 ||
	    (status = desk_resolve(desk, at ? at : "HEAD", &found, err)) != 0)
		return status;
	if (itsm_oid_is_zero(&found))
		return itsm_error_set(err, ITSM_ENOTFOUND, "nothing is committed yet, so there is nothing to name");
	itsm_oid_text(&found, oid);
	text = itsm_arena_printf(arena, "Baseline %s of %s\n%s%s%s", name, itsm_desk_name(desk), message ? "\n" : "",
		message ? message : "", message ? "\n" : "");
	itsm_buffer_puts(&input, text);
	status = itsm_program_run(argv, where(desk), &input, NULL, NULL, err);
	itsm_buffer_free(&input);
	if (status == 0)
		*commit = found;
	return status;
}

/* The text up to `end`, which is replaced by NUL; the cursor moves behind it. */
static char *take(char **cursor, char end)
{
	char *begin = *cursor, *stop = strchr(begin, end);

	*cursor = stop ? stop + 1 : begin + strlen(begin);
	if (stop)
		*stop = '\0';
	return begin;
}

/* "refs/tags/itsm-baseline/NAME TIME COMMIT TAGGER"; a tag without a message has neither time nor commit. */
static bool read_line(char *line, struct itsm_baseline *out)
{
	out->name = take(&line, ' ') + strlen("refs/tags/" ITSM_BASELINE_TAGS);
	out->at = strtoll(take(&line, ' '), NULL, 10);
	if (!itsm_oid_parse(take(&line, ' '), &out->commit))
		return false;
	out->by = line;
	return true;
}

int itsm_desk_baselines(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_baseline **out, size_t *count,
	struct itsm_error *err)
{
	const char *argv[] = {"git", "for-each-ref", "--sort=refname", "--sort=taggerdate",
		"--format=%(refname) %(taggerdate:unix) %(*objectname) %(taggername)", "refs/tags/" ITSM_BASELINE_TAGS, NULL};
	struct itsm_baseline *list = NULL;
	struct itsm_buffer text = {0};
	size_t capacity = 0, used = 0;
	char *cursor;
	int status = itsm_program_run(argv, where(desk), NULL, &text, NULL, err);

	if (status != 0)
		return status;
	cursor = itsm_arena_strndup(arena, text.data ? text.data : "", text.length);
	while (*cursor) {
		itsm_arena_grow(arena, &list, &capacity, used, sizeof(*list));
		used += read_line(take(&cursor, '\n'), &list[used]);
	}
	itsm_buffer_free(&text);
	*out = list;
	*count = used;
	return 0;
}
