/*
 * Working with others: merging by meaning, taking back, bringing clones
 * together, and finding out what is wrong with a desk.
 */
#ifndef ITSM_EXCHANGE_H
#define ITSM_EXCHANGE_H

#include "itsm/desk.h"
#include "itsm/merge.h"

/* What git gives a merge driver; see gitattributes(5). */
struct itsm_merge_files {
	const char *top;     /* absolute: the folder that the others are relative to, where git runs the driver */
	const char *path;    /* %P: what is merged; need not be there */
	const char *base;    /* %O: the file with the version both come from; empty = both sides made it */
	const char *ours;    /* %A: the file with ours, which gets the result */
	const char *theirs;  /* %B */
};

struct itsm_merged {
	size_t conflicts;                           /* in the result, between marker lines */
	const struct itsm_merge_conflict *details;  /* of a merge by meaning; `lines` has none */
	/* why it was merged line by line: NULL = by meaning, "" = it is no record */
	const char *lines;
};

/*
 * `itsm merge-driver`: three versions of a file to one, over `ours`. The kinds
 * are those of the desk that the path lies in, as the work tree has them; what
 * is no record of it, or can't be read as one on a side, is merged line by line
 * by `git merge-file`. `options`: start is not looked at. Texts in the arena.
 */
ITSM_API int itsm_merge_run(struct itsm_arena *arena, const struct itsm_desk_options *options,
	const struct itsm_merge_files *files, struct itsm_merged *out, struct itsm_error *err);

/*
 * Let git use the driver in this repository. The attributes that say which files
 * it is for are made by itsm_desk_init and come with a clone; the
 * configuration that names the program does not. `made` is false when it was there.
 */
ITSM_API int itsm_desk_install_driver(struct itsm_desk *desk, bool *made, struct itsm_error *err);
/* Is the configuration there? */
ITSM_API bool itsm_desk_has_driver(struct itsm_desk *desk);

struct itsm_undo_result {
	struct itsm_commit undone;    /* what was taken back; parents are not set */
	struct itsm_oid commit;       /* the commit that takes it back */
	const char **paths;           /* files that are as they were before */
	size_t count;
};

/*
 * `itsm undo`: take back a write of itsm as a new commit with the trailer
 * Itsm-Undo. `revision` names the write; NULL = the last one on this branch by
 * the one who asks that is not taken back yet. Taking back an undo does the
 * write again. Refused (ITSM_EREFUSED) when its files were changed since, when
 * something would be broken by it (reasons in `findings`), and for a bulk import or
 * the desk's beginning. Texts in the arena.
 */
ITSM_API int itsm_desk_undo(struct itsm_desk *desk, struct itsm_arena *arena, const char *revision, const char *message,
	struct itsm_undo_result *out, struct itsm_findings *findings, struct itsm_error *err);

struct itsm_sync_options {
	const char *remote;    /* a remote's name or a URL; NULL = the branch's own, else "origin" */
	const char *message;   /* of a merge, or NULL */
	size_t attempts;       /* pushes to try while others are faster; 0 = 50 */
	/* absolute path of the program to merge with, as `PROGRAM merge-driver`; NULL = as git is configured */
	const char *program;
};

struct itsm_sync_result {
	const char *remote, *branch;   /* in the arena */
	size_t received, sent;         /* commits */
	bool merged;                   /* histories had parted */
	size_t attempts;
	const char **conflicts;        /* files to settle, relative to the desk; the merge is left open */
	size_t conflict_count;
};

/*
 * `itsm sync`: fetch, merge, push, until it is through. All by the git program, with the user's
 * transport, credentials and hooks. ITSM_EREFUSED with conflicts filled when a merge needs a person.
 */
ITSM_API int itsm_desk_sync(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_sync_options *options,
	struct itsm_sync_result *out, struct itsm_error *err);

/* One thing that is wrong with a desk. */
struct itsm_ailment {
	struct itsm_finding finding;   /* rules as of itsm_desk_check, and setup/..., left/..., merge/... */
	const char *cure;              /* what --fix does, or NULL: a person has to */
	const char *failure;           /* why the cure was not possible, or NULL */
	bool cured;
	struct itsm_oid commit;        /* of the cure; zero when it needed none */
};

struct itsm_diagnosis {
	struct itsm_ailment *ailments; /* in order of path, line, rule */
	size_t count;
	size_t left;                   /* errors and warnings that are not cured */
	size_t others;                 /* findings of `itsm check` that are not the doctor's */
};

/*
 * `itsm doctor`: what is wrong with the desk at options->start, also when it can't be
 * opened. With `fix`, cure what can safely be: one commit for each. Texts in the arena.
 */
ITSM_API int itsm_doctor(struct itsm_arena *arena, const struct itsm_desk_options *options, bool fix,
	struct itsm_diagnosis *out, struct itsm_error *err);

#endif
