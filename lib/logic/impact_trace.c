/* Questions to the graph: breadth first from what fails, or back from what is asked about. */
#include <stdlib.h>
#include <string.h>

#include "impact.h"

#define ALONE_WORK 20000000     /* edges looked at to find out what fails something alone */
#define NOTHING ITSM_IMPACT_NOTHING

struct tracing {
	struct itsm_impact_graph *graph;
	struct itsm_arena *arena;
	const struct itsm_impact_query *query;
	struct itsm_impact_result *out;
	size_t capacity;
	uint32_t out_round;      /* of what is out */
	uint32_t round;          /* of what fails */
};

static uint32_t begin_round(struct itsm_impact_graph *graph)
{
	return ++graph->round;
}

/* Each question takes a round, or one for each node: before they run out all marks are wiped. */
static void spare_rounds(struct itsm_impact_graph *graph)
{
	size_t size = graph->node_count * sizeof(uint32_t);

	if (graph->round < UINT32_MAX - graph->node_count - 8)
		return;
	memset(graph->out, 0, size);
	memset(graph->out_lost, 0, size);
	memset(graph->reached, 0, size);
	memset(graph->lost, 0, size);
	memset(graph->listed, 0, size);
	memset(graph->sure, 0, size);
	graph->round = 0;
}

static bool is_out(const struct tracing *tracing, uint32_t node)
{
	return tracing->graph->out[node] == tracing->out_round;
}

/* How many parts of a whole are up. */
static uint32_t parts_up(const struct tracing *tracing, uint32_t whole, uint32_t round)
{
	const struct itsm_impact_graph *graph = tracing->graph;
	const struct impact_node *node = &graph->nodes[whole];
	uint32_t up = node->parts - node->parts_down;

	up -= graph->out_lost[whole] == tracing->out_round ? graph->out_loss[whole] : 0;
	return up - (graph->lost[whole] == round ? graph->loss[whole] : 0);
}

static void lose(uint32_t *marks, uint32_t *losses, uint32_t whole, uint32_t round)
{
	if (marks[whole] != round) {
		marks[whole] = round;
		losses[whole] = 0;
	}
	losses[whole]++;
}

static bool has_too_few(const struct tracing *tracing, uint32_t whole, uint32_t round)
{
	return parts_up(tracing, whole, round) < impact_needed(&tracing->graph->nodes[whole]);
}

/* Does this end of an edge fail with the other one? Counts what a whole loses. */
static bool follows(struct tracing *tracing, uint32_t node, const struct itsm_impact_edge *edge, uint32_t round)
{
	struct itsm_impact_graph *graph = tracing->graph;

	tracing->out->work++;
	if (!edge->part)
		return true;
	if (!impact_is_idle(graph, node, edge->node) && !is_out(tracing, node))
		lose(graph->lost, graph->loss, edge->node, round);
	return has_too_few(tracing, edge->node, round);
}

/* What is out, with all that fails by it. */
static void take_out(struct tracing *tracing)
{
	struct itsm_impact_graph *graph = tracing->graph;
	const struct itsm_impact_query *query = tracing->query;
	uint32_t round = tracing->out_round, *queue = graph->queue;
	size_t head = 0, tail = 0;

	for (size_t i = 0; i < query->without_count; i++) {
		if (graph->out[query->without[i]] != round)
			queue[tail++] = query->without[i];
		graph->out[query->without[i]] = round;
	}
	while (head < tail) {
		uint32_t node = queue[head++];

		for (uint32_t i = graph->effects.start[node]; i < graph->effects.start[node + 1]; i++) {
			const struct itsm_impact_edge *edge = &graph->effects.edges[i];

			tracing->out->work++;
			if (edge->part && !impact_is_idle(graph, node, edge->node))
				lose(graph->out_lost, graph->out_loss, edge->node, round);
			if (graph->out[edge->node] == round || (edge->part && !has_too_few(tracing, edge->node, 0)))
				continue;
			graph->out[edge->node] = round;
			queue[tail++] = edge->node;
		}
	}
}

