/*
 * Putting an object into the repository, as git does it: compressed for speed, under a temporary name that `git gc`
 * clears away when we are killed, then renamed. An object that is there already is only marked as wanted now, so
 * that a `git prune` of this moment keeps it; one that lies in a pack is written once more for the same reason.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include "internal.h"

#define NAMES_MAX 1000 /* left behind by killed processes of our number */

/* "<type> <size>\0<bytes>", compressed. */
static bool compress_object(enum store_object type, const void *data, size_t length, struct itsm_buffer *out)
{
	z_stream stream = {0};
	char head[32], chunk[16384];
	int code = Z_OK, flush;

	if (deflateInit(&stream, Z_BEST_SPEED) != Z_OK)
		return false;
	stream.next_in = (Bytef *)head;
	stream.avail_in = (uInt)snprintf(head, sizeof(head), "%s %zu", store_object_name(type), length) + 1;
	for (flush = Z_NO_FLUSH; code == Z_OK || code == Z_BUF_ERROR;) {
		stream.next_out = (Bytef *)chunk;
		stream.avail_out = sizeof(chunk);
		code = deflate(&stream, flush);
		itsm_buffer_add(out, chunk, sizeof(chunk) - stream.avail_out);
		if (flush == Z_NO_FLUSH && stream.avail_in == 0) {
			stream.next_in = (Bytef *)(uintptr_t)data;
			stream.avail_in = (uInt)length;
			flush = Z_FINISH;
		}
	}
	deflateEnd(&stream);
	return code == Z_STREAM_END;
}

/* 0, or -1 with errno. */
static int write_whole(int file, const struct itsm_buffer *text)
{
	size_t done = 0;
	ssize_t put;

	while (done < text->length) {
		put = write(file, text->data + done, text->length - done);
		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0) {
			errno = put < 0 ? errno : ENOSPC;
			return -1;
		}
		done += (size_t)put;
	}
	return 0;
}

/* A new file beside the object's, whose folder is made if need be; -1 with errno. */
static int open_temporary(const char *folder, char *path, size_t size)
{
	int file = -1;

	errno = EEXIST;
	for (int i = 0; file < 0 && errno == EEXIST && i < NAMES_MAX; i++) {
		snprintf(path, size, "%s/tmp_obj_%ld_%d", folder, (long)getpid(), i);
		file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
		if (file < 0 && errno == ENOENT && (mkdir(folder, 0777) == 0 || errno == EEXIST))
			file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0444);
	}
	return file;
}

static int write_file(const char *folder, const char *path, const struct itsm_buffer *text)
{
	char temporary[4096];
	int number = 0, file = open_temporary(folder, temporary, sizeof(temporary));

	if (file < 0)
		return errno;
	if (write_whole(file, text) < 0)
		number = errno;
	if (close(file) < 0 && !number)
		number = errno;
	if (!number && rename(temporary, path) < 0)
		number = errno;
	if (number)
		unlink(temporary);
	return number;
}

int store_object_write(struct itsm_repo *repo, enum store_object type, const void *data, size_t length,
	struct itsm_oid *out, struct itsm_error *err)
{
	struct itsm_buffer folder = {0}, path = {0}, text = {0};
	char name[41];
	int number = 0;

	store_object_hash(type, data, length, out);
	itsm_oid_text(out, name);
	itsm_buffer_printf(&folder, "%s/objects/%.2s", repo->place.common_dir, name);
	itsm_buffer_printf(&path, "%s/%s", folder.data, name + 2);
	if (utimensat(AT_FDCWD, path.data, NULL, 0) < 0) {
		number = length <= UINT32_MAX && compress_object(type, data, length, &text) ? 0 : ENOMEM;
		if (!number)
			number = write_file(folder.data, path.data, &text);
	}
	itsm_buffer_free(&folder);
	itsm_buffer_free(&path);
	itsm_buffer_free(&text);
	return number ? itsm_error_set(err, ITSM_EIO, "cannot write to the repository ('%s/objects'): %s",
		repo->place.common_dir, strerror(number)) : ITSM_OK;
}
