/* What the index sees: views, finding, snapshots, checks, history, and that it misses no change. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "index_fixture.h"

static void test_views(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_work(fixture);
	assert_string_equal(
		index_rows(fixture,
			"SELECT id, path, state, is_open, title, service, priority, items, opened FROM incident"
			" ORDER BY id"),
		A "|" FOLDER A ".md|new|1|Slow billing|billing|2|[\"db1\",\"db2\"]|2026-11-02T09:00:00Z\n" B
		  "|" FOLDER B ".md|closed|0|Broken printer|-|4|-|2026-11-02T09:00:00Z");
	assert_string_equal(index_rows(fixture, "SELECT id, kind, pillar, record FROM record ORDER BY path"),
		A "|incident|operation|-\nNOTE-00000001|note|operation|" A "\n" B "|incident|operation|-\n"
		"jane|person|people|-\nbilling|service|strategy|-\ncore|team|people|-");
	assert_string_equal(index_rows(fixture, "SELECT * FROM link ORDER BY source, relation, target"),
		A "|incident|items|db1\n" A "|incident|items|db2\n" A "|incident|service|billing\n"
		B "|incident|assignee|jane\n" B "|incident|team|core\nNOTE-00000001|note|by|jane");
	assert_string_equal(index_rows(fixture, "SELECT id, name, filled FROM section WHERE id = '" A "'"),
		A "|Description|1\n" A "|Resolution|0");
	assert_string_equal(index_rows(fixture, "SELECT record, by FROM note"), A "|jane");
	assert_string_equal(index_rows(fixture, "SELECT now(), moment('-1d'), duration('1h30m'), slug('DB prod #1')"),
		"2026-11-22T10:00:00Z|2026-11-21T10:00:00Z|5400|db-prod-1");
}

static void find_is(struct index_fixture *fixture, const char *word, const char *kind, const char *id)
{
	struct itsm_hit hit;
	int status = itsm_index_find(fixture->index, fixture->arena, word, kind, &hit, &fixture->err);

	if (status)
		fail_msg("%s: %s", word, fixture->err.message);
	assert_string_equal(hit.id, id);
}

static int find_fails(struct index_fixture *fixture, const char *word, const char *kind)
{
	struct itsm_hit hit;

	return itsm_index_find(fixture->index, fixture->arena, word, kind, &hit, &fixture->err);
}

static void test_find(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_incident(fixture, C, "new", "Third", "");
	index_file(fixture, "transition/items/billing2.yaml", "name: x\n");
	index_work(fixture);
	find_is(fixture, A, NULL, A);
	find_is(fixture, "inc-0000000A", NULL, A);
	find_is(fixture, "0000000b", NULL, B);
	find_is(fixture, "000000C", NULL, C);
	find_is(fixture, "INC-000000c", NULL, C);
	find_is(fixture, "bill", "service", "billing");
	find_is(fixture, "billing", NULL, "billing");
	find_is(fixture, "JANE", NULL, "jane");
	find_is(fixture, FOLDER A ".md", NULL, A);
	find_is(fixture, A "/notes/NOTE-00000001", NULL, A "/notes/NOTE-00000001");
	find_is(fixture, "0000000a/notes/0000", NULL, A "/notes/NOTE-00000001");
	find_is(fixture, "note-0", NULL, A "/notes/NOTE-00000001");
	assert_int_equal(find_fails(fixture, "bill", NULL), ITSM_EAMBIGUOUS);
	assert_int_equal(find_fails(fixture, "INC-0", NULL), ITSM_EAMBIGUOUS);
	assert_non_null(strstr(fixture->err.message, A ", " B ", " C));
	assert_int_equal(find_fails(fixture, "zzz", NULL), ITSM_ENOTFOUND);
	assert_int_equal(find_fails(fixture, A, "change"), ITSM_ENOTFOUND);
	assert_int_equal(find_fails(fixture, "", NULL), ITSM_ENOTFOUND);
	assert_int_equal(find_fails(fixture, "%", NULL), ITSM_ENOTFOUND);
	assert_int_equal(find_fails(fixture, "a/b/c/d", NULL), ITSM_ENOTFOUND);
}

/* The same ID twice, the same slug of two kinds: every candidate is told. */
static void test_find_twice(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_file(fixture, "operation/incidents/2026/10/" A ".md",
		"---\nstate: new\ntitle: Twin\nopened: 2026-10-02T10:00:00Z\n---\n");
	index_file(fixture, "transition/items/billing.yaml", "name: x\n");
	index_work(fixture);
	assert_int_equal(find_fails(fixture, A, NULL), ITSM_EAMBIGUOUS);
	assert_non_null(strstr(fixture->err.message, FOLDER A ".md"));
	assert_int_equal(find_fails(fixture, "billing", NULL), ITSM_EAMBIGUOUS);
	find_is(fixture, "billing", "item", "billing");
}

