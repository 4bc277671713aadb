/*
 * cmark 0.30 takes quadratic time for two shapes of text: containers nested in
 * thousands, each line then visiting all of them, and `![[]()` again and again.
 * A body goes to it defused: a copy of the same length in which images are links
 * and what is nested beyond all use is text. The headings of the document itself,
 * which is all we ask for, stay where they are.
 */
#ifndef TEXT_DEFUSE_H
#define TEXT_DEFUSE_H

#include <stddef.h>

#include "itsm/memory.h"

/* Stands for a "!" before "["; no record holds this byte, see itsm_document_read. */
#define DEFUSED_BANG '\x7F'

/* How deep a line's own markers and blanks may nest before the rest is taken for text. */
#define DEFUSED_MARKERS 64
#define DEFUSED_COLUMNS 256

/* Append the defused copy of text to out. */
void itsm_markdown_defuse(const char *text, size_t size, struct itsm_buffer *out);

#endif
