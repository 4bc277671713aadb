/* Reading commits, trees, blobs and history: as git says. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store_fixture.h"

static int add_entry(void *context, const struct itsm_entry *entry)
{
	char name[41];

	itsm_oid_text(&entry->blob, name);
	itsm_buffer_printf(context, "%06o %s\t%s\n", entry->mode, name, entry->path);
	return 0;
}

static int add_change(void *context, const struct itsm_entry *before, const struct itsm_entry *after)
{
	static const struct itsm_entry none;
	char one[41], two[41];

	itsm_oid_text(&(before ? before : &none)->blob, one);
	itsm_oid_text(&(after ? after : &none)->blob, two);
	if (before && after)
		assert_string_equal(before->path, after->path);
	itsm_buffer_printf(context, "%06o %06o %s %s\t%s\n", before ? before->mode : 0, after ? after->mode : 0, one,
		two,
		(before ? before : after)->path);
	return 0;
}

static const char *text_of(struct fixture *fixture, struct itsm_buffer *buffer)
{
	const char *text;

	while (buffer->length && buffer->data[buffer->length - 1] == '\n')
		buffer->data[--buffer->length] = '\0';
	text = itsm_arena_strdup(fixture->arena, buffer->data ? buffer->data : "");
	itsm_buffer_free(buffer);
	return text;
}

/* A repository in which much happens: files, folders, links and submodules come, go and change places. */
static void make_history(struct fixture *fixture)
{
	fixture_shell(fixture,
		"mkdir -p desk/x desk/x-y && cp itsm.yaml desk/ && "
		"for i in $(seq 12); do "
		"  for j in 1 2 3; do f=$(( (i * 7 + j * 5) %% 9 )); d=desk/d$((i * j %% 4)); mkdir -p $d/e; "
		"    echo $i.$j >$d/f$f; echo $i >$d/e/g$j; echo $i >x$f; done; "
		"  test $i != 3 || ln -s f1 desk/link; test $i != 4 || chmod +x desk/d0/f*; "
		"  test $i != 5 || { rm -r desk/d1; echo file >desk/d1; }; test $i != 6 || rm desk/d1; "
		"  test $i != 7 || git rm -q -r desk/d2/e; test $i != 8 || echo a >desk/x.y; "
		"  test $i != 9 || { echo b >desk/x/b; echo c >desk/x-y/c; echo d >desk/x0; }; "
		"  test $i != 10 || { rm -r desk/x; echo b >desk/x; }; "
		"  git add -A && git commit -q -m \"step $i\" --author='Author <a%%b@x.org>' --date=\"170000000$((i "
		"%% 10)) -0330\"; "
		"done; git checkout -q -b side HEAD~3 && echo s >desk/side && echo s >desk/d0/f1 && git add . && "
		"git commit -q -m 'aside\n\nwith body\nof two lines' && git checkout -q main && git commit -q "
		"--allow-empty -m empty && "
		"git merge -q -X ours -m merged side && echo evil >desk/side && git commit -q --amend -a --no-edit");
}

/* Without libgit2: what is packed, what stops the telling, and what is left to libgit2 with nothing told. */
static void test_compare_alone(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_buffer out = {0};
	struct itsm_oid none, a, b;
	const char *expected;

	make_history(fixture);
	fixture_open(fixture, "desk");
	a = fixture_oid(fixture, "main~9");
	b = fixture_oid(fixture, "main");
	assert_int_equal(itsm_place_compare(&fixture->place, &a, &b, add_change, &out), ITSM_OK);
	expected = text_of(fixture, &out);
	assert_true(strlen(expected) > 0);
	fixture_shell(fixture, "git repack -q -a -d -f");
	assert_int_equal(itsm_place_compare(&fixture->place, &a, &b, add_change, &out), ITSM_OK);
	assert_string_equal(text_of(fixture, &out), expected);
	assert_int_equal(itsm_place_compare(&fixture->place, &b, &b, add_change, &out), ITSM_OK);
	memset(&none, 0x5a, sizeof(none));
	assert_int_equal(itsm_place_compare(&fixture->place, &a, &none, add_change, &out), ITSM_ENOTFOUND);
	fixture_shell(fixture, "cd desk; for i in $(seq 250); do mkdir -p many/$i && echo $i >many/$i/a; done;"
		" git add many && git commit -q -m many");
	b = fixture_oid(fixture, "HEAD");
	assert_int_equal(itsm_place_compare(&fixture->place, &a, &b, add_change, &out), ITSM_ENOTFOUND);
	fixture_shell(fixture, "mkdir elsewhere && mv .git/objects elsewhere && mkdir -p .git/objects/info .git/objects/pack &&"
		" echo \"$PWD/elsewhere/objects\" >.git/objects/info/alternates");
	b = fixture_oid(fixture, "main~9");
	assert_int_equal(itsm_place_compare(&fixture->place, &b, &a, add_change, &out), ITSM_ENOTFOUND);
	assert_int_equal(out.length, 0);
	itsm_buffer_free(&out);
}

