/*
 * Records: one file, read against its kind, and changed surgically.
 */
#ifndef ITSM_RECORD_H
#define ITSM_RECORD_H

#include "itsm/finding.h"
#include "itsm/id.h"
#include "itsm/kind.h"
#include "itsm/markdown.h"
#include "itsm/yaml.h"

struct itsm_record {
	const struct itsm_kind *kind;
	const char *id;
	const char *owner;          /* part: the owner's ID; else NULL */
	const char *path;           /* in the desk */
	const char *text;           /* the file's bytes, owned by the arena */
	size_t size;
	struct itsm_document document;
	const struct itsm_yaml *front; /* a mapping */
	struct itsm_section_span *sections;
	size_t section_count;
	const char *state;          /* NULL for a kind without states, or when missing */
	const char *title;          /* never NULL: the title field, else "" */
};

/*
 * Read a record from its path and bytes (copied into `arena`). NULL when the
 * path is no record's place or the bytes cannot be read at all; the reasons are
 * in `findings`, with positions: rules "path/place", "yaml/syntax",
 * "text/encoding", "yaml/not-a-record" ...
 */
ITSM_API struct itsm_record *itsm_record_read(struct itsm_arena *arena, const struct itsm_kinds *kinds, const char *path,
	const char *text, size_t size, struct itsm_findings *findings);
/*
 * The same of another version of `beside`, at its path: equal in all to what itsm_record_read gives, but sooner where
 * both have the same body, whose sections are then not sought again. Their names stay in the arena of `beside`.
 */
ITSM_API struct itsm_record *itsm_record_read_beside(struct itsm_arena *arena, const struct itsm_kinds *kinds,
	const struct itsm_record *beside, const char *text, size_t size, struct itsm_findings *findings);

/*
 * Judge a record by its kind's schema alone: required, unknown and repeated
 * fields, types, enums, patterns, bounds, state, sections required in its
 * state. Rules "schema/required", "schema/unknown", "schema/type",
 * "schema/state", "schema/section".
 */
ITSM_API void itsm_record_check(const struct itsm_record *record, struct itsm_findings *findings);

/* The value of a field by dotted name, or NULL when absent or null. Borrowed. */
ITSM_API const struct itsm_yaml *itsm_record_field(const struct itsm_record *record, const char *name);
/* Its text when it is a scalar, else NULL. */
ITSM_API const char *itsm_record_text(const struct itsm_record *record, const char *name);
/* The line of a field's value, or that of the front matter when absent. */
ITSM_API unsigned itsm_record_line(const struct itsm_record *record, const char *name, unsigned *column);
/* A section by name (case-insensitive), or NULL. */
ITSM_API const struct itsm_section_span *itsm_record_section(const struct itsm_record *record, const char *name);
/* Any node as compact JSON, scalars by the field's type where one is given (NULL: strings). */
ITSM_API void itsm_yaml_json(const struct itsm_yaml *node, const struct itsm_field *field, struct itsm_buffer *out);

/*
 * One `field=value`, `field+=item` or `field-=item` of the command line, as an
 * edit of this kind's records. The field must exist and take the value;
 * `field=` unsets. A list is given with commas: `items=a,b` ("\," is a comma).
 * "state" is refused: `itsm move` changes it. The edit points into `arena`.
 */
ITSM_API int itsm_assignment_parse(struct itsm_arena *arena, const struct itsm_kind *kind, const char *word,
	struct itsm_edit *out, struct itsm_error *err);

/*
 * The text of a new record: front matter with state, the edits and the defaults
 * in the kind's field order, then the sections. `body` (Markdown, or NULL)
 * takes the place of the sections. `guidance` adds each section's and missing
 * required field's help as a comment. An edit of "state" gives another state
 * than the kind's first. A time whose default is "now" is left to the caller:
 * there is no clock in here.
 */
ITSM_API int itsm_record_compose(const struct itsm_kind *kind, const struct itsm_edit *edits, size_t count,
	const char *body, bool guidance, struct itsm_buffer *out, struct itsm_error *err);

/*
 * The record's file with its front matter edited; the body stays byte for
 * byte. `state` (NULL = as it is) is set too.
 */
ITSM_API int itsm_record_edit(const struct itsm_record *record, const struct itsm_edit *edits, size_t count,
	const char *state, struct itsm_buffer *out, struct itsm_error *err);

/* One difference between two versions of a record; texts in the arena. */
struct itsm_difference {
	const char *field; /* dotted name, "state", "## Section", or "body" for text outside of sections */
	const char *old_text; /* NULL = was absent; lists and objects as compact JSON */
	const char *new_text; /* NULL = is absent */
	unsigned line;     /* in the new version (the old one when absent there) */
};

/* Field by field and section by section, in the order of the new version. Either may be NULL (added, removed). */
ITSM_API void itsm_record_compare(struct itsm_arena *arena, const struct itsm_record *old_record,
	const struct itsm_record *new_record, struct itsm_difference **out, size_t *count);

#endif
