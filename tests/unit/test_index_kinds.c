/* Every guard, check and condition of every built-in kind is SQL that the index takes. */
#include <string.h>

#include "index_fixture.h"

static size_t broken;

static void compile(struct index_fixture *fixture, const struct itsm_kind *kind, const char *what, const char *name,
	const char *expression)
{
	if (!expression || itsm_index_compile(fixture->index, kind, expression, &fixture->err) == 0)
		return;
	print_error("%s: %s %s: %s: %s\n", kind->name, what, name, expression, fixture->err.message);
	broken++;
}

static void test_expressions(void **state)
{
	struct index_fixture *fixture = *state;
	size_t seen = 0;

	broken = 0;
	for (size_t i = 0; i < itsm_kinds_count(fixture->kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(fixture->kinds, i);

		for (size_t j = 0; j < kind->transition_count; j++, seen++)
			compile(fixture, kind, "transition to", kind->transitions[j].to, kind->transitions[j].when);
		for (size_t j = 0; j < kind->guard_count; j++, seen++) {
			compile(fixture, kind, "guard", kind->guards[j].name, kind->guards[j].when);
			compile(fixture, kind, "guard", kind->guards[j].name, kind->guards[j].must);
		}
		for (size_t j = 0; j < kind->check_count; j++, seen++)
			compile(fixture, kind, "check", kind->checks[j].name, kind->checks[j].must);
	}
	assert_true(seen > 100);
	assert_int_equal(broken, 0);
}

/* Each kind has its view, and `itsm list` its columns. */
static void test_views_and_lists(void **state)
{
	struct index_fixture *fixture = *state;

	index_work(fixture);
	for (size_t i = 0; i < itsm_kinds_count(fixture->kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(fixture->kinds, i);
		struct itsm_list_options options = {.kind = kind->name};

		assert_string_equal(
			index_rows(fixture, itsm_arena_printf(fixture->arena, "SELECT * FROM \"%s\"", kind->name)), "");
		assert_string_equal(index_list_ids(fixture, &options), "");
	}
}

static void test_refused_expression(void **state)
{
	struct index_fixture *fixture = *state;
	const struct itsm_kind *kind = itsm_kinds_find(fixture->kinds, "change");

	assert_int_equal(itsm_index_compile(fixture->index, kind, "self.nowhere = 1", &fixture->err), ITSM_EUSAGE);
	assert_string_equal(fixture->err.message, "no such column: self.nowhere");
	assert_int_equal(
		itsm_index_compile(fixture->index, kind, "(SELECT 1 FROM itsm_content)", &fixture->err), ITSM_EUSAGE);
	assert_int_equal(itsm_index_compile(fixture->index, kind, "load_extension('x')", &fixture->err), ITSM_EUSAGE);
	assert_int_equal(itsm_index_compile(fixture->index, kind, "", &fixture->err), ITSM_EUSAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_expressions),
		cmocka_unit_test(test_views_and_lists),
		cmocka_unit_test(test_refused_expression),
	};

	return cmocka_run_group_tests(tests, index_setup, index_teardown);
}
