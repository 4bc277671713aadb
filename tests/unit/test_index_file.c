/* The index's file: damaged, full, of other kinds, wanted by many at once, or beside no work tree. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "index_fixture.h"

static const char *database(struct index_fixture *fixture)
{
	return itsm_arena_printf(fixture->arena, "%s/itsm/index-v%d.db", fixture->place.git_dir, ITSM_INDEX_FORMAT);
}

/* All of it in the file, nothing in its log. */
static void checkpoint(struct index_fixture *fixture)
{
	fixture_shell(fixture->base, "test ! -f %s || python3 -c 'import sqlite3;"
		" sqlite3.connect(\"%s\").execute(\"PRAGMA wal_checkpoint(TRUNCATE)\")' 2>/dev/null || true", database(fixture),
		database(fixture));
}

/* A file that is no database, a cut one, one with pages of zeros, and none that could be made. */
static void test_damage(void **state)
{
	static const char *const damages[] = {
		"echo nonsense >%s",
		"truncate -s 0 %s",
		"truncate -s 5000 %s",
		"truncate -s 50000 %s",
		"dd if=/dev/zero of=%s bs=4096 count=1 conv=notrunc status=none",
		"dd if=/dev/zero of=%s bs=4096 seek=3 count=20 conv=notrunc status=none",
		"dd if=/dev/urandom of=%s bs=4096 seek=1 count=60 conv=notrunc status=none",
		"rm %1$s*; mkdir %1$s",
		"rmdir %1$s; rmdir $(dirname %1$s); touch $(dirname %1$s)",
		"rm $(dirname %1$s)",
		"mv %1$s %1$s.own; ln -s %1$s.own %1$s",
		"rm %1$s; mkfifo %1$s",
		"rm %1$s; ln -s nowhere %1$s",
		"rm %1$s; ln -s /dev/zero %1$s",
		"rm %1$s; python3 -c 'import sqlite3; sqlite3.connect(\"%1$s\").execute(\"PRAGMA user_version = 7\")'",
		"python3 -c 'import sqlite3; c = sqlite3.connect(\"%1$s\");"
		" c.execute(\"UPDATE itsm_meta SET value = 0 WHERE key = ?\", (\"format\",)); c.commit()'",
		"python3 -c 'import sqlite3; c = sqlite3.connect(\"%1$s\"); c.execute(\"DROP TABLE itsm_content\"); c.commit()'",
		"python3 -c 'import sqlite3; c = sqlite3.connect(\"%1$s\"); c.execute(\"DELETE FROM itsm_meta\"); c.commit()'",
	};
	struct index_fixture *fixture = *state;
	const char *wanted;

	index_desk(fixture);
	index_work(fixture);
	wanted = index_dump_text(fixture, fixture->index);
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		itsm_index_free(fixture->index);
		checkpoint(fixture);
		fixture_shell(fixture->base, "rm -f %s-wal %s-shm", database(fixture), database(fixture));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		fixture_shell(fixture->base, damages[i], database(fixture));
#pragma GCC diagnostic pop
		fixture->index = index_another(fixture, false);
		index_work(fixture);
		assert_string_equal(index_dump_text(fixture, fixture->index), wanted);
	}
}

/* A file that a link leads to is not ours to empty. */
static void test_link(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	itsm_index_free(fixture->index);
	fixture_shell(fixture->base, "rm -f %s*; printf mine >%s/mine; ln -s %s/mine %s", database(fixture), fixture->base->top,
		fixture->base->top, database(fixture));
	fixture->index = index_another(fixture, false);
	index_work(fixture);
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM incident"), "2");
	fixture_shell(fixture->base, "test \"$(cat %s/mine)\" = mine && test -L %s", fixture->base->top, database(fixture));
}

struct differences {
	struct itsm_buffer text;
};

static void add_difference(void *context, const char *where, bool missing, const char *row)
{
	struct differences *differences = context;

	itsm_buffer_printf(&differences->text, "%s%s %.40s\n", missing ? "-" : "+", where, row);
}

static size_t examine(struct index_fixture *fixture, struct differences *differences)
{
	struct itsm_examination examination = {.difference = add_difference, .context = differences};
	struct itsm_oid head = fixture_oid(fixture->base, "HEAD");

	itsm_buffer_clear(&differences->text);
	assert_ok(fixture, itsm_index_examine(fixture->index, &head, &examination, &fixture->err));
	return examination.count;
}

#define ITEM "transition/items/db-1.yaml"
#define ITEM_TEXT "name: Database 1\nstate: live\n"

static const char *kinds_without_table(struct index_fixture *fixture)
{
	return fixture_shell(fixture->base, "python3 -c 'import sqlite3; print(sqlite3.connect(\"%s\").execute(\"SELECT count(*)"
		" > 20, count(*) FILTER (WHERE name = \\x27itsm_k_item\\x27) FROM sqlite_schema WHERE sql LIKE"
		" \\x27CREATE VIRTUAL%%\\x27\").fetchone())'", database(fixture));
}

