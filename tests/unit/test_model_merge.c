/* Kinds of a desk: new ones, additions to built-in ones, and every way to get them wrong. */
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

static void add(const char *text)
{
	struct itsm_error error = {0};

	if (itsm_kinds_add(kinds, "policy/kinds/x.yaml", text, strlen(text), &error) < 0 ||
	    itsm_kinds_finish(kinds, &error) < 0)
		fail_msg("%u:%u %s", error.line, error.column, error.message);
}

static void test_addition(void **state)
{
	const struct itsm_kind *incident = itsm_kinds_find(kinds, "incident"), *merged;
	size_t fields = incident->field_count, states = incident->state_count, guards = incident->guard_count, at = 0;
	char digest[17];

	(void)state;
	memcpy(digest, itsm_kinds_digest(kinds), sizeof(digest));
	add("kind: incident\n"
		"help: Ours\n"
		"fields:\n"
		"  ticket: {type: string}\n"
		"  vendor: {type: ref, to: [supplier]}\n"
		"states: {parked: {open: true}}\n"
		"transitions:\n"
		"  - {from: [new], to: parked}\n"
		"  - {from: [parked], to: new}\n"
		"guards:\n"
		"  - {name: ticket, to: [parked], must: self.ticket IS NOT NULL, message: has no ticket}\n"
		"  - {name: team, to: [assigned], must: \"1\", message: ours}\n");
	merged = itsm_kinds_find(kinds, "incident");
	assert_string_equal(merged->help, "Ours");
	assert_string_equal(merged->origin, "policy/kinds/x.yaml");
	assert_string_equal(merged->folder, "operation/incidents");
	assert_null(itsm_kinds_source(merged));
	assert_int_equal(merged->field_count, fields + 1);
	assert_int_equal(merged->state_count, states + 1);
	assert_int_equal(merged->guard_count, guards + 1);
	assert_int_equal(itsm_kind_field(merged, "vendor")->type, ITSM_TYPE_REF);
	assert_string_equal(merged->fields[fields].name, "ticket");
	while (strcmp(merged->guards[at].name, "team") != 0)
		at++;
	assert_string_equal(merged->guards[at].message, "ours");
	assert_non_null(itsm_kind_transition(merged, "new", "parked"));
	assert_non_null(itsm_kind_transition(merged, "new", "assigned"));
	assert_string_not_equal(digest, itsm_kinds_digest(kinds));
}

static void test_two_files_for_one_kind(void **state)
{
	(void)state;
	add("kind: incident\nfields: {one: {type: string}}\n");
	add("kind: incident\nfields: {two: {type: string}}\n");
	assert_non_null(itsm_kind_field(itsm_kinds_find(kinds, "incident"), "one"));
	assert_non_null(itsm_kind_field(itsm_kinds_find(kinds, "incident"), "two"));
	assert_non_null(itsm_kind_field(itsm_kinds_find(kinds, "incident"), "title"));
}

static void test_removal(void **state)
{
	const struct itsm_kind *incident;
	size_t transitions = itsm_kinds_find(kinds, "incident")->transition_count;

	(void)state;
	add("kind: incident\nremove:\n"
		"  fields: [vendor, supplier]\n"
		"  sections: [Communication plan]\n"
		"  guards: [team]\n"
		"  checks: [major-commander]\n"
		"  transitions: [\"new -> resolved\", \"resolved -> closed\"]\n"
		"transitions: [{from: resolved, to: closed, help: ours},\n"
		"  {from: [pending], to: assigned, help: more}]\n");
	incident = itsm_kinds_find(kinds, "incident");
	assert_null(itsm_kind_field(incident, "vendor"));
	assert_null(itsm_kind_section(incident, "Communication plan"));
	for (size_t i = 0; i < incident->guard_count; i++)
		assert_string_not_equal(incident->guards[i].name, "team");
	assert_null(itsm_kind_transition(incident, "new", "resolved"));
	assert_non_null(itsm_kind_transition(incident, "assigned", "resolved"));
	assert_string_equal(itsm_kind_transition(incident, "resolved", "closed")->help, "ours");
	assert_string_equal(itsm_kind_transition(incident, "pending", "assigned")->help, "more");
	assert_int_equal(incident->transition_count, transitions);
}

