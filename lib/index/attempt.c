/*
 * Running a call of the API: with what can be done when SQLite fails.
 *
 * Damage: begin anew. Tables that are not there, or not those from before:
 * another process began anew, with other kinds maybe; look again, and if that goes on make
 * do without the file. Anything else (no room, no right, a lock that is not given
 * up): go on with a copy in memory.
 */
#include <string.h>

#include "index.h"

/* Up to which content are the numbers those of the file, too? */
static int count_shared(struct itsm_index *index, struct itsm_error *err)
{
	sqlite3_stmt *statement = NULL;
	int status = itsm_index_prepare(index, "SELECT max(bid) FROM itsm_content", &statement, err);

	if (status == 0 && (status = itsm_index_step(index, statement, err)) == 1)
		index->shared = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return status < 0 ? status : 0;
}

/* Go on in memory, with what the file holds as far as it can be read. */
static int move_to_memory(struct itsm_index *index, struct itsm_error *err)
{
	sqlite3 *file = index->db, *memory = NULL;
	sqlite3_backup *backup;
	int code = SQLITE_ERROR;

	if (!index->bare_tables &&
		sqlite3_open_v2(":memory:", &memory, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) == 0) {
		backup = sqlite3_backup_init(memory, "main", file, "main");
		code = backup ? sqlite3_backup_step(backup, -1) : SQLITE_ERROR;
		sqlite3_backup_finish(backup);
	}
	if (code != SQLITE_DONE) {
		sqlite3_close_v2(memory);
		return itsm_index_open_memory(index, err);
	}
	itsm_index_close(index);
	index->db = memory;
	index->memory = true;
	if (itsm_index_set_up(index, err) == 0 && itsm_index_make_ready(index, err) == 0 && count_shared(index, err) == 0)
		return 0;
	return itsm_index_open_memory(index, err);
}

/* What can be done about the last failure? 0 when the call may be tried again. */
static int recover(struct itsm_index *index, int attempt)
{
	itsm_index_rollback(index);
	if (index->memory)
		return -1;
	switch (index->trouble) {
	case SQLITE_NOMEM:
	case SQLITE_INTERRUPT:
	case SQLITE_AUTH:
		return -1;
	case SQLITE_ERROR:
	case SQLITE_SCHEMA:
		itsm_index_drop_inserts(index);
		if (attempt > 1 || itsm_index_views_drop(index, NULL) != 0 || itsm_index_make_ready(index, NULL) != 0)
			return itsm_index_open_memory(index, NULL);
		return 0;
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
	case SQLITE_CONSTRAINT:
		if (itsm_index_wipe(index, NULL) != 0 || itsm_index_views_drop(index, NULL) != 0 ||
			itsm_index_make_ready(index, NULL) != 0) {
			itsm_index_close(index);
			itsm_index_remove_files(index);
			return itsm_index_open_file(index, NULL) == 0 ? 0 : itsm_index_open_memory(index, NULL);
		}
		return 0;
	default:
		return move_to_memory(index, NULL);
	}
}

/* The database is another one than before: make true again what was. */
static int restore(struct itsm_index *index, struct itsm_error *err)
{
	int status = 0;

	index->lost = false;
	if (index->head_wanted)
		status = itsm_index_head_bring(index, &index->head, err);
	if (status == 0 && index->work_wanted)
		status = itsm_index_work_bring(index, NULL, err);
	if (status == 0 && index->history_wanted)
		status = itsm_index_history_bring(index, &index->history, err);
	return status;
}

int itsm_index_attempt(struct itsm_index *index, index_work work, void *context, struct itsm_error *err)
{
	bool proposing = index->proposing;
	int status;

	for (int attempt = 0; ; attempt++) {
		index->trouble = 0;
		status = index->lost ? restore(index, err) : 0;
		if (status == 0)
			status = work(index, context, err);
		if (status == 0 && index->at_wanted && !index->at_loaded && !proposing)
			status = itsm_index_at_fill(index, err);
		if (status == 0)
			status = itsm_index_pin(index, err);
		if (status >= 0)
			return status;
		if (proposing || attempt == 4)
			return status;
		if (status != ITSM_EINDEX) {
			itsm_index_rollback(index);
			return status;
		}
		if (recover(index, attempt) != 0)
			return status;
	}
}
