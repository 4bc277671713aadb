/* What the files that judge approvals share; itsm/approval.h is what they do. */
#ifndef ITSM_LIB_DESK_APPROVALS_H
#define ITSM_LIB_DESK_APPROVALS_H

#include "desk.h"
#include "itsm/approval.h"
#include "itsm/digest.h"
#include "roster.h"

/* The role of who may record what a forge reports. */
#define APPROVALS_RECORDER "forge-recorder"

struct approvals_history;
#define APPROVALS_HISTORIES 1024

struct itsm_approvals {
	struct itsm_arena *arena;
	struct itsm_desk *desk;
	struct itsm_repo *repo;
	const struct itsm_kinds *kinds;
	struct itsm_oid policy, head;
	struct roster *roster;
	struct itsm_forge_review *reviews;
	size_t review_count, review_capacity;
	struct itsm_buffer shallow; /* the file that names the oldest commits of a shallow clone */
	bool shallow_read;
	struct approvals_history *histories[APPROVALS_HISTORIES]; /* by path: what was asked for before */
	bool gathering;             /* a rehearsal: signatures are expected (signature_expect) and taken for good */
	bool thorough;              /* for people to read: look up every witness, those that change nothing too */
};

/* Somebody who matters to a record. */
struct approvals_person {
	const struct roster_person *known; /* NULL for nobody */
	const char *id;
	bool own;
};

/* One record being judged. */
struct approvals_case {
	struct itsm_approvals *approvals;
	struct itsm_arena *arena;
	const struct itsm_record *record;
	const struct itsm_approval_ask *asks;
	const char *const **asked;        /* per ask: IDs of people, NULL-terminated */
	size_t ask_count;
	struct itsm_approval_verdict *out;
	struct approvals_person *people;  /* all asked, their delegates, and who decided */
	size_t people_count, people_capacity;
	struct itsm_quorum_delegation *delegations;
	size_t delegation_count, delegation_capacity;
	struct itsm_quorum_vote *votes;
	size_t vote_count, vote_capacity;
	size_t approval_capacity;
	struct itsm_error *err;
};

/* The commit that wrote a file last. `mail` NULL when it is not committed. */
struct approvals_written {
	const char *mail;
	int64_t seconds;  /* author's time */
	struct itsm_oid blob;
};

/* approvals_history.c */

/*
 * The histories of these records will be asked for: have them read by few runs of git. Nothing is lost when it
 * fails; each is read by itself then.
 */
void approvals_expect(struct itsm_approvals *approvals, const char *const *paths, size_t count);
/* Mail addresses of all who changed what the approval is about, newest first, NULL-terminated. */
int approvals_authors(struct approvals_case *judged, const char *const **mails);
/* Who wrote the file last: author and time. */
int approvals_written(struct approvals_case *judged, const char *path, struct approvals_written *out);
/* Each version of a file, newest first; stops when `visit` returns non-zero, which is passed on when it is negative. */
typedef int (*approvals_visit)(void *context, const struct approvals_written *version);
int approvals_versions(struct approvals_case *judged, const char *path, approvals_visit visit, void *context);

/* approvals_ask.c */

/* Whom each ask means, at the policy commit; fills `asked` and `people`. */
int approvals_resolve(struct approvals_case *judged);
/* The person of this ID among `people`, added when missing. */
int approvals_find(struct approvals_case *judged, const char *id, struct approvals_person **out);
/* Does an ask ask this person, themselves or for somebody who delegated to them? */
bool approvals_asks(const struct approvals_case *judged, size_t ask, const char *person);
/* "2 of team cab" */
const char *approvals_whom(struct itsm_arena *arena, const struct itsm_approval_rule *rule);

/*
 * approvals_file.c: what one version of an approval is worth in itself: about `record`, written by `written`. Of the
 * status nothing that depends on who is asked. `out->person` and `out->path` are given.
 */
int approvals_prove(struct itsm_approvals *approvals, struct itsm_arena *arena, const struct itsm_record *record,
	const struct itsm_record *file, const struct approvals_written *written, struct itsm_approval *out, struct itsm_error *err);

/* approvals_file.c: the approvals below the record, each with its status and, where it counts, a vote. */
int approvals_collect(struct approvals_case *judged);
/* The last words on an approval: is it asked for, is it independent, is its proof taken? */
void approvals_settle(struct approvals_case *judged, struct itsm_approval *approval);
struct itsm_approval *approvals_add(struct approvals_case *judged);
void approvals_vote(struct approvals_case *judged, const struct itsm_approval *approval, enum itsm_decision decision);

/* forge_judge.c: the reviews that are about the record. */
int approvals_collect_reviews(struct approvals_case *judged);

#endif
