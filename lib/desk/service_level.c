/* `itsm sla`: which clocks, of which records. How they stand is lib/index/clock.c's business. */
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "itsm/service_level.h"
#include "itsm/sql.h"

/*
 * The desk as it was then, its history known (before anything is read: what is learnt while a statement reads stays in
 * SQLite's log), and the index's clock at that moment.
 */
static int view_then(struct itsm_desk *desk, const char *at, struct itsm_index **index, int64_t *now, struct itsm_error *err)
{
	int status = desk_moment_of(desk, at, now, err);

	if (status == 0)
		status = desk_view_history(desk, at, index, err);
	if (status == 0)
		itsm_index_set_now(*index, *now);
	return status;
}

int itsm_desk_clocks(struct itsm_desk *desk, struct itsm_arena *arena, const char *word, const char *at, bool explain,
	struct itsm_hit *hit, struct itsm_clocks *out, struct itsm_error *err)
{
	struct itsm_index *index;
	int64_t now;
	int status = view_then(desk, at, &index, &now, err);

	if (status != 0)
		return status;
	status = itsm_index_find(index, arena, word, NULL, hit, err);
	if (status == 0)
		status = itsm_index_clocks(index, arena, hit->id, explain, out, err);
	itsm_index_set_now(index, desk->options.now);
	return status;
}

struct gathering {
	struct itsm_index *index;
	struct itsm_arena *arena;
	const struct itsm_service_level_options *options;
	int64_t now;
	struct itsm_service_level *items;
	size_t count, capacity;
};

static bool is_wanted(const struct gathering *gathering, const struct itsm_clock *clock)
{
	const struct itsm_sla_clock *sla = &clock->sla;

	if (sla->status == ITSM_SLA_UNKNOWN)
		return !gathering->options->breaching;
	if (sla->ended)
		return false;
	return !gathering->options->breaching || sla->breached ||
		(sla->has_due && sla->due - gathering->now < gathering->options->within);
}

static const char *text_of(struct itsm_arena *arena, const struct itsm_query *query, size_t column)
{
	struct itsm_value value = itsm_query_value(query, column);

	return value.type == ITSM_VALUE_NULL || !value.text ? NULL : itsm_arena_strdup(arena, value.text);
}

static int add_record(struct gathering *gathering, const char *kind, const struct itsm_query *row, struct itsm_error *err)
{
	struct itsm_arena *arena = gathering->arena;
	struct itsm_service_level level = {
		text_of(arena, row, 0), kind, text_of(arena, row, 1), text_of(arena, row, 2), {0},
	};
	struct itsm_clocks clocks;
	int status = itsm_index_clocks(gathering->index, arena, level.id, false, &clocks, err);

	for (size_t i = 0; status == 0 && i < clocks.count; i++) {
		if (!is_wanted(gathering, &clocks.clocks[i]))
			continue;
		level.clock = clocks.clocks[i];
		itsm_arena_grow(arena, &gathering->items, &gathering->capacity, gathering->count, sizeof(*gathering->items));
		gathering->items[gathering->count++] = level;
	}
	return status;
}

static int add_kind(struct gathering *gathering, const char *kind, struct itsm_error *err)
{
	const struct itsm_service_level_options *options = gathering->options;
	const char **words = itsm_arena_alloc(gathering->arena, (options->words.count + 1) * sizeof(*words));
	struct itsm_list_options list = {.kind = kind, .words = words, .word_count = options->words.count + 1,
		.sort = "id", .columns = "id,state,title"};
	struct itsm_query *query;
	int status;

	words[0] = "state:open";
	memcpy(words + 1, options->words.items, options->words.count * sizeof(*words));
	status = options->words.count ? itsm_index_list(gathering->index, &list, &query, err) :
		itsm_index_open_records(gathering->index, kind, &query, err);
	if (status != 0)
		return status;
	while (status == 0 && (status = itsm_query_next(query, err)) == 1)
		status = add_record(gathering, kind, query, err);
	itsm_query_free(query);
	return status;
}

static int compare_levels(const void *a, const void *b)
{
	const struct itsm_service_level *left = a, *right = b;

	if (left->clock.sla.has_due != right->clock.sla.has_due)
		return left->clock.sla.has_due ? -1 : 1;
	if (left->clock.sla.due != right->clock.sla.due)
		return left->clock.sla.due < right->clock.sla.due ? -1 : 1;
	return strcmp(left->id, right->id);
}

int itsm_desk_service_levels(struct itsm_desk *desk, struct itsm_arena *arena,
	const struct itsm_service_level_options *options, struct itsm_service_level **out, size_t *count, struct itsm_error *err)
{
	struct gathering gathering = {.arena = arena, .options = options};
	const char *const *kinds = NULL;
	int status = view_then(desk, options->at, &gathering.index, &gathering.now, err);

	if (status != 0)
		return status;
	status = itsm_index_clock_kinds(gathering.index, arena, &kinds, err);
	for (; status == 0 && *kinds; kinds++)
		if (!options->kind || strcmp(options->kind, *kinds) == 0)
			status = add_kind(&gathering, *kinds, err);
	itsm_index_set_now(gathering.index, desk->options.now);
	if (status != 0)
		return status;
	if (gathering.count)
		qsort(gathering.items, gathering.count, sizeof(*gathering.items), compare_levels);
	*out = gathering.items;
	*count = gathering.count;
	return 0;
}