/* A kind without records is asked like any other; its first record is seen by whoever asked before, or taken back. */
static void test_kind_without_records(void **state)
{
	static const char sql[] = "SELECT i.id, x.name FROM incident AS i LEFT JOIN item AS x ON x.id = 'db-1' ORDER BY 1";
	static const char without[] = A "|-\n" B "|-", with[] = A "|Database 1\n" B "|Database 1";
	struct index_fixture *fixture = *state;
	struct itsm_index *other;

	index_desk(fixture);
	index_commit(fixture);
	index_head(fixture);
	other = index_another(fixture, false);
	assert_string_equal(kinds_without_table(fixture), "(1, 1)");
	assert_string_equal(index_rows(fixture, sql), without);
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM item"), "0");
	for (int i = 0; i < 3; i++) {
		assert_ok(fixture, itsm_index_propose(fixture->index, ITEM, ITEM_TEXT, strlen(ITEM_TEXT), &fixture->err));
		assert_string_equal(index_rows(fixture, sql), with);
		assert_ok(fixture, itsm_index_settle(fixture->index, NULL, &fixture->err));
		assert_string_equal(index_rows(fixture, sql), without);
		assert_string_equal(kinds_without_table(fixture), "(1, 1)");
	}
	index_file(fixture, ITEM, ITEM_TEXT);
	index_commit(fixture);
	assert_ok(fixture, itsm_index_refresh_work(other, &fixture->err));
	assert_string_equal(kinds_without_table(fixture), "(1, 0)");
	assert_string_equal(index_rows(fixture, sql), without);
	index_head(fixture);
	assert_string_equal(index_rows(fixture, sql), with);
	index_work(fixture);
	assert_string_equal(index_rows(fixture, sql), with);
	itsm_index_free(other);
	other = index_another(fixture, true);
	assert_ok(fixture, itsm_index_refresh_work(other, &fixture->err));
	assert_string_equal(index_dump_text(fixture, fixture->index), index_dump_text(fixture, other));
	itsm_index_free(other);
}

/* Wrong rows are found, and building anew mends them; another process sees the old until then. */
static void test_examine_and_rebuild(void **state)
{
	struct index_fixture *fixture = *state;
	struct differences differences = {0};
	struct itsm_index_status status;
	struct itsm_index *mine, *other;
	struct itsm_oid head;

	index_desk(fixture);
	index_commit(fixture);
	head = fixture_oid(fixture->base, "HEAD");
	index_file(fixture, "people/p.yaml", "name: P\n");
	assert_int_equal(examine(fixture, &differences), 0);
	fixture_shell(fixture->base, "python3 -c 'import sqlite3; c = sqlite3.connect(\"%s\");"
		" c.execute(\"UPDATE itsm_k_incident SET itsm_title = ?\", (\"wrong\",));"
		" c.execute(\"DELETE FROM itsm_touch WHERE ord = 0\"); c.commit()'", database(fixture));
	assert_true(examine(fixture, &differences) > 9);
	assert_non_null(strstr(differences.text.data, "+work incident id=\"" A "\""));
	assert_non_null(strstr(differences.text.data, "-work incident id=\"" A "\""));
	assert_non_null(strstr(differences.text.data, "-head touch"));
	other = index_another(fixture, false);
	assert_ok(fixture, itsm_index_refresh_work(other, &fixture->err));
	mine = fixture->index;
	assert_ok(fixture, itsm_index_rebuild(mine, &head, &fixture->err));
	assert_int_equal(examine(fixture, &differences), 0);
	assert_ok(fixture, itsm_index_tell(mine, fixture->arena, &status, &fixture->err));
	assert_null(status.trouble);
	assert_true(status.work);
	assert_true(itsm_oid_equal(&status.head, &head));
	assert_true(itsm_oid_equal(&status.history, &head));
	assert_int_equal(status.work_files, 7);
	assert_int_equal(status.head_files, 6);
	assert_int_equal(status.versions, 7);
	/* who had it open goes on */
	fixture->index = other;
	index_work(fixture);
	assert_string_equal(index_rows(fixture, "SELECT title FROM incident WHERE title = 'wrong'"), "");
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM record"), "7");
	itsm_index_free(other);
	fixture->index = mine;
	/* damage on the disk is told by SQLite's own check */
	itsm_index_free(mine);
	fixture->index = index_another(fixture, false);
	checkpoint(fixture);
	fixture_shell(fixture->base, "dd if=/dev/urandom of=%s bs=4096 seek=4 count=12 conv=notrunc status=none", database(fixture));
	assert_true(examine(fixture, &differences) > 0);
	assert_non_null(strstr(differences.text.data, "+file "));
	assert_ok(fixture, itsm_index_rebuild(fixture->index, &head, &fixture->err));
	assert_int_equal(examine(fixture, &differences), 0);
	itsm_buffer_free(&differences.text);
}

