/*
 * Mappings of kind files, read by a table of their keys, so that an unknown or
 * misspelt key is an error with its place wherever it stands.
 */
#include <stdlib.h>
#include <string.h>

#include "kind_set.h"

#define TARGET(type, base, offset) ((type *)(void *)((char *)(base) + (offset)))

static int refuse(const struct itsm_yaml *node, struct itsm_error *err, const char *what, const char *key,
	const char *wanted)
{
	return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "'%s' of %s is no %s", key, what, wanted);
}

static int read_list(struct itsm_arena *arena, const struct itsm_yaml *node, const char *what, const char *key,
	const char *const **out, struct itsm_error *err)
{
	size_t count = node->type == ITSM_YAML_SEQUENCE ? node->count : 1;
	const char **list;

	if (node->type == ITSM_YAML_MAPPING || count == 0)
		return refuse(node, err, what, key, "list of names");
	list = itsm_arena_alloc(arena, (count + 1) * sizeof(*list));
	for (size_t i = 0; i < count; i++) {
		const struct itsm_yaml *item = node->type == ITSM_YAML_SEQUENCE ? node->items[i] : node;

		if (item->type != ITSM_YAML_SCALAR || !*item->text)
			return refuse(item, err, what, key, "list of names");
		list[i] = item->text;
	}
	*out = (const char *const *)list;
	return ITSM_OK;
}

static int read_number(const struct itsm_yaml *node, double *out)
{
	char *end;

	if (node->type != ITSM_YAML_SCALAR || !*node->text ||
		strspn(node->text, "0123456789.+-eE") != strlen(node->text))
		return -1;
	*out = strtod(node->text, &end);
	return *end ? -1 : 0;
}

static int read_value(struct itsm_arena *arena, const struct itsm_yaml *node, const struct kind_key *key,
	const char *what, void *target, struct itsm_error *err)
{
	switch (key->type) {
	case KIND_KEY_STRING:
		if (node->type != ITSM_YAML_SCALAR || !*node->text)
			return refuse(node, err, what, key->name, "text");
		*TARGET(const char *, target, key->offset) = node->text;
		return ITSM_OK;
	case KIND_KEY_BOOL:
		if (node->type != ITSM_YAML_SCALAR ||
			(strcmp(node->text, "true") != 0 && strcmp(node->text, "false") != 0))
			return refuse(node, err, what, key->name, "true or false");
		*TARGET(bool, target, key->offset) = node->text[0] == 't';
		return ITSM_OK;
	case KIND_KEY_LIST:
		return read_list(arena, node, what, key->name, TARGET(const char *const *, target, key->offset), err);
	case KIND_KEY_NUMBER:
		if (read_number(node, TARGET(double, target, key->offset)) < 0)
			return refuse(node, err, what, key->name, "number");
		*TARGET(bool, target, key->given) = true;
		return ITSM_OK;
	case KIND_KEY_NODE:
		*TARGET(const struct itsm_yaml *, target, key->offset) = node;
		return ITSM_OK;
	}
	return ITSM_OK;
}

static const struct kind_key *find_key(const struct kind_key *keys, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(keys[i].name, name) == 0)
			return &keys[i];
	return NULL;
}

int kind_shape_read(struct itsm_arena *arena, const struct itsm_yaml *node, const struct kind_key *keys, size_t count,
	const char *what, void *target, struct itsm_error *err)
{
	int status;

	if (node->type != ITSM_YAML_MAPPING)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "%s is no mapping of keys", what);
	for (size_t i = 0; i < node->count; i++) {
		const struct itsm_yaml *name = node->keys[i];
		const struct kind_key *key = find_key(keys, count, name->text);

		if (!key)
			return itsm_error_set_at(err, ITSM_EDATA, name->line, name->column,
				"'%s' is no key of %s", name->text, what);
		status = read_value(arena, node->items[i], key, what, target, err);
		if (status < 0)
			return status;
	}
	for (size_t i = 0; i < count; i++)
		if (keys[i].required && !itsm_yaml_get(node, keys[i].name))
			return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "%s has no '%s'", what,
				keys[i].name);
	return ITSM_OK;
}

bool kind_shape_is_name(const char *name, bool dash)
{
	size_t length = strlen(name);

	if (length == 0 || length > 64 || !((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z')))
		return false;
	return strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") == length ||
		(dash && strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == length);
}
