#include "walk.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FOLDER_FLAGS (O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

int itsm_walk_error(struct itsm_error *err, int number, const char *doing, const char *path)
{
	switch (number) {
	case ENOENT:
		return itsm_error_set(err, ITSM_ENOTFOUND, "cannot %s '%s': there is no such file", doing, path);
	case ENOTDIR:
		return itsm_error_set(err, ITSM_ENOTFOUND,
			"cannot %s '%s': a part of the path is a file, or a symbolic link, and no folder", doing, path);
	case ELOOP:
		return itsm_error_set(err, ITSM_EDATA,
			"cannot %s '%s': it is or lies behind a symbolic link; put the file itself there", doing, path);
	case EISDIR:
		return itsm_error_set(err, ITSM_EDATA, "cannot %s '%s': it is a folder", doing, path);
	default:
		return itsm_error_set(err, ITSM_EIO, "cannot %s '%s': %s", doing, path, strerror(number));
	}
}

int itsm_walk_check(int root, const char *path, struct itsm_error *err)
{
	const char *part = path;
	size_t length;

	if (*part == '/' && root == AT_FDCWD)
		part++;
	for (;;) {
		length = strcspn(part, "/");
		if (length == 0)
			return itsm_error_set(err, ITSM_EDATA,
				"'%s' is no path of a file here: it is empty, absolute or has an empty part", path);
		if (length == 2 && part[0] == '.' && part[1] == '.')
			return itsm_error_set(err, ITSM_EDATA, "'%s' is refused: '..' leads out of the folder", path);
		if (!part[length])
			return ITSM_OK;
		part += length + 1;
	}
}

/*
 * Open, and make if asked, the folder `name` in `parent`; -1 with errno when it
 * cannot be had. Another process may take an empty folder away between the two
 * calls: the caller starts over on ENOENT.
 */
static int step(int parent, const char *name, bool make, bool *made)
{
	struct stat about;
	int folder = openat(parent, name, FOLDER_FLAGS);

	*made = false;
	if (folder < 0 && errno == ENOENT && make) {
		if (mkdirat(parent, name, 0777) == 0) {
			*made = true;
			fsync(parent);
		} else if (errno != EEXIST) {
			return -1;
		}
		folder = openat(parent, name, FOLDER_FLAGS);
	}
	if (folder < 0 && errno == ENOTDIR && fstatat(parent, name, &about, AT_SYMLINK_NOFOLLOW) == 0)
		errno = S_ISLNK(about.st_mode) ? ELOOP : ENOTDIR;
	return folder;
}

/* Go down all components but the last. -1 with errno. */
static int descend(int root, const char *path, bool make, struct itsm_walk *walk)
{
	int folder = openat(root, *path == '/' ? "/" : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const char *part = path + (*path == '/');
	const char *slash;
	char name[256];
	size_t length;
	int next, kept;
	bool made;

	while (folder >= 0 && (slash = strchr(part, '/')) != NULL) {
		length = (size_t)(slash - part);
		next = -1;
		made = false;
		if (length < sizeof(name)) {
			memcpy(name, part, length);
			name[length] = '\0';
			next = step(folder, name, make, &made);
		} else {
			errno = ENAMETOOLONG;
		}
		if (made && walk->made == 0)
			walk->made = (size_t)(slash - path);
		kept = errno;
		close(folder);
		errno = kept;
		folder = next;
		part = slash + 1;
	}
	walk->folder = folder;
	walk->leaf = part;
	return folder;
}

int itsm_walk_open(int root, const char *path, bool make, struct itsm_walk *out, struct itsm_error *err)
{
	struct itsm_walk walk = {.folder = -1};
	int status = itsm_walk_check(root, path, err);
	int tries = make ? 100 : 1;

	if (status)
		return status;
	while (tries-- > 0 && descend(root, path, make, &walk) < 0 && errno == ENOENT)
		;
	if (walk.folder < 0) {
		int number = errno;

		if (walk.made)
			itsm_walk_prune(root, path, walk.made);
		return itsm_walk_error(err, number, make ? "make the folders of" : "reach", path);
	}
	*out = walk;
	return ITSM_OK;
}

void itsm_walk_prune(int root, const char *path, size_t least)
{
	struct itsm_walk walk;
	char shorter[4096];
	size_t length = strlen(path);
	int removed;

	if (length >= sizeof(shorter))
		return;
	memcpy(shorter, path, length + 1);
	for (;;) {
		char *slash = strrchr(shorter, '/');

		if (!slash || slash == shorter || (size_t)(slash - shorter) < least)
			return;
		*slash = '\0';
		walk = (struct itsm_walk){.folder = -1};
		if (descend(root, shorter, false, &walk) < 0)
			return;
		removed = unlinkat(walk.folder, walk.leaf, AT_REMOVEDIR);
		close(walk.folder);
		if (removed < 0)
			return;
	}
}
