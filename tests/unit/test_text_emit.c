/* Output in every format, and what makes text safe for each. */
#include <setjmp.h>
#include <stdarg.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>
#include <jansson.h>

#include "itsm/emit.h"
#include "itsm/utf8.h"

struct target {
	struct itsm_buffer out;
	unsigned writes, fail_after;
};

static int write_target(void *context, const char *data, size_t length)
{
	struct target *target = context;

	if (target->fail_after && target->writes >= target->fail_after)
		return -1;
	target->writes++;
	itsm_buffer_add(&target->out, data, length);
	return 0;
}

static struct itsm_value text(const char *value)
{
	return (struct itsm_value){.type = ITSM_VALUE_TEXT, .text = value};
}

static struct itsm_value integer(int64_t value)
{
	return (struct itsm_value){.type = ITSM_VALUE_INTEGER, .integer = value};
}

static struct itsm_value real(double value)
{
	return (struct itsm_value){.type = ITSM_VALUE_REAL, .real = value};
}

static struct itsm_value at(const char *value)
{
	return (struct itsm_value){.type = ITSM_VALUE_TIME, .text = value};
}

static struct itsm_value json(const char *value)
{
	return (struct itsm_value){.type = ITSM_VALUE_JSON, .text = value};
}

static const struct itsm_value yes = {.type = ITSM_VALUE_BOOLEAN, .integer = 1};
static const struct itsm_value none = {.type = ITSM_VALUE_NULL};

static int summer_time(void *context, int64_t seconds)
{
	(void)context;
	return seconds >= 1774746000 && seconds < 1792890000 ? 120 : 60; /* Berlin in 2026 */
}

/* Two rows of everything, in a format. */
static void emit_sample(struct itsm_emit_options options, const char *expected)
{
	static const char *const columns[] = {"id", "n", "when", "ok", "tags", "title"};
	struct target target = {0};
	struct itsm_sink sink = {.write = write_target, .context = &target};
	struct itsm_emitter *emitter;
	const struct itsm_value first[] = {text("CHG-1"), integer(7), at("2026-07-01T10:00:00Z"), yes,
		json("[\"a\",\"b\"]"), text("a \"b\",\nc")};
	const struct itsm_value second[] = {text("CHG-22"), real(0.1), at("2026-11-22T23:30:00Z"), none,
		json("{\"x\":[1]}"), none};

	options.command = "list";
	options.zone_offset = summer_time;
	emitter = itsm_emit_begin(&sink, &options, columns, 6);
	itsm_emit_row(emitter, first);
	itsm_emit_row(emitter, second);
	assert_int_equal(itsm_emit_end(emitter, NULL), ITSM_OK);
	assert_string_equal(target.out.data, expected);
	itsm_buffer_free(&target.out);
}

static void test_formats(void **state)
{
	(void)state;
	emit_sample((struct itsm_emit_options){.format = ITSM_FORMAT_TEXT, .header = true},
		"id        n  when              ok   tags       title\n"
		"CHG-1     7  2026-07-01 12:00  yes  a, b       a \"b\",\\nc\n"
		"CHG-22  0.1  2026-11-23 00:30  -    {\"x\":[1]}  -\n");
	emit_sample((struct itsm_emit_options){.format = ITSM_FORMAT_TEXT, .width = 20},
		"CHG-1     7  2026-0\xE2\x80\xA6\n"
		"CHG-22  0.1  2026-1\xE2\x80\xA6\n");
	emit_sample((struct itsm_emit_options){.format = ITSM_FORMAT_TEXT, .width = 7, .header = true, .color = true},
		"\033[1mid\033[0m\n"
		"CHG-1\n"
		"CHG-22\n");
	emit_sample((struct itsm_emit_options){.format = ITSM_FORMAT_ID}, "CHG-1\nCHG-22\n");
	emit_sample((struct itsm_emit_options){.format = ITSM_FORMAT_CSV},
		"id,n,when,ok,tags,title\n"
		"CHG-1,7,2026-07-01T10:00:00Z,true,\"[\"\"a\"\",\"\"b\"\"]\",\"a \"\"b\"\",\nc\"\n"
		"CHG-22,0.1,2026-11-22T23:30:00Z,,\"{\"\"x\"\":[1]}\",\n");
	emit_sample((struct itsm_emit_options){.format = ITSM_FORMAT_JSON, .list_name = "changes"},
		"{\"schema_version\":1,\"command\":\"list\",\"changes\":[\n"
		"{\"id\":\"CHG-1\",\"n\":7,\"when\":\"2026-07-01T10:00:00Z\",\"ok\":true,\"tags\":[\"a\",\"b\"],"
		"\"title\":\"a \\\"b\\\",\\nc\"},\n"
		"{\"id\":\"CHG-22\",\"n\":0.1,\"when\":\"2026-11-22T23:30:00Z\",\"ok\":null,\"tags\":{\"x\":[1]},"
		"\"title\":null}\n"
		"]}\n");
}

