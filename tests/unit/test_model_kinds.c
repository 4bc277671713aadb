/* The built-in kinds: complete, consistent, and a workflow that leads somewhere. Where their records lie. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "itsm/id.h"
#include "itsm/kind.h"

static struct itsm_kinds *kinds;

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

static void test_all_are_there(void **state)
{
	static const char *const folders[][2] = {
		{"objective", "strategy/objectives"},
		{"demand", "strategy/demands"},
		{"service", "strategy/services"},
		{"risk", "strategy/risks"},
		{"offering", "design/offerings"},
		{"package", "design/packages"},
		{"agreement", "design/agreements"},
		{"slo", "design/slos"},
		{"supplier", "design/suppliers"},
		{"continuity", "design/continuity"},
		{"capacity", "design/capacity"},
		{"change", "transition/changes"},
		{"item", "transition/items"},
		{"release", "transition/releases"},
		{"deployment", "transition/deployments"},
		{"article", "transition/articles"},
		{"alert", "operation/alerts"},
		{"incident", "operation/incidents"},
		{"problem", "operation/problems"},
		{"request", "operation/requests"},
		{"outage", "operation/outages"},
		{"access", "operation/access"},
		{"rota", "operation/rotas"},
		{"improvement", "improvement/improvements"},
		{"review", "improvement/reviews"},
		{"feedback", "improvement/feedback"},
		{"metric", "improvement/metrics"},
		{"waiver", "improvement/waivers"},
		{"person", "people"},
		{"team", "teams"},
		{"calendar", "policy/calendars"}, {"matrix", "policy/matrices"}, {"duty", "policy/duties"},
	};
	size_t count = sizeof(folders) / sizeof(folders[0]);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		const struct itsm_kind *kind = itsm_kinds_find(kinds, folders[i][0]);

		assert_non_null(kind);
		assert_string_equal(kind->folder, folders[i][1]);
		assert_string_equal(kind->origin, "built-in");
		assert_ptr_equal(itsm_kinds_find(kinds,
					 strrchr(kind->folder, '/') ? strrchr(kind->folder, '/') + 1 : kind->folder),
			kind);
		assert_non_null(strstr(itsm_kinds_source(kind), "kind: "));
	}
	assert_string_equal(itsm_kinds_find(kinds, "approvals")->name, "approval");
	assert_string_equal(itsm_kinds_find(kinds, "note")->part, "notes");
	assert_string_equal(itsm_kinds_find(kinds, "evidence")->part, "evidence");
	assert_int_equal(itsm_kinds_count(kinds), count + 3);
	assert_null(itsm_kinds_find(kinds, "nothing"));
	assert_null(itsm_kinds_at(kinds, count + 3));
}

static void test_order_and_consistency(void **state)
{
	struct itsm_error error = {0};

	(void)state;
	for (size_t i = 0; i < itsm_kinds_count(kinds); i++)
		assert_non_null(itsm_kinds_at(kinds, i));
	assert_string_equal(itsm_kinds_at(kinds, 0)->name, "demand");
	assert_string_equal(itsm_kinds_at(kinds, 1)->name, "objective");
	assert_string_equal(itsm_kinds_at(kinds, itsm_kinds_count(kinds) - 1)->name, "team");
	if (itsm_kinds_finish(kinds, &error) != ITSM_OK)
		fail_msg("%s", error.message);
}

static void check_help(const struct itsm_kind *kind, const struct itsm_field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (!fields[i].help || !*fields[i].help)
			fail_msg("%s: the field %s has no help", kind->name, fields[i].name);
		check_help(kind, fields[i].fields, fields[i].field_count);
	}
}

static void test_everything_has_help(void **state)
{
	(void)state;
	for (size_t i = 0; i < itsm_kinds_count(kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(kinds, i);

		assert_true(kind->help && strcmp(kind->help, kind->name) != 0);
		assert_true(kind->field_count > 0);
		check_help(kind, kind->fields, kind->field_count);
		for (size_t j = 0; j < kind->section_count; j++)
			assert_non_null(kind->sections[j].help);
		for (size_t j = 0; j < kind->state_count; j++)
			assert_non_null(kind->states[j].help);
		for (size_t j = 0; j < kind->transition_count; j++) {
			assert_non_null(kind->transitions[j].help);
			assert_true(!kind->transitions[j].when == !kind->transitions[j].because);
		}
		for (size_t j = 0; j < kind->guard_count; j++)
			assert_true(kind->guards[j].must && kind->guards[j].message && kind->guards[j].remedy);
		for (size_t j = 0; j < kind->check_count; j++)
			assert_true(kind->checks[j].must && kind->checks[j].message && kind->checks[j].remedy);
	}
}

/* Every state can be come to, and from every open one there is a way out. */
static void test_workflows_lead_somewhere(void **state)
{
	size_t seen = 0;

	(void)state;
	for (size_t i = 0; i < itsm_kinds_count(kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(kinds, i);

		if (kind->state_count == 0)
			continue;
		seen++;
		assert_true(kind->states[0].open);
		for (size_t j = 0; j < kind->state_count; j++) {
			bool ends = !kind->states[j].open;

			if (!itsm_kind_reachable(kind, kind->states[0].name, kind->states[j].name))
				fail_msg("%s: nothing leads to %s", kind->name, kind->states[j].name);
			for (size_t k = 0; k < kind->state_count && !ends; k++)
				ends = !kind->states[k].open &&
					itsm_kind_reachable(kind, kind->states[j].name, kind->states[k].name);
			if (!ends)
				fail_msg("%s: nothing leads out of %s", kind->name, kind->states[j].name);
		}
	}
	assert_true(seen >= 20);
}

/* An owner of approvals says what they cover, and what says so can be approved. */
static void test_approved_content(void **state)
{
	static const char *const approved[] = {"change", "release", "package", "waiver", "request", "access", "article",
		"improvement", "demand"};
	const struct itsm_kind *approval = itsm_kinds_find(kinds, "approval");

	(void)state;
	for (size_t i = 0; i < sizeof(approved) / sizeof(approved[0]); i++)
		assert_non_null(itsm_kinds_find(kinds, approved[i])->approved_fields);
	for (size_t i = 0; i < itsm_kinds_count(kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(kinds, i);

		assert_true(itsm_list_has(approval->of, kind->name) == (kind->approved_fields != NULL));
	}
}

static void located(const char *path, const char *wanted, const char *wanted_id, const char *wanted_owner)
{
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];

	if (!itsm_kinds_locate(kinds, path, &kind, id, owner))
		fail_msg("%s is nowhere", path);
	assert_string_equal(kind->name, wanted);
	assert_string_equal(id, wanted_id);
	assert_string_equal(owner, wanted_owner);
	assert_ptr_equal(itsm_kinds_claims(kinds, path), kind);
}

static void misplaced(const char *path, const char *claimer)
{
	const struct itsm_kind *kind = NULL;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];

	if (itsm_kinds_locate(kinds, path, &kind, id, owner))
		fail_msg("%s is taken for a %s", path, kind->name);
	kind = itsm_kinds_claims(kinds, path);
	if (!claimer != !kind)
		fail_msg("%s is claimed by %s", path, kind ? kind->name : "nobody");
	if (claimer)
		assert_string_equal(kind->name, claimer);
}

