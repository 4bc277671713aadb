/*
 * Runs the .case files of tests/cases/workflow: which state a record may go to.
 * tests/cases/workflow/README.md has the format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "itsm/kind.h"

#define MOST_STEPS 400

struct step {
	char kind[40], from[40], to[40];
};

struct file {
	const char *name;
	unsigned line;
	struct step allowed[MOST_STEPS];
	size_t count;
	struct itsm_kinds *kinds;
};

static bool is_allowed(const struct file *file, const char *kind, const char *from, const char *to)
{
	for (size_t i = 0; i < file->count; i++)
		if (strcmp(file->allowed[i].kind, kind) == 0 && strcmp(file->allowed[i].from, from) == 0 &&
		    strcmp(file->allowed[i].to, to) == 0)
			return true;
	return false;
}

static void run_others(const struct file *file, const struct itsm_kind *kind)
{
	for (size_t i = 0; i < kind->state_count; i++)
		for (size_t j = 0; j < kind->state_count; j++) {
			const char *from = kind->states[i].name, *to = kind->states[j].name;

			if (!is_allowed(file, kind->name, from, to) && itsm_kind_transition(kind, from, to))
				fail_msg("%s:%u: %s goes from %s to %s", file->name, file->line, kind->name, from, to);
		}
}

static void run_step(struct file *file, const struct itsm_kind *kind, const struct step *step, const char *arrow,
	const char *expected)
{
	bool any = strcmp(arrow, "->>") == 0, wanted = strcmp(expected, "yes") == 0;
	bool found = any ? itsm_kind_reachable(kind, step->from, step->to) :
		itsm_kind_transition(kind, step->from, step->to) != NULL;

	if ((!any && strcmp(arrow, "->") != 0) || (!wanted && strcmp(expected, "no") != 0))
		fail_msg("%s:%u: it is no case", file->name, file->line);
	if (!itsm_kind_state(kind, step->from) || !itsm_kind_state(kind, step->to))
		fail_msg("%s:%u: there is no state '%s' or '%s'", file->name, file->line, step->from, step->to);
	if (found != wanted)
		fail_msg("%s:%u: %s from %s to %s: %s", file->name, file->line, step->kind, step->from, step->to,
			found ? "yes" : "no");
	if (!any && wanted) {
		assert_true(file->count < MOST_STEPS);
		file->allowed[file->count++] = *step;
	}
}

static void run_line(struct file *file, char *line)
{
	struct step step;
	char arrow[8], expected[8];
	const struct itsm_kind *kind;
	char *comment = strchr(line, '#');
	int words;

	if (comment)
		*comment = '\0';
	if (line[strspn(line, " \t\r\n")] == '\0')
		return;
	words = sscanf(line, "%39s %39s %7s %39s %7s", step.kind, step.from, arrow, step.to, expected);
	kind = itsm_kinds_find(file->kinds, step.kind);
	if (!kind)
		fail_msg("%s:%u: there is no kind '%s'", file->name, file->line, step.kind);
	else if (words == 3 && strcmp(step.from, "others") == 0 && strcmp(arrow, "no") == 0)
		run_others(file, kind);
	else if (words == 5)
		run_step(file, kind, &step, arrow, expected);
	else
		fail_msg("%s:%u: it is no case", file->name, file->line);
}

static void run_file(const char *path, const char *name)
{
	struct file *file = calloc(1, sizeof(*file));
	FILE *stream = fopen(path, "r");
	char line[256];

	assert_non_null(stream);
	assert_non_null(file);
	file->name = name;
	assert_int_equal(itsm_kinds_new(&file->kinds, NULL), ITSM_OK);
	while (fgets(line, sizeof(line), stream)) {
		file->line++;
		run_line(file, line);
	}
	assert_true(file->line > 0);
	fclose(stream);
	itsm_kinds_free(file->kinds);
	free(file);
}

static void test_cases(void **state)
{
	(void)state;
	assert_true(cases_run("workflow", ".case", run_file) >= 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
