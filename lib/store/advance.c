/*
 * Moving the branch on to a commit that is made already (an import, a merge): is
 * anything of the user's in the way (git says, by a dry run of the checkout)? ->
 * journal -> branch -> checkout -> no journal. It is the two-way merge of `git
 * read-tree -m -u`: unsaved and staged work elsewhere is carried along, and what
 * would be overwritten stops it.
 */
#include "advance.h"

#include <string.h>
#include <time.h>

#include "lock.h"

#define EMPTY_TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
#define LOCK_TRIES 100 /* while another process holds git's index ... */
#define LOCK_PAUSE 20  /* ... with so many milliseconds in between */

struct step {
	const struct itsm_place *place;
	char from[41], to[41];
};

static int check_out(const struct step *step, bool dry, struct itsm_error *err)
{
	const char *const argv[] = {"git", "-c", "checkout.workers=0", "read-tree", dry ? "-nmu" : "-mu", step->from,
		step->to, NULL};
	const struct timespec pause = {0, LOCK_PAUSE * 1000000};
	struct itsm_error why = {0};
	int tries, status;

	for (tries = 0;; tries++) {
		status = store_git_run(step->place, argv, NULL, NULL, NULL, &why);
		if (!status || !strstr(why.message, "index.lock") || tries == LOCK_TRIES)
			break;
		nanosleep(&pause, NULL);
	}
	return status ? itsm_error_set(err, status, "%s", why.message) : ITSM_OK;
}

/* What git says of the user's own files, in the words of its "C" locale; anything else is git's own trouble. */
static bool names_work(const struct itsm_error *why)
{
	return strstr(why->message, "uptodate") || strstr(why->message, "overwritten") ||
		strstr(why->message, "would lose") || strstr(why->message, "removed by");
}

/* Files that are only touched, not changed, are no obstacle: git finds that out when it refreshes its index. */
static int check_room(const struct step *step, struct itsm_error *err)
{
	const char *const refresh[] = {"git", "update-index", "-q", "--refresh", NULL};
	struct itsm_error why = {0};
	int status = check_out(step, true, &why);

	if (status && strstr(why.message, "uptodate")) {
		store_git_run(step->place, refresh, NULL, NULL, NULL, NULL);
		status = check_out(step, true, &why);
	}
	if (!status)
		return ITSM_OK;
	if (!names_work(&why))
		return itsm_error_set(err, status, "%s", why.message);
	return itsm_error_set(err, ITSM_EREFUSED, "unsaved work is in the way: %s; commit, stash or undo that first",
		why.message);
}

/* The branch moves and the scratch reference goes, both or none. */
static int move_branch(const struct store_advance *advance, struct itsm_error *err)
{
	const struct store_move move = {advance->branch, advance->base, advance->next, advance->scratch,
		advance->message, advance->lock};
	struct store_child mover = STORE_CHILD_NONE;
	int status = store_branch_check(advance->place, advance->branch, &advance->base, err);

	if (!status)
		status = store_branch_ready(&mover, advance->place, advance->message, advance->lock, err);
	return status ? status : store_branch_move(&mover, advance->place, &move, err);
}

int store_advance(const struct store_advance *advance, struct itsm_error *err)
{
	const struct itsm_place *place = advance->place;
	struct store_journal journal = {.base = advance->base, .next = advance->next, .partly = true};
	struct step step = {.place = place};
	int status = ITSM_OK;

	if (advance->scratch)
		strncpy(journal.scratch, advance->scratch, sizeof(journal.scratch) - 1);
	strcpy(step.from, EMPTY_TREE);
	if (!itsm_oid_is_zero(&advance->base))
		itsm_oid_text(&advance->base, step.from);
	itsm_oid_text(&advance->next, step.to);
	if (place->work_tree)
		status = check_room(&step, err);
	if (!status)
		status = store_journal_write(place, &journal, err);
	if (!status)
		status = move_branch(advance, err);
	if (status)
		return status;
	/* The move has happened; what of its files is not there yet is in the journal. */
	if (!place->work_tree || check_out(&step, false, NULL) == ITSM_OK)
		store_journal_remove(place, NULL);
	return ITSM_OK;
}

int itsm_write_advance(
	struct itsm_write *write, const struct itsm_oid *commit, const char *message, struct itsm_error *err)
{
	const struct itsm_place *place = &write->repo->place;
	const struct store_advance advance = {place, write->lock, write->branch, write->base, *commit, NULL, message};
	int status;

	if (itsm_oid_equal(&write->base, commit))
		return ITSM_OK;
	status = store_advance(&advance, err);
	/* A journal of a move that did not happen has nothing to be brought along. */
	if (status && store_branch_check(place, write->branch, commit, NULL))
		store_journal_remove(place, NULL);
	return status;
}

int itsm_write_run(struct itsm_write *write, const char *const *argv, struct itsm_error *err)
{
	struct store_child child = STORE_CHILD_NONE;
	int status = store_git_start_locked(&child, &write->repo->place, argv, 0, write->lock, err);

	return status ? status : store_child_end(&child, NULL, err);
}
