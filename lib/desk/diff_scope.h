/* What `itsm diff --of ID` is narrowed to: a record and what it rests on. */
#ifndef ITSM_LIB_DESK_DIFF_SCOPE_H
#define ITSM_LIB_DESK_DIFF_SCOPE_H

#include "desk.h"

struct diff_scope;

/* As it is at either end; `after` NULL = the work tree. ITSM_ENOTFOUND when it is at neither. In the arena. */
int diff_scope_find(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const struct itsm_oid *before,
	const struct itsm_oid *after, struct diff_scope **out, struct itsm_error *err);
/* Is the record of this kind and ID, or (id NULL) the owner of a part, in it? */
bool diff_scope_has(const struct diff_scope *scope, const char *kind, const char *id, const char *owner);

#endif
