/* Collisions: the sweep against looking at every pair, and its time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "itsm/collision.h"

static uint64_t seed;

static uint32_t draw(uint32_t below)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)((seed >> 20) % below);
}

static struct itsm_impact_graph *random_graph(uint32_t nodes, uint32_t edges)
{
	struct itsm_impact_graph *graph = itsm_impact_new();
	char id[16];

	for (uint32_t i = 0; i < nodes; i++) {
		snprintf(id, sizeof(id), "n%u", i);
		itsm_impact_add(graph, &(struct itsm_impact_node){.id = id, .kind = "item", .down = draw(12) == 0,
			.minimum = (const char *[]){NULL, "1", "2", "50%"}[draw(4)]});
	}
	for (uint32_t i = 0; i < edges; i++) {
		uint32_t from = draw(nodes), to = draw(nodes);

		if (from != to)
			itsm_impact_connect(graph, from, to, 0, draw(2));
	}
	itsm_impact_finish(graph);
	return graph;
}

static struct itsm_booking *random_bookings(struct itsm_arena *arena, uint32_t count, uint32_t nodes, uint32_t people,
	uint32_t range)
{
	struct itsm_booking *bookings = itsm_arena_alloc(arena, count * sizeof(*bookings));

	for (uint32_t i = 0; i < count; i++) {
		uint32_t *on = itsm_arena_alloc(arena, 2 * sizeof(*on));

		on[0] = draw(nodes);
		on[1] = draw(nodes);
		bookings[i] = (struct itsm_booking){.id = itsm_arena_printf(arena, "C%u", i - (i % 7 == 6)),
			.start = draw(range), .nodes = on, .node_count = draw(3),
			.person = draw(3) ? itsm_arena_printf(arena, "p%u", draw(people)) : NULL};
		bookings[i].end = bookings[i].start + draw(20);
	}
	return bookings;
}

static bool reaches(struct itsm_impact_graph *graph, struct itsm_arena *arena, uint32_t from, uint32_t to)
{
	struct itsm_impact_query query = {.failed = &from, .failed_count = 1, .depth = 2};
	struct itsm_impact_result result;

	itsm_impact_trace(graph, arena, &query, &result);
	for (size_t i = 1; i < result.count; i++)
		if (result.hits[i].node == to)
			return true;
	return false;
}

/* The parts of the whole that fail with a node, one bit each; 0 where the whole fails too. */
static uint32_t taken(struct itsm_impact_graph *graph, struct itsm_arena *arena, uint32_t node, uint32_t whole)
{
	struct itsm_impact_query query = {.failed = &node, .failed_count = 1, .depth = 2};
	struct itsm_impact_result result;
	struct itsm_impact_edge edge;
	uint32_t parts = 0;

	itsm_impact_trace(graph, arena, &query, &result);
	for (size_t i = 0; i < result.count; i++) {
		if (result.hits[i].node == whole)
			return 0;
		for (size_t at = 0; result.hits[i].depth < 2 && itsm_impact_effect(graph, result.hits[i].node, at, &edge); at++)
			if (edge.part && edge.node == whole && (!itsm_impact_node(graph, result.hits[i].node).down ||
				itsm_impact_node(graph, whole).down))
				parts |= UINT32_C(1) << result.hits[i].node;
	}
	return parts;
}

static uint32_t all_taken(struct itsm_impact_graph *graph, struct itsm_arena *arena, const struct itsm_booking *booking,
	uint32_t whole)
{
	uint32_t parts = 0;

	for (size_t i = 0; booking->start < booking->end && i < booking->node_count; i++)
		parts |= taken(graph, arena, booking->nodes[i], whole);
	return parts;
}

/* Is too much of a whole away when the later of the two begins, and does each take away another part? */
static bool take_too_much(const struct itsm_collision_query *query, struct itsm_arena *arena, uint32_t a, uint32_t b)
{
	const struct itsm_booking *all = query->bookings;
	int64_t at = all[a].start > all[b].start ? all[a].start : all[b].start;

	if (at >= all[a].end || at >= all[b].end || strcmp(all[a].id, all[b].id) == 0)
		return false;
	for (uint32_t whole = 0; whole < itsm_impact_count(query->graph); whole++) {
		uint32_t of_a = all_taken(query->graph, arena, &all[a], whole), of_b = all_taken(query->graph, arena, &all[b], whole);
		uint32_t away = 0;
		struct itsm_impact_whole is;

		itsm_impact_whole(query->graph, whole, &is);
		if (!of_a || !of_b || (of_a == of_b && !(of_a & (of_a - 1))) || is.parts_up <= is.needed)
			continue;
		for (uint32_t i = 0; i < query->count; i++)
			if (all[i].start <= at && at < all[i].end)
				away |= all_taken(query->graph, arena, &all[i], whole);
		if ((uint32_t)__builtin_popcount(away) > is.parts_up - is.needed)
			return true;
	}
	return false;
}

