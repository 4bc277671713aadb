/* Errors, memory, findings, times, IDs, UTF-8. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "itsm/error.h"
#include "itsm/finding.h"
#include "itsm/id.h"
#include "itsm/memory.h"
#include "itsm/time.h"
#include "itsm/utf8.h"

static void test_errors(void **state)
{
	struct itsm_error err;
	char text[2000];

	(void)state;
	assert_int_equal(itsm_error_set(NULL, ITSM_EIO, "x"), ITSM_EIO);
	assert_int_equal(itsm_error_set_at(&err, ITSM_EDATA, 3, 4, "%s", "bad"), ITSM_EDATA);
	assert_true(err.status == ITSM_EDATA && err.line == 3 && err.column == 4);
	itsm_error_prefix(&err, "file '%s'", "a.md");
	assert_string_equal(err.message, "file 'a.md': bad");
	assert_int_equal(err.line, 3);
	itsm_error_prefix(NULL, "x");
	itsm_error_set(&err, ITSM_EIO, "again: %s", err.message);
	assert_string_equal(err.message, "again: file 'a.md': bad");
	assert_true(err.line == 0 && err.column == 0);
	/* Too long: cut, and not within a character of two bytes. */
	memset(text, 'x', sizeof(text));
	strcpy(text + sizeof(err.message) - 2, "ä and more");
	itsm_error_set(&err, ITSM_EIO, "%s", text);
	assert_int_equal(strlen(err.message), sizeof(err.message) - 2);
	itsm_error_prefix(&err, "pre");
	assert_int_equal(strlen(err.message), sizeof(err.message) - 1);
	assert_memory_equal(err.message, "pre: xxx", 8);
	/* What a file holds does not reach a terminal raw. */
	itsm_error_set(&err, ITSM_EDATA, "'%s' is no kind", "a\x1b[0m\xC2\x9B\xE2\x80\xAE\xFF\xC3ä\tb");
	assert_string_equal(err.message, "'a\\x1B[0m\\u{009B}\\u{202E}\\xFF\\xC3ä\tb' is no kind");
	itsm_error_prefix(&err, "%s", "\x07");
	assert_string_equal(err.message, "\\x07: 'a\\x1B[0m\\u{009B}\\u{202E}\\xFF\\xC3ä\tb' is no kind");
}

static void test_exit_codes(void **state)
{
	(void)state;
	assert_int_equal(itsm_error_exit_code(ITSM_OK), 0);
	assert_int_equal(itsm_error_exit_code(ITSM_EREFUSED), 1);
	assert_int_equal(itsm_error_exit_code(ITSM_EUSAGE), 2);
	assert_int_equal(itsm_error_exit_code(ITSM_EIO), 3);
	assert_int_equal(itsm_error_exit_code(ITSM_ENOTFOUND), 3);
	assert_int_equal(itsm_error_exit_code(ITSM_ELIMIT), 3);
}

static void test_arena(void **state)
{
	static const size_t sizes[] = {0, 1, 7, 16, 100, 4000, 5000, 70000, 3, 300000, 1};
	struct itsm_arena *arena = itsm_arena_new();
	unsigned char *given[110];
	size_t i, j;

	(void)state;
	for (i = 0; i < 110; i++) {
		size_t size = sizes[i % 11];

		given[i] = itsm_arena_alloc(arena, size);
		assert_int_equal((uintptr_t)given[i] % _Alignof(max_align_t), 0);
		for (j = 0; j < size; j++)
			assert_int_equal(given[i][j], 0);
		memset(given[i], (int)i + 1, size);
	}
	for (i = 0; i < 110; i++) {
		for (j = 0; j < sizes[i % 11]; j++)
			assert_int_equal(given[i][j], i + 1);
	}
	assert_string_equal(itsm_arena_strdup(arena, "abc"), "abc");
	assert_string_equal(itsm_arena_strndup(arena, "abc", 2), "ab");
	assert_string_equal(itsm_arena_strndup(arena, NULL, 0), "");
	assert_string_equal(itsm_arena_printf(arena, "%d-%s", 7, "x"), "7-x");
	itsm_arena_free(arena);
	itsm_arena_free(NULL);
}

