/* The lock that writers share, the journal they leave, and finishing what one left. */
#ifndef STORE_LOCK_H
#define STORE_LOCK_H

#include "internal.h"

/*
 * <common dir>/itsm/lock, by flock(2): it is gone with the process, and with those
 * of its children that move a branch. -1 in `lock` when it is still held after
 * so many milliseconds.
 */
int store_lock(const struct itsm_place *place, long wait, int *lock, struct itsm_error *err);
/* The same for a writer, who must have it: waits a minute. */
int store_lock_to_write(const struct itsm_place *place, int *lock, struct itsm_error *err);
void store_unlock(int *lock);
/* A writer gives it up; whether it leaves its journal can be told only before. */
void store_end(struct itsm_repo *repo, int *lock);

/*
 * <git dir>/itsm/pending. It says from which commit to which the work tree and
 * git's index are to be brought if the branch has moved, and which reference an
 * import was built on. Lines:
 *
 *   itsm pending 1
 *   base <commit>   zero for an unborn branch
 *   next <commit>   left out while there is none
 *   partly          files may be half written (git wrote them)
 *   scratch <ref>   to be deleted
 *   import <number> the process that builds it; its report of failure is to be deleted
 */
struct store_journal {
	struct itsm_oid base, next;
	bool partly;
	char scratch[80];
	long import;
};

/* A file of ours below the git dir, written and synced; -1 with errno, and half a file perhaps. */
int store_write_over(const char *path, const struct itsm_buffer *text);

int store_journal_write(const struct itsm_place *place, const struct store_journal *journal, struct itsm_error *err);
/* ITSM_ENOTFOUND when there is none. */
int store_journal_read(const struct itsm_place *place, struct store_journal *out, struct itsm_error *err);
int store_journal_remove(const struct itsm_place *place, struct itsm_error *err);

/* recover.c: finish what a killed writer left; the lock must be held. */
int store_recover(struct itsm_repo *repo, struct itsm_error *err);

#endif
