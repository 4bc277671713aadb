/* Calendars: what they are asked. */
#include "calendar_parts.h"

#include <stdlib.h>
#include <string.h>

#include "itsm/time.h"

struct itsm_calendar *itsm_calendar_blank(const char *id)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_calendar *calendar = itsm_arena_alloc(arena, sizeof(*calendar));

	calendar->arena = arena;
	calendar->id = calendar->name = itsm_arena_strdup(arena, id);
	return calendar;
}

void itsm_calendar_free(struct itsm_calendar *calendar)
{
	if (!calendar)
		return;
	for (size_t i = 0; i < calendar->file_count; i++)
		calendar->ical.icalcomponent_free(calendar->files[i]);
	itsm_arena_free(calendar->arena);
}

struct calendar_rule *itsm_calendar_add_rule(struct itsm_calendar *calendar, enum itsm_calendar_part part)
{
	struct calendar_rule *rule = itsm_arena_alloc(calendar->arena, sizeof(*rule));

	rule->entry.part = part;
	rule->entry.calendar = calendar->id;
	rule->entry.hard = true;
	rule->zone = calendar->zone;
	itsm_arena_grow(calendar->arena, &calendar->rules, &calendar->rule_capacity, calendar->rule_count,
		sizeof(*calendar->rules));
	calendar->rules[calendar->rule_count++] = rule;
	return rule;
}

void itsm_calendar_except(struct itsm_calendar *calendar, struct calendar_rule *rule,
	struct calendar_exception exception)
{
	itsm_arena_grow(calendar->arena, &rule->exceptions, &rule->exception_capacity, rule->exception_count,
		sizeof(*rule->exceptions));
	rule->exceptions[rule->exception_count++] = exception;
}

const char *itsm_calendar_id(const struct itsm_calendar *calendar)
{
	return calendar ? calendar->id : "";
}

const char *itsm_calendar_name(const struct itsm_calendar *calendar)
{
	return calendar ? calendar->name : NULL;
}

struct itsm_zone *itsm_calendar_zone(const struct itsm_calendar *calendar)
{
	return calendar ? calendar->zone : NULL;
}

const struct itsm_calendar_entry *itsm_calendar_entry(const struct itsm_calendar *calendar, size_t position)
{
	return calendar && position < calendar->rule_count ? &calendar->rules[position]->entry : NULL;
}

bool itsm_calendar_has_hours(const struct itsm_calendar *calendar)
{
	return !calendar || calendar->has_hours;
}

static int need_hours(const struct itsm_calendar *calendar, struct itsm_error *err)
{
	return calendar->has_hours ? 0 :
		itsm_error_set(err, ITSM_EDATA, "calendar '%s' has no business hours; set hours, or take another", calendar->id);
}

/* The year (from 1900) that an instant is in, or -1, or YEAR_COUNT behind the last. */
static int year_at(int64_t seconds)
{
	int year, month, day;

	if (seconds < itsm_days_from_civil(YEAR_FIRST, 1, 1) * DAY)
		return -1;
	if (seconds >= itsm_days_from_civil(YEAR_FIRST + YEAR_COUNT, 1, 1) * DAY)
		return YEAR_COUNT;
	itsm_civil_from_days((seconds - (seconds % DAY + DAY) % DAY) / DAY, &year, &month, &day);
	return year - YEAR_FIRST;
}

/* The number of spans of the year that begin before or at it. */
static size_t begun(const struct calendar_year *year, int64_t seconds)
{
	size_t low = 0, high = year->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (year->spans[middle].start <= seconds)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Seconds open in the year up to an instant in it. */
static int64_t open_until(const struct calendar_year *year, int64_t seconds)
{
	size_t count = begun(year, seconds);
	const struct itsm_span *last;

	if (count == 0)
		return 0;
	last = &year->spans[count - 1];
	return year->before[count - 1] + (seconds < last->end ? seconds : last->end) - last->start;
}

int itsm_calendar_seconds(struct itsm_calendar *calendar, int64_t from, int64_t to, int64_t *out,
	struct itsm_error *err)
{
	struct calendar_year *year;
	int64_t sum = 0;
	int first = year_at(from), last = year_at(to), status;

	if (!calendar) {
		*out = to > from ? to - from : 0;
		return 0;
	}
	if ((status = need_hours(calendar, err)) != 0)
		return status;
	for (int i = first < 0 ? 0 : first; to > from && i <= last && i < YEAR_COUNT; i++) {
		if ((status = itsm_calendar_year(calendar, i, &year, err)) != 0)
			return status;
		sum += i == last ? open_until(year, to) : year->before[year->count];
		if (i == first)
			sum -= open_until(year, from);
	}
	*out = sum;
	return 0;
}

/* The first instant of the year by which it was open for so long, which it is. */
static int64_t instant_of(const struct calendar_year *year, int64_t seconds)
{
	size_t low = 0, high = year->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (year->before[middle + 1] < seconds)
			low = middle + 1;
		else
			high = middle;
	}
	return year->spans[low].start + (seconds - year->before[low]);
}

