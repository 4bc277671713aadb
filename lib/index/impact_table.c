/*
 * impact(root, direction) for SQL: a virtual table without a name in the
 * database, as json_each is one. The graph is kept from one call to the next
 * while the database is what it was.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index.h"
#include "itsm/json.h"

struct index_impact {
	struct itsm_impact_map *map;
	enum itsm_snapshot snapshot;
	char entries[320];
	sqlite3_int64 changes;          /* made by this connection, when it was loaded */
	unsigned version;               /* of the file as this connection sees it */
};

struct impact_table {
	sqlite3_vtab base;
	struct itsm_index *index;
};

enum {
	COLUMN_ID,
	COLUMN_KIND,
	COLUMN_TITLE,
	COLUMN_STATE,
	COLUMN_DEPTH,
	COLUMN_VIA,
	COLUMN_RELATION,
	COLUMN_ALONE,
	COLUMN_ROOT,
	COLUMN_DIRECTION,
};

struct impact_row {
	const char *id, *kind, *title, *state, *via, *relation;
	uint32_t depth;
	enum itsm_impact_alone alone;
};

struct impact_cursor {
	sqlite3_vtab_cursor base;
	struct itsm_arena *arena;       /* the rows are its own: the graph may go before the statement does */
	struct impact_row *rows;
	size_t count, at;
};

void itsm_index_impact_forget(struct itsm_index *index)
{
	if (!index->impact)
		return;
	itsm_impact_map_free(index->impact->map);
	index->impact->map = NULL;
}

