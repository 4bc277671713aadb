/* Statements, transactions and errors of SQLite, as the rest of lib/index wants them. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "index.h"

#define LOG_PAGES_MAX 500

/* `$` stands for the entries of a snapshot. */
static const char *const texts[SQL_COUNT] = {
	[SQL_META_GET] = "SELECT value FROM itsm_meta WHERE key = ?1",
	[SQL_META_SET] = "INSERT OR REPLACE INTO itsm_meta(key, value) VALUES(?1, ?2)",
	[SQL_CONTENT_FIND] = "SELECT bid FROM itsm_content WHERE blob = ?1 AND kid = ?2 AND place = ?3",
	[SQL_CONTENT_INSERT] = "INSERT INTO itsm_content(blob, kid, place, readable, state, is_open, title, sections)"
			       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[SQL_REFERENCE_INSERT] = "INSERT INTO itsm_reference(bid, ord, field, target, line, col, kid)"
				 " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
	[SQL_FINDING_INSERT] = "INSERT INTO itsm_finding(bid, ord, rule, severity, line, col, message, remedy)"
			       " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[SQL_ENTRY_FIND] = "SELECT bid FROM $ WHERE path = ?1",
	[SQL_ENTRY_DELETE] = "DELETE FROM $ WHERE path = ?1",
	[SQL_ENTRY_INSERT] = "INSERT INTO $(bid, path, id, kid, owner) VALUES(?1, ?2, ?3, ?4, ?5)",
	[SQL_LOOSE_INSERT] = "INSERT OR REPLACE INTO itsm_loose(bid, since) VALUES(?1, ?2)",
	[SQL_UNIT_SET] = "INSERT OR REPLACE INTO itsm_work_unit(path, data) VALUES(?1, ?2)",
	[SQL_UNIT_DELETE] = "DELETE FROM itsm_work_unit WHERE path = ?1",
	[SQL_FILLED] = "SELECT j.value FROM itsm_content AS c, json_each(c.sections) AS j"
		       " WHERE c.bid = ?1 AND j.key = ?2 COLLATE NOCASE",
	[SQL_MATRIX] = "SELECT k.f_rows FROM $ AS e JOIN itsm_k_matrix AS k ON k.bid = e.bid WHERE e.id = ?1"
		       " AND e.owner IS NULL AND e.kid = (SELECT kid FROM itsm_kind WHERE name = 'matrix')",
	[SQL_MATRIX_CELL] = "SELECT value FROM json_each(?1) WHERE key = ?2 - 1",
	[SQL_RECORD_KIND] = "SELECT kid FROM $ AS e WHERE id = ?1 AND owner IS NULL",
	[SQL_FIND] = "SELECT e.id, k.name, e.path, c.state, c.title, e.owner, c.blob, k.part, c.place FROM $ AS e"
		     " CROSS JOIN itsm_content AS c ON c.bid = e.bid CROSS JOIN itsm_kind AS k ON k.kid = e.kid"
		     " WHERE e.id >= ?1 AND e.id < ?2 AND (k.part IS NULL OR k.prefix IS NOT NULL)",
	[SQL_PREFIXES] = "SELECT DISTINCT prefix FROM itsm_kind WHERE prefix IS NOT NULL",
	[SQL_COMMIT_INSERT] =
		"INSERT OR IGNORE INTO itsm_commit(cid, oid, author, mail, at, zone, committer, committer_mail,"
		" committed, committed_zone, subject, body, parents, rank, depth)"
		" VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)",
	[SQL_PATH_FIND] = "SELECT pid FROM itsm_path WHERE path = ?1",
	[SQL_PATH_INSERT] = "INSERT INTO itsm_path(path, id, kid, owner) VALUES(?1, ?2, ?3, ?4)",
	[SQL_TOUCH_INSERT] = "INSERT INTO itsm_touch(cid, ord, pid, old, new) VALUES(?1, ?2, ?3, ?4, ?5)",
	[SQL_EVENT_INSERT] = "INSERT INTO itsm_event(cid, ord, n, field, old, new, line, cut)"
			     " VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
	[SQL_EVENTS] = "SELECT field, old, new, line, cut FROM itsm_event WHERE cid = ?1 AND ord = ?2 ORDER BY n",
	[SQL_COMMIT_FIND] = "SELECT c.cid, c.parents, c.landed, m.pos, c.rank, c.depth FROM itsm_commit AS c"
			    " LEFT JOIN itsm_mainline AS m ON m.cid = c.cid WHERE c.oid = ?1",
	[SQL_COMMIT_LAND] = "UPDATE itsm_commit SET landed = ?2 WHERE cid = ?1",
	[SQL_PARENTS] = "SELECT parents FROM itsm_commit WHERE cid = ?1",
	[SQL_MAINLINE_INSERT] = "INSERT INTO itsm_mainline(pos, cid) VALUES(?1, ?2)",
	[SQL_STEP_INSERT] = "INSERT OR REPLACE INTO temp.itsm_step(pid, pos, bid) VALUES(?1, ?2, ?3)",
	[SQL_LENT_INSERT] = "INSERT INTO temp.discovered(file, number, value) VALUES(?1, ?2, ?3)",
};

