/* sla_due(), sla_left(), sla_status(): one clock of a record for SQL. */
#include <string.h>

#include "clock.h"
#include "itsm/time.h"

/* Is `a` the one to look at rather than `b`: still to end, then due first, then breached? */
static bool is_nearer(const struct itsm_sla_clock *a, const struct itsm_sla_clock *b)
{
	if (a->ended != b->ended)
		return !a->ended;
	if (a->ended)
		return a->breached && !b->breached;
	if (a->has_due != b->has_due)
		return a->has_due;
	return a->due < b->due;
}

/* The clock that the arguments mean. NULL for none; the context has the error when there was one. */
static const struct itsm_sla_clock *find(sqlite3_context *context, struct itsm_arena *arena, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	const char *id = (const char *)sqlite3_value_text(values[0]);
	const char *name = count > 1 ? (const char *)sqlite3_value_text(values[1]) : NULL;
	const struct itsm_sla_clock *found = NULL;
	struct itsm_clocks clocks = {0};
	struct itsm_error error = {0};
	bool foreign = index->foreign;
	int status;

	if (!id || (count > 1 && !name))
		return NULL;
	if (name && strcmp(name, clock_names[0]) != 0 && strcmp(name, clock_names[1]) != 0) {
		sqlite3_result_error(context, "the clocks are called 'respond' and 'resolve'", -1);
		return NULL;
	}
	index->foreign = false;
	status = itsm_index_clocks_of(index, arena, id, false, &clocks, &error);
	index->foreign = foreign;
	if (status != 0)
		sqlite3_result_error(context, error.message, -1);
	for (size_t i = 0; status == 0 && i < clocks.count; i++)
		if ((!name || strcmp(name, clocks.clocks[i].name) == 0) && clocks.clocks[i].sla.status != ITSM_SLA_UNKNOWN && (!found || is_nearer(&clocks.clocks[i].sla, found)))
			found = &clocks.clocks[i].sla;
	return found;
}

void itsm_index_sla_due(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_sla_clock *clock = find(context, arena, count, values);
	char text[ITSM_TIME_TEXT];

	if (clock && !clock->ended && clock->has_due) {
		itsm_time_format_utc(clock->due, text);
		sqlite3_result_text(context, text, -1, SQLITE_TRANSIENT);
	}
	itsm_arena_free(arena);
}

void itsm_index_sla_left(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_sla_clock *clock = find(context, arena, count, values);

	if (clock && !clock->ended)
		sqlite3_result_int64(context, clock->left);
	itsm_arena_free(arena);
}

void itsm_index_sla_status(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_sla_clock *clock = find(context, arena, count, values);

	if (clock)
		sqlite3_result_text(context, itsm_sla_status_name(clock->status), -1, SQLITE_STATIC);
	itsm_arena_free(arena);
}
