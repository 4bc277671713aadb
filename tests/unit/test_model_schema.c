/*
 * The JSON Schemas against an independent validator (python3-jsonschema): every
 * kind's schema is one, and says of records what itsm_record_check says.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "itsm/record.h"

/* Reads {"schema": ..., "cases": [[expected, instance], ...]} lines; says which cases differ. */
static const char script[] =
	"import json, sys, jsonschema\n"
	"bad = 0\n"
	"for line in open(sys.argv[1], encoding='utf-8'):\n"
	"    data = json.loads(line)\n"
	"    jsonschema.Draft202012Validator.check_schema(data['schema'])\n"
	"    validator = jsonschema.Draft202012Validator(data['schema'])\n"
	"    for expected, instance in data['cases']:\n"
	"        errors = [e.message for e in validator.iter_errors(instance)]\n"
	"        if (not errors) != expected:\n"
	"            print(data['schema']['title'], instance, errors or 'is taken')\n"
	"            bad = 1\n"
	"sys.exit(bad)\n";

struct judged {
	const char *path, *text;
};

static const struct judged records[] = {
	{"transition/items/db.yaml", "state: live\nname: DB\nservices: [a]\ncost: 1.5\nmin_up: 50%\n"},
	{"transition/items/db.yaml", "state: live\nname: DB\nservices:\nowner:\n"},
	{"transition/items/db.yaml", "state: live\n"},
	{"transition/items/db.yaml", "state: flying\nname: DB\n"},
	{"transition/items/db.yaml", "name: DB\n"},
	{"transition/items/db.yaml", "state: live\nname: DB\ncolour: red\n"},
	{"transition/items/db.yaml", "state: live\nname: DB\ncost: cheap\n"},
	{"transition/items/db.yaml", "state: live\nname: DB\ncost: -1\n"},
	{"transition/items/db.yaml", "state: live\nname: DB\nservices: a\n"},
	{"transition/items/db.yaml", "state: live\nname: DB\nenvironment: prod\n"},
	{"transition/items/db.yaml", "state: live\nname: DB\nmin_up: most\n"},
	{"transition/items/db.yaml", "state: live\nname: DB\ndiscovered: yesterday\n"},
	{"transition/items/db.yaml", "state: live\nname: DB\nattributes: {a: [1, {b: c}]}\n"},
	{"policy/calendars/c.yaml",
		"name: C\nzone: UTC\nhours: {monday: [\"09:00-17:00\"]}\nfreezes:\n"
		"  - {name: X, start: 2026-12-24T00:00:00Z, end: 2026-12-26T00:00:00+01:00, strength: soft}\n"},
	{"policy/calendars/c.yaml", "name: C\nzone: UTC\nfreezes: [{name: X}]\n"},
	{"policy/calendars/c.yaml", "name: C\nzone: UTC\nhours: {moonday: [\"09:00-17:00\"]}\n"},
	{"policy/calendars/c.yaml", "name: C\nzone: UTC\nhours: {monday: [9-17]}\n"},
	{"design/slos/s.yaml",
		"apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: s, x: 1}\nspec:\n  more: [1]\n"
		"  objectives: [{target: 0.99, op: lt, value: 500}]\n"},
	{"design/slos/s.yaml", "apiVersion: openslo/v1\nkind: Service\nmetadata: {name: s}\nspec: {}\n"},
	{"design/slos/s.yaml",
		"apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: s}\nspec: {objectives: [{target: 2}]}\n"},
	{"improvement/feedback/2026/11/FB-00000000.yaml", "score: 5\nat: 2026-11-22T10:00:00Z\nanswered: true\n"},
	{"improvement/feedback/2026/11/FB-00000000.yaml", "score: 6\nat: 2026-11-22T10:00:00Z\n"},
	{"improvement/feedback/2026/11/FB-00000000.yaml", "score: 5\nat: 2026-11-22T10:00:00Z\nanswered: maybe\n"},
	{"pages/p.yaml", "state: new\n"},
	{"pages/p.yaml", "state: old\n"},
	{"pages/p.yaml", "state: old\nlate:\n"},
	{"pages/p.yaml", "state: old\nlate: x\nmail: a@b\nurl: https://a\nwait: 1h30m\nday: 2026-01-31\n"},
	{"pages/p.yaml", "state: new\nmail: ab\n"},
	{"pages/p.yaml", "state: new\nurl: ftp://a\n"},
	{"pages/p.yaml", "state: new\nwait: long\n"},
	{"pages/p.yaml", "state: new\nday: today\n"},
};

