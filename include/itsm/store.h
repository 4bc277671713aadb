/*
 * The store: a git repository seen as a place for records.
 *
 * All paths in here are relative to the desk (the folder of itsm.yaml), in UTF-8
 * with '/'. The store adds and strips the desk's prefix in the repository.
 *
 * libgit2 is started only by what needs it, for its start-up costs more than a whole read
 * that the index answers, and as much as half a write: finding a desk, reading HEAD, single files and folders of a
 * commit, and a write that makes one commit do without in an ordinary repository.
 */
#ifndef ITSM_STORE_H
#define ITSM_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "itsm/error.h"
#include "itsm/memory.h"

struct itsm_oid {
	unsigned char bytes[20];
};

ITSM_API void itsm_oid_text(const struct itsm_oid *oid, char text[41]);
/* False unless text is 40 hexadecimal digits in lower case. */
ITSM_API bool itsm_oid_parse(const char *text, struct itsm_oid *out);
ITSM_API bool itsm_oid_equal(const struct itsm_oid *a, const struct itsm_oid *b);
ITSM_API bool itsm_oid_is_zero(const struct itsm_oid *oid);
/* The name that git gives to a file of these bytes. */
ITSM_API void itsm_blob_hash(const void *data, size_t length, struct itsm_oid *out);

/* Where a desk is. All paths absolute, owned by the arena of itsm_place_find. */
struct itsm_place {
	const char *root;       /* the desk's folder; NULL in a bare repository */
	const char *work_tree;  /* top of the work tree; NULL in a bare repository */
	const char *git_dir;    /* of this work tree */
	const char *common_dir; /* shared by all work trees of the repository */
	const char *prefix;     /* the desk inside the repository: "" or "sub/folder/" */
};

/*
 * A blob's content (of `limit` bytes at most) into `out`, cleared first, without libgit2: from a loose
 * object or a pack of the repository itself, checked against its name. False where that does not do
 * (alternates, a partial clone, no such object, ...): itsm_repo_blob knows then.
 */
ITSM_API bool itsm_place_blob(const struct itsm_place *place, const struct itsm_oid *blob, size_t limit,
	struct itsm_buffer *out);

/*
 * Find the desk that `start` (absolute path) lies in by walking up for
 * itsm.yaml, then for its repository (.git folder or file, or a bare repository).
 * ITSM_ENOTFOUND when there is no desk ("run `itsm init`").
 */
ITSM_API int itsm_place_find(struct itsm_arena *arena, const char *start, struct itsm_place *out,
	struct itsm_error *err);

/*
 * The commit HEAD points to, from HEAD, the loose ref or packed-refs, without
 * libgit2; asks `git` for anything unusual. Zero for an unborn branch. `branch`
 * (may be NULL) gets the full ref name in the arena, NULL when detached.
 */
ITSM_API int itsm_place_head(struct itsm_arena *arena, const struct itsm_place *place, struct itsm_oid *head,
	const char **branch, struct itsm_error *err);

struct itsm_repo;

/*
 * Open the repository of a place. Refuses SHA-256 and reftable
 * with a clear message (ITSM_EGIT), and another user's repository unless git,
 * asked, accepts it; for these, libgit2 is started at once. A partial clone's missing objects are fetched by git.
 */
ITSM_API int itsm_repo_open(const struct itsm_place *place, struct itsm_repo **out, struct itsm_error *err);
ITSM_API void itsm_repo_free(struct itsm_repo *repo);

/* Any revision git understands to its commit. ITSM_ENOTFOUND. */
ITSM_API int itsm_repo_resolve(struct itsm_repo *repo, const char *revision, struct itsm_oid *commit,
	struct itsm_error *err);
/* ITSM_ENOTFOUND when they share no history. */
ITSM_API int itsm_repo_merge_base(struct itsm_repo *repo, const struct itsm_oid *a, const struct itsm_oid *b,
	struct itsm_oid *out, struct itsm_error *err);
/* A blob's content into `out` (cleared first); ITSM_ELIMIT beyond limit bytes. */
ITSM_API int itsm_repo_blob(struct itsm_repo *repo, const struct itsm_oid *blob, size_t limit, struct itsm_buffer *out,
	struct itsm_error *err);

struct itsm_entry {
	const char *path;      /* in the desk; borrowed until the callback returns */
	struct itsm_oid blob;
	unsigned mode;         /* 0100644, 0100755, 0120000 (link), 0160000 (submodule) */
};