static void test_peek(void **state)
{
	struct index_fixture *fixture = *state;
	struct itsm_hit hit;

	index_desk(fixture);
	assert_false(itsm_index_peek(fixture->index, fixture->arena, A, &hit));
	fixture_shell(fixture->base, "sleep 0.02");
	index_work(fixture);
	index_reopen(fixture);
	assert_true(itsm_index_peek(fixture->index, fixture->arena, A, &hit));
	assert_string_equal(hit.path, FOLDER A ".md");
	assert_string_equal(hit.title, "Slow billing");
	assert_string_equal(hit.state, "new");
	index_incident(fixture, A, "new", "Quick billing", "");
	assert_false(itsm_index_peek(fixture->index, fixture->arena, A, &hit));
	assert_false(itsm_index_peek(fixture->index, fixture->arena, "INC-zzzzzzzz", &hit));
	assert_int_equal(unlink(itsm_arena_printf(fixture->arena, "%s/" FOLDER B ".md", fixture->base->desk)), 0);
	assert_false(itsm_index_peek(fixture->index, fixture->arena, B, &hit));
}

/* Same size, same second, the old time put back: seen all the same. */
static void test_racy(void **state)
{
	struct index_fixture *fixture = *state;
	const char *path = itsm_arena_printf(fixture->arena, "%s/" FOLDER A ".md", fixture->base->desk);
	struct timespec times[2];
	struct stat info;

	for (int i = 0; i < 100; i++) {
		char title[32];

		snprintf(title, sizeof(title), "number %03d", i);
		index_incident(fixture, A, "new", title, "");
		if (i % 3 == 1) {
			times[0] = times[1] = info.st_mtim;
			assert_int_equal(utimensat(-100, path, times, 0), 0);
		}
		assert_int_equal(stat(path, &info), 0);
		if (i % 2)
			index_reopen(fixture);
		index_work(fixture);
		assert_string_equal(index_rows(fixture, "SELECT title FROM incident"), title);
	}
}

/* While somebody writes without a pause, the last word is seen once they stop. */
static void test_racing_writer(void **state)
{
	struct index_fixture *fixture = *state;

	for (int round = 0; round < 60; round++) {
		char last[32];
		pid_t writer = fork();

		assert_true(writer >= 0);
		for (int i = 0; writer == 0 && i < 20 + round; i++) {
			snprintf(last, sizeof(last), "%03d %03d", round, i);
			index_incident(fixture, A, "new", last, "");
		}
		if (writer == 0)
			_exit(0);
		while (waitpid(writer, NULL, WNOHANG) == 0)
			index_work(fixture);
		snprintf(last, sizeof(last), "%03d %03d", round, 19 + round);
		index_work(fixture);
		assert_string_equal(index_rows(fixture, "SELECT title FROM incident"), last);
	}
}

/* What did not change is neither read nor hashed. */
static void test_unchanged(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	fixture_shell(fixture->base, "sleep 0.02");
	index_work(fixture);
	index_reopen(fixture);
	fixture->repositories = 0;
	index_work(fixture);
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM incident"), "2");
	assert_int_equal(fixture->repositories, 0);
}

