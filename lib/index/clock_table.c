/*
 * itsm_clock, a table without storage: a row for each clock of each record, computed when it is read. With an ID it is
 * that record's life that is read, without one the lives of all, in order of ID, one after the other.
 */
#include <string.h>

#include "clock.h"
#include "itsm/time.h"

static const char definition[] =
	"CREATE TABLE itsm_clock(id TEXT, kind TEXT, clock TEXT, agreement TEXT, type TEXT, calendar TEXT, status TEXT,"
	" priority INTEGER, start TEXT, \"end\" TEXT, goal INTEGER, elapsed INTEGER, paused INTEGER, \"left\" INTEGER, due TEXT,"
	" warn_at TEXT, warned INTEGER, breached INTEGER, ended INTEGER)";

enum column {
	C_ID, C_KIND, C_CLOCK, C_AGREEMENT, C_TYPE, C_CALENDAR, C_STATUS, C_PRIORITY, C_START, C_END, C_GOAL, C_ELAPSED,
	C_PAUSED, C_LEFT, C_DUE, C_WARN_AT, C_WARNED, C_BREACHED, C_ENDED,
};

struct table {
	sqlite3_vtab base;              /* first: SQLite's */
	struct itsm_index *index;
};

struct cursor {
	sqlite3_vtab_cursor base;       /* first: SQLite's */
	struct itsm_index *index;
	struct index_clocks *clocks;    /* borrowed while it is not NULL */
	bool one;
	size_t kind;                    /* of all: which kind's lives are read */
	sqlite3_stmt *lives;
	bool more;                      /* `lives` stands at a record */
	struct itsm_arena *arena;       /* of the record */
	struct itsm_clocks record;
	size_t at;                      /* which of its clocks */
	sqlite3_int64 row;
	bool end;
};

static int fail(sqlite3_vtab *table, const struct itsm_error *error)
{
	sqlite3_free(table->zErrMsg);
	table->zErrMsg = sqlite3_mprintf("%s", error->message);
	return SQLITE_ERROR;
}

static int table_connect(sqlite3 *db, void *data, int count, const char *const *words, sqlite3_vtab **out, char **message)
{
	struct itsm_index *index = data;
	struct table *table = sqlite3_malloc64(sizeof(*table));
	bool foreign = index->foreign;
	int code;

	(void)count;
	(void)words;
	(void)message;
	if (!table)
		return SQLITE_NOMEM;
	memset(table, 0, sizeof(*table));
	table->index = index;
	index->foreign = false; /* SQLite declares it with a CREATE TABLE */
	code = sqlite3_declare_vtab(db, definition);
	index->foreign = foreign;
	if (code == SQLITE_OK)
		code = sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	if (code != SQLITE_OK)
		sqlite3_free(table);
	else
		*out = &table->base;
	return code;
}

static int table_disconnect(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

static int table_plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
	(void)table;
	info->estimatedCost = 1e7;
	info->estimatedRows = 100000;
	for (int i = 0; i < info->nConstraint; i++) {
		if (info->aConstraint[i].iColumn != C_ID || info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ ||
		    !info->aConstraint[i].usable)
			continue;
		info->aConstraintUsage[i].argvIndex = 1;
		info->idxNum = 1;
		info->estimatedCost = 50;
		info->estimatedRows = 2;
		break;
	}
	return SQLITE_OK;
}

static int cursor_open(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	struct cursor *cursor = sqlite3_malloc64(sizeof(*cursor));

	if (!cursor)
		return SQLITE_NOMEM;
	memset(cursor, 0, sizeof(*cursor));
	cursor->index = ((struct table *)table)->index;
	*out = &cursor->base;
	return SQLITE_OK;
}

static void cursor_clear(struct cursor *cursor)
{
	sqlite3_finalize(cursor->lives);
	itsm_arena_free(cursor->arena);
	if (cursor->clocks)
		cursor->clocks->users--;
	cursor->clocks = NULL;
	cursor->lives = NULL;
	cursor->arena = NULL;
	cursor->more = cursor->end = false;
	cursor->record = (struct itsm_clocks){0};
	cursor->kind = cursor->at = 0;
	cursor->row = 0;
}

static int cursor_close(sqlite3_vtab_cursor *base)
{
	cursor_clear((struct cursor *)base);
	sqlite3_free(base);
	return SQLITE_OK;
}

/* The next record of any kind. 1, 0 at the end, negative. */
static int next_record(struct cursor *cursor, struct itsm_error *err)
{
	struct promises *promises = &cursor->clocks->promises;
	struct life life = {0};
	int status = 0;

	itsm_arena_free(cursor->arena);
	cursor->arena = itsm_arena_new();
	cursor->record = (struct itsm_clocks){0};
	cursor->at = 0;
	while (!cursor->more) {
		sqlite3_finalize(cursor->lives);
		cursor->lives = NULL;
		if (cursor->kind >= promises->kind_count)
			return 0;
		status = itsm_index_life_prepare(cursor->index, &promises->kinds[cursor->kind++], false, &cursor->lives, err);
		if (status != 0 || (status = itsm_index_step(cursor->index, cursor->lives, err)) < 0)
			return status;
		cursor->more = status == 1;
	}
	life.arena = cursor->arena;
	status = itsm_index_life_read(cursor->index, cursor->lives, false, &life, err);
	cursor->more = status == 1;
	if (status >= 0)
		status = itsm_index_clocks_judge(cursor->index, promises, &promises->kinds[cursor->kind - 1], &life, false,
			&cursor->record, err);
	return status < 0 ? status : 1;
}

