/*
 * What the build tools share: reading a file whole and writing C.
 */
#ifndef MODEL_MAKE_SOURCE_H
#define MODEL_MAKE_SOURCE_H

#include <stdio.h>

#include "itsm/error.h"
#include "itsm/memory.h"

/* What is wrong with an input, on stderr. Returns 1, the program's exit code. */
int make_fail(const struct itsm_error *error);
/* The file into `text`, instead of what was there; -1 where it can't be read or is empty, which is told. */
int make_read(const char *path, struct itsm_buffer *text);
/* A C string, NULL for NULL; ends of lines end lines of the C too. */
void make_string(FILE *out, const char *text);
/* " .name = "text",", nothing for NULL. */
void make_member(FILE *out, const char *name, const char *text);

/*
 * A program's main: OUTPUT.c FILE ... `head`, what `write` puts down for each file, `tail`. Returns the program's exit
 * code; `write` returns 0, or 1 for what it has told is wrong.
 */
int make_table(int argc, char **argv, const char *head, int (*write)(FILE *out, const char *path), const char *tail);

#endif
