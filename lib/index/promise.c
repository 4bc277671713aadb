/* Which times are promised: read from the agreements and offerings of the snapshot in use. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "itsm/json.h"
#include "itsm/time.h"

const char *const clock_names[CLOCK_NAMES] = {"respond", "resolve"};

/* An agreement by `a.`, its target by `t.`; a field the desk took away is NULL. */
static const char *const agreement_fields[] = {
	"type", "service", "customer", "team", "supplier", "calendar", "pauses", "warn", "restart", "valid_from", "valid_to",
};

enum agreement_column {
	A_ID, A_TYPE, A_SERVICE, A_CUSTOMER, A_TEAM, A_SUPPLIER, A_CALENDAR, A_PAUSES, A_WARN, A_RESTART, A_FROM, A_TO,
	A_KIND, A_PRIORITY, A_TIMES, A_END = A_TIMES + CLOCK_NAMES,
};

static bool has_column(const struct itsm_kind *kind, const char *column)
{
	size_t count;
	const struct itsm_field *const *columns = itsm_kind_columns(kind, &count);

	for (size_t i = 0; i < count; i++)
		if (strcmp(columns[i]->column, column) == 0)
			return true;
	return false;
}

static const char *text_at(sqlite3_stmt *row, int column, struct itsm_arena *arena)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text && *text ? itsm_arena_strdup(arena, text) : NULL;
}

/* Seconds of a duration in a list of objects (text) or in a column (seconds); -1 for none. */
static int64_t duration_at(sqlite3_stmt *row, int column)
{
	const char *text;
	int64_t seconds;

	if (sqlite3_column_type(row, column) == SQLITE_NULL)
		return -1;
	if (sqlite3_column_type(row, column) == SQLITE_INTEGER)
		seconds = sqlite3_column_int64(row, column);
	else if (!(text = (const char *)sqlite3_column_text(row, column)) || !itsm_duration_parse(text, &seconds))
		return -1;
	return seconds < 0 ? -1 : seconds;
}

/* ["pending", "approval"] */
static const char *const *list_at(sqlite3_stmt *row, int column, struct itsm_arena *arena)
{
	const char *text = (const char *)sqlite3_column_text(row, column);
	struct itsm_yaml *list = NULL;
	const char **names;
	size_t used = 0;

	if (!text || itsm_json_parse(arena, text, strlen(text), &list, NULL) != 0 || list->type != ITSM_YAML_SEQUENCE)
		return NULL;
	names = itsm_arena_alloc(arena, (list->count + 1) * sizeof(*names));
	for (size_t i = 0; i < list->count; i++)
		if (list->items[i]->type == ITSM_YAML_SCALAR)
			names[used++] = list->items[i]->text;
	return names;
}

static void sort_states(struct itsm_arena *arena, struct clock_kind *out)
{
	const struct itsm_kind *kind = out->kind;
	size_t size = (kind->state_count + 1) * sizeof(const char *), respond = 0, resolve = 0, withdrawn = 0;

	for (size_t i = 0; i < CLOCK_NAMES; i++)
		out->stops[i] = itsm_arena_alloc(arena, size);
	out->withdrawals = itsm_arena_alloc(arena, size);
	for (size_t i = 0; i < kind->state_count; i++) {
		const struct itsm_state *state = &kind->states[i];

		if (state->withdrawn)
			out->withdrawals[withdrawn++] = state->name;
		else if (i)
			out->stops[0][respond++] = state->name;
		if (!state->withdrawn && !state->open)
			out->stops[1][resolve++] = state->name;
	}
}

/* The kind of this name, as promises see it; NULL when there is none that has states. */
static struct clock_kind *kind_of(struct itsm_index *index, struct promises *promises, const char *name)
{
	const struct itsm_kind *kind = itsm_kinds_find(index->options.kinds, name ? name : "incident");
	struct clock_kind *out;

	if (!kind || !kind->state_count || kind->part)
		return NULL;
	for (size_t i = 0; i < promises->kind_count; i++)
		if (promises->kinds[i].kind == kind)
			return &promises->kinds[i];
	out = &promises->kinds[promises->kind_count++];
	*out = (struct clock_kind){.kind = kind, .number = itsm_index_shape(index, kind)->number};
	sort_states(promises->arena, out);
	return out;
}

