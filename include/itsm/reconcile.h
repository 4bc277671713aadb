/*
 * Reconciliation: what is declared in the desk against what a source has found.
 *
 * A map (YAML) says how to read the source; docs/reconcile.md documents every key.
 *
 *   source: kubernetes              the system that tells; kept in `discovered_by` of what is written
 *   format: yaml                    csv | json | lines (a JSON value a line) | yaml (one or several documents)
 *   delimiter: ";"                  of CSV, one byte; "," when not given
 *   kind: item                      whose records are compared; item when not given
 *   keys:                           by class (or `default`): fields that tell which record is meant, tried in turn
 *     server: [serial, hostname]
 *     default: [id]                 when not given
 *   declared: "self.class = 'workload'"  SQL over the kind: records that the source would tell of
 *   state: live                     of what is new; the kind's first state when not given
 *   find:                           SELECTs over `discovered` (file, number, value: a document as JSON)
 *     - SELECT ... AS id, ... AS name, ... AS depends_on FROM discovered
 *
 * A row of a SELECT is one thing: its column `id` names it in the source (a slug is made of it), every other
 * column is a field of the kind. NULL says nothing of a field; a list is a JSON array. The views of the desk
 * can be joined. In fields that refer to records an `id` of the source stands for the record it was found to be.
 */
#ifndef ITSM_RECONCILE_H
#define ITSM_RECONCILE_H

#include "itsm/desk.h"

#define ITSM_RECONCILE_MAX_ROWS 1000000

enum itsm_drift_sort {
	ITSM_DRIFT_MISSING,   /* declared, not found */
	ITSM_DRIFT_EXTRA,     /* found, not declared */
	ITSM_DRIFT_DIFFERING, /* both, and fields differ */
	ITSM_DRIFT_DANGLING,  /* refers to something that is neither found nor declared */
	ITSM_DRIFT_UNCLEAR,   /* can't be compared; `reason` says why */
};

struct itsm_drift {
	enum itsm_drift_sort sort;
	const char *id;         /* of the record; of an extra one the ID it would have; NULL where there is none */
	const char *class_name; /* NULL for a kind without classes */
	const char *reason;     /* of dangling and unclear ones */
	/* Of a differing one: what is declared (old) and what was found (new). Of an extra one new texts only. */
	const struct itsm_difference *fields;
	size_t count;
};

struct itsm_reconcile_options {
	const char *map_path;   /* for messages */
	const char *map;
	size_t map_size;
	const char *const *files; /* or folders, whose files of the format's endings are read */
	size_t file_count;
	bool write;             /* propose the changes: one commit on a branch */
	const char *branch;     /* its name; NULL = reconcile/<source> */
	const char *message;    /* the user's text for the commit, or NULL */
	/* Each drift, in order of sort and ID; texts are borrowed until it returns. Non-zero stops and is the result. */
	int (*drift)(void *context, const struct itsm_drift *drift);
	void *context;
};

struct itsm_reconcile_result {
	size_t discovered, same, missing, extra, differing, dangling, unclear;
	const char *branch;     /* in the desk's arena; NULL when there was nothing to write */
	struct itsm_oid commit; /* its end */
	bool written;           /* false: the branch says it already */
};

/*
 * Compare what is committed at HEAD with what the files tell. Nothing but the branch is written, and that only
 * when asked: what is missing stays as it is, for a person to retire. The branch must be new, or hold nothing
 * beyond HEAD but an earlier proposal of this source, which is replaced (ITSM_EREFUSED else).
 * ITSM_EDATA with line and column for a map or file that can't be read.
 */
ITSM_API int itsm_desk_reconcile(struct itsm_desk *desk, const struct itsm_reconcile_options *options,
	struct itsm_reconcile_result *out, struct itsm_error *err);

#endif
