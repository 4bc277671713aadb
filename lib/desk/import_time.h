/* Times of other systems: formats, zones, and instants from them. */
#ifndef ITSM_LIB_DESK_IMPORT_TIME_H
#define ITSM_LIB_DESK_IMPORT_TIME_H

#include <libical/ical.h>
#include <stdbool.h>

#include "itsm/time.h"

enum import_format_kind {
	IMPORT_RFC3339,
	IMPORT_UNIX,     /* seconds since 1970 */
	IMPORT_STRPTIME, /* %d/%m/%Y %H:%M ... */
};

struct import_format {
	enum import_format_kind kind;
	const char *text;
	bool zoned; /* it holds %z */
};

/*
 * What is needed of libical, loaded when a map names a zone: with all that it
 * brings (ICU) it would cost every start of the program several times what a
 * read costs.
 */
struct import_ical {
	__typeof__(icaltimezone_get_builtin_timezone) *find_zone;
	__typeof__(icaltime_from_timet_with_zone) *from_seconds;
	__typeof__(icaltimezone_get_utc_offset_of_utc_time) *offset;
};

/* What times without a zone are in. */
struct import_zone {
	bool given;
	int offset_minutes;
	void *named; /* libical's, or NULL: then the offset counts */
	struct import_ical ical;
	const char *name;
};

struct import_moment {
	struct itsm_time time;
	bool zoned; /* its text said the zone */
};

/* "rfc3339", "unix", or conversions of strptime; ITSM_EDATA names one that is not known. `text` is borrowed. */
int import_format_read(const char *text, struct import_format *out, struct itsm_error *err);
/* UTC, Z, +02:00, or a name of the zone database. `text` is borrowed. */
int import_zone_read(const char *text, struct import_zone *out, struct itsm_error *err);
/* Does the text fit one of the formats? ITSM_EDATA says why not. */
int import_moment_read(const struct import_format *formats, size_t count, const struct import_zone *zone,
	const char *text, struct import_moment *out, struct itsm_error *err);

#endif