static void test_compare(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_buffer out = {0};
	struct itsm_oid a, b;
	const char *expected, *got;
	int i, j;

	make_history(fixture);
	fixture_open(fixture, "desk");
	for (i = 0; i < 14; i++)
		for (j = 0; j < 14; j += 3) {
			a = fixture_oid(fixture, itsm_arena_printf(fixture->arena, "main~%d", i));
			b = fixture_oid(fixture, itsm_arena_printf(fixture->arena, "main~%d", j));
			expected = fixture_shell(fixture, "cd desk 2>/dev/null || mkdir desk && cd desk; git diff "
				"--raw --relative "
				"--no-renames --no-abbrev main~%d main~%d | sed -e 's/^://' -e 's/ [A-Z]\t/\t/'", i, j);
			assert_ok(fixture, itsm_repo_compare(fixture->repo, &a, &b, add_change, &out, &fixture->err));
			got = text_of(fixture, &out);
			assert_string_equal(got, expected);
			assert_int_equal(itsm_place_compare(&fixture->place, &a, &b, add_change, &out), ITSM_OK);
			assert_string_equal(text_of(fixture, &out), expected);
		}
	expected = fixture_shell(fixture, "cd desk && git diff --raw --relative --no-abbrev "
		"4b825dc642cb6eb9a060e54bf8d69288fbee4904 main | sed -e 's/^://' -e 's/ [A-Z]\t/\t/'");
	a = fixture_oid(fixture, "main");
	assert_ok(fixture, itsm_repo_compare(fixture->repo, NULL, &a, add_change, &out, &fixture->err));
	assert_string_equal(text_of(fixture, &out), expected);
}

static int stop(void *context, const struct itsm_entry *entry)
{
	(void)entry;
	return ++*(int *)context == 2 ? 17 : 0;
}

static void test_walk_and_find(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_buffer out = {0};
	struct itsm_oid head;
	struct itsm_entry entry;
	int count = 0;

	make_history(fixture);
	head = fixture_oid(fixture, "HEAD");
	fixture_open(fixture, NULL);
	assert_ok(fixture, itsm_repo_walk(fixture->repo, &head, NULL, add_entry, &out, &fixture->err));
	assert_string_equal(text_of(fixture, &out), fixture_shell(fixture,
		"git ls-tree -r HEAD | sed 's/ [a-z]* / /'"));
	assert_ok(fixture, itsm_repo_walk(fixture->repo, &head, "desk/d0", add_entry, &out, &fixture->err));
	assert_string_equal(text_of(fixture, &out), fixture_shell(fixture,
		"git ls-tree -r HEAD desk/d0 | sed 's/ [a-z]* / /'"));
	assert_ok(fixture, itsm_repo_walk(fixture->repo, &head, "no/folder", add_entry, &out, &fixture->err));
	assert_string_equal(text_of(fixture, &out), "");
	assert_int_equal(itsm_repo_walk(fixture->repo, &head, NULL, stop, &count, &fixture->err), 17);
	assert_int_equal(count, 2);
	fixture_open(fixture, "desk");
	assert_ok(fixture, itsm_repo_walk(fixture->repo, &head, NULL, add_entry, &out, &fixture->err));
	assert_string_equal(text_of(fixture, &out),
		fixture_shell(fixture, "cd desk && git ls-tree -r HEAD | sed 's/ [a-z]* / /'"));
	assert_ok(fixture, itsm_repo_find(fixture->repo, &head, "link", &entry, &fixture->err));
	assert_int_equal(entry.mode, 0120000);
	assert_int_equal(itsm_repo_find(fixture->repo, &head, "d0", &entry, &fixture->err), ITSM_ENOTFOUND);
	assert_int_equal(itsm_repo_find(fixture->repo, &head, "d0/none", &entry, &fixture->err), ITSM_ENOTFOUND);
	assert_int_equal(itsm_repo_find(fixture->repo, &head, "link/x", &entry, &fixture->err), ITSM_ENOTFOUND);
}

