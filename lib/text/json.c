/* JSON as a tree: jansson reads, this bounds and copies. */
#include <jansson.h>

#include "itsm/json.h"

struct copying {
	struct itsm_arena *arena;
	struct itsm_error *err;
	size_t nodes;
};

static struct itsm_yaml *node_of(struct copying *copying, enum itsm_yaml_type type, enum itsm_yaml_style style)
{
	struct itsm_yaml *node = itsm_arena_alloc(copying->arena, sizeof(*node));

	node->type = type;
	node->style = style;
	return node;
}

static struct itsm_yaml *scalar(struct copying *copying, enum itsm_yaml_style style, const char *text)
{
	struct itsm_yaml *node = node_of(copying, ITSM_YAML_SCALAR, style);

	node->text = itsm_arena_strdup(copying->arena, text);
	return node;
}

static int copy(struct copying *copying, const json_t *value, unsigned depth, struct itsm_yaml **out);

static int copy_list(struct copying *copying, const json_t *value, unsigned depth, struct itsm_yaml *node)
{
	int status = 0;

	node->items = itsm_arena_alloc(copying->arena, (json_array_size(value) + 1) * sizeof(*node->items));
	for (; node->count < json_array_size(value) && status == 0; node->count++)
		status = copy(copying, json_array_get(value, node->count), depth + 1, &node->items[node->count]);
	return status;
}

static int copy_object(struct copying *copying, json_t *value, unsigned depth, struct itsm_yaml *node)
{
	size_t count = json_object_size(value) + 1;
	const char *key;
	json_t *member;
	int status = 0;

	node->items = itsm_arena_alloc(copying->arena, count * sizeof(*node->items));
	node->keys = itsm_arena_alloc(copying->arena, count * sizeof(*node->keys));
	json_object_foreach(value, key, member) {
		node->keys[node->count] = scalar(copying, ITSM_YAML_DOUBLE_QUOTED, key);
		if ((status = copy(copying, member, depth + 1, &node->items[node->count])) != 0)
			break;
		node->count++;
	}
	return status;
}

static int copy(struct copying *copying, const json_t *value, unsigned depth, struct itsm_yaml **out)
{
	if (depth > ITSM_JSON_MAX_DEPTH || ++copying->nodes > ITSM_JSON_MAX_NODES)
		return itsm_error_set(copying->err, ITSM_ELIMIT, "more than %d values, or %d within one another", ITSM_JSON_MAX_NODES,
			ITSM_JSON_MAX_DEPTH);
	switch (json_typeof(value)) {
	case JSON_OBJECT:
		*out = node_of(copying, ITSM_YAML_MAPPING, ITSM_YAML_FLOW);
		return copy_object(copying, (json_t *)value, depth, *out);
	case JSON_ARRAY:
		*out = node_of(copying, ITSM_YAML_SEQUENCE, ITSM_YAML_FLOW);
		return copy_list(copying, value, depth, *out);
	case JSON_STRING:
		*out = scalar(copying, ITSM_YAML_DOUBLE_QUOTED, json_string_value(value));
		return 0;
	case JSON_INTEGER:
		*out = scalar(copying, ITSM_YAML_PLAIN, itsm_arena_printf(copying->arena, "%lld", (long long)json_integer_value(value)));
		return 0;
	case JSON_REAL:
		*out = scalar(copying, ITSM_YAML_PLAIN, itsm_arena_printf(copying->arena, "%.17g", json_real_value(value)));
		return 0;
	case JSON_TRUE:
	case JSON_FALSE:
		*out = scalar(copying, ITSM_YAML_PLAIN, json_is_true(value) ? "true" : "false");
		return 0;
	case JSON_NULL:
		break;
	}
	*out = scalar(copying, ITSM_YAML_PLAIN, "null");
	return 0;
}

int itsm_json_parse(struct itsm_arena *arena, const char *text, size_t size, struct itsm_yaml **out, struct itsm_error *err)
{
	struct copying copying = {.arena = arena, .err = err};
	struct itsm_yaml *node = NULL;
	json_error_t error;
	json_t *value;
	int status;

	if (size > ITSM_JSON_MAX_BYTES)
		return itsm_error_set(err, ITSM_ELIMIT, "%zu bytes are more than %u", size, ITSM_JSON_MAX_BYTES);
	value = json_loadb(text, size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (!value)
		return itsm_error_set_at(err, ITSM_EDATA, error.line > 0 ? (unsigned)error.line : 1,
			error.column > 0 ? (unsigned)error.column : 1, "it is no JSON: %s", error.text);
	status = copy(&copying, value, 1, &node);
	json_decref(value);
	if (status == 0)
		*out = node;
	return status;
}
