/* `itsm metrics`: which metrics there are, asking one, and its figures by group and by time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"
#include "itsm/clock.h"
#include "itsm/measure.h"
#include "itsm/sql.h"

#define MONTH (30 * 86400)

struct measuring {
	struct itsm_desk *desk;
	struct itsm_index *index;
	struct itsm_arena *arena;
	const struct itsm_measure_options *options;
	struct itsm_measures *out;
	char from[ITSM_TIME_TEXT], to[ITSM_TIME_TEXT];
	const struct itsm_metric **metrics; /* by name */
	size_t metric_count, capacity;
};

static bool is_period(const char *by)
{
	static const char *const periods[] = {"day", "week", "month", "quarter", "year", NULL};

	return itsm_list_has(periods, by);
}

/* ---- which there are ---- */

static void add_metric(struct measuring *measuring, const struct itsm_metric *metric)
{
	size_t at = 0;

	while (at < measuring->metric_count && strcmp(measuring->metrics[at]->name, metric->name) < 0)
		at++;
	if (at < measuring->metric_count && strcmp(measuring->metrics[at]->name, metric->name) == 0) {
		measuring->metrics[at] = metric;
		return;
	}
	itsm_arena_insert(measuring->arena, &measuring->metrics, &measuring->capacity, &measuring->metric_count, at, metric);
}

static const char *text_of(struct itsm_arena *arena, const struct itsm_query *query, size_t column)
{
	struct itsm_value value = itsm_query_value(query, column);

	switch (value.type) {
	case ITSM_VALUE_NULL:
		return NULL;
	case ITSM_VALUE_INTEGER:
	case ITSM_VALUE_BOOLEAN:
		return itsm_arena_printf(arena, "%lld", (long long)value.integer);
	case ITSM_VALUE_REAL:
		return itsm_arena_printf(arena, "%.10g", value.real);
	default:
		return itsm_arena_strdup(arena, value.text);
	}
}

static double number_of(const struct itsm_query *query, size_t column)
{
	struct itsm_value value = itsm_query_value(query, column);

	return value.type == ITSM_VALUE_REAL ? value.real : value.type == ITSM_VALUE_INTEGER || value.type == ITSM_VALUE_BOOLEAN ?
		(double)value.integer : value.type == ITSM_VALUE_NULL ? NAN : strtod(value.text, NULL);
}

/* The desk's own: they take the place of built-in ones of the same name. */
static int add_own(struct measuring *measuring, struct itsm_error *err)
{
	static const char sql[] = "SELECT id, name, description, unit, direction, figure, sql, target FROM metric"
		" WHERE sql IS NOT NULL AND coalesce(active, 1) ORDER BY id";
	struct itsm_arena *arena = measuring->arena;
	struct itsm_query *query;
	int status;

	if (!itsm_kinds_find(measuring->desk->kinds, "metric"))
		return 0;
	status = itsm_query_open(measuring->index, sql, NULL, 0, &query, err);
	while (status == 0 && (status = itsm_query_next(query, err)) == 1) {
		struct itsm_metric *metric = itsm_arena_alloc(arena, sizeof(*metric));
		const char *figure = text_of(arena, query, 5);
		double target = number_of(query, 7);

		*metric = (struct itsm_metric){text_of(arena, query, 0), text_of(arena, query, 1), text_of(arena, query, 2),
			text_of(arena, query, 3), text_of(arena, query, 4), ITSM_FIGURE_VALUE, text_of(arena, query, 6), true,
			!isnan(target), isnan(target) ? 0 : target};
		if (figure)
			itsm_figure_find(figure, &metric->figure);
		add_metric(measuring, metric);
		status = 0;
	}
	if (status >= 0)
		itsm_query_free(query);
	return status;
}

static int find_metrics(struct measuring *measuring, struct itsm_error *err)
{
	size_t count;
	const struct itsm_metric *builtin = itsm_metrics_builtin(&count);

	for (size_t i = 0; i < count; i++)
		add_metric(measuring, &builtin[i]);
	return add_own(measuring, err);
}

static int unknown_metric(const struct measuring *measuring, const char *name, struct itsm_error *err)
{
	struct itsm_buffer names = {0};
	int status;

	for (size_t i = 0; i < measuring->metric_count; i++)
		itsm_buffer_printf(&names, "%s%s", i ? ", " : "", measuring->metrics[i]->name);
	status = itsm_error_set(err, ITSM_EUSAGE, "'%s' is no metric; there are %s", name, names.data);
	itsm_buffer_free(&names);
	return status;
}

