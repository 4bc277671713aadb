/*
 * Random histories of a desk: files edited, added, moved, removed and broken,
 * commits, branches, merges (evil ones too), rebases, resets, stashes. After every step the index that was
 * brought along must show what one built from nothing shows, in every snapshot; and what its versions say of
 * any commit is what a walk of that commit's tree says.
 *
 * ITSM_RANDOM_STEPS and ITSM_RANDOM_SEED make it longer, or another.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index_fixture.h"

#define STEPS 100

struct walk {
	struct index_fixture *fixture;
	uint64_t random;
	size_t branches;
	char last[256];        /* what was done, for the message */
};

static unsigned draw(struct walk *walk, unsigned below)
{
	walk->random = walk->random * 6364136223846793005u + 1442695040888963407u;
	return (unsigned)(walk->random >> 33) % below;
}

/* Run a command; whether it works out is git's business. */
static void attempt(struct walk *walk, const char *command)
{
	snprintf(walk->last, sizeof(walk->last), "%s", command);
	fixture_shell_code(walk->fixture->base, "%s", command);
}

static const char *some_path(struct walk *walk)
{
	struct itsm_arena *arena = walk->fixture->arena;
	unsigned month = draw(walk, 3) + 9, number = draw(walk, 8);

	switch (draw(walk, 12)) {
	case 0:
		return itsm_arena_printf(arena, "people/p%u.yaml", number);
	case 1:
		return itsm_arena_printf(arena, "strategy/services/s%u.yaml", number % 3);
	case 2:
		return itsm_arena_printf(arena, "operation/incidents/2026/%02u/INC-0000000%u/notes/NOTE-0000000%u.md",
			month, number % 2, draw(walk, 4));
	case 3:
		return itsm_arena_printf(arena, "operation/incidents/INC-0000000%u.md", number);
	case 4:
		return itsm_arena_printf(
			arena, "operation/incidents/2026/%02u/%s", month, number % 2 ? "README.md" : "notes.txt");
	case 5:
		return itsm_arena_printf(arena, "transition/changes/2026/%02u/CHG-0000000%u/approvals/p%u.yaml", month,
			number % 3, draw(walk, 3));
	case 6:
		return itsm_arena_printf(arena, "people/p%u/notes/NOTE-0000000%u.md", number % 2, draw(walk, 4));
	default:
		return itsm_arena_printf(arena, "operation/incidents/2026/%02u/INC-0000000%u.md", month, number);
	}
}

static void write_file(struct walk *walk, const char *path)
{
	static const char *const states[] = {"new", "closed", "assigned", "wrong"};
	unsigned value = draw(walk, 10);

	if (fixture_shell_code(walk->fixture->base,
		    "d=$(dirname %s); mkdir -p $d && test ! -d %s && cd $d && test $(pwd -P) = $OLDPWD/$d", path,
		    path) != 0)
		return; /* a link or a file stands in the way */
	snprintf(walk->last, sizeof(walk->last), "write %s %u", path, value);
	if (value == 0)
		index_file(walk->fixture, path, "---\ntitle: [broken\n---\n");
	else if (strstr(path, ".yaml"))
		index_file(walk->fixture, path, "name: Name %u\nby: p%u\ndecision: approve\nat: 2026-11-02T10:00:00Z\n",
			value, value);
	else
		index_file(walk->fixture, path,
			"---\nstate: %s\ntitle: Title %u\nservice: s%u\nitems: [a, b%u]\n"
			"opened: 2026-11-0%uT10:00:00+01:00\n---\n## Description\n%s\n",
			states[value % 4], value, value % 4, value, value % 9 + 1, value % 2 ? "text" : "");
}

