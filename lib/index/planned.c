/* Changes with a window, and what in the graph they are on. */
#include <string.h>

#include "index.h"
#include "itsm/json.h"
#include "itsm/plan.h"
#include "itsm/time.h"

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

static const char *text_at(struct itsm_arena *arena, struct itsm_query *query, size_t column)
{
	struct itsm_value value = itsm_query_value(query, column);

	return value.type == ITSM_VALUE_NULL || !value.text ? NULL : itsm_arena_strdup(arena, value.text);
}

static bool read_row(struct itsm_arena *arena, struct itsm_query *query, struct itsm_planned *out)
{
	const char *start = text_at(arena, query, 4), *end = text_at(arena, query, 5), *type = text_at(arena, query, 3);
	struct itsm_time from = {0}, to = {0};

	if (start && end && (itsm_time_parse(start, &from, NULL) != 0 || itsm_time_parse(end, &to, NULL) != 0))
		return false;
	*out = (struct itsm_planned){.booking = {.id = text_at(arena, query, 0),
			.start = from.seconds,
			.end = to.seconds,
			.person = text_at(arena, query, 8)},
		.title = text_at(arena, query, 1),
		.state = text_at(arena, query, 2),
		.items = text_at(arena, query, 6),
		.services = text_at(arena, query, 7),
		.emergency = type && strcmp(type, "emergency") == 0};
	return true;
}

int itsm_index_planned(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_impact_map *map,
	bool open, const char *id, struct itsm_planned **out, size_t *count, struct itsm_error *err)
{
	struct itsm_value values[] = {{.type = ITSM_VALUE_INTEGER, .integer = open},
		{.type = id ? ITSM_VALUE_TEXT : ITSM_VALUE_NULL, .text = id}};
	struct itsm_planned *planned = NULL;
	struct itsm_query *query;
	size_t used = 0, capacity = 0;
	int status = itsm_query_open(index,
		"SELECT id, title, state, type, window_start, window_end, items, services, implementer FROM change"
		" WHERE ((state IN ('scheduled', 'implement') OR (?1 AND is_open))"
		" AND window_start IS NOT NULL AND window_end IS NOT NULL) OR id = ?2 ORDER BY id",
		values, 2, &query, err);

	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, err)) == 1) {
		itsm_arena_grow(arena, &planned, &capacity, used, sizeof(*planned));
		if (!read_row(arena, query, &planned[used]))
			continue;
		itsm_planned_nodes(arena, map, &planned[used]);
		used++;
	}
	itsm_query_free(query);
	if (status == 0) {
		*out = planned;
		*count = used;
	}
	return status;
}
