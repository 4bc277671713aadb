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
	};
	struct index_fixture *fixture = *state;
	const char *wanted;

	index_desk(fixture);
	index_work(fixture);
	wanted = index_dump_text(fixture, fixture->index);
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		itsm_index_free(fixture->index);
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
			char id[16], title[16], sql[96];

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
		TEST(test_damage), TEST(test_other_kinds), TEST(test_many_processes), TEST(test_full),
		TEST(test_bare),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
