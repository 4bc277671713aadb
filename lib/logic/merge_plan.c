/* Which version's value holds, field by field, judged from the trees alone. */
#include <string.h>

#include "merge_job.h"

#define NO_SIDE MERGE_BASE

struct planner {
	struct itsm_arena *arena;
	const struct itsm_kind *kind;
	enum merge_side state; /* whose state holds, or NO_SIDE */
	struct merge_plan *root;
};

static void plan_value(struct planner *planner, struct merge_plan *plan, bool item);

static bool is_null(const struct merge_plan *plan, enum merge_side side)
{
	return itsm_yaml_is_null(plan->node[side]);
}

static bool is_stamp(const struct itsm_kind *kind, const char *name)
{
	size_t i;

	for (i = 0; i < kind->state_count; i++) {
		if (kind->states[i].stamp && strcmp(kind->states[i].stamp, name) == 0)
			return true;
	}
	return false;
}

/* By the name as records write it, not by the column. */
static const struct itsm_field *find_schema(const struct itsm_kind *kind, const char *name)
{
	const struct itsm_field *field = itsm_kind_field(kind, name);

	return field && strcmp(field->name, name) == 0 ? field : NULL;
}

static void conflict(struct planner *planner, struct merge_plan *plan, bool item)
{
	const char *what = item ? "item" : "field";

	plan->take = MERGE_TAKE_CONFLICT;
	if (is_null(plan, MERGE_OURS))
		plan->reason = itsm_arena_printf(planner->arena, "ours removed the %s, theirs changed it", what);
	else if (is_null(plan, MERGE_THEIRS))
		plan->reason = itsm_arena_printf(planner->arena, "ours changed the %s, theirs removed it", what);
	else if (is_null(plan, MERGE_BASE))
		plan->reason = itsm_arena_printf(planner->arena, "both added the %s, with different values", what);
	else
		plan->reason = itsm_arena_printf(planner->arena, "both changed the %s, to different values", what);
}

/* Both changed the state: the later one holds where the workflow says which that is. */
static void plan_state(struct planner *planner, struct merge_plan *plan)
{
	const struct itsm_yaml *ours = plan->node[MERGE_OURS], *theirs = plan->node[MERGE_THEIRS];
	bool forth, back;

	if (is_null(plan, MERGE_OURS) || is_null(plan, MERGE_THEIRS) || ours->type != ITSM_YAML_SCALAR ||
			theirs->type != ITSM_YAML_SCALAR) {
		conflict(planner, plan, false);
		return;
	}
	forth = itsm_kind_reachable(planner->kind, ours->text, theirs->text);
	back = itsm_kind_reachable(planner->kind, theirs->text, ours->text);
	if (forth != back) {
		plan->take = forth ? MERGE_TAKE_THEIRS : MERGE_TAKE_OURS;
		return;
	}
	plan->take = MERGE_TAKE_CONFLICT;
	plan->reason = forth ? "the workflow leads from either state to the other, so none is the later one" :
		"the workflow leads from neither state to the other, so none is the later one";
}

static void plan_children(struct planner *planner, struct merge_plan *plan, const char **names[MERGE_SIDES],
	const size_t counts[MERGE_SIDES])
{
	const char *const *const read_only[MERGE_SIDES] = {names[MERGE_BASE], names[MERGE_OURS], names[MERGE_THEIRS]};
	struct merge_slot *slots;
	enum merge_side side;
	size_t i;

	merge_order(planner->arena, read_only, counts, plan->list, &slots, &plan->count);
	plan->take = MERGE_TAKE_PARTS;
	plan->children = itsm_arena_alloc(planner->arena, (plan->count + 1) * sizeof(*plan->children));
	for (i = 0; i < plan->count; i++) {
		struct merge_plan *child = &plan->children[i];

		memcpy(child->index, slots[i].index, sizeof(child->index));
		for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
			if (child->index[side] == MERGE_NONE)
				continue;
			child->name = names[side][child->index[side]];
			child->node[side] = plan->node[side]->items[child->index[side]];
		}
	}
}

