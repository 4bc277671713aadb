/*
 * Runs the .case files of tests/cases/edit: an input, edits, and the text that must come of
 * it, byte by byte. tests/cases/edit/README.md has the format.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "itsm/file.h"
#include "itsm/yaml.h"

#define MOST_EDITS 32
#define MOST_VALUES 32

struct edit_case {
	struct itsm_buffer input, expected;
	struct itsm_edit edits[MOST_EDITS];
	const char *values[MOST_EDITS][MOST_VALUES];
	size_t count;
	char *error; /* what the message must hold, when the edit must fail */
};

/* `\n`, `\r`, `\t`, `\s` (space), `\\`, `\xNN` in place. */
static size_t unescape(char *text)
{
	char *out = text;
	const char *in;

	for (in = text; *in; in++) {
		if (*in != '\\') {
			*out++ = *in;
			continue;
		}
		in++;
		switch (*in) {
		case 'n': *out++ = '\n'; break;
		case 'r': *out++ = '\r'; break;
		case 't': *out++ = '\t'; break;
		case 's': *out++ = ' '; break;
		case 'x': {
			char digits[3] = {in[1], in[2], '\0'};

			*out++ = (char)strtoul(digits, NULL, 16);
			in += 2;
			break;
		}
		default: *out++ = *in;
		}
	}
	*out = '\0';
	return (size_t)(out - text);
}

/* Lines of a section as text. `flags`: crlf, bom, no-final-newline, escapes. */
static void take_lines(struct itsm_arena *arena, const char *start, const char *end, const char *flags,
	struct itsm_buffer *out)
{
	bool crlf = strstr(flags, "crlf") != NULL, escapes = strstr(flags, "escapes") != NULL;
	const char *line, *stop;

	if (strstr(flags, "bom"))
		itsm_buffer_puts(out, "\xEF\xBB\xBF");
	itsm_buffer_add(out, "", 0);
	for (line = start; line < end; line = stop + 1) {
		char *copy;
		size_t length;

		stop = memchr(line, '\n', (size_t)(end - line));
		copy = itsm_arena_strndup(arena, line, (size_t)(stop - line));
		length = escapes ? unescape(copy) : strlen(copy);
		itsm_buffer_add(out, copy, length);
		itsm_buffer_puts(out, crlf ? "\r\n" : "\n");
	}
	if (strstr(flags, "no-final-newline"))
		out->length -= crlf ? 2 : 1;
	out->data[out->length] = '\0';
}

/* `set [list:] [text:] FIELD VALUE...`: values are divided by " | " in lists, else the rest of the line. */
static void take_edit(struct itsm_arena *arena, struct edit_case *this, const char *start, size_t length)
{
	static const char *const operations[] = {"set ", "add ", "remove ", "unset "};
	struct itsm_edit *edit = &this->edits[this->count];
	char *line = itsm_arena_strndup(arena, start, length);
	char *value;
	size_t i;

	assert_true(this->count < MOST_EDITS);
	for (i = 0; i < 4 && strncmp(line, operations[i], strlen(operations[i])) != 0; i++)
		;
	assert_true(i < 4);
	edit->operation = (enum itsm_edit_operation)i;
	line += strlen(operations[i]);
	edit->list = edit->operation == ITSM_EDIT_ADD || edit->operation == ITSM_EDIT_REMOVE;
	for (;;) {
		if (strncmp(line, "list: ", 6) == 0)
			edit->list = true;
		else if (strncmp(line, "text: ", 6) == 0)
			edit->text = true;
		else
			break;
		line += 6;
	}
	value = strchr(line, ' ');
	edit->field = line;
	edit->values = this->values[this->count++];
	if (!value)
		return;
	*value++ = '\0';
	while (value) {
		char *next = edit->list ? strstr(value, " | ") : NULL;

		if (next)
			*next = '\0';
		unescape(value);
		assert_true(edit->count < MOST_VALUES);
		this->values[this->count - 1][edit->count++] = strcmp(value, "(empty)") == 0 ? "" : value;
		value = next ? next + 3 : NULL;
	}
}

