/* Writing: what is committed, what is refused, and in which states of a repository it works. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "store_fixture.h"

static const char *content(struct fixture *fixture, const char *path)
{
	return fixture_shell(fixture, "cat %s", path);
}

static void test_put_and_remove(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_write *write;
	struct itsm_oid base = fixture_oid(fixture, "HEAD"), out;

	fixture_open(fixture, NULL);
	assert_ok(fixture, itsm_write_begin(fixture->repo, &write, &fixture->err));
	assert_true(itsm_oid_equal(itsm_write_base(write), &base));
	assert_ok(fixture, itsm_write_put(write, "new/deep/b.md", "bee\n", 4, &fixture->err));
	assert_ok(fixture, itsm_write_put(write, "sub/a.md", "first", 5, &fixture->err));
	assert_ok(fixture, itsm_write_put(write, "sub/a.md", "two\n", 4, &fixture->err));
	assert_ok(fixture, itsm_write_put(write, "sub/empty", "", 0, &fixture->err));
	assert_ok(fixture, itsm_write_commit(write, "act\n\nbody\n\nTrailer: 1", NULL, NOW, -90, &out, &fixture->err));
	itsm_write_end(write);
	fixture_assert_clean(fixture);
	base = fixture_oid(fixture, "HEAD");
	assert_true(itsm_oid_equal(&out, &base));
	assert_string_equal(content(fixture, "new/deep/b.md sub/a.md sub/empty"), "bee\ntwo");
	assert_string_equal(fixture_shell(fixture, "git log -1 --date=raw --format='%%s|%%an|%%ae|%%ad|%%cn|%%cd|%%b'"),
		"act|Test Person|test@example.org|1790000000 -0130|Test Person|1790000000 -0130|body\n\nTrailer: 1");
	assert_string_equal(fixture_shell(fixture, "git reflog -1 --format=%%gs"), "itsm: act");
	assert_string_equal(fixture_shell(fixture, "git reflog -1 --format=%%gs main"), "itsm: act");

	assert_ok(fixture, fixture_write(fixture, "new/deep/b.md", NULL, &out));
	fixture_assert_clean(fixture);
	assert_int_not_equal(access(itsm_arena_printf(fixture->arena, "%s/new", fixture->desk), F_OK), 0);
	assert_string_equal(fixture_shell(fixture, "git ls-tree -r -t --name-only HEAD"),
		"itsm.yaml\nsub\nsub/a.md\nsub/empty");
}

static void test_nothing(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid head = fixture_oid(fixture, "HEAD"), out;

	fixture_open(fixture, NULL);
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "one\n", &out));
	assert_true(itsm_oid_equal(&head, &out));
	assert_ok(fixture, fixture_write(fixture, "sub/none.md", NULL, &out));
	assert_true(itsm_oid_equal(&head, &out));
	assert_string_equal(fixture_shell(fixture, "git rev-list --count HEAD"), "1");
	fixture_assert_clean(fixture);
}

/* A large write is one pack; what keeps it is gone at the end, and what a killed writer left of that; others' stay. */
static void test_many(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_write *write;
	struct itsm_oid out;
	const char *text;
	size_t i;

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "mkdir -p .git/objects/pack && cd .git/objects/pack && echo 'itsm write' >pack-1.keep &&"
		" echo 'itsm writes' >pack-2.keep && : >pack-3.keep");
	assert_ok(fixture, itsm_write_begin(fixture->repo, &write, &fixture->err));
	for (i = 0; i < 240; i++) {
		/* some alike, one empty, one of which no part repeats and that is longer than what goes to git at once */
		text = itsm_arena_printf(fixture->arena, "%zu\n", i / 2);
		assert_ok(fixture, itsm_write_put(write, itsm_arena_printf(fixture->arena, "many/%zu/a.md", i), text,
			i == 7 ? 0 : strlen(text), &fixture->err));
	}
	text = fixture_shell(fixture, "for i in $(seq 3000); do echo $i | md5sum; done");
	assert_ok(fixture, itsm_write_put(write, "many/long", text, strlen(text), &fixture->err));
	assert_ok(fixture, itsm_write_remove(write, "sub/a.md", &fixture->err));
	assert_ok(fixture, itsm_write_commit(write, "many", NULL, NOW, 0, &out, &fixture->err));
	itsm_write_end(write);
	fixture_assert_clean(fixture);
	/* git 2.41 and later writes a .rev beside */
	assert_string_equal(fixture_shell(fixture, "ls .git/objects/pack | grep -v '[.]rev$' | sed 's/pack-[0-9a-f]\\{40\\}/pack/'"),
		"pack-2.keep\npack-3.keep\npack.idx\npack.pack");
	assert_string_equal(fixture_shell(fixture, "git fsck --strict --no-dangling 2>&1"), "");
	assert_string_equal(content(fixture, "many/9/a.md many/238/a.md"), "4\n119");
	assert_string_equal(content(fixture, "many/long"), text);
	assert_string_equal(fixture_shell(fixture, "git show HEAD:many/long"), text);
	assert_string_equal(fixture_shell(fixture, "git cat-file -s HEAD:many/7/a.md"), "0");

	/* the user's work in the way: no commit, and nothing stays that keeps the pack */
	fixture_shell(fixture, "echo mine >many/3/a.md");
	assert_ok(fixture, itsm_write_begin(fixture->repo, &write, &fixture->err));
	for (i = 0; i < 240; i++)
		assert_ok(fixture, itsm_write_put(write, itsm_arena_printf(fixture->arena, "many/%zu/a.md", i),
			"other\n", 6, &fixture->err));
	assert_int_equal(itsm_write_commit(write, "again", NULL, NOW, 0, &out, &fixture->err), ITSM_EREFUSED);
	itsm_write_end(write);
	assert_string_equal(fixture_shell(fixture, "git log --format=%%s -1; git status --porcelain"), "many\n M many/3/a.md");
	assert_string_equal(fixture_shell(fixture, "ls .git/objects/pack/*.keep | wc -l"), "2");
}

