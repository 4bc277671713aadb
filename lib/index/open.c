/*
 * Opening the file, and what happens when it cannot be used.
 *
 * The file is in WAL mode: readers and one writer at once. Commits are not
 * synced (synchronous=NORMAL: only checkpoints are): after a crash of the
 * machine the file is as it was a little earlier, never half. The last process
 * to close it leaves the log in place, since copying it would cost two fsyncs;
 * whoever makes it long copies and empties it, since each process reads all of it first.
 *
 * A process that cannot write (read-only folder, full disk, the lock held for
 * more than a moment) goes on with a copy in memory: right, only not kept.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"

#define WAIT_BUILT_MS 1000   /* for others' small writes */
#define WAIT_UNBUILT_MS 10000 /* for another process that is building what we want */
#define LENGTH_LIMIT (128 << 20)

/* Called at each commit in place of SQLite's own checkpoints: itsm_index_commit makes them. */
static int count_log(void *context, sqlite3 *db, const char *name, int pages)
{
	struct itsm_index *index = context;

	(void)db;
	(void)name;
	index->log_pages = pages;
	return SQLITE_OK;
}

static void set_wait(struct itsm_index *index, int milliseconds)
{
	index->wait = milliseconds;
	sqlite3_busy_timeout(index->db, milliseconds);
}

