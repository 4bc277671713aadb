/* How items are kept: shared by the files of `itsm items health`. */
#ifndef ITSM_LIB_DESK_HEALTH_H
#define ITSM_LIB_DESK_HEALTH_H

#include "desk.h"
#include "itsm/class.h"
#include "itsm/configuration.h"

/* health_figure.c: the figures of all items, by class, owner and service. */
void health_figures(struct itsm_arena *arena, struct itsm_health *health);

#endif
