#include "defuse.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_break(char c)
{
	return c == '\n' || c == '\r';
}

/* Length of the list or quote marker at offset, 0 when there is none. */
static size_t marker_length(const char *text, size_t size, size_t offset)
{
	size_t end = offset;

	if (text[offset] == '>')
		return 1;
	if (text[offset] == '-' || text[offset] == '+' || text[offset] == '*') {
		end++;
	} else {
		while (end < size && text[end] >= '0' && text[end] <= '9')
			end++;
		if (end == offset || end == size || (text[end] != '.' && text[end] != ')'))
			return 0;
		end++;
	}
	return end == size || is_blank(text[end]) || is_break(text[end]) ? end - offset : 0;
}

/*
 * Where the line that starts at offset must be made text, so that it opens or
 * continues no more containers; size when it need not.
 *
 * Headings of the document start within its first columns and interrupt all
 * that is open; what is nested this deep neither holds nor hides one, save that
 * an underlined heading may take the lines behind it for its own.
 */
static size_t find_excess(const char *text, size_t size, size_t offset)
{
	size_t columns = 0, markers = 0, length;

	while (offset < size && !is_break(text[offset])) {
		if (is_blank(text[offset])) {
			columns += text[offset] == '\t' ? 4 - columns % 4 : 1;
			length = 1;
		} else {
			length = marker_length(text, size, offset);
			columns += length;
			markers++;
		}
		if (length == 0)
			break;
		if (columns > DEFUSED_COLUMNS || markers > DEFUSED_MARKERS)
			return offset;
		offset += length;
	}
	return size;
}

/* How many bytes from here on are neither breaks nor '!': eight at a time. */
static size_t dull_length(const char *text, size_t size)
{
	const uint64_t ones = 0x0101010101010101u, tops = 0x80 * ones;
	size_t length = 0;
	uint64_t word, feed, carriage, bang;

	for (; length + sizeof(word) <= size; length += sizeof(word)) {
		memcpy(&word, text + length, sizeof(word));
		feed = word ^ '\n' * ones;
		carriage = word ^ '\r' * ones;
		bang = word ^ '!' * ones;
		/* a top bit, if any of the eight bytes is 0 now */
		if ((((feed - ones) & ~feed) | ((carriage - ones) & ~carriage) | ((bang - ones) & ~bang)) & tops)
			break;
	}
	while (length < size && text[length] != '!' && !is_break(text[length]))
		length++;
	return length;
}

void itsm_markdown_defuse(const char *text, size_t size, struct itsm_buffer *out)
{
	size_t start = out->length, line = 0, excess;
	char *copy;

	itsm_buffer_add(out, text, size);
	copy = out->data + start;
	for (size_t offset = 0; offset < size; offset++) {
		if (offset == line) {
			excess = find_excess(text, size, offset);
			if (excess < size)
				copy[excess] = 'x';
		}
		offset += dull_length(text + offset, size - offset);
		if (offset == size)
			break;
		if (is_break(text[offset]))
			line = offset + 1;
		/* "<![CDATA[" opens an HTML block: it stays. */
		if (text[offset] == '!' && offset + 1 < size && text[offset + 1] == '[' &&
				(offset == 0 || text[offset - 1] != '<'))
			copy[offset] = DEFUSED_BANG;
	}
}
