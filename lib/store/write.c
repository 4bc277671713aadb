/* Beginning and ending a write, and what is to be in it. */
#include "write.h"

#include <string.h>

#include "itsm/file.h"
#include "lock.h"

static int begin(struct itsm_write *write, struct itsm_error *err)
{
	const struct itsm_place *place = &write->repo->place;
	int status = store_lock_to_write(place, &write->lock, err);

	if (!status && itsm_write_is_pending(place))
		status = store_recover(write->repo, err);
	if (!status)
		status = store_people_ask(&write->asked, place, err);
	if (!status)
		status = itsm_place_head(write->arena, place, &write->base, &write->branch, err);
	return status;
}

int itsm_write_begin(struct itsm_repo *repo, struct itsm_write **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_write *write = itsm_arena_alloc(arena, sizeof(*write));
	const struct store_child none = STORE_CHILD_NONE;
	int status;

	write->arena = write->changes.arena = arena;
	write->repo = repo;
	write->lock = -1;
	write->asked = write->updater = write->mover = write->packer = none;
	status = begin(write, err);
	if (status)
		itsm_write_end(write);
	else
		*out = write;
	return status;
}

void itsm_write_end(struct itsm_write *write)
{
	if (!write)
		return;
	store_child_kill(&write->asked);
	store_child_end(&write->updater, NULL, NULL);
	store_child_end(&write->mover, NULL, NULL);
	store_pack_let_go(write);
	store_end(write->repo, &write->lock);
	itsm_arena_free(write->arena);
}

int itsm_write_identity(struct itsm_write *write, struct itsm_person_time *out, struct itsm_error *err)
{
	struct store_people *people = &write->people;
	int status = ITSM_OK;

	if (!people->committer.name) {
		status = store_people_answer(&write->asked, write->arena, people, NULL);
		if (status || !people->sure)
			status = itsm_place_identity(write->arena, &write->repo->place, &people->committer, err);
	}
	if (!status)
		*out = people->committer;
	return status;
}

const struct itsm_oid *itsm_write_base(const struct itsm_write *write)
{
	return &write->base;
}

static struct store_change *add(struct itsm_write *write, const char *path)
{
	return store_changes_add(&write->changes, itsm_arena_printf(write->arena, "%s%s", write->repo->place.prefix,
		path));
}

static int check_path(const char *path, struct itsm_error *err)
{
	if (itsm_path_is_safe(path))
		return ITSM_OK;
	return itsm_error_set(err, ITSM_EDATA, "a record cannot be kept at '%s'; use a path below the desk", path);
}

int itsm_write_put(struct itsm_write *write, const char *path, const void *data, size_t length, struct itsm_error *err)
{
	struct store_change *change;
	int status = check_path(path, err);

	if (status)
		return status;
	change = add(write, path);
	change->next.mode = GIT_FILEMODE_BLOB;
	change->data = itsm_arena_strndup(write->arena, data, length);
	change->length = length;
	return ITSM_OK;
}

int itsm_write_remove(struct itsm_write *write, const char *path, struct itsm_error *err)
{
	int status = check_path(path, err);

	if (status)
		return status;
	add(write, path);
	return ITSM_OK;
}

void itsm_write_accept_unsaved(struct itsm_write *write, const char *path)
{
	struct store_change *change = add(write, path);

	change->accept = change->mention = true;
}
