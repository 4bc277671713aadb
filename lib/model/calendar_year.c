/*
 * A year of business hours: the hours of each weekday by the clock, and what is open besides, less
 * the holidays.
 */
#include "calendar_parts.h"

#include <stdlib.h>

#include "itsm/time.h"

static void push(struct itsm_arena *arena, struct spans *spans, int64_t start, int64_t end)
{
	if (start >= end)
		return;
	itsm_arena_grow(arena, &spans->items, &spans->capacity, spans->count, sizeof(*spans->items));
	spans->items[spans->count++] = (struct itsm_span){start, end};
}

static int compare_spans(const void *a, const void *b)
{
	const struct itsm_span *one = a, *other = b;

	return one->start < other->start ? -1 : one->start > other->start;
}

/* Sort them, and make one of those that overlap or touch. */
static void unite(struct spans *spans)
{
	size_t used = 0;

	if (spans->count)
		qsort(spans->items, spans->count, sizeof(*spans->items), compare_spans);
	for (size_t i = 0; i < spans->count; i++) {
		struct itsm_span span = spans->items[i];

		if (used && span.start <= spans->items[used - 1].end) {
			if (span.end > spans->items[used - 1].end)
				spans->items[used - 1].end = span.end;
		} else {
			spans->items[used++] = span;
		}
	}
	spans->count = used;
}

/* The hours of the days that reach into [from, to). */
static void add_weekly(struct itsm_calendar *calendar, struct itsm_arena *arena, int64_t from, int64_t to,
	struct spans *out)
{
	for (int64_t day = from / DAY - 3; day <= to / DAY + 2; day++) {
		size_t weekday = (size_t)(((day + 3) % 7 + 7) % 7);

		for (size_t i = 0; i < calendar->hour_count[weekday]; i++) {
			int64_t start, end;

			itsm_zone_instant(calendar->zone, day * DAY + calendar->hours[weekday][i].start, &start);
			itsm_zone_instant(calendar->zone, day * DAY + calendar->hours[weekday][i].end, &end);
			push(arena, out, start, end);
		}
	}
}

static int add_events(struct itsm_calendar *calendar, struct itsm_arena *arena, enum itsm_calendar_part part,
	int64_t from, int64_t to, struct spans *out, struct itsm_error *err)
{
	struct itsm_calendar_event *events;
	size_t count;
	int status = itsm_calendar_events(calendar, arena, part, from, to, &events, &count, err);

	for (size_t i = 0; status == 0 && i < count; i++)
		push(arena, out, events[i].start, events[i].end);
	return status;
}

/* What is open and not closed, within [from, to). */
static void subtract(struct itsm_arena *arena, const struct spans *open, const struct spans *closed, int64_t from,
	int64_t to, struct spans *out)
{
	size_t next = 0;

	for (size_t i = 0; i < open->count; i++) {
		int64_t start = open->items[i].start > from ? open->items[i].start : from;
		int64_t end = open->items[i].end < to ? open->items[i].end : to;

		while (next < closed->count && closed->items[next].end <= start)
			next++;
		for (size_t j = next; j < closed->count && closed->items[j].start < end; j++) {
			push(arena, out, start, closed->items[j].start);
			start = closed->items[j].end;
		}
		push(arena, out, start, end);
	}
}

int itsm_calendar_year(struct itsm_calendar *calendar, int number, struct calendar_year **out, struct itsm_error *err)
{
	int64_t from = itsm_days_from_civil(YEAR_FIRST + number, 1, 1) * DAY;
	int64_t to = itsm_days_from_civil(YEAR_FIRST + number + 1, 1, 1) * DAY;
	struct spans open = {0}, closed = {0}, left = {0};
	struct itsm_arena *arena;
	struct calendar_year *year = calendar->years[number];
	int status;

	if (year) {
		*out = year;
		return 0;
	}
	arena = itsm_arena_new();
	add_weekly(calendar, arena, from, to, &open);
	if ((status = add_events(calendar, arena, ITSM_CALENDAR_HOURS, from, to, &open, err)) == 0 &&
		(status = add_events(calendar, arena, ITSM_CALENDAR_HOLIDAY, from, to, &closed, err)) == 0) {
		unite(&open);
		unite(&closed);
		year = itsm_arena_alloc(calendar->arena, sizeof(*year));
		subtract(calendar->arena, &open, &closed, from, to, &left);
		year->spans = left.items;
		year->count = left.count;
		year->before = itsm_arena_alloc(calendar->arena, (year->count + 1) * sizeof(*year->before));
		for (size_t i = 0; i < year->count; i++)
			year->before[i + 1] = year->before[i] + year->spans[i].end - year->spans[i].start;
		*out = calendar->years[number] = year;
	}
	itsm_arena_free(arena);
	return status;
}
