/* What the items of a list are known by, from version to version. */
#include <stdlib.h>
#include <string.h>

#include "merge_job.h"

#define MOST_KEYS 8

/* Fields that name an item together. */
struct key {
	const char *fields[MOST_KEYS];
	size_t count;
};

static const char *last_name(const struct itsm_field *field)
{
	const char *dot = strrchr(field->name, '.');

	return dot ? dot + 1 : field->name;
}

/* The first field that every item must have; with `all`, all of these and what sorts items, the enums. */
static void key_of_schema(const struct itsm_field *list, bool all, struct key *out)
{
	size_t i;

	out->count = 0;
	for (i = 0; list && i < list->field_count && out->count < (all ? MOST_KEYS : 1); i++) {
		const struct itsm_field *field = &list->fields[i];
		bool wanted = field->required || (all && field->type == ITSM_TYPE_ENUM);

		if (wanted && field->type != ITSM_TYPE_OBJECT && !field->list)
			out->fields[out->count++] = last_name(field);
	}
}

static const char *name_of(struct itsm_arena *arena, const struct itsm_yaml *item, const struct key *key)
{
	const char *name = NULL;
	size_t i;

	for (i = 0; i < key->count; i++) {
		const struct itsm_yaml *value = itsm_yaml_get(item, key->fields[i]);

		if (itsm_yaml_is_null(value))
			continue;
		if (value->type != ITSM_YAML_SCALAR)
			return NULL;
		name = name ? itsm_arena_printf(arena, "%s, %s", name, value->text) : value->text;
	}
	return name;
}

static int compare_names(const void *left, const void *right)
{
	return strcmp(*(const char *const *)left, *(const char *const *)right);
}

/* Name every item by the key, if all have it and no two the same. */
static bool name_by_key(struct itsm_arena *arena, const struct itsm_yaml *list, const struct key *key,
	const char **names)
{
	const char **sorted = itsm_arena_alloc(arena, (list->count + 1) * sizeof(*sorted));
	size_t i;

	for (i = 0; i < list->count; i++) {
		names[i] = sorted[i] = name_of(arena, list->items[i], key);
		if (!names[i])
			return false;
	}
	qsort(sorted, list->count, sizeof(*sorted), compare_names);
	for (i = 1; i < list->count; i++) {
		if (strcmp(sorted[i - 1], sorted[i]) == 0)
			return false;
	}
	return true;
}

struct numbered {
	const char *name;
	size_t index;
};

static int compare_numbered(const void *left, const void *right)
{
	const struct numbered *a = left, *b = right;
	int order = strcmp(a->name, b->name);

	return order ? order : (a->index > b->index) - (a->index < b->index);
}

/* An item without key is known by its whole value; of equal ones the first is the first in every version. */
static void name_by_value(struct itsm_arena *arena, const struct itsm_yaml *list, const char **names)
{
	struct numbered *sorted = itsm_arena_alloc(arena, (list->count + 1) * sizeof(*sorted));
	struct itsm_buffer text = {0};
	size_t i, number = 0;

	for (i = 0; i < list->count; i++) {
		itsm_buffer_clear(&text);
		merge_canonical(arena, list->items[i], false, &text);
		sorted[i] = (struct numbered){itsm_arena_strndup(arena, text.data, text.length), i};
	}
	itsm_buffer_free(&text);
	qsort(sorted, list->count, sizeof(*sorted), compare_numbered);
	for (i = 0; i < list->count; i++) {
		number = i > 0 && strcmp(sorted[i - 1].name, sorted[i].name) == 0 ? number + 1 : 0;
		names[sorted[i].index] = itsm_arena_printf(arena, "%zu %s", number, sorted[i].name);
	}
}

static bool name_all_by_key(struct itsm_arena *arena, const struct itsm_yaml *const lists[MERGE_SIDES],
	const struct key *key, const char **const names[MERGE_SIDES])
{
	enum merge_side side;

	for (side = MERGE_BASE; side < MERGE_SIDES; side++) {
		if (!name_by_key(arena, lists[side], key, names[side]))
			return false;
	}
	return key->count > 0;
}

void merge_name_items(struct itsm_arena *arena, const struct itsm_yaml *const lists[MERGE_SIDES],
	const struct itsm_field *schema, const char **const names[MERGE_SIDES])
{
	struct key keys[] = {{{"id"}, 1}, {{"name"}, 1}, {{NULL}, 0}, {{NULL}, 0}};
	enum merge_side side;
	size_t i;

	key_of_schema(schema, false, &keys[2]);
	key_of_schema(schema, true, &keys[3]);
	for (i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (name_all_by_key(arena, lists, &keys[i], names))
			return;
	}
	for (side = MERGE_BASE; side < MERGE_SIDES; side++)
		name_by_value(arena, lists[side], names[side]);
}
