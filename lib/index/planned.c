/* Changes with a window, and what in the graph they are on. */
#include <string.h>

#include "index.h"
#include "itsm/json.h"
#include "itsm/plan.h"
#include "itsm/time.h"
#include "scope.h"

#define DEPTH 3                 /* steps of dependence */
#define JSON_MAX (8u << 20)

static void add_nodes(struct itsm_arena *arena, const struct itsm_impact_map *map, const char *list, const char *kind,
	uint32_t **nodes, size_t *count)
{
	struct itsm_yaml *names = NULL;

	if (!list || itsm_json_parse(arena, list, strlen(list), &names, NULL) != 0 || names->type != ITSM_YAML_SEQUENCE)
		return;
	*nodes = itsm_arena_alloc(arena, (names->count + 1) * sizeof(**nodes));
	for (size_t i = 0; i < names->count; i++) {
		uint32_t node = names->items[i]->text ? itsm_impact_find(map->graph, names->items[i]->text) :
			ITSM_IMPACT_NOTHING;

		for (; node != ITSM_IMPACT_NOTHING; node = itsm_impact_find_next(map->graph, node)) {
			const char *own = itsm_impact_node(map->graph, node).kind;

			if (own && strcmp(own, kind) == 0)
				(*nodes)[(*count)++] = node;
		}
	}
}

void itsm_planned_nodes(struct itsm_arena *arena, const struct itsm_impact_map *map, struct itsm_planned *planned)
{
	uint32_t *nodes = NULL;
	size_t count = 0;

	add_nodes(arena, map, planned->items, "item", &nodes, &count);
	if (!count)
		add_nodes(arena, map, planned->services, "service", &nodes, &count);
	planned->booking.nodes = nodes;
	planned->booking.node_count = count;
}

static const char *text_at(struct itsm_arena *arena, sqlite3_stmt *statement, int column)
{
	const char *text = (const char *)sqlite3_column_text(statement, column);

	return text ? itsm_arena_strdup(arena, text) : NULL;
}

static bool read_row(struct itsm_arena *arena, sqlite3_stmt *statement, struct itsm_planned *out)
{
	const char *start = text_at(arena, statement, 3), *end = text_at(arena, statement, 4);
	const char *type = text_at(arena, statement, 7);
	struct itsm_time from = {0}, to = {0};

	if (start && end && (itsm_time_parse(start, &from, NULL) != 0 || itsm_time_parse(end, &to, NULL) != 0))
		return false;
	*out = (struct itsm_planned){.booking = {.id = text_at(arena, statement, 0),
			.start = from.seconds,
			.end = to.seconds,
			.person = text_at(arena, statement, 8)},
		.title = text_at(arena, statement, 1),
		.state = text_at(arena, statement, 2),
		.items = text_at(arena, statement, 5),
		.services = text_at(arena, statement, 6),
		.emergency = type && strcmp(type, "emergency") == 0};
	return true;
}

/* Columns that a desk's own kind lacks are NULL: then it plans nothing. */
static void write_sql(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_buffer *sql)
{
	static const char *const fields[] = {"window.start", "window.end", "items", "services", "type", "implementer"};

	itsm_buffer_puts(sql, "SELECT e.id, k.itsm_title, k.itsm_state");
	for (size_t i = 0; i < sizeof(fields) / sizeof(*fields); i++) {
		const struct itsm_field *field = itsm_kind_field(kind, fields[i]);

		itsm_buffer_printf(sql, ", %s%s AS f%zu", field ? "k.f_" : "NULL", field ? field->column : "", i);
	}
	itsm_buffer_printf(sql, " FROM itsm_k_change AS k JOIN %s AS e ON e.bid = k.bid"
		" WHERE ((k.itsm_state IN ('scheduled', 'implement') OR (?1 AND k.itsm_is_open))"
		" AND f0 IS NOT NULL AND f1 IS NOT NULL) OR e.id = ?2 ORDER BY e.id",
		itsm_index_entry_table(index, index->snapshot));
}

