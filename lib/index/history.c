/*
 * History: commit_log, touch, change_event and the versions, up to one commit.
 *
 * One pass of `git log --raw`, parents first: numbers grow, so that the largest
 * is the newest. The meta value `history` is the commit it ends at, `shallow` what
 * the repository's list of cut-off commits was. When another commit is wanted, what is
 * not in its history is taken out, what is missing is read, and the mainline is laid
 * from where the two part.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "index.h"

#define PROGRESS_EVERY 1024

struct filling {
	struct itsm_index *index;
	struct itsm_error *err;
	struct index_batch batch;
	int64_t number;     /* of the commit */
	int64_t order;      /* of the change in it */
	size_t commits;
	struct itsm_oid last;       /* the commit that was read last, the parent of most */
	int64_t rank, depth;        /* its */
};

static bool is_same_person(const struct itsm_commit *commit)
{
	return strcmp(commit->author.name, commit->committer.name) == 0 &&
		strcmp(commit->author.mail, commit->committer.mail) == 0;
}

/* Where a commit stands in time: later than all that it stands on, whatever its clock said. */
static int find_rank(struct filling *filling, const struct itsm_commit *commit)
{
	int64_t rank = commit->committer.seconds, depth = 0;
	struct index_commit parent;
	int status;

	for (size_t i = 0; i < commit->parent_count; i++) {
		parent = (struct index_commit){.rank = filling->rank, .depth = filling->depth};
		if (!itsm_oid_equal(&commit->parents[i], &filling->last)) {
			if ((status = itsm_index_commit_get(filling->index, &commit->parents[i], &parent, filling->err)) < 0)
				return status;
			if (status == 0) /* cut off */
				continue;
		}
		rank = parent.rank > rank ? parent.rank : rank;
		depth = parent.depth + 1 > depth ? parent.depth + 1 : depth;
	}
	filling->last = commit->oid;
	filling->rank = rank;
	filling->depth = depth;
	return 0;
}

static int on_commit(void *context, const struct itsm_commit *commit)
{
	struct filling *filling = context;
	sqlite3_stmt *insert = itsm_index_statement(filling->index, SQL_COMMIT_INSERT, 0, filling->err);
	bool same = is_same_person(commit);
	int status;

	if (!insert)
		return ITSM_EINDEX;
	if ((status = find_rank(filling, commit)) != 0)
		return status;
	filling->number++;
	filling->order = 0;
	if (filling->commits++ % PROGRESS_EVERY == 0)
		itsm_index_progress(filling->index, "reading history", filling->commits, 0);
	sqlite3_bind_int64(insert, 1, filling->number);
	itsm_index_lend_oid(insert, 2, &commit->oid);
	itsm_index_lend_text(insert, 3, commit->author.name);
	itsm_index_lend_text(insert, 4, commit->author.mail);
	sqlite3_bind_int64(insert, 5, commit->author.seconds);
	sqlite3_bind_int(insert, 6, commit->author.offset_minutes);
	itsm_index_lend_text(insert, 7, same ? NULL : commit->committer.name);
	itsm_index_lend_text(insert, 8, same ? NULL : commit->committer.mail);
	sqlite3_bind_int64(insert, 9, commit->committer.seconds);
	sqlite3_bind_int(insert, 10, commit->committer.offset_minutes);
	itsm_index_lend_text(insert, 11, commit->subject);
	itsm_index_lend_text(insert, 12, commit->body);
	if (commit->parent_count)
		sqlite3_bind_blob64(insert, 13, commit->parents, commit->parent_count * sizeof(*commit->parents),
			SQLITE_STATIC);
	else
		sqlite3_bind_zeroblob(insert, 13, 0);
	sqlite3_bind_int64(insert, 14, filling->rank);
	sqlite3_bind_int64(insert, 15, filling->depth);
	return itsm_index_run(filling->index, insert, filling->err);
}

static int on_merge(void *context, const struct itsm_entry *sides, size_t count, const struct itsm_entry *new_entry)
{
	struct filling *filling = context;

	return itsm_index_batch_add(&filling->batch, filling->number, filling->order++, sides, count, new_entry,
		filling->err);
}

static int on_change(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct itsm_entry nothing = {0};

	nothing.path = new_entry ? new_entry->path : NULL;
	return on_merge(context, old_entry ? old_entry : &nothing, 1, new_entry);
}

static int clear(struct itsm_index *index, struct itsm_error *err)
{
	return itsm_index_execute_format(index, err, "INSERT OR REPLACE INTO itsm_loose SELECT new, %lld FROM itsm_touch"
		" WHERE new IS NOT NULL;"
		"DELETE FROM itsm_commit; DELETE FROM itsm_touch; DELETE FROM itsm_event; DELETE FROM itsm_mainline;"
		"DELETE FROM itsm_version; DELETE FROM itsm_path", (long long)index->options.now);
}

/* Read the commits that lead from what is known (NULL: nothing) to the head. */
static int read_commits(struct itsm_index *index, const struct itsm_oid *known, const struct itsm_oid *head,
	struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct filling filling = {.index = index, .err = err};
	struct itsm_history history = {on_commit, on_change, &filling, on_merge, true};
	sqlite3_stmt *largest = NULL;
	int status = itsm_index_prepare(index, "SELECT coalesce(max(cid), 0) FROM itsm_commit", &largest, err);

	if (status == 0 && (status = itsm_index_step(index, largest, err)) == 1)
		filling.number = sqlite3_column_int64(largest, 0);
	sqlite3_finalize(largest);
	if (status >= 0 && (status = itsm_index_batch_begin(&filling.batch, index, !known, arena, err)) == 0 &&
		(status = itsm_repo_history(index->options.place, known, head, NULL, 0, &history, err)) == 0)
		status = itsm_index_batch_flush(&filling.batch, err);
	itsm_index_batch_end(&filling.batch);
	itsm_arena_free(arena);
	return status;
}

