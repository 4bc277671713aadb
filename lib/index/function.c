/* The functions that SQL has here besides SQLite's own. */
#include <string.h>

#include "clock.h"
#include "itsm/id.h"
#include "itsm/time.h"

static const char *text_of(sqlite3_value *value)
{
	return (const char *)sqlite3_value_text(value);
}

static void result_moment(sqlite3_context *context, int64_t seconds)
{
	char text[ITSM_TIME_TEXT];

	itsm_time_format_utc(seconds, text);
	sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
}

static void now_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct itsm_index *index = sqlite3_user_data(context);

	(void)count;
	(void)values;
	result_moment(context, index->now);
}

static void moment_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct itsm_index *index = sqlite3_user_data(context);
	const char *text = text_of(values[0]);
	struct itsm_error error;
	int64_t seconds;

	(void)count;
	if (!text)
		return;
	if (itsm_moment_parse(text, index->now, &seconds, &error) == 0)
		result_moment(context, seconds);
	else
		sqlite3_result_error(context, error.message, -1);
}

static void duration_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *text = text_of(values[0]);
	int64_t seconds;

	(void)count;
	if (!text)
		return;
	if (itsm_duration_parse(text, &seconds))
		sqlite3_result_int64(context, seconds);
	else
		sqlite3_result_error(context, "duration() takes 90s, 30m, 4h, 7d or 2w", -1);
}

static void slug_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	const char *text = text_of(values[0]);
	char slug[ITSM_ID_MAX];

	(void)count;
	if (text && itsm_id_slug(text, slug))
		sqlite3_result_text(context, slug, -1, SQLITE_TRANSIENT);
}

static void misplaced_filled(sqlite3_context *context, int count, sqlite3_value **values)
{
	(void)count;
	(void)values;
	sqlite3_result_error(context, "filled() is for guards and checks; use the view section", -1);
}

/* itsm_filled(content, section): what token.c makes of filled(section). */
static void filled_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	bool foreign = index->foreign, filled = false;
	sqlite3_stmt *statement;

	(void)count;
	index->foreign = false;
	statement = itsm_index_statement(index, SQL_FILLED, 0, NULL);
	if (statement) {
		sqlite3_bind_int64(statement, 1, sqlite3_value_int64(values[0]));
		sqlite3_bind_value(statement, 2, values[1]);
		while (sqlite3_step(statement) == SQLITE_ROW)
			filled |= sqlite3_column_int(statement, 0) != 0;
		sqlite3_reset(statement);
		sqlite3_result_int(context, filled);
	} else {
		sqlite3_result_error(context, sqlite3_errmsg(index->db), -1);
	}
	index->foreign = foreign;
}

int itsm_index_functions(struct itsm_index *index, struct itsm_error *err)
{
	static const struct {
		const char *name;
		int arguments, flags;
		void (*function)(sqlite3_context *context, int count, sqlite3_value **values);
	} functions[] = {
		{"now", 0, SQLITE_DETERMINISTIC, now_function},
		{"moment", 1, SQLITE_DETERMINISTIC, moment_function},
		{"duration", 1, SQLITE_DETERMINISTIC, duration_function},
		{"slug", 1, SQLITE_DETERMINISTIC, slug_function},
		{"filled", 1, 0, misplaced_filled},
		{"itsm_filled", 2, 0, filled_function},
		{"priority", 3, 0, itsm_index_priority},
		{"sla_due", 1, 0, itsm_index_sla_due},
		{"sla_due", 2, 0, itsm_index_sla_due},
		{"sla_left", 1, 0, itsm_index_sla_left},
		{"sla_left", 2, 0, itsm_index_sla_left},
		{"sla_status", 1, 0, itsm_index_sla_status},
		{"sla_status", 2, 0, itsm_index_sla_status},
		{"business_seconds", 3, SQLITE_DETERMINISTIC, itsm_index_business_seconds},
		{"calendar_faults", 0, SQLITE_DETERMINISTIC, itsm_index_calendar_faults_function},
		{"collisions", 0, SQLITE_DETERMINISTIC, itsm_index_collisions_function},
		{"freeze", 5, SQLITE_DETERMINISTIC, itsm_index_freeze},
		{"window_miss", 4, SQLITE_DETERMINISTIC, itsm_index_window_miss},
		{"business_add", 3, SQLITE_DETERMINISTIC, itsm_index_business_add},
		{"itsm_risk_known", 2, 0, itsm_index_risk_known_function},
		{"itsm_risk", -1, 0, itsm_index_risk_function},
		{"itsm_risk_rank", -1, SQLITE_DETERMINISTIC, itsm_index_risk_rank_function},
		{"instr", 2, SQLITE_DETERMINISTIC, itsm_index_instr},
		{"replace", 3, SQLITE_DETERMINISTIC, itsm_index_replace},
		{"trim", 2, SQLITE_DETERMINISTIC, itsm_index_trim},
		{"ltrim", 2, SQLITE_DETERMINISTIC, itsm_index_trim_left},
		{"rtrim", 2, SQLITE_DETERMINISTIC, itsm_index_trim_right},
	};

	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		if (sqlite3_create_function_v2(index->db, functions[i].name, functions[i].arguments,
			    functions[i].flags | SQLITE_UTF8 | SQLITE_INNOCUOUS, index, functions[i].function, NULL,
			    NULL, NULL) != SQLITE_OK)
			return itsm_index_sql_error(index, err);
	}
	return itsm_index_clock_table(index, err);
}

void itsm_index_set_now(struct itsm_index *index, int64_t now)
{
	index->now = now;
}
