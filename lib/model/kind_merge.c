/*
 * What a desk's file makes of the kind it names, as a new tree: the parts of
 * both, each still with its own place in its own file.
 *
 *   remove                        first: taken from what there was
 *   fields, sections, states      by name: replaced where they stand, else appended
 *   guards, checks                by their `name`, the same way
 *   transitions                   appended; each takes the place of one between the same states
 *   any other key                 replaced
 */
#include <string.h>

#include "kind_set.h"

static struct itsm_yaml *copy_node(struct itsm_arena *arena, const struct itsm_yaml *node, size_t room)
{
	struct itsm_yaml *copy = itsm_arena_alloc(arena, sizeof(*copy));

	*copy = *node;
	copy->items = itsm_arena_alloc(arena, (node->count + room + 1) * sizeof(*copy->items));
	if (node->count)
		memcpy(copy->items, node->items, node->count * sizeof(*copy->items));
	if (node->type == ITSM_YAML_MAPPING) {
		copy->keys = itsm_arena_alloc(arena, (node->count + room + 1) * sizeof(*copy->keys));
		if (node->count)
			memcpy(copy->keys, node->keys, node->count * sizeof(*copy->keys));
	}
	return copy;
}

static size_t find_key(const struct itsm_yaml *mapping, const char *key)
{
	size_t i = 0;

	while (i < mapping->count && strcmp(mapping->keys[i]->text, key) != 0)
		i++;
	return i;
}

static size_t find_named(const struct itsm_yaml *list, const char *name)
{
	size_t i = 0;

	for (; i < list->count; i++) {
		const char *other = itsm_yaml_text(list->items[i], "name");

		if (other && name && strcmp(other, name) == 0)
			break;
	}
	return i;
}

static void take_away(struct itsm_yaml *node, size_t position)
{
	node->count--;
	for (size_t i = position; i < node->count; i++) {
		node->items[i] = node->items[i + 1];
		if (node->keys)
			node->keys[i] = node->keys[i + 1];
	}
}

/* "draft -> submitted" out of a transition whose `from` may name other states too. */
static bool remove_transition(struct itsm_arena *arena, struct itsm_yaml *list, const char *pair)
{
	const char *arrow = strstr(pair, " -> ");
	char *from;

	if (!arrow)
		return false;
	from = itsm_arena_strndup(arena, pair, (size_t)(arrow - pair));
	for (size_t i = 0; i < list->count; i++) {
		const char *to = itsm_yaml_text(list->items[i], "to");
		struct itsm_yaml *row, *states;
		size_t key, at = 0;

		if (!to || strcmp(to, arrow + 4) != 0)
			continue;
		row = copy_node(arena, list->items[i], 0);
		key = find_key(row, "from");
		if (key == row->count || row->items[key]->type == ITSM_YAML_MAPPING)
			continue;
		states = copy_node(arena, row->items[key], 0);
		if (states->type == ITSM_YAML_SCALAR) {
			if (strcmp(states->text, from) != 0)
				continue;
			take_away(list, i);
			return true;
		}
		while (at < states->count && strcmp(states->items[at]->text ? states->items[at]->text : "", from) != 0)
			at++;
		if (at == states->count)
			continue;
		take_away(states, at);
		row->items[key] = states;
		list->items[i] = row;
		if (states->count == 0)
			take_away(list, i);
		return true;
	}
	return false;
}

static bool remove_one(struct itsm_arena *arena, struct itsm_yaml *part, const char *key, const char *name)
{
	size_t at;

	if (strcmp(key, "transitions") == 0)
		return part->type == ITSM_YAML_SEQUENCE && remove_transition(arena, part, name);
	at = part->type == ITSM_YAML_MAPPING ? find_key(part, name) : find_named(part, name);
	if (at == part->count)
		return false;
	take_away(part, at);
	return true;
}

static int apply_remove(struct itsm_arena *arena, struct itsm_yaml *tree, const struct itsm_yaml *removals,
	struct itsm_error *err)
{
	if (removals->type != ITSM_YAML_MAPPING)
		return itsm_error_set_at(err, ITSM_EDATA, removals->line, removals->column,
			"'remove' is no mapping: remove: {fields: [a, b]}");
	for (size_t i = 0; i < removals->count; i++) {
		const char *key = removals->keys[i]->text;
		const struct itsm_yaml *names = removals->items[i];
		size_t at = find_key(tree, key);

		if (!strstr(" fields sections states guards checks transitions ",
			    itsm_arena_printf(arena, " %s ", key)) ||
			names->type != ITSM_YAML_SEQUENCE)
			return itsm_error_set_at(err, ITSM_EDATA, removals->keys[i]->line, removals->keys[i]->column,
				"'remove' takes lists under fields, sections, states, guards, checks and transitions, "
				"not '%s'",
				key);
		if (at < tree->count)
			tree->items[at] = copy_node(arena, tree->items[at], 0);
		for (size_t j = 0; j < names->count; j++)
			if (names->items[j]->type != ITSM_YAML_SCALAR || at == tree->count ||
			    !remove_one(arena, tree->items[at], key, names->items[j]->text))
				return itsm_error_set_at(err, ITSM_EDATA, names->items[j]->line,
					names->items[j]->column, "there is no '%s' among the %s to remove",
					names->items[j]->type == ITSM_YAML_SCALAR ? names->items[j]->text : "?", key);
	}
	return ITSM_OK;
}

