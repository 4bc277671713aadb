/*
 * Listing anew the units that verify.c found changed, and those that are new.
 *
 * What did not change is copied from the old unit; what did becomes a job for
 * reader.c, or the path of a file that is gone. A folder whose mark still holds is not read:
 * its names are those it had.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "scan.h"

static void scan_unit(struct index_scan *scan, const char *path, const char *top);

static void stamp(struct index_scan *scan)
{
	if (!scan->stamped)
		itsm_index_stamp(scan->root, scan->index->options.now, &scan->stamp);
	scan->stamped = true;
}

static struct index_unit *find_old(const struct index_scan *scan, const char *path)
{
	size_t first = 0, last = scan->old_count;

	while (first < last) {
		size_t middle = (first + last) / 2;
		int order = strcmp(scan->old[middle].path, path);

		if (order == 0)
			return &scan->old[middle];
		if (order < 0)
			first = middle + 1;
		else
			last = middle;
	}
	return NULL;
}

static struct index_unit *add_unit(struct index_scan *scan, const char *path)
{
	struct index_unit *unit = itsm_arena_alloc(scan->arena, sizeof(*unit));

	unit->path = path;
	itsm_arena_grow(scan->arena, &scan->units, &scan->unit_capacity, scan->unit_count, sizeof(*scan->units));
	return scan->units[scan->unit_count++] = unit;
}

static void add_job(struct index_scan *scan, const struct scan_listing *listing, const struct index_place *place,
	enum index_node_type type, enum index_obstacle obstacle, uint64_t mark, const char *name)
{
	struct index_job *job;

	itsm_arena_grow(scan->arena, &scan->jobs, &scan->job_capacity, scan->job_count, sizeof(*scan->jobs));
	job = &scan->jobs[scan->job_count++];
	*job = (struct index_job){ .place = *place, .obstacle = obstacle, .mark = mark, .origin = listing->unit };
	job->position = itsm_index_unit_add(listing->unit, name, listing->depth, type, mark);
}

/* A racy file: are its bytes what they were? */
static bool is_same(
	struct index_scan *scan, const struct scan_listing *listing, const struct scan_child *child, const char *path)
{
	struct itsm_buffer text = {0};
	struct stat info;
	bool same;

	if (child->old == SCAN_NONE || listing->old->nodes[child->old].type != NODE_RACY)
		return false;
	same = itsm_index_file_read(scan->root, path, &text, &info) == 0 &&
		itsm_index_checksum(text.data, text.length) == listing->old->nodes[child->old].mark;
	if (same && itsm_index_is_young(&info, &scan->stamp))
		itsm_index_unit_add(
			listing->unit, child->name, listing->depth, NODE_RACY, listing->old->nodes[child->old].mark);
	else if (same)
		itsm_index_unit_add(listing->unit, child->name, listing->depth, NODE_FILE, itsm_index_mark(&info));
	itsm_buffer_free(&text);
	return same;
}

static uint64_t mark_of(const struct index_scan *scan, const struct scan_listing *listing, const char *name)
{
	struct stat info;

	if (fstatat(listing->folder, name, &info, AT_SYMLINK_NOFOLLOW) != 0 || itsm_index_is_young(&info, &scan->stamp))
		return 0;
	return itsm_index_mark(&info);
}

static void list_file(struct index_scan *scan, const struct scan_listing *listing, const struct scan_child *child,
	const char *path, bool link)
{
	struct index_place place;
	bool ours = link ? itsm_index_place_link(scan->index, path, scan->folders, scan->folder_count, &place) :
		itsm_index_place(scan->index, path, &place);

	if (!ours) {
		if (child->old != SCAN_NONE)
			itsm_index_scan_removed(scan, path);
	} else if (link) {
		add_job(scan, listing, &place, NODE_LINK, INDEX_LINK, mark_of(scan, listing, child->name), child->name);
	} else if (!place.located) {
		add_job(scan, listing, &place, NODE_FILE, INDEX_MISPLACED, mark_of(scan, listing, child->name),
			child->name);
	} else if (!is_same(scan, listing, child, path)) {
		add_job(scan, listing, &place, NODE_FILE, INDEX_READABLE, 0, child->name);
	}
}

