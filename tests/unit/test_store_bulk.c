/* Imports: all or nothing, beside the user's work, and nothing left behind. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_fixture.h"

static const struct itsm_person_time author = {"Old <Hand>\n", "old@example.org", 1500000000, -300};
static const struct itsm_person_time committer = {"Importer", "import@example.org", NOW, 60};

/* `count` commits of one new file each, and one that changes sub/a.md. */
static int import(struct fixture *fixture, int count, struct itsm_oid *out)
{
	struct itsm_bulk *bulk;
	int i, status = itsm_bulk_begin(fixture->repo, &bulk, &fixture->err);

	if (status)
		return status;
	for (i = 0; i < count && !status; i++) {
		status = itsm_bulk_commit(bulk, itsm_arena_printf(fixture->arena, "record %d\n\nItsm-X: \"%d\"", i,
			i), &author,
			&committer, &fixture->err);
		if (!status)
			status = itsm_bulk_put(bulk, itsm_arena_printf(fixture->arena, "op/%d/r \"%d\".md", i % 3, i),
			"text\n", 5,
				&fixture->err);
	}
	if (!status)
		status = itsm_bulk_put(bulk, "sub/a.md", "imported\n", 9, &fixture->err);
	if (!status)
		return itsm_bulk_end(bulk, out, &fixture->err);
	itsm_bulk_abort(bulk);
	return status;
}

static void assert_no_trace(struct fixture *fixture)
{
	assert_string_equal(fixture_shell(fixture, "git for-each-ref refs/itsm; ls .git | grep -i crash; true"), "");
	assert_false(itsm_write_is_pending(&fixture->place));
}

static void test_import(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out, head;

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "echo mine >>itsm.yaml && echo s >staged && git add staged && touch sub/a.md");
	assert_ok(fixture, import(fixture, 150, &out));
	head = fixture_oid(fixture, "HEAD");
	assert_true(itsm_oid_equal(&out, &head));
	assert_string_equal(fixture_shell(fixture, "git status --porcelain"), " M itsm.yaml\nA  staged");
	assert_string_equal(fixture_shell(fixture, "git log --format=%%s | wc -l; git log -1 --date=raw "
		"--format='%%an|%%ae|%%ad|%%cn|%%cd|%%s|%%b'; cat sub/a.md op/*/*.md | sort | uniq -c"),
		"151\nOld Hand|old@example.org|1500000000 -0500|Importer|1790000000 +0100|record 149|Itsm-X: "
		"\"149\"\n\n"
		"      1 imported\n    150 text");
	assert_string_equal(fixture_shell(fixture, "git reflog -1 --format=%%gs"), "itsm: import");
	assert_string_equal(fixture_shell(fixture, "git fsck --strict --no-dangling 2>&1"), "");
	assert_no_trace(fixture);
}

static void test_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out, head = fixture_oid(fixture, "HEAD");
	struct itsm_bulk *bulk;

	fixture_open(fixture, NULL);
	assert_ok(fixture, itsm_bulk_begin(fixture->repo, &bulk, &fixture->err));
	assert_int_equal(itsm_bulk_put(bulk, "a", "b", 1, &fixture->err), ITSM_EUSAGE);
	assert_ok(fixture, itsm_bulk_end(bulk, &out, &fixture->err));
	assert_true(itsm_oid_equal(&out, &head));
	assert_ok(fixture, itsm_bulk_begin(fixture->repo, &bulk, &fixture->err));
	assert_ok(fixture, itsm_bulk_commit(bulk, "x", NULL, &committer, &fixture->err));
	assert_int_equal(itsm_bulk_put(bulk, "../b", "b", 1, &fixture->err), ITSM_EDATA);
	assert_int_equal(itsm_bulk_put(bulk, ".git/config", "b", 1, &fixture->err), ITSM_EDATA);
	assert_ok(fixture, itsm_bulk_put(bulk, "b", "b", 1, &fixture->err));
	itsm_bulk_abort(bulk);
	assert_no_trace(fixture);
	fixture_assert_clean(fixture);
	head = fixture_oid(fixture, "HEAD");
	assert_true(itsm_oid_equal(&out, &head));
}

