/*
 * A commit's tree from the one before and the changed paths, which are sorted as git sorts a folder's
 * entries, so that both are gone through once, together. Only folders on the way to a change are opened; one
 * that is left empty goes, as git has it. On the way each change learns what was there before.
 */
#include <string.h>

#include "folder.h"
#include "write.h"

struct builder {
	struct itsm_repo *repo;
	struct store_change *items;
	struct itsm_arena *arena;
	struct itsm_error *err;
};

/* One folder: what it had, and what it will have. */
struct room {
	struct store_part *old, *parts;
	size_t old_count, count, capacity;
};

/* The changes from..to are all that lie below a folder; its name ends `offset` bytes into their paths. */
struct span {
	size_t from, to, offset;
	int depth;
};

static int build(const struct builder *builder, const struct itsm_oid *base, struct span span, struct itsm_oid *out,
	bool *empty);

static int unreadable(const struct builder *builder)
{
	return itsm_error_set(builder->err, ITSM_EDATA,
		"cannot read a folder of a commit: it is damaged; `git fsck` tells more");
}

static void add(const struct builder *builder, struct room *room, const struct store_part *part)
{
	itsm_arena_grow(builder->arena, &room->parts, &room->capacity, room->count, sizeof(*room->parts));
	room->parts[room->count++] = *part;
}

static int read_old(const struct builder *builder, const struct itsm_oid *base, struct itsm_buffer *text,
	struct room *room)
{
	struct store_bytes bytes;
	struct store_part part;
	size_t capacity = 0;
	int more, status = store_object(builder->repo, STORE_TREE, base, text, builder->err);

	if (status)
		return status;
	bytes = (struct store_bytes){text->data, text->data + text->length};
	while ((more = store_part_next(&bytes, &part)) > 0) {
		if (room->old_count && store_part_compare(&room->old[room->old_count - 1], &part) >= 0)
			return unreadable(builder);
		itsm_arena_grow(builder->arena, &room->old, &capacity, room->old_count, sizeof(*room->old));
		room->old[room->old_count++] = part;
	}
	return more < 0 ? unreadable(builder) : ITSM_OK;
}

/* The entry of this name that is a folder, or that is none; in what the folder had, or what has been put together. */
static bool has_part(const struct store_part *parts, size_t count, const struct store_part *like, bool folder)
{
	for (size_t i = 0; i < count; i++)
		if (parts[i].length == like->length && memcmp(parts[i].name, like->name, like->length) == 0 &&
		    store_part_is_folder(&parts[i]) == folder)
			return true;
	return false;
}

static int build_file(const struct builder *builder, struct room *room, const struct store_part *old,
	struct store_part *part, struct store_change *change)
{
	if (old)
		change->base = (struct store_file){store_file_mode(old->mode), old->oid};
	if (change->base.mode == GIT_FILEMODE_LINK || change->base.mode == GIT_FILEMODE_COMMIT)
		return itsm_error_set(builder->err, ITSM_EREFUSED, "'%s' is a link or a submodule, not a file; remove it first",
			change->path);
	if (!change->next.mode)
		return ITSM_OK;
	if (has_part(room->old, room->old_count, part, true))
		return itsm_error_set(builder->err, ITSM_EREFUSED, "'%s' is a folder; choose another name", change->path);
	if (change->base.mode)
		change->next.mode = change->base.mode;
	itsm_blob_hash(change->data, change->length, &change->next.blob);
	part->mode = change->next.mode;
	part->oid = change->next.blob;
	add(builder, room, part);
	return ITSM_OK;
}

static int build_folder(const struct builder *builder, struct room *room, const struct store_part *old,
	struct store_part *part, struct span span)
{
	const char *path = builder->items[span.from].path;
	bool empty = false;
	int status;

	if (span.depth > STORE_DEPTH_MAX)
		return itsm_error_set(builder->err, ITSM_ELIMIT, "'%s' lies in more than %d folders", path, STORE_DEPTH_MAX);
	status = build(builder, old ? &old->oid : NULL, span, &part->oid, &empty);
	if (status || empty)
		return status;
	if (has_part(room->parts, room->count, part, false))
		return itsm_error_set(builder->err, ITSM_EREFUSED, "'%s' cannot be made: '%.*s' is a file, not a folder", path,
			(int)part->length, part->name);
	add(builder, room, part);
	return ITSM_OK;
}

