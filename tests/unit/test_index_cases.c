/* Runs tests/cases/query: what `itsm list` finds in a small desk. Its README has the format. */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "index_fixture.h"
#include "itsm/file.h"

#define WORDS_MAX 16

static const char *read_text(struct index_fixture *fixture, const char *path)
{
	struct itsm_buffer text = {0};
	const char *copy;

	assert_ok(fixture, itsm_file_read(-100 /* AT_FDCWD */, path, 1 << 20, &text, &fixture->err));
	copy = itsm_arena_strdup(fixture->arena, text.data);
	itsm_buffer_free(&text);
	return copy;
}

static const char *cases_folder(struct index_fixture *fixture)
{
	const char *source = getenv("ITSM_SOURCE");

	return itsm_arena_printf(fixture->arena, "%s/tests/cases/query", source ? source : ".");
}

static void make_desk(struct index_fixture *fixture)
{
	const char *text = read_text(fixture, itsm_arena_printf(fixture->arena, "%s/desk", cases_folder(fixture)));

	while (text) {
		const char *line = text + 3, *start = strchr(line, '\n') + 1, *next = strstr(start, "\n== ");
		size_t length = next ? (size_t)(next + 1 - start) : strlen(start);

		assert_memory_equal(text, "== ", 3);
		index_file(fixture, itsm_arena_strndup(fixture->arena, line, (size_t)(start - 1 - line)), "%.*s",
			(int)length, start);
		text = next ? next + 1 : NULL;
	}
	index_work(fixture);
}

/* Words as a shell would part them, double quotes and \" known. */
static size_t split(struct itsm_arena *arena, const char *text, size_t length, const char **words)
{
	const char *end = text + length;
	size_t count = 0;

	while (text < end) {
		char *word, *at;
		bool quoted = false;

		if (isspace((unsigned char)*text)) {
			text++;
			continue;
		}
		at = word = itsm_arena_alloc(arena, length + 1);
		for (; text < end && (quoted || !isspace((unsigned char)*text)); text++) {
			if (quoted && text[0] == '\\' && text[1] == '"')
				*at++ = *++text;
			else if (*text == '"')
				quoted = !quoted;
			else
				*at++ = *text;
		}
		assert_true(count < WORDS_MAX);
		words[count++] = word;
	}
	return count;
}

static const char **option(struct itsm_list_options *options, const char *word)
{
	if (strcmp(word, "--sort") == 0)
		return &options->sort;
	if (strcmp(word, "--columns") == 0)
		return &options->columns;
	return strcmp(word, "--group-by") == 0 ? &options->group_by : NULL;
}

static void parse(struct itsm_list_options *options, const char **words, size_t count, const char **free_words)
{
	*options =
		(struct itsm_list_options){.kind = strcmp(words[0], "-") == 0 ? NULL : words[0], .words = free_words};
	for (size_t i = 1; i < count; i++) {
		const char **place = option(options, words[i]);

		if (place)
			*place = words[++i];
		else if (strcmp(words[i], "--limit") == 0)
			options->limit = atoi(words[++i]);
		else if (strcmp(words[i], "--parts") == 0)
			options->parts = true;
		else
			free_words[options->word_count++] = words[i];
	}
}

static const char *run(struct index_fixture *fixture, const struct itsm_list_options *options)
{
	struct itsm_query *query;
	struct itsm_buffer out = {0};
	const char *ids;

	if (!options->group_by)
		return index_list_ids(fixture, options);
	if (itsm_index_list(fixture->index, options, &query, &fixture->err))
		return NULL;
	while (itsm_query_next(query, &fixture->err) == 1) {
		struct itsm_value value = itsm_query_value(query, 0);

		itsm_buffer_puts(&out, out.length ? " " : "");
		if (value.type == ITSM_VALUE_INTEGER)
			itsm_buffer_printf(&out, "%lld", (long long)value.integer);
		else
			itsm_buffer_puts(&out, value.type == ITSM_VALUE_NULL ? "-" : value.text);
		itsm_buffer_printf(&out, "=%lld", (long long)itsm_query_value(query, 1).integer);
	}
	itsm_query_free(query);
	ids = itsm_arena_strdup(fixture->arena, out.data ? out.data : "");
	itsm_buffer_free(&out);
	return ids;
}

/* One line of a case file. True when it holds. */
static bool holds(struct index_fixture *fixture, const char *line)
{
	const char *arrow = strstr(line, "->"), *refusal = strstr(line, "!!"), *mark = arrow ? arrow : refusal, *wanted,
		   *have;
	const char *words[WORDS_MAX] = {"-"}, *free_words[WORDS_MAX];
	struct itsm_list_options options;

	assert_non_null(mark);
	wanted = mark + 2 + strspn(mark + 2, " ");
	parse(&options, words, split(fixture->arena, line, (size_t)(mark - line), words), free_words);
	have = run(fixture, &options);
	if (have && arrow && strcmp(have, wanted) == 0)
		return true;
	if (!have && !arrow && strstr(fixture->err.message, wanted))
		return true;
	print_error("%s\n    gives: %s\n", line, have ? have : fixture->err.message);
	return false;
}

static void test_cases(void **state)
{
	struct index_fixture *fixture = *state;
	const char *folder = cases_folder(fixture);
	size_t count = 0, failed = 0;
	struct dirent *entry;
	DIR *files = opendir(folder);

	assert_non_null(files);
	make_desk(fixture);
	while ((entry = readdir(files)) != NULL) {
		char *line, *text, *rest;

		if (!strstr(entry->d_name, ".case"))
			continue;
		text = itsm_arena_strdup(fixture->arena,
			read_text(fixture, itsm_arena_printf(fixture->arena, "%s/%s", folder, entry->d_name)));
		for (line = strtok_r(text, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
			if (*line == '#')
				continue;
			count++;
			failed += !holds(fixture, line);
		}
	}
	closedir(files);
	assert_true(count > 100);
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_cases, index_setup, index_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