static void take_section(struct itsm_arena *arena, struct edit_case *this, const char *name, const char *start,
	const char *end)
{
	const char *line, *stop;

	if (strncmp(name, "input", 5) == 0) {
		take_lines(arena, start, end, name, &this->input);
	} else if (strncmp(name, "expect", 6) == 0) {
		take_lines(arena, start, end, name, &this->expected);
	} else if (strcmp(name, "error") == 0) {
		this->error = itsm_arena_strndup(arena, start, (size_t)(end - start) - 1);
	} else {
		assert_string_equal(name, "edit");
		for (line = start; line < end; line = stop + 1) {
			stop = memchr(line, '\n', (size_t)(end - line));
			if (stop > line)
				take_edit(arena, this, line, (size_t)(stop - line));
		}
	}
}

/* Says what is wrong and returns false; all cases are run before the test fails. */
static bool check(const char *name, struct edit_case *this)
{
	bool right = false;
	struct itsm_buffer out = {0};
	struct itsm_error err = {0};
	int status = itsm_yaml_edit(this->input.data, this->input.length, 1, this->edits, this->count, &out, &err);

	if (this->error && (status == ITSM_OK || !strstr(err.message, this->error) || out.data))
		print_error("%s: expected the error '%s', got %d '%s'\n", name, this->error, status, err.message);
	else if (!this->error && status != ITSM_OK)
		print_error("%s: %u:%u: %s\n", name, err.line, err.column, err.message);
	else if (!this->error && (out.length != this->expected.length ||
			memcmp(out.data, this->expected.data, out.length) != 0))
		print_error("%s: expected\n<<%s>>\ngot\n<<%s>>\n", name, this->expected.data, out.data);
	else
		right = true;
	itsm_buffer_free(&out);
	return right;
}

static void run_file(const char *folder, const char *name, size_t *cases, size_t *wrong)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer text = {0};
	const char *path = itsm_arena_printf(arena, "%s/%s", folder, name);
	char *line, *next, *section = NULL, *start = NULL, *title = NULL;
	struct edit_case this = {0};

	assert_int_equal(itsm_file_read(AT_FDCWD, path, 1 << 20, &text, NULL), ITSM_OK);
	itsm_buffer_puts(&text, "== \n");
	for (line = text.data; *line; line = next) {
		bool is_title = strncmp(line, "== ", 3) == 0;

		next = strchr(line, '\n') + 1;
		if (!is_title && (strncmp(line, "-- ", 3) != 0 || strncmp(next - 4, " --\n", 4) != 0))
			continue;
		if (section)
			take_section(arena, &this, section, start, line);
		section = is_title ? NULL : itsm_arena_strndup(arena, line + 3, (size_t)(next - line) - 7);
		start = next;
		if (!is_title)
			continue;
		if (title) {
			*wrong += !check(itsm_arena_printf(arena, "%s: %s", name, title), &this);
			*cases += 1;
		}
		title = itsm_arena_strndup(arena, line + 3, (size_t)(next - line) - 4);
		itsm_buffer_free(&this.input);
		itsm_buffer_free(&this.expected);
		memset(&this, 0, sizeof(this));
	}
	itsm_buffer_free(&text);
	itsm_arena_free(arena);
}

static void test_cases(void **state)
{
	const char *source = getenv("ITSM_SOURCE");
	char folder[4096];
	struct dirent *entry;
	size_t cases = 0, wrong = 0;
	DIR *files;

	(void)state;
	snprintf(folder, sizeof(folder), "%s/tests/cases/edit", source ? source : ".");
	files = opendir(folder);
	assert_non_null(files);
	while ((entry = readdir(files)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (length > 5 && strcmp(entry->d_name + length - 5, ".case") == 0)
			run_file(folder, entry->d_name, &cases, &wrong);
	}
	closedir(files);
	print_message("%zu cases, %zu wrong\n", cases, wrong);
	assert_int_equal(wrong, 0);
	assert_true(cases > 50);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(test_cases)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
