/* The graph: adding to it, finding in it, bringing it into order. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "impact.h"

struct itsm_impact_graph *itsm_impact_new(void)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_impact_graph *graph = itsm_arena_alloc(arena, sizeof(*graph));

	graph->arena = arena;
	return graph;
}

void itsm_impact_free(struct itsm_impact_graph *graph)
{
	if (graph)
		itsm_arena_free(graph->arena);
}

/* FNV-1a, begun with what nobody who chooses IDs can know. */
static size_t hash_of(const struct itsm_impact_graph *graph, const char *id)
{
	uint64_t hash = 14695981039346656037u ^ (uint64_t)(uintptr_t)graph * 0x9e3779b97f4a7c15u;

	for (; *id; id++)
		hash = (hash ^ (unsigned char)*id) * 1099511628211u;
	return (size_t)(hash ^ hash >> 29);
}

static void enchain(struct itsm_impact_graph *graph, uint32_t node)
{
	uint32_t *head = &graph->hash[hash_of(graph, graph->nodes[node].id) & (graph->hash_size - 1)];

	graph->nodes[node].next = *head;
	*head = node;
}

static void grow_hash(struct itsm_impact_graph *graph)
{
	graph->hash_size = graph->hash_size ? graph->hash_size * 4 : 256;
	graph->hash = itsm_arena_alloc(graph->arena, graph->hash_size * sizeof(*graph->hash));
	memset(graph->hash, 0xff, graph->hash_size * sizeof(*graph->hash));
	for (size_t i = 0; i < graph->node_count; i++)
		enchain(graph, (uint32_t)i);
}

static void read_minimum(struct impact_node *node, const char *text)
{
	char *end;
	unsigned long number;

	if (!text || !isdigit((unsigned char)*text))
		return;
	number = strtoul(text, &end, 10);
	node->percent = *end == '%';
	if (end[node->percent])
		return;
	node->has_minimum = true;
	node->minimum = number > ITSM_IMPACT_MAX ? ITSM_IMPACT_MAX : (uint32_t)number;
}

uint32_t itsm_impact_add(struct itsm_impact_graph *graph, const struct itsm_impact_node *node)
{
	struct impact_node *own;

	if (graph->node_count >= ITSM_IMPACT_MAX)
		return ITSM_IMPACT_NOTHING;
	itsm_arena_grow(graph->arena, &graph->nodes, &graph->node_capacity, graph->node_count, sizeof(*graph->nodes));
	own = &graph->nodes[graph->node_count];
	*own = (struct impact_node){.id = itsm_arena_strdup(graph->arena, node->id), .down = node->down};
	if (node->kind && graph->node_count && own[-1].kind && strcmp(own[-1].kind, node->kind) == 0)
		own->kind = own[-1].kind;
	else if (node->kind)
		own->kind = itsm_arena_strdup(graph->arena, node->kind);
	read_minimum(own, node->minimum);
	if (graph->node_count >= graph->hash_size / 2)
		grow_hash(graph);
	enchain(graph, (uint32_t)graph->node_count);
	return (uint32_t)graph->node_count++;
}

bool itsm_impact_connect(struct itsm_impact_graph *graph, uint32_t cause, uint32_t effect, unsigned relation, bool part)
{
	if (graph->edge_count >= ITSM_IMPACT_MAX)
		return false;
	itsm_arena_grow(graph->arena, &graph->edges, &graph->edge_capacity, graph->edge_count, sizeof(*graph->edges));
	graph->edges[graph->edge_count++] =
		(struct impact_edge){.cause = cause, .effect = effect, .relation = (uint16_t)relation, .part = part};
	return true;
}

struct ranked {
	const char *id, *kind;
	uint32_t node;
};

static int compare_ranked(const void *a, const void *b)
{
	const struct ranked *one = a, *other = b;
	int order = strcmp(one->id, other->id);

	if (order == 0)
		order = strcmp(one->kind ? one->kind : "", other->kind ? other->kind : "");
	return order ? order : one->node < other->node ? -1 : 1;
}

