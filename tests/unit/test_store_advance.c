/* Moving the branch on to a commit that is made already, beside the user's work. */
#include <string.h>

#include "store_fixture.h"

/* A commit on the branch "side" that changes sub/a.md and adds sub/new.md; HEAD stays where it is. */
static struct itsm_oid make_side(struct fixture *fixture)
{
	fixture_shell(fixture, "git checkout -q -b side && echo two >sub/a.md && echo new >sub/new.md && git add . && "
		"git commit -q -m side && git checkout -q main");
	return fixture_oid(fixture, "side");
}

static int advance(struct fixture *fixture, const struct itsm_oid *commit)
{
	struct itsm_write *write = NULL;
	int status = itsm_write_begin(fixture->repo, &write, &fixture->err);

	if (!status)
		status = itsm_write_advance(write, commit, "sync", &fixture->err);
	itsm_write_end(write);
	return status;
}

static void test_advance(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid side = make_side(fixture), head;

	fixture_open(fixture, NULL);
	fixture_watch_branch(fixture);
	assert_ok(fixture, advance(fixture, &side));
	assert_string_equal(fixture_shell(fixture, "cat .git/seen; ls .git/itsm"), "moved\nlock");
	head = fixture_oid(fixture, "HEAD");
	assert_true(itsm_oid_equal(&side, &head));
	assert_string_equal(fixture_shell(fixture, "cat sub/a.md sub/new.md"), "two\nnew");
	assert_string_equal(fixture_shell(fixture, "git reflog -1 --format=%%gs; git symbolic-ref --short HEAD"),
		"itsm: sync\nmain");
	fixture_assert_clean(fixture);
	assert_ok(fixture, advance(fixture, &side));
}

static void test_other_work_stays(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid side = make_side(fixture);

	fixture_shell(fixture, "echo mine >>itsm.yaml && echo s >staged && git add staged && touch sub/a.md");
	fixture_open(fixture, NULL);
	assert_ok(fixture, advance(fixture, &side));
	assert_string_equal(fixture_shell(fixture, "git status --porcelain"), " M itsm.yaml\nA  staged");
	assert_false(itsm_write_is_pending(&fixture->place));
}

static void refuse(struct fixture *fixture, const struct itsm_oid *commit, const char *file)
{
	const char *before = fixture_shell(fixture, "git rev-parse HEAD; git status --porcelain; cat sub/*");

	assert_int_equal(advance(fixture, commit), ITSM_EREFUSED);
	assert_non_null(strstr(fixture->err.message, file));
	assert_string_equal(fixture_shell(fixture, "git rev-parse HEAD; git status --porcelain; cat sub/*"), before);
	assert_false(itsm_write_is_pending(&fixture->place));
}

static void test_in_the_way(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid side = make_side(fixture);

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "echo mine >sub/a.md");
	refuse(fixture, &side, "sub/a.md");
	fixture_shell(fixture, "git add sub/a.md");
	refuse(fixture, &side, "sub/a.md");
	fixture_shell(fixture, "git reset -q --hard && echo mine >sub/new.md");
	refuse(fixture, &side, "sub/new.md");
}

static void test_race(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid side = make_side(fixture);
	struct itsm_write *write = NULL;

	fixture_open(fixture, NULL);
	assert_ok(fixture, itsm_write_begin(fixture->repo, &write, &fixture->err));
	fixture_shell(fixture, "git commit -q --allow-empty -m plain");
	assert_int_equal(itsm_write_advance(write, &side, "sync", &fixture->err), ITSM_ERACE);
	itsm_write_end(write);
	assert_string_equal(fixture_shell(fixture, "git log -1 --format=%%s"), "plain");
	fixture_assert_clean(fixture);
}

/* Killed behind the branch: git's index and files are brought along by the next one. */
static void test_killed(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid side = make_side(fixture);

	fixture_shell(fixture,
		"mkdir -p .git/itsm && printf 'itsm pending 1\\nbase %%s\\nnext %%s\\npartly\\n' $(git rev-parse main "
		"side) >.git/itsm/pending && git update-ref refs/heads/main side && printf tw >sub/a.md");
	fixture_open(fixture, NULL);
	assert_true(itsm_write_is_pending(&fixture->place));
	assert_ok(fixture, itsm_write_recover(fixture->repo, &fixture->err));
	assert_string_equal(fixture_shell(fixture, "cat sub/a.md sub/new.md"), "two\nnew");
	fixture_assert_clean(fixture);
	assert_ok(fixture, advance(fixture, &side));
}

static void test_run(void **state)
{
	struct fixture *fixture = *state;
	const char *const good[] = {"git", "tag", "made", NULL}, *const bad[] = {"git", "no-such-command", NULL};
	struct itsm_write *write = NULL;

	fixture_open(fixture, NULL);
	assert_ok(fixture, itsm_write_begin(fixture->repo, &write, &fixture->err));
	assert_ok(fixture, itsm_write_run(write, good, &fixture->err));
	assert_int_equal(itsm_write_run(write, bad, &fixture->err), ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "no-such-command"));
	itsm_write_end(write);
	assert_string_equal(fixture_shell(fixture, "git tag"), "made");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_advance, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_other_work_stays, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_in_the_way, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_race, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_killed, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_run, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
