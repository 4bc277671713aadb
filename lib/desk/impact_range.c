/*
 * `itsm impact A..B`: the graphs of both ends. A node is looked at when what
 * leads from it differs, or when a whole that it is part of counts its parts
 * otherwise; then what fails with it is compared.
 */
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "itsm/configuration.h"

#define WORK_MAX 100000000      /* edges looked at in all */

struct comparing {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_impact_map *before, *after;
	struct itsm_impact_comparison *out;
	size_t capacity, work;
};

/* The same node in the other graph. */
static uint32_t twin(const struct itsm_impact_map *map, const struct itsm_impact_map *other, uint32_t node)
{
	struct itsm_impact_node own = itsm_impact_node(map->graph, node);
	uint32_t found = itsm_impact_find(other->graph, own.id);

	while (found != ITSM_IMPACT_NOTHING) {
		struct itsm_impact_node there = itsm_impact_node(other->graph, found);

		if (!own.kind == !there.kind && (!own.kind || strcmp(own.kind, there.kind) == 0))
			return found;
		found = itsm_impact_find_next(other->graph, found);
	}
	return found;
}

static bool same_whole(const struct comparing *comparing, uint32_t node, uint32_t other)
{
	struct itsm_impact_whole one, two;

	itsm_impact_whole(comparing->before->graph, node, &one);
	itsm_impact_whole(comparing->after->graph, other, &two);
	return one.parts == two.parts && one.parts_up == two.parts_up && one.needed == two.needed;
}

/* Do the same edges lead from both, to wholes that count alike? Edges stand in the order of their IDs. */
static bool same_effects(const struct comparing *comparing, uint32_t node, uint32_t other)
{
	struct itsm_impact_edge one, two;

	for (size_t at = 0;; at++) {
		bool first = itsm_impact_effect(comparing->before->graph, node, at, &one);
		bool second = itsm_impact_effect(comparing->after->graph, other, at, &two);

		if (!first || !second)
			return first == second;
		if (one.part != two.part || twin(comparing->before, comparing->after, one.node) != two.node)
			return false;
		if (one.part && !same_whole(comparing, one.node, two.node))
			return false;
	}
}