static void test_places(void **state)
{
	char deep[400];

	(void)state;
	located("transition/changes/2026/11/CHG-4k7q2m8d.md", "change", "CHG-4k7q2m8d", "");
	located("transition/items/db-prod-1.yaml", "item", "db-prod-1", "");
	located("people/ada.yaml", "person", "ada", "");
	located("strategy/services/ci.jenkins.io.yaml", "service", "ci.jenkins.io", "");
	located("transition/changes/2026/11/CHG-4k7q2m8d/approvals/ada.yaml", "approval", "ada", "CHG-4k7q2m8d");
	located("operation/incidents/2026/01/INC-00000000/notes/NOTE-00000001.md", "note", "NOTE-00000001",
		"INC-00000000");
	located("design/packages/billing/evidence/load-test.yaml", "evidence", "load-test", "billing");

	misplaced("transition/changes/CHG-4k7q2m8d.md", "change");
	misplaced("transition/changes/2026/13/CHG-4k7q2m8d.md", "change");
	misplaced("transition/changes/2026/00/CHG-4k7q2m8d.md", "change");
	misplaced("transition/changes/2026/1/CHG-4k7q2m8d.md", "change");
	misplaced("transition/changes/2026/11/22/CHG-4k7q2m8d.md", "change");
	misplaced("transition/changes/2026/11/CHG-4k7q2m8d.yaml", "change");
	misplaced("transition/changes/2026/11/CHG-4k7q2m8d.txt", "change");
	misplaced("transition/changes/2026/11/CHG-4K7Q2M8D.md", "change");
	misplaced("transition/changes/2026/11/INC-4k7q2m8d.md", "change");
	misplaced("transition/changes/2026/11/my-change.md", "change");
	misplaced("transition/changes/2026/11/.md", NULL);
	misplaced("transition/items/DB 1.yaml", "item");
	misplaced("transition/items/db.yml", "item");
	misplaced("transition/items/db.md", "item");
	misplaced("transition/items/../../x.yaml", "item");
	misplaced("transition/changes/2026/11/CHG-4k7q2m8d/aprovals/ada.yaml", "change");
	misplaced("transition/changes/2026/11/CHG-4k7q2m8d/approvals/deep/ada.yaml", "approval");
	misplaced("transition/changes/2026/11/change/approvals/ada.yaml", "approval");
	misplaced("transition/changes/2026/11/CHG-4k7q2m8d/notes/hello.md", "note");
	misplaced("operation/incidents/2026/01/INC-00000000/approvals/ada.yaml", "approval");

	misplaced("transition/changes/README.md", NULL);
	misplaced("transition/changes/2026/11/.hidden.md", NULL);
	misplaced("transition/changes/2026/11/CHG-4k7q2m8d.md~", NULL);
	misplaced("transition/changes/2026/11/CHG-4k7q2m8d/evidence/log.txt", NULL);
	misplaced("policy/calendars/holidays.ics", NULL);
	misplaced("policy/kinds/change.yaml", NULL);
	misplaced("transition/changes", NULL);
	misplaced("transition/changesX/a.md", NULL);
	misplaced("itsm.yaml", NULL);
	misplaced("", NULL);
	misplaced("people/", NULL);

	memset(deep, 'a', sizeof(deep));
	memcpy(deep, "people/", 7);
	memcpy(deep + sizeof(deep) - 6, ".yaml", 6);
	misplaced(deep, "person");
}

