/* Calendars against real data and what others computed, and hostile files. The cases: test_calendar_cases.c. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "itsm/calendar.h"
#include "itsm/json.h"
#include "itsm/time.h"

static const char weekdays[] = "hours: {monday: ['%s'], tuesday: ['%s'], wednesday: ['%s'], thursday: ['%s'], friday: ['%s']}\n";

static void path_of(char *out, size_t size, const char *below)
{
	const char *data = getenv("ITSM_DATA"), *source = getenv("ITSM_SOURCE");

	if (data)
		snprintf(out, size, "%s/%s", data, below);
	else
		snprintf(out, size, "%s/../shared/data/%s", source ? source : ".", below);
}

static char *read_all(const char *path, size_t *size)
{
	FILE *stream = fopen(path, "r");
	char *bytes;

	if (!stream)
		return NULL;
	bytes = calloc(1, 4 << 20);
	assert_non_null(bytes);
	*size = fread(bytes, 1, (4 << 20) - 1, stream);
	fclose(stream);
	return bytes;
}

static struct itsm_calendar *make(const char *front)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_calendar *calendar = NULL;
	struct itsm_error error;
	struct itsm_yaml *node;

	if (itsm_yaml_parse(arena, front, strlen(front), 1, &node, &error) != 0 ||
		itsm_calendar_new("c", node, NULL, &calendar, &error) != 0)
		fail_msg("%s", error.message);
	itsm_arena_free(arena);
	return calendar;
}

static int64_t seconds_of(struct itsm_calendar *calendar, int64_t from, int64_t to)
{
	struct itsm_error error;
	int64_t seconds = -1;

	if (itsm_calendar_seconds(calendar, from, to, &seconds, &error) != 0)
		fail_msg("%s", error.message);
	return seconds;
}

/* A calendar open all day from Monday to Friday, with the holidays of a nation. */
static void put_nation(struct itsm_buffer *out, const struct itsm_yaml *years)
{
	itsm_buffer_puts(out, "name: UK\nzone: Europe/London\n");
	itsm_buffer_printf(out, weekdays, "00:00-24:00", "00:00-24:00", "00:00-24:00", "00:00-24:00", "00:00-24:00");
	itsm_buffer_puts(out, "holidays:\n");
	for (size_t i = 0; i < years->count && years->items[i]->type == ITSM_YAML_SEQUENCE; i++) {
		for (size_t j = 0; j < years->items[i]->count; j++) {
			int day, month, year;

			assert_int_equal(sscanf(itsm_yaml_text(years->items[i]->items[j], "date"), "%d/%d/%d", &day, &month,
				&year), 3);
			itsm_buffer_printf(out, "  - {date: %04d-%02d-%02d, name: %s}\n", year, month, day,
				itsm_yaml_text(years->items[i]->items[j], "title"));
		}
	}
}

static void check_nation(const struct itsm_yaml *years, size_t usual)
{
	struct itsm_buffer front = {0};
	struct itsm_calendar *calendar;
	size_t ran = 0;

	put_nation(&front, years);
	calendar = make(front.data);
	for (size_t i = 0; i < years->count && years->items[i]->type == ITSM_YAML_SEQUENCE; i++) {
		int year = atoi(years->keys[i]->text), weekday_count = 0;
		int64_t first = itsm_days_from_civil(year, 1, 1), last = itsm_days_from_civil(year + 1, 1, 1);
		struct itsm_arena *arena = itsm_arena_new();
		struct itsm_calendar_event *events;
		struct itsm_error error;
		size_t count;

		assert_true(year >= 2015);
		for (int64_t day = first; day < last; day++)
			weekday_count += (day + 3) % 7 < 5;
		assert_int_equal(itsm_calendar_events(calendar, arena, ITSM_CALENDAR_HOLIDAY, first * 86400, last * 86400,
			&events, &count, &error), 0);
		assert_int_equal(count, years->items[i]->count);
		assert_int_equal(count, usual);
		ran++;
		/* holidays are on weekdays, and no weekday has a change of clocks */
		assert_int_equal(seconds_of(calendar, first * 86400, last * 86400),
			(weekday_count - (int64_t)count) * 86400);
		itsm_arena_free(arena);
	}
	assert_true(ran >= 7);
	itsm_calendar_free(calendar);
	itsm_buffer_free(&front);
}

static void test_bank_holidays(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_yaml *divisions;
	struct itsm_yaml *root;
	struct itsm_error error;
	char path[1024], *text;
	size_t size = 0;

	(void)state;
	path_of(path, sizeof(path), "calendars/bank-holidays/data/bank-holidays.json");
	text = read_all(path, &size);
	if (!text) {
		itsm_arena_free(arena);
		skip();
	}
	if (itsm_json_parse(arena, text, size, &root, &error) != 0)
		fail_msg("%s", error.message);
	divisions = itsm_yaml_get(root, "divisions");
	check_nation(itsm_yaml_get(divisions, "england-and-wales"), 8);
	check_nation(itsm_yaml_get(divisions, "scotland"), 9);
	check_nation(itsm_yaml_get(divisions, "northern-ireland"), 10);
	free(text);
	itsm_arena_free(arena);
}

