/*
 * Records with a body: front matter between whole `---` lines, then Markdown
 * whose `## ` headings (found by cmark, so none inside code counts) name the
 * sections.
 */
#ifndef ITSM_MARKDOWN_H
#define ITSM_MARKDOWN_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/error.h"
#include "itsm/memory.h"

#define ITSM_FILE_MAX_BYTES (2u << 20)

/* Where the parts of a file are, as byte offsets. */
struct itsm_document {
	bool bom;                /* starts with EF BB BF */
	bool crlf;               /* its first line ends in CRLF */
	bool front;              /* has front matter */
	size_t front_start;      /* first byte after the opening fence's line */
	size_t front_end;        /* first byte of the closing fence */
	unsigned front_line;     /* line number of front_start */
	size_t body_start;       /* first byte after the closing fence's line, or 0 without front matter */
	unsigned body_line;
};

struct itsm_section_span {
	const char *name;        /* heading text, markup taken away */
	unsigned line;           /* of the heading, in the file */
	size_t start, end;       /* content, after the heading's line, up to the next heading of level 1 or 2 */
	bool filled;             /* holds more than blanks and HTML comments */
};

/*
 * Look at a file's bytes. Refuses (ITSM_EDATA, with position) NUL bytes,
 * invalid UTF-8, control characters other than TAB, CR, LF, an opening
 * fence without a closing one, and merge conflicts that were not settled (see
 * itsm_document_marker); ITSM_ELIMIT beyond ITSM_FILE_MAX_BYTES.
 * `markdown` says whether front matter is expected at all.
 */
ITSM_API int itsm_document_read(const char *text, size_t size, bool markdown, struct itsm_document *out,
	struct itsm_error *err);

/*
 * The line (from 1) of the first marker of a merge conflict that was not
 * settled, or 0. Markers begin a line with "<<<<<<< ", "||||||| " or ">>>>>>> ".
 * In YAML (front matter, or a file that is not `markdown`) any of them counts,
 * in a body an opening one that a closing one follows.
 */
ITSM_API unsigned itsm_document_marker(const char *text, size_t size, bool markdown);

/* The sections of the body, in order; `sections` points into the arena. */
ITSM_API int itsm_document_sections(struct itsm_arena *arena, const char *text, size_t size,
	const struct itsm_document *document, struct itsm_section_span **sections, size_t *count,
	struct itsm_error *err);

/*
 * Append the Markdown as HTML that is safe in a page: cmark's safe mode (no raw HTML, no links but to http, https, ftp, mailto
 * and places), images are links, and control and deceptive characters are shown as by itsm_escape_html.
 */
ITSM_API void itsm_markdown_html(const char *text, size_t size, struct itsm_buffer *out);

#endif