static void change_files(struct walk *walk)
{
	static const char *const commands[] = {
		"f=$(git ls-files | grep -v itsm.yaml | shuf -n1 --random-source=/dev/zero); rm -f \"$f\"",
		"rm -rf operation/incidents/2026/10",
		"rm -rf people",
		"mkdir -p people/x && chmod 755 people",
		"mv operation/incidents/2026/09 operation/incidents/2026/12",
		"mv operation/incidents/2026/12 operation/incidents/2026/09",
		"mv operation/incidents/2026/11/INC-00000001.md operation/incidents/2026/11/INC-00000002.md",
		"ln -sfn /etc operation/incidents/2026/08",
		"rm operation/incidents/2026/08",
		"rm -rf strategy && ln -s /etc strategy",
		"test -L strategy && rm strategy",
		"touch -d '2020-01-01' people/*.yaml",
		"ln -sf p1.yaml people/p2.yaml",
		"chmod 755 people/p1.yaml",
		"rm -rf people/p3.yaml; mkdir -p people/p3.yaml",
		"rmdir people/p3.yaml",
		"cp -a people/p1.yaml people/p4.yaml",
		"for i in 1 2 3 4 5; do cp people/p1.yaml people/q$i.yaml; done",
		"rm -f people/q*.yaml",
	};
	unsigned choice = draw(walk, 2 * sizeof(commands) / sizeof(*commands));

	if (choice < sizeof(commands) / sizeof(*commands))
		attempt(walk, commands[choice]);
	else
		for (unsigned i = draw(walk, 3) + 1; i > 0; i--)
			write_file(walk, some_path(walk));
}

static void change_history(struct walk *walk)
{
	struct itsm_arena *arena = walk->fixture->arena;
	unsigned branch = draw(walk, 4);

	switch (draw(walk, 15)) {
	case 12:
		attempt(walk, itsm_arena_printf(arena, "git add -A; git commit -q -m work; git rebase -q -X theirs b%u"
			" || git rebase --abort", branch));
		break;
	case 13: /* what neither of the two has */
		attempt(walk, itsm_arena_printf(arena, "git add -A; git commit -q -m work;"
			" git merge -q --no-ff --no-commit -X ours b%u && f=$(git ls-files operation | head -n1) &&"
			" sed -i 's/^title:.*/title: Evil/' \"$f\" && git add -A && git commit -q -m evil ||"
			" git merge --abort", branch));
		break;
	case 14:
		attempt(walk, itsm_arena_printf(arena, "git merge -q --ff-only b%u", branch));
		break;
	case 0:
	case 1:
	case 2:
	case 3:
		attempt(walk, "git add -A && git commit -q -m change");
		break;
	case 4:
		attempt(walk, itsm_arena_printf(arena, "git checkout -q -f -B b%u", branch));
		break;
	case 5:
	case 6:
		attempt(walk,
			itsm_arena_printf(arena, "git add -A; git commit -q -m work; git checkout -q -f b%u", branch));
		break;
	case 7:
		attempt(walk,
			itsm_arena_printf(arena, "git merge -q -X ours -m merge b%u || git merge --abort", branch));
		break;
	case 8:
		attempt(walk, "git commit -q --amend -a -m amended");
		break;
	case 9:
		attempt(walk,
			itsm_arena_printf(
				arena, "git reset -q --%s HEAD~%u", branch % 2 ? "hard" : "mixed", branch / 2 + 1));
		break;
	case 10:
		attempt(walk, "git stash -q -u");
		break;
	default:
		attempt(walk, "git stash pop -q || git checkout -q -f HEAD");
		break;
	}
}

static void assert_equal(struct walk *walk, const char *what, const char *have, const char *want, size_t step)
{
	size_t line = 0, i;

	if (strcmp(have, want) == 0)
		return;
	for (i = 0; have[i] && have[i] == want[i]; i++)
		if (have[i] == '\n')
			line = i + 1;
	fail_msg("step %zu (%s): %s differs:\n%.400s\n-- built anew --\n%.400s", step, walk->last, what, have + line,
		want + line);
}

static void assert_same(struct walk *walk, const char *what, struct itsm_index *fresh, size_t step)
{
	assert_equal(walk, what, index_dump_text(walk->fixture, walk->fixture->index),
		index_dump_text(walk->fixture, fresh), step);
}

static bool is_history(const char *line)
{
	return strncmp(line, "commit_log ", 11) == 0 || strncmp(line, "touch ", 6) == 0 ||
		strncmp(line, "change_event ", 13) == 0;
}

/* The lines of a dump that are of history, or those that are not. */
static const char *lines_of(struct index_fixture *fixture, const char *dump, bool history)
{
	char *out = itsm_arena_strdup(fixture->arena, dump), *end = out;

	while (*dump) {
		size_t length = strcspn(dump, "\n") + 1;

		if (is_history(dump) == history) {
			memcpy(end, dump, length);
			end += length;
		}
		dump += length;
	}
	*end = '\0';
	return out;
}