struct forgetting {
	struct itsm_index *index;
	struct itsm_error *err;
};

static int forget(void *context, const struct itsm_commit *commit)
{
	struct forgetting *forgetting = context;
	struct itsm_index *index = forgetting->index;
	struct index_commit found;
	int status = itsm_index_commit_get(index, &commit->oid, &found, forgetting->err);

	if (status != 1)
		return status;
	return itsm_index_execute_format(index, forgetting->err,
		"INSERT OR REPLACE INTO itsm_loose SELECT new, %lld FROM itsm_touch WHERE cid = %lld AND new IS NOT NULL;"
		"DELETE FROM itsm_touch WHERE cid = %lld; DELETE FROM itsm_event WHERE cid = %lld;"
		"DELETE FROM itsm_commit WHERE cid = %lld", (long long)index->options.now, (long long)found.cid,
		(long long)found.cid, (long long)found.cid, (long long)found.cid);
}

/* Take out what leads to `known` and not to the head. */
static int forget_commits(struct itsm_index *index, const struct itsm_oid *known, const struct itsm_oid *head,
	struct itsm_error *err)
{
	struct forgetting forgetting = {index, err};
	const struct itsm_history history = {.on_commit = forget, .context = &forgetting};

	return itsm_repo_history(index->options.place, head, known, NULL, 0, &history, err);
}

/* From what is known to the head; ITSM_EGIT when git cannot tell, for the known commit is gone, say. */
static int change_over(struct itsm_index *index, const struct itsm_oid *known, const struct itsm_oid *head,
	struct itsm_error *err)
{
	int status = read_commits(index, known, head, err);

	/* only where the mainline goes on from its end is it sure that nothing is to be taken out */
	if (status == 0 && (status = itsm_index_mainline_goes_on(index, known, head, err)) == 0)
		status = forget_commits(index, known, head, err);
	if (status < 0)
		return status;
	return itsm_index_mainline_lay(index, head, err);
}

static int fill(
	struct itsm_index *index, const struct itsm_oid *known, const struct itsm_oid *head, struct itsm_error *err)
{
	int status = ITSM_EGIT;

	if (known && !itsm_oid_is_zero(known) && !itsm_oid_is_zero(head)) {
		if ((status = itsm_index_execute(index, "SAVEPOINT itsm_known", err)) != 0)
			return status;
		status = change_over(index, known, head, err);
		if (status == ITSM_EGIT) {
			itsm_index_execute(index, "ROLLBACK TO itsm_known", NULL);
			itsm_index_drop_inserts(index);
		}
		if (status == 0 || status == ITSM_EGIT)
			itsm_index_execute(index, "RELEASE itsm_known", NULL);
	}
	if (status == ITSM_EGIT && (status = clear(index, err)) == 0 && !itsm_oid_is_zero(head) &&
		(status = read_commits(index, NULL, head, err)) == 0)
		status = itsm_index_mainline_lay(index, head, err);
	return status;
}

/* What tells one state of a shallow clone from another: the checksum of git's list, "" in a whole one. */
static void shallow_text(const struct itsm_index *index, char text[24])
{
	struct itsm_buffer list = {0};
	struct stat info;
	int folder = open(index->options.place->common_dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	text[0] = '\0';
	if (folder >= 0 && itsm_index_file_read(folder, "shallow", &list, &info) == 0)
		snprintf(text, 24, "%llx", (unsigned long long)itsm_index_checksum(list.data, list.length));
	itsm_buffer_free(&list);
	if (folder >= 0)
		close(folder);
}

/* Is history there, and up to which commit? 1, 0, negative. */
static int known_history(struct itsm_index *index, const char *shallow, struct itsm_oid *known, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char *value;
	int status = itsm_index_meta_get(index, "shallow", arena, &value, err);
	bool same = status == 0 && strcmp(value ? value : "", shallow) == 0;

	itsm_arena_free(arena);
	if (status != 0)
		return status;
	status = itsm_index_meta_oid(index, "history", known, err);
	return same || status < 0 ? status : 0;
}

int itsm_index_history_bring(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	struct itsm_oid wanted = *head, known;
	char shallow[24];
	int status, has;

	shallow_text(index, shallow);
	itsm_index_unpin(index);
	if ((status = itsm_index_pin(index, err)) != 0 || (has = known_history(index, shallow, &known, err)) < 0)
		return status != 0 ? status : has;
	index->history = wanted;
	index->history_wanted = true;
	if (has && itsm_oid_equal(&known, &wanted))
		return 0;
	if ((status = itsm_index_begin(index, err)) != 0)
		return status;
	has = known_history(index, shallow, &known, err);
	status = has < 0 ? has : 0;
	if (status == 0 && !(has && itsm_oid_equal(&known, &wanted)) &&
		(status = fill(index, has ? &known : NULL, &wanted, err)) == 0 &&
		(status = itsm_index_meta_set_oid(index, "history", &wanted, err)) == 0 &&
		(status = itsm_index_meta_set(index, "shallow", shallow, err)) == 0)
		status = itsm_index_collect(index, err);
	return itsm_index_end(index, status, err);
}

static int refresh(struct itsm_index *index, void *context, struct itsm_error *err)
{
	return itsm_index_history_bring(index, context, err);
}

int itsm_index_history(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	struct itsm_oid wanted = *head;

	return itsm_index_attempt(index, refresh, &wanted, err);
}