static void add_hit(struct tracing *tracing, const struct itsm_impact_hit *hit)
{
	struct itsm_impact_result *out = tracing->out;

	itsm_arena_grow(tracing->arena, &out->hits, &tracing->capacity, out->count, sizeof(*out->hits));
	out->hits[out->count++] = *hit;
}

/* What is asked about, each once. */
static void add_roots(struct tracing *tracing)
{
	const struct itsm_impact_query *query = tracing->query;

	for (size_t i = 0; i < query->failed_count; i++) {
		struct itsm_impact_hit hit = {.node = query->failed[i], .via = NOTHING, .alone = ITSM_ALONE_YES};

		if (tracing->graph->reached[hit.node] == tracing->round)
			continue;
		tracing->graph->reached[hit.node] = tracing->round;
		add_hit(tracing, &hit);
	}
}

static void add_next(struct tracing *tracing, size_t via, const struct itsm_impact_edge *edge)
{
	struct itsm_impact_hit hit = {.node = edge->node, .depth = tracing->out->hits[via].depth + 1,
		.via = (uint32_t)via, .relation = edge->relation, .part = edge->part};

	tracing->graph->reached[edge->node] = tracing->round;
	add_hit(tracing, &hit);
}

static void tell_parts(const struct tracing *tracing, struct itsm_impact_hit *hit)
{
	hit->parts = tracing->graph->nodes[hit->node].parts;
	hit->parts_up = hit->parts ? parts_up(tracing, hit->node, tracing->round) : 0;
	hit->needed = impact_needed(&tracing->graph->nodes[hit->node]);
}

/* By `via`, which holds the rank of the node meanwhile. */
static int compare_survivors(const void *a, const void *b)
{
	const struct itsm_impact_hit *one = a, *other = b;

	return one->via < other->via ? -1 : one->via > other->via;
}

static void add_survivors(struct tracing *tracing, const uint32_t *wholes, size_t count)
{
	struct itsm_impact_graph *graph = tracing->graph;
	struct itsm_impact_result *out = tracing->out;

	out->survivors = itsm_arena_alloc(tracing->arena, (count + 1) * sizeof(*out->survivors));
	for (size_t i = 0; i < count; i++) {
		struct itsm_impact_hit *hit = &out->survivors[out->survivor_count];

		if (graph->reached[wholes[i]] == tracing->round || is_out(tracing, wholes[i]))
			continue;
		*hit = (struct itsm_impact_hit){.node = wholes[i], .via = graph->rank[wholes[i]], .part = true};
		tell_parts(tracing, hit);
		out->survivor_count++;
	}
	if (out->survivor_count)
		qsort(out->survivors, out->survivor_count, sizeof(*out->survivors), compare_survivors);
	for (size_t i = 0; i < out->survivor_count; i++)
		out->survivors[i].via = NOTHING;
}

static void trace_down(struct tracing *tracing)
{
	struct itsm_impact_graph *graph = tracing->graph;
	uint32_t limit = tracing->query->depth ? tracing->query->depth : UINT32_MAX, *wholes = graph->queue;
	size_t whole_count = 0;

	add_roots(tracing);
	for (size_t at = 0; at < tracing->out->count && tracing->out->hits[at].depth < limit; at++) {
		uint32_t node = tracing->out->hits[at].node;

		for (uint32_t i = graph->effects.start[node]; i < graph->effects.start[node + 1]; i++) {
			const struct itsm_impact_edge *edge = &graph->effects.edges[i];
			bool fails = follows(tracing, node, edge, tracing->round);

			if (graph->reached[edge->node] == tracing->round || is_out(tracing, edge->node))
				continue;
			if (fails) {
				add_next(tracing, at, edge);
			} else if (graph->listed[edge->node] != tracing->round) {
				graph->listed[edge->node] = tracing->round;
				wholes[whole_count++] = edge->node;
			}
		}
	}
	for (size_t i = 0; i < tracing->out->count; i++)
		tell_parts(tracing, &tracing->out->hits[i]);
	add_survivors(tracing, wholes, whole_count);
}

