/* What is planned when: records with times, and what the calendars say. */
#include "schedule.h"

#include <stdlib.h>
#include <string.h>

#define DAY INT64_C(86400)

struct gathering {
	struct itsm_arena *arena;
	struct itsm_index *index;
	const struct itsm_agenda_query *query;
	struct itsm_agenda_entry *items;
	size_t count, capacity;
	const char **own_items;         /* of the service that is asked for */
	size_t own_count, own_capacity;
};

static const struct {
	const char *kind, *start, *end, *title, *items, *services, *but;
} sources[] = {
	{"change", "window_start", "window_end", "title", "items", "services", "cancelled"},
	{"release", "planned_start", "planned_end", "title", "items", "services", "withdrawn"},
	{"deployment", "started", "coalesce(finished, started)", "title", "items", "services", ""},
	{"outage", "\"start\"", "coalesce(\"end\", expected_end, now())", "title", "items", "services", ""},
};

static const char *text_at(struct itsm_arena *arena, struct itsm_query *query, size_t column)
{
	struct itsm_value value = itsm_query_value(query, column);

	return value.type == ITSM_VALUE_NULL || !value.text ? NULL : itsm_arena_strdup(arena, value.text);
}

static struct itsm_agenda_entry *add(struct gathering *gathering, const struct itsm_agenda_entry *entry)
{
	itsm_arena_grow(gathering->arena, &gathering->items, &gathering->capacity, gathering->count,
		sizeof(*gathering->items));
	gathering->items[gathering->count] = *entry;
	return &gathering->items[gathering->count++];
}

static void add_row(struct gathering *gathering, const char *kind, struct itsm_query *query)
{
	struct itsm_arena *arena = gathering->arena;
	struct itsm_agenda_entry entry = {.kind = kind,
		.id = text_at(arena, query, 0),
		.title = text_at(arena, query, 1),
		.state = text_at(arena, query, 2),
		.items = text_at(arena, query, 5),
		.services = text_at(arena, query, 6)};
	const char *start = text_at(arena, query, 3), *end = text_at(arena, query, 4);
	struct itsm_time from, to;

	if (!start || !end || itsm_time_parse(start, &from, NULL) != 0 || itsm_time_parse(end, &to, NULL) != 0)
		return;
	entry.start = from.seconds;
	entry.end = to.seconds > from.seconds ? to.seconds : from.seconds + 60;
	add(gathering, &entry);
}

/* A column of the kind, or NULL in SQL where a desk's own kind lacks it. */
static const char *column(const struct itsm_kind *kind, const char *name)
{
	return itsm_kind_field(kind, name) ? name : "NULL";
}

static int add_records(struct itsm_desk *desk, struct gathering *gathering, size_t source, struct itsm_error *err)
{
	const struct itsm_agenda_query *asked = gathering->query;
	const struct itsm_kind *kind = itsm_kinds_find(desk->kinds, sources[source].kind);
	char from[ITSM_TIME_TEXT], to[ITSM_TIME_TEXT];
	struct itsm_buffer sql = {0};
	struct itsm_query *query;
	int status;

	if (!kind || kind->part)
		return 0;
	itsm_time_format_utc(asked->from, from);
	itsm_time_format_utc(asked->to, to);
	itsm_buffer_printf(&sql, "SELECT id, title, state, starts, ends, items, services FROM (SELECT id, title, state,"
		" %s AS starts, %s AS ends, %s AS items, %s AS services FROM %s) WHERE starts < ?2 AND ends >= ?1"
		" AND coalesce(state, '-') <> ?4 AND (?3 IS NULL OR EXISTS (SELECT 1 FROM json_each(services) WHERE value = ?3)"
		" OR EXISTS (SELECT 1 FROM json_each(items) AS i JOIN item AS x ON x.id = i.value, json_each(x.services) AS y"
		" WHERE y.value = ?3))",
		sources[source].start, sources[source].end, column(kind, sources[source].items),
		column(kind, sources[source].services), kind->name);
	status = itsm_query_open(gathering->index, sql.data, (struct itsm_value[]){
		{.type = ITSM_VALUE_TEXT, .text = from}, {.type = ITSM_VALUE_TEXT, .text = to},
		{.type = asked->service ? ITSM_VALUE_TEXT : ITSM_VALUE_NULL, .text = asked->service},
		{.type = ITSM_VALUE_TEXT, .text = sources[source].but}}, 4, &query, err);
	itsm_buffer_free(&sql);
	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, err)) == 1)
		add_row(gathering, sources[source].kind, query);
	itsm_query_free(query);
	return status;
}

static int find_items(struct gathering *gathering, struct itsm_error *err)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = gathering->query->service};
	struct itsm_query *query;
	int status;

	if (!gathering->query->service)
		return 0;
	status = itsm_query_open(gathering->index,
		"SELECT x.id FROM item AS x, json_each(x.services) AS y WHERE y.value = ?1", &value, 1, &query, err);
	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, err)) == 1) {
		itsm_arena_grow(gathering->arena, &gathering->own_items, &gathering->own_capacity, gathering->own_count,
			sizeof(*gathering->own_items));
		gathering->own_items[gathering->own_count++] = text_at(gathering->arena, query, 0);
	}
	itsm_query_free(query);
	return status;
}

static bool is_asked_for(const struct gathering *gathering, const struct itsm_calendar_entry *entry)
{
	if (!gathering->query->service || (!entry->services && !entry->items) ||
		itsm_list_has(entry->services, gathering->query->service))
		return true;
	for (size_t i = 0; i < gathering->own_count; i++)
		if (itsm_list_has(entry->items, gathering->own_items[i]))
			return true;
	return false;
}