int itsm_index_planned_now(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_impact_map *map,
	bool open, const char *id, struct itsm_planned **out, size_t *count, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(index->options.kinds, "change");
	struct itsm_planned *planned = NULL;
	struct itsm_buffer sql = {0};
	sqlite3_stmt *statement = NULL;
	size_t used = 0, capacity = 0;
	int status = 0;

	if (kind && !kind->part) {
		write_sql(index, kind, &sql);
		status = itsm_index_prepare(index, sql.data, &statement, err);
		itsm_buffer_free(&sql);
	}
	if (statement) {
		sqlite3_bind_int(statement, 1, open);
		itsm_index_bind_text(statement, 2, id);
	}
	while (status == 0 && statement && (status = itsm_index_step(index, statement, err)) == 1) {
		status = 0;
		itsm_arena_grow(arena, &planned, &capacity, used, sizeof(*planned));
		if (!read_row(arena, statement, &planned[used]))
			continue;
		itsm_planned_nodes(arena, map, &planned[used]);
		used++;
	}
	sqlite3_finalize(statement);
	if (status < 0)
		return status;
	*out = planned;
	*count = used;
	return 0;
}

struct asking {
	struct itsm_arena *arena;
	const struct itsm_impact_map *map;
	bool open;
	const char *id;
	struct itsm_planned **out;
	size_t *count;
};

static int ask(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct asking *asking = context;

	return itsm_index_planned_now(index, asking->arena, asking->map, asking->open, asking->id, asking->out,
		asking->count, err);
}

int itsm_index_planned(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_impact_map *map,
	bool open, const char *id, struct itsm_planned **out, size_t *count, struct itsm_error *err)
{
	struct asking asking = {arena, map, open, id, out, count};

	return itsm_index_attempt(index, ask, &asking, err);
}

/* The collisions of what is scheduled, as JSON: [{"id","with","reason","about"}], each pair from both sides. */
static int collide(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_impact_map *map,
	struct itsm_buffer *out, struct itsm_error *err)
{
	static const char *const reasons[] = {"same-item", "dependent-item", "redundant-item", "implementer"};
	struct itsm_collision_query query = {.graph = map->graph, .depth = DEPTH, .only = ITSM_IMPACT_NOTHING};
	struct itsm_collision_result found;
	struct itsm_booking *bookings;
	struct itsm_planned *planned;
	int status = itsm_index_planned_now(index, arena, map, false, NULL, &planned, &query.count, err);

	if (status != 0)
		return status;
	bookings = itsm_arena_alloc(arena, (query.count + 1) * sizeof(*bookings));
	for (size_t i = 0; i < query.count; i++)
		bookings[i] = planned[i].booking;
	query.bookings = bookings;
	itsm_collisions(arena, &query, &found);
	itsm_buffer_putc(out, '[');
	for (size_t i = 0; i < 2 * found.count && out->length < JSON_MAX; i++) {
		const struct itsm_collision *one = &found.items[i / 2];
		const struct itsm_booking *own = &bookings[i % 2 ? one->b : one->a];
		const struct itsm_booking *other = &bookings[i % 2 ? one->a : one->b];

		itsm_buffer_puts(out, i ? ",{\"id\":" : "{\"id\":");
		itsm_escape_json(out, own->id);
		itsm_buffer_puts(out, ",\"with\":");
		itsm_escape_json(out, other->id);
		itsm_buffer_printf(out, ",\"reason\":\"%s\",\"about\":", reasons[one->reason]);
		itsm_escape_json(out, one->reason == ITSM_COLLISION_PERSON ? own->person :
			itsm_impact_node(map->graph, one->reason == ITSM_COLLISION_REDUNDANT ? one->whole :
				i % 2 ? one->other : one->node).id);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
	return 0;
}

void itsm_index_collisions_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_impact_map *map = NULL;
	struct itsm_buffer json = {0};
	bool foreign = index->foreign;
	struct itsm_error error;
	int status;

	(void)count;
	(void)values;
	index->foreign = false;
	status = itsm_index_impact_load(index, &map, &error);
	if (status == 0)
		status = collide(index, arena, map, &json, &error);
	index->foreign = foreign;
	if (status == 0)
		sqlite3_result_text(context, json.data, (int)json.length, SQLITE_TRANSIENT);
	else
		sqlite3_result_error(context, error.message, -1);
	itsm_impact_map_free(map);
	itsm_buffer_free(&json);
	itsm_arena_free(arena);
}
