/*
 * Runs the .yaml files of tests/cases/calendar: a calendar, and what it says of some times.
 * tests/cases/calendar/README.md has the format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "itsm/calendar.h"
#include "itsm/time.h"

struct file {
	const char *name;
	struct itsm_arena *arena;
	struct itsm_yaml *root;
	struct itsm_calendar *calendar;
	size_t asked;
};

#define BAD(file, node, ...) \
	do { \
		print_error("%s:%u: ", (file)->name, (node)->line); \
		fail_msg(__VA_ARGS__); \
	} while (0)

static const char *text(struct file *file, const struct itsm_yaml *node, const char *key)
{
	const char *found = itsm_yaml_text(node, key);

	if (!found)
		BAD(file, node, "no '%s'", key);
	return found;
}

static int64_t moment(struct file *file, const struct itsm_yaml *node, const char *key)
{
	struct itsm_time time;

	if (itsm_time_parse(text(file, node, key), &time, NULL) != 0)
		BAD(file, node, "'%s' is no moment", text(file, node, key));
	return time.seconds;
}

static int64_t duration(struct file *file, const struct itsm_yaml *node, const char *key)
{
	int64_t seconds;

	if (!itsm_duration_parse(text(file, node, key), &seconds))
		BAD(file, node, "'%s' is no duration", text(file, node, key));
	return seconds;
}

/* What came of a call against `is`, or `error`. */
static void compare(struct file *file, const struct itsm_yaml *node, int status, const struct itsm_error *error,
	const char *got)
{
	const char *wanted = itsm_yaml_text(node, "error");

	file->asked++;
	if (wanted && status == 0)
		BAD(file, node, "no error, but %s", got);
	if (wanted && !strstr(error->message, wanted))
		BAD(file, node, "the error is: %s", error->message);
	if (!wanted && status != 0)
		BAD(file, node, "%s", error->message);
	if (!wanted && strcmp(got, text(file, node, "is")) != 0)
		BAD(file, node, "got %s", got);
}

static void put_time(struct file *file, struct itsm_buffer *out, int64_t seconds)
{
	struct itsm_zone *zone = itsm_calendar_zone(file->calendar);
	char text_of[ITSM_TIME_TEXT];

	itsm_time_format((struct itsm_time){seconds, itsm_zone_offset(zone, seconds) / 60}, text_of);
	itsm_buffer_puts(out, text_of);
}

static void ask_seconds(struct file *file, const struct itsm_yaml *node)
{
	struct itsm_error error;
	int64_t seconds = 0, wanted = itsm_yaml_text(node, "is") ? duration(file, node, "is") : 0;
	int status = itsm_calendar_seconds(file->calendar, moment(file, node, "from"), moment(file, node, "to"), &seconds,
		&error);
	char got[64];

	if (status == 0 && itsm_yaml_text(node, "is") && seconds == wanted)
		snprintf(got, sizeof(got), "%s", text(file, node, "is"));
	else
		snprintf(got, sizeof(got), "%llds", (long long)seconds);
	compare(file, node, status, &error, got);
}

static void ask_add(struct file *file, const struct itsm_yaml *node)
{
	struct itsm_buffer got = {0};
	struct itsm_error error;
	int64_t from = moment(file, node, "from"), length = duration(file, node, "add"), when = 0, back;
	int status = itsm_calendar_add(file->calendar, from, length, &when, &error);

	if (status == 0)
		put_time(file, &got, when);
	compare(file, node, status, &error, got.data);
	if (status == 0) {
		assert_int_equal(itsm_calendar_seconds(file->calendar, from, when, &back, &error), 0);
		assert_int_equal(back, length);
	}
	itsm_buffer_free(&got);
}

static void ask_open(struct file *file, const struct itsm_yaml *node)
{
	struct itsm_buffer got = {0};
	struct itsm_error error;
	struct itsm_span *spans = NULL;
	size_t count = 0;
	int64_t sum = 0, seconds = 0;
	int status = itsm_calendar_open(file->calendar, file->arena, moment(file, node, "from"), moment(file, node, "to"),
		&spans, &count, &error);

	itsm_buffer_puts(&got, "");
	for (size_t i = 0; i < count; i++) {
		itsm_buffer_puts(&got, i ? ", " : "");
		put_time(file, &got, spans[i].start);
		itsm_buffer_putc(&got, '/');
		put_time(file, &got, spans[i].end);
		sum += spans[i].end - spans[i].start;
	}
	compare(file, node, status, &error, got.data);
	if (status == 0) {
		itsm_calendar_seconds(file->calendar, moment(file, node, "from"), moment(file, node, "to"), &seconds, &error);
		assert_int_equal(sum, seconds);
	}
	itsm_buffer_free(&got);
}

