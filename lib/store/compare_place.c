/*
 * Comparing two trees without libgit2: as compare.c does it, on the bytes of trees
 *
 *   "<mode, octal> <name>\0<20 bytes of the object's name>" ...
 *
 * which git keeps in its order (a folder sorts as if its name ended in '/'). What differs is gathered
 * before any of it is told, so that what turns out to be unusual can be left to libgit2.
 */
#include <string.h>

#include "internal.h"

#define FOLDERS_MAX 200 /* opened; beyond, libgit2 is faster: it keeps packs open */

struct entry {
	const char *name;
	size_t length;
	unsigned mode;
	struct itsm_oid oid;
};

/* A folder's bytes, read entry by entry. */
struct folder {
	const char *at, *end;
};

struct difference {
	bool was, is;
	struct itsm_entry before, after;
};

struct comparison {
	const struct itsm_place *place;
	struct itsm_arena *arena;
	struct itsm_buffer path; /* below the desk */
	size_t opened;
	struct difference *items;
	size_t count, capacity;
};

static bool is_folder(const struct entry *entry)
{
	return entry->mode == GIT_FILEMODE_TREE;
}

/* 1 and the next entry, 0 at the end, -1 for what git would not have written. */
static int next_entry(struct folder *folder, struct entry *out)
{
	const char *at = folder->at, *end;

	if (at == folder->end)
		return 0;
	out->mode = 0;
	for (; at < folder->end && *at >= '0' && *at <= '7' && out->mode < 010000000; at++)
		out->mode = out->mode * 8 + (unsigned)(*at - '0');
	if (at == folder->end || at == folder->at || *at++ != ' ')
		return -1;
	end = memchr(at, '\0', (size_t)(folder->end - at));
	if (!end || end == at || folder->end - end < 21 || memchr(at, '/', (size_t)(end - at)))
		return -1;
	out->name = at;
	out->length = (size_t)(end - at);
	memcpy(out->oid.bytes, end + 1, sizeof(out->oid.bytes));
	folder->at = end + 21;
	return 1;
}

static int compare_names(const struct entry *a, const struct entry *b)
{
	size_t length = a->length < b->length ? a->length : b->length;
	int order = memcmp(a->name, b->name, length);
	unsigned char after_a, after_b;

	if (order)
		return order;
	after_a = a->length > length ? (unsigned char)a->name[length] : is_folder(a) ? '/' : 0;
	after_b = b->length > length ? (unsigned char)b->name[length] : is_folder(b) ? '/' : 0;
	return (int)after_a - (int)after_b;
}

/* A folder's bytes, owned by the arena; none for NULL. */
static bool open_folder(struct comparison *comparison, const struct itsm_oid *oid, struct folder *out)
{
	struct itsm_buffer text = {0};
	bool done;

	out->at = out->end = "";
	if (!oid)
		return true;
	done = comparison->opened++ < FOLDERS_MAX && store_place_object(comparison->place, STORE_TREE, oid, &text);
	if (done) {
		out->at = itsm_arena_strndup(comparison->arena, text.data, text.length);
		out->end = out->at + text.length;
	}
	itsm_buffer_free(&text);
	return done;
}

static bool compare_folders(struct comparison *comparison, const struct itsm_oid *old_oid,
	const struct itsm_oid *new_oid, int depth);

static void add(struct comparison *comparison, const struct entry *before, const struct entry *after)
{
	const char *path = itsm_arena_strdup(comparison->arena, comparison->path.data);
	struct difference *difference;

	itsm_arena_grow(comparison->arena, &comparison->items, &comparison->capacity, comparison->count,
		sizeof(*comparison->items));
	difference = &comparison->items[comparison->count++];
	*difference = (struct difference){.was = before != NULL, .is = after != NULL};
	if (before)
		difference->before = (struct itsm_entry){path, before->oid, before->mode};
	if (after)
		difference->after = (struct itsm_entry){path, after->oid, after->mode};
}

