/*
 * Who is on call: every moment at which the answer may change is gathered, and between two of them it is asked once.
 */
#include <stdlib.h>
#include <string.h>

#include "itsm/oncall.h"

#define DAY 86400

struct marks {
	struct itsm_arena *arena;
	int64_t from, to;
	int64_t *items;
	size_t count, capacity;
};

static int64_t floor_divide(int64_t number, int64_t by)
{
	return number / by - (number % by < 0);
}

static int64_t clock_of(struct itsm_zone *zone, int64_t seconds)
{
	return seconds + itsm_zone_offset(zone, seconds);
}

static int64_t instant_of(struct itsm_zone *zone, int64_t clock)
{
	int64_t seconds;

	itsm_zone_instant(zone, clock, &seconds);
	return seconds;
}

static int mark(struct marks *marks, int64_t at, struct itsm_error *err)
{
	if (at <= marks->from || at >= marks->to)
		return ITSM_OK;
	if (marks->count >= ITSM_ONCALL_SPANS_MAX)
		return itsm_error_set(err, ITSM_ELIMIT, "the rota hands over more than %d times in this period; ask for a shorter one",
			ITSM_ONCALL_SPANS_MAX);
	itsm_arena_grow(marks->arena, &marks->items, &marks->capacity, marks->count, sizeof(*marks->items));
	marks->items[marks->count++] = at;
	return ITSM_OK;
}

/* The number of the turn at a moment that is not before the start. */
static int64_t turn_at(struct itsm_zone *zone, const struct itsm_oncall_layer *layer, int64_t at)
{
	int64_t start = clock_of(zone, layer->start);
	int64_t number = floor_divide(clock_of(zone, at) - start, layer->turn);

	while (instant_of(zone, start + (number + 1) * layer->turn) <= at)
		number++;
	while (number > 0 && instant_of(zone, start + number * layer->turn) > at)
		number--;
	return number < 0 ? 0 : number;
}

/* Hand-overs, where the layer begins and ends, and its hours. */
static int mark_layer(struct marks *marks, struct itsm_zone *zone, const struct itsm_oncall_layer *layer,
	struct itsm_error *err)
{
	int64_t begin = layer->start > marks->from ? layer->start : marks->from;
	int64_t end = layer->end < marks->to ? layer->end : marks->to, start = clock_of(zone, layer->start), number, day, at;
	int status;

	if (begin >= end)
		return ITSM_OK;
	if ((status = mark(marks, layer->start, err)) != 0 || (status = mark(marks, layer->end, err)) != 0)
		return status;
	for (number = turn_at(zone, layer, begin) + 1; (at = instant_of(zone, start + number * layer->turn)) < end; number++)
		if (layer->count > 1 && (status = mark(marks, at, err)) != 0)
			return status;
	if (!layer->hours_count && layer->days == 127)
		return ITSM_OK;
	for (day = floor_divide(clock_of(zone, begin), DAY) - 1; day <= floor_divide(clock_of(zone, end), DAY); day++) {
		if ((status = mark(marks, instant_of(zone, day * DAY), err)) != 0)
			return status;
		for (size_t i = 0; i < layer->hours_count; i++)
			if ((status = mark(marks, instant_of(zone, day * DAY + layer->hours[i].from), err)) != 0 ||
			    (status = mark(marks, instant_of(zone, day * DAY + layer->hours[i].to), err)) != 0)
				return status;
	}
	return ITSM_OK;
}

static bool has_day(const struct itsm_oncall_layer *layer, int64_t day)
{
	/* the first day of 1970 was a Thursday */
	return layer->days >> (unsigned)(((day + 3) % 7 + 7) % 7) & 1;
}

static bool is_inside(struct itsm_zone *zone, int64_t from, int64_t to, int64_t at)
{
	return instant_of(zone, from) <= at && at < instant_of(zone, to);
}

