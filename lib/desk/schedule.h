/* What the files of the schedule share. */
#ifndef ITSM_LIB_DESK_SCHEDULE_H
#define ITSM_LIB_DESK_SCHEDULE_H

#include "desk.h"
#include "itsm/schedule.h"

#define SCHEDULE_BRANCHES_MAX 500

/* The changes that are planned. */
struct schedule {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_index *index;
	struct itsm_impact_map *map;
	struct itsm_planned *planned;
	size_t count, capacity;
	uint32_t own;                   /* place of the change that was asked for, or ITSM_IMPACT_NOTHING */
};

struct schedule_wish {
	const char *at, *id;            /* id: a word, or NULL */
	bool open, branches;
};

/* Free with schedule_end, also when it failed. */
int schedule_begin(struct itsm_desk *desk, struct itsm_arena *arena, const struct schedule_wish *wish,
	struct schedule *out, struct itsm_error *err);
void schedule_end(struct schedule *schedule);

/* schedule_branches.c: the open changes with a window on branches that are not merged into HEAD. */
int schedule_add_branches(struct schedule *schedule, struct itsm_error *err);

/* In words: "both are on db-1". In the arena. */
const char *schedule_words(const struct schedule *schedule, const struct itsm_collision *collision, bool of_a);
const char *schedule_rule(enum itsm_collision_reason reason);

#endif
