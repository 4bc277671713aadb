/* Where a desk is and what HEAD points to, in every state that git knows: as `git rev-parse` says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_fixture.h"

static const char *real(struct fixture *fixture, const char *path)
{
	char *text = realpath(path, NULL);
	const char *copy = itsm_arena_strdup(fixture->arena, text ? text : "(none)");

	free(text);
	return copy;
}

/* Hold a place and its HEAD against git, run in `folder`. */
static void agree(struct fixture *fixture, const char *folder)
{
	struct itsm_arena *arena = fixture->arena;
	const char *branch = "x", *line;
	struct itsm_place place;
	struct itsm_oid head;
	char text[41];

	assert_ok(fixture, itsm_place_find(arena, folder, &place, &fixture->err));
	line = fixture_shell(fixture, "cd %s && git rev-parse --absolute-git-dir", folder);
	assert_string_equal(real(fixture, place.git_dir), real(fixture, line));
	line = fixture_shell(fixture, "cd %s && realpath $(git rev-parse --git-common-dir)", folder);
	assert_string_equal(real(fixture, place.common_dir), line);
	if (place.work_tree) {
		line = fixture_shell(fixture, "cd %s && git rev-parse --show-toplevel", folder);
		assert_string_equal(place.work_tree, line);
		line = fixture_shell(fixture, "cd %s && git rev-parse --show-prefix", place.root);
		assert_string_equal(place.prefix, line);
	}
	assert_ok(fixture, itsm_place_head(arena, &place, &head, &branch, &fixture->err));
	line = fixture_shell(fixture, "cd %s && (git rev-parse --verify -q HEAD || true)", folder);
	itsm_oid_text(&head, text);
	assert_string_equal(*line ? text : "", line);
	assert_int_equal(!*line, itsm_oid_is_zero(&head));
	line = fixture_shell(fixture, "cd %s && (git symbolic-ref -q HEAD || true)", folder);
	assert_string_equal(branch ? branch : "", line);
}

static void test_ordinary(void **state)
{
	struct fixture *fixture = *state;

	agree(fixture, fixture->desk);
	agree(fixture, itsm_arena_printf(fixture->arena, "%s/sub", fixture->desk));
	fixture_shell(fixture, "ln -s desk/sub ../link");
	agree(fixture, itsm_arena_printf(fixture->arena, "%s/link", fixture->top));
	fixture_shell(fixture, "mkdir x && cd x && git rev-parse HEAD >/dev/null && mkdir .git");
	agree(fixture, itsm_arena_printf(fixture->arena, "%s/x", fixture->desk));
}

static void test_heads(void **state)
{
	static const char *const states[] = {
		"git pack-refs --all",
		"git commit -q --allow-empty -m loose-over-packed",
		"git checkout -q -b topic/deep/name",
		"git pack-refs --all --prune && git branch topic2",
		"git checkout -q --detach",
		"git checkout -q main && git symbolic-ref refs/heads/alias refs/heads/main && git symbolic-ref HEAD "
		"refs/heads/alias",
		"git symbolic-ref HEAD refs/heads/nothing",
		"git symbolic-ref HEAD refs/heads/main/below",
		"git symbolic-ref HEAD refs/heads/topic",
		"git symbolic-ref HEAD refs/other/place && git update-ref refs/other/place main",
		"git symbolic-ref HEAD refs/heads/main && rm .git/HEAD && ln -s refs/heads/main .git/HEAD",
		"rm .git/HEAD && printf 'ref:refs/heads/main' >.git/HEAD",
		"printf 'ref:  refs/heads/main  \\n' >.git/HEAD",
		"git branch -D nothing 2>/dev/null; git checkout -q -f --orphan fresh",
		"git checkout -q -f main && git tag -a -m tagged v1 && git pack-refs --all && git checkout -q v1",
		"git checkout -q -b ma && git branch main2 && git branch amain && git pack-refs --all && git "
		"checkout -q main",
	};
	struct fixture *fixture = *state;
	size_t i;

	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		fixture_shell(fixture, "%s", states[i]);
		print_message("%s\n", states[i]);
		agree(fixture, fixture->desk);
	}
}