int itsm_index_set_up(struct itsm_index *index, struct itsm_error *err)
{
	static const char pragmas[] =
		"PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;"
		"PRAGMA secure_delete = OFF;"
		"PRAGMA mmap_size = 1073741824";

	sqlite3_extended_result_codes(index->db, 1);
	set_wait(index, WAIT_UNBUILT_MS);
	sqlite3_db_config(index->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(index->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(index->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	/* views of our own are temporary; one in a file that somebody planted would run for ever */
	sqlite3_db_config(index->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_db_config(index->db, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
	sqlite3_db_config(index->db, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
	sqlite3_limit(index->db, SQLITE_LIMIT_LENGTH, LENGTH_LIMIT);
	sqlite3_limit(index->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_limit(index->db, SQLITE_LIMIT_TRIGGER_DEPTH, 1);
	sqlite3_limit(index->db, SQLITE_LIMIT_LIKE_PATTERN_LENGTH, 200);
	sqlite3_limit(index->db, SQLITE_LIMIT_COMPOUND_SELECT, 200);
	sqlite3_limit(index->db, SQLITE_LIMIT_EXPR_DEPTH, 300);
	if (itsm_index_execute(index, pragmas, err) != 0)
		return ITSM_EINDEX;
	sqlite3_wal_hook(index->db, count_log, index);
	itsm_index_guard(index);
	if (itsm_index_functions(index, err) != 0 || itsm_index_void_register(index, err) != 0)
		return ITSM_EINDEX;
	return itsm_index_impact_declare(index, err);
}

void itsm_index_close(struct itsm_index *index)
{
	itsm_index_drop_statements(index);
	itsm_index_impact_forget(index);
	itsm_index_calendars_drop(index);
	itsm_index_clocks_free(index);
	index->view_count = 0;
	index->depth = 0;
	index->pinned = index->proposing = index->at_loaded = index->warm = false;
	index->epoch[0] = '\0';
	sqlite3_close_v2(index->db);
	index->db = NULL;
}

static int open_path(struct itsm_index *index, const char *path, struct itsm_error *err)
{
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int status;

	if (sqlite3_open_v2(path, &index->db, flags, NULL) != SQLITE_OK)
		status = itsm_index_sql_error(index, err);
	else
		status = itsm_index_set_up(index, err);
	if (status != 0)
		itsm_index_close(index);
	return status;
}

/* Empty a damaged database, with its locks kept. */
int itsm_index_wipe(struct itsm_index *index, struct itsm_error *err)
{
	int status;

	itsm_index_rollback(index);
	itsm_index_drop_statements(index);
	sqlite3_db_config(index->db, SQLITE_DBCONFIG_DEFENSIVE, 0, NULL);
	sqlite3_db_config(index->db, SQLITE_DBCONFIG_RESET_DATABASE, 1, NULL);
	status = itsm_index_execute(index, "VACUUM", err);
	sqlite3_db_config(index->db, SQLITE_DBCONFIG_RESET_DATABASE, 0, NULL);
	return status;
}

int itsm_index_drop_tables(struct itsm_index *index, struct itsm_error *err)
{
	static const char sql[] = "SELECT group_concat(format('DROP TABLE \"%w\";', name), '') FROM main.sqlite_schema"
		" WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'";
	sqlite3_stmt *statement = NULL;
	char *drops = NULL;
	int status = itsm_index_prepare(index, sql, &statement, err);

	if (status == 0 && (status = itsm_index_step(index, statement, err)) == 1 &&
	    sqlite3_column_type(statement, 0) != SQLITE_NULL)
		drops = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	itsm_index_drop_statements(index);
	if (drops)
		status = itsm_index_execute(index, drops, err);
	sqlite3_free(drops);
	return status < 0 ? status : 0;
}

/*
 * Begin the index anew. Another process may be at the same: whoever gets the
 * lock does it, the others see that it fits.
 */
static int begin_anew(struct itsm_index *index, struct itsm_error *err)
{
	int status = 0;

	index->epoch[0] = '\0';
	index->lost = true;
	if (!index->memory)
		status = itsm_index_execute(index, "PRAGMA journal_mode = WAL", err);
	if (status == 0)
		status = itsm_index_begin(index, err);
	if (status == 0 && (status = itsm_index_schema_fits(index, NULL)) <= 0 &&
		(status = itsm_index_drop_tables(index, err)) == 0 && (status = itsm_index_schema_create(index, err)) == 0)
		status = itsm_index_schema_fits(index, err);
	if (status >= 0)
		return itsm_index_commit(index, err);
	itsm_index_rollback(index);
	return status;
}

int itsm_index_make_ready(struct itsm_index *index, struct itsm_error *err)
{
	int status = itsm_index_schema_fits(index, err);

	if (status == 0 || (status < 0 && index->trouble == SQLITE_ERROR)) /* tables that are not there */
		status = begin_anew(index, err);
	if (status < 0)
		return status;
	set_wait(index, index->bare_tables ? WAIT_UNBUILT_MS : WAIT_BUILT_MS);
	sqlite3_db_config(index->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return 0;
}

int itsm_index_open_memory(struct itsm_index *index, struct itsm_error *err)
{
	int status;

	if (index->db)
		itsm_index_close(index);
	index->memory = true;
	index->shared = 0;
	status = open_path(index, ":memory:", err);
	return status == 0 ? itsm_index_make_ready(index, err) : status;
}

void itsm_index_remove_files(const struct itsm_index *index)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	char path[INDEX_PATH_MAX];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		snprintf(path, sizeof(path), "%s%s", index->path, suffixes[i]);
		unlink(path);
	}
}

/* What a link leads to is not ours to write to, to empty or to take away, and a pipe would be waited for. */
int itsm_index_refuse_link(const char *path, struct itsm_error *err)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	char file[INDEX_PATH_MAX + 16];
	struct stat about;

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		snprintf(file, sizeof(file), "%s%s", path, suffixes[i]);
		if (lstat(file, &about) == 0 && !S_ISREG(about.st_mode))
			return itsm_error_set(err, ITSM_EINDEX, "%s is no regular file; remove it", file);
	}
	return 0;
}

int itsm_index_open_file(struct itsm_index *index, struct itsm_error *err)
{
	char folder[INDEX_PATH_MAX];
	int status;

	snprintf(folder, sizeof(folder), "%s/itsm", index->options.place->git_dir);
	if (mkdir(folder, 0777) != 0 && errno != EEXIST)
		return itsm_error_set(err, ITSM_EINDEX, "%s: %s", folder, strerror(errno));
	if ((status = itsm_index_refuse_link(index->path, err)) != 0)
		return status;
	for (int attempt = 0; ; attempt++) {
		status = open_path(index, index->path, err);
		if (status == 0 && (status = itsm_index_make_ready(index, err)) != 0)
			itsm_index_close(index);
		if (status == 0 || attempt == 1 ||
			(index->trouble != SQLITE_CORRUPT && index->trouble != SQLITE_NOTADB))
			return status;
		itsm_index_remove_files(index);
	}
}

const char *itsm_index_path(struct itsm_arena *arena, const struct itsm_place *place)
{
	return itsm_arena_printf(arena, "%s/itsm/index-v%d.db", place->git_dir, ITSM_INDEX_FORMAT);
}

int itsm_index_open(const struct itsm_index_options *options, struct itsm_index **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_index *index = itsm_arena_alloc(arena, sizeof(*index));
	struct itsm_error failure = {0};

	index->arena = arena;
	index->options = *options;
	index->now = options->now;
	index->kind_count = itsm_kinds_count(options->kinds);
	index->kind_inserts = itsm_arena_alloc(arena, (index->kind_count + 1) * sizeof(*index->kind_inserts));
	index->path = itsm_index_path(arena, options->place);
	if (options->memory || itsm_index_open_file(index, &failure) != 0) {
		int status;

		snprintf(index->reason, sizeof(index->reason), "%.255s", failure.message);
		status = itsm_index_open_memory(index, err);

		if (status != 0) {
			itsm_index_free(index);
			return status;
		}
	}
	*out = index;
	return 0;
}

void itsm_index_free(struct itsm_index *index)
{
	struct itsm_arena *arena = index ? index->arena : NULL;

	if (!index)
		return;
	itsm_index_search_free(index->search);
	itsm_index_risk_free(index);
	if (index->db) /* an open transaction, and what is temporary, go with it */
		itsm_index_close(index);
	itsm_arena_free(index->proposal_arena);
	itsm_arena_free(arena);
}
