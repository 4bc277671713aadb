/*
 * Myers' greedy search for the shortest edit, with a bound on its length.
 *
 * reach[d][d + k] is how far in `from` one comes on diagonal k (from minus to)
 * with d lines removed or added. All are kept, to find the way back. Diagonals
 * that run over an edge stay in the search, harmless: nothing leads back from there.
 */
#include "diff.h"

#define MAX_DISTANCE 256

struct search {
	const struct diff_region *region;
	size_t from_count, to_count;
	size_t *reach[MAX_DISTANCE + 1];
	size_t *work;
};

/* One line removed or, going down, added: from distance d - 1 to diagonal k at distance d. */
static size_t step(const struct search *search, size_t d, long k, bool *down)
{
	const size_t *reach = search->reach[d - 1] + (d - 1);

	*down = k == -(long)d || (k != (long)d && reach[k + 1] > reach[k - 1]);
	return *down ? reach[k + 1] : reach[k - 1] + 1;
}

/* The equal lines that follow. */
static size_t follow(const struct search *search, size_t x, long k)
{
	const struct diff_line *from = search->region->from + search->region->from_start;
	const struct diff_line *to = search->region->to + search->region->to_start;
	size_t y = (size_t)((long)x - k), length = 0;

	while (x + length < search->from_count && y + length < search->to_count && from[x + length].id == to[y + length].id)
		length++;
	*search->work -= *search->work > length ? length + 1 : *search->work;
	return x + length;
}

static void match_way(const struct search *search, size_t distance, size_t *match)
{
	const struct diff_region *region = search->region;
	long k = (long)search->from_count - (long)search->to_count;
	size_t x = search->from_count, begin, d;
	bool down = false;

	for (d = distance;; d--) {
		begin = d > 0 ? step(search, d, k, &down) : 0;
		while (x > begin) {
			x--;
			match[region->from_start + x] = region->to_start + (size_t)((long)x - k);
		}
		if (d == 0)
			break;
		k += down ? 1 : -1;
		x = search->reach[d - 1][(long)d - 1 + k];
	}
}

void diff_myers(const struct diff_region *region, size_t *match, size_t *work)
{
	struct search search = {.region = region, .from_count = region->from_end - region->from_start,
		.to_count = region->to_end - region->to_start, .work = work};
	struct itsm_arena *arena = itsm_arena_new();
	long goal = (long)search.from_count - (long)search.to_count, k;
	bool down, found = false;
	size_t d, x;

	for (d = 0; d <= MAX_DISTANCE && *work > 0 && !found; d++) {
		search.reach[d] = itsm_arena_alloc(arena, (2 * d + 1) * sizeof(size_t));
		for (k = -(long)d; k <= (long)d && !found; k += 2) {
			x = follow(&search, d > 0 ? step(&search, d, k, &down) : 0, k);
			search.reach[d][(long)d + k] = x;
			found = k == goal && x == search.from_count;
		}
	}
	if (found)
		match_way(&search, d - 1, match);
	itsm_arena_free(arena);
}
