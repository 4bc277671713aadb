/*
 * Service-level clocks: the .case files of tests/cases/sla (its README.md has the format), and the published worked
 * examples in the folder `oracles` beside the real data.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "itsm/sla.h"
#include "itsm/time.h"
#include "itsm/yaml.h"

#define MOST 32

struct named {
	const char *name;
	struct itsm_calendar *calendar;
};

struct file {
	const char *name;
	unsigned line;
	size_t cases, expectations;
	struct itsm_arena *arena;
	struct named calendars[MOST];
	size_t calendar_count;
	struct itsm_sla_terms terms;
	struct itsm_sla_moment moments[MOST];
	size_t moment_count;
	struct itsm_sla_clock clock;
	struct itsm_sla_interval *intervals;
	size_t interval_count, interval;
	char *words[MOST];
	size_t count;
};

#define BAD(file, ...) fail_msg("%s:%u: " __VA_ARGS__, (file)->name, (file)->line)

static const char *word(struct file *file, size_t at)
{
	if (at >= file->count)
		fail_msg("%s:%u: a word is missing", file->name, file->line);
	return itsm_arena_strdup(file->arena, file->words[at]);
}

static int64_t moment(struct file *file, const char *text)
{
	struct itsm_time time;

	if (itsm_time_parse(text, &time, NULL) != 0)
		fail_msg("%s:%u: '%s' is no moment", file->name, file->line, text);
	return time.seconds;
}

static int64_t duration(struct file *file, const char *text)
{
	int64_t seconds;

	if (!itsm_duration_parse(text + (*text == '-'), &seconds))
		fail_msg("%s:%u: '%s' is no duration", file->name, file->line, text);
	return *text == '-' ? -seconds : seconds;
}

static const char *const *rest(struct file *file, size_t from)
{
	const char **list = itsm_arena_alloc(file->arena, (MOST + 1) * sizeof(*list));

	for (size_t i = from; i < file->count; i++)
		list[i - from] = word(file, i);
	return list;
}

static struct itsm_calendar *calendar_of(struct itsm_arena *arena, const char *name, const char *yaml)
{
	struct itsm_error error = {0};
	struct itsm_calendar *calendar = NULL;
	struct itsm_yaml *front;

	if (itsm_yaml_parse(arena, yaml, strlen(yaml), 1, &front, &error) != 0 ||
	    itsm_calendar_new(name, front, NULL, &calendar, &error) != 0)
		fail_msg("%s: %s", name, error.message);
	return calendar;
}

/* calendar NAME ZONE [DAY[-DAY] HOURS ...] [holiday DATE ...] */
static void run_calendar(struct file *file)
{
	static const char *const days[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
	struct itsm_buffer hours = {0}, holidays = {0}, yaml = {0};
	const char *name = word(file, 1);

	for (size_t i = 3; i + 1 < file->count; i += 2) {
		size_t first = 0, last;

		if (strcmp(file->words[i], "holiday") == 0) {
			itsm_buffer_printf(&holidays, "  - {date: %s}\n", file->words[i + 1]);
			continue;
		}
		while (first < 7 && strncmp(days[first], file->words[i], 3) != 0)
			first++;
		for (last = first; strlen(file->words[i]) > 3 && last < 7 && strncmp(days[last], file->words[i] + 4, 3) != 0;)
			last++;
		for (; first <= last && last < 7; first++)
			itsm_buffer_printf(&hours, "  %s: [%s]\n", days[first], file->words[i + 1]);
	}
	itsm_buffer_printf(&yaml, "name: %s\nzone: %s\n", name, word(file, 2));
	if (hours.length)
		itsm_buffer_printf(&yaml, "hours:\n%s", hours.data);
	if (holidays.length)
		itsm_buffer_printf(&yaml, "holidays:\n%s", holidays.data);
	file->calendars[file->calendar_count++] = (struct named){name, calendar_of(file->arena, name, yaml.data)};
	itsm_buffer_free(&hours);
	itsm_buffer_free(&holidays);
	itsm_buffer_free(&yaml);
}

static void run_case(struct file *file)
{
	file->cases++;
	file->moment_count = 0;
	file->terms = (struct itsm_sla_terms){.warn = 0};
	for (int i = 0; i < ITSM_SLA_PRIORITIES; i++)
		file->terms.goals[i] = -1;
}

static void run_by(struct file *file)
{
	const char *name = word(file, 1);

	file->terms.calendar = NULL;
	if (strcmp(name, "24x7") == 0)
		return;
	for (size_t i = 0; i < file->calendar_count; i++)
		if (strcmp(file->calendars[i].name, name) == 0)
			file->terms.calendar = file->calendars[i].calendar;
	if (!file->terms.calendar)
		BAD(file, "there is no calendar '%s'", name);
}

static void run_goal(struct file *file)
{
	if (file->count > 2)
		file->terms.goals[atoi(word(file, 1))] = duration(file, word(file, 2));
	else
		for (int i = 0; i < ITSM_SLA_PRIORITIES; i++)
			file->terms.goals[i] = duration(file, word(file, 1));
}

static void run_at(struct file *file)
{
	file->moments[file->moment_count++] = (struct itsm_sla_moment){
		.at = moment(file, word(file, 1)),
		.state = word(file, 2),
		.priority = file->count > 3 ? atoi(word(file, 3)) : 0,
		.holder = file->count > 4 ? word(file, 4) : NULL,
	};
}

/* The intervals have no gaps, and their sums are the clock's. */
static void check_intervals(struct file *file)
{
	const struct itsm_sla_clock *clock = &file->clock;
	int64_t ran = 0, stood = 0;

	for (size_t i = 0; i < file->interval_count; i++) {
		const struct itsm_sla_interval *interval = &file->intervals[i];
		int64_t length = interval->open && interval->start >= clock->start ? interval->end - interval->start : 0;

		if (interval->start >= interval->end || (i && interval->start != interval[-1].end))
			BAD(file, "interval %zu does not follow the one before", i);
		ran += interval->span == ITSM_SLA_RAN ? length : 0;
		stood += interval->span == ITSM_SLA_RAN || interval->span == ITSM_SLA_BEFORE ? 0 : length;
	}
	if (ran != clock->elapsed || stood != clock->paused)
		BAD(file, "the intervals sum up to %lld and %lld, the clock to %lld and %lld", (long long)ran, (long long)stood,
			(long long)clock->elapsed, (long long)clock->paused);
}

static void run_now(struct file *file)
{
	struct itsm_error error = {0};

	if (itsm_sla_judge(&file->terms, file->moments, file->moment_count, moment(file, word(file, 1)), &file->clock, &error) != 0 ||
	    itsm_sla_explain(file->arena, &file->terms, file->moments, file->moment_count, &file->clock, &file->intervals,
		    &file->interval_count, &error) != 0)
		BAD(file, "%s", error.message);
	file->interval = 0;
	check_intervals(file);
}

static void expect_number(struct file *file, const char *name, int64_t expected, int64_t got)
{
	char text[ITSM_TIME_TEXT];

	itsm_time_format_utc(got, text);
	if (expected != got)
		BAD(file, "%s is %lld s (%s), expected %lld", name, (long long)got, text, (long long)expected);
}

/* One `name value`, or a word alone. How many words it took. */
static size_t expect_word(struct file *file, size_t at)
{
	const struct itsm_sla_clock *clock = &file->clock;
	const struct {
		const char *name;
		int64_t got;
		bool is_moment;
	} values[] = {
		{"elapsed", clock->elapsed, false}, {"paused", clock->paused, false}, {"left", clock->left, false},
		{"goal", clock->goal, false}, {"due", clock->due, true}, {"warn", clock->warn_at, true},
		{"start", clock->start, true}, {"end", clock->end, true},
	};
	const char *name = word(file, at);

	if (strcmp(name, "warned") == 0 || strcmp(name, "unwarned") == 0) {
		if (clock->warned != (*name == 'w'))
			BAD(file, "it is not %s", name);
		return 1;
	}
	if (strcmp(name, "never-due") == 0) {
		if (clock->has_due)
			BAD(file, "it is due");
		return 1;
	}
	for (size_t i = 0; i < sizeof(values) / sizeof(*values); i++) {
		if (strcmp(values[i].name, name) != 0)
			continue;
		expect_number(file, name, values[i].is_moment ? moment(file, word(file, at + 1)) : duration(file, word(file, at + 1)),
			values[i].got);
		return 2;
	}
	BAD(file, "'%s' is nothing to expect", name);
	return 1;
}

static void run_expect(struct file *file)
{
	const char *got = itsm_sla_status_name(file->clock.status);

	file->expectations++;
	if (strcmp(got, word(file, 1)) != 0)
		BAD(file, "it is %s", got);
	for (size_t i = 2; i < file->count;)
		i += expect_word(file, i);
}

/* interval START END WHAT [closed]: the next one */
static void run_interval(struct file *file)
{
	static const char *const names[] = {"ran", "stood", "ended", "elsewhere", "before"};
	const struct itsm_sla_interval *interval = &file->intervals[file->interval++];

	if (file->interval > file->interval_count)
		BAD(file, "there are %zu intervals", file->interval_count);
	expect_number(file, "start", moment(file, word(file, 1)), interval->start);
	expect_number(file, "end", moment(file, word(file, 2)), interval->end);
	if (strcmp(names[interval->span], word(file, 3)) != 0 || interval->open != (file->count == 4))
		BAD(file, "it %s, %s", names[interval->span], interval->open ? "open" : "closed");
}

static void run_words(struct file *file)
{
	const char *name = word(file, 0);

	if (strcmp(name, "calendar") == 0)
		run_calendar(file);
	else if (strcmp(name, "case") == 0)
		run_case(file);
	else if (strcmp(name, "by") == 0)
		run_by(file);
	else if (strcmp(name, "goal") == 0)
		run_goal(file);
	else if (strcmp(name, "pauses") == 0)
		file->terms.pauses = rest(file, 1);
	else if (strcmp(name, "stops") == 0)
		file->terms.stops = rest(file, 1);
	else if (strcmp(name, "withdrawals") == 0)
		file->terms.withdrawals = rest(file, 1);
	else if (strcmp(name, "holder") == 0)
		file->terms.holder = word(file, 1);
	else if (strcmp(name, "warns") == 0)
		file->terms.warn = atoi(word(file, 1));
	else if (strcmp(name, "once") == 0)
		file->terms.once = true;
	else if (strcmp(name, "afresh") == 0)
		file->terms.afresh = true;
	else if (strcmp(name, "at") == 0)
		run_at(file);
	else if (strcmp(name, "now") == 0)
		run_now(file);
	else if (strcmp(name, "expect") == 0)
		run_expect(file);
	else if (strcmp(name, "interval") == 0)
		run_interval(file);
	else
		BAD(file, "'%s' is no line of a case", name);
}

static void run_line(struct file *file, char *line)
{
	char *save = NULL, *text;

	line[strcspn(line, "\n")] = '\0';
	if (*line == '#')
		return;
	file->count = 0;
	for (text = strtok_r(line, " ", &save); text && file->count < MOST; text = strtok_r(NULL, " ", &save))
		file->words[file->count++] = text;
	if (file->count)
		run_words(file);
}

static void run_file(const char *path, const char *name)
{
	struct file *file = calloc(1, sizeof(*file));
	FILE *stream = fopen(path, "r");
	char line[512];

	assert_non_null(stream);
	assert_non_null(file);
	file->name = name;
	file->arena = itsm_arena_new();
	while (fgets(line, sizeof(line), stream)) {
		file->line++;
		run_line(file, line);
	}
	assert_true(file->cases > 0 && file->expectations >= file->cases);
	fclose(stream);
	for (size_t i = 0; i < file->calendar_count; i++)
		itsm_calendar_free(file->calendars[i].calendar);
	itsm_arena_free(file->arena);
	free(file);
}

static void test_cases(void **state)
{
	(void)state;
	assert_true(cases_run("sla", ".case", run_file) >= 6);
}

/* ---- the published examples; their times have no zone: they are read as UTC ---- */

static FILE *oracle(const char *name)
{
	const char *data = getenv("ITSM_DATA"), *source = getenv("ITSM_SOURCE");
	char path[2048];

	if (data)
		snprintf(path, sizeof(path), "%s/../oracles/%s", data, name);
	else
		snprintf(path, sizeof(path), "%s/../shared/oracles/%s", source ? source : ".", name);
	return fopen(path, "r");
}

static int64_t utc(const char *text)
{
	char whole[64];
	struct itsm_time time;

	snprintf(whole, sizeof(whole), "%.19sZ", text);
	assert_int_equal(itsm_time_parse(whole, &time, NULL), 0);
	return time.seconds;
}

/* The lines of a CSV file that are neither comments nor its head, cut at commas. */
static size_t read_cells(FILE *stream, char *line, size_t size, char **cells, size_t most)
{
	size_t count = 0;

	while (fgets(line, (int)size, stream)) {
		if (*line == '#' || strncmp(line, "source,", 7) == 0)
			continue;
		line[strcspn(line, "\r\n")] = '\0';
		for (char *at = line; at && count < most;)
			cells[count++] = strsep(&at, ",");
		return count;
	}
	return 0;
}

static void check_example(struct itsm_calendar *calendar, char **cells)
{
	static const char *const pauses[] = {"pending", NULL}, *const stops[] = {"closed", NULL};
	struct itsm_sla_terms terms = {.calendar = calendar, .pauses = pauses, .stops = stops};
	struct itsm_sla_moment moments[MOST] = {{.at = utc(cells[2]), .state = "new"}};
	struct itsm_sla_clock clock;
	size_t count = 1;

	assert_true(itsm_duration_parse(cells[3], &terms.goals[0]));
	for (char *rest = cells[4], *pause; (pause = strsep(&rest, ";")) && *pause; count += 2) {
		moments[count] = (struct itsm_sla_moment){.at = utc(pause), .state = "pending"};
		moments[count + 1] = (struct itsm_sla_moment){.at = utc(strchr(pause, '/') + 1), .state = "assigned"};
	}
	assert_int_equal(itsm_sla_judge(&terms, moments, count, moments[count - 1].at, &clock, NULL), 0);
	assert_int_equal(clock.paused, atoll(cells[5]));
	assert_int_equal(clock.due, utc(cells[6]));
}

static void test_sla_oracle(void **state)
{
	static const char hours[] = "name: A\nzone: UTC\nhours: {monday: [10:30-19:00], tuesday: [08:30-19:00], wednesday: [08:30-19:00],"
		" thursday: [08:30-19:00], friday: [08:30-19:00]}\n";
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_calendar *calendar = calendar_of(arena, "A", hours);
	FILE *stream = oracle("sla.csv");
	char line[1024], *cells[8];
	size_t seen = 0;

	(void)state;
	if (!stream) {
		itsm_calendar_free(calendar);
		itsm_arena_free(arena);
		skip();
	}
	while (read_cells(stream, line, sizeof(line), cells, 8) == 7) {
		check_example(calendar, cells);
		seen++;
	}
	assert_int_equal(seen, 4);
	fclose(stream);
	itsm_calendar_free(calendar);
	itsm_arena_free(arena);
}

static void test_business_time_oracle(void **state)
{
	static const char *const hours[] = {"08:00-20:00", "09:00-17:00", "08:00-17:00"}; /* calendars B, C, D */
	struct itsm_arena *arena = itsm_arena_new();
	FILE *stream = oracle("business_time.csv");
	char line[1024], *cells[8], yaml[512];
	size_t seen = 0;

	(void)state;
	if (!stream) {
		itsm_arena_free(arena);
		skip();
	}
	while (read_cells(stream, line, sizeof(line), cells, 8) == 5) {
		const char *open = hours[*cells[1] - 'B'];
		struct itsm_calendar *calendar;
		int64_t seconds;

		snprintf(yaml, sizeof(yaml), "name: X\nzone: UTC\nhours: {monday: [%s], tuesday: [%s], wednesday: [%s], thursday: [%s],"
			" friday: [%s]}\n", open, open, open, open, open);
		calendar = calendar_of(arena, "X", yaml);
		assert_int_equal(itsm_calendar_seconds(calendar, utc(cells[2]), utc(cells[3]), &seconds, NULL), 0);
		assert_int_equal(seconds, atoll(cells[4]));
		itsm_calendar_free(calendar);
		seen++;
	}
	assert_int_equal(seen, 3);
	fclose(stream);
	itsm_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_sla_oracle),
		cmocka_unit_test(test_business_time_oracle) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
