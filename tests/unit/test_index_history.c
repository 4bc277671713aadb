/* History: what each commit changed, the versions along the mainline, and how both follow another head. */
#include <stdlib.h>
#include <string.h>

#include "index_fixture.h"

static const char events[] = "SELECT c.subject, e.id, e.record, e.kind, e.change, e.field, e.old, e.new FROM change_event AS e"
	" JOIN commit_log AS c USING (commit_id) WHERE e.id = '" A "' ORDER BY c.subject, e.field";

static void history(struct index_fixture *fixture, const char *revision)
{
	struct itsm_oid head = fixture_oid(fixture->base, revision);

	assert_ok(fixture, itsm_index_history(fixture->index, &head, &fixture->err));
}

static void commit(struct index_fixture *fixture, const char *subject)
{
	fixture_shell(fixture->base, "git add -A && git commit -q -m %s", subject);
}

/* The index at a revision, from the versions: the repository is not asked for. */
static void at(struct index_fixture *fixture, const char *revision)
{
	struct itsm_oid wanted = fixture_oid(fixture->base, revision);

	assert_ok(fixture, itsm_index_load_at(fixture->index, &wanted, &fixture->err));
	assert_ok(fixture, itsm_index_use(fixture->index, ITSM_SNAPSHOT_AT, &fixture->err));
}

/* What the index shows is what one built from nothing shows. */
static void assert_rebuilt(struct index_fixture *fixture)
{
	struct itsm_index *fresh = index_another(fixture, true);
	struct itsm_oid head = fixture_oid(fixture->base, "HEAD");

	history(fixture, "HEAD");
	index_head(fixture);
	assert_ok(fixture, itsm_index_history(fresh, &head, &fixture->err));
	assert_ok(fixture, itsm_index_refresh_head(fresh, &head, &fixture->err));
	assert_ok(fixture, itsm_index_use(fresh, ITSM_SNAPSHOT_HEAD, &fixture->err));
	assert_string_equal(index_dump_text(fixture, fixture->index), index_dump_text(fixture, fresh));
	itsm_index_free(fresh);
}

static void test_events(void **state)
{
	struct index_fixture *fixture = *state;
	char *text = itsm_arena_alloc(fixture->arena, 1001);

	index_incident(fixture, A, "new", "Slow", "items: [a, b]\n");
	commit(fixture, "1");
	index_incident(fixture, A, "assigned", "Slow", "items: [b]\n");
	commit(fixture, "2");
	memset(text, 'x', 1000);
	index_incident(fixture, A, "assigned", "Slow", itsm_arena_printf(fixture->arena, "caller: %s\n", text));
	commit(fixture, "3");
	fixture_shell(fixture->base, "chmod 755 %s%s.md", FOLDER, A);
	commit(fixture, "4");
	fixture_shell(fixture->base, "git rm -q %s%s.md", FOLDER, A);
	commit(fixture, "5");
	index_work(fixture);
	assert_string_equal(index_rows(fixture, events), "1|" A "|-|incident|added|state|-|new\n"
		"2|" A "|-|incident|changed|items|[\"a\",\"b\"]|[\"b\"]\n"
		"2|" A "|-|incident|changed|state|new|assigned\n"
		"3|" A "|-|incident|changed|caller|-|-\n"
		"3|" A "|-|incident|changed|items|[\"b\"]|-\n"
		"4|" A "|-|incident|changed|-|-|-\n"
		"5|" A "|-|incident|removed|state|assigned|-");
}

static void test_parts(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	commit(fixture, "1");
	index_work(fixture);
	assert_string_equal(index_rows(fixture, "SELECT id, record, kind, change, field, new FROM change_event"
		" WHERE record IS NOT NULL"), "NOTE-00000001|" A "|note|added|-|-");
}

