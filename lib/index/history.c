/*
 * commit_log and touch: which commit changed which record's file.
 *
 * Streamed newest first. A block of new commits is numbered downwards from far
 * above what is there, so that the largest number is always the newest commit
 * and nothing is renumbered. The meta value `history` is the newest commit that is in.
 */
#include <string.h>

#include "index.h"

#define BLOCK ((int64_t)1 << 32)
#define PROGRESS_EVERY 1024

struct filling {
	struct itsm_index *index;
	struct itsm_error *err;
	int64_t number;     /* of the commit */
	int64_t order;      /* of the change in it */
	size_t commits;
};

static bool is_same_person(const struct itsm_commit *commit)
{
	return strcmp(commit->author.name, commit->committer.name) == 0 &&
		strcmp(commit->author.mail, commit->committer.mail) == 0;
}

static int on_commit(void *context, const struct itsm_commit *commit)
{
	struct filling *filling = context;
	sqlite3_stmt *insert = itsm_index_statement(filling->index, SQL_COMMIT_INSERT, 0, filling->err);
	bool same = is_same_person(commit);

	if (!insert)
		return ITSM_EINDEX;
	filling->number--;
	filling->order = 0;
	if (filling->commits++ % PROGRESS_EVERY == 0)
		itsm_index_progress(filling->index, "reading history", filling->commits, 0);
	sqlite3_bind_int64(insert, 1, filling->number);
	itsm_index_bind_oid(insert, 2, &commit->oid);
	itsm_index_bind_text(insert, 3, commit->author.name);
	itsm_index_bind_text(insert, 4, commit->author.mail);
	sqlite3_bind_int64(insert, 5, commit->author.seconds);
	sqlite3_bind_int(insert, 6, commit->author.offset_minutes);
	itsm_index_bind_text(insert, 7, same ? NULL : commit->committer.name);
	itsm_index_bind_text(insert, 8, same ? NULL : commit->committer.mail);
	sqlite3_bind_int64(insert, 9, commit->committer.seconds);
	sqlite3_bind_int(insert, 10, commit->committer.offset_minutes);
	itsm_index_bind_text(insert, 11, commit->subject);
	itsm_index_bind_text(insert, 12, commit->body);
	return itsm_index_run(filling->index, insert, filling->err);
}

static int on_change(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct filling *filling = context;
	const char *path = new_entry ? new_entry->path : old_entry->path;
	struct index_place place;
	sqlite3_stmt *insert;

	if (!itsm_index_place(filling->index, path, &place) || !place.located)
		return 0;
	if (!(insert = itsm_index_statement(filling->index, SQL_TOUCH_INSERT, 0, filling->err)))
		return ITSM_EINDEX;
	sqlite3_bind_int64(insert, 1, filling->number);
	sqlite3_bind_int64(insert, 2, filling->order++);
	itsm_index_bind_text(insert, 3, place.id);
	itsm_index_bind_text(insert, 4, *place.owner ? place.owner : NULL);
	itsm_index_bind_text(insert, 5, path);
	itsm_index_bind_oid(insert, 6, old_entry ? &old_entry->blob : NULL);
	itsm_index_bind_oid(insert, 7, new_entry ? &new_entry->blob : NULL);
	return itsm_index_run(filling->index, insert, filling->err);
}

/* Is what we have the beginning of what is wanted? */
static bool leads_to(struct itsm_index *index, const struct itsm_oid *known, const struct itsm_oid *head)
{
	struct itsm_oid base;

	return itsm_index_repository(index, NULL) == 0 &&
		itsm_repo_merge_base(index->repo, known, head, &base, NULL) == 0 && itsm_oid_equal(&base, known);
}

static int fill(
	struct itsm_index *index, const struct itsm_oid *known, const struct itsm_oid *head, struct itsm_error *err)
{
	struct filling filling = {.index = index, .err = err};
	struct itsm_history history = {on_commit, on_change, &filling};
	sqlite3_stmt *largest = NULL;
	int status;

