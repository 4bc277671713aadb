/* The full text: brought along with the desk, thrown away and damaged, wanted by many at once. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "index_fixture.h"

static const char *database(struct index_fixture *fixture)
{
	return itsm_arena_printf(fixture->arena, "%s/itsm/search-v1.db", fixture->place.git_dir);
}

static int compare_text(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The IDs that one word finds, sorted, with blanks between. */
static const char *search(struct index_fixture *fixture, struct itsm_index *index, const char *word)
{
	struct itsm_search_options options = {.words = &word, .word_count = 1};
	struct itsm_buffer out = {0};
	struct itsm_found *found;
	const char **ids, *text;
	size_t count;

	assert_ok(fixture, itsm_index_search(index, fixture->arena, &options, &found, &count, &fixture->err));
	ids = itsm_arena_alloc(fixture->arena, (count + 1) * sizeof(*ids));
	for (size_t i = 0; i < count; i++) {
		ids[i] = found[i].id;
		assert_true(i == 0 || found[i].score <= found[i - 1].score);
		for (size_t j = 0; j < found[i].mark_count; j++) {
			assert_true(found[i].marks[j].start < found[i].marks[j].end);
			assert_true(found[i].marks[j].end <= strlen(found[i].excerpt));
		}
	}
	qsort(ids, count, sizeof(*ids), compare_text);
	for (size_t i = 0; i < count; i++)
		itsm_buffer_printf(&out, "%s%s", i ? " " : "", ids[i]);
	text = itsm_arena_strdup(fixture->arena, out.data ? out.data : "");
	itsm_buffer_free(&out);
	return text;
}

static void assert_found(struct index_fixture *fixture, const char *word, const char *expected)
{
	assert_string_equal(search(fixture, fixture->index, word), expected);
}

/* What is found follows edits, removals and branches. */
static void test_follows(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_work(fixture);
	assert_found(fixture, "billing", A " billing");
	assert_found(fixture, "looked", A);
	index_incident(fixture, A, "new", "Slow printing", "");
	index_work(fixture);
	assert_found(fixture, "billing", "billing");
	assert_found(fixture, "slow", A);
	index_commit(fixture);
	fixture_shell(fixture->base, "git checkout -q -b other");
	index_incident(fixture, C, "new", "Slow too", "");
	index_incident(fixture, A, "new", "Quick again", "");
	index_commit(fixture);
	index_work(fixture);
	assert_found(fixture, "slow", C);
	index_head(fixture);
	assert_found(fixture, "slow", C);
	fixture_shell(fixture->base, "git checkout -q main");
	assert_found(fixture, "slow", C); /* as it was when the snapshot was taken */
	index_head(fixture);
	assert_found(fixture, "slow", A);
	index_work(fixture);
	assert_found(fixture, "slow", A);
	fixture_shell(fixture->base, "git rm -q " FOLDER A ".md");
	index_work(fixture);
	assert_found(fixture, "slow", "");
	index_head(fixture);
	assert_found(fixture, "slow", A);
}

/* Two paths with the same bytes are two records. */
static void test_same_bytes(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_incident(fixture, A, "new", "Twins", "");
	index_incident(fixture, C, "new", "Twins", "");
	index_work(fixture);
	assert_found(fixture, "twins", A " " C);
	assert_found(fixture, "looked", A);
}