static const char *list_json(struct itsm_arena *arena, const char *const *names)
{
	struct itsm_buffer json = {0};
	const char *text;

	if (!names)
		return NULL;
	for (size_t i = 0; names[i]; i++) {
		itsm_buffer_putc(&json, i ? ',' : '[');
		itsm_escape_json(&json, names[i]);
	}
	itsm_buffer_putc(&json, ']');
	text = itsm_arena_strdup(arena, json.data);
	itsm_buffer_free(&json);
	return text;
}

static void add_event(struct gathering *gathering, struct itsm_calendar *calendar, const struct itsm_calendar_event *event)
{
	struct itsm_zone *zone = itsm_calendar_zone(calendar);
	struct itsm_arena *arena = gathering->arena;
	const struct itsm_calendar_entry *said = event->entry;
	struct itsm_agenda_entry entry = {.start = event->start,
		.end = event->end,
		.kind = said->part == ITSM_CALENDAR_HOLIDAY ? "holiday" : said->part == ITSM_CALENDAR_WINDOW ? "window" : "freeze",
		.id = itsm_arena_strdup(arena, said->calendar),
		.title = itsm_arena_strdup(arena, said->name),
		.services = list_json(arena, said->services),
		.items = list_json(arena, said->items),
		.all_day = said->all_day};

	if (said->part == ITSM_CALENDAR_FREEZE)
		entry.state = said->hard ? "hard" : "soft";
	if (said->all_day) {
		entry.first_day = (event->start + itsm_zone_offset(zone, event->start)) / DAY;
		entry.last_day = (event->end + itsm_zone_offset(zone, event->end) - 1) / DAY;
	}
	add(gathering, &entry);
}

static int add_calendars(struct gathering *gathering, struct itsm_error *err)
{
	struct itsm_calendar *const *calendars;
	size_t calendar_count, count;
	int status = itsm_index_calendars(gathering->index, &calendars, &calendar_count, err);

	for (size_t i = 0; status == 0 && i < calendar_count; i++) {
		struct itsm_calendar_event *events;

		status = itsm_calendar_events(calendars[i], gathering->arena,
			ITSM_CALENDAR_HOLIDAY | ITSM_CALENDAR_WINDOW | ITSM_CALENDAR_FREEZE, gathering->query->from,
			gathering->query->to, &events, &count, err);
		for (size_t j = 0; status == 0 && j < count; j++)
			if (is_asked_for(gathering, events[j].entry))
				add_event(gathering, calendars[i], &events[j]);
	}
	return status;
}

static int compare_entries(const void *a, const void *b)
{
	const struct itsm_agenda_entry *one = a, *other = b;
	int order;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	if (one->end != other->end)
		return one->end < other->end ? -1 : 1;
	if ((order = strcmp(one->kind, other->kind)) != 0 || (order = strcmp(one->id, other->id)) != 0)
		return order;
	return strcmp(one->title ? one->title : "", other->title ? other->title : "");
}

static int compare_numbers(const void *a, const void *b)
{
	const int64_t *one = a, *other = b;

	return *one < *other ? -1 : *one > *other;
}

/* How many of the sorted numbers are less than the limit. */
static size_t below(const int64_t *numbers, size_t count, int64_t limit)
{
	size_t low = 0, high = count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (numbers[middle] < limit)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* Those that overlap an entry are those that began before its end less those that were over at its start. */
static void count_overlaps(struct gathering *gathering, const char *kind, bool of_changes_alone)
{
	int64_t *starts = itsm_arena_alloc(gathering->arena, (gathering->count + 1) * sizeof(*starts));
	int64_t *ends = itsm_arena_alloc(gathering->arena, (gathering->count + 1) * sizeof(*ends));
	size_t count = 0;

	for (size_t i = 0; i < gathering->count; i++) {
		if (strcmp(gathering->items[i].kind, kind) != 0)
			continue;
		starts[count] = gathering->items[i].start;
		ends[count++] = gathering->items[i].end;
	}
	if (count == 0)
		return;
	qsort(starts, count, sizeof(*starts), compare_numbers);
	qsort(ends, count, sizeof(*ends), compare_numbers);
	for (size_t i = 0; i < gathering->count; i++) {
		struct itsm_agenda_entry *entry = &gathering->items[i];
		bool is_change = strcmp(entry->kind, "change") == 0;

		if (is_change || (!of_changes_alone && strcmp(entry->kind, "freeze") == 0))
			entry->overlaps += below(starts, count, entry->end) - below(ends, count, entry->start + 1) -
				(strcmp(entry->kind, kind) == 0);
	}
}

int itsm_desk_agenda(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_agenda_query *query,
	struct itsm_agenda_entry **out, size_t *count, struct itsm_error *err)
{
	struct gathering gathering = {.arena = arena, .query = query};
	struct itsm_agenda_query asked = *query;
	struct itsm_hit hit;
	int status = itsm_desk_view(desk, query->at, &gathering.index, err);

	if (status == 0 && query->service) {
		if ((status = itsm_index_find(gathering.index, arena, query->service, "service", &hit, err)) == 0)
			asked.service = hit.id;
	}
	gathering.query = &asked;
	if (status == 0)
		status = find_items(&gathering, err);
	for (size_t i = 0; i < sizeof(sources) / sizeof(*sources) && status == 0; i++)
		status = add_records(desk, &gathering, i, err);
	if (status == 0)
		status = add_calendars(&gathering, err);
	if (status != 0)
		return status;
	if (gathering.count)
		qsort(gathering.items, gathering.count, sizeof(*gathering.items), compare_entries);
	count_overlaps(&gathering, "change", false);
	count_overlaps(&gathering, "freeze", true);
	*out = gathering.items;
	*count = gathering.count;
	return 0;
}