static void test_work_trees(void **state)
{
	struct fixture *fixture = *state;

	fixture_shell(fixture, "git branch other && git worktree add -q ../linked other && git pack-refs --all");
	agree(fixture, itsm_arena_printf(fixture->arena, "%s/linked/sub", fixture->top));
	fixture_shell(fixture, "cd ../linked && git checkout -q --detach && git -C ../desk commit -q --allow-empty "
		"-m x");
	agree(fixture, itsm_arena_printf(fixture->arena, "%s/linked", fixture->top));
	agree(fixture, fixture->desk);
	fixture_shell(fixture, "git clone -q . ../outer && cd ../outer && git rm -q itsm.yaml && git commit -q -m "
		"'no desk' && "
		"git submodule --quiet add $OLDPWD inner");
	agree(fixture, itsm_arena_printf(fixture->arena, "%s/outer/inner", fixture->top));
	fixture_shell(fixture, "git clone -q --separate-git-dir=../elsewhere . ../apart");
	agree(fixture, itsm_arena_printf(fixture->arena, "%s/apart", fixture->top));
	fixture_shell(fixture, "git clone -q --bare . ../bare.git && git -C ../bare.git worktree add -q ../of-bare");
	agree(fixture, itsm_arena_printf(fixture->arena, "%s/of-bare", fixture->top));
}

static void test_bare(void **state)
{
	struct fixture *fixture = *state;
	const char *bare = itsm_arena_printf(fixture->arena, "%s/bare.git", fixture->top);
	struct itsm_place place;

	fixture_shell(fixture, "git clone -q --bare . ../bare.git");
	agree(fixture, bare);
	agree(fixture, itsm_arena_printf(fixture->arena, "%s/objects", bare));
	assert_ok(fixture, itsm_place_find(fixture->arena, bare, &place, &fixture->err));
	assert_null(place.root);
	assert_null(place.work_tree);
	fixture_shell(fixture, "git init -q --bare ../empty.git");
	assert_int_equal(itsm_place_find(fixture->arena, itsm_arena_printf(fixture->arena, "%s/empty.git",
		fixture->top),
		&place, &fixture->err), ITSM_ENOTFOUND);
	/* A hook runs inside .git: the desk is the one around it. */
	assert_ok(fixture, itsm_place_find(fixture->arena, itsm_arena_printf(fixture->arena, "%s/.git", fixture->desk),
		&place, &fixture->err));
	assert_string_equal(place.root, fixture->desk);
}

static void test_below(void **state)
{
	struct fixture *fixture = *state;

	fixture_shell(fixture, "mkdir -p a/b/c && cp itsm.yaml a/b/");
	agree(fixture, itsm_arena_printf(fixture->arena, "%s/a/b/c", fixture->desk));
	assert_ok(fixture, itsm_place_find(fixture->arena, itsm_arena_printf(fixture->arena, "%s/a/b/c", fixture->desk),
		&fixture->place, &fixture->err));
	assert_string_equal(fixture->place.prefix, "a/b/");
	fixture_shell(fixture, "git config core.worktree ..");
	agree(fixture, fixture->desk);
}

