/* CSV: the same rows and lines however the input is cut into chunks. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "itsm/csv.h"
#include "itsm/memory.h"

/* What was read, as text: "LINE[field][field]\n", broken rows as "LINE!reason\n". */
static int write_row(void *context, const struct itsm_csv_row *row)
{
	struct itsm_buffer *out = context;
	size_t i;

	itsm_buffer_printf(out, "%u", row->line);
	for (i = 0; i < row->count; i++) {
		itsm_buffer_putc(out, '[');
		itsm_buffer_add(out, row->fields[i], row->lengths[i]);
		itsm_buffer_putc(out, ']');
		assert_true(row->fields[i][row->lengths[i]] == '\0');
	}
	itsm_buffer_putc(out, '\n');
	return 0;
}

static int write_broken(void *context, unsigned line, const char *reason)
{
	itsm_buffer_printf(context, "%u!%s\n", line, reason);
	return 0;
}

static int read_in_chunks(struct itsm_csv_options options, const char *text, size_t size, size_t chunk,
	struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_csv *csv;
	size_t at;
	int status = 0;

	options.row = options.row ? options.row : write_row;
	options.broken = write_broken;
	options.context = out;
	itsm_buffer_clear(out);
	itsm_buffer_puts(out, "|");
	csv = itsm_csv_new(&options);
	for (at = 0; at < size && status == 0; at += chunk)
		status = itsm_csv_feed(csv, text + at, size - at < chunk ? size - at : chunk, err);
	if (status == 0)
		status = itsm_csv_end(csv, err);
	itsm_csv_free(csv);
	return status;
}

static void expect_rows(struct itsm_csv_options options, const char *text, size_t size, const char *expected)
{
	struct itsm_buffer out = {0};
	size_t chunk;

	for (chunk = 1; chunk <= size + 1; chunk++) {
		assert_int_equal(read_in_chunks(options, text, size, chunk, &out, NULL), ITSM_OK);
		if (strcmp(out.data + 1, expected) != 0)
			fail_msg("in chunks of %zu, '%s' gives\n%sand not\n%s", chunk, text, out.data + 1, expected);
	}
	itsm_buffer_free(&out);
}

#define MISTAKE_INSIDE "a quote inside a field that is not quoted; quote the field, or read the file without quotes\n"
#define MISTAKE_BEHIND "text behind a closing quote; a quote inside a quoted field is written twice\n"
#define MISTAKE_OPEN "a quote that is never closed; the rest of the file is taken for its text\n"

