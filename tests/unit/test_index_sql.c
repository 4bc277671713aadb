/* SQL of others: what it may not do, and expressions about one record, as it is or as it is proposed. */
#include <string.h>

#include "index_fixture.h"

/* Nothing but the views, nothing but reading, nothing without an end. */
static void test_refused_sql(void **state)
{
	static const char *const refused[] = {
		"SELECT * FROM itsm_content",
		"SELECT * FROM \"itsm_content\"",
		"SELECT * FROM 'itsm_content'",
		"SELECT bid FROM [itsm_meta]",
		"SELECT rowid FROM 'itsm_content'",
		"SELECT * FROM main.'itsm_work_entry'",
		"WITH record AS (SELECT * FROM 'itsm_content') SELECT * FROM record",
		"WITH record(a) AS (SELECT blob FROM 'itsm_content') SELECT a FROM record",
		"WITH \"record\" AS MATERIALIZED (SELECT * FROM 'itsm_content') SELECT * FROM \"record\"",
		"WITH Record AS NOT MATERIALIZED (SELECT * FROM 'itsm_content') SELECT * FROM Record",
		"WITH /**/ record /**/ AS -- x\n (SELECT * FROM 'itsm_content') SELECT * FROM record",
		"WITH a AS (SELECT * FROM 'itsm_content') SELECT * FROM a, record",
		"SELECT (SELECT blob FROM 'itsm_content' LIMIT 1) FROM record",
		"SELECT * FROM record, (SELECT * FROM 'itsm_content')",
		"SELECT * FROM sqlite_schema",
		"SELECT * FROM sqlite_temp_schema",
		"SELECT count(*) FROM sqlite_master",
		"SELECT * FROM pragma_database_list",
		"SELECT count(*) FROM pragma_database_list",
		"SELECT * FROM dbstat",
		"SELECT load_extension('x')",
		"SELECT randomblob(10)",
		"SELECT zeroblob(1000000000)",
		"SELECT sqlite_version()",
		"SELECT itsm_filled(1, 'Plan')",
		"SELECT filled('Plan')",
		"SELECT fts5(NULL)",
		"DELETE FROM record",
		"DROP VIEW record",
		"INSERT INTO record VALUES(1)",
		"UPDATE incident SET id = 1",
		"CREATE TABLE x(a)",
		"CREATE TEMP TABLE x(a)",
		"ATTACH 'x' AS y",
		"DETACH temp",
		"PRAGMA journal_mode",
		"VACUUM",
		"VACUUM INTO '/tmp/x'",
		"BEGIN",
		"COMMIT",
		"SAVEPOINT x",
		"EXPLAIN SELECT 1",
		"ANALYZE",
		"REINDEX",
		"SELECT 1; SELECT 2",
		"",
		";",
		"-- nothing",
		"SELECT 'x",
		"SELECT /* x",
		"SELECT \"x",
		"SELECT nothing FROM record",
		"SELECT * FROM nothing",
		"SELECT moment('never')",
		"SELECT duration('long')",
	};
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_work(fixture);
	for (size_t i = 0; i < sizeof(refused) / sizeof(*refused); i++)
		if (index_refused(fixture, refused[i]) != ITSM_EUSAGE)
			fail_msg("not refused: %s", refused[i]);
	assert_string_equal(index_rows(fixture, "SELECT 1; -- and no more"), "1");
	assert_string_equal(
		index_rows(fixture, "WITH mine AS (SELECT id FROM incident) SELECT count(*) FROM mine"), "2");
	assert_string_equal(
		index_rows(fixture, "SELECT count(*) FROM record AS r WHERE EXISTS (SELECT 1 FROM link)"), "6");
	assert_string_equal(
		index_rows(fixture, "SELECT j.value FROM incident AS i, json_each(i.items) AS j"), "db1\ndb2");
	assert_string_equal(index_rows(fixture, "SELECT 'itsm_content', '; DROP'"), "itsm_content|; DROP");
}

static void test_endless_sql(void **state)
{
	struct index_fixture *fixture = *state;

	assert_int_equal(
		index_refused(fixture,
			"WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x"),
		ITSM_ELIMIT);
	assert_non_null(strstr(fixture->err.message, "too long"));
	assert_true(index_refused(fixture,
			    "WITH RECURSIVE x(n) AS (SELECT 'aaaaaaaaaaaaaaaa' UNION ALL SELECT n || n FROM x)"
			    " SELECT max(length(n)) FROM x") < 0);
	assert_string_equal(index_rows(fixture, "SELECT 1"), "1");
}

static int judge(struct index_fixture *fixture, const char *id, const char *expression)
{
	int truth = 7;
	int status = itsm_index_judge(
		fixture->index, itsm_kinds_find(fixture->kinds, "incident"), id, expression, &truth, &fixture->err);

	return status ? status * 100 : truth;
}

