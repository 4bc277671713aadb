/* Work against freezes and maintenance windows; itsm/plan.h has the rules. */
#include "scope.h"

#include <stdlib.h>
#include <string.h>

#include "itsm/json.h"

#define YEAR (INT64_C(366) * 86400)

static int compare_events(const void *a, const void *b)
{
	const struct itsm_calendar_event *one = a, *other = b;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return one->end < other->end ? -1 : one->end > other->end;
}

struct events {
	struct itsm_calendar_event *items;
	size_t count, capacity;
};

typedef bool (*chosen)(struct itsm_index *index, const struct index_scope *scope, const struct itsm_calendar_entry *entry);

/* What of a part comes in the range, of all calendars, by start. */
static int gather(struct itsm_index *index, struct itsm_arena *arena, const struct index_scope *scope,
	enum itsm_calendar_part part, chosen is_chosen, int64_t from, int64_t to, struct events *out, struct itsm_error *err)
{
	struct itsm_calendar *const *calendars;
	size_t calendar_count;
	int status = itsm_index_calendars_now(index, &calendars, &calendar_count, err);

	for (size_t i = 0; status == 0 && i < calendar_count; i++) {
		struct itsm_calendar_event *events;
		size_t count;

		status = itsm_calendar_events(calendars[i], arena, part, from, to, &events, &count, err);
		for (size_t j = 0; status == 0 && j < count; j++) {
			if (!is_chosen(index, scope, events[j].entry))
				continue;
			itsm_arena_grow(arena, &out->items, &out->capacity, out->count, sizeof(*out->items));
			out->items[out->count++] = events[j];
		}
	}
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), compare_events);
	return status;
}

static bool is_bound(struct itsm_index *index, const struct index_scope *scope, const struct itsm_calendar_entry *entry)
{
	(void)index;
	return itsm_index_scope_has(scope, entry);
}

int itsm_index_freezes_now(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_work *work,
	struct itsm_calendar_event **out, size_t *count, struct itsm_error *err)
{
	const struct index_scope *scope;
	struct events events = {0};
	int status = itsm_index_scope(index, work->items, work->services, &scope, err);

	if (status == 0)
		status = gather(index, arena, scope, ITSM_CALENDAR_FREEZE, is_bound, work->start,
			work->end > work->start ? work->end : work->start + 1, &events, err);
	if (status == 0) {
		*out = events.items;
		*count = events.count;
	}
	return status;
}

/* Is it a window for what is in the scope? */
static bool is_window(struct itsm_index *index, const struct index_scope *scope, const struct itsm_calendar_entry *entry)
{
	if (!itsm_index_scope_has(scope, entry))
		return false;
	if (entry->items || entry->services || !itsm_index_calendar_is_named(index, entry->calendar))
		return true;
	for (size_t i = 0; i < scope->item_count; i++)
		if (scope->items[i].calendar && strcmp(scope->items[i].calendar, entry->calendar) == 0)
			return true;
	return false;
}

static int has_windows(struct itsm_index *index, const struct index_scope *scope, bool *out, struct itsm_error *err)
{
	struct itsm_calendar *const *calendars;
	const struct itsm_calendar_entry *entry;
	size_t count;
	int status = itsm_index_calendars_now(index, &calendars, &count, err);

	*out = false;
	for (size_t i = 0; status == 0 && i < count && !*out; i++)
		for (size_t j = 0; (entry = itsm_calendar_entry(calendars[i], j)) != NULL && !*out; j++)
			*out = entry->part == ITSM_CALENDAR_WINDOW && is_window(index, scope, entry);
	return status;
}