static void refuse(struct fixture *fixture, const char *path, const char *data, const char *words)
{
	const char *head = fixture_shell(fixture, "git rev-parse HEAD; git status --porcelain; git diff; git diff "
		"--cached");
	const char *after;

	assert_int_equal(fixture_write(fixture, path, data, NULL), ITSM_EREFUSED);
	if (!strstr(fixture->err.message, words))
		fail_msg("'%s' is not in: %s", words, fixture->err.message);
	after = fixture_shell(fixture, "git rev-parse HEAD; git status --porcelain; git diff; git diff --cached");
	assert_string_equal(head, after);
}

static void test_users_work(void **state)
{
	struct fixture *fixture = *state;

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "echo mine >>sub/a.md");
	refuse(fixture, "sub/a.md", "other\n", "'sub/a.md' has unsaved changes");
	refuse(fixture, "sub/a.md", NULL, "'sub/a.md' has unsaved changes");
	fixture_shell(fixture, "git add sub/a.md");
	refuse(fixture, "sub/a.md", "other\n", "'sub/a.md'");
	fixture_shell(fixture, "echo one >sub/a.md");
	refuse(fixture, "sub/a.md", "other\n", "'sub/a.md' has staged changes");
	fixture_shell(fixture, "git reset -q --hard && rm sub/a.md");
	refuse(fixture, "sub/a.md", "other\n", "'sub/a.md' has unsaved changes");
	fixture_shell(fixture, "git rm -q --cached sub/a.md && mkdir -p sub && echo one >sub/a.md");
	refuse(fixture, "sub/a.md", "other\n", "'sub/a.md' has staged changes");
	fixture_shell(fixture, "git reset -q --hard && echo untracked >sub/new.md");
	refuse(fixture, "sub/new.md", "other\n", "'sub/new.md' has unsaved changes");
	fixture_shell(fixture, "rm sub/new.md && ln -s /etc/passwd sub/new.md");
	refuse(fixture, "sub/new.md", "other\n", "'sub/new.md' has unsaved changes");
	fixture_shell(fixture, "rm sub/new.md && mkdir sub/new.md && touch sub/new.md/x");
	refuse(fixture, "sub/new.md", "other\n", "'sub/new.md' has unsaved changes");
	fixture_shell(fixture, "rm -r sub/new.md && mv sub ../moved && ln -s ../moved sub");
	refuse(fixture, "sub/a.md", "other\n", "'sub/a.md' has unsaved changes");
}

