/* Private to lib/model: the built-in metrics. */
#ifndef ITSM_MODEL_METRIC_H
#define ITSM_MODEL_METRIC_H

#include "itsm/metric.h"

/* Written by make_metrics.c, sorted by name. */
extern const struct itsm_metric metric_builtins[];
extern const size_t metric_builtin_count;

#endif