static struct itsm_yaml *merge_mapping(struct itsm_arena *arena, const struct itsm_yaml *base,
	const struct itsm_yaml *desk)
{
	struct itsm_yaml *out = copy_node(arena, base, desk->count);

	for (size_t i = 0; i < desk->count; i++) {
		size_t at = find_key(out, desk->keys[i]->text);

		out->keys[at] = desk->keys[i];
		out->items[at] = desk->items[i];
		if (at == out->count)
			out->count++;
	}
	return out;
}

static struct itsm_yaml *merge_list(struct itsm_arena *arena, const struct itsm_yaml *base,
	const struct itsm_yaml *desk, bool named)
{
	struct itsm_yaml *out = copy_node(arena, base, desk->count);

	for (size_t i = 0; i < desk->count; i++) {
		size_t at = named ? find_named(out, itsm_yaml_text(desk->items[i], "name")) : out->count;

		out->items[at] = desk->items[i];
		if (at == out->count)
			out->count++;
	}
	return out;
}

static struct itsm_yaml *merge_transitions(struct itsm_arena *arena, const struct itsm_yaml *base,
	const struct itsm_yaml *desk)
{
	struct itsm_yaml *out = copy_node(arena, base, desk->count);

	for (size_t i = 0; i < desk->count; i++) {
		const char *to = itsm_yaml_text(desk->items[i], "to");
		const struct itsm_yaml *from = itsm_yaml_get(desk->items[i], "from");
		size_t count = !to || !from ? 0 : from->type == ITSM_YAML_SEQUENCE ? from->count : 1;

		for (size_t j = 0; j < count; j++) {
			const struct itsm_yaml *state = from->type == ITSM_YAML_SEQUENCE ? from->items[j] : from;

			if (state->type == ITSM_YAML_SCALAR)
				remove_transition(arena, out, itsm_arena_printf(arena, "%s -> %s", state->text, to));
		}
	}
	return merge_list(arena, out, desk, false);
}

static struct itsm_yaml *merge_part(struct itsm_arena *arena, const char *key, const struct itsm_yaml *base,
	struct itsm_yaml *desk)
{
	bool mapping = strcmp(key, "fields") == 0 || strcmp(key, "sections") == 0 || strcmp(key, "states") == 0;
	bool named = strcmp(key, "guards") == 0 || strcmp(key, "checks") == 0;

	if (mapping && base->type == ITSM_YAML_MAPPING && desk->type == ITSM_YAML_MAPPING)
		return merge_mapping(arena, base, desk);
	if (base->type != ITSM_YAML_SEQUENCE || desk->type != ITSM_YAML_SEQUENCE)
		return desk;
	if (strcmp(key, "transitions") == 0)
		return merge_transitions(arena, base, desk);
	return named ? merge_list(arena, base, desk, true) : desk;
}

int kind_merge(struct itsm_arena *arena, const struct itsm_yaml *base, const struct itsm_yaml *desk,
	struct itsm_yaml **out, struct itsm_error *err)
{
	const struct itsm_yaml *removals = itsm_yaml_get(desk, "remove");
	const struct itsm_yaml *replace = itsm_yaml_get(desk, "replace");
	bool fresh = replace && replace->type == ITSM_YAML_SCALAR && strcmp(replace->text, "true") == 0;
	struct itsm_yaml empty = *desk;
	struct itsm_yaml *tree;
	int status;

	if (replace && !fresh && (replace->type != ITSM_YAML_SCALAR || strcmp(replace->text, "false") != 0))
		return itsm_error_set_at(
			err, ITSM_EDATA, replace->line, replace->column, "'replace' is no true or false");
	empty.count = 0;
	tree = copy_node(arena, base && !fresh ? base : &empty, desk->count);
	if (removals) {
		status = apply_remove(arena, tree, removals, err);
		if (status < 0)
			return status;
	}
	tree->line = desk->line;
	tree->column = desk->column;
	for (size_t i = 0; i < desk->count; i++) {
		const char *key = desk->keys[i]->text;
		size_t at = find_key(tree, key);

		if (desk->items[i] == removals || desk->items[i] == replace)
			continue;
		tree->keys[at] = desk->keys[i];
		tree->items[at] = at == tree->count ? desk->items[i] :
			merge_part(arena, key, tree->items[at], desk->items[i]);
		if (at == tree->count)
			tree->count++;
	}
	*out = tree;
	return ITSM_OK;
}
