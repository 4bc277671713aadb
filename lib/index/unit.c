/*
 * Units: what the work tree held at the last refresh, packed so that comparing
 * needs no row per file.
 *
 * A unit is a folder with everything below it, in order of a walk sorted by
 * name; folders called by digits only right below a kind's folder (years, months) are
 * units of their own. Packed, in the byte order of the machine (the file is
 * this machine's own; another order does not pass the checks and is listed anew):
 *
 *   u64 magic   u64 mark of the folder   u32 nodes   u32 bytes of names
 *   nodes x struct index_node (16 bytes)
 *   names, each with a NUL
 *
 * Only what is ours is in it: folders, records' places, misplaced files, links.
 */
#include <string.h>

#include "index.h"

#define MAGIC 0x6974736d756e6974u /* "itsmunit" */
#define OWN_DEPTH 2

struct header {
	uint64_t magic, mark;
	uint32_t count, names_size;
};

_Static_assert(sizeof(struct index_node) == 16, "nodes are stored as they are");

void itsm_index_unit_free(struct index_unit *unit)
{
	itsm_buffer_free(&unit->node_buffer);
	itsm_buffer_free(&unit->name_buffer);
}

static bool is_sound(const struct index_unit *unit)
{
	unsigned depth = 0; /* that the next node may have at most */

	for (size_t i = 0; i < unit->count; i++) {
		const struct index_node *node = &unit->nodes[i];
		const char *name = unit->names + node->name;

		if (node->depth > depth || node->type > NODE_UNIT || !node->length ||
		    (uint64_t)node->name + node->length >= unit->names_size || name[node->length] ||
		    memchr(name, '/', node->length) || memchr(name, '\0', node->length))
			return false;
		depth = node->type == NODE_FOLDER ? node->depth + 1u : node->depth;
	}
	return true;
}

bool itsm_index_unit_load(
	struct index_unit *unit, struct itsm_arena *arena, const char *path, const void *blob, size_t size)
{
	struct header header;

	*unit = (struct index_unit){ .path = itsm_arena_strdup(arena, path) };
	if (size < sizeof(header))
		return false;
	memcpy(&header, blob, sizeof(header));
	if (header.magic != MAGIC ||
	    size != sizeof(header) + (uint64_t)header.count * sizeof(struct index_node) + header.names_size)
		return false;
	unit->blob = itsm_arena_alloc(arena, size);
	unit->changed = itsm_arena_alloc(arena, header.count + 1u);
	memcpy(unit->blob, blob, size);
	unit->blob_size = size;
	unit->mark = header.mark;
	unit->count = header.count;
	unit->nodes = (struct index_node *)(void *)(unit->blob + sizeof(header));
	unit->names = unit->blob + sizeof(header) + unit->count * sizeof(struct index_node);
	unit->names_size = header.names_size;
	return is_sound(unit);
}

void itsm_index_unit_pack(const struct index_unit *unit, struct itsm_buffer *out)
{
	struct header header = {MAGIC, unit->mark, (uint32_t)unit->count, (uint32_t)unit->names_size};

	itsm_buffer_clear(out);
	itsm_buffer_add(out, &header, sizeof(header));
	if (unit->count) {
		itsm_buffer_add(out, unit->nodes, unit->count * sizeof(*unit->nodes));
		itsm_buffer_add(out, unit->names, unit->names_size);
	}
}

size_t itsm_index_unit_add(struct index_unit *unit, const char *name, unsigned depth, enum index_node_type type,
	uint64_t mark)
{
	size_t length = strlen(name);
	struct index_node node = {
		.mark = mark, .name = (uint32_t)unit->names_size, .length = (uint8_t)length, .depth = (uint8_t)depth,
		.type = (uint8_t)type,
	};

	itsm_buffer_add(&unit->node_buffer, &node, sizeof(node));
	itsm_buffer_add(&unit->name_buffer, name, length + 1);
	unit->nodes = (struct index_node *)(void *)unit->node_buffer.data;
	unit->names = unit->name_buffer.data;
	unit->names_size = unit->name_buffer.length;
	return unit->count++;
}

size_t itsm_index_unit_skip(const struct index_unit *unit, size_t node)
{
	unsigned depth = unit->nodes[node].depth;

	for (node++; node < unit->count && unit->nodes[node].depth > depth; node++)
		;
	return node;
}

bool itsm_index_unit_is_own(const char *path, const char *folder, const char *name)
{
	const char *rest = path + strlen(folder);
	size_t depth = 1;

	for (; *rest; rest++)
		depth += *rest == '/';
	return depth <= OWN_DEPTH && strspn(name, "0123456789") == strlen(name);
}