/* Marks are where the words are, and the excerpt is one line. */
static void test_excerpt(void **state)
{
	struct index_fixture *fixture = *state;
	const char *words[] = {"lazy"};
	struct itsm_search_options options = {.words = words, .word_count = 1};
	struct itsm_buffer text = {0};
	struct itsm_found *found;
	size_t count;

	itsm_buffer_puts(&text, "---\nstate: new\ntitle: x\nopened: 2026-11-02T10:00:00+01:00\n---\n\nThe fox\n\tjumps over"
		"  the\r\nLAZY dog, lazy all day\n");
	for (int i = 0; i < 3000; i++)
		itsm_buffer_puts(&text, "\303\251");
	index_file(fixture, FOLDER A ".md", "%s\n", text.data);
	itsm_buffer_free(&text);
	index_work(fixture);
	assert_ok(fixture, itsm_index_search(fixture->index, fixture->arena, &options, &found, &count, &fixture->err));
	assert_int_equal(count, 1);
	assert_int_equal(found[0].mark_count, 2);
	assert_memory_equal(found[0].excerpt, "The fox jumps over the LAZY dog, lazy all day \303\251", 48);
	assert_memory_equal(found[0].excerpt + found[0].marks[0].start, "LAZY", 4);
	assert_memory_equal(found[0].excerpt + found[0].marks[1].start, "lazy", 4);
	assert_int_equal(found[0].marks[1].end - found[0].marks[1].start, 4);
	assert_true(strlen(found[0].excerpt) <= 400);
	assert_int_equal((unsigned char)found[0].excerpt[strlen(found[0].excerpt) - 1], 0xa9);
	words[0] = "\303\251*";
	assert_ok(fixture, itsm_index_search(fixture->index, fixture->arena, &options, &found, &count, &fixture->err));
	assert_int_equal(count, 1);
	assert_int_equal(found[0].mark_count, 1);
}

/* A file that is no database, a cut one, pages of nonsense, one that cannot be made. */
static void test_damage(void **state)
{
	static const char *const damages[] = {
		"echo nonsense >%s",
		"truncate -s 0 %s",
		"truncate -s 5000 %s",
		"truncate -s 20000 %s",
		"dd if=/dev/zero of=%s bs=4096 count=1 conv=notrunc status=none",
		"dd if=/dev/zero of=%s bs=4096 seek=1 count=20 conv=notrunc status=none",
		"dd if=/dev/urandom of=%s bs=4096 seek=1 count=60 conv=notrunc status=none",
		"dd if=/dev/urandom of=%s bs=4096 seek=5 count=60 conv=notrunc status=none",
		"cp $(dirname %1$s)/index-v*.db %1$s",
		"rm %1$s*; mkdir %1$s",
	};
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_work(fixture);
	assert_found(fixture, "billing", A " billing");
	for (size_t i = 0; i < sizeof(damages) / sizeof(*damages); i++) {
		itsm_index_free(fixture->index);
		fixture_shell(fixture->base, "rm -f %s-wal %s-shm", database(fixture), database(fixture));
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		fixture_shell(fixture->base, damages[i], database(fixture));
#pragma GCC diagnostic pop
		fixture->index = index_another(fixture, false);
		index_work(fixture);
		assert_found(fixture, "billing", A " billing");
		assert_found(fixture, "printer", B);
	}
}

/* The text of an index that was begun anew is not taken for that of the new one. */
static void test_other_index(void **state)
{
	struct index_fixture *fixture = *state;

	index_desk(fixture);
	index_work(fixture);
	assert_found(fixture, "billing", A " billing");
	itsm_index_free(fixture->index);
	fixture_shell(fixture->base, "rm %s/itsm/index-v*", fixture->place.git_dir);
	index_incident(fixture, "INC-00000000", "new", "First", "");
	fixture->index = index_another(fixture, false);
	index_work(fixture);
	assert_found(fixture, "billing", A " billing");
	assert_found(fixture, "first", "INC-00000000");
}

/* Every word of three letters that begins so; enough for any two states of the desk to differ in what they find. */
static const char *const letters[] = {"a*", "b*", "c*", "d*", "e*", "f*", "g*", "h*"};

static void random_text(unsigned *seed, char out[64])
{
	for (int i = 0; i < 4; i++)
		snprintf(out + 4 * i, 64 - 4 * (size_t)i, "%c%c%c ", 'a' + rand_r(seed) % 8, 'a' + rand_r(seed) % 8,
			'a' + rand_r(seed) % 8);
}

