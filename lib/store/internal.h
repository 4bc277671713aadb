/*
 * What the files of this folder share. Nothing in here is seen above layer 4.
 *
 * Two sorts of path: a desk path is relative to the folder of itsm.yaml (the
 * public API), a full path is relative to the top of the repository (git's).
 */
#ifndef STORE_INTERNAL_H
#define STORE_INTERNAL_H

#include "itsm/store.h"
#include "libgit2.h"

#define STORE_DEPTH_MAX 64          /* folders below one another in a tree that is walked */
#define STORE_MESSAGE_MAX (16 << 20) /* bytes of one commit's header and message in a history */

struct itsm_repo {
	struct itsm_arena *arena; /* owns this struct and the place's paths */
	struct itsm_place place;
	git_repository *git; /* NULL until libgit2 is needed: store_libgit2 */
	unsigned alone;      /* objects read without it so far */
	bool waiting; /* the last write left its journal */
};

/*
 * repo.c: start libgit2 and open the repository with it, unless that has been done. To be called before anything of
 * git2, git_...(NULL) too. What git writes and reads in the ordinary needs none: its start costs more than a write.
 */
int store_libgit2(struct itsm_repo *repo, struct itsm_error *err);
/* Is one more object to be read without libgit2? Of many it keeps the packs open, and is soon worth its start. */
bool store_goes_alone(struct itsm_repo *repo);
/* repo.c, tree.c, compare.c: err from what libgit2 said last, after the words of format. Returns status. */
int store_git_error(struct itsm_error *err, int status, const char *format, ...) __attribute__((format(printf, 3, 4)));
/*
 * Have git look for an object that is missing here: it fetches it in a partial
 * clone, and knows a push's quarantine. True when it is here now.
 */
bool store_fetch_missing(struct itsm_repo *repo, const git_oid *oid);
int store_tree_get(struct itsm_repo *repo, const git_oid *oid, git_tree **out, struct itsm_error *err);
/* The top tree of a commit; NULL in `out` when commit is NULL or zero. */
int store_commit_tree(struct itsm_repo *repo, const struct itsm_oid *commit, git_tree **out, struct itsm_error *err);
/* The tree at a full path ("" or ending in '/') below `top`; NULL in `out` when there is none. Frees top. */
int store_tree_below(struct itsm_repo *repo, git_tree *top, const char *folder, git_tree **out, struct itsm_error *err);
/* The folder that a file was last looked for in. Begin with zeroes. */
struct store_folder {
	struct itsm_buffer path;
	git_tree *tree; /* NULL = there is no such folder */
};
void store_folder_leave(struct store_folder *last);
/*
 * The file at a full path below `top` (NULL = nothing is there) into mode and blob; mode 0 when there is none. Files
 * asked for in order of path open each folder once; `last` belongs to one `top`.
 */
int store_tree_file(struct itsm_repo *repo, const git_tree *top, struct store_folder *last, const char *path,
	unsigned *mode, struct itsm_oid *blob, struct itsm_error *err);
/* Compare two trees (either may be NULL); the paths reported are below them. */
int store_compare_trees(struct itsm_repo *repo, const git_tree *old_tree, const git_tree *new_tree,
	itsm_compare_callback callback, void *context, struct itsm_error *err);
/* The tree of the desk, or of a folder in it (NULL = all), in a commit; NULL in `out` when there is none. */
int store_desk_tree(struct itsm_repo *repo, const struct itsm_oid *commit, const char *folder, git_tree **out,
	struct itsm_error *err);
/* The path is borrowed. */
struct itsm_entry store_entry(const git_tree_entry *entry, const char *path);
struct itsm_oid store_oid(const git_oid *oid);
git_oid store_git_oid(const struct itsm_oid *oid);
/* False unless text starts with 40 hexadecimal digits. */
bool store_oid_parse(const char *text, struct itsm_oid *out);

/*
 * place_git.c: the repository that the folder `top` or one above it is the work
 * tree of. ITSM_ENOTFOUND when there is none. Fills all but root and prefix.
 */
int store_find_git(struct itsm_arena *arena, const char *folder, struct itsm_place *out, struct itsm_error *err);
bool store_is_git_dir(const char *folder);
/* Bytes read (the text is NUL-terminated, cut at size - 1), or -1 with errno. Follows no link unless `follow`. */
ssize_t store_read_small(const char *path, bool follow, char *text, size_t size);
/* Where git is to be run for this place. */
const char *store_directory(const struct itsm_place *place);

