/* itsm oncall: who is on call, who is called for a record and when, the schedule, its gaps. */
#include <string.h>

#include "command.h"
#include "itsm/incident.h"
#include "output.h"

#define DAY 86400
#define AROUND (40 * DAY) /* how far around now a shift is looked at */
#define DAYS 30

struct oncall_values {
	const char *at, *from, *to;
	bool ics;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "at", "TIME", OPTION_TEXT, offsetof(struct oncall_values, at), "with now and who: at this moment, not now"},
	{0, "from", "TIME", OPTION_TEXT, offsetof(struct oncall_values, from), "with schedule and gaps: from then on, not from now on"},
	{0, "to", "TIME", OPTION_TEXT, offsetof(struct oncall_values, to), "with schedule and gaps: until then, not for 30 days"},
	{0, "ics", NULL, OPTION_FLAG, offsetof(struct oncall_values, ics), "with schedule: print iCalendar"},
	FORMAT_ROW(struct oncall_values),
	{0},
};

const struct syntax oncall_syntax = {
	.words = "now|who|schedule|gaps [ID ...]",
	.options = options,
	.size = sizeof(struct oncall_values),
	.least = 1,
	.most = MANY_WORDS,
};

static int read_moment(struct context *context, const char *text, int64_t otherwise, int64_t *out, struct itsm_error *err)
{
	*out = otherwise;
	return text ? itsm_moment_parse(text, context->now, out, err) : ITSM_OK;
}

static const char *name_of(const struct itsm_shift *shift)
{
	return !shift->person ? "nobody" : shift->person_name ? shift->person_name : shift->person;
}

static const char *layer_of(const struct itsm_shift *shift)
{
	return shift->override ? "override" : shift->layer ? shift->layer : "";
}

static void add_safe(struct itsm_buffer *out, const char *text)
{
	itsm_escape_terminal(out, text, false);
}

static const char *const shift_columns[] = {"person", "name", "phone", "rota", "rota_name", "layer", "start", "end"};

static int emit_shifts(struct context *context, const struct oncall_values *values, const struct itsm_shift *const *shifts,
	size_t count, struct itsm_error *err)
{
	struct itsm_emitter *emitter = output_begin(context, values->format, "oncall", shift_columns,
		sizeof(shift_columns) / sizeof(*shift_columns));

	for (size_t i = 0; i < count && !context->closed; i++) {
		const struct itsm_shift *shift = shifts[i];
		const struct itsm_value row[] = {
			output_text(shift->person), output_text(shift->person_name), output_text(shift->phone),
			output_text(shift->rota), output_text(shift->rota_name),
			output_text(*layer_of(shift) ? layer_of(shift) : NULL), output_time(context, shift->start),
			output_time(context, shift->end),
		};

		itsm_emit_row(emitter, row);
	}
	return itsm_emit_end(emitter, err);
}

/* "billing  Ada Lovelace, +49 1 (main) until ..." */
static void add_now(struct context *context, const struct itsm_shift *shift, const struct itsm_shift *next,
	struct itsm_buffer *out)
{
	itsm_buffer_puts(out, context->palette.bold);
	add_safe(out, shift->rota);
	itsm_buffer_printf(out, "%s  %s", context->palette.reset, shift->person ? "" : context->palette.bad);
	add_safe(out, name_of(shift));
	itsm_buffer_puts(out, context->palette.reset);
	if (shift->phone) {
		itsm_buffer_puts(out, ", ");
		add_safe(out, shift->phone);
	}
	if (*layer_of(shift)) {
		itsm_buffer_puts(out, " (");
		add_safe(out, layer_of(shift));
		itsm_buffer_putc(out, ')');
	}
	if (shift->end < context->now + AROUND) {
		itsm_buffer_puts(out, " until ");
		output_moment(context, shift->end, out);
		if (next && next->start == shift->end) {
			itsm_buffer_puts(out, ", then ");
			add_safe(out, name_of(next));
		}
	}
	itsm_buffer_putc(out, '\n');
}

static int tell_now(struct context *context, const struct oncall_values *values, struct itsm_words rotas,
	struct itsm_error *err)
{
	const struct itsm_shift **found;
	struct itsm_buffer text = {0};
	struct itsm_shift *shifts;
	size_t count, used = 0, i;
	int64_t at;
	int status = read_moment(context, values->at, context->now, &at, err);

