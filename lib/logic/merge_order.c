/* Which parts of three versions are the same, and where the result has them. */
#include <stdlib.h>
#include <string.h>

#include "merge_job.h"

struct entry {
	const char *name;
	size_t index;
};

struct linked {
	struct merge_slot slot;
	size_t next;
};

struct order {
	struct entry *sorted[MERGE_SIDES];
	const size_t *counts;
	struct linked *items; /* [0] stands before the first */
	size_t count, tail;
};

static int compare_entries(const void *left, const void *right)
{
	return strcmp(((const struct entry *)left)->name, ((const struct entry *)right)->name);
}

static size_t find(const struct order *order, enum merge_side side, const char *name)
{
	struct entry key = {name, 0};
	const struct entry *found = order->counts[side] == 0 ? NULL : bsearch(&key, order->sorted[side],
		order->counts[side], sizeof(key), compare_entries);

	return found ? found->index : MERGE_NONE;
}

static bool equal_order(const char *const *a, const char *const *b, size_t a_count, size_t b_count)
{
	size_t i;

	for (i = 0; a_count == b_count && i < a_count; i++) {
		if (strcmp(a[i], b[i]) != 0)
			return false;
	}
	return a_count == b_count;
}

/* A new slot behind another; returns its place. */
static size_t insert(struct order *order, size_t behind, const char *name)
{
	struct linked *item = &order->items[++order->count];
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++)
		item->slot.index[side] = find(order, side, name);
	item->next = order->items[behind].next;
	order->items[behind].next = order->count;
	if (behind == order->tail)
		order->tail = order->count;
	return order->count;
}

/* Behind what only the host has put at the same place. */
static size_t behind_new(const struct order *order, size_t place, enum merge_side guest)
{
	size_t next = order->items[place].next;

	while (next != 0 && order->items[next].slot.index[guest] == MERGE_NONE &&
			order->items[next].slot.index[MERGE_BASE] == MERGE_NONE) {
		place = next;
		next = order->items[place].next;
	}
	return place;
}

void merge_order(struct itsm_arena *arena, const char *const *const names[MERGE_SIDES],
	const size_t counts[MERGE_SIDES], bool list, struct merge_slot **out, size_t *count)
{
	struct itsm_arena *scratch = itsm_arena_new();
	struct order order = {.counts = counts};
	bool ours_leads = !equal_order(names[MERGE_OURS], names[MERGE_BASE], counts[MERGE_OURS], counts[MERGE_BASE]);
	enum merge_side host = ours_leads ? MERGE_OURS : MERGE_THEIRS, guest = ours_leads ? MERGE_THEIRS : MERGE_OURS;
	size_t *place, last = 0, i, found;
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		order.sorted[side] = itsm_arena_alloc(scratch, (counts[side] + 1) * sizeof(struct entry));
		for (i = 0; i < counts[side]; i++)
			order.sorted[side][i] = (struct entry){names[side][i], i};
		qsort(order.sorted[side], counts[side], sizeof(struct entry), compare_entries);
	}
	order.items = itsm_arena_alloc(scratch, (counts[host] + counts[guest] + 1) * sizeof(*order.items));
	place = itsm_arena_alloc(scratch, (counts[host] + 1) * sizeof(*place));
	for (i = 0; i < counts[host]; i++)
		place[i] = insert(&order, order.tail, names[host][i]);
	for (i = 0; i < counts[guest]; i++) {
		found = find(&order, host, names[guest][i]);
		if (found != MERGE_NONE)
			last = place[found];
		else
			last = insert(&order, list ? order.tail : behind_new(&order, last, guest), names[guest][i]);
	}
	*out = itsm_arena_alloc(arena, (order.count + 1) * sizeof(**out));
	*count = 0;
	for (i = order.items[0].next; i != 0; i = order.items[i].next)
		(*out)[(*count)++] = order.items[i].slot;
	itsm_arena_free(scratch);
}
