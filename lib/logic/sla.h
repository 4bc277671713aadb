/* Private to lib/logic: what the files of service-level clocks share. */
#ifndef ITSM_LOGIC_SLA_H
#define ITSM_LOGIC_SLA_H

#include "itsm/sla.h"

/* What the clock does while the record is as this moment says. */
enum itsm_sla_span sla_span(const struct itsm_sla_terms *terms, const struct itsm_sla_moment *moment);

/* Seconds that the calendar (NULL: all of them) counts of [from, to). */
int sla_counted(struct itsm_calendar *calendar, int64_t from, int64_t to, int64_t *out, struct itsm_error *err);

#endif
