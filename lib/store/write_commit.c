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
	struct itsm_oid tree, commit;
};

static int write_blobs(struct itsm_write *write, struct itsm_error *err)
{
	const struct store_changes *changes = &write->changes;
	const struct store_change *change;
	struct itsm_oid blob;
	size_t i;
	int status = ITSM_OK;

	if (changes->count >= PACK_FROM)
		return store_pack_start(write, err);
	for (i = 0; i < changes->count && !status; i++) {
		change = &changes->items[i];
		if (change->next.mode)
			status = store_object_write(write->repo, STORE_BLOB, change->data, change->length, &blob, err);
	}
	return status;
}

/* What changes nothing is dropped. */
static void drop_same(struct store_changes *changes)
{
	size_t i, count = 0;

	for (i = 0; i < changes->count; i++)
		if (!store_file_equal(&changes->items[i].base, &changes->items[i].next))
			changes->items[count++] = changes->items[i];
	changes->count = count;
}

static int settle_tree(struct act *act, struct itsm_error *err)
{
	struct itsm_write *write = act->write;
	int status = store_write_tree(write->repo, &write->base, &write->changes, &act->tree, err);

	if (status)
		return status;
	drop_same(&write->changes);
	return write_blobs(write, err);
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

	itsm_oid_text(&act->tree, tree);
	itsm_oid_text(&act->write->base, parent);
	if (!itsm_oid_is_zero(&act->write->base)) {
		argv[8] = "-p";
		argv[9] = parent;
	}
	status = store_child_start(&child, &start, err);
	if (!status)
		status = store_child_collect(&child, &out, NULL, err);
	if (!status && !store_oid_parse(out.data, &act->commit))
		status = itsm_error_set(err, ITSM_EGIT, "git does not name the commit that it signed");
	itsm_buffer_free(&out);
	return status;
}

/* "author Ada <ada@example.org> 1700000000 +0100" */
static int add_person(struct itsm_buffer *text, const char *role, const struct itsm_person_time *person,
	struct itsm_error *err)
{
	int minutes = person->offset_minutes < 0 ? -person->offset_minutes : person->offset_minutes;

	itsm_buffer_printf(text, "%s ", role);
	if (!store_identity_write(text, person->name))
		return itsm_error_set(err, ITSM_EGIT, "cannot write the commit: its %s has no name", role);
	itsm_buffer_puts(text, " <");
	if (!store_identity_write(text, person->mail))
		return itsm_error_set(err, ITSM_EGIT, "cannot write the commit: its %s has no mail address", role);
	itsm_buffer_printf(text, "> %lld %c%02d%02d\n", (long long)person->seconds, person->offset_minutes < 0 ? '-' : '+',
		minutes / 60, minutes % 60);
	return ITSM_OK;
}

static int make_commit(struct act *act, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	char name[41];
	int status;

	if (act->sign)
		return make_signed(act, err);
	itsm_oid_text(&act->tree, name);
	itsm_buffer_printf(&text, "tree %s\n", name);
	itsm_oid_text(&act->write->base, name);
	if (!itsm_oid_is_zero(&act->write->base))
		itsm_buffer_printf(&text, "parent %s\n", name);
	status = add_person(&text, "author", &act->author, err);
	if (!status)
		status = add_person(&text, "committer", &act->committer, err);
	itsm_buffer_printf(&text, "\n%s", act->message);
	if (!status)
		status = store_object_write(act->write->repo, STORE_COMMIT, text.data, text.length, &act->commit, err);
	itsm_buffer_free(&text);
	return status;
}

/* What the index says of these paths, with the index locked from then on. */
static int lock_index(struct itsm_write *write, struct itsm_error *err)
{
	int status = store_index_hold(&write->updater, &write->repo->place, err);

	return status ? status : store_look_at_index(write->repo, &write->changes, err);
}

/* The commit's tree, once nothing of the user's is found in the way. git reads its index meanwhile. */
static int prepare(struct act *act, struct itsm_error *err)
{
	struct itsm_write *write = act->write;
	bool has_work_tree = write->repo->place.work_tree != NULL;
	int status = ITSM_OK;

	store_changes_sort(&write->changes);
	if (has_work_tree && write->changes.count)
		status = store_updater_start(&write->updater, &write->repo->place, err);
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
	status = publish(&act, &act.commit, err);
	if (!status)
		*out = act.commit;
	return status;
}
