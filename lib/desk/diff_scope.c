/* The record and what it rests on, at both ends of a difference: their IDs, sorted. */
#include "diff_scope.h"

#include <stdlib.h>
#include <string.h>

#include "itsm/impact.h"

struct diff_scope {
	struct itsm_arena *arena;
	const char **names; /* "kind/id" */
	size_t count, capacity;
	bool found;         /* at one end at least */
};

static int compare(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add(struct diff_scope *scope, const char *kind, const char *id)
{
	itsm_arena_grow(scope->arena, &scope->names, &scope->capacity, scope->count, sizeof(*scope->names));
	scope->names[scope->count++] = itsm_arena_printf(scope->arena, "%s/%s", kind, id);
}

static void add_below(struct diff_scope *scope, const struct itsm_impact_map *map, const struct itsm_hit *hit)
{
	uint32_t node = itsm_impact_find(map->graph, hit->id);
	struct itsm_impact_result result;

	while (node != ITSM_IMPACT_NOTHING) {
		const char *kind = itsm_impact_node(map->graph, node).kind;

		if (kind && strcmp(kind, hit->kind) == 0)
			break;
		node = itsm_impact_find_next(map->graph, node);
	}
	if (node == ITSM_IMPACT_NOTHING)
		return;
	itsm_impact_trace(map->graph, scope->arena,
		&(struct itsm_impact_query){.failed = &node, .failed_count = 1, .up = true}, &result);
	for (size_t i = 0; i < result.count; i++) {
		struct itsm_impact_node found = itsm_impact_node(map->graph, result.hits[i].node);

		if (found.kind)
			add(scope, found.kind, found.id);
	}
}

static int add_end(struct itsm_desk *desk, struct diff_scope *scope, const char *id, const struct itsm_oid *commit,
	struct itsm_error *err)
{
	struct itsm_impact_map *map;
	struct itsm_index *index;
	struct itsm_hit hit;
	char name[41];
	int status;

	if (commit)
		itsm_oid_text(commit, name);
	status = itsm_desk_view(desk, commit ? name : NULL, &index, err);
	if (status != 0)
		return status;
	status = itsm_index_find(index, scope->arena, id, NULL, &hit, err);
	if (status != 0)
		return status;
	scope->found = true;
	add(scope, hit.kind, hit.id);
	if ((status = itsm_index_impact(index, &map, err)) != 0)
		return status;
	add_below(scope, map, &hit);
	itsm_impact_map_free(map);
	return 0;
}

int diff_scope_find(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const struct itsm_oid *before,
	const struct itsm_oid *after, struct diff_scope **out, struct itsm_error *err)
{
	struct diff_scope *scope = itsm_arena_alloc(arena, sizeof(*scope));
	int status;

	scope->arena = arena;
	status = add_end(desk, scope, id, before, err);
	if (status == 0 || status == ITSM_ENOTFOUND) {
		status = add_end(desk, scope, id, after, err);
		if (status == ITSM_ENOTFOUND && scope->found)
			status = 0;
	}
	if (status != 0)
		return status;
	qsort(scope->names, scope->count, sizeof(*scope->names), compare);
	*out = scope;
	return 0;
}

bool diff_scope_has(const struct diff_scope *scope, const char *kind, const char *id, const char *owner)
{
	struct itsm_buffer name = {0};
	const char *key;
	bool found = false;

	if (id) {
		itsm_buffer_printf(&name, "%s/%s", kind, id);
		key = name.data;
		found = bsearch(&key, scope->names, scope->count, sizeof(*scope->names), compare) != NULL;
		itsm_buffer_free(&name);
		return found;
	}
	for (size_t i = 0; i < scope->count && !found; i++)
		found = strcmp(strchr(scope->names[i], '/') + 1, owner) == 0;
	return found;
}
