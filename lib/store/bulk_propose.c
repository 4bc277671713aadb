/* The other end of a bulk write: what fast-import made becomes a branch for others to look at. */
#include <string.h>

#include "bulk.h"

struct proposing {
	struct itsm_bulk *bulk;
	const char *name, *ref;
	const char *trailer, *value;
	char old[41];             /* "" for a new branch */
	struct itsm_error *err;
};

static int ask(const struct proposing *proposing, const char *const *argv, struct itsm_buffer *answer, int *code)
{
	int status;

	itsm_buffer_clear(answer);
	status = store_git_run(&proposing->bulk->repo->place, argv, NULL, answer, code, code ? NULL : proposing->err);
	while (answer->length && answer->data[answer->length - 1] == '\n')
		answer->data[--answer->length] = '\0';
	return status;
}

static int check_name(const struct proposing *proposing, struct itsm_buffer *answer)
{
	const char *const argv[] = {"git", "check-ref-format", "--branch", proposing->name, NULL};
	int code = 0;

	if (*proposing->name == '-' || ask(proposing, argv, answer, &code) != ITSM_OK)
		return itsm_error_set(proposing->err, ITSM_EUSAGE, "'%s' is no name for a branch", proposing->name);
	return ITSM_OK;
}

/* Nobody works on it, in this work tree or another. */
static int check_not_used(const struct proposing *proposing, struct itsm_buffer *answer)
{
	static const char *const argv[] = {"git", "worktree", "list", "--porcelain", NULL};
	const char *line;
	int status = ask(proposing, argv, answer, NULL);

	for (line = answer->data; !status && line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		size_t length = strcspn(line, "\n");

		if (strncmp(line, "branch ", 7) == 0 && length - 7 == strlen(proposing->ref) &&
		    strncmp(line + 7, proposing->ref, length - 7) == 0)
			status = itsm_error_set(proposing->err, ITSM_EREFUSED,
				"the branch '%s' is checked out; give another one", proposing->name);
	}
	return status;
}

/* Every commit that it has beyond the base is a proposal of before. */
static int check_ours(const struct proposing *proposing, const char *base, struct itsm_buffer *answer)
{
	struct itsm_arena *arena = proposing->bulk->arena;
	const char *format = itsm_arena_printf(arena, "--format=%%H %%(trailers:key=%s,valueonly,separator=%%x2C)", proposing->trailer);
	const char *const argv[] = {"git", "log", format, itsm_arena_printf(arena, "%s..%s", base, proposing->old), "--", NULL};
	const char *line;
	int status = ask(proposing, argv, answer, NULL);

	for (line = answer->data; !status && line && *line; line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		size_t length = strcspn(line, "\n");

		if (length < 41 || length - 41 != strlen(proposing->value) || strncmp(line + 41, proposing->value, length - 41) != 0)
			status = itsm_error_set(proposing->err, ITSM_EREFUSED,
				"the branch '%s' has commits of somebody's (%.8s); merge or delete it, or give another one",
				proposing->name, line);
	}
	return status;
}

/* The tree and the parents of a commit, in one text. */
static int shape(const struct proposing *proposing, const char *commit, struct itsm_buffer *answer)
{
	const char *const argv[] = {"git", "log", "-1", "--format=%T %P", commit, "--", NULL};

	return ask(proposing, argv, answer, NULL);
}

static int find_old(struct proposing *proposing, const char *base, const char *made, bool *same)
{
	const char *const argv[] = {"git", "rev-parse", "--verify", "--quiet",
		itsm_arena_printf(proposing->bulk->arena, "%s^{commit}", proposing->ref), NULL};
	struct itsm_buffer answer = {0}, other = {0};
	int code = 0, status = check_name(proposing, &answer);

	*same = false;
	if (!status && ask(proposing, argv, &answer, &code) == ITSM_OK && answer.length == 40) {
		memcpy(proposing->old, answer.data, 41);
		if (!(status = shape(proposing, proposing->old, &answer)) && !(status = shape(proposing, made, &other)))
			*same = strcmp(answer.data, other.data) == 0;
		if (!status && !*same)
			status = check_ours(proposing, base, &answer);
	}
	if (!status && !*same)
		status = check_not_used(proposing, &answer);
	itsm_buffer_free(&answer);
	itsm_buffer_free(&other);
	return status;
}

static int publish(struct proposing *proposing, struct itsm_oid *commit, bool *written)
{
	const struct itsm_bulk *bulk = proposing->bulk;
	char base[41], made[41];
	const char *const argv[] = {"git", "update-ref", "-m", "itsm: proposal", proposing->ref, made, proposing->old, NULL};
	struct itsm_buffer answer = {0};
	bool same;
	int status;

	itsm_oid_text(&bulk->base, base);
	itsm_oid_text(commit, made);
	if ((status = find_old(proposing, base, made, &same)) != ITSM_OK)
		return status;
	*written = !same;
	if (same)
		return itsm_oid_parse(proposing->old, commit) ? ITSM_OK
			: itsm_error_set(proposing->err, ITSM_EGIT, "git names a commit '%s'", proposing->old);
	if (!*proposing->old)
		memset(proposing->old, '0', 40);
	status = ask(proposing, argv, &answer, NULL);
	itsm_buffer_free(&answer);
	return status;
}

int itsm_bulk_propose(struct itsm_bulk *bulk, const char *branch, const char *trailer, const char *value,
	struct itsm_oid *out, bool *written, struct itsm_error *err)
{
	struct proposing proposing = {.bulk = bulk, .name = branch, .trailer = trailer, .value = value, .err = err};
	struct itsm_oid commit;
	int status = store_bulk_finish(bulk, &commit, err);

	proposing.ref = itsm_arena_printf(bulk->arena, "refs/heads/%s", branch);
	if (!status && itsm_oid_is_zero(&bulk->base))
		status = itsm_error_set(err, ITSM_EREFUSED, "nothing is committed yet to propose a change of");
	if (!status)
		status = publish(&proposing, &commit, written);
	if (!status)
		*out = commit;
	itsm_bulk_abort(bulk);
	return status;
}