static void put_names(struct itsm_buffer *out, const char *before, const char *const *names)
{
	for (size_t i = 0; names && names[i]; i++)
		itsm_buffer_printf(out, "%s%s", i ? "," : before, names[i]);
}

static void ask_events(struct file *file, const struct itsm_yaml *node, enum itsm_calendar_part part)
{
	struct itsm_buffer got = {0};
	struct itsm_error error;
	struct itsm_calendar_event *events = NULL;
	size_t count = 0;
	int status = itsm_calendar_events(file->calendar, file->arena, part, moment(file, node, "from"),
		moment(file, node, "to"), &events, &count, &error);

	itsm_buffer_puts(&got, "");
	for (size_t i = 0; i < count; i++) {
		itsm_buffer_puts(&got, i ? ", " : "");
		put_time(file, &got, events[i].start);
		itsm_buffer_putc(&got, '/');
		put_time(file, &got, events[i].end);
		itsm_buffer_printf(&got, " %s", events[i].entry->name);
		itsm_buffer_puts(&got, part == ITSM_CALENDAR_FREEZE && !events[i].entry->hard ? " soft" : "");
		put_names(&got, " services ", events[i].entry->services);
		put_names(&got, " items ", events[i].entry->items);
		put_names(&got, " in ", events[i].entry->environments);
	}
	compare(file, node, status, &error, got.data);
	itsm_buffer_free(&got);
}

static void ask(struct file *file, const struct itsm_yaml *node)
{
	if (itsm_yaml_get(node, "seconds"))
		BAD(file, node, "write `ask: seconds`");
	if (strcmp(text(file, node, "ask"), "seconds") == 0)
		ask_seconds(file, node);
	else if (strcmp(text(file, node, "ask"), "add") == 0)
		ask_add(file, node);
	else if (strcmp(text(file, node, "ask"), "open") == 0)
		ask_open(file, node);
	else if (strcmp(text(file, node, "ask"), "windows") == 0)
		ask_events(file, node, ITSM_CALENDAR_WINDOW);
	else if (strcmp(text(file, node, "ask"), "freezes") == 0)
		ask_events(file, node, ITSM_CALENDAR_FREEZE);
	else if (strcmp(text(file, node, "ask"), "holidays") == 0)
		ask_events(file, node, ITSM_CALENDAR_HOLIDAY);
	else
		BAD(file, node, "'%s' is nothing to ask", text(file, node, "ask"));
}

static int read_beside(void *context, const char *name, struct itsm_buffer *out, struct itsm_error *err)
{
	const struct file *file = context;
	const char *found = itsm_yaml_text(itsm_yaml_get(file->root, "files"), name);

	if (!found)
		return itsm_error_set(err, ITSM_ENOTFOUND, "there is no file '%s'", name);
	itsm_buffer_puts(out, found);
	return 0;
}

static void run(struct file *file)
{
	const struct itsm_yaml *asks = itsm_yaml_get(file->root, "asks");
	const char *ics = itsm_yaml_text(file->root, "ics"), *wanted = itsm_yaml_text(file->root, "refused");
	const struct itsm_calendar_files files = {read_beside, file};
	struct itsm_error error = {0};
	int status = ics ? itsm_calendar_new_ics("c", ics, strlen(ics), itsm_yaml_text(file->root, "zone"),
			&file->calendar, &error) :
		itsm_calendar_new("c", itsm_yaml_get(file->root, "calendar"), &files, &file->calendar, &error);

	if (wanted && (status == 0 || !strstr(error.message, wanted)))
		BAD(file, file->root, "not refused, or so: %s", error.message);
	if (wanted)
		return;
	if (status != 0)
		BAD(file, file->root, "%s", error.message);
	for (size_t i = 0; asks && i < asks->count; i++)
		ask(file, asks->items[i]);
	assert_true(file->asked > 0);
}

static char *read_all(const char *path, size_t *size)
{
	FILE *stream = fopen(path, "r");
	char *bytes = calloc(1, 1 << 20);

	assert_non_null(stream);
	assert_non_null(bytes);
	*size = fread(bytes, 1, (1 << 20) - 1, stream);
	fclose(stream);
	return bytes;
}

static void run_file(const char *path, const char *name)
{
	struct file file = {.name = name, .arena = itsm_arena_new()};
	struct itsm_error error;
	size_t size;
	char *bytes = read_all(path, &size);

	if (itsm_yaml_parse(file.arena, bytes, size, 1, &file.root, &error) != 0)
		fail_msg("%s:%u: %s", name, error.line, error.message);
	free(bytes);
	run(&file);
	itsm_calendar_free(file.calendar);
	itsm_arena_free(file.arena);
}

static void test_cases(void **state)
{
	(void)state;
	assert_true(cases_run("calendar", ".yaml", run_file) >= 15);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
