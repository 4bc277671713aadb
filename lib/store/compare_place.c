/*
 * Comparing two trees without libgit2: as compare.c does it, on the bytes of trees (folder.h). What differs is
 * gathered before any of it is told, so that what turns out to be unusual can be left to libgit2. A walk compares
 * with nothing.
 */
#include <string.h>

#include "folder.h"

#define FOLDERS_MAX 200 /* opened; beyond, libgit2 is faster: it keeps packs open */

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

/* A folder's bytes, owned by the arena; none for NULL. */
static bool open_folder(struct comparison *comparison, const struct itsm_oid *oid, struct store_bytes *out)
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

static void add(struct comparison *comparison, const struct store_part *before, const struct store_part *after)
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
static bool compare_entries(struct comparison *comparison, const struct store_part *before,
	const struct store_part *after, int depth)
{
	const struct store_part *either = before ? before : after;
	size_t length = comparison->path.length;
	bool done = true;

	if (before && after && before->mode == after->mode && itsm_oid_equal(&before->oid, &after->oid))
		return true;
	itsm_buffer_add(&comparison->path, either->name, either->length);
	if (store_part_is_folder(either)) {
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
	struct store_bytes old_folder, new_folder;
	struct store_part before, after;
	int has_before, has_after, order;

	if (depth > STORE_DEPTH_MAX || !open_folder(comparison, old_oid, &old_folder) ||
	    !open_folder(comparison, new_oid, &new_folder))
		return false;
	has_before = store_part_next(&old_folder, &before);
	has_after = store_part_next(&new_folder, &after);
	while (has_before > 0 || has_after > 0) {
		order = has_before <= 0 ? 1 : has_after <= 0 ? -1 : store_part_compare(&before, &after);
		if (has_before < 0 || has_after < 0 ||
		    !compare_entries(comparison, order <= 0 ? &before : NULL, order >= 0 ? &after : NULL, depth))
			return false;
		if (order <= 0)
			has_before = store_part_next(&old_folder, &before);
		if (order >= 0)
			has_after = store_part_next(&new_folder, &after);
	}
	return has_before == 0 && has_after == 0;
}

static bool find_top(struct comparison *comparison, const struct itsm_oid *commit, struct itsm_oid *out)
{
	struct itsm_buffer text = {0};
	bool done = store_place_object(comparison->place, STORE_COMMIT, commit, &text) && store_commit_top(&text, out);

	itsm_buffer_free(&text);
	return done;
}

/* The entry of a path (that may end in '/') below the folder `in`; `has` is false when there is none. */
static bool step_down(struct comparison *comparison, const struct itsm_oid *in, const char *path,
	struct store_part *out, bool *has)
{
	struct store_bytes folder;
	struct store_part part;
	size_t length;
	int more = 0;

	*has = true;
	*out = (struct store_part){.mode = GIT_FILEMODE_TREE, .oid = *in};
	for (; *path && *has; path += length + (path[length] == '/')) {
		length = strcspn(path, "/");
		*has = false;
		if (!store_part_is_folder(out))
			return true;
		if (!open_folder(comparison, &out->oid, &folder))
			return false;
		while (!*has && (more = store_part_next(&folder, &part)) > 0)
			*has = part.length == length && memcmp(part.name, path, length) == 0;
		if (!*has && more < 0)
			return false;
		if (*has)
			*out = part;
	}
	return true;
}

/* Down to the folder of the desk. `has` is false when the commit does not have it. */
static bool find_desk(struct comparison *comparison, const struct itsm_oid *commit, struct itsm_oid *out, bool *has)
{
	struct store_part part;
	struct itsm_oid top;

	if (!find_top(comparison, commit, &top) || !step_down(comparison, &top, comparison->place->prefix, &part, has))
		return false;
	*has = *has && store_part_is_folder(&part);
	*out = part.oid;
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

static int tell(const struct comparison *comparison, itsm_compare_callback callback, void *context)
{
	const struct difference *item;
	int status = ITSM_OK;
	size_t i;

	for (i = 0; i < comparison->count && !status; i++) {
		item = &comparison->items[i];
		status = callback(context, item->was ? &item->before : NULL, item->is ? &item->after : NULL);
	}
	return status;
}

static void begin(struct comparison *comparison, const struct itsm_place *place)
{
	*comparison = (struct comparison){.place = place, .arena = itsm_arena_new()};
	itsm_buffer_puts(&comparison->path, "");
}

static void end(struct comparison *comparison)
{
	itsm_buffer_free(&comparison->path);
	itsm_arena_free(comparison->arena);
}

int itsm_place_compare(const struct itsm_place *place, const struct itsm_oid *old_commit,
	const struct itsm_oid *new_commit, itsm_compare_callback callback, void *context)
{
	struct comparison comparison;
	int status = ITSM_ENOTFOUND;

	begin(&comparison, place);
	if (gather(&comparison, old_commit, new_commit))
		status = tell(&comparison, callback, context);
	end(&comparison);
	return status;
}

bool store_place_find(const struct itsm_place *place, const struct itsm_oid *commit, const char *path, bool *has,
	struct itsm_entry *out)
{
	struct comparison comparison;
	struct store_part part;
	struct itsm_oid desk;
	bool done;

	begin(&comparison, place);
	done = find_desk(&comparison, commit, &desk, has) && (!*has || step_down(&comparison, &desk, path, &part, has));
	if (done && *has) {
		*has = !store_part_is_folder(&part);
		*out = (struct itsm_entry){NULL, part.oid, store_file_mode(part.mode)};
	}
	end(&comparison);
	return done;
}

struct walking {
	itsm_entry_callback callback;
	void *context;
};

static int on_walked(void *context, const struct itsm_entry *before, const struct itsm_entry *after)
{
	const struct walking *walking = context;

	(void)before;
	return walking->callback(walking->context, after);
}

bool store_place_walk(const struct itsm_place *place, const struct itsm_oid *commit, const char *folder,
	itsm_entry_callback callback, void *context, int *status)
{
	struct walking walking = {callback, context};
	struct comparison comparison;
	struct store_part part;
	struct itsm_oid desk;
	bool done, has;

	begin(&comparison, place);
	done = find_desk(&comparison, commit, &desk, &has) && (!has || step_down(&comparison, &desk, folder, &part, &has));
	if (done && has && store_part_is_folder(&part)) {
		itsm_buffer_puts(&comparison.path, folder);
		if (*folder && folder[strlen(folder) - 1] != '/')
			itsm_buffer_putc(&comparison.path, '/');
		done = compare_folders(&comparison, NULL, &part.oid, 0);
	}
	if (done)
		*status = tell(&comparison, on_walked, &walking);
	end(&comparison);
	return done;
}
