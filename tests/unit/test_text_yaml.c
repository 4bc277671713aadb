/* Reading YAML: positions, bounds, and what a record must not hold. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "itsm/yaml.h"

static struct itsm_yaml *parse(struct itsm_arena *arena, const char *text)
{
	struct itsm_error err = {0};
	struct itsm_yaml *root = NULL;

	if (itsm_yaml_parse(arena, text, strlen(text), 1, &root, &err) != ITSM_OK)
		fail_msg("%u:%u: %s in <<%s>>", err.line, err.column, err.message, text);
	return root;
}

static void test_lookup(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_yaml *root = parse(arena,
		"a: no\nb: 1.10\nwindow: {start: 2026-11-22, '': x}\nlist: [x, [y]]\nempty:\ntilde: ~\nquoted: '~'\n");

	(void)state;
	assert_string_equal(itsm_yaml_text(root, "a"), "no");
	assert_string_equal(itsm_yaml_text(root, "b"), "1.10");
	assert_string_equal(itsm_yaml_find(root, "window.start")->text, "2026-11-22");
	assert_string_equal(itsm_yaml_find(root, "window.")->text, "x");
	assert_null(itsm_yaml_find(root, "window.star"));
	assert_null(itsm_yaml_find(root, "window.starts"));
	assert_null(itsm_yaml_find(root, "a.b"));
	assert_null(itsm_yaml_get(NULL, "a"));
	assert_null(itsm_yaml_text(root, "window"));
	assert_int_equal(itsm_yaml_get(root, "list")->count, 2);
	assert_true(itsm_yaml_is_null(itsm_yaml_get(root, "empty")));
	assert_true(itsm_yaml_is_null(itsm_yaml_get(root, "tilde")));
	assert_true(itsm_yaml_is_null(itsm_yaml_get(root, "missing")));
	assert_false(itsm_yaml_is_null(itsm_yaml_get(root, "quoted")));
	assert_false(itsm_yaml_is_null(itsm_yaml_get(root, "list")));
	itsm_arena_free(arena);
}

static void test_empty(void **state)
{
	static const char *const texts[] = {"", "\n\n", "# only\n", "\xEF\xBB\xBF", "---\n", "---\n# c\n...\n", "{}"};
	struct itsm_arena *arena = itsm_arena_new();
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const struct itsm_yaml *root = parse(arena, texts[i]);

		assert_int_equal(root->type, ITSM_YAML_MAPPING);
		assert_int_equal(root->count, 0);
	}
	itsm_arena_free(arena);
}

/* What the bytes from start to end of a value are. */
static void check_span(const char *text, const char *path, const char *span, unsigned line, unsigned column)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_yaml *node = itsm_yaml_find(parse(arena, text), path);
	char found[200];

	assert_non_null(node);
	assert_true(node->start <= node->end && node->end <= strlen(text));
	snprintf(found, sizeof(found), "%.*s", (int)(node->end - node->start), text + node->start);
	assert_string_equal(found, span);
	assert_int_equal(node->line, line);
	assert_int_equal(node->column, column);
	itsm_arena_free(arena);
}

static void test_positions(void **state)
{
	(void)state;
	check_span("a: 1\nb:  'x' # c\n", "b", "'x'", 2, 5);
	check_span("\xEF\xBB\xBF" "a: 1\n", "a", "1", 1, 4);
	check_span("ä: 1\nßé: '€😀' # x\nb: [x]\n", "ßé", "'€😀'", 2, 5);
	check_span("ä: 1\nßé: '€😀' # x\nb: [x]\n", "b", "[x]", 3, 4);
	check_span("a: 1\r\nb: 2\r\n", "b", "2", 2, 4);
	check_span("a: x\n   y\nb: 2\n", "a", "x\n   y", 1, 4);
	check_span("a: 'x\n   y'\nb: 2\n", "a", "'x\n   y'", 1, 4);
	/* U+2028 is a line break for libyaml, U+0085 too, but not for an editor. */
	check_span("a: \"x\xE2\x80\xA8y\xC2\x85z\"\nb: 2\n", "b", "2", 2, 4);
	/* A lone CR is one for libyaml only. */
	check_span("a: 'x\ry'\nb: 2\n", "b", "2", 2, 4);
	check_span("a:\nb: 2\n", "a", "", 1, 3);
	check_span("a: # c\nb: 2\n", "a", "", 1, 3);
	check_span("a: {x: 1,\n  y: [2]} # c\n", "a.y", "[2]", 2, 6);
}

