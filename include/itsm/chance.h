/* Chance: how probable so many happenings are. Pure. */
#ifndef ITSM_CHANCE_H
#define ITSM_CHANCE_H

#include <stddef.h>

#include "itsm/export.h"

/* P(X >= count) for a Poisson distribution with this mean (0 or more). */
ITSM_API double itsm_poisson_tail(size_t count, double mean);

#endif
