/*
 * Files of the work tree: reading without following a link, and telling by a
 * stat whether one changed.
 *
 * A mark is a hash of what a stat says. It proves that a file is unchanged only
 * if every later change is bound to give another: that is, if the file's times lie
 * before a moment ("stamp") that was taken from the file system's own clock
 * before the file was read. Else the file is young, and its bytes are what is
 * compared next time.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "index.h"

static uint64_t mix(uint64_t value)
{
	value ^= value >> 30;
	value *= 0xbf58476d1ce4e5b9u;
	value ^= value >> 27;
	value *= 0x94d049bb133111ebu;
	return value ^ (value >> 31);
}

uint64_t itsm_index_checksum(const void *data, size_t size)
{
	const unsigned char *bytes = data;
	uint64_t sum = mix(size + 0x9e3779b97f4a7c15u), word;

	for (; size >= sizeof(word); bytes += sizeof(word), size -= sizeof(word)) {
		memcpy(&word, bytes, sizeof(word));
		sum = mix(sum ^ word) + 0x9e3779b97f4a7c15u;
	}
	word = 0;
	if (size)
		memcpy(&word, bytes, size);
	return mix(sum ^ word);
}

uint64_t itsm_index_mark(const struct stat *info)
{
	uint64_t mark = mix((uint64_t)info->st_mtim.tv_sec * 1000000000u + (uint64_t)info->st_mtim.tv_nsec);

	mark = mix(mark ^ ((uint64_t)info->st_ctim.tv_sec * 1000000000u + (uint64_t)info->st_ctim.tv_nsec));
	mark = mix(mark ^ (uint64_t)info->st_size);
	mark = mix(mark ^ (uint64_t)info->st_ino ^ ((uint64_t)info->st_mode << 48));
	return mark ? mark : 1;
}

static bool is_before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec || (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

bool itsm_index_is_young(const struct stat *info, const struct timespec *stamp)
{
	return !is_before(&info->st_mtim, stamp) || !is_before(&info->st_ctim, stamp);
}

/* Where the file system cannot make a file without a name, now is two seconds ago: no clock is coarser. */
void itsm_index_stamp(int root, int64_t now, struct timespec *out)
{
	int file = openat(root, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
	struct stat info;

	*out = (struct timespec){ .tv_sec = now - 2 };
	if (file >= 0 && fstat(file, &info) == 0)
		*out = info.st_ctim;
	if (file >= 0)
		close(file);
}

/* One component after the other, for kernels and sandboxes without openat2. */
static int open_slowly(int root, const char *path, int flags)
{
	int folder = root, next;

	for (;;) {
		size_t length = strcspn(path, "/");
		bool last = !path[length];
		char name[256];

		if (length == 0 || length >= sizeof(name) || strncmp(path, "..", length) == 0)
			next = -EINVAL;
		else {
			memcpy(name, path, length);
			name[length] = '\0';
			next = openat(folder, name, (last ? flags : O_PATH | O_DIRECTORY) | O_NOFOLLOW | O_CLOEXEC);
			if (next < 0)
				next = errno == ENOTDIR && !last ? -ELOOP : -errno;
		}
		if (folder != root)
			close(folder);
		if (last || next < 0)
			return next;
		folder = next;
		path += length + 1;
	}
}

static int open_below(int root, const char *path, int flags)
{
	struct open_how how = {
		.flags = (uint64_t)flags | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH,
	};
	int file = (int)syscall(SYS_openat2, root, path, &how, sizeof(how));

	if (file >= 0)
		return file;
	return errno == ENOSYS || errno == EPERM || errno == EAGAIN ? open_slowly(root, path, flags) : -errno;
}

int itsm_index_folder_open(int root, const char *path)
{
	return open_below(root, path, O_RDONLY | O_DIRECTORY);
}

static int read_bytes(int file, struct itsm_buffer *out)
{
	char chunk[16384];
	ssize_t got;

	itsm_buffer_clear(out);
	while ((got = read(file, chunk, sizeof(chunk))) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return ITSM_EIO;
		itsm_buffer_add(out, chunk, (size_t)got);
		if (out->length > ITSM_FILE_MAX_BYTES)
			return ITSM_ELIMIT;
	}
	return 0;
}

int itsm_index_file_read(int root, const char *path, struct itsm_buffer *out, struct stat *info)
{
	int file = open_below(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	int status;

	if (file == -ENOENT || file == -ENOTDIR)
		return ITSM_ENOTFOUND;
	if (file == -ELOOP)
		return ITSM_EREFUSED;
	if (file < 0)
		return ITSM_EIO;
	if (fstat(file, info) != 0)
		status = ITSM_EIO;
	else if (!S_ISREG(info->st_mode))
		status = ITSM_EDATA;
	else if (info->st_size > (off_t)ITSM_FILE_MAX_BYTES)
		status = ITSM_ELIMIT;
	else
		status = read_bytes(file, out);
	close(file);
	return status;
}
