/*
 * Times: RFC 3339 instants, calendar dates, durations. No clock in here.
 *
 * An instant is seconds since 1970-01-01T00:00:00Z together with the offset it
 * was written with, in minutes east of UTC. Only the years 0000 to 9999 (UTC)
 * can be written: parsing refuses others, formatting stops at the edge.
 */
#ifndef ITSM_TIME_H
#define ITSM_TIME_H

#include <stdbool.h>
#include <stdint.h>

#include "itsm/error.h"

struct itsm_time {
	int64_t seconds;
	int offset_minutes;
};

/* Bytes that any text written by this header's functions fits in, NUL included. */
#define ITSM_TIME_TEXT 40

/*
 * Read `YYYY-MM-DDThh:mm:ss[.fraction](Z|+hh:mm|-hh:mm)`; seconds may be left
 * out, the T may be a space or lower case, fractions are dropped. Refuses days
 * and offsets (beyond -12:00, +14:00) that do not exist; takes a leap second as
 * the one after it. ITSM_EDATA names what is wrong ("no offset").
 */
ITSM_API int itsm_time_parse(const char *text, struct itsm_time *out, struct itsm_error *err);
/* Is text a date `YYYY-MM-DD` that exists? `days` (may be NULL) gets days since 1970-01-01. */
ITSM_API bool itsm_date_parse(const char *text, int64_t *days);
/* RFC 3339 in the offset of `time`: 2026-11-22T10:00:00+01:00, with Z when the offset is 0. */
ITSM_API void itsm_time_format(struct itsm_time time, char text[ITSM_TIME_TEXT]);
/* RFC 3339 in UTC, ending in Z: what the index stores, so that text order is time order. */
ITSM_API void itsm_time_format_utc(int64_t seconds, char text[ITSM_TIME_TEXT]);
/* Days since 1970-01-01 of a proleptic Gregorian date, and back. */
ITSM_API int64_t itsm_days_from_civil(int year, int month, int day);
ITSM_API void itsm_civil_from_days(int64_t days, int *year, int *month, int *day);
/*
 * A duration: `90s 30m 4h 7d 2w` or a chain of them from long to short
 * (`1h30m`), seconds into `out`. A day is 24 hours, a week 7 days. False when
 * it is none.
 */
ITSM_API bool itsm_duration_parse(const char *text, int64_t *out);
/*
 * A moment as a person writes it in a query: RFC 3339, a date (its start in
 * UTC), `now`, `today`, or a duration from now with a sign (`-7d`, `+4h`).
 */
ITSM_API int itsm_moment_parse(const char *text, int64_t now, int64_t *out, struct itsm_error *err);

/*
 * The seconds [*start, *end) that a word of a query means: all of a year (2026), a month (2026-11) or a day
 * (2026-11-22, `today`, `yesterday`) in UTC, else the one second of a moment.
 */
ITSM_API int itsm_span_parse(const char *text, int64_t now, int64_t *start, int64_t *end, struct itsm_error *err);

#endif
