/* A repository of code, which may be the desk's own or any other. */
#ifndef ITSM_LIB_DESK_CODE_H
#define ITSM_LIB_DESK_CODE_H

#include "desk.h"

struct code_commit {
	const char *name, *author, *mail, *subject;
	int64_t seconds;
};

struct code_range {
	struct code_commit *commits; size_t commit_count; /* newest first */
	const char **files; size_t file_count;            /* changed since the merge base, but for those of the desk */
	const char **remotes; size_t remote_count;        /* addresses, as code_address has them */
};

/* What BASE..HEAD brings, in the arena. `folder` NULL = the desk's repository. */
int code_read(struct itsm_desk *desk, struct itsm_arena *arena, const char *folder, const char *range,
	struct code_range *out, struct itsm_error *err);
/* The commits of a range alone; ITSM_ELIMIT beyond `limit` of them. */
int code_commits(struct itsm_desk *desk, struct itsm_arena *arena, const char *folder, const char *range, size_t limit, struct code_range *out,
	struct itsm_error *err);
/* The full name of a revision's commit. */
int code_resolve(struct itsm_desk *desk, struct itsm_arena *arena, const char *folder, const char *revision, const char **name,
	struct itsm_error *err);
/* Is one commit part of the other's history? */
bool code_is_ancestor(struct itsm_desk *desk, const char *folder, const char *old_name, const char *new_name);
/*
 * Run git there, as itsm_program_run does. Where that is not the desk's own repository, its configuration is somebody
 * else's: what a partial clone lacks is not fetched as it says.
 */
int code_git(struct itsm_desk *desk, const char *folder, const char *const *argv, struct itsm_buffer *out, struct itsm_error *err);
/* host/path of an address of a repository, without user, scheme and .git, so that two can be compared. */
const char *code_address(struct itsm_arena *arena, const char *url);
/* Does the glob match the path, as git's :(glob) does? */
bool code_matches(const char *glob, const char *path);
/* The desk's own repository where `folder` is NULL. */
const char *code_folder(const struct itsm_desk *desk, const char *folder);
/* One line: control characters and what is not UTF-8 replaced. */
const char *code_line(struct itsm_arena *arena, const char *text, size_t length);

/* Findings where it may not be deployed now: ITSM_EREFUSED, or as warnings when it is forced. IDs, or NULL. */
int deploy_ask_gate(struct itsm_desk *desk, const char *change, const char *release, bool forced,
	struct itsm_outcome *outcome, struct itsm_error *err);

/* The first column of a query's rows, NULL-terminated, in the arena. */
int desk_query_list(struct itsm_index *index, struct itsm_arena *arena, const char *sql, const char *value,
	const char ***out, size_t *count, struct itsm_error *err);

#endif
