/*
 * The graph of itsm/impact.h from the records: nodes kind by kind, then what
 * their fields name. Entries are read in the order of their primary key, so
 * that the references of a record come where it came.
 */
#include <string.h>

#include "index.h"

#define RELATIONS_MAX 65535

/* A field of a kind that has an impact. */
struct relation {
	const struct itsm_kind *kind;
	const struct itsm_field *field;
};

struct loading {
	struct itsm_index *index;
	struct itsm_impact_map *map;
	struct itsm_error *err;
	struct relation *relations;
	size_t relation_count, relation_capacity;
	const struct itsm_kind **kinds; /* whose records are nodes */
	size_t kind_count, kind_capacity;
	uint32_t *first;                /* node of each of these kinds, and of the next */
	struct itsm_impact_record *records;
	size_t record_capacity;
	sqlite3_int64 *contents;        /* of each node */
	size_t content_capacity;
	struct itsm_impact_owner *owners;
	uint32_t *owner_nodes;          /* beside owners */
	size_t owner_count, owner_capacity, owner_node_capacity;
};

static void add_kind(struct loading *loading, const struct itsm_kind *kind)
{
	for (size_t i = 0; i < loading->kind_count; i++)
		if (!kind || loading->kinds[i] == kind)
			return;
	if (!kind || kind->part)
		return;
	itsm_arena_grow(loading->map->arena, &loading->kinds, &loading->kind_capacity, loading->kind_count,
		sizeof(*loading->kinds));
	loading->kinds[loading->kind_count++] = kind;
}

static bool is_edge(const struct itsm_field *field)
{
	return field->impact == ITSM_IMPACT_NEEDS || field->impact == ITSM_IMPACT_CARRIES || field->impact == ITSM_IMPACT_PART;
}

static void add_relations(struct loading *loading, const struct itsm_kind *kind, const struct itsm_field *fields,
	size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct itsm_field *field = &fields[i];

		add_relations(loading, kind, field->fields, field->field_count);
		if (field->impact == ITSM_IMPACT_NONE || loading->relation_count == RELATIONS_MAX)
			continue;
		itsm_arena_grow(loading->map->arena, &loading->relations, &loading->relation_capacity,
			loading->relation_count, sizeof(*loading->relations));
		loading->relations[loading->relation_count++] = (struct relation){kind, field};
		if (is_edge(field) || field->impact == ITSM_IMPACT_MINIMUM)
			add_kind(loading, kind);
		for (size_t j = 0; is_edge(field) && field->to && field->to[j]; j++)
			add_kind(loading, itsm_kinds_find(loading->index->options.kinds, field->to[j]));
	}
}

