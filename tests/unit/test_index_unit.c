/*
 * What the index remembers of the work tree: packed units, and the rule about
 * files too young to be trusted. That rule cannot be seen at work on kernels that give each
 * change a time of its own, so it is tested by itself.
 */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../lib/index/index.h"

static struct stat stat_of(long seconds, long nanoseconds)
{
	struct stat info = {0};

	info.st_mtim = info.st_ctim = (struct timespec){ seconds, nanoseconds };
	info.st_size = 100;
	info.st_ino = 7;
	info.st_mode = S_IFREG | 0644;
	return info;
}

static void test_young(void **state)
{
	const struct timespec stamp = {1000, 500};
	struct stat info = stat_of(1000, 499);

	(void)state;
	assert_false(itsm_index_is_young(&info, &stamp));
	info = stat_of(1000, 500); /* in the tick of the stamp: it may change again and look the same */
	assert_true(itsm_index_is_young(&info, &stamp));
	info = stat_of(1001, 0);
	assert_true(itsm_index_is_young(&info, &stamp));
	info = stat_of(1000, 499);
	info.st_mtim.tv_sec = 1; /* set back by hand: the other time tells */
	assert_false(itsm_index_is_young(&info, &stamp));
	info.st_ctim.tv_sec = 1001;
	assert_true(itsm_index_is_young(&info, &stamp));
	info = stat_of(1000, 499);
	info.st_mtim.tv_sec = 5000; /* from the future */
	assert_true(itsm_index_is_young(&info, &stamp));
}

static void test_mark(void **state)
{
	struct stat info = stat_of(1000, 499), other = info;
	uint64_t mark = itsm_index_mark(&info);

	(void)state;
	assert_true(mark != 0);
	assert_true(itsm_index_mark(&other) == mark);
	other.st_mtim.tv_nsec++;
	assert_true(itsm_index_mark(&other) != mark);
	other = info;
	other.st_ctim.tv_sec++;
	assert_true(itsm_index_mark(&other) != mark);
	other = info;
	other.st_size++;
	assert_true(itsm_index_mark(&other) != mark);
	other = info;
	other.st_ino++;
	assert_true(itsm_index_mark(&other) != mark);
	other = info;
	other.st_mode = S_IFLNK | 0644;
	assert_true(itsm_index_mark(&other) != mark);
}

/* A file made after it is young. Without a folder to ask: two seconds before what is said to be now. */
static void test_stamp(void **state)
{
	int folder = open("/tmp", O_RDONLY | O_DIRECTORY);
	struct timespec stamp;
	struct stat info;
	FILE *file;

	(void)state;
	itsm_index_stamp(-1, 1000, &stamp);
	assert_int_equal(stamp.tv_sec, 998);
	itsm_index_stamp(folder, time(NULL), &stamp);
	file = tmpfile();
	assert_non_null(file);
	assert_int_equal(fstat(fileno(file), &info), 0);
	assert_true(itsm_index_is_young(&info, &stamp));
	fclose(file);
	close(folder);
}

static void test_checksum(void **state)
{
	static const char text[] = "some text that is longer than a word";
	uint64_t sums[sizeof(text)];

	(void)state;
	for (size_t i = 0; i < sizeof(text); i++) {
		sums[i] = itsm_index_checksum(text, i);
		for (size_t j = 0; j < i; j++)
			assert_true(sums[i] != sums[j]);
	}
	assert_true(itsm_index_checksum("a\0", 2) != itsm_index_checksum("a", 1));
	assert_true(itsm_index_checksum("ab", 2) != itsm_index_checksum("ba", 2));
}

static void make_unit(struct index_unit *unit)
{
	*unit = (struct index_unit){ .path = "x", .mark = 11 };
	itsm_index_unit_add(unit, "a.md", 0, NODE_FILE, 1);
	itsm_index_unit_add(unit, "b", 0, NODE_FOLDER, 2);
	itsm_index_unit_add(unit, "notes", 1, NODE_FOLDER, 3);
	itsm_index_unit_add(unit, "n.md", 2, NODE_RACY, 4);
	itsm_index_unit_add(unit, "z", 1, NODE_LINK, 5);
	itsm_index_unit_add(unit, "2026", 0, NODE_UNIT, 0);
}

static void test_pack(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer packed = {0};
	struct index_unit unit, loaded;

	(void)state;
	make_unit(&unit);
	itsm_index_unit_pack(&unit, &packed);
	assert_true(itsm_index_unit_load(&loaded, arena, "x", packed.data, packed.length));
	assert_int_equal(loaded.count, 6);
	assert_true(loaded.mark == 11);
	assert_string_equal(itsm_index_unit_name(&loaded, 3), "n.md");
	assert_int_equal(loaded.nodes[3].type, NODE_RACY);
	assert_true(loaded.nodes[3].mark == 4);
	assert_int_equal(itsm_index_unit_skip(&loaded, 0), 1);
	assert_int_equal(itsm_index_unit_skip(&loaded, 1), 5);
	assert_int_equal(itsm_index_unit_skip(&loaded, 2), 4);
	itsm_index_unit_free(&unit);
	itsm_buffer_free(&packed);
	itsm_arena_free(arena);
}

/* Whatever bytes are changed: refused, or safe to walk. The sanitizers watch. */
static void test_damaged(void **state)
{
	struct itsm_buffer packed = {0};
	struct index_unit unit;
	uint64_t random = 1;
	size_t refused = 0;

	(void)state;
	make_unit(&unit);
	itsm_index_unit_pack(&unit, &packed);
	for (int i = 0; i < 20000; i++) {
		struct itsm_arena *arena = itsm_arena_new();
		struct index_unit loaded;
		size_t length = packed.length, names = 0;
		char *copy = itsm_arena_alloc(arena, length);

		memcpy(copy, packed.data, length);
		for (int j = i % 3; j >= 0; j--) {
			random = random * 6364136223846793005u + 1442695040888963407u;
			copy[(random >> 33) % length] = (char)(random >> 20);
		}
		if (i % 10 == 0)
			length = (random >> 40) % length;
		if (!itsm_index_unit_load(&loaded, arena, "x", copy, length))
			refused++;
		else
			for (size_t node = 0; node < loaded.count; node = itsm_index_unit_skip(&loaded, node))
				names += strlen(itsm_index_unit_name(&loaded, node));
		assert_true(names <= packed.length * packed.length);
		itsm_arena_free(arena);
	}
	assert_true(refused > 1000);
	itsm_index_unit_free(&unit);
	itsm_buffer_free(&packed);
}

static void test_own_units(void **state)
{
	(void)state;
	assert_true(itsm_index_unit_is_own("operation/incidents", "operation/incidents", "2026"));
	assert_true(itsm_index_unit_is_own("operation/incidents/2026", "operation/incidents", "11"));
	assert_false(itsm_index_unit_is_own("operation/incidents/2026/11", "operation/incidents", "5"));
	assert_false(itsm_index_unit_is_own("operation/incidents/2026", "operation/incidents", "INC-00000001"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_young),
		cmocka_unit_test(test_mark),
		cmocka_unit_test(test_stamp),
		cmocka_unit_test(test_checksum),
		cmocka_unit_test(test_pack),
		cmocka_unit_test(test_damaged),
		cmocka_unit_test(test_own_units),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
