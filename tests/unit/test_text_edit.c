/*
 * Random documents, random edits. What an edit must keep is checked here in its
 * own way, by flattening both trees and by comparing lines, not by the tree that
 * the library itself compares with.
 *
 * ITSM_TEST_ROUNDS sets how many documents there are, ITSM_TEST_SEED the first.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "itsm/yaml.h"

#define ROUNDS 4000

struct maker {
	uint64_t seed;
	struct itsm_buffer out;
	const char *newline;
	unsigned comments;
};

static unsigned pick(struct maker *maker, unsigned count)
{
	maker->seed ^= maker->seed << 13;
	maker->seed ^= maker->seed >> 7;
	maker->seed ^= maker->seed << 17;
	return (unsigned)(maker->seed >> 33) % count;
}

static void put_spaces(struct maker *maker, unsigned count)
{
	while (count-- > 0)
		itsm_buffer_putc(&maker->out, ' ');
}

static void put_comment(struct maker *maker)
{
	itsm_buffer_printf(&maker->out, "# c%u", maker->comments++);
}

static void end_line(struct maker *maker)
{
	if (pick(maker, 4) == 0) {
		put_spaces(maker, 1 + pick(maker, 3));
		put_comment(maker);
	}
	itsm_buffer_puts(&maker->out, maker->newline);
}

static void maybe_lines_between(struct maker *maker, unsigned indent)
{
	if (pick(maker, 8) == 0) {
		put_spaces(maker, pick(maker, 3) ? indent : 0);
		put_comment(maker);
		itsm_buffer_puts(&maker->out, maker->newline);
	}
	if (pick(maker, 10) == 0)
		itsm_buffer_puts(&maker->out, maker->newline);
}

static const char *const plain[] = {"x", "jane", "a b c", "2026-11-22", "no", "ärger €", "x:y", "a#b", "-7d", "日本"};
static const char *const flowing[] = {"x", "'a, b'", "\"q\\\"\"", "1.10", "\"\"", "z z"};
static const char *const quoted[] = {"'it''s'", "\"a # b\"", "'- x'", "\"\\u00e9\\n\"", "''", "\"\"", "'x: y'"};

static const char *one_of(struct maker *maker, const char *const *words, unsigned count)
{
	return words[pick(maker, count)];
}

static void put_block_scalar(struct maker *maker, unsigned indent)
{
	static const char *const headers[] = {"|", "|-", ">", ">-", "|+", ">"};
	const char *header = one_of(maker, headers, 6);
	unsigned lines = 1 + pick(maker, 3), i, depth = indent + 1 + pick(maker, 4);

	itsm_buffer_printf(&maker->out, " %s", header);
	end_line(maker);
	for (i = 0; i < lines; i++) {
		put_spaces(maker, depth + (i > 0 && pick(maker, 4) == 0));
		itsm_buffer_printf(&maker->out, "line %u # no comment%s", i, maker->newline);
		if (pick(maker, 5) == 0)
			itsm_buffer_puts(&maker->out, maker->newline);
	}
}

static void put_flow(struct maker *maker, bool mapping, unsigned depth)
{
	unsigned count = pick(maker, 4), i;
	bool spaced = pick(maker, 3) == 0;

	itsm_buffer_putc(&maker->out, mapping ? '{' : '[');
	for (i = 0; i < count; i++) {
		if (i > 0)
			itsm_buffer_puts(&maker->out, spaced ? " , " : ", ");
		if (mapping)
			itsm_buffer_printf(&maker->out, "f%u: ", i);
		if (depth < 2 && pick(maker, 6) == 0)
			put_flow(maker, mapping && pick(maker, 2), depth + 1);
		else
			itsm_buffer_puts(&maker->out, one_of(maker, flowing, 6));
	}
	if (count > 0 && pick(maker, 8) == 0)
		itsm_buffer_putc(&maker->out, ',');
	itsm_buffer_putc(&maker->out, mapping ? '}' : ']');
}

static void put_block_list(struct maker *maker, unsigned indent)
{
	unsigned count = 1 + pick(maker, 4), i, depth = indent + pick(maker, 4), gap = 1 + pick(maker, 2);

	end_line(maker);
	for (i = 0; i < count; i++) {
		maybe_lines_between(maker, depth);
		put_spaces(maker, depth);
		itsm_buffer_putc(&maker->out, '-');
		switch (pick(maker, 8)) {
		case 0:
			put_block_scalar(maker, depth);
			continue;
		case 1:
			put_spaces(maker, gap);
			itsm_buffer_printf(&maker->out, "m: 1%s", maker->newline);
			put_spaces(maker, depth + 1 + gap);
			itsm_buffer_puts(&maker->out, "n: 2");
			break;
		case 2:
			break;
		default:
			put_spaces(maker, gap);
			itsm_buffer_puts(&maker->out, one_of(maker, plain, 10));
		}
		end_line(maker);
	}
}

static void put_mapping(struct maker *maker, unsigned indent, unsigned depth);

static void put_value(struct maker *maker, unsigned indent, unsigned depth)
{
	unsigned kind = pick(maker, depth < 3 ? 12 : 9);

	if (kind >= 10) {
		end_line(maker);
		put_mapping(maker, indent + 1 + pick(maker, 4), depth + 1);
		return;
	}
	if (kind == 8) {
		put_block_scalar(maker, indent);
		return;
	}
	if (kind == 9) {
		put_block_list(maker, indent);
		return;
	}
	if (kind != 0)
		put_spaces(maker, 1 + (pick(maker, 5) == 0));
	if (kind == 5)
		itsm_buffer_puts(&maker->out, one_of(maker, quoted, 7));
	else if (kind == 6 || kind == 7)
		put_flow(maker, kind == 6, 0);
	else if (kind == 4)
		itsm_buffer_puts(&maker->out, pick(maker, 2) ? "~" : "null");
	else if (kind != 0)
		itsm_buffer_puts(&maker->out, one_of(maker, plain, 10));
	end_line(maker);
}

static void put_mapping(struct maker *maker, unsigned indent, unsigned depth)
{
	unsigned count = 1 + pick(maker, depth == 0 ? 6 : 3), i;

	for (i = 0; i < count; i++) {
		maybe_lines_between(maker, indent);
		put_spaces(maker, indent);
		itsm_buffer_printf(&maker->out, pick(maker, 10) ? "k%u" : "\"k%u\"", i);
		itsm_buffer_puts(&maker->out, pick(maker, 12) ? ":" : " :");
		put_value(maker, indent, depth);
	}
}

static void make_document(struct maker *maker)
{
	maker->newline = pick(maker, 5) ? "\n" : "\r\n";
	maker->comments = 0;
	itsm_buffer_clear(&maker->out);
	if (pick(maker, 10) == 0)
		itsm_buffer_puts(&maker->out, "\xEF\xBB\xBF");
	if (pick(maker, 10) == 0)
		itsm_buffer_printf(&maker->out, "---%s", maker->newline);
	if (pick(maker, 15) == 0) {
		put_flow(maker, true, 0);
		end_line(maker);
	} else {
		put_mapping(maker, pick(maker, 8) ? 0 : 2, 0);
	}
	if (pick(maker, 6) == 0) {
		maker->out.length -= strlen(maker->newline);
		maker->out.data[maker->out.length] = '\0';
	}
}

/* A path that is there, or ends at one that may not be. */
static void make_path(struct maker *maker, const struct itsm_yaml *root, char *path, size_t size)
{
	const struct itsm_yaml *node = root;
	size_t length = 0;

	for (;;) {
		bool known = node->count > 0 && pick(maker, 5) > 0;
		unsigned index = known ? pick(maker, (unsigned)node->count) : 0;

		if (known)
			length += (size_t)snprintf(path + length, size - length, "%s", node->keys[index]->text);
		else
			length += (size_t)snprintf(path + length, size - length, "new%u", pick(maker, 3));
		if (!known || node->items[index]->type != ITSM_YAML_MAPPING || pick(maker, 5) == 0)
			break;
		node = node->items[index];
		path[length++] = '.';
	}
	if (pick(maker, 12) == 0)
		snprintf(path + length, size - length, ".below");
}

