/*
 * The record as a by-product of the pipeline: changes made of commits, and deployments.
 *
 * Which items and services a file of code belongs to say their fields `paths`, globs, and
 * `repository`, the address of the repository they mean (without it: any). A glob is
 * what git calls a pathspec with (glob): without a wildcard a file, or a folder with all in it; `*`, `?` and
 * [...] stay within one name, two stars in the place of a name are any number of folders. Files of the desk itself,
 * where it lies in the same repository, are none of the code's.
 *
 * A model is a published article of the type standard-change whose valid_until is not over, and of
 * which all holds that the policy asks, its approvals first. What follows it may touch its items and services (none = any),
 * and within `limits` the files of `paths`, have a window no longer than `window` and at
 * most so many `commits`. Findings: model/unusable, model/scope, model/limits.
 */
#ifndef ITSM_PIPELINE_H
#define ITSM_PIPELINE_H

#include "itsm/desk.h"

/* So many commits and files are read; beyond is ITSM_ELIMIT. */
#define ITSM_FROM_COMMITS 2000
#define ITSM_FROM_FILES 100000

struct itsm_from {
	const char *kind;        /* what to make: "change" */
	const char *range;       /* BASE..HEAD */
	const char *repository;  /* absolute path of the code's; NULL = the desk's own */
	const char *model;       /* an article, or NULL: an ordinary change */
	const char *title;       /* or NULL: of the commits */
	struct itsm_words words; /* fields of the user, which go before those that are found */
	const char *message;
};

/*
 * `itsm new change --from`: type and model, title, items, services, commits, the risk of
 * the model, who asks (author of the oldest commit) and who carries out (of the newest) as far as people/ knows them by their
 * mail address, the reason and the plan. On ITSM_EREFUSED the model does not allow it: the findings say why.
 */
ITSM_API int itsm_desk_new_from(struct itsm_desk *desk, const struct itsm_from *request, struct itsm_outcome *outcome,
	struct itsm_error *err);

struct itsm_deploy {
	const char *change, *release; /* or NULL both: the trailer `Change:` of the commits that are new */
	const char *environment;      /* or NULL: the kind's default */
	const char *commit;           /* a revision of the code, or NULL */
	const char *repository;       /* absolute path of the code's; NULL = the desk's own */
	const char *force;            /* why it is deployed against the gate's refusal, or NULL */
	struct itsm_words words;
	const char *message;
};

/*
 * `itsm deploy start`: a deployment that has begun. Its oldest new commit is that after the last
 * deployment that succeeded in the same environment. Refused with findings when it goes to `production`
 * or `shared` and the change or release may not be deployed now (itsm_desk_gate), unless forced; the reason is in the commit then.
 */
ITSM_API int itsm_desk_deploy_start(struct itsm_desk *desk, const struct itsm_deploy *request, struct itsm_outcome *outcome,
	struct itsm_error *err);
/* `itsm deploy finish`: how it ended. ITSM_EREFUSED when it has ended before. */
ITSM_API int itsm_desk_deploy_finish(struct itsm_desk *desk, const char *id, const char *result, struct itsm_words words,
	const char *message, struct itsm_outcome *outcome, struct itsm_error *err);

/*
 * `itsm deployments audit`: what went live, or was found changed, without an approved change.
 *
 * A change stands for a moment when it came to be carried out (implement, review or closed) and the moment lies in its window or
 * between its start and its end; an emergency that was opened of a finding stands for that finding, whenever it was.
 *
 *   deployments  to `production` and `shared` need such a change, their own or one of their release
 *   commits      that came with a deployment, since the last one of the environment that succeeded and that they descend
 *                from (merges left out), need one that lists them in `commits` or that their trailers `Change:` name; a
 *                change that lists no commits stands for all of its own deployment
 *   items        that a reconciliation which landed (trailer Itsm-Action: reconcile) found changed need one about the
 *                item since the reconciliation before it, or 30 days
 *
 * Findings: audit/deployment, audit/commit, audit/item; as notes where an emergency was opened that stands now, and
 * audit/unknown-commit (a warning) for a commit that the repository has not.
 */
struct itsm_deployments_audit {
	int64_t from, to;         /* seconds since 1970, `to` not in it */
	const char *repository;   /* absolute path of the code's; NULL = the desk's own */
};

/* Something that had no approved change; for one record. */
struct itsm_unauthorised {
	const char *key;          /* tells it from all others: the ID of the deployment, or <item>@<commit of the desk> */
	const char *deployment, *item; /* one of them, the other is NULL */
	const char *title;        /* of it */
	int64_t at;
	const char **commits; size_t commit_count; /* those without a change; all of the deployment's, where that had none */
	const char *opened;       /* the emergency that is there for it, or NULL */
};

/* The desk's records as committed at HEAD. Findings are sorted; texts in the arena. */
ITSM_API int itsm_desk_deployments_audit(struct itsm_desk *desk, struct itsm_arena *arena,
	const struct itsm_deployments_audit *request, struct itsm_unauthorised **out, size_t *count, struct itsm_findings *findings,
	struct itsm_error *err);
/*
 * Open the emergency change for one of them, with what is known: services, items, commits, when, by what. `source` and
 * `external` of it name what it is for, so that it is opened once. A deployment without a change gets it.
 */
ITSM_API int itsm_desk_deployments_open(struct itsm_desk *desk, const struct itsm_unauthorised *found, const char *message,
	struct itsm_outcome *outcome, struct itsm_error *err);

#endif
