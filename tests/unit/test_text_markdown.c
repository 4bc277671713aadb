/* Front matter, bodies and their sections. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmark.h>
#include <cmocka.h>

#include "itsm/markdown.h"

static void test_front_matter(void **state)
{
	static const char text[] = "---\na: 1\n---\nbody\n";
	static const char windows[] = "\xEF\xBB\xBF---\r\na: 1\r\n---\r\nbody\r\n";
	struct itsm_document document;

	(void)state;
	assert_int_equal(itsm_document_read(text, strlen(text), true, &document, NULL), ITSM_OK);
	assert_true(document.front && !document.bom && !document.crlf);
	assert_true(document.front_start == 4 && document.front_end == 9 && document.front_line == 2);
	assert_true(document.body_start == 13 && document.body_line == 4);
	assert_int_equal(itsm_document_read(windows, strlen(windows), true, &document, NULL), ITSM_OK);
	assert_true(document.front && document.bom && document.crlf);
	assert_memory_equal(windows + document.front_start, "a: 1\r\n", 6);
	assert_int_equal(document.front_end - document.front_start, 6);
	assert_string_equal(windows + document.body_start, "body\r\n");
	assert_int_equal(document.body_line, 4);
}

static void test_fences(void **state)
{
	static const struct {
		const char *text;
		bool front;
		const char *fields, *body;
	} texts[] = {
		{"---\n---\n", true, "", ""},
		{"---\n---", true, "", ""},
		{"---  \na: 1\n--- \t\nx", true, "a: 1\n", "x"},
		{"---\na: |\n  ---\n ---\nb: 1\n---\n---\n", true, "a: |\n  ---\n ---\nb: 1\n", "---\n"},
		{"---\na: ---\n----\n---\n", true, "a: ---\n----\n", ""},
		{"--- a\n---\n", false, NULL, NULL},
		{"----\n", false, NULL, NULL},
		{" ---\n---\n", false, NULL, NULL},
		{"\n---\na: 1\n---\n", false, NULL, NULL},
		{"# Title\n\n| a |\n|---|\n", false, NULL, NULL},
		{"", false, NULL, NULL},
	};
	struct itsm_document document;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *text = texts[i].text;

		assert_int_equal(itsm_document_read(text, strlen(text), true, &document, NULL), ITSM_OK);
		assert_int_equal(document.front, texts[i].front);
		if (!document.front) {
			assert_true(document.body_start == 0 && document.body_line == 1);
			continue;
		}
		assert_int_equal(document.front_end - document.front_start, strlen(texts[i].fields));
		assert_memory_equal(text + document.front_start, texts[i].fields, strlen(texts[i].fields));
		assert_string_equal(text + document.body_start, texts[i].body);
	}
	assert_int_equal(itsm_document_read("---\na: 1\n---\n", 13, false, &document, NULL), ITSM_OK);
	assert_false(document.front);
}

static void check_refused(const char *text, size_t size, unsigned line, unsigned column, const char *message)
{
	struct itsm_document document = {.front_line = 77};
	struct itsm_error err;

	assert_int_equal(itsm_document_read(text, size, true, &document, &err), ITSM_EDATA);
	if (err.line != line || err.column != column || !strstr(err.message, message))
		fail_msg("%u:%u: %s", err.line, err.column, err.message);
	assert_int_equal(document.front_line, 77);
}

/* Bytes are looked at eight at a time: each refusal at each place, with a tab, an umlaut or none of them before it. */
static void test_bytes_anywhere(void **state)
{
	static const struct {
		const char *bytes, *message;
	} bad[] = {
		{"\x1f", "U+001F"}, {"\x7f", "U+007F"}, {"\x01", "U+0001"}, {"\xC2\x80", "U+0080"},
		{"\xff", "byte FF"}, {"\x80", "byte 80"},
	};
	static const char *const before[] = {"", "\t", "\xC3\xA4"};
	char text[80];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		for (size_t j = 0; j < sizeof(before) / sizeof(*before); j++)
			for (int at = 0; at < 27; at++) {
				int length = snprintf(text, sizeof(text), "~ \n%s%.*s%s~~~~~~~~~~", before[j], at,
					"~~~~~~~~~ ~~~~~~~~~~~~~~~~~~", bad[i].bytes);

				check_refused(text, (size_t)length, 2, (unsigned)at + (*before[j] ? 2 : 1), bad[i].message);
			}
}

