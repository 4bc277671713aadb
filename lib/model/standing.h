/* Private to lib/model: the built-in standing queries. */
#ifndef ITSM_MODEL_STANDING_H
#define ITSM_MODEL_STANDING_H

#include "itsm/standing.h"

/* YAML texts, written by make_standing.c; they are read when a set is made. NULL ends the table. */
extern const char *const standing_builtins[];

#endif
