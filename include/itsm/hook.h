/*
 * git's hooks: the desk's judgement before a commit, a push, and on the server
 * that is pushed to.
 *
 *   pre-commit    what is staged, as one commit upon HEAD: the records it touches
 *   pre-push      what a protected branch of the remote is to get
 *   pre-receive   what a protected branch of this repository is to get; refuses what is not fine
 *
 * Protected are the branches that `itsm.protected` of git's configuration names
 * (several times, with * and ? as in file names: release/x fits release/ and a star), without it
 * the branch of HEAD; for a push that of the remote's HEAD as far as it is known here,
 * else main and master. Other branches and tags are let through unjudged.
 */
#ifndef ITSM_HOOK_H
#define ITSM_HOOK_H

#include "itsm/desk.h"

/* A file of the hooks' folder, and what became of it. */
struct itsm_hook_file {
	const char *name;  /* "pre-commit" */
	const char *path;
	bool changed;
	bool chained;      /* another hook is kept as <name>.before-itsm, and is run first */
};

struct itsm_hook_files {
	struct itsm_hook_file items[2];
	size_t count;
};

/*
 * `itsm hook install`: pre-commit and pre-push in a clone, pre-receive in a bare
 * repository, where git looks for them (core.hooksPath). `program` (may be NULL) is run where
 * no itsm is on the PATH. A hook that is not ours is refused (ITSM_EREFUSED), with
 * `force` it is kept and run first.
 */
ITSM_API int itsm_hook_install(struct itsm_arena *arena, const char *folder, const char *program, bool force,
	struct itsm_hook_files *out, struct itsm_error *err);
/* Take ours away, and put back what they were chained to. */
ITSM_API int itsm_hook_uninstall(struct itsm_arena *arena, const char *folder, struct itsm_hook_files *out,
	struct itsm_error *err);

/* What is staged, judged upon HEAD; the index is that which git tells its hooks of. */
ITSM_API int itsm_desk_check_staged(struct itsm_desk *desk, struct itsm_findings *findings, struct itsm_error *err);

/* What became of one branch that is pushed. */
struct itsm_hook_verdict {
	const char *branch;            /* "refs/heads/main" */
	const char *refusal;           /* why it can't be whatever it holds (deleted, rewritten), or NULL */
	const char *note;              /* why it was not judged, or NULL */
	struct itsm_findings findings;
};

struct itsm_hook_verdicts {
	struct itsm_hook_verdict *items; /* of the protected branches only */
	size_t count;
	bool refused;                  /* by a refusal or a finding of severity error */
};

/*
 * `lines` are what git gives pre-receive on stdin, "<old> <new> <ref>" each. The
 * objects may lie in git's quarantine. The base of each is what the branch is at now.
 * ITSM_EDATA when a line is none.
 */
ITSM_API int itsm_hook_receive(struct itsm_arena *arena, const struct itsm_desk_options *options, const char *lines,
	struct itsm_hook_verdicts *out, struct itsm_error *err);
/* The same for pre-push: "<local ref> <local> <remote ref> <remote>" each; `remote` is its name or address. */
ITSM_API int itsm_hook_push(struct itsm_arena *arena, struct itsm_desk *desk, const char *remote, const char *lines,
	struct itsm_hook_verdicts *out, struct itsm_error *err);

#endif