/* The entry at a path in a commit. ITSM_ENOTFOUND. entry.path is not set. */
ITSM_API int itsm_repo_find(struct itsm_repo *repo, const struct itsm_oid *commit, const char *path,
	struct itsm_entry *out, struct itsm_error *err);

/* Return 0 to go on; anything else stops and becomes the result. */
typedef int (*itsm_entry_callback)(void *context, const struct itsm_entry *entry);
/* Every entry below the folder (NULL = the desk) in a commit, in git's order. */
ITSM_API int itsm_repo_walk(struct itsm_repo *repo, const struct itsm_oid *commit, const char *folder,
	itsm_entry_callback callback, void *context, struct itsm_error *err);

/* One changed path: old is NULL when added, new is NULL when removed. */
typedef int (*itsm_compare_callback)(void *context, const struct itsm_entry *old_entry,
	const struct itsm_entry *new_entry);
/* What differs between two commits in the desk; a NULL commit is the empty tree. Equal subtrees are never opened. */
ITSM_API int itsm_repo_compare(struct itsm_repo *repo, const struct itsm_oid *old_commit,
	const struct itsm_oid *new_commit, itsm_compare_callback callback, void *context, struct itsm_error *err);
/*
 * The same without libgit2, for what little changes from one commit to the next: opens some hundred folders at most.
 * ITSM_ENOTFOUND, with nothing told to the callback, where that does not do (many changes, alternates, a
 * partial clone, no such commit, ...): itsm_repo_compare knows then. Else 0, or what the callback returned.
 */
ITSM_API int itsm_place_compare(const struct itsm_place *place, const struct itsm_oid *old_commit,
	const struct itsm_oid *new_commit, itsm_compare_callback callback, void *context);

struct itsm_person_time {
	const char *name, *mail;
	int64_t seconds;
	int offset_minutes;
};

struct itsm_commit {
	struct itsm_oid oid;
	const struct itsm_oid *parents;
	size_t parent_count;
	struct itsm_person_time author, committer;
	const char *subject; /* first line */
	const char *body;    /* the rest, trailers included; "" for none */
};

/* A commit's data, in the arena. */
ITSM_API int itsm_repo_commit(struct itsm_repo *repo, struct itsm_arena *arena, const struct itsm_oid *oid,
	struct itsm_commit *out, struct itsm_error *err);

/*
 * Every commit reachable from `to` and not from `from` (NULL = none), newest
 * first (with `from` no commit before its children, whatever the clocks said), with
 * the desk's paths it changed against its first parent (merges: against each
 * parent, only what differs from all; old_entry is the first parent's). Streams
 * `git log --raw`; no blob is read. For each commit `on_commit`, then `on_change`
 * for each path; both may be NULL, and what they are given is borrowed until they
 * return. One path, and only the commits that changed it, when `path` is not NULL.
 * `paths` (NULL-terminated, then `path` is NULL) is the same for several, in one run of git.
 * `limit` commits at most, 0 = all. No libgit2 is started.
 *
 * With `on_merge` a merge's changes come there instead: the sides of all its
 * parents in their order (mode 0: it has none), and what became of them (NULL: removed).
 * With `oldest_first` every commit comes after its parents, which git prints only once
 * it has seen them all; `limit` must be 0 then.
 */
struct itsm_history {
	int (*on_commit)(void *context, const struct itsm_commit *commit);
	int (*on_change)(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry);
	void *context;
	int (*on_merge)(void *context, const struct itsm_entry *sides, size_t count, const struct itsm_entry *new_entry);
	bool oldest_first;
	const char *const *paths;
};
ITSM_API int itsm_repo_history(const struct itsm_place *place, const struct itsm_oid *from, const struct itsm_oid *to,
	const char *path, size_t limit, const struct itsm_history *history, struct itsm_error *err);

/*
 * Every commit reachable from `to` and not from `from` (NULL = none), and whether it carries a signature, good or
 * not. Streams `git rev-list`; what refs/replace would put in a commit's place is not looked at. Non-zero from the callback stops and
 * becomes the result.
 */
ITSM_API int itsm_repo_signed(const struct itsm_place *place, const struct itsm_oid *from, const struct itsm_oid *to,
	int (*on_commit)(void *context, const struct itsm_oid *commit, bool is_signed), void *context, struct itsm_error *err);

