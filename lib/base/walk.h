/*
 * Going down from a folder's descriptor one component at a time, following no
 * link: what lies below `root` is reached, and nothing else.
 */
#ifndef BASE_WALK_H
#define BASE_WALK_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/error.h"

struct itsm_walk {
	int folder;      /* descriptor of the last folder: the caller closes it */
	const char *leaf; /* the last component; points into the path */
	size_t made;     /* length of the path up to the first folder that was made, or 0 */
};

/* ITSM_EDATA for "..", empty parts and, unless root is AT_FDCWD, an absolute path. */
int itsm_walk_check(int root, const char *path, struct itsm_error *err);
/* Open the folder that holds the last component of path; `make` makes what is missing. */
int itsm_walk_open(int root, const char *path, bool make, struct itsm_walk *out, struct itsm_error *err);
/* Remove folders on the way to `path` while they are empty, deepest first, none shorter than `least` bytes. */
void itsm_walk_prune(int root, const char *path, size_t least);
/* What a system call on path said, as an error: ITSM_ENOTFOUND, ITSM_EDATA for a link, else ITSM_EIO. */
int itsm_walk_error(struct itsm_error *err, int number, const char *doing, const char *path);

#endif
