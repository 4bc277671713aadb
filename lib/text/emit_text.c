/* Text for people: columns aligned, times in their zone, nothing a terminal would act on. */
#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "emit_private.h"
#include "itsm/time.h"

static void time_for_people(const struct itsm_emitter *emitter, struct itsm_buffer *out, const char *text)
{
	const struct itsm_emit_options *options = &emitter->options;
	char shown[ITSM_TIME_TEXT];
	struct itsm_time time;

	if (itsm_time_parse(text, &time, NULL) != ITSM_OK) {
		itsm_escape_terminal(out, text, false);
		return;
	}
	time.offset_minutes = options->zone_offset ?
		options->zone_offset(options->zone_context, time.seconds) : options->zone_offset_minutes;
	itsm_time_format(time, shown);
	shown[10] = ' ';
	itsm_buffer_add(out, shown, 16); /* YYYY-MM-DD hh:mm */
}

/* A list of plain values as "a, b"; anything else as the JSON it is. */
static void json_for_people(struct itsm_buffer *out, const char *text)
{
	json_t *value = json_loads(text, JSON_DECODE_ANY, NULL);
	size_t count = json_array_size(value), i;
	bool flat = json_is_array(value);

	for (i = 0; flat && i < count; i++)
		flat = json_is_string(json_array_get(value, i)) || json_is_integer(json_array_get(value, i));
	for (i = 0; flat && i < count; i++) {
		const json_t *item = json_array_get(value, i);

		if (i > 0)
			itsm_buffer_puts(out, ", ");
		if (json_is_string(item))
			itsm_escape_terminal(out, json_string_value(item), false);
		else
			itsm_buffer_printf(out, "%lld", (long long)json_integer_value(item));
	}
	if (!flat)
		itsm_escape_terminal(out, text, false);
	json_decref(value);
}

void itsm_emit_for_people(const struct itsm_emitter *emitter, struct itsm_buffer *out, const struct itsm_value *value)
{
	const char *text = value->text ? value->text : "";

	switch (value->type) {
	case ITSM_VALUE_TEXT:
		itsm_escape_terminal(out, text, false);
		break;
	case ITSM_VALUE_INTEGER:
		itsm_buffer_printf(out, "%lld", (long long)value->integer);
		break;
	case ITSM_VALUE_REAL:
		if (isfinite(value->real))
			itsm_emit_real_rounded(out, value->real);
		else
			itsm_buffer_putc(out, '-');
		break;
	case ITSM_VALUE_BOOLEAN:
		itsm_buffer_puts(out, value->integer ? "yes" : "no");
		break;
	case ITSM_VALUE_TIME:
		time_for_people(emitter, out, text);
		break;
	case ITSM_VALUE_JSON:
		json_for_people(out, text);
		break;
	default:
		itsm_buffer_putc(out, '-');
	}
}

/* Cut a text that is safe already to `width` columns, an ellipsis at its end. */
static void add_cut(struct itsm_buffer *out, const char *text, size_t width)
{
	size_t used = 0, length, step;
	char one[5];

	if (itsm_display_width(text) <= width) {
		itsm_buffer_puts(out, text);
		return;
	}
	for (; *text; text += length) {
		for (length = 1; ((unsigned char)text[length] & 0xC0) == 0x80 && length < 4; length++)
			;
		memcpy(one, text, length);
		one[length] = '\0';
		step = itsm_display_width(one);
		if (used + step + 1 > width)
			break;
		itsm_buffer_add(out, text, length);
		used += step;
	}
	if (width > 0)
		itsm_buffer_puts(out, "\xE2\x80\xA6");
}

static void pad(struct itsm_buffer *out, size_t count)
{
	while (count-- > 0)
		itsm_buffer_putc(out, ' ');
}

