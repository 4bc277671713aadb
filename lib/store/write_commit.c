/* The act itself: see write.h for the order of things. */
#include <string.h>

#include "lock.h"
#include "write.h"

#define PACK_FROM 100 /* files: from here on they go into a pack, as many of a fetch do (transfer.unpackLimit) */

struct act {
	struct itsm_write *write;
	const char *message; /* ends in a newline */
	struct itsm_person_time author, committer;
	bool sign;
	git_oid tree, commit;
};

/* One path's two sides. */
static int settle_change(struct itsm_write *write, git_tree *base, struct store_folder *folder, struct store_change *change,
	struct itsm_error *err)
{
	int status = store_tree_file(write->repo, base, folder, change->path, &change->base.mode, &change->base.blob, err);

	if (status)
		return status;
	if (change->base.mode == GIT_FILEMODE_LINK || change->base.mode == GIT_FILEMODE_COMMIT)
		return itsm_error_set(err, ITSM_EREFUSED, "'%s' is a link or a submodule, not a file; remove it first",
			change->path);
	if (change->next.mode && change->base.mode)
		change->next.mode = change->base.mode;
	if (change->next.mode)
		itsm_blob_hash(change->data, change->length, &change->next.blob);
	return ITSM_OK;
}

static int write_blobs(struct itsm_write *write, struct itsm_error *err)
{
	const struct store_changes *changes = &write->changes;
	const struct store_change *change;
	git_oid blob;
	size_t i;

	if (changes->count >= PACK_FROM)
		return store_pack_start(write, err);
	for (i = 0; i < changes->count; i++) {
		change = &changes->items[i];
		if (change->next.mode && git2.blob_create_from_buffer(&blob, write->repo->git, change->data, change->length) < 0)
			return store_git_error(err, ITSM_EGIT, "cannot write '%s' to the repository", change->path);
	}
	return ITSM_OK;
}

/* What changes nothing is dropped. */
static int settle_changes(struct itsm_write *write, git_tree *base, struct itsm_error *err)
{
	struct store_changes *changes = &write->changes;
	struct store_folder folder = {0};
	size_t i, count = 0;
	int status = ITSM_OK;

	for (i = 0; i < changes->count && !status; i++) {
		status = settle_change(write, base, &folder, &changes->items[i], err);
		if (!status && !store_file_equal(&changes->items[i].base, &changes->items[i].next))
			changes->items[count++] = changes->items[i];
	}
	store_folder_leave(&folder);
	if (!status)
		changes->count = count;
	return status;
}

static int settle_tree(struct act *act, struct itsm_error *err)
{
	struct itsm_write *write = act->write;
	git_tree *base;
	int status = store_commit_tree(write->repo, &write->base, &base, err);

	if (!status)
		status = settle_changes(write, base, err);
	if (!status)
		status = write_blobs(write, err);
	if (!status && write->changes.count)
		status = store_write_tree(write->repo, base, &write->changes, &act->tree, err);
	git2.tree_free(base);
	return status;
}

/* Who writes, where that is not told: as git has said, or says when asked for it alone. */
static int settle_author(struct act *act, struct itsm_error *err)
{
	struct itsm_write *write = act->write;
	struct store_child child = STORE_CHILD_NONE;
	int status = ITSM_OK;

	if (!write->people.sure) {
		status = store_identity_ask(&child, &write->repo->place, "GIT_AUTHOR_IDENT", err);
		if (!status)
			status = store_identity_answer(&child, write->arena, &write->people.author, err);
	}
	act->author = write->people.author;
	return status;
}

/* Who and when, and whether to sign. */
static int settle_people(struct act *act, const struct itsm_person_time *author, int64_t now, int offset,
	struct itsm_error *err)
{
	struct itsm_write *write = act->write;
	int status = itsm_write_identity(write, &act->committer, err);

	act->committer.seconds = now;
	act->committer.offset_minutes = offset;
	if (!status && author) {
		act->author = *author;
		act->author.name = store_identity_clean(write->arena, author->name);
		act->author.mail = store_identity_clean(write->arena, author->mail);
	} else if (!status) {
		status = settle_author(act, err);
		act->author.seconds = now;
		act->author.offset_minutes = offset;
	}
	act->sign = write->people.sign;
	return status || write->people.sign_sure ? status : store_signing(&write->repo->place, &act->sign, err);
}

static const char *date(struct itsm_arena *arena, const char *variable, const struct itsm_person_time *person)
{
	int minutes = person->offset_minutes < 0 ? -person->offset_minutes : person->offset_minutes;

	return itsm_arena_printf(arena, "%s=@%lld %c%02d%02d", variable, (long long)person->seconds,
		person->offset_minutes < 0 ? '-' : '+', minutes / 60, minutes % 60);
}

