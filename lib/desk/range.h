/* Judging a proposal. */
#ifndef ITSM_LIB_DESK_RANGE_H
#define ITSM_LIB_DESK_RANGE_H

#include "policy.h"

/* A state that a record entered. */
struct entered {
	const char *from;       /* the state before, NULL when it is new */
	struct itsm_oid blob;   /* the record as the commit left it */
	int64_t when;           /* moment of the commit, seconds */
	struct entered *next;
};

/* A record's way through the proposal's commits. */
struct walked {
	const char *path;
	const char *state;      /* as of the last commit seen, NULL before the first or when it has none */
	const char *origin;     /* the state that the first change of state came from */
	struct entered *entered, **last; /* the states entered, oldest first */
	struct itsm_oid blob;   /* as the last commit seen left it, zero when it took it away */
	struct itsm_oid before_that; /* what it was before that commit */
	const struct range_commit *writer; /* the last commit that changed it */
	bool begun;             /* seen, or known from BASE */
	bool looked;            /* BASE was asked for it */
	bool touched;           /* is at HEAD what it was not at BASE */
	bool compared;          /* differs between BASE and what is judged: before, after; mode 0 where it is not there */
	struct itsm_entry before, after;
	struct walked *next;
};

#define WALKED_BUCKETS 4096

/* A version of a record, kept; record NULL when it can't be read as one. */
struct range_read {
	struct itsm_oid blob;
	const char *path;
	struct itsm_record *record;
	struct range_read *next;
};

#define READ_BUCKETS 4096
#define READS_MAX 2000

/* A commit of the proposal, and where its changes are in judging.steps. */
struct range_commit {
	struct itsm_oid oid;
	const struct itsm_oid *parents;
	size_t parent_count;
	int64_t author, committer;     /* when it was made and when written, as it says itself */
	const char *mail, *name;       /* of the author */
	const char *body;              /* with its trailers */
	size_t first, count;
};

/* One change of one file by one commit of the proposal. */
struct range_step {
	const char *path;
	struct itsm_oid old_blob, new_blob;
	bool is_new, is_gone;
	bool is_record;                /* else it only lies where rules with `paths` look */
};

struct range_paths {
	const char **items;
	size_t count, capacity;
};

struct judging {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_findings *findings;
	struct itsm_error *err;
	struct itsm_kinds *kinds;      /* of BASE */
	struct desk_policy *policy;    /* of BASE */
	struct itsm_repo *repo;
	struct itsm_index *index;      /* shows what is judged, in terms of BASE's kinds */
	struct itsm_oid base, head;
	struct itsm_oid fork;          /* where the proposal left BASE */
	bool is_head;                  /* what is judged is checked out, and the index shows it as HEAD */
	struct itsm_oid merged;        /* what is judged: HEAD, or its merge with a BASE that went on meanwhile */
	struct walked *walked[WALKED_BUCKETS];
	struct range_read *reads[READ_BUCKETS];
	size_t read_count;
	struct range_paths removed;    /* IDs */
	struct range_paths touched;    /* paths of records in what is judged */
	struct range_paths owners;     /* IDs of records whose parts are touched */
	struct range_paths kinds_touched; /* names of kinds of all that differs from BASE */
	struct range_paths policy_files; /* paths that rules with `paths` bind */
	struct range_commit *commits;  /* newest first */
	size_t commit_count, commit_capacity;
	struct range_step *steps;
	size_t step_count, step_capacity;
};

void range_add_path(struct judging *judging, struct range_paths *paths, const char *path);
/* The record of an entry, NULL when it is none. */
int range_read_entry(struct judging *judging, struct itsm_arena *arena, const struct itsm_entry *entry,
	struct itsm_record **out);
/* What is at a path in a commit; mode 0 when nothing is. */
int range_find(struct judging *judging, const struct itsm_oid *commit, const char *path, struct itsm_entry *out);
/* The record at a path in a commit; NULL when there is none. */
int range_read_at(struct judging *judging, struct itsm_arena *arena, const struct itsm_oid *commit, const char *path,
	struct itsm_record **out);
struct walked *range_walked(struct judging *judging, const char *path);
/* "1a2b3c4" */
const char *range_short(struct judging *judging, const struct itsm_oid *commit);

/* Have the index show what is judged. */
int range_show(struct judging *judging);
/* What is to be judged: HEAD, or its merge with BASE; a merge that git can't make is a finding. */
int range_merge(struct judging *judging);
/* ITSM_EGIT when the history between the two is cut off by a shallow clone. */
int range_refuse_shallow(struct judging *judging);
/* The commits of the proposal, and what each of them changes. */
int range_collect(struct judging *judging);
/* Every commit of the proposal, oldest first: states, times. */
int range_walk(struct judging *judging);
/* Where the end of the walk is not what is judged: a merge dropped what it merged, or BASE went on. */
int range_judge_end(struct judging *judging, const char *path);
/* The states that a record went through, by the guards and rules that bind on entering them. */
int range_judge_entered(struct judging *judging, const char *path);

/* Rules of the history. `befores`: the record in the commit's parents, where it was there. */
void range_judge_times(struct judging *judging, const struct range_commit *commit, const struct itsm_record *record,
	struct itsm_record *const *befores, size_t count, bool entering);
int range_judge_clocks(struct judging *judging);
int range_judge_authors(struct judging *judging);

/* Rules that find by themselves: what is so of what is touched, and what was not so at BASE. */
int range_judge_found(struct judging *judging);
/* The kind of what is at the path is touched. */
void range_touch_kind(struct judging *judging, const char *path);

/* A symbolic link or submodule, which could bring in anything unseen: a finding where records or policy lie. */
void range_judge_link(struct judging *judging, const char *path);
/* The desk at HEAD must be one, its kinds and rules readable, and no kind's records out of sight. */
void range_judge_policy(struct judging *judging);
/* Does a rule with `paths` look at this path? */
bool range_is_policy_file(const struct judging *judging, const char *path);
/* Which rules with `paths` bind: asked of the desk at BASE. Call before the index shows what is judged. */
int range_bind_paths(struct judging *judging, bool **bound);
int range_judge_paths(struct judging *judging, const bool *bound);

/* `itsm check BASE..HEAD`; see range.c. */
int desk_check_range(struct itsm_desk *desk, const char *range, struct itsm_findings *findings, struct itsm_error *err);

/* A finding "policy/kind" when an SQL expression (NULL = none) of a kind does not compile. */
void desk_check_expression(struct itsm_index *index, const struct itsm_kind *kind, const char *expression,
	struct itsm_findings *findings);

#endif
