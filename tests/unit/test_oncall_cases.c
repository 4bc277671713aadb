/* Runs the .case files of tests/cases/oncall: who is on call? tests/cases/oncall/README.md has the format. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "itsm/oncall.h"
#include "itsm/time.h"

struct file {
	const char *name;
	unsigned line;
	struct itsm_arena *arena;
	struct itsm_oncall_rota rota;
	struct itsm_oncall_span *spans;
	size_t count, told, asked;
};

static int64_t moment(const struct file *file, const char *text)
{
	struct itsm_time time;

	if (itsm_time_parse(text, &time, NULL) != 0)
		fail_msg("%s:%u: '%s' is no moment", file->name, file->line, text);
	return time.seconds;
}

/* Is the span what the words say? */
static void compare(const struct file *file, const struct itsm_oncall_span *span, const char *person, const char *layer)
{
	const char *told = span->person ? span->person : "nobody";
	const char *where = span->override ? "override" : span->layer ? span->layer : "";

	if (strcmp(told, person) != 0 || strcmp(where, layer) != 0)
		fail_msg("%s:%u: it is %s %s", file->name, file->line, told, where);
}

static void finish_schedule(struct file *file)
{
	if (file->told < file->count)
		fail_msg("%s:%u: %zu spans more than expected", file->name, file->line, file->count - file->told);
}

static void ask_at(struct file *file, char words[4][64])
{
	struct itsm_oncall_span span;
	struct itsm_error error;
	bool found;

	if (itsm_oncall_at(&file->rota, file->arena, moment(file, words[1]), 40 * 86400, &found, &span, &error) != 0)
		fail_msg("%s:%u: %s", file->name, file->line, error.message);
	if (!found && strcmp(words[2], "-") != 0)
		fail_msg("%s:%u: it is outside of the calendar", file->name, file->line);
	if (found)
		compare(file, &span, words[2], words[3]);
	file->asked++;
}

static void ask_schedule(struct file *file, char words[4][64])
{
	struct itsm_error error;

	finish_schedule(file);
	if (itsm_oncall_schedule(&file->rota, file->arena, moment(file, words[1]), moment(file, words[2]), &file->spans,
		    &file->count, &error) != 0)
		fail_msg("%s:%u: %s", file->name, file->line, error.message);
	file->told = 0;
	file->asked++;
}

static void run_line(struct file *file, const char *line)
{
	char words[4][64] = {"", "", "", ""};

	if (sscanf(line, "%63s %63s %63s %63s", words[0], words[1], words[2], words[3]) < 1 || *words[0] == '#')
		return;
	if (strcmp(words[0], "at") == 0) {
		ask_at(file, words);
	} else if (strcmp(words[0], "schedule") == 0) {
		ask_schedule(file, words);
	} else if (file->told < file->count) {
		const struct itsm_oncall_span *span = &file->spans[file->told++];

		compare(file, span, words[2], words[3]);
		if (span->start != moment(file, words[0]) || span->end != moment(file, words[1]))
			fail_msg("%s:%u: it is %lld to %lld", file->name, file->line, (long long)span->start, (long long)span->end);
	} else {
		fail_msg("%s:%u: there is no such span", file->name, file->line);
	}
}

static void read_rota(struct file *file, const char *text, size_t size)
{
	struct itsm_error error;
	struct itsm_yaml *front;
	const struct itsm_yaml *calendar;

	if (itsm_yaml_parse(file->arena, text, size, 1, &front, &error) != 0 ||
	    itsm_oncall_read(file->arena, "rota", front, NULL, &file->rota, &error) != 0)
		fail_msg("%s:%u: %s", file->name, error.line, error.message);
	calendar = itsm_yaml_get(front, "calendar");
	if (calendar && itsm_calendar_new("calendar", calendar, NULL, &file->rota.calendar, &error) != 0)
		fail_msg("%s: %s", file->name, error.message);
}

static void run_file(const char *path, const char *name)
{
	struct file file = {.name = name, .arena = itsm_arena_new()};
	char line[1024];
	struct itsm_buffer text = {0};
	bool asking = false;
	FILE *in = fopen(path, "r");

	assert_non_null(in);
	while (fgets(line, sizeof(line), in)) {
		file.line++;
		if (asking) {
			run_line(&file, line);
		} else if (strcmp(line, "---\n") == 0) {
			read_rota(&file, text.data, text.length);
			asking = true;
		} else {
			itsm_buffer_puts(&text, line);
		}
	}
	fclose(in);
	finish_schedule(&file);
	if (!file.asked)
		fail_msg("%s asks nothing", name);
	itsm_calendar_free(file.rota.calendar);
	itsm_buffer_free(&text);
	itsm_arena_free(file.arena);
}

static void test_cases(void **state)
{
	(void)state;
	assert_true(cases_run("oncall", ".case", run_file) >= 4);
}

static void test_limits(void **state)
{
	static const char rota[] = "layers: [{name: a, start: '2026-01-01T00:00:00Z', turn: 1s, people: [a, b]}]\n";
	static const char bad[] = "layers:\n  - {name: a, start: soon, turn: 1d, people: [a]}\n";
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_oncall_rota out;
	struct itsm_oncall_span *spans;
	struct itsm_error error;
	struct itsm_yaml *front;
	size_t count;

	(void)state;
	assert_int_equal(itsm_yaml_parse(arena, rota, sizeof(rota) - 1, 1, &front, &error), 0);
	assert_int_equal(itsm_oncall_read(arena, "r", front, NULL, &out, &error), 0);
	assert_int_equal(itsm_oncall_schedule(&out, arena, 1767225600, 1767225600 + 200000, &spans, &count, &error), ITSM_ELIMIT);
	assert_int_equal(itsm_oncall_schedule(&out, arena, 1767225600, 1767225600 + 10, &spans, &count, &error), 0);
	assert_int_equal(count, 10);
	assert_int_equal(itsm_yaml_parse(arena, bad, sizeof(bad) - 1, 1, &front, &error), 0);
	assert_int_equal(itsm_oncall_read(arena, "r", front, NULL, &out, &error), ITSM_EDATA);
	assert_int_equal(error.line, 2);
	assert_string_equal(error.message, "'soon' is no time");
	itsm_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_limits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
