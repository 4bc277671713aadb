/* JSON as a tree. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "itsm/json.h"

static void test_values(void **state)
{
	static const char text[] = "{\"a\":[1,-2.5,true,false,null,\"null\",\"\"],\"b\":{\"c\":\"\\u00e9\\n\"}}";
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_yaml *list;
	struct itsm_yaml *root;

	(void)state;
	assert_int_equal(itsm_json_parse(arena, text, strlen(text), &root, NULL), 0);
	list = itsm_yaml_get(root, "a");
	assert_int_equal(list->count, 7);
	assert_string_equal(list->items[0]->text, "1");
	assert_string_equal(list->items[1]->text, "-2.5");
	assert_string_equal(list->items[2]->text, "true");
	assert_string_equal(list->items[3]->text, "false");
	assert_true(itsm_yaml_is_null(list->items[4]));
	assert_false(itsm_yaml_is_null(list->items[5]));
	assert_false(itsm_yaml_is_null(list->items[6]));
	assert_string_equal(itsm_yaml_find(root, "b.c")->text, "\xc3\xa9\n");
	itsm_arena_free(arena);
}

static void refuse(const char *text, size_t size, int status, const char *part)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_yaml *root = NULL;
	struct itsm_error err = {0};

	assert_int_equal(itsm_json_parse(arena, text, size, &root, &err), status);
	assert_null(root);
	assert_non_null(strstr(err.message, part));
	itsm_arena_free(arena);
}

static void test_refused(void **state)
{
	size_t deep = 2 * (ITSM_JSON_MAX_DEPTH + 1), big = ITSM_JSON_MAX_BYTES + 1;
	static char text[ITSM_JSON_MAX_BYTES + 1];

	(void)state;
	refuse("", 0, ITSM_EDATA, "no JSON");
	refuse("{\"a\":1,\"a\":2}", 13, ITSM_EDATA, "duplicate");
	refuse("\"\\u0000\"", 8, ITSM_EDATA, "no JSON");
	refuse("\"\xff\"", 3, ITSM_EDATA, "no JSON");
	refuse("[1] x", 5, ITSM_EDATA, "no JSON");
	refuse("[1", 2, ITSM_EDATA, "no JSON");
	memset(text, '[', deep / 2);
	memset(text + deep / 2, ']', deep / 2);
	refuse(text, deep, ITSM_ELIMIT, "within one another");
	memset(text, ' ', big);
	refuse(text, big, ITSM_ELIMIT, "bytes are more than");
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_values), cmocka_unit_test(test_refused)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