int itsm_calendar_add(struct itsm_calendar *calendar, int64_t from, int64_t seconds, int64_t *out,
	struct itsm_error *err)
{
	struct calendar_year *year;
	int first = year_at(from), status;

	if (calendar && (status = need_hours(calendar, err)) != 0)
		return status;
	if (seconds <= 0 || !calendar) {
		if (seconds > 0 && __builtin_add_overflow(from, seconds, &from))
			return itsm_error_set(err, ITSM_ELIMIT, "there is no such time; give a shorter one");
		*out = from;
		return 0;
	}
	for (int i = first < 0 ? 0 : first; i < YEAR_COUNT; i++) {
		if ((status = itsm_calendar_year(calendar, i, &year, err)) != 0)
			return status;
		if (i == first)
			seconds += open_until(year, from);
		if (year->before[year->count] >= seconds) {
			*out = instant_of(year, seconds);
			return 0;
		}
		seconds -= year->before[year->count];
	}
	return itsm_error_set(err, ITSM_ELIMIT, "calendar '%s' is not open for so long before the year %d", calendar->id,
		YEAR_FIRST + YEAR_COUNT);
}

int itsm_calendar_open(struct itsm_calendar *calendar, struct itsm_arena *arena, int64_t from, int64_t to,
	struct itsm_span **out, size_t *count, struct itsm_error *err)
{
	struct spans spans = {0};
	struct calendar_year *year;
	int first = year_at(from), last = year_at(to), status;

	if (calendar && (status = need_hours(calendar, err)) != 0)
		return status;
	if (!calendar && from < to) {
		itsm_arena_grow(arena, &spans.items, &spans.capacity, 0, sizeof(*spans.items));
		spans.items[spans.count++] = (struct itsm_span){from, to};
	}
	for (int i = first < 0 ? 0 : first; calendar && from < to && i <= last && i < YEAR_COUNT; i++) {
		if ((status = itsm_calendar_year(calendar, i, &year, err)) != 0)
			return status;
		for (size_t j = begun(year, from) ? begun(year, from) - 1 : 0; j < year->count; j++) {
			struct itsm_span span = year->spans[j];

			span.start = span.start > from ? span.start : from;
			span.end = span.end < to ? span.end : to;
			if (span.start >= span.end)
				continue;
			if (spans.count && spans.items[spans.count - 1].end == span.start) {
				spans.items[spans.count - 1].end = span.end;
				continue;
			}
			itsm_arena_grow(arena, &spans.items, &spans.capacity, spans.count, sizeof(*spans.items));
			spans.items[spans.count++] = span;
		}
	}
	*out = spans.items;
	*count = spans.count;
	return 0;
}

struct found {
	struct itsm_calendar_event event;
	size_t order;
};

static int compare_found(const void *a, const void *b)
{
	const struct found *one = a, *other = b;

	if (one->event.start != other->event.start)
		return one->event.start < other->event.start ? -1 : 1;
	if (one->event.end != other->event.end)
		return one->event.end < other->event.end ? -1 : 1;
	return one->order < other->order ? -1 : one->order > other->order;
}

int itsm_calendar_events(struct itsm_calendar *calendar, struct itsm_arena *arena, unsigned parts, int64_t from,
	int64_t to, struct itsm_calendar_event **out, size_t *count, struct itsm_error *err)
{
	struct found *found = NULL;
	struct itsm_calendar_event *events;
	size_t used = 0, capacity = 0;
	int status;

	for (size_t i = 0; calendar && from < to && i < calendar->rule_count; i++) {
		struct calendar_rule *rule = calendar->rules[i];

		if (!(rule->entry.part & parts))
			continue;
		if ((status = itsm_calendar_expand(calendar, rule, to, err)) != 0)
			return status;
		for (size_t j = itsm_calendar_first_span(rule, from); j < rule->span_count && rule->spans[j].start < to; j++) {
			if (rule->spans[j].end <= from)
				continue;
			itsm_arena_grow(arena, &found, &capacity, used, sizeof(*found));
			found[used] = (struct found){{rule->spans[j].start, rule->spans[j].end, &rule->entry}, used};
			used++;
		}
	}
	if (used)
		qsort(found, used, sizeof(*found), compare_found);
	events = itsm_arena_alloc(arena, (used + 1) * sizeof(*events));
	for (size_t i = 0; i < used; i++)
		events[i] = found[i].event;
	*out = events;
	*count = used;
	return 0;
}