/* The built-in file itself, copied into the desk, changes nothing. */
static void test_copy(void **state)
{
	(void)state;
	for (size_t i = 0; i < itsm_kinds_count(kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(kinds, i), *copy;

		add(itsm_kinds_source(kind));
		copy = itsm_kinds_at(kinds, i);
		assert_string_equal(copy->name, kind->name);
		assert_int_equal(copy->field_count, kind->field_count);
		assert_int_equal(copy->transition_count, kind->transition_count);
		assert_int_equal(copy->guard_count, kind->guard_count);
		assert_int_equal(copy->check_count, kind->check_count);
	}
}

static void test_replacement(void **state)
{
	const struct itsm_kind *service;

	(void)state;
	add("kind: service\nreplace: true\npillar: strategy\nfolder: services\nfile: yaml\ntitle: called\n"
		"fields: {called: {type: string, required: true}}\n");
	service = itsm_kinds_find(kinds, "services");
	assert_int_equal(service->field_count, 1);
	assert_int_equal(service->state_count, 0);
	assert_string_equal(service->folder, "services");
}

static void test_new_kind(void **state)
{
	const struct itsm_kind *page, *found;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	size_t count = itsm_kinds_count(kinds);

	(void)state;
	add("kind: page\npillar: design\nhelp: A page\nfolder: design/pages\nfile: md\nprefix: PG\n"
		"fields: {size: {type: object, fields: {width: {type: int}}}}\n");
	page = itsm_kinds_find(kinds, "pages");
	assert_true(page->by_month);
	assert_int_equal(itsm_kinds_count(kinds), count + 1);
	assert_string_equal(itsm_kind_field(page, "size.width")->column, "size_width");
	assert_true(itsm_kinds_locate(kinds, "design/pages/2026/01/PG-00000000.md", &found, id, owner));
	assert_ptr_equal(found, page);
	for (size_t i = 1; i < itsm_kinds_count(kinds); i++)
		if (itsm_kinds_at(kinds, i) == page)
			assert_string_equal(itsm_kinds_at(kinds, i - 1)->name, "package");
	assert_string_equal(itsm_kinds_at(kinds, 0)->pillar, "strategy");
}

#define PAGE "kind: page\npillar: design\nhelp: A page\nfolder: design/pages\nfile: md\n"

/* Text, and "line:column message" that must come of it. */
static const char *const wrong[][2] = {
	{"[", "policy/kinds/x.yaml: "},
	{"- a\n", "1:1 policy/kinds/x.yaml: it is no kind: a mapping with 'kind'"},
	{"pillar: design\n", "1:1 policy/kinds/x.yaml: it names no 'kind'"},
	{"kind: page\n", "1:1 policy/kinds/x.yaml: a kind has no 'pillar'"},
	{"kind: 1page\npillar: design\nfile: md\nfolder: x\n", "'1page' is no kind name"},
	{PAGE "colour: red\n", "6:1 policy/kinds/x.yaml: 'colour' is no key of a kind"},
	{PAGE "open: maybe\n", "6:7 policy/kinds/x.yaml: 'open' of a kind is no true or false"},
	{PAGE "prefix: pg\n", "'pg' is no prefix"},
	{PAGE "filed: daily\n", "'daily' is no way to file"},
	{PAGE "part: pages\n", "kind 'page' needs a folder or a part, not both"},
	{PAGE "of: [change]\n", "'of' belongs to a part"},
	{PAGE "remove: {fields: [x]}\n", "6:19 policy/kinds/x.yaml: there is no 'x' among the fields to remove"},
	{PAGE "remove: {colours: [x]}\n", "not 'colours'"},
	{PAGE "replace: perhaps\n", "'replace' is no true or false"},
	{PAGE "fields: [a]\n", "'fields' is no mapping of names"},
	{PAGE "fields: {a-b: {type: string}}\n", "6:10 policy/kinds/x.yaml: 'a-b' is no field name"},
	{PAGE "fields: {a: {type: strange}}\n", "6:13 policy/kinds/x.yaml: field 'a': 'strange' is no type"},
	{PAGE "fields: {a: {help: x}}\n", "field 'a' has no 'type'"},
	{PAGE "fields: {a: {type: enum}}\n", "an enum needs them"},
	{PAGE "fields: {a: {type: int, values: [1]}}\n", "'values' belong to an enum"},
	{PAGE "fields: {a: {type: int, to: [change]}}\n", "'to' and 'inverse' belong to a ref"},
	{PAGE "fields: {a: {type: string, min: 1}}\n", "'min' and 'max' belong to an int or a number"},
	{PAGE "fields: {a: {type: int, min: x}}\n", "'min' of field 'a' is no number"},
	{PAGE "fields: {a: {type: int, default: x}}\n", "its default is 'x', which is no whole number"},
	{PAGE "fields: {a: {type: string, pattern: \"[\"}}\n", "its pattern is no regular expression"},
	{PAGE "fields: {a: {type: ref, to: [nothing]}}\n", "field 'a' refers to 'nothing', which is no kind"},
	{PAGE "fields: {a: {type: string, required_in: [old]}}\n", "field 'a' names the state 'old'"},
	{PAGE "fields: {id: {type: string}}\n", "'id' cannot be a field"},
	{PAGE "fields: {title: {type: string}}\n", "set 'title: title'"},
	{PAGE "fields: {a_b: {type: int}, a: {type: object, fields: {b: {type: int}}}}\n",
		"would share the column 'a_b'"},
	{PAGE "title: name\n", "the title field 'name' does not exist"},
	{PAGE "states: {a b: {open: true}}\n", "'a b' is no state name"},
	{PAGE "states: {a: {stamp: at}}\n", "state 'a' stamps 'at', which is no time field"},
	{PAGE "states: {a: {}}\ntransitions: [{from: [a], to: b}]\n", "a transition leads to the state 'b'"},
	{PAGE "states: {a: {}}\ntransitions: [{from: [b], to: a}]\n", "names the state 'b'"},
	{PAGE "states: {a: {}, b: {}}\ntransitions: [{from: [a], to: b}, {from: [b, a], to: b}]\n",
		"there are two transitions 'a -> b'"},
	{PAGE "states: {a: {}}\nguards: [{name: g, to: [b], must: \"1\", message: m}]\n",
		"guard 'g' names the state 'b'"},
	{PAGE "states: {a: {}}\nguards: [{name: g, to: [a], message: m}]\n", "guards has no 'must'"},
	{PAGE "checks: [{name: c, must: \"1\", message: m, field: f}]\n", "check 'c' names the field 'f'"},
	{PAGE "checks: [{name: c, must: \"1\", message: m, severity: bad}]\n", "'bad' is no severity"},
	{PAGE "checks: [{name: c, must: \"1\", message: m}, {name: c, must: \"1\", message: m}]\n",
		"there are two checks 'c'"},
	{PAGE "approved: {fields: [f]}\n", "the approved field 'f' does not exist"},
	{PAGE "approved: {sections: [S]}\n", "the approved section 'S' does not exist"},
	{PAGE "approved: {never_by: [f]}\n", "the field 'f' of never_by does not exist"},
	{"kind: page\npillar: design\nfolder: design/pages\nfile: yaml\nsections: {A: {}}\n",
		"only Markdown files have sections"},
	{"kind: page\npillar: design\nfolder: ../pages\nfile: md\n", "'../pages' cannot be a kind's folder"},
	{"kind: page\npillar: design\nfolder: policy/kinds\nfile: md\n", "'policy/kinds' cannot be a kind's folder"},
	{"kind: page\npillar: design\nfolder: policy/kinds/pages\nfile: md\n", "cannot be a kind's folder"},
	{"kind: page\npillar: design\nfolder: operation/incidents\nfile: md\n", "share the folder"},
	{"kind: page\npillar: design\nfolder: operation/incidents/deep\nfile: md\n", "share the folder"},
	{"kind: page\npillar: design\nfolder: pages\nfile: md\nprefix: INC\n", "share the prefix"},
	{"kind: page\npillar: design\npart: notes\nfile: md\n", "share the part"},
	{"kind: link\npillar: design\nfolder: links\nfile: md\n", "'link' cannot be a kind's name"},
	{"kind: incident\nremove: {states: [pending]}\n", "leads to the state 'pending'"},
};

static void test_wrong_kinds(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		struct itsm_kinds *set;
		struct itsm_error error = {0};
		char said[1100];
		int status;

		assert_int_equal(itsm_kinds_new(&set, NULL), ITSM_OK);
		status = itsm_kinds_add(set, "policy/kinds/x.yaml", wrong[i][0], strlen(wrong[i][0]), &error);
		if (status < 0)
			assert_string_equal(itsm_kinds_digest(set), itsm_kinds_digest(kinds));
		else
			status = itsm_kinds_finish(set, &error);
		snprintf(said, sizeof(said), "%u:%u %s", error.line, error.column, error.message);
		if (status >= 0 || !strstr(said, wrong[i][1]) || !strstr(said, "policy/kinds/x.yaml"))
			fail_msg("%s\nsaid: %s\nwanted: %s", wrong[i][0], said, wrong[i][1]);
		itsm_kinds_free(set);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_addition, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_two_files_for_one_kind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_removal, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_copy, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_replacement, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_new_kind, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrong_kinds, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
