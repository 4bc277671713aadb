/* The kinds of the desk, or outside of one the built-in ones. */
#ifndef CMD_KIND_SOURCE_H
#define CMD_KIND_SOURCE_H

#include "context.h"

/* `own` is to be freed by the caller; NULL where the kinds belong to the desk. */
int kind_source_open(struct context *context, const struct itsm_kinds **kinds, struct itsm_kinds **own,
	struct itsm_error *err);

#endif