static void random_step(struct index_fixture *fixture, unsigned *seed)
{
	char text[64], id[16];

	random_text(seed, text);
	snprintf(id, sizeof(id), "INC-1111111%d", rand_r(seed) % 8);
	switch (rand_r(seed) % 6) {
	case 0:
		fixture_shell(fixture->base, "rm -f " FOLDER "%s.md", id);
		break;
	case 1:
		index_file(fixture, itsm_arena_printf(fixture->arena, FOLDER "%s/notes/NOTE-1111111%d.md", id,
			rand_r(seed) % 3), "---\nat: 2026-11-03T10:00:00Z\nby: jane\n---\n%s\n", text);
		break;
	case 2:
		fixture_shell(fixture->base, "git add -A && git commit -q --allow-empty -m x");
		break;
	case 3:
		fixture_shell(fixture->base, "git stash -q -u 2>/dev/null; git checkout -q HEAD~1 2>/dev/null;"
			" git stash drop -q 2>/dev/null; true");
		break;
	default:
		index_incident(fixture, id, "new", text, "");
		break;
	}
}

/* An index that was brought along finds what one in memory, made anew, finds. */
static void test_random(void **state)
{
	struct index_fixture *fixture = *state;
	unsigned seed = 11;

	index_desk(fixture);
	index_commit(fixture);
	for (int round = 0; round < 25; round++) {
		struct itsm_index *brought = fixture->index, *anew;
		bool head = round % 3 == 0;
		const char *expected[8];

		for (int i = 0; i < 4; i++)
			random_step(fixture, &seed);
		fixture->index = anew = index_another(fixture, true);
		if (head)
			index_head(fixture);
		else
			index_work(fixture);
		for (size_t i = 0; i < 8; i++)
			expected[i] = search(fixture, anew, letters[i]);
		itsm_index_free(anew);
		fixture->index = brought;
		if (round % 5 == 4)
			index_reopen(fixture);
		if (head)
			index_head(fixture);
		else
			index_work(fixture);
		for (size_t i = 0; i < 8; i++)
			assert_found(fixture, letters[i], expected[i]);
	}
}

/* Many records change again and again: the text of what is no more goes, what is there stays found. */
static void test_stale(void **state)
{
	enum { RECORDS = 550, ROUNDS = 3 };
	struct index_fixture *fixture = *state;
	struct stat info;
	off_t before;

	for (int round = 0; round < ROUNDS; round++) {
		for (int i = 0; i < RECORDS; i++)
			index_incident(fixture, itsm_arena_printf(fixture->arena, "INC-%08d", i), "new",
				itsm_arena_printf(fixture->arena, "word%d round%d", i, round), "");
		index_work(fixture);
		assert_found(fixture, "word7", "INC-00000007");
		assert_found(fixture, "word9 round0", round ? "" : "INC-00000009");
	}
	assert_int_equal(stat(database(fixture), &info), 0);
	before = info.st_size;
	fixture_shell(fixture->base, "rm " FOLDER "INC-000005*");
	for (int round = 0; round < 4; round++) {
		index_incident(fixture, "INC-00000007", "new", itsm_arena_printf(fixture->arena, "seven%d", round), "");
		index_work(fixture);
		assert_found(fixture, itsm_arena_printf(fixture->arena, "seven%d", round), "INC-00000007");
	}
	fixture_shell(fixture->base, "rm " FOLDER "INC-0000001* " FOLDER "INC-0000002* " FOLDER "INC-0000003* " FOLDER
		"INC-0000004*");
	fixture_shell(fixture->base, "rm " FOLDER "INC-000001* " FOLDER "INC-000002* " FOLDER "INC-000003* " FOLDER
		"INC-000004*");
	index_work(fixture);
	assert_found(fixture, "word8", "INC-00000008");
	assert_found(fixture, "word99", "INC-00000099");
	assert_found(fixture, "seven3", "INC-00000007");
	assert_int_equal(stat(database(fixture), &info), 0);
	assert_true(info.st_size <= before * 2);
}

