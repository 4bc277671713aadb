/* What blame.c and blame_git.c share. */
#ifndef ITSM_LIB_DESK_BLAME_H
#define ITSM_LIB_DESK_BLAME_H

#include "desk.h"

/* Who wrote each line of a file, from `git blame`. */
struct blame_lines {
	const struct itsm_blame_source **items; /* by line number from 1; NULL: git did not tell */
	size_t count, capacity;
};
/*
 * Of the file at a path of the desk: in the work tree (commit NULL) or at a
 * commit. A file that git does not know leaves `out` empty.
 */
int desk_blame_lines(struct itsm_desk *desk, struct itsm_arena *arena, const char *path, const struct itsm_oid *commit,
	struct blame_lines *out, struct itsm_error *err);

#endif