static const char page[] = "kind: page\npillar: people\nhelp: A page\nfolder: pages\nfile: yaml\nfiled: slug\n"
			   "states: {new: {open: true}, old: {}}\n"
			   "fields: {late: {type: string, required_in: [old]}, mail: {type: mail}, url: {type: url}, "
			   "wait: {type: duration},"
			   " day: {type: date}}\n";

/* A record's front matter, typed by its kind as editors see it. */
static void put_typed(const struct itsm_record *record, struct itsm_buffer *out)
{
	itsm_buffer_putc(out, '{');
	for (size_t i = 0; i < record->front->count; i++) {
		const char *key = record->front->keys[i]->text;

		itsm_buffer_puts(out, i ? "," : "");
		itsm_escape_json(out, key);
		itsm_buffer_putc(out, ':');
		itsm_yaml_json(record->front->items[i], itsm_kind_field(record->kind, key), out);
	}
	itsm_buffer_putc(out, '}');
}

static void put_cases(struct itsm_arena *arena, const struct itsm_kinds *kinds, const struct itsm_kind *kind,
	struct itsm_buffer *out)
{
	size_t written = 0;

	itsm_buffer_puts(out, "{\"schema\":");
	itsm_kind_json_schema(kind, out);
	out->length--; /* its newline */
	itsm_buffer_puts(out, ",\"cases\":[");
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++) {
		struct itsm_findings findings;
		struct itsm_record *record;

		itsm_findings_init(&findings, arena);
		record = itsm_record_read(
			arena, kinds, records[i].path, records[i].text, strlen(records[i].text), &findings);
		assert_non_null(record);
		if (record->kind != kind)
			continue;
		itsm_record_check(record, &findings);
		itsm_buffer_printf(out, "%s[%s,", written++ ? "," : "", findings.errors ? "false" : "true");
		put_typed(record, out);
		itsm_buffer_putc(out, ']');
	}
	itsm_buffer_puts(out, "]}\n");
}

static void test_schemas(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer out = {0};
	struct itsm_kinds *kinds;
	char input[] = "/tmp/itsm-schema-XXXXXX", program[] = "/tmp/itsm-schema-XXXXXX", command[200];
	int descriptor;

	(void)state;
	if (system("/usr/bin/python3 -c 'import jsonschema; jsonschema.Draft202012Validator' 2>/dev/null") != 0) {
		print_message("skipped: python3-jsonschema is not there\n");
		skip();
	}
	assert_int_equal(itsm_kinds_new(&kinds, NULL), ITSM_OK);
	assert_int_equal(itsm_kinds_add(kinds, "policy/kinds/page.yaml", page, sizeof(page) - 1, NULL), ITSM_OK);
	for (size_t i = 0; i < itsm_kinds_count(kinds); i++)
		put_cases(arena, kinds, itsm_kinds_at(kinds, i), &out);
	descriptor = mkstemp(input);
	assert_int_equal(write(descriptor, out.data, out.length), (ssize_t)out.length);
	close(descriptor);
	descriptor = mkstemp(program);
	assert_int_equal(write(descriptor, script, sizeof(script) - 1), (ssize_t)sizeof(script) - 1);
	close(descriptor);
	snprintf(command, sizeof(command), "/usr/bin/python3 %s %s", program, input);
	assert_int_equal(system(command), 0);
	unlink(input);
	unlink(program);
	itsm_buffer_free(&out);
	itsm_kinds_free(kinds);
	itsm_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(test_schemas) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