static void test_not_records(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_file(fixture, FOLDER "INC-xyz.md", "---\n---\n");
	index_file(fixture, FOLDER "README.md", "no record\n");
	index_file(fixture, FOLDER ".hidden.md", "no record\n");
	index_file(fixture, FOLDER "INC-0000000d.md", "---\ntitle: [\n---\n");
	index_file(fixture, FOLDER "INC-0000000e.md", "---\ntitle: \xff\n---\n");
	fixture_shell(fixture->base,
		"ln -s /etc/passwd %sINC-0000000f.md; ln -s /etc operation/incidents/2026/10; "
		"mkfifo %sINC-0000000h.md; head -c 9000000 /dev/zero >%sINC-0000000g.md; mkdir design; ln -s /etc "
		"design/slos",
		FOLDER, FOLDER, FOLDER);
	index_work(fixture);
	assert_string_equal(
		index_rows(fixture, "SELECT path, rule, id FROM finding WHERE path NOT LIKE '%%slos/%%' ORDER BY path"),
		"design/slos|path/symlink|-\n"
		"operation/incidents/2026/10|path/symlink|-\n" FOLDER
		"INC-0000000d.md|yaml/syntax|INC-0000000d\n" FOLDER
		"INC-0000000e.md|text/encoding|INC-0000000e\n" FOLDER
		"INC-0000000f.md|path/symlink|INC-0000000f\n" FOLDER "INC-0000000g.md|text/size|INC-0000000g\n" FOLDER
		"INC-xyz.md|path/place|-");
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM incident"), "2");
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM record WHERE kind = 'incident'"), "2");
	find_is(fixture, "INC-0000000d", NULL, "INC-0000000d");
	assert_string_equal(index_findings(fixture, FOLDER "INC-xyz.md"), FOLDER "INC-xyz.md:0:0 path/place");
	assert_string_equal(index_findings(fixture, "design/slos"), "design/slos:0:0 path/symlink");
	assert_string_equal(index_findings(fixture, FOLDER "INC-none.md"), "");
	fixture_shell(fixture->base, "rm %sINC-0000000h.md && git add -A && git commit -q -m all", FOLDER);
	assert_string_equal(index_rows(fixture, "SELECT path, rule, id FROM finding ORDER BY path"),
		(index_head(fixture), index_rows(fixture, "SELECT path, rule, id FROM finding ORDER BY path")));
	fixture_shell(fixture->base, "rm design/slos operation/incidents/2026/10 && mkdir design/slos");
	index_work(fixture);
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM finding WHERE rule = 'path/symlink'"), "1");
}

static void test_snapshots(void **state)
{
	struct index_fixture *fixture = *state;
	struct itsm_oid first;

	index_desk(fixture);
	index_commit(fixture);
	first = fixture_oid(fixture->base, "HEAD");
	index_incident(fixture, A, "assigned", "Slow billing", "");
	index_commit(fixture);
	index_incident(fixture, A, "resolved", "Slow billing", "");
	index_work(fixture);
	assert_string_equal(index_rows(fixture, "SELECT state FROM incident WHERE id = '" A "'"), "resolved");
	index_head(fixture);
	assert_string_equal(index_rows(fixture, "SELECT state FROM incident WHERE id = '" A "'"), "assigned");
	assert_int_equal(itsm_index_use(fixture->index, ITSM_SNAPSHOT_AT, &fixture->err), ITSM_EUSAGE);
	assert_ok(fixture, itsm_index_load_at(fixture->index, &first, &fixture->err));
	assert_ok(fixture, itsm_index_use(fixture->index, ITSM_SNAPSHOT_AT, &fixture->err));
	assert_string_equal(index_rows(fixture, "SELECT state FROM incident WHERE id = '" A "'"), "new");
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM record"), "6");
	first = (struct itsm_oid){0};
	assert_ok(fixture, itsm_index_refresh_head(fixture->index, &first, &fixture->err));
	assert_ok(fixture, itsm_index_use(fixture->index, ITSM_SNAPSHOT_HEAD, &fixture->err));
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM record"), "0");
}

static void test_check(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_file(fixture, "transition/items/db1.yaml", "name: x\nstate: in-use\n");
	index_file(fixture, "transition/items/db2.yaml", "name: x\nstate: in-use\n");
	index_file(fixture, "operation/incidents/2026/10/" A ".md",
		"---\nstate: new\ntitle: Twin\nopened: 2026-10-02T10:00:00Z\n---\n");
	index_incident(fixture, C, "new", "Wrong",
		"service: core\nteam: nobody\nresolved: 2026-10-01T10:00:00Z\nimpact: high\n");
	index_work(fixture);
	assert_string_equal(index_findings(fixture, C),
		FOLDER C ".md:5:10 reference/kind\n" FOLDER C ".md:6:7 reference/missing\n"
		FOLDER C ".md:7:11 check/incident/ends-before-it-begins\n" FOLDER C ".md:8:9 schema/type");
	assert_non_null(strstr(index_findings(fixture, NULL), FOLDER A ".md:0:0 id/duplicate"));
	assert_non_null(strstr(index_findings(fixture, NULL), "operation/incidents/2026/10/" A ".md:0:0 id/duplicate"));
	assert_non_null(strstr(index_findings(fixture, NULL), index_findings(fixture, FOLDER C ".md")));
}

