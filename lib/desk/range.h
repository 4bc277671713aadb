/* Judging a proposal. */
#ifndef ITSM_LIB_DESK_RANGE_H
#define ITSM_LIB_DESK_RANGE_H

#include "desk.h"

/* `itsm check BASE..HEAD`; see range.c. */
int desk_check_range(struct itsm_desk *desk, const char *range, struct itsm_findings *findings, struct itsm_error *err);

/* A finding "policy/kind" when an SQL expression (NULL = none) of a kind does not compile. */
void desk_check_expression(struct itsm_index *index, const struct itsm_kind *kind, const char *expression,
	struct itsm_findings *findings);

#endif