static void test_grow(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	size_t capacity = 0, i;
	int *items = NULL;

	(void)state;
	for (i = 0; i < 1000; i++) {
		itsm_arena_grow(arena, &items, &capacity, i, sizeof(*items));
		assert_true(capacity > i);
		items[i] = (int)i;
	}
	for (i = 0; i < 1000; i++)
		assert_int_equal(items[i], i);
	itsm_arena_free(arena);
}

static void test_buffer(void **state)
{
	struct itsm_buffer buffer = {0};
	int i;

	(void)state;
	itsm_buffer_add(&buffer, NULL, 0);
	assert_string_equal(buffer.data, "");
	for (i = 0; i < 100; i++)
		itsm_buffer_printf(&buffer, "%03d", i);
	itsm_buffer_putc(&buffer, '!');
	itsm_buffer_puts(&buffer, "?");
	assert_int_equal(buffer.length, 302);
	assert_string_equal(buffer.data + 297, "099!?");
	itsm_buffer_clear(&buffer);
	assert_string_equal(buffer.data, "");
	itsm_buffer_add(&buffer, "a\0b", 3);
	assert_memory_equal(buffer.data, "a\0b", 4);
	itsm_buffer_free(&buffer);
	assert_true(!buffer.data && buffer.length == 0 && buffer.capacity == 0);
	itsm_buffer_free(&buffer);
}

static void test_findings(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_findings findings;
	char path[] = "b.md";

	(void)state;
	itsm_findings_init(&findings, arena);
	itsm_findings_add(&findings, &(struct itsm_finding){.rule = "z", .path = path, .line = 2, .message = "1"});
	itsm_findings_add(&findings, &(struct itsm_finding){.rule = "b", .path = path, .line = 1, .column = 9,
		.message = "2", .severity = ITSM_SEVERITY_WARNING});
	itsm_findings_add(&findings, &(struct itsm_finding){.rule = "a", .path = path, .line = 1, .column = 9,
		.message = "3"});
	itsm_findings_add(&findings, &(struct itsm_finding){.rule = "z", .path = "a.md", .line = 7, .message = "4"});
	itsm_findings_add(&findings, &(struct itsm_finding){.rule = "z", .message = "5",
		.severity = ITSM_SEVERITY_NOTE});
	path[0] = 'X';
	itsm_findings_sort(&findings);
	assert_int_equal(findings.count, 5);
	assert_int_equal(findings.errors, 3);
	assert_string_equal(findings.items[0].message, "5");
	assert_string_equal(findings.items[1].message, "4");
	assert_string_equal(findings.items[2].message, "3");
	assert_string_equal(findings.items[3].message, "2");
	assert_string_equal(findings.items[4].message, "1");
	assert_string_equal(findings.items[4].path, "b.md");
	assert_null(findings.items[4].record);
	assert_string_equal(itsm_severity_name(ITSM_SEVERITY_ERROR), "error");
	assert_string_equal(itsm_severity_name(ITSM_SEVERITY_WARNING), "warning");
	assert_string_equal(itsm_severity_name(ITSM_SEVERITY_NOTE), "note");
	itsm_arena_free(arena);
}

/* Every day of ten thousand years, there and back, in order. */
static void test_calendar(void **state)
{
	int64_t days, first = itsm_days_from_civil(0, 1, 1), last = itsm_days_from_civil(9999, 12, 31);
	int year, month, day, before = -1;

	(void)state;
	assert_int_equal(itsm_days_from_civil(1970, 1, 1), 0);
	assert_int_equal(itsm_days_from_civil(2000, 3, 1), 11017);
	assert_int_equal(last - first, 3652424);
	for (days = first; days <= last; days++) {
		itsm_civil_from_days(days, &year, &month, &day);
		if (itsm_days_from_civil(year, month, day) != days || (year * 100 + month) * 100 + day <= before)
			fail_msg("day %lld is %d-%d-%d", (long long)days, year, month, day);
		before = (year * 100 + month) * 100 + day;
	}
}

