/*
 * Runs the .case files of tests/cases/risk: what a model makes of facts, and
 * what is no model. tests/cases/risk/README.md has the format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "itsm/risk.h"

struct file {
	const char *name;
	unsigned line;
	size_t cases, expectations;
	struct itsm_arena *arena;
	struct itsm_buffer yaml;
	struct itsm_risks *risks;            /* NULL: the model was not read yet */
	const struct itsm_risk_model *model;
	int rules[ITSM_RISK_RULES];
	const char *answers[ITSM_RISK_QUESTIONS];
	struct itsm_risk_facts facts;
};

#define BAD(file, ...) fail_msg("%s:%u: " __VA_ARGS__, (file)->name, (file)->line)

static int read_model(struct file *file, struct itsm_error *err)
{
	int status;

	itsm_risks_free(file->risks);
	assert_int_equal(itsm_risks_new(&file->risks, err), 0);
	status = itsm_risks_add(file->risks, "policy/risks/change.yaml", file->yaml.data, file->yaml.length, err);
	file->model = itsm_risks_find(file->risks, "change");
	return status;
}

static void run_case(struct file *file)
{
	struct itsm_error err = {0};

	if (!file->risks && read_model(file, &err) != 0)
		BAD(file, "the model is refused: %s", err.message);
	memset(file->rules, 0, sizeof(file->rules));
	memset(file->answers, 0, sizeof(file->answers));
	file->facts = (struct itsm_risk_facts){ .rules = file->rules, .answers = file->answers };
	file->cases++;
}

static void run_refused(struct file *file, char *rest)
{
	struct itsm_error err = {0};
	char *text;
	unsigned line = (unsigned)strtoul(rest, &text, 10);

	if (read_model(file, &err) != ITSM_EDATA)
		BAD(file, "the model is not refused");
	if (err.line != line || !strstr(err.message, text + 1))
		BAD(file, "it is refused at line %u: %s", err.line, err.message);
	if (strcmp(file->model->origin, "built-in") != 0)
		BAD(file, "the set is not as it was before");
	file->cases++;
	file->expectations++;
}

static void run_answers(struct file *file, char *rest)
{
	char *word, *state = NULL;

	for (word = strtok_r(rest, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
		char *equals = strchr(word, '=');
		size_t i = 0;

		assert_non_null(equals);
		*equals = '\0';
		while (i < file->model->question_count && strcmp(file->model->questions[i].name, word) != 0)
			i++;
		if (i == file->model->question_count)
			BAD(file, "there is no question '%s'", word);
		file->answers[i] = itsm_arena_strdup(file->arena, equals + 1);
	}
}

static void run_rules(struct file *file, char *rest)
{
	char *word, *state = NULL;
	size_t count = 0;

	for (word = strtok_r(rest, " ", &state); word; word = strtok_r(NULL, " ", &state))
		file->rules[count++] = strcmp(word, "yes") == 0 ? 1 : strcmp(word, "no") == 0 ? 0 : -1;
	if (count != file->model->rule_count)
		BAD(file, "the model has %zu rules", file->model->rule_count);
}

static void run_matrix(struct file *file, char *rest)
{
	char *state = NULL, *row = strtok_r(rest, " ", &state), *column = strtok_r(NULL, " ", &state);

	file->facts.has_row = *row != '-';
	file->facts.row = atoll(row);
	file->facts.has_column = *column != '-';
	file->facts.column = atoll(column);
}

static const char *level_name(const struct file *file, int level)
{
	return level == ITSM_RISK_NONE ? "-" : file->model->levels[level];
}

static void expect(struct file *file, const char *what, const char *wanted, const char *got)
{
	if (strcmp(wanted, got) != 0)
		BAD(file, "%s is %s, not %s", what, got, wanted);
	file->expectations++;
}

static void run_expect(struct file *file, char *rest)
{
	struct itsm_risk_result result;
	char *word, *state = NULL, score[32];

	itsm_risk_judge(file->model, &file->facts, &result);
	snprintf(score, sizeof(score), "%lld", (long long)result.score);
	expect(file, "the risk", strtok_r(rest, " ", &state), level_name(file, result.level));
	for (word = strtok_r(NULL, " ", &state); word; word = strtok_r(NULL, " ", &state)) {
		char *equals = strchr(word, '=');

		assert_non_null(equals);
		*equals = '\0';
		if (strcmp(word, "rules") == 0)
			expect(file, word, equals + 1, level_name(file, result.rule_level));
		else if (strcmp(word, "questionnaire") == 0)
			expect(file, word, equals + 1, level_name(file, result.questionnaire_level));
		else if (strcmp(word, "matrix") == 0)
			expect(file, word, equals + 1, level_name(file, result.matrix_level));
		else if (strcmp(word, "score") == 0)
			expect(file, word, equals + 1, score);
		else
			BAD(file, "'%s' is nothing to expect", word);
	}
}

static void run_line(struct file *file, char *line)
{
	size_t word = strcspn(line, " ");
	char *rest = line + word + (line[word] == ' ');

	line[word] = '\0';
	if (strcmp(line, "model") == 0) {
		itsm_buffer_clear(&file->yaml);
		itsm_risks_free(file->risks);
		file->risks = NULL;
	} else if (strcmp(line, "|") == 0) {
		itsm_buffer_printf(&file->yaml, "%s\n", rest);
	} else if (strcmp(line, "refused") == 0) {
		run_refused(file, rest);
	} else if (strcmp(line, "case") == 0) {
		run_case(file);
	} else if (strcmp(line, "rules") == 0) {
		run_rules(file, rest);
	} else if (strcmp(line, "answers") == 0) {
		run_answers(file, rest);
	} else if (strcmp(line, "matrix") == 0) {
		run_matrix(file, rest);
	} else if (strcmp(line, "expect") == 0) {
		run_expect(file, rest);
	} else {
		BAD(file, "'%s' is no line of a case", line);
	}
}

static void run_file(const char *path, const char *name)
{
	struct file file = { .name = name, .arena = itsm_arena_new() };
	FILE *stream = fopen(path, "r");
	char line[1024];

	assert_non_null(stream);
	while (fgets(line, sizeof(line), stream)) {
		file.line++;
		line[strcspn(line, "\n")] = '\0';
		if (*line && *line != '#')
			run_line(&file, line);
	}
	assert_true(file.cases > 0 && file.expectations >= file.cases);
	fclose(stream);
	itsm_risks_free(file.risks);
	itsm_buffer_free(&file.yaml);
	itsm_arena_free(file.arena);
}

static void test_cases(void **state)
{
	(void)state;
	assert_true(cases_run("risk", ".case", run_file) >= 2);
}

/* The built-in models fit the built-in kinds, and none is dropped. */
static void test_builtin(void **state)
{
	struct itsm_error err = {0};
	struct itsm_kinds *kinds;
	struct itsm_risks *risks;
	size_t count;

	(void)state;
	assert_int_equal(itsm_kinds_new(&kinds, &err), 0);
	assert_int_equal(itsm_kinds_finish(kinds, &err), 0);
	assert_int_equal(itsm_risks_new(&risks, &err), 0);
	count = itsm_risks_count(risks);
	assert_true(count > 0);
	assert_int_equal(itsm_risks_finish(risks, kinds, &err), 0);
	assert_int_equal(itsm_risks_count(risks), count);
	for (size_t i = 0; i < count; i++)
		assert_string_equal(itsm_risks_at(risks, i)->origin, "built-in");
	itsm_risks_free(risks);
	itsm_kinds_free(kinds);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_builtin) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
