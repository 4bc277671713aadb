/*
 * Writing many files: each is whole or absent, as itsm_file_write does it, but
 * they wait for the disk together.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_write.h"
#include "itsm/file.h"

#define BATCH 128 /* files that are on their way at once: two descriptors each */

/* A file on its way: written beside its target, not synced yet. */
struct staged {
	struct itsm_walk walk;
	char name[32];
	int file;
};

/* Close what is open of it; the temporary file is gone unless it took its place. */
static void unstage(struct staged *staged, bool placed)
{
	if (staged->file >= 0)
		close(staged->file);
	if (!placed)
		unlinkat(staged->walk.folder, staged->name, 0);
	staged->file = -1;
}

/* Returns 0 or errno; on failure the temporary file is gone. */
static int stage(struct staged *staged, const void *data, size_t length)
{
	mode_t mode = 0;
	bool exists;
	int number = itsm_target_look(&staged->walk, &mode, &exists);

	if (number)
		return number;
	staged->file = itsm_temporary_make(staged->walk.folder, staged->name);
	if (staged->file < 0)
		return errno;
	if (itsm_write_all(staged->file, data, length) < 0 || (exists && fchmod(staged->file, mode) < 0)) {
		number = errno;
		unstage(staged, false);
	}
	return number;
}

/* Its bytes are on the disk, if not yet what the folder says of it. Where the kernel can't do that, all of it is. */
static int sync_bytes(int file)
{
	unsigned flags = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;

	if (sync_file_range(file, 0, 0, flags) == 0)
		return 0;
	return errno == EIO || errno == ENOSPC ? -1 : fsync(file);
}

/* Sync and rename. Returns 0 or errno; on failure the temporary file is gone. */
static int settle(struct staged *staged)
{
	int number = sync_bytes(staged->file) < 0 ? errno : 0;

	if (close(staged->file) < 0 && !number)
		number = errno;
	staged->file = -1;
	if (!number && renameat(staged->walk.folder, staged->name, staged->walk.folder, staged->walk.leaf) < 0)
		number = errno;
	unstage(staged, number == 0);
	return number;
}

/* A folder that cannot be synced (EINVAL) is the file system's choice. */
static int sync_folder(int folder)
{
	return fsync(folder) < 0 && errno == EIO ? EIO : 0;
}

/* Is the file that follows in the same folder? Paths are in order, so that most are. */
static bool shares_folder(const struct itsm_file_new *file, const struct itsm_file_new *next)
{
	const char *slash = strrchr(file->path, '/');
	size_t length = slash ? (size_t)(slash - file->path) + 1 : 0;

	return strncmp(file->path, next->path, length) == 0 && !strchr(next->path + length, '/');
}

/* The folder that holds the file: most often that of the one before it. */
static int reach(int root, const struct itsm_file_new *files, size_t position, const struct staged *before,
	struct itsm_walk *out, struct itsm_error *err)
{
	const char *path = files[position].path;

	if (before && shares_folder(&files[position - 1], &files[position])) {
		const char *slash = strrchr(path, '/');

		*out = (struct itsm_walk){fcntl(before->walk.folder, F_DUPFD_CLOEXEC, 0), slash ? slash + 1 : path, 0};
		if (out->folder >= 0 && itsm_walk_check(root, path, NULL) == ITSM_OK)
			return ITSM_OK;
		if (out->folder >= 0)
			close(out->folder);
	}
	return itsm_walk_open(root, path, true, out, err);
}

/* Where its folder vanished under our feet, it is left for place_one to write on its own: its descriptor is -1. */
static int stage_one(int root, const struct itsm_file_new *file, struct staged *staged, struct itsm_error *err)
{
	int number = stage(staged, file->data, file->length);

	if (number == 0)
		sync_file_range(staged->file, 0, 0, SYNC_FILE_RANGE_WRITE);
	if (number && staged->walk.made)
		itsm_walk_prune(root, file->path, staged->walk.made);
	return number && number != ENOENT ? itsm_walk_error(err, number, "write", file->path) : ITSM_OK;
}

static int place_one(int root, const struct itsm_file_new *file, struct staged *staged, bool sync, struct itsm_error *err)
{
	int number = staged->file < 0 ? ENOENT : settle(staged);

	if (number == ENOENT)
		return itsm_file_write(root, file->path, file->data, file->length, err);
	if (!number && sync)
		number = sync_folder(staged->walk.folder);
	return number ? itsm_walk_error(err, number, "write", file->path) : ITSM_OK;
}

/*
 * One batch. All are written and on their way to the disk before the first is
 * waited for. A file takes its place when its bytes are on the disk, and so is never
 * seen half; the folder's fsync then has the journal of the file system written,
 * with all that came before it. A thousand times fsync costs a thousand such writes.
 */
static int write_batch(int root, const struct itsm_file_new *files, size_t count, struct itsm_error *err)
{
	struct staged staged[BATCH];
	size_t i, opened = 0, placed = 0;
	int status = ITSM_OK;

	while (opened < count && !status) {
		staged[opened].file = -1;
		status = reach(root, files, opened, opened ? &staged[opened - 1] : NULL, &staged[opened].walk, err);
		if (!status) {
			status = stage_one(root, &files[opened], &staged[opened], err);
			opened++;
		}
	}
	while (placed < opened && !status) {
		bool last = placed + 1 == opened || !shares_folder(&files[placed], &files[placed + 1]);

		status = place_one(root, &files[placed], &staged[placed], last, err);
		placed += !status;
	}
	for (i = 0; i < opened; i++) {
		if (staged[i].file >= 0)
			unstage(&staged[i], false);
		if (i >= placed && staged[i].walk.made)
			itsm_walk_prune(root, files[i].path, staged[i].walk.made);
		close(staged[i].walk.folder);
	}
	return status;
}

int itsm_file_write_all(int root, const struct itsm_file_new *files, size_t count, struct itsm_error *err)
{
	size_t i;
	int status = ITSM_OK;

	for (i = 0; i < count && !status; i += BATCH)
		status = write_batch(root, files + i, count - i < BATCH ? count - i : BATCH, err);
	return status;
}
