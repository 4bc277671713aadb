/* What `itsm metrics` prints: figures with small bars and sparklines, and the records behind them. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "metrics.h"
#include "output.h"

#define BAR_CELLS 16
#define NOTHING ((struct itsm_value){.type = ITSM_VALUE_NULL})

static struct itsm_value real(double number)
{
	return (struct itsm_value){.type = ITSM_VALUE_REAL, .real = number};
}

/* 12.08 d, 3.5 h, 98.2 %, 17: what people read. */
static void put_figure(const struct itsm_metric *metric, double value, struct itsm_buffer *out)
{
	double size = fabs(value);

	if (metric->unit && strcmp(metric->unit, "ratio") == 0)
		itsm_buffer_printf(out, "%.4g %%", value * 100);
	else if (!metric->unit || strcmp(metric->unit, "seconds") != 0)
		itsm_buffer_printf(out, "%.6g", value);
	else if (size >= 2 * 86400)
		itsm_buffer_printf(out, "%.2f d", value / 86400);
	else if (size >= 7200)
		itsm_buffer_printf(out, "%.2f h", value / 3600);
	else if (size >= 120)
		itsm_buffer_printf(out, "%.1f min", value / 60);
	else
		itsm_buffer_printf(out, "%.0f s", value);
}

static struct itsm_value figure_value(struct context *context, const struct itsm_metric *metric, bool known, double number,
	enum itsm_format format)
{
	struct itsm_buffer text = {0};
	struct itsm_value value;

	if (!known)
		return NOTHING;
	if (format != ITSM_FORMAT_TEXT)
		return real(number);
	put_figure(metric, number, &text);
	value = output_text(itsm_arena_strdup(context->arena, text.data));
	itsm_buffer_free(&text);
	return value;
}

/* One of eight heights for a share of the largest. */
static const char *block(double share)
{
	static const char *const blocks[] = {"▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"};
	int height = (int)(share * 8);

	return blocks[height < 0 ? 0 : height > 7 ? 7 : height];
}

static const char *sparkline(struct context *context, const struct itsm_measure_group *group)
{
	struct itsm_buffer out = {0};
	const char *text;
	double largest = 0;

	for (int i = 0; i < ITSM_MEASURE_STEPS; i++)
		if (group->trend[i].known && fabs(group->trend[i].value) > largest)
			largest = fabs(group->trend[i].value);
	for (int i = 0; i < ITSM_MEASURE_STEPS; i++) {
		if (!group->trend[i].count)
			itsm_buffer_putc(&out, ' ');
		else
			itsm_buffer_puts(&out, block(largest > 0 ? fabs(group->trend[i].value) / largest : 0));
	}
	text = itsm_arena_strdup(context->arena, out.data);
	itsm_buffer_free(&out);
	return text;
}