static void test_deep_tree(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_buffer out = {0};
	struct itsm_oid head;

	fixture_shell(fixture, "p=d; for i in $(seq 80); do p=$p/d; done; b=$(git hash-object -w itsm.yaml); "
		"git update-index --add --cacheinfo 100644,$b,$p && git commit -q -m deep");
	head = fixture_oid(fixture, "HEAD");
	fixture_open(fixture, NULL);
	assert_int_equal(itsm_repo_walk(fixture->repo, &head, NULL, add_entry, &out, &fixture->err), ITSM_ELIMIT);
	assert_int_equal(itsm_repo_compare(fixture->repo, NULL, &head, add_change, &out, &fixture->err), ITSM_ELIMIT);
	itsm_buffer_free(&out);
}

static void test_objects(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_buffer out = {0};
	struct itsm_oid head, oid, other;
	struct itsm_entry entry;
	struct itsm_commit commit;

	make_history(fixture);
	fixture_open(fixture, NULL);
	head = fixture_oid(fixture, "HEAD");
	assert_ok(fixture, itsm_repo_find(fixture->repo, &head, "itsm.yaml", &entry, &fixture->err));
	assert_ok(fixture, itsm_repo_blob(fixture->repo, &entry.blob, 100, &out, &fixture->err));
	assert_string_equal(out.data, "version: 1\n");
	itsm_blob_hash(out.data, out.length, &oid);
	assert_true(itsm_oid_equal(&oid, &entry.blob));
	assert_int_equal(itsm_repo_blob(fixture->repo, &entry.blob, 5, &out, &fixture->err), ITSM_ELIMIT);
	assert_int_equal(itsm_repo_blob(fixture->repo, &head, 500, &out, &fixture->err), ITSM_EDATA);
	memset(&oid, 7, sizeof(oid));
	assert_int_equal(itsm_repo_blob(fixture->repo, &oid, 500, &out, &fixture->err), ITSM_ENOTFOUND);
	assert_int_equal(itsm_repo_commit(fixture->repo, fixture->arena, &oid, &commit, &fixture->err), ITSM_ENOTFOUND);
	assert_string_equal(out.data, "version: 1\n");
	itsm_buffer_free(&out);

	assert_ok(fixture, itsm_repo_commit(fixture->repo, fixture->arena, &head, &commit, &fixture->err));
	assert_int_equal(commit.parent_count, 2);
	oid = fixture_oid(fixture, "HEAD^2");
	assert_true(itsm_oid_equal(&commit.parents[1], &oid));
	assert_ok(fixture, itsm_repo_commit(fixture->repo, fixture->arena, &oid, &commit, &fixture->err));
	assert_string_equal(commit.subject, "aside");
	assert_string_equal(commit.body, "with body\nof two lines\n");
	oid = fixture_oid(fixture, "HEAD~4");
	assert_ok(fixture, itsm_repo_commit(fixture->repo, fixture->arena, &oid, &commit, &fixture->err));
	assert_string_equal(commit.author.mail, "a%b@x.org");
	assert_int_equal(commit.author.offset_minutes, -210);
	other = fixture_oid(fixture, "side");
	assert_ok(fixture, itsm_repo_merge_base(fixture->repo, &head, &other, &oid, &fixture->err));
	assert_true(itsm_oid_equal(&oid, &other));
	fixture_shell(fixture, "git checkout -q --orphan alone && git commit -q -m alone");
	oid = fixture_oid(fixture, "alone");
	assert_int_equal(itsm_repo_merge_base(fixture->repo, &head, &oid, &other, &fixture->err), ITSM_ENOTFOUND);
}