static void test_bytes(void **state)
{
	struct itsm_document document;
	struct itsm_error err;
	static char large[ITSM_FILE_MAX_BYTES + 1];

	(void)state;
	check_refused("---\na: 1\n", 9, 1, 1, "never closed");
	check_refused("a\nb\0c", 5, 2, 2, "U+0000");
	check_refused("ä\x1b[0m", 6, 1, 2, "U+001B");
	check_refused("\xEF\xBB\xBF\x7F", 4, 1, 1, "U+007F");
	check_refused("a\n\xC2\x9B" "31m", 7, 2, 1, "U+009B");
	check_refused("a\n  \xFF", 5, 2, 3, "byte FF is not valid UTF-8");
	check_refused("a \xC3", 3, 1, 3, "byte C3");
	assert_int_equal(itsm_document_read("a\tb\r\n\r", 6, true, &document, NULL), ITSM_OK);
	memset(large, 'x', sizeof(large));
	assert_int_equal(itsm_document_read(large, sizeof(large), true, &document, &err), ITSM_ELIMIT);
	assert_true(err.line == 1 && err.column == 1);
	assert_int_equal(itsm_document_read(large, sizeof(large) - 1, true, &document, &err), ITSM_OK);
}

struct expected {
	const char *name;
	unsigned line;
	const char *content;
	bool filled;
};

static void check_sections(const char *text, const struct expected *expected, size_t count)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_section_span *sections;
	struct itsm_document document;
	size_t found, i;

	assert_int_equal(itsm_document_read(text, strlen(text), true, &document, NULL), ITSM_OK);
	assert_int_equal(itsm_document_sections(arena, text, strlen(text), &document, &sections, &found, NULL),
		ITSM_OK);
	for (i = 0; i < found && i < count; i++) {
		if (sections[i].end - sections[i].start != strlen(expected[i].content))
			fail_msg("'%s' is %zu to %zu", sections[i].name, sections[i].start, sections[i].end);
		assert_string_equal(sections[i].name, expected[i].name);
		assert_int_equal(sections[i].line, expected[i].line);
		assert_int_equal(sections[i].end - sections[i].start, strlen(expected[i].content));
		assert_memory_equal(text + sections[i].start, expected[i].content, strlen(expected[i].content));
		assert_int_equal(sections[i].filled, expected[i].filled);
	}
	assert_int_equal(found, count);
	itsm_arena_free(arena);
}

#define CHECK(text, ...) \
	do { \
		const struct expected expected[] = {__VA_ARGS__}; \
		check_sections(text, expected, sizeof(expected) / sizeof(expected[0])); \
	} while (0)