static void test_time_parse(void **state)
{
	static const struct {
		const char *text;
		int64_t seconds;
		int offset;
		const char *written;
	} times[] = {
		{"1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z"},
		{"2026-11-22T10:00:00+01:00", 1795338000, 60, "2026-11-22T10:00:00+01:00"},
		{"2026-11-22 10:00+01:00", 1795338000, 60, "2026-11-22T10:00:00+01:00"},
		{"2026-11-22t09:00:00.999z", 1795338000, 0, "2026-11-22T09:00:00Z"},
		{"2026-11-22T04:30:00-04:30", 1795338000, -270, "2026-11-22T04:30:00-04:30"},
		{"2024-02-29T00:00-00:00", 1709164800, 0, "2024-02-29T00:00:00Z"},
		{"1969-12-31T23:59:59Z", -1, 0, "1969-12-31T23:59:59Z"},
		{"0001-01-01T00:00:00Z", -62135596800, 0, "0001-01-01T00:00:00Z"},
		{"2016-12-31T23:59:60Z", 1483228800, 0, "2017-01-01T00:00:00Z"},
		{"2017-01-01T00:59:60+01:00", 1483228800, 60, "2017-01-01T01:00:00+01:00"},
		{"9999-12-31T23:59:59Z", 253402300799, 0, "9999-12-31T23:59:59Z"},
	};
	char text[ITSM_TIME_TEXT];
	struct itsm_time time;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		assert_int_equal(itsm_time_parse(times[i].text, &time, NULL), ITSM_OK);
		assert_int_equal(time.seconds, times[i].seconds);
		assert_int_equal(time.offset_minutes, times[i].offset);
		itsm_time_format(time, text);
		assert_string_equal(text, times[i].written);
	}
	itsm_time_format_utc(INT64_MIN, text);
	assert_string_equal(text, "0000-01-01T00:00:00Z");
	itsm_time_format_utc(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59Z");
}

static void test_time_refusals(void **state)
{
	static const struct {
		const char *text, *message;
	} refusals[] = {
		{"", "no date"}, {"now", "no date"}, {"2026-1-2T00:00Z", "no date"},
		{"2026-13-01T00:00Z", "no such month"},
		{"2026-00-01T00:00Z", "no such month"}, {"2026-02-29T00:00Z", "no such day"},
		{"1900-02-29T00:00Z", "no such day"}, {"2026-04-31T00:00Z", "no such day"},
		{"2026-04-00T00:00Z", "no such day"}, {"2026-11-22", "no time of day"},
		{"2026-11-22T", "no time of day"}, {"2026-11-22T10Z", "no time of day"},
		{"2026-11-22T24:00Z", "no such time"}, {"2026-11-22T10:60Z", "no such time"},
		{"2026-11-22T10:00:61Z", "no such time"}, {"2026-11-22T10:00:60Z", "leap seconds"},
		{"2026-11-22T10:00:Z", "no seconds"}, {"2026-11-22T10:00:00.Z", "no digits"},
		{"2026-11-22T10:00", "no offset"}, {"2026-11-22T10:00:00", "no offset"},
		{"2026-11-22T10:00:00+1", "no offset"}, {"2026-11-22T10:00:00+0100", "no offset"},
		{"2026-11-22T10:00:00+14:01", "no such offset"}, {"2026-11-22T10:00:00-12:30", "no such offset"},
		{"2026-11-22T10:00:00+01:60", "no such offset"}, {"2026-11-22T10:00:00Zx", "text after"},
		{"0000-01-01T00:00:00+01:00", "outside"}, {"9999-12-31T23:59:59-01:00", "outside"},
	};
	struct itsm_time time = {.seconds = 7};
	struct itsm_error err;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		assert_int_equal(itsm_time_parse(refusals[i].text, &time, &err), ITSM_EDATA);
		if (!strstr(err.message, refusals[i].message))
			fail_msg("'%s' gave: %s", refusals[i].text, err.message);
		assert_int_equal(time.seconds, 7);
	}
}

