/* Times of other systems: formats, zones, and instants from them. */
#ifndef ITSM_LIB_DESK_IMPORT_TIME_H
#define ITSM_LIB_DESK_IMPORT_TIME_H

#include <stdbool.h>

#include "itsm/time.h"
#include "itsm/zone.h"

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

struct import_moment {
	struct itsm_time time;
	bool zoned; /* its text said the zone */
};

/* "rfc3339", "unix", or conversions of strptime; ITSM_EDATA names one that is not known. `text` is borrowed. */
int import_format_read(const char *text, struct import_format *out, struct itsm_error *err);
/* Does the text fit one of the formats? ITSM_EDATA says why not. `zone`: of times without one, or NULL. */
int import_moment_read(const struct import_format *formats, size_t count, struct itsm_zone *zone,
	const char *text, struct import_moment *out, struct itsm_error *err);

#endif
