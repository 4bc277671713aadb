#include "yaml_read.h"

#include <stdlib.h>
#include <string.h>

#include "itsm/utf8.h"

enum itsm_yaml_style itsm_yaml_style_of(yaml_scalar_style_t style)
{
	switch (style) {
	case YAML_SINGLE_QUOTED_SCALAR_STYLE:
		return ITSM_YAML_SINGLE_QUOTED;
	case YAML_DOUBLE_QUOTED_SCALAR_STYLE:
		return ITSM_YAML_DOUBLE_QUOTED;
	case YAML_LITERAL_SCALAR_STYLE:
		return ITSM_YAML_LITERAL;
	case YAML_FOLDED_SCALAR_STYLE:
		return ITSM_YAML_FOLDED;
	default:
		return ITSM_YAML_PLAIN;
	}
}

size_t itsm_yaml_header_length(const char *text, size_t size, size_t start)
{
	size_t offset = start + 1;

	while (offset < size && (text[offset] == '+' || text[offset] == '-' ||
			(text[offset] >= '0' && text[offset] <= '9')))
		offset++;
	return offset - start;
}

static size_t spaces_at(const char *text, size_t from, size_t to)
{
	size_t offset = from;

	while (offset < to && text[offset] == ' ')
		offset++;
	return offset - from;
}

size_t itsm_yaml_content_indent(const char *text, size_t from, size_t to)
{
	size_t end, indent;

	for (; from < to; from = itsm_line_next(text, to, from)) {
		end = itsm_line_end(text, to, from);
		indent = spaces_at(text, from, end);
		if (from + indent < end)
			return indent;
	}
	return 0;
}

/* The end of the line above the one that starts at `line`: before its CRLF or LF. */
static size_t line_above(const char *text, size_t line)
{
	size_t end = line > 0 && text[line - 1] == '\n' ? line - 1 : line;

	return end > 0 && end < line && text[end - 1] == '\r' ? end - 1 : end;
}

size_t itsm_yaml_block_scalar_end(const char *text, size_t size, size_t start, size_t end)
{
	size_t length = itsm_yaml_header_length(text, size, start);
	size_t first = itsm_line_next(text, end, start + length);
	size_t indent = itsm_yaml_content_indent(text, first, end);
	bool keep = memchr(text + start, '+', length) != NULL;
	size_t line;

	if (end <= first || (indent == 0 && !keep))
		return start + length;
	end = line_above(text, end);
	while (!keep) {
		line = itsm_line_start(text, size, end);
		if (line < first)
			return start + length;
		if (end - line > indent || spaces_at(text, line, end) < end - line)
			break;
		end = line_above(text, line);
	}
	return end;
}

static int compare_keys(const void *left, const void *right)
{
	const struct itsm_yaml *a = *(const struct itsm_yaml *const *)left;
	const struct itsm_yaml *b = *(const struct itsm_yaml *const *)right;
	int order = strcmp(a->text, b->text);

	return order ? order : (a->start > b->start) - (a->start < b->start);
}

/* Sorted, not hashed: no choice of keys makes it slow. */
bool itsm_yaml_duplicate(const struct itsm_yaml *mapping, const struct itsm_yaml **twice,
	const struct itsm_yaml **first)
{
	const struct itsm_yaml *few[16];
	const struct itsm_yaml **keys = few;
	struct itsm_arena *arena = NULL;
	bool found = false;
	size_t i;

	if (mapping->count < 2)
		return false;
	if (mapping->count > sizeof(few) / sizeof(few[0])) {
		arena = itsm_arena_new();
		keys = itsm_arena_alloc(arena, mapping->count * sizeof(*keys));
	}
	for (i = 0; i < mapping->count; i++)
		keys[i] = mapping->keys[i];
	qsort(keys, mapping->count, sizeof(*keys), compare_keys);
	for (i = 1; i < mapping->count; i++) {
		if (strcmp(keys[i - 1]->text, keys[i]->text) != 0 || (found && keys[i]->start > (*twice)->start))
			continue;
		*twice = keys[i];
		*first = keys[i - 1];
		found = true;
	}
	itsm_arena_free(arena);
	return found;
}

/* What libyaml says, and what a person does about it. */
static const struct {
	const char *problem, *advice;
} advices[] = {
	{"mapping values are not allowed in this context",
		"put the value with ': ' in quotes, or mend the indentation"},
	{"found character that cannot start any token", "put the value in quotes"},
	{"found a tab character", "indent with spaces, not tabs"},
	{"could not find expected ':'", "a key needs a ': ' behind it, in the same line"},
	{"did not find expected key", "check the indentation, and quotes around the value"},
	{"did not find expected '-' indicator", "indent the list's items alike"},
	{"found unexpected end of stream", "a quote is not closed"},
	{"found undefined tag handle", "take the tag away"},
	{"control characters are not allowed", "take the control character out"},
	{"found unknown escape character", "write '\\\\' for a backslash, or use single quotes"},
	{"did not find expected ',' or ']'", "close the list with ']'"},
	{"did not find expected ',' or '}'", "close the mapping with '}'"},
	{"found a duplicate %YAML directive", "take the line away"},
};

static const char *advice_for(const char *problem)
{
	size_t i;

	for (i = 0; i < sizeof(advices) / sizeof(advices[0]); i++) {
		if (strncmp(problem, advices[i].problem, strlen(advices[i].problem)) == 0)
			return advices[i].advice;
	}
	return "check the line's indentation and quotes";
}

int itsm_yaml_syntax_error(const yaml_parser_t *parser, struct itsm_cursor *cursor, struct itsm_error *err)
{
	const char *problem = parser->problem ? parser->problem : "unreadable";
	const char *advice = advice_for(problem);
	size_t invalid;

	if (parser->error == YAML_READER_ERROR) {
		invalid = cursor->base + itsm_utf8_invalid(cursor->text + cursor->base, cursor->size - cursor->base);
		itsm_cursor_seek_byte(cursor, cursor->base + parser->problem_offset);
		if (invalid <= cursor->byte)
			advice = "save the file as UTF-8";
	} else {
		itsm_cursor_seek(cursor, parser->problem_mark.index);
		if (cursor->byte < cursor->size && cursor->text[cursor->byte] == '\t')
			advice = "use spaces here, not a tab";
	}
	return itsm_error_set_at(err, parser->error == YAML_MEMORY_ERROR ? ITSM_ELIMIT : ITSM_EDATA, cursor->line,
		itsm_cursor_column(cursor), "not valid YAML: %s; %s", problem, advice);
}