/* Both sides change the record; git merges the lines, and the merge itself changes nothing. */
static void test_merge(void **state)
{
	struct index_fixture *fixture = *state;

	index_incident(fixture, A, "new", "Slow", "urgency: 1\ncaller: a\nimpact: 1\ncontact: phone\n");
	commit(fixture, "1");
	fixture_shell(fixture->base, "git checkout -q -b side && sed -i 's/^contact: .*/contact: mail/' %s%s.md", FOLDER, A);
	commit(fixture, "2side");
	fixture_shell(fixture->base, "git checkout -q - && sed -i 's/^urgency: .*/urgency: 3/' %s%s.md", FOLDER, A);
	commit(fixture, "3main");
	fixture_shell(fixture->base, "git merge -q -m 4merge side");
	index_work(fixture);
	assert_string_equal(index_rows(fixture, events), "1|" A "|-|incident|added|state|-|new\n"
		"2side|" A "|-|incident|changed|contact|phone|mail\n"
		"3main|" A "|-|incident|changed|urgency|1|3\n"
		"4merge|" A "|-|incident|changed|-|-|-");
	fixture->repositories = 0;
	index_reopen(fixture);
	at(fixture, "HEAD~1");
	assert_string_equal(index_rows(fixture, "SELECT urgency, contact FROM incident"), "3|phone");
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM commit_log"), "3");
	at(fixture, "HEAD~2");
	assert_string_equal(index_rows(fixture, "SELECT urgency, contact FROM incident"), "1|phone");
	assert_int_equal(fixture->repositories, 0);
	/* not on the way of first parents: its tree, and its own history */
	at(fixture, "side");
	assert_string_equal(index_rows(fixture, "SELECT urgency, contact FROM incident"), "1|mail");
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM commit_log"), "3");
	assert_true(fixture->repositories > 0);
	assert_rebuilt(fixture);
}

static void test_evil_merge(void **state)
{
	struct index_fixture *fixture = *state;

	index_incident(fixture, A, "new", "Slow", "urgency: 1\n");
	index_incident(fixture, B, "new", "Late", "");
	commit(fixture, "1");
	fixture_shell(fixture->base, "git checkout -q -b side && sed -i 's/^urgency: .*/urgency: 2/' %s%s.md", FOLDER, A);
	commit(fixture, "2side");
	fixture_shell(fixture->base, "git checkout -q - && sed -i 's/^state: .*/state: closed/' %s%s.md", FOLDER, B);
	commit(fixture, "3main");
	fixture_shell(fixture->base, "git merge -q --no-commit side && sed -i 's/^title: .*/title: Evil/' %s%s.md", FOLDER, A);
	commit(fixture, "4evil");
	index_work(fixture);
	assert_string_equal(index_rows(fixture, events), "1|" A "|-|incident|added|state|-|new\n"
		"2side|" A "|-|incident|changed|urgency|1|2\n"
		"4evil|" A "|-|incident|changed|title|Slow|Evil");
	at(fixture, "HEAD~1");
	assert_string_equal(index_rows(fixture, "SELECT id, title, urgency, state FROM incident ORDER BY id"),
		A "|Slow|1|new\n" B "|Late|-|closed");
	assert_rebuilt(fixture);
}

/* A merge of main into a branch, and main moved on to it: the mainline is another from where they parted. */
static void test_foxtrot(void **state)
{
	struct index_fixture *fixture = *state;

	index_incident(fixture, A, "new", "Slow", "");
	commit(fixture, "1");
	fixture_shell(fixture->base, "git checkout -q -b side");
	index_incident(fixture, B, "new", "Late", "");
	commit(fixture, "2side");
	fixture_shell(fixture->base, "git checkout -q -");
	index_incident(fixture, C, "new", "Odd", "");
	commit(fixture, "3main");
	history(fixture, "HEAD");
	at(fixture, "HEAD~1");
	assert_string_equal(index_rows(fixture, "SELECT id FROM incident"), A);
	fixture_shell(fixture->base, "git checkout -q side && git merge -q -m 4merge - && git checkout -q - && "
		"git merge -q --ff-only side");
	history(fixture, "HEAD");
	at(fixture, "HEAD~1");
	assert_string_equal(index_rows(fixture, "SELECT id FROM incident ORDER BY id"), A "\n" B);
	assert_string_equal(index_rows(fixture, "SELECT subject FROM commit_log ORDER BY 1"), "1\n2side\nthe beginning");
	assert_rebuilt(fixture);
}

