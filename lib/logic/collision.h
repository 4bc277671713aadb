/* What the files of collisions share. */
#ifndef ITSM_LIB_LOGIC_COLLISION_H
#define ITSM_LIB_LOGIC_COLLISION_H

#include "itsm/collision.h"

/* A booking at a node, or of a person. */
struct seat {
	uint32_t key;                   /* node, or place of the person */
	uint32_t booking;
	int64_t start, end;
	int64_t latest;                 /* end of this and all before it in the group */
};

struct group {
	uint32_t key;
	size_t from, count;             /* of the seats */
};

struct sweep {
	const struct itsm_collision_query *query;
	struct itsm_arena *arena;
	struct itsm_collision_result *result;
	size_t capacity;
	struct seat *seats;
	size_t seat_count, seat_capacity;
	struct group *groups;
	size_t group_count, group_capacity;
	struct seat **active;
	struct weak *weak;              /* of collision_whole.c */
	size_t weak_count, weak_capacity;
	uint32_t *mark;                 /* one for each node */
	uint32_t round;
};

/* A booking that takes away a part of a whole, which stays up by its other parts. */
struct weak {
	uint32_t whole, part, booking, node;
	int64_t start, end;
};


/* False when these two do not collide, or are not asked for. */
bool collision_tell(struct sweep *sweep, const struct itsm_collision *collision);
/* How many others are told of one. */
size_t collision_most(const struct sweep *sweep);

/* ---- collision_whole.c ---- */
/* Remember what the bookings of a node take away from wholes; `reached` is what fails with the node. */
void collision_weaken(struct sweep *sweep, const struct group *of, const struct itsm_impact_result *reached);
/* Find those that take away too much together. */
void collision_sweep_wholes(struct sweep *sweep);

#endif
