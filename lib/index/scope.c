/* What work is about, from the references of its items and services; kept, for much work is about the same. */
#include "scope.h"

#include <string.h>

#define DEEP 64

/* A column of a built-in field, or NULL where the desk's own kind lacks it. */
static const char *column(struct itsm_index *index, const char *kind, const char *field)
{
	const struct itsm_kind *found = itsm_kinds_find(index->options.kinds, kind);

	return found && !found->part && itsm_kind_field(found, field) ? field : NULL;
}

static int number_of(struct itsm_index *index, const char *kind)
{
	const struct itsm_kind *found = itsm_kinds_find(index->options.kinds, kind);

	return found ? itsm_index_shape(index, found)->number : 0;
}

/* up: items and what they are part of; svc: services and what they are part of. */
static void write_sql(struct itsm_index *index, struct itsm_buffer *sql)
{
	const char *entries = itsm_index_entry_table(index, index->snapshot);
	const char *environment = column(index, "item", "environment"), *calendar = column(index, "item", "calendar");
	int item = number_of(index, "item"), service = number_of(index, "service");

	itsm_buffer_printf(sql,
		"WITH RECURSIVE up(id, depth) AS (SELECT value, 0 FROM json_each(ifnull(?1, '[]')) UNION"
		" SELECT r.target, up.depth + 1 FROM up JOIN %s AS e ON e.id = up.id AND e.kid = %d"
		" JOIN itsm_reference AS r ON r.bid = e.bid AND r.field = 'part_of' WHERE up.depth < %d),"
		" item(id, depth) AS MATERIALIZED (SELECT id, min(depth) FROM up GROUP BY id),"
		" svc(id, depth) AS (SELECT value, 0 FROM json_each(ifnull(?2, '[]'))"
		" UNION SELECT r.target, 0 FROM item JOIN %s AS e ON e.id = item.id AND e.kid = %d"
		" JOIN itsm_reference AS r ON r.bid = e.bid AND r.field = 'services'"
		" UNION SELECT r.target, svc.depth + 1 FROM svc JOIN %s AS e ON e.id = svc.id AND e.kid = %d"
		" JOIN itsm_reference AS r ON r.bid = e.bid AND r.field = 'part_of' WHERE svc.depth < %d)",
		entries, item, DEEP, entries, item, entries, service, DEEP);
	itsm_buffer_printf(sql,
		" SELECT 1, item.id, item.depth = 0, k.%s%s, k.%s%s FROM item LEFT JOIN %s AS e ON e.id = item.id AND e.kid = %d"
		" LEFT JOIN itsm_k_item AS k ON k.bid = e.bid UNION ALL SELECT DISTINCT 0, svc.id, 0, NULL, NULL FROM svc",
		environment ? "f_" : "", environment ? environment : "bid & NULL", calendar ? "f_" : "",
		calendar ? calendar : "bid & NULL", entries, item);
}

static const char *copy(struct itsm_arena *arena, sqlite3_stmt *statement, int position)
{
	const char *text = (const char *)sqlite3_column_text(statement, position);

	return text ? itsm_arena_strdup(arena, text) : NULL;
}

static void add_row(struct itsm_arena *arena, struct index_scope *scope, sqlite3_stmt *statement)
{
	const char *id = copy(arena, statement, 1);

	if (!id)
		return;
	if (!sqlite3_column_int(statement, 0)) {
		itsm_arena_grow(arena, &scope->services, &scope->service_capacity, scope->service_count,
			sizeof(*scope->services));
		scope->services[scope->service_count++] = id;
		return;
	}
	itsm_arena_grow(arena, &scope->items, &scope->item_capacity, scope->item_count, sizeof(*scope->items));
	scope->items[scope->item_count++] = (struct scope_item){.id = id,
		.own = sqlite3_column_int(statement, 2) != 0,
		.environment = copy(arena, statement, 3),
		.calendar = copy(arena, statement, 4)};
}

static int load(struct itsm_index *index, struct itsm_arena *arena, struct index_scope *scope, struct itsm_error *err)
{
	sqlite3_stmt **statement = itsm_index_scope_statement(index);
	struct itsm_buffer sql = {0};
	bool foreign = index->foreign;
	int status = 0;

	index->foreign = false;
	if (!*statement) {
		write_sql(index, &sql);
		status = itsm_index_prepare(index, sql.data, statement, err);
		itsm_buffer_free(&sql);
	}
	if (status == 0) {
		itsm_index_bind_text(*statement, 1, scope->items_text);
		itsm_index_bind_text(*statement, 2, scope->services_text);
		while ((status = itsm_index_step(index, *statement, err)) == 1)
			add_row(arena, scope, *statement);
		sqlite3_reset(*statement);
	}
	index->foreign = foreign;
	return status;
}

bool itsm_index_scope_is(const struct index_scope *scope, const char *items, const char *services)
{
	return strcmp(scope->items_text, items) == 0 && strcmp(scope->services_text, services) == 0;
}

int itsm_index_scope(struct itsm_index *index, const char *items, const char *services, const struct index_scope **out,
	struct itsm_error *err)
{
	struct index_scope **slot, *scope;
	struct itsm_arena *arena;
	int status = itsm_index_calendars_load(index, true, err);

	if (status != 0)
		return status;
	items = items ? items : "[]";
	services = services ? services : "[]";
	slot = itsm_index_scope_slot(index, items, services, &arena);
	if (!*slot) {
		scope = itsm_arena_alloc(arena, sizeof(*scope));
		scope->items_text = itsm_arena_strdup(arena, items);
		scope->services_text = itsm_arena_strdup(arena, services);
		if ((status = load(index, arena, scope, err)) != 0)
			return status;
		*slot = scope;
	}
	*out = *slot;
	return 0;
}

static bool has_thing(const struct index_scope *scope, const struct itsm_calendar_entry *entry)
{
	for (size_t i = 0; i < scope->item_count; i++)
		if (itsm_list_has(entry->items, scope->items[i].id))
			return true;
	for (size_t i = 0; i < scope->service_count; i++)
		if (itsm_list_has(entry->services, scope->services[i]))
			return true;
	return false;
}

static bool is_there(const struct index_scope *scope, const struct itsm_calendar_entry *entry)
{
	bool any = false;

	for (size_t i = 0; i < scope->item_count; i++) {
		const struct scope_item *item = &scope->items[i];

		any = any || item->own;
		if (item->own && itsm_list_has(entry->environments, item->environment ? item->environment : "production"))
			return true;
	}
	return !any && itsm_list_has(entry->environments, "production");
}

bool itsm_index_scope_has(const struct index_scope *scope, const struct itsm_calendar_entry *entry)
{
	if ((entry->items || entry->services) && !has_thing(scope, entry))
		return false;
	return !entry->environments || is_there(scope, entry);
}
