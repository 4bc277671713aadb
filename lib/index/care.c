/* Caring for the index: what it knows, building it anew, and whether it says what it should. */
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>

#include "index.h"

static int64_t size_of(const char *path)
{
	struct stat about;

	return lstat(path, &about) == 0 ? (int64_t)about.st_size : 0;
}

static int count(struct itsm_index *index, const char *sql, int64_t *out, struct itsm_error *err)
{
	sqlite3_stmt *statement = NULL;
	int status = itsm_index_prepare(index, sql, &statement, err);

	if (status == 0 && (status = itsm_index_step(index, statement, err)) == 1)
		*out = sqlite3_column_int64(statement, 0);
	sqlite3_finalize(statement);
	return status < 0 ? status : 0;
}

struct telling {
	struct itsm_arena *arena;
	struct itsm_index_status *out;
};

static int tell(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct telling *telling = context;
	struct itsm_index_status *out = telling->out;
	const struct {
		const char *sql;
		int64_t *to;
	} counts[] = {
		{"SELECT count(*) FROM itsm_work_entry", &out->work_files},
		{"SELECT count(*) FROM itsm_head_entry", &out->head_files},
		{"SELECT count(*) FROM itsm_content WHERE readable", &out->versions},
		{"SELECT count(*) FROM itsm_commit", &out->commits},
		{"SELECT count(*) FROM itsm_touch", &out->touches},
	};
	const char *work = NULL;
	int status = itsm_index_pin(index, err);

	for (size_t i = 0; i < sizeof(counts) / sizeof(*counts) && status == 0; i++)
		status = count(index, counts[i].sql, counts[i].to, err);
	if (status == 0)
		status = itsm_index_meta_get(index, "kinds", telling->arena, &out->kinds, err);
	if (status == 0)
		status = itsm_index_meta_get(index, "work", telling->arena, &work, err);
	out->work = work != NULL;
	if (status == 0)
		status = itsm_index_meta_oid(index, "head", &out->head, err);
	if (status >= 0)
		status = itsm_index_meta_oid(index, "history", &out->history, err);
	return status < 0 ? status : 0;
}

int itsm_index_tell(struct itsm_index *index, struct itsm_arena *arena, struct itsm_index_status *out,
	struct itsm_error *err)
{
	struct itsm_index_status found = {0};
	struct telling telling = {arena, &found};
	int status = itsm_index_attempt(index, tell, &telling, err);

	if (status != 0)
		return status;
	found.path = itsm_arena_strdup(arena, index->path);
	found.trouble = index->memory ? itsm_arena_strdup(arena, index->reason) : NULL;
	found.format = ITSM_INDEX_FORMAT;
	if (!index->memory) {
		found.bytes = size_of(index->path);
		found.log_bytes = size_of(itsm_arena_printf(arena, "%s-wal", index->path));
	}
	*out = found;
	return 0;
}

/* All three, for as much as there is of the desk. */
static int bring_all(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	int status = itsm_index_history_bring(index, head, err); /* the first: it reads what HEAD has too */

	if (status == 0)
		status = itsm_index_head_bring(index, head, err);
	return status == 0 && index->options.place->root ? itsm_index_work_bring(index, NULL, err) : status;
}

static int rebuild(struct itsm_index *index, void *context, struct itsm_error *err)
{
	int status = itsm_index_views_drop(index, err);

	if (status != 0 || (status = itsm_index_begin(index, err)) != 0)
		return status;
	itsm_index_drop_statements(index);
	index->epoch[0] = '\0';
	if ((status = itsm_index_drop_tables(index, err)) == 0 && (status = itsm_index_schema_create(index, err)) == 0 &&
		(status = itsm_index_schema_fits(index, err)) > 0)
		status = bring_all(index, context, err);
	return itsm_index_end(index, status, err);
}

int itsm_index_rebuild(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	struct itsm_oid wanted = *head;
	int status = index->memory ? 0 : itsm_index_attempt(index, rebuild, &wanted, err);

	if (status == 0 && index->memory)
		return itsm_error_set(err, ITSM_EINDEX, "%s cannot be written: %s; all commands work without it, only slower",
			index->path, index->reason);
	return status;
}