/* What history ended at is gone from the repository: all is read again. */
static void test_lost(void **state)
{
	struct index_fixture *fixture = *state;

	index_incident(fixture, A, "new", "Slow", "");
	commit(fixture, "1");
	index_incident(fixture, A, "closed", "Slow", "");
	commit(fixture, "2");
	history(fixture, "HEAD");
	fixture_shell(fixture->base, "git reset -q --hard HEAD~1 && git reflog expire --expire=now --all && git gc -q --prune=now");
	index_reopen(fixture);
	assert_rebuilt(fixture);
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM change_event WHERE id = '" A "'"), "1");
}

/* A shallow clone that learns of more. */
static void test_shallow(void **state)
{
	struct index_fixture *fixture = *state;

	index_incident(fixture, A, "new", "Slow", "");
	commit(fixture, "1");
	index_incident(fixture, A, "closed", "Slow", "");
	commit(fixture, "2");
	index_work(fixture);
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM commit_log"), "3");
	fixture_shell(fixture->base, "git rev-parse HEAD >.git/shallow");
	assert_string_equal(index_rows(fixture, events), "2|" A "|-|incident|added|state|-|closed");
	fixture_shell(fixture->base, "rm .git/shallow");
	index_reopen(fixture);
	index_work(fixture);
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM commit_log"), "3");
	assert_rebuilt(fixture);
}

static void test_moments(void **state)
{
	struct index_fixture *fixture = *state;
	struct itsm_oid found, wanted;
	int64_t first = 0;

	fixture_shell(fixture->base, "for t in 1000 3000 2000 4000; do GIT_COMMITTER_DATE=\"$((2000000000 + t)) +0000\""
		" git commit -q --allow-empty -m $t; done");
	assert_false(itsm_index_has_history(fixture->index));
	history(fixture, "HEAD");
	assert_true(itsm_index_has_history(fixture->index));
	assert_int_equal(itsm_index_mainline_at(fixture->index, 2000002500, &found, &first, &fixture->err), 1);
	wanted = fixture_oid(fixture->base, "HEAD~1"); /* the newest of them, though its parent is younger */
	assert_true(itsm_oid_equal(&found, &wanted));
	assert_int_equal(itsm_index_mainline_at(fixture->index, 2000000999, &found, &first, &fixture->err), 1);
	wanted = fixture_oid(fixture->base, "HEAD~4");
	assert_true(itsm_oid_equal(&found, &wanted));
	assert_int_equal(itsm_index_mainline_at(fixture->index, 5, &found, &first, &fixture->err), 0);
	assert_true(first > 5);
	assert_int_equal(itsm_index_mainline_back(fixture->index, 3, &found, &fixture->err), 1);
	wanted = fixture_oid(fixture->base, "HEAD~3");
	assert_true(itsm_oid_equal(&found, &wanted));
	assert_int_equal(itsm_index_mainline_back(fixture->index, 99, &found, &fixture->err), 0);
	assert_int_equal(itsm_index_on_mainline(fixture->index, &wanted, &fixture->err), 1);
	memset(&wanted, 1, sizeof(wanted));
	assert_int_equal(itsm_index_on_mainline(fixture->index, &wanted, &fixture->err), 0);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, index_setup, index_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_events), TEST(test_parts), TEST(test_merge), TEST(test_evil_merge), TEST(test_foxtrot),
		TEST(test_lost), TEST(test_shallow), TEST(test_moments),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
