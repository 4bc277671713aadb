/*
 * Runs the .case files of tests/cases/quorum: have enough of those asked
 * agreed? tests/cases/quorum/README.md has the format.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "cases.h"
#include "itsm/quorum.h"
#include "itsm/time.h"

#define MOST 32

struct file {
	const char *name;
	unsigned line;
	size_t cases, expectations;
	struct itsm_arena *arena;
	struct itsm_quorum_person people[MOST];
	struct itsm_quorum_delegation delegations[MOST];
	struct itsm_quorum_vote votes[MOST];
	struct itsm_quorum_input input;
	struct itsm_quorum_result result;
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
	int64_t days;

	if (itsm_date_parse(text, &days))
		return days * 86400;
	if (itsm_time_parse(text, &time, NULL) != 0)
		fail_msg("%s:%u: '%s' is no moment", file->name, file->line, text);
	return time.seconds;
}

/* The word after `name`, or NULL. */
static const char *after(struct file *file, const char *name)
{
	for (size_t i = 1; i + 1 < file->count; i++)
		if (strcmp(file->words[i], name) == 0)
			return word(file, i + 1);
	return NULL;
}

static unsigned witness(struct file *file, const char *name)
{
	if (strcmp(name, "signature") == 0)
		return ITSM_WITNESS_SIGNATURE;
	if (strcmp(name, "forge") == 0)
		return ITSM_WITNESS_FORGE;
	if (strcmp(name, "commit") != 0)
		fail_msg("%s:%u: '%s' is no witness", file->name, file->line, name);
	return ITSM_WITNESS_COMMIT;
}

static void run_people(struct file *file)
{
	for (size_t i = 1; i < file->count; i++) {
		char *id = (char *)word(file, i), *mark = id + strcspn(id, "!*");
		struct itsm_quorum_person *person = &file->people[file->input.person_count++];

		person->active = *mark != '!';
		person->own = *mark == '*';
		*mark = '\0';
		person->id = id;
	}
}

static void run_delegate(struct file *file)
{
	const char **roles = NULL;

	if (file->count == 7) {
		roles = itsm_arena_alloc(file->arena, 2 * sizeof(*roles));
		roles[0] = word(file, 6);
	}
	file->delegations[file->input.delegation_count++] = (struct itsm_quorum_delegation){word(file, 1), word(file, 3),
		moment(file, word(file, 4)), moment(file, word(file, 5)), roles};
}

static void run_vote(struct file *file, enum itsm_decision decision)
{
	const char *recorded = after(file, "recorded"), *by = after(file, "by");
	struct itsm_quorum_vote *vote = &file->votes[file->input.vote_count++];

	vote->person = word(file, 1);
	vote->decision = decision;
	vote->at = moment(file, word(file, 2));
	vote->committed = recorded ? moment(file, recorded) : vote->at;
	vote->witnesses = by ? witness(file, by) : ITSM_WITNESS_SIGNATURE;
	vote->role = after(file, "as");
}

static const char *const *asked(struct file *file, const char *text)
{
	const char **list = itsm_arena_alloc(file->arena, MOST * sizeof(*list));
	char *copy = itsm_arena_strdup(file->arena, text), *save = NULL, *name;
	size_t count = 0;

	if (strcmp(text, "-") == 0)
		return list;
	for (name = strtok_r(copy, ",", &save); name; name = strtok_r(NULL, ",", &save))
		list[count++] = name;
	return list;
}

static void run_ask(struct file *file)
{
	static const char *const kinds[] = {"person", "team", "role", "field", "anyone"};
	struct itsm_approval_rule rule = {.independent = true, .quorum = ITSM_QUORUM_COUNT};
	struct itsm_quorum_ask ask = {.rule = &rule, .asked = asked(file, word(file, 3))};
	const char *quorum = word(file, 4);
	size_t kind = 0;

	while (kind < 5 && strcmp(kinds[kind], word(file, 1)) != 0)
		kind++;
	assert_true(kind < 5);
	rule.candidates = (enum itsm_candidates)kind;
	rule.name = word(file, 2);
	if (strcmp(quorum, "all") == 0)
		rule.quorum = ITSM_QUORUM_ALL;
	else
		rule.number = atoi(word(file, 5));
	if (strcmp(quorum, "percent") == 0)
		rule.quorum = ITSM_QUORUM_PERCENT;
	for (size_t i = 4; i < file->count; i++)
		if (strcmp(file->words[i], "own") == 0)
			rule.independent = false;
	if (after(file, "witness"))
		rule.witnesses = witness(file, after(file, "witness"));
	if (after(file, "due"))
		ask.due = moment(file, after(file, "due"));
	itsm_quorum_judge(file->arena, &file->input, &ask, &file->result);
}