static void write_line(struct itsm_emitter *emitter, const char *const *cells)
{
	struct itsm_buffer *out = &emitter->out;
	size_t limit = emitter->options.width ? emitter->options.width : SIZE_MAX;
	size_t used = 0, width, space, i;

	for (i = 0; i < emitter->count && used < limit; i++) {
		width = itsm_display_width(cells[i]);
		space = emitter->widths[i] > width ? emitter->widths[i] - width : 0;
		if (emitter->right[i]) {
			pad(out, space < limit - used ? space : limit - used);
			used += space < limit - used ? space : limit - used;
		}
		add_cut(out, cells[i], limit - used);
		used += width < limit - used ? width : limit - used;
		if (i + 1 == emitter->count)
			break;
		space = (emitter->right[i] ? 0 : space) + 2;
		space = space < limit - used ? space : limit - used;
		pad(out, space);
		used += space;
	}
	while (out->length > 0 && out->data[out->length - 1] == ' ')
		out->length--;
	itsm_buffer_putc(out, '\n');
}

static void write_header(struct itsm_emitter *emitter)
{
	if (!emitter->options.header || emitter->count == 0)
		return;
	if (emitter->options.color)
		itsm_buffer_puts(&emitter->out, "\033[1m");
	write_line(emitter, emitter->columns);
	if (emitter->options.color) {
		emitter->out.length--;
		itsm_buffer_puts(&emitter->out, "\033[0m\n");
	}
}

void itsm_emit_text_begin(struct itsm_emitter *emitter)
{
	size_t i;

	emitter->widths = itsm_arena_alloc(emitter->arena, (emitter->count + 1) * sizeof(*emitter->widths));
	emitter->right = itsm_arena_alloc(emitter->arena, emitter->count + 1);
	emitter->cells_arena = itsm_arena_new();
	emitter->cells = itsm_arena_alloc(emitter->cells_arena, (EMIT_ROWS * emitter->count + 1) * sizeof(char *));
	for (i = 0; i < emitter->count; i++)
		emitter->widths[i] = emitter->options.header ? itsm_display_width(emitter->columns[i]) : 0;
}

/* Write what was kept; from here on rows go straight out. */
static void write_kept(struct itsm_emitter *emitter)
{
	size_t row;

	write_header(emitter);
	for (row = 0; row < emitter->rows; row++) {
		write_line(emitter, emitter->cells + row * emitter->count);
		itsm_emit_flush(emitter, false);
	}
	emitter->streaming = true;
}

static bool is_number(const struct itsm_value *value)
{
	return value->type == ITSM_VALUE_INTEGER || value->type == ITSM_VALUE_REAL;
}

void itsm_emit_text_row(struct itsm_emitter *emitter, const struct itsm_value *values)
{
	struct itsm_buffer cell = {0};
	const char **cells;
	size_t width, i;

	if (!emitter->streaming && emitter->rows == EMIT_ROWS)
		write_kept(emitter);
	if (emitter->streaming) {
		itsm_arena_free(emitter->cells_arena);
		emitter->cells_arena = itsm_arena_new();
		cells = itsm_arena_alloc(emitter->cells_arena, emitter->count * sizeof(*cells));
	} else {
		cells = emitter->cells + emitter->rows * emitter->count;
	}
	for (i = 0; i < emitter->count; i++) {
		itsm_buffer_clear(&cell);
		itsm_emit_for_people(emitter, &cell, &values[i]);
		cells[i] = itsm_arena_strndup(emitter->cells_arena, cell.data ? cell.data : "", cell.length);
		if (emitter->streaming)
			continue;
		width = itsm_display_width(cells[i]);
		if (width > emitter->widths[i])
			emitter->widths[i] = width;
		emitter->right[i] = emitter->right[i] || is_number(&values[i]);
	}
	itsm_buffer_free(&cell);
	if (emitter->streaming)
		write_line(emitter, cells);
}

void itsm_emit_text_end(struct itsm_emitter *emitter)
{
	if (!emitter->streaming && emitter->rows > 0)
		write_kept(emitter);
}