static const char *dump_at(struct index_fixture *fixture, struct itsm_index *index, const struct itsm_oid *commit)
{
	assert_ok(fixture, itsm_index_load_at(index, commit, &fixture->err));
	assert_ok(fixture, itsm_index_use(index, ITSM_SNAPSHOT_AT, &fixture->err));
	return index_dump_text(fixture, index);
}

/*
 * The desk at a commit as the versions have it: the records as a walk of its
 * tree finds them, and the history as an index knows it that never went further.
 */
static void compare_at(struct walk *walk, const char *revision, size_t step)
{
	struct index_fixture *fixture = walk->fixture;
	struct itsm_oid commit = fixture_oid(fixture->base, revision);
	struct itsm_index *tree = index_another(fixture, true), *past = index_another(fixture, true);
	const char *have = dump_at(fixture, fixture->index, &commit);

	assert_equal(walk, "AT", lines_of(fixture, have, false), dump_at(fixture, tree, &commit), step);
	assert_ok(fixture, itsm_index_history(past, &commit, &fixture->err));
	assert_equal(walk, "history AT", have, dump_at(fixture, past, &commit), step);
	itsm_index_free(tree);
	itsm_index_free(past);
}

static void compare_all(struct walk *walk, size_t step)
{
	struct index_fixture *fixture = walk->fixture;
	struct itsm_index *fresh = index_another(fixture, true);
	struct itsm_oid head;
	bool at = draw(walk, 3) == 0;

	assert_ok(fixture, itsm_place_head(fixture->arena, &fixture->place, &head, NULL, &fixture->err));
	if (draw(walk, 2)) {
		assert_ok(fixture, itsm_index_history(fixture->index, &head, &fixture->err));
		assert_ok(fixture, itsm_index_history(fresh, &head, &fixture->err));
	}
	index_work(fixture);
	assert_ok(fixture, itsm_index_refresh_work(fresh, &fixture->err));
	assert_ok(fixture, itsm_index_history(fixture->index, &head, &fixture->err));
	assert_ok(fixture, itsm_index_history(fresh, &head, &fixture->err));
	assert_same(walk, "WORK", fresh, step);

	index_head(fixture);
	assert_ok(fixture, itsm_index_refresh_head(fresh, &head, &fixture->err));
	assert_ok(fixture, itsm_index_use(fresh, ITSM_SNAPSHOT_HEAD, &fixture->err));
	assert_same(walk, "HEAD", fresh, step);
	itsm_index_free(fresh);
	if (at) {
		unsigned back = draw(walk, 12);
		const char *pick = itsm_arena_printf(fixture->arena,
			"git update-ref refs/test/at $(git rev-list %s | head -n %u | tail -n 1)",
			draw(walk, 4) ? "--first-parent HEAD" : "--all", back + 1);

		if (fixture_shell_code(fixture->base, "%s", pick) == 0)
			compare_at(walk, "refs/test/at", step);
	}
}

/* Every commit of the mainline there is at the end. */
static void compare_mainline(struct walk *walk)
{
	struct index_fixture *fixture = walk->fixture;
	struct itsm_oid head = fixture_oid(fixture->base, "HEAD");
	unsigned back = 0;

	assert_ok(fixture, itsm_index_history(fixture->index, &head, &fixture->err));
	for (; fixture_shell_code(fixture->base, "git rev-parse -q --verify HEAD~%u >/dev/null", back) == 0; back++)
		compare_at(walk, itsm_arena_printf(fixture->arena, "HEAD~%u", back), back);
	assert_true(back > 0);
}

static void test_random(void **state)
{
	struct walk walk = {.fixture = *state, .random = 42};
	const char *steps = getenv("ITSM_RANDOM_STEPS"), *seed = getenv("ITSM_RANDOM_SEED");
	size_t count = steps ? strtoul(steps, NULL, 10) : STEPS;

	if (seed)
		walk.random = strtoull(seed, NULL, 10);
	for (size_t step = 0; step < count; step++) {
		if (draw(&walk, 3))
			change_files(&walk);
		else
			change_history(&walk);
		if (draw(&walk, 4) == 0)
			continue; /* several changes before the next look */
		if (draw(&walk, 2))
			index_reopen(walk.fixture);
		compare_all(&walk, step);
	}
	compare_mainline(&walk);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_random, index_setup, index_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
