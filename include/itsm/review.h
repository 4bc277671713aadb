/*
 * A proposal as its reviewer reads it: what it does to each record.
 *
 * What HEAD has beyond the merge base with BASE, in terms of BASE's kinds, as
 * itsm_desk_check judges it. A record's parts (notes, approvals ...) are told with it.
 */
#ifndef ITSM_REVIEW_H
#define ITSM_REVIEW_H

#include "itsm/desk.h"
#include "itsm/report.h"

/* So many records are read; of more only the number is known. Those with findings come first. */
#define ITSM_REVIEW_RECORDS 300
/* Bytes that the Markdown never exceeds: the comment of a forge takes 65,536 characters. */
#define ITSM_REVIEW_BYTES 60000

struct itsm_review_part {
	const char *name;    /* in its owner's folder: "jane" */
	const char *kind;
	const char *change;  /* "added", "changed", "removed" */
	struct itsm_difference *differences;
	size_t count;
};

/* What a rule asks of a record and has not got. */
struct itsm_review_missing {
	const char *whom;    /* "2 of team cab" */
	const char *missing; /* "1 of 2; could be given by jane" */
	const char *states;  /* those that it is asked in, "scheduled, implement"; "" for all */
};

/* So many records are looked at for approvals. */
#define ITSM_REVIEW_APPROVALS 40

struct itsm_review_record {
	const char *id, *kind, *path;
	const char *title;   /* "" when it has none */
	const char *change;  /* "added", "changed", "removed"; NULL when only parts of it change */
	const char **states; /* those it went through commit by commit, the one it had before first; none for a kind without */
	size_t state_count;
	const char *risk, *start, *end; /* the fields risk, window.start, window.end as proposed, or NULL */
	struct itsm_difference *differences;
	size_t count;
	struct itsm_review_part *parts;
	size_t part_count;
	struct itsm_review_missing *missing; /* approvals, also those for states to come; none once the record is closed */
	size_t missing_count;
};

struct itsm_review {
	const char *base, *head; /* as they were asked for; "HEAD" where nothing was given */
	size_t commits;
	struct itsm_review_record *records;
	size_t count;
	size_t more;             /* records beyond ITSM_REVIEW_RECORDS */
	const char **policy;     /* paths changed that say how the desk judges: itsm.yaml, policy/, people/, teams/ */
	size_t policy_count;
};

/* What a report of these findings says beside them, in the arena: rules with their documentation, prefix, version. */
ITSM_API int itsm_desk_report(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_findings *findings,
	struct itsm_report *out, struct itsm_error *err);

/*
 * Read what BASE..HEAD does. The findings say which records come first; they may be none. Missing approvals are told
 * where HEAD of the range is what is checked out.
 */
ITSM_API int itsm_desk_review(struct itsm_desk *desk, struct itsm_arena *arena, const char *range,
	const struct itsm_findings *findings, struct itsm_review *out, struct itsm_error *err);

/*
 * Append the review as Markdown for a pull request: the verdict, changes of policy, a table of the
 * records, then each with its findings and its changes. `review` NULL: findings alone. Whatever comes
 * from a record stands in code, where Markdown and forges act on nothing: no HTML, links, mentions,
 * references or commands. What does not fit is counted at the end.
 */
ITSM_API void itsm_review_markdown(const struct itsm_review *review, const struct itsm_report *report,
	struct itsm_buffer *out);

#endif
