/* Figures over items: what is counted for each group, and the shares. */
#include <stdlib.h>
#include <string.h>

#include "health.h"

struct member {
	const char *by, *name;
	const struct itsm_health_item *item;
};

struct members {
	struct itsm_arena *arena;
	struct member *list;
	size_t count, capacity;
};

static void add(struct members *members, const char *by, const char *name, const struct itsm_health_item *item)
{
	itsm_arena_grow(members->arena, &members->list, &members->capacity, members->count, sizeof(*members->list));
	members->list[members->count++] = (struct member){by, name, item};
}

/* "all", "class", "owner", "service": as it happens in the order of the alphabet. Those without a name come last. */
static int compare(const void *a, const void *b)
{
	const struct member *one = a, *other = b;
	int order = strcmp(one->by, other->by);

	if (order == 0 && (!one->name || !other->name))
		return !one->name - !other->name;
	return order ? order : strcmp(one->name, other->name);
}

static void count(struct itsm_health_figure *figure, const struct itsm_health_item *item)
{
	figure->items++;
	figure->complete += !item->missing;
	figure->recommended += !item->wanted;
	figure->orphans += item->orphan;
	figure->stale += item->stale;
	figure->duplicates += item->twin != NULL;
	figure->audit_asked += item->audit_asked;
	figure->audit_late += item->audit_late;
}

static void finish(struct itsm_health_figure *figure)
{
	double all = (double)figure->items;

	figure->completeness = (double)(figure->complete + figure->recommended) / (2 * all) * 100;
	figure->correctness = (3 * all - (double)(figure->orphans + figure->stale + figure->duplicates)) / (3 * all) * 100;
	figure->compliance = -1;
	figure->overall = (figure->completeness + figure->correctness) / 2;
	if (!figure->audit_asked)
		return;
	figure->compliance = (double)(figure->audit_asked - figure->audit_late) / (double)figure->audit_asked * 100;
	figure->overall = (figure->completeness + figure->correctness + figure->compliance) / 3;
}

void health_figures(struct itsm_arena *arena, struct itsm_health *health)
{
	struct members members = {.arena = arena};
	size_t capacity = 0;

	for (size_t i = 0; i < health->count; i++) {
		const struct itsm_health_item *item = &health->items[i];

		add(&members, "all", "all", item);
		add(&members, "class", item->class_name, item);
		add(&members, "owner", item->owner, item);
		if (!item->services[0])
			add(&members, "service", NULL, item);
		for (size_t j = 0; item->services[j]; j++)
			add(&members, "service", item->services[j], item);
	}
	if (members.count)
		qsort(members.list, members.count, sizeof(*members.list), compare);
	for (size_t i = 0; i < members.count; i++) {
		if (!i || compare(&members.list[i - 1], &members.list[i]) != 0) {
			itsm_arena_grow(arena, &health->figures, &capacity, health->figure_count, sizeof(*health->figures));
			health->figures[health->figure_count++] =
				(struct itsm_health_figure){.by = members.list[i].by, .name = members.list[i].name};
		}
		count(&health->figures[health->figure_count - 1], members.list[i].item);
	}
	for (size_t i = 0; i < health->figure_count; i++)
		finish(&health->figures[i]);
}