static void test_nowhere(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_place place;

	assert_int_equal(itsm_place_find(fixture->arena, fixture->top, &place, &fixture->err), ITSM_ENOTFOUND);
	assert_non_null(strstr(fixture->err.message, "itsm init"));
	assert_int_equal(itsm_place_find(fixture->arena, "/no/such/folder", &place, &fixture->err), ITSM_EIO);
	fixture_shell(fixture, "mkdir ../lone && cp itsm.yaml ../lone");
	assert_int_equal(itsm_place_find(fixture->arena, itsm_arena_printf(fixture->arena, "%s/lone", fixture->top),
		&place,
		&fixture->err), ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "git init"));
	fixture_shell(fixture, "mkdir ../astray && cp itsm.yaml ../astray && echo 'gitdir: ../gone' >../astray/.git");
	assert_int_equal(itsm_place_find(fixture->arena, itsm_arena_printf(fixture->arena, "%s/astray", fixture->top),
		&place, &fixture->err), ITSM_EGIT);
	/* A link is no desk. */
	fixture_shell(fixture, "mkdir ../linked && ln -s ../desk/itsm.yaml ../linked/itsm.yaml");
	assert_int_equal(itsm_place_find(fixture->arena, itsm_arena_printf(fixture->arena, "%s/linked", fixture->top),
		&place, &fixture->err), ITSM_ENOTFOUND);
}

/* A hook's environment points git at the hook's repository, not at the desk's. */
static void test_environment(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid head, other;

	fixture_open(fixture, NULL);
	head = fixture_oid(fixture, "HEAD");
	fixture_shell(fixture, "git init -q ../other && cd ../other && git commit -q --allow-empty -m other");
	setenv("GIT_DIR", itsm_arena_printf(fixture->arena, "%s/other/.git", fixture->top), 1);
	setenv("GIT_WORK_TREE", fixture->top, 1);
	assert_ok(fixture, itsm_place_head(fixture->arena, &fixture->place, &other, NULL, &fixture->err));
	assert_true(itsm_oid_equal(&head, &other));
	assert_ok(fixture, itsm_repo_resolve(fixture->repo, ":/the beginning", &other, &fixture->err));
	assert_true(itsm_oid_equal(&head, &other));
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "two\n", NULL));
	unsetenv("GIT_DIR");
	unsetenv("GIT_WORK_TREE");
	assert_string_equal(fixture_shell(fixture, "git log --format=%%s -1"), "set something");
	fixture_assert_clean(fixture);
}

static void test_refused_formats(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_place place;
	struct itsm_repo *repo = NULL;
	struct itsm_oid head;

	fixture_shell(fixture, "git init -q --object-format=sha256 ../sha256 && cd ../sha256 && touch itsm.yaml && "
		"git add . && "
		"git commit -q -m x");
	assert_ok(fixture, itsm_place_find(fixture->arena, itsm_arena_printf(fixture->arena, "%s/sha256", fixture->top),
		&place, &fixture->err));
	assert_int_equal(itsm_place_head(fixture->arena, &place, &head, NULL, &fixture->err), ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "SHA-256"));
	assert_int_equal(itsm_repo_open(&place, &repo, &fixture->err), ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "SHA-256"));
	fixture_shell(fixture, "git clone -q . ../table && cd ../table && git config core.repositoryformatversion 1 && "
		"git config extensions.refstorage reftable");
	assert_ok(fixture, itsm_place_find(fixture->arena, itsm_arena_printf(fixture->arena, "%s/table", fixture->top),
		&place, &fixture->err));
	assert_int_equal(itsm_repo_open(&place, &repo, &fixture->err), ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "reftable"));
}

static void test_init(void **state)
{
	struct fixture *fixture = *state;
	bool made = true;

	assert_ok(fixture, itsm_repo_init(itsm_arena_printf(fixture->arena, "%s/sub", fixture->desk), &made,
		&fixture->err));
	assert_false(made);
	fixture_shell(fixture, "mkdir ../fresh && git config --global init.defaultBranch trunk");
	assert_ok(fixture, itsm_repo_init(itsm_arena_printf(fixture->arena, "%s/fresh", fixture->top), &made,
		&fixture->err));
	assert_true(made);
	assert_string_equal(fixture_shell(fixture, "git -C ../fresh symbolic-ref HEAD"), "refs/heads/trunk");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_ordinary, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_heads, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_work_trees, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_bare, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_below, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_nowhere, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_environment, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_refused_formats, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_init, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
