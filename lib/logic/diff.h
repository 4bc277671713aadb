/*
 * Lines of two texts that correspond, and three versions of a text into one.
 *
 * Lines are compared without their line ends. Matching is patience (lines that
 * occur once on both sides), then Myers between them. Both are bounded: where
 * a text is made to be slow, matches are missed, so that more counts as
 * changed; a match is never wrong.
 */
#ifndef LOGIC_DIFF_H
#define LOGIC_DIFF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "itsm/memory.h"

#define DIFF_NONE SIZE_MAX

struct diff_line {
	const char *text;
	size_t length; /* without the line end */
	size_t size;   /* with it */
	size_t id;     /* equal for equal lines of texts numbered together, from 0 */
};

struct diff_text {
	struct diff_line *lines;
	size_t count;
};

/* What a run of lines is in the three versions, in the order base, ours, theirs. */
enum diff_change {
	DIFF_SAME,     /* in all three */
	DIFF_OURS,     /* changed by ours, as base in theirs */
	DIFF_THEIRS,
	DIFF_ALIKE,    /* changed by both to the same */
	DIFF_CONFLICT,
};

struct diff_hunk {
	enum diff_change change;
	size_t start[3], end[3]; /* lines */
};

/* Cut a text into lines. Points into the text. */
void diff_split(struct itsm_arena *arena, const char *text, size_t size, struct diff_text *out);
/* Number the lines of some texts together; returns how many different ones there are. */
size_t diff_number(struct itsm_arena *arena, struct diff_text *texts, size_t count);
/* For each line of `from` the line of `to` that it is, ascending, or DIFF_NONE. `ids` as diff_number returned it. */
size_t *diff_match(struct itsm_arena *arena, const struct diff_text *from, const struct diff_text *to, size_t ids);
/* Three versions, base first, as hunks in order. Edits that touch each other overlap. */
void diff_merge(struct itsm_arena *arena, struct diff_text texts[3], struct diff_hunk **out, size_t *count);

/* diff_myers.c. A part of two texts. */
struct diff_region {
	const struct diff_line *from, *to;
	size_t from_start, from_end, to_start, to_end;
};

/* Match a region at least cost, if few lines differ; else leave it as it is. `work` may be spent, and is reduced. */
void diff_myers(const struct diff_region *region, size_t *match, size_t *work);

#endif
