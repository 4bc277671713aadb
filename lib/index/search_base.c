/*
 * The database of the full text: <git dir>/itsm/search-v1.db, beside the index, whose content rows it is keyed by.
 *
 *   itsm_meta   key, value: format; epoch (of the index it belongs to); and what it is known to hold all of:
 *               work (generation), head, at (commits)
 *   itsm_text   bid, sum: whose text is there, and a checksum of the file
 *   text        FTS5 without content: the words of title, fields and body, by bid. Excerpts are cut from the files.
 *
 * Content never changes and a bid is never given twice, so that text is only ever added. It is begun anew when the
 * index was, when the file is damaged or of another format, and when most of it is text that is no more. Another
 * process that wants the same waits for the lock and finds it done; where the file cannot be written or a lock is
 * not given up, the database is in memory, a copy of the file where that can be.
 *
 * The first filling is in SQLite's rollback mode, which writes each page once; then the file goes to WAL mode, in
 * which many read while one adds. FTS5 keeps words in sorted segments. By itself it merges them when a write makes
 * one too many, some seconds' work at once; here each write merges a bounded number of pages.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "search.h"

#define SEARCH_FORMAT 1
#define WAIT_MS 10000
#define WAIT_UNBUILT_MS 60000
#define ATTEMPTS_MAX 5
#define WIPES_MAX 2
#define LOG_PAGES_MAX 500
#define MERGE_PAGES 64

static const char tables[] =
	"CREATE TABLE itsm_meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	"CREATE TABLE itsm_text(bid INTEGER PRIMARY KEY, sum INTEGER);"
	"CREATE VIRTUAL TABLE text USING fts5(title, fields, body, content = '', " SEARCH_TOKENIZER ");"
	"INSERT INTO text(text, rank) VALUES('automerge', 0);"
	"INSERT INTO text(text, rank) VALUES('crisismerge', 64);"
	"INSERT INTO text(text, rank) VALUES('hashsize', 8388608)";

/* What the snapshot in use is known by: a key of itsm_meta and its value. */
struct snapshot_name {
	const char *key;
	char value[48];
};

int itsm_index_search_error(struct index_search *search, struct itsm_error *err)
{
	search->trouble = sqlite3_errcode(search->db) & 0xff;
	return itsm_error_set(err, ITSM_EIO, "the full text: %s; delete %s if this stays", sqlite3_errmsg(search->db),
		search->path);
}

int itsm_index_search_execute(struct index_search *search, const char *sql, struct itsm_error *err)
{
	if (sqlite3_exec(search->db, sql, NULL, NULL, NULL) == SQLITE_OK)
		return 0;
	return itsm_index_search_error(search, err);
}

int itsm_index_search_prepare(
	struct index_search *search, const char *sql, sqlite3_stmt **out, struct itsm_error *err)
{
	if (sqlite3_prepare_v2(search->db, sql, -1, out, NULL) == SQLITE_OK)
		return 0;
	return itsm_index_search_error(search, err);
}

int itsm_index_search_step(struct index_search *search, sqlite3_stmt *statement, struct itsm_error *err)
{
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	default:
		return itsm_index_search_error(search, err);
	}
}

