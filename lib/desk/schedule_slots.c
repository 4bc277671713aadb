/*
 * When there is room for a change: time is walked along what stands in its way, freezes, closed maintenance
 * windows and what else is planned, in order of their start.
 */
#include "schedule.h"

#include <stdlib.h>
#include <string.h>

#include "itsm/json.h"

#define QUARTER 900
#define SHOWN_MAX 200           /* rows */

struct block {
	int64_t start, end;
	const char *why;
};

struct blocks {
	struct schedule *schedule;
	const struct itsm_slots_query *query;
	struct itsm_error *err;
	struct block *items;
	size_t count, capacity;
};

static void add_block(struct blocks *blocks, int64_t start, int64_t end, const char *why)
{
	start = start > blocks->query->from ? start : blocks->query->from;
	end = end < blocks->query->to ? end : blocks->query->to;
	if (start >= end)
		return;
	itsm_arena_grow(blocks->schedule->arena, &blocks->items, &blocks->capacity, blocks->count, sizeof(*blocks->items));
	blocks->items[blocks->count++] = (struct block){start, end, why};
}

static int add_freezes(struct blocks *blocks, const struct itsm_work *work)
{
	struct itsm_arena *arena = blocks->schedule->arena;
	struct itsm_calendar_event *events;
	size_t count;
	int status = itsm_index_freezes(blocks->schedule->index, arena, work, &events, &count, blocks->err);

	for (size_t i = 0; status == 0 && i < count; i++)
		if (events[i].entry->hard || !blocks->query->soft)
			add_block(blocks, events[i].start, events[i].end, itsm_arena_printf(arena, "%s '%s' of calendar %s",
				events[i].entry->hard ? "freeze" : "soft freeze", events[i].entry->name,
				events[i].entry->calendar));
	return status;
}

/* Of one item, or of the services: from where it misses its windows to where the next one opens; then from its end on. */
static int add_closed(struct blocks *blocks, const struct itsm_work *whole)
{
	struct itsm_work work = *whole;
	struct itsm_arena *arena = blocks->schedule->arena;

	while (work.start < whole->end) {
		struct itsm_window_result result;
		int64_t next = whole->end;
		int status;

		work.end = whole->end;
		if ((status = itsm_index_windows(blocks->schedule->index, arena, &work, &result, blocks->err)) != 0)
			return status;
		if (result.answer == ITSM_WINDOW_FINE)
			return 0;
		if (result.answer == ITSM_WINDOW_OVERRUN) {
			work.start = result.to;
			continue;
		}
		if (result.name && result.from > work.start)
			next = result.from;
		add_block(blocks, work.start, next, itsm_arena_printf(arena, "outside of the maintenance window of %s",
			result.about ? result.about : "all"));
		work.start = next;
	}
	return 0;
}

static int add_windows(struct blocks *blocks, const struct itsm_work *whole)
{
	struct itsm_arena *arena = blocks->schedule->arena;
	struct itsm_yaml *items = NULL;
	int status = 0;

	if (whole->items && (status = itsm_json_parse(arena, whole->items, strlen(whole->items), &items, blocks->err)) != 0)
		return status;
	if (!items || items->type != ITSM_YAML_SEQUENCE || !items->count)
		return add_closed(blocks, whole);
	for (size_t i = 0; i < items->count && status == 0; i++) {
		struct itsm_work work = *whole;
		struct itsm_buffer list = {0};

		itsm_buffer_putc(&list, '[');
		itsm_escape_json(&list, items->items[i]->text ? items->items[i]->text : "");
		itsm_buffer_putc(&list, ']');
		work.items = itsm_arena_strdup(arena, list.data);
		itsm_buffer_free(&list);
		status = add_closed(blocks, &work);
	}
	return status;
}

