/* Open records that name nodes of the graph: agreements, changes, whatever has a field with `impact: about`. */
#include <stdlib.h>
#include <string.h>

#include "index.h"

struct touching {
	struct itsm_index *index;
	struct itsm_arena *arena;
	const struct itsm_impact_map *map;
	const bool *wanted;
	struct itsm_impact_touched *items;
	size_t count, capacity;
	uint32_t *nodes;         /* of the record at hand */
	size_t node_count, node_capacity;
};

static const struct itsm_field *about_field(const struct itsm_field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		const struct itsm_field *inner = about_field(fields[i].fields, fields[i].field_count, name);

		if (inner)
			return inner;
		if (fields[i].impact == ITSM_IMPACT_ABOUT && (!name || strcmp(fields[i].name, name) == 0))
			return &fields[i];
	}
	return NULL;
}

static void end_record(struct touching *touching)
{
	struct itsm_impact_touched *last;

	if (!touching->count)
		return;
	last = &touching->items[touching->count - 1];
	if (touching->node_count && !last->count) {
		uint32_t *nodes = itsm_arena_alloc(touching->arena, touching->node_count * sizeof(*nodes));

		memcpy(nodes, touching->nodes, touching->node_count * sizeof(*nodes));
		last->nodes = nodes;
		last->count = touching->node_count;
	}
	if (!last->count)
		touching->count--;
	touching->node_count = 0;
}

static void begin_record(struct touching *touching, const struct itsm_kind *kind, sqlite3_stmt *row)
{
	const char *title = (const char *)sqlite3_column_text(row, 1), *state = (const char *)sqlite3_column_text(row, 2);

	itsm_arena_grow(touching->arena, &touching->items, &touching->capacity, touching->count, sizeof(*touching->items));
	touching->items[touching->count++] = (struct itsm_impact_touched){
		.id = itsm_arena_strdup(touching->arena, (const char *)sqlite3_column_text(row, 0)),
		.kind = kind->name,
		.title = title ? itsm_arena_strdup(touching->arena, title) : NULL,
		.state = state ? itsm_arena_strdup(touching->arena, state) : NULL,
	};
}

static void add_target(struct touching *touching, const struct itsm_field *field, const char *target)
{
	const struct itsm_impact_graph *graph = touching->map->graph;
	uint32_t node;

	for (node = itsm_impact_find(graph, target); node != ITSM_IMPACT_NOTHING; node = itsm_impact_find_next(graph, node)) {
		struct itsm_impact_node found = itsm_impact_node(graph, node);
		bool known = !touching->wanted[node] || (field->to && found.kind && !itsm_list_has(field->to, found.kind));

		for (size_t i = 0; i < touching->node_count && !known; i++)
			known = touching->nodes[i] == node;
		if (known)
			continue;
		itsm_arena_grow(touching->arena, &touching->nodes, &touching->node_capacity, touching->node_count,
			sizeof(*touching->nodes));
		touching->nodes[touching->node_count++] = node;
	}
}

static int touch_kind(struct touching *touching, const struct itsm_kind *kind, struct itsm_error *err)
{
	struct itsm_index *index = touching->index;
	struct itsm_buffer sql = {0};
	sqlite3_stmt *rows = NULL;
	const char *last = NULL;
	int status;

	itsm_buffer_puts(&sql, "SELECT e.id, k.itsm_title, k.itsm_state, r.field, r.target, e.path FROM ");
	itsm_index_quote(&sql, itsm_arena_printf(touching->arena, "itsm_k_%s", kind->name));
	itsm_buffer_printf(&sql, " AS k JOIN %s AS e ON e.bid = k.bid JOIN itsm_reference AS r ON r.bid = k.bid%s"
		" ORDER BY e.id, e.path, r.ord", itsm_index_entry_table(index, index->snapshot),
		kind->state_count ? " WHERE k.itsm_is_open" : "");
	status = itsm_index_prepare(index, sql.data, &rows, err);
	while (status == 0 && (status = itsm_index_step(index, rows, err)) == 1) {
		const struct itsm_field *field = about_field(kind->fields, kind->field_count,
			(const char *)sqlite3_column_text(rows, 3));
		const char *path = (const char *)sqlite3_column_text(rows, 5);

		status = 0;
		if (!last || strcmp(last, path) != 0) {
			end_record(touching);
			begin_record(touching, kind, rows);
			last = itsm_arena_strdup(touching->arena, path);
		}
		if (field)
			add_target(touching, field, (const char *)sqlite3_column_text(rows, 4));
	}
	end_record(touching);
	sqlite3_finalize(rows);
	itsm_buffer_free(&sql);
	return status;
}

static int touch(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct touching *touching = context;
	const struct itsm_kinds *kinds = index->options.kinds;
	int status = 0;

	touching->count = touching->node_count = 0;
	for (size_t i = 0; i < itsm_kinds_count(kinds) && status == 0; i++) {
		const struct itsm_kind *kind = itsm_kinds_at(kinds, i);

		if (!kind->part && about_field(kind->fields, kind->field_count, NULL))
			status = touch_kind(touching, kind, err);
	}
	return status;
}

static int compare_touched(const void *a, const void *b)
{
	const struct itsm_impact_touched *one = a, *other = b;
	int order = strcmp(one->kind, other->kind);

	return order ? order : strcmp(one->id, other->id);
}

int itsm_index_impact_touched(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_impact_map *map,
	const bool *wanted, struct itsm_impact_touched **out, size_t *count, struct itsm_error *err)
{
	struct touching touching = {.index = index, .arena = arena, .map = map, .wanted = wanted};
	int status = itsm_index_attempt(index, touch, &touching, err);

	if (status != 0)
		return status;
	if (touching.count)
		qsort(touching.items, touching.count, sizeof(*touching.items), compare_touched);
	*out = touching.items;
	*count = touching.count;
	return 0;
}
