/* What the files of `itsm undo` share. */
#ifndef ITSM_LIB_DESK_UNDO_H
#define ITSM_LIB_DESK_UNDO_H

#include "desk.h"
#include "itsm/exchange.h"

struct undoing {
	struct itsm_arena *arena;
	const char *revision;         /* or NULL */
	struct itsm_undo_result *result;
	struct itsm_oid wanted;       /* of revision */
	const char **undone;          /* names of commits that were taken back */
	size_t undone_count, undone_capacity;
	const char *other;            /* a write that somebody else made later, or NULL */
	bool found;
	struct desk_change *change;
	struct itsm_oid parent;
	const char *changed;          /* a file that is not as the write left it, or NULL */
	size_t before;                /* files that are as they were before the write */
	size_t path_capacity;
	struct itsm_error *err;
};

/* The value of a trailer in a commit's body, in the arena, or NULL. Trailers stand in the last paragraph. */
const char *undo_trailer(struct itsm_arena *arena, const char *body, const char *name);

/*
 * undo_find.c: the write to take back whose files are still as it left them, into
 * the result, with the files' names; `parent` is what they are to become.
 */
int undo_find(struct undoing *undoing, const struct itsm_oid *head);

#endif
