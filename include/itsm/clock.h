/*
 * The service-level clocks of a record: which promises hold for it, and how they stand.
 *
 * Promises are data. An agreement (active or expired, and valid on the day in UTC on which the record came to be)
 * promises times for the kinds and priorities of its `targets`; an offering promises its requests the time `delivery`.
 * Of agreements of one type, and of one team or supplier, that promise something for the record, the most special
 * one holds: with its customer and service before its customer before its service before neither; among equals the shorter
 * time, then the younger agreement, then the first by ID. Which customer, service or offering counts is told by the
 * last version of the record in which the clock was still to end.
 *
 *   respond   ends with the first state that is not the kind's first
 *   resolve   ends with a state that is not open, and runs on when the record is opened again
 *
 * Both are withdrawn with a state that the kind marks as `withdrawn`. The clocks of an operational level agreement run
 * while its team has the record, those of a contract while its supplier has it.
 *
 * What the record was, and when, is told by the commits of its history and the times of their authors, not by fields:
 * what is not committed has no clock. A commit that is older than the one before counts as of that one's time.
 *
 * The SQL view `sla` is the same for all records, and sla_due(id), sla_left(id), sla_status(id) for one; with a second
 * argument, 'respond' or 'resolve', they are about that clock.
 */
#ifndef ITSM_CLOCK_H
#define ITSM_CLOCK_H

#include "itsm/index.h"
#include "itsm/sla.h"

/* What somebody made of the record. */
struct itsm_clock_moment {
	int64_t at;                  /* seconds since 1970 */
	const char *state;
	int priority;                /* 0 = none */
	const char *by;              /* the author's name */
	char commit[41];             /* hexadecimal */
};

/* A stretch of time of a clock, and why it counts or does not. */
struct itsm_clock_interval {
	int64_t start, end, seconds; /* seconds: what the calendar counts of it */
	/* "ran", "paused", "ended" (and opened again later), "elsewhere", "before" (another priority), "closed", "holiday" */
	const char *what;
	const char *holidays;        /* names of those in it, with commas; NULL for none */
	size_t moment;               /* of the record's moments, whose state it is */
};

struct itsm_clock {
	const char *name;            /* "respond" or "resolve" */
	const char *agreement;       /* its ID, or the offering's */
	const char *type;            /* "sla", "ola", "contract" or "offering" */
	const char *calendar;        /* ID, or NULL: around the clock */
	struct itsm_sla_clock sla;   /* never of the status `none` */
	const char *trouble;         /* of the status `unknown`: why its calendar cannot be used */
	struct itsm_clock_interval *intervals; /* NULL unless asked for */
	size_t interval_count;
};

struct itsm_clocks {
	const char *id, *kind;
	struct itsm_clock_moment *moments; /* in order of time */
	size_t moment_count;
	struct itsm_clock *clocks;   /* respond first; sla, ola, contract, offering */
	size_t count;
};

/*
 * The clocks of the record of this exact ID in the snapshot in use, at the moment of the index. Brings history along.
 * All in the arena. ITSM_ENOTFOUND when there is no such record.
 */
ITSM_API int itsm_index_clocks(struct itsm_index *index, struct itsm_arena *arena, const char *id, bool explain,
	struct itsm_clocks *out, struct itsm_error *err);

/* The open records of a kind in the snapshot in use: id, state and title, by ID. Fast however many are closed. */
ITSM_API int itsm_index_open_records(struct itsm_index *index, const char *kind, struct itsm_query **out,
	struct itsm_error *err);
/* The names of the kinds that something is promised for, NULL-terminated, in the arena. */
ITSM_API int itsm_index_clock_kinds(struct itsm_index *index, struct itsm_arena *arena, const char *const **out,
	struct itsm_error *err);

#endif
