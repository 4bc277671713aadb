/*
 * Redundancy: a whole stays up while enough of its parts are, and each of several bookings may take away one too many.
 * Of each whole the bookings that take away a part are walked by their start, with a count of the
 * parts that are away; where that is more than the whole can spare, those under way are told of each other.
 */
#include "collision.h"

#include <stdlib.h>
#include <string.h>

#define WHOLES_EACH 64          /* of a node; more are left out */
#define LOOKED_EACH (16 * ITSM_COLLISION_EACH)

static bool is_idle(const struct itsm_impact_graph *graph, uint32_t part, uint32_t whole)
{
	return itsm_impact_node(graph, part).down && !itsm_impact_node(graph, whole).down;
}

/* How many parts the whole can spare as it is; 0 where it has no redundancy. */
static uint32_t spare(const struct itsm_impact_graph *graph, uint32_t node)
{
	struct itsm_impact_whole whole;

	itsm_impact_whole(graph, node, &whole);
	return whole.parts_up > whole.needed ? whole.parts_up - whole.needed : 0;
}

static void take_away(struct sweep *sweep, const struct group *of, uint32_t whole, uint32_t part)
{
	for (size_t i = of->from; i < of->from + of->count; i++) {
		const struct seat *seat = &sweep->seats[i];

		itsm_arena_grow(sweep->arena, &sweep->weak, &sweep->weak_capacity, sweep->weak_count, sizeof(*sweep->weak));
		sweep->weak[sweep->weak_count++] = (struct weak){whole, part, seat->booking, of->key, seat->start, seat->end};
	}
}

void collision_weaken(struct sweep *sweep, const struct group *of, const struct itsm_impact_result *reached)
{
	const struct itsm_impact_graph *graph = sweep->query->graph;
	struct itsm_impact_edge edge;
	size_t found = 0;

	if (!sweep->mark)
		sweep->mark = itsm_arena_alloc(sweep->arena, ((size_t)itsm_impact_count(graph) + 1) * sizeof(*sweep->mark));
	sweep->round++;
	for (size_t i = 0; i < reached->count; i++)
		if (!sweep->query->depth || reached->hits[i].depth < sweep->query->depth)
			sweep->mark[reached->hits[i].node] = sweep->round;
	for (size_t i = 0; i < reached->survivor_count && found < WHOLES_EACH; i++) {
		uint32_t whole = reached->survivors[i].node;

		if (!spare(graph, whole))
			continue;
		for (size_t at = 0; itsm_impact_cause(graph, whole, at, &edge); at++)
			if (edge.part && sweep->mark[edge.node] == sweep->round && !is_idle(graph, edge.node, whole) &&
				found++ < WHOLES_EACH)
				take_away(sweep, of, whole, edge.node);
	}
	sweep->result->more = sweep->result->more || found > WHOLES_EACH;
}

static int compare_starts(const void *a, const void *b)
{
	const struct weak *one = a, *other = b;

	if (one->whole != other->whole)
		return one->whole < other->whole ? -1 : 1;
	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return one->booking < other->booking ? -1 : one->booking > other->booking;
}

static int compare_ends(const void *a, const void *b)
{
	const struct weak *one = *(struct weak *const *)a, *other = *(struct weak *const *)b;

	return one->end < other->end ? -1 : one->end > other->end;
}

static bool tell(struct sweep *sweep, const struct weak *one, const struct weak *other)
{
	return collision_tell(sweep, &(struct itsm_collision){one->booking, other->booking, ITSM_COLLISION_REDUNDANT, one->node,
		other->node, one->whole});
}

/* One that begins against those under way that take away other parts, the latest first. */
static void tell_all(struct sweep *sweep, const struct weak *one, struct weak **active, size_t count)
{
	size_t told = 0, looked = 0;

	for (size_t at = count; at > 0; at--) {
		const struct weak *other = active[at - 1];

		if (told >= collision_most(sweep) || (collision_most(sweep) != SIZE_MAX && ++looked > LOOKED_EACH)) {
			sweep->result->more = true;
			return;
		}
		if (other->end > one->start && other->part != one->part)
			told += tell(sweep, one, other);
	}
}

/* Drop those that are over, once they are half of it. */
static size_t drop_ended(struct weak **active, size_t count, int64_t now)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (active[i]->end > now)
			active[kept++] = active[i];
	return kept;
}

/* `away` counts for each part who takes it away; it is left as it was found. */
static void sweep_whole(struct sweep *sweep, struct weak *weak, size_t count, struct weak **active, struct weak **ends,
	uint32_t *away)
{
	uint32_t spared = spare(sweep->query->graph, weak->whole), gone = 0;
	size_t under_way = 0, over = 0, next;

	for (size_t i = 0; i < count; i++)
		ends[i] = &weak[i];
	qsort(ends, count, sizeof(*ends), compare_ends);
	for (size_t i = 0; i < count; i = next) {
		size_t first = under_way;

		for (; over < count && ends[over]->end <= weak[i].start; over++)
			gone -= --away[ends[over]->part] == 0;
		if (under_way > 2 * (i - over) + 16)
			first = under_way = drop_ended(active, under_way, weak[i].start);
		for (next = i; next < count && weak[next].start == weak[i].start; next++) {
			gone += away[weak[next].part]++ == 0;
			active[under_way++] = &weak[next];
		}
		for (size_t at = first; gone > spared && at < under_way; at++)
			tell_all(sweep, active[at], active, at);
	}
	for (; over < count; over++)
		away[ends[over]->part]--;
}

void collision_sweep_wholes(struct sweep *sweep)
{
	size_t count = sweep->weak_count, next;
	struct weak **active = itsm_arena_alloc(sweep->arena, (count + 1) * sizeof(struct weak *));
	struct weak **ends = itsm_arena_alloc(sweep->arena, (count + 1) * sizeof(struct weak *));
	uint32_t *away = sweep->mark;

	if (!count)
		return;
	memset(away, 0, itsm_impact_count(sweep->query->graph) * sizeof(*away));
	qsort(sweep->weak, count, sizeof(*sweep->weak), compare_starts);
	for (size_t i = 0; i < count; i = next) {
		for (next = i + 1; next < count && sweep->weak[next].whole == sweep->weak[i].whole; next++)
			continue;
		sweep_whole(sweep, &sweep->weak[i], next - i, active, ends, away);
	}
}