/* The last promise when it is of this agreement and kind, else a new one with nothing promised yet. */
static struct promise *promise_of(struct promises *promises, const char *id, const struct clock_kind *kind)
{
	struct promise *promise;

	for (size_t i = promises->count; i-- > 0 && strcmp(promises->items[i].id, id) == 0;)
		if (promises->items[i].kind == kind)
			return &promises->items[i];
	itsm_arena_grow(promises->arena, &promises->items, &promises->capacity, promises->count, sizeof(*promise));
	promise = &promises->items[promises->count++];
	*promise = (struct promise){.id = itsm_arena_strdup(promises->arena, id), .kind = kind};
	for (size_t i = 0; i < CLOCK_NAMES; i++)
		for (size_t j = 0; j < ITSM_SLA_PRIORITIES; j++)
			promise->goals[i][j] = -1;
	return promise;
}

static void read_agreement(struct promises *promises, sqlite3_stmt *row, struct promise *promise)
{
	struct itsm_arena *arena = promises->arena;
	const char *restart = (const char *)sqlite3_column_text(row, A_RESTART);

	if (promise->type)
		return;
	promise->type = text_at(row, A_TYPE, arena);
	promise->type = promise->type ? promise->type : "sla";
	promise->service = text_at(row, A_SERVICE, arena);
	promise->customer = text_at(row, A_CUSTOMER, arena);
	if (strcmp(promise->type, "ola") == 0)
		promise->team = text_at(row, A_TEAM, arena);
	if (strcmp(promise->type, "contract") == 0)
		promise->supplier = text_at(row, A_SUPPLIER, arena);
	promise->calendar = text_at(row, A_CALENDAR, arena);
	promise->pauses = list_at(row, A_PAUSES, arena);
	promise->warn = sqlite3_column_int(row, A_WARN);
	promise->afresh = restart && strcmp(restart, "afresh") == 0;
	promise->from = text_at(row, A_FROM, arena);
	promise->to = text_at(row, A_TO, arena);
}

/* A target without a priority is for those that none names. */
static void read_target(sqlite3_stmt *row, struct promise *promise, bool any)
{
	int priority = sqlite3_column_int(row, A_PRIORITY);

	if (any != (sqlite3_column_type(row, A_PRIORITY) == SQLITE_NULL))
		return;
	for (int i = 0; i < CLOCK_NAMES; i++) {
		int64_t goal = duration_at(row, A_TIMES + i);

		for (int j = 0; any && j < ITSM_SLA_PRIORITIES; j++)
			promise->goals[i][j] = goal;
		if (!any && priority > 0 && priority < ITSM_SLA_PRIORITIES)
			promise->goals[i][priority] = goal;
	}
}

static int read_agreements(struct itsm_index *index, struct promises *promises, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(index->options.kinds, "agreement");
	struct itsm_buffer sql = {0};
	sqlite3_stmt *rows = NULL;
	int status;

	if (!kind || !has_column(kind, "targets"))
		return 0;
	itsm_buffer_puts(&sql, "SELECT e.id");
	for (size_t i = 0; i < sizeof(agreement_fields) / sizeof(*agreement_fields); i++)
		itsm_buffer_printf(&sql, has_column(kind, agreement_fields[i]) ? ", a.f_%s" : ", NULL", agreement_fields[i]);
	itsm_buffer_printf(&sql, ", json_extract(t.value, '$.kind'), json_extract(t.value, '$.priority') AS priority,"
		" json_extract(t.value, '$.respond'), json_extract(t.value, '$.resolve')"
		" FROM itsm_k_agreement AS a CROSS JOIN %s AS e ON e.bid = a.bid CROSS JOIN json_each(a.f_targets) AS t"
		" WHERE a.itsm_state IN ('active', 'expired') AND t.type = 'object'"
		" ORDER BY a.f_type, e.id, priority IS NOT NULL", itsm_index_entry_table(index, index->snapshot));
	status = itsm_index_prepare(index, sql.data, &rows, err);
	itsm_buffer_free(&sql);
	while (status == 0 && (status = itsm_index_step(index, rows, err)) == 1) {
		const struct clock_kind *of = kind_of(index, promises, (const char *)sqlite3_column_text(rows, A_KIND));
		struct promise *promise = of ? promise_of(promises, (const char *)sqlite3_column_text(rows, A_ID), of) : NULL;

		status = 0;
		if (!promise)
			continue;
		read_agreement(promises, rows, promise);
		read_target(rows, promise, sqlite3_column_type(rows, A_PRIORITY) == SQLITE_NULL);
	}
	sqlite3_finalize(rows);
	return status;
}