/* What the windows say of work in this scope. */
static int ask(struct itsm_index *index, struct itsm_arena *arena, const struct index_scope *scope,
	const struct itsm_work *work, struct itsm_window_result *out, struct itsm_error *err)
{
	int64_t end = work->end > work->start ? work->end : work->start + 1, reached = work->start;
	struct events events = {0};
	bool any;
	int status = has_windows(index, scope, &any, err);

	if (status != 0 || !any)
		return status;
	status = gather(index, arena, scope, ITSM_CALENDAR_WINDOW, is_window, work->start, end, &events, err);
	for (size_t i = 0; status == 0 && i < events.count && events.items[i].start <= reached; i++) {
		if (events.items[i].end > reached) {
			reached = events.items[i].end;
			out->from = events.items[i].start;
			out->to = reached;
			out->name = events.items[i].entry->name;
		}
	}
	if (status != 0 || reached >= end)
		return status;
	out->answer = reached > work->start ? ITSM_WINDOW_OVERRUN : ITSM_WINDOW_MISSED;
	if (out->answer == ITSM_WINDOW_OVERRUN)
		return 0;
	events.count = 0;
	status = gather(index, arena, scope, ITSM_CALENDAR_WINDOW, is_window, work->start + 1, work->start + YEAR, &events, err);
	for (size_t i = 0; status == 0 && i < events.count; i++) {
		if (events.items[i].start <= work->start)
			continue;
		out->from = events.items[i].start;
		out->to = events.items[i].end;
		out->name = events.items[i].entry->name;
		break;
	}
	return status;
}

static int ask_items(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_work *work,
	const struct itsm_yaml *items, struct itsm_window_result *out, struct itsm_error *err)
{
	int status = 0;

	for (size_t i = 0; i < items->count && status == 0 && out->answer == ITSM_WINDOW_FINE; i++) {
		const struct index_scope *scope;
		struct itsm_buffer list = {0};

		itsm_buffer_putc(&list, '[');
		itsm_escape_json(&list, items->items[i]->text ? items->items[i]->text : "");
		itsm_buffer_putc(&list, ']');
		if ((status = itsm_index_scope(index, list.data, NULL, &scope, err)) == 0 &&
			(status = ask(index, arena, scope, work, out, err)) == 0 && out->answer != ITSM_WINDOW_FINE)
			out->about = items->items[i]->text;
		itsm_buffer_free(&list);
	}
	return status;
}

int itsm_index_windows_now(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_work *work,
	struct itsm_window_result *out, struct itsm_error *err)
{
	struct itsm_window_result result = {0};
	const struct index_scope *scope;
	struct itsm_yaml *items = NULL;
	int status = work->items ? itsm_json_parse(arena, work->items, strlen(work->items), &items, err) : 0;

	if (status != 0)
		return status;
	if (items && items->type == ITSM_YAML_SEQUENCE && items->count) {
		status = ask_items(index, arena, work, items, &result, err);
	} else if ((status = itsm_index_scope(index, NULL, work->services, &scope, err)) == 0 &&
		(status = ask(index, arena, scope, work, &result, err)) == 0 && result.answer != ITSM_WINDOW_FINE) {
		result.about = scope->service_count ? scope->services[0] : NULL;
	}
	if (status == 0)
		*out = result;
	return status;
}

struct asking {
	struct itsm_arena *arena;
	const struct itsm_work *work;
	struct itsm_calendar_event *events;
	size_t count;
	struct itsm_window_result windows;
};

static int ask_freezes(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct asking *asking = context;

	return itsm_index_freezes_now(index, asking->arena, asking->work, &asking->events, &asking->count, err);
}

static int ask_windows(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct asking *asking = context;

	return itsm_index_windows_now(index, asking->arena, asking->work, &asking->windows, err);
}

int itsm_index_freezes(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_work *work,
	struct itsm_calendar_event **out, size_t *count, struct itsm_error *err)
{
	struct asking asking = {.arena = arena, .work = work};
	int status = itsm_index_attempt(index, ask_freezes, &asking, err);

	if (status == 0) {
		*out = asking.events;
		*count = asking.count;
	}
	return status;
}

int itsm_index_windows(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_work *work,
	struct itsm_window_result *out, struct itsm_error *err)
{
	struct asking asking = {.arena = arena, .work = work};
	int status = itsm_index_attempt(index, ask_windows, &asking, err);

	if (status == 0)
		*out = asking.windows;
	return status;
}
