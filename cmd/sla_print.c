/* What `itsm sla` prints: clocks as tables, and one clock explained. */
#include <stdio.h>
#include <string.h>

#include "output.h"
#include "sla.h"

#define NOTHING ((struct itsm_value){.type = ITSM_VALUE_NULL})

/* The columns of a clock, wherever it stands. */
enum clock_column {
	S_CLOCK, S_AGREEMENT, S_TYPE, S_STATUS, S_PRIORITY, S_DUE, S_LEFT, S_GOAL, S_ELAPSED, S_PAUSED, S_START, S_END, S_CLOCK_COLUMNS,
};

static const char *const clock_columns[S_CLOCK_COLUMNS] = {
	"clock", "agreement", "type", "status", "priority", "due", "left", "goal", "elapsed", "paused", "start", "end",
};

static struct itsm_value length(struct context *context, int64_t seconds, enum itsm_format format)
{
	struct itsm_buffer text = {0};
	struct itsm_value value = output_integer(seconds);

	if (format != ITSM_FORMAT_TEXT)
		return value;
	output_duration(&text, seconds);
	value = output_text(itsm_arena_strdup(context->arena, text.data));
	itsm_buffer_free(&text);
	return value;
}

static void fill(struct context *context, const struct itsm_clock *clock, enum itsm_format format, struct itsm_value *row)
{
	const struct itsm_sla_clock *sla = &clock->sla;
	bool known = sla->status != ITSM_SLA_UNKNOWN;

	for (int i = 0; i < S_CLOCK_COLUMNS; i++)
		row[i] = NOTHING;
	row[S_CLOCK] = output_text(clock->name);
	row[S_AGREEMENT] = output_text(clock->agreement);
	row[S_TYPE] = output_text(clock->type);
	row[S_STATUS] = output_text(itsm_sla_status_name(sla->status));
	if (!known)
		return;
	if (sla->priority)
		row[S_PRIORITY] = output_integer(sla->priority);
	if (sla->has_due)
		row[S_DUE] = output_time(context, sla->due);
	row[S_LEFT] = length(context, sla->left, format);
	row[S_GOAL] = length(context, sla->goal, format);
	row[S_ELAPSED] = length(context, sla->elapsed, format);
	row[S_PAUSED] = length(context, sla->paused, format);
	row[S_START] = output_time(context, sla->start);
	if (sla->ended)
		row[S_END] = output_time(context, sla->end);
}

static struct itsm_value intervals_json(struct context *context, const struct itsm_clocks *clocks, const struct itsm_clock *clock)
{
	struct itsm_buffer out = {0};
	struct itsm_value value;

	itsm_buffer_putc(&out, '[');
	for (size_t i = 0; i < clock->interval_count; i++) {
		const struct itsm_clock_interval *interval = &clock->intervals[i];
		const struct itsm_clock_moment *moment = &clocks->moments[interval->moment];

		output_json_next(&out);
		itsm_buffer_putc(&out, '{');
		output_json_pair(&out, "start", output_time(context, interval->start).text);
		output_json_pair(&out, "end", output_time(context, interval->end).text);
		output_json_pair(&out, "what", interval->what);
		output_json_number(&out, "seconds", interval->seconds);
		output_json_pair(&out, "state", moment->state);
		output_json_pair(&out, "by", moment->by);
		output_json_pair(&out, "commit", moment->commit);
		output_json_pair(&out, "holidays", interval->holidays);
		itsm_buffer_putc(&out, '}');
	}
	itsm_buffer_putc(&out, ']');
	value = output_json(itsm_arena_strdup(context->arena, out.data));
	itsm_buffer_free(&out);
	return value;
}

int sla_print_clocks(struct context *context, const struct itsm_clocks *clocks, bool intervals, enum itsm_format format,
	struct itsm_error *err)
{
	const char *columns[S_CLOCK_COLUMNS + 2];
	struct itsm_value row[S_CLOCK_COLUMNS + 2];
	struct itsm_emitter *emitter;

