/* Records: read, judged, composed, edited, compared. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "itsm/record.h"

#define CHANGE "transition/changes/2026/11/CHG-4k7q2m8d.md"

static struct itsm_kinds *kinds;
static struct itsm_arena *arena;
static struct itsm_findings findings;

static int set_up(void **state)
{
	(void)state;
	arena = itsm_arena_new();
	itsm_findings_init(&findings, arena);
	return itsm_kinds_new(&kinds, NULL);
}

static int tear_down(void **state)
{
	(void)state;
	itsm_kinds_free(kinds);
	itsm_arena_free(arena);
	return 0;
}

static struct itsm_record *read_text(const char *path, const char *text)
{
	return itsm_record_read(arena, kinds, path, text, strlen(text), &findings);
}

static struct itsm_record *read_good(const char *path, const char *text)
{
	struct itsm_record *record = read_text(path, text);

	if (!record)
		fail_msg("%s: %s", findings.items[0].rule, findings.items[0].message);
	return record;
}

/* The one finding there is, as "rule line:column message"; the list is empty afterwards. */
static const char *only_finding(void)
{
	static char said[600];

	if (findings.count != 1)
		return findings.count ? findings.items[1].message : "(none)";
	snprintf(said, sizeof(said), "%s %u:%u %s", findings.items[0].rule, findings.items[0].line,
		findings.items[0].column, findings.items[0].message);
	findings.count = findings.errors = 0;
	return said;
}

static void refused(const char *path, const char *text, const char *finding)
{
	assert_null(read_text(path, text));
	assert_string_equal(only_finding(), finding);
}

static void found(const char *path, const char *text, const char *finding)
{
	itsm_record_check(read_good(path, text), &findings);
	assert_string_equal(only_finding(), finding);
}

static const char good_change[] =
	"---\n"
	"state: draft\n"
	"title: Replace the \"disk\" # why\n"
	"type: normal\n"
	"items: [db-prod-1, db-prod-2]\n"
	"window:\n"
	"  start: 2026-11-22T10:00:00+01:00\n"
	"  end: 2026-11-22T12:00:00+01:00\n"
	"impact: 3\n"
	"owner:\n"
	"---\n"
	"Before all.\n"
	"\n"
	"## Reason\n"
	"\n"
	"It clicks.\n"
	"\n"
	"## Plan\n"
	"<!-- nothing yet -->\n";

static void test_read(void **state)
{
	struct itsm_record *record = read_good(CHANGE, good_change);
	unsigned column;

	(void)state;
	itsm_record_check(record, &findings);
	assert_string_equal(only_finding(), "(none)");
	assert_string_equal(record->kind->name, "change");
	assert_string_equal(record->id, "CHG-4k7q2m8d");
	assert_null(record->owner);
	assert_string_equal(record->path, CHANGE);
	assert_string_equal(record->text, good_change);
	assert_string_equal(record->state, "draft");
	assert_string_equal(record->title, "Replace the \"disk\"");
	assert_string_equal(itsm_record_text(record, "window.end"), "2026-11-22T12:00:00+01:00");
	assert_null(itsm_record_text(record, "items"));
	assert_int_equal(itsm_record_field(record, "items")->count, 2);
	assert_null(itsm_record_field(record, "owner"));
	assert_null(itsm_record_field(record, "nothing"));
	assert_int_equal(itsm_record_line(record, "window.end", &column), 8);
	assert_int_equal(column, 8);
	assert_int_equal(itsm_record_line(record, "nothing", NULL), 2);
	assert_int_equal(record->section_count, 2);
	assert_true(itsm_record_section(record, "reason")->filled);
	assert_int_equal(itsm_record_section(record, "Plan")->line, 18);
	assert_false(itsm_record_section(record, "Plan")->filled);
	assert_null(itsm_record_section(record, "Test plan"));

	record = read_good("transition/changes/2026/11/CHG-4k7q2m8d/approvals/ada.yaml",
		"by: ada\ndecision: approve\nat: 2026-11-22T10:00:00Z\n");
	assert_string_equal(record->owner, "CHG-4k7q2m8d");
	assert_string_equal(record->id, "ada");
	assert_string_equal(record->title, "");
	assert_null(record->state);
}

