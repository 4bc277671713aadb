/* Maps of an import: what is wrong with one is said with line and column, before any row is read. */
#include "store_fixture.h"

#include <stdio.h>
#include <string.h>

#include "itsm/import.h"

static const struct {
	unsigned line, column;
	const char *message;
	const char *map;
} cases[] = {
	{1, 1, "'a' is no key of 'map'", "a: b\n"},
	{1, 1, "no `source:`", "kind: incident\n"},
	{1, 1, "no `kind:`", "source: x\n"},
	{1, 1, "no `key:`", "source: x\nkind: incident\n"},
	{1, 1, "no `source:`", "source: two words\nkind: incident\nkey: k\n"},
	{2, 7, "'incidentt' is no kind", "source: x\nkind: incidentt\nkey: k\n"},
	{2, 7, "'note' is no kind", "source: x\nkind: note\nkey: k\n"},
	{1, 12, "'source' takes one text", "source:    [a]\nkind: incident\nkey: k\n"},
	{2, 9, "'format' is csv or markdown", "source: x\nformat: xml\nkind: incident\nkey: k\n"},
	{2, 12, "a delimiter is one byte", "source: x\ndelimiter: ';;'\nkind: incident\nkey: k\n"},
	{2, 9, "'quotes' is double or none", "source: x\nquotes: single\nkind: incident\nkey: k\n"},
	{2, 18, "'%Q' in '%Q' is no conversion", "source: x\ntimes: {formats: '%Q'}\nkind: incident\nkey: k\n"},
	{2, 18, "'%s' in '%s' is no conversion", "source: x\ntimes: {formats: '%s'}\nkind: incident\nkey: k\n"},
	{2, 18, "'today' is no time format", "source: x\ntimes: {formats: today}\nkind: incident\nkey: k\n"},
	{2, 15, "'Mars/Base' is no time zone", "source: x\ntimes: {zone: Mars/Base}\nkind: incident\nkey: k\n"},
	{2, 15, "'+25:00' is no time zone", "source: x\ntimes: {zone: '+25:00'}\nkind: incident\nkey: k\n"},
	{2, 22, "'mixed_zones' is reject, keep or zone", "source: x\ntimes: {mixed_zones: yes}\nkind: incident\nkey: k\n"},
	{2, 9, "'zones' is no key of 'times'", "source: x\ntimes: {zones: UTC}\nkind: incident\nkey: k\n"},
	{3, 6, "needs one of from, template and value", "source: x\nkind: incident\nkey: {lower: true}\n"},
	{3, 6, "needs one of from, template and value", "source: x\nkind: incident\nkey: {from: a, value: b}\n"},
	{3, 16, "'form' is no key of 'key'", "source: x\nkind: incident\nkey: {from: k, form: b}\n"},
	{3, 23, "'lower' is true or false", "source: x\nkind: incident\nkey: {from: k, lower: 1}\n"},
	{3, 25, "is no regular expression", "source: x\nkind: incident\nkey: {from: k, pattern: '('}\n"},
	{3, 22, "such choice", "source: x\nkind: incident\nkey: {from: k, take: any}\n"},
	{3, 26, "such choice", "source: x\nkind: incident\nkey: {from: k, on_error: cry}\n"},
	{3, 27, "'otherwise' without map or match", "source: x\nkind: incident\nkey: {from: k, otherwise: a}\n"},
	{3, 6, "a brace that is never closed", "source: x\nkind: incident\nkey: '{k'\n"},
	{3, 6, "'{}' names no column", "source: x\nkind: incident\nkey: '{}'\n"},
	{3, 23, "'split' is empty", "source: x\nkind: incident\nkey: {from: k, split: ''}\n"},
	{4, 13, "'nothing' is no field of a incident", "source: x\nkind: incident\nkey: k\ncolumns: {  nothing: a}\n"},
	{4, 12, "'state' is no column", "source: x\nkind: incident\nkey: k\ncolumns: { state: a}\n"},
	{4, 29, "'odd' is no state", "source: x\nkind: incident\nkey: k\nstate: {from: a, map: {one: odd, two: new}}\n"},
	{4, 38, "'impact' is 9, above 5", "source: x\nkind: incident\nkey: k\ncolumns: {impact: {from: a, map: {x: 9}}}\n"},
	{4, 19, "'impact' is 'high'", "source: x\nkind: incident\nkey: k\ncolumns: {impact: {value: high}}\n"},
	{4, 45, "'later' is no state", "source: x\nkind: incident\nkey: k\ncolumns: {resolved: {from: a, states: [new, later]}}\n"},
	{4, 39, "'states' is no list", "source: x\nkind: incident\nkey: k\ncolumns: {resolved: {from: a, states: new}}\n"},
	{1, 1, "a incident is filed by month", "source: x\nkind: incident\nkey: k\ncolumns: {title: t}\n"},
	{1, 1, "a incident needs 'title'", "source: x\nkind: incident\nkey: k\ncolumns: {opened: t}\n"},
	{4, 8, "'filed' names no field", "source: x\nkind: incident\nkey: k\nfiled: closed\ncolumns: {title: t, opened: o}\n"},
	{1, 1, "'filed' needs a field that holds a time", "source: x\nkind: incident\nkey: k\nfiled: title\ncolumns: {title: t, opened: o}\n"},
	{4, 5, "the ID of a incident is made", "source: x\nkind: incident\nkey: k\nid: a\ncolumns: {title: t, opened: o}\n"},
	{1, 1, "a item is known by a name", "source: x\nkind: item\nkey: k\ncolumns: {name: t}\n"},
	{5, 7, "a item is a YAML file without a body", "source: x\nkind: item\nkey: k\nid: n\nbody: b\ncolumns: {name: t}\n"},
	{5, 12, "'sections' is no mapping", "source: x\nkind: incident\nkey: k\ncolumns: {title: t, opened: o}\nsections:  text\n"},
	{2, 7, "names none; use map or match", "source: x\nkind: {from: k}\nkey: k\n"},
	{5, 3, "'change' is no kind that `kind:` makes",
		"source: x\nkind: incident\nkey: k\nkinds:\n  change: {}\ncolumns: {title: t, opened: o}\n"},
	{5, 10, "'replay' needs the time", "source: x\nkind: incident\nkey: k\ncolumns: {title: t, opened: o}\nreplay:  {author: a}\n"},
	{5, 9, "'ensure' is no list", "source: x\nkind: incident\nkey: k\ncolumns: {title: t, opened: o}\nensure: {kind: team}\n"},
	{6, 5, "needs kind and id", "source: x\nkind: incident\nkey: k\ncolumns: {title: t, opened: o}\nensure:\n  - {kind: team}\n"},
	{6, 12, "no kind whose records are known by a name",
		"source: x\nkind: incident\nkey: k\ncolumns: {title: t, opened: o}\nensure:\n  - {kind: incident, id: a}\n"},
	{6, 5, "a team needs 'name'",
		"source: x\nkind: incident\nkey: k\ncolumns: {title: t, opened: o}\nensure:\n  - {kind: team, id: a}\n"},
	{2, 1, "", "source: x\nsource: y\n"},
	{0, 0, "no-such-file", "source: x\nkind: incident\nkey: k\ncolumns: {title: t, opened: o}\n"},
	{0, 0, "no-such-file", "source: x\nformat: markdown\nkind: incident\nkey: '{k}{{}}{k|none}{k:slug}{k:lower|x}'\n"
		"columns: {title: [a, b], opened: o}\nbody: b\nsections: {Timeline: t}\nfiled: opened\n"
		"state: {from: s, map: {a: new}, match: [{pattern: ^b, value: closed}], otherwise: '', default: new}\n"},
};

