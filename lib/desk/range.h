/* Judging a proposal. */
#ifndef ITSM_LIB_DESK_RANGE_H
#define ITSM_LIB_DESK_RANGE_H

#include "desk.h"

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
	struct entered *entered, **last; /* the states entered, oldest first */
	bool begun;             /* seen or known from BASE */
	bool touched;           /* is at HEAD what it was not at BASE */
	struct walked *next;
};

#define WALKED_BUCKETS 4096

struct judging {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_findings *findings;
	struct itsm_error *err;
	struct itsm_kinds *kinds;      /* of BASE */
	struct itsm_repo *repo;
	struct itsm_index *index;      /* shows HEAD, in terms of BASE's kinds */
	struct itsm_index *trial;      /* the same, where a record can be shown as it was; NULL until needed */
	struct itsm_oid base, head;    /* base: where the proposal left BASE */
	struct walked *walked[WALKED_BUCKETS];
	const char **removed;          /* IDs */
	size_t removed_count, removed_capacity;
	const char **touched;          /* paths at HEAD */
	size_t touched_count, touched_capacity;
	int64_t commit_time;           /* of the commit being walked */
	struct commit_list *commits;
	size_t commit_count, commit_capacity;
};

/* What one commit changed, kept because history is streamed newest first. */
struct commit_list {
	int64_t seconds;
	size_t first, count;           /* in steps */
};

/* A symbolic link or submodule, which could bring in anything unseen: a finding where records or policy lie. */
void range_judge_link(struct judging *judging, const char *path);
/* The desk at HEAD must be one, its kinds readable, and no kind's records out of sight. */
void range_judge_policy(struct judging *judging);

/* `itsm check BASE..HEAD`; see range.c. */
int desk_check_range(struct itsm_desk *desk, const char *range, struct itsm_findings *findings, struct itsm_error *err);

/* A finding "policy/kind" when an SQL expression (NULL = none) of a kind does not compile. */
void desk_check_expression(struct itsm_index *index, const struct itsm_kind *kind, const char *expression,
	struct itsm_findings *findings);

#endif
