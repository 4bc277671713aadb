/* Standing queries: the built-in ones and what a desk has in policy/queries/; itsm/standing.h tells their form. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/file.h"
#include "kind_set.h"
#include "standing.h"

struct raw_standing {
	struct itsm_standing query;
	const char *use;
	const struct itsm_yaml *then;
	bool has_order;
};

struct raw_then {
	struct itsm_standing query;
	const struct itsm_yaml *section;
};

struct itsm_standing_set {
	struct itsm_arena *arena;
	struct itsm_standing **items; /* in the order they are asked */
	size_t count, capacity;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY(type, name, kind, member) { name, kind, offsetof(type, member), 0, false }
#define DATA_ERROR(node, err, ...) itsm_error_set_at(err, ITSM_EDATA, (node)->line, (node)->column, __VA_ARGS__)

static const struct kind_key keys[] = {
	{ "name", KIND_KEY_STRING, offsetof(struct raw_standing, query.name), 0, true },
	KEY(struct raw_standing, "help", KIND_KEY_STRING, query.help),
	KEY(struct raw_standing, "for", KIND_KEY_STRING, use),
	KEY(struct raw_standing, "kinds", KIND_KEY_LIST, query.kinds),
	KEY(struct raw_standing, "enabled", KIND_KEY_BOOL, query.enabled),
	{ "order", KIND_KEY_NUMBER, offsetof(struct raw_standing, query.order), offsetof(struct raw_standing, has_order),
		false },
	KEY(struct raw_standing, "sql", KIND_KEY_STRING, query.sql),
	KEY(struct raw_standing, "then", KIND_KEY_NODE, then),
};

static const struct kind_key then_keys[] = {
	KEY(struct raw_then, "move", KIND_KEY_STRING, query.move),
	KEY(struct raw_then, "set", KIND_KEY_LIST, query.set),
	KEY(struct raw_then, "section", KIND_KEY_NODE, section),
	KEY(struct raw_then, "note", KIND_KEY_STRING, query.note),
};

static const struct kind_key section_keys[] = {
	{ "name", KIND_KEY_STRING, offsetof(struct itsm_standing, section), 0, true },
	{ "text", KIND_KEY_STRING, offsetof(struct itsm_standing, section_text), 0, true },
};

static int read_use(const struct itsm_yaml *tree, const char *text, enum itsm_standing_use *out, struct itsm_error *err)
{
	static const char *const names[] = { "similar", "timeline", "apply" };

	for (size_t i = 0; i < COUNT(names); i++) {
		if (strcmp(names[i], text) == 0) {
			*out = (enum itsm_standing_use)i;
			return ITSM_OK;
		}
	}
	return DATA_ERROR(itsm_yaml_get(tree, "for"), err, "'%s' is no use of a query; there are similar, timeline and apply",
		text);
}

static int read_then(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_standing *query,
	struct itsm_error *err)
{
	struct raw_then raw = { 0 };
	int status = kind_shape_read(arena, node, then_keys, COUNT(then_keys), "then", &raw, err);

	if (status == ITSM_OK && raw.section)
		status = kind_shape_read(arena, raw.section, section_keys, COUNT(section_keys), "section", &raw.query, err);
	if (status == ITSM_OK && !raw.query.move && !raw.query.set && !raw.query.section && !raw.query.note)
		status = DATA_ERROR(node, err, "then: needs move, set, section or note");
	query->move = raw.query.move;
	query->set = raw.query.set;
	query->section = raw.query.section;
	query->section_text = raw.query.section_text;
	query->note = raw.query.note;
	return status;
}

static int read_query(struct itsm_arena *arena, const char *text, size_t size, const char *origin,
	struct itsm_standing *out, struct itsm_error *err)
{
	struct raw_standing raw = { .query = { .enabled = true, .origin = origin } };
	struct itsm_yaml *tree;
	int status = itsm_yaml_parse(arena, itsm_arena_strndup(arena, text, size), size, 1, &tree, err);

