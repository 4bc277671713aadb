/* What the files of the review share. */
#ifndef ITSM_LIB_DESK_REVIEW_H
#define ITSM_LIB_DESK_REVIEW_H

#include "desk.h"
#include "itsm/review.h"

/* review_approvals.c: the approvals that its records still want, by the rules of its base. `kinds` are those of it. */
int review_approvals(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_kinds *kinds,
	const struct itsm_oid *head, struct itsm_review *review, struct itsm_error *err);

#endif
