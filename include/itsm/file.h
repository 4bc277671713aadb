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

/*
 * Replace (or make) the file `path` below `root`: temporary file beside it,
 * write, fsync, rename, fsync of the folder. Missing folders are made. Never
 * through a symbolic link. On failure nothing is left behind.
 */
ITSM_API int itsm_file_write(int root, const char *path, const void *data, size_t length, struct itsm_error *err);

/* Remove a file below root, then folders that this leaves empty, up to root (none for an absolute path). */
ITSM_API int itsm_file_remove(int root, const char *path, struct itsm_error *err);

/* Make every missing folder of `path` below `root`. */
ITSM_API int itsm_folder_make(int root, const char *path, struct itsm_error *err);

/* Is it relative, without "..", ".", empty parts, backslash, control characters, or ".git" in any case? */
ITSM_API bool itsm_path_is_safe(const char *path);

#endif
