/* What an edit means, as a tree. No byte of the text is looked at here. */
#include <string.h>

#include "yaml_edit.h"

static struct itsm_yaml *scalar_new(struct itsm_arena *arena, const char *text)
{
	struct itsm_yaml *node = itsm_arena_alloc(arena, sizeof(*node));

	node->type = ITSM_YAML_SCALAR;
	node->style = ITSM_YAML_PLAIN;
	node->text = itsm_arena_strdup(arena, text);
	return node;
}

/* A copy of a collection with room for `more` children. */
static struct itsm_yaml *widened(struct itsm_arena *arena, const struct itsm_yaml *node, size_t more)
{
	struct itsm_yaml *copy = itsm_arena_alloc(arena, sizeof(*copy));
	size_t size = (node->count + more + 1) * sizeof(*node->items);

	*copy = *node;
	copy->items = itsm_arena_alloc(arena, size);
	if (node->count > 0)
		memcpy(copy->items, node->items, node->count * sizeof(*node->items));
	if (node->type != ITSM_YAML_MAPPING)
		return copy;
	copy->keys = itsm_arena_alloc(arena, size);
	if (node->count > 0)
		memcpy(copy->keys, node->keys, node->count * sizeof(*node->keys));
	return copy;
}

static bool holds(const struct itsm_yaml *list, const char *text)
{
	size_t i;

	for (i = 0; i < list->count; i++) {
		if (list->items[i]->type == ITSM_YAML_SCALAR && strcmp(list->items[i]->text, text) == 0)
			return true;
	}
	return false;
}

static bool is_listed(const struct itsm_edit *edit, const struct itsm_yaml *item)
{
	size_t i;

	for (i = 0; i < edit->count; i++) {
		if (item->type == ITSM_YAML_SCALAR && strcmp(item->text, edit->values[i]) == 0)
			return true;
	}
	return false;
}

static void drop(struct itsm_yaml *node, size_t index)
{
	size_t after = node->count - index - 1;

	memmove(node->items + index, node->items + index + 1, after * sizeof(*node->items));
	if (node->type == ITSM_YAML_MAPPING)
		memmove(node->keys + index, node->keys + index + 1, after * sizeof(*node->keys));
	node->count--;
}

/* The new value of the field, NULL when it is to be absent. `old` is NULL when it is absent. */
static struct itsm_yaml *value_for(struct itsm_arena *arena, const struct itsm_edit *edit, struct itsm_yaml *old)
{
	struct itsm_yaml empty = {.type = ITSM_YAML_SEQUENCE, .style = ITSM_YAML_FLOW};
	struct itsm_yaml *list;
	size_t i;

	if (edit->operation == ITSM_EDIT_UNSET)
		return NULL;
	if (edit->operation == ITSM_EDIT_REMOVE && itsm_yaml_is_null(old))
		return old;
	if (edit->operation == ITSM_EDIT_SET && !edit->list && edit->count == 1)
		return scalar_new(arena, edit->values[0]);
	if (edit->operation == ITSM_EDIT_SET || itsm_yaml_is_null(old))
		list = widened(arena, &empty, edit->count);
	else
		list = widened(arena, old, edit->count);
	if (edit->operation == ITSM_EDIT_REMOVE) {
		for (i = list->count; i > 0; i--) {
			if (is_listed(edit, list->items[i - 1]))
				drop(list, i - 1);
		}
		return list;
	}
	for (i = 0; i < edit->count; i++) {
		if (edit->operation == ITSM_EDIT_SET || !holds(list, edit->values[i]))
			list->items[list->count++] = scalar_new(arena, edit->values[i]);
	}
	return list;
}

static size_t find_key(const struct itsm_yaml *mapping, const char *key, size_t length)
{
	size_t i;

	for (i = 0; i < mapping->count; i++) {
		if (strncmp(mapping->keys[i]->text, key, length) == 0 && !mapping->keys[i]->text[length])
			break;
	}
	return i;
}

static int refuse_path(const struct itsm_edit *edit, const struct itsm_yaml *node, const char *below,
	struct itsm_error *err)
{
	return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
		"'%.*s' holds a %s, so '%s' cannot lie below it; unset it first",
		(int)(below - edit->field), edit->field, node->type == ITSM_YAML_SCALAR ? "value" : "list",
		edit->field);
}

static int intend_below(struct itsm_arena *arena, const struct itsm_yaml *mapping, const struct itsm_edit *edit,
	const char *path, struct itsm_yaml **out, struct itsm_error *err)
{
	struct itsm_yaml nothing = {.type = ITSM_YAML_MAPPING, .style = ITSM_YAML_BLOCK};
	struct itsm_yaml *copy = widened(arena, mapping, 1);
	size_t length = strcspn(path, ".");
	size_t index = find_key(mapping, path, length);
	struct itsm_yaml *old = index < mapping->count ? mapping->items[index] : NULL;
	struct itsm_yaml *value = old;
	bool takes = edit->operation == ITSM_EDIT_UNSET || edit->operation == ITSM_EDIT_REMOVE;
	int status;

	*out = copy;
	if (path[length] && old && old->type != ITSM_YAML_MAPPING && !itsm_yaml_is_null(old))
		return edit->operation == ITSM_EDIT_UNSET ? ITSM_OK : refuse_path(edit, old, path + length, err);
	if (path[length] && itsm_yaml_is_null(old)) {
		if (takes)
			return ITSM_OK;
		old = &nothing;
	}
	if (path[length]) {
		status = intend_below(arena, old, edit, path + length + 1, &value, err);
		if (status)
			return status;
	} else if ((edit->operation == ITSM_EDIT_ADD || edit->operation == ITSM_EDIT_REMOVE) &&
			!itsm_yaml_is_null(old) && old->type != ITSM_YAML_SEQUENCE) {
		return itsm_error_set_at(err, ITSM_EDATA, old->line, old->column,
			"'%s' is no list, so nothing can be %s it; set it instead", edit->field,
			edit->operation == ITSM_EDIT_ADD ? "added to" : "removed from");
	} else {
		value = value_for(arena, edit, old);
	}
	if (value) {
		copy->items[index] = value;
		if (index == copy->count)
			copy->keys[copy->count++] = scalar_new(arena, itsm_arena_strndup(arena, path, length));
	} else if (index < copy->count) {
		drop(copy, index);
	}
	return ITSM_OK;
}

int itsm_yaml_intend(struct itsm_arena *arena, const struct itsm_yaml *root, const struct itsm_edit *edit,
	struct itsm_yaml **out, struct itsm_error *err)
{
	if (root->type != ITSM_YAML_MAPPING)
		return itsm_error_set_at(err, ITSM_EDATA, root->line, root->column,
			"the document is a %s, not fields with values; it cannot be edited by field",
			root->type == ITSM_YAML_SCALAR ? "single value" : "list");
	return intend_below(arena, root, edit, edit->field, out, err);
}
