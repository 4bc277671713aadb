/* Looking things up in a parsed tree. */
#include <string.h>

#include "itsm/yaml.h"

static const struct itsm_yaml *get(const struct itsm_yaml *node, const char *key, size_t length)
{
	size_t i;

	if (!node || node->type != ITSM_YAML_MAPPING)
		return NULL;
	for (i = 0; i < node->count; i++) {
		const char *text = node->keys[i]->text;

		if ((!length || *text == *key) && strncmp(text, key, length) == 0 && text[length] == '\0')
			return node->items[i];
	}
	return NULL;
}

const struct itsm_yaml *itsm_yaml_get(const struct itsm_yaml *node, const char *key)
{
	return get(node, key, strlen(key));
}

const struct itsm_yaml *itsm_yaml_find(const struct itsm_yaml *node, const char *path)
{
	size_t length;

	for (;;) {
		length = strcspn(path, ".");
		node = get(node, path, length);
		if (!node || !path[length])
			return node;
		path += length + 1;
	}
}

const char *itsm_yaml_text(const struct itsm_yaml *node, const char *key)
{
	const struct itsm_yaml *value = itsm_yaml_get(node, key);

	return value && value->type == ITSM_YAML_SCALAR ? value->text : NULL;
}

bool itsm_yaml_is_null(const struct itsm_yaml *node)
{
	static const char *const words[] = {"", "~", "null", "Null", "NULL"};
	size_t i;

	if (!node)
		return true;
	if (node->type != ITSM_YAML_SCALAR || node->style != ITSM_YAML_PLAIN)
		return false;
	if (*node->text && *node->text != '~' && *node->text != 'n' && *node->text != 'N')
		return false;
	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(node->text, words[i]) == 0)
			return true;
	}
	return false;
}

bool itsm_yaml_equal(const struct itsm_yaml *a, const struct itsm_yaml *b)
{
	size_t i;

	if (a->type != b->type)
		return false;
	if (a->type == ITSM_YAML_SCALAR)
		return strcmp(a->text, b->text) == 0;
	if (a->count != b->count)
		return false;
	for (i = 0; i < a->count; i++) {
		if (a->type == ITSM_YAML_MAPPING && strcmp(a->keys[i]->text, b->keys[i]->text) != 0)
			return false;
		if (!itsm_yaml_equal(a->items[i], b->items[i]))
			return false;
	}
	return true;
}
