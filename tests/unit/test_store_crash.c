/* Many writers at once lose nothing; what a writer killed at any moment leaves, the next command finishes. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "store_fixture.h"

#define WRITERS 4
#define WRITES 25
#define KILLS 200
#define IMPORT_KILLS 40
#define IMPORT_FILES 400
#define SECONDS 15 /* a busy machine gets fewer kills */

/* One write that is tried again as long as somebody else was faster. Returns the tries. */
static int insist(struct fixture *fixture, const char *path, const char *data)
{
	int status, tries = 0;

	do {
		status = fixture_write(fixture, path, data, NULL);
		tries++;
	} while (status == ITSM_ERACE && tries < 1000);
	if (status)
		print_error("%s: %d %s\n", path, status, fixture->err.message);
	return status;
}

static void write_many(struct fixture *fixture, int writer)
{
	int i;

	itsm_repo_free(fixture->repo);
	fixture->repo = NULL;
	if (itsm_repo_open(&fixture->place, &fixture->repo, &fixture->err))
		_exit(2);
	for (i = 0; i < WRITES; i++)
		if (insist(fixture, itsm_arena_printf(fixture->arena, "sub/w%d/f%d", writer, i), "x\n"))
			_exit(1);
	_exit(0);
}

static void test_racing_writers(void **state)
{
	struct fixture *fixture = *state;
	int i, result, failed = 0;

	fixture_open(fixture, NULL);
	for (i = 0; i < WRITERS; i++)
		if (fork() == 0)
			write_many(fixture, i);
	/*
	 * A plain git that moves the branch meanwhile: some of these find it locked or moved, and that is fine. It leaves
	 * git's index alone: what store.h says of a `git commit` that is held up undoes a write once in a while.
	 */
	for (i = 0; i < 20; i++)
		fixture_shell_code(fixture, "at=$(git rev-parse HEAD) && next=$(git commit-tree -p $at -m 'plain %d' $at^{tree}) &&"
			" git update-ref HEAD $next $at 2>/dev/null", i);
	for (i = 0; i < WRITERS; i++) {
		wait(&result);
		failed += !WIFEXITED(result) || WEXITSTATUS(result);
	}
	assert_int_equal(failed, 0);
	assert_ok(fixture, itsm_write_recover(fixture->repo, &fixture->err));
	assert_string_equal(fixture_shell(fixture, "git log --format=%%s | grep -c 'set something'"),
		itsm_arena_printf(fixture->arena, "%d", WRITERS * WRITES));
	assert_string_equal(fixture_shell(fixture, "git ls-tree -r HEAD sub | grep -c /w"),
		itsm_arena_printf(fixture->arena, "%d", WRITERS * WRITES));
	fixture_assert_clean(fixture);
}

/* Puts, changes and removes files until it is killed. */
static void write_for_ever(struct fixture *fixture)
{
	const char *path;
	int i;

	if (itsm_repo_open(&fixture->place, &fixture->repo, &fixture->err))
		_exit(2);
	for (i = 0;; i++) {
		path = itsm_arena_printf(fixture->arena, "sub/d%d/f%d", i % 3, i % 5);
		if (insist(fixture, path, i % 4 == 3 ? NULL : itsm_arena_printf(fixture->arena, "%d of %d\n", i,
			(int)getpid())))
			_exit(1);
	}
}

static long microseconds_now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* How long one write takes here and now: kills are spread over about three. */
static long time_of_write(struct fixture *fixture)
{
	long start = microseconds_now();

	fixture_open(fixture, NULL);
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "timed\n", NULL));
	itsm_repo_free(fixture->repo);
	fixture->repo = NULL;
	return microseconds_now() - start;
}

/* The child has a process group of its own, so that its git can be spared or killed with it. */
static void kill_after(struct fixture *fixture, void (*work)(struct fixture *), long microseconds, bool group)
{
	struct timespec time = {microseconds / 1000000, microseconds % 1000000 * 1000};
	pid_t child = fork();
	int result;

	if (child == 0) {
		setpgid(0, 0);
		work(fixture);
	}
	setpgid(child, child);
	nanosleep(&time, NULL);
	kill(group ? -child : child, SIGKILL);
	waitpid(child, &result, 0);
	if (!WIFSIGNALED(result))
		fail_msg("the writer ended by itself with %d", WEXITSTATUS(result));
}

static void recover(struct fixture *fixture)
{
	const char *unborn;

	assert_ok(fixture, itsm_repo_open(&fixture->place, &fixture->repo, &fixture->err));
	assert_ok(fixture, itsm_write_recover(fixture->repo, &fixture->err));
	itsm_repo_free(fixture->repo);
	fixture->repo = NULL;
	assert_false(itsm_write_is_pending(&fixture->place));
	unborn = fixture_shell(fixture, "git status --porcelain; find . -path ./.git -prune -o -name '.itsm-*' -print");
	assert_string_equal(unborn, "");
}

static void test_killed(void **state)
{
	struct fixture *fixture = *state;
	long span = 3 * time_of_write(fixture), start = microseconds_now();
	int i, pending = 0;

	srand(7);
	for (i = 0; i < KILLS && microseconds_now() - start < SECONDS * 1000000; i++) {
		kill_after(fixture, write_for_ever, rand() % span, false);
		pending += itsm_write_is_pending(&fixture->place);
		recover(fixture);
	}
	print_message("%d kills, %d of them between the journal's start and its end, %s commits\n", i, pending,
		fixture_shell(fixture, "git rev-list --count HEAD"));
	assert_true(pending > 0);
	assert_string_equal(fixture_shell(fixture, "git fsck --strict --no-dangling 2>&1"), "");
	fixture_open(fixture, NULL);
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "still works\n", NULL));
	fixture_assert_clean(fixture);
}