	if (status || (status = itsm_desk_oncall(context->desk, context->arena, rotas, at - AROUND, at + AROUND, &shifts, &count, err)))
		return status;
	found = itsm_arena_alloc(context->arena, (count + 1) * sizeof(*found));
	for (i = 0; i < count; i++) {
		const struct itsm_shift *next = i + 1 < count && shifts[i + 1].rota == shifts[i].rota ? &shifts[i + 1] : NULL;

		if (at < shifts[i].start || at >= shifts[i].end)
			continue;
		found[used++] = &shifts[i];
		add_now(context, &shifts[i], next, &text);
	}
	context_progress_clear(context);
	if (values->format != ITSM_FORMAT_TEXT)
		status = emit_shifts(context, values, found, used, err);
	else if (!used)
		output_note(context, "nobody is on call");
	else
		output_flush(context, &text);
	itsm_buffer_free(&text);
	return status;
}

static void add_shift(struct context *context, const struct itsm_shift *shift, struct itsm_buffer *out)
{
	itsm_buffer_puts(out, "  ");
	output_moment(context, shift->start, out);
	itsm_buffer_puts(out, "  ");
	output_moment(context, shift->end, out);
	itsm_buffer_printf(out, "  %s", shift->person ? "" : context->palette.bad);
	add_safe(out, name_of(shift));
	itsm_buffer_puts(out, context->palette.reset);
	if (*layer_of(shift)) {
		itsm_buffer_printf(out, "  %s", context->palette.dim);
		add_safe(out, layer_of(shift));
		itsm_buffer_puts(out, context->palette.reset);
	}
	itsm_buffer_putc(out, '\n');
}

static void print_shifts(struct context *context, const struct itsm_shift *const *shifts, size_t count)
{
	struct itsm_buffer text = {0};

	output_page(context);
	for (size_t i = 0; i < count && !context->closed; i++) {
		if (i == 0 || shifts[i]->rota != shifts[i - 1]->rota) {
			itsm_buffer_puts(&text, context->palette.head);
			add_safe(&text, shifts[i]->rota);
			itsm_buffer_printf(&text, "%s\n", context->palette.reset);
		}
		add_shift(context, shifts[i], &text);
		output_flush(context, &text);
	}
	itsm_buffer_free(&text);
}

static int tell_schedule(struct context *context, const struct oncall_values *values, struct itsm_words rotas, bool gaps,
	struct itsm_error *err)
{
	const struct itsm_shift **wanted;
	struct itsm_buffer text = {0};
	struct itsm_shift *shifts;
	size_t count, used = 0;
	int64_t from, to;
	int status;

	if ((status = read_moment(context, values->from, context->now, &from, err)) ||
	    (status = read_moment(context, values->to, from + DAYS * DAY, &to, err)))
		return status;
	if (to <= from)
		return itsm_error_set(err, ITSM_EUSAGE, "oncall: the end is not after the beginning");
	if ((status = itsm_desk_oncall(context->desk, context->arena, rotas, from, to, &shifts, &count, err)))
		return status;
	context_progress_clear(context);
	if (values->ics) {
		itsm_oncall_ics(shifts, count, itsm_desk_name(context->desk), context->now, &text);
		output_flush(context, &text);
		itsm_buffer_free(&text);
		return ITSM_OK;
	}
	wanted = itsm_arena_alloc(context->arena, (count + 1) * sizeof(*wanted));
	for (size_t i = 0; i < count; i++)
		if (!gaps || !shifts[i].person)
			wanted[used++] = &shifts[i];
	if (values->format != ITSM_FORMAT_TEXT)
		status = emit_shifts(context, values, wanted, used, err);
	else
		print_shifts(context, wanted, used);
	if (gaps && !used)
		output_note(context, "no gaps");
	return status == ITSM_OK && gaps && used ? output_told(err) : status;
}

