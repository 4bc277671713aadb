/*
 * The desk's calendar: what is planned when, what of it gets in each other's way, and when there is room.
 * All read the desk as itsm_desk_view makes it true: the work tree, or (`at`) a revision.
 */
#ifndef ITSM_SCHEDULE_H
#define ITSM_SCHEDULE_H

#include "itsm/desk.h"
#include "itsm/plan.h"

/* ---- agenda ---- */

struct itsm_agenda_query {
	const char *at;            /* NULL = the work tree */
	int64_t from, to;          /* seconds; what overlaps them */
	const char *service;       /* ID: what is about it alone, and what is for all; NULL = everything */
};

struct itsm_agenda_entry {
	int64_t start, end;
	const char *kind;          /* change, release, deployment, outage, freeze, window, holiday */
	const char *id;            /* of the record; of a calendar's entry the calendar's */
	const char *title;
	const char *state;         /* of a record; "hard" or "soft" of a freeze; else NULL */
	const char *services, *items; /* JSON lists, or NULL */
	bool all_day;
	int64_t first_day, last_day; /* all-day: days since 1970 by its own calendar, the last counted */
	size_t overlaps;           /* changes, freezes that overlap it: of a change both, of others changes alone */
};

/* By start, then end, kind, ID; in the arena. */
ITSM_API int itsm_desk_agenda(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_agenda_query *query,
	struct itsm_agenda_entry **out, size_t *count, struct itsm_error *err);
/* The agenda as an iCalendar file (RFC 5545), times in UTC, lines of at most 75 bytes; `now` for its stamps. */
ITSM_API void itsm_agenda_ics(const struct itsm_agenda_entry *entries, size_t count, const char *name, int64_t now,
	struct itsm_buffer *out);

/* ---- conflicts ---- */

struct itsm_conflicts_query {
	const char *at;
	const char *id;            /* of one change, in whatever state; NULL = of all that are planned */
	bool open;                 /* count every open change with a window, not those scheduled or being carried out alone */
	bool branches;             /* and the open ones on branches that are not merged */
	uint32_t depth;            /* steps of dependence; 0 = all */
	int64_t from;              /* windows that end before are left out */
};

struct itsm_conflict {
	const char *change, *title, *branch; /* branch NULL: in the desk itself */
	const char *rule;          /* same-item, dependent-item, implementer, freeze, soft-freeze, window */
	const char *with;          /* the other change, or the calendar; NULL for none */
	const char *with_branch;
	const char *about;         /* items, person, name of the freeze */
	int64_t start, end;        /* of the overlap; of a window: of the change */
	const char *message;       /* in words */
};

struct itsm_conflicts {
	struct itsm_conflict *items; /* by start of the overlap, then change */
	size_t count;
	size_t changes;            /* that were looked at */
	bool more;                 /* of some changes not all collisions are told */
};

ITSM_API int itsm_desk_conflicts(struct itsm_desk *desk, struct itsm_arena *arena,
	const struct itsm_conflicts_query *query, struct itsm_conflicts *out, struct itsm_error *err);

/* ---- slots ---- */

struct itsm_slots_query {
	const char *at;
	const char *id;            /* the change that a slot is wanted for */
	int64_t duration;          /* seconds, > 0 */
	int64_t from, to;
	size_t count;              /* how many */
	bool branches, soft;       /* mind open changes on branches; take soft freezes for free */
	uint32_t depth;
};

struct itsm_slot {
	int64_t start, end;        /* free: as long as it is free, at least the duration; else how long it is not */
	bool free;
	const char *why;           /* not free: because of what */
};

/* In order of time, with what comes before and between the free ones; starts are on a quarter of an hour. In the arena. */
ITSM_API int itsm_desk_slots(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_slots_query *query,
	struct itsm_slot **out, size_t *count, struct itsm_error *err);

#endif
