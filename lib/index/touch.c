/* Which commits touched a record, and what they changed: read from the tables of history.c. */
#include <string.h>

#include "index.h"

static const char *text_or(sqlite3_stmt *statement, int column, const char *otherwise)
{
	return sqlite3_column_type(statement, column) == SQLITE_NULL ? otherwise :
		(const char *)sqlite3_column_text(statement, column);
}

static const char *copy_text(struct itsm_arena *arena, sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return text ? itsm_arena_strdup(arena, text) : NULL;
}

/*
 * The rest of the commit's message, read once for all that the commit touched:
 * in a write of thousands of records it has a line for each of them, and the
 * sorter would keep it with each of their rows.
 */
struct body {
	sqlite3_stmt *statement;
	int64_t commit;
	bool there;
};

static int read_body(struct itsm_index *index, struct body *body, int64_t commit, const char **out, struct itsm_error *err)
{
	int status;

	if (!body->statement &&
		(status = itsm_index_prepare(index, "SELECT body FROM itsm_commit WHERE cid = ?1", &body->statement, err)) != 0)
		return status;
	if (!body->there || body->commit != commit) {
		sqlite3_reset(body->statement);
		sqlite3_bind_int64(body->statement, 1, commit);
		if ((status = itsm_index_step(index, body->statement, err)) < 0)
			return status;
		body->there = status == 1;
		body->commit = commit;
	}
	*out = body->there ? text_or(body->statement, 0, "") : "";
	return 0;
}

static void read_touch(sqlite3_stmt *row, struct itsm_touch *touch)
{
	struct itsm_commit *commit = &touch->commit;

	*touch = (struct itsm_touch){ .path = text_or(row, 0, "") };
	itsm_index_column_oid(row, 1, &touch->old_blob);
	itsm_index_column_oid(row, 2, &touch->new_blob);
	touch->added = sqlite3_column_type(row, 13) == SQLITE_NULL;
	touch->removed = sqlite3_column_type(row, 14) == SQLITE_NULL;
	itsm_index_column_oid(row, 3, &commit->oid);
	commit->author = (struct itsm_person_time){
		text_or(row, 4, ""), text_or(row, 5, ""), sqlite3_column_int64(row, 6), sqlite3_column_int(row, 7)
	};
	commit->committer = (struct itsm_person_time){text_or(row, 8, commit->author.name),
		text_or(row, 9, commit->author.mail), sqlite3_column_int64(row, 10), sqlite3_column_int(row, 11)};
	commit->subject = text_or(row, 12, "");
}

/* The fields that a touch changed, in the arena. */
static int read_events(struct itsm_index *index, sqlite3_stmt *row, struct itsm_arena *arena, struct itsm_touch *touch,
	struct itsm_error *err)
{
	sqlite3_stmt *events = itsm_index_statement(index, SQL_EVENTS, 0, err);
	struct itsm_difference *differences = NULL;
	size_t capacity = 0;
	int status;

	if (!events)
		return ITSM_EINDEX;
	sqlite3_bind_int64(events, 1, sqlite3_column_int64(row, 15));
	sqlite3_bind_int64(events, 2, sqlite3_column_int64(row, 16));
	while ((status = itsm_index_step(index, events, err)) == 1) {
		itsm_arena_grow(arena, &differences, &capacity, touch->count, sizeof(*differences));
		differences[touch->count++] = (struct itsm_difference){
			.field = itsm_arena_strdup(arena, text_or(events, 0, "")),
			.old_text = copy_text(arena, events, 1), .new_text = copy_text(arena, events, 2),
			.line = (unsigned)sqlite3_column_int(events, 3),
		};
		touch->cut |= sqlite3_column_int(events, 4) != 0;
	}
	sqlite3_reset(events);
	touch->differences = differences;
	return status;
}

/* The statement over the touches of a record, bound. */
static int prepare_touches(struct itsm_index *index, const char *id, size_t limit, sqlite3_stmt **out,
	struct itsm_error *err)
{
	static const char start[] = "SELECT p.path, o.blob, n.blob, c.oid, c.author, c.mail, c.at, c.zone, c.committer,"
		" c.committer_mail, c.committed, c.committed_zone, c.subject, t.old, t.new, t.cid, t.ord";
	/* of one record: from its paths; of all: from the newest commit on */
	static const char of_one[] = " FROM itsm_path AS p CROSS JOIN itsm_touch AS t ON t.pid = p.pid"
		" CROSS JOIN itsm_commit AS c ON c.cid = t.cid";
	static const char of_all[] = " FROM itsm_commit AS c CROSS JOIN itsm_touch AS t ON t.cid = c.cid"
		" CROSS JOIN itsm_path AS p ON p.pid = t.pid";
	static const char contents[] = " LEFT JOIN itsm_content AS o ON o.bid = t.old AND o.place = ''"
		" LEFT JOIN itsm_content AS n ON n.bid = t.new AND n.place = ''";
	const char *folder = id ? strchr(id, '/') : NULL, *name = id ? strrchr(id, '/') : NULL;
	const char *where = !id ? "p.id IS NOT NULL" : folder ? "p.owner = ?1 AND p.id = ?2" :
		"((p.id = ?1 AND p.owner IS NULL) OR p.owner = ?1)";
	struct itsm_buffer sql = {0};
	int status;

	itsm_buffer_printf(&sql, "%s%s%s WHERE %s", start, id ? of_one : of_all, contents, where);
	if (index->snapshot == ITSM_SNAPSHOT_AT && index->position)
		itsm_buffer_printf(&sql, " AND c.landed <= %lld", (long long)index->position);
	itsm_buffer_printf(&sql, " ORDER BY c.rank DESC, c.depth DESC, c.oid DESC, t.ord LIMIT %lld", limit ? (long long)limit : -1LL);
	status = itsm_index_prepare(index, sql.data, out, err);
	itsm_buffer_free(&sql);
	if (status == 0 && folder) {
		sqlite3_bind_text(*out, 1, id, (int)(folder - id), SQLITE_TRANSIENT);
		itsm_index_bind_text(*out, 2, name + 1);
	} else if (status == 0 && id) {
		itsm_index_bind_text(*out, 1, id);
	}
	return status;
}

int itsm_index_touches(struct itsm_index *index, const char *id, size_t limit,
	int (*callback)(void *context, const struct itsm_touch *touch), void *context, struct itsm_error *err)
{
	sqlite3_stmt *statement = NULL;
	struct body body = {0};
	struct itsm_touch touch;
	int status = prepare_touches(index, id, limit, &statement, err);

	while (status == 0 && (status = itsm_index_step(index, statement, err)) == 1) {
		struct itsm_arena *arena = itsm_arena_new();
		bool stop;

		read_touch(statement, &touch);
		status = read_body(index, &body, sqlite3_column_int64(statement, 15), &touch.commit.body, err);
		if (status == 0)
			status = read_events(index, statement, arena, &touch, err);
		stop = status != 0 || callback(context, &touch) != 0;
		itsm_arena_free(arena);
		if (stop)
			break;
	}
	sqlite3_finalize(body.statement);
	sqlite3_finalize(statement);
	return status;
}
