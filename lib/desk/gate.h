/* What the files of the gate share. */
#ifndef ITSM_LIB_DESK_GATE_H
#define ITSM_LIB_DESK_GATE_H

#include "desk.h"
#include "itsm/gate.h"

struct gating {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_index *index;      /* HEAD in use */
	struct itsm_findings *findings;
	struct itsm_gate_answer *answers;
	size_t count, capacity;
	struct itsm_error *err;
};

/* A record as it stands at HEAD: what had to hold on its way to its state, and does not hold now. May change the snapshot in use. */
int gate_standing(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, struct itsm_findings *why,
	struct itsm_error *err);
/* Judge one change; once, however often it is asked for. `why` gets the reasons against it. */
int gate_change(struct gating *gating, const char *id, struct itsm_findings *why, bool *allowed);
/* Every change that the commits of a revision or range name. */
int gate_commits(struct gating *gating, const char *range);
/* The item, and the changes that are about it. */
int gate_item(struct gating *gating, const char *item);

#endif