static void test_block_ends(void **state)
{
	(void)state;
	check_span("a:\n  b: 1\n  c: 2 # x\n  # y\n\nd: 1\n", "a", "b: 1\n  c: 2", 2, 3);
	check_span("a:\n- 1\n- 2\n# y\nd: 1\n", "a", "- 1\n- 2", 2, 1);
	check_span("a:\n  b:\n  c:\nd: 1\n", "a", "b:\n  c:", 2, 3);
	check_span("a: |\n  x\n  y\n\n# c\nb: 1\n", "a", "|\n  x\n  y", 1, 4);
	check_span("a: |\r\n  x\r\n  y\r\n\r\nb: 1\r\n", "a", "|\r\n  x\r\n  y", 1, 4);
	check_span("a: >- # c\n  x\n\n\nb: 1\n", "a", ">- # c\n  x", 1, 4);
	check_span("a: |+\n  x\n\n\nb: 1\n", "a", "|+\n  x\n\n", 1, 4);
	check_span("a: |\n  x", "a", "|\n  x", 1, 4);
	check_span("a: |\n  x\n  ", "a", "|\n  x", 1, 4);
	check_span("a: |\n  x\n    \nb: 1\n", "a", "|\n  x\n    ", 1, 4);
	check_span("a: |\nb: 1\n", "a", "|", 1, 4);
	check_span("a: |\n\n\nb: 1\n", "a", "|", 1, 4);
	check_span("a: |2\n   x\n  y\nb: 1\n", "a", "|2\n   x\n  y", 1, 4);
	check_span("a:\n  - |\n    x\n\n  - y\nb: 1\n", "a", "- |\n    x\n\n  - y", 2, 3);
}

static void check_refused(const char *text, size_t size, int status, unsigned line, unsigned column,
	const char *message)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_error err = {0};
	struct itsm_yaml untouched, *root = &untouched;
	int got = itsm_yaml_parse(arena, text, size, 1, &root, &err);

	if (got != status || err.status != status || err.line != line || err.column != column ||
			!strstr(err.message, message) || root != &untouched)
		fail_msg("<<%.80s>> gave %d, %u:%u: %s", text, got, err.line, err.column, err.message);
	itsm_arena_free(arena);
}

