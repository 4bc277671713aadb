/*
 * CSV by libcsv.
 *
 * libcsv tells neither lines nor where a row began, so the input goes to it in
 * pieces that end with a line end: a row that ends does so with its piece. In
 * strict mode libcsv stops for good at a mistake; the rest of that line is
 * skipped then and a fresh parser goes on behind it.
 */
#include "itsm/csv.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/memory.h"

/* libcsv enlarges a field by so many bytes at a time; its own 128 cost a copy of the field for each. */
#define BLOCK (64u << 10)

struct itsm_csv {
	struct itsm_arena *arena;
	struct itsm_csv_options options;
	struct csv_parser parser;
	bool parser_ready;
	struct itsm_buffer text;  /* the fields so far, each with a NUL */
	size_t *lengths;
	const char **fields;
	size_t count, capacity, field_capacity;
	unsigned line;            /* that the next byte lies on */
	unsigned row_line;        /* that the row began on */
	size_t row_bytes;         /* of the row so far */
	size_t position;          /* bytes of input, counted up to the end of a possible BOM */
	bool row_open;
	bool skipping;            /* the rest of a line behind a mistake */
	bool after_cr;            /* a LF that comes now belongs to that line end */
	bool too_many;            /* columns */
	int stopped;              /* what a callback returned */
};

static int no_space(unsigned char c)
{
	(void)c;
	return 0;
}

static void parser_start(struct itsm_csv *csv)
{
	csv_init(&csv->parser, CSV_STRICT | CSV_STRICT_FINI);
	csv_set_delim(&csv->parser, csv->options.delimiter ? (unsigned char)csv->options.delimiter : CSV_COMMA);
	csv_set_space_func(&csv->parser, no_space);
	csv_set_blk_size(&csv->parser, BLOCK);
	if (csv->options.no_quotes)
		csv_set_quote(&csv->parser, '\0');
	csv->parser_ready = true;
}

static void row_forget(struct itsm_csv *csv)
{
	csv->row_open = false;
	csv->row_bytes = 0;
	csv->count = 0;
	csv->too_many = false;
	itsm_buffer_clear(&csv->text);
}

static void parser_restart(struct itsm_csv *csv)
{
	csv_free(&csv->parser);
	csv->parser_ready = false;
	row_forget(csv);
	parser_start(csv);
}

struct itsm_csv *itsm_csv_new(const struct itsm_csv_options *options)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_csv *csv = itsm_arena_alloc(arena, sizeof(*csv));

	csv->arena = arena;
	csv->options = *options;
	csv->line = 1;
	parser_start(csv);
	return csv;
}

void itsm_csv_free(struct itsm_csv *csv)
{
	if (!csv)
		return;
	if (csv->parser_ready)
		csv_free(&csv->parser);
	itsm_buffer_free(&csv->text);
	itsm_arena_free(csv->arena);
}

static void on_field(void *data, size_t length, void *context)
{
	struct itsm_csv *csv = context;

	if (csv->count == ITSM_CSV_MAX_COLUMNS) {
		csv->too_many = true;
		return;
	}
	itsm_arena_grow(csv->arena, &csv->lengths, &csv->capacity, csv->count, sizeof(*csv->lengths));
	csv->lengths[csv->count++] = length;
	if (length)
		itsm_buffer_add(&csv->text, data, length);
	itsm_buffer_putc(&csv->text, '\0');
}

static int tell_broken(struct itsm_csv *csv, const char *reason)
{
	return csv->options.broken ? csv->options.broken(csv->options.context, csv->row_line, reason) : 0;
}

static void on_row(int end, void *context)
{
	struct itsm_csv *csv = context;
	struct itsm_csv_row row = {.line = csv->row_line, .count = csv->count, .lengths = csv->lengths};
	const char *text = csv->text.data;
	size_t i;

	(void)end;
	if (csv->stopped == 0 && csv->too_many) {
		csv->stopped = tell_broken(csv, "more columns than can be read; is the delimiter right?");
	} else if (csv->stopped == 0) {
		if (csv->field_capacity < csv->capacity) {
			csv->field_capacity = csv->capacity;
			csv->fields = itsm_arena_alloc(csv->arena, csv->field_capacity * sizeof(*csv->fields));
		}
		for (i = 0; i < csv->count; i++) {
			csv->fields[i] = text;
			text += csv->lengths[i] + 1;
		}
		row.fields = csv->fields;
		csv->stopped = csv->options.row(csv->options.context, &row);
	}
	row_forget(csv);
}