static void test_users_other_work_stays(void **state)
{
	struct fixture *fixture = *state;

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "echo s >staged && git add staged && echo u >untracked && echo more >>itsm.yaml && "
		"echo i >later && "
		"git add -N later");
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "two\n", NULL));
	assert_string_equal(fixture_shell(fixture, "git status --porcelain"),
		" M itsm.yaml\n A later\nA  staged\n?? untracked");
	assert_string_equal(fixture_shell(fixture, "git show --format= --name-only"), "sub/a.md");
	assert_string_equal(content(fixture, "sub/a.md"), "two");
}

static int commit_accepted(struct fixture *fixture, const char *path, const char *data)
{
	struct itsm_write *write;
	struct itsm_oid out;
	int status;

	assert_ok(fixture, itsm_write_begin(fixture->repo, &write, &fixture->err));
	itsm_write_accept_unsaved(write, path);
	assert_ok(fixture, itsm_write_put(write, path, data, strlen(data), &fixture->err));
	status = itsm_write_commit(write, "edited", NULL, NOW, 0, &out, &fixture->err);
	itsm_write_end(write);
	return status;
}

static void test_accept_unsaved(void **state)
{
	struct fixture *fixture = *state;

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "echo staged >sub/a.md && git add . && echo edited >sub/a.md && echo new >sub/n.md");
	assert_int_equal(commit_accepted(fixture, "sub/a.md", "something else\n"), ITSM_EREFUSED);
	assert_ok(fixture, commit_accepted(fixture, "sub/a.md", "edited\n"));
	assert_ok(fixture, commit_accepted(fixture, "sub/n.md", "new\n"));
	fixture_assert_clean(fixture);
	assert_string_equal(content(fixture, "sub/a.md sub/n.md"), "edited\nnew");
}

static void test_unborn(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out;

	fixture_shell(fixture, "rm -rf .git sub && git init -q -b first");
	fixture_open(fixture, NULL);
	assert_ok(fixture, commit_accepted(fixture, "itsm.yaml", "version: 1\n"));
	assert_ok(fixture, fixture_write(fixture, "a/b.md", "b\n", &out));
	fixture_assert_clean(fixture);
	assert_string_equal(fixture_shell(fixture, "git log --format=%%s first"), "set something\nedited");
	/* The last file of all goes too. */
	fixture_shell(fixture, "git rm -q itsm.yaml && git commit -q -m bare");
	assert_ok(fixture, fixture_write(fixture, "a/b.md", NULL, &out));
	assert_string_equal(fixture_shell(fixture, "git ls-tree -r HEAD; git fsck --strict"), "");
}

static void test_detached_and_linked(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out, head;

	fixture_shell(fixture, "git checkout -q --detach");
	fixture_open(fixture, NULL);
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "detached\n", &out));
	fixture_assert_clean(fixture);
	head = fixture_oid(fixture, "HEAD");
	assert_true(itsm_oid_equal(&out, &head));
	assert_string_equal(fixture_shell(fixture, "git symbolic-ref -q HEAD || git log --format=%%s main"),
		"the beginning");
	fixture_shell(fixture, "git worktree add -q ../linked main && cd ../linked && git pack-refs --all");
	fixture_open(fixture, "../linked/sub");
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "linked\n", &out));
	assert_string_equal(fixture_shell(fixture, "cd ../linked && git status --porcelain && cat sub/a.md && git "
		"rev-parse main"),
		itsm_arena_printf(fixture->arena, "linked\n%s", fixture_shell(fixture, "git rev-parse main")));
	assert_string_equal(fixture_shell(fixture, "git -C ../linked reflog -1 --format=%%gs"), "itsm: set something");
	fixture_open(fixture, NULL);
	fixture_assert_clean(fixture);
}

