/* Writing and removing: a file is whole or absent, whatever happens in between. */
#include "itsm/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "file_write.h"

#define TRIES 100

int itsm_temporary_make(int folder, char name[32])
{
	unsigned char random[8];
	int file = -1, i;

	for (i = 0; i < TRIES && file < 0 && (i == 0 || errno == EEXIST); i++) {
		if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random))
			return -1;
		snprintf(name, 32, ".itsm-%02x%02x%02x%02x%02x%02x%02x%02x~", random[0], random[1], random[2],
			random[3], random[4], random[5], random[6], random[7]);
		file = openat(folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	}
	return file;
}

int itsm_write_all(int file, const char *data, size_t length)
{
	ssize_t done;

	while (length > 0) {
		done = write(file, data, length);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return -1;
		if (done == 0) {
			errno = ENOSPC;
			return -1;
		}
		data += done;
		length -= (size_t)done;
	}
	return 0;
}

int itsm_target_look(const struct itsm_walk *walk, mode_t *mode, bool *exists)
{
	struct stat about;

	*exists = fstatat(walk->folder, walk->leaf, &about, AT_SYMLINK_NOFOLLOW) == 0;
	if (!*exists)
		return errno == ENOENT ? 0 : errno;
	if (S_ISLNK(about.st_mode))
		return ELOOP;
	if (S_ISDIR(about.st_mode))
		return EISDIR;
	if (!S_ISREG(about.st_mode))
		return EINVAL;
	*mode = about.st_mode & 07777;
	return 0;
}

/* Returns 0 or errno; on failure the temporary file is gone. */
static int replace(const struct itsm_walk *walk, const void *data, size_t length)
{
	char name[32];
	mode_t mode = 0;
	bool exists;
	int number = itsm_target_look(walk, &mode, &exists);
	int file;

	if (number)
		return number;
	file = itsm_temporary_make(walk->folder, name);
	if (file < 0)
		return errno;
	if (itsm_write_all(file, data, length) < 0 || (exists && fchmod(file, mode) < 0) || fsync(file) < 0)
		number = errno;
	if (close(file) < 0 && !number)
		number = errno;
	if (!number && renameat(walk->folder, name, walk->folder, walk->leaf) < 0)
		number = errno;
	if (number) {
		unlinkat(walk->folder, name, 0);
		return number;
	}
	/* The new content is in place; a folder that cannot be synced (EINVAL) is the file system's choice. */
	return fsync(walk->folder) < 0 && errno == EIO ? EIO : 0;
}

int itsm_file_write(int root, const char *path, const void *data, size_t length, struct itsm_error *err)
{
	struct itsm_walk walk;
	size_t made = 0;
	int number = ENOENT, status, i;

	/* ENOENT: somebody removed the folder, empty for a moment, under our feet. */
	for (i = 0; i < TRIES && number == ENOENT; i++) {
		status = itsm_walk_open(root, path, true, &walk, err);
		if (status)
			return status;
		if (!made)
			made = walk.made;
		number = replace(&walk, data, length);
		close(walk.folder);
	}
	if (number && made)
		itsm_walk_prune(root, path, made);
	return number ? itsm_walk_error(err, number, "write", path) : ITSM_OK;
}

int itsm_file_remove(int root, const char *path, struct itsm_error *err)
{
	struct itsm_walk walk;
	int status = itsm_walk_open(root, path, false, &walk, err);
	int number = 0;

	if (status)
		return status;
	if (unlinkat(walk.folder, walk.leaf, 0) < 0)
		number = errno;
	else
		fsync(walk.folder);
	close(walk.folder);
	if (number)
		return itsm_walk_error(err, number, "remove", path);
	if (*path != '/')
		itsm_walk_prune(root, path, 1);
	return ITSM_OK;
}

int itsm_folder_make(int root, const char *path, struct itsm_error *err)
{
	struct itsm_buffer below = {0};
	struct itsm_walk walk;
	int status;

	itsm_buffer_puts(&below, path);
	itsm_buffer_puts(&below, "/.");
	status = itsm_walk_open(root, below.data, true, &walk, err);
	if (!status)
		close(walk.folder);
	itsm_buffer_free(&below);
	return status;
}