/* ../shared/oracles/business_time.csv: calendars B, C and D of its first line. */
static void test_oracle(void **state)
{
	static const char *const hours[] = {"08:00-20:00", "09:00-17:00", "08:00-17:00"};
	struct itsm_calendar *calendars[3];
	char path[1024], line[512];
	size_t asked = 0;
	FILE *stream;

	(void)state;
	path_of(path, sizeof(path), "../oracles/business_time.csv");
	stream = fopen(path, "r");
	if (!stream)
		skip();
	for (size_t i = 0; i < 3; i++) {
		snprintf(line, sizeof(line), "name: C\nzone: UTC\nhours: {monday: ['%s'], tuesday: ['%s'], wednesday: ['%s'],"
			" thursday: ['%s'], friday: ['%s']}\n", hours[i], hours[i], hours[i], hours[i], hours[i]);
		calendars[i] = make(line);
	}
	while (fgets(line, sizeof(line), stream)) {
		char name, from[32], to[32];
		struct itsm_time start, end;
		long long seconds;

		if (sscanf(line, "%*[^,],%c,%29[^,],%29[^,],%lld", &name, from, to, &seconds) != 4)
			continue;
		strcat(from, "Z");
		strcat(to, "Z");
		assert_int_equal(itsm_time_parse(from, &start, NULL), 0);
		assert_int_equal(itsm_time_parse(to, &end, NULL), 0);
		assert_int_equal(seconds_of(calendars[name - 'B'], start.seconds, end.seconds), seconds);
		asked++;
	}
	assert_true(asked >= 3);
	for (size_t i = 0; i < 3; i++)
		itsm_calendar_free(calendars[i]);
	fclose(stream);
}

/* Every second of what is open, counted one by one, is what the arithmetic says; add and seconds undo each other. */
static void test_laws(void **state)
{
	struct itsm_calendar *calendar = make("name: L\nzone: America/St_Johns\nhours: {monday: ['08:10-12:00', '11:00-13:05'],"
		" tuesday: ['22:15-01:45'], saturday: ['00:00-24:00'], sunday: ['01:30-03:30']}\n"
		"holidays: [{date: 2026-11-03, name: H, repeat: FREQ=YEARLY}]\n");
	int64_t base = itsm_days_from_civil(2025, 12, 28) * 86400;
	uint64_t random = 88172645463325252u;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct itsm_arena *arena = itsm_arena_new();
		struct itsm_span *spans;
		struct itsm_error error;
		int64_t from, to, sum = 0, seconds, when;
		size_t count;

		random ^= random << 13;
		random ^= random >> 7;
		random ^= random << 17;
		from = base + (int64_t)(random % (500 * 86400));
		to = from + (int64_t)((random >> 32) % (400 * 86400));
		assert_int_equal(itsm_calendar_open(calendar, arena, from, to, &spans, &count, &error), 0);
		for (size_t j = 0; j < count; j++) {
			assert_true(spans[j].start < spans[j].end && spans[j].start >= from && spans[j].end <= to);
			assert_true(j == 0 || spans[j].start > spans[j - 1].end);
			sum += spans[j].end - spans[j].start;
		}
		seconds = seconds_of(calendar, from, to);
		assert_int_equal(seconds, sum);
		assert_int_equal(seconds_of(calendar, from, (from + to) / 2) + seconds_of(calendar, (from + to) / 2, to), sum);
		assert_int_equal(itsm_calendar_add(calendar, from, seconds, &when, &error), 0);
		assert_true(when <= to && (seconds == 0 || when == spans[count - 1].end));
		itsm_arena_free(arena);
	}
	itsm_calendar_free(calendar);
}

static int64_t clock_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Whatever a file holds: it is read or refused, soon, and what was read can be asked. */
static void try_file(const char *name, const char *text, size_t size)
{
	struct itsm_calendar *calendar;
	struct itsm_error error = {0};
	int64_t from = itsm_days_from_civil(2000, 1, 1) * 86400, to = from + 3653 * INT64_C(86400), start = clock_ms();
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_calendar_event *events;
	size_t count;

	if (itsm_calendar_new_ics("h", text, size, "Europe/Berlin", &calendar, &error) == 0) {
		(void)itsm_calendar_events(calendar, arena, 15, from, to, &events, &count, &error);
		itsm_calendar_free(calendar);
	} else {
		assert_true(error.message[0]);
	}
	itsm_arena_free(arena);
	if (clock_ms() - start > 20000)
		fail_msg("%s took %lld ms", name, (long long)(clock_ms() - start));
}

