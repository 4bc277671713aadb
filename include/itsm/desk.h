/*
 * The desk: what each command of itsm does, one call each.
 *
 * A desk is a folder with an itsm.yaml in a git repository. Opening one finds
 * it and reads its kinds; the repository and the index are opened when first
 * needed. Reading calls see the work tree, or with `at` the desk as committed
 * at a revision. Writing calls make exactly one commit each, judge against what
 * is committed, and change nothing when they are refused.
 *
 * Subjects of commits read "CHG-4k7q2m8d: move draft -> submitted"; the trailers
 * Itsm-Action and Itsm-Record (one for each record; and Itsm-From, Itsm-To for a move) say the same
 * for programs. The user's text stands between them.
 */
#ifndef ITSM_DESK_H
#define ITSM_DESK_H

#include "itsm/finding.h"
#include "itsm/index.h"
#include "itsm/kind.h"
#include "itsm/record.h"
#include "itsm/store.h"

struct itsm_desk;

struct itsm_desk_options {
	const char *start;      /* absolute path to look for the desk from */
	int64_t now;            /* seconds since 1970: the moment of everything this desk does */
	int now_offset_minutes; /* the user's offset from UTC at that moment, for times that are written */
	void (*progress)(void *context, const char *what, size_t done, size_t total); /* may be NULL */
	void *progress_context;
	/* The user's offset from UTC in minutes at a moment, for days that are read; NULL = now_offset_minutes always. */
	int (*offset_at)(void *context, int64_t seconds);
	void *offset_context;
	bool untouched;         /* do not finish what a killed writer left: for work inside of git's, and to look at it */
};

ITSM_API int itsm_desk_open(const struct itsm_desk_options *options, struct itsm_desk **out, struct itsm_error *err);
ITSM_API void itsm_desk_free(struct itsm_desk *desk);

/* Borrowed parts. The latter two open what they return when first asked. */
ITSM_API const struct itsm_kinds *itsm_desk_kinds(const struct itsm_desk *desk);
ITSM_API const struct itsm_place *itsm_desk_place(const struct itsm_desk *desk);
/* The desk's name from itsm.yaml. */
ITSM_API const char *itsm_desk_name(const struct itsm_desk *desk);
/* The kind of this name, with an error that tells what there is. */
ITSM_API int itsm_desk_kind(const struct itsm_desk *desk, const char *name, const struct itsm_kind **out,
	struct itsm_error *err);
ITSM_API int itsm_desk_repository(struct itsm_desk *desk, struct itsm_repo **out, struct itsm_error *err);
/* Is the last write of this desk committed, but not in the work tree and git's index, since there was no room? */
ITSM_API bool itsm_desk_is_waiting(const struct itsm_desk *desk);
/*
 * The index, made true for the work tree (`at` NULL) or for a revision, and
 * in use for it. Everything that reads goes through here.
 *
 * `at` is a revision as git knows them, or a moment: RFC 3339 (without an offset: the
 * user's), a day `2026-11-01` or month `2026-11` (its end), `today`, `yesterday`, `now`, `-7d`.
 * A moment means the newest commit among the first parents of HEAD that was committed
 * by then; ITSM_ENOTFOUND, saying when history begins, where there is none. The history there is
 * (commit_log, touch, change_event) is the one up to that commit.
 */
ITSM_API int itsm_desk_view(struct itsm_desk *desk, const char *at, struct itsm_index **out, struct itsm_error *err);

struct itsm_init_result {
	const char *root;    /* the desk's folder */
	bool repository;     /* a repository was made too */
	struct itsm_oid commit;
};

/*
 * `itsm init`: make a desk in `folder` (absolute; made when missing; also inside an
 * existing repository): itsm.yaml, .gitattributes, the first policy and people
 * files, one commit. `name` NULL = the folder's name. Refused where there is a desk already.
 */
ITSM_API int itsm_desk_init(struct itsm_arena *arena, const struct itsm_desk_options *options, const char *folder,
	const char *name, struct itsm_init_result *out, struct itsm_error *err);

/*
 * What a write did, or why not. On ITSM_EREFUSED every reason is in
 * `findings` and nothing was written.
 */
struct itsm_outcome {
	struct itsm_arena *arena;     /* the caller's: owns the texts below */
	struct itsm_findings findings;
	const char *id;               /* the record; NULL when they are several */
	const char *path;             /* its file */
	size_t records, unchanged;    /* of `set`, `link` and `move`: how many changed, and how many were so already */
	struct itsm_oid commit;
	bool changed;                 /* false: it was so already, no commit was made */
};
ITSM_API void itsm_outcome_init(struct itsm_outcome *outcome, struct itsm_arena *arena);