static void find_relations(struct loading *loading)
{
	const struct itsm_kinds *kinds = loading->index->options.kinds;
	const struct itsm_field **fields;

	for (size_t i = 0; i < itsm_kinds_count(kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(kinds, i);

		add_relations(loading, kind, kind->fields, kind->field_count);
	}
	fields = itsm_arena_alloc(loading->map->arena, (loading->relation_count + 1) * sizeof(*fields));
	for (size_t i = 0; i < loading->relation_count; i++)
		fields[i] = loading->relations[i].field;
	loading->map->relations = fields;
	loading->map->relation_count = loading->relation_count;
}

static const struct itsm_field *minimum_field(const struct loading *loading, const struct itsm_kind *kind)
{
	for (size_t i = 0; i < loading->relation_count; i++)
		if (loading->relations[i].kind == kind && loading->relations[i].field->impact == ITSM_IMPACT_MINIMUM &&
		    !strchr(loading->relations[i].field->name, '.'))
			return loading->relations[i].field;
	return NULL;
}

static int add_node(struct loading *loading, const struct itsm_impact_node *node, const struct itsm_impact_record *record,
	sqlite3_int64 content)
{
	uint32_t number = itsm_impact_add(loading->map->graph, node);

	if (number == ITSM_IMPACT_NOTHING)
		return itsm_error_set(loading->err, ITSM_ELIMIT, "the desk has more items and services than a graph can hold");
	itsm_arena_grow(loading->map->arena, &loading->records, &loading->record_capacity, number, sizeof(*loading->records));
	itsm_arena_grow(loading->map->arena, &loading->contents, &loading->content_capacity, number, sizeof(*loading->contents));
	loading->records[number] = *record;
	loading->contents[number] = content;
	return 0;
}

static int add_row(struct loading *loading, const struct itsm_kind *kind, sqlite3_stmt *row)
{
	const char *state = (const char *)sqlite3_column_text(row, 1), *title = (const char *)sqlite3_column_text(row, 3);
	const struct itsm_state *known = state ? itsm_kind_state(kind, state) : NULL;
	struct itsm_impact_node node = {.id = (const char *)sqlite3_column_text(row, 0), .kind = kind->name,
		.minimum = (const char *)sqlite3_column_text(row, 4), .down = known && known->down};
	struct itsm_impact_record record = {
		.title = title ? itsm_arena_strdup(loading->map->arena, title) : NULL,
		.path = itsm_arena_strdup(loading->map->arena, (const char *)sqlite3_column_text(row, 5)),
		.state = known ? known->name : state ? itsm_arena_strdup(loading->map->arena, state) : NULL,
		.open = !kind->state_count || sqlite3_column_int(row, 2),
	};

	return add_node(loading, &node, &record, sqlite3_column_int64(row, 6));
}

static int load_nodes(struct loading *loading, const struct itsm_kind *kind)
{
	struct itsm_index *index = loading->index;
	const struct itsm_field *minimum = minimum_field(loading, kind);
	struct itsm_buffer sql = {0};
	sqlite3_stmt *rows = NULL;
	int status;

	itsm_buffer_puts(&sql, "SELECT e.id, k.itsm_state, k.itsm_is_open, k.itsm_title, ");
	if (minimum) {
		itsm_buffer_puts(&sql, "k.");
		itsm_index_quote(&sql, itsm_arena_printf(loading->map->arena, "f_%s", minimum->column));
	} else {
		itsm_buffer_puts(&sql, "NULL");
	}
	itsm_buffer_printf(&sql, ", e.path, e.bid FROM %s AS e CROSS JOIN ", itsm_index_entry_table(index, index->snapshot));
	itsm_index_quote(&sql, itsm_arena_printf(loading->map->arena, "itsm_k_%s", kind->name));
	itsm_buffer_printf(&sql, " AS k ON k.bid = e.bid WHERE e.kid = %d ORDER BY e.bid, e.path",
		itsm_index_shape(index, kind)->number);
	status = itsm_index_prepare(index, sql.data, &rows, loading->err);
	while (status == 0 && (status = itsm_index_step(index, rows, loading->err)) == 1)
		status = add_row(loading, kind, rows);
	sqlite3_finalize(rows);
	itsm_buffer_free(&sql);
	return status;
}

/* The node that a reference means: of a kind it may lead to, else one that stands for what is not there. */
static uint32_t resolve(struct loading *loading, const struct itsm_field *field, const char *target, int *status)
{
	struct itsm_impact_graph *graph = loading->map->graph;
	struct itsm_impact_node missing = {.id = target};
	struct itsm_impact_record record = {.open = true};
	uint32_t node;

	for (node = itsm_impact_find(graph, target); node != ITSM_IMPACT_NOTHING; node = itsm_impact_find_next(graph, node)) {
		struct itsm_impact_node found = itsm_impact_node(graph, node);

		if (!found.kind || !field->to || itsm_list_has(field->to, found.kind))
			return node;
	}
	*status = add_node(loading, &missing, &record, 0);
	return *status == 0 ? itsm_impact_count(graph) - 1 : ITSM_IMPACT_NOTHING;
}

static void add_owner(struct loading *loading, uint32_t node, size_t relation, const char *id)
{
	struct itsm_arena *arena = loading->map->arena;

	itsm_arena_grow(arena, &loading->owners, &loading->owner_capacity, loading->owner_count, sizeof(*loading->owners));
	itsm_arena_grow(arena, &loading->owner_nodes, &loading->owner_node_capacity, loading->owner_count,
		sizeof(*loading->owner_nodes));
	loading->owners[loading->owner_count] =
		(struct itsm_impact_owner){itsm_arena_strdup(arena, id), (unsigned)relation};
	loading->owner_nodes[loading->owner_count++] = node;
}

static int add_reference(struct loading *loading, uint32_t node, const struct itsm_kind *kind, const char *name,
	const char *target)
{
	const struct itsm_field *field;
	uint32_t other, cause, effect;
	int status = 0;
	size_t i = 0;

	while (i < loading->relation_count && (loading->relations[i].kind != kind || strcmp(loading->relations[i].field->name, name) != 0))
		i++;
	if (i == loading->relation_count || !loading->records[node].open)
		return 0;
	field = loading->relations[i].field;
	if (field->impact == ITSM_IMPACT_OWNER)
		add_owner(loading, node, i, target);
	if (!is_edge(field))
		return 0;
	other = resolve(loading, field, target, &status);
	if (status != 0)
		return status;
	cause = field->impact == ITSM_IMPACT_NEEDS ? other : node;
	effect = field->impact == ITSM_IMPACT_NEEDS ? node : other;
	if (!loading->records[effect].open || cause == effect)
		return 0;
	if (!itsm_impact_connect(loading->map->graph, cause, effect, (unsigned)i, field->impact == ITSM_IMPACT_PART))
		return itsm_error_set(loading->err, ITSM_ELIMIT, "the desk has more relations than a graph can hold");
	return 0;
}

static bool is_before(const struct loading *loading, uint32_t node, sqlite3_int64 content, const char *path)
{
	return loading->contents[node] < content ||
		(loading->contents[node] == content && strcmp(loading->records[node].path, path) < 0);
}

/* References come in the order of the nodes: the node moves on to each record that has some. */
static int load_references(struct loading *loading, const struct itsm_kind *kind, uint32_t node, uint32_t end)
{
	struct itsm_index *index = loading->index;
	struct itsm_buffer sql = {0};
	sqlite3_stmt *rows = NULL;
	int status;

	itsm_buffer_printf(&sql, "SELECT e.path, r.field, r.target, e.bid FROM %s AS e CROSS JOIN itsm_reference AS r ON r.bid = e.bid"
		" WHERE e.kid = %d ORDER BY e.bid, e.path, r.ord", itsm_index_entry_table(index, index->snapshot),
		itsm_index_shape(index, kind)->number);
	status = itsm_index_prepare(index, sql.data, &rows, loading->err);
	while (status == 0 && (status = itsm_index_step(index, rows, loading->err)) == 1) {
		const char *path = (const char *)sqlite3_column_text(rows, 0);

		while (node < end && is_before(loading, node, sqlite3_column_int64(rows, 3), path))
			node++;
		status = node == end || strcmp(loading->records[node].path, path) != 0 ? 0 : add_reference(loading, node, kind, (const char *)sqlite3_column_text(rows, 1),
			(const char *)sqlite3_column_text(rows, 2));
	}
	sqlite3_finalize(rows);
	itsm_buffer_free(&sql);
	return status < 0 ? status : 0;
}

/* Owners by node: they came in the order of the nodes of each kind, and kinds one after the other. */
static void finish_owners(struct loading *loading)
{
	size_t count = itsm_impact_count(loading->map->graph), at = 0;
	uint32_t *start = itsm_arena_alloc(loading->map->arena, (count + 1) * sizeof(*start));

	for (size_t i = 0; i <= count; i++) {
		while (at < loading->owner_count && loading->owner_nodes[at] < i)
			at++;
		start[i] = (uint32_t)at;
	}
	loading->map->owner_start = start;
	loading->map->owners = loading->owners;
}

int itsm_index_impact_load(struct itsm_index *index, struct itsm_impact_map **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct loading loading = {.index = index, .err = err};
	int status = 0;

	loading.map = itsm_arena_alloc(arena, sizeof(*loading.map));
	*loading.map = (struct itsm_impact_map){.graph = itsm_impact_new(), .arena = arena};
	find_relations(&loading);
	loading.first = itsm_arena_alloc(arena, (loading.kind_count + 1) * sizeof(*loading.first));
	for (size_t i = 0; i < loading.kind_count && status == 0; i++) {
		status = load_nodes(&loading, loading.kinds[i]);
		loading.first[i + 1] = itsm_impact_count(loading.map->graph);
	}
	for (size_t i = 0; i < loading.kind_count && status == 0; i++)
		status = load_references(&loading, loading.kinds[i], loading.first[i], loading.first[i + 1]);
	if (status != 0) {
		itsm_impact_map_free(loading.map);
		return status;
	}
	itsm_impact_finish(loading.map->graph);
	finish_owners(&loading);
	loading.map->records = loading.records;
	*out = loading.map;
	return 0;
}

static int load(struct itsm_index *index, void *context, struct itsm_error *err)
{
	return itsm_index_impact_load(index, context, err);
}

int itsm_index_impact(struct itsm_index *index, struct itsm_impact_map **out, struct itsm_error *err)
{
	return itsm_index_attempt(index, load, out, err);
}

void itsm_impact_map_free(struct itsm_impact_map *map)
{
	if (!map)
		return;
	itsm_impact_free(map->graph);
	itsm_arena_free(map->arena);
}