static void test_hostile_files(void **state)
{
	char folder[1024], path[2048], *text;
	struct dirent *entry;
	size_t size = 0, ran = 0;
	DIR *files;

	(void)state;
	path_of(folder, sizeof(folder), "calendars/ics");
	files = opendir(folder);
	if (!files)
		skip();
	while ((entry = readdir(files))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		text = read_all(path, &size);
		assert_non_null(text);
		try_file(entry->d_name, text, size);
		free(text);
		ran++;
	}
	closedir(files);
	assert_true(ran > 20);
}

static void refused(const struct itsm_buffer *text, const char *words)
{
	struct itsm_calendar *calendar;
	struct itsm_error error = {0};

	if (itsm_calendar_new_ics("b", text->data, text->length, NULL, &calendar, &error) == 0)
		fail_msg("not refused: %s", words);
	if (!strstr(error.message, words))
		fail_msg("%s", error.message);
}

static void test_bombs(void **state)
{
	struct itsm_buffer text = {0};
	struct itsm_calendar *calendar;
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_calendar_event *events;
	struct itsm_error error;
	size_t count;

	(void)state;
	for (int i = 0; i < 100000; i++)
		itsm_buffer_puts(&text, "BEGIN:VEVENT\r\n");
	refused(&text, "nested deeper than 8");
	itsm_buffer_clear(&text);
	itsm_buffer_puts(&text, "BEGIN:VCALENDAR\n\xff\xfe\n");
	refused(&text, "not UTF-8");
	itsm_buffer_clear(&text);
	while (text.length <= ITSM_CALENDAR_FILE_MAX_BYTES)
		itsm_buffer_puts(&text, "X-A:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n");
	refused(&text, "larger than");
	itsm_buffer_clear(&text);
	itsm_buffer_puts(&text, "hello");
	refused(&text, "calendar");
	/* many events that each come often */
	itsm_buffer_clear(&text);
	itsm_buffer_puts(&text, "BEGIN:VCALENDAR\n");
	for (int i = 0; i < 2000; i++)
		itsm_buffer_printf(&text, "BEGIN:VEVENT\nUID:%d\nCATEGORIES:FREEZE\nDTSTART:19000101T000000Z\nDURATION:PT1H\n"
			"RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23\nEND:VEVENT\n", i);
	itsm_buffer_puts(&text, "END:VCALENDAR\n");
	assert_int_equal(itsm_calendar_new_ics("b", text.data, text.length, NULL, &calendar, &error), 0);
	assert_int_equal(itsm_calendar_events(calendar, arena, ITSM_CALENDAR_FREEZE, 0, 86400, &events, &count, &error),
		ITSM_ELIMIT);
	assert_non_null(strstr(error.message, "comes too often"));
	itsm_calendar_free(calendar);
	itsm_arena_free(arena);
	itsm_buffer_free(&text);
}

/* Where clocks were at some instants, from the zone database as other programs read it. */
static void test_zones(void **state)
{
	static const struct {
		const char *name, *at;
		int offset;
	} cases[] = {{"Europe/Berlin", "2026-03-29T00:59:59Z", 3600}, {"Europe/Berlin", "2026-03-29T01:00:00Z", 7200},
		{"Europe/Berlin", "2026-10-25T00:59:59Z", 7200}, {"Europe/Berlin", "2026-10-25T01:00:00Z", 3600},
		{"America/New_York", "2026-07-01T00:00:00Z", -14400}, {"America/New_York", "2006-04-01T00:00:00Z", -18000},
		{"Asia/Kolkata", "2026-07-01T00:00:00Z", 19800}, {"Australia/Lord_Howe", "2026-01-01T00:00:00Z", 39600},
		{"Australia/Lord_Howe", "2026-07-01T00:00:00Z", 37800}, {"America/Sao_Paulo", "2018-12-01T00:00:00Z", -7200},
		{"America/Sao_Paulo", "2026-12-01T00:00:00Z", -10800}, {"Europe/London", "2036-07-01T00:00:00Z", 3600},
		{"Europe/London", "1970-01-01T00:00:00Z", 3600}, {"UTC", "2026-07-01T00:00:00Z", 0},
		{"-03:30", "2026-07-01T00:00:00Z", -12600}, {"Europe/Berlin", "2045-07-01T00:00:00Z", 7200}};
	struct itsm_arena *arena = itsm_arena_new();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct itsm_zone *zone;
		struct itsm_error error;
		struct itsm_time time;

		if (itsm_zone_find(arena, cases[i].name, &zone, &error) != 0)
			fail_msg("%s", error.message);
		assert_int_equal(itsm_time_parse(cases[i].at, &time, NULL), 0);
		if (itsm_zone_offset(zone, time.seconds) != cases[i].offset)
			fail_msg("%s at %s: %d", cases[i].name, cases[i].at, itsm_zone_offset(zone, time.seconds));
	}
	itsm_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_zones),
		cmocka_unit_test(test_bank_holidays),
		cmocka_unit_test(test_oracle),
		cmocka_unit_test(test_laws),
		cmocka_unit_test(test_hostile_files),
		cmocka_unit_test(test_bombs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
