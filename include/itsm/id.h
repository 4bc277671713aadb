/*
 * Record IDs: prefix, dash, 8 characters of Crockford base 32 in lower case
 * (`CHG-4k7q2m8d`), or a slug (`db-prod-1`) for things with a name.
 */
#ifndef ITSM_ID_H
#define ITSM_ID_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/error.h"

#define ITSM_ID_RANDOM 8
#define ITSM_ID_MAX 128

/* A fresh random ID from the kernel's generator: 40 bits. `id` has room for ITSM_ID_MAX bytes. */
ITSM_API int itsm_id_make(const char *prefix, char id[ITSM_ID_MAX], struct itsm_error *err);
/* PREFIX-xxxxxxxx with this prefix? Letters i, l, o, u and capitals are none of the alphabet. */
ITSM_API bool itsm_id_is_random(const char *id, const char *prefix);
/*
 * A slug: starts with a letter or digit; lower-case letters, digits, '.', '_',
 * '-'; no "..", no trailing dot; < ITSM_ID_MAX.
 */
ITSM_API bool itsm_id_is_slug(const char *id);
/*
 * Make a slug of a title: "DB prod #1" -> "db-prod-1", accents taken away, cut
 * where it is too long; false when nothing is left.
 */
ITSM_API bool itsm_id_slug(const char *title, char slug[ITSM_ID_MAX]);

#endif
