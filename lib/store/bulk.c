/* Feeding `git fast-import`. */
#include "bulk.h"

#include <errno.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "identity.h"
#include "itsm/file.h"
#include "lock.h"

#define BATCH ((size_t)256 << 10)

static int name_scratch(struct itsm_bulk *bulk, struct itsm_error *err)
{
	unsigned long long number;

	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		return itsm_error_set(err, ITSM_EIO, "no random numbers: %s", strerror(errno));
	bulk->scratch = itsm_arena_printf(bulk->arena, "refs/itsm/import-%016llx", number);
	return ITSM_OK;
}

static int start(struct itsm_bulk *bulk, struct itsm_error *err)
{
	const char *const argv[] = {"git", "fast-import", "--quiet", "--date-format=raw", NULL};
	const struct itsm_place *place = &bulk->repo->place;
	struct store_journal journal = {0};
	int status = store_libgit2(bulk->repo, err);

	if (!status)
		status = store_lock_to_write(place, &bulk->lock, err);
	if (!status && itsm_write_is_pending(place))
		status = store_recover(bulk->repo, err);
	if (!status)
		status = itsm_place_head(bulk->arena, place, &bulk->base, &bulk->branch, err);
	if (!status)
		status = name_scratch(bulk, err);
	if (status)
		return status;
	status = store_git_start_locked(&bulk->import, place, argv, STORE_CHILD_INPUT, bulk->lock, err);
	if (status)
		return status;
	bulk->import_id = bulk->import.pid;
	journal.base = bulk->base;
	journal.import = bulk->import_id;
	strncpy(journal.scratch, bulk->scratch, sizeof(journal.scratch) - 1);
	/* Told only now that an end without "done" is a failure: one without a journal leaves nothing. */
	itsm_buffer_puts(&bulk->text, "feature done\n");
	return store_journal_write(place, &journal, err);
}

int itsm_bulk_begin(struct itsm_repo *repo, struct itsm_bulk **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_bulk *bulk = itsm_arena_alloc(arena, sizeof(*bulk));
	const struct store_child none = STORE_CHILD_NONE;
	int status;

	bulk->arena = arena;
	bulk->repo = repo;
	bulk->lock = -1;
	bulk->import = none;
	status = start(bulk, err);
	if (status)
		itsm_bulk_abort(bulk);
	else
		*out = bulk;
	return status;
}

void store_bulk_forget(const struct itsm_place *place, long import)
{
	struct itsm_arena *arena = itsm_arena_new();

	if (import > 0)
		unlink(itsm_arena_printf(arena, "%s/fast_import_crash_%ld", place->git_dir, import));
	itsm_arena_free(arena);
}

int store_bulk_wait(struct itsm_bulk *bulk, struct itsm_error *err)
{
	int status = store_child_end(&bulk->import, NULL, err);

	store_bulk_forget(&bulk->repo->place, bulk->import_id);
	bulk->import_id = 0;
	return status;
}

int store_bulk_flush(struct itsm_bulk *bulk, struct itsm_error *err)
{
	int status = ITSM_OK;

	if (bulk->import.pid <= 0)
		return itsm_error_set(err, ITSM_EGIT, "`git fast-import` has failed before");
	if (store_child_send(&bulk->import, bulk->text.data, bulk->text.length) < 0) {
		status = store_bulk_wait(bulk, err);
		if (!status)
			status = itsm_error_set(err, ITSM_EGIT, "`git fast-import` ended too soon");
	}
	itsm_buffer_clear(&bulk->text);
	return status;
}

static void add_person(struct itsm_buffer *text, const char *role, const struct itsm_person_time *person)
{
	int minutes = person->offset_minutes < 0 ? -person->offset_minutes : person->offset_minutes;

	itsm_buffer_printf(text, "%s ", role);
	store_identity_add(text, person->name);
	itsm_buffer_puts(text, " <");
	store_identity_add(text, person->mail);
	itsm_buffer_printf(text, "> %lld %c%02d%02d\n", (long long)person->seconds,
		person->offset_minutes < 0 ? '-' : '+',
		minutes / 60, minutes % 60);
}

int itsm_bulk_commit(struct itsm_bulk *bulk, const char *message, const struct itsm_person_time *author,
	const struct itsm_person_time *committer, struct itsm_error *err)
{
	struct itsm_buffer *text = &bulk->text;
	size_t length = strlen(message);
	bool ended = length && message[length - 1] == '\n';
	char base[41];

	itsm_buffer_printf(text, "commit %s\n", bulk->scratch);
	add_person(text, "author", author ? author : committer);
	add_person(text, "committer", committer);
	itsm_buffer_printf(text, "data %zu\n%s%s\n", length + !ended, message, ended ? "" : "\n");
	if (!bulk->commits && !itsm_oid_is_zero(&bulk->base)) {
		itsm_oid_text(&bulk->base, base);
		itsm_buffer_printf(text, "from %s\n", base);
	}
	bulk->commits++;
	return text->length < BATCH ? ITSM_OK : store_bulk_flush(bulk, err);
}

/* A path in quotes, as fast-import reads it. */
static void add_path(struct itsm_buffer *text, const char *path)
{
	for (; *path; path++)
		if (*path == '"' || *path == '\\')
			itsm_buffer_printf(text, "\\%c", *path);
		else if ((unsigned char)*path < ' ' || *path == 127)
			itsm_buffer_printf(text, "\\%03o", (unsigned char)*path);
		else
			itsm_buffer_putc(text, *path);
}

int itsm_bulk_put(struct itsm_bulk *bulk, const char *path, const void *data, size_t length, struct itsm_error *err)
{
	struct itsm_buffer *text = &bulk->text;

	if (!itsm_path_is_safe(path))
		return itsm_error_set(err, ITSM_EDATA, "a record cannot be kept at '%s'; use a path below the desk",
			path);
	if (!bulk->commits)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' belongs to no commit; start one first", path);
	itsm_buffer_puts(text, "M 100644 inline \"");
	add_path(text, bulk->repo->place.prefix);
	add_path(text, path);
	itsm_buffer_printf(text, "\"\ndata %zu\n", length);
	itsm_buffer_add(text, data, length);
	itsm_buffer_putc(text, '\n');
	return text->length < BATCH ? ITSM_OK : store_bulk_flush(bulk, err);
}

void itsm_bulk_abort(struct itsm_bulk *bulk)
{
	if (!bulk)
		return;
	if (bulk->import.pid > 0)
		store_bulk_wait(bulk, NULL);
	if (bulk->scratch) {
		git2.reference_remove(bulk->repo->git, bulk->scratch);
		store_journal_remove(&bulk->repo->place, NULL);
	}
	store_end(bulk->repo, &bulk->lock);
	itsm_buffer_free(&bulk->text);
	itsm_arena_free(bulk->arena);
}