static void test_refusals(void **state)
{
	static const struct {
		const char *text;
		unsigned line, column;
		const char *message;
	} refusals[] = {
		{"a: 1\nb: 2\na: 3\n", 3, 1, "'a' is given twice, first in line 1"},
		{"a: 1\n'a': 3\n", 2, 1, "'a' is given twice"},
		{"x: {a: 1, b: 2, a: 3}\n", 1, 17, "'a' is given twice"},
		{"a: &x 1\n", 1, 4, "anchors ('&x')"},
		{"a: &x [1]\n", 1, 4, "anchors ('&x')"},
		{"a: &x {b: 1}\n", 1, 4, "anchors ('&x')"},
		{"&x a: 1\n", 1, 1, "anchors ('&x')"},
		{"a: *x\n", 1, 4, "aliases ('*x')"},
		{"a: !!str 1\n", 1, 4, "tags ('tag:yaml.org,2002:str')"},
		{"a: ! 1\n", 1, 4, "tags ('!')"},
		{"a: !t [1]\n", 1, 4, "tags ('!t')"},
		{"<<: {a: 1}\n", 1, 1, "merge keys"},
		{"a: 1\n---\nb: 2\n", 2, 1, "a second document"},
		{"---\n---\n", 2, 1, "a second document"},
		{"a: 1\n...\n---\nb: 2\n", 3, 1, "a second document"},
		{"%YAML 1.1\n---\na: 1\n", 1, 1, "directives"},
		{"%TAG ! x\n---\na: 1\n", 1, 1, "directives"},
		{"[a]: 1\n", 1, 1, "a key must be"},
		{"? {a: 1}\n: 1\n", 1, 3, "a key must be"},
		{"? - a\n: 1\n", 1, 3, "a key must be"},
		{"a: \"x\\0y\"\n", 1, 4, "NUL"},
		{"a: b: c\n", 1, 5, "put the value with ': ' in quotes"},
		{"a: @x\n", 1, 4, "put the value in quotes"},
		{"a: [1\nb: 2\n", 2, 2, "not valid YAML"},
		{"a:\n\t- x\n", 2, 1, "use spaces here, not a tab"},
		{"a: 'x\n", 2, 1, "a quote is not closed"},
		{"a: \"\\q\"\n", 1, 5, "for a backslash"},
		{"ä: 1\na: \xFF\n", 2, 4, "save the file as UTF-8"},
		{"a: x\x01y\n", 1, 5, "take the control character out"},
		{"ä: x\xC2\x80y\n", 1, 5, "take the control character out"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++)
		check_refused(refusals[i].text, strlen(refusals[i].text), ITSM_EDATA, refusals[i].line,
			refusals[i].column, refusals[i].message);
	check_refused("a: x\0y\n", 7, ITSM_EDATA, 1, 5, "take the control character out");
}

static void test_not_refused(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_yaml *root = parse(arena,
		"'<<': 1\na: '&x *y'\nb: x & y * z !w\n? c\n: 1\n\"\": 2\n? d\n");

	(void)state;
	assert_string_equal(itsm_yaml_text(root, "<<"), "1");
	assert_string_equal(itsm_yaml_text(root, "c"), "1");
	assert_string_equal(itsm_yaml_text(root, ""), "2");
	assert_string_equal(itsm_yaml_text(root, "d"), "");
	itsm_arena_free(arena);
}

static void test_first_line(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_error err;
	struct itsm_yaml *root;

	(void)state;
	assert_int_equal(itsm_yaml_parse(arena, "a: 1\nb: 2\n", 10, 2, &root, NULL), ITSM_OK);
	assert_int_equal(itsm_yaml_get(root, "b")->line, 3);
	assert_int_equal(itsm_yaml_parse(arena, "a: 1\na: 2\n", 10, 2, &root, &err), ITSM_EDATA);
	assert_int_equal(err.line, 3);
	assert_non_null(strstr(err.message, "first in line 2"));
	itsm_arena_free(arena);
}

static char *repeat(struct itsm_arena *arena, const char *unit, size_t bytes, size_t *size)
{
	size_t length = strlen(unit), i;
	char *text = itsm_arena_alloc(arena, bytes + length);

	for (i = 0; i + length <= bytes; i += length)
		memcpy(text + i, unit, length);
	*size = i;
	return text;
}

/* Nesting costs what its first levels cost: were it not cut, each of these would run for minutes. */
static void test_nesting_bombs(void **state)
{
	static const char *const units[] = {"{", "[", "- ", "? ", "[{", "{a: ", "[\n", "{\n", "{a: [", "{? ", "[? "};
	struct itsm_arena *arena = itsm_arena_new();
	size_t size, i;

	(void)state;
	for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		struct itsm_error err = {0};
		struct itsm_yaml *root;
		const char *text = repeat(arena, units[i], 2000000, &size);
		int status = itsm_yaml_parse(arena, text, size, 1, &root, &err);

		if ((status != ITSM_ELIMIT && status != ITSM_EDATA) || err.line == 0 || err.column == 0)
			fail_msg("'%s' repeated gave %d, %u:%u", units[i], status, err.line, err.column);
	}
	itsm_arena_free(arena);
}

