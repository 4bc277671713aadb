/*
 * Files: bounded reads that follow no link, writes that are whole or absent.
 */
#ifndef ITSM_FILE_H
#define ITSM_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/error.h"
#include "itsm/memory.h"

/*
 * Read a regular file below the directory `root` (a descriptor, or AT_FDCWD)
 * into `out`. No component of `path` may be a symbolic link, be "..", or be
 * absolute unless root is AT_FDCWD. ITSM_ENOTFOUND, ITSM_ELIMIT beyond
 * `limit` bytes, ITSM_EDATA when it is no regular file, else ITSM_EIO.
 */
ITSM_API int itsm_file_read(int root, const char *path, size_t limit, struct itsm_buffer *out, struct itsm_error *err);

/* The same, open for reading: what is too much to hold is read piece by piece. `file` is the caller's to close. */
ITSM_API int itsm_file_open(int root, const char *path, int *file, struct itsm_error *err);

/* "name" of "folder/name.yaml": a path without its folders and its last ending, in the arena. */
ITSM_API char *itsm_file_stem(struct itsm_arena *arena, const char *path);

/*
 * Replace (or make) the file `path` below `root`: temporary file beside it,
 * write, fsync, rename, fsync of the folder. Missing folders are made. Never
 * through a symbolic link. On failure nothing is left behind.
 */
ITSM_API int itsm_file_write(int root, const char *path, const void *data, size_t length, struct itsm_error *err);

/*
 * The same for what is too much to hold: a file in the making beside `path`,
 * written piece by piece, that takes its place when it is kept.
 */
struct itsm_output;
/* Missing folders are made. What is at `path` stays until itsm_output_keep. */
ITSM_API int itsm_output_open(int root, const char *path, struct itsm_output **out, struct itsm_error *err);
/* The first bytes of the file that is at the path now, up to `size`; how many. 0: there is none, or an empty one. */
ITSM_API size_t itsm_output_previous(const struct itsm_output *output, void *bytes, size_t size, bool *exists);
/* Append: 0, or -1 once something could not be written; itsm_output_keep says what. As the sink of an emitter. */
ITSM_API int itsm_output_write(void *output, const char *data, size_t length);
/* When a write failed, fill err with why. */
ITSM_API void itsm_output_failure(const struct itsm_output *output, struct itsm_error *err);
/* A path by which this process can open the file in the making, for a library that writes it. */
ITSM_API void itsm_output_path(const struct itsm_output *output, struct itsm_buffer *out);
/* fsync, rename, fsync of the folder; frees it. On failure what was there before still is. */
ITSM_API int itsm_output_keep(struct itsm_output *output, struct itsm_error *err);
/* Forget it: nothing is left behind. Takes NULL. */
ITSM_API void itsm_output_discard(struct itsm_output *output);

/* One file of many to be written; `path` and `data` are the caller's. */
struct itsm_file_new {
	const char *path;
	const void *data;
	size_t length;
};
/*
 * Each of the files as itsm_file_write does it, but synced in batches: many times faster for many. Those in
 * one folder should follow each other. On failure some may have been replaced; each is whole.
 */
ITSM_API int itsm_file_write_all(int root, const struct itsm_file_new *files, size_t count, struct itsm_error *err);

/* Remove a file below root, then folders that this leaves empty, up to root (none for an absolute path). */
ITSM_API int itsm_file_remove(int root, const char *path, struct itsm_error *err);

/* Make every missing folder of `path` below `root`. */
ITSM_API int itsm_folder_make(int root, const char *path, struct itsm_error *err);

/* Is it relative, without "..", ".", empty parts, backslash, control characters, or ".git" in any case? */
ITSM_API bool itsm_path_is_safe(const char *path);

#endif
