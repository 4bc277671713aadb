/* What writing a file at once and writing it piece by piece share. */
#ifndef BASE_FILE_WRITE_H
#define BASE_FILE_WRITE_H

#include <sys/types.h>

#include "walk.h"

/* A new file beside the target, named so that a glob for records does not find it. -1 with errno. */
int itsm_temporary_make(int folder, char name[32]);
/* -1 with errno. */
int itsm_write_all(int file, const char *data, size_t length);
/* The mode of the file that is replaced, if there is one; returns errno when it must not be replaced. */
int itsm_target_look(const struct itsm_walk *walk, mode_t *mode, bool *exists);

#endif