static void test_unreadable(void **state)
{
	(void)state;
	refused("notes.txt", "x", "path/place 0:0 is in no kind's folder");
	refused("transition/changes/CHG-4k7q2m8d.md", "x", "path/place 0:0 it is not filed by month");
	refused("transition/items/DB.yaml", "x", "path/place 0:0 the file name is no ID");
	refused("transition/items/db.yaml", "- a\n- b\n", "yaml/not-a-record 1:1 holds no fields");
	refused(CHANGE, "# Title\n", "yaml/not-a-record 1:1 has no front matter");
	refused(CHANGE, "---\n- a\n---\n", "yaml/not-a-record 2:1 holds no fields");
	assert_null(read_text("transition/items/db.yaml", "name: a\nname: b\n"));
	assert_string_equal(findings.items[0].rule, "yaml/syntax");
	assert_int_equal(findings.items[0].line, 2);
	findings.count = 0;
	assert_null(read_text(CHANGE, "---\ntitle: \x1b[31mred\n---\n"));
	assert_string_equal(findings.items[0].rule, "text/encoding");
	findings.count = 0;
	assert_null(read_text(CHANGE, "---\ntitle: a\n"));
	assert_string_equal(findings.items[0].rule, "yaml/not-a-record");
	findings.count = 0;
}

static void test_check_fields(void **state)
{
	(void)state;
	found("transition/items/db.yaml", "state: live\n", "schema/required 1:1 'name' is missing");
	found("transition/items/db.yaml", "state: live\nname:\n", "schema/required 2:6 'name' is missing");
	found("transition/items/db.yaml", "state: live\nname: DB\ncolour: red\n",
		"schema/unknown 3:1 'colour' is no field of kind 'item'");
	found("transition/items/db.yaml", "state: live\nname: DB\nservices: billing\n",
		"schema/type 3:11 'services' is no list");
	found("transition/items/db.yaml", "state: live\nname: DB\nservices: [a, ~]\n",
		"schema/type 3:15 'services' has an empty item");
	found("transition/items/db.yaml", "state: live\nname: DB\nservices: [a, b, a]\n",
		"schema/type 3:18 'services' has 'a' twice");
	found("transition/items/db.yaml", "state: live\nname: [DB]\n",
		"schema/type 2:7 'name' holds several values, and takes one string");
	found("transition/items/db.yaml", "state: live\nname: DB\nenvironment: prod\n",
		"schema/type 3:14 'environment' is 'prod', not one of production, staging, test, development, shared");
	found("transition/items/db.yaml", "name: DB\n", "schema/state 1:1 has no state");
	found("transition/items/db.yaml", "name: DB\nstate: flying\n",
		"schema/state 2:8 'flying' is no state of kind 'item'");
	found("teams/ops.yaml", "name: Ops\nstate: live\n", "schema/unknown 2:1 'state' is no field of kind 'team'");
	found("policy/calendars/c.yaml",
		"name: C\nzone: UTC\nfreezes:\n  - {name: Xmas, start: 2026-12-24T00:00:00Z}\n",
		"schema/required 4:5 'freezes.end' is missing");
	found("policy/calendars/c.yaml", "name: C\nzone: UTC\nhours: {monday: [9-5]}\n",
		"schema/type 3:18 'hours.monday' is '9-5', which does not match "
		"([01][0-9]|2[0-3]):[0-5][0-9]-(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)");
	found("policy/calendars/c.yaml", "name: C\nzone: UTC\nhours: none\n",
		"schema/type 3:8 'hours' holds no fields of its own");
	found("design/slos/s.yaml",
		"apiVersion: openslo/v1\nkind: SLO\nmetadata: {name: s, labels: {a: b}}\nspec: {whatever: [1]}\n",
		"(none)");
}