/* Would the loss of this one part be too much for the whole? */
static bool is_vital(const struct tracing *tracing, uint32_t whole, uint32_t part)
{
	uint32_t up = parts_up(tracing, whole, 0);
	bool counts = !impact_is_idle(tracing->graph, part, whole) && !is_out(tracing, part);

	return up - counts < impact_needed(&tracing->graph->nodes[whole]);
}

/* What takes a root down by a chain of edges each of which is enough. */
static void mark_sure(struct tracing *tracing)
{
	struct itsm_impact_graph *graph = tracing->graph;
	uint32_t *queue = graph->queue;
	size_t head = 0, tail = 0;

	while (tail < tracing->out->count && tracing->out->hits[tail].depth == 0) {
		queue[tail] = tracing->out->hits[tail].node;
		graph->sure[queue[tail++]] = tracing->round;
	}
	while (head < tail) {
		uint32_t node = queue[head++];

		for (uint32_t i = graph->causes.start[node]; i < graph->causes.start[node + 1]; i++) {
			const struct itsm_impact_edge *edge = &graph->causes.edges[i];

			tracing->out->work++;
			if (graph->sure[edge->node] == tracing->round || is_out(tracing, edge->node) ||
			    (edge->part && !is_vital(tracing, node, edge->node)))
				continue;
			graph->sure[edge->node] = tracing->round;
			queue[tail++] = edge->node;
		}
	}
}

/* Let it fail, among what the roots rest on, and see whether something sure goes down: then so does a root. */
static enum itsm_impact_alone try_alone(struct tracing *tracing, uint32_t failed)
{
	struct itsm_impact_graph *graph = tracing->graph;
	uint32_t round = begin_round(graph), *queue = graph->queue;
	size_t head = 0, tail = 0;

	queue[tail++] = failed;
	graph->listed[failed] = round;
	while (head < tail) {
		uint32_t node = queue[head++];

		for (uint32_t i = graph->effects.start[node]; i < graph->effects.start[node + 1]; i++) {
			const struct itsm_impact_edge *edge = &graph->effects.edges[i];
			bool fails = follows(tracing, node, edge, round);

			if (!fails || graph->listed[edge->node] == round || graph->reached[edge->node] != tracing->round)
				continue;
			if (graph->sure[edge->node] == tracing->round)
				return ITSM_ALONE_YES;
			graph->listed[edge->node] = round;
			queue[tail++] = edge->node;
		}
	}
	return ITSM_ALONE_NO;
}

static void trace_up(struct tracing *tracing)
{
	struct itsm_impact_graph *graph = tracing->graph;
	struct itsm_impact_result *out = tracing->out;
	size_t kept = 0;

	add_roots(tracing);
	for (size_t at = 0; at < out->count; at++) {
		uint32_t node = out->hits[at].node;

		for (uint32_t i = graph->causes.start[node]; i < graph->causes.start[node + 1]; i++) {
			const struct itsm_impact_edge *edge = &graph->causes.edges[i];

			out->work++;
			if (graph->reached[edge->node] != tracing->round && !is_out(tracing, edge->node))
				add_next(tracing, at, edge);
		}
	}
	mark_sure(tracing);
	while (kept < out->count && (!tracing->query->depth || out->hits[kept].depth <= tracing->query->depth))
		kept++;
	out->count = kept;
	for (size_t i = 0; i < out->count; i++) {
		struct itsm_impact_hit *hit = &out->hits[i];

		if (graph->sure[hit->node] == tracing->round)
			hit->alone = ITSM_ALONE_YES;
		else
			hit->alone = out->work > ALONE_WORK ? ITSM_ALONE_UNKNOWN : try_alone(tracing, hit->node);
		tell_parts(tracing, hit);
	}
}

void itsm_impact_trace(struct itsm_impact_graph *graph, struct itsm_arena *arena, const struct itsm_impact_query *query,
	struct itsm_impact_result *out)
{
	struct tracing tracing = {.graph = graph, .arena = arena, .query = query, .out = out};

	*out = (struct itsm_impact_result){0};
	spare_rounds(graph);
	tracing.out_round = begin_round(graph);
	tracing.round = begin_round(graph);
	take_out(&tracing);
	if (query->up)
		trace_up(&tracing);
	else
		trace_down(&tracing);
}