static void test_resolve(void **state)
{
	static const char *const revisions[] = {"HEAD", "main", "main~2", "HEAD^2", "v1", "side@{0}", "@{-1}",
		"main^{/step 5}", "@", "heads/side", "main@{1}"};
	static const char *const wrong[] = {"nothing", "", "-x", "--all", "HEAD:itsm.yaml", "main..side", "HEAD^9",
		"a b"};
	struct fixture *fixture = *state;
	struct itsm_oid oid, expected;
	size_t i;

	make_history(fixture);
	fixture_shell(fixture, "git tag -a -m t v1 HEAD~3 && git checkout -q side && git checkout -q main");
	fixture_open(fixture, NULL);
	for (i = 0; i < sizeof(revisions) / sizeof(revisions[0]); i++) {
		expected = fixture_oid(fixture, itsm_arena_printf(fixture->arena, "%s^{commit}", revisions[i]));
		assert_ok(fixture, itsm_repo_resolve(fixture->repo, revisions[i], &oid, &fixture->err));
		assert_true(itsm_oid_equal(&oid, &expected));
	}
	expected = fixture_oid(fixture, ":/step 3");
	assert_ok(fixture, itsm_repo_resolve(fixture->repo, ":/step 3", &oid, &fixture->err));
	assert_true(itsm_oid_equal(&oid, &expected));
	for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(itsm_repo_resolve(fixture->repo, wrong[i], &oid, &fixture->err), ITSM_ENOTFOUND);
}

struct told {
	struct itsm_buffer text;
	size_t commits, stop_at;
};

static int tell_commit(void *context, const struct itsm_commit *commit)
{
	struct told *told = context;
	char name[41];
	size_t i;

	itsm_oid_text(&commit->oid, name);
	itsm_buffer_printf(&told->text, "%s", name);
	for (i = 0; i < commit->parent_count; i++) {
		itsm_oid_text(&commit->parents[i], name);
		itsm_buffer_printf(&told->text, " %s", name);
	}
	itsm_buffer_printf(&told->text, "|%s|%s|%lld %+03d%02d|%s|%s|%s\n", commit->author.name, commit->author.mail,
		(long long)commit->author.seconds, commit->author.offset_minutes / 60,
		abs(commit->author.offset_minutes) % 60,
		commit->committer.name, commit->subject, commit->body);
	return ++told->commits == told->stop_at ? 23 : 0;
}

static int tell_change(void *context, const struct itsm_entry *before, const struct itsm_entry *after)
{
	struct told *told = context;

	return add_change(&told->text, before, after);
}

static void hear(struct fixture *fixture, const char *from, const char *path, size_t limit, struct told *told)
{
	struct itsm_history history = {tell_commit, tell_change, told};
	struct itsm_oid start, end = fixture_oid(fixture, "HEAD");

	if (from)
		start = fixture_oid(fixture, from);
	told->commits = 0;
	assert_ok(fixture, itsm_repo_history(&fixture->place, from ? &start : NULL, &end, path, limit, &history,
		&fixture->err));
}

#define GIT_SAYS "git log -c --raw --no-renames --no-abbrev --full-history --date=raw " \
	"--format='%%H %%P|%%an|%%ae|%%ad|%%cn|%%s|%%b' "
/* Into the shape of tell_commit and tell_change: a merge's change is told against its first parent. */
#define SHAPED " | sed -E -e 's/^([0-9a-f ]+) \\|/\\1|/' " \
	"-e 's/^::([0-7]+) [0-7]+ ([0-7]+) ([0-9a-f]+) [0-9a-f]+ ([0-9a-f]+) [A-Z]+\t/\\1 \\2 \\3 \\4\t/' " \
	"-e 's/^:(.*) [A-Z]\t/\\1\t/' -e '/^$/d'"

static const char *without_blank_lines(struct fixture *fixture, struct told *told)
{
	struct itsm_buffer text = {0};
	const char *line, *end;

	for (line = told->text.data; line && *line; line = end + (*end == '\n')) {
		end = line + strcspn(line, "\n");
		if (end != line)
			itsm_buffer_printf(&text, "%.*s\n", (int)(end - line), line);
	}
	itsm_buffer_free(&told->text);
	return text_of(fixture, &text);
}