static unsigned file_version(struct itsm_index *index)
{
	unsigned version = 0;

	sqlite3_file_control(index->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
	return version;
}

static bool is_fresh(struct itsm_index *index)
{
	const struct index_impact *kept = index->impact;

	return kept && kept->map && kept->snapshot == index->snapshot &&
		strcmp(kept->entries, itsm_index_entry_table(index, index->snapshot)) == 0 &&
		kept->changes == itsm_index_changes(index) && kept->version == file_version(index);
}

static int bring(struct itsm_index *index, struct itsm_impact_map **out, struct itsm_error *err)
{
	struct index_impact *kept = index->impact;
	bool foreign = index->foreign;
	int status = 0;

	if (!is_fresh(index)) {
		if (!kept)
			kept = index->impact = itsm_arena_alloc(index->arena, sizeof(*kept));
		itsm_index_impact_forget(index);
		index->foreign = false;
		status = itsm_index_impact_load(index, &kept->map, err);
		index->foreign = foreign;
		if (status != 0)
			return status;
		kept->snapshot = index->snapshot;
		snprintf(kept->entries, sizeof(kept->entries), "%s", itsm_index_entry_table(index, index->snapshot));
		kept->changes = itsm_index_changes(index);
		kept->version = file_version(index);
		if (index->bounds)
			index->bounds->steps -= itsm_impact_count(kept->map->graph) / 100 + 1;
	}
	*out = kept->map;
	return 0;
}

static int connect_table(sqlite3 *db, void *context, int argc, const char *const *argv, sqlite3_vtab **out, char **message)
{
	struct itsm_index *index = context;
	bool foreign = index->foreign;
	struct impact_table *table;
	int code;

	(void)argc;
	(void)argv;
	(void)message;
	index->foreign = false;
	code = sqlite3_declare_vtab(db, "CREATE TABLE x(id TEXT, kind TEXT, title TEXT, state TEXT, depth INTEGER, via TEXT,"
		" relation TEXT, alone INTEGER, root HIDDEN, direction HIDDEN)");
	index->foreign = foreign;
	if (code != SQLITE_OK)
		return code;
	sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
	table = sqlite3_malloc(sizeof(*table));
	if (!table)
		return SQLITE_NOMEM;
	*table = (struct impact_table){.index = index};
	*out = &table->base;
	return SQLITE_OK;
}

static int disconnect_table(sqlite3_vtab *table)
{
	sqlite3_free(table);
	return SQLITE_OK;
}

/* Both arguments are equalities on hidden columns; one that is not there yet makes the plan useless. */
static int choose_plan(sqlite3_vtab *table, sqlite3_index_info *info)
{
	int root = -1, direction = -1;

	(void)table;
	for (int i = 0; i < info->nConstraint; i++) {
		if (info->aConstraint[i].iColumn < COLUMN_ROOT)
			continue;
		if (!info->aConstraint[i].usable)
			return SQLITE_CONSTRAINT;
		if (info->aConstraint[i].op != SQLITE_INDEX_CONSTRAINT_EQ)
			continue;
		if (info->aConstraint[i].iColumn == COLUMN_ROOT)
			root = i;
		else
			direction = i;
	}
	info->estimatedCost = 1e6;
	info->estimatedRows = 100;
	if (root < 0)
		return SQLITE_OK;
	info->aConstraintUsage[root].argvIndex = 1;
	info->aConstraintUsage[root].omit = 1;
	info->idxNum = 1;
	info->estimatedCost = 1000;
	if (direction < 0)
		return SQLITE_OK;
	info->aConstraintUsage[direction].argvIndex = 2;
	info->aConstraintUsage[direction].omit = 1;
	info->idxNum = 2;
	return SQLITE_OK;
}

static int open_cursor(sqlite3_vtab *table, sqlite3_vtab_cursor **out)
{
	struct impact_cursor *cursor = sqlite3_malloc(sizeof(*cursor));

	(void)table;
	if (!cursor)
		return SQLITE_NOMEM;
	*cursor = (struct impact_cursor){.arena = NULL};
	*out = &cursor->base;
	return SQLITE_OK;
}

static int close_cursor(sqlite3_vtab_cursor *base)
{
	struct impact_cursor *cursor = (struct impact_cursor *)base;

	itsm_arena_free(cursor->arena);
	sqlite3_free(cursor);
	return SQLITE_OK;
}

struct roots {
	uint32_t *nodes;
	size_t count, capacity;
};

/* Every node of that ID. */
static void add_root(struct impact_cursor *cursor, const struct itsm_impact_map *map, const char *id, struct roots *roots)
{
	uint32_t node;

	for (node = itsm_impact_find(map->graph, id); node != ITSM_IMPACT_NOTHING; node = itsm_impact_find_next(map->graph, node)) {
		itsm_arena_grow(cursor->arena, &roots->nodes, &roots->capacity, roots->count, sizeof(*roots->nodes));
		roots->nodes[roots->count++] = node;
	}
}

static int read_roots(struct impact_cursor *cursor, const struct itsm_impact_map *map, const char *text, struct roots *roots,
	struct itsm_error *err)
{
	struct itsm_yaml *list;
	int status;

	if (*text != '[') {
		add_root(cursor, map, text, roots);
		return 0;
	}
	if ((status = itsm_json_parse(cursor->arena, text, strlen(text), &list, err)) != 0)
		return status;
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->text)
			add_root(cursor, map, list->items[i]->text, roots);
	return 0;
}

static void copy_rows(struct impact_cursor *cursor, const struct itsm_impact_map *map, const struct itsm_impact_result *result)
{
	cursor->rows = itsm_arena_alloc(cursor->arena, (result->count + 1) * sizeof(*cursor->rows));
	for (size_t i = 0; i < result->count; i++) {
		const struct itsm_impact_hit *hit = &result->hits[i];
		const struct itsm_impact_record *record = &map->records[hit->node];
		struct itsm_impact_node node = itsm_impact_node(map->graph, hit->node);

		cursor->rows[i] = (struct impact_row){
			.id = itsm_arena_strdup(cursor->arena, node.id),
			.kind = node.kind ? itsm_arena_strdup(cursor->arena, node.kind) : NULL,
			.title = record->title ? itsm_arena_strdup(cursor->arena, record->title) : NULL,
			.state = record->state ? itsm_arena_strdup(cursor->arena, record->state) : NULL,
			.depth = hit->depth,
			.alone = hit->alone,
		};
		if (hit->via == ITSM_IMPACT_NOTHING)
			continue;
		cursor->rows[i].via = cursor->rows[hit->via].id;
		cursor->rows[i].relation = map->relations[hit->relation]->name;
	}
	cursor->count = result->count;
}