static void test_depth(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_error err;
	struct itsm_yaml *root;
	char text[2 * ITSM_YAML_MAX_DEPTH + 3] = {0};

	(void)state;
	memset(text, '[', ITSM_YAML_MAX_DEPTH);
	memset(text + ITSM_YAML_MAX_DEPTH, ']', ITSM_YAML_MAX_DEPTH);
	parse(arena, text);
	memset(text, '[', ITSM_YAML_MAX_DEPTH + 1);
	memset(text + ITSM_YAML_MAX_DEPTH + 1, ']', ITSM_YAML_MAX_DEPTH + 1);
	assert_int_equal(itsm_yaml_parse(arena, text, strlen(text), 1, &root, &err), ITSM_ELIMIT);
	assert_int_equal(err.column, ITSM_YAML_MAX_DEPTH + 1);
	itsm_arena_free(arena);
}

static void test_counts(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_error err;
	struct itsm_yaml *root;
	struct itsm_buffer text = {0};
	char *large;
	size_t size, i;

	(void)state;
	for (i = 0; i < ITSM_YAML_MAX_NODES - 1; i++)
		itsm_buffer_puts(&text, "- x\n");
	assert_int_equal(itsm_yaml_parse(arena, text.data, text.length, 1, &root, &err), ITSM_OK);
	assert_int_equal(root->count, ITSM_YAML_MAX_NODES - 1);
	itsm_buffer_puts(&text, "- x\n");
	assert_int_equal(itsm_yaml_parse(arena, text.data, text.length, 1, &root, &err), ITSM_ELIMIT);
	assert_int_equal(err.line, ITSM_YAML_MAX_NODES);
	large = repeat(arena, "#", ITSM_YAML_MAX_BYTES + 1, &size);
	assert_int_equal(itsm_yaml_parse(arena, large, size, 1, &root, &err), ITSM_ELIMIT);
	assert_int_equal(err.line, 1);
	assert_int_equal(itsm_yaml_parse(arena, large, size - 1, 1, &root, &err), ITSM_OK);
	itsm_buffer_free(&text);
	itsm_arena_free(arena);
}

/* Many keys, and the one that is there twice is found among them, the first of several. */
static void test_many_keys(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer text = {0};
	struct itsm_error err;
	struct itsm_yaml *root;
	unsigned i;

	(void)state;
	for (i = 0; i < 50000; i++)
		itsm_buffer_printf(&text, "k%u: 1\n", i * 7919u % 50021u);
	assert_int_equal(itsm_yaml_parse(arena, text.data, text.length, 1, &root, &err), ITSM_OK);
	itsm_buffer_puts(&text, "k7919: 2\nk0: 2\n");
	assert_int_equal(itsm_yaml_parse(arena, text.data, text.length, 1, &root, &err), ITSM_EDATA);
	assert_int_equal(err.line, 50001);
	assert_non_null(strstr(err.message, "'k7919' is given twice, first in line 2"));
	itsm_buffer_free(&text);
	itsm_arena_free(arena);
}

static void test_equal(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_yaml *a = parse(arena, "a: x\nb: [1, {c: d}]\n");

	(void)state;
	assert_true(itsm_yaml_equal(a, parse(arena, "{'a': \"x\", b: [ '1', {c: d}]}")));
	assert_false(itsm_yaml_equal(a, parse(arena, "b: [1, {c: d}]\na: x\n")));
	assert_false(itsm_yaml_equal(a, parse(arena, "a: x\nb: [1, {c: e}]\n")));
	assert_false(itsm_yaml_equal(a, parse(arena, "a: x\nb: [1]\n")));
	assert_false(itsm_yaml_equal(a, parse(arena, "a: x\nb: 1\n")));
	itsm_arena_free(arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lookup),
		cmocka_unit_test(test_empty),
		cmocka_unit_test(test_positions),
		cmocka_unit_test(test_block_ends),
		cmocka_unit_test(test_refusals),
		cmocka_unit_test(test_not_refused),
		cmocka_unit_test(test_first_line),
		cmocka_unit_test(test_nesting_bombs),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_many_keys),
		cmocka_unit_test(test_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
