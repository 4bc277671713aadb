/* Where a record's front matter, body and sections are. cmark says which lines are headings. */
#include "itsm/markdown.h"

#include <cmark.h>
#include <stdint.h>
#include <string.h>

#include "cursor.h"
#include "defuse.h"
#include "itsm/utf8.h"

/* How many bytes from here on are printable ASCII, of which nothing is to be said: eight at a time. */
static size_t plain_length(const char *text, size_t size)
{
	const uint64_t ones = 0x0101010101010101u;
	size_t length = 0;
	uint64_t word;

	for (; length + sizeof(word) <= size; length += sizeof(word)) {
		memcpy(&word, text + length, sizeof(word));
		/* a top bit: of a byte from 0x80 on, of one below 0x20, of 0x7F */
		if ((word | (word - 0x20 * ones) | (word + ones)) & 0x80 * ones)
			break;
	}
	while (length < size && text[length] >= 0x20 && text[length] < 0x7F)
		length++;
	return length;
}

/* The bytes every record must be made of, whatever its format. */
static int check_bytes(const char *text, size_t size, struct itsm_error *err)
{
	size_t offset = 0, length;
	unsigned line = 1, column = 1;
	uint32_t codepoint;

	for (; offset < size; offset += length, column++) {
		length = plain_length(text + offset, size - offset);
		offset += length;
		column += (unsigned)length;
		if (offset == size)
			break;
		length = itsm_utf8_decode(text + offset, size - offset, &codepoint);
		if (length == 0)
			return itsm_error_set_at(err, ITSM_EDATA, line, column,
				"byte %02X is not valid UTF-8; save the file as UTF-8", (unsigned char)text[offset]);
		if (codepoint == '\n') {
			line++;
			column = 0;
		} else if (codepoint != '\t' && codepoint != '\r' && itsm_utf8_is_control(codepoint)) {
			return itsm_error_set_at(err, ITSM_EDATA, line, column,
				"control character U+%04X; take it out", (unsigned)codepoint);
		} else if (offset == 0 && codepoint == 0xFEFF) {
			column = 0;
		}
	}
	return ITSM_OK;
}

/* Is the line at `start` three dashes, with nothing but blanks behind? */
static bool is_fence(const char *text, size_t size, size_t start)
{
	size_t end = itsm_line_end(text, size, start);
	size_t offset;

	if (end - start < 3 || memcmp(text + start, "---", 3) != 0)
		return false;
	for (offset = start + 3; offset < end; offset++) {
		if (text[offset] != ' ' && text[offset] != '\t')
			return false;
	}
	return true;
}

static bool is_marker(const char *text, size_t size, size_t line, char mark)
{
	size_t length = 0;

	while (length < 7 && line + length < size && text[line + length] == mark)
		length++;
	return length == 7 && line + length < size && text[line + length] == ' ';
}

unsigned itsm_document_marker(const char *text, size_t size, bool markdown)
{
	size_t start = itsm_bom_length(text, size);
	bool fenced = markdown && is_fence(text, size, start), front = fenced || !markdown;
	unsigned line = 1, opening = 0;
	const char *stop;
	char mark;

	for (; start < size; start = (size_t)(stop - text) + 1, line++) {
		mark = text[start];
		if (front && mark == '-' && fenced && line > 1 && is_fence(text, size, start))
			front = false;
		else if ((mark == '<' || mark == '>' || mark == '|') && is_marker(text, size, start, mark)) {
			if (front)
				return line;
			if (mark == '<' && opening == 0)
				opening = line;
			if (mark == '>' && opening > 0)
				return opening;
		}
		stop = memchr(text + start, '\n', size - start);
		if (!stop)
			break;
	}
	return 0;
}

int itsm_document_read(const char *text, size_t size, bool markdown, struct itsm_document *out,
	struct itsm_error *err)
{
	struct itsm_document document = {.front_line = 1, .body_line = 1};
	size_t base = itsm_bom_length(text, size), offset;
	unsigned line;
	int status;

