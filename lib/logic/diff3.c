/*
 * Three versions of a text, run by run.
 *
 * A run is stable where base's lines are matched on both sides and nothing lies
 * between; what lies between two stable runs is one hunk, judged as a whole.
 */
#include "diff.h"

struct walk {
	struct itsm_arena *arena;
	const struct diff_text *texts; /* base, ours, theirs */
	size_t *match[3];              /* of base's lines in each; [0] is unused */
	size_t at[3];
	struct diff_hunk *hunks;
	size_t count, capacity;
};

static bool equal_runs(const struct walk *walk, const struct diff_hunk *hunk, size_t a, size_t b)
{
	size_t length = hunk->end[a] - hunk->start[a], i;

	if (length != hunk->end[b] - hunk->start[b])
		return false;
	for (i = 0; i < length; i++) {
		if (walk->texts[a].lines[hunk->start[a] + i].id != walk->texts[b].lines[hunk->start[b] + i].id)
			return false;
	}
	return true;
}

/* Take the lines from where the walk stands to `end` as one hunk. */
static void add_hunk(struct walk *walk, enum diff_change change, const size_t end[3])
{
	struct diff_hunk *hunk = walk->count > 0 ? &walk->hunks[walk->count - 1] : NULL;
	size_t i;

	if (hunk && hunk->change == DIFF_SAME && change == DIFF_SAME) {
		for (i = 0; i < 3; i++)
			hunk->end[i] = walk->at[i] = end[i];
		return;
	}
	itsm_arena_grow(walk->arena, &walk->hunks, &walk->capacity, walk->count, sizeof(*walk->hunks));
	hunk = &walk->hunks[walk->count++];
	hunk->change = change;
	for (i = 0; i < 3; i++) {
		hunk->start[i] = walk->at[i];
		hunk->end[i] = end[i];
		walk->at[i] = end[i];
	}
}

/* Both put something where base had nothing: what they begin and end with alike is no conflict. */
static void add_insertions(struct walk *walk, const size_t end[3])
{
	const struct diff_line *ours = walk->texts[1].lines, *theirs = walk->texts[2].lines;
	size_t head[3] = {walk->at[0], walk->at[1], walk->at[2]}, tail[3] = {end[0], end[1], end[2]};

	while (head[1] < end[1] && head[2] < end[2] && ours[head[1]].id == theirs[head[2]].id) {
		head[1]++;
		head[2]++;
	}
	while (tail[1] > head[1] && tail[2] > head[2] && ours[tail[1] - 1].id == theirs[tail[2] - 1].id) {
		tail[1]--;
		tail[2]--;
	}
	if (head[1] > walk->at[1])
		add_hunk(walk, DIFF_ALIKE, head);
	add_hunk(walk, DIFF_CONFLICT, tail);
	if (tail[1] < end[1])
		add_hunk(walk, DIFF_ALIKE, end);
}

static void add_unstable(struct walk *walk, const size_t end[3])
{
	struct diff_hunk hunk = {.start = {walk->at[0], walk->at[1], walk->at[2]}, .end = {end[0], end[1], end[2]}};

	if (equal_runs(walk, &hunk, 1, 2))
		add_hunk(walk, DIFF_ALIKE, end);
	else if (equal_runs(walk, &hunk, 0, 1))
		add_hunk(walk, DIFF_THEIRS, end);
	else if (equal_runs(walk, &hunk, 0, 2))
		add_hunk(walk, DIFF_OURS, end);
	else if (hunk.start[0] == hunk.end[0])
		add_insertions(walk, end);
	else
		add_hunk(walk, DIFF_CONFLICT, end);
}

void diff_merge(struct itsm_arena *arena, struct diff_text texts[3], struct diff_hunk **out, size_t *count)
{
	size_t ids = diff_number(arena, texts, 3), total = texts[0].count, end[3], i;
	struct walk walk = {.arena = arena, .texts = texts};

	for (i = 1; i < 3; i++)
		walk.match[i] = diff_match(arena, &texts[0], &texts[i], ids);
	for (end[0] = 0; end[0] <= total; end[0]++) {
		for (i = 1; i < 3; i++)
			end[i] = end[0] < total ? walk.match[i][end[0]] : texts[i].count;
		if (end[1] == DIFF_NONE || end[2] == DIFF_NONE)
			continue;
		if (end[0] > walk.at[0] || end[1] > walk.at[1] || end[2] > walk.at[2])
			add_unstable(&walk, end);
		if (end[0] < total)
			add_hunk(&walk, DIFF_SAME, (size_t[]){end[0] + 1, end[1] + 1, end[2] + 1});
	}
	*out = walk.hunks;
	*count = walk.count;
}