static void test_nothing(void **state)
{
	static const char *const expected[] = {
		"", "{\"schema_version\":1,\"command\":\"x\",\"records\":[]}\n", "a,\"b,c\"\n", "",
	};
	static const char *const columns[] = {"a", "b,c"};
	enum itsm_format format;

	(void)state;
	for (format = ITSM_FORMAT_TEXT; format <= ITSM_FORMAT_ID; format++) {
		struct target target = {0};
		struct itsm_sink sink = {.write = write_target, .context = &target};
		struct itsm_emit_options options = {.format = format, .command = "x", .header = true};

		assert_int_equal(itsm_emit_end(itsm_emit_begin(&sink, &options, columns, 2), NULL), ITSM_OK);
		assert_string_equal(target.out.data ? target.out.data : "", expected[format]);
		itsm_buffer_free(&target.out);
	}
}

/* One column and one value: what it is in each format. */
static void check_value(struct itsm_value value, const char *people, const char *csv, const char *in_json)
{
	static const char *const columns[] = {"v"};
	const char *expected[] = {people, in_json, csv};
	enum itsm_format format;

	for (format = ITSM_FORMAT_TEXT; format <= ITSM_FORMAT_CSV; format++) {
		struct target target = {0};
		struct itsm_sink sink = {.write = write_target, .context = &target};
		struct itsm_emit_options options = {.format = format, .zone_offset_minutes = 330};
		struct itsm_emitter *emitter = itsm_emit_begin(&sink, &options, columns, 1);
		char whole[300];

		itsm_emit_row(emitter, &value);
		assert_int_equal(itsm_emit_end(emitter, NULL), ITSM_OK);
		snprintf(whole, sizeof(whole), format == ITSM_FORMAT_TEXT ? "%s\n" :
			format == ITSM_FORMAT_CSV ? "v\n%s\n" :
			"{\"schema_version\":1,\"command\":\"\",\"records\":[\n{\"v\":%s}\n]}\n", expected[format]);
		assert_string_equal(target.out.data, whole);
		itsm_buffer_free(&target.out);
	}
}

static void test_values(void **state)
{
	(void)state;
	check_value(none, "-", "\"\"", "null");
	check_value(text(NULL), "", "\"\"", "null");
	check_value(text(" x"), " x", "\" x\"", "\" x\"");
	check_value(text("=1+2"), "=1+2", "=1+2", "\"=1+2\"");
	check_value(integer(INT64_MIN), "-9223372036854775808", "-9223372036854775808", "-9223372036854775808");
	check_value(real(NAN), "-", "\"\"", "null");
	check_value(real(-INFINITY), "-", "\"\"", "null");
	check_value(real(1e300), "1e+300", "1e+300", "1e+300");
	check_value(real(1.0 / 3), "0.333", "0.3333333333333333", "0.3333333333333333");
	check_value(real(17.4), "17.4", "17.4", "17.4");
	check_value(real(-100), "-100", "-100", "-100");
	check_value(real(0.00012345), "0.000123", "0.00012345", "0.00012345");
	check_value(real(0), "0", "0", "0");
	check_value(real(0.1 + 0.2), "0.3", "0.30000000000000004", "0.30000000000000004");
	check_value(at("2026-11-22T09:00:00Z"), "2026-11-22 14:30", "2026-11-22T09:00:00Z", "\"2026-11-22T09:00:00Z\"");
	check_value(at("soon"), "soon", "soon", "\"soon\"");
	check_value(json("[]"), "", "[]", "[]");
	check_value(json("[1, \"a\\u001b\"]"), "1, a\\x1B", "\"[1, \"\"a\\u001b\"\"]\"", "[1, \"a\\u001b\"]");
	check_value(json("[\"\xE2\x80\xAE\xC2\x9B\"]"), "\\u{202E}\\u{009B}", "\"[\"\"\xE2\x80\xAE\xC2\x9B\"\"]\"",
		"[\"\\u202e\\u009b\"]");
	check_value(json("[[1]]"), "[[1]]", "[[1]]", "[[1]]");
	check_value(json("\"x\""), "\"x\"", "\"\"\"x\"\"\"", "\"x\"");
}