static void test_history(void **state)
{
	struct fixture *fixture = *state;
	struct told told = {{0}, 0, 0};

	make_history(fixture);
	/* None of this may change what is read. */
	fixture_shell(fixture, "git config log.showSignature true && git config color.ui always && git config "
		"diff.renames copies && "
		"git config log.follow true && git config log.showRoot false && git config diff.relative true && "
		"git config log.date relative && git config format.pretty oneline && git config core.abbrev 5 && "
		"git config diff.orderFile /nonexistent && git config log.diffMerges first-parent");
	fixture_open(fixture, NULL);
	hear(fixture, NULL, NULL, 0, &told);
	fixture_shell(fixture, "rm .git/config && git init -q");
	assert_string_equal(without_blank_lines(fixture, &told), fixture_shell(fixture, GIT_SAYS "HEAD" SHAPED));
	hear(fixture, "HEAD~5", NULL, 0, &told);
	assert_string_equal(without_blank_lines(fixture, &told), fixture_shell(fixture,
		GIT_SAYS "--topo-order HEAD ^HEAD~5" SHAPED));
	hear(fixture, NULL, "x1", 0, &told);
	assert_true(told.commits > 3);
	assert_string_equal(without_blank_lines(fixture, &told), fixture_shell(fixture,
		GIT_SAYS "--no-merges HEAD -- x1" SHAPED));
	hear(fixture, NULL, "x1", 2, &told);
	assert_int_equal(told.commits, 2);
	itsm_buffer_free(&told.text);
	hear(fixture, NULL, NULL, 3, &told);
	assert_string_equal(without_blank_lines(fixture, &told), fixture_shell(fixture, GIT_SAYS "-3 HEAD" SHAPED));
	hear(fixture, "HEAD", NULL, 0, &told);
	assert_int_equal(told.commits, 0);
	fixture_open(fixture, "desk");
	hear(fixture, NULL, NULL, 0, &told);
	assert_string_equal(fixture_shell(fixture, "git rev-list --count HEAD"),
		itsm_arena_printf(fixture->arena, "%zu", told.commits));
	assert_string_equal(without_blank_lines(fixture, &told),
		fixture_shell(fixture, GIT_SAYS "--sparse HEAD -- desk" SHAPED " -e 's,\tdesk/,\t,'"));
}

static void test_history_ends(void **state)
{
	struct fixture *fixture = *state;
	struct told told = {{0}, 0, 2};
	struct itsm_history history = {tell_commit, tell_change, &told};
	struct itsm_oid oid;

	make_history(fixture);
	fixture_open(fixture, NULL);
	oid = fixture_oid(fixture, "HEAD");
	assert_int_equal(itsm_repo_history(&fixture->place, NULL, &oid, NULL, 0, &history, &fixture->err), 23);
	memset(&oid, 7, sizeof(oid));
	assert_int_equal(itsm_repo_history(&fixture->place, NULL, &oid, NULL, 0, &history, &fixture->err), ITSM_EGIT);
	itsm_buffer_free(&told.text);
}

/* Shallow and partial clones: what is there is read, what is missing is fetched by git. */
static void test_incomplete(void **state)
{
	struct fixture *fixture = *state;
	struct told told = {{0}, 0, 0};
	struct itsm_buffer out = {0};
	struct itsm_entry entry;
	struct itsm_oid head;

	make_history(fixture);
	fixture_shell(fixture, "git config uploadpack.allowFilter true && git config uploadpack.allowAnySHA1InWant "
		"true && "
		"git clone -q --depth 3 file://$PWD ../shallow && "
		"git clone -q --no-checkout --filter=tree:0 file://$PWD ../partial && "
		"git clone -q --no-checkout --filter=blob:none file://$PWD ../blobless");
	fixture_shell(fixture, "mkdir -p ../partial ../blobless && cp itsm.yaml ../partial && cp itsm.yaml "
		"../blobless");
	head = fixture_oid(fixture, "HEAD");
	fixture_open(fixture, "../shallow");
	hear(fixture, NULL, NULL, 0, &told);
	assert_true(told.commits >= 3);
	itsm_buffer_free(&told.text);
	fixture_open(fixture, "../blobless");
	assert_ok(fixture, itsm_repo_find(fixture->repo, &head, "itsm.yaml", &entry, &fixture->err));
	assert_ok(fixture, itsm_repo_blob(fixture->repo, &entry.blob, 100, &out, &fixture->err));
	assert_string_equal(out.data, "version: 1\n");
	itsm_buffer_clear(&out);
	fixture_open(fixture, "../partial");
	assert_ok(fixture, itsm_repo_walk(fixture->repo, &head, NULL, add_entry, &out, &fixture->err));
	assert_string_equal(text_of(fixture, &out), fixture_shell(fixture,
		"git ls-tree -r HEAD | sed 's/ [a-z]* / /'"));
}