static void test_bare(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out;

	fixture_shell(fixture, "git clone -q --bare . ../bare.git");
	fixture_open(fixture, "../bare.git");
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "bare\n", &out));
	assert_ok(fixture, fixture_write(fixture, "x/y.md", "new\n", &out));
	assert_string_equal(fixture_shell(fixture, "cd ../bare.git && git fsck --strict && git show main:sub/a.md "
		"main:x/y.md"),
		"bare\nnew");
	assert_string_equal(fixture_shell(fixture, "cd ../bare.git && ls itsm"), "lock");
}

static void test_desk_below(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out;

	fixture_shell(fixture, "mkdir -p it/desk && cp itsm.yaml it/desk && git add . && git commit -q -m below");
	fixture_open(fixture, "it/desk");
	assert_ok(fixture, fixture_write(fixture, "c/d.md", "d\n", &out));
	fixture_assert_clean(fixture);
	assert_string_equal(content(fixture, "it/desk/c/d.md"), "d");
	fixture_shell(fixture, "echo mine >>it/desk/c/d.md");
	refuse(fixture, "c/d.md", "e\n", "'c/d.md' has unsaved changes");
}

static void test_unsafe_paths(void **state)
{
	static const char *const paths[] = {"../x", "/etc/x", "a/../b", ".git/config", "a/.GIT/x", "", "a//b", "a\nb"};
	struct fixture *fixture = *state;
	size_t i;

	fixture_open(fixture, NULL);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_int_equal(fixture_write(fixture, paths[i], "x", NULL), ITSM_EDATA);
		assert_int_equal(fixture_write(fixture, paths[i], NULL, NULL), ITSM_EDATA);
	}
	refuse(fixture, "sub", "x", "'sub'");
	refuse(fixture, "itsm.yaml/x", "x", "itsm.yaml");
	fixture_assert_clean(fixture);
}

static void test_odd_indexes(void **state)
{
	static const char *const states[] = {
		"git update-index --split-index",
		"git update-index --no-split-index --index-version 4",
		"git update-index --index-version 2 && git sparse-checkout set --cone --no-sparse-index sub",
		"git sparse-checkout set --cone --sparse-index sub",
		"git update-index --untracked-cache 2>/dev/null; true",
	};
	struct fixture *fixture = *state;
	struct itsm_oid out;
	size_t i;

	fixture_shell(fixture, "mkdir far far/away && echo f >far/f.md && echo f >far/away/f.md && git add . && git "
		"commit -q -m far");
	for (i = 0; i < sizeof(states) / sizeof(states[0]); i++) {
		fixture_shell(fixture, "%s", states[i]);
		fixture_open(fixture, NULL);
		assert_ok(fixture, fixture_write(fixture, "sub/a.md",
			itsm_arena_printf(fixture->arena, "state %zu\n", i), &out));
		fixture_assert_clean(fixture);
		assert_ok(fixture, fixture_write(fixture, "far/away/f.md",
			itsm_arena_printf(fixture->arena, "state %zu\n", i), &out));
		fixture_assert_clean(fixture);
		assert_string_equal(content(fixture, "far/away/f.md"), content(fixture, "sub/a.md"));
	}
}

/* What git makes of its index is what was committed: a folder sorts as if its name ended in '/'. */
static void assert_gits_tree(struct fixture *fixture)
{
	fixture_assert_clean(fixture);
	assert_string_equal(fixture_shell(fixture, "git rev-parse 'HEAD^{tree}'"), fixture_shell(fixture, "git write-tree"));
}