/* Keep those that were asked for. */
static int choose(struct measuring *measuring, struct itsm_error *err)
{
	struct itsm_words names = measuring->options->names;
	const struct itsm_metric **chosen = itsm_arena_alloc(measuring->arena, (names.count + 1) * sizeof(*chosen));

	for (size_t i = 0; i < names.count; i++) {
		for (size_t j = 0; j < measuring->metric_count; j++)
			if (strcmp(measuring->metrics[j]->name, names.items[i]) == 0)
				chosen[i] = measuring->metrics[j];
		if (!chosen[i])
			return unknown_metric(measuring, names.items[i], err);
	}
	if (names.count) {
		measuring->metrics = chosen;
		measuring->metric_count = names.count;
	}
	return 0;
}

/* ---- asking one ---- */

/* Where the columns are; SIZE_MAX for none. */
struct columns {
	size_t id, at, value, weight;
	size_t *dimensions;
};

static void sort_columns(struct measuring *measuring, const struct itsm_query *query, struct itsm_measure *measure,
	struct columns *columns)
{
	size_t count = itsm_query_column_count(query);

	*columns = (struct columns){SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX, NULL};
	columns->dimensions = itsm_arena_alloc(measuring->arena, (count + 1) * sizeof(*columns->dimensions));
	measure->dimensions = itsm_arena_alloc(measuring->arena, (count + 1) * sizeof(*measure->dimensions));
	for (size_t i = 0; i < count; i++) {
		const char *name = itsm_query_column_name(query, i);

		if (strcmp(name, "id") == 0) {
			columns->id = i;
		} else if (strcmp(name, "at") == 0) {
			columns->at = i;
		} else if (strcmp(name, "value") == 0) {
			columns->value = i;
		} else if (strcmp(name, "weight") == 0) {
			columns->weight = i;
		} else {
			columns->dimensions[measure->dimension_count] = i;
			measure->dimensions[measure->dimension_count++] = itsm_arena_strdup(measuring->arena, name);
		}
	}
	/* a query that gives one figure need not name it */
	if (columns->value == SIZE_MAX && measure->metric->figure != ITSM_FIGURE_COUNT && measure->dimension_count) {
		columns->value = columns->dimensions[0];
		measure->dimension_count--;
		memmove(columns->dimensions, columns->dimensions + 1, measure->dimension_count * sizeof(*columns->dimensions));
		memmove(measure->dimensions, measure->dimensions + 1, measure->dimension_count * sizeof(*measure->dimensions));
	}
}

static void read_row(struct measuring *measuring, const struct itsm_query *query, const struct columns *columns,
	const struct itsm_measure *measure, struct itsm_measure_row *row)
{
	struct itsm_arena *arena = measuring->arena;
	struct itsm_time time;

	*row = (struct itsm_measure_row){.value = 1, .weight = 1, .moment = INT64_MIN};
	if (columns->id != SIZE_MAX)
		row->id = text_of(arena, query, columns->id);
	if (columns->at != SIZE_MAX)
		row->at = text_of(arena, query, columns->at);
	if (row->at && itsm_time_parse(row->at, &time, NULL) == 0)
		row->moment = time.seconds;
	if (columns->value != SIZE_MAX)
		row->value = number_of(query, columns->value);
	if (columns->weight != SIZE_MAX)
		row->weight = number_of(query, columns->weight);
	row->dimensions = itsm_arena_alloc(arena, (measure->dimension_count + 1) * sizeof(*row->dimensions));
	for (size_t i = 0; i < measure->dimension_count; i++)
		row->dimensions[i] = text_of(arena, query, columns->dimensions[i]);
}

/* :from and :to, where the query has them; others have no value. */
static size_t parameters_of(const struct measuring *measuring, const char *sql, struct itsm_parameter *out)
{
	const char *const names[] = {"from", "to"}, *const texts[] = {measuring->from, measuring->to};
	size_t count = 0;

	for (size_t i = 0; i < 2; i++) {
		size_t length = strlen(names[i]);

		for (const char *at = strchr(sql, ':'); at; at = strchr(at + 1, ':')) {
			if (strncmp(at + 1, names[i], length) != 0 || strspn(at + 1, "abcdefghijklmnopqrstuvwxyz_0123456789") != length)
				continue;
			out[count].name = names[i];
			out[count++].value = (struct itsm_value){.type = ITSM_VALUE_TEXT, .text = texts[i]};
			break;
		}
	}
	return count;
}