static void test_check_sections(void **state)
{
	static const char kind[] =
		"kind: page\npillar: people\nfolder: pages\nfile: md\nstates: {new: {open: true}, old: {}}\n"
		"fields: {late: {type: string, required_in: [old]}}\nsections: {A: {required: true}, B: {required_in: "
		"[old], help: b}}\n";

	(void)state;
	assert_int_equal(itsm_kinds_add(kinds, "policy/kinds/page.yaml", kind, sizeof(kind) - 1, NULL), ITSM_OK);
	found("pages/p.md", "---\nstate: new\n---\n", "schema/section 4:1 the section 'A' is missing");
	found("pages/p.md", "---\nstate: new\n---\n\n## a\n", "schema/section 5:1 the section 'A' is empty");
	found("pages/p.md", "---\nstate: new\n---\n## A\nx\n## A\n", "schema/section 6:1 has the section 'A' twice");
	found("pages/p.md", "---\nstate: old\nlate: x\n---\n## A\nx\n",
		"schema/section 5:1 the section 'B' is missing");
	found("pages/p.md", "---\nstate: old\n---\n## A\nx\n## B\nx\n",
		"schema/required 2:1 'late' is missing, and needed in state old");
	found("pages/p.md", "---\nstate: new\n---\n## A\nx\n", "(none)");
}

static void test_findings_are_bounded(void **state)
{
	struct itsm_buffer text = {0};

	(void)state;
	itsm_buffer_puts(&text, "name: x\nstate: live\n");
	for (int i = 0; i < 5000; i++)
		itsm_buffer_printf(&text, "k%d: 1\n", i);
	itsm_record_check(read_good("transition/items/db.yaml", text.data), &findings);
	assert_true(findings.count > 100 && findings.count < 300);
	itsm_buffer_free(&text);
}

static void assigned(const char *kind, const char *word, const char *wanted)
{
	struct itsm_error error = {0};
	struct itsm_edit edit = {0};
	char said[700];
	size_t length;

	if (itsm_assignment_parse(arena, itsm_kinds_find(kinds, kind), word, &edit, &error) < 0) {
		assert_string_equal(error.message, wanted);
		return;
	}
	length = (size_t)snprintf(said, sizeof(said), "%d %s%s%s", (int)edit.operation, edit.field,
		edit.list ? " list" : "", edit.text ? " text" : "");
	for (size_t i = 0; i < edit.count; i++)
		length += (size_t)snprintf(said + length, sizeof(said) - length, " <%s>", edit.values[i]);
	assert_string_equal(said, wanted);
}

static void test_assignments(void **state)
{
	(void)state;
	assigned("change", "title=a=b, c", "0 title text <a=b, c>");
	assigned("change", "impact=3", "0 impact <3>");
	assigned("change", "items=a,b", "0 items list text <a> <b>");
	assigned("change", "items+=a", "1 items list text <a>");
	assigned("change", "items-=a", "2 items list text <a>");
	assigned("change", "items=", "3 items list text");
	assigned("change", "window_start=2026-11-22T10:00:00Z", "0 window.start <2026-11-22T10:00:00Z>");
	assigned("service", "customers=a\\,b,c", "0 customers list text <a,b> <c>");
	assigned("slo", "spec.more=x", "0 spec.more text <x>");
	assigned("change", "impact=9", "'impact' is 9, above 5");
	assigned("change", "impact+=1", "'impact' is no list; set it with impact=value");
	assigned("change", "items=a,,b", "'items' gets an empty item; write a comma as \\,");
	assigned("change", "window=x", "'window' has fields of its own; set one of them, such as window.start");
	assigned("calendar", "freezes=x", "'freezes' is a list of objects; change it with `itsm edit`");
	assigned("change", "state=closed", "'state' is not set like a field; `itsm move ID STATE` changes it");
	assigned("change", "colour=red", "'colour' is no field of kind 'change'; `itsm schema change` lists them");
	assigned("change", "=x", "'=x' sets nothing; write field=value, field+=item or field-=item");
	assigned("change", "title", "'title' sets nothing; write field=value, field+=item or field-=item");
	assigned("change", "+=x", "'' is no field of kind 'change'; `itsm schema change` lists them");
}