	if (size > ITSM_FILE_MAX_BYTES)
		return itsm_error_set_at(err, ITSM_ELIMIT, 1, 1, "%zu bytes are more than %u; split the file", size,
			ITSM_FILE_MAX_BYTES);
	status = check_bytes(text, size, err);
	if (status)
		return status;
	line = itsm_document_marker(text, size, markdown);
	if (line > 0)
		return itsm_error_set_at(err, ITSM_EDATA, line, 1,
			"unresolved merge conflict; settle it between the markers, then take these away");
	line = 2;
	document.bom = base > 0;
	offset = itsm_line_end(text, size, 0);
	document.crlf = offset < size && text[offset] == '\r';
	if (!markdown || !is_fence(text, size, base)) {
		*out = document;
		return ITSM_OK;
	}
	document.front = true;
	document.front_start = itsm_line_next(text, size, base);
	document.front_line = 2;
	for (offset = document.front_start; offset < size; offset = itsm_line_next(text, size, offset), line++) {
		if (!is_fence(text, size, offset))
			continue;
		document.front_end = offset;
		document.body_start = itsm_line_next(text, size, offset);
		document.body_line = line + 1;
		*out = document;
		return ITSM_OK;
	}
	return itsm_error_set_at(err, ITSM_EDATA, 1, 1,
		"the front matter that '---' opens here is never closed; put a line '---' below its fields");
}

/* Turns cmark's line numbers, which count lone CR too, into bytes and into lines that end in LF. */
struct lines {
	const char *text;
	size_t size, offset;
	int number;    /* cmark's, 1-based, of the line at offset */
	unsigned line; /* ours */
};

static void advance(struct lines *lines)
{
	while (lines->offset < lines->size) {
		char c = lines->text[lines->offset++];

		if (c == '\n') {
			lines->line++;
			break;
		}
		if (c == '\r' && (lines->offset == lines->size || lines->text[lines->offset] != '\n'))
			break;
	}
	lines->number++;
}

static void go_to(struct lines *lines, int number)
{
	while (lines->number < number && lines->offset < lines->size)
		advance(lines);
}

/* A literal with the "!" put back, but for the one that makes the link behind it an image. */
static void add_literal(struct itsm_buffer *name, cmark_node *node)
{
	const char *literal = cmark_node_get_literal(node);
	cmark_node *next = cmark_node_next(node);
	bool image = next && cmark_node_get_type(next) == CMARK_NODE_LINK;

	for (; *literal; literal++) {
		if (*literal != DEFUSED_BANG)
			itsm_buffer_putc(name, *literal);
		else if (!image || literal[1])
			itsm_buffer_putc(name, '!');
	}
}

static void add_text(struct itsm_buffer *name, cmark_node *heading)
{
	cmark_iter *iterator = cmark_iter_new(heading);
	cmark_event_type event;

	while ((event = cmark_iter_next(iterator)) != CMARK_EVENT_DONE) {
		cmark_node *node = cmark_iter_get_node(iterator);
		cmark_node_type type = cmark_node_get_type(node);

		if (event != CMARK_EVENT_ENTER)
			continue;
		if (type == CMARK_NODE_TEXT || type == CMARK_NODE_CODE)
			add_literal(name, node);
		else if (type == CMARK_NODE_SOFTBREAK || type == CMARK_NODE_LINEBREAK)
			itsm_buffer_putc(name, ' ');
	}
	cmark_iter_free(iterator);
}

/* More than blanks and HTML comments? A comment that is never closed hides the rest. */
static bool is_filled(const char *text, size_t start, size_t end)
{
	while (start < end) {
		const char *close;

		if (strchr(" \t\r\n", text[start])) {
			start++;
			continue;
		}
		if (end - start < 4 || memcmp(text + start, "<!--", 4) != 0)
			return true;
		close = memmem(text + start + 4, end - start - 4, "-->", 3);
		if (!close)
			return false;
		start = (size_t)(close - text) + 3;
	}
	return false;
}