	if (!known && (status = itsm_index_execute(index, "DELETE FROM itsm_commit; DELETE FROM itsm_touch", err)) != 0)
		return status;
	status = itsm_index_prepare(index, "SELECT coalesce(max(cid), 0) FROM itsm_commit", &largest, err);
	if (status == 0 && (status = itsm_index_step(index, largest, err)) == 1)
		filling.number = (sqlite3_column_int64(largest, 0) / BLOCK + 2) * BLOCK;
	sqlite3_finalize(largest);
	if (status < 0)
		return status;
	if (!itsm_oid_is_zero(head) &&
	    (status = itsm_repo_history(index->options.place, known, head, NULL, 0, &history, err)) != 0)
		return status;
	status = itsm_index_schema_finish(index, err);
	return status == 0 ? itsm_index_meta_set_oid(index, "history", head, err) : status;
}

int itsm_index_history_bring(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	struct itsm_oid wanted = *head, known;
	int status, has;
	bool grows;

	itsm_index_unpin(index);
	if ((status = itsm_index_pin(index, err)) != 0 ||
		(has = itsm_index_meta_oid(index, "history", &known, err)) < 0)
		return status != 0 ? status : has;
	index->history = wanted;
	index->history_wanted = true;
	if (has && itsm_oid_equal(&known, &wanted))
		return 0;
	if ((status = itsm_index_begin(index, err)) != 0)
		return status;
	has = itsm_index_meta_oid(index, "history", &known, err);
	grows = has == 1 && !itsm_oid_is_zero(&known) && !itsm_oid_is_zero(&wanted) && leads_to(index, &known, &wanted);
	status = has < 0 ? has : fill(index, grows ? &known : NULL, &wanted, err);
	if (status == 0)
		status = itsm_index_commit(index, err);
	if (status != 0)
		itsm_index_rollback(index);
	return status;
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

static const char *text_or(sqlite3_stmt *statement, int column, const char *otherwise)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL ? otherwise :
		(const char *)sqlite3_column_text(statement, column);
}

static void read_touch(sqlite3_stmt *row, struct itsm_touch *touch)
{
	struct itsm_commit *commit = &touch->commit;

	*touch = (struct itsm_touch){ .path = text_or(row, 0, "") };
	itsm_index_column_oid(row, 1, &touch->old_blob);
	itsm_index_column_oid(row, 2, &touch->new_blob);
	itsm_index_column_oid(row, 3, &commit->oid);
	commit->author = (struct itsm_person_time){
		text_or(row, 4, ""), text_or(row, 5, ""), sqlite3_column_int64(row, 6), sqlite3_column_int(row, 7)
	};
	commit->committer = (struct itsm_person_time){text_or(row, 8, commit->author.name),
		text_or(row, 9, commit->author.mail), sqlite3_column_int64(row, 10), sqlite3_column_int(row, 11)};
	commit->subject = text_or(row, 12, "");
	commit->body = text_or(row, 13, "");
}

int itsm_index_touches(struct itsm_index *index, const char *id, size_t limit,
	int (*callback)(void *context, const struct itsm_touch *touch), void *context, struct itsm_error *err)
{
	static const char start[] = "SELECT t.path, t.old, t.new, c.oid, c.author, c.mail, c.at, c.zone, c.committer,"
		" c.committer_mail, c.committed, c.committed_zone, c.subject, c.body FROM itsm_touch AS t"
		" CROSS JOIN itsm_commit AS c ON c.cid = t.cid";
	const char *folder = id ? strchr(id, '/') : NULL, *name = id ? strrchr(id, '/') : NULL;
	const char *where = !id ? "" : folder ? " WHERE t.owner = ?1 AND t.id = ?2" :
		" WHERE (t.id = ?1 AND t.owner IS NULL) OR t.owner = ?1";
	char sql[640];
	sqlite3_stmt *statement = NULL;
	struct itsm_touch touch;
	int status;

	sqlite3_snprintf(sizeof(sql), sql, "%s%s ORDER BY t.cid DESC, t.ord LIMIT %lld", start, where,
		limit ? (long long)limit : -1LL);
	status = itsm_index_prepare(index, sql, &statement, err);
	if (status == 0 && folder) {
		sqlite3_bind_text(statement, 1, id, (int)(folder - id), SQLITE_TRANSIENT);
		itsm_index_bind_text(statement, 2, name + 1);
	} else if (status == 0 && id) {
		itsm_index_bind_text(statement, 1, id);
	}
	while (status == 0 && (status = itsm_index_step(index, statement, err)) == 1) {
		read_touch(statement, &touch);
		status = 0;
		if (callback(context, &touch) != 0)
			break;
	}
	sqlite3_finalize(statement);
	return status;
}
