/* Business time in SQL. */
#include <string.h>

#include "index.h"
#include "itsm/calendar.h"
#include "itsm/time.h"
#include "scope.h"

/* 1, 0 for NULL, -1 with the error told. */
static int read_moment(sqlite3_context *context, const struct itsm_index *index, sqlite3_value *value, int64_t *out)
{
	const char *text = (const char *)sqlite3_value_text(value);
	struct itsm_error error;

	if (!text)
		return 0;
	if (itsm_moment_parse(text, index->now, out, &error) == 0)
		return 1;
	sqlite3_result_error(context, error.message, -1);
	return -1;
}

/* NULL is the calendar that is always open. */
static bool read_calendar(sqlite3_context *context, struct itsm_index *index, sqlite3_value *value,
	struct itsm_calendar **out)
{
	const char *id = (const char *)sqlite3_value_text(value);
	struct itsm_error error;

	*out = NULL;
	if (!id || itsm_index_calendar_find(index, id, out, &error) == 0)
		return true;
	sqlite3_result_error(context, error.message, -1);
	return false;
}

void itsm_index_business_seconds(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	struct itsm_calendar *calendar;
	struct itsm_error error;
	int64_t from, to, seconds;

	(void)count;
	if (read_moment(context, index, values[1], &from) != 1 || read_moment(context, index, values[2], &to) != 1 ||
		!read_calendar(context, index, values[0], &calendar))
		return;
	if (itsm_calendar_seconds(calendar, from, to, &seconds, &error) == 0)
		sqlite3_result_int64(context, seconds);
	else
		sqlite3_result_error(context, error.message, -1);
}

void itsm_index_business_add(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	struct itsm_calendar *calendar;
	struct itsm_error error;
	char text[ITSM_TIME_TEXT];
	int64_t from, when;

	(void)count;
	if (sqlite3_value_type(values[2]) == SQLITE_NULL || read_moment(context, index, values[1], &from) != 1 ||
		!read_calendar(context, index, values[0], &calendar))
		return;
	if (itsm_calendar_add(calendar, from, sqlite3_value_int64(values[2]), &when, &error) == 0) {
		itsm_time_format_utc(when, text);
		sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
	} else {
		sqlite3_result_error(context, error.message, -1);
	}
}

/* items, services, start, end from four values on. False: NULL, or an error that was told. */
static bool read_work(sqlite3_context *context, const struct itsm_index *index, sqlite3_value **values,
	struct itsm_work *out)
{
	*out = (struct itsm_work){(const char *)sqlite3_value_text(values[0]), (const char *)sqlite3_value_text(values[1]),
		0, 0};
	return read_moment(context, index, values[2], &out->start) == 1 &&
		read_moment(context, index, values[3], &out->end) == 1;
}

/* freeze(strength, items, services, start, end): the first one that is in the way, in words. */
void itsm_index_freeze(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	const char *strength = (const char *)sqlite3_value_text(values[0]);
	struct itsm_arena *arena;
	struct itsm_calendar_event *events;
	struct itsm_error error;
	struct itsm_work work;
	size_t found;

	(void)count;
	if (!strength || (strcmp(strength, "hard") != 0 && strcmp(strength, "soft") != 0 && strcmp(strength, "any") != 0)) {
		sqlite3_result_error(context, "freeze() is asked for 'hard', 'soft' or 'any'", -1);
		return;
	}
	if (!read_work(context, index, values + 1, &work))
		return;
	arena = itsm_arena_new();
	if (itsm_index_freezes_now(index, arena, &work, &events, &found, &error) != 0) {
		sqlite3_result_error(context, error.message, -1);
		found = 0;
	}
	for (size_t i = 0; i < found; i++) {
		char start[ITSM_TIME_TEXT], end[ITSM_TIME_TEXT];

		if (*strength != 'a' && events[i].entry->hard != (*strength == 'h'))
			continue;
		itsm_time_format_utc(events[i].start, start);
		itsm_time_format_utc(events[i].end, end);
		sqlite3_result_text(context, itsm_arena_printf(arena, "'%s' of calendar %s, from %s to %s",
			events[i].entry->name, events[i].entry->calendar, start, end), -1, SQLITE_TRANSIENT);
		break;
	}
	itsm_arena_free(arena);
}

/* window_miss(items, services, start, end): how it is outside of its maintenance windows, in words. */
void itsm_index_window_miss(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	struct itsm_arena *arena;
	struct itsm_window_result result;
	struct itsm_error error;
	struct itsm_work work;
	char moment[ITSM_TIME_TEXT];

	(void)count;
	if (!read_work(context, index, values, &work))
		return;
	arena = itsm_arena_new();
	if (itsm_index_windows_now(index, arena, &work, &result, &error) != 0) {
		sqlite3_result_error(context, error.message, -1);
	} else if (result.answer != ITSM_WINDOW_FINE) {
		itsm_time_format_utc(result.answer == ITSM_WINDOW_OVERRUN ? result.to : result.from, moment);
		sqlite3_result_text(context, result.answer == ITSM_WINDOW_OVERRUN ?
			itsm_arena_printf(arena, "runs past the end of the maintenance window of %s at %s",
				result.about ? result.about : "all", moment) :
			itsm_arena_printf(arena, "misses the maintenance window of %s%s%s",
				result.about ? result.about : "all", result.name ? "; the next one opens at " : "",
				result.name ? moment : ""), -1, SQLITE_TRANSIENT);
	}
	itsm_arena_free(arena);
}

/* calendar_faults(): what is wrong with calendars, as JSON. */
void itsm_index_calendar_faults_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	struct itsm_buffer json = {0};
	struct itsm_error error;

	(void)count;
	(void)values;
	if (itsm_index_calendar_faults(index, &json, &error) == 0)
		sqlite3_result_text(context, json.data, (int)json.length, SQLITE_TRANSIENT);
	else
		sqlite3_result_error(context, error.message, -1);
	itsm_buffer_free(&json);
}