static void list_folder(struct index_scan *scan, struct scan_listing *listing, const char *top);

/* Which nodes the old unit has below this child, when it was a folder then. */
static void old_range(const struct scan_listing *listing, const struct scan_child *child, struct scan_listing *inner)
{
	inner->old = NULL;
	inner->old_first = inner->old_last = 0;
	inner->changed = true;
	if (child->old == SCAN_NONE || listing->old->nodes[child->old].type != NODE_FOLDER)
		return;
	inner->old = listing->old;
	inner->old_first = child->old + 1;
	inner->old_last = itsm_index_unit_skip(listing->old, child->old);
	inner->changed = listing->old->changed[child->old];
}

static void list_inner(struct index_scan *scan, const struct scan_listing *listing, const struct scan_child *child,
	const char *path, const char *top)
{
	struct scan_listing inner = {.unit = listing->unit, .path = path, .depth = listing->depth + 1};
	struct stat info;
	uint64_t mark;

	if (itsm_index_unit_is_own(listing->unit->path, top, child->name) && listing->depth == 0) {
		itsm_index_unit_add(listing->unit, child->name, listing->depth, NODE_UNIT, 0);
		scan_unit(scan, path, top);
		return;
	}
	if (listing->depth + 1 >= INDEX_DEPTH_MAX)
		return;
	inner.folder = openat(listing->folder, child->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	old_range(listing, child, &inner);
	if (inner.folder < 0) {
		if (inner.old)
			itsm_index_scan_remove(scan, inner.old, inner.old_first, inner.old_last, path);
		return;
	}
	mark = 0;
	if (!inner.changed)
		mark = inner.old->nodes[inner.old_first - 1].mark;
	else if (fstat(inner.folder, &info) == 0 && !itsm_index_is_young(&info, &scan->stamp))
		mark = itsm_index_mark(&info);
	itsm_index_unit_add(listing->unit, child->name, listing->depth, NODE_FOLDER, mark);
	list_folder(scan, &inner, top);
	close(inner.folder);
}

/* Is the child, with all below it, as it was? Then copy it. */
static bool copy_unchanged(struct index_scan *scan, const struct scan_listing *listing, const struct scan_child *child,
	const char *path, const char *top)
{
	const struct index_unit *old = listing->old;
	size_t end;

	if (child->old == SCAN_NONE)
		return false;
	end = itsm_index_unit_skip(old, child->old);
	if (memchr(old->changed + child->old, INDEX_CHANGED, end - child->old))
		return false;
	for (size_t i = child->old; i < end; i++)
		itsm_index_unit_add(listing->unit, itsm_index_unit_name(old, i), old->nodes[i].depth,
			old->nodes[i].type, old->nodes[i].mark);
	if (old->nodes[child->old].type == NODE_UNIT)
		scan_unit(scan, path, top);
	return true;
}

static void list_child(
	struct index_scan *scan, const struct scan_listing *listing, struct scan_child *child, const char *top)
{
	const char *path = itsm_arena_printf(scan->arena, "%s/%s", listing->path, child->name);
	unsigned char type;

	if (strlen(path) >= INDEX_PATH_MAX || copy_unchanged(scan, listing, child, path, top))
		return;
	type = itsm_index_scan_type(listing, child);
	if (child->old != SCAN_NONE && (type == DT_DIR) != (listing->old->nodes[child->old].type == NODE_FOLDER)) {
		if (listing->old->nodes[child->old].type != NODE_UNIT)
			itsm_index_scan_remove(scan, listing->old, child->old,
				itsm_index_unit_skip(listing->old, child->old), listing->path);
		child->old = SCAN_NONE;
	}
	if (type == DT_DIR)
		list_inner(scan, listing, child, path, top);
	else if (type == DT_REG || type == DT_LNK)
		list_file(scan, listing, child, path, type == DT_LNK);
	else if (child->old != SCAN_NONE)
		itsm_index_scan_removed(scan, path);
}

static void list_folder(struct index_scan *scan, struct scan_listing *listing, const char *top)
{
	size_t count;
	struct scan_child *children = itsm_index_scan_children(scan, listing, &count);

	if (listing->changed)
		itsm_index_scan_match(scan, listing, children, count);
	for (size_t i = 0; i < count; i++)
		list_child(scan, listing, &children[i], top);
}

/* Nothing in it changed: only the units that it holds remain to be looked at. */
static void pass_unit(struct index_scan *scan, struct index_unit *old, const char *top)
{
	for (size_t i = 0; i < old->count; i++)
		if (old->nodes[i].type == NODE_UNIT)
			scan_unit(scan,
				itsm_arena_printf(scan->arena, "%s/%s", old->path, itsm_index_unit_name(old, i)), top);
}

/* The path of the link on the way to a folder that cannot be entered for it. */
static const char *link_on_the_way(struct index_scan *scan, const char *path)
{
	for (const char *end = path; *end; ) {
		struct stat info;
		char *part;

		end += 1 + strcspn(end + 1, "/");
		part = itsm_arena_strndup(scan->arena, path, (size_t)(end - path));
		if (fstatat(scan->root, part, &info, AT_SYMLINK_NOFOLLOW) != 0)
			return NULL;
		if (S_ISLNK(info.st_mode))
			return part;
	}
	return NULL;
}

/*
 * A kind's folder, or one above it, is a link. It is kept in a unit of the
 * folder that holds it, which is never found unchanged: what it was goes, and comes again here.
 */
static void scan_link(struct index_scan *scan, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const char *folder = itsm_arena_strndup(scan->arena, path, slash ? (size_t)(slash - path) : 0);
	struct scan_listing listing = {.path = folder, .folder = scan->root};
	struct index_place place;

	for (size_t i = 0; i < scan->unit_count && !listing.unit; i++)
		if (strcmp(scan->units[i]->path, folder) == 0)
			listing.unit = scan->units[i];
	if (!listing.unit)
		listing.unit = add_unit(scan, folder);
	for (size_t i = 0; i < listing.unit->count; i++)
		if (strcmp(itsm_index_unit_name(listing.unit, i), name) == 0)
			return;
	if (itsm_index_place_link(scan->index, path, scan->folders, scan->folder_count, &place))
		add_job(scan, &listing, &place, NODE_LINK, INDEX_LINK, 0, name);
}

static void scan_unit(struct index_scan *scan, const char *path, const char *top)
{
	struct index_unit *old = find_old(scan, path);
	struct scan_listing listing = {.old = old, .path = path, .changed = true};
	struct stat info;

	if (old && old->seen)
		return;
	if (old && !old->gone && !old->folder_changed && !memchr(old->changed, INDEX_CHANGED, old->count)) {
		old->seen = true;
		pass_unit(scan, old, top);
		return;
	}
	listing.folder = itsm_index_folder_open(scan->root, path);
	if (listing.folder < 0) {
		const char *link =
			listing.folder == -ELOOP || listing.folder == -ENOTDIR ? link_on_the_way(scan, path) : NULL;

		if (link && strlen(link) <= strlen(top))
			scan_link(scan, link);
		return;
	}
	stamp(scan);
	listing.unit = add_unit(scan, path);
	if (old) {
		old->seen = true;
		listing.old_last = old->count;
		listing.changed = old->folder_changed;
	}
	if (!listing.changed)
		listing.unit->mark = old->mark;
	else if (fstat(listing.folder, &info) == 0 && !itsm_index_is_young(&info, &scan->stamp))
		listing.unit->mark = itsm_index_mark(&info);
	list_folder(scan, &listing, top);
	close(listing.folder);
}

void itsm_index_scan_run(struct index_scan *scan)
{
	itsm_index_verify(scan->root, scan->old, scan->old_count);
	for (size_t i = 0; i < scan->folder_count; i++)
		scan_unit(scan, scan->folders[i], scan->folders[i]);
	for (size_t i = 0; i < scan->old_count; i++)
		if (!scan->old[i].seen)
			itsm_index_scan_remove(scan, &scan->old[i], 0, scan->old[i].count, scan->old[i].path);
}

void itsm_index_scan_free(struct index_scan *scan)
{
	for (size_t i = 0; i < scan->unit_count; i++)
		itsm_index_unit_free(scan->units[i]);
}