/* `path<TAB>type and text<LF>` for all that is not `field`, below it or above it. */
static void flatten(const struct itsm_yaml *node, const char *path, const char *field, struct itsm_buffer *out)
{
	size_t length = strlen(path), i;
	char below[2048];

	if (strcmp(path, field) == 0)
		return;
	if (node->type == ITSM_YAML_SCALAR)
		itsm_buffer_printf(out, "%s\t'%s'\n", path, node->text);
	else if (node->count == 0 || node->type == ITSM_YAML_SEQUENCE)
		itsm_buffer_printf(out, "%s\t%d\n", path, (int)node->type);
	for (i = 0; node->type != ITSM_YAML_SCALAR && i < node->count; i++) {
		if (node->type == ITSM_YAML_MAPPING)
			snprintf(below, sizeof(below), "%s%s%s", path, length ? "." : "", node->keys[i]->text);
		else
			snprintf(below, sizeof(below), "%s[%zu]", path, i);
		flatten(node->items[i], below, field, out);
	}
}

/* Every line of the shorter text is in the longer one, in order; returns false if not. */
static bool lines_within(const struct itsm_buffer *shorter, const struct itsm_buffer *longer)
{
	const char *a = shorter->data + (strncmp(shorter->data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
	const char *b = longer->data + (strncmp(longer->data, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);

	while (*a) {
		size_t length = strcspn(a, "\r\n");
		size_t other = strcspn(b, "\r\n");

		if (!*b)
			return false;
		if (length == other && memcmp(a, b, length) == 0) {
			a += length;
			a += strspn(a, "\r") ? 1 : 0;
			a += *a == '\n';
		}
		b += other;
		b += *b == '\r';
		b += *b == '\n';
	}
	return true;
}

/* How many lines differ, when both have as many; else a large number. */
static unsigned lines_changed(const struct itsm_buffer *old, const struct itsm_buffer *new)
{
	const char *a = old->data, *b = new->data;
	unsigned changed = 0;

	while (*a || *b) {
		size_t length = strcspn(a, "\n"), other = strcspn(b, "\n");

		changed += length != other || memcmp(a, b, length) != 0;
		a += length;
		b += other;
		if (*a != *b)
			return 1000;
		a += *a == '\n';
		b += *b == '\n';
	}
	return changed;
}

static bool one_line(const struct itsm_buffer *text, const struct itsm_yaml *node)
{
	return !memchr(text->data + node->start, '\n', node->end - node->start);
}

struct round {
	struct maker *maker;
	struct itsm_arena *arena;
	struct itsm_yaml *before, *after;
	struct itsm_edit edit;
	struct itsm_buffer out;
	unsigned refused;
};

#define MUST(round, condition) \
	do { \
		if (!(condition)) \
			fail_msg("%s: not so for operation %d of '%s' to '%s' in\n<<%s>>\n->\n<<%s>>", #condition, \
				(int)(round)->edit.operation, (round)->edit.field, \
				(round)->edit.count ? (round)->edit.values[0] : "", (round)->maker->out.data, \
				(round)->out.data); \
	} while (0)

static const struct itsm_yaml *list_item(const struct itsm_yaml *list, const char *text)
{
	size_t i;

	for (i = 0; list && list->type == ITSM_YAML_SEQUENCE && i < list->count; i++) {
		if (list->items[i]->type == ITSM_YAML_SCALAR && strcmp(list->items[i]->text, text) == 0)
			return list->items[i];
	}
	return NULL;
}

/* The field says what it should. */
static void check_field(struct round *round)
{
	const struct itsm_yaml *old = itsm_yaml_find(round->before, round->edit.field);
	const struct itsm_yaml *new = itsm_yaml_find(round->after, round->edit.field);
	size_t i;

	switch (round->edit.operation) {
	case ITSM_EDIT_UNSET:
		MUST(round, !new);
		break;
	case ITSM_EDIT_SET:
		MUST(round, new);
		if (!round->edit.list) {
			MUST(round, new->type == ITSM_YAML_SCALAR && strcmp(new->text, round->edit.values[0]) == 0);
			break;
		}
		MUST(round, new->type == ITSM_YAML_SEQUENCE && new->count == round->edit.count);
		for (i = 0; i < new->count; i++)
			MUST(round, strcmp(new->items[i]->text, round->edit.values[i]) == 0);
		break;
	case ITSM_EDIT_ADD:
		for (i = 0; i < round->edit.count; i++)
			MUST(round, list_item(new, round->edit.values[i]));
		for (i = 0; old && old->type == ITSM_YAML_SEQUENCE && i < old->count; i++)
			MUST(round, itsm_yaml_equal(old->items[i], new->items[i]));
		break;
	default:
		for (i = 0; i < round->edit.count; i++)
			MUST(round, !list_item(new, round->edit.values[i]));
	}
}

/* Nothing else was touched: no other field, no other line. */
static void check_rest(struct round *round)
{
	const struct itsm_yaml *old = itsm_yaml_find(round->before, round->edit.field);
	struct itsm_buffer before = {0}, after = {0};
	bool scalar = round->edit.operation == ITSM_EDIT_SET && !round->edit.list;
	unsigned i;

	flatten(round->before, "", round->edit.field, &before);
	flatten(round->after, "", round->edit.field, &after);
	if (old && (round->edit.operation != ITSM_EDIT_UNSET || !strstr(round->out.data, "{}")) && before.data)
		MUST(round, after.data && strcmp(before.data, after.data) == 0);
	if (scalar && old && old->type == ITSM_YAML_SCALAR) {
		for (i = 0; i < round->maker->comments; i++) {
			char comment[20];

			snprintf(comment, sizeof(comment), "# c%u", i);
			MUST(round, strstr(round->out.data, comment));
		}
		if (one_line(&round->maker->out, old) && !strchr(round->edit.values[0], '\n'))
			MUST(round, lines_changed(&round->maker->out, &round->out) <= 1);
	}
	itsm_buffer_free(&before);
	itsm_buffer_free(&after);
}

/* Only new lines, or only lines gone, where nothing is on a line with it. */
static void check_lines(struct round *round)
{
	const struct itsm_yaml *old = itsm_yaml_find(round->before, round->edit.field);
	bool flow = strpbrk(round->maker->out.data, "[{~+") != NULL || strstr(round->maker->out.data, "null");
	size_t size = round->maker->out.length;

	if (flow || round->maker->out.data[size - 1] != '\n')
		return;
	if (!old && round->edit.operation != ITSM_EDIT_UNSET)
		MUST(round, lines_within(&round->maker->out, &round->out));
	if (round->edit.operation == ITSM_EDIT_UNSET && !strstr(round->out.data, "{}"))
		MUST(round, lines_within(&round->out, &round->maker->out));
}

static void run_edit(struct round *round)
{
	struct itsm_error err = {0};
	const struct itsm_buffer *text = &round->maker->out;
	int status = itsm_yaml_edit(text->data, text->length, 1, &round->edit, 1, &round->out, &err);

	if (status != ITSM_OK) {
		MUST(round, status == ITSM_EDATA && err.message[0]);
		if (strstr(err.message, "is no list") || strstr(err.message, "cannot lie below"))
			return;
		round->refused++;
		if (getenv("ITSM_TEST_SHOW"))
			print_message("refused: %s (%d '%s')\n<<%s>>\n", err.message, (int)round->edit.operation,
				round->edit.count ? round->edit.values[0] : "", text->data);
		return;
	}
	status = itsm_yaml_parse(round->arena, round->out.data, round->out.length, 1, &round->after, NULL);
	MUST(round, status == ITSM_OK);
	check_field(round);
	check_rest(round);
	check_lines(round);
}

static void run_round(struct round *round)
{
	static const char *const values[] = {
		"x", "jane", "new value", "a: b", "no", "", " lead", "two\nlines", "three\nmore\nlines\n", "#x", "it's",
		"\"q\"", "null", "a, b", "- d", "tail ", "\n", "x\n\n\ny\n", "  in\n  de\n",
		"k\xC3\xA4se", "\xE2\x80\xAE!",
	};
	const char *chosen[4];
	char path[512];
	struct itsm_error err;
	unsigned i;

	make_document(round->maker);
	if (itsm_yaml_parse(round->arena, round->maker->out.data, round->maker->out.length, 1, &round->before, &err))
		fail_msg("the maker made %u:%u: %s\n<<%s>>", err.line, err.column, err.message, round->maker->out.data);
	for (i = 0; i < 6; i++) {
		make_path(round->maker, round->before, path, sizeof(path));
		round->edit = (struct itsm_edit){
			.operation = (enum itsm_edit_operation)pick(round->maker, 4), .field = path, .values = chosen,
			.text = pick(round->maker, 2),
		};
		round->edit.count = round->edit.operation == ITSM_EDIT_UNSET ? 0 : 1 + pick(round->maker, 3);
		for (size_t j = 0; j < round->edit.count; j++)
			chosen[j] = one_of(round->maker, values, sizeof(values) / sizeof(values[0]));
		round->edit.list = round->edit.operation != ITSM_EDIT_SET || pick(round->maker, 2);
		if (!round->edit.list)
			round->edit.count = 1;
		run_edit(round);
	}
}

static void test_random(void **state)
{
	const char *rounds = getenv("ITSM_TEST_ROUNDS"), *seed = getenv("ITSM_TEST_SEED");
	unsigned long count = rounds ? strtoul(rounds, NULL, 10) : ROUNDS, i;
	struct maker maker = {.seed = 0x9E3779B97F4A7C15u + (seed ? strtoull(seed, NULL, 10) : 0)};
	struct round round = {.maker = &maker};

	(void)state;
	for (i = 0; i < count; i++) {
		round.arena = itsm_arena_new();
		run_round(&round);
		itsm_arena_free(round.arena);
	}
	print_message("%lu edits, %u refused\n", count * 6, round.refused);
	/* Blank lines and comments that another value would swallow are refused: one in a thousand at most. */
	assert_true(round.refused * 1000 <= count * 6);
	itsm_buffer_free(&maker.out);
	itsm_buffer_free(&round.out);
}

static void check_scalar(const char *value, bool text, const char *expected)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer out = {0};
	struct itsm_yaml *root;

	itsm_yaml_write_scalar(&out, value, text);
	if (expected)
		assert_string_equal(out.data, expected);
	itsm_buffer_clear(&out);
	itsm_buffer_puts(&out, "k: ");
	itsm_yaml_write_scalar(&out, value, text);
	itsm_buffer_puts(&out, " # c\n");
	assert_int_equal(itsm_yaml_parse(arena, out.data, out.length, 1, &root, NULL), ITSM_OK);
	assert_string_equal(itsm_yaml_text(root, "k"), value);
	assert_false(itsm_yaml_is_null(itsm_yaml_get(root, "k")));
	itsm_buffer_free(&out);
	itsm_arena_free(arena);
}

static void test_scalars(void **state)
{
	static const char *const typed[] = {
		"no", "Yes", "ON", "true", "y", "1", "-1", "+1.5", "1e3", ".5", "0x1F", "0o17", "0b1", "1_000", "10:30",
		".inf", "-.INF", ".nan", "2026-11-22", "2026-1-2 10:00", "1.10", "=", "<<", "017", "1.",
	};
	static const char *const free_of_type[] = {
		"jane", "4h", "CHG-4k7q2m8d", "1.2.3", "v1.10", "2026-11", "yesterday", "none", "0x", "e3",
		"+", "4k7q", "a:b",
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(typed) / sizeof(typed[0]); i++) {
		char expected[40];

		snprintf(expected, sizeof(expected), "\"%s\"", typed[i]);
		check_scalar(typed[i], true, expected);
		check_scalar(typed[i], false, typed[i]);
	}
	for (i = 0; i < sizeof(free_of_type) / sizeof(free_of_type[0]); i++)
		check_scalar(free_of_type[i], true, free_of_type[i]);
	check_scalar("", false, "\"\"");
	check_scalar("~", false, "\"~\"");
	check_scalar("null", false, "\"null\"");
	check_scalar("say \"x\"", false, "say \"x\"");
	check_scalar("\"x\"", false, "'\"x\"'");
	check_scalar("it's: \"x\"", false, "'it''s: \"x\"'");
	check_scalar("a\nb\t\x7f\x01", false, "\"a\\nb\\t\\x7F\\x01\"");
	check_scalar("\xC2\x85 \xE2\x80\xA8 \xEF\xBB\xBF \xF3\xA0\x80\x81", false,
		"\"\\x85 \\u2028 \\uFEFF \\U000E0001\"");
}

/* Every string of two characters of those that mean something somewhere reads back as itself. */
static void test_all_pairs(void **state)
{
	static const char letters[] = "a1 \t\n\r-?:,[]{}#&*!|>'\"%@`\\~=<./_\x01";
	char value[4] = {0};
	size_t i, j, k;

	(void)state;
	for (i = 0; letters[i]; i++) {
		for (j = 0; letters[j]; j++) {
			for (k = 0; k < 3; k++) {
				value[0] = letters[i];
				value[1] = letters[j];
				value[2] = "\0a:"[k];
				check_scalar(value, k > 0, NULL);
			}
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_scalars),
		cmocka_unit_test(test_all_pairs),
		cmocka_unit_test(test_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
