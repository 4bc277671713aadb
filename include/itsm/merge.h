/*
 * Merging records by meaning: three versions and the kind in, one text and the
 * conflicts out. Pure: no git, no files.
 *
 * What only one side changed is taken from that side; what both changed alike is
 * taken once. Where both changed differently:
 *   field        a conflict, unless it is an object (merged field by field) or a list. A field
 *                that the kind does not know is one value, whatever it holds
 *   list         as a set: what either side added is there, what either removed is not; order
 *                of ours, then what theirs added. Of equal items the first, the second ... are items of
 *                their own. Objects that can be told apart by `id`, `name` or the fields that the kind
 *                requires are the same item in all versions: both changing one is a conflict of that item
 *   state        the later state wins when the workflow leads from one to the
 *                other (not back again); else a conflict
 *   stamps       time fields that states set: where both changed one, that of the side whose
 *                state wins
 *   computed     what the kind computes of other fields is nobody's word: the value first in byte order stands, the same
 *                from both sides, until it is computed again; `check` tells where it is no longer right
 *   section      line by line (diff3); edits that overlap or touch are a conflict. What stands outside
 *                sections likewise, as "body"
 *   removed here, changed there: a conflict, unless it is a list
 * The text is that of ours, edited surgically: comments, quoting, line ends and byte order mark of
 * ours stay; what only theirs wrote comes with its own quoting and the comments above it. A conflict is
 * shown in place between the marker lines that git uses (<<<<<<< ours, ||||||| base, =======,
 * >>>>>>> theirs), each side as whole lines; itsm_document_read refuses such a text.
 *
 * The result has been read again: with every conflict settled for either side it is a record whose
 * fields and sections are what was meant. What could not be put together so is one conflict, of
 * the whole front matter ("") or the whole body.
 *
 * merge(b, x, x), merge(b, b, x) and merge(b, x, b) are x, byte for byte. With ours and theirs
 * exchanged the same fields are in conflict, and without conflicts the values are the same, lists as sets; the
 * order of fields, items and sections, comments and quoting may differ.
 */
#ifndef ITSM_MERGE_H
#define ITSM_MERGE_H

#include "itsm/record.h"

struct itsm_merge_conflict {
	const char *field;   /* dotted name, "list[item]", "## Section", "body", or "" for the whole front matter */
	const char *base, *ours, *theirs; /* as text: lists and objects as JSON, sections as lines; NULL = absent */
	const char *reason;  /* lower case, for people */
	unsigned line;       /* of the opening marker in the result */
};

struct itsm_merge {
	const char *text;    /* in the arena; with markers where there are conflicts */
	size_t size;
	struct itsm_merge_conflict *conflicts;
	size_t count;
};

struct itsm_merge_labels {
	const char *ours, *base, *theirs; /* shown behind the markers; NULL = that word */
};

/*
 * Merge two descendants of `base` (NULL: both made the record anew). All are of
 * one kind and ID; `labels` may be NULL. ITSM_OK also with conflicts;
 * ITSM_EDATA or ITSM_ELIMIT when the result could not be read again.
 */
ITSM_API int itsm_merge_records(struct itsm_arena *arena, const struct itsm_record *base, const struct itsm_record *ours,
	const struct itsm_record *theirs, const struct itsm_merge_labels *labels, struct itsm_merge *out,
	struct itsm_error *err);

/* The line of the first marker of a conflict that was not settled (see itsm_document_marker), or 0. */
ITSM_API unsigned itsm_merge_marker(const char *text, size_t size);

#endif
