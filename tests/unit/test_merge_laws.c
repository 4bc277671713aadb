/*
 * What holds for every merge, tried on random records of random kinds with
 * random edits on both sides:
 *
 *   same       merge(b, x, x) = x, merge(b, b, x) = x, merge(b, x, b) = x, byte for byte
 *   nothing lost, nothing made up
 *              a value that one side changed is in the result, or in a conflict that names it, or (state and
 *              its time stamps) gave way to the later state, or is computed; lists by item; sections by line
 *   symmetric  ours and theirs exchanged: the same fields in conflict, and without conflicts the same values,
 *              lists as sets of items, and the same sections. The order of items, fields and sections is
 *              that of ours and not claimed; nor are comments and quoting
 *   settled    a result merged with theirs once more has the same fields, if no list holds objects or an item
 *              twice. (Lines of a section are not claimed: where lines repeat, merges of lines have no such law.)
 *   form       line ends and byte order mark are those of ours; with conflicts settled for either side it is a record
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "merge_trial.h"

#define TRIALS 1000

static struct itsm_kinds *kinds;

static void check_form(const struct trial *trial)
{
	const struct itsm_merge *merged = &trial->merged;
	const struct itsm_document *document = &trial->records[OURS]->document;
	size_t i, conflict = 0;
	unsigned line = 1;

	for (i = 0; i < merged->size; i++) {
		bool starts = i == trial_bom(merged) || (i > 0 && merged->text[i - 1] == '\n');

		if (starts && strncmp(merged->text + i, "<<<<<<< ", 8) == 0 &&
				(conflict == merged->count || merged->conflicts[conflict++].line != line))
			trial_refuse(trial, "the line of a conflict is wrong");
		line += merged->text[i] == '\n';
		if (merged->text[i] == '\n' && (i > 0 && merged->text[i - 1] == '\r') != document->crlf)
			trial_refuse(trial, "a line end is not that of ours");
	}
	if (conflict != merged->count)
		trial_refuse(trial, "a conflict is not shown");
	if ((trial_bom(merged) > 0) != document->bom)
		trial_refuse(trial, "the byte order mark is not that of ours");
	for (i = 0; i < merged->count; i++) {
		if (strstr(merged->conflicts[i].reason, "safely") || strstr(merged->conflicts[i].reason, "told apart"))
			trial_refuse(trial, "the merge did not trust itself");
	}
}

static void check_same(const struct trial *trial, const struct itsm_record *record)
{
	const struct itsm_record *base = trial->records[BASE];
	const struct itsm_record *const triples[3][3] = {{base, record, record}, {base, base, record}, {base, record, base}};
	struct itsm_merge merged;
	int i;

	for (i = 0; i < (base ? 3 : 1); i++) {
		trial_merge(trial, triples[i][0], triples[i][1], triples[i][2], &merged);
		if (merged.count > 0 || merged.size != record->size || memcmp(merged.text, record->text, merged.size) != 0)
			trial_refuse(trial, "merge of the same, %d, is not the same", i);
	}
}

static void check_equal_records(const struct trial *trial, const struct itsm_record *a, const struct itsm_record *b,
	bool sets)
{
	size_t i;

	if (strcmp(trial_meaning(trial, a->front, sets), trial_meaning(trial, b->front, sets)) != 0)
		trial_refuse(trial, "fields differ in\n%s", b->text);
	if (a->section_count != b->section_count)
		trial_refuse(trial, "sections differ in\n%s", b->text);
	for (i = 0; i < a->section_count; i++) {
		if (!trial_equal(trial_section(trial, a, a->sections[i].name), trial_section(trial, b, a->sections[i].name)))
			trial_refuse(trial, "section %s differs in\n%s", a->sections[i].name, b->text);
	}
}

static const char *conflict_fields(const struct trial *trial, const struct itsm_merge *merged)
{
	const char **names = itsm_arena_alloc(trial->arena, (merged->count + 1) * sizeof(*names)), *list = "";
	size_t i;

	for (i = 0; i < merged->count; i++)
		names[i] = merged->conflicts[i].field;
	qsort(names, merged->count, sizeof(*names), trial_compare_texts);
	for (i = 0; i < merged->count; i++)
		list = itsm_arena_printf(trial->arena, "%s%s\n", list, names[i]);
	return list;
}

/* Items that are there twice, or that are known by other fields once some are gone. */
static bool has_odd_lists(const struct trial *trial, const struct itsm_yaml *node)
{
	size_t i;

	for (i = 0; i < node->count; i++) {
		if (has_odd_lists(trial, node->items[i]) || (node->type == ITSM_YAML_SEQUENCE &&
				(node->items[i]->type == ITSM_YAML_MAPPING ||
				trial_count_items(trial, node, trial_meaning(trial, node->items[i], false)) > 1)))
			return true;
	}
	return false;
}