/* What the catalogue promises those who order from it. */
static int read_offerings(struct itsm_index *index, struct promises *promises, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(index->options.kinds, "offering");
	const struct itsm_kind *request = itsm_kinds_find(index->options.kinds, "request");
	sqlite3_stmt *rows = NULL;
	const char *sql;
	int status;

	if (!kind || !request || !has_column(kind, "delivery") || !has_column(request, "offering"))
		return 0;
	sql = itsm_arena_printf(promises->arena, "SELECT e.id, o.f_delivery, %s, %s FROM itsm_k_offering AS o CROSS JOIN %s AS e"
		" ON e.bid = o.bid WHERE o.f_delivery IS NOT NULL ORDER BY e.id",
		has_column(kind, "calendar") ? "o.f_calendar" : "NULL", has_column(kind, "pauses") ? "o.f_pauses" : "NULL",
		itsm_index_entry_table(index, index->snapshot));
	status = itsm_index_prepare(index, sql, &rows, err);
	while (status == 0 && (status = itsm_index_step(index, rows, err)) == 1) {
		const struct clock_kind *of = kind_of(index, promises, "request");
		struct promise *promise = of ? promise_of(promises, (const char *)sqlite3_column_text(rows, 0), of) : NULL;

		status = 0;
		if (!promise)
			continue;
		promise->type = "offering";
		promise->offering = promise->id;
		promise->calendar = text_at(rows, 2, promises->arena);
		promise->pauses = list_at(rows, 3, promises->arena);
		for (size_t j = 0; j < ITSM_SLA_PRIORITIES; j++)
			promise->goals[1][j] = duration_at(rows, 1);
	}
	sqlite3_finalize(rows);
	return status;
}

static void promises_free(struct promises *promises)
{
	for (size_t i = 0; i < promises->kind_count; i++)
		sqlite3_finalize(promises->kinds[i].one);
	itsm_arena_free(promises->arena);
	*promises = (struct promises){0};
}

void itsm_index_clocks_free(struct itsm_index *index)
{
	if (index->clocks)
		promises_free(&index->clocks->promises);
	free(index->clocks);
	index->clocks = NULL;
}

static int read_all(struct itsm_index *index, struct promises *promises, struct itsm_error *err)
{
	int status;

	promises_free(promises);
	promises->arena = itsm_arena_new();
	promises->kinds = itsm_arena_alloc(promises->arena, (index->kind_count + 1) * sizeof(*promises->kinds));
	status = read_agreements(index, promises, err);
	return status == 0 ? read_offerings(index, promises, err) : status;
}

int itsm_index_promises(struct itsm_index *index, struct index_clocks **out, struct itsm_error *err)
{
	struct index_clocks *clocks = index->clocks;
	int64_t changes = itsm_index_changes(index);
	int status;

	if (!clocks)
		clocks = index->clocks = calloc(1, sizeof(*clocks));
	*out = clocks;
	if (clocks->promises.arena && (clocks->users || (clocks->snapshot == index->snapshot &&
		clocks->position == index->position && clocks->changes == changes)))
		return 0;
	status = read_all(index, &clocks->promises, err);
	clocks->snapshot = index->snapshot;
	clocks->position = index->position;
	clocks->changes = changes;
	if (status != 0)
		promises_free(&clocks->promises);
	return status;
}