static void test_gits_order(void **state)
{
	static const char *const paths[] = {"o/d0", "o/d.x/y", "o/d/x", "o/d-", "o/d!", "o/d/x.y/z", "o/d/x-", "o/d1/d0", "d"};
	struct fixture *fixture = *state;
	struct itsm_write *write;
	struct itsm_oid out;
	size_t i;

	fixture_open(fixture, NULL);
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		assert_ok(fixture, fixture_write(fixture, paths[i], paths[i], NULL));
		assert_gits_tree(fixture);
	}
	assert_ok(fixture, itsm_write_begin(fixture->repo, &write, &fixture->err));
	for (i = 0; i < sizeof(paths) / sizeof(paths[0]); i += 2)
		assert_ok(fixture, itsm_write_put(write, paths[i], "all\n", 4, &fixture->err));
	assert_ok(fixture, itsm_write_remove(write, "o/d!", &fixture->err));
	assert_ok(fixture, itsm_write_remove(write, "o/d0", &fixture->err));
	assert_ok(fixture, itsm_write_remove(write, "o/d1/d0", &fixture->err));
	assert_ok(fixture, itsm_write_remove(write, "o/d/none", &fixture->err));
	assert_ok(fixture, itsm_write_commit(write, "all", NULL, NOW, 0, &out, &fixture->err));
	itsm_write_end(write);
	assert_gits_tree(fixture);
	assert_ok(fixture, fixture_write(fixture, "o/d0/z", "a folder now\n", NULL));
	assert_gits_tree(fixture);
	refuse(fixture, "o/d", "x", "'o/d' is a folder");
	refuse(fixture, "o/d-/x", "x", "'o/d-/x' cannot be made: 'd-' is a file");
	for (i = 0; i < 2; i++) { /* packed, and read by libgit2 from the fiftieth object on */
		fixture_shell(fixture, "git repack -q -a -d");
		assert_ok(fixture, fixture_write(fixture, "o/d/x", i ? "one\n" : "two\n", NULL));
		assert_gits_tree(fixture);
	}
}

static void test_users_index(void **state)
{
	struct fixture *fixture = *state;

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "echo new >sub/n.md && git add -N sub/n.md");
	refuse(fixture, "sub/n.md", "other\n", "'sub/n.md' has unsaved changes");
	refuse(fixture, "sub/n.md", "new\n", "'sub/n.md' has staged changes");
	fixture_shell(fixture, "git reset -q --hard && blob=$(git rev-parse HEAD:sub/a.md) && git rm -q --cached sub/a.md && "
		"printf '100644 %%s 1\\tsub/a.md\\n100644 %%s 2\\tsub/a.md\\n' $blob $blob | git update-index --index-info");
	refuse(fixture, "sub/a.md", "other\n", "'sub/a.md' has staged changes");
	fixture_shell(fixture, "git reset -q --hard && git update-index --chmod=+x sub/a.md");
	refuse(fixture, "sub/a.md", "other\n", "'sub/a.md' has staged changes");
	fixture_shell(fixture, "git reset -q --hard && git update-index --assume-unchanged sub/a.md");
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "other\n", NULL));
	fixture_assert_clean(fixture);
}

static void test_line_ends(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out;

	fixture_shell(fixture, "git config core.autocrlf true && rm sub/a.md && git checkout -q sub/a.md && grep -q "
		"'\r' sub/a.md");
	fixture_open(fixture, NULL);
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "two\n", &out));
	fixture_assert_clean(fixture);
	fixture_shell(fixture, "printf 'three\\r\\n' >sub/a.md");
	refuse(fixture, "sub/a.md", "other\n", "unsaved");
}

static void test_modes(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out;

	fixture_shell(fixture, "chmod +x sub/a.md && ln -s a.md sub/link && git add . && git commit -q -m mode");
	fixture_open(fixture, NULL);
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "two\n", &out));
	fixture_assert_clean(fixture);
	assert_string_equal(fixture_shell(fixture, "git ls-tree HEAD sub/a.md | cut -d' ' -f1"), "100755");
	refuse(fixture, "sub/link", "x\n", "is a link");
}