/*
 * content.c: an object's bytes into `out`, cleared first, without libgit2; checked against its name. False where that
 * does not do, as with itsm_place_blob. The numbers are git's own, in packs.
 */
enum store_object {
	STORE_COMMIT = 1,
	STORE_TREE = 2,
	STORE_BLOB = 3,
};
bool store_place_object(const struct itsm_place *place, enum store_object type, const struct itsm_oid *oid,
	struct itsm_buffer *out);
/* object.c: the same, by libgit2 where that does not do. */
int store_object(struct itsm_repo *repo, enum store_object type, const struct itsm_oid *oid, struct itsm_buffer *out,
	struct itsm_error *err);
/* content.c: "commit", ... and the name that git gives to an object of these bytes. */
const char *store_object_name(enum store_object type);
void store_object_hash(enum store_object type, const void *data, size_t length, struct itsm_oid *out);
/* object_write.c: put an object into the repository, and name it. ITSM_EIO. */
int store_object_write(struct itsm_repo *repo, enum store_object type, const void *data, size_t length,
	struct itsm_oid *out, struct itsm_error *err);

/*
 * compare_place.c: an entry of a commit, and all below a folder of one, without libgit2. False, with nothing told,
 * where that does not do. `has` is false when there is no such file; the walk tells nothing then.
 */
bool store_place_find(const struct itsm_place *place, const struct itsm_oid *commit, const char *path, bool *has,
	struct itsm_entry *out);
bool store_place_walk(const struct itsm_place *place, const struct itsm_oid *commit, const char *folder,
	itsm_entry_callback callback, void *context, int *status);

/*
 * child.c: a program at the other end of pipes. Its stderr goes to a memory file,
 * so that it cannot block on it; its stdin is a socket, so that its death is an
 * error code to us and no signal.
 */
struct store_child {
	pid_t pid;        /* 0 when none runs */
	int input;        /* to its stdin, or -1 */
	int output;       /* from its stdout, or -1 */
	int complaints;   /* its stderr, or -1 */
	char name[32];    /* for messages: "git log" */
	int broken;       /* errno of a send that failed: it has not heard everything */
};

#define STORE_CHILD_NONE {0, -1, -1, -1, "", 0}

enum {
	STORE_CHILD_INPUT = 1,  /* a socket to stdin; else /dev/null, or the bytes given */
	STORE_CHILD_OUTPUT = 2, /* a pipe from stdout; else /dev/null */
	STORE_CHILD_GIT = 4,    /* without the variables that point git elsewhere */
	STORE_CHILD_TALKS = 8,  /* its stderr is ours */
};

struct store_start {
	const char *const *argv;      /* NULL-terminated; argv[0] is found in PATH */
	const char *directory;        /* NULL = here */
	const struct itsm_buffer *input; /* all of stdin, or NULL */
	const char *const *variables; /* NULL-terminated "NAME=value" to add, or NULL */
	unsigned flags;
	int lock;                     /* a descriptor that it keeps open, so that the lock outlives us with it; or 0 */
};

int store_child_start(struct store_child *child, const struct store_start *start, struct itsm_error *err);
/*
 * 0, or -1 when the program does not hear it all; store_child_end then fails and says why. One that has
 * heard a part of this is ended, so that it does not act upon half a line.
 */
int store_child_send(struct store_child *child, const void *data, size_t length);
void store_child_close_input(struct store_child *child);
/* Bytes read from stdout, 0 at the end, -1 with errno. */
ssize_t store_child_receive(struct store_child *child, void *data, size_t size);
/* Close the pipes, wait, free. ITSM_EGIT with its complaints when it exits non-zero. Fine on one that never started. */
int store_child_end(struct store_child *child, int *exit_code, struct itsm_error *err);
/* The same for one whose result does not matter: it is killed. */
void store_child_kill(struct store_child *child);
/* Everything from its stdout, then store_child_end. */
int store_child_collect(struct store_child *child, struct itsm_buffer *out, int *exit_code, struct itsm_error *err);

/* program.c: run git for a place to its end. Pathspecs are literal. */
int store_git_run(const struct itsm_place *place, const char *const *argv, const struct itsm_buffer *input,
	struct itsm_buffer *out, int *exit_code, struct itsm_error *err);
int store_git_start(struct store_child *child, const struct itsm_place *place, const char *const *argv, unsigned flags,
	struct itsm_error *err);
/* One that must not be overtaken when we are killed: it holds the lock too. */
int store_git_start_locked(struct store_child *child, const struct itsm_place *place, const char *const *argv,
	unsigned flags, int lock, struct itsm_error *err);

#endif