static void test_sections(void **state)
{
	(void)state;
	CHECK("---\na: 1\n---\n\nintro\n\n## Plan\n\ntext\n### Sub\nmore\n## Backout plan ##\n# Title\nx\n## Last",
		{"Plan", 7, "\ntext\n### Sub\nmore\n", true},
		{"Backout plan", 12, "", false},
		{"Last", 15, "", false});
	CHECK("## A\r\none\r\n\r\n## B\r\n", {"A", 1, "one\r\n\r\n", true}, {"B", 4, "", false});
	CHECK("\xEF\xBB\xBF## A\nx\n", {"A", 1, "x\n", true});
	CHECK("## A\n```\n## no\n```\n\n    ## no\n\n> ## no\n\n- ## no\n\n<!--\n## no\n-->\n## B\n",
		{"A", 1, "```\n## no\n```\n\n    ## no\n\n> ## no\n\n- ## no\n\n<!--\n## no\n-->\n", true},
		{"B", 15, "", false});
	CHECK("A\n---\none\n\nB\nc\n-\ntwo\n", {"A", 1, "one\n\n", true}, {"B c", 5, "two\n", true});
	CHECK("A\n---\n---\n", {"A", 1, "---\n", true});
	CHECK("A\n--", {"A", 1, "", false});
	CHECK("A\n-- \n", {"A", 1, "", false});
	CHECK("A\nB\n---\n## C", {"A B", 1, "", false}, {"C", 4, "", false});
	CHECK("## A *b* `c` [d](e) &amp; ![f](g) ![ h! `![` <i>\n", {"A b c d & f ![ h! ![ ", 1, "", false});
	CHECK("##\n## \n##x\n#### y\n", {"", 1, "", false}, {"", 2, "##x\n#### y\n", true});
	/* A lone CR ends a line for cmark, not for an editor. */
	CHECK("x\ry\n## A\rone\n## B\n", {"A", 2, "one\n", true}, {"B", 3, "", false});
	check_sections("no heading\n", NULL, 0);
	check_sections("", NULL, 0);
}

static void test_filled(void **state)
{
	(void)state;
	CHECK("## A\n \t\r\n<!-- write here -->\n\n<!---->\n## B\n<!-- a --> x\n## C\n<p></p>\n",
		{"A", 1, " \t\r\n<!-- write here -->\n\n<!---->\n", false},
		{"B", 6, "<!-- a --> x\n", true},
		{"C", 8, "<p></p>\n", true});
	CHECK("## A\n<!-- never closed\n## B\nx\n", {"A", 1, "<!-- never closed\n## B\nx\n", false});
}

/* The headings that cmark sees in the text itself. */
static size_t count_headings(const char *text, size_t size, int *lines, size_t most)
{
	cmark_node *root = cmark_parse_document(text, size, CMARK_OPT_DEFAULT), *node;
	size_t count = 0;

	for (node = cmark_node_first_child(root); node; node = cmark_node_next(node)) {
		if (cmark_node_get_type(node) != CMARK_NODE_HEADING || cmark_node_get_heading_level(node) != 2)
			continue;
		if (count < most)
			lines[count++] = cmark_node_get_start_line(node);
	}
	cmark_node_free(root);
	return count;
}

/* Whatever is done to a text before cmark sees it, the same headings are found in the same lines. */
static void test_against_cmark(void **state)
{
	static const char *const pieces[] = {
		"## A", "B\n---", "> ", "- ", "* ", "1. ", "12) ", "\n", "\n\n", "\n", "    ", " ", "\t", "```", "~~~",
		"<!--", "-->", "![", "]", "](x)", "<![CDATA[", "]]>", "text",
		"[a]: b", "---", "===", "# C", "`", "<div>", "</div>",
		"\n## D\n",
		"- - - - - - ", "> > > > > > > ", "\n - x\n   - y\n     - z\n",
		"                                                                      ", "\n-\n", "\n>>>>>>>>",
	};
	const size_t kinds = sizeof(pieces) / sizeof(pieces[0]);
	uint64_t seed = 88172645463325252u;
	struct itsm_buffer text = {0};
	int lines[64];
	size_t i, j, count, found;

	(void)state;
	for (i = 0; i < 20000; i++) {
		struct itsm_arena *arena = itsm_arena_new();
		struct itsm_document document = {.body_line = 1};
		struct itsm_section_span *sections;
		int status;

		itsm_buffer_clear(&text);
		itsm_buffer_add(&text, "", 0);
		for (j = 0; j < 3 + i % 20; j++) {
			seed ^= seed << 13;
			seed ^= seed >> 7;
			seed ^= seed << 17;
			itsm_buffer_puts(&text, pieces[(seed >> 33) % kinds]);
		}
		count = count_headings(text.data, text.length, lines, 64);
		status = itsm_document_sections(arena, text.data, text.length, &document, &sections, &found, NULL);
		assert_int_equal(status, ITSM_OK);
		if (found != count)
			fail_msg("%zu sections, cmark has %zu headings in\n<<%s>>", found, count, text.data);
		for (j = 0; j < count; j++)
			if ((int)sections[j].line != lines[j])
				fail_msg("line %u, cmark says %d in\n<<%s>>", sections[j].line, lines[j], text.data);
		itsm_arena_free(arena);
	}
	itsm_buffer_free(&text);
}