/* The places of the nodes in order of ID, then kind. */
static void rank_nodes(struct itsm_impact_graph *graph, struct itsm_arena *arena)
{
	struct ranked *ranked = itsm_arena_alloc(arena, (graph->node_count + 1) * sizeof(*ranked));

	graph->rank = itsm_arena_alloc(graph->arena, (graph->node_count + 1) * sizeof(*graph->rank));
	for (size_t i = 0; i < graph->node_count; i++)
		ranked[i] = (struct ranked){graph->nodes[i].id, graph->nodes[i].kind, (uint32_t)i};
	qsort(ranked, graph->node_count, sizeof(*ranked), compare_ranked);
	for (size_t i = 0; i < graph->node_count; i++)
		graph->rank[ranked[i].node] = (uint32_t)i;
}

static uint32_t end_of(const struct impact_edge *edge, bool cause)
{
	return cause ? edge->cause : edge->effect;
}

/*
 * One side of the edges: counted by the near end, filled in the order of the
 * far one. `far` lists the edges in order of the far end's rank.
 */
static void fill_side(struct itsm_impact_graph *graph, struct impact_side *side, const uint32_t *far, bool by_cause)
{
	uint32_t *start = itsm_arena_alloc(graph->arena, (graph->node_count + 2) * sizeof(*start));

	side->edges = itsm_arena_alloc(graph->arena, (graph->edge_count + 1) * sizeof(*side->edges));
	for (size_t i = 0; i < graph->edge_count; i++)
		start[end_of(&graph->edges[i], by_cause) + 2]++;
	for (size_t i = 2; i <= graph->node_count + 1; i++)
		start[i] += start[i - 1];
	/* start[node + 1] moves from where the node's run begins to where it ends */
	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct impact_edge *edge = &graph->edges[far[i]];

		side->edges[start[end_of(edge, by_cause) + 1]++] = (struct itsm_impact_edge){
			.node = end_of(edge, !by_cause), .relation = edge->relation, .part = edge->part};
	}
	side->start = start;
}

/* The edges by the rank of one end, in one counting pass; those of the same rank stay in their order. */
static uint32_t *sort_edges(const struct itsm_impact_graph *graph, struct itsm_arena *arena, bool by_cause)
{
	uint32_t *start = itsm_arena_alloc(arena, (graph->node_count + 2) * sizeof(*start));
	uint32_t *out = itsm_arena_alloc(arena, (graph->edge_count + 1) * sizeof(*out));

	for (size_t i = 0; i < graph->edge_count; i++)
		start[graph->rank[end_of(&graph->edges[i], by_cause)] + 1]++;
	for (size_t i = 1; i <= graph->node_count; i++)
		start[i] += start[i - 1];
	for (size_t i = 0; i < graph->edge_count; i++)
		out[start[graph->rank[end_of(&graph->edges[i], by_cause)]]++] = (uint32_t)i;
	return out;
}

static int compare_edges(const void *a, const void *b)
{
	const struct impact_edge *one = a, *other = b;

	if (one->cause != other->cause)
		return one->cause < other->cause ? -1 : 1;
	if (one->effect != other->effect)
		return one->effect < other->effect ? -1 : 1;
	if (one->part != other->part)
		return one->part ? 1 : -1;
	return (int)one->relation - (int)other->relation;
}

/* Of edges between the same two nodes one that is of no part is enough, and it makes any that is of a part idle. */
static void drop_repeated(struct itsm_impact_graph *graph)
{
	size_t kept = 0;
	bool sorted = true;

	for (size_t i = 1; i < graph->edge_count && sorted; i++)
		sorted = compare_edges(&graph->edges[i - 1], &graph->edges[i]) <= 0;
	if (!sorted)
		qsort(graph->edges, graph->edge_count, sizeof(*graph->edges), compare_edges);
	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct impact_edge *last = kept ? &graph->edges[kept - 1] : NULL, *edge = &graph->edges[i];

		if (last && last->cause == edge->cause && last->effect == edge->effect && last->part == edge->part)
			continue;
		graph->edges[kept++] = *edge;
	}
	graph->edge_count = kept;
}

