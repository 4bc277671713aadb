/* itsm next: where a record can go, and what is missing for it. */
#include <string.h>

#include "command.h"
#include "output.h"

struct next_values {
	enum itsm_format format;
};

static const struct option_row options[] = {
	FORMAT_ROW(struct next_values),
	{0},
};

const struct syntax next_syntax = {
	.words = "ID",
	.options = options,
	.size = sizeof(struct next_values),
	.least = 1,
	.most = 1,
};

static int emit(struct context *context, const struct itsm_next *next, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"to", "allowed", "id", "kind", "from", "title", "help", "missing"};
	struct itsm_emitter *emitter = output_begin(context, format, "next", columns, sizeof(columns) / sizeof(*columns));
	struct itsm_buffer missing = {0};
	const struct itsm_step *step;
	size_t position;

	for (position = 0; position < next->count; position++) {
		step = &next->steps[position];
		itsm_buffer_clear(&missing);
		output_json_findings(&missing, &step->missing);
		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(step->state), output_boolean(step->allowed), output_text(next->id), output_text(next->kind),
			output_text(next->state), output_text(next->title), output_text(step->help), output_json(missing.data),
		});
	}
	itsm_buffer_free(&missing);
	return itsm_emit_end(emitter, err);
}

/* Messages that begin with the record's ID: the first line has it already. */
static const char *without_id(const char *message, const char *id)
{
	size_t length = strlen(id);

	return !strncmp(message, id, length) && !strncmp(message + length, ": ", 2) ? message + length + 2 : message;
}

static void add_missing(const struct itsm_next *next, const struct itsm_findings *missing, struct itsm_buffer *out)
{
	const struct itsm_finding *finding;
	size_t position;

	for (position = 0; position < missing->count; position++) {
		finding = &missing->items[position];
		itsm_buffer_printf(out, "      %s: ", finding->rule);
		output_indented(out, without_id(finding->message, next->id), 8);
		if (finding->remedy) {
			itsm_buffer_puts(out, "\n        ");
			output_indented(out, finding->remedy, 8);
		}
		itsm_buffer_putc(out, '\n');
	}
}

static void print(struct context *context, const struct itsm_next *next)
{
	const struct palette *palette = &context->palette;
	struct itsm_buffer text = {0};
	const struct itsm_step *step;
	size_t position, length, width = 0;

	for (position = 0; position < next->count; position++) {
		length = strlen(next->steps[position].state);
		width = length > width ? length : width;
	}
	itsm_buffer_printf(&text, "%s%s%s  %s  ", palette->bold, next->id, palette->reset, next->state ? next->state : "");
	itsm_escape_terminal(&text, next->title, false);
	itsm_buffer_putc(&text, '\n');
	for (position = 0; position < next->count; position++) {
		step = &next->steps[position];
		itsm_buffer_puts(&text, "  ");
		output_padded(&text, step->state, width + 2);
		itsm_buffer_printf(&text, "%s%s%s", step->allowed ? palette->good : palette->warning,
			step->allowed ? "open   " : "missing", palette->reset);
		if (step->help) {
			itsm_buffer_puts(&text, "  ");
			itsm_escape_terminal(&text, step->help, false);
		}
		itsm_buffer_putc(&text, '\n');
		add_missing(next, &step->missing, &text);
	}
	if (!next->count)
		itsm_buffer_puts(&text, "  nothing more: this is where it ends\n");
	output_flush(context, &text);
	itsm_buffer_free(&text);
}

int command_next(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct next_values *values = data;
	struct itsm_next next;
	int status = itsm_desk_next(context->desk, context->arena, words.items[0], &next, err);

	if (status)
		return status;
	context_progress_clear(context);
	if (values->format != ITSM_FORMAT_TEXT)
		return emit(context, &next, values->format, err);
	print(context, &next);
	return ITSM_OK;
}
