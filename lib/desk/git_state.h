/* What git has under way in a work tree. */
#ifndef ITSM_LIB_DESK_GIT_STATE_H
#define ITSM_LIB_DESK_GIT_STATE_H

#include "desk.h"

/* "merge", "rebase", "cherry-pick", "revert", or NULL when nothing is under way. */
const char *desk_git_unfinished(const struct itsm_place *place);

#endif