static int ask(struct measuring *measuring, struct itsm_measure *measure, struct itsm_error *err)
{
	struct itsm_parameter parameters[2];
	struct itsm_sql_request request = {.sql = measure->metric->sql, .parameters = parameters,
		.parameter_count = parameters_of(measuring, measure->metric->sql, parameters),
		.expired = measuring->options->expired, .expired_context = measuring->options->expired_context};
	struct columns columns;
	struct itsm_query *query;
	size_t capacity = 0;
	int status = itsm_query_open_bounded(measuring->index, &request, &query, err);

	if (status != 0)
		return status;
	sort_columns(measuring, query, measure, &columns);
	if (measuring->options->begin)
		measuring->options->begin(measuring->options->expired_context);
	while ((status = itsm_query_next(query, err)) == 1) {
		itsm_arena_grow(measuring->arena, &measure->rows, &capacity, measure->row_count, sizeof(*measure->rows));
		read_row(measuring, query, &columns, measure, &measure->rows[measure->row_count]);
		if (!isnan(measure->rows[measure->row_count].value))
			measure->row_count++;
	}
	itsm_query_free(query);
	return status == ITSM_ELIMIT ? itsm_error_set(err, status, "the query takes too long or gives too much; narrow the period") : status;
}

/* ---- figures ---- */

/* The value of `by` for a row; NULL for none. */
static const char *key_of(struct measuring *measuring, const struct itsm_measure_row *row, const char *by, size_t dimension)
{
	int year, month, day;
	int64_t days;

	if (!by)
		return NULL;
	if (dimension != SIZE_MAX)
		return row->dimensions[dimension];
	if (row->moment == INT64_MIN)
		return NULL;
	days = row->moment / 86400 - (row->moment % 86400 < 0);
	if (strcmp(by, "week") == 0)
		days -= ((days + 3) % 7 + 7) % 7; /* its Monday; 1970-01-01 was a Thursday */
	itsm_civil_from_days(days, &year, &month, &day);
	if (strcmp(by, "year") == 0)
		return itsm_arena_printf(measuring->arena, "%04d", year);
	if (strcmp(by, "quarter") == 0)
		return itsm_arena_printf(measuring->arena, "%04d-Q%d", year, (month + 2) / 3);
	if (strcmp(by, "month") == 0)
		return itsm_arena_printf(measuring->arena, "%04d-%02d", year, month);
	return itsm_arena_printf(measuring->arena, "%04d-%02d-%02d", year, month, day);
}

struct keyed {
	const char *key;
	const struct itsm_measure_row *row;
};

/* Numbers in order of their size, other texts as they are spelt, none last. */
static int compare_keys(const char *a, const char *b)
{
	char *end_a, *end_b;
	double left, right;

	if (!a || !b)
		return (a == NULL) - (b == NULL);
	left = strtod(a, &end_a);
	right = strtod(b, &end_b);
	if (*a && *b && !*end_a && !*end_b && left != right)
		return left < right ? -1 : 1;
	return strcmp(a, b);
}

static int compare_keyed(const void *a, const void *b)
{
	const struct keyed *left = a, *right = b;
	int order = compare_keys(left->key, right->key);

	return order ? order : (left->row > right->row) - (left->row < right->row);
}

static void compute(struct measuring *measuring, const struct itsm_measure *measure, const struct keyed *rows, size_t count,
	int step, struct itsm_figure *out)
{
	double *values = malloc((count + 1) * sizeof(*values)), *weights = malloc((count + 1) * sizeof(*weights));
	int64_t from = measuring->out->from, length = measuring->out->to - from;
	size_t used = 0;

	for (size_t i = 0; i < count && values && weights; i++) {
		int64_t at = rows[i].row->moment;

		if (step >= 0 && (at < from || at >= measuring->out->to || (int)((double)(at - from) / (double)length * ITSM_MEASURE_STEPS) != step))
			continue;
		values[used] = rows[i].row->value;
		weights[used++] = rows[i].row->weight;
	}
	itsm_figure_compute(measure->metric->figure, values, weights, used, out);
	free(values);
	free(weights);
}

static void group_rows(struct measuring *measuring, struct itsm_measure *measure, size_t dimension)
{
	struct itsm_arena *arena = measuring->arena;
	struct keyed *keyed = itsm_arena_alloc(arena, (measure->row_count + 1) * sizeof(*keyed));
	size_t capacity = 0;

	for (size_t i = 0; i < measure->row_count; i++)
		keyed[i] = (struct keyed){key_of(measuring, &measure->rows[i], measuring->options->by, dimension), &measure->rows[i]};
	if (measuring->options->by && measure->row_count)
		qsort(keyed, measure->row_count, sizeof(*keyed), compare_keyed);
	for (size_t start = 0, end; start < measure->row_count || (!measuring->options->by && !measure->group_count); start = end) {
		struct itsm_measure_group *group;

		for (end = start; end < measure->row_count && compare_keys(keyed[end].key, keyed[start].key) == 0; end++)
			;
		itsm_arena_grow(arena, &measure->groups, &capacity, measure->group_count, sizeof(*measure->groups));
		group = &measure->groups[measure->group_count++];
		group->key = start < measure->row_count ? keyed[start].key : NULL;
		compute(measuring, measure, keyed + start, end - start, -1, &group->figure);
		for (int step = 0; step < ITSM_MEASURE_STEPS; step++)
			compute(measuring, measure, keyed + start, end - start, step, &group->trend[step]);
	}
}