/* What is being pushed is visible to a server's hook, as it is to git. */
static void test_quarantine(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_buffer out = {0};
	struct itsm_commit commit;
	struct itsm_oid pushed, oid;
	struct itsm_entry entry;

	fixture_shell(fixture, "git clone -q --bare . ../bare.git && git clone -q . ../client && cd ../client && "
		"echo pushed >sub/a.md && git commit -q -a -m pushed && mkdir ../quarantine && "
		"cp -r $(git rev-parse --git-path objects)/?? ../quarantine/");
	pushed = fixture_oid_in(fixture, "../client", "HEAD");
	fixture_open(fixture, "../bare.git");
	assert_int_equal(itsm_repo_commit(fixture->repo, fixture->arena, &pushed, &commit, &fixture->err),
		ITSM_ENOTFOUND);
	setenv("GIT_OBJECT_DIRECTORY", itsm_arena_printf(fixture->arena, "%s/quarantine", fixture->top), 1);
	setenv("GIT_ALTERNATE_OBJECT_DIRECTORIES", itsm_arena_printf(fixture->arena, "%s/bare.git/objects",
		fixture->top), 1);
	assert_ok(fixture, itsm_repo_resolve(fixture->repo, fixture_shell(fixture, "git -C ../client rev-parse HEAD"),
		&oid,
		&fixture->err));
	assert_true(itsm_oid_equal(&oid, &pushed));
	fixture_open(fixture, "../bare.git");
	assert_ok(fixture, itsm_repo_commit(fixture->repo, fixture->arena, &pushed, &commit, &fixture->err));
	assert_string_equal(commit.subject, "pushed");
	assert_ok(fixture, itsm_repo_find(fixture->repo, &pushed, "sub/a.md", &entry, &fixture->err));
	assert_ok(fixture, itsm_repo_blob(fixture->repo, &entry.blob, 100, &out, &fixture->err));
	assert_string_equal(out.data, "pushed\n");
	itsm_buffer_free(&out);
	unsetenv("GIT_OBJECT_DIRECTORY");
	unsetenv("GIT_ALTERNATE_OBJECT_DIRECTORIES");
}

/* A repository of another user's is opened exactly when git would. */
static void test_ownership(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_repo *repo = NULL;

	if (fixture_shell_code(fixture, "chown 12345 .git . 2>/dev/null"))
		skip();
	assert_ok(fixture, itsm_place_find(fixture->arena, fixture->desk, &fixture->place, &fixture->err));
	assert_int_equal(itsm_repo_open(&fixture->place, &repo, &fixture->err), ITSM_EGIT);
	assert_non_null(strstr(fixture->err.message, "safe.directory"));
	fixture_shell(fixture, "cd / && git config --global safe.directory '*'");
	fixture_open(fixture, NULL);
}