static int emit_calls(struct context *context, const struct oncall_values *values, const struct itsm_escalation *escalations,
	size_t count, struct itsm_error *err)
{
	static const char *const columns[] = {"person", "name", "phone", "rota", "step", "at", "why", "taken_up"};
	struct itsm_emitter *emitter = output_begin(context, values->format, "oncall", columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < count; i++) {
		for (size_t j = 0; j < escalations[i].count && !context->closed; j++) {
			const struct itsm_call *call = &escalations[i].calls[j];
			const struct itsm_value row[] = {
				output_text(call->person), output_text(call->person_name), output_text(call->phone),
				output_text(escalations[i].rota), output_integer(call->step), output_time(context, call->at),
				output_text(call->why),
				escalations[i].taken_up ? output_time(context, escalations[i].taken_up) : output_text(NULL),
			};

			itsm_emit_row(emitter, row);
		}
	}
	return itsm_emit_end(emitter, err);
}

static void add_call(struct context *context, const struct itsm_escalation *escalation, const struct itsm_call *call, int64_t at,
	struct itsm_buffer *out)
{
	const char *person = call->person_name ? call->person_name : call->person ? call->person : "nobody";
	bool is_over = escalation->taken_up && call->at >= escalation->taken_up;

	itsm_buffer_printf(out, "  %s%u  ", is_over ? context->palette.dim : "", call->step);
	output_moment(context, call->at, out);
	itsm_buffer_puts(out, is_over ? "  not needed  " : call->at <= at ? "  due         " : "  to come     ");
	add_safe(out, person);
	if (call->phone) {
		itsm_buffer_puts(out, ", ");
		add_safe(out, call->phone);
	}
	itsm_buffer_puts(out, " (");
	add_safe(out, call->why);
	itsm_buffer_printf(out, ")%s\n", context->palette.reset);
}

static int tell_who(struct context *context, const struct oncall_values *values, struct itsm_words words,
	struct itsm_error *err)
{
	struct itsm_escalation *escalations;
	struct itsm_buffer text = {0};
	size_t count;
	int64_t at;
	int status = read_moment(context, values->at, context->now, &at, err);

	if (words.count != 1)
		return itsm_error_set(err, ITSM_EUSAGE, "oncall who: give the ID of one record");
	if (status || (status = itsm_desk_oncall_who(context->desk, context->arena, words.items[0], at, &escalations, &count, err)))
		return status;
	context_progress_clear(context);
	if (values->format != ITSM_FORMAT_TEXT)
		return emit_calls(context, values, escalations, count, err);
	for (size_t i = 0; i < count; i++) {
		const struct itsm_escalation *escalation = &escalations[i];

		itsm_buffer_puts(&text, context->palette.head);
		add_safe(&text, escalation->rota);
		itsm_buffer_printf(&text, "%s, since ", context->palette.reset);
		output_moment(context, escalation->since, &text);
		if (escalation->taken_up) {
			itsm_buffer_puts(&text, ", taken up ");
			output_moment(context, escalation->taken_up, &text);
		}
		itsm_buffer_putc(&text, '\n');
		for (size_t j = 0; j < escalation->count; j++)
			add_call(context, escalation, &escalation->calls[j], at, &text);
	}
	output_flush(context, &text);
	itsm_buffer_free(&text);
	return ITSM_OK;
}

int command_oncall(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct oncall_values *values = data;
	const char *what = words.items[0];
	const struct itsm_words rest = {words.items + 1, words.count - 1};
	bool schedule = !strcmp(what, "schedule"), gaps = !strcmp(what, "gaps");

	if (values->ics && !schedule)
		return itsm_error_set(err, ITSM_EUSAGE, "oncall: --ics goes with schedule");
	if ((values->from || values->to) && !schedule && !gaps)
		return itsm_error_set(err, ITSM_EUSAGE, "oncall: --from and --to go with schedule and gaps");
	if (values->at && (schedule || gaps))
		return itsm_error_set(err, ITSM_EUSAGE, "oncall: --at goes with now and who");
	if (schedule || gaps)
		return tell_schedule(context, values, rest, gaps, err);
	if (!strcmp(what, "now"))
		return tell_now(context, values, rest, err);
	if (!strcmp(what, "who"))
		return tell_who(context, values, rest, err);
	return itsm_error_set(err, ITSM_EUSAGE, "oncall: '%s' is none of now, who, schedule and gaps", what);
}