/* Hours that began the day before may still last. */
static bool is_working(struct itsm_zone *zone, const struct itsm_oncall_layer *layer, int64_t at)
{
	int64_t today = floor_divide(clock_of(zone, at), DAY), day;

	if (at < layer->start || at >= layer->end)
		return false;
	if (!layer->hours_count)
		return has_day(layer, today);
	for (day = today - 1; day <= today; day++) {
		for (size_t i = 0; i < layer->hours_count && has_day(layer, day); i++) {
			const struct itsm_oncall_hours *hours = &layer->hours[i];
			int64_t end = day * DAY + hours->to + (hours->to <= hours->from ? DAY : 0);

			if (is_inside(zone, day * DAY + hours->from, end, at))
				return true;
		}
	}
	return false;
}

static void decide(const struct itsm_oncall_rota *rota, struct itsm_oncall_span *span)
{
	span->person = span->layer = NULL;
	span->override = false;
	for (size_t i = rota->override_count; i-- > 0; ) {
		const struct itsm_oncall_override *override = &rota->overrides[i];

		if (override->start <= span->start && span->start < override->end) {
			span->person = override->person;
			span->override = true;
			return;
		}
	}
	for (size_t i = rota->layer_count; i-- > 0; ) {
		const struct itsm_oncall_layer *layer = &rota->layers[i];

		if (layer->count && is_working(rota->zone, layer, span->start)) {
			span->person = layer->people[turn_at(rota->zone, layer, span->start) % (int64_t)layer->count];
			span->layer = layer->name;
			return;
		}
	}
}

static int compare_moments(const void *a, const void *b)
{
	const int64_t *left = a, *right = b;

	return (*left > *right) - (*left < *right);
}

static bool is_same(const struct itsm_oncall_span *a, const struct itsm_oncall_span *b)
{
	return a->end == b->start && a->person == b->person && a->layer == b->layer && a->override == b->override;
}

/* One open span, cut at the marks. */
static void fill(const struct itsm_oncall_rota *rota, const struct marks *marks, int64_t from, int64_t to,
	struct itsm_oncall_span *spans, size_t *count)
{
	size_t at = 0;

	while (from < to) {
		struct itsm_oncall_span *span = &spans[*count];

		while (at < marks->count && marks->items[at] <= from)
			at++;
		span->start = from;
		span->end = at < marks->count && marks->items[at] < to ? marks->items[at] : to;
		decide(rota, span);
		from = span->end;
		if (*count && is_same(span - 1, span))
			span[-1].end = span->end;
		else
			(*count)++;
	}
}

int itsm_oncall_schedule(const struct itsm_oncall_rota *rota, struct itsm_arena *arena, int64_t from, int64_t to,
	struct itsm_oncall_span **out, size_t *count, struct itsm_error *err)
{
	struct marks marks = {.arena = arena, .from = from, .to = to};
	struct itsm_oncall_span *spans;
	struct itsm_span *open;
	size_t open_count, used = 0;
	int status = ITSM_OK;

	for (size_t i = 0; i < rota->layer_count && status == 0; i++)
		status = mark_layer(&marks, rota->zone, &rota->layers[i], err);
	for (size_t i = 0; i < rota->override_count && status == 0; i++)
		if ((status = mark(&marks, rota->overrides[i].start, err)) == 0)
			status = mark(&marks, rota->overrides[i].end, err);
	if (status == 0)
		status = itsm_calendar_open(rota->calendar, arena, from, to, &open, &open_count, err);
	if (status != 0)
		return status;
	if (marks.count)
		qsort(marks.items, marks.count, sizeof(*marks.items), compare_moments);
	spans = itsm_arena_alloc(arena, (marks.count + open_count + 2) * sizeof(*spans));
	for (size_t i = 0; i < open_count; i++)
		fill(rota, &marks, open[i].start, open[i].end, spans, &used);
	*out = spans;
	*count = used;
	return ITSM_OK;
}

int itsm_oncall_at(const struct itsm_oncall_rota *rota, struct itsm_arena *arena, int64_t at, int64_t horizon,
	bool *found, struct itsm_oncall_span *out, struct itsm_error *err)
{
	struct itsm_oncall_span *spans;
	size_t count;
	int status = itsm_oncall_schedule(rota, arena, at - horizon, at + horizon, &spans, &count, err);

	if (status != 0)
		return status;
	*found = false;
	for (size_t i = 0; i < count && !*found; i++) {
		*found = spans[i].start <= at && at < spans[i].end;
		if (*found)
			*out = spans[i];
	}
	return ITSM_OK;
}
