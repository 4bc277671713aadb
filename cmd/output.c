#include "output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

int output_write(void *data, const char *text, size_t length)
{
	struct context *context = data;

	context->told |= length > 0;
	if (context->write_error)
		return context->closed ? 0 : -1;
	if (!length || fwrite(text, 1, length, stdout) == length)
		return 0;
	context->write_error = errno ? errno : EIO;
	context->closed = context->write_error == EPIPE;
	return context->closed ? 0 : -1;
}

void output_flush(struct context *context, struct itsm_buffer *text)
{
	output_write(context, text->data, text->length);
	itsm_buffer_clear(text);
}

struct itsm_emitter *output_begin(struct context *context, enum itsm_format format, const char *command,
	const char *const *columns, size_t count)
{
	struct itsm_sink sink = {output_write, context};
	struct itsm_emit_options options = {
		.format = format,
		.command = command,
		.zone_offset_minutes = context->offset,
		.zone_offset = context_zone,
		.zone_context = context,
		.width = context->width,
		.header = true,
		.color = *context->palette.reset != '\0',
	};

	context->table |= format == ITSM_FORMAT_TEXT;
	return itsm_emit_begin(&sink, &options, columns, count);
}

int output_query(struct context *context, const char *command, struct itsm_query *query, enum itsm_format format,
	size_t *rows, struct itsm_error *err)
{
	size_t count = itsm_query_column_count(query), position, told = 0;
	const char **names = itsm_arena_alloc(context->arena, count * sizeof(*names));
	struct itsm_value *row = itsm_arena_alloc(context->arena, count * sizeof(*row));
	struct itsm_emitter *emitter;
	int status, ending;

	for (position = 0; position < count; position++)
		names[position] = itsm_query_column_name(query, position);
	emitter = output_begin(context, format, command, names, count);
	while ((status = itsm_query_next(query, err)) == 1 && !context->closed) {
		for (position = 0; position < count; position++)
			row[position] = itsm_query_value(query, position);
		itsm_emit_row(emitter, row);
		told++;
	}
	if (rows)
		*rows = told;
	ending = itsm_emit_end(emitter, status < 0 ? NULL : err);
	return status < 0 ? status : ending;
}

/* A message about a file begins with its path: line and column go behind that. */
static void add_message(struct itsm_buffer *out, const struct itsm_error *err)
{
	const char *rest = strstr(err->message, ": ");
	size_t path = rest ? (size_t)(rest - err->message) : 0;
	struct itsm_buffer name = {0};

	if (!err->line) {
		output_quoted(out, err->message);
		return;
	}
	if (!path || path > strcspn(err->message, " '")) {
		output_quoted(out, err->message);
		itsm_buffer_printf(out, " (line %u, column %u)", err->line, err->column);
		return;
	}
	itsm_buffer_add(&name, err->message, path);
	itsm_escape_terminal(out, name.data, false);
	itsm_buffer_free(&name);
	itsm_buffer_printf(out, ":%u:%u", err->line, err->column);
	output_quoted(out, rest);
}

int output_told(struct itsm_error *err)
{
	itsm_error_set(err, ITSM_EREFUSED, "%s", "");
	return ITSM_EREFUSED;
}

void output_error(const struct itsm_error *err)
{
	struct itsm_buffer text = {0};

	if (!err->message[0])
		return;
	itsm_buffer_puts(&text, "itsm: ");
	add_message(&text, err);
	itsm_buffer_putc(&text, '\n');
	fwrite(text.data, 1, text.length, stderr);
	itsm_buffer_free(&text);
}

void output_note(struct context *context, const char *format, ...)
{
	struct itsm_buffer text = {0};
	char line[2048];
	va_list arguments;

	va_start(arguments, format);
	if (vsnprintf(line, sizeof(line), format, arguments) < 0)
		line[0] = '\0';
	va_end(arguments);
	context->told = true;
	context_progress_clear(context);
	context_settle(context);
	itsm_escape_terminal(&text, line, true);
	itsm_buffer_putc(&text, '\n');
	fwrite(text.data, 1, text.length, stderr);
	itsm_buffer_free(&text);
}

void output_moment(struct context *context, int64_t seconds, struct itsm_buffer *out)
{
	struct itsm_time local = {seconds, context_zone(context, seconds)};
	int offset = local.offset_minutes < 0 ? -local.offset_minutes : local.offset_minutes;
	char text[ITSM_TIME_TEXT];

	itsm_time_format(local, text);
	itsm_buffer_printf(out, "%.10s %.5s %c%02d:%02d", text, text + 11, local.offset_minutes < 0 ? '-' : '+',
		offset / 60, offset % 60);
}

void output_distance(struct context *context, int64_t seconds, struct itsm_buffer *out)
{
	int64_t apart = seconds - context->now, length = apart < 0 ? -apart : apart;
	const char *unit = "d";

	if (length < 3600) {
		length /= 60;
		unit = "min";
	} else if (length < 48 * 3600) {
		length /= 3600;
		unit = "h";
	} else {
		length /= 86400;
	}
	if (!length)
		itsm_buffer_puts(out, " (now)");
	else if (apart < 0)
		itsm_buffer_printf(out, " (%lld %s ago)", (long long)length, unit);
	else
		itsm_buffer_printf(out, " (in %lld %s)", (long long)length, unit);
}

void output_indented(struct itsm_buffer *out, const char *text, size_t indent)
{
	struct itsm_buffer escaped = {0};
	const char *line, *end;

	itsm_escape_terminal(&escaped, text, true);
	for (line = escaped.data ? escaped.data : ""; *line; line = end) {
		end = line + strcspn(line, "\n");
		itsm_buffer_add(out, line, (size_t)(end - line));
		end += strspn(end, "\n") ? 1 : 0;
		if (*end && *end != '\n')
			itsm_buffer_printf(out, "\n%*s", (int)indent, "");
		else if (*end)
			itsm_buffer_putc(out, '\n');
	}
	itsm_buffer_free(&escaped);
}

void output_quoted(struct itsm_buffer *out, const char *text)
{
	struct itsm_buffer escaped = {0};
	const char *at;

	itsm_escape_terminal(&escaped, text, true);
	for (at = escaped.data ? escaped.data : ""; *at; at++) {
		if (*at == '\n')
			itsm_buffer_puts(out, "\n    | ");
		else if (at[0] == '#' && at[1] == '#' && at[2] == '[')
			itsm_buffer_puts(out, "\\x23");
		else
			itsm_buffer_putc(out, *at);
	}
	itsm_buffer_free(&escaped);
}

void output_padded(struct itsm_buffer *out, const char *text, size_t width)
{
	size_t start = out->length, used;

	itsm_escape_terminal(out, text, false);
	used = out->length > start ? itsm_display_width(out->data + start) : 0;
	if (used < width)
		itsm_buffer_printf(out, "%*s", (int)(width - used), "");
}
