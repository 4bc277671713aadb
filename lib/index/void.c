/*
 * Kinds that no record has been read of yet. SQLite parses the definition of every table at each start, and
 * most desks use a third of the kinds: so the table of a kind begins as
 *
 *   CREATE VIRTUAL TABLE itsm_k_<kind> USING itsm_void
 *
 * which has the kind's columns, once somebody asks for them, and no row. With the first row it becomes a real one.
 */
#include <string.h>

#include "index.h"

static void add_name(struct itsm_buffer *sql, const char *prefix, const char *name)
{
	struct itsm_buffer whole = {0};

	itsm_buffer_printf(&whole, "%s%s", prefix, name);
	itsm_index_quote(sql, whole.data);
	itsm_buffer_free(&whole);
}

/* "(bid INTEGER PRIMARY KEY, ...)"; NULL kind has the columns that all have. */
static void add_columns(struct itsm_buffer *sql, const struct itsm_kind *kind)
{
	struct itsm_arena *arena = itsm_arena_new();
	size_t count = 0;
	const struct itsm_field **fields = kind ? itsm_index_kind_fields(arena, kind, &count) : NULL;

	itsm_buffer_puts(sql, "(bid INTEGER PRIMARY KEY, itsm_state TEXT, itsm_is_open INTEGER, itsm_title TEXT");
	for (size_t i = 0; i < count; i++) {
		itsm_buffer_puts(sql, ", ");
		add_name(sql, "f_", fields[i]->column);
	}
	itsm_buffer_putc(sql, ')');
	itsm_arena_free(arena);
}

static int connect_table(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
	struct itsm_index *index = context;
	struct itsm_buffer sql = {0};
	bool foreign = index->foreign;
	int code;

	(void)message;
	itsm_buffer_puts(&sql, "CREATE TABLE x");
	add_columns(&sql, argc > 2 && strlen(argv[2]) > 7 ? itsm_kinds_find(index->options.kinds, argv[2] + 7) : NULL);
	index->foreign = false; /* declaring it is no foreign SQL's doing */
	code = sqlite3_declare_vtab(db, sql.data);
	index->foreign = foreign;
	itsm_buffer_free(&sql);
	if (code != SQLITE_OK)
		return code;
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	*out = sqlite3_malloc(sizeof(**out));
	if (!*out)
		return SQLITE_NOMEM;
	memset(*out, 0, sizeof(**out));
	return SQLITE_OK;
}

/* Not the same function: that would make the module's name a table too. */
static int create_table(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
	return connect_table(db, context, argc, argv, out, message);
}

static int disconnect_table(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

static int plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
	(void)table;
	info->estimatedCost = 1;
	info->estimatedRows = 1;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	(void)table;
	*out = sqlite3_malloc(sizeof(**out));
	return *out ? SQLITE_OK : SQLITE_NOMEM;
}

static int close_cursor(sqlite3_vtab_cursor *cursor)
{
	sqlite3_free(cursor);
	return SQLITE_OK;
}

static int start(sqlite3_vtab_cursor *cursor, int number, const char *name, int count, sqlite3_value **values)
{
	(void)cursor;
	(void)number;
	(void)name;
	(void)count;
	(void)values;
	return SQLITE_OK;
}

static int next_row(sqlite3_vtab_cursor *cursor)
{
	(void)cursor;
	return SQLITE_OK;
}

static int at_end(sqlite3_vtab_cursor *cursor)
{
	(void)cursor;
	return 1;
}

static int tell_column(sqlite3_vtab_cursor *cursor, sqlite3_context *context, int column)
{
	(void)cursor;
	(void)context;
	(void)column;
	return SQLITE_OK;
}

static int tell_row(sqlite3_vtab_cursor *cursor, sqlite3_int64 *row)
{
	(void)cursor;
	*row = 0;
	return SQLITE_OK;
}

int itsm_index_void_register(struct itsm_index *index, struct itsm_error *err)
{
	static const sqlite3_module module = {
		.xCreate = create_table,
		.xConnect = connect_table,
		.xBestIndex = plan,
		.xDisconnect = disconnect_table,
		.xDestroy = disconnect_table,
		.xOpen = open_cursor,
		.xClose = close_cursor,
		.xFilter = start,
		.xNext = next_row,
		.xEof = at_end,
		.xColumn = tell_column,
		.xRowid = tell_row,
	};

	return sqlite3_create_module_v2(index->db, "itsm_void", &module, index, NULL) == SQLITE_OK ? 0 :
		itsm_index_sql_error(index, err);
}

int itsm_index_void_create(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_error *err)
{
	struct itsm_buffer sql = {0};
	int status;

	itsm_buffer_puts(&sql, "CREATE VIRTUAL TABLE ");
	add_name(&sql, "itsm_k_", kind->name);
	itsm_buffer_puts(&sql, " USING itsm_void");
	status = itsm_index_execute(index, sql.data, err);
	itsm_buffer_free(&sql);
	return status;
}

/* 1, 0, negative */
static int is_void(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_error *err)
{
	struct itsm_buffer name = {0};
	sqlite3_stmt *statement = NULL;
	int status = itsm_index_prepare(index, "SELECT 1 FROM main.sqlite_schema WHERE name = ?1 AND sql LIKE"
		" 'CREATE VIRTUAL%'", &statement, err);

	itsm_buffer_printf(&name, "itsm_k_%s", kind->name);
	if (status == 0) {
		itsm_index_bind_text(statement, 1, name.data);
		status = itsm_index_step(index, statement, err);
	}
	sqlite3_finalize(statement);
	itsm_buffer_free(&name);
	return status;
}

int itsm_index_void_fill(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_error *err)
{
	struct itsm_buffer sql = {0};
	int status = is_void(index, kind, err);

	if (status <= 0)
		return status;
	itsm_buffer_puts(&sql, "DROP TABLE ");
	add_name(&sql, "itsm_k_", kind->name);
	itsm_buffer_puts(&sql, "; CREATE TABLE ");
	add_name(&sql, "itsm_k_", kind->name);
	add_columns(&sql, kind);
	status = itsm_index_execute(index, sql.data, err);
	itsm_buffer_free(&sql);
	index->filled = true;
	return status == 0 && !index->bare_tables ? itsm_index_schema_kind(index, kind, err) : status;
}
