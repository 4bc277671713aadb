/*
 * A write on its way:
 *
 *   begin    the lock; what a killed writer left is finished; git is asked who commits
 *   commit   what differs (change.h) -> is anything of the user's in the way? ->
 *            objects -> journal -> branch -> work tree and git's index -> no journal
 *
 * git's index is read by a `git update-index` that is started early and told
 * what to change late: while it waits it holds index.lock (hold.c sees to it), so that
 * nothing is staged between the check and the update, and nothing committed from the
 * old index upon the new branch; if we die it sees its input end.
 * The branch is moved by a `git update-ref` started early too: were it ours to
 * lock the reference, our death would leave it locked. It holds our lock as well,
 * so that nobody looks at the journal before it is through.
 */
#ifndef STORE_WRITE_H
#define STORE_WRITE_H

#include "change.h"
#include "identity.h"
#include "internal.h"

struct itsm_write {
	struct itsm_arena *arena;
	struct itsm_repo *repo;
	int lock;
	struct itsm_oid base;
	const char *branch; /* NULL when HEAD is detached */
	struct store_changes changes;
	struct store_people people; /* once git has said so: else the committer has no name */
	struct store_child asked, updater, mover, packer;
	const char *kept; /* the .keep of the pack that was written, or NULL */
};

/* write_check.c: ITSM_EREFUSED naming the paths where the user's own work is in the way. */
int store_write_check(const struct store_changes *changes, const char *prefix, struct itsm_error *err);

/*
 * write_pack.c: the new contents of all changes go into one pack: started, there when it has ended. Then
 * it is kept until it is let go, once the branch leads to what is in it, or nothing will.
 */
int store_pack_start(struct itsm_write *write, struct itsm_error *err);
int store_pack_end(struct itsm_write *write, struct itsm_error *err);
void store_pack_let_go(struct itsm_write *write);

/*
 * write_tree.c: the tree of the commit `base` (zero = empty) with the changes (sorted) made, in the repository. Fills in
 * each change's base, and the mode and name of its next.
 */
int store_write_tree(struct itsm_repo *repo, const struct itsm_oid *base, struct store_changes *changes,
	struct itsm_oid *out, struct itsm_error *err);

/*
 * write_branch.c: move a branch (NULL = the detached HEAD) from old (zero = unborn)
 * to new. Started, then told; started anew while another git has the reference locked. ITSM_ERACE.
 */
int store_branch_ready(struct store_child *mover, const struct itsm_place *place, const char *message, int lock,
	struct itsm_error *err);
struct store_move {
	const char *branch;
	struct itsm_oid from, to;
	const char *scratch; /* a reference to be deleted with it, or NULL */
	const char *message; /* the reflog's */
	int lock;            /* ours, for the program to hold too */
};
int store_branch_move(struct store_child *mover, const struct itsm_place *place, const struct store_move *move,
	struct itsm_error *err);
/* ITSM_ERACE unless HEAD is on this branch and commit. */
int store_branch_check(const struct itsm_place *place, const char *branch, const struct itsm_oid *commit,
	struct itsm_error *err);

#endif