	/* programs get the ID too: people have just asked for it */
	bool id = format != ITSM_FORMAT_TEXT;

	columns[0] = "id";
	memcpy(columns + id, clock_columns, sizeof(clock_columns));
	columns[S_CLOCK_COLUMNS + id] = "intervals";
	emitter = output_begin(context, format, "sla", columns, S_CLOCK_COLUMNS + id + intervals);
	for (size_t i = 0; i < clocks->count; i++) {
		row[0] = output_text(clocks->id);
		fill(context, &clocks->clocks[i], format, row + id);
		if (intervals)
			row[S_CLOCK_COLUMNS + id] = intervals_json(context, clocks, &clocks->clocks[i]);
		itsm_emit_row(emitter, row);
	}
	return itsm_emit_end(emitter, err);
}

int sla_print_levels(struct context *context, const struct itsm_service_level *levels, size_t count,
	enum itsm_format format, struct itsm_error *err)
{
	static const char *const short_columns[] = {"id", "clock", "status", "due", "left", "priority", "state", "agreement", "title"};
	const char *columns[S_CLOCK_COLUMNS + 4] = {"id", "kind", "state", "title"};
	struct itsm_value row[S_CLOCK_COLUMNS + 4], *clock = row + 4;
	bool is_text = format == ITSM_FORMAT_TEXT;
	struct itsm_emitter *emitter;

	memcpy(columns + 4, clock_columns, sizeof(clock_columns));
	emitter = is_text ? output_begin(context, format, "sla", short_columns, 9) :
		output_begin(context, format, "sla", columns, S_CLOCK_COLUMNS + 4);
	for (size_t i = 0; i < count; i++) {
		row[0] = output_text(levels[i].id);
		row[1] = output_text(levels[i].kind);
		row[2] = output_text(levels[i].state);
		row[3] = levels[i].title ? output_text(levels[i].title) : NOTHING;
		fill(context, &levels[i].clock, format, clock);
		if (is_text)
			itsm_emit_row(emitter, (const struct itsm_value[]){row[0], clock[S_CLOCK], clock[S_STATUS], clock[S_DUE],
				clock[S_LEFT], clock[S_PRIORITY], row[2], clock[S_AGREEMENT], row[3]});
		else
			itsm_emit_row(emitter, row);
	}
	return itsm_emit_end(emitter, err);
}

int sla_print_report(struct context *context, struct itsm_query *rows, enum itsm_format format, struct itsm_error *err)
{
	size_t count = itsm_query_column_count(rows);
	const char **columns = itsm_arena_alloc(context->arena, count * sizeof(*columns));
	struct itsm_value *row = itsm_arena_alloc(context->arena, count * sizeof(*row));
	struct itsm_emitter *emitter;
	int status, ending;

	for (size_t i = 0; i < count; i++)
		columns[i] = itsm_arena_strdup(context->arena, itsm_query_column_name(rows, i));
	emitter = output_begin(context, format, "sla", columns, count);
	while ((status = itsm_query_next(rows, err)) == 1) {
		for (size_t i = 0; i < count; i++)
			row[i] = itsm_query_value(rows, i);
		for (size_t i = count - 2; i < count; i++) /* mean and worst */
			if (row[i].type == ITSM_VALUE_INTEGER)
				row[i] = length(context, row[i].integer, format);
		itsm_emit_row(emitter, row);
	}
	ending = itsm_emit_end(emitter, status < 0 ? NULL : err);
	return status < 0 ? status : ending;
}

static const char *colour(const struct palette *palette, const struct itsm_sla_clock *sla)
{
	return sla->breached ? palette->bad : sla->status == ITSM_SLA_MET ? palette->good : sla->warned ? palette->warning : "";
}