static void run_expect(struct file *file)
{
	const struct itsm_quorum_result *result = &file->result;
	const char *got = result->late ? "late" : result->met ? "met" : result->never ? "never" : "unmet";
	char numbers[64];

	snprintf(numbers, sizeof(numbers), "%lld/%lld of %lld", (long long)result->have, (long long)result->needed,
		(long long)result->possible);
	if (strcmp(got, word(file, 1)) != 0 || strncmp(numbers, word(file, 2), strlen(word(file, 2))) != 0 ||
	    atoi(word(file, 4)) != result->possible)
		BAD(file, "got %s %s", got, numbers);
	file->expectations++;
}

static void run_place(struct file *file)
{
	static const char *const names[] = {"waiting", "approved", "rejected", "own", "inactive"};
	const char *by = after(file, "by");

	for (size_t i = 0; i < file->result.answer_count; i++) {
		const struct itsm_quorum_answer *answer = &file->result.answers[i];

		if (strcmp(answer->person, word(file, 1)) != 0)
			continue;
		if (strcmp(names[answer->place], word(file, 2)) != 0 || (by && (!answer->by || strcmp(answer->by, by) != 0)))
			BAD(file, "%s is %s by %s", answer->person, names[answer->place], answer->by ? answer->by : "nobody");
		return;
	}
	BAD(file, "'%s' is not asked", word(file, 1));
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
	if (!file->count)
		return;
	if (strcmp(file->words[0], "case") == 0) {
		memset(file->people, 0, sizeof(file->people));
		file->input = (struct itsm_quorum_input){file->people, 0, file->delegations, 0, file->votes, 0};
		file->cases++;
	} else if (strcmp(file->words[0], "people") == 0) {
		run_people(file);
	} else if (strcmp(file->words[0], "delegate") == 0) {
		run_delegate(file);
	} else if (strcmp(file->words[0], "approve") == 0) {
		run_vote(file, ITSM_DECISION_APPROVE);
	} else if (strcmp(file->words[0], "reject") == 0) {
		run_vote(file, ITSM_DECISION_REJECT);
	} else if (strcmp(file->words[0], "ask") == 0) {
		run_ask(file);
	} else if (strcmp(file->words[0], "expect") == 0) {
		run_expect(file);
	} else if (strcmp(file->words[0], "place") == 0) {
		run_place(file);
	} else {
		BAD(file, "'%s' is no line of a case", file->words[0]);
	}
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
	itsm_arena_free(file->arena);
	free(file);
}

static void test_cases(void **state)
{
	(void)state;
	assert_true(cases_run("quorum", ".case", run_file) >= 6);
}

/* What is needed never falls when more are possible, and lies between 1 and all. */
static void test_needed(void **state)
{
	(void)state;
	for (int64_t percent = 1; percent <= 100; percent++) {
		int64_t before = 0;

		for (int64_t possible = 1; possible <= 200; possible++) {
			int64_t needed = itsm_quorum_needed(ITSM_QUORUM_PERCENT, percent, possible);

			assert_true(needed >= 1 && needed <= possible && needed >= before);
			assert_true(needed == 1 || 2 * llabs(100 * needed - percent * possible) <= 100);
			before = needed;
		}
	}
	assert_int_equal(itsm_quorum_needed(ITSM_QUORUM_ALL, 0, 7), 7);
	assert_int_equal(itsm_quorum_needed(ITSM_QUORUM_COUNT, 3, 2), 3);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_cases), cmocka_unit_test(test_needed) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