static const char *composed(const char *kind_name, const char *const *words, const char *body, bool guidance)
{
	static struct itsm_buffer text;
	const struct itsm_kind *kind = itsm_kinds_find(kinds, kind_name);
	struct itsm_edit edits[16];
	struct itsm_error error = {0};
	size_t count = 0;
	const char *result;

	for (; *words; words++)
		if (itsm_assignment_parse(arena, kind, *words, &edits[count++], &error) < 0)
			return itsm_arena_strdup(arena, error.message);
	if (itsm_record_compose(kind, edits, count, body, guidance, &text, &error) < 0)
		return itsm_arena_strdup(arena, error.message);
	result = itsm_arena_strdup(arena, text.data ? text.data : "");
	itsm_buffer_free(&text);
	return result;
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static void test_compose(void **state)
{
	(void)state;
	assert_string_equal(
		composed("item", WORDS("name=DB: one", "services+=a", "services+=b", "services+=a", "version=1.10"),
			NULL, false),
		"state: planned\nname: \"DB: one\"\nservices: [a, b]\nversion: \"1.10\"\n");
	assert_string_equal(composed("outage", WORDS("title=T", "severity=down", "services=a"), "Text.", false),
		"---\nstate: announced\ntitle: T\nplanned: false\nseverity: down\nservices: [a]\n---\n\nText.\n");
	assert_string_equal(composed("outage", WORDS("title=T", "planned="), "", false),
		"---\nstate: announced\ntitle: T\nseverity: disrupted\n---\n");
	assert_string_equal(
		composed("note", WORDS("author=A"), NULL, false), "---\nauthor: A\nvisibility: staff\n---\n");
	assert_string_equal(composed("offering", WORDS("name=a"), NULL, true),
		"state: draft\nname: a\n# service: needed. The service it belongs to\ntype: service-request\napproval: "
		"none\n");
	assert_string_equal(composed("change", WORDS("title=T", "window.end=2026-11-22T12:00:00Z"), "", false),
		"---\nstate: draft\ntitle: T\ntype: normal\nwindow:\n  end: 2026-11-22T12:00:00Z\n---\n");
	assert_string_equal(composed("person", WORDS("name=A", "keys=ssh-rsa AAAA a[b]\\,c"), NULL, false),
		"name: A\nkeys: [\"ssh-rsa AAAA a[b],c\"]\nactive: true\n");
	assert_string_equal(composed("service", WORDS("name=A", "description=one\ntwo\n", "tier=1"), NULL, false),
		"state: pipeline\nname: A\ndescription: |\n  one\n  two\ntier: 1\n");
	assert_string_equal(composed("slo", WORDS("metadata.name=s", "metadata.labels.team=x"), NULL, false),
		"metadata:\n  name: s\n  labels:\n    team: x\n");
	assert_string_equal(
		composed("service", WORDS("name=A"), "text", false), "a service is a YAML file without a body");
	assert_non_null(strstr(composed("change", WORDS("title=T"), NULL, true),
		"---\n\n## Reason\n\n<!-- Why it is needed and what happens without it -->\n\n## Impact\n"));
}

/* What is composed for any kind reads back, and misses nothing but what was not given. */
static void test_compose_reads_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < itsm_kinds_count(kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(kinds, i);
		char id[64];
		const char *path, *words[] = {NULL};

		snprintf(id, sizeof(id), kind->prefix ? "%s-00000000" : "x", kind->prefix);
		path = itsm_kind_path(arena, kind, id, 0, kind->part ? CHANGE : NULL);
		for (int guidance = 0; guidance < 2; guidance++) {
			struct itsm_record *record = read_good(path, composed(kind->name, words, NULL, guidance));
			size_t given = 0;

			for (size_t j = 0; j < kind->section_count; j++)
				given += !kind->sections[j].on_demand;
			assert_string_equal(record->kind->name, kind->name);
			assert_int_equal(record->section_count, given);
			itsm_record_check(record, &findings);
			for (size_t j = 0; j < findings.count; j++)
				assert_string_equal(findings.items[j].rule, "schema/required");
			findings.count = 0;
		}
	}
}