/* Words are `field=value`, `field+=item`, `field-=item`. */
struct itsm_words {
	const char *const *items;
	size_t count;
};

struct itsm_new {
	const char *kind;
	struct itsm_words words; /* `id=slug` names a thing, else its title does; a part needs `record=ID` */
	const char *title;       /* or NULL */
	const char *body;        /* Markdown for the body, or NULL: the kind's sections */
	const char *text;        /* the whole file as edited by a person; words, title and body are not looked at then, but for id and record */
	const char *message;     /* the user's text for the commit, or NULL */
};
/* `itsm new` */
ITSM_API int itsm_desk_new(struct itsm_desk *desk, const struct itsm_new *request, struct itsm_outcome *outcome,
	struct itsm_error *err);
/* What `itsm new --edit` opens: the template with sections and guidance, filled from the words. */
ITSM_API int itsm_desk_template(struct itsm_desk *desk, const struct itsm_new *request, struct itsm_buffer *out,
	struct itsm_error *err);

/*
 * `itsm set`: the records `ids` name (10,000 at most), in one commit, all or none: whatever is found against one of
 * several is a finding. Adding the items a list has, or a value that stands already, changes nothing.
 */
ITSM_API int itsm_desk_set(struct itsm_desk *desk, struct itsm_words ids, struct itsm_words words, const char *message,
	struct itsm_outcome *outcome, struct itsm_error *err);

/* `itsm link ID RELATION TARGET`: RELATION is a reference field, or the inverse name of one on the target. */
ITSM_API int itsm_desk_link(struct itsm_desk *desk, const char *id, const char *relation, const char *target,
	bool remove, const char *message, struct itsm_outcome *outcome, struct itsm_error *err);

/* `itsm note`: a note in a file of its own below the record. outcome->id is the note's. */
ITSM_API int itsm_desk_note(struct itsm_desk *desk, const char *id, const char *text, struct itsm_outcome *outcome,
	struct itsm_error *err);

/*
 * `itsm move`: through the workflow; every unmet guard is a finding. Several IDs as with itsm_desk_set; of them, those
 * that are in the state already stay as they are.
 */
ITSM_API int itsm_desk_move(struct itsm_desk *desk, struct itsm_words ids, const char *state, struct itsm_words words,
	const char *message, struct itsm_outcome *outcome, struct itsm_error *err);

/* `itsm next`: where a record can go, and what is missing for each. */
struct itsm_step {
	const char *state;
	const char *help;                  /* of the transition, else of the state */
	bool allowed;                      /* nothing is missing */
	struct itsm_findings missing;
};
struct itsm_next {
	const char *id, *kind, *state, *title;
	struct itsm_step *steps;
	size_t count;
};
ITSM_API int itsm_desk_next(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, struct itsm_next *out,
	struct itsm_error *err);

/*
 * `itsm edit`: the text of the record's file in the work tree (unsaved changes
 * of the user included), then what the person made of it. Saving refuses with
 * findings; the text it was begun with must still be the file's (ITSM_ERACE).
 */
ITSM_API int itsm_desk_edit_begin(struct itsm_desk *desk, struct itsm_arena *arena, const char *id,
	struct itsm_record **out, struct itsm_error *err);
ITSM_API int itsm_desk_edit_save(struct itsm_desk *desk, const struct itsm_record *begun, const char *text, size_t size,
	const char *message, struct itsm_outcome *outcome, struct itsm_error *err);

/*
 * `itsm risk`: what the risk model of the record's kind makes of it, every step of it. The model is that of the work
 * tree, in a bare repository of HEAD; the record is that of `at`, as in itsm_desk_view. ITSM_EUSAGE
 * when there is no model for its kind. All in the arena, but for `model`, which is the desk's until its next call.
 */
struct itsm_risk_told {
	const char *id, *kind, *state, *title;
	const struct itsm_risk_model *model;
	struct itsm_risk_found found;
	struct itsm_risk_result result;
	bool too_low;                      /* a lower risk is declared than is computed, or none */
};
ITSM_API int itsm_desk_risk(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at,
	struct itsm_risk_told *out, struct itsm_error *err);

/* `itsm show`: the record itself, with its parts (notes, approvals ...) in time order. */
struct itsm_shown {
	struct itsm_record *record;
	struct itsm_record **parts;
	size_t part_count;
	/* who points here: source id, source kind, title, relation as read from this end */
	struct itsm_backlink {
		const char *source, *kind, *title, *relation;
	} *backlinks;
	size_t backlink_count;
};
/* `full`: backlinks too (costs a scan of the work tree). Parts are always there. */
ITSM_API int itsm_desk_show(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at, bool full,
	struct itsm_shown *out, struct itsm_error *err);