static void trace(struct comparing *comparing, struct itsm_impact_map *map, uint32_t node, struct itsm_impact_result *out)
{
	itsm_impact_trace(map->graph, comparing->arena, &(struct itsm_impact_query){.failed = &node, .failed_count = 1}, out);
	comparing->work += out->work + out->count;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The IDs of what is in the one result and not in the other. */
static const char **missing(struct comparing *comparing, const struct itsm_impact_map *map, const struct itsm_impact_result *result,
	const struct itsm_impact_map *other_map, const struct itsm_impact_result *other, size_t *count)
{
	bool *there = calloc(itsm_impact_count(other_map->graph) + (size_t)1, 1);
	const char **ids = itsm_arena_alloc(comparing->arena, (result->count + 1) * sizeof(*ids));

	*count = 0;
	comparing->work += itsm_impact_count(other_map->graph) / 16; /* the cost of the clean list */
	for (size_t i = 0; there && i < other->count; i++)
		there[other->hits[i].node] = true;
	for (size_t i = 1; there && i < result->count; i++) {
		uint32_t node = twin(map, other_map, result->hits[i].node);

		if (node == ITSM_IMPACT_NOTHING || !there[node])
			ids[(*count)++] = itsm_arena_strdup(comparing->arena, itsm_impact_node(map->graph, result->hits[i].node).id);
	}
	free(there);
	if (*count)
		qsort(ids, *count, sizeof(*ids), compare_ids);
	return ids;
}

/* Either may be ITSM_IMPACT_NOTHING. */
static void add_change(struct comparing *comparing, uint32_t node, uint32_t other)
{
	const struct itsm_impact_map *map = other == ITSM_IMPACT_NOTHING ? comparing->before : comparing->after;
	uint32_t shown = other == ITSM_IMPACT_NOTHING ? node : other;
	struct itsm_impact_node there = itsm_impact_node(map->graph, shown);
	struct itsm_impact_result before = {0}, after = {0};
	struct itsm_impact_change change = {.added = node == ITSM_IMPACT_NOTHING, .removed = other == ITSM_IMPACT_NOTHING};
	const char *title = map->records[shown].title;

	if (comparing->work > WORK_MAX) {
		comparing->out->untold++;
		return;
	}
	if (!change.added)
		trace(comparing, comparing->before, node, &before);
	if (!change.removed)
		trace(comparing, comparing->after, other, &after);
	change.gained = missing(comparing, comparing->after, &after, comparing->before, &before, &change.gained_count);
	change.lost = missing(comparing, comparing->before, &before, comparing->after, &after, &change.lost_count);
	if (!change.gained_count && !change.lost_count)
		return;
	change.id = itsm_arena_strdup(comparing->arena, there.id);
	change.kind = there.kind ? itsm_arena_strdup(comparing->arena, there.kind) : NULL;
	change.title = title ? itsm_arena_strdup(comparing->arena, title) : NULL;
	change.before = before.count ? before.count - 1 : 0;
	change.after = after.count ? after.count - 1 : 0;
	itsm_arena_grow(comparing->arena, &comparing->out->changes, &comparing->capacity, comparing->out->count,
		sizeof(*comparing->out->changes));
	comparing->out->changes[comparing->out->count++] = change;
}

static void compare(struct comparing *comparing)
{
	const struct itsm_impact_map *before = comparing->before, *after = comparing->after;

	for (uint32_t node = 0; node < itsm_impact_count(before->graph); node++) {
		uint32_t other = twin(before, after, node);

		if (other == ITSM_IMPACT_NOTHING || !same_effects(comparing, node, other))
			add_change(comparing, node, other);
	}
	for (uint32_t other = 0; other < itsm_impact_count(after->graph); other++)
		if (twin(after, before, other) == ITSM_IMPACT_NOTHING)
			add_change(comparing, ITSM_IMPACT_NOTHING, other);
}

static int compare_changes(const void *a, const void *b)
{
	const struct itsm_impact_change *one = a, *other = b;

	return strcmp(one->id, other->id);
}

static int load(struct itsm_desk *desk, const struct itsm_oid *commit, struct itsm_impact_map **out, struct itsm_error *err)
{
	char name[41];
	struct itsm_index *index;
	int status;

	itsm_oid_text(commit, name);
	status = itsm_desk_view(desk, name, &index, err);
	return status == 0 ? itsm_index_impact(index, out, err) : status;
}

/* The two commits: where B left A, and B. */
static int resolve(struct itsm_desk *desk, struct itsm_arena *arena, const char *range, struct itsm_oid *base,
	struct itsm_oid *head, struct itsm_error *err)
{
	const char *dots = strstr(range, "..");
	const char *from = itsm_arena_strndup(arena, range, (size_t)(dots - range)), *to = dots[2] ? dots + 2 : "HEAD";
	struct itsm_repo *repo;
	struct itsm_oid left;
	int status = itsm_desk_repository(desk, &repo, err);

	if (status == 0 && (*range == '-' || *to == '-' || *to == '.'))
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no range; give A..B", range);
	if (status == 0 && (status = desk_resolve(desk, *from ? from : "HEAD", &left, err)) == 0 &&
	    (status = desk_resolve(desk, to, head, err)) == 0)
		status = itsm_repo_merge_base(repo, &left, head, base, err);
	return status;
}

int itsm_desk_impact_compare(struct itsm_desk *desk, struct itsm_arena *arena, const char *range,
	struct itsm_impact_comparison *out, struct itsm_error *err)
{
	struct itsm_impact_comparison comparison = {0};
	struct comparing comparing = {.desk = desk, .arena = arena, .out = &comparison};
	struct itsm_oid base, head;
	int status = resolve(desk, arena, range, &base, &head, err);

	if (status == 0)
		status = load(desk, &base, &comparing.before, err);
	if (status == 0)
		status = load(desk, &head, &comparing.after, err);
	if (status == 0) {
		compare(&comparing);
		if (comparison.count)
			qsort(comparison.changes, comparison.count, sizeof(*comparison.changes), compare_changes);
		*out = comparison;
	}
	itsm_impact_map_free(comparing.before);
	itsm_impact_map_free(comparing.after);
	return status;
}
