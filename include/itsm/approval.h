/*
 * Approvals: who has to agree to a record, who has, and what proves it.
 *
 * An approval is the file <record>/approvals/<person>.yaml {by, role, decision,
 * at, digest, comment, signature}; docs/approvals.md tells it in full. What it
 * is worth is judged here, never by what it says of itself:
 *
 *   the digest    is it about what the record says today? (itsm/digest.h)
 *   the witnesses a signature by a key of the person; a review that the forge
 *                 reports; the author of the commit that wrote the file
 *   the quorum    does a rule ask this person, and are there enough? (itsm/quorum.h)
 *
 * People, teams, roles, keys, delegations and the kinds are those of the policy
 * commit (BASE). The record is what is judged, and so can't say who is asked
 * but where a rule names a field of it; approvals and history are read at head.
 */
#ifndef ITSM_APPROVAL_H
#define ITSM_APPROVAL_H

#include "itsm/desk.h"
#include "itsm/quorum.h"
#include "itsm/rule.h"

/* What became of one approval, the first that applies. */
enum itsm_approval_status {
	ITSM_APPROVAL_VALID,         /* about today's content, and proven */
	ITSM_APPROVAL_UNREADABLE,    /* no approval of its person: bad YAML, another's name, no decision */
	ITSM_APPROVAL_UNKNOWN,       /* nobody of this ID in people/ at BASE */
	ITSM_APPROVAL_INACTIVE,      /* has left */
	ITSM_APPROVAL_BAD_SIGNATURE, /* the signature is of something else, or damaged */
	ITSM_APPROVAL_WRONG_KEY,     /* signed by a key that the person has not at BASE */
	ITSM_APPROVAL_FOREIGN,       /* unsigned, and committed by somebody else */
	ITSM_APPROVAL_WITHDRAWN,     /* the person takes back what they decided */
	ITSM_APPROVAL_REJECTED,      /* a proven rejection; it blocks until it is withdrawn or replaced */
	ITSM_APPROVAL_STALE,         /* the content has changed since */
	ITSM_APPROVAL_OWN,           /* by the author, requester or implementer, where all rules want others */
	ITSM_APPROVAL_NOT_ENTITLED,  /* no rule asks this person, or not in the role they name */
	ITSM_APPROVAL_UNSIGNED,      /* proven by its commit alone, which no rule that asks them takes */
};

/* "valid", "bad signature" ...; borrowed. */
ITSM_API const char *itsm_approval_status_name(enum itsm_approval_status status);

/* One approval, from a file or from a forge's review. Texts in the arena. */
struct itsm_approval {
	const char *person;
	const char *name;            /* of the person, or NULL */
	const char *decision;        /* "approve", "reject", "withdraw", or NULL when unreadable */
	const char *role, *comment;  /* or NULL */
	int64_t at;                  /* seconds since 1970; 0 when unreadable */
	int64_t committed;           /* author time of the commit that wrote the file; of a review, its own time */
	const char *digest;          /* or NULL */
	const char *path;            /* the file, or NULL for a review */
	const char *review;          /* "github" or "gitlab" for a review, else NULL */
	const char *author;          /* mail address of the commit's author; NULL when it was not looked at */
	enum itsm_approval_status status;
	unsigned witnesses;          /* enum itsm_witness, those that hold */
	const char *detail;          /* why it is not valid, for people, or NULL */
};

/* A requirement that binds the record, by whatever rule. */
struct itsm_approval_ask {
	const char *rule;            /* as the finding names it: "policy/two-for-high-risk" */
	enum itsm_severity severity;
	const char *message, *remedy; /* of the rule, or NULL for words made of the requirement */
	const struct itsm_approval_rule *approval; /* its `when` is not looked at: give those that bind */
	int64_t due;                 /* until when it may come late (since + within), seconds since 1970; 0 = it must be there */
};

/* What became of a requirement. */
struct itsm_approval_answer {
	const struct itsm_approval_ask *ask;
	struct itsm_quorum_result result;
	const char *whom;            /* "2 of team cab", "jane", "50 % of role approver" */
	const char *missing;         /* what is missing, for people; NULL when it is met */
	bool pending;                /* not met, but not due yet either */
};

struct itsm_approval_verdict {
	char digest[96];             /* of the record as judged (itsm_digest_record) */
	struct itsm_approval *approvals; size_t approval_count; /* by person; a person's review after their file */
	struct itsm_approval_answer *answers; size_t answer_count; /* one per ask, in its order */
	const char *const *authors;  /* mail addresses of those who wrote what is approved, NULL-terminated */
	bool complete;               /* every requirement is met, pending ones too, and nobody rejected */
};

struct itsm_approvals;

/*
 * Begin to judge. `policy` is the commit whose people, teams and keys count,
 * `kinds` are those of it (borrowed), `head` the commit that approvals and history are read at.
 * What is read is kept, so one of these is used for all records of a proposal.
 */
ITSM_API int itsm_approvals_open(struct itsm_desk *desk, const struct itsm_kinds *kinds, const struct itsm_oid *policy,
	const struct itsm_oid *head, struct itsm_approvals **out, struct itsm_error *err);
ITSM_API void itsm_approvals_free(struct itsm_approvals *approvals);