static void test_rows(void **state)
{
	static const struct {
		const char *text, *rows;
	} cases[] = {
		{"", ""},
		{"\n\r\n\r", ""},
		{"\xEF\xBB\xBF", ""},
		{"\xEF\xBB", "1[\xEF\xBB]\n"},
		{"\xEF\xBBx,1\n", "1[\xEF\xBBx][1]\n"},
		{"a,b\nc,d\n", "1[a][b]\n2[c][d]\n"},
		{"a,b\r\nc,d\r\n", "1[a][b]\n2[c][d]\n"},
		{"a,b\rc,d\r", "1[a][b]\n2[c][d]\n"},
		{"a,b\nc,d", "1[a][b]\n2[c][d]\n"},
		{"a,b\r\nc,d", "1[a][b]\n2[c][d]\n"},
		{"\xEF\xBB\xBF" "a,b\nc,\n", "1[a][b]\n2[c][]\n"},
		{"\xEF\xBB\xBF\"a\",b", "1[a][b]\n"},
		{",\n", "1[][]\n"},
		{"\"\"\n", "1[]\n"},
		{" a , b\t\n", "1[ a ][ b\t]\n"},
		{"a,\"b,c\"\nd,\"e\"\"f\"\n", "1[a][b,c]\n2[d][e\"f]\n"},
		{"a,\"b\nc\"\nd,e\n", "1[a][b\nc]\n3[d][e]\n"},
		{"a,\"b\r\nc\r\n\"\r\nd,e", "1[a][b\r\nc\r\n]\n4[d][e]\n"},
		{"\n\na\n\r\n\nb\n", "3[a]\n6[b]\n"},
		{"a,b\nx\"y,1\nc,d\n", "1[a][b]\n2!" MISTAKE_INSIDE "3[c][d]\n"},
		{"a,b\n\"x\"y,1\r\nc,d\n", "1[a][b]\n2!" MISTAKE_BEHIND "3[c][d]\n"},
		{"a\n\"x\ny\"z\nb\n", "1[a]\n2!" MISTAKE_BEHIND "4[b]\n"},
		{"a\nx\"y", "1[a]\n2!" MISTAKE_INSIDE},
		{"a\n\"b\nc\n", "1[a]\n2!" MISTAKE_OPEN},
		{"a\n\"b\"", "1[a]\n2[b]\n"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_rows((struct itsm_csv_options){0}, cases[i].text, strlen(cases[i].text), cases[i].rows);
}

static void test_delimiters(void **state)
{
	struct itsm_csv_options semicolon = {.delimiter = ';'}, tab = {.delimiter = '\t'};
	struct itsm_csv_options plain = {.delimiter = '\t', .no_quotes = true};
	const char rows[] = "a,b;c\nd;\"e;f\"\n", tabs[] = "a b\t c\t\n\td\t\"\t\"\n", quotes[] = "a\t5\" disk\nb\t\"c\n";

	(void)state;
	expect_rows(semicolon, rows, strlen(rows), "1[a,b][c]\n2[d][e;f]\n");
	expect_rows(tab, tabs, strlen(tabs), "1[a b][ c][]\n2[][d][\t]\n");
	expect_rows(plain, quotes, strlen(quotes), "1[a][5\" disk]\n2[b][\"c]\n");
}

static void test_zero_bytes(void **state)
{
	struct itsm_buffer out = {0};
	const char text[] = "a\0b,c\n";

	(void)state;
	assert_int_equal(read_in_chunks((struct itsm_csv_options){0}, text, sizeof(text) - 1, 2, &out, NULL), ITSM_OK);
	assert_int_equal(out.length, 11);
	assert_memory_equal(out.data, "|1[a\0b][c]\n", 11);
	itsm_buffer_free(&out);
}

static int stop(void *context, const struct itsm_csv_row *row)
{
	itsm_buffer_printf(context, "%u", row->line);
	return row->line == 2 ? ITSM_EREFUSED : 0;
}

static void test_stop(void **state)
{
	struct itsm_buffer out = {0};

	(void)state;
	assert_int_equal(read_in_chunks((struct itsm_csv_options){.row = stop}, "a\nb\nc\nd\n", 8, 8, &out, NULL), ITSM_EREFUSED);
	assert_string_equal(out.data, "|12");
	itsm_buffer_free(&out);
}

static void test_bounds(void **state)
{
	size_t size = ITSM_CSV_MAX_ROW + 100;
	char *text = malloc(size);
	struct itsm_buffer out = {0};
	struct itsm_error err = {0};

	(void)state;
	memset(text, 'x', size);
	memcpy(text, "a\n\"", 3);
	assert_int_equal(read_in_chunks((struct itsm_csv_options){0}, text, size, 65536, &out, &err), ITSM_ELIMIT);
	assert_int_equal(err.line, 2);
	assert_non_null(strstr(err.message, "8 MiB"));
	memset(text, ',', 10000);
	text[5000] = '\n';
	text[9999] = '\n';
	assert_int_equal(read_in_chunks((struct itsm_csv_options){0}, text, 10000, 65536, &out, &err), ITSM_OK);
	assert_string_equal(out.data, "|1!more columns than can be read; is the delimiter right?\n"
		"2!more columns than can be read; is the delimiter right?\n");
	itsm_buffer_free(&out);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_delimiters),
		cmocka_unit_test(test_zero_bytes),
		cmocka_unit_test(test_stop),
		cmocka_unit_test(test_bounds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
