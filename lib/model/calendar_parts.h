/* What the files of the calendar share. */
#ifndef ITSM_LIB_MODEL_CALENDAR_PARTS_H
#define ITSM_LIB_MODEL_CALENDAR_PARTS_H

#include "ical.h"
#include "itsm/calendar.h"

#define DAY INT64_C(86400)
#define YEAR_FIRST 1900
#define YEAR_COUNT 300

/* An instant at which something that repeats does not come. */
struct calendar_exception {
	int64_t clock;
	bool day;                       /* that whole day */
};

/* One entry, and when it comes. */
struct calendar_rule {
	struct itsm_calendar_entry entry;
	struct itsm_zone *zone;
	int64_t clock;                  /* when it first comes, by the clock */
	int64_t length;                 /* in seconds, > 0 */
	bool exact;                     /* length is time that passes, not by the clock */
	const char **repeats;           /* RRULEs */
	size_t repeat_count;
	int64_t *clocks;                /* more times, by the clock */
	size_t clock_count;
	struct calendar_exception *exceptions;
	size_t exception_count, exception_capacity;
	const char *uid;                /* of an .ics event, or NULL */
	bool moved;                     /* stands in for the time `instead` of the other of its uid */
	bool gone;                      /* cancelled */
	struct calendar_exception instead;
	bool expanded;
	int64_t horizon;                /* the spans are complete up to it */
	int64_t work;                   /* days that were looked through for them */
	struct itsm_span *spans;        /* by start */
	size_t span_count, span_capacity;
	int64_t longest;
};

struct calendar_year {
	struct itsm_span *spans;        /* ascending, none touching the next, within the year (UTC) */
	int64_t *before;                /* seconds open before each; one more for the whole year */
	size_t count;
};

struct itsm_calendar {
	struct itsm_arena *arena;
	const char *id, *name;
	struct itsm_zone *zone;
	bool has_hours;
	struct itsm_span *hours[7];     /* Monday = 0; seconds of the clock since the day began, the end may be over 24 hours */
	size_t hour_count[7];
	struct calendar_rule **rules;
	size_t rule_count, rule_capacity;
	size_t times;                   /* of all rules */
	int64_t work;                   /* likewise */
	struct calendar_year *years[YEAR_COUNT];
	icalcomponent **files;          /* that zones in use are parts of */
	size_t file_count, file_capacity;
	struct ical ical;               /* to free those */
};

struct spans {
	struct itsm_span *items;
	size_t count, capacity;
};

/* ---- calendar.c ---- */
struct itsm_calendar *itsm_calendar_blank(const char *id);
/* What is zero of the rule is its beginning. */
struct calendar_rule *itsm_calendar_add_rule(struct itsm_calendar *calendar, enum itsm_calendar_part part);
void itsm_calendar_except(struct itsm_calendar *calendar, struct calendar_rule *rule, struct calendar_exception exception);

/* ---- calendar_times.c ---- */
/* Can the rule be repeated by this, in bounded time? ITSM_EDATA says what is wrong. */
int itsm_calendar_check_repeat(const struct calendar_rule *rule, const char *text, struct itsm_error *err);
/* See that the spans of the rule are complete up to `to`. */
int itsm_calendar_expand(struct itsm_calendar *calendar, struct calendar_rule *rule, int64_t to, struct itsm_error *err);
/* The first of its spans that may reach behind `from`. */
size_t itsm_calendar_first_span(const struct calendar_rule *rule, int64_t from);

/* ---- calendar_year.c ---- */
int itsm_calendar_year(struct itsm_calendar *calendar, int number, struct calendar_year **out, struct itsm_error *err);

/* ---- calendar_ics.c ---- */
/* Add what the file says; `all` (or 0) is the part that everything in it is. */
int itsm_calendar_read_ics(struct itsm_calendar *calendar, const char *text, size_t size, enum itsm_calendar_part all,
	struct itsm_error *err);

#endif