static int get(struct index_search *search, const char *key, char value[48], struct itsm_error *err)
{
	sqlite3_stmt *statement = NULL;
	int status =
		itsm_index_search_prepare(search, "SELECT value FROM itsm_meta WHERE key = ?1", &statement, err);

	*value = '\0';
	if (status == 0) {
		itsm_index_bind_text(statement, 1, key);
		status = itsm_index_search_step(search, statement, err);
	}
	if (status == 1 && sqlite3_column_type(statement, 0) != SQLITE_NULL)
		snprintf(value, 48, "%s", (const char *)sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	return status < 0 ? status : 0;
}

static int set(struct index_search *search, const char *key, const char *value, struct itsm_error *err)
{
	static const char sql[] = "INSERT OR REPLACE INTO itsm_meta(key, value) VALUES(?1, ?2)";
	sqlite3_stmt *statement = NULL;
	int status = itsm_index_search_prepare(search, sql, &statement, err);

	if (status == 0) {
		itsm_index_bind_text(statement, 1, key);
		itsm_index_bind_text(statement, 2, value);
		status = itsm_index_search_step(search, statement, err);
	}
	sqlite3_finalize(statement);
	return status;
}

/* 1 when the tables are of this format and belong to the index, 0 when not, negative. */
static int fits(struct index_search *search, struct itsm_error *err)
{
	char format[48], epoch[48];
	int status = get(search, "format", format, err);

	if (status == 0)
		status = get(search, "epoch", epoch, err);
	if (status != 0 && search->trouble == SQLITE_ERROR) { /* no such table */
		search->trouble = 0;
		return 0;
	}
	if (status != 0)
		return status;
	return atoi(format) == SEARCH_FORMAT && strcmp(epoch, search->index->epoch) == 0;
}

static int name_snapshot(struct itsm_index *index, struct snapshot_name *out, struct itsm_error *err)
{
	struct itsm_arena *arena;
	struct itsm_oid commit = index->at;
	const char *value = NULL;
	int status = 0;

	out->key = index->snapshot == ITSM_SNAPSHOT_WORK ? "work" : index->snapshot == ITSM_SNAPSHOT_HEAD ? "head" : "at";
	if (index->snapshot == ITSM_SNAPSHOT_WORK) {
		arena = itsm_arena_new();
		status = itsm_index_meta_get(index, "work", arena, &value, err);
		snprintf(out->value, sizeof(out->value), "%s", value ? value : "");
		itsm_arena_free(arena);
		return status;
	}
	if (index->snapshot == ITSM_SNAPSHOT_HEAD && (status = itsm_index_meta_oid(index, "head", &commit, err)) < 0)
		return status;
	itsm_oid_text(&commit, out->value);
	return 0;
}

static void close_base(struct index_search *search)
{
	sqlite3_close_v2(search->db);
	search->db = NULL;
}

/* Called at each commit in place of SQLite's own checkpoints. */
static int count_log(void *context, sqlite3 *db, const char *name, int pages)
{
	struct index_search *search = context;

	(void)db;
	(void)name;
	search->log_pages = pages;
	return SQLITE_OK;
}

static int open_base(struct index_search *search, const char *path, struct itsm_error *err)
{
	static const char pragmas[] = "PRAGMA synchronous = NORMAL; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -65536;"
				      "PRAGMA secure_delete = OFF; PRAGMA mmap_size = 1073741824";
	const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	int status;

	if (sqlite3_open_v2(path, &search->db, flags, NULL) != SQLITE_OK) {
		status = itsm_index_search_error(search, err);
		close_base(search);
		return status;
	}
	sqlite3_extended_result_codes(search->db, 1);
	sqlite3_busy_timeout(search->db, WAIT_MS);
	sqlite3_db_config(search->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	sqlite3_db_config(search->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	sqlite3_db_config(search->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	sqlite3_db_config(search->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	sqlite3_limit(search->db, SQLITE_LIMIT_ATTACHED, 0);
	sqlite3_wal_hook(search->db, count_log, search);
	if ((status = itsm_index_search_execute(search, pragmas, err)) != 0)
		close_base(search);
	return status;
}

/* Does what is in memory hold text by the index's own numbers? The file may be ahead of an index that is a copy. */
static bool is_ours(struct index_search *search)
{
	sqlite3_stmt *statement = NULL;
	bool ours = fits(search, NULL) == 1;

	if (ours && search->index->memory &&
		itsm_index_search_prepare(search, "SELECT max(bid) FROM itsm_text", &statement, NULL) == 0)
		ours = sqlite3_step(statement) == SQLITE_ROW &&
			sqlite3_column_int64(statement, 0) <= search->index->shared;
	sqlite3_finalize(statement);
	return ours && itsm_index_search_execute(
		search, "DELETE FROM itsm_meta WHERE key IN ('work', 'head', 'at')", NULL) == 0;
}

/* Go on in memory, with what the file holds where that is of use. */
static int move_to_memory(struct index_search *search, bool copy, struct itsm_error *err)
{
	sqlite3 *file = search->db;
	sqlite3_backup *backup;
	int status;

	search->memory = true;
	search->db = NULL;
	status = open_base(search, ":memory:", err);
	if (status == 0 && copy && file && (backup = sqlite3_backup_init(search->db, "main", file, "main")) != NULL) {
		sqlite3_backup_step(backup, -1);
		sqlite3_backup_finish(backup);
		if (!is_ours(search)) {
			close_base(search);
			status = open_base(search, ":memory:", err);
		}
	}
	sqlite3_close_v2(file);
	return status;
}

static void remove_files(const struct index_search *search)
{
	static const char *const suffixes[] = {"", "-wal", "-shm", "-journal"};
	char path[INDEX_PATH_MAX];

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(*suffixes); i++) {
		snprintf(path, sizeof(path), "%s%s", search->path, suffixes[i]);
		unlink(path);
	}
}

/* Empty a damaged database with its locks kept, else take the files away. */
static int wipe(struct index_search *search, struct itsm_error *err)
{
	int status = SQLITE_ERROR;

	if (search->db) {
		sqlite3_db_config(search->db, SQLITE_DBCONFIG_RESET_DATABASE, 1, NULL);
		status = sqlite3_exec(search->db, "VACUUM", NULL, NULL, NULL);
		close_base(search);
	}
	if (status != SQLITE_OK)
		remove_files(search);
	return open_base(search, search->path, err);
}

static void roll_back(struct index_search *search)
{
	if (search->db && !sqlite3_get_autocommit(search->db))
		sqlite3_exec(search->db, "ROLLBACK", NULL, NULL, NULL);
}

/* Take away what is there and make the tables. */
static int begin_anew(struct index_search *search, struct itsm_error *err)
{
	static const char drop[] = "DROP TABLE IF EXISTS itsm_meta; DROP TABLE IF EXISTS itsm_text; DROP TABLE IF EXISTS text";
	char format[16];
	int status;

	snprintf(format, sizeof(format), "%d", SEARCH_FORMAT);
	if ((status = itsm_index_search_execute(search, drop, err)) != 0 ||
		(status = itsm_index_search_execute(search, tables, err)) != 0 ||
		(status = set(search, "format", format, err)) != 0)
		return status;
	return set(search, "epoch", search->index->epoch, err);
}

/* Copy a long log into the file and empty it, unless somebody reads. */
static void shorten_log(struct index_search *search)
{
	if (search->log_pages < LOG_PAGES_MAX)
		return;
	sqlite3_busy_timeout(search->db, 0);
	sqlite3_wal_checkpoint_v2(search->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(search->db, WAIT_MS);
	search->log_pages = 0;
}

/* Within a write transaction. */
static int add_text(struct index_search *search, const struct snapshot_name *name, struct itsm_error *err)
{
	bool whole, stale, anew = false;
	char merge[96];
	int status = fits(search, err);

	if (status == 0 && (status = begin_anew(search, err)) == 0)
		anew = true;
	if (status < 0 || (status = itsm_index_search_fill(search, &whole, &stale, err)) != 0)
		return status;
	if (stale && !anew) {
		anew = true;
		if ((status = begin_anew(search, err)) != 0 ||
			(status = itsm_index_search_fill(search, &whole, &stale, err)) != 0)
			return status;
	}
	if (whole && (status = set(search, name->key, name->value, err)) != 0)
		return status;
	if (anew)
		return itsm_index_search_execute(search, "INSERT INTO text(text) VALUES('optimize')", err);
	snprintf(merge, sizeof(merge), "INSERT INTO text(text, rank) VALUES('merge', %d)", MERGE_PAGES);
	return itsm_index_search_execute(search, merge, err);
}

static int bring(struct index_search *search, const struct snapshot_name *name, struct itsm_error *err)
{
	int status;

	roll_back(search);
	sqlite3_busy_timeout(search->db, fits(search, NULL) == 1 ? WAIT_MS : WAIT_UNBUILT_MS);
	status = itsm_index_search_execute(search, "BEGIN IMMEDIATE", err);
	if (status == 0 && (status = add_text(search, name, err)) == 0)
		status = itsm_index_search_execute(search, "COMMIT", err);
	if (status != 0) {
		roll_back(search);
		return status;
	}
	if (!search->memory) {
		sqlite3_exec(search->db, "PRAGMA journal_mode = WAL", NULL, NULL, NULL);
		shorten_log(search);
	}
	return 0;
}

enum finding {
	FOREIGN,                        /* another index's, or nothing */
	PARTIAL,                        /* something of the snapshot may be missing */
	WHOLE,
};

/* What is there, seen in a transaction that stays. */
static int look(struct index_search *search, const struct snapshot_name *name, struct itsm_error *err)
{
	char value[48];
	int status;

	roll_back(search);
	if ((status = itsm_index_search_execute(search, "BEGIN", err)) != 0)
		return status;
	if ((status = fits(search, err)) != 1)
		return status < 0 ? status : FOREIGN;
	if ((status = get(search, name->key, value, err)) != 0)
		return status;
	return *value && strcmp(value, name->value) == 0 ? WHOLE : PARTIAL;
}

bool itsm_index_search_recover(struct index_search *search)
{
	bool damaged = search->trouble == SQLITE_CORRUPT || search->trouble == SQLITE_NOTADB ||
		search->trouble == SQLITE_ERROR || search->trouble == SQLITE_CONSTRAINT;

	roll_back(search);
	if (!search->trouble || search->trouble == SQLITE_NOMEM || search->memory)
		return false;
	if (damaged && search->wipes++ < WIPES_MAX && wipe(search, NULL) == 0)
		return true;
	return move_to_memory(search, !damaged, NULL) == 0;
}

static struct index_search *make(struct itsm_index *index)
{
	struct index_search *search = itsm_arena_alloc(index->arena, sizeof(*search));

	search->index = index;
	search->path =
		itsm_arena_printf(index->arena, "%s/itsm/search-v%d.db", index->options.place->git_dir, SEARCH_FORMAT);
	return search;
}

bool itsm_index_has_text(struct itsm_index *index)
{
	struct index_search *search = index->search ? index->search : make(index);

	index->search = search;
	return search->db || access(search->path, F_OK) == 0;
}

/*
 * 0 with what there is to search. Text that could not be had (a file changed since the scan) is not waited for: it
 * is looked for at the next search.
 */
int itsm_index_search_begin(struct itsm_index *index, struct index_search **out, struct itsm_error *err)
{
	struct index_search *search = index->search ? index->search : make(index);
	struct snapshot_name name;
	int status = name_snapshot(index, &name, err);

	index->search = search;
	for (int attempt = 0; status == 0 && attempt < ATTEMPTS_MAX; attempt++) {
		search->trouble = 0;
		if (!search->db && !search->memory)
			status = itsm_index_refuse_link(search->path, NULL) == 0 ? open_base(search, search->path, err) :
				move_to_memory(search, false, err);
		if (status == 0 && index->memory && !search->memory)
			status = move_to_memory(search, true, err);
		if (status == 0 && (status = look(search, &name, err)) >= 0 && status != WHOLE &&
			(status = bring(search, &name, err)) == 0)
			status = look(search, &name, err);
		if (status > FOREIGN) {
			*out = search;
			return 0;
		}
		if (status < 0 && !itsm_index_search_recover(search))
			break;
		status = 0;
	}
	roll_back(search);
	return status ? status : itsm_error_set(err, ITSM_EIO, "the full text is changed all the time; try again");
}

void itsm_index_search_end(struct index_search *search)
{
	roll_back(search);
}

void itsm_index_search_free(struct index_search *search)
{
	if (!search)
		return;
	roll_back(search);
	close_base(search);
	sqlite3_close_v2(search->notes);
	search->notes = NULL;
}