/* SQLite's own check. What it says is told, damage that it cannot read past too. */
static void check_file(struct itsm_index *index, struct itsm_examination *examination)
{
	sqlite3_stmt *rows = NULL;
	int code = sqlite3_prepare_v2(index->db, "PRAGMA main.integrity_check", -1, &rows, NULL);

	while (code == SQLITE_OK && (code = sqlite3_step(rows)) == SQLITE_ROW) {
		const char *said = (const char *)sqlite3_column_text(rows, 0);

		code = SQLITE_OK;
		if (said && strcmp(said, "ok") != 0 && examination->count++ < examination->limit)
			examination->difference(examination->context, "file", false, said);
	}
	if (code != SQLITE_OK && code != SQLITE_DONE && examination->count++ < examination->limit)
		examination->difference(examination->context, "file", false, sqlite3_errmsg(index->db));
	sqlite3_finalize(rows);
}

static void tell_row(struct itsm_examination *examination, const char *where, bool missing, const char *row, size_t length)
{
	struct itsm_buffer text = {0};

	if (examination->count++ >= examination->limit)
		return;
	itsm_buffer_add(&text, row, length);
	examination->difference(examination->context, where, missing, text.data);
	itsm_buffer_free(&text);
}

static int compare_rows(const char *a, size_t a_length, const char *b, size_t b_length)
{
	int order = memcmp(a, b, a_length < b_length ? a_length : b_length);

	return order ? order : (a_length > b_length) - (a_length < b_length);
}

/* Both dumps are sorted lines. */
static void compare(struct itsm_examination *examination, const char *where, const char *have, const char *want)
{
	while (*have || *want) {
		size_t has = strcspn(have, "\n"), wants = strcspn(want, "\n");
		int order = !*have ? 1 : !*want ? -1 : compare_rows(have, has, want, wants);

		if (order < 0)
			tell_row(examination, where, false, have, has);
		else if (order > 0)
			tell_row(examination, where, true, want, wants);
		if (order <= 0)
			have += has + (have[has] == '\n');
		if (order >= 0)
			want += wants + (want[wants] == '\n');
	}
}

static int compare_snapshots(struct itsm_index *index, struct itsm_index *fresh, enum itsm_snapshot snapshot,
	const char *where, struct itsm_examination *examination, struct itsm_error *err)
{
	struct itsm_buffer have = {0}, want = {0};
	int status;

	if ((status = itsm_index_use(index, snapshot, err)) == 0 && (status = itsm_index_use(fresh, snapshot, err)) == 0 &&
		(status = itsm_index_dump(index, &have, err)) == 0 && (status = itsm_index_dump(fresh, &want, err)) == 0)
		compare(examination, where, have.data ? have.data : "", want.data ? want.data : "");
	itsm_buffer_free(&have);
	itsm_buffer_free(&want);
	return status;
}

static int refresh_all(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	int status = itsm_index_history(index, head, err);

	if (status == 0)
		status = itsm_index_refresh_head(index, head, err);
	return status == 0 && index->options.place->root ? itsm_index_refresh_work(index, err) : status;
}

int itsm_index_examine(struct itsm_index *index, const struct itsm_oid *head, struct itsm_examination *examination,
	struct itsm_error *err)
{
	struct itsm_index_options options = index->options;
	struct itsm_index *fresh;
	int status;

	options.memory = true;
	examination->count = 0;
	if (examination->limit == 0)
		examination->limit = SIZE_MAX;
	check_file(index, examination);
	if (examination->count) /* what would be read next is what is damaged, and reading it would mend it unseen */
		return 0;
	if ((status = itsm_index_open(&options, &fresh, err)) != 0)
		return status;
	if ((status = refresh_all(index, head, err)) == 0 && (status = refresh_all(fresh, head, err)) == 0)
		status = compare_snapshots(index, fresh, ITSM_SNAPSHOT_HEAD, "head", examination, err);
	if (status == 0 && options.place->root)
		status = compare_snapshots(index, fresh, ITSM_SNAPSHOT_WORK, "work", examination, err);
	itsm_index_free(fresh);
	return status;
}