/* On to a record that has clocks. */
static int advance(struct cursor *cursor)
{
	bool foreign = cursor->index->foreign;
	struct itsm_error error = {0};
	int status = 1;

	cursor->index->foreign = false;
	while (cursor->at >= cursor->record.count && !cursor->one && status == 1)
		status = next_record(cursor, &error);
	cursor->index->foreign = foreign;
	cursor->end = cursor->at >= cursor->record.count;
	return status < 0 ? fail(cursor->base.pVtab, &error) : SQLITE_OK;
}

static int cursor_filter(sqlite3_vtab_cursor *base, int plan, const char *name, int count, sqlite3_value **values)
{
	struct cursor *cursor = (struct cursor *)base;
	struct itsm_index *index = cursor->index;
	const char *id = plan && count ? (const char *)sqlite3_value_text(values[0]) : NULL;
	bool foreign = index->foreign;
	struct itsm_error error = {0};
	int status;

	(void)name;
	cursor_clear(cursor);
	cursor->one = plan != 0;
	cursor->arena = itsm_arena_new();
	index->foreign = false;
	status = itsm_index_promises(index, &cursor->clocks, &error);
	if (status == 0 && id)
		status = itsm_index_clocks_of(index, cursor->arena, id, false, &cursor->record, &error);
	index->foreign = foreign;
	if (status != 0) {
		cursor->clocks = NULL;
		return fail(base->pVtab, &error);
	}
	cursor->clocks->users++;
	return advance(cursor);
}

static int cursor_next(sqlite3_vtab_cursor *base)
{
	struct cursor *cursor = (struct cursor *)base;

	cursor->at++;
	cursor->row++;
	return advance(cursor);
}

static int cursor_eof(sqlite3_vtab_cursor *base)
{
	return ((struct cursor *)base)->end;
}

static int cursor_row(sqlite3_vtab_cursor *base, sqlite3_int64 *row)
{
	*row = ((struct cursor *)base)->row;
	return SQLITE_OK;
}

static void text(sqlite3_context *context, const char *value)
{
	if (value)
		sqlite3_result_text(context, value, -1, SQLITE_TRANSIENT);
}

static void moment(sqlite3_context *context, bool known, int64_t seconds)
{
	char buffer[ITSM_TIME_TEXT];

	if (!known)
		return;
	itsm_time_format_utc(seconds, buffer);
	text(context, buffer);
}

static void sla_column(sqlite3_context *context, const struct itsm_sla_clock *sla, int column)
{
	switch (column) {
	case C_STATUS: text(context, itsm_sla_status_name(sla->status)); break;
	case C_PRIORITY: if (sla->priority) sqlite3_result_int(context, sla->priority); break;
	case C_START: moment(context, true, sla->start); break;
	case C_END: moment(context, sla->ended, sla->end); break;
	case C_GOAL: sqlite3_result_int64(context, sla->goal); break;
	case C_ELAPSED: sqlite3_result_int64(context, sla->elapsed); break;
	case C_PAUSED: sqlite3_result_int64(context, sla->paused); break;
	case C_LEFT: sqlite3_result_int64(context, sla->left); break;
	case C_DUE: moment(context, sla->has_due, sla->due); break;
	case C_WARN_AT: moment(context, sla->has_due, sla->warn_at); break;
	case C_WARNED: sqlite3_result_int(context, sla->warned); break;
	case C_BREACHED: sqlite3_result_int(context, sla->breached); break;
	case C_ENDED: sqlite3_result_int(context, sla->ended); break;
	default: break;
	}
}

static int cursor_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	const struct cursor *cursor = (const struct cursor *)base;
	const struct itsm_clock *clock = &cursor->record.clocks[cursor->at];
	bool unknown = clock->sla.status == ITSM_SLA_UNKNOWN;

	switch (column) {
	case C_ID: text(context, cursor->record.id); break;
	case C_KIND: text(context, cursor->record.kind); break;
	case C_CLOCK: text(context, clock->name); break;
	case C_AGREEMENT: text(context, clock->agreement); break;
	case C_TYPE: text(context, clock->type); break;
	case C_CALENDAR: text(context, clock->calendar); break;
	default: if (!unknown || column == C_STATUS) sla_column(context, &clock->sla, column); break;
	}
	return SQLITE_OK;
}

int itsm_index_clock_table(struct itsm_index *index, struct itsm_error *err)
{
	/* without xCreate: it is there by its name alone */
	static const sqlite3_module module = {
		.xConnect = table_connect, .xBestIndex = table_plan, .xDisconnect = table_disconnect, .xOpen = cursor_open,
		.xClose = cursor_close, .xFilter = cursor_filter, .xNext = cursor_next, .xEof = cursor_eof,
		.xColumn = cursor_column, .xRowid = cursor_row,
	};

	return sqlite3_create_module_v2(index->db, "itsm_clock", &module, index, NULL) == SQLITE_OK ? 0 :
		itsm_index_sql_error(index, err);
}
