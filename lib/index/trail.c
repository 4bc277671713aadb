/* The whole of history in one pass over the tables of history.c. */
#include <string.h>

#include "index.h"

#define PARENTS_MAX 256

static const char trail_sql[] =
	"SELECT c.cid, c.oid, c.parents, c.landed, c.mail, c.at, coalesce(c.committer_mail, c.mail), c.committed, "
	"c.subject, c.body,"
	" p.path, t.old, o.blob, o.state, t.new, n.blob, n.state"
	" FROM itsm_commit AS c LEFT JOIN itsm_touch AS t ON t.cid = c.cid LEFT JOIN itsm_path AS p ON p.pid = t.pid"
	" LEFT JOIN itsm_content AS o ON o.bid = t.old LEFT JOIN itsm_content AS n ON n.bid = t.new ORDER BY c.cid, "
	"t.ord";

static const char *text_at(sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? text : "";
}

/* `parents` has room for PARENTS_MAX. Texts are good until the next row. */
static void read_commit(sqlite3_stmt *row, struct itsm_oid *parents, struct itsm_trail_commit *commit)
{
	size_t count = (size_t)sqlite3_column_bytes(row, 2) / sizeof(*parents);

	*commit = (struct itsm_trail_commit){
		.parents = parents,
		.landed = sqlite3_column_int64(row, 3),
		.mail = text_at(row, 4),
		.at = sqlite3_column_int64(row, 5),
		.committer_mail = text_at(row, 6),
		.committed = sqlite3_column_int64(row, 7),
		.subject = text_at(row, 8),
		.body = text_at(row, 9),
	};
	commit->parent_count = count < PARENTS_MAX ? count : PARENTS_MAX;
	if (count)
		memcpy(parents, sqlite3_column_blob(row, 2), commit->parent_count * sizeof(*parents));
	itsm_index_column_oid(row, 1, &commit->oid);
}

static int tell_change(sqlite3_stmt *row, const struct itsm_trail *trail, const struct itsm_trail_commit *commit)
{
	struct itsm_trail_change change = {
		.path = text_at(row, 10),
		.added = sqlite3_column_type(row, 11) == SQLITE_NULL,
		.removed = sqlite3_column_type(row, 14) == SQLITE_NULL,
		.old_state = (const char *)sqlite3_column_text(row, 13),
		.new_state = (const char *)sqlite3_column_text(row, 16),
	};

	if (sqlite3_column_bytes(row, 12) == (int)sizeof(change.old_blob))
		itsm_index_column_oid(row, 12, &change.old_blob);
	if (sqlite3_column_bytes(row, 15) == (int)sizeof(change.new_blob))
		itsm_index_column_oid(row, 15, &change.new_blob);
	return trail->on_change(trail->context, commit, &change);
}

int itsm_index_trail(struct itsm_index *index, const struct itsm_trail *trail, struct itsm_error *err)
{
	sqlite3_stmt *rows = NULL;
	struct itsm_oid parents[PARENTS_MAX];
	struct itsm_trail_commit commit;
	int64_t last = -1;
	int status = itsm_index_prepare(index, trail_sql, &rows, err);

	while (status == 0 && (status = itsm_index_step(index, rows, err)) == 1) {
		status = 0;
		read_commit(rows, parents, &commit);
		if (sqlite3_column_int64(rows, 0) != last) {
			last = sqlite3_column_int64(rows, 0);
			status = trail->on_commit(trail->context, &commit);
		}
		if (status == 0 && sqlite3_column_type(rows, 10) != SQLITE_NULL)
			status = tell_change(rows, trail, &commit);
	}
	sqlite3_finalize(rows);
	return status;
}

int itsm_index_landing(
	struct itsm_index *index, const struct itsm_oid *commit, int64_t *position, struct itsm_error *err)
{
	int64_t found = itsm_index_mainline_position(index, commit, err);

	if (found < 0)
		return (int)found;
	*position = found;
	return 0;
}
