/*
 * Moving the branch on to a commit that is made already (an import, a merge): is
 * anything of the user's in the way (git says, by a dry run of the checkout)? ->
 * journal -> branch -> checkout -> no journal. It is the two-way merge of `git
 * read-tree -m -u`: unsaved and staged work elsewhere is carried along, and what
 * would be overwritten stops it.
 *
 * git's index is locked all the time (hold.c says why), so git is given a copy to
 * work on, which then takes the place of the index.
 */
#include "advance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "itsm/file.h"
#include "lock.h"

#define INDEX_MAX ((size_t)4 << 30)
#define EMPTY_TREE "4b825dc642cb6eb9a060e54bf8d69288fbee4904"

void store_advance_clean(const struct itsm_place *place)
{
	struct itsm_arena *arena = itsm_arena_new();

	unlink(itsm_arena_printf(arena, "%s/" STORE_INDEX_COPY, place->git_dir));
	unlink(itsm_arena_printf(arena, "%s/" STORE_INDEX_COPY ".lock", place->git_dir));
	itsm_arena_free(arena);
}

struct step {
	const struct itsm_place *place;
	int lock;
	char from[41], to[41];
	const char *index;    /* a copy of git's, that git works on while its own is locked */
	const char *variable; /* which says so to git */
	struct store_child holder;
};

/* The copy is made anew where git has none yet: it makes one. */
static int copy_index(struct step *step, struct itsm_arena *arena, struct itsm_error *err)
{
	const char *path = itsm_arena_printf(arena, "%s/index", step->place->git_dir);
	struct itsm_buffer content = {0};
	int status = itsm_file_read(AT_FDCWD, path, INDEX_MAX, &content, err);

	if (!status)
		status = itsm_folder_make(AT_FDCWD, itsm_arena_printf(arena, "%s/itsm", step->place->git_dir), err);
	if (!status && store_write_over(step->index, &content) < 0)
		status = itsm_error_set(err, ITSM_EIO, "cannot write '%s': %s", step->index, strerror(errno));
	itsm_buffer_free(&content);
	return status == ITSM_ENOTFOUND ? ITSM_OK : status;
}

/* Lock git's index, and have a copy of it. */
static int begin(struct step *step, struct itsm_arena *arena, struct itsm_error *err)
{
	int status;

	store_advance_clean(step->place);
	step->index = itsm_arena_printf(arena, "%s/" STORE_INDEX_COPY, step->place->git_dir);
	step->variable = itsm_arena_printf(arena, "GIT_INDEX_FILE=%s", step->index);
	status = store_updater_start(&step->holder, step->place, err);
	if (!status)
		status = store_index_hold(&step->holder, step->place, err);
	return status ? status : copy_index(step, arena, err);
}

/* git, working on the copy. It holds our lock too: when we are killed, nobody mends files that it is still writing. */
static int run_on_copy(const struct step *step, const char *const *argv, struct itsm_error *err)
{
	const char *const variables[] = {step->variable, NULL};
	const struct store_start start = {argv, store_directory(step->place), NULL, variables, STORE_CHILD_GIT,
		step->lock};
	struct store_child child = STORE_CHILD_NONE;
	int status = store_child_start(&child, &start, err);

	return status ? status : store_child_end(&child, NULL, err);
}

static int check_out(const struct step *step, bool dry, struct itsm_error *err)
{
	const char *const argv[] = {"git", "-c", "checkout.workers=0", "read-tree", dry ? "-nmu" : "-mu", step->from,
		step->to, NULL};

	return run_on_copy(step, argv, err);
}

/* The copy becomes git's index. */
static int settle(const struct step *step, struct itsm_arena *arena)
{
	return rename(step->index, itsm_arena_printf(arena, "%s/index", step->place->git_dir)) < 0 ? ITSM_EIO : ITSM_OK;
}

/* Told nothing, the holder lets go of git's index without a change. */
static void end(struct step *step)
{
	store_child_end(&step->holder, NULL, NULL);
	if (step->index)
		store_advance_clean(step->place);
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
		run_on_copy(step, refresh, NULL);
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

static int advance_step(const struct store_advance *advance, struct step *step, struct itsm_arena *arena,
	struct itsm_error *err)
{
	const struct itsm_place *place = advance->place;
	struct store_journal journal = {.base = advance->base, .next = advance->next, .partly = true};
	int status = ITSM_OK;

	if (advance->scratch)
		strncpy(journal.scratch, advance->scratch, sizeof(journal.scratch) - 1);
	if (place->work_tree)
		status = begin(step, arena, err);
	if (!status && place->work_tree)
		status = check_room(step, err);
	if (!status)
		status = store_journal_write(place, &journal, err);
	if (!status)
		status = move_branch(advance, err);
	if (status)
		return status;
	/* The move has happened; what of its files is not there yet is in the journal. */
	if (!place->work_tree || (check_out(step, false, NULL) == ITSM_OK && settle(step, arena) == ITSM_OK))
		store_journal_remove(place, NULL);
	return ITSM_OK;
}

int store_advance(const struct store_advance *advance, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct step step = {.place = advance->place, .lock = advance->lock, .from = EMPTY_TREE, .holder = STORE_CHILD_NONE};
	int status;

	if (!itsm_oid_is_zero(&advance->base))
		itsm_oid_text(&advance->base, step.from);
	itsm_oid_text(&advance->next, step.to);
	status = advance_step(advance, &step, arena, err);
	end(&step);
	itsm_arena_free(arena);
	return status;
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
