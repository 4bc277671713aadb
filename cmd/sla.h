/* What the files of `itsm sla` share. */
#ifndef CMD_SLA_H
#define CMD_SLA_H

#include "context.h"
#include "itsm/service_level.h"

/* Tables: durations are words (`4h30m`) in text, seconds elsewhere. */
int sla_print_clocks(struct context *context, const struct itsm_clocks *clocks, bool intervals, enum itsm_format format,
	struct itsm_error *err);
int sla_print_levels(struct context *context, const struct itsm_service_level *levels, size_t count,
	enum itsm_format format, struct itsm_error *err);
int sla_print_report(struct context *context, struct itsm_query *rows, enum itsm_format format, struct itsm_error *err);
/* For people: each clock, and line by line why it ran or stood. */
int sla_explain(struct context *context, const struct itsm_hit *hit, const struct itsm_clocks *clocks);

#endif