static void test_edit(void **state)
{
	struct itsm_record *record = read_good(CHANGE, good_change);
	struct itsm_edit edits[3];
	struct itsm_buffer text = {0};
	struct itsm_error error = {0};
	struct itsm_difference *differences;
	size_t count;

	(void)state;
	assert_int_equal(itsm_assignment_parse(arena, record->kind, "title=Other", &edits[0], NULL), ITSM_OK);
	assert_int_equal(itsm_assignment_parse(arena, record->kind, "items-=db-prod-1", &edits[1], NULL), ITSM_OK);
	assert_int_equal(itsm_assignment_parse(arena, record->kind, "impact=", &edits[2], NULL), ITSM_OK);
	if (itsm_record_edit(record, edits, 3, "submitted", &text, &error) < 0)
		fail_msg("%s", error.message);
	assert_string_equal(text.data,
		"---\nstate: submitted\ntitle: Other # why\ntype: normal\nitems: [db-prod-2]\nwindow:\n"
		"  start: 2026-11-22T10:00:00+01:00\n  end: 2026-11-22T12:00:00+01:00\nowner:\n---\nBefore all.\n\n"
		"## Reason\n\nIt clicks.\n\n## Plan\n<!-- nothing yet -->\n");
	itsm_record_compare(arena, record, read_good(CHANGE, text.data), &differences, &count);
	assert_int_equal(count, 4);
	assert_string_equal(differences[0].field, "state");
	assert_string_equal(differences[0].old_text, "draft");
	assert_string_equal(differences[0].new_text, "submitted");
	assert_int_equal(differences[0].line, 2);
	assert_string_equal(differences[2].field, "items");
	assert_string_equal(differences[2].old_text, "[\"db-prod-1\",\"db-prod-2\"]");
	assert_string_equal(differences[2].new_text, "[\"db-prod-2\"]");
	assert_string_equal(differences[3].field, "impact");
	assert_null(differences[3].new_text);
	assert_int_equal(differences[3].line, 9);
	itsm_buffer_free(&text);
}

static void test_compare_bodies(void **state)
{
	struct itsm_record *old =
		read_good(CHANGE, "---\nstate: draft\n---\nHello.\n\n## A\nx\n\n## B\ny\n\n## B\nz\n\n# Top\ntail\n");
	struct itsm_record *new =
		read_good(CHANGE, "---\nstate: draft\n---\nHullo.\n\n## A\n\nx\n## B\ny\n## B\nq\n## C\n# Top\ntail\n");
	struct itsm_difference *differences;
	size_t count;

	(void)state;
	itsm_record_compare(arena, old, new, &differences, &count);
	assert_int_equal(count, 3);
	assert_string_equal(differences[0].field, "body");
	assert_string_equal(differences[1].field, "## B");
	assert_string_equal(differences[1].old_text, "z");
	assert_string_equal(differences[1].new_text, "q");
	assert_string_equal(differences[2].field, "## C");
	assert_null(differences[2].old_text);
	itsm_record_compare(arena, NULL, new, &differences, &count);
	assert_int_equal(count, 6);
	itsm_record_compare(arena, old, NULL, &differences, &count);
	assert_int_equal(count, 5);
	assert_null(differences[4].new_text);
	itsm_record_compare(arena, old, old, &differences, &count);
	assert_int_equal(count, 0);
}

