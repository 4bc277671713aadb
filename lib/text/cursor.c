#include "cursor.h"

#include <stdbool.h>
#include <string.h>

size_t itsm_bom_length(const char *text, size_t size)
{
	return size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
}

void itsm_cursor_init(struct itsm_cursor *cursor, const char *text, size_t size, unsigned first_line)
{
	size_t base = itsm_bom_length(text, size);

	*cursor = (struct itsm_cursor){.text = text, .size = size, .base = base, .byte = base, .line = first_line};
}

static bool continues(const struct itsm_cursor *cursor)
{
	return cursor->byte < cursor->size && ((unsigned char)cursor->text[cursor->byte] & 0xC0) == 0x80;
}

static void forward(struct itsm_cursor *cursor)
{
	bool feed = cursor->text[cursor->byte] == '\n';

	do {
		cursor->byte++;
	} while (continues(cursor));
	cursor->index++;
	if (feed) {
		cursor->line++;
		cursor->line_index = cursor->index;
	}
}

/* How many characters lie between the start of the cursor's line and the cursor. */
static size_t characters_before(const struct itsm_cursor *cursor)
{
	size_t byte = cursor->byte, count = 0;

	while (byte > cursor->base && cursor->text[byte - 1] != '\n') {
		byte--;
		count += ((unsigned char)cursor->text[byte] & 0xC0) != 0x80;
	}
	return count;
}

static void backward(struct itsm_cursor *cursor)
{
	do {
		cursor->byte--;
	} while (cursor->byte > cursor->base && continues(cursor));
	cursor->index--;
	if (cursor->text[cursor->byte] == '\n') {
		cursor->line--;
		cursor->line_index = cursor->index - characters_before(cursor);
	}
}

size_t itsm_cursor_seek(struct itsm_cursor *cursor, size_t index)
{
	while (cursor->index < index && cursor->byte < cursor->size)
		forward(cursor);
	while (cursor->index > index && cursor->byte > cursor->base)
		backward(cursor);
	return cursor->byte;
}

void itsm_cursor_seek_byte(struct itsm_cursor *cursor, size_t byte)
{
	while (cursor->byte < byte && cursor->byte < cursor->size)
		forward(cursor);
	while (cursor->byte > byte && cursor->byte > cursor->base)
		backward(cursor);
}

unsigned itsm_cursor_column(const struct itsm_cursor *cursor)
{
	return (unsigned)(cursor->index - cursor->line_index) + 1;
}

size_t itsm_line_start(const char *text, size_t size, size_t offset)
{
	size_t base = itsm_bom_length(text, size);

	while (offset > base && text[offset - 1] != '\n')
		offset--;
	return offset < base ? base : offset;
}

size_t itsm_line_end(const char *text, size_t size, size_t offset)
{
	const char *feed = offset < size ? memchr(text + offset, '\n', size - offset) : NULL;

	if (!feed)
		return size;
	if (feed > text + offset && feed[-1] == '\r')
		feed--;
	return (size_t)(feed - text);
}

size_t itsm_line_next(const char *text, size_t size, size_t offset)
{
	const char *feed = offset < size ? memchr(text + offset, '\n', size - offset) : NULL;

	return feed ? (size_t)(feed - text) + 1 : size;
}
