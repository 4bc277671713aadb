/*
 * Collisions: bookings are grouped by node, and by person, in order of their start. In a group one sweep with those that
 * are under way finds the pairs; between the groups of two nodes that depend on each other the shorter is
 * looked up in the longer, where the latest end so far says how far back to look. Wholes that lose too many of
 * their parts are in collision_whole.c.
 */
#include "collision.h"

#include <stdlib.h>
#include <string.h>

static int compare_seats(const void *a, const void *b)
{
	const struct seat *one = a, *other = b;

	if (one->key != other->key)
		return one->key < other->key ? -1 : 1;
	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return one->booking < other->booking ? -1 : one->booking > other->booking;
}

static void add_seat(struct sweep *sweep, uint32_t key, uint32_t booking)
{
	const struct itsm_booking *of = &sweep->query->bookings[booking];
	uint32_t only = sweep->query->only;

	if (of->start >= of->end)
		return;
	if (only != ITSM_IMPACT_NOTHING && (of->start >= sweep->query->bookings[only].end ||
		of->end <= sweep->query->bookings[only].start))
		return;
	itsm_arena_grow(sweep->arena, &sweep->seats, &sweep->seat_capacity, sweep->seat_count, sizeof(*sweep->seats));
	sweep->seats[sweep->seat_count++] = (struct seat){key, booking, of->start, of->end, 0};
}

/* Sort the seats, and find the groups. */
static void group(struct sweep *sweep)
{
	sweep->group_count = 0;
	if (sweep->seat_count)
		qsort(sweep->seats, sweep->seat_count, sizeof(*sweep->seats), compare_seats);
	for (size_t i = 0; i < sweep->seat_count; i++) {
		struct seat *seat = &sweep->seats[i];

		if (i == 0 || seat->key != seat[-1].key) {
			itsm_arena_grow(sweep->arena, &sweep->groups, &sweep->group_capacity, sweep->group_count,
				sizeof(*sweep->groups));
			sweep->groups[sweep->group_count++] = (struct group){seat->key, i, 0};
			seat->latest = seat->end;
		} else {
			seat->latest = seat->end > seat[-1].latest ? seat->end : seat[-1].latest;
		}
		sweep->groups[sweep->group_count - 1].count++;
	}
	sweep->active = itsm_arena_alloc(sweep->arena, (sweep->seat_count + 1) * sizeof(*sweep->active));
}

static bool tell(struct sweep *sweep, const struct seat *one, const struct seat *other, enum itsm_collision_reason reason)
{
	bool person = reason == ITSM_COLLISION_PERSON;

	return collision_tell(sweep, &(struct itsm_collision){one->booking, other->booking, reason,
		person ? ITSM_IMPACT_NOTHING : one->key, person ? ITSM_IMPACT_NOTHING : other->key, ITSM_IMPACT_NOTHING});
}

bool collision_tell(struct sweep *sweep, const struct itsm_collision *collision)
{
	const struct itsm_booking *bookings = sweep->query->bookings;
	struct itsm_collision found = *collision;
	uint32_t only = sweep->query->only;

	if (found.a == found.b || strcmp(bookings[found.a].id, bookings[found.b].id) == 0)
		return false;
	if (only != ITSM_IMPACT_NOTHING && found.a != only && found.b != only)
		return false;
	if (found.a > found.b)
		found = (struct itsm_collision){found.b, found.a, found.reason, found.other, found.node, found.whole};
	if (sweep->result->count >= ITSM_COLLISION_MAX) {
		sweep->result->more = true;
		return true;
	}
	itsm_arena_grow(sweep->arena, &sweep->result->items, &sweep->capacity, sweep->result->count,
		sizeof(*sweep->result->items));
	sweep->result->items[sweep->result->count++] = found;
	return true;
}

size_t collision_most(const struct sweep *sweep)
{
	return sweep->query->only == ITSM_IMPACT_NOTHING ? ITSM_COLLISION_EACH : SIZE_MAX;
}

/* Of each, those under way when it begins, the latest first; what is over is dropped when it is met. */
static void sweep_group(struct sweep *sweep, const struct group *at, enum itsm_collision_reason reason)
{
	size_t active = 0;

	for (size_t i = at->from; i < at->from + at->count; i++) {
		struct seat *seat = &sweep->seats[i];
		size_t told = 0, keep = active, place = active;

		while (place > 0 && told < collision_most(sweep)) {
			struct seat *other = sweep->active[--place];

			if (other->end <= seat->start)
				sweep->active[place] = NULL;
			else
				told += tell(sweep, seat, other, reason);
		}
		sweep->result->more = sweep->result->more || (place > 0 && told == collision_most(sweep));
		for (active = place; place < keep; place++)
			if (sweep->active[place])
				sweep->active[active++] = sweep->active[place];
		sweep->active[active++] = seat;
	}
}

