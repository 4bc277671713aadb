/*
 * A folder as git keeps it: entries one after another,
 *
 *   "<mode, octal> <name>\0<20 bytes of the object's name>" ...
 *
 * in git's order, in which a folder sorts as if its name ended in '/'.
 */
#ifndef STORE_FOLDER_H
#define STORE_FOLDER_H

#include "internal.h"

/* Read entry by entry. */
struct store_bytes {
	const char *at, *end;
};

struct store_part {
	const char *name; /* not terminated; borrowed from the folder's bytes */
	size_t length;
	unsigned mode;
	struct itsm_oid oid;
};

bool store_part_is_folder(const struct store_part *part);
/* In git's order. */
int store_part_compare(const struct store_part *a, const struct store_part *b);
/* 1 and the next entry, 0 at the end, -1 for what git would not have written. */
int store_part_next(struct store_bytes *folder, struct store_part *out);
/* The mode by which git knows the entry: of files, only whether they are executable counts. */
unsigned store_file_mode(unsigned mode);
/* The tree that a commit's bytes name in their first line. */
bool store_commit_top(const struct itsm_buffer *commit, struct itsm_oid *out);

#endif