/* Is the line at offset a row of "=" or "-" such as underlines a heading? */
static bool is_underline(const struct lines *lines)
{
	size_t offset = lines->offset;
	char mark;

	while (offset < lines->size && lines->text[offset] == ' ')
		offset++;
	mark = offset < lines->size ? lines->text[offset] : '\0';
	if (mark != '=' && mark != '-')
		return false;
	while (offset < lines->size && lines->text[offset] == mark)
		offset++;
	while (offset < lines->size && (lines->text[offset] == ' ' || lines->text[offset] == '\t'))
		offset++;
	return offset == lines->size || lines->text[offset] == '\n' || lines->text[offset] == '\r';
}

/*
 * Go behind the last line of a heading. cmark 0.30 lets an underlined one end a
 * line too late, unless the text ends there.
 */
static void go_behind(struct lines *lines, cmark_node *heading)
{
	int start = cmark_node_get_start_line(heading), end = cmark_node_get_end_line(heading);

	if (end - 1 > start) {
		go_to(lines, end - 1);
		if (is_underline(lines))
			end--;
	}
	go_to(lines, end + 1);
}

struct collector {
	struct itsm_arena *arena;
	struct itsm_section_span *items;
	size_t count, capacity;
	bool open; /* the last section waits for its end */
};

static void close_section(struct collector *collector, const char *text, size_t end)
{
	struct itsm_section_span *section;

	if (!collector->open)
		return;
	section = &collector->items[collector->count - 1];
	section->end = end > section->start ? end : section->start;
	section->filled = is_filled(text, section->start, section->end);
	collector->open = false;
}

static void open_section(struct collector *collector, cmark_node *heading, struct lines *lines)
{
	struct itsm_section_span *section;
	struct itsm_buffer name = {0};

	itsm_arena_grow(collector->arena, &collector->items, &collector->capacity, collector->count,
		sizeof(*collector->items));
	section = &collector->items[collector->count++];
	add_text(&name, heading);
	section->name = itsm_arena_strndup(collector->arena, name.data, name.length);
	itsm_buffer_free(&name);
	section->line = lines->line;
	go_behind(lines, heading);
	section->start = lines->offset;
	collector->open = true;
}

int itsm_document_sections(struct itsm_arena *arena, const char *text, size_t size,
	const struct itsm_document *document, struct itsm_section_span **sections, size_t *count,
	struct itsm_error *err)
{
	size_t start = document->body_start ? document->body_start : itsm_bom_length(text, size);
	struct lines lines = {.text = text, .size = size, .offset = start, .number = 1, .line = document->body_line};
	struct collector collector = {.arena = arena};
	struct itsm_buffer defused = {0};
	cmark_node *root, *node;

	if (size > ITSM_FILE_MAX_BYTES)
		return itsm_error_set_at(err, ITSM_ELIMIT, 1, 1, "%zu bytes are more than %u; split the file", size,
			ITSM_FILE_MAX_BYTES);
	itsm_markdown_defuse(text + start, size - start, &defused);
	root = cmark_parse_document(defused.data, defused.length, CMARK_OPT_DEFAULT);
	itsm_buffer_free(&defused);
	for (node = cmark_node_first_child(root); node; node = cmark_node_next(node)) {
		int level = cmark_node_get_type(node) == CMARK_NODE_HEADING ? cmark_node_get_heading_level(node) : 0;

		if (level != 1 && level != 2)
			continue;
		go_to(&lines, cmark_node_get_start_line(node));
		close_section(&collector, text, lines.offset);
		if (level == 2)
			open_section(&collector, node, &lines);
	}
	close_section(&collector, text, size);
	cmark_node_free(root);
	*sections = collector.items;
	*count = collector.count;
	return ITSM_OK;
}