static void test_identity(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_person_time person;
	struct itsm_person_time author = {"Someone <Else>", "else@example.org", 1700000000, 330};
	struct itsm_write *write;
	struct itsm_oid out;

	fixture_open(fixture, NULL);
	setenv("GIT_COMMITTER_NAME", "From Environment", 1);
	assert_ok(fixture, itsm_place_identity(fixture->arena, &fixture->place, &person, &fixture->err));
	assert_string_equal(person.name, "From Environment");
	assert_string_equal(person.mail, "test@example.org");
	assert_ok(fixture, itsm_write_begin(fixture->repo, &write, &fixture->err));
	assert_ok(fixture, itsm_write_put(write, "sub/a.md", "x", 1, &fixture->err));
	assert_ok(fixture, itsm_write_commit(write, "by another", &author, NOW, 0, &out, &fixture->err));
	itsm_write_end(write);
	unsetenv("GIT_COMMITTER_NAME");
	assert_string_equal(fixture_shell(fixture, "git log -1 --date=raw --format='%%an|%%ae|%%ad|%%cn|%%cd'"),
		"Someone Else|else@example.org|1700000000 +0530|From Environment|1790000000 +0000");
	fixture_shell(fixture, "git config --global --unset user.email");
	assert_int_equal(itsm_place_identity(fixture->arena, &fixture->place, &person, &fixture->err), ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "git config --global user.email"));
	assert_int_equal(fixture_write(fixture, "sub/a.md", "y", NULL), ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "git config --global user.email"));
	fixture_assert_clean(fixture);
}

static const char *people(struct fixture *fixture)
{
	return fixture_shell(fixture, "git log -1 --format='%%an|%%ae|%%cn|%%ce'");
}

/* Whoever git would name is named, however that is said; a name that git would make up is not taken. */
static void test_identity_said(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out;

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "git config author.name 'The Author' && git config committer.email committer@example.org");
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "1", &out));
	assert_string_equal(people(fixture), "The Author|test@example.org|Test Person|committer@example.org");
	setenv("GIT_AUTHOR_EMAIL", "author@example.org", 1);
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "2", &out));
	assert_string_equal(people(fixture), "The Author|author@example.org|Test Person|committer@example.org");
	unsetenv("GIT_AUTHOR_EMAIL");
	fixture_shell(fixture, "git config author.name ''");
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "3", &out));
	assert_string_equal(people(fixture), "Test Person|test@example.org|Test Person|committer@example.org");
	fixture_shell(fixture, "git config author.name \"$(printf 'A\\nGIT_AUTHOR_IDENT=B <b@example.org> 1 +0000')\"");
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "4", &out));
	assert_string_equal(people(fixture), fixture_shell(fixture,
		"git commit -q --allow-empty -m plain && git log -1 --format='%%an|%%ae|%%cn|%%ce' && git reset -q --soft HEAD~"));
	fixture_shell(fixture, "git config --unset author.name");
	setenv("GIT_COMMITTER_NAME", "", 1);
	assert_int_equal(fixture_write(fixture, "sub/a.md", "5", NULL), ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "git config --global user.name"));
	unsetenv("GIT_COMMITTER_NAME");
	setenv("GIT_AUTHOR_NAME", "<>", 1);
	assert_int_equal(fixture_write(fixture, "sub/a.md", "5", NULL), ITSM_EGIT);
	unsetenv("GIT_AUTHOR_NAME");
	assert_string_equal(fixture_shell(fixture, "git show HEAD:sub/a.md"), "4");
	fixture_assert_clean(fixture);
}

static void test_signing(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out;

	if (fixture_shell_code(fixture, "command -v ssh-keygen"))
		skip();
	fixture_shell(fixture, "ssh-keygen -q -t ed25519 -N '' -f ../key && git config gpg.format ssh && "
		"git config user.signingkey %s/key && git config commit.gpgsign true && "
		"echo \"test@example.org $(cat ../key.pub)\" >../signers && git config gpg.ssh.allowedSignersFile "
		"%s/signers",
		fixture->top, fixture->top);
	fixture_open(fixture, NULL);
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "signed\n", &out));
	fixture_shell(fixture, "git verify-commit HEAD");
	assert_string_equal(fixture_shell(fixture, "git log -1 --date=raw --format='%%G?|%%s|%%ad|%%an'"),
		"G|set something|1790000000 +0100|Test Person");
	fixture_assert_clean(fixture);
	fixture_shell(fixture, "git config user.signingkey /nowhere");
	assert_int_equal(fixture_write(fixture, "sub/a.md", "unsigned\n", NULL), ITSM_EGIT);
	fixture_shell(fixture, "git config commit.gpgsign on");
	assert_int_equal(fixture_write(fixture, "sub/a.md", "unsigned\n", NULL), ITSM_EGIT);
	fixture_shell(fixture, "git config --unset commit.gpgsign && printf '[commit]\n\tgpgsign\n' >>.git/config");
	assert_int_equal(fixture_write(fixture, "sub/a.md", "unsigned\n", NULL), ITSM_EGIT);
	fixture_shell(fixture, "git config commit.gpgsign no");
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "unsigned\n", &out));
	fixture_assert_clean(fixture);
}

