/* Reading, and which paths are fit for a record. */
#include "itsm/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "itsm/utf8.h"
#include "walk.h"

/* O_NONBLOCK: a pipe with no writer must not hold us up before we see that it is one. */
#define READ_FLAGS (O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)

/* One call where the kernel has it; -1 with ENOSYS or EPERM where it has not, or a sandbox says no. */
static int open_at_once(int root, const char *path)
{
	struct open_how how = {.flags = READ_FLAGS, .resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS};

	if (*path != '/')
		how.resolve |= RESOLVE_BENEATH;
	return (int)syscall(SYS_openat2, root, path, &how, sizeof(how));
}

static int open_for_reading(int root, const char *path, int *file, struct itsm_error *err)
{
	struct itsm_walk walk;
	int status = itsm_walk_check(root, path, err);
	int number;

	if (status)
		return status;
	*file = open_at_once(root, path);
	if (*file >= 0)
		return ITSM_OK;
	if (errno != ENOSYS && errno != EPERM && errno != EAGAIN)
		return itsm_walk_error(err, errno, "read", path);
	status = itsm_walk_open(root, path, false, &walk, err);
	if (status)
		return status;
	*file = openat(walk.folder, walk.leaf, READ_FLAGS);
	number = errno;
	close(walk.folder);
	return *file >= 0 ? ITSM_OK : itsm_walk_error(err, number, "read", path);
}

static int read_all(int file, const char *path, size_t limit, struct itsm_buffer *out, struct itsm_error *err)
{
	char chunk[65536];
	ssize_t got;

	itsm_buffer_add(out, "", 0);
	for (;;) {
		got = read(file, chunk, sizeof(chunk));
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return itsm_walk_error(err, errno, "read", path);
		if (got == 0)
			return ITSM_OK;
		if ((size_t)got > limit - out->length)
			return itsm_error_set(err, ITSM_ELIMIT, "'%s' is larger than %zu bytes", path, limit);
		itsm_buffer_add(out, chunk, (size_t)got);
	}
}

int itsm_file_open(int root, const char *path, int *out, struct itsm_error *err)
{
	struct stat about;
	int file, status = open_for_reading(root, path, &file, err);

	if (status)
		return status;
	if (fstat(file, &about) < 0)
		status = itsm_walk_error(err, errno, "read", path);
	else if (!S_ISREG(about.st_mode))
		status = itsm_error_set(err, ITSM_EDATA, "'%s' is no regular file", path);
	if (status)
		close(file);
	else
		*out = file;
	return status;
}

int itsm_file_read(int root, const char *path, size_t limit, struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_buffer content = {0};
	int file, status = itsm_file_open(root, path, &file, err);

	if (status)
		return status;
	status = read_all(file, path, limit, &content, err);
	close(file);
	if (status) {
		itsm_buffer_free(&content);
		return status;
	}
	itsm_buffer_free(out);
	*out = content;
	return ITSM_OK;
}

bool itsm_path_is_safe(const char *path)
{
	size_t size = strlen(path), offset = 0, length;
	uint32_t codepoint;

	for (; offset < size; offset += length) {
		length = itsm_utf8_decode(path + offset, size - offset, &codepoint);
		if (length == 0)
			length = 1;
		else if (itsm_utf8_is_control(codepoint) || codepoint == '\\')
			return false;
	}
	for (;;) {
		length = strcspn(path, "/");
		if (length == 0 || (length == 1 && path[0] == '.') || (length == 2 && memcmp(path, "..", 2) == 0) ||
				(length == 4 && strncasecmp(path, ".git", 4) == 0))
			return false;
		if (!path[length])
			return true;
		path += length + 1;
	}
}

char *itsm_file_stem(struct itsm_arena *arena, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');

	return itsm_arena_strndup(arena, name, dot ? (size_t)(dot - name) : strlen(name));
}
