/* What is planned against each other, freezes and maintenance windows. */
#include "schedule.h"

#include <stdlib.h>
#include <string.h>

int schedule_begin(struct itsm_desk *desk, struct itsm_arena *arena, const struct schedule_wish *wish,
	struct schedule *out, struct itsm_error *err)
{
	struct itsm_hit hit = {0};
	int status;

	*out = (struct schedule){.desk = desk, .arena = arena, .own = ITSM_IMPACT_NOTHING};
	if ((status = itsm_desk_view(desk, wish->at, &out->index, err)) != 0 ||
		(wish->id && (status = itsm_index_find(out->index, arena, wish->id, "change", &hit, err)) != 0) ||
		(status = itsm_index_impact(out->index, &out->map, err)) != 0 ||
		(status = itsm_index_planned(out->index, arena, out->map, wish->open, hit.id, &out->planned, &out->count,
			err)) != 0)
		return status;
	out->capacity = out->count;
	for (size_t i = 0; hit.id && i < out->count; i++)
		if (strcmp(out->planned[i].booking.id, hit.id) == 0)
			out->own = (uint32_t)i;
	return wish->branches ? schedule_add_branches(out, err) : 0;
}

void schedule_end(struct schedule *schedule)
{
	itsm_impact_map_free(schedule->map);
}

const char *schedule_rule(enum itsm_collision_reason reason)
{
	static const char *const names[] = {"same-item", "dependent-item", "redundant-item", "implementer"};

	return names[reason];
}

const char *schedule_words(const struct schedule *schedule, const struct itsm_collision *collision, bool of_a)
{
	const struct itsm_impact_graph *graph = schedule->map->graph;
	uint32_t own = of_a ? collision->node : collision->other, other = of_a ? collision->other : collision->node;

	switch (collision->reason) {
	case ITSM_COLLISION_SAME:
		return itsm_arena_printf(schedule->arena, "both are on %s", itsm_impact_node(graph, own).id);
	case ITSM_COLLISION_DEPENDENT:
		return itsm_arena_printf(schedule->arena, "%s and %s depend on one another", itsm_impact_node(graph, own).id,
			itsm_impact_node(graph, other).id);
	case ITSM_COLLISION_REDUNDANT:
		return itsm_arena_printf(schedule->arena, "%s can do without %s or %s, but not without all that are away then",
			itsm_impact_node(graph, collision->whole).id, itsm_impact_node(graph, own).id, itsm_impact_node(graph, other).id);
	default:
		return itsm_arena_printf(schedule->arena, "%s carries out both",
			schedule->planned[collision->a].booking.person);
	}
}

struct telling {
	struct schedule *schedule;
	const struct itsm_conflicts_query *query;
	struct itsm_conflicts *out;
	size_t capacity;
	struct itsm_error *err;
};

static struct itsm_conflict *tell(struct telling *telling, const struct itsm_planned *planned, const char *rule)
{
	struct itsm_conflicts *out = telling->out;
	struct itsm_conflict *conflict;

	itsm_arena_grow(telling->schedule->arena, &out->items, &telling->capacity, out->count, sizeof(*out->items));
	conflict = &out->items[out->count++];
	*conflict = (struct itsm_conflict){.change = planned->booking.id,
		.title = planned->title,
		.branch = planned->branch,
		.rule = rule,
		.start = planned->booking.start,
		.end = planned->booking.end};
	return conflict;
}

/* Each pair once, of the change that was asked for first. */
static void tell_collisions(struct telling *telling, const struct itsm_collision_result *found)
{
	struct schedule *schedule = telling->schedule;

	for (size_t i = 0; i < found->count; i++) {
		const struct itsm_collision *collision = &found->items[i];
		bool of_a = collision->b != schedule->own;
		const struct itsm_planned *one = &schedule->planned[of_a ? collision->a : collision->b];
		const struct itsm_planned *other = &schedule->planned[of_a ? collision->b : collision->a];
		struct itsm_conflict *conflict;

		if (one->booking.end <= telling->query->from && other->booking.end <= telling->query->from)
			continue;
		conflict = tell(telling, one, schedule_rule(collision->reason));
		conflict->with = other->booking.id;
		conflict->with_branch = other->branch;
		conflict->about = collision->reason == ITSM_COLLISION_PERSON ? one->booking.person :
			itsm_arena_strdup(schedule->arena, itsm_impact_node(schedule->map->graph,
				collision->reason == ITSM_COLLISION_REDUNDANT ? collision->whole :
				of_a ? collision->node : collision->other).id);
		conflict->start = one->booking.start > other->booking.start ? one->booking.start : other->booking.start;
		conflict->end = one->booking.end < other->booking.end ? one->booking.end : other->booking.end;
		conflict->message = schedule_words(schedule, collision, of_a);
	}
}