/* A bar as long as the group's share of the largest one, in eighths of a cell. */
static const char *bar(struct context *context, const struct itsm_measure *measure, const struct itsm_measure_group *group)
{
	static const char *const parts[] = {"", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
	struct itsm_buffer out = {0};
	const char *text;
	double largest = 0;
	int eighths;

	for (size_t i = 0; i < measure->group_count; i++)
		if (measure->groups[i].figure.known && fabs(measure->groups[i].figure.value) > largest)
			largest = fabs(measure->groups[i].figure.value);
	eighths = largest > 0 && group->figure.known ? (int)(fabs(group->figure.value) / largest * BAR_CELLS * 8 + 0.5) : 0;
	for (int i = 0; i < eighths / 8; i++)
		itsm_buffer_puts(&out, "█");
	itsm_buffer_puts(&out, parts[eighths % 8]);
	text = itsm_arena_strdup(context->arena, out.data ? out.data : "");
	itsm_buffer_free(&out);
	return text;
}

static void emit_text(struct context *context, struct itsm_emitter *emitter, const struct itsm_measure *measure,
	const struct itsm_measure_group *group, const char *by)
{
	const struct itsm_metric *metric = measure->metric;
	const struct itsm_figure *figure = &group->figure;
	bool mean = metric->figure == ITSM_FIGURE_MEAN && figure->known;
	struct itsm_value row[7];
	size_t count = 0;

	row[count++] = output_text(metric->name);
	if (by)
		row[count++] = group->key ? output_text(group->key) : NOTHING;
	row[count++] = figure_value(context, metric, figure->known, figure->value, ITSM_FORMAT_TEXT);
	row[count++] = figure_value(context, metric, mean, figure->p50, ITSM_FORMAT_TEXT);
	row[count++] = figure_value(context, metric, mean, figure->p90, ITSM_FORMAT_TEXT);
	row[count++] = output_integer((int64_t)figure->count);
	row[count] = output_text(by ? bar(context, measure, group) : sparkline(context, group));
	itsm_emit_row(emitter, row);
}

static int print_text(struct context *context, const struct itsm_measures *measures, const char *by, struct itsm_error *err)
{
	const char *columns[7] = {"metric", by ? by : "figure"};
	size_t count = 1 + (by != NULL);
	struct itsm_emitter *emitter;

	columns[count++] = "figure";
	columns[count++] = "p50";
	columns[count++] = "p90";
	columns[count++] = "records";
	columns[count] = by ? "" : "trend";
	emitter = output_begin(context, ITSM_FORMAT_TEXT, "metrics", columns, count + context->unicode);
	for (size_t i = 0; i < measures->count; i++)
		for (size_t j = 0; j < measures->items[i].group_count; j++)
			emit_text(context, emitter, &measures->items[i], &measures->items[i].groups[j], by);
	return itsm_emit_end(emitter, err);
}

/* The columns that programs get; `by` stands behind the first, where it was given. */
static const char *const columns_of[] = {
	"metric", "title", "figure", "unit", "value", "p50", "p90", "records", "target", "direction", "from", "to",
};
#define COLUMNS (sizeof(columns_of) / sizeof(*columns_of))

static void emit_data(struct context *context, struct itsm_emitter *emitter, const struct itsm_measures *measures,
	const struct itsm_measure *measure, const struct itsm_measure_group *group, const char *by)
{
	const struct itsm_metric *metric = measure->metric;
	const struct itsm_figure *figure = &group->figure;
	bool mean = metric->figure == ITSM_FIGURE_MEAN && figure->known;
	struct itsm_value row[COLUMNS + 1];
	size_t count = 0;

	row[count++] = output_text(metric->name);
	if (by)
		row[count++] = group->key ? output_text(group->key) : NOTHING;
	row[count++] = metric->title ? output_text(metric->title) : NOTHING;
	row[count++] = output_text(itsm_figure_name(metric->figure));
	row[count++] = metric->unit ? output_text(metric->unit) : NOTHING;
	row[count++] = figure->known ? real(figure->value) : NOTHING;
	row[count++] = mean ? real(figure->p50) : NOTHING;
	row[count++] = mean ? real(figure->p90) : NOTHING;
	row[count++] = output_integer((int64_t)figure->count);
	row[count++] = metric->has_target ? real(metric->target) : NOTHING;
	row[count++] = metric->direction ? output_text(metric->direction) : NOTHING;
	row[count++] = output_time(context, measures->from);
	row[count] = output_time(context, measures->to);
	itsm_emit_row(emitter, row);
}

/* What a metric can be told by may be called as a column of ours. */
static const char *name_of(struct context *context, const char *by)
{
	for (size_t i = 0; by && i < COLUMNS; i++)
		if (strcmp(by, columns_of[i]) == 0)
			return itsm_arena_printf(context->arena, "by_%s", by);
	return by;
}

int metrics_print(struct context *context, const struct itsm_measures *measures, const char *by, enum itsm_format format,
	struct itsm_error *err)
{
	const char *columns[COLUMNS + 1] = {"metric", name_of(context, by)};
	struct itsm_emitter *emitter;
	size_t shift = by != NULL;

	if (format == ITSM_FORMAT_TEXT)
		return print_text(context, measures, by, err);
	for (size_t i = 1; i < COLUMNS; i++)
		columns[i + shift] = columns_of[i];
	emitter = output_begin(context, format, "metrics", columns, COLUMNS + shift);
	for (size_t i = 0; i < measures->count; i++)
		for (size_t j = 0; j < measures->items[i].group_count; j++)
			emit_data(context, emitter, measures, &measures->items[i], &measures->items[i].groups[j], by);
	return itsm_emit_end(emitter, err);
}

/* {"service": "billing"}, or for people service=billing */
static struct itsm_value dimensions(struct context *context, const struct itsm_measure *measure, const struct itsm_measure_row *row,
	enum itsm_format format)
{
	struct itsm_buffer out = {0};
	struct itsm_value value;

	if (format != ITSM_FORMAT_TEXT)
		itsm_buffer_putc(&out, '{');
	for (size_t i = 0; i < measure->dimension_count; i++) {
		if (format != ITSM_FORMAT_TEXT)
			output_json_pair(&out, measure->dimensions[i], row->dimensions[i]);
		else if (row->dimensions[i])
			itsm_buffer_printf(&out, "%s%s=%s", out.length ? " " : "", measure->dimensions[i], row->dimensions[i]);
	}
	if (format != ITSM_FORMAT_TEXT)
		itsm_buffer_putc(&out, '}');
	value = format != ITSM_FORMAT_TEXT ? output_json(itsm_arena_strdup(context->arena, out.data)) :
		output_text(itsm_arena_strdup(context->arena, out.data ? out.data : ""));
	itsm_buffer_free(&out);
	return value;
}

int metrics_print_records(struct context *context, const struct itsm_measures *measures, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {"id", "metric", "at", "value", "weight", "by"};
	struct itsm_emitter *emitter = output_begin(context, format, "metrics", columns, 6);

	for (size_t i = 0; i < measures->count; i++) {
		const struct itsm_measure *measure = &measures->items[i];

		for (size_t j = 0; j < measure->row_count; j++) {
			const struct itsm_measure_row *row = &measure->rows[j];

			itsm_emit_row(emitter, (const struct itsm_value[]){
				row->id ? output_text(row->id) : NOTHING,
				output_text(measure->metric->name),
				row->moment != INT64_MIN ? output_time(context, row->moment) : NOTHING,
				figure_value(context, measure->metric, true, row->value, format),
				real(row->weight),
				dimensions(context, measure, row, format),
			});
		}
	}
	return itsm_emit_end(emitter, err);
}
