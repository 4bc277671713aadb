/*
 * Two versions of a record, field by field and section by section.
 *
 * Both are flattened to leaves (scalars, lists, lists of objects), which are
 * matched by name in sorted order: a hostile record has many.
 */
#include <stdlib.h>
#include <string.h>

#include "itsm/record.h"

struct leaf {
	const char *name;
	const struct itsm_yaml *node; /* NULL for a section */
	const char *text;             /* of a section */
	unsigned line;
	size_t order;
	const struct leaf *pair;      /* of the same name in the other version */
};

struct leaves {
	struct itsm_arena *arena;
	const struct itsm_kind *kind;
	struct leaf *items;
	struct leaf *sorted; /* by name, then order */
	size_t count, capacity;
};

static void add_leaf(
	struct leaves *leaves, const char *name, const struct itsm_yaml *node, const char *text, unsigned line)
{
	itsm_arena_grow(leaves->arena, &leaves->items, &leaves->capacity, leaves->count, sizeof(*leaves->items));
	leaves->items[leaves->count] = (struct leaf){ name, node, text, line, leaves->count, NULL };
	leaves->count++;
}

static void add_mapping(struct leaves *leaves, const struct itsm_yaml *mapping, const char *prefix)
{
	for (size_t i = 0; i < mapping->count; i++) {
		const struct itsm_yaml *node = mapping->items[i];
		const char *name = mapping->keys[i]->text;

		if (*prefix)
			name = itsm_arena_printf(leaves->arena, "%s.%s", prefix, name);
		if (node->type == ITSM_YAML_MAPPING && node->count && strlen(name) < 256)
			add_mapping(leaves, node, name);
		else if (!itsm_yaml_is_null(node))
			add_leaf(leaves, name, node, NULL, node->line);
	}
}

static void trimmed(const char *text, size_t *start, size_t *end)
{
	while (*start < *end && strchr(" \t\r\n", text[*start]))
		(*start)++;
	while (*end > *start && strchr(" \t\r\n", text[*end - 1]))
		(*end)--;
}

static void add_text(struct leaves *leaves, const char *name, const char *text, size_t start, size_t end, unsigned line)
{
	trimmed(text, &start, &end);
	if (*name == '#' || start < end)
		add_leaf(leaves, name, NULL, itsm_arena_strndup(leaves->arena, text + start, end - start), line);
}

/* What lies in no section: before the first one, and below headings of level 1. */
static void add_loose(struct leaves *leaves, const struct itsm_record *record)
{
	const struct itsm_document *document = &record->document;
	struct itsm_buffer loose = { 0 };
	size_t at = document->body_start, end = at;
	unsigned line = document->body_line;

	for (size_t i = 0; i < record->section_count; i++) {
		for (; line < record->sections[i].line && at < record->size; at++)
			line += record->text[at] == '\n';
		if (at > end)
			itsm_buffer_add(&loose, record->text + end, at - end);
		end = record->sections[i].end;
	}
	if (record->size > end)
		itsm_buffer_add(&loose, record->text + end, record->size - end);
	if (loose.length)
		add_text(leaves, "body", loose.data, 0, loose.length, document->body_line);
	itsm_buffer_free(&loose);
}

static void flatten(struct leaves *leaves, const struct itsm_record *record)
{
	if (!record)
		return;
	add_mapping(leaves, record->front, "");
	if (!record->kind->markdown)
		return;
	add_loose(leaves, record);
	for (size_t i = 0; i < record->section_count; i++)
		add_text(leaves, itsm_arena_printf(leaves->arena, "## %s", record->sections[i].name), record->text,
			record->sections[i].start, record->sections[i].end, record->sections[i].line);
}

static int by_name(const void *a, const void *b)
{
	const struct leaf *left = a, *right = b;
	int order = strcmp(left->name, right->name);

	return order ? order : (left->order > right->order) - (left->order < right->order);
}

static void sort_leaves(struct leaves *leaves)
{
	leaves->sorted = itsm_arena_alloc(leaves->arena, (leaves->count + 1) * sizeof(*leaves->sorted));
	if (leaves->count)
		memcpy(leaves->sorted, leaves->items, leaves->count * sizeof(*leaves->sorted));
	qsort(leaves->sorted, leaves->count, sizeof(*leaves->sorted), by_name);
}

/* Pair leaves of one name: the first with the first, the second with the second. */
static void pair_leaves(struct leaves *before, struct leaves *after)
{
	size_t i = 0, j = 0;

	while (i < before->count && j < after->count) {
		struct leaf *old = &before->items[before->sorted[i].order],
			    *new = &after->items[after->sorted[j].order];
		int order = strcmp(old->name, new->name);

		if (order == 0) {
			old->pair = new;
			new->pair = old;
		}
		i += order <= 0;
		j += order >= 0;
	}
}

static bool is_equal(const struct leaf *a, const struct leaf *b)
{
	return a->node ? b->node && itsm_yaml_equal(a->node, b->node) : !b->node && strcmp(a->text, b->text) == 0;
}

static const char *leaf_text(const struct leaves *leaves, const struct leaf *leaf)
{
	struct itsm_buffer json = { 0 };
	const char *text;

	if (!leaf)
		return NULL;
	if (!leaf->node)
		return leaf->text;
	if (leaf->node->type == ITSM_YAML_SCALAR)
		return leaf->node->text;
	itsm_yaml_json(leaf->node, itsm_kind_field(leaves->kind, leaf->name), &json);
	text = itsm_arena_strdup(leaves->arena, json.data);
	itsm_buffer_free(&json);
	return text;
}

void itsm_record_compare(struct itsm_arena *arena, const struct itsm_record *old_record,
	const struct itsm_record *new_record, struct itsm_difference **out, size_t *count)
{
	const struct itsm_kind *kind = new_record ? new_record->kind : old_record ? old_record->kind : NULL;
	struct leaves before = { .arena = arena, .kind = kind }, after = { .arena = arena, .kind = kind };
	struct itsm_difference *differences;
	size_t used = 0;

	flatten(&before, old_record);
	flatten(&after, new_record);
	sort_leaves(&before);
	sort_leaves(&after);
	pair_leaves(&before, &after);
	differences = itsm_arena_alloc(arena, (before.count + after.count + 1) * sizeof(*differences));
	for (size_t i = 0; i < after.count; i++) {
		const struct leaf *leaf = &after.items[i];

		if (!leaf->pair || !is_equal(leaf, leaf->pair))
			differences[used++] = (struct itsm_difference){ leaf->name, leaf_text(&before, leaf->pair),
				leaf_text(&after, leaf), leaf->line };
	}
	for (size_t i = 0; i < before.count; i++) {
		const struct leaf *leaf = &before.items[i];

		if (!leaf->pair)
			differences[used++] =
				(struct itsm_difference){leaf->name, leaf_text(&before, leaf), NULL, leaf->line};
	}
	*out = differences;
	*count = used;
}
