/* What commands add to a record besides fields. */
#ifndef ITSM_LIB_DESK_ADDITION_H
#define ITSM_LIB_DESK_ADDITION_H

#include "desk.h"

/* Write a section into a text that is to be put, where it is missing or empty. */
void desk_put_section(struct desk_change *change, struct desk_put *put, const char *name, const char *content);
/* Put a note beside a record, now, by whoever writes; `visibility` NULL = the kind's default. */
int desk_put_note(struct desk_change *change, const struct itsm_record *record, const char *content, const char *visibility,
	struct itsm_error *err);

#endif