static void plan_mapping(struct planner *planner, struct merge_plan *plan)
{
	const char **names[MERGE_SIDES];
	size_t counts[MERGE_SIDES], i;
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		const struct itsm_yaml *node = plan->node[side];

		counts[side] = node && node->type == ITSM_YAML_MAPPING ? node->count : 0;
		names[side] = itsm_arena_alloc(planner->arena, (counts[side] + 1) * sizeof(**names));
		for (i = 0; i < counts[side]; i++)
			names[side][i] = node->keys[i]->text;
	}
	plan_children(planner, plan, names, counts);
	for (i = 0; i < plan->count; i++) {
		struct merge_plan *child = &plan->children[i];

		child->field = *plan->field ? itsm_arena_printf(planner->arena, "%s.%s", plan->field, child->name) : child->name;
		child->schema = strchr(child->name, '.') ? NULL : find_schema(planner->kind, child->field);
		if (plan != planner->root)
			plan_value(planner, child, false);
	}
}

static void plan_list(struct planner *planner, struct merge_plan *plan)
{
	static const struct itsm_yaml nothing = {.type = ITSM_YAML_SEQUENCE};
	const struct itsm_yaml *lists[MERGE_SIDES];
	const char **names[MERGE_SIDES];
	size_t counts[MERGE_SIDES], i;
	enum merge_side side;

	plan->list = true;
	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		lists[side] = is_null(plan, side) || plan->node[side]->type != ITSM_YAML_SEQUENCE ? &nothing : plan->node[side];
		counts[side] = lists[side]->count;
		names[side] = itsm_arena_alloc(planner->arena, (counts[side] + 1) * sizeof(**names));
	}
	merge_name_items(planner->arena, lists, plan->schema, names);
	plan_children(planner, plan, names, counts);
	for (i = 0; i < plan->count; i++) {
		plan->children[i].field = itsm_arena_printf(planner->arena, "%s[%s]", plan->field, plan->children[i].name);
		plan_value(planner, &plan->children[i], true);
	}
}

static bool is_list(const struct merge_plan *plan, enum merge_side side)
{
	return is_null(plan, side) || plan->node[side]->type == ITSM_YAML_SEQUENCE;
}

static bool is_mapping(const struct merge_plan *plan, enum merge_side side)
{
	return plan->node[side] && plan->node[side]->type == ITSM_YAML_MAPPING;
}

/* In a list an item that is null is an item; as a field it is as good as absent. */
static bool same_on(const struct merge_plan *plan, enum merge_side a, enum merge_side b, bool item)
{
	return (!item || !plan->node[a] == !plan->node[b]) && merge_same(plan->node[a], plan->node[b], false);
}

/* Nobody gave either value: the first in byte order stands, the same from both sides, until it is computed again. */
static void plan_computed(struct merge_plan *plan)
{
	bool theirs = is_null(plan, MERGE_OURS) || (!is_null(plan, MERGE_THEIRS) &&
		strcmp(plan->node[MERGE_THEIRS]->text, plan->node[MERGE_OURS]->text) < 0);

	plan->take = theirs ? MERGE_TAKE_THEIRS : MERGE_TAKE_OURS;
}

static bool is_computed(const struct merge_plan *plan)
{
	return plan->schema && plan->schema->computed &&
		(is_null(plan, MERGE_OURS) || plan->node[MERGE_OURS]->type == ITSM_YAML_SCALAR) &&
		(is_null(plan, MERGE_THEIRS) || plan->node[MERGE_THEIRS]->type == ITSM_YAML_SCALAR);
}