const char *itsm_index_entry_table(const struct itsm_index *index, enum itsm_snapshot snapshot)
{
	static const char *const names[INDEX_SNAPSHOTS] = {
		[ITSM_SNAPSHOT_WORK] = "itsm_work_entry",
		[ITSM_SNAPSHOT_HEAD] = "itsm_head_entry",
		[ITSM_SNAPSHOT_AT] = "itsm_at_entry",
	};

	return snapshot == ITSM_SNAPSHOT_AT && index->position ? index->entries : names[snapshot];
}

int itsm_index_sql_error(struct itsm_index *index, struct itsm_error *err)
{
	index->trouble = sqlite3_errcode(index->db) & 0xff;
	if (!index->memory)
		snprintf(index->reason, sizeof(index->reason), "%s", sqlite3_errmsg(index->db));
	return itsm_error_set(err, ITSM_EINDEX, "the index: %s; delete %s if this stays", sqlite3_errmsg(index->db),
		index->path);
}

int itsm_index_execute(struct itsm_index *index, const char *sql, struct itsm_error *err)
{
	return sqlite3_exec(index->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : itsm_index_sql_error(index, err);
}

int itsm_index_execute_format(struct itsm_index *index, struct itsm_error *err, const char *format, ...)
{
	char sql[1024];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(sql, sizeof(sql), format, arguments);
	va_end(arguments);
	return itsm_index_execute(index, sql, err);
}

int itsm_index_prepare(struct itsm_index *index, const char *sql, sqlite3_stmt **out, struct itsm_error *err)
{
	return sqlite3_prepare_v2(index->db, sql, -1, out, NULL) == SQLITE_OK ? 0 : itsm_index_sql_error(index, err);
}

sqlite3_stmt *itsm_index_statement(struct itsm_index *index, enum index_sql sql, enum itsm_snapshot snapshot,
	struct itsm_error *err)
{
	const char *text = texts[sql], *dollar = strchr(text, '$');
	sqlite3_stmt **statement = &index->statements[sql][dollar ? snapshot : 0];
	char filled[1024];

	if (*statement) {
		sqlite3_reset(*statement);
		return *statement;
	}
	if (dollar) {
		snprintf(filled, sizeof(filled), "%.*s%s%s", (int)(dollar - text), text,
			itsm_index_entry_table(index, snapshot), dollar + 1);
		text = filled;
	}
	if (sqlite3_prepare_v3(index->db, text, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) != SQLITE_OK)
		itsm_index_sql_error(index, err);
	return *statement;
}

int itsm_index_step(struct itsm_index *index, sqlite3_stmt *statement, struct itsm_error *err)
{
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return itsm_index_sql_error(index, err);
	}
}

