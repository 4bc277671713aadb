/*
 * JSON that comes from elsewhere, as the same tree as YAML: strings are
 * double-quoted scalars; numbers, true, false and null plain ones
 * (itsm_yaml_is_null knows the latter). Nodes have no positions.
 */
#ifndef ITSM_JSON_H
#define ITSM_JSON_H

#include "itsm/yaml.h"

#define ITSM_JSON_MAX_BYTES (16u << 20)
#define ITSM_JSON_MAX_DEPTH 64
#define ITSM_JSON_MAX_NODES 1000000

/*
 * Parse one JSON value. The tree lives in `arena`. ITSM_EDATA with line and
 * column for what is no JSON (duplicate names, NUL in strings and invalid
 * UTF-8 included), ITSM_ELIMIT beyond the bounds.
 */
ITSM_API int itsm_json_parse(struct itsm_arena *arena, const char *text, size_t size, struct itsm_yaml **out,
	struct itsm_error *err);

#endif
