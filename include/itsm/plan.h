/*
 * Planned work: what the calendars of a desk say of it.
 *
 * Work is on items, or (where it names none) on services. It is touched by
 *
 *   freezes   for all; for one of its items or one that it is part of, however far; for one of its services: those it names,
 *             those that these items carry, and those that such services are part of. A freeze for environments binds
 *             only where one of the items of the work itself is there; an item that does not say counts as production
 *             and so does work without items
 *   windows   Each item of the work has windows of its own: those for it, for what it is part of, for its services, as
 *             above; those for all in the calendar that it (or what it is part of) names as its `calendar`; and those for all
 *             in calendars that no item names. Where it has any, the work has to lie in them. Work without items
 *             is asked of its services.
 */
#ifndef ITSM_PLAN_H
#define ITSM_PLAN_H

#include "itsm/collision.h"
#include "itsm/index.h"

struct itsm_work {
	const char *items, *services; /* JSON lists of IDs, or NULL */
	int64_t start, end;           /* end = start: that moment */
};

enum itsm_window_answer {
	ITSM_WINDOW_FINE,       /* in them, or there are none */
	ITSM_WINDOW_MISSED,     /* it begins outside of them */
	ITSM_WINDOW_OVERRUN,    /* it begins in one and goes on behind its end */
};

struct itsm_window_result {
	enum itsm_window_answer answer;
	const char *about;      /* the first item (or service) that is not fine; NULL */
	int64_t from, to;       /* overrun: the window it is in; missed: the next one that begins after it; 0 when there is none in a year */
	const char *name;       /* of that window; NULL when there is none */
};

/*
 * The freezes that overlap the work, in order of their start; in the arena, the entries in the calendars of the
 * snapshot in use. Negative where a calendar can't be read: work is never taken for free then.
 */
ITSM_API int itsm_index_freezes(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_work *work,
	struct itsm_calendar_event **out, size_t *count, struct itsm_error *err);
/* Does the work lie in its maintenance windows? Texts as above. */
ITSM_API int itsm_index_windows(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_work *work,
	struct itsm_window_result *out, struct itsm_error *err);

/* A change with a window. */
struct itsm_planned {
	struct itsm_booking booking; /* on its items; on its services where it names none */
	const char *title, *state;
	const char *items, *services; /* JSON lists, or NULL */
	const char *branch;          /* where it is, when that is not the snapshot; else NULL */
	bool emergency;
};
/*
 * The changes of the snapshot in use that are scheduled or being carried out and have a window, by ID; with `open` all
 * that are open and have one; and the one called `id` (or NULL) in any case, whose start and end are 0 where it has none.
 * What they are on is found in `map`; what is not there is left out. In the arena.
 */
ITSM_API int itsm_index_planned(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_impact_map *map,
	bool open, const char *id, struct itsm_planned **out, size_t *count, struct itsm_error *err);
/* The nodes that lists of IDs name (items; where there are none services), into the booking. */
ITSM_API void itsm_planned_nodes(struct itsm_arena *arena, const struct itsm_impact_map *map, struct itsm_planned *planned);

#endif