/* What an account says at a forge: its last opinion of a proposal. */
struct itsm_forge_review {
	const char *forge;        /* "github" or "gitlab" */
	const char *account;      /* "github:ada", as the forge writes it */
	const char *decision;     /* "approve", "reject", or "withdraw": dismissed or taken back */
	const char *comment;      /* or NULL */
	const char *commit;       /* the commit that was reviewed, 40 hexadecimal digits; NULL when the forge does not say */
	const char *author;       /* account of who made the proposal, or NULL */
	int64_t at;               /* when, in seconds since 1970 */
};

/*
 * Read what a forge says of its reviews: GitHub's list of a pull request's
 * reviews or a pull_request_review webhook, GitLab's approvals of a merge
 * request with its versions, or a merge_request webhook (see docs/approvals.md). `name` is for messages. `out`, in the
 * arena, has one for each account, capitals aside. ITSM_EDATA when it is none of these, ITSM_ELIMIT when it is too large.
 */
ITSM_API int itsm_reviews_read(struct itsm_arena *arena, const char *name, const char *json, size_t size,
	const struct itsm_forge_review **out, size_t *count, struct itsm_error *err);

/*
 * Take in what a forge says of its reviews, as itsm_reviews_read reads it. Whoever
 * calls vouches for where the text came from: a file in the proposal is none of it.
 */
ITSM_API int itsm_approvals_add_reviews(struct itsm_approvals *approvals, const char *name, const char *json,
	size_t size, struct itsm_error *err);

/* What a forge says of reviews, for itsm_approvals_add_reviews. */
struct itsm_review_file {
	const char *name, *json;
	size_t size;
};
/* The same for whatever this desk judges from here on (check, gate, approvals). The texts are copied. */
ITSM_API int itsm_desk_reviews(struct itsm_desk *desk, const struct itsm_review_file *files, size_t count,
	struct itsm_error *err);

/*
 * Judge the approvals of a record, which may be one that is not committed yet
 * (a move being proposed) as long as its path is that of the one at head. Never refuses:
 * the answer is in `out`, whose texts live in `arena`. With `count` 0, what each approval is
 * worth in itself. Errors are those of reading and of running git and ssh-keygen.
 */
ITSM_API int itsm_approvals_judge(struct itsm_approvals *approvals, struct itsm_arena *arena,
	const struct itsm_record *record, const struct itsm_approval_ask *asks, size_t count,
	struct itsm_approval_verdict *out, struct itsm_error *err);

/*
 * The verdict as findings: each requirement not met (rule and severity of the
 * ask; a note while it is not due; also when it was met too late), and what is
 * wrong with approvals of those who are asked: approval/signature, approval/key, approval/author, and as
 * warnings approval/stale, approval/unreadable.
 */
ITSM_API void itsm_approvals_findings(const struct itsm_approval_verdict *verdict, const struct itsm_record *record,
	struct itsm_findings *findings);

/* `itsm approve` */
struct itsm_approve {
	const char *id;              /* the record */
	const char *decision;        /* "approve", "reject" or "withdraw" */
	const char *role;            /* or NULL */
	const char *comment;         /* or NULL */
	const char *key;             /* absolute path of a key file; NULL = what git is configured to sign with */
	const char *message;         /* for the commit, or NULL */
};
struct itsm_approved {
	const char *person;
	const char *digest;
	bool is_signed;
	const char *why_unsigned;    /* in words, or NULL */
};
/*
 * Write the approval of the user (the person of people/ with git's mail
 * address), signed where there is a key, in one commit. ssh-keygen may ask for a
 * passphrase on the terminal; nothing is locked meanwhile, and what was signed is what is committed
 * (ITSM_EREFUSED when the record changed meanwhile).
 */
ITSM_API int itsm_desk_approve(struct itsm_desk *desk, const struct itsm_approve *request, struct itsm_approved *out,
	struct itsm_outcome *outcome, struct itsm_error *err);

/*
 * `itsm approve --review`: record what a forge says of reviews (as
 * itsm_approvals_add_reviews takes it) as approval files, signed by the user, who
 * records them, in one commit. Only reviews that are newer than what is there, by people
 * with such an account, of a commit that has the record. `decision`, `role` and `comment` of the request are not
 * looked at. `count` gets how many were recorded.
 */
ITSM_API int itsm_desk_approve_reviews(struct itsm_desk *desk, const struct itsm_approve *request, const char *name,
	const char *json, size_t size, size_t *count, struct itsm_outcome *outcome, struct itsm_error *err);

/* `itsm approvals`: a record as committed, judged by the policy of `base` (a revision; NULL = HEAD). */
struct itsm_approvals_shown {
	const char *id, *kind, *title;
	const char *state;           /* or NULL */
	struct itsm_approval_verdict verdict;
	const char *const *states;   /* per answer: where its rule binds, "scheduled, implement", or "" for everywhere */
	const char *const *help;     /* per answer: why there is the rule, or NULL */
};
/* What every rule asks that binds the record, in whatever state. Texts in the arena. */
ITSM_API int itsm_desk_approvals(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *base,
	struct itsm_approvals_shown *out, struct itsm_error *err);

#endif
