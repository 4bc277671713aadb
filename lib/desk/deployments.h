/* What the files of the audit of deployments share. */
#ifndef ITSM_LIB_DESK_DEPLOYMENTS_H
#define ITSM_LIB_DESK_DEPLOYMENTS_H

#include "code.h"
#include "itsm/pipeline.h"

#define DEPLOYMENTS_SOURCE "deployments-audit" /* `source` of the emergencies that are opened */
#define DEPLOYMENTS_COMMITS 20000              /* new ones of one deployment */

/* A change, and when it stood. */
struct deployments_change {
	const char *id, *state;
	int64_t from, to;       /* `to` in it; from > to: never */
	bool lists;             /* it has `commits` */
};

/* A pair of texts, sorted by the first. */
struct deployments_pair {
	const char *name, *change;
};

struct deployments_audit {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_index *index;
	const struct itsm_deployments_audit *request;
	struct deployments_change *changes; size_t change_count, change_capacity;   /* sorted by ID */
	struct deployments_pair *commits; size_t commit_count, commit_capacity;     /* commit -> change */
	struct deployments_pair *opened; size_t opened_count, opened_capacity;      /* key -> emergency */
	struct itsm_unauthorised *found; size_t found_count, found_capacity;
	struct itsm_findings *findings;
	struct itsm_error *err;
};

struct deployments_one {
	const char *id, *title, *path, *environment, *commit, *release, *change;
	int64_t at;
	const struct deployments_change **standing; size_t standing_count; /* its changes that stood then */
};

/* The change of this ID, or NULL. */
const struct deployments_change *deployments_find(const struct deployments_audit *audit, const char *id);
/* Did it stand at that moment? */
bool deployments_stands(const struct deployments_change *change, int64_t at);
/* The emergency that was opened for a key, and whether it stands now. NULL: none. */
const struct deployments_change *deployments_opened(const struct deployments_audit *audit, const char *key);
/* A finding: an error, a note where the emergency for the key stands. */
void deployments_add(struct deployments_audit *audit, const char *rule, const char *key, const char *record, const char *path,
	const char *message);
/* The commits that came with a deployment and no change has; all of them where `all`. */
int deployments_judge_commits(struct deployments_audit *audit, const struct deployments_one *one, const char ***out, size_t *count);
/* Items that were found changed. */
int deployments_judge_items(struct deployments_audit *audit);
struct itsm_unauthorised *deployments_remember(struct deployments_audit *audit, const char *key, const char *title, int64_t at);
/* Run a query with up to two values; each row goes to the callback, until it returns other than 0. */
int deployments_each(struct deployments_audit *audit, const char *sql, const char *first, const char *second,
	int (*row)(struct deployments_audit *audit, const struct itsm_query *query, void *context), void *context);
/* A column's text in the arena, or NULL; a time as seconds, or `missing`. */
const char *deployments_text(struct deployments_audit *audit, const struct itsm_query *query, size_t column);
int64_t deployments_time(const struct itsm_query *query, size_t column, int64_t missing);

#endif
