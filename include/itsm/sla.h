/*
 * Service-level clocks: how much of a promised time is used up, from what a record was and when.
 *
 * Pure: the record's moments (its states, from history), the terms of a promise and the instant to judge at go in;
 * a clock comes out. All times are seconds since 1970, all lengths are seconds that the calendar counts.
 *
 *  - It begins with the first moment (of somebody's own clock, `holder`, with the first one they have the record) and
 *    ends when a state of `stops` is entered. Leaving that state again takes it up again, unless it is `once`. A record
 *    that is first seen in such a state has no clock: nobody knows how long it took.
 *  - It stands in a state of `pauses`, in one of `stops` that was left again, and while another than `holder` has
 *    the record. Elapsed = what the calendar counts from start to end, less what it counts of those times.
 *  - Due = the instant at which elapsed is the goal. While that lies ahead, it is told as if the clock ran from now
 *    on without a pause: due = start + (goal + paused) in calendar time. Pauses after it do not move it.
 *  - Exact seconds decide, never a percentage. A running clock is breached when elapsed >= goal (100 %); one that ended
 *    on the very second at which it was due was kept. It warns when elapsed >= goal * warn / 100.
 *  - The goal is the one of the priority that the record had while the clock ran, the last of them; so a change of
 *    priority counts for all of the time (retroactive). With `afresh` the clock begins again when the priority changes.
 *  - With a calendar that has no hours nothing elapses and nothing is ever due.
 *
 * Sources: the formulas of ServiceNow's task SLAs and of GLPI's service levels; tests/cases/sla has worked examples.
 */
#ifndef ITSM_SLA_H
#define ITSM_SLA_H

#include <stdbool.h>
#include <stdint.h>

#include "itsm/calendar.h"
#include "itsm/memory.h"

/* Priorities 1 to 9; 0 stands for none. */
#define ITSM_SLA_PRIORITIES 10
#define ITSM_SLA_WARN 75

/* What a record was from an instant on. Texts are borrowed. */
struct itsm_sla_moment {
	int64_t at;
	const char *state;
	int priority;               /* 0 = it had none */
	const char *holder;         /* team or supplier that had it, or NULL */
};

/* One clock of one promise. Lists end with NULL; a NULL list has nothing in it. */
struct itsm_sla_terms {
	struct itsm_calendar *calendar; /* borrowed; NULL = around the clock */
	const char *const *pauses;
	const char *const *stops;
	const char *const *withdrawals; /* states that end it without a result */
	const char *holder;         /* it runs only while they have the record; NULL = whoever has it */
	bool once;
	bool afresh;
	int warn;                   /* percent of the goal */
	int64_t goals[ITSM_SLA_PRIORITIES]; /* by priority, 0 for those without; negative = nothing is promised */
};

enum itsm_sla_status {
	ITSM_SLA_NONE,              /* nothing is promised, or the record was never seen before its end */
	ITSM_SLA_RUNNING,
	ITSM_SLA_PAUSED,
	ITSM_SLA_MET,
	ITSM_SLA_BREACHED,          /* whether it ended or not */
	ITSM_SLA_WITHDRAWN,
	ITSM_SLA_UNKNOWN,           /* its calendar cannot be used; nothing else is told. Never from the functions here */
};

enum itsm_sla_span {
	ITSM_SLA_RAN,
	ITSM_SLA_STOOD,             /* in a state that pauses */
	ITSM_SLA_ENDED,             /* in a state that ends it, which was left again */
	ITSM_SLA_ELSEWHERE,         /* another had the record */
	ITSM_SLA_BEFORE,            /* before the clock began again with another priority */
};

/* A stretch of time between two moments, or two edges of the calendar. */
struct itsm_sla_interval {
	int64_t start, end;         /* [start, end) */
	enum itsm_sla_span span;
	bool open;                  /* the calendar counts it */
	size_t moment;              /* whose state it is: index into the moments */
};

struct itsm_sla_clock {
	enum itsm_sla_status status;
	bool breached, warned;
	bool ended;
	bool has_due;               /* false: the calendar never opens for so long */
	int priority;               /* whose goal it is */
	int64_t goal;
	int64_t start, end;         /* end: when it ended, else the instant it is judged at */
	int64_t elapsed, paused;
	int64_t left;               /* goal - elapsed; negative when late */
	int64_t due, warn_at;       /* warn_at: when it warns or warned; both only with `has_due` */
	size_t first, last;         /* moments at which it began (again) and, when it ended, ended */
};

/*
 * The clock of these terms at `now`, from moments in order of time; those after `now` are not looked at. Fails as the
 * calendar does; that it has no hours, or too few of them, is no failure.
 */
ITSM_API int itsm_sla_judge(const struct itsm_sla_terms *terms, const struct itsm_sla_moment *moments, size_t count,
	int64_t now, struct itsm_sla_clock *out, struct itsm_error *err);

/*
 * Why the clock stood or ran: every interval from the first moment to the clock's end, in order and without gaps, in the
 * arena. The seconds of those that ran while the calendar was open are `elapsed`, those of the others that it counts `paused`,
 * but for those before the clock began again.
 */
ITSM_API int itsm_sla_explain(struct itsm_arena *arena, const struct itsm_sla_terms *terms,
	const struct itsm_sla_moment *moments, size_t count, const struct itsm_sla_clock *clock,
	struct itsm_sla_interval **out, size_t *interval_count, struct itsm_error *err);

/* "running", "paused", "met", "breached", "withdrawn", "unknown", "none". */
ITSM_API const char *itsm_sla_status_name(enum itsm_sla_status status);

#endif
