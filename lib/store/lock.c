/* One writer at a time. */
#include "lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "itsm/file.h"

#define WAIT_MAX 60000 /* milliseconds */
#define PAUSE_MIN 1
#define PAUSE_MAX 16

static int open_lock(const struct itsm_place *place, int *file, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char *folder = itsm_arena_printf(arena, "%s/itsm", place->common_dir);
	const char *path = itsm_arena_printf(arena, "%s/lock", folder);
	int status = ITSM_OK;

	/* Reading is enough for flock(2), so a lock that another user made will do. */
	*file = open(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	if (*file < 0 && errno == ENOENT) {
		status = itsm_folder_make(AT_FDCWD, folder, err);
		if (!status)
			*file = open(path, O_RDONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0666);
	}
	if (!status && *file < 0)
		status = itsm_error_set(err, ITSM_EIO, "cannot open '%s': %s", path, strerror(errno));
	itsm_arena_free(arena);
	return status;
}

static void pause_for(long milliseconds)
{
	struct timespec time = {0, milliseconds * 1000000};

	nanosleep(&time, NULL);
}

int store_lock(const struct itsm_place *place, long wait, int *lock, struct itsm_error *err)
{
	long waited = 0, pause = PAUSE_MIN;
	int file, status = open_lock(place, &file, err);

	if (status)
		return status;
	while (flock(file, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EINTR)
			continue;
		if (errno == EWOULDBLOCK && waited < wait) {
			pause_for(pause);
			waited += pause;
			pause = pause * 2 > PAUSE_MAX ? PAUSE_MAX : pause * 2;
			continue;
		}
		if (errno != EWOULDBLOCK)
			status = itsm_error_set(err, ITSM_EIO, "cannot lock '%s/itsm/lock': %s", place->common_dir,
				strerror(errno));
		close(file);
		if (!status)
			*lock = -1;
		return status;
	}
	*lock = file;
	return ITSM_OK;
}

int store_lock_to_write(const struct itsm_place *place, int *lock, struct itsm_error *err)
{
	int status = store_lock(place, WAIT_MAX, lock, err);

	if (!status && *lock < 0)
		return itsm_error_set(err, ITSM_EIO, "another itsm has been writing for %d s; try again when it is "
		"done",
			WAIT_MAX / 1000);
	return status;
}

void store_unlock(int *lock)
{
	if (*lock >= 0)
		close(*lock);
	*lock = -1;
}

void store_end(struct itsm_repo *repo, int *lock)
{
	repo->waiting = *lock >= 0 && itsm_write_is_pending(&repo->place);
	store_unlock(lock);
}

bool itsm_repo_is_waiting(const struct itsm_repo *repo)
{
	return repo->waiting;
}