/* More rows than are kept: widths are fixed by the first thousand, all rows come, in order. */
static void test_many_rows(void **state)
{
	static const char *const columns[] = {"id", "text"};
	struct target target = {0};
	struct itsm_sink sink = {.write = write_target, .context = &target};
	struct itsm_emit_options options = {.format = ITSM_FORMAT_TEXT, .header = true};
	struct itsm_emitter *emitter = itsm_emit_begin(&sink, &options, columns, 2);
	struct itsm_buffer expected = {0};
	char id[20];
	int i;

	(void)state;
	itsm_buffer_puts(&expected, "id    text\n");
	for (i = 0; i < 20000; i++) {
		struct itsm_value row[2];

		snprintf(id, sizeof(id), "I%d", i);
		row[0] = text(id);
		row[1] = text("x");
		itsm_emit_row(emitter, row);
		itsm_buffer_printf(&expected, "%-4s  x\n", id);
	}
	assert_true(target.writes > 0);
	assert_int_equal(itsm_emit_end(emitter, NULL), ITSM_OK);
	assert_string_equal(target.out.data, expected.data);
	itsm_buffer_free(&expected);
	itsm_buffer_free(&target.out);
}

static void test_failing_sink(void **state)
{
	static const char *const columns[] = {"id"};
	enum itsm_format format;

	(void)state;
	for (format = ITSM_FORMAT_TEXT; format <= ITSM_FORMAT_ID; format++) {
		struct target target = {.fail_after = 1};
		struct itsm_sink sink = {.write = write_target, .context = &target};
		struct itsm_emit_options options = {.format = format};
		struct itsm_emitter *emitter = itsm_emit_begin(&sink, &options, columns, 1);
		struct itsm_value value = text("0123456789012345678901234567890123456789");
		struct itsm_error err;
		int i;

		for (i = 0; i < 10000; i++)
			itsm_emit_row(emitter, &value);
		assert_int_equal(itsm_emit_end(emitter, &err), ITSM_EIO);
		assert_int_equal(target.writes, 1);
		itsm_buffer_free(&target.out);
	}
}

static void check_terminal(const char *from, bool lines, const char *expected)
{
	struct itsm_buffer out = {0};

	itsm_buffer_puts(&out, "");
	itsm_escape_terminal(&out, from, lines);
	assert_string_equal(out.data, expected);
	itsm_buffer_free(&out);
}

static void test_terminal(void **state)
{
	(void)state;
	check_terminal("plain äß€😀 日本", false, "plain äß€😀 日本");
	check_terminal("\x1b[31mred\x1b]0;t\x07", false, "\\x1B[31mred\\x1B]0;t\\x07");
	check_terminal("a\nb\tc\rd", false, "a\\nb\\tc\\x0Dd");
	check_terminal("a\r\nb\tc\rd", true, "a\nb\tc\\x0Dd");
	check_terminal("\x7f\xC2\x9B" "31m\xC2\x85", false, "\\x7F\\u{009B}31m\\u{0085}");
	check_terminal("\xE2\x80\xAE\xE2\x81\xA6\xE2\x80\x8F\xE2\x80\xA8", true,
		"\\u{202E}\\u{2066}\\u{200F}\\u{2028}");
	check_terminal("a\xFF\xC3", false, "a\\xFF\\xC3");
	check_terminal("\xED\xA0\x80", false, "\\xED\\xA0\\x80");
	check_terminal("\xF3\xA0\x81\x81", false, "\\u{E0041}");
}