/* One commit's doing to one record. */
struct itsm_log_entry {
	struct itsm_commit commit;      /* parents are not set */
	const char *id, *kind, *path;
	const char *change;             /* "added", "changed", "removed" */
	const struct itsm_difference *differences;
	size_t count;
};
struct itsm_log_options {
	const char *id;                 /* NULL = all records */
	const char *of;                 /* for a difference: only this record and what it rests on (itsm/impact.h), at either end */
	const char *at;                 /* for the log: its history up to there (NULL = HEAD), as in itsm_desk_view */
	size_t limit;                   /* entries, 0 = all */
	int (*entry)(void *context, const struct itsm_log_entry *entry); /* newest first; non-zero stops */
	void *context;
};
/* `itsm log`: parts of a record are told with it. */
ITSM_API int itsm_desk_log(struct itsm_desk *desk, const struct itsm_log_options *options, struct itsm_error *err);
/* `itsm blame`: who gave each field its value, and who wrote each line of each section. */
struct itsm_blame_source {
	bool committed;                 /* false: it stands in the work tree only, and the rest is empty */
	struct itsm_oid commit;
	const char *author, *mail, *subject;
	int64_t at;                     /* of the author, seconds since 1970 */
};
struct itsm_blame_entry {
	const char *field;              /* dotted name, "## Section", or "body" for text outside of sections */
	const char *text;               /* the field's value (lists and objects as JSON), or one line of the text */
	unsigned line;                  /* in the file */
	const struct itsm_blame_source *source;
};
struct itsm_blame {
	const char *id;
	const struct itsm_record *record;
	struct itsm_blame_entry *entries; /* the fields in the order of the file, then the lines */
	size_t count;
};
/*
 * The record in the work tree, or (`at`, or a bare repository) as committed. A field
 * goes to the newest commit that gave it the value it has, from the history in the index; lines go
 * where `git blame` says. All in the arena.
 */
ITSM_API int itsm_desk_blame(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at,
	struct itsm_blame *out, struct itsm_error *err);
/*
 * `itsm diff A..B` (B empty = HEAD; only A = A against the work tree; NULL =
 * HEAD against the work tree): per record, in order of path. `commit` is not set in the entries.
 */
ITSM_API int itsm_desk_diff(struct itsm_desk *desk, const char *range, const struct itsm_log_options *options,
	struct itsm_error *err);

/* `itsm status`: the desk at a glance. */
struct itsm_status_kind {
	const char *kind;
	size_t records, open;
};
struct itsm_status_file {
	const char *path, *id;   /* id NULL when the file is no record */
	const char *change;      /* "added", "changed", "removed": work tree against HEAD */
};
struct itsm_status_result {
	const char *name, *root, *branch; /* branch NULL = detached */
	struct itsm_oid head;
	struct itsm_status_kind *kinds; size_t kind_count;   /* those with records */
	struct itsm_status_file *files; size_t file_count;   /* not committed */
	size_t problems;                                     /* findings of severity error */
};
ITSM_API int itsm_desk_status(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_status_result *out,
	struct itsm_error *err);

/*
 * `itsm check`: everything in the work tree (range NULL), or what a proposal
 * BASE..HEAD changes, judged with the kinds of BASE: findings on the records it
 * touches, illegal transitions, unmet guards of the states entered, changed
 * immutable fields, removed records, broken references to what it removes.
 * Writes nothing. Findings are sorted. Returns ITSM_OK whatever was found.
 */
ITSM_API int itsm_desk_check(struct itsm_desk *desk, const char *range, struct itsm_findings *findings,
	struct itsm_error *err);
/* Everything in the desk as committed at a revision or moment (see itsm_desk_view), judged by the kinds of today. */
ITSM_API int itsm_desk_check_at(struct itsm_desk *desk, const char *at, struct itsm_findings *findings,
	struct itsm_error *err);
/* Markdown text that documents a rule, or ITSM_ENOTFOUND naming near ones. */
ITSM_API int itsm_desk_explain(struct itsm_desk *desk, const char *rule, struct itsm_buffer *out, struct itsm_error *err);
/* Every rule name there is, sorted, in the arena. */
ITSM_API int itsm_desk_rules(struct itsm_desk *desk, struct itsm_arena *arena, const char ***names, size_t *count,
	struct itsm_error *err);

#endif
