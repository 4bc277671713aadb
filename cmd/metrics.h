/* What the files of `itsm metrics` share. */
#ifndef CMD_METRICS_H
#define CMD_METRICS_H

#include "context.h"
#include "itsm/measure.h"

/* The figures as a table; on a terminal with bars (of `by`) or sparklines. */
int metrics_print(struct context *context, const struct itsm_measures *measures, const char *by, enum itsm_format format,
	struct itsm_error *err);
/* What they counted, a row each. */
int metrics_print_records(struct context *context, const struct itsm_measures *measures, enum itsm_format format,
	struct itsm_error *err);

#endif
