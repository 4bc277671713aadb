/* What values mean: equal or not, and how people read them. */
#include <stdlib.h>
#include <string.h>

#include "merge_job.h"

struct pair {
	const char *key;
	const struct itsm_yaml *value;
};

static int compare_pairs(const void *left, const void *right)
{
	return strcmp(((const struct pair *)left)->key, ((const struct pair *)right)->key);
}

static bool is_empty(const struct itsm_buffer *buffer, size_t start)
{
	const char *text = buffer->data + start;

	return strcmp(text, "~") == 0 || strcmp(text, "[]") == 0 || strcmp(text, "{}") == 0;
}

/* Keys in sorted order; what is null is as good as absent. */
static void write_mapping(struct itsm_arena *arena, const struct itsm_yaml *node, bool lenient, struct itsm_buffer *out)
{
	struct pair *pairs = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*pairs));
	size_t i, before, start;

	for (i = 0; i < node->count; i++)
		pairs[i] = (struct pair){node->keys[i]->text, node->items[i]};
	qsort(pairs, node->count, sizeof(*pairs), compare_pairs);
	itsm_buffer_putc(out, '{');
	for (i = 0; i < node->count; i++) {
		if (itsm_yaml_is_null(pairs[i].value))
			continue;
		before = out->length;
		itsm_buffer_printf(out, "%zu:%s=", strlen(pairs[i].key), pairs[i].key);
		start = out->length;
		merge_canonical(arena, pairs[i].value, lenient, out);
		if (lenient && is_empty(out, start)) {
			out->length = before;
			out->data[before] = '\0';
		}
	}
	itsm_buffer_putc(out, '}');
}

void merge_canonical(struct itsm_arena *arena, const struct itsm_yaml *node, bool lenient, struct itsm_buffer *out)
{
	size_t i;

	if (itsm_yaml_is_null(node)) {
		itsm_buffer_putc(out, '~');
	} else if (node->type == ITSM_YAML_SCALAR) {
		itsm_buffer_printf(out, "%zu:", strlen(node->text));
		itsm_buffer_puts(out, node->text);
	} else if (node->type == ITSM_YAML_MAPPING) {
		write_mapping(arena, node, lenient, out);
	} else {
		itsm_buffer_putc(out, '[');
		for (i = 0; i < node->count; i++)
			merge_canonical(arena, node->items[i], lenient, out);
		itsm_buffer_putc(out, ']');
	}
}

bool merge_same(const struct itsm_yaml *a, const struct itsm_yaml *b, bool lenient)
{
	struct itsm_buffer left = {0}, right = {0};
	struct itsm_arena *arena;
	bool same;

	if (a == b)
		return true;
	if (a && b && a->type == ITSM_YAML_SCALAR && b->type == ITSM_YAML_SCALAR)
		return itsm_yaml_is_null(a) == itsm_yaml_is_null(b) &&
			(itsm_yaml_is_null(a) || strcmp(a->text, b->text) == 0);
	arena = itsm_arena_new();
	merge_canonical(arena, a, lenient, &left);
	merge_canonical(arena, b, lenient, &right);
	same = left.length == right.length && memcmp(left.data, right.data, left.length) == 0;
	itsm_buffer_free(&left);
	itsm_buffer_free(&right);
	itsm_arena_free(arena);
	return same;
}

const char *merge_value_text(struct itsm_arena *arena, const struct itsm_yaml *node, const struct itsm_field *field)
{
	struct itsm_buffer json = {0};
	const char *text;

	if (itsm_yaml_is_null(node))
		return NULL;
	if (node->type == ITSM_YAML_SCALAR)
		return itsm_arena_strdup(arena, node->text);
	itsm_yaml_json(node, field, &json);
	text = itsm_arena_strndup(arena, json.data, json.length);
	itsm_buffer_free(&json);
	return text;
}