static void count_parts(struct itsm_impact_graph *graph)
{
	for (size_t i = 0; i < graph->edge_count; i++) {
		const struct impact_edge *edge = &graph->edges[i];

		if (!edge->part)
			continue;
		graph->nodes[edge->effect].parts++;
		graph->nodes[edge->effect].parts_down += impact_is_idle(graph, edge->cause, edge->effect);
	}
}

void itsm_impact_finish(struct itsm_impact_graph *graph)
{
	struct itsm_arena *arena = itsm_arena_new();
	uint32_t **const marks[] = {&graph->out, &graph->out_lost, &graph->out_loss, &graph->reached, &graph->lost,
		&graph->loss, &graph->listed, &graph->sure, &graph->queue};
	size_t room = graph->node_count + 1;

	if (!graph->hash)
		grow_hash(graph);
	rank_nodes(graph, arena);
	drop_repeated(graph);
	fill_side(graph, &graph->effects, sort_edges(graph, arena, false), true);
	fill_side(graph, &graph->causes, sort_edges(graph, arena, true), false);
	count_parts(graph);
	for (size_t i = 0; i < sizeof(marks) / sizeof(*marks); i++)
		*marks[i] = itsm_arena_alloc(graph->arena, room * sizeof(**marks[i]));
	itsm_arena_free(arena);
}

uint32_t itsm_impact_count(const struct itsm_impact_graph *graph)
{
	return (uint32_t)graph->node_count;
}

size_t itsm_impact_edge_count(const struct itsm_impact_graph *graph)
{
	return graph->edge_count;
}

struct itsm_impact_node itsm_impact_node(const struct itsm_impact_graph *graph, uint32_t node)
{
	const struct impact_node *own = &graph->nodes[node];

	return (struct itsm_impact_node){.id = own->id, .kind = own->kind, .down = own->down};
}

static uint32_t find_from(const struct itsm_impact_graph *graph, uint32_t node, const char *id)
{
	while (node != ITSM_IMPACT_NOTHING && strcmp(graph->nodes[node].id, id) != 0)
		node = graph->nodes[node].next;
	return node;
}

uint32_t itsm_impact_find(const struct itsm_impact_graph *graph, const char *id)
{
	return graph->hash ? find_from(graph, graph->hash[hash_of(graph, id) & (graph->hash_size - 1)], id) : ITSM_IMPACT_NOTHING;
}

uint32_t itsm_impact_find_next(const struct itsm_impact_graph *graph, uint32_t node)
{
	return find_from(graph, graph->nodes[node].next, graph->nodes[node].id);
}

void itsm_impact_whole(const struct itsm_impact_graph *graph, uint32_t node, struct itsm_impact_whole *out)
{
	const struct impact_node *own = &graph->nodes[node];

	*out = (struct itsm_impact_whole){0};
	if (own->parts)
		*out = (struct itsm_impact_whole){own->parts, own->parts - own->parts_down, impact_needed(own)};
}

static bool edge_at(const struct impact_side *side, uint32_t node, size_t at, struct itsm_impact_edge *out)
{
	if (at >= side->start[node + 1] - side->start[node])
		return false;
	*out = side->edges[side->start[node] + at];
	return true;
}

bool itsm_impact_effect(const struct itsm_impact_graph *graph, uint32_t node, size_t at, struct itsm_impact_edge *out)
{
	return edge_at(&graph->effects, node, at, out);
}

bool itsm_impact_cause(const struct itsm_impact_graph *graph, uint32_t node, size_t at, struct itsm_impact_edge *out)
{
	return edge_at(&graph->causes, node, at, out);
}

uint32_t impact_needed(const struct impact_node *node)
{
	if (!node->has_minimum)
		return node->parts;
	if (!node->percent)
		return node->minimum;
	return (uint32_t)(((uint64_t)node->minimum * node->parts + 99) / 100);
}