/* A field that must not repeat: every one that does is told, with its place. */
static void test_unique(void **state)
{
	static const char kind[] =
		"kind: gadget\npillar: operation\nhelp: A thing\nfolder: operation/gadgets\nfile: yaml\n"
		"fields:\n  serial: {type: string, unique: true}\n";
	struct index_fixture *fixture = *state;

	itsm_index_free(fixture->index);
	itsm_kinds_free(fixture->kinds);
	assert_ok(fixture, itsm_kinds_new(&fixture->kinds, &fixture->err));
	assert_ok(fixture,
		itsm_kinds_add(fixture->kinds, "policy/kinds/gadget.yaml", kind, strlen(kind), &fixture->err));
	assert_ok(fixture, itsm_kinds_finish(fixture->kinds, &fixture->err));
	fixture->index = index_another(fixture, false);
	index_file(fixture, "operation/gadgets/one.yaml", "serial: x1\n");
	index_file(fixture, "operation/gadgets/two.yaml", "# two\nserial: x1\n");
	index_file(fixture, "operation/gadgets/three.yaml", "serial: x3\n");
	index_file(fixture, "operation/gadgets/four.yaml", "{}\n");
	index_file(fixture, "operation/gadgets/five.yaml", "{}\n");
	index_work(fixture);
	assert_string_equal(index_findings(fixture, NULL),
		"operation/gadgets/one.yaml:1:9 schema/unique\noperation/gadgets/two.yaml:2:9 schema/unique");
	assert_string_equal(index_findings(fixture, "two"), "operation/gadgets/two.yaml:2:9 schema/unique");
	assert_string_equal(index_findings(fixture, "three"), "");
}

static const char *touches;

static int add_touch(void *context, const struct itsm_touch *touch)
{
	struct index_fixture *fixture = context;

	touches = itsm_arena_printf(fixture->arena, "%s%s %c %s\n", touches, touch->commit.subject,
		itsm_oid_is_zero(&touch->old_blob) ? 'A' : itsm_oid_is_zero(&touch->new_blob) ? 'D' : 'M',
		strrchr(touch->path, '/') + 1);
	return 0;
}

static const char *history_of(struct index_fixture *fixture, const char *id, size_t limit)
{
	struct itsm_oid head = fixture_oid(fixture->base, "HEAD");

	touches = "";
	assert_ok(fixture, itsm_index_history(fixture->index, &head, &fixture->err));
	assert_ok(fixture, itsm_index_touches(fixture->index, id, limit, add_touch, fixture, &fixture->err));
	return touches;
}

static void test_history(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	fixture_shell(fixture->base, "git add -A && git commit -q -m first");
	assert_string_equal(history_of(fixture, A, 0), "first A " A ".md\nfirst A NOTE-00000001.md\n");
	index_incident(fixture, A, "assigned", "Slow", "");
	fixture_shell(fixture->base, "git add -A && git commit -q -m second");
	fixture_shell(fixture->base, "git rm -q %s%s.md && git commit -q -m third", FOLDER, A);
	assert_string_equal(history_of(fixture, A, 0),
		"third D " A ".md\nsecond M " A ".md\nfirst A " A ".md\nfirst A NOTE-00000001.md\n");
	assert_string_equal(history_of(fixture, A, 1), "third D " A ".md\n");
	assert_string_equal(history_of(fixture, A "/notes/NOTE-00000001", 0), "first A NOTE-00000001.md\n");
	assert_string_equal(index_rows(fixture,
				    "SELECT subject, change FROM commit_log JOIN touch USING (commit_id) WHERE id = '" A
				    "' ORDER BY change"),
		"first|added\nsecond|changed\nthird|removed");
	fixture_shell(fixture->base, "git reset -q --hard HEAD~2");
	assert_string_equal(history_of(fixture, A, 0), "first A " A ".md\nfirst A NOTE-00000001.md\n");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, index_setup, index_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_views),
		TEST(test_find),
		TEST(test_find_twice),
		TEST(test_peek),
		TEST(test_racy),
		TEST(test_racing_writer),
		TEST(test_unchanged),
		TEST(test_not_records),
		TEST(test_snapshots),
		TEST(test_check), TEST(test_unique),
		TEST(test_history),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
