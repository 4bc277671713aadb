/* Business time in SQL. */
#include <string.h>

#include "index.h"
#include "itsm/calendar.h"
#include "itsm/time.h"

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