static int import_map_only(struct fixture *fixture, struct itsm_desk *desk, const char *map)
{
	const struct itsm_import_options options = {
		.map_path = "map.yaml",
		.map = map,
		.map_size = strlen(map),
		.source = "no-such-file",
		.dry_run = true,
	};
	struct itsm_import_result result;

	memset(&fixture->err, 0, sizeof(fixture->err));
	return itsm_desk_import(desk, &options, &result, &fixture->err);
}

static void test_mistakes(void **state)
{
	struct fixture *fixture = *state;
	const struct itsm_desk_options options = {.start = fixture->desk, .now = NOW};
	struct itsm_desk *desk;
	size_t i, wrong = 0;

	fixture_shell(fixture, "printf 'format: 1\\nname: Test\\n' >itsm.yaml && git commit -qam desk");
	assert_ok(fixture, itsm_desk_open(&options, &desk, &fixture->err));
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		int status = import_map_only(fixture, desk, cases[i].map);

		if (status != 0 && strstr(fixture->err.message, cases[i].message) && fixture->err.line == cases[i].line &&
		    fixture->err.column == cases[i].column &&
		    (!cases[i].line || strncmp(fixture->err.message, "map.yaml: ", 10) == 0))
			continue;
		wrong++;
		print_message("case %zu: %u:%u '%s' and not %u:%u '%s' for\n%s", i, fixture->err.line, fixture->err.column,
			fixture->err.message, cases[i].line, cases[i].column, cases[i].message, cases[i].map);
	}
	itsm_desk_free(desk);
	assert_int_equal(wrong, 0);
}

/* Cutting a good map anywhere gives an error or a map, never a crash. */
static void test_cut_maps(void **state)
{
	struct fixture *fixture = *state;
	const struct itsm_desk_options options = {.start = fixture->desk, .now = NOW};
	const char *good = cases[sizeof(cases) / sizeof(cases[0]) - 1].map;
	struct itsm_desk *desk;
	size_t length;

	fixture_shell(fixture, "printf 'format: 1\\nname: Test\\n' >itsm.yaml && git commit -qam desk");
	assert_ok(fixture, itsm_desk_open(&options, &desk, &fixture->err));
	for (length = 0; length < strlen(good); length++)
		assert_int_not_equal(import_map_only(fixture, desk, itsm_arena_strndup(fixture->arena, good, length)), 0);
	itsm_desk_free(desk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_mistakes, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_cut_maps, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
