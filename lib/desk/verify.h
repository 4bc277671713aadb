/* What the files that verify the trail share; itsm/audit.h is what they do. */
#ifndef ITSM_LIB_DESK_VERIFY_H
#define ITSM_LIB_DESK_VERIFY_H

#include "approvals.h"
#include "itsm/audit.h"
#include "roster.h"

/* A stretch of the mainline with the same people, policy and settings. */
struct verify_epoch {
	int64_t position;        /* of its first commit */
	struct itsm_oid commit;
	bool ready;              /* what follows is read */
	struct itsm_kinds *kinds;
	struct itsm_approvals *approvals; /* judges by the people of it */
	bool signatures;         /* commits made upon it have to be signed */
	struct itsm_buffer signers; /* for git, once wanted */
	bool signers_known;
};

/* A signed commit whose signature is to be looked at. */
struct verify_signed {
	struct itsm_oid commit;
	struct verify_epoch *epoch;
	const char *mail;        /* of the committer */
};

/* A set of commits: open addressing, `size` a power of two. */
struct verify_set {
	struct verify_member {
		struct itsm_oid oid;
		bool used, is_signed;
	} *members;
	size_t size, count;
};

/* An approval that came in, to be judged with others: its signature is verified at the same time as theirs. */
struct verify_pending {
	struct verify_epoch *epoch;
	struct itsm_oid commit, blob;
	const char *path, *person, *mail; /* mail: of the commit's author */
	int64_t at;
	bool by_import;
};

struct verifying {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_findings *findings;
	struct itsm_verified *out;
	struct itsm_error *err;
	const struct itsm_verify *request;
	struct itsm_repo *repo;
	struct itsm_index *index;
	struct itsm_oid from, head;      /* from: zero for all */
	struct verify_set set;           /* the commits of the range */
	struct verify_epoch *epochs;     /* oldest first; with `base` a single one */
	size_t epoch_count;
	struct verify_signed *signed_commits;
	size_t signed_count, signed_capacity;

	struct itsm_arena *pending_arena;
	struct verify_pending *pending;
	size_t pending_count, pending_capacity;

	/* the commit in hand */
	bool skipped;                    /* not of the range */
	struct verify_epoch *epoch;
	struct itsm_trail_commit commit; /* texts and parents borrowed */
	char name[41];
	bool by_import;                  /* it says so */
	size_t imported;                 /* records that it brought in a later state */
};

/* A break, or with severity warning something to look at, in the commit in hand; `path` may be NULL. */
void verify_add(struct verifying *verifying, const char *rule, enum itsm_severity severity, const char *path,
	const char *remedy, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* verify_epoch.c */
int verify_epochs(struct verifying *verifying);
void verify_epochs_free(struct verifying *verifying);
/* The stretch that a commit which landed at this position is judged by, with kinds and people read. */
int verify_epoch_for(struct verifying *verifying, int64_t landed, struct verify_epoch **out);
/* The allowed signers for git, then. */
int verify_epoch_signers(struct verifying *verifying, struct verify_epoch *epoch);

/* verify_step.c */
int verify_change(struct verifying *verifying, const struct itsm_trail_change *change);
/* What was gathered of the commit in hand. */
void verify_commit_end(struct verifying *verifying);

/* verify_approval.c */
int verify_approval(struct verifying *verifying, const struct itsm_kind *kind, const struct itsm_trail_change *change);
/* Judge those that wait. Call when the trail is over. */
int verify_approvals(struct verifying *verifying);

/* The record that the part at `path` belongs to, in the commit in hand. NULL in `out` when it is not there. */
int verify_owner(struct verifying *verifying, struct itsm_arena *arena, const char *path, struct itsm_record **out);

/* verify_signed.c: the signatures of the commits gathered. */
int verify_signatures(struct verifying *verifying);

/* verify_set.c */
void verify_set_add(struct verifying *verifying, const struct itsm_oid *oid, bool is_signed);
const struct verify_member *verify_set_find(const struct verify_set *set, const struct itsm_oid *oid);

/* checkpoint_verify.c: every checkpoint, and refs that change what history is taken for. */
int verify_checkpoints(struct verifying *verifying);

#endif