static void plan_value(struct planner *planner, struct merge_plan *plan, bool item)
{
	const struct itsm_field *schema = plan->schema;
	bool of_root = plan->field == plan->name; /* else the field's name is longer than the key */

	if (same_on(plan, MERGE_OURS, MERGE_THEIRS, item))
		plan->take = MERGE_TAKE_OURS;
	else if (same_on(plan, MERGE_BASE, MERGE_OURS, item))
		plan->take = MERGE_TAKE_THEIRS;
	else if (same_on(plan, MERGE_BASE, MERGE_THEIRS, item))
		plan->take = MERGE_TAKE_OURS;
	else if (of_root && planner->kind->state_count && strcmp(plan->name, "state") == 0)
		plan_state(planner, plan);
	else if (of_root && planner->state != NO_SIDE && is_stamp(planner->kind, plan->name))
		plan->take = planner->state == MERGE_OURS ? MERGE_TAKE_OURS : MERGE_TAKE_THEIRS;
	else if (schema && schema->list && is_list(plan, MERGE_OURS) && is_list(plan, MERGE_THEIRS))
		plan_list(planner, plan);
	else if (schema && !schema->list && schema->type == ITSM_TYPE_OBJECT && is_mapping(plan, MERGE_OURS) &&
			is_mapping(plan, MERGE_THEIRS))
		plan_mapping(planner, plan);
	else if (of_root && !item && is_computed(plan))
		plan_computed(plan);
	else
		conflict(planner, plan, item);
}

/* Whose state holds, when they differ: the stamps of that side come along. */
static enum merge_side winner(const struct merge_plan *plan)
{
	if (plan->take == MERGE_TAKE_CONFLICT || same_on(plan, MERGE_OURS, MERGE_THEIRS, false))
		return NO_SIDE;
	return plan->take == MERGE_TAKE_OURS ? MERGE_OURS : MERGE_THEIRS;
}

struct merge_plan *merge_plan_front(struct itsm_arena *arena, const struct itsm_kind *kind,
	const struct merge_version versions[MERGE_SIDES])
{
	struct merge_plan *root = itsm_arena_alloc(arena, sizeof(*root));
	struct planner planner = {.arena = arena, .kind = kind, .state = NO_SIDE, .root = root};
	struct merge_plan *state = NULL;
	enum merge_side side;
	size_t i;

	root->name = root->field = "";
	for (side = MERGE_BASE; side < MERGE_SIDES; side++)
		root->node[side] = versions[side].root;
	plan_mapping(&planner, root);
	for (i = 0; i < root->count && kind->state_count; i++) {
		if (strcmp(root->children[i].name, "state") == 0)
			state = &root->children[i];
	}
	if (state) {
		plan_value(&planner, state, false);
		planner.state = winner(state);
	}
	for (i = 0; i < root->count; i++) {
		if (&root->children[i] != state)
			plan_value(&planner, &root->children[i], false);
	}
	return root;
}

static const struct itsm_yaml *key_of(const struct merge_plan *parent, const struct merge_plan *child)
{
	enum merge_side side = child->index[MERGE_OURS] != MERGE_NONE ? MERGE_OURS : MERGE_THEIRS;

	return parent->node[side]->keys[child->index[side]];
}

const struct itsm_yaml *merge_plan_value(struct itsm_arena *arena, const struct merge_plan *plan, enum merge_side side)
{
	struct itsm_yaml *node;
	const struct itsm_yaml *value;
	size_t i;

	if (plan->take == MERGE_TAKE_CONFLICT)
		return plan->node[side];
	if (plan->take != MERGE_TAKE_PARTS)
		return plan->node[plan->take == MERGE_TAKE_OURS ? MERGE_OURS : MERGE_THEIRS];
	node = itsm_arena_alloc(arena, sizeof(*node));
	node->type = plan->list ? ITSM_YAML_SEQUENCE : ITSM_YAML_MAPPING;
	node->style = ITSM_YAML_BLOCK;
	node->items = itsm_arena_alloc(arena, (plan->count + 1) * sizeof(*node->items));
	node->keys = plan->list ? NULL : itsm_arena_alloc(arena, (plan->count + 1) * sizeof(*node->keys));
	for (i = 0; i < plan->count; i++) {
		value = merge_plan_value(arena, &plan->children[i], side);
		if (!value)
			continue;
		node->items[node->count] = (struct itsm_yaml *)(uintptr_t)value;
		if (node->keys)
			node->keys[node->count] = (struct itsm_yaml *)(uintptr_t)key_of(plan, &plan->children[i]);
		node->count++;
	}
	return node;
}