/* Read beside another version, a record is what it is when read alone. */
static void same_beside(const char *before, const char *text, bool same_names)
{
	const struct itsm_record *other = read_good(CHANGE, before), *alone = read_good(CHANGE, text);
	const struct itsm_record *record =
		itsm_record_read_beside(arena, kinds, other, text, strlen(text), &findings);

	assert_non_null(record);
	assert_string_equal(record->path, CHANGE);
	assert_string_equal(record->id, alone->id);
	assert_string_equal(record->title, alone->title);
	assert_string_equal(record->state, alone->state);
	assert_memory_equal(&record->document, &alone->document, sizeof(record->document));
	assert_int_equal(record->section_count, alone->section_count);
	for (size_t i = 0; i < alone->section_count; i++) {
		const struct itsm_section_span *section = &record->sections[i], *wanted = &alone->sections[i];

		assert_string_equal(section->name, wanted->name);
		assert_true(section->line == wanted->line && section->start == wanted->start &&
			section->end == wanted->end && section->filled == wanted->filled);
		assert_int_equal(section->name == other->sections[i].name, same_names);
	}
}

static void test_beside(void **state)
{
	static const char text[] = "---\nstate: draft\ntitle: A\n---\nloose\n\n## Plan\n\nStep\n\n## Reason\n\n<!-- -->\n";
	static const char longer[] = "\xef\xbb\xbf---\nstate: submitted\ntitle: A longer one\nrisk: low\n---\n"
				     "loose\n\n## Plan\n\nStep\n\n## Reason\n\n<!-- -->\n";
	static const char other[] = "---\nstate: draft\ntitle: A\n---\nloose\n\n## Plan\n\nStep\n\n## Because\n\nSo\n\n## X\n";

	(void)state;
	same_beside(text, longer, true);
	same_beside(longer, text, true);
	same_beside(text, text, true);
	same_beside(other, text, false);
	assert_null(itsm_record_read_beside(arena, kinds, read_good(CHANGE, text), "---\na: [\n---\n", 13, &findings));
	assert_string_equal(findings.items[0].rule, "yaml/syntax");
}

static void normal(enum itsm_type type, const char *text, const char *wanted)
{
	struct itsm_field field = {.name = "f", .type = type, .has_max = type == ITSM_TYPE_INT, .max = 10};
	struct itsm_value value;
	struct itsm_error error = {0};
	char said[400];

	if (itsm_field_value(&field, text, arena, &value, &error) < 0)
		snprintf(said, sizeof(said), "%.300s", error.message);
	else if (value.type == ITSM_VALUE_INTEGER || value.type == ITSM_VALUE_BOOLEAN)
		snprintf(said, sizeof(said), "%lld", (long long)value.integer);
	else if (value.type == ITSM_VALUE_REAL)
		snprintf(said, sizeof(said), "%.17g", value.real);
	else
		snprintf(said, sizeof(said), "%s", value.text);
	assert_string_equal(said, wanted);
}