static int trace(struct itsm_index *index, struct impact_cursor *cursor, const char *text, bool up, struct itsm_error *err)
{
	struct itsm_impact_result result;
	struct itsm_impact_map *map;
	struct roots roots = {0};
	int status = bring(index, &map, err);

	if (status == 0)
		status = read_roots(cursor, map, text, &roots, err);
	if (status != 0)
		return status;
	itsm_impact_trace(map->graph, cursor->arena,
		&(struct itsm_impact_query){.failed = roots.nodes, .failed_count = roots.count, .up = up}, &result);
	if (index->bounds)
		index->bounds->steps -= (int64_t)(result.work + result.count * 10) / 1000;
	copy_rows(cursor, map, &result);
	for (size_t i = 0; i < cursor->count && !up; i++)
		cursor->rows[i].alone = ITSM_ALONE_UNKNOWN;
	return 0;
}

static int filter(sqlite3_vtab_cursor *base, int plan, const char *name, int count, sqlite3_value **values)
{
	struct impact_cursor *cursor = (struct impact_cursor *)base;
	struct itsm_index *index = ((struct impact_table *)base->pVtab)->index;
	const char *root = count > 0 ? (const char *)sqlite3_value_text(values[0]) : NULL;
	const char *direction = count > 1 ? (const char *)sqlite3_value_text(values[1]) : "down";
	struct itsm_error error;

	(void)plan;
	(void)name;
	itsm_arena_free(cursor->arena);
	cursor->arena = itsm_arena_new();
	cursor->count = cursor->at = 0;
	if (!root || !direction)
		return SQLITE_OK;
	if (strcmp(direction, "down") != 0 && strcmp(direction, "up") != 0)
		itsm_error_set(&error, ITSM_EUSAGE, "impact() goes 'down' or 'up', not '%s'", direction);
	else if (trace(index, cursor, root, *direction == 'u', &error) == 0)
		return SQLITE_OK;
	sqlite3_free(base->pVtab->zErrMsg);
	base->pVtab->zErrMsg = sqlite3_mprintf("%s", error.message);
	return SQLITE_ERROR;
}

static int next_row(sqlite3_vtab_cursor *base)
{
	((struct impact_cursor *)base)->at++;
	return SQLITE_OK;
}

static int is_end(sqlite3_vtab_cursor *base)
{
	const struct impact_cursor *cursor = (const struct impact_cursor *)base;

	return cursor->at >= cursor->count;
}

static int tell_column(sqlite3_vtab_cursor *base, sqlite3_context *context, int column)
{
	const struct impact_cursor *cursor = (const struct impact_cursor *)base;
	const struct impact_row *row = &cursor->rows[cursor->at];
	const char *const texts[] = {row->id, row->kind, row->title, row->state, NULL, row->via, row->relation};

	if (column == COLUMN_DEPTH)
		sqlite3_result_int64(context, row->depth);
	else if (column == COLUMN_ALONE && row->alone != ITSM_ALONE_UNKNOWN)
		sqlite3_result_int(context, row->alone == ITSM_ALONE_YES);
	else if (column < COLUMN_ALONE && texts[column])
		sqlite3_result_text(context, texts[column], -1, SQLITE_TRANSIENT);
	return SQLITE_OK;
}

static int tell_row(sqlite3_vtab_cursor *base, sqlite3_int64 *out)
{
	*out = (sqlite3_int64)((const struct impact_cursor *)base)->at;
	return SQLITE_OK;
}

int itsm_index_impact_declare(struct itsm_index *index, struct itsm_error *err)
{
	static const sqlite3_module module = {
		.xConnect = connect_table,
		.xBestIndex = choose_plan,
		.xDisconnect = disconnect_table,
		.xOpen = open_cursor,
		.xClose = close_cursor,
		.xFilter = filter,
		.xNext = next_row,
		.xEof = is_end,
		.xColumn = tell_column,
		.xRowid = tell_row,
	};

	return sqlite3_create_module_v2(index->db, INDEX_IMPACT_TABLE, &module, index, NULL) == SQLITE_OK ? 0 :
		itsm_index_sql_error(index, err);
}
