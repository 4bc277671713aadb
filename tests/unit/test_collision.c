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
		itsm_impact_add(graph, &(struct itsm_impact_node){.id = id, .kind = "item"});
	}
	for (uint32_t i = 0; i < edges; i++) {
		uint32_t from = draw(nodes), to = draw(nodes);

		if (from != to)
			itsm_impact_connect(graph, from, to, 0, false);
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
					if (!collide(graph, arena, &query.bookings[a], &query.bookings[b], reason))
						continue;
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

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_pairs), cmocka_unit_test(test_crowd)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