/* No code point gets through that a terminal acts on, whatever the format for people. */
static void test_terminal_all(void **state)
{
	uint32_t codepoint;

	(void)state;
	for (codepoint = 1; codepoint <= 0x10FFFF; codepoint++) {
		struct itsm_buffer out = {0};
		char one[5] = {0};
		bool raw, bad;

		if (codepoint == 0xD800)
			codepoint = 0xE000;
		itsm_utf8_encode(codepoint, one);
		itsm_escape_terminal(&out, one, false);
		raw = strcmp(out.data, one) == 0;
		bad = codepoint < 0x20 || (codepoint >= 0x7F && codepoint < 0xA0) ||
			(codepoint >= 0x202A && codepoint <= 0x202E) || (codepoint >= 0x2066 && codepoint <= 0x2069);
		if (bad && raw)
			fail_msg("U+%04X", (unsigned)codepoint);
		itsm_buffer_free(&out);
	}
}

/* What another JSON reader makes of it is what went in. */
static void test_json(void **state)
{
	struct itsm_buffer out = {0};
	uint32_t codepoint;
	json_t *value;

	(void)state;
	itsm_escape_json(&out, "a\"\\/\b\f\n\r\t\x01\x7f\xC2\x9B\xE2\x80\xAE\xF3\xA0\x80\x81ä");
	assert_string_equal(out.data,
		"\"a\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u007f\\u009b\\u202e\\udb40\\udc01ä\"");
	itsm_buffer_clear(&out);
	itsm_escape_json(&out, "a\xFF" "b\xC3");
	assert_string_equal(out.data, "\"a\xEF\xBF\xBD" "b\xEF\xBF\xBD\"");
	for (codepoint = 1; codepoint <= 0x10FFFF; codepoint += codepoint < 0x3000 ? 1 : 97) {
		char one[5] = {0};

		if (codepoint >= 0xD800 && codepoint < 0xE000)
			codepoint = 0xE000;
		itsm_utf8_encode(codepoint, one);
		itsm_buffer_clear(&out);
		itsm_escape_json(&out, one);
		value = json_loads(out.data, JSON_DECODE_ANY, NULL);
		assert_string_equal(json_string_value(value), one);
		json_decref(value);
	}
	itsm_buffer_free(&out);
}

static void test_html_and_csv(void **state)
{
	struct itsm_buffer out = {0};

	(void)state;
	itsm_escape_html(&out, "<a href=\"x\" b='y'>&\n\x1b\xFF\xE2\x80\xAE</a>");
	assert_string_equal(out.data,
		"&lt;a href=&quot;x&quot; b=&#39;y&#39;&gt;&amp;\n\xEF\xBF\xBD\xEF\xBF\xBD\\u{202E}&lt;/a&gt;");
	itsm_buffer_clear(&out);
	itsm_escape_csv(&out, "a\r\n\"b\"");
	itsm_escape_csv(&out, "plain text");
	itsm_escape_csv(&out, "end ");
	assert_string_equal(out.data, "\"a\r\n\"\"b\"\"\"plain text\"end \"");
	itsm_buffer_free(&out);
}

static void test_width(void **state)
{
	(void)state;
	assert_int_equal(itsm_display_width(""), 0);
	assert_int_equal(itsm_display_width("abc"), 3);
	assert_int_equal(itsm_display_width("äöü"), 3);
	assert_int_equal(itsm_display_width("e\xCC\x81"), 1);
	assert_int_equal(itsm_display_width("日本"), 4);
	assert_int_equal(itsm_display_width("😀"), 2);
	assert_int_equal(itsm_display_width("\xFF\xFE"), 2);
	assert_int_equal(itsm_display_width("한글 ✓ …"), 8);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_formats),
		cmocka_unit_test(test_nothing),
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_many_rows),
		cmocka_unit_test(test_failing_sink),
		cmocka_unit_test(test_terminal),
		cmocka_unit_test(test_terminal_all),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_html_and_csv),
		cmocka_unit_test(test_width),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
