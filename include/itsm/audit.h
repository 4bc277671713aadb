/*
 * The audit: the whole trail of a desk verified, and checkpoints that pin it.
 *
 * Everything is judged by what was in force when it came in, its base: people,
 * teams, keys, kinds and itsm.yaml of the commit of the mainline (the first
 * parents of the last commit) that stood before the one which brought it in, by a merge or as
 * itself. So no commit vouches for itself. The desk's first commit has no base; it is taken as it is.
 *
 * A checkpoint is an annotated tag, itsm-checkpoint/<UTC time>, signed with what git signs with. Its message ends in
 * lines for programs, docs/evidence.md tells which: what was committed, how many records of each kind, and the digest
 * of the checkpoint before, so that they form a chain. History that was rewritten
 * since does not contain a checkpoint's commit any more.
 */
#ifndef ITSM_AUDIT_H
#define ITSM_AUDIT_H

#include "itsm/desk.h"

#define ITSM_CHECKPOINT_TAGS "itsm-checkpoint/"

struct itsm_verify {
	const char *range;      /* A..B: what B has and A has not; a revision: all of its history; NULL = HEAD's */
	const char *base;       /* a revision that all is judged by, instead of each commit's own base; or NULL */
	bool signatures;        /* verify commit signatures also where the desk does not ask for them */
};

struct itsm_verified {
	struct itsm_oid head;
	size_t commits;
	size_t signed_commits;  /* that carry a signature, good or not */
	size_t good_signatures; /* of those that were looked at */
	size_t transitions;     /* from one state to another */
	size_t approvals;       /* versions of approvals that were committed */
	size_t proven_approvals; /* by a signature that holds */
	size_t checkpoints;
	size_t signed_checkpoints; /* whose signature holds */
	size_t since_checkpoint; /* commits of the range that no signed checkpoint covers */
};

/*
 * `itsm verify`. Breaks are findings, of severity error; what an auditor should look at but may be in
 * order is a warning (records that an import brought in a later state; approvals that were stale when they were
 * given). Counts are those of the range. ITSM_OK whatever was found; ITSM_EGIT in a shallow clone.
 */
ITSM_API int itsm_desk_verify(struct itsm_desk *desk, const struct itsm_verify *request, struct itsm_findings *findings,
	struct itsm_verified *out, struct itsm_error *err);

struct itsm_checkpoint {
	const char *message;    /* the user's text, or NULL */
	const char *key;        /* absolute path of an SSH key; NULL = what git is configured to sign with */
	bool is_unsigned;       /* do not sign */
};
struct itsm_checkpointed {
	const char *name;       /* of the tag */
	const char *signer;     /* person whose key it is; NULL when it is not signed */
	const char *digest;     /* of the tag, as the next one will name it: "sha256:..." */
	struct itsm_oid commit;
};

/*
 * `itsm checkpoint`: tag HEAD. git may ask for a passphrase on the terminal. ITSM_EREFUSED, and no tag is left,
 * when the history that a former checkpoint pins is not HEAD's any more, or when the signature is by nobody whose
 * key was in people/ at the base: the checkpoint before, or HEAD for the first. Texts are in the arena.
 */
ITSM_API int itsm_desk_checkpoint(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_checkpoint *request,
	struct itsm_checkpointed *out, struct itsm_error *err);

/*
 * Evidence: a folder about one record that an auditor reads and verifies without itsm. docs/evidence.md tells what is
 * in it. The same commit, moment and tools give the same bytes.
 */
#define ITSM_EVIDENCE_NAMESPACE "itsm-evidence"
/* So many records are drawn at most. */
#define ITSM_EVIDENCE_SAMPLE 1000

struct itsm_evidence {
	const char *id;         /* the record; NULL for a sample */
	const char *output;     /* absolute path of the folder: must not be there, or be empty */
	const char *key;        /* absolute path of an SSH key that signs the manifest; NULL = what git is configured to */
	/* of a sample */
	size_t sample;          /* how many to draw; all there are when they are fewer */
	const char *seed;       /* any text */
	const char *kind;       /* NULL = change */
	const char *from, *to;  /* moments: `opened` from, and before; NULL = without end */
};
struct itsm_evidenced {
	size_t records;         /* in the folder */
	size_t population;      /* of a sample: from how many they were drawn */
	size_t files;
	size_t errors;          /* findings of severity error about them */
	const char *digest;     /* "sha256:...", of the manifest */
	const char *signer;     /* whose key signed it; NULL = unsigned */
	const char *why_unsigned;
};
/*
 * `itsm evidence`: of HEAD. The folder is made beside and renamed. A sample takes the records of a kind, by the
 * SHA-256 of "<seed>:<id>" in hexadecimal, the lowest first. ITSM_EREFUSED when the folder is there with something
 * in it. Texts in the arena.
 */
ITSM_API int itsm_desk_evidence(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_evidence *request,
	struct itsm_evidenced *out, struct itsm_error *err);

struct itsm_evidence_verified {
	size_t files;
	const char *digest;     /* of the manifest that is there */
	const char *signer;     /* NULL = not signed */
};
/*
 * `itsm evidence verify`: is the folder (absolute path) as it was made? Each file that was altered, is missing, is
 * there besides or is no regular file is a finding (evidence/...); so is a signature that does not hold.
 * `signers`: absolute path of an allowed signers file to judge it by instead of the one in the folder, which is
 * only as good as the folder; `digest` what the manifest's must be; or NULL both. Needs no desk.
 */
ITSM_API int itsm_evidence_verify(struct itsm_arena *arena, const char *folder, const char *signers, const char *digest,
	struct itsm_findings *findings, struct itsm_evidence_verified *out, struct itsm_error *err);

#endif