static void test_paths(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char *path = itsm_kind_path(arena, itsm_kinds_find(kinds, "change"), "CHG-4k7q2m8d", 1795305600, NULL);

	(void)state;
	assert_string_equal(path, "transition/changes/2026/11/CHG-4k7q2m8d.md");
	assert_string_equal(itsm_kind_path(arena, itsm_kinds_find(kinds, "approval"), "ada", 0, path),
		"transition/changes/2026/11/CHG-4k7q2m8d/approvals/ada.yaml");
	assert_string_equal(
		itsm_kind_path(arena, itsm_kinds_find(kinds, "item"), "db-1", 0, NULL), "transition/items/db-1.yaml");
	assert_string_equal(itsm_kind_path(arena, itsm_kinds_find(kinds, "alert"), "ALT-00000000", -1, NULL),
		"operation/alerts/1969/12/ALT-00000000.yaml");
	itsm_arena_free(arena);
}

static void test_fields(void **state)
{
	const struct itsm_kind *change = itsm_kinds_find(kinds, "change");
	size_t count, starts = 0;
	const struct itsm_field *const *columns = itsm_kind_columns(change, &count);

	(void)state;
	for (size_t i = 0; i < count; i++) {
		assert_true(columns[i]->type != ITSM_TYPE_OBJECT || columns[i]->list);
		starts += strcmp(columns[i]->name, "window.start") == 0;
	}
	assert_int_equal(starts, 1);
	assert_ptr_equal(itsm_kind_field(change, "window.start"), itsm_kind_field(change, "window_start"));
	assert_int_equal(itsm_kind_field(change, "window")->type, ITSM_TYPE_OBJECT);
	assert_null(itsm_kind_field(change, "state"));
	assert_null(itsm_kind_field(change, "start"));
	assert_null(itsm_kind_field(itsm_kinds_find(kinds, "calendar"), "freezes.start"));
	assert_non_null(itsm_kind_section(change, "backout PLAN"));
	assert_string_equal(itsm_kind_state(change, "closed")->stamp, "closed");
	assert_string_equal(itsm_type_name(ITSM_TYPE_DURATION), "duration");
	assert_int_equal(strlen(itsm_kinds_digest(kinds)), 16);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_all_are_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_order_and_consistency, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_everything_has_help, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_workflows_lead_somewhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_approved_content, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_places, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_paths, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fields, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