/* libgit2 signs nothing: git makes the commit, with the key and the program that it is configured for. */
static int make_signed(struct act *act, struct itsm_error *err)
{
	struct itsm_arena *arena = act->write->arena;
	char tree[41], parent[41];
	const char *argv[] = {"git", "-c", "i18n.commitEncoding=UTF-8", "commit-tree", "-S", "-F", "-", tree, NULL,
		NULL, NULL};
	const char *variables[] = {
		itsm_arena_printf(arena, "GIT_AUTHOR_NAME=%s", act->author.name),
		itsm_arena_printf(arena, "GIT_AUTHOR_EMAIL=%s", act->author.mail),
		date(arena, "GIT_AUTHOR_DATE", &act->author),
		itsm_arena_printf(arena, "GIT_COMMITTER_NAME=%s", act->committer.name),
		itsm_arena_printf(arena, "GIT_COMMITTER_EMAIL=%s", act->committer.mail),
		date(arena, "GIT_COMMITTER_DATE", &act->committer),
		NULL,
	};
	const struct itsm_buffer message = {(char *)act->message, strlen(act->message), 0};
	struct store_start start = {argv, store_directory(&act->write->repo->place), &message, variables,
		STORE_CHILD_OUTPUT | STORE_CHILD_GIT, 0};
	struct store_child child = STORE_CHILD_NONE;
	struct itsm_buffer out = {0};
	int status;

	git2.oid_tostr(tree, sizeof(tree), &act->tree);
	itsm_oid_text(&act->write->base, parent);
	if (!itsm_oid_is_zero(&act->write->base)) {
		argv[8] = "-p";
		argv[9] = parent;
	}
	status = store_child_start(&child, &start, err);
	if (!status)
		status = store_child_collect(&child, &out, NULL, err);
	if (!status && (out.length < 40 || git2.oid_fromstrn(&act->commit, out.data, 40) < 0))
		status = itsm_error_set(err, ITSM_EGIT, "git does not name the commit that it signed");
	itsm_buffer_free(&out);
	return status;
}

static int make_commit(struct act *act, struct itsm_error *err)
{
	git_oid base = store_git_oid(&act->write->base);
	const git_oid *parents[] = {&base};
	git_signature *author = NULL, *committer = NULL;
	int number;

	if (act->sign)
		return make_signed(act, err);
	number = git2.signature_new(&author, act->author.name, act->author.mail, act->author.seconds,
		act->author.offset_minutes);
	if (number == 0)
		number = git2.signature_new(&committer, act->committer.name, act->committer.mail, act->committer.seconds,
			act->committer.offset_minutes);
	if (number == 0)
		number = git2.commit_create_from_ids(&act->commit, act->write->repo->git, NULL, author, committer, NULL,
			act->message, &act->tree, !itsm_oid_is_zero(&act->write->base), parents);
	git2.signature_free(author);
	git2.signature_free(committer);
	return number < 0 ? store_git_error(err, ITSM_EGIT, "cannot write the commit") : ITSM_OK;
}

/* What the index says of these paths, with the index locked from then on. */
static int lock_index(struct itsm_write *write, struct itsm_error *err)
{
	bool renewed;
	int status = store_index_hold(&write->updater, &write->repo->place, &renewed, err);

	if (!status && renewed) {
		store_child_kill(&write->index);
		status = store_index_ask(&write->index, write->repo, &write->changes, err);
	}
	return status ? status : store_index_answer(&write->index, &write->changes, err);
}

/* The commit's tree, once nothing of the user's is found in the way. git reads its index meanwhile. */
static int prepare(struct act *act, struct itsm_error *err)
{
	struct itsm_write *write = act->write;
	bool has_work_tree = write->repo->place.work_tree != NULL;
	int status = ITSM_OK;

	store_changes_sort(&write->changes);
	if (has_work_tree && write->changes.count) {
		status = store_index_ask(&write->index, write->repo, &write->changes, err);
		if (!status)
			status = store_updater_start(&write->updater, &write->repo->place, err);
	}
	if (!status && write->changes.count)
		status = store_branch_ready(&write->mover, &write->repo->place, act->message, write->lock, err);
	if (!status)
		status = settle_tree(act, err);
	if (status || !write->changes.count || !has_work_tree)
		return status;
	status = store_look_at_work_tree(write->repo, &write->changes, err);
	if (!status)
		status = lock_index(write, err);
	return status ? status : store_write_check(&write->changes, write->repo->place.prefix, err);
}

/*
 * From here on the commit exists. Files that cannot be put in place now (a full
 * disk) stay in the journal, and the write has still happened.
 */
static int publish(struct act *act, const struct itsm_oid *commit, struct itsm_error *err)
{
	struct itsm_write *write = act->write;
	const struct itsm_place *place = &write->repo->place;
	const struct store_journal journal = {.base = write->base, .next = *commit};
	const struct store_move move = {write->branch, write->base, *commit, NULL, act->message, write->lock};
	int status = store_branch_check(place, write->branch, &write->base, err);

	if (status)
		return status;
	if (place->work_tree)
		status = store_journal_write(place, &journal, err);
	if (!status)
		status = store_branch_move(&write->mover, place, &move, err);
	if (status) { /* a journal that could not be made to last is there all the same */
		store_journal_remove(place, NULL);
		return status;
	}
	if (place->work_tree && store_land(write->repo, &write->changes, &write->updater, NULL) == ITSM_OK)
		store_journal_remove(place, NULL);
	return ITSM_OK;
}

int itsm_write_commit(struct itsm_write *write, const char *message, const struct itsm_person_time *author,
	int64_t now, int now_offset_minutes, struct itsm_oid *out, struct itsm_error *err)
{
	struct act act = {.write = write};
	size_t length = strlen(message);
	struct itsm_oid commit;
	int status;

	act.message = itsm_arena_printf(write->arena, "%s%s", message, length &&
		message[length - 1] == '\n' ? "" : "\n");
	status = prepare(&act, err);
	if (status)
		return status;
	if (!write->changes.count) {
		*out = write->base;
		return ITSM_OK;
	}
	status = settle_people(&act, author, now, now_offset_minutes, err);
	if (!status)
		status = store_pack_end(write, err);
	if (!status)
		status = make_commit(&act, err);
	if (status)
		return status;
	commit = store_oid(&act.commit);
	status = publish(&act, &commit, err);
	if (!status)
		*out = commit;
	return status;
}
