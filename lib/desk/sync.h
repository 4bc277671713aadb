/* What the files of `itsm sync` share. */
#ifndef ITSM_LIB_DESK_SYNC_H
#define ITSM_LIB_DESK_SYNC_H

#include "desk.h"
#include "itsm/exchange.h"

struct syncing {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	const struct itsm_sync_options *options;
	struct itsm_sync_result *result;
	struct itsm_error *err;
	const char *theirs;    /* the branch there: "refs/heads/main" */
	const char *tracking;  /* what is known of it here: "refs/remotes/origin/main" */
	const char *setting;   /* of git's configuration: the merge driver */
	bool known;            /* the branch is there */
	struct itsm_error race; /* what the last round failed by */
};

/* Run git in the desk; what it prints, without the last newline, in the arena. NULL when it failed or said nothing. */
const char *sync_ask(struct syncing *syncing, const char *const *argv);
/* Did git stumble over another one's lock? */
bool sync_is_race(const struct itsm_error *failure);
/* End a round as one to be tried again, or for good. */
int sync_race(struct syncing *syncing, const struct itsm_error *failure);
int sync_fail(struct syncing *syncing, int status, const struct itsm_error *failure);

/* sync_merge.c: the driver as this very program, whatever the PATH says: `-c merge.itsm.driver=...`. */
const char *sync_driver(struct syncing *syncing);
/*
 * Merge what is known of the remote's branch into ours, which has so many commits
 * of its own. ITSM_EREFUSED with the result's conflicts filled where a person is needed.
 */
int sync_merge(struct syncing *syncing, struct itsm_write *write, size_t ours);

#endif