/* What the old folder has up to this entry goes along; the entry itself, or NULL, is returned. */
static const struct store_part *pass(const struct builder *builder, struct room *room, size_t *at,
	const struct store_part *part)
{
	int order = -1;

	while (*at < room->old_count && (order = store_part_compare(&room->old[*at], part)) < 0)
		add(builder, room, &room->old[(*at)++]);
	return *at < room->old_count && order == 0 ? &room->old[(*at)++] : NULL;
}

static int build_parts(const struct builder *builder, struct room *room, struct span span)
{
	struct store_change *items = builder->items;
	size_t i, next, at = 0;
	int status = ITSM_OK;

	for (i = span.from; i < span.to && !status; i = next) {
		const char *path = items[i].path + span.offset;
		struct store_part part = {.name = path, .length = strcspn(path, "/")};
		struct span below = {i, i + 1, span.offset + part.length + 1, span.depth + 1};

		next = i + 1;
		if (part.length == 0 || part.length >= 256)
			return itsm_error_set(builder->err, ITSM_EDATA, "'%s' has a part that is too long", items[i].path);
		if (path[part.length] == '\0') {
			part.mode = GIT_FILEMODE_BLOB;
			status = build_file(builder, room, pass(builder, room, &at, &part), &part, &items[i]);
			continue;
		}
		while (next < span.to && strncmp(items[next].path + span.offset, path, part.length + 1) == 0)
			next++;
		below.to = next;
		part.mode = GIT_FILEMODE_TREE;
		status = build_folder(builder, room, pass(builder, room, &at, &part), &part, below);
	}
	for (; at < room->old_count && !status; at++)
		add(builder, room, &room->old[at]);
	return status;
}

static int write_room(const struct builder *builder, const struct room *room, const struct itsm_buffer *before,
	const struct itsm_oid *base, struct itsm_oid *out)
{
	struct itsm_buffer text = {0};
	int status = ITSM_OK;

	for (size_t i = 0; i < room->count; i++) {
		itsm_buffer_printf(&text, "%o %.*s", room->parts[i].mode, (int)room->parts[i].length, room->parts[i].name);
		itsm_buffer_putc(&text, '\0');
		itsm_buffer_add(&text, room->parts[i].oid.bytes, sizeof(room->parts[i].oid.bytes));
	}
	if (base && text.length == before->length && (!text.length || memcmp(text.data, before->data, text.length) == 0))
		*out = *base;
	else
		status = store_object_write(builder->repo, STORE_TREE, text.data ? text.data : "", text.length, out, builder->err);
	itsm_buffer_free(&text);
	return status;
}

static int build(const struct builder *builder, const struct itsm_oid *base, struct span span, struct itsm_oid *out,
	bool *empty)
{
	struct itsm_buffer before = {0};
	struct room room = {0};
	int status = base ? read_old(builder, base, &before, &room) : ITSM_OK;

	if (!status)
		status = build_parts(builder, &room, span);
	*empty = room.count == 0;
	if (!status && (!*empty || span.depth == 0))
		status = write_room(builder, &room, &before, base, out);
	itsm_buffer_free(&before);
	return status;
}

int store_write_tree(struct itsm_repo *repo, const struct itsm_oid *base, struct store_changes *changes,
	struct itsm_oid *out, struct itsm_error *err)
{
	struct builder builder = {repo, changes->items, itsm_arena_new(), err};
	struct span all = {0, changes->count, 0, 0};
	struct itsm_buffer commit = {0};
	struct itsm_oid top;
	bool has = !itsm_oid_is_zero(base), empty;
	int status = has ? store_object(repo, STORE_COMMIT, base, &commit, err) : ITSM_OK;

	if (!status && has && !store_commit_top(&commit, &top))
		status = itsm_error_set(err, ITSM_EDATA, "cannot read the commit that this is to follow; `git fsck` tells more");
	if (!status)
		status = build(&builder, has ? &top : NULL, all, out, &empty);
	itsm_buffer_free(&commit);
	itsm_arena_free(builder.arena);
	return status;
}