/* All that collides with it if it took the whole time. */
static void add_collisions(struct blocks *blocks)
{
	struct schedule *schedule = blocks->schedule;
	struct itsm_booking *bookings = itsm_arena_alloc(schedule->arena, (schedule->count + 1) * sizeof(*bookings));
	struct itsm_collision_query query = {.graph = schedule->map->graph, .bookings = bookings, .count = schedule->count,
		.depth = blocks->query->depth, .only = schedule->own};
	struct itsm_collision_result found;

	for (size_t i = 0; i < schedule->count; i++)
		bookings[i] = schedule->planned[i].booking;
	bookings[schedule->own].start = blocks->query->from;
	bookings[schedule->own].end = blocks->query->to;
	itsm_collisions(schedule->arena, &query, &found);
	for (size_t i = 0; i < found.count; i++) {
		bool of_a = found.items[i].b != schedule->own;
		const struct itsm_planned *other = &schedule->planned[of_a ? found.items[i].b : found.items[i].a];

		add_block(blocks, other->booking.start, other->booking.end, itsm_arena_printf(schedule->arena, "%s%s%s: %s",
			other->booking.id, other->branch ? " on branch " : "", other->branch ? other->branch : "",
			schedule_words(schedule, &found.items[i], of_a)));
	}
}

static int compare_blocks(const void *a, const void *b)
{
	const struct block *one = a, *other = b;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	if (one->end != other->end)
		return one->end > other->end ? -1 : 1;
	return strcmp(one->why, other->why);
}

static int64_t round_up(int64_t seconds)
{
	return (seconds + QUARTER - 1) / QUARTER * QUARTER;
}

struct slots {
	struct itsm_arena *arena;
	struct itsm_slot *items;
	size_t count, capacity, free;
};

static void add_slot(struct slots *slots, int64_t start, int64_t end, bool is_free, const char *why)
{
	itsm_arena_grow(slots->arena, &slots->items, &slots->capacity, slots->count, sizeof(*slots->items));
	slots->items[slots->count++] = (struct itsm_slot){start, end, is_free, why};
	slots->free += is_free;
}

/* Free, and long enough? */
static void try_gap(struct slots *slots, int64_t from, int64_t to, int64_t duration)
{
	int64_t start = round_up(from);

	if (start + duration <= to)
		add_slot(slots, start, to, true, NULL);
	else if (from < to)
		add_slot(slots, from, to, false, "too short");
}

static void walk(struct blocks *blocks, struct slots *slots)
{
	const struct itsm_slots_query *query = blocks->query;
	int64_t at = query->from;

	if (blocks->count)
		qsort(blocks->items, blocks->count, sizeof(*blocks->items), compare_blocks);
	for (size_t i = 0; i < blocks->count && slots->free < query->count && slots->count < SHOWN_MAX; i++) {
		if (blocks->items[i].start > at)
			try_gap(slots, at, blocks->items[i].start, query->duration);
		if (blocks->items[i].end > at) {
			if (slots->free < query->count)
				add_slot(slots, blocks->items[i].start > at ? blocks->items[i].start : at, blocks->items[i].end,
					false, blocks->items[i].why);
			at = blocks->items[i].end;
		}
	}
	if (slots->free < query->count && slots->count < SHOWN_MAX && at < query->to)
		try_gap(slots, at, query->to, query->duration);
}

int itsm_desk_slots(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_slots_query *query,
	struct itsm_slot **out, size_t *count, struct itsm_error *err)
{
	struct schedule_wish wish = {query->at, query->id, false, query->branches};
	struct slots slots = {.arena = arena};
	struct schedule schedule;
	struct blocks blocks = {.schedule = &schedule, .query = query, .err = err};
	int status = schedule_begin(desk, arena, &wish, &schedule, err);

	if (status == 0 && schedule.own == ITSM_IMPACT_NOTHING)
		status = itsm_error_set(err, ITSM_ENOTFOUND, "there is no change '%s'", query->id);
	if (status == 0) {
		const struct itsm_planned *own = &schedule.planned[schedule.own];
		struct itsm_work work = {own->items, own->services, query->from, query->to};

		if ((status = add_freezes(&blocks, &work)) == 0)
			status = add_windows(&blocks, &work);
		add_collisions(&blocks);
	}
	if (status == 0) {
		walk(&blocks, &slots);
		*out = slots.items;
		*count = slots.count;
	}
	schedule_end(&schedule);
	return status;
}
