/* What is in a folder now, against what was in it. */
#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "scan.h"

void itsm_index_scan_removed(struct index_scan *scan, const char *path)
{
	itsm_arena_grow(
		scan->arena, &scan->removed, &scan->removed_capacity, scan->removed_count, sizeof(*scan->removed));
	scan->removed[scan->removed_count++] = path;
}

void itsm_index_scan_remove(
	struct index_scan *scan, const struct index_unit *unit, size_t first, size_t last, const char *path)
{
	for (size_t i = first; i < last; ) {
		const char *name = itsm_arena_printf(scan->arena, "%s/%s", path, itsm_index_unit_name(unit, i));
		size_t next = itsm_index_unit_skip(unit, i);

		if (unit->nodes[i].type == NODE_FOLDER)
			itsm_index_scan_remove(scan, unit, i + 1, next, name);
		else if (unit->nodes[i].type != NODE_UNIT)
			itsm_index_scan_removed(scan, *path ? name : name + 1);
		i = next;
	}
}

static int compare_children(const void *a, const void *b)
{
	return strcmp(((const struct scan_child *)a)->name, ((const struct scan_child *)b)->name);
}

struct scan_child *itsm_index_scan_children(struct index_scan *scan, const struct scan_listing *listing, size_t *count)
{
	struct scan_child *children = NULL;
	size_t capacity = 0;
	struct dirent *entry;
	int copy;
	DIR *folder = NULL;

	*count = 0;
	for (size_t i = listing->old_first; i < listing->old_last && !listing->changed;
		i = itsm_index_unit_skip(listing->old, i)) {
		itsm_arena_grow(scan->arena, &children, &capacity, *count, sizeof(*children));
		children[(*count)++] = (struct scan_child){ itsm_index_unit_name(listing->old, i), DT_UNKNOWN, i };
	}
	if (!listing->changed)
		return children;
	copy = openat(listing->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (copy < 0 || !(folder = fdopendir(copy)))
		return NULL;
	while ((entry = readdir(folder)) != NULL) {
		if (*entry->d_name == '.' || strlen(entry->d_name) > NAME_MAX)
			continue;
		itsm_arena_grow(scan->arena, &children, &capacity, *count, sizeof(*children));
		children[(*count)++] =
			(struct scan_child){itsm_arena_strdup(scan->arena, entry->d_name), entry->d_type, SCAN_NONE};
	}
	closedir(folder);
	if (*count)
		qsort(children, *count, sizeof(*children), compare_children);
	return children;
}

void itsm_index_scan_match(
	struct index_scan *scan, const struct scan_listing *listing, struct scan_child *children, size_t count)
{
	size_t next = 0;

	for (size_t i = listing->old_first; i < listing->old_last; ) {
		const char *name = itsm_index_unit_name(listing->old, i);
		size_t end = itsm_index_unit_skip(listing->old, i);

		while (next < count && strcmp(children[next].name, name) < 0)
			next++;
		if (next < count && strcmp(children[next].name, name) == 0)
			children[next].old = i;
		else
			itsm_index_scan_remove(scan, listing->old, i, end, listing->path);
		i = end;
	}
}

unsigned char itsm_index_scan_type(const struct scan_listing *listing, const struct scan_child *child)
{
	struct stat info;

	if (child->type != DT_UNKNOWN)
		return child->type;
	if (fstatat(listing->folder, child->name, &info, AT_SYMLINK_NOFOLLOW) != 0)
		return DT_UNKNOWN;
	if (S_ISREG(info.st_mode))
		return DT_REG;
	if (S_ISDIR(info.st_mode))
		return DT_DIR;
	return S_ISLNK(info.st_mode) ? DT_LNK : DT_UNKNOWN;
}
