/*
 * Views as an ordinary SQLite file, for programs that know nothing of itsm.
 *
 * Header of the file: application_id says that it is one of these, so that it may be replaced
 * by the next. Nothing is journaled: the file is a new one that nobody knows of until it is whole.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "index.h"
#include "itsm/file.h"
#include "itsm/utf8.h"

#define APPLICATION_ID 0x6974736d /* "itsm" */
#define HEADER_SIZE 100
#define PROGRESS_EVERY 1024

struct writing {
	struct itsm_index *index;
	sqlite3 *db;
	const char *path;               /* as the user gave it */
	const char *const *names;
	struct itsm_error *err;
	bool begun;
};

static int file_error(struct writing *writing)
{
	return itsm_error_set(writing->err, ITSM_EIO, "%s cannot be written: %s", writing->path,
		sqlite3_errmsg(writing->db));
}

static int execute(struct writing *writing, const char *sql)
{
	return sqlite3_exec(writing->db, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : file_error(writing);
}

static const char *declared_type(const struct itsm_column *column)
{
	switch (itsm_column_value_type(column)) {
	case ITSM_VALUE_INTEGER:
		return "INTEGER";
	case ITSM_VALUE_REAL:
		return "REAL";
	case ITSM_VALUE_BOOLEAN:
		return "INTEGER";
	default:
		return "TEXT";
	}
}

static bool is_key(const struct itsm_column *column)
{
	static const char *const keys[] = {"id", "source", "target", "record", "commit_id", NULL};

	return itsm_list_has(keys, column->name);
}

static int make_indexes(struct writing *writing, const struct itsm_view *view)
{
	struct itsm_buffer sql = {0}, name = {0};
	int status = 0;

	for (size_t i = 0; i < view->count && status == 0; i++) {
		if (!is_key(&view->columns[i]))
			continue;
		itsm_buffer_clear(&sql);
		itsm_buffer_clear(&name);
		itsm_buffer_printf(&name, "%s_by_%s", view->name, view->columns[i].name);
		itsm_buffer_puts(&sql, "CREATE INDEX ");
		itsm_index_quote(&sql, name.data);
		itsm_buffer_puts(&sql, " ON ");
		itsm_index_quote(&sql, view->name);
		itsm_buffer_putc(&sql, '(');
		itsm_index_quote(&sql, view->columns[i].name);
		itsm_buffer_putc(&sql, ')');
		status = execute(writing, sql.data);
	}
	itsm_buffer_free(&sql);
	itsm_buffer_free(&name);
	return status;
}

/* CREATE TABLE, and the statements that read the view and fill the table. */
static void compose(const struct itsm_view *view, struct itsm_buffer *create, struct itsm_buffer *select,
	struct itsm_buffer *insert)
{
	itsm_buffer_puts(create, "CREATE TABLE ");
	itsm_index_quote(create, view->name);
	itsm_buffer_puts(select, "SELECT ");
	itsm_buffer_puts(insert, "INSERT INTO ");
	itsm_index_quote(insert, view->name);
	for (size_t i = 0; i < view->count; i++) {
		itsm_buffer_puts(create, i ? ", " : "(");
		itsm_index_quote(create, view->columns[i].name);
		itsm_buffer_printf(create, " %s", declared_type(&view->columns[i]));
		itsm_buffer_puts(select, i ? ", " : "");
		itsm_index_quote(select, view->columns[i].name);
		itsm_buffer_puts(insert, i ? ", ?" : " VALUES(?");
	}
	itsm_buffer_puts(create, ")");
	itsm_buffer_puts(select, " FROM ");
	itsm_index_quote(select, view->name);
	itsm_buffer_puts(insert, ")");
}

/* Messages of commits may be anything, and other programs stumble over text that is not UTF-8. */
static void bind(sqlite3_stmt *insert, int position, sqlite3_value *value)
{
	const char *text = sqlite3_value_type(value) == SQLITE_TEXT ? (const char *)sqlite3_value_text(value) : NULL;
	struct itsm_arena *arena;

	if (!text || itsm_utf8_invalid(text, strlen(text)) == strlen(text)) {
		sqlite3_bind_value(insert, position, value);
		return;
	}
	arena = itsm_arena_new();
	itsm_index_bind_text(insert, position, itsm_utf8_repair(arena, text));
	itsm_arena_free(arena);
}

static int copy_rows(struct writing *writing, const struct itsm_view *view, sqlite3_stmt *rows, sqlite3_stmt *insert)
{
	size_t done = 0;
	int status;

	while ((status = itsm_index_step(writing->index, rows, writing->err)) == 1) {
		for (int i = 0; i < (int)view->count; i++)
			bind(insert, i + 1, sqlite3_column_value(rows, i));
		if (sqlite3_step(insert) != SQLITE_DONE)
			return file_error(writing);
		sqlite3_reset(insert);
		if (done++ % PROGRESS_EVERY == 0)
			itsm_index_progress(writing->index, "exporting", done, 0);
	}
	return status;
}

static int write_view(struct writing *writing, const struct itsm_view *view)
{
	struct itsm_buffer create = {0}, select = {0}, insert = {0};
	sqlite3_stmt *rows = NULL, *filler = NULL;
	int status;

	compose(view, &create, &select, &insert);
	status = itsm_index_views_for(writing->index, select.data, writing->err);
	if (status == 0)
		status = itsm_index_prepare(writing->index, select.data, &rows, writing->err);
	if (status == 0)
		status = execute(writing, create.data);
	if (status == 0 && sqlite3_prepare_v2(writing->db, insert.data, -1, &filler, NULL) != SQLITE_OK)
		status = file_error(writing);
	if (status == 0)
		status = copy_rows(writing, view, rows, filler);
	sqlite3_finalize(rows);
	sqlite3_finalize(filler);
	if (status == 0)
		status = make_indexes(writing, view);
	itsm_buffer_free(&create);
	itsm_buffer_free(&select);
	itsm_buffer_free(&insert);
	return status;
}

/* Take away what an attempt before left. */
static int wipe(struct writing *writing)
{
	int status;

	sqlite3_db_config(writing->db, SQLITE_DBCONFIG_RESET_DATABASE, 1, NULL);
	status = execute(writing, "VACUUM");
	sqlite3_db_config(writing->db, SQLITE_DBCONFIG_RESET_DATABASE, 0, NULL);
	return status;
}

static int write_views(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct writing *writing = context;
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_view *views;
	char begin[128];
	size_t count;
	int status;

	writing->err = err;
	status = writing->begun ? wipe(writing) : 0;
	writing->begun = true;
	snprintf(begin, sizeof(begin), "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN;"
		" PRAGMA application_id = %d", APPLICATION_ID);
	if (status == 0)
		status = execute(writing, begin);
	itsm_views(arena, index->options.kinds, &views, &count);
	for (size_t i = 0; i < count && status == 0; i++)
		if (!writing->names || itsm_list_has(writing->names, views[i].name))
			status = write_view(writing, &views[i]);
	if (status == 0)
		status = execute(writing, "COMMIT");
	else
		sqlite3_exec(writing->db, "ROLLBACK", NULL, NULL, NULL);
	itsm_arena_free(arena);
	return status;
}

/* May what is at the path be replaced? Only another of these files. */
static int look_at_previous(const struct itsm_output *output, const char *path, struct itsm_error *err)
{
	unsigned char header[HEADER_SIZE] = {0};
	const unsigned char mark[] = {APPLICATION_ID >> 24, APPLICATION_ID >> 16 & 0xff, APPLICATION_ID >> 8 & 0xff,
		APPLICATION_ID & 0xff};
	bool exists;
	size_t size = itsm_output_previous(output, header, sizeof(header), &exists);

	if (!exists || (size == sizeof(header) && memcmp(header, "SQLite format 3", 16) == 0 &&
		memcmp(header + 68, mark, sizeof(mark)) == 0))
		return 0;
	return itsm_error_set(err, ITSM_EREFUSED,
		"'%s' is there and was not made by an export; remove it, or give another name", path);
}

int itsm_index_write_db(struct itsm_index *index, const char *path, const char *const *names, struct itsm_error *err)
{
	struct writing writing = {.index = index, .path = path, .names = names, .err = err};
	struct itsm_buffer temporary = {0};
	struct itsm_output *output;
	int status = itsm_output_open(AT_FDCWD, path, &output, err);

	if (status != 0)
		return status;
	status = look_at_previous(output, path, err);
	itsm_output_path(output, &temporary);
	if (status == 0 && sqlite3_open_v2(temporary.data, &writing.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
		NULL) != SQLITE_OK)
		status = file_error(&writing);
	if (status == 0)
		status = itsm_index_attempt(index, write_views, &writing, err);
	if (sqlite3_close(writing.db) != SQLITE_OK && status == 0)
		status = file_error(&writing);
	itsm_buffer_free(&temporary);
	if (status == 0)
		return itsm_output_keep(output, err);
	itsm_output_discard(output);
	return status;
}