/* Entries of one name and sort; NULL for the side that has none. */
static bool compare_entries(struct comparison *comparison, const struct entry *before, const struct entry *after,
	int depth)
{
	const struct entry *either = before ? before : after;
	size_t length = comparison->path.length;
	bool done = true;

	if (before && after && before->mode == after->mode && itsm_oid_equal(&before->oid, &after->oid))
		return true;
	itsm_buffer_add(&comparison->path, either->name, either->length);
	if (is_folder(either)) {
		itsm_buffer_putc(&comparison->path, '/');
		done = compare_folders(comparison, before ? &before->oid : NULL, after ? &after->oid : NULL, depth + 1);
	} else {
		add(comparison, before, after);
	}
	comparison->path.length = length;
	comparison->path.data[length] = '\0';
	return done;
}

static bool compare_folders(struct comparison *comparison, const struct itsm_oid *old_oid,
	const struct itsm_oid *new_oid, int depth)
{
	struct folder old_folder, new_folder;
	struct entry before, after;
	int has_before, has_after, order;

	if (depth > STORE_DEPTH_MAX || !open_folder(comparison, old_oid, &old_folder) ||
	    !open_folder(comparison, new_oid, &new_folder))
		return false;
	has_before = next_entry(&old_folder, &before);
	has_after = next_entry(&new_folder, &after);
	while (has_before > 0 || has_after > 0) {
		order = has_before <= 0 ? 1 : has_after <= 0 ? -1 : compare_names(&before, &after);
		if (has_before < 0 || has_after < 0 ||
		    !compare_entries(comparison, order <= 0 ? &before : NULL, order >= 0 ? &after : NULL, depth))
			return false;
		if (order <= 0)
			has_before = next_entry(&old_folder, &before);
		if (order >= 0)
			has_after = next_entry(&new_folder, &after);
	}
	return has_before == 0 && has_after == 0;
}

/* The tree that a commit names in its first line. */
static bool find_top(struct comparison *comparison, const struct itsm_oid *commit, struct itsm_oid *out)
{
	struct itsm_buffer text = {0};
	bool done = store_place_object(comparison->place, STORE_COMMIT, commit, &text) && text.length > 46 &&
		strncmp(text.data, "tree ", 5) == 0 && store_oid_parse(text.data + 5, out);

	itsm_buffer_free(&text);
	return done;
}

/* Down to the folder of the desk. `has` is false when the commit does not have it. */
static bool find_desk(struct comparison *comparison, const struct itsm_oid *commit, struct itsm_oid *out, bool *has)
{
	const char *path = comparison->place->prefix;
	struct folder folder;
	struct entry entry;
	size_t length;
	int more = 0;

	*has = true;
	if (!find_top(comparison, commit, out))
		return false;
	for (; *path && *has; path += length + (path[length] == '/')) {
		length = strcspn(path, "/");
		if (!open_folder(comparison, out, &folder))
			return false;
		*has = false;
		while (!*has && (more = next_entry(&folder, &entry)) > 0)
			*has = is_folder(&entry) && entry.length == length && memcmp(entry.name, path, length) == 0;
		if (!*has && more < 0)
			return false;
		*out = entry.oid;
	}
	return true;
}

static bool gather(struct comparison *comparison, const struct itsm_oid *old_commit, const struct itsm_oid *new_commit)
{
	struct itsm_oid before, after;
	bool was, is;

	if (!find_desk(comparison, old_commit, &before, &was) || !find_desk(comparison, new_commit, &after, &is))
		return false;
	if (was == is && (!was || itsm_oid_equal(&before, &after)))
		return true;
	return compare_folders(comparison, was ? &before : NULL, is ? &after : NULL, 0);
}

int itsm_place_compare(const struct itsm_place *place, const struct itsm_oid *old_commit,
	const struct itsm_oid *new_commit, itsm_compare_callback callback, void *context)
{
	struct comparison comparison = {.place = place, .arena = itsm_arena_new()};
	const struct difference *item;
	int status = ITSM_OK;
	size_t i;

	itsm_buffer_puts(&comparison.path, "");
	if (!gather(&comparison, old_commit, new_commit))
		status = ITSM_ENOTFOUND;
	for (i = 0; i < comparison.count && !status; i++) {
		item = &comparison.items[i];
		status = callback(context, item->was ? &item->before : NULL, item->is ? &item->after : NULL);
	}
	itsm_buffer_free(&comparison.path);
	itsm_arena_free(comparison.arena);
	return status;
}