static void check_symmetric(const struct trial *trial)
{
	struct itsm_merge swapped, again;
	const char *text;
	size_t i, size;

	trial_merge(trial, trial->records[BASE], trial->records[THEIRS], trial->records[OURS], &swapped);
	if (strcmp(conflict_fields(trial, &trial->merged), conflict_fields(trial, &swapped)) != 0)
		trial_refuse(trial, "conflicts differ in\n%s", swapped.text);
	if (trial->merged.count > 0)
		return;
	check_equal_records(trial, trial->result, trial_read(trial, swapped.text, swapped.size), true);
	for (i = 0; i < 3; i++) {
		if (trial->records[i] && has_odd_lists(trial, trial->records[i]->front))
			return;
	}
	trial_merge(trial, trial->records[BASE], trial->result, trial->records[THEIRS], &again);
	for (i = 0; i < again.count; i++) {
		if (strncmp(again.conflicts[i].field, "## ", 3) != 0 && strcmp(again.conflicts[i].field, "body") != 0)
			trial_refuse(trial, "merging the result again gives conflicts");
	}
	text = trial_settle(trial, &again, OURS, &size);
	if (!trial_equal(trial_meaning(trial, trial->result->front, true),
			trial_meaning(trial, trial_read(trial, text, size)->front, true)))
		trial_refuse(trial, "merging the result again gives other fields");
}

static void check_settled(struct trial *trial, int side)
{
	size_t size;
	const char *text = trial_settle(trial, &trial->merged, side, &size);
	const struct itsm_yaml *fronts[4];
	int i;

	trial->side = side;
	trial->result = trial_read(trial, text, size);
	for (i = 0; i < 3; i++)
		fronts[i] = trial->records[i] ? trial->records[i]->front : NULL;
	fronts[3] = trial->result->front;
	trial_check_fields(trial, "", fronts);
	trial_check_sections(trial);
}

static size_t run_trial(unsigned seed)
{
	struct trial trial = {.arena = itsm_arena_new(), .kinds = kinds, .seed = seed};
	struct dice dice = {seed};
	const struct itsm_kind *kind = itsm_kinds_at(kinds, dice_roll(&dice, itsm_kinds_count(kinds)));
	struct random_record base, ours, theirs;
	size_t conflicts;

	trial.path = trial_path(trial.arena, kind);
	random_record_make(trial.arena, &dice, kind, &base);
	random_record_edit(trial.arena, &dice, &base, &ours);
	random_record_edit(trial.arena, &dice, &base, &theirs);
	trial.records[OURS] = trial.records[THEIRS] = trial_write_and_read(&trial, &ours);
	trial.records[THEIRS] = trial_write_and_read(&trial, &theirs);
	trial.records[BASE] = dice_roll(&dice, 10) ? trial_write_and_read(&trial, &base) : NULL;
	check_same(&trial, trial.records[OURS]);
	trial_merge(&trial, trial.records[BASE], trial.records[OURS], trial.records[THEIRS], &trial.merged);
	if (!trial_equal(trial.merged.text, trial.records[THEIRS]->text))
		check_form(&trial);
	check_settled(&trial, THEIRS);
	check_settled(&trial, OURS);
	check_symmetric(&trial);
	conflicts = trial.merged.count;
	itsm_arena_free(trial.arena);
	return conflicts;
}

static void laws(void **state)
{
	const char *seed = getenv("ITSM_MERGE_SEED");
	unsigned first = seed ? (unsigned)strtoul(seed, NULL, 10) : 1, i;
	size_t clean = 0, conflicts = 0;

	(void)state;
	for (i = first; i < first + (seed ? 1 : TRIALS); i++) {
		size_t count = run_trial(i);

		clean += count == 0;
		conflicts += count;
	}
	/* Both ways must have been tried a lot. */
	assert_true(seed || (clean > TRIALS / 5 && conflicts > TRIALS / 5));
}

static int set_up(void **state)
{
	(void)state;
	return itsm_kinds_new(&kinds, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	itsm_kinds_free(kinds);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(laws),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