/* Each of these takes cmark itself from ten seconds to forever. */
static void test_bombs(void **state)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_document document = {.body_line = 1};
	struct itsm_section_span *sections;
	struct itsm_buffer text = {0};
	size_t count, i;

	(void)state;
	for (i = 0; i < 100000; i++)
		itsm_buffer_puts(&text, "![[]()");
	itsm_buffer_puts(&text, "\n\n");
	for (i = 0; i < 50000; i++)
		itsm_buffer_puts(&text, "- ");
	itsm_buffer_puts(&text, "x");
	for (i = 0; i < 50000; i++)
		itsm_buffer_puts(&text, "\n");
	itsm_buffer_puts(&text, "## End\n");
	assert_int_equal(itsm_document_sections(arena, text.data, text.length, &document, &sections, &count, NULL),
		ITSM_OK);
	assert_int_equal(count, 1);
	assert_string_equal(sections[0].name, "End");
	itsm_buffer_free(&text);
	itsm_arena_free(arena);
}

/* What a browser would act on stays text, and what deceives a reader is seen. */
static void test_html(void **state)
{
	static const struct {
		const char *text, *has, *lacks; /* lacks may be NULL */
	} texts[] = {
		{"a *b*", "<p>a <em>b</em></p>\n", NULL},
		{"<script>alert(1)</script>\n", "", "script>alert"},
		{"a <img src=x onerror=y> b", "", "<img"},
		{"a & < b", "a &amp; &lt; b", NULL},
		{"[x](https://example.org/)", "<a href=\"https://example.org/\">x</a>", NULL},
		{"[x](javascript:alert)", ">x</a>", "javascript:"},
		{"[x](data:text/html,y)", ">x</a>", "data:"},
		{"[x](JAVASCRIPT&#58;alert)", ">x</a>", "alert"},
		{"[x](vbscript:y)", ">x</a>", "vbscript:"},
		{"![x](https://example.org/y.png)", "https://example.org/y.png", "<img"},
		{"![x](javascript:y)", "", "javascript:"},
		{"\xE2\x80\xAEtxt.exe", "\\u{202E}txt.exe", "\xE2\x80\xAE"},
		{"a\x1B[31mb", "a\xEF\xBF\xBD[31mb", "\x1B"},
		{"a\xFF" "b", "a\xEF\xBF\xBD" "b", "\xFF"},
		{"```\n<b>\n```\n", "&lt;b&gt;", "<b>"},
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct itsm_buffer out = {0};

		itsm_buffer_puts(&out, "before ");
		itsm_markdown_html(texts[i].text, strlen(texts[i].text), &out);
		if (!strstr(out.data, texts[i].has) || (texts[i].lacks && strstr(out.data, texts[i].lacks)))
			fail_msg("%s became %s", texts[i].text, out.data);
		assert_memory_equal(out.data, "before ", 7);
		itsm_buffer_free(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_front_matter),
		cmocka_unit_test(test_fences),
		cmocka_unit_test(test_bytes),
		cmocka_unit_test(test_bytes_anywhere),
		cmocka_unit_test(test_sections),
		cmocka_unit_test(test_filled),
		cmocka_unit_test(test_against_cmark),
		cmocka_unit_test(test_bombs),
		cmocka_unit_test(test_html),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