static void test_values(void **state)
{
	(void)state;
	normal(ITSM_TYPE_STRING, "no", "no");
	normal(ITSM_TYPE_STRING, "a\nb", "has more than one line");
	normal(ITSM_TYPE_TEXT, "a\nb", "a\nb");
	normal(ITSM_TYPE_INT, "007", "7");
	normal(ITSM_TYPE_INT, "11", "is 11, above 10");
	normal(ITSM_TYPE_INT, "1.0", "is '1.0', which is no whole number");
	normal(ITSM_TYPE_INT, "0x10", "is '0x10', which is no whole number");
	normal(ITSM_TYPE_INT, "-", "is '-', which is no whole number");
	normal(ITSM_TYPE_INT, "99999999999999999999",
		"is '99999999999999999999', which is no number that fits into 64 bits");
	normal(ITSM_TYPE_NUMBER, "-1.5e1", "-15");
	normal(ITSM_TYPE_NUMBER, "1e999", "is '1e999', which is no number that fits into 64 bits");
	normal(ITSM_TYPE_NUMBER, "nan", "is 'nan', which is no number");
	normal(ITSM_TYPE_NUMBER, "1.", "is '1.', which is no number");
	normal(ITSM_TYPE_BOOL, "true", "1");
	normal(ITSM_TYPE_BOOL, "yes", "is 'yes', which is no true or false");
	normal(ITSM_TYPE_DATE, "2026-02-28", "2026-02-28");
	normal(ITSM_TYPE_DATE, "2026-02-29", "is '2026-02-29', which is no date such as 2026-11-22");
	normal(ITSM_TYPE_TIME, "2026-11-22T01:00:00+02:00", "2026-11-21T23:00:00Z");
	normal(ITSM_TYPE_DURATION, "1h30m", "5400");
	normal(ITSM_TYPE_DURATION, "soon", "is 'soon', which is no duration such as 30m, 4h or 1h30m");
	normal(ITSM_TYPE_REF, "CHG-4k7q2m8d", "CHG-4k7q2m8d");
	normal(ITSM_TYPE_REF, "ci.jenkins.io", "ci.jenkins.io");
	normal(ITSM_TYPE_REF, "../etc", "is '../etc', which is no ID of a record");
	normal(ITSM_TYPE_REF, "Group 56", "is 'Group 56', which is no ID of a record");
	normal(ITSM_TYPE_MAIL, "a@b", "a@b");
	normal(ITSM_TYPE_MAIL, "a@b@c", "is 'a@b@c', which is no mail address");
	normal(ITSM_TYPE_URL, "https://example.org/a?b", "https://example.org/a?b");
	normal(ITSM_TYPE_URL, "javascript:alert(1)",
		"is 'javascript:alert(1)', which is no URL (http, https, ssh, git or mailto)");
}

static void test_json(void **state)
{
	struct itsm_record *record = read_good("policy/calendars/c.yaml",
		"name: \"1.10\"\nzone: UTC\nhours: {monday: [\"09:00-17:00\"]}\nholidays:\n  - date: 2026-12-25\n    "
		"name: no\n");
	struct itsm_buffer out = {0};
	struct itsm_record *metric;

	(void)state;
	itsm_yaml_json(record->front, NULL, &out);
	assert_string_equal(out.data, "{\"name\":\"1.10\",\"zone\":\"UTC\",\"hours\":{\"monday\":[\"09:00-17:00\"]},"
		"\"holidays\":[{\"date\":\"2026-12-25\",\"name\":\"no\"}]}");
	itsm_buffer_clear(&out);
	metric = read_good(
		"improvement/metrics/m.yaml", "name: M\nseries: [{at: 2026-01-01, value: 007.10}, {value: ~}]\n");
	itsm_yaml_json(itsm_record_field(metric, "series"), itsm_kind_field(metric->kind, "series"), &out);
	assert_string_equal(out.data, "[{\"at\":\"2026-01-01\",\"value\":7.1},{\"value\":null}]");
	itsm_buffer_free(&out);
}

/* OpenSLO documents of other people, as they are. */
static void test_openslo(void **state)
{
	static const char *const files[] = {
		"budgeting-method/occurences-slo.yaml", "budgeting-method/ratio-timeslices.yaml",
		"budgeting-method/timeslices-slo.yaml", "treat-low-traffic-as-equally-important/timeslices-slo.yaml",
	};
	const char *data = getenv("ITSM_DATA"), *source = getenv("ITSM_SOURCE");

	(void)state;
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		char path[1024], text[16384];
		FILE *file;

		snprintf(path, sizeof(path), "%s%s/slo/openslo/examples/%s", data ? "" : source ? source : ".",
			data ? data : "/../shared/data", files[i]);
		file = fopen(path, "r");
		if (!file) {
			print_message("skipped: %s is not there\n", path);
			skip();
		}
		text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
		fclose(file);
		itsm_record_check(read_good("design/slos/an-slo.yaml", text), &findings);
		if (findings.count)
			fail_msg("%s: %s", files[i], only_finding());
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_read, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unreadable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_check_fields, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_check_sections, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_findings_are_bounded, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_assignments, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_compose, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_compose_reads_back, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_edit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_compare_bodies, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_beside, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_values, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_json, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_openslo, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