/* When git is killed along with us it leaves its own locks, which git tells its user to remove. The rest holds. */
static void test_killed_with_git(void **state)
{
	struct fixture *fixture = *state;
	long span = 3 * time_of_write(fixture), start = microseconds_now();
	int i;

	srand(5);
	for (i = 0; i < KILLS / 4 && microseconds_now() - start < SECONDS * 1000000; i++) {
		kill_after(fixture, write_for_ever, rand() % span, true);
		fixture_shell(fixture, "rm -f .git/*.lock .git/refs/heads/*.lock");
		recover(fixture);
	}
	assert_string_equal(fixture_shell(fixture, "git fsck --strict --no-dangling 2>&1"), "");
}

/* As if the last writer had died when the branch had moved, and nothing else had been done. */
static void die_early(struct fixture *fixture)
{
	fixture_shell(fixture, "printf 'itsm pending 1\\nbase %%s\\nnext %%s\\n' $(git rev-parse HEAD~ HEAD) "
		">.git/itsm/pending && git read-tree HEAD~ && git checkout-index -f -a");
}

/* What the user did after a writer died stays. */
static void test_newer_work(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out;

	fixture_open(fixture, NULL);
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "two\n", &out));
	die_early(fixture);
	fixture_shell(fixture, "echo newer >sub/a.md");
	assert_ok(fixture, itsm_write_recover(fixture->repo, &fixture->err));
	assert_false(itsm_write_is_pending(&fixture->place));
	assert_string_equal(fixture_shell(fixture, "cat sub/a.md; git status --porcelain; git diff --cached"),
		"newer\n M sub/a.md");

	/* The branch went on: the journal speaks of what is no longer there. */
	fixture_shell(fixture, "git checkout -q sub/a.md");
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "three\n", &out));
	die_early(fixture);
	fixture_shell(fixture, "git reset -q --hard HEAD~ && echo four >sub/a.md && git commit -q -a -m four");
	assert_ok(fixture, itsm_write_recover(fixture->repo, &fixture->err));
	fixture_assert_clean(fixture);
	assert_string_equal(fixture_shell(fixture, "cat sub/a.md"), "four");

	/* A commit that never was on the branch and that git has pruned. */
	fixture_shell(fixture, "printf 'itsm pending 1\\nbase %s\\nnext 1234567890123456789012345678901234567890\\n' "
		">.git/itsm/pending", fixture_shell(fixture, "git rev-parse HEAD"));
	assert_ok(fixture, itsm_write_recover(fixture->repo, &fixture->err));
	fixture_assert_clean(fixture);

	fixture_shell(fixture, "printf 'itsm pending 2\\n' >.git/itsm/pending");
	assert_int_equal(itsm_write_recover(fixture->repo, &fixture->err), ITSM_EDATA);
}

/* One import, so large that it takes a while. */
static int import_once(struct fixture *fixture)
{
	struct itsm_person_time person = {"A", "a@example.org", NOW, 0};
	struct itsm_bulk *bulk;
	struct itsm_oid out;
	int i, status;

	if (itsm_bulk_begin(fixture->repo, &bulk, &fixture->err))
		return -1;
	status = itsm_bulk_commit(bulk, "import", &person, &person, &fixture->err);
	for (i = 0; i < IMPORT_FILES && !status; i++)
		status = itsm_bulk_put(bulk, itsm_arena_printf(fixture->arena, "op/%02d/%d.md", i % 7, i),
			itsm_arena_printf(fixture->arena, "%5d\nand some more\n", i), 20, &fixture->err);
	if (status) {
		itsm_bulk_abort(bulk);
		return status;
	}
	return itsm_bulk_end(bulk, &out, &fixture->err);
}

static void import(struct fixture *fixture)
{
	if (itsm_repo_open(&fixture->place, &fixture->repo, &fixture->err) || import_once(fixture))
		_exit(1);
	for (;;)
		pause();
}

static void test_killed_import(void **state)
{
	struct fixture *fixture = *state;
	const char *first = fixture_shell(fixture, "git rev-parse HEAD"), *count;
	int i, none = 0, all = 0;
	long span, start = microseconds_now();

	fixture_open(fixture, NULL);
	assert_ok(fixture, import_once(fixture));
	span = (microseconds_now() - start) * 3 / 2;
	fixture_assert_clean(fixture);
	itsm_repo_free(fixture->repo);
	fixture->repo = NULL;
	srand(11);
	for (i = 0; i < IMPORT_KILLS && microseconds_now() - start < SECONDS * 1000000; i++) {
		fixture_shell(fixture, "git reset -q --hard %s", first);
		/* Every other kill falls into the shorter time before the branch moves. */
		kill_after(fixture, import, rand() % (i % 2 ? span : span / 5 + 1), false);
		/* A git that was left alone comes to its end by itself. */
		fixture_shell(fixture, "flock .git/itsm/lock true");
		recover(fixture);
		count = fixture_shell(fixture, "git ls-tree -r HEAD | wc -l");
		none += atoi(count) == 2;
		all += atoi(count) == 2 + IMPORT_FILES;
		assert_string_equal(fixture_shell(fixture, "git for-each-ref refs/itsm; ls .git | grep crash; true"),
			"");
	}
	print_message("%d times nothing, %d times all\n", none, all);
	assert_true(none > 0 && all > 0);
	assert_int_equal(none + all, i);
	assert_string_equal(fixture_shell(fixture, "git fsck --strict --no-dangling 2>&1"), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_racing_writers, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_killed, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_killed_with_git, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_newer_work, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_killed_import, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
