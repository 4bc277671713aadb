/* Moving a branch: compare-and-swap, whoever else writes. */
#include <stdio.h>
#include <string.h>

#include "write.h"

/*
 * While another git holds the reference's lock. git waits longer and longer between its looks, so it may
 * miss every moment in which the lock of a busy neighbour is free: it is started anew instead.
 */
#define LOCK_WAIT "250" /* milliseconds */
#define LOCK_TRIES 40

static int moved(struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_ERACE, "somebody else committed at the same time; try again");
}

int store_branch_check(const struct itsm_place *place, const char *branch, const struct itsm_oid *commit,
	struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_oid head;
	const char *now;
	int status = itsm_place_head(arena, place, &head, &now, err);

	if (!status && (!itsm_oid_equal(&head, commit) || !branch != !now || (branch && strcmp(branch, now) != 0)))
		status = moved(err);
	itsm_arena_free(arena);
	return status;
}

int store_branch_ready(struct store_child *mover, const struct itsm_place *place, const char *message, int lock,
	struct itsm_error *err)
{
	char reason[200];
	const char *const argv[] = {"git", "-c", "core.filesRefLockTimeout=" LOCK_WAIT, "update-ref", "-m", reason,
		"--stdin",
		NULL};

	snprintf(reason, sizeof(reason), "itsm: %.*s", (int)strcspn(message, "\n"), message);
	return store_git_start_locked(mover, place, argv, STORE_CHILD_INPUT, lock, err);
}

/* Without "commit" nothing happens: a half-sent text is none. */
static int tell(struct store_child *mover, const struct store_move *move, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	char from[41], to[41];

	itsm_oid_text(&move->from, from);
	itsm_oid_text(&move->to, to);
	itsm_buffer_printf(&text, "start\nupdate %s %s %s\n", move->branch ? move->branch : "HEAD", to, from);
	if (move->scratch)
		itsm_buffer_printf(&text, "delete %s %s\n", move->scratch, to);
	itsm_buffer_puts(&text, "commit\n");
	store_child_send(mover, text.data, text.length);
	itsm_buffer_free(&text);
	return store_child_end(mover, NULL, err);
}

int store_branch_move(struct store_child *mover, const struct itsm_place *place, const struct store_move *move,
	struct itsm_error *err)
{
	struct itsm_error why = {0};
	int tries, status;

	for (tries = 0;; tries++) {
		status = tell(mover, move, &why);
		/* However it ended: where the branch is counts. */
		if (!status || store_branch_check(place, move->branch, &move->to, NULL) == ITSM_OK)
			return ITSM_OK;
		if (store_branch_check(place, move->branch, &move->from, NULL) == ITSM_ERACE)
			return moved(err);
		if (!strstr(why.message, "File exists") || tries == LOCK_TRIES)
			return itsm_error_set(err, status, "%s", why.message);
		status = store_branch_ready(mover, place, move->message, move->lock, err);
		if (status)
			return status;
	}
}