/* Another set of kinds begins the file anew; who had it open goes on. */
static void test_other_kinds(void **state)
{
	static const char kind[] =
		"kind: gadget\npillar: operation\nhelp: A thing\nfolder: operation/gadgets\nfile: yaml\n"
		"filed: slug\nfields:\n  name: {type: string}\n";
	struct index_fixture *fixture = *state;
	struct itsm_kinds *own = fixture->kinds, *others;
	struct itsm_index *index = fixture->index;

	index_desk(fixture);
	index_file(fixture, "operation/gadgets/one.yaml", "name: One\n");
	index_work(fixture);
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM incident"), "2");
	assert_ok(fixture, itsm_kinds_new(&others, &fixture->err));
	assert_ok(fixture, itsm_kinds_add(others, "policy/kinds/gadget.yaml", kind, strlen(kind), &fixture->err));
	assert_ok(fixture, itsm_kinds_finish(others, &fixture->err));
	fixture->kinds = others;
	fixture->index = index_another(fixture, false);
	for (int i = 0; i < 3; i++) {
		index_work(fixture);
		assert_string_equal(index_rows(fixture, "SELECT name FROM gadget"), "One");
		assert_string_equal(index_rows(fixture, "SELECT count(*) FROM incident"), "2");
		itsm_index_free(fixture->index);
		fixture->index = index;
		index_file(fixture, "people/p.yaml", "name: P%d\n", i);
		assert_string_equal(index_rows(fixture, "SELECT count(*) FROM incident"), "2");
		index_work(fixture);
		assert_string_equal(index_rows(fixture, "SELECT count(*) FROM incident"), "2");
		index = fixture->index;
		fixture->index = index_another(fixture, false);
	}
	itsm_index_free(fixture->index);
	fixture->index = index;
	fixture->kinds = own;
	itsm_kinds_free(others);
}

/* Many processes at once, each changing its own file: each sees what it wrote, none fails. */
static void test_many_processes(void **state)
{
	enum { PROCESSES = 6, ROUNDS = 8 };
	struct index_fixture *fixture = *state;
	int failed = 0;

	index_desk(fixture);
	itsm_index_free(fixture->index);
	itsm_repo_free(fixture->base->repo);
	fixture->base->repo = NULL;
	for (int i = 0; i < PROCESSES; i++) {
		if (fork() != 0)
			continue;
		for (int round = 0; round < ROUNDS; round++) {
			char id[32], title[32], sql[96];

			snprintf(id, sizeof(id), "INC-0000001%d", i);
			snprintf(title, sizeof(title), "round %d", round);
			index_incident(fixture, id, "new", title, "");
			fixture->index = index_another(fixture, false);
			index_work(fixture);
			snprintf(sql, sizeof(sql), "SELECT title FROM incident WHERE id = '%s'", id);
			if (strcmp(index_rows(fixture, sql), title) != 0)
				_exit(1);
			itsm_index_free(fixture->index);
		}
		_exit(0);
	}
	for (int i = 0; i < PROCESSES; i++) {
		int status;

		assert_true(wait(&status) > 0);
		failed += status != 0;
	}
	assert_int_equal(failed, 0);
	fixture->index = index_another(fixture, false);
	index_work(fixture);
	assert_string_equal(
		index_rows(fixture, "SELECT count(*), min(title) FROM incident WHERE id LIKE 'INC-0000001%'"),
		"6|round 7");
}

/* The file can grow no more: the index goes on in memory. */
static void test_full(void **state)
{
	struct index_fixture *fixture = *state;
	struct rlimit limit;
	char id[16];

	index_desk(fixture);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	for (rlim_t size = 0; size < 1500000; size += 180000) {
		itsm_index_free(fixture->index);
		fixture_shell(fixture->base, "rm -rf %s*", database(fixture));
		snprintf(id, sizeof(id), "INC-1%07d", (int)size);
		index_incident(fixture, id, "new", "x", "");
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){size, limit.rlim_max});
		fixture->index = index_another(fixture, false);
		index_work(fixture);
		assert_string_equal(
			index_rows(fixture,
				itsm_arena_printf(fixture->arena, "SELECT 1 FROM incident WHERE id = '%s'", id)),
			"1");
		setrlimit(RLIMIT_FSIZE, &limit);
	}
}

/* A bare repository has no WORK, and HEAD just the same. */
static void test_bare(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_commit(fixture);
	fixture_shell(fixture->base, "git clone -q --bare . ../bare");
	itsm_index_free(fixture->index);
	assert_ok(fixture,
		itsm_place_find(fixture->arena, itsm_arena_printf(fixture->arena, "%s/bare", fixture->base->top),
			&fixture->place, &fixture->err));
	fixture->index = index_another(fixture, false);
	assert_int_equal(itsm_index_refresh_work(fixture->index, &fixture->err), ITSM_EGIT);
	index_head(fixture);
	assert_string_equal(index_rows(fixture, "SELECT count(*) FROM record"), "6");
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, index_setup, index_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_damage), TEST(test_link), TEST(test_kind_without_records),
		TEST(test_examine_and_rebuild), TEST(test_other_kinds), TEST(test_many_processes), TEST(test_full),
		TEST(test_bare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
