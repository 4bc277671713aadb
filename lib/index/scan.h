/* What the files that list the work tree share. */
#ifndef ITSM_LIB_INDEX_SCAN_H
#define ITSM_LIB_INDEX_SCAN_H

#include "index.h"

/* One name in a folder, as it is now and as it was. */
struct scan_child {
	const char *name;
	unsigned char type;   /* DT_..., DT_UNKNOWN where a stat must say */
	size_t old;           /* node in the old unit, or SCAN_NONE */
};
#define SCAN_NONE SIZE_MAX

/* A folder being listed. */
struct scan_listing {
	struct index_unit *unit, *old; /* old may be NULL */
	size_t old_first, old_last;    /* the nodes below it in `old` */
	bool changed;                  /* its own mark does not hold */
	int folder;
	const char *path;
	unsigned depth;
};

void itsm_index_scan_removed(struct index_scan *scan, const char *path);
/* Every file among these nodes, which lie in the folder `path` at some depth, is gone. */
void itsm_index_scan_remove(
	struct index_scan *scan, const struct index_unit *unit, size_t first, size_t last, const char *path);
/* The names in the folder: as they were, or read. Sorted. */
struct scan_child *itsm_index_scan_children(struct index_scan *scan, const struct scan_listing *listing, size_t *count);
/* Find for each name the node it had; nodes that have no name any more are gone. Both are sorted. */
void itsm_index_scan_match(
	struct index_scan *scan, const struct scan_listing *listing, struct scan_child *children, size_t count);
unsigned char itsm_index_scan_type(const struct scan_listing *listing, const struct scan_child *child);

#endif