/* Without libgit2, the content is what libgit2 says, or nothing is said. */
static void assert_contents(struct fixture *fixture, bool all)
{
	struct itsm_buffer here = {0}, there = {0};
	size_t count = 0;

	for (unsigned back = 0; back < 40; back++) {
		struct itsm_entry entry;
		struct itsm_oid commit = fixture_oid(fixture, itsm_arena_printf(fixture->arena, "HEAD~%u", back));
		bool found;

		assert_ok(fixture, itsm_repo_find(fixture->repo, &commit, "text.md", &entry, &fixture->err));
		found = itsm_place_blob(&fixture->place, &entry.blob, 1 << 20, &here);
		assert_true(found || !all);
		if (!found)
			continue;
		assert_ok(fixture, itsm_repo_blob(fixture->repo, &entry.blob, 1 << 20, &there, &fixture->err));
		assert_int_equal(here.length, there.length);
		assert_memory_equal(here.data, there.data, here.length);
		assert_false(itsm_place_blob(&fixture->place, &entry.blob, here.length - 1, &there));
		count++;
	}
	assert_true(count > 0 || !all);
	itsm_buffer_free(&here);
	itsm_buffer_free(&there);
}

static void test_contents(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_buffer text = {0};
	struct itsm_oid none;

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "for i in $(seq 40); do seq $((i * 40)) >text.md; echo $i >>text.md; seq 3000 >>text.md;"
		" git add text.md && git commit -q -m $i; done");
	assert_contents(fixture, true);
	fixture_shell(fixture, "git repack -q -a -d -f --depth=50 --window=20");
	assert_contents(fixture, true);
	fixture_shell(fixture, "git -c repack.useDeltaBaseOffset=false repack -q -a -d -f --depth=50 --window=20");
	assert_contents(fixture, true);
	fixture_shell(fixture, "git -c pack.indexVersion=1 repack -q -a -d -f");
	assert_contents(fixture, false);
	fixture_shell(fixture, "git repack -q -a -d -f");
	memset(&none, 0x5a, sizeof(none));
	assert_false(itsm_place_blob(&fixture->place, &none, 1 << 20, &text));
	none = fixture_oid(fixture, "HEAD"); /* no file */
	assert_false(itsm_place_blob(&fixture->place, &none, 1 << 20, &text));
	itsm_buffer_free(&text);
}

/* Damaged packs, byte by byte: the right content or none. */
static void test_damaged_contents(void **state)
{
	struct fixture *fixture = *state;
	struct itsm_buffer text = {0}, right = {0};
	struct itsm_entry entry;
	struct itsm_oid commit;

	fixture_open(fixture, NULL);
	fixture_shell(fixture, "for i in 1 2 3; do { seq 300; echo $i; } >text.md; git add text.md && git commit -q -m $i; done;"
		" git repack -q -a -d -f && mkdir ../copy && cp .git/objects/pack/* ../copy && chmod -R u+w ../copy .git/objects/pack");
	commit = fixture_oid(fixture, "HEAD~2");
	assert_ok(fixture, itsm_repo_find(fixture->repo, &commit, "text.md", &entry, &fixture->err));
	assert_true(itsm_place_blob(&fixture->place, &entry.blob, 1 << 20, &right));
	for (unsigned i = 0; i < 60; i++) {
		fixture_shell(fixture, "cp ../copy/* .git/objects/pack/ && for f in .git/objects/pack/*.%s; do"
			" s=$(stat -c %%s $f); printf '\\%o' | dd of=$f bs=1 seek=$((%u * s / 60)) conv=notrunc 2>/dev/null; done",
			i % 2 ? "pack" : "idx", i * 37 % 256, i);
		if (itsm_place_blob(&fixture->place, &entry.blob, 1 << 20, &text)) {
			assert_int_equal(text.length, right.length);
			assert_memory_equal(text.data, right.data, right.length);
		}
	}
	for (unsigned i = 1; i < 20; i++) {
		fixture_shell(fixture, "cp ../copy/* .git/objects/pack/ && for f in .git/objects/pack/*.pack .git/objects/pack/*.idx;"
			" do truncate -s $((%u * $(stat -c %%s $f) / 20)) $f; done", i);
		if (itsm_place_blob(&fixture->place, &entry.blob, 1 << 20, &text))
			assert_memory_equal(text.data, right.data, right.length);
	}
	itsm_buffer_free(&text);
	itsm_buffer_free(&right);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_compare, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_compare_alone, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_walk_and_find, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_deep_tree, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_objects, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_resolve, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_history, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_history_ends, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_incomplete, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_quarantine, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_contents, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_damaged_contents, fixture_setup, fixture_teardown),
		cmocka_unit_test_setup_teardown(test_ownership, fixture_setup, fixture_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
