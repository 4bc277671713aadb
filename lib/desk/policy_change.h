/* Policy over a write in the making. */
#ifndef ITSM_LIB_DESK_POLICY_CHANGE_H
#define ITSM_LIB_DESK_POLICY_CHANGE_H

#include "policy.h"

/*
 * What the rules find of records that stay in their state, as they were or (`after`) as they are put. Asked of
 * both, so that only what the change brings refuses it. Of those that are new or enter a state nothing is asked here.
 */
int desk_policy_stay(struct desk_change *change, const struct desk_put *puts, size_t count, bool after,
	struct itsm_findings *findings, struct itsm_error *err);
/* Waivers that hold for findings of the outcome make notes of them. */
int desk_policy_excuse(struct desk_change *change, struct itsm_error *err);

#endif
