/*
 * libical, loaded when it is first needed: with all that it brings (ICU) linking it would cost every start of
 * the program several times what a read costs.
 */
#ifndef ITSM_LIB_MODEL_ICAL_H
#define ITSM_LIB_MODEL_ICAL_H

#include <libical/ical.h>
#include <stdbool.h>

#include "itsm/zone.h"

#define ICAL_FUNCTIONS(X) \
	X(icaltimezone_get_builtin_timezone) \
	X(icaltimezone_get_utc_offset_of_utc_time) \
	X(icaltime_from_timet_with_zone) \
	X(icalrecurrencetype_from_string) \
	X(icalrecur_iterator_new) \
	X(icalrecur_iterator_next) \
	X(icalrecur_iterator_free) \
	X(icalerror_set_errors_are_fatal) \
	X(icalparser_parse_string) \
	X(icalcomponent_free) \
	X(icalcomponent_isa) \
	X(icalcomponent_get_first_component) \
	X(icalcomponent_get_next_component) \
	X(icalcomponent_get_first_property) \
	X(icalcomponent_get_next_property) \
	X(icalcomponent_get_timezone) \
	X(icalproperty_isa) \
	X(icalproperty_get_first_parameter) \
	X(icalproperty_get_x_name) \
	X(icalproperty_get_xlicerror) \
	X(icalproperty_get_value) \
	X(icalproperty_get_value_as_string_r) \
	X(icalparameter_get_tzid) \
	X(icalvalue_isa) \
	X(icalvalue_get_text) \
	X(icalvalue_get_date) \
	X(icalvalue_get_datetime) \
	X(icalvalue_get_datetimeperiod) \
	X(icalvalue_get_duration) \
	X(icalmemory_free_buffer)

struct ical {
#define X(name) __typeof__(name) *name;
	ICAL_FUNCTIONS(X)
#undef X
};

/* The library that the header belongs to. It stays loaded. ITSM_EIO when it is not there. */
int itsm_ical_load(struct ical *out, struct itsm_error *err);
/* The zone of that name (Europe/Berlin), the same on every machine, or NULL; see zone.c. */
icaltimezone *itsm_zone_builtin(const struct ical *ical, const char *name);
/* A zone of libical's as one of ours. */
struct itsm_zone *itsm_zone_of_ical(struct itsm_arena *arena, const struct ical *ical, icaltimezone *named,
	const char *name);

#endif