int itsm_index_run(struct itsm_index *index, sqlite3_stmt *statement, struct itsm_error *err)
{
	int status = itsm_index_step(index, statement, err);

	sqlite3_reset(statement);
	return status < 0 ? status : 0;
}

void itsm_index_drop_inserts(struct itsm_index *index)
{
	for (size_t i = 0; i <= index->kind_count; i++) {
		sqlite3_finalize(index->kind_inserts[i]);
		index->kind_inserts[i] = NULL;
	}
	index->filled = false;
}

void itsm_index_drop_statements(struct itsm_index *index)
{
	for (size_t i = 0; i < SQL_COUNT; i++) {
		for (size_t j = 0; j < INDEX_SNAPSHOTS; j++) {
			sqlite3_finalize(index->statements[i][j]);
			index->statements[i][j] = NULL;
		}
	}
	itsm_index_drop_inserts(index);
	itsm_index_judgements_drop(index);
}

/* Has the database been begun anew by another process since? */
static int check_epoch(struct itsm_index *index, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char *epoch = NULL;
	int status = 0;

	if (index->epoch[0]) {
		status = itsm_index_meta_get(index, "epoch", arena, &epoch, err);
		if (status == 0 && (!epoch || strcmp(epoch, index->epoch) != 0)) {
			index->trouble = SQLITE_SCHEMA;
			status = itsm_error_set(err, ITSM_EINDEX, "the index was begun anew meanwhile; try again");
		}
	}
	itsm_arena_free(arena);
	return status;
}

int itsm_index_pin(struct itsm_index *index, struct itsm_error *err)
{
	int status;

	if (index->pinned || index->depth > 0)
		return 0;
	status = itsm_index_execute(index, "BEGIN", err);
	index->pinned = status == 0;
	return status == 0 ? check_epoch(index, err) : status;
}

void itsm_index_unpin(struct itsm_index *index)
{
	if (index->pinned)
		sqlite3_exec(index->db, "COMMIT", NULL, NULL, NULL);
	index->pinned = false;
	if (index->position) /* another process may lay the mainline anew */
		index->at_loaded = false;
}

int itsm_index_begin(struct itsm_index *index, struct itsm_error *err)
{
	int status = 0;

	if (index->depth == 0) {
		itsm_index_unpin(index);
		status = itsm_index_execute(index, "BEGIN IMMEDIATE", err);
		if (status == 0)
			status = check_epoch(index, err);
		/* who waited for another to fill the tables finds them filled */
		if (status == 0 && index->bare_tables && index->epoch[0] &&
			(status = itsm_index_schema_fits(index, err)) > 0)
			status = 0;
	}
	if (status == 0)
		index->depth++;
	return status;
}

int itsm_index_commit(struct itsm_index *index, struct itsm_error *err)
{
	int status = index->depth == 1 ? itsm_index_execute(index, "COMMIT", err) : 0;

	if (status != 0)
		return status;
	if (index->depth == 1)
		index->filled = false;
	if (--index->depth == 0 && index->log_pages >= LOG_PAGES_MAX) {
		sqlite3_busy_timeout(index->db, 0); /* while others read, a later commit does it */
		sqlite3_wal_checkpoint_v2(index->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
		sqlite3_busy_timeout(index->db, index->wait);
		index->log_pages = 0;
	}
	return 0;
}

int64_t itsm_index_changes(const struct itsm_index *index)
{
	return sqlite3_total_changes64(index->db) + index->undone;
}

/* Temporary views come and go with a transaction too: afterwards none is there. */
void itsm_index_rollback(struct itsm_index *index)
{
	index->undone++;
	for (size_t i = 0; i < SQL_COUNT; i++)
		for (size_t j = 0; j < INDEX_SNAPSHOTS; j++)
			sqlite3_reset(index->statements[i][j]);
	if (!sqlite3_get_autocommit(index->db)) {
		sqlite3_exec(index->db, "ROLLBACK", NULL, NULL, NULL);
		itsm_index_views_forget(index);
	}
	itsm_index_impact_forget(index);
	itsm_index_calendars_drop(index);
	if (index->filled)
		itsm_index_drop_inserts(index);
	index->depth = 0;
	index->pinned = index->proposing = false;
	if (index->position)
		index->at_loaded = false;
	itsm_arena_free(index->proposal_arena);
	index->proposal_arena = NULL;
	index->proposals = NULL;
}

int itsm_index_end(struct itsm_index *index, int status, struct itsm_error *err)
{
	if (status == 0)
		status = itsm_index_commit(index, err);
	if (status != 0)
		itsm_index_rollback(index);
	return status;
}

int itsm_index_meta_get(struct itsm_index *index, const char *key, struct itsm_arena *arena, const char **value,
	struct itsm_error *err)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_META_GET, 0, err);
	int status;

	if (!statement)
		return ITSM_EINDEX;
	itsm_index_bind_text(statement, 1, key);
	status = itsm_index_step(index, statement, err);
	*value = NULL;
	if (status == 1 && sqlite3_column_type(statement, 0) != SQLITE_NULL)
		*value = itsm_arena_strdup(arena, (const char *)sqlite3_column_text(statement, 0));
	sqlite3_reset(statement);
	return status < 0 ? status : 0;
}

