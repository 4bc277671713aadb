/* Lines, their numbers, and patience matching. */
#include "diff.h"

#include <stdlib.h>
#include <string.h>

#define MAX_DEPTH 64

void diff_split(struct itsm_arena *arena, const char *text, size_t size, struct diff_text *out)
{
	size_t count = 0, i;
	const char *at = text, *end = text + size;

	for (i = 0; i < size; i++)
		count += text[i] == '\n';
	if (size > 0 && text[size - 1] != '\n')
		count++;
	out->lines = itsm_arena_alloc(arena, (count + 1) * sizeof(*out->lines));
	out->count = count;
	for (i = 0; i < count; i++) {
		struct diff_line *line = &out->lines[i];
		const char *stop = memchr(at, '\n', (size_t)(end - at));

		line->text = at;
		line->size = (size_t)((stop ? stop + 1 : end) - at);
		line->length = stop ? line->size - 1 : line->size;
		if (line->length > 0 && at[line->length - 1] == '\r')
			line->length--;
		at += line->size;
	}
}

static int compare_lines(const void *left, const void *right)
{
	const struct diff_line *a = *(const struct diff_line *const *)left;
	const struct diff_line *b = *(const struct diff_line *const *)right;

	if (a->length != b->length)
		return a->length < b->length ? -1 : 1;
	return memcmp(a->text, b->text, a->length);
}

/* Sorted, not hashed: no choice of lines makes it slow. */
size_t diff_number(struct itsm_arena *arena, struct diff_text *texts, size_t count)
{
	struct diff_line **sorted;
	size_t total = 0, ids = 0, i, j;

	for (i = 0; i < count; i++)
		total += texts[i].count;
	sorted = itsm_arena_alloc(arena, (total + 1) * sizeof(struct diff_line *));
	total = 0;
	for (i = 0; i < count; i++) {
		for (j = 0; j < texts[i].count; j++)
			sorted[total++] = &texts[i].lines[j];
	}
	qsort(sorted, total, sizeof(*sorted), compare_lines);
	for (i = 0; i < total; i++) {
		if (i > 0 && compare_lines(&sorted[i - 1], &sorted[i]) != 0)
			ids++;
		sorted[i]->id = ids;
	}
	return total > 0 ? ids + 1 : 0;
}

/* Where a line occurs in the region at hand; `last` holds only for a count of 1. */
struct occurrence {
	size_t from, to;           /* how often */
	size_t from_last, to_last; /* where last */
};

struct matcher {
	struct occurrence *occurrences; /* by id; all zero between regions */
	size_t *candidates;             /* lines of `from` that occur once on both sides */
	size_t *piles, *previous;       /* of the longest ascending run among them */
	size_t *match;
	size_t work;
};

static void count_lines(struct matcher *matcher, const struct diff_region *region)
{
	struct occurrence *seen;
	size_t i;

	for (i = region->from_start; i < region->from_end; i++) {
		seen = &matcher->occurrences[region->from[i].id];
		seen->from++;
		seen->from_last = i;
	}
	for (i = region->to_start; i < region->to_end; i++) {
		seen = &matcher->occurrences[region->to[i].id];
		seen->to++;
		seen->to_last = i;
	}
}

static void forget_lines(struct matcher *matcher, const struct diff_region *region)
{
	size_t i;

	for (i = region->from_start; i < region->from_end; i++)
		matcher->occurrences[region->from[i].id] = (struct occurrence){0};
	for (i = region->to_start; i < region->to_end; i++)
		matcher->occurrences[region->to[i].id] = (struct occurrence){0};
}

