/* Any bytes as YAML: a refusal has a place, a tree lies within its text. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check(const struct itsm_yaml *node, size_t start, size_t end, size_t size, unsigned depth)
{
	size_t i, last = node->start;

	require(depth <= ITSM_YAML_MAX_DEPTH + 1);
	require(node->start <= node->end && node->end <= size && node->start >= start && node->end <= end);
	require(node->line > 0 && node->column > 0);
	if (node->type == ITSM_YAML_SCALAR) {
		require(node->text != NULL);
		return;
	}
	for (i = 0; i < node->count; i++) {
		if (node->type == ITSM_YAML_MAPPING) {
			check(node->keys[i], last, node->end, size, depth + 1);
			last = node->keys[i]->end;
		}
		check(node->items[i], last, node->end, size, depth + 1);
		last = node->items[i]->end;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_error err = {0};
	struct itsm_yaml *root;
	char *text = malloc(size ? size : 1);

	memcpy(text, data, size);
	if (itsm_yaml_parse(arena, text, size, 1, &root, &err) == ITSM_OK)
		check(root, 0, size, size, 1);
	else
		require(err.line > 0 && err.column > 0 && err.message[0]);
	free(text);
	itsm_arena_free(arena);
	return 0;
}
