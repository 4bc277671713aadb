/*
 * From libyaml's marks to bytes and to places a person can find.
 *
 * libyaml counts characters from behind the byte order mark, and takes lone CR,
 * U+0085, U+2028 and U+2029 for line breaks. Here offsets are bytes of the whole
 * text and lines end in LF only, as editors and git have it. A cursor walks from
 * mark to mark, so that a parse costs one pass.
 */
#ifndef TEXT_CURSOR_H
#define TEXT_CURSOR_H

#include <stddef.h>

struct itsm_cursor {
	const char *text;
	size_t size;
	size_t base;       /* bytes of the byte order mark: 0 or 3 */
	size_t byte;
	size_t index;      /* characters before `byte`, without the byte order mark */
	unsigned line;     /* 1-based */
	size_t line_index; /* index at which the line starts */
};

void itsm_cursor_init(struct itsm_cursor *cursor, const char *text, size_t size, unsigned first_line);
/* Go to the character with this index (at most to the end) and return its byte offset. */
size_t itsm_cursor_seek(struct itsm_cursor *cursor, size_t index);
/* Go to the character at or after this byte. */
void itsm_cursor_seek_byte(struct itsm_cursor *cursor, size_t byte);
/* 1-based column where the cursor stands. */
unsigned itsm_cursor_column(const struct itsm_cursor *cursor);

/* Where the line that holds `offset` starts (behind a byte order mark) and ends (before CRLF or LF). */
size_t itsm_line_start(const char *text, size_t size, size_t offset);
size_t itsm_line_end(const char *text, size_t size, size_t offset);
/* The first byte of the next line, or size. */
size_t itsm_line_next(const char *text, size_t size, size_t offset);
/* Length of a byte order mark at the start: 0 or 3. */
size_t itsm_bom_length(const char *text, size_t size);

#endif