/* Match the longest run of candidates that ascends on both sides. */
static void match_longest(struct matcher *matcher, const struct diff_region *region, size_t count)
{
	size_t piles = 0, i, low, high, middle, candidate;

#define TARGET(candidate) (matcher->occurrences[region->from[matcher->candidates[candidate]].id].to_last)
	for (i = 0; i < count; i++) {
		for (low = 0, high = piles; low < high;) {
			middle = (low + high) / 2;
			if (TARGET(matcher->piles[middle]) < TARGET(i))
				low = middle + 1;
			else
				high = middle;
		}
		matcher->previous[i] = low > 0 ? matcher->piles[low - 1] : DIFF_NONE;
		matcher->piles[low] = i;
		if (low == piles)
			piles++;
	}
	candidate = piles > 0 ? matcher->piles[piles - 1] : DIFF_NONE;
	for (; candidate != DIFF_NONE; candidate = matcher->previous[candidate])
		matcher->match[matcher->candidates[candidate]] = TARGET(candidate);
#undef TARGET
}

/* Anchor the region on lines that are unique on both sides. `common`: is there any line in both at all? */
static size_t match_unique(struct matcher *matcher, const struct diff_region *region, bool *common)
{
	size_t count = 0, i;

	count_lines(matcher, region);
	*common = false;
	for (i = region->from_start; i < region->from_end; i++) {
		const struct occurrence *seen = &matcher->occurrences[region->from[i].id];

		*common |= seen->to > 0;
		if (seen->from == 1 && seen->to == 1)
			matcher->candidates[count++] = i;
	}
	match_longest(matcher, region, count);
	forget_lines(matcher, region);
	return count;
}

/* Match what the region begins and ends with, and narrow it. */
static void match_ends(struct matcher *matcher, struct diff_region *region)
{
	while (region->from_start < region->from_end && region->to_start < region->to_end &&
			region->from[region->from_start].id == region->to[region->to_start].id)
		matcher->match[region->from_start++] = region->to_start++;
	while (region->from_start < region->from_end && region->to_start < region->to_end &&
			region->from[region->from_end - 1].id == region->to[region->to_end - 1].id)
		matcher->match[--region->from_end] = --region->to_end;
}

static void match_region(struct matcher *matcher, struct diff_region region, unsigned depth)
{
	struct diff_region gap;
	size_t cost, i;
	bool common;

	match_ends(matcher, &region);
	cost = region.from_end - region.from_start + region.to_end - region.to_start;
	if (region.from_start == region.from_end || region.to_start == region.to_end || cost > matcher->work)
		return;
	matcher->work -= cost;
	if (match_unique(matcher, &region, &common) == 0) {
		if (common)
			diff_myers(&region, matcher->match, &matcher->work);
		return;
	}
	if (depth == MAX_DEPTH)
		return;
	gap = region;
	for (i = region.from_start; i <= region.from_end; i++) {
		if (i < region.from_end && matcher->match[i] == DIFF_NONE)
			continue;
		gap.from_end = i;
		gap.to_end = i < region.from_end ? matcher->match[i] : region.to_end;
		match_region(matcher, gap, depth + 1);
		gap.from_start = i + 1;
		gap.to_start = gap.to_end + 1;
	}
}

size_t *diff_match(struct itsm_arena *arena, const struct diff_text *from, const struct diff_text *to, size_t ids)
{
	struct itsm_arena *scratch = itsm_arena_new();
	struct matcher matcher = {.work = 32 * (from->count + to->count) + (4u << 20)};
	struct diff_region all = {from->lines, to->lines, 0, from->count, 0, to->count};
	size_t size = (from->count + 1) * sizeof(size_t), i;

	matcher.match = itsm_arena_alloc(arena, size);
	matcher.occurrences = itsm_arena_alloc(scratch, (ids + 1) * sizeof(*matcher.occurrences));
	matcher.candidates = itsm_arena_alloc(scratch, size);
	matcher.piles = itsm_arena_alloc(scratch, size);
	matcher.previous = itsm_arena_alloc(scratch, size);
	for (i = 0; i < from->count; i++)
		matcher.match[i] = DIFF_NONE;
	match_region(&matcher, all, 0);
	itsm_arena_free(scratch);
	return matcher.match;
}
