/*
 * `itsm sla`: service-level clocks of the desk, one record's, those that are soon due, and how they were kept.
 *
 * All of it is about the desk as committed, promises and calendars too: clocks are told by history.
 */
#ifndef ITSM_SERVICE_LEVEL_H
#define ITSM_SERVICE_LEVEL_H

#include "itsm/clock.h"
#include "itsm/desk.h"

/* A clock and whose it is. */
struct itsm_service_level {
	const char *id, *kind, *state, *title;
	struct itsm_clock clock;
};

/*
 * `itsm sla ID`: the clocks of the record that a word means; `hit` gets the record. All in the arena. `explain`:
 * with their intervals. A record without clocks is none the less ITSM_OK. `at` (NULL = now, by HEAD): as the desk was at that
 * revision or moment, and as they stood then; at a moment to come, as they will stand when nothing happens until then.
 */
ITSM_API int itsm_desk_clocks(struct itsm_desk *desk, struct itsm_arena *arena, const char *word, const char *at, bool explain,
	struct itsm_hit *hit, struct itsm_clocks *out, struct itsm_error *err);

struct itsm_service_level_options {
	const char *kind;          /* NULL = all that something is promised for */
	struct itsm_words words;   /* qualifiers of `itsm list` */
	bool breaching;            /* only those that are due within so long, and the breached ones */
	int64_t within;            /* seconds */
	const char *at;            /* as itsm_desk_clocks has it, or NULL */
};

/*
 * `itsm sla list`: the clocks that have not ended, of open records, the first due first; those that are never due last.
 * In the arena.
 */
ITSM_API int itsm_desk_service_levels(struct itsm_desk *desk, struct itsm_arena *arena,
	const struct itsm_service_level_options *options, struct itsm_service_level **out, size_t *count, struct itsm_error *err);

struct itsm_service_level_report {
	const char *from, *to;     /* a year, month, day or moment, both counted; NULL = from the beginning, until now */
	const char *by;            /* "service", "team", "priority", "agreement", "kind", "customer" or "month"; NULL = all together */
};

/*
 * `itsm sla report`: for each type of promise and clock, and each value of `by`, how many clocks were kept. A clock counts in
 * the period in which it ended, or, not ended, was breached (became due). Withdrawn ones are left out. Columns: the value
 * of `by` (where given), type, clock, clocks, met, breached, percent (of clocks that were met), mean (of the time used up, in
 * seconds), worst (the most that one was late, in seconds; NULL when none was).
 */
ITSM_API int itsm_desk_service_level_report(struct itsm_desk *desk, const struct itsm_service_level_report *report,
	struct itsm_query **out, struct itsm_error *err);

#endif