static int tell_freezes(struct telling *telling, const struct itsm_planned *planned, const struct itsm_work *work)
{
	struct schedule *schedule = telling->schedule;
	struct itsm_calendar_event *events;
	size_t count;
	int status = itsm_index_freezes(schedule->index, schedule->arena, work, &events, &count, telling->err);

	for (size_t i = 0; status == 0 && i < count; i++) {
		struct itsm_conflict *conflict = tell(telling, planned, events[i].entry->hard ? "freeze" : "soft-freeze");

		conflict->with = itsm_arena_strdup(schedule->arena, events[i].entry->calendar);
		conflict->about = itsm_arena_strdup(schedule->arena, events[i].entry->name);
		conflict->start = events[i].start > work->start ? events[i].start : work->start;
		conflict->end = events[i].end < work->end ? events[i].end : work->end;
		conflict->message = events[i].start <= work->start ?
			itsm_arena_printf(schedule->arena, "starts in the freeze '%s'", conflict->about) :
			itsm_arena_printf(schedule->arena, "runs into the freeze '%s'", conflict->about);
	}
	return status;
}

static int tell_window(struct telling *telling, const struct itsm_planned *planned, const struct itsm_work *work)
{
	struct schedule *schedule = telling->schedule;
	struct itsm_window_result result;
	struct itsm_conflict *conflict;
	int status = itsm_index_windows(schedule->index, schedule->arena, work, &result, telling->err);

	if (status != 0 || result.answer == ITSM_WINDOW_FINE)
		return status;
	conflict = tell(telling, planned, "window");
	conflict->about = result.about ? itsm_arena_strdup(schedule->arena, result.about) : NULL;
	conflict->message = itsm_arena_printf(schedule->arena, result.answer == ITSM_WINDOW_MISSED ?
		"misses the maintenance window of %s" : "runs past the end of the maintenance window of %s",
		result.about ? result.about : "all");
	if (result.answer == ITSM_WINDOW_OVERRUN)
		conflict->start = result.to;
	return 0;
}

static int tell_one(struct telling *telling, const struct itsm_planned *planned)
{
	struct itsm_work work = {planned->items, planned->services, planned->booking.start, planned->booking.end};
	int status;

	if (planned->booking.end <= telling->query->from || planned->booking.start >= planned->booking.end)
		return 0;
	status = tell_freezes(telling, planned, &work);
	return status == 0 && !planned->emergency ? tell_window(telling, planned, &work) : status;
}

static int compare_conflicts(const void *a, const void *b)
{
	const struct itsm_conflict *one = a, *other = b;
	int order;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	if ((order = strcmp(one->change, other->change)) != 0 || (order = strcmp(one->rule, other->rule)) != 0)
		return order;
	if ((order = strcmp(one->with ? one->with : "", other->with ? other->with : "")) != 0)
		return order;
	if ((order = strcmp(one->branch ? one->branch : "", other->branch ? other->branch : "")) != 0)
		return order;
	return strcmp(one->with_branch ? one->with_branch : "", other->with_branch ? other->with_branch : "");
}

static void sweep(struct telling *telling)
{
	struct schedule *schedule = telling->schedule;
	struct itsm_booking *bookings = itsm_arena_alloc(schedule->arena, (schedule->count + 1) * sizeof(*bookings));
	struct itsm_collision_query query = {.graph = schedule->map->graph, .bookings = bookings, .count = schedule->count,
		.depth = telling->query->depth, .only = schedule->own};
	struct itsm_collision_result found;

	for (size_t i = 0; i < schedule->count; i++)
		bookings[i] = schedule->planned[i].booking;
	itsm_collisions(schedule->arena, &query, &found);
	tell_collisions(telling, &found);
	telling->out->more = found.more;
}

int itsm_desk_conflicts(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_conflicts_query *query,
	struct itsm_conflicts *out, struct itsm_error *err)
{
	struct schedule_wish wish = {query->at, query->id, query->open, query->branches};
	struct itsm_conflicts conflicts = {0};
	struct schedule schedule;
	struct telling telling = {&schedule, query, &conflicts, 0, err};
	int status = schedule_begin(desk, arena, &wish, &schedule, err);

	if (status == 0 && schedule.own != ITSM_IMPACT_NOTHING &&
		schedule.planned[schedule.own].booking.start >= schedule.planned[schedule.own].booking.end)
		status = itsm_error_set(err, ITSM_EUSAGE, "%s has no window; set window.start and window.end, or ask `itsm calendar"
			" slots`", schedule.planned[schedule.own].booking.id);
	if (status == 0)
		sweep(&telling);
	for (size_t i = 0; status == 0 && i < schedule.count; i++)
		if (schedule.own == ITSM_IMPACT_NOTHING || schedule.own == i)
			status = tell_one(&telling, &schedule.planned[i]);
	if (status == 0) {
		if (conflicts.count)
			qsort(conflicts.items, conflicts.count, sizeof(*conflicts.items), compare_conflicts);
		conflicts.changes = schedule.count;
		*out = conflicts;
	}
	schedule_end(&schedule);
	return status;
}