/*
 * Writing. One write at a time in a repository: an advisory lock (flock on
 * <common dir>/itsm/lock, gone with the process) is held from itsm_write_begin to
 * itsm_write_end; plain git is kept out by compare-and-swap on the branch.
 *
 * The commit is the act: objects, a journal (<git dir>/itsm/pending), the
 * branch, then the work tree files (temporary file, fsync, rename) and at the same
 * time git's index, both for these paths only. A process killed on the way leaves
 * either nothing or a commit whose files the next command puts in place from the
 * journal (itsm_write_recover; itsm_write_begin does it too), never over somebody's
 * newer work. Where the files cannot be put in place (a full disk) the commit still
 * counts: the call says ITSM_OK and, after the end, itsm_repo_is_waiting says true.
 *
 * git's index is locked while the branch moves: a plain `git commit` in between would
 * take the old files for a change and undo ours. Locked by another git for two
 * seconds, it is ITSM_EGIT, and nothing is written. What is left is a `git commit` that
 * reads HEAD after the branch moved and its index before that is replaced, and locks it only
 * afterwards: git does not look again, and undoes ours as it would undo another git's.
 *
 * git's own hooks for commits (pre-commit ...) are not run.
 */
struct itsm_write;

ITSM_API int itsm_write_begin(struct itsm_repo *repo, struct itsm_write **out, struct itsm_error *err);
/* The commit the write stands on; zero when the branch is unborn. Borrowed. */
ITSM_API const struct itsm_oid *itsm_write_base(const struct itsm_write *write);
/* Who commits, as itsm_place_identity says it: git was asked when the write began. The texts live as long as the write. */
ITSM_API int itsm_write_identity(struct itsm_write *write, struct itsm_person_time *out, struct itsm_error *err);
/* Put a file, or remove it. The data is copied. */
ITSM_API int itsm_write_put(struct itsm_write *write, const char *path, const void *data, size_t length,
	struct itsm_error *err);
ITSM_API int itsm_write_remove(struct itsm_write *write, const char *path, struct itsm_error *err);
/*
 * A file that the user left in the work tree exactly as it is to be committed
 * (as `itsm edit` does): not refused as unsaved work, and what is staged for it
 * is replaced. Refused when it is by then something else than what was put.
 */
ITSM_API void itsm_write_accept_unsaved(struct itsm_write *write, const char *path);
/*
 * Commit, once for a write. Refuses (ITSM_EREFUSED, naming each path) when a path
 * put or removed has unsaved or staged changes of the user's, unless they say the
 * same. ITSM_ERACE when the branch moved: end this write and begin again. `author` NULL = git's own identity; `now` is
 * the committer's time (author's too when author is NULL). Signs where
 * commit.gpgsign says so. `out` gets the new commit. A write of nothing, or one
 * that changes nothing, is ITSM_OK with the base in `out`.
 */
ITSM_API int itsm_write_commit(struct itsm_write *write, const char *message, const struct itsm_person_time *author,
	int64_t now, int now_offset_minutes, struct itsm_oid *out, struct itsm_error *err);
/*
 * Instead of committing what was put: move the branch on to a commit that was
 * made upon the base elsewhere (a merge, or what a remote has), and bring the work
 * tree and git's index along. Unsaved and staged work elsewhere stays as it is;
 * where it is in the way, it is refused (ITSM_EREFUSED). ITSM_ERACE as above.
 * `message` is for the reflog. For unfinished files as in itsm_write_commit.
 */
ITSM_API int itsm_write_advance(struct itsm_write *write, const struct itsm_oid *commit, const char *message,
	struct itsm_error *err);
/*
 * Run git in the work tree with other writers kept out, also for as long as git
 * goes on when this process is killed. Its output is dropped; errors as of itsm_program_run.
 */
ITSM_API int itsm_write_run(struct itsm_write *write, const char *const *argv, struct itsm_error *err);
/* Release the lock and the memory. Takes NULL. */
ITSM_API void itsm_write_end(struct itsm_write *write);
/* Is there a journal of a killed writer? Costs one access(2). */
ITSM_API bool itsm_write_is_pending(const struct itsm_place *place);
/*
 * Did the last write through this repository end with its files waiting in the journal (a full disk)? Unlike
 * itsm_write_is_pending it does not take the journal of another writer, at work by now, for its own.
 */