/* Two nodes of which one fails with the other. */
static void sweep_pair(struct sweep *sweep, const struct group *one, const struct group *other)
{
	const struct group *shorter = one->count <= other->count ? one : other, *longer = shorter == one ? other : one;

	for (size_t i = shorter->from; i < shorter->from + shorter->count; i++) {
		const struct seat *seat = &sweep->seats[i];
		size_t low = longer->from, high = longer->from + longer->count, told = 0;

		while (low < high) {
			size_t middle = low + (high - low) / 2;

			if (sweep->seats[middle].start < seat->end)
				low = middle + 1;
			else
				high = middle;
		}
		while (low > longer->from && sweep->seats[low - 1].latest > seat->start) {
			if (told == collision_most(sweep)) {
				sweep->result->more = true;
				break;
			}
			if (sweep->seats[--low].end > seat->start)
				told += tell(sweep, seat, &sweep->seats[low], ITSM_COLLISION_DEPENDENT);
		}
	}
}

static void sweep_nodes(struct sweep *sweep)
{
	struct itsm_impact_graph *graph = sweep->query->graph;
	uint32_t *place = itsm_arena_alloc(sweep->arena, ((size_t)itsm_impact_count(graph) + 1) * sizeof(*place));

	for (size_t i = 0; i < sweep->group_count; i++)
		place[sweep->groups[i].key] = (uint32_t)i + 1;
	for (size_t i = 0; i < sweep->group_count; i++) {
		struct itsm_impact_query trace = {.failed = &sweep->groups[i].key, .failed_count = 1,
			.depth = sweep->query->depth};
		struct itsm_impact_result reached;
		struct itsm_arena *arena = itsm_arena_new();

		sweep_group(sweep, &sweep->groups[i], ITSM_COLLISION_SAME);
		itsm_impact_trace(graph, arena, &trace, &reached);
		for (size_t j = 1; j < reached.count; j++)
			if (place[reached.hits[j].node])
				sweep_pair(sweep, &sweep->groups[i], &sweep->groups[place[reached.hits[j].node] - 1]);
		collision_weaken(sweep, &sweep->groups[i], &reached);
		itsm_arena_free(arena);
	}
}

struct named {
	const char *person;
	uint32_t booking;
};

static int compare_named(const void *a, const void *b)
{
	const struct named *one = a, *other = b;

	return strcmp(one->person, other->person);
}

static void sweep_people(struct sweep *sweep)
{
	size_t count = 0;
	struct named *named = itsm_arena_alloc(sweep->arena, (sweep->query->count + 1) * sizeof(*named));
	uint32_t key = 0;

	for (size_t i = 0; i < sweep->query->count; i++)
		if (sweep->query->bookings[i].person)
			named[count++] = (struct named){sweep->query->bookings[i].person, (uint32_t)i};
	if (count)
		qsort(named, count, sizeof(*named), compare_named);
	sweep->seat_count = 0;
	for (size_t i = 0; i < count; i++) {
		key += i > 0 && strcmp(named[i].person, named[i - 1].person) != 0;
		add_seat(sweep, key, named[i].booking);
	}
	group(sweep);
	for (size_t i = 0; i < sweep->group_count; i++)
		sweep_group(sweep, &sweep->groups[i], ITSM_COLLISION_PERSON);
}

static int compare_collisions(const void *a, const void *b)
{
	const struct itsm_collision *one = a, *other = b;

	if (one->a != other->a)
		return one->a < other->a ? -1 : 1;
	if (one->b != other->b)
		return one->b < other->b ? -1 : 1;
	if (one->reason != other->reason)
		return one->reason < other->reason ? -1 : 1;
	if (one->node != other->node)
		return one->node < other->node ? -1 : 1;
	if (one->other != other->other)
		return one->other < other->other ? -1 : 1;
	return one->whole < other->whole ? -1 : one->whole > other->whole;
}

void itsm_collisions(struct itsm_arena *arena, const struct itsm_collision_query *query,
	struct itsm_collision_result *out)
{
	struct sweep sweep = {.query = query, .arena = arena, .result = out};
	size_t used = 0;

	*out = (struct itsm_collision_result){0};
	for (size_t i = 0; i < query->count; i++)
		for (size_t j = 0; j < query->bookings[i].node_count; j++)
			add_seat(&sweep, query->bookings[i].nodes[j], (uint32_t)i);
	group(&sweep);
	sweep_nodes(&sweep);
	collision_sweep_wholes(&sweep);
	sweep_people(&sweep);
	if (out->count)
		qsort(out->items, out->count, sizeof(*out->items), compare_collisions);
	for (size_t i = 0; i < out->count; i++) {
		const struct itsm_collision *last = used ? &out->items[used - 1] : NULL;

		if (!last || last->a != out->items[i].a || last->b != out->items[i].b || last->reason != out->items[i].reason)
			out->items[used++] = out->items[i];
	}
	out->count = used;
}