static void put_line(struct context *context, const char *name, int64_t seconds, struct itsm_buffer *out)
{
	itsm_buffer_printf(out, "  %-8s  ", name);
	output_moment(context, seconds, out);
	output_distance(context, seconds, out);
	itsm_buffer_putc(out, '\n');
}

static void put_interval(struct context *context, const struct itsm_clocks *clocks, const struct itsm_clock_interval *interval,
	struct itsm_buffer *out)
{
	const struct itsm_clock_moment *moment = &clocks->moments[interval->moment];
	struct itsm_buffer text = {0};
	const char *what = strcmp(interval->what, "closed") == 0 ? "closed hours" : interval->what;

	itsm_buffer_puts(out, "  ");
	output_moment(context, interval->start, out);
	itsm_buffer_puts(out, " .. ");
	output_moment(context, interval->end, out);
	output_duration(&text, interval->seconds);
	itsm_buffer_printf(out, "  %10s  ", text.data);
	output_padded(out, interval->holidays ? interval->holidays : what, 14);
	itsm_buffer_puts(out, "  ");
	output_padded(out, moment->state, 10);
	itsm_buffer_printf(out, "  %.8s  ", moment->commit);
	itsm_escape_terminal(out, moment->by ? moment->by : "", false);
	itsm_buffer_putc(out, '\n');
	itsm_buffer_free(&text);
}

/* The sum that is the answer. */
static void put_sum(const struct itsm_sla_clock *sla, struct itsm_buffer *out)
{
	itsm_buffer_puts(out, "  elapsed ");
	output_duration(out, sla->elapsed);
	itsm_buffer_puts(out, " of ");
	output_duration(out, sla->goal);
	itsm_buffer_puts(out, ", paused ");
	output_duration(out, sla->paused);
	itsm_buffer_puts(out, sla->left < 0 ? ", late by " : ", left ");
	output_duration(out, sla->left < 0 ? -sla->left : sla->left);
	itsm_buffer_putc(out, '\n');
}

static void explain_clock(struct context *context, const struct itsm_clocks *clocks, const struct itsm_clock *clock,
	struct itsm_buffer *out)
{
	const struct itsm_sla_clock *sla = &clock->sla;

	itsm_buffer_printf(out, "%s%s%s  %s%s%s  ", context->palette.bold, clock->name, context->palette.reset,
		colour(&context->palette, sla), itsm_sla_status_name(sla->status), context->palette.reset);
	itsm_escape_terminal(out, clock->agreement, false);
	itsm_buffer_printf(out, " (%s), ", clock->type);
	itsm_escape_terminal(out, clock->calendar ? clock->calendar : "around the clock", false);
	itsm_buffer_putc(out, '\n');
	if (sla->status == ITSM_SLA_UNKNOWN) {
		itsm_buffer_puts(out, "  ");
		output_quoted(out, clock->trouble);
		itsm_buffer_puts(out, "\n");
		return;
	}
	for (size_t i = 0; i < clock->interval_count; i++)
		put_interval(context, clocks, &clock->intervals[i], out);
	put_sum(sla, out);
	if (sla->has_due)
		put_line(context, "due", sla->due, out);
	else
		itsm_buffer_puts(out, "  never due: its calendar does not open for so long\n");
	if (sla->ended)
		put_line(context, "ended", sla->end, out);
}

int sla_explain(struct context *context, const struct itsm_hit *hit, const struct itsm_clocks *clocks)
{
	struct itsm_buffer out = {0};

	output_page(context);
	itsm_buffer_printf(&out, "%s%s%s  ", context->palette.bold, hit->id, context->palette.reset);
	itsm_escape_terminal(&out, hit->title ? hit->title : "", false);
	itsm_buffer_putc(&out, '\n');
	for (size_t i = 0; i < clocks->count; i++) {
		itsm_buffer_putc(&out, '\n');
		explain_clock(context, clocks, &clocks->clocks[i], &out);
	}
	output_flush(context, &out);
	itsm_buffer_free(&out);
	return ITSM_OK;
}