/* Which dimension `by` is; SIZE_MAX for a period of time. False when it is none. */
static bool find_dimension(const struct itsm_measure *measure, const char *by, size_t *out)
{
	*out = SIZE_MAX;
	if (!by)
		return true;
	for (size_t i = 0; i < measure->dimension_count; i++)
		if (strcmp(measure->dimensions[i], by) == 0)
			*out = i;
	return *out != SIZE_MAX || is_period(by);
}

static int refuse_by(const struct itsm_measure *measure, const char *by, struct itsm_error *err)
{
	struct itsm_buffer names = {0};
	int status;

	for (size_t i = 0; i < measure->dimension_count; i++)
		itsm_buffer_printf(&names, "%s, ", measure->dimensions[i]);
	status = itsm_error_set(err, ITSM_EUSAGE, "%s can't be told by '%s'; there are %sday, week, month, quarter and year",
		measure->metric->name, by, names.data ? names.data : "");
	itsm_buffer_free(&names);
	return status;
}

static int measure_one(struct measuring *measuring, const struct itsm_metric *metric, struct itsm_error *err)
{
	struct itsm_measure *measure = &measuring->out->items[measuring->out->count];
	bool named = measuring->options->names.count > 0;
	struct itsm_error error = {0};
	size_t dimension;
	int status;

	*measure = (struct itsm_measure){.metric = metric};
	status = ask(measuring, measure, &error);
	if (status != 0 && !named && (status == ITSM_EUSAGE || status == ITSM_ELIMIT)) {
		*measure = (struct itsm_measure){.metric = metric, .trouble = itsm_arena_strdup(measuring->arena, error.message)};
		measuring->out->count++;
		return 0;
	}
	if (status != 0) {
		if (err)
			*err = error;
		itsm_error_prefix(err, "%s", metric->name);
		return status;
	}
	if (!find_dimension(measure, measuring->options->by, &dimension))
		return named ? refuse_by(measure, measuring->options->by, err) : 0;
	group_rows(measuring, measure, dimension);
	measuring->out->count++;
	return 0;
}

static int read_period(struct measuring *measuring, struct itsm_error *err)
{
	const struct itsm_measure_options *options = measuring->options;
	int64_t now = measuring->desk->options.now, from, to = now + 1, other;
	int status = 0;

	if (options->to)
		status = itsm_span_parse(options->to, now, &other, &to, err);
	else if (options->at && itsm_span_parse(options->at, now, &other, &to, NULL) != 0)
		to = now + 1;
	to = to > now ? now + 1 : to; /* what is yet to come counts for nothing */
	from = to - MONTH;
	if (status == 0 && options->from)
		status = itsm_span_parse(options->from, now, &from, &other, err);
	if (status == 0 && from >= to)
		status = itsm_error_set(err, ITSM_EUSAGE, "the period ends before it begins; give --from before --to");
	measuring->out->from = from;
	measuring->out->to = to;
	itsm_time_format_utc(from, measuring->from);
	itsm_time_format_utc(to, measuring->to);
	return status;
}

int itsm_desk_measure(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_measure_options *options,
	struct itsm_measures *out, struct itsm_error *err)
{
	struct measuring measuring = {.desk = desk, .arena = arena, .options = options, .out = out};
	int64_t now = desk->options.now;
	int status;

	*out = (struct itsm_measures){0};
	status = read_period(&measuring, err);
	if (status == 0)
		status = itsm_desk_view(desk, options->at, &measuring.index, err);
	if (status == 0)
		status = find_metrics(&measuring, err);
	if (status == 0)
		status = choose(&measuring, err);
	if (status != 0)
		return status;
	out->items = itsm_arena_alloc(arena, (measuring.metric_count + 1) * sizeof(*out->items));
	itsm_index_set_now(measuring.index, out->to <= now ? out->to : now);
	for (size_t i = 0; i < measuring.metric_count && status == 0; i++)
		status = measure_one(&measuring, measuring.metrics[i], err);
	itsm_index_set_now(measuring.index, now);
	return status;
}