static void test_judge(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_work(fixture);
	assert_int_equal(judge(fixture, A, "self.priority < 3"), 1);
	assert_int_equal(judge(fixture, B, "self.priority < 3"), 0);
	assert_int_equal(judge(fixture, B, "self.service = 'x'"), -1);
	assert_int_equal(judge(fixture, FOLDER A ".md", "filled('Description')"), 1);
	assert_int_equal(judge(fixture, A, "FILLED ( 'resolution')"), 0);
	assert_int_equal(judge(fixture, A, "filled('description') AND NOT filled('Nothing') -- and no more"), 1);
	assert_int_equal(
		judge(fixture, A, "(SELECT s.name FROM service AS s WHERE s.id = self.service) = 'Billing'"), 1);
	assert_int_equal(judge(fixture, A, "EXISTS (SELECT 1 FROM note WHERE note.record = self.id)"), 1);
	assert_int_equal(judge(fixture, A, "'filled(x)' = 'filled' || '(x)'"), 1);
	assert_int_equal(judge(fixture, "INC-zzzzzzzz", "1"), ITSM_ENOTFOUND * 100);
	assert_int_equal(judge(fixture, A, "1) OR (1"), ITSM_EUSAGE * 100);
	assert_int_equal(judge(fixture, A, "1; DELETE FROM x"), ITSM_EUSAGE * 100);
	assert_int_equal(judge(fixture, A, "(1"), ITSM_EUSAGE * 100);
	assert_int_equal(judge(fixture, A, "self.itsm_bid"), ITSM_EUSAGE * 100);
	assert_int_equal(judge(fixture, A, "self.nothing"), ITSM_EUSAGE * 100);
	assert_int_equal(
		judge(fixture, A,
			"(WITH RECURSIVE x(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM x) SELECT count(*) FROM x)"),
		ITSM_ELIMIT * 100);
	assert_int_equal(judge(fixture, A, "self.priority < 3"), 1);
}

static void test_propose(void **state)
{
	static const char text[] =
		"---\nstate: resolved\ntitle: Slow billing\nopened: 2026-11-02T10:00:00Z\nservice: nowhere\n---\n"
		"## Resolution\nRestarted.\n";
	struct index_fixture *fixture = *state;
	struct itsm_index *other, *mine;
	struct itsm_oid head;

	index_desk(fixture);
	index_commit(fixture);
	index_head(fixture);
	assert_ok(fixture, itsm_index_propose(fixture->index, FOLDER A ".md", text, strlen(text), &fixture->err));
	assert_int_equal(judge(fixture, A, "self.state = 'resolved' AND filled('Resolution')"), 1);
	assert_non_null(strstr(index_findings(fixture, A), FOLDER A ".md:5:10 reference/missing"));
	assert_ok(fixture, itsm_index_propose(fixture->index, FOLDER B ".md", NULL, 0, &fixture->err));
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM incident"), "1");
	assert_int_equal(itsm_index_propose(fixture->index, "elsewhere.md", "x", 1, &fixture->err), ITSM_EUSAGE);
	/* nothing else sees it, and nothing else is held up by it for long */
	index_incident(fixture, C, "new", "Third", "");
	mine = fixture->index;
	fixture->index = index_another(fixture, false);
	index_work(fixture);
	assert_string_equal(
		index_rows(fixture, "SELECT id, state FROM incident ORDER BY id"), A "|new\n" B "|closed\n" C "|new");
	index_head(fixture);
	assert_string_equal(index_rows(fixture, "SELECT id, state FROM incident ORDER BY id"), A "|new\n" B "|closed");
	itsm_index_free(fixture->index);
	fixture->index = mine;
	assert_ok(fixture, itsm_index_settle(fixture->index, NULL, &fixture->err));
	assert_int_equal(judge(fixture, A, "self.state = 'new'"), 1);
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM incident"), "2");

	assert_ok(fixture, itsm_index_propose(fixture->index, FOLDER A ".md", text, strlen(text), &fixture->err));
	index_file(fixture, FOLDER A ".md", "%s", text);
	fixture_shell(fixture->base, "git add %s%s.md && git commit -q -m resolved", FOLDER, A);
	head = fixture_oid(fixture->base, "HEAD");
	assert_ok(fixture, itsm_index_settle(fixture->index, &head, &fixture->err));
	assert_int_equal(judge(fixture, A, "self.state = 'resolved'"), 1);
	index_head(fixture);
	assert_int_equal(judge(fixture, A, "self.state = 'resolved'"), 1);
	other = index_another(fixture, true);
	assert_ok(fixture, itsm_index_refresh_head(other, &head, &fixture->err));
	assert_ok(fixture, itsm_index_use(other, ITSM_SNAPSHOT_HEAD, &fixture->err));
	assert_string_equal(index_dump_text(fixture, fixture->index), index_dump_text(fixture, other));
	itsm_index_free(other);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, index_setup, index_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_refused_sql), TEST(test_endless_sql), TEST(test_judge), TEST(test_propose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
