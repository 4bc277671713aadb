/*
 * Calendars: business hours, holidays, maintenance windows and freezes, and computing with them.
 *
 * A calendar is made of a record of the kind `calendar` or of an iCalendar file (docs/calendar.md
 * tells how both are written). All instants are seconds since 1970 in UTC, all ranges are [from, to). Where a
 * function takes a calendar, NULL is the one that is always open.
 *
 * What follows from the hours is kept year by year, and the times of events for as long as was asked: a
 * calendar is used by one thread at a time. Only the years 1900 to 2199 are computed: beyond them it is closed
 * and nothing happens.
 *
 * Clocks: hours are those that the clocks of the calendar's zone show. An hour that comes twice is the first of
 * the two; hours that are missing have no length. What repeats does so by the clock too: a window at 02:00 on Sundays
 * opens at 02:00 in summer and in winter, at 03:00 when the clocks are put forward over 02:00, and what has an
 * end (not a duration) ends by the clock.
 *
 * Time to compute: itsm_calendar_seconds and _add are O(log n) in the hours of a year once those years
 * were asked for; _open and _events in the length of what they give.
 */
#ifndef ITSM_CALENDAR_H
#define ITSM_CALENDAR_H

#include "itsm/yaml.h"
#include "itsm/zone.h"

/* Times one event may come, and all of a calendar together; more is ITSM_ELIMIT. */
#define ITSM_CALENDAR_TIMES_MAX 50000
#define ITSM_CALENDAR_ALL_TIMES_MAX 500000
/* Of an .ics file. */
#define ITSM_CALENDAR_FILE_MAX_BYTES (2u << 20)

struct itsm_calendar;

struct itsm_span {
	int64_t start, end;
};

enum itsm_calendar_part {
	ITSM_CALENDAR_HOURS = 1,   /* open besides the weekly hours; of .ics files only */
	ITSM_CALENDAR_HOLIDAY = 2,
	ITSM_CALENDAR_WINDOW = 4,
	ITSM_CALENDAR_FREEZE = 8,
};

/* What a calendar says once. */
struct itsm_calendar_entry {
	enum itsm_calendar_part part;
	const char *calendar;      /* its ID */
	const char *name;
	bool hard;                 /* a freeze that refuses, not one that asks for a waiver */
	bool all_day;
	const char *const *services;     /* IDs, NULL-terminated; NULL where it is not for certain services ... */
	const char *const *items;        /* ... or items; for all when both are NULL */
	const char *const *environments; /* of items; NULL = any. It narrows what the two above say */
};

/* One time that it comes. */
struct itsm_calendar_event {
	int64_t start, end;
	const struct itsm_calendar_entry *entry; /* the calendar's */
};

/* Reads the .ics files that a record names. */
struct itsm_calendar_files {
	/* Put the bytes of the file beside the record into `out`. Negative when it can't be read. */
	int (*read)(void *context, const char *name, struct itsm_buffer *out, struct itsm_error *err);
	void *context;
};

/*
 * Make a calendar of a record's front matter (or the same as JSON). `files` may be NULL when it names none. ITSM_EDATA
 * (with line and column of the node), ITSM_ELIMIT, ITSM_EIO where libical is needed and missing.
 */
ITSM_API int itsm_calendar_new(const char *id, const struct itsm_yaml *front, const struct itsm_calendar_files *files,
	struct itsm_calendar **out, struct itsm_error *err);
/*
 * The same of an iCalendar file. Its events are sorted by CATEGORIES: HOLIDAY, HOURS, MAINTENANCE, FREEZE,
 * FREEZE-SOFT; what has none of these is a holiday when it lasts whole days, else it is left out. Times without a zone
 * are in its X-WR-TIMEZONE, else in `zone` (NULL = UTC). ITSM_EDATA when it can't be read, ITSM_ELIMIT.
 */
ITSM_API int itsm_calendar_new_ics(const char *id, const char *text, size_t size, const char *zone,
	struct itsm_calendar **out, struct itsm_error *err);
/* Takes NULL. */
ITSM_API void itsm_calendar_free(struct itsm_calendar *calendar);

/* "" for NULL, as the next two are NULL. Borrowed. */
ITSM_API const char *itsm_calendar_id(const struct itsm_calendar *calendar);
ITSM_API const char *itsm_calendar_name(const struct itsm_calendar *calendar);
ITSM_API struct itsm_zone *itsm_calendar_zone(const struct itsm_calendar *calendar);
/* What it says, one by one; NULL behind the last. Borrowed. */
ITSM_API const struct itsm_calendar_entry *itsm_calendar_entry(const struct itsm_calendar *calendar, size_t position);
/* Does it say when it is open? The three functions below are ITSM_EDATA for one that does not. */
ITSM_API bool itsm_calendar_has_hours(const struct itsm_calendar *calendar);

/* How long it is open in [from, to), in seconds; 0 where that is empty. */
ITSM_API int itsm_calendar_seconds(struct itsm_calendar *calendar, int64_t from, int64_t to, int64_t *out,
	struct itsm_error *err);
/*
 * The first instant by which it was open for `seconds` since `from`: `from` itself for 0 or less. ITSM_ELIMIT where
 * it is not open for so long before 2200.
 */
ITSM_API int itsm_calendar_add(struct itsm_calendar *calendar, int64_t from, int64_t seconds, int64_t *out,
	struct itsm_error *err);
/* When it is open in [from, to), cut to that, ascending, none touching the next; in the arena. */
ITSM_API int itsm_calendar_open(struct itsm_calendar *calendar, struct itsm_arena *arena, int64_t from, int64_t to,
	struct itsm_span **out, size_t *count, struct itsm_error *err);

/*
 * The times in [from, to) of the parts that are asked for (ITSM_CALENDAR_WINDOW | ITSM_CALENDAR_FREEZE ...), not cut,
 * by start, then end, then in the order of the calendar; in the arena, the entries in the calendar. NULL has none.
 */
ITSM_API int itsm_calendar_events(struct itsm_calendar *calendar, struct itsm_arena *arena, unsigned parts,
	int64_t from, int64_t to, struct itsm_calendar_event **out, size_t *count, struct itsm_error *err);

#endif