static void test_dates_and_durations(void **state)
{
	static const char *const none[] = {"", "h", "1", "1x", "1h ", "-1h", "1h1h", "30m1h", "1.5h",
		"99999999999999999999s",
		"9223372036854775807w", "9223372036854775807s1s"};
	int64_t value = 0;
	size_t i;

	(void)state;
	assert_true(itsm_date_parse("2026-11-22", &value));
	assert_int_equal(value, 20779);
	assert_true(itsm_date_parse("2024-02-29", NULL));
	assert_false(itsm_date_parse("2023-02-29", &value));
	assert_false(itsm_date_parse("2026-11-22T", &value));
	assert_int_equal(value, 20779);
	assert_true(itsm_duration_parse("90s", &value) && value == 90);
	assert_true(itsm_duration_parse("1h30m", &value) && value == 5400);
	assert_true(itsm_duration_parse("2w1d", &value) && value == 15 * 86400);
	assert_true(itsm_duration_parse("0s", &value) && value == 0);
	for (i = 0; i < sizeof(none) / sizeof(none[0]); i++)
		assert_false(itsm_duration_parse(none[i], &value));
	assert_int_equal(value, 0);
}

static void test_moments(void **state)
{
	const int64_t now = 1795338000; /* 2026-11-22T09:00:00Z */
	struct itsm_error err;
	int64_t out = 0;

	(void)state;
	assert_true(itsm_moment_parse("now", now, &out, NULL) == ITSM_OK && out == now);
	assert_true(itsm_moment_parse("today", now, &out, NULL) == ITSM_OK && out == now - 9 * 3600);
	assert_true(itsm_moment_parse("today", -1, &out, NULL) == ITSM_OK && out == -86400);
	assert_true(itsm_moment_parse("2026-11-22", now, &out, NULL) == ITSM_OK && out == now - 9 * 3600);
	assert_true(itsm_moment_parse("-7d", now, &out, NULL) == ITSM_OK && out == now - 7 * 86400);
	assert_true(itsm_moment_parse("+1h30m", now, &out, NULL) == ITSM_OK && out == now + 5400);
	assert_true(itsm_moment_parse("2026-11-22T10:00+01:00", 5, &out, NULL) == ITSM_OK && out == now);
	assert_int_equal(itsm_moment_parse("yesterday", now, &out, &err), ITSM_EUSAGE);
	assert_non_null(strstr(err.message, "'yesterday' is no moment"));
	assert_int_equal(itsm_moment_parse("7d", now, &out, NULL), ITSM_EUSAGE);
	assert_int_equal(itsm_moment_parse("+9223372036854775807s", now, &out, NULL), ITSM_EUSAGE);
	assert_int_equal(out, now);
}

static void test_random_ids(void **state)
{
	char id[ITSM_ID_MAX], other[ITSM_ID_MAX], longest[ITSM_ID_MAX];
	struct itsm_error err;
	int i;

	(void)state;
	for (i = 0; i < 1000; i++) {
		assert_int_equal(itsm_id_make("CHG", id, &err), ITSM_OK);
		assert_true(itsm_id_is_random(id, "CHG"));
		assert_int_equal(itsm_id_make("CHG", other, &err), ITSM_OK);
		assert_string_not_equal(id, other);
	}
	assert_true(itsm_id_is_random("CHG-4k7q2m8d", "CHG"));
	assert_false(itsm_id_is_random("CHG-4k7q2m8d", "INC"));
	assert_false(itsm_id_is_random("CHG-4k7q2m8", "CHG"));
	assert_false(itsm_id_is_random("CHG-4k7q2m8dd", "CHG"));
	assert_false(itsm_id_is_random("CHG-4K7q2m8d", "CHG"));
	assert_false(itsm_id_is_random("CHG-ik7q2m8d", "CHG"));
	assert_false(itsm_id_is_random("CHG4k7q2m8dx", "CHG"));
	assert_false(itsm_id_is_random("CHG", "CHG"));
	memset(longest, 'A', sizeof(longest));
	longest[ITSM_ID_MAX - 9] = '\0';
	assert_int_equal(itsm_id_make(longest, id, &err), ITSM_EDATA);
	longest[ITSM_ID_MAX - 10] = '\0';
	assert_int_equal(itsm_id_make(longest, id, &err), ITSM_OK);
	assert_int_equal(strlen(id), ITSM_ID_MAX - 1);
}

static void check_slug(const char *title, const char *expected)
{
	char slug[ITSM_ID_MAX] = "before";

	if (!expected) {
		assert_false(itsm_id_slug(title, slug));
		assert_string_equal(slug, "before");
		return;
	}
	assert_true(itsm_id_slug(title, slug));
	assert_string_equal(slug, expected);
	assert_true(itsm_id_is_slug(slug));
}

