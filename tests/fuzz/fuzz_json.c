/* Any bytes as JSON: a refusal says why and where, a tree is bounded and has whole texts. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/json.h"
#include "itsm/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool condition)
{
	if (!condition)
		abort();
}

static void check(const struct itsm_yaml *node, unsigned depth, size_t *nodes)
{
	size_t i;

	require(depth <= ITSM_JSON_MAX_DEPTH && ++*nodes <= ITSM_JSON_MAX_NODES);
	if (node->type == ITSM_YAML_SCALAR) {
		require(node->text != NULL);
		require(itsm_utf8_invalid(node->text, strlen(node->text)) == strlen(node->text));
		return;
	}
	for (i = 0; i < node->count; i++) {
		if (node->type == ITSM_YAML_MAPPING)
			require(node->keys[i]->type == ITSM_YAML_SCALAR && itsm_yaml_get(node, node->keys[i]->text) == node->items[i]);
		check(node->items[i], depth + 1, nodes);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_error err = {0};
	struct itsm_yaml *root;
	size_t nodes = 0;
	char *text = malloc(size ? size : 1);
	int status;

	memcpy(text, data, size);
	status = itsm_json_parse(arena, text, size, &root, &err);
	if (status == ITSM_OK)
		check(root, 1, &nodes);
	else
		require((status == ITSM_EDATA || status == ITSM_ELIMIT) && err.message[0]);
	free(text);
	itsm_arena_free(arena);
	return 0;
}
