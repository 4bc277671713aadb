/*
 * Standing queries: SQL that commands ask of the desk, and that a desk may change.
 *
 * One is a file policy/queries/<name>.yaml; the built-in ones (lib/model/queries/)
 * are compiled in, and a desk's file of the same name takes the place of one.
 *
 *   name: recent-changes           its own name, also of the file
 *   help: What changed lately      told to people, as a heading too
 *   for: similar                   similar | timeline | apply: which command asks it
 *   kinds: [incident]              similar, timeline: of which records it is asked; none = of all
 *   enabled: false                 switches a built-in one off; then nothing else is needed
 *   sql: SELECT ...                one statement over the views of itsm/index.h, bounded as SQL of users is
 *
 * What the statement is given and gives, by name of the column (others are not looked at):
 *
 *   similar    :id the record, :alike records whose text is like its own, JSON [{"id": ..., "score": ...}],
 *              the best first (score 1 = as like as itself); rows: id, and title, state, at, and text or
 *              section (a section of the record `id` to tell)
 *   timeline   :id; rows: at (RFC 3339), what (a word), and id (what it is about), by, text; where there is no
 *              text and `id` is a record or part with a body, its body
 *   apply      rows: id; what is done with those records says
 *
 *     then:
 *       move: closed               the state to go to
 *       set: [pending_reason=]     fields, as on the command line of `itsm set` (with a move: given along)
 *       section: {name: Resolution, text: ...}     written where it is empty
 *       note: text                 a note to add
 *     order: 10                    which comes first: numbers, then names (0 when not given)
 *
 *   in `set`, `section` and `note`, {column} is what the row has there, and {{ a brace.
 */
#ifndef ITSM_STANDING_H
#define ITSM_STANDING_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/error.h"

enum itsm_standing_use {
	ITSM_STANDING_SIMILAR,
	ITSM_STANDING_TIMELINE,
	ITSM_STANDING_APPLY,
};

/* Lists are NULL-terminated; NULL = not given, as texts are. */
struct itsm_standing {
	const char *name, *help, *origin; /* origin: the file, or "built-in" */
	enum itsm_standing_use use;
	const char *const *kinds;
	bool enabled;
	double order;
	const char *sql;
	const char *move;
	const char *const *set;
	const char *section, *section_text;
	const char *note;
};

struct itsm_standing_set;

/* The compiled-in ones. The set owns an arena of its own. */
ITSM_API int itsm_standing_new(struct itsm_standing_set **out, struct itsm_error *err);
ITSM_API void itsm_standing_free(struct itsm_standing_set *set);
/* Add one from a desk's file; it takes the place of the one of its name. ITSM_EDATA with line and column. */
ITSM_API int itsm_standing_add(struct itsm_standing_set *set, const char *path, const char *text, size_t size,
	struct itsm_error *err);
/* In the order they are asked, those that are not enabled too. */
ITSM_API size_t itsm_standing_count(const struct itsm_standing_set *set);
ITSM_API const struct itsm_standing *itsm_standing_at(const struct itsm_standing_set *set, size_t position);
/* Is it enabled, for this use, and asked of records of this kind (NULL = of none in particular)? */
ITSM_API bool itsm_standing_is_for(const struct itsm_standing *query, enum itsm_standing_use use, const char *kind);

#endif