static void test_race(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_write *write;
	struct itsm_oid out;

	fixture_open(fixture, NULL);
	assert_ok(fixture, itsm_write_begin(fixture->repo, &write, &fixture->err));
	assert_ok(fixture, itsm_write_put(write, "sub/a.md", "mine\n", 5, &fixture->err));
	fixture_shell(fixture, "git commit -q --allow-empty -m 'somebody else'");
	assert_int_equal(itsm_write_commit(write, "late", NULL, NOW, 0, &out, &fixture->err), ITSM_ERACE);
	itsm_write_end(write);
	fixture_assert_clean(fixture);
	assert_ok(fixture, itsm_write_begin(fixture->repo, &write, &fixture->err));
	assert_ok(fixture, itsm_write_put(write, "sub/a.md", "mine\n", 5, &fixture->err));
	fixture_shell(fixture, "git checkout -q -b elsewhere");
	assert_int_equal(itsm_write_commit(write, "late", NULL, NOW, 0, &out, &fixture->err), ITSM_ERACE);
	itsm_write_end(write);
	fixture_assert_clean(fixture);
	assert_string_equal(fixture_shell(fixture, "git log --format=%%s"), "somebody else\nthe beginning");
}

/* A plain `git commit` between the branch and the index would undo the write: the index is ours meanwhile. */
static void test_locked_index(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_oid out, head, before;

	fixture_open(fixture, NULL);
	fixture_watch_branch(fixture);
	before = fixture_oid(fixture, "HEAD");
	fixture_shell(fixture, "touch .git/index.lock");
	assert_int_equal(fixture_write(fixture, "sub/a.md", "two\n", &out), ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "index.lock"));
	head = fixture_oid(fixture, "HEAD");
	assert_true(itsm_oid_equal(&head, &before));
	assert_false(itsm_write_is_pending(&fixture->place));
	fixture_shell(fixture, "rm .git/index.lock");
	fixture_assert_clean(fixture);
	fixture_shell(fixture, "touch .git/index.lock .git/theirs;"
		"(sleep 0.3; rm .git/theirs .git/index.lock) >/dev/null 2>&1 &");
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "three\n", &out));
	fixture_assert_clean(fixture);
	assert_string_equal(fixture_shell(fixture, "cat .git/seen"), "moved");
}

static void test_lock(void **state)
{
	struct fixture *fixture = *state;
	int lock;

	fixture_open(fixture, NULL);
	assert_ok(fixture, fixture_write(fixture, "sub/a.md", "two\n", NULL));
	lock = open(itsm_arena_printf(fixture->arena, "%s/itsm/lock", fixture->place.common_dir), O_RDONLY);
	assert_true(lock >= 0);
	assert_int_equal(flock(lock, LOCK_EX), 0);
	fixture_shell(fixture, "printf 'itsm pending 1\\nbase %s\\nnext %s\\n' >.git/itsm/pending",
		fixture_shell(fixture, "git rev-parse HEAD~"), fixture_shell(fixture, "git rev-parse HEAD"));
	assert_ok(fixture, itsm_write_recover(fixture->repo, &fixture->err));
	assert_true(itsm_write_is_pending(&fixture->place)); /* its writer lives */
	close(lock);
	assert_ok(fixture, itsm_write_recover(fixture->repo, &fixture->err));
	fixture_assert_clean(fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_put_and_remove, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_many, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_nothing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_users_work, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_users_other_work_stays, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_accept_unsaved, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_unborn, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_detached_and_linked, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_bare, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_desk_below, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_unsafe_paths, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_odd_indexes, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_gits_order, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_users_index, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_line_ends, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_modes, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_identity, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_identity_said, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_signing, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_race, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_locked_index, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_lock, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