	if (status == ITSM_OK)
		status = kind_shape_read(arena, tree, keys, COUNT(keys), "a query", &raw, err);
	if (status < 0)
		return status;
	if (!kind_shape_is_name(raw.query.name, true))
		return DATA_ERROR(tree, err, "'%s' is no name: it takes letters, digits, '_' and '-'", raw.query.name);
	if (raw.query.enabled && (!raw.use || !raw.query.sql))
		return DATA_ERROR(tree, err, "a query needs `for` and `sql`");
	if (raw.use)
		status = read_use(tree, raw.use, &raw.query.use, err);
	if (status == ITSM_OK && raw.query.enabled && (raw.then != NULL) != (raw.query.use == ITSM_STANDING_APPLY))
		status = DATA_ERROR(tree, err, "`then` belongs to a query for apply, and that needs it");
	if (status == ITSM_OK && raw.then)
		status = read_then(arena, raw.then, &raw.query, err);
	if (status == ITSM_OK)
		*out = raw.query;
	return status;
}

static bool comes_before(const struct itsm_standing *a, const struct itsm_standing *b)
{
	if (a->order < b->order || a->order > b->order)
		return a->order < b->order;
	return strcmp(a->name, b->name) < 0;
}

static void insert(struct itsm_standing_set *set, struct itsm_standing *query)
{
	size_t at;

	for (at = 0; at < set->count && strcmp(set->items[at]->name, query->name) != 0; at++)
		;
	if (at < set->count) {
		set->count--;
		memmove(&set->items[at], &set->items[at + 1], (set->count - at) * sizeof(*set->items));
	}
	itsm_arena_grow(set->arena, &set->items, &set->capacity, set->count, sizeof(*set->items));
	for (at = set->count; at > 0 && comes_before(query, set->items[at - 1]); at--)
		set->items[at] = set->items[at - 1];
	set->items[at] = query;
	set->count++;
}

static int add(struct itsm_standing_set *set, const char *text, size_t size, const char *origin, const char *name,
	struct itsm_error *err)
{
	struct itsm_standing *query = itsm_arena_alloc(set->arena, sizeof(*query));
	int status = read_query(set->arena, text, size, origin, query, err);

	if (status == ITSM_OK && name && strcmp(name, query->name) != 0)
		status = itsm_error_set_at(err, ITSM_EDATA, 1, 1, "the query is called '%s', its file '%s'; give both the same name",
			query->name, name);
	if (status == ITSM_OK)
		insert(set, query);
	return status;
}

int itsm_standing_new(struct itsm_standing_set **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_standing_set *set = itsm_arena_alloc(arena, sizeof(*set));
	int status = ITSM_OK;

	set->arena = arena;
	for (const char *const *text = standing_builtins; *text && status == ITSM_OK; text++)
		status = add(set, *text, strlen(*text), "built-in", NULL, err);
	if (status == ITSM_OK)
		*out = set;
	else
		itsm_arena_free(arena);
	return status;
}

void itsm_standing_free(struct itsm_standing_set *set)
{
	if (set)
		itsm_arena_free(set->arena);
}

int itsm_standing_add(struct itsm_standing_set *set, const char *path, const char *text, size_t size,
	struct itsm_error *err)
{
	const char *name = itsm_file_stem(set->arena, path);
	int status = add(set, text, size, itsm_arena_strdup(set->arena, path), name, err);

	if (status < 0)
		itsm_error_prefix(err, "%s", path);
	return status;
}

size_t itsm_standing_count(const struct itsm_standing_set *set)
{
	return set->count;
}

const struct itsm_standing *itsm_standing_at(const struct itsm_standing_set *set, size_t position)
{
	return position < set->count ? set->items[position] : NULL;
}

bool itsm_standing_is_for(const struct itsm_standing *query, enum itsm_standing_use use, const char *kind)
{
	return query->enabled && query->use == use && (!kind || !query->kinds || itsm_list_has(query->kinds, kind));
}
