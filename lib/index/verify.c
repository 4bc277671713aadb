/*
 * Is everything as it was? Stats of all that the units hold, compared with
 * their marks. Nothing is listed that has an unchanged folder.
 *
 * Large units are cut at their top level into pieces of about PIECE nodes; two
 * threads take pieces from one list. Into `changed` goes, per node, 0 or
 * INDEX_CHANGED (file or folder differs or is gone).
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include "index.h"

#define PIECE 1024
#define THREADS_FROM 4000
#define DEPTH_MAX 16

struct piece {
	struct index_unit *unit;
	size_t first, last;
};

struct verification {
	int root;
	struct piece *pieces;
	size_t count;
	atomic_size_t next;
};

static void check_node(struct index_unit *unit, size_t position, int folder)
{
	const struct index_node *node = &unit->nodes[position];
	const char *name = itsm_index_unit_name(unit, position);
	struct stat info;

	switch (node->type) {
	case NODE_UNIT:
		break; /* it is looked at by itself */
	case NODE_RACY:
		unit->changed[position] = INDEX_CHANGED;
		break;
	default:
		if (folder < 0 || fstatat(folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 ||
			itsm_index_mark(&info) != node->mark)
			unit->changed[position] = INDEX_CHANGED;
		break;
	}
}

/* A folder inside a unit: opened, so that what is below it is looked at without a path. -1 when it is gone. */
static int enter(struct index_unit *unit, size_t position, int parent)
{
	struct stat info;
	int folder = parent < 0 ? -1 : openat(parent, itsm_index_unit_name(unit, position),
		O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (folder < 0 || fstat(folder, &info) != 0 || itsm_index_mark(&info) != unit->nodes[position].mark)
		unit->changed[position] = INDEX_CHANGED;
	return folder;
}

static void check_piece(const struct verification *verification, const struct piece *piece)
{
	struct index_unit *unit = piece->unit;
	int folders[DEPTH_MAX + 1];
	unsigned depth = 0;

	folders[0] = itsm_index_folder_open(verification->root, unit->path);
	for (size_t i = piece->first; i < piece->last; i++) {
		const struct index_node *node = &unit->nodes[i];

		for (; depth > node->depth; depth--)
			if (folders[depth] >= 0)
				close(folders[depth]);
		if (node->type != NODE_FOLDER) {
			check_node(unit, i, folders[depth]);
		} else if (depth < DEPTH_MAX) {
			folders[depth + 1] = enter(unit, i, folders[depth]);
			depth++;
		} else {
			unit->changed[i] = INDEX_CHANGED;
			i = itsm_index_unit_skip(unit, i) - 1;
		}
	}
	for (;; depth--) {
		if (folders[depth] >= 0)
			close(folders[depth]);
		if (depth == 0)
			break;
	}
}

static void *take_pieces(void *context)
{
	struct verification *verification = context;
	size_t taken;

	while ((taken = atomic_fetch_add(&verification->next, 1)) < verification->count)
		check_piece(verification, &verification->pieces[taken]);
	return NULL;
}

static void check_unit_folder(int root, struct index_unit *unit)
{
	int folder = itsm_index_folder_open(root, unit->path);
	struct stat info;

	unit->gone = folder == -ENOENT || folder == -ENOTDIR || folder == -ELOOP;
	unit->folder_changed = folder < 0 || fstat(folder, &info) != 0 || itsm_index_mark(&info) != unit->mark;
	if (folder >= 0)
		close(folder);
}

/* Cut at the top level. */
static size_t cut(struct index_unit *unit, struct piece *pieces)
{
	size_t count = 0, first = 0;

	for (size_t i = 1; i <= unit->count; i++) {
		if (i < unit->count && (i - first < PIECE || unit->nodes[i].depth > 0))
			continue;
		pieces[count++] = (struct piece){ unit, first, i };
		first = i;
	}
	return count;
}

void itsm_index_verify(int root, struct index_unit *units, size_t count)
{
	struct verification verification = {.root = root};
	struct itsm_arena *arena;
	size_t nodes = 0;
	pthread_t thread;
	bool helped = false;

	for (size_t i = 0; i < count; i++)
		nodes += units[i].count;
	arena = itsm_arena_new();
	verification.pieces = itsm_arena_alloc(arena, (nodes / PIECE + count + 1) * sizeof(*verification.pieces));
	for (size_t i = 0; i < count; i++) {
		check_unit_folder(root, &units[i]);
		if (units[i].gone)
			memset(units[i].changed, INDEX_CHANGED, units[i].count);
		else
			verification.count += cut(&units[i], verification.pieces + verification.count);
	}
	if (nodes >= THREADS_FROM)
		helped = pthread_create(&thread, NULL, take_pieces, &verification) == 0;
	take_pieces(&verification);
	if (helped)
		pthread_join(thread, NULL);
	itsm_arena_free(arena);
}