int itsm_index_meta_set(struct itsm_index *index, const char *key, const char *value, struct itsm_error *err)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_META_SET, 0, err);

	if (!statement)
		return ITSM_EINDEX;
	itsm_index_bind_text(statement, 1, key);
	itsm_index_bind_text(statement, 2, value);
	return itsm_index_run(index, statement, err);
}

void itsm_index_progress(struct itsm_index *index, const char *what, size_t done, size_t total)
{
	if (index->options.progress)
		index->options.progress(index->options.progress_context, what, done, total);
}

int itsm_index_repository(struct itsm_index *index, struct itsm_error *err)
{
	return index->repo ? 0 : index->options.repository(index->options.repository_context, &index->repo, err);
}

void itsm_index_bind_text(sqlite3_stmt *statement, int position, const char *text)
{
	if (text)
		sqlite3_bind_text(statement, position, text, -1, SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(statement, position);
}

void itsm_index_bind_oid(sqlite3_stmt *statement, int position, const struct itsm_oid *oid)
{
	if (oid)
		sqlite3_bind_blob(statement, position, oid->bytes, sizeof(oid->bytes), SQLITE_TRANSIENT);
	else
		sqlite3_bind_null(statement, position);
}

void itsm_index_lend_text(sqlite3_stmt *statement, int position, const char *text)
{
	if (text)
		sqlite3_bind_text(statement, position, text, -1, SQLITE_STATIC);
	else
		sqlite3_bind_null(statement, position);
}

void itsm_index_lend_oid(sqlite3_stmt *statement, int position, const struct itsm_oid *oid)
{
	sqlite3_bind_blob(statement, position, oid->bytes, sizeof(oid->bytes), SQLITE_STATIC);
}

void itsm_index_bind_value(sqlite3_stmt *statement, int position, const struct itsm_value *value)
{
	switch (value->type) {
	case ITSM_VALUE_NULL:
		sqlite3_bind_null(statement, position);
		break;
	case ITSM_VALUE_INTEGER:
	case ITSM_VALUE_BOOLEAN:
		sqlite3_bind_int64(statement, position, value->integer);
		break;
	case ITSM_VALUE_REAL:
		sqlite3_bind_double(statement, position, value->real);
		break;
	case ITSM_VALUE_TEXT:
	case ITSM_VALUE_TIME:
	case ITSM_VALUE_JSON:
		itsm_index_bind_text(statement, position, value->text);
		break;
	}
}

void itsm_index_column_oid(sqlite3_stmt *statement, int column, struct itsm_oid *out)
{
	const void *bytes = sqlite3_column_blob(statement, column);

	if (bytes && sqlite3_column_bytes(statement, column) == (int)sizeof(out->bytes))
		memcpy(out->bytes, bytes, sizeof(out->bytes));
	else
		memset(out, 0, sizeof(*out));
}