/* Many processes at once, the database there or not: each finds what it wrote. */
static void test_many_processes(void **state)
{
	enum { PROCESSES = 6, ROUNDS = 5 };
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
			char id[32], title[48];

			snprintf(id, sizeof(id), "INC-0000001%d", i);
			snprintf(title, sizeof(title), "process%dround%d", i, round);
			index_incident(fixture, id, "new", title, "");
			fixture->index = index_another(fixture, false);
			index_work(fixture);
			if (strcmp(search(fixture, fixture->index, title), id) != 0 ||
				strcmp(search(fixture, fixture->index, "broken"), B) != 0)
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
	assert_found(fixture, "broken", B);
	assert_found(fixture, "process0*", "INC-00000010");
}

/* A process that is killed while it fills leaves nothing that the next one stumbles over. */
static void test_killed(void **state)
{
	struct index_fixture *fixture = *state;

	for (int i = 0; i < 400; i++)
		index_incident(fixture, itsm_arena_printf(fixture->arena, "INC-%08d", i), "new",
			itsm_arena_printf(fixture->arena, "word%d", i), "");
	index_work(fixture);
	itsm_index_free(fixture->index);
	itsm_repo_free(fixture->base->repo);
	fixture->base->repo = NULL;
	for (int round = 0; round < 12; round++) {
		pid_t child = fork();

		if (child == 0) {
			fixture->index = index_another(fixture, false);
			index_work(fixture);
			search(fixture, fixture->index, "word1");
			_exit(0);
		}
		usleep(5000u * (unsigned)round);
		kill(child, SIGKILL);
		waitpid(child, NULL, 0);
		if (round % 4 == 3)
			unlink(database(fixture));
	}
	fixture->index = index_another(fixture, false);
	index_work(fixture);
	assert_found(fixture, "word300", "INC-00000300");
	assert_found(fixture, "word1", "INC-00000001");
}

/* The file can grow no more: the text is kept in memory, and that of the index too. */
static void test_full(void **state)
{
	struct index_fixture *fixture = *state;
	struct rlimit limit;
	char id[16];

	index_desk(fixture);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	for (rlim_t size = 0; size < 800000; size += 90000) {
		itsm_index_free(fixture->index);
		fixture_shell(fixture->base, "rm -rf %s*", database(fixture));
		snprintf(id, sizeof(id), "INC-1%07d", (int)size);
		index_incident(fixture, id, "new", "zebra", "");
		setrlimit(RLIMIT_FSIZE, &(struct rlimit){size, limit.rlim_max});
		fixture->index = index_another(fixture, false);
		index_work(fixture);
		assert_found(fixture, "broken", B);
		assert_non_null(strstr(search(fixture, fixture->index, "zebra"), id));
		setrlimit(RLIMIT_FSIZE, &limit);
	}
}

/* An index that goes on in memory numbers its content for itself: the text in the file may be of other content. */
static void test_copy(void **state)
{
	struct index_fixture *fixture = *state;
	struct itsm_index *file;
	struct rlimit limit;

	index_desk(fixture);
	index_work(fixture);
	assert_found(fixture, "billing", A " billing");
	file = index_another(fixture, false);
	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &limit);
	index_incident(fixture, C, "new", "Mine", "");
	setrlimit(RLIMIT_FSIZE, &(struct rlimit){0, limit.rlim_max});
	index_work(fixture);
	setrlimit(RLIMIT_FSIZE, &limit);
	index_incident(fixture, C, "new", "Yours", "");
	assert_ok(fixture, itsm_index_refresh_work(file, &fixture->err));
	assert_ok(fixture, itsm_index_use(file, ITSM_SNAPSHOT_WORK, &fixture->err));
	assert_string_equal(search(fixture, file, "yours"), C);
	index_incident(fixture, C, "new", "Mine", "");
	index_work(fixture);
	assert_found(fixture, "yours", "");
	assert_found(fixture, "mine", C);
	assert_found(fixture, "billing", A " billing");
	itsm_index_free(file);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, index_setup, index_teardown)
	const struct CMUnitTest tests[] = {
		TEST(test_follows), TEST(test_same_bytes), TEST(test_excerpt), TEST(test_damage), TEST(test_other_index),
		TEST(test_random), TEST(test_stale), TEST(test_many_processes), TEST(test_killed), TEST(test_full),
		TEST(test_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
