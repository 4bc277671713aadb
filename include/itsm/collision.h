/*
 * Planned work that gets in each other's way. Pure: who fills it says what the work is on.
 *
 * Two bookings collide when a.start < b.end and b.start < a.end and
 *
 *   same       both are on the same node of the graph
 *   dependent  one is on a node that fails when a node of the other does, within so many steps (itsm/impact.h)
 *   redundant  each takes away other parts of the same whole, which can do without those of either but not without
 *              all that are under way when the later of the two begins
 *   person     both are carried out by the same person
 *
 * Bookings of one ID never collide. Of each booking, for each node or person, only the first
 * ITSM_COLLISION_EACH others are told, so that the time is that of sorting, tracing the nodes that are
 * booked, and what is told.
 */
#ifndef ITSM_COLLISION_H
#define ITSM_COLLISION_H

#include "itsm/impact.h"

#define ITSM_COLLISION_EACH 50
#define ITSM_COLLISION_MAX 1000000

struct itsm_booking {
	const char *id;
	int64_t start, end;
	const uint32_t *nodes;     /* of the graph */
	size_t node_count;
	const char *person;        /* NULL = nobody is named */
};

enum itsm_collision_reason {
	ITSM_COLLISION_SAME,
	ITSM_COLLISION_DEPENDENT,
	ITSM_COLLISION_REDUNDANT,
	ITSM_COLLISION_PERSON,
};

struct itsm_collision {
	uint32_t a, b;             /* places of the bookings, a < b */
	enum itsm_collision_reason reason;
	uint32_t node, other;      /* of a and of b; ITSM_IMPACT_NOTHING for a person */
	uint32_t whole;            /* redundant: what loses too many parts; else ITSM_IMPACT_NOTHING */
};

struct itsm_collision_query {
	struct itsm_impact_graph *graph;
	const struct itsm_booking *bookings; /* fewer than 2^31 */
	size_t count;
	uint32_t depth;            /* steps of dependence; 0 = all */
	uint32_t only;             /* tell those of this booking, all of them; ITSM_IMPACT_NOTHING = of every one */
};

struct itsm_collision_result {
	struct itsm_collision *items; /* by a, b, reason; one for each */
	size_t count;
	bool more;                 /* some were left out */
};

/* In the arena. */
ITSM_API void itsm_collisions(struct itsm_arena *arena, const struct itsm_collision_query *query,
	struct itsm_collision_result *out);

#endif