static bool collide(struct itsm_impact_graph *graph, struct itsm_arena *arena, const struct itsm_booking *a,
	const struct itsm_booking *b, enum itsm_collision_reason reason)
{
	if (!(a->start < b->end && b->start < a->end) || a->start >= a->end || b->start >= b->end || strcmp(a->id, b->id) == 0)
		return false;
	if (reason == ITSM_COLLISION_PERSON)
		return a->person && b->person && strcmp(a->person, b->person) == 0;
	for (size_t i = 0; i < a->node_count; i++)
		for (size_t j = 0; j < b->node_count; j++)
			if (reason == ITSM_COLLISION_SAME ? a->nodes[i] == b->nodes[j] :
					reaches(graph, arena, a->nodes[i], b->nodes[j]) ||
					reaches(graph, arena, b->nodes[j], a->nodes[i]))
				return true;
	return false;
}

/* All that every pair says, no more and no less; of one booking the same. */
static void test_pairs(void **state)
{
	size_t redundant = 0;

	(void)state;
	for (uint32_t round = 0; round < 150; round++) {
		struct itsm_arena *arena = itsm_arena_new();
		struct itsm_impact_graph *graph;
		struct itsm_collision_query query = {.count = 30, .depth = 2, .only = ITSM_IMPACT_NOTHING};
		struct itsm_collision_result result;
		size_t at = 0, of_one = 0;
		uint32_t one;

		seed = 88172645463325252u + round;
		graph = random_graph(12, 14);
		query.graph = graph;
		query.bookings = random_bookings(arena, 30, 12, 4, 60);
		itsm_collisions(arena, &query, &result);
		one = draw(30);
		for (uint32_t a = 0; a < 30; a++) {
			for (uint32_t b = a + 1; b < 30; b++) {
				for (int reason = ITSM_COLLISION_SAME; reason <= ITSM_COLLISION_PERSON; reason++) {
					if (reason == ITSM_COLLISION_REDUNDANT ? !take_too_much(&query, arena, a, b) :
						!collide(graph, arena, &query.bookings[a], &query.bookings[b], reason))
						continue;
					redundant += reason == ITSM_COLLISION_REDUNDANT;
					assert_true(at < result.count);
					assert_int_equal(result.items[at].a, a);
					assert_int_equal(result.items[at].b, b);
					assert_int_equal(result.items[at].reason, reason);
					at++;
					of_one += a == one || b == one;
				}
			}
		}
		assert_int_equal(at, result.count);
		assert_false(result.more);
		query.only = one;
		itsm_collisions(arena, &query, &result);
		assert_int_equal(result.count, of_one);
		itsm_impact_free(graph);
		itsm_arena_free(arena);
	}
	assert_true(redundant > 100);
}

/* Thousands at the same time on one item: of each the first others, and that there are more. */
static void test_crowd(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_impact_graph *graph = random_graph(2, 0);
	struct itsm_collision_query query = {.graph = graph, .count = 5000, .only = ITSM_IMPACT_NOTHING};
	struct itsm_booking *bookings = itsm_arena_alloc(arena, 5000 * sizeof(*bookings));
	struct itsm_collision_result result;
	static const uint32_t node = 1;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++)
		bookings[i] = (struct itsm_booking){.id = itsm_arena_printf(arena, "C%u", i), .start = i, .end = 10000,
			.nodes = &node, .node_count = 1};
	query.bookings = bookings;
	itsm_collisions(arena, &query, &result);
	assert_true(result.more);
	assert_true(result.count > 4900 * ITSM_COLLISION_EACH && result.count <= 5000 * ITSM_COLLISION_EACH);
	query.only = 17;
	itsm_collisions(arena, &query, &result);
	assert_int_equal(result.count, 4999);
	assert_false(result.more);
	itsm_impact_free(graph);
	itsm_arena_free(arena);
}

/* Thousands at the same time on the parts of one whole: in time, and each is told of the first others. */
static void test_crowded_whole(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_impact_graph *graph = itsm_impact_new();
	struct itsm_collision_query query = {.graph = graph, .count = 5000, .only = ITSM_IMPACT_NOTHING};
	struct itsm_booking *bookings = itsm_arena_alloc(arena, 5000 * sizeof(*bookings));
	uint32_t *nodes = itsm_arena_alloc(arena, 5000 * sizeof(*nodes));
	uint32_t whole = itsm_impact_add(graph, &(struct itsm_impact_node){.id = "whole", .kind = "item", .minimum = "4000"});
	struct itsm_collision_result result;

	(void)state;
	for (uint32_t i = 0; i < 5000; i++) {
		nodes[i] = itsm_impact_add(graph, &(struct itsm_impact_node){.id = itsm_arena_printf(arena, "n%u", i), .kind = "item"});
		itsm_impact_connect(graph, nodes[i], whole, 0, true);
		bookings[i] = (struct itsm_booking){.id = itsm_arena_printf(arena, "C%u", i), .start = i, .end = 10000 + i,
			.nodes = &nodes[i], .node_count = 1};
	}
	itsm_impact_finish(graph);
	query.bookings = bookings;
	itsm_collisions(arena, &query, &result);
	assert_true(result.more);
	/* a thousand may be away; each of the other 4,000 is told of the fifty that began before it */
	assert_int_equal(result.count, 4000 * ITSM_COLLISION_EACH);
	assert_int_equal(result.items[0].reason, ITSM_COLLISION_REDUNDANT);
	assert_int_equal(result.items[0].whole, whole);
	assert_int_equal(result.items[0].b, 1000);
	itsm_impact_free(graph);
	itsm_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs), cmocka_unit_test(test_crowd),
		cmocka_unit_test(test_crowded_whole)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
