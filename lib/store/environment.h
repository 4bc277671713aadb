#ifndef STORE_ENVIRONMENT_H
#define STORE_ENVIRONMENT_H

#include <stdbool.h>

#include "itsm/memory.h"

/* The environment for a child, NULL-terminated, in the arena; `more` (may be NULL) wins over what was there. */
char **store_environment(struct itsm_arena *arena, bool for_git, const char *const *more);
/* What a variable says to git too; NULL when it is not there. */
const char *store_environment_value(const char *name);

#endif
