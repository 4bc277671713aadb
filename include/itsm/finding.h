/*
 * Findings: what a check has to say, as data.
 *
 * A finding is not an error: the check itself worked. Each names its rule, the
 * record and the exact place, says what is wrong and how to mend it.
 */
#ifndef ITSM_FINDING_H
#define ITSM_FINDING_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/memory.h"

enum itsm_severity {
	ITSM_SEVERITY_ERROR,
	ITSM_SEVERITY_WARNING,
	ITSM_SEVERITY_NOTE,
};

struct itsm_finding {
	const char *rule;      /* name that `check --explain` knows: "schema/required" */
	enum itsm_severity severity;
	const char *record;    /* record id, or NULL */
	const char *path;      /* path in the desk, or NULL */
	unsigned line, column; /* 1-based; 0 when the whole file is meant */
	const char *message;
	const char *remedy;    /* what to do, or NULL */
	const char *waiver;    /* ID of the waiver because of which it counts as a note, or NULL */
};

struct itsm_findings {
	struct itsm_arena *arena; /* owns all texts */
	struct itsm_finding *items;
	size_t count, capacity;
	size_t errors;            /* how many have severity error */
};

/* Start an empty list whose texts live in `arena`. */
ITSM_API void itsm_findings_init(struct itsm_findings *findings, struct itsm_arena *arena);
/* Add a copy of `finding`; its texts are copied too. */
ITSM_API void itsm_findings_add(struct itsm_findings *findings, const struct itsm_finding *finding);
/*
 * A waiver holds for this one of them: from here on it is a note, whose message
 * says so (`until`: the last day it holds).
 */
ITSM_API void itsm_findings_waive(struct itsm_findings *findings, size_t position, const char *waiver, const char *until);
/* Order by path, line, column, rule. */
ITSM_API void itsm_findings_sort(struct itsm_findings *findings);
/* "error", "warning" or "note". */
ITSM_API const char *itsm_severity_name(enum itsm_severity severity);

#endif