static void refuse(struct fixture *fixture, int expected)
{
	const char *before = fixture_shell(fixture, "git rev-parse HEAD; git status --porcelain; git diff HEAD; cat "
		"sub/a.md");
	struct itsm_oid out;

	assert_int_equal(import(fixture, 3, &out), expected);
	assert_string_equal(before, fixture_shell(fixture, "git rev-parse HEAD; git status --porcelain; git diff "
		"HEAD; cat sub/a.md"));
	assert_no_trace(fixture);
}

static void test_users_work(void **state)
{
	struct fixture *fixture = *state;

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "echo mine >sub/a.md");
	refuse(fixture, ITSM_EREFUSED);
	assert_non_null(strstr(fixture->err.message, "sub/a.md"));
	fixture_shell(fixture, "git add . && echo one >sub/a.md");
	refuse(fixture, ITSM_EREFUSED);
	fixture_shell(fixture, "git reset -q --hard && mkdir -p op/1 && echo untracked >'op/1/r \"1\".md'");
	refuse(fixture, ITSM_EREFUSED);
	assert_non_null(strstr(fixture->err.message, "op/1/r"));
}

static void test_other_places(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out;

	fixture_shell(fixture, "git clone -q --bare . ../bare.git && git worktree add -q --detach ../linked");
	fixture_open(fixture, "../bare.git");
	assert_ok(fixture, import(fixture, 5, &out));
	assert_string_equal(fixture_shell(fixture, "cd ../bare.git && git fsck --strict && git rev-list --count main "
		"&& "
		"git for-each-ref --format='%%(refname)' && ls itsm"), "6\nrefs/heads/main\nlock");
	fixture_open(fixture, "../linked");
	assert_ok(fixture, import(fixture, 5, &out));
	assert_string_equal(fixture_shell(fixture, "cd ../linked && git status --porcelain && git rev-list --count "
		"HEAD main && "
		"cat sub/a.md"), "6\nimported");
	fixture_shell(fixture, "rm -rf .git && git init -q && mkdir -p it && cp itsm.yaml it && git add it && echo "
		"one >sub/a.md");
	fixture_open(fixture, "it");
	assert_ok(fixture, import(fixture, 5, &out));
	assert_string_equal(fixture_shell(fixture, "git status --porcelain && git ls-tree -r --name-only HEAD it/sub"),
		"A  it/itsm.yaml\n?? itsm.yaml\n?? sub/\nit/sub/a.md");
}

static void test_race(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_bulk *bulk;
	struct itsm_oid out;

	fixture_open(fixture, NULL);
	assert_ok(fixture, itsm_bulk_begin(fixture->repo, &bulk, &fixture->err));
	assert_ok(fixture, itsm_bulk_commit(bulk, "x", NULL, &committer, &fixture->err));
	assert_ok(fixture, itsm_bulk_put(bulk, "new", "b", 1, &fixture->err));
	fixture_shell(fixture, "git commit -q --allow-empty -m 'somebody else'");
	assert_int_equal(itsm_bulk_end(bulk, &out, &fixture->err), ITSM_ERACE);
	fixture_assert_clean(fixture);
	assert_no_trace(fixture);
}

/* fast-import dies under our hands: an error, no signal, no trace. */
static void test_broken_import(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_bulk *bulk;
	struct itsm_oid out;
	char *data = calloc(1, 1000000);
	int i, status;

	fixture_open(fixture, NULL);
	assert_ok(fixture, itsm_bulk_begin(fixture->repo, &bulk, &fixture->err));
	fixture_shell(fixture, "kill -9 $(ps -o pid=,comm= --ppid %d | awk '$2 == \"git\" {print $1}')", (int)getpid());
	status = itsm_bulk_commit(bulk, "x", NULL, &committer, &fixture->err);
	for (i = 0; i < 5 && !status; i++)
		status = itsm_bulk_put(bulk, "new", data, 1000000, &fixture->err);
	assert_int_equal(status, ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "signal 9"));
	assert_int_equal(itsm_bulk_end(bulk, &out, &fixture->err), ITSM_EGIT);
	free(data);
	fixture_assert_clean(fixture);
	assert_no_trace(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_import, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_users_work, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_other_places, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_race, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_broken_import, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