/* What a report can be by, and the SQL over the clock `s` and its record `r`. */
static const struct {
	const char *name, *sql;
} dimensions[] = {
	{"service", "r.service"}, {"team", "r.team"}, {"customer", "r.customer"}, {"priority", "s.priority"},
	{"agreement", "s.agreement"}, {"kind", "s.kind"}, {"month", "substr(coalesce(s.\"end\", s.due), 1, 7)"},
};

static const char *dimension_sql(const char *name, struct itsm_error *err)
{
	for (size_t i = 0; i < sizeof(dimensions) / sizeof(*dimensions); i++)
		if (strcmp(dimensions[i].name, name) == 0)
			return dimensions[i].sql;
	itsm_error_set(err, ITSM_EUSAGE,
		"a report is by service, team, customer, priority, agreement, kind or month, not by '%s'", name);
	return NULL;
}

/* The records that clocks may be of, with the fields that reports are by. */
static void select_records(struct itsm_desk *desk, const char *const *kinds, struct itsm_buffer *sql)
{
	static const char *const fields[] = {"service", "team", "customer"};

	itsm_buffer_puts(sql, "SELECT NULL AS id, NULL AS service, NULL AS team, NULL AS customer WHERE 0");
	for (; *kinds; kinds++) {
		const struct itsm_kind *kind = itsm_kinds_find(desk->kinds, *kinds);

		itsm_buffer_puts(sql, " UNION ALL SELECT id");
		for (size_t i = 0; i < 3; i++)
			itsm_buffer_printf(sql, kind && itsm_kind_field(kind, fields[i]) ? ", %s" : ", NULL", fields[i]);
		itsm_buffer_printf(sql, " FROM \"%s\"", *kinds);
	}
}

static int read_period(struct itsm_desk *desk, const struct itsm_service_level_report *report, struct itsm_value values[2],
	char texts[2][ITSM_TIME_TEXT], struct itsm_error *err)
{
	int64_t now = desk->options.now, from = 0, to = now + 1, other;
	int status = 0;

	if (report->from)
		status = itsm_span_parse(report->from, now, &from, &other, err);
	if (status == 0 && report->to)
		status = itsm_span_parse(report->to, now, &other, &to, err);
	if (status == 0 && from >= to)
		status = itsm_error_set(err, ITSM_EUSAGE, "the period ends before it begins; give --from before --to");
	itsm_time_format_utc(from, texts[0]);
	itsm_time_format_utc(to, texts[1]);
	for (int i = 0; i < 2; i++)
		values[i] = (struct itsm_value){.type = ITSM_VALUE_TEXT, .text = texts[i]};
	return status;
}

int itsm_desk_service_level_report(struct itsm_desk *desk, const struct itsm_service_level_report *report,
	struct itsm_query **out, struct itsm_error *err)
{
	const char *by = report->by ? dimension_sql(report->by, err) : NULL;
	const char *const *kinds;
	struct itsm_index *index;
	struct itsm_buffer sql = {0};
	struct itsm_value values[2];
	char texts[2][ITSM_TIME_TEXT];
	int status;

	if ((report->by && !by) || (status = read_period(desk, report, values, texts, err)) != 0)
		return ITSM_EUSAGE;
	if ((status = desk_view_history(desk, NULL, &index, err)) != 0 ||
		(status = itsm_index_clock_kinds(index, desk->arena, &kinds, err)) != 0)
		return status;
	itsm_buffer_puts(&sql, "SELECT ");
	if (by)
		itsm_buffer_printf(&sql, "%s AS \"%s\", ", by, report->by);
	itsm_buffer_puts(&sql, "s.type AS type, s.clock AS clock, count(*) AS clocks, sum(NOT s.breached) AS met,"
		" sum(s.breached) AS breached, round(100.0 * sum(NOT s.breached) / count(*), 1) AS percent,"
		" CAST(round(avg(s.elapsed)) AS INTEGER) AS mean, max(CASE WHEN s.breached THEN -s.\"left\" END) AS worst FROM sla AS s");
	if (by && by[0] == 'r') {
		itsm_buffer_puts(&sql, " LEFT JOIN (");
		select_records(desk, kinds, &sql);
		itsm_buffer_puts(&sql, ") AS r ON r.id = s.id");
	}
	itsm_buffer_puts(&sql, " WHERE s.status <> 'withdrawn' AND (s.ended OR s.breached)"
		" AND coalesce(s.\"end\", s.due) >= ?1 AND coalesce(s.\"end\", s.due) < ?2 GROUP BY ");
	itsm_buffer_puts(&sql, by ? "1, 2, 3 ORDER BY 1 NULLS LAST, 2 DESC, 3" : "1, 2 ORDER BY 1 DESC, 2");
	status = itsm_query_open(index, sql.data, values, 2, out, err);
	itsm_buffer_free(&sql);
	return status;
}
