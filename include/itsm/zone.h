/*
 * Time zones: what clocks show, and when.
 *
 * UTC and fixed offsets are computed here. Names such as Europe/Berlin are libical's, which reads the
 * zone database of the machine; it is loaded when the first such name is asked for. A clock's time is
 * told as seconds since 1970-01-01T00:00:00 on that clock ("clock seconds").
 */
#ifndef ITSM_ZONE_H
#define ITSM_ZONE_H

#include <stdbool.h>
#include <stdint.h>

#include "itsm/error.h"
#include "itsm/memory.h"

struct itsm_zone;

/*
 * The zone `UTC`, `Z`, `+02:00`, or of a name, in the arena. It remembers what it was asked, so that it is used by
 * one thread at a time. ITSM_EDATA: there is no such zone; ITSM_EIO: libical can't be loaded.
 */
ITSM_API int itsm_zone_find(struct itsm_arena *arena, const char *name, struct itsm_zone **out, struct itsm_error *err);
/* Its name as it was asked for. */
ITSM_API const char *itsm_zone_name(const struct itsm_zone *zone);
/* Seconds that its clocks are ahead of UTC at this instant (seconds since 1970 in UTC). */
ITSM_API int itsm_zone_offset(struct itsm_zone *zone, int64_t seconds);
/*
 * The instant at which clocks show this. Where they are put back and show it twice, it is the first of the
 * two. Where they are put forward over it, false: then `seconds` is the instant at which they were.
 */
ITSM_API bool itsm_zone_instant(struct itsm_zone *zone, int64_t clock, int64_t *seconds);

#endif