static void test_slugs(void **state)
{
	static const char *const good[] = {"a", "db-prod-1", "0", "a.b_c-d", "a-"};
	static const char *const bad[] = {"", "-a", ".a", "_a", "A", "a b", "a..b", "a.", "a/b", "ä", "a\n"};
	char longest[ITSM_ID_MAX + 1];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(itsm_id_is_slug(good[i]));
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(itsm_id_is_slug(bad[i]));
	memset(longest, 'a', sizeof(longest));
	longest[ITSM_ID_MAX] = '\0';
	assert_false(itsm_id_is_slug(longest));
	longest[ITSM_ID_MAX - 1] = '\0';
	assert_true(itsm_id_is_slug(longest));
	check_slug("DB prod #1", "db-prod-1");
	check_slug("  --Ünal Müller-Strauß-- ", "unal-muller-strauss");
	check_slug("Ærø, Łódź & Þór × İzmir", "aero-lodz-thor-izmir");
	check_slug("e\xCC\x81t\xC3\xA9", "ete");
	check_slug("a\xFF" "b", "a-b");
	check_slug("../../etc/passwd", "etc-passwd");
	check_slug("日本", NULL);
	check_slug("---", NULL);
	check_slug("", NULL);
	longest[ITSM_ID_MAX - 1] = 'a';
	check_slug(longest, "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
		"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
}

static void test_utf8(void **state)
{
	struct itsm_arena *arena;
	static const char *const bad[] = {"\x80", "\xC0\x80", "\xC1\xBF", "\xC3", "\xC3(", "\xE0\x80\x80", "\xE2\x82",
		"\xED\xA0\x80", "\xF0\x80\x80\x80", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFF"};
	char bytes[4];
	uint32_t codepoint, found;
	size_t i, length;

	(void)state;
	for (codepoint = 0; codepoint <= 0x10FFFF; codepoint++) {
		if (codepoint == 0xD800)
			codepoint = 0xE000;
		length = itsm_utf8_encode(codepoint, bytes);
		if (itsm_utf8_decode(bytes, length, &found) != length || found != codepoint)
			fail_msg("U+%04X", (unsigned)codepoint);
		if (length > 1 && itsm_utf8_decode(bytes, length - 1, &found) != 0)
			fail_msg("U+%04X cut short", (unsigned)codepoint);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(itsm_utf8_decode(bad[i], strlen(bad[i]), &found), 0);
	assert_int_equal(itsm_utf8_invalid("aä€😀", 10), 10);
	assert_int_equal(itsm_utf8_invalid("aä\xFFx", 5), 3);
	arena = itsm_arena_new();
	assert_string_equal(itsm_utf8_repair(arena, "aä€😀"), "aä€😀");
	assert_string_equal(itsm_utf8_repair(arena, "\xFF" "aä\xC3\xFFx\xE2\x82"), "\uFFFDaä\uFFFD\uFFFDx\uFFFD\uFFFD");
	itsm_arena_free(arena);
	assert_true(itsm_utf8_is_control(0) && itsm_utf8_is_control(0x7F) && itsm_utf8_is_control(0x9F));
	assert_false(itsm_utf8_is_control(' ') || itsm_utf8_is_control(0xA0));
	assert_true(itsm_utf8_is_deceptive(0x202E) && itsm_utf8_is_deceptive(0x2066) && itsm_utf8_is_deceptive(0x200F));
	assert_false(itsm_utf8_is_deceptive(0x2027) || itsm_utf8_is_deceptive(0x202F) || itsm_utf8_is_deceptive('a'));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errors),
		cmocka_unit_test(test_exit_codes),
		cmocka_unit_test(test_arena),
		cmocka_unit_test(test_grow),
		cmocka_unit_test(test_buffer),
		cmocka_unit_test(test_findings),
		cmocka_unit_test(test_calendar),
		cmocka_unit_test(test_time_parse),
		cmocka_unit_test(test_time_refusals),
		cmocka_unit_test(test_dates_and_durations),
		cmocka_unit_test(test_moments),
		cmocka_unit_test(test_random_ids),
		cmocka_unit_test(test_slugs),
		cmocka_unit_test(test_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