ITSM_API bool itsm_repo_is_waiting(const struct itsm_repo *repo);
/* Finish it, unless a live writer holds the lock for longer than 0.1 s. ITSM_EGIT when git's index stays locked. */
ITSM_API int itsm_write_recover(struct itsm_repo *repo, struct itsm_error *err);

/*
 * Who commits here, as `git var GIT_COMMITTER_IDENT` says: environment and all
 * configuration counted. ITSM_EGIT, saying what to configure, when git would make
 * somebody up from the names of the user and the host.
 */
ITSM_API int itsm_place_identity(struct itsm_arena *arena, const struct itsm_place *place, struct itsm_person_time *out,
	struct itsm_error *err);

/*
 * Bulk writing through `git fast-import`, one pack: any number of commits on the
 * branch of HEAD, then the branch moves once (compare-and-swap), then the work
 * tree and git's index are brought along for the paths that changed.
 */
struct itsm_bulk;
ITSM_API int itsm_bulk_begin(struct itsm_repo *repo, struct itsm_bulk **out, struct itsm_error *err);
/* Start the next commit. Files put afterwards belong to it. `author` NULL = the committer. */
ITSM_API int itsm_bulk_commit(struct itsm_bulk *bulk, const char *message, const struct itsm_person_time *author,
	const struct itsm_person_time *committer, struct itsm_error *err);
ITSM_API int itsm_bulk_put(struct itsm_bulk *bulk, const char *path, const void *data, size_t length,
	struct itsm_error *err);
/*
 * Finish: all or nothing. `out` gets the branch's new commit. ITSM_EREFUSED when
 * unsaved, staged or untracked files of the user's are in the way, ITSM_ERACE when
 * the branch moved. Frees bulk in any case. For unfinished files as in itsm_write_commit.
 */
ITSM_API int itsm_bulk_end(struct itsm_bulk *bulk, struct itsm_oid *out, struct itsm_error *err);
/*
 * Finish otherwise: all or nothing too, but on `branch` (without refs/heads/), for others to look at; HEAD, the work tree
 * and git's index stay as they are. The branch must be new, or hold nothing beyond what the bulk stands on but commits
 * whose trailer `trailer` says `value`: those are replaced (ITSM_EREFUSED else, and for a branch that is checked out).
 * Where it holds the very files already, upon the same commit, it stays. `out` gets its end, `written` whether it moved.
 * Frees bulk in any case.
 */
ITSM_API int itsm_bulk_propose(struct itsm_bulk *bulk, const char *branch, const char *trailer, const char *value,
	struct itsm_oid *out, bool *written, struct itsm_error *err);
/* Give up; the branch is as it was. Takes NULL. */
ITSM_API void itsm_bulk_abort(struct itsm_bulk *bulk);

/*
 * Make `folder` (absolute) a repository where there is none at or above it
 * (`git init`; the branch is init.defaultBranch where the user has that, else main). False in `made` when
 * there was one.
 */
ITSM_API int itsm_repo_init(const char *folder, bool *made, struct itsm_error *err);

/*
 * Run a program (argv NULL-terminated, found in PATH) in a directory (NULL =
 * here) with `input` on stdin (NULL = none), its stdout into `out` (may be
 * NULL), the first of its stderr into the error message. ITSM_EIO when it cannot
 * run, ITSM_EGIT when a signal ends it or it exits non-zero (then `exit_code`, which
 * may be NULL, is set, and `out` is as it was). git is run in the C locale, with
 * literal pathspecs, without the variables that would point it at another
 * repository than the directory's (a hook has GIT_DIR set), and is shown the objects
 * there are, not what refs/replace puts in their place.
 */
ITSM_API int itsm_program_run(const char *const *argv, const char *directory, const struct itsm_buffer *input,
	struct itsm_buffer *out, int *exit_code, struct itsm_error *err);
/*
 * The same for git in a repository of somebody else, whose configuration is not to be acted upon: what a partial clone
 * lacks is not fetched (ITSM_EGIT).
 */
ITSM_API int itsm_program_look(const char *const *argv, const char *directory, struct itsm_buffer *out, int *exit_code,
	struct itsm_error *err);
/*
 * The same for a program that may have to talk to the user (a passphrase, a
 * security key to touch): its stderr is ours, so that the error says only how it ended. No stdin.
 */
ITSM_API int itsm_program_talk(const char *const *argv, const char *directory, struct itsm_error *err);

#endif
