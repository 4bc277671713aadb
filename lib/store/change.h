/*
 * What a write does to one path, and whether the user's own work stands in its
 * way. A path has up to four states: in the commit the write stands on (base), in
 * the commit it makes (next), in the work tree, in git's index. Whoever is at base
 * or already at next may be brought to next; anything else is the user's.
 */
#ifndef STORE_CHANGE_H
#define STORE_CHANGE_H

#include "internal.h"

/* A file as git sees it; mode 0 = there is none. */
struct store_file {
	unsigned mode;
	struct itsm_oid blob;
};

enum store_standing {
	STORE_AT_BASE,
	STORE_AT_NEXT,
	STORE_ELSEWHERE,
};

struct store_change {
	const char *path; /* full */
	struct store_file base, next;
	const void *data; /* next's content, when it is at hand */
	size_t length;
	bool accept;      /* the user left it as it is to be committed */
	bool mention;     /* says only `accept` of another one with this path */
	size_t order;     /* in which it was added */
	bool partly;      /* a killed git may have left it half written */
	bool absent;      /* from the work tree */
	enum store_standing work_tree, index;
};

struct store_changes {
	struct itsm_arena *arena;
	struct store_change *items;
	size_t count, capacity;
};

/* One more change, zeroed but for a copy of its path. */
struct store_change *store_changes_add(struct store_changes *changes, const char *path);
/* By path, as git's index is, and one for each: the last wins. Needed before the index is asked. */
void store_changes_sort(struct store_changes *changes);
bool store_file_equal(const struct store_file *a, const struct store_file *b);
/* Fill in each change's `work_tree`. Nothing is done in a bare repository. */
int store_look_at_work_tree(struct itsm_repo *repo, struct store_changes *changes, struct itsm_error *err);

/* Fill in each change's `index` (and `work_tree` of what a sparse checkout leaves out). */
int store_look_at_index(struct itsm_repo *repo, struct store_changes *changes, struct itsm_error *err);
/*
 * index_file.c: the same from git's file, to changes that have been said not to be in it. False where that
 * does not do.
 */
bool store_index_read(const struct itsm_place *place, struct store_changes *changes);

/*
 * Bringing the work tree and git's index to next, where `work_tree` and `index`
 * allow it. A `git update-index` may have been started before, to read the index
 * meanwhile; else it is started here. ITSM_EGIT when the index stays locked.
 */
int store_updater_start(struct store_child *child, const struct itsm_place *place, struct itsm_error *err);
/*
 * hold.c: wait until the updater has git's index locked, starting it anew where another git had it.
 * ITSM_EGIT when it stays locked for two seconds.
 */
int store_index_hold(struct store_child *updater, const struct itsm_place *place, struct itsm_error *err);
int store_land(struct itsm_repo *repo, struct store_changes *changes, struct store_child *updater,
	struct itsm_error *err);

#endif