/* The parser stopped at a mistake: in which of the two ways? */
static const char *mistake_reason(const struct itsm_csv *csv)
{
	return csv->parser.quoted ? "text behind a closing quote; a quote inside a quoted field is written twice" :
		"a quote inside a field that is not quoted; quote the field, or read the file without quotes";
}

static int feed_piece(struct itsm_csv *csv, const char *piece, size_t length, struct itsm_error *err)
{
	bool blank = piece[0] == '\n' || piece[0] == '\r';

	if (csv->skipping)
		return 0;
	if (!csv->row_open && !blank) {
		csv->row_open = true;
		csv->row_line = csv->line;
	}
	csv->row_bytes += length;
	if (csv->row_bytes > ITSM_CSV_MAX_ROW)
		return itsm_error_set_at(err, ITSM_ELIMIT, csv->row_line, 1,
			"the row is longer than %u MiB; look for a quote that is never closed", ITSM_CSV_MAX_ROW >> 20);
	if (csv_parse(&csv->parser, piece, length, on_field, on_row, csv) == length)
		return csv->stopped;
	if (csv_error(&csv->parser) != CSV_EPARSE)
		return itsm_error_set_at(err, ITSM_ELIMIT, csv->row_line, 1, "%s",
			csv_strerror(csv_error(&csv->parser)));
	csv->stopped = tell_broken(csv, mistake_reason(csv));
	csv->skipping = true;
	parser_restart(csv);
	return csv->stopped;
}

/* Up to and with the first line end, or all of it. */
static size_t piece_length(const char *data, size_t length)
{
	const char *end = memchr(data, '\n', length);
	size_t line = end ? (size_t)(end - data) + 1 : length;

	end = memchr(data, '\r', line);
	return end ? (size_t)(end - data) + 1 : line;
}

static void count_line(struct itsm_csv *csv, char last)
{
	if (last == '\r' || (last == '\n' && !csv->after_cr)) {
		csv->line++;
		csv->skipping = false;
	}
	csv->after_cr = last == '\r';
}

int itsm_csv_feed(struct itsm_csv *csv, const char *data, size_t length, struct itsm_error *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	int status = csv->stopped;

	while (csv->position < 3 && length && data[0] == mark[csv->position]) {
		csv->position++;
		data++;
		length--;
	}
	if (length && csv->position < 3) {
		size_t held = csv->position;

		csv->position = 3;
		if (held)
			status = feed_piece(csv, mark, held, err);
	}
	while (length && status == 0) {
		size_t piece = piece_length(data, length);

		/* the LF of a CRLF may come with the next chunk: it is no line of its own */
		status = feed_piece(csv, data, piece, err);
		count_line(csv, data[piece - 1]);
		data += piece;
		length -= piece;
	}
	return status;
}

int itsm_csv_end(struct itsm_csv *csv, struct itsm_error *err)
{
	static const char mark[] = "\xef\xbb\xbf";
	int status = csv->stopped;

	if (status == 0 && csv->position > 0 && csv->position < 3)
		status = feed_piece(csv, mark, csv->position, err);
	csv->position = 3;
	if (status != 0 || csv->skipping)
		return status;
	if (csv_fini(&csv->parser, on_field, on_row, csv) == 0)
		return csv->stopped;
	if (csv_error(&csv->parser) != CSV_EPARSE)
		return itsm_error_set_at(err, ITSM_ELIMIT, csv->row_line, 1, "%s",
			csv_strerror(csv_error(&csv->parser)));
	csv->stopped = tell_broken(csv, "a quote that is never closed; the rest of the file is taken for its text");
	parser_restart(csv);
	return csv->stopped;
}
