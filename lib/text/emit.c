#include "itsm/emit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "emit_private.h"

void itsm_emit_flush(struct itsm_emitter *emitter, bool all)
{
	if (emitter->out.length == 0 || (!all && emitter->out.length < EMIT_FLUSH))
		return;
	if (!emitter->failed &&
			emitter->sink.write(emitter->sink.context, emitter->out.data, emitter->out.length) != 0)
		emitter->failed = true;
	itsm_buffer_clear(&emitter->out);
}

/* The C library writes the mark of the process's locale; files and programs want a point. */
static void put_point(char *text)
{
	char *mark = strchr(text, ',');

	if (mark)
		*mark = '.';
}

void itsm_emit_real(struct itsm_buffer *out, double real)
{
	char text[40];
	int digits;

	for (digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, real);
		if (strtod(text, NULL) == real)
			break;
	}
	put_point(text);
	itsm_buffer_puts(out, text);
}

void itsm_emit_real_rounded(struct itsm_buffer *out, double real)
{
	double size = fabs(real);
	char text[40];
	size_t length;

	if (size >= 1e15 || (size > 0 && size < 0.001)) {
		snprintf(text, sizeof(text), "%.3g", real);
	} else {
		length = (size_t)snprintf(text, sizeof(text), "%.3f", real);
		while (text[length - 1] == '0')
			text[--length] = '\0';
		if (text[length - 1] < '0' || text[length - 1] > '9')
			text[--length] = '\0';
	}
	put_point(text);
	itsm_buffer_puts(out, text);
}

static void csv_value(struct itsm_buffer *out, const struct itsm_value *value)
{
	switch (value->type) {
	case ITSM_VALUE_INTEGER:
		itsm_buffer_printf(out, "%lld", (long long)value->integer);
		break;
	case ITSM_VALUE_REAL:
		if (isfinite(value->real))
			itsm_emit_real(out, value->real);
		break;
	case ITSM_VALUE_BOOLEAN:
		itsm_buffer_puts(out, value->integer ? "true" : "false");
		break;
	case ITSM_VALUE_TEXT:
	case ITSM_VALUE_TIME:
	case ITSM_VALUE_JSON:
		itsm_escape_csv(out, value->text ? value->text : "");
		break;
	default:
		break;
	}
}

static void csv_begin(struct itsm_emitter *emitter)
{
	size_t i;

	for (i = 0; i < emitter->count; i++) {
		if (i > 0)
			itsm_buffer_putc(&emitter->out, ',');
		itsm_escape_csv(&emitter->out, emitter->columns[i]);
	}
	itsm_buffer_putc(&emitter->out, '\n');
}

static void csv_row(struct itsm_emitter *emitter, const struct itsm_value *values)
{
	size_t start = emitter->out.length, i;

	for (i = 0; i < emitter->count; i++) {
		if (i > 0)
			itsm_buffer_putc(&emitter->out, ',');
		csv_value(&emitter->out, &values[i]);
	}
	/* A line of one empty field would be an empty line, which many readers skip. */
	if (emitter->out.length == start)
		itsm_buffer_puts(&emitter->out, "\"\"");
	itsm_buffer_putc(&emitter->out, '\n');
}

static void id_row(struct itsm_emitter *emitter, const struct itsm_value *values)
{
	if (values[0].type == ITSM_VALUE_NULL)
		return;
	itsm_emit_for_people(emitter, &emitter->out, &values[0]);
	itsm_buffer_putc(&emitter->out, '\n');
}

struct itsm_emitter *itsm_emit_begin(const struct itsm_sink *sink, const struct itsm_emit_options *options,
	const char *const *columns, size_t count)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_emitter *emitter = itsm_arena_alloc(arena, sizeof(*emitter));
	size_t i;

	emitter->arena = arena;
	emitter->sink = *sink;
	emitter->options = *options;
	emitter->options.command = itsm_arena_strdup(arena, options->command ? options->command : "");
	emitter->options.list_name = itsm_arena_strdup(arena, options->list_name ? options->list_name : "records");
	emitter->count = count;
	emitter->columns = itsm_arena_alloc(arena, (count + 1) * sizeof(*emitter->columns));
	for (i = 0; i < count; i++)
		emitter->columns[i] = itsm_arena_strdup(arena, columns[i]);
	if (options->format == ITSM_FORMAT_JSON)
		itsm_emit_json_begin(emitter);
	else if (options->format == ITSM_FORMAT_CSV)
		csv_begin(emitter);
	else if (options->format == ITSM_FORMAT_TEXT)
		itsm_emit_text_begin(emitter);
	return emitter;
}

void itsm_emit_row(struct itsm_emitter *emitter, const struct itsm_value *values)
{
	if (emitter->count == 0)
		return;
	switch (emitter->options.format) {
	case ITSM_FORMAT_JSON:
	case ITSM_FORMAT_JSONL:
		itsm_emit_json_row(emitter, values);
		break;
	case ITSM_FORMAT_CSV:
		csv_row(emitter, values);
		break;
	case ITSM_FORMAT_ID:
		id_row(emitter, values);
		break;
	default:
		itsm_emit_text_row(emitter, values);
	}
	emitter->rows++;
	itsm_emit_flush(emitter, false);
}

int itsm_emit_end(struct itsm_emitter *emitter, struct itsm_error *err)
{
	bool failed;

	if (emitter->options.format == ITSM_FORMAT_JSON)
		itsm_emit_json_end(emitter);
	else if (emitter->options.format == ITSM_FORMAT_TEXT)
		itsm_emit_text_end(emitter);
	itsm_emit_flush(emitter, true);
	failed = emitter->failed;
	itsm_buffer_free(&emitter->out);
	itsm_arena_free(emitter->cells_arena);
	itsm_arena_free(emitter->arena);
	if (failed)
		return itsm_error_set(err, ITSM_EIO,
			"the output could not be written in full; is the disk full, or its reader gone?");
	return ITSM_OK;
}
