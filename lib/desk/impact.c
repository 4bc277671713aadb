/* `itsm impact`: from words to nodes, the trace, and who and what is touched by it. */
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "itsm/configuration.h"

#define FAILED_MAX 100000

struct asking {
	struct itsm_index *index;
	struct itsm_arena *arena;
	const struct itsm_kinds *kinds;
	struct itsm_impact_map *map;
	struct itsm_error *err;
};

struct nodes {
	uint32_t *items;
	size_t count, capacity;
};

static void add_node(struct asking *asking, struct nodes *nodes, uint32_t node)
{
	itsm_arena_grow(asking->arena, &nodes->items, &nodes->capacity, nodes->count, sizeof(*nodes->items));
	nodes->items[nodes->count++] = node;
}

static uint32_t find_node(const struct asking *asking, const char *id, const char *kind)
{
	const struct itsm_impact_graph *graph = asking->map->graph;
	uint32_t node = itsm_impact_find(graph, id);

	while (node != ITSM_IMPACT_NOTHING) {
		struct itsm_impact_node found = itsm_impact_node(graph, node);

		if (found.kind && (!kind || strcmp(found.kind, kind) == 0))
			return node;
		node = itsm_impact_find_next(graph, node);
	}
	return node;
}

static const struct itsm_field *about_field(const struct itsm_field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		const struct itsm_field *inner = about_field(fields[i].fields, fields[i].field_count, name);

		if (inner)
			return inner;
		if (fields[i].impact == ITSM_IMPACT_ABOUT && strcmp(fields[i].name, name) == 0)
			return &fields[i];
	}
	return NULL;
}

/* The nodes that a record is about. */
static int add_abouts(struct asking *asking, const struct itsm_hit *hit, struct nodes *nodes)
{
	const struct itsm_kind *kind = itsm_kinds_find(asking->kinds, hit->kind);
	struct itsm_value values[] = {{.type = ITSM_VALUE_TEXT, .text = hit->id}, {.type = ITSM_VALUE_TEXT, .text = hit->kind}};
	size_t before = nodes->count;
	struct itsm_query *rows;
	int status = itsm_query_open(asking->index, "SELECT relation, target FROM link WHERE source = ?1 AND source_kind = ?2",
		values, 2, &rows, asking->err);

	if (status != 0)
		return status;
	while ((status = itsm_query_next(rows, asking->err)) == 1) {
		const char *target = itsm_query_value(rows, 1).text;
		const struct itsm_field *field = kind ? about_field(kind->fields, kind->field_count, itsm_query_value(rows, 0).text) :
			NULL;
		uint32_t node = field ? find_node(asking, target, field->to && field->to[0] && !field->to[1] ? field->to[0] : NULL) :
			ITSM_IMPACT_NOTHING;

		if (node != ITSM_IMPACT_NOTHING)
			add_node(asking, nodes, node);
	}
	itsm_query_free(rows);
	if (status == 0 && nodes->count == before)
		return itsm_error_set(asking->err, ITSM_EUSAGE,
			"%s is %s %s, and names no item or service; name the items themselves", hit->id, desk_a(hit->kind), hit->kind);
	return status;
}

static int find_nodes(struct asking *asking, struct itsm_words words, struct nodes *nodes)
{
	int status = 0;

	if (words.count > FAILED_MAX)
		return itsm_error_set(asking->err, ITSM_ELIMIT, "more than %d records are named; name fewer", FAILED_MAX);
	for (size_t i = 0; i < words.count && status == 0; i++) {
		struct itsm_hit hit;
		uint32_t node;

		status = itsm_index_find(asking->index, asking->arena, words.items[i], NULL, &hit, asking->err);
		if (status != 0)
			break;
		node = find_node(asking, hit.id, hit.kind);
		if (node != ITSM_IMPACT_NOTHING)
			add_node(asking, nodes, node);
		else
			status = add_abouts(asking, &hit, nodes);
	}
	return status;
}

static int compare_people(const void *a, const void *b)
{
	const struct itsm_impact_person *one = a, *other = b;

	if (one->count != other->count)
		return one->count > other->count ? -1 : 1;
	return strcmp(one->id, other->id);
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Each node's owners, a node counted once for each. */
static void gather_people(struct asking *asking, struct itsm_impact_report *out)
{
	const struct itsm_impact_map *map = asking->map;
	const char **ids = NULL;
	size_t count = 0, capacity = 0;

	for (size_t i = 0; i < out->result.count; i++) {
		uint32_t node = out->result.hits[i].node;
		size_t begin = count;

		for (uint32_t j = map->owner_start[node]; j < map->owner_start[node + 1]; j++) {
			bool known = false;

			for (size_t k = begin; k < count && !known; k++)
				known = strcmp(ids[k], map->owners[j].id) == 0;
			if (known)
				continue;
			itsm_arena_grow(asking->arena, &ids, &capacity, count, sizeof(*ids));
			ids[count++] = map->owners[j].id;
		}
	}
	if (!count)
		return;
	qsort(ids, count, sizeof(*ids), compare_ids);
	out->people = itsm_arena_alloc(asking->arena, count * sizeof(*out->people));
	for (size_t i = 0; i < count; i++) {
		if (!i || strcmp(ids[i], ids[i - 1]) != 0)
			out->people[out->person_count++].id = ids[i];
		out->people[out->person_count - 1].count++;
	}
	qsort(out->people, out->person_count, sizeof(*out->people), compare_people);
}

static int gather_touched(struct asking *asking, struct itsm_impact_report *out)
{
	bool *wanted = itsm_arena_alloc(asking->arena, itsm_impact_count(asking->map->graph) + (size_t)1);

	for (size_t i = 0; i < out->result.count; i++)
		wanted[out->result.hits[i].node] = true;
	return itsm_index_impact_touched(asking->index, asking->arena, asking->map, wanted, &out->touched, &out->touched_count,
		asking->err);
}

int itsm_desk_impact(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_impact_request *request,
	struct itsm_impact_report *out, struct itsm_error *err)
{
	struct asking asking = {.arena = arena, .kinds = desk->kinds, .err = err};
	struct nodes failed = {0}, without = {0};
	struct itsm_impact_report report = {0};
	int status = itsm_desk_view(desk, request->at, &asking.index, err);

	if (status == 0)
		status = itsm_index_impact(asking.index, &asking.map, err);
	if (status != 0)
		return status;
	report.map = asking.map;
	if ((status = find_nodes(&asking, request->ids, &failed)) == 0 &&
	    (status = find_nodes(&asking, request->without, &without)) == 0) {
		struct itsm_impact_query query = {.failed = failed.items, .failed_count = failed.count, .without = without.items,
			.without_count = without.count, .up = request->up,
			.depth = request->depth > UINT32_MAX - 1 ? 0 : (uint32_t)request->depth};

		itsm_impact_trace(asking.map->graph, arena, &query, &report.result);
		gather_people(&asking, &report);
		status = gather_touched(&asking, &report);
	}
	if (status != 0) {
		itsm_impact_map_free(asking.map);
		return status;
	}
	*out = report;
	return 0;
}
