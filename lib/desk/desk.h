/* What the files of lib/desk share. */
#ifndef ITSM_LIB_DESK_H
#define ITSM_LIB_DESK_H

#include "itsm/desk.h"
#include "itsm/time.h"

#define DESK_FILE "itsm.yaml"
#define DESK_FORMAT 1
#define DESK_KINDS_FOLDER "policy/kinds"

struct itsm_review_file;

struct itsm_desk {
	struct itsm_arena *arena;
	struct itsm_desk_options options;
	struct itsm_place place;
	struct itsm_kinds *kinds;
	const struct itsm_yaml *config; /* itsm.yaml */
	struct itsm_repo *repo;         /* NULL until needed */
	struct itsm_index *index;       /* NULL until needed */
	const struct itsm_review_file *reviews; /* given along by the user */
	size_t review_count;
	struct signature_proofs *proofs; /* NULL until needed; signature_proof.c */
	bool prove_anew;                /* an audit: believe no proof of an earlier process */
	int root;                       /* descriptor of the desk's folder, -1 in a bare repository */
};

void itsm_desk_progress(struct itsm_desk *desk, const char *what, size_t done, size_t total);

/* What itsm.yaml says; ITSM_EDATA when it is none of a desk that this program reads. */
int desk_read_config(struct itsm_arena *arena, const struct itsm_buffer *text, struct itsm_yaml **out, struct itsm_error *err);

/* Kinds as a revision has them, for judging with the policy of the base. Free with itsm_kinds_free. */
int itsm_desk_kinds_at(struct itsm_desk *desk, const struct itsm_oid *commit, struct itsm_kinds **out,
	struct itsm_error *err);

/* A folder of the policy, and what counts in it. */
struct desk_folder {
	const char *path;           /* "policy/kinds" */
	const char *const *endings; /* of its files, NULL-terminated */
	const char *plain;          /* why a link is refused: "a kind is a plain file" */
	size_t bytes, most;         /* of a file, and how many files (0: any number) at the most */
};
/* A file of it; all is borrowed until it returns. */
typedef int (*desk_folder_add)(void *context, const char *path, const char *text, size_t size, struct itsm_error *err);
/* folder.c: each file as a commit has it (zero: none), or (NULL) as the work tree has it, in order. No such folder: no files. */
int desk_folder_read(struct itsm_desk *desk, const struct desk_folder *folder, const struct itsm_oid *commit, desk_folder_add on_file,
	void *context, struct itsm_error *err);
/* The work tree's, or HEAD's where there is none. */
int desk_folder_read_here(struct itsm_desk *desk, const struct desk_folder *folder, desk_folder_add on_file, void *context,
	struct itsm_error *err);

/* The index without a refresh, for those who refresh what they need. */
int itsm_desk_index(struct itsm_desk *desk, struct itsm_index **out, struct itsm_error *err);

/* HEAD's commit (zero when unborn) and the index's HEAD snapshot made true and in use. */
int itsm_desk_view_head(struct itsm_desk *desk, struct itsm_index **index, struct itsm_oid *head, struct itsm_error *err);

/* revision.c: the commit that --at means. ITSM_ENOTFOUND, ITSM_EUSAGE for a moment there is not. */
int desk_resolve(struct itsm_desk *desk, const char *at, struct itsm_oid *commit, struct itsm_error *err);
/*
 * The moment that --at means: the last second of a day or month, that of a commit for a revision, now for NULL and HEAD. It may
 * be yet to come.
 */
int desk_moment_of(struct itsm_desk *desk, const char *at, int64_t *out, struct itsm_error *err);
/* baseline.c: any revision git understands, else the baseline of that name. */
int desk_resolve_name(struct itsm_desk *desk, const char *name, struct itsm_oid *commit, struct itsm_error *err);
/* The index with the desk at that commit in use. */
int desk_view_revision(struct itsm_desk *desk, const char *at, struct itsm_index **out, struct itsm_error *err);
/* The same, with history true up to there (`at` NULL = HEAD). */
int desk_view_history(struct itsm_desk *desk, const char *at, struct itsm_index **out, struct itsm_error *err);

/* The moment of this desk's doings as records hold it, in the user's offset. */
void itsm_desk_now_text(const struct itsm_desk *desk, char text[ITSM_TIME_TEXT]);

/* Read the record a blob holds. NULL in `out` with its findings when it can't be read as one. */
int itsm_desk_read_blob(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_kinds *kinds, const char *path,
	const struct itsm_oid *blob, struct itsm_record **out, struct itsm_findings *findings, struct itsm_error *err);

/*
 * A write in the making: one attempt. `make` is called with it, reads the
 * record it wants from `index` (HEAD in use), puts files and adds findings.
 */
struct desk_change {
	struct itsm_desk *desk;
	struct itsm_arena *arena;       /* of this attempt */
	struct itsm_index *index;
	struct itsm_write *write;       /* NULL when only looking */
	struct itsm_outcome *outcome;
	const char *identity_name, *identity_mail;
	const char *person;             /* what desk_change_person has found */
	bool person_known;
	struct itsm_buffer subject;     /* of the commit */
	struct itsm_buffer trailers;    /* "Itsm-...: ...\n" lines */
	const char *message;            /* the user's text, or NULL */
	const struct itsm_record *judged; /* the committed record it is about, or NULL */
	size_t files;                   /* put so far */
	bool looked;                    /* into the work tree, for a record that is not committed */
	struct desk_policy *policy;     /* of what the write stands on; NULL until asked for */
	bool unindexed;                 /* a file was put that the index was not told of: it looks for itself next time */
};

typedef int (*desk_change_make)(struct desk_change *change, void *context, struct itsm_error *err);

/* Run `make` and commit, again from the start while others are faster. */
int desk_change_run(struct itsm_desk *desk, desk_change_make make, void *context, const char *message,
	struct itsm_outcome *outcome, struct itsm_error *err);

/* Run `make` to see what would be: no lock, nothing is kept. */
int desk_change_look(struct itsm_desk *desk, desk_change_make make, void *context, struct itsm_outcome *outcome,
	struct itsm_error *err);

/* ID of the person with the mail address of who writes, or NULL. Looked for when first asked, for most never ask. */
const char *desk_change_person(struct desk_change *change);
/* The committed record that a word means. Not committed yet is an error that says so. */
int desk_change_record(struct desk_change *change, const char *word, struct itsm_record **out, struct itsm_error *err);
/*
 * The committed records that the words mean, in order of path, each once. Of several, those that
 * can't be had are findings; the only one is an error.
 */
int desk_change_records(struct desk_change *change, struct itsm_words ids, struct itsm_record ***out, size_t *count,
	struct itsm_error *err);
/*
 * Put the new text of a record (old NULL = a new one) and judge it: findings
 * that the old text did not have already go to the outcome. `record` gets it parsed; NULL when it can't be.
 */
int desk_change_put(struct desk_change *change, const struct itsm_record *old_record, const char *path, const char *text,
	size_t size, struct itsm_record **record, struct itsm_error *err);
/* One of many: as the words of desk_change_put say. */
struct desk_put {
	const struct itsm_record *old_record;
	const char *path, *text;
	size_t size;
	struct itsm_words given;    /* what the user said: a field that is given, be it nothing, is not filled in */
	struct itsm_record *record; /* out */
	bool changed;               /* out: it is another text than before */
};
/* The record's text with the edits made and in `state` (NULL: the one it is in), in `put`. */
int desk_change_edit(struct desk_change *change, const struct itsm_record *record, const struct itsm_edit *edits, size_t count,
	const char *state, struct desk_put *put, struct itsm_error *err);
int desk_change_put_all(struct desk_change *change, struct desk_put *puts, size_t count, struct itsm_error *err);
/*
 * derive.c: fill what the kind computes into a text that is to be put: `default_from` and `computed` of a new record,
 * `computed` of one whose fields that it follows change. Proposes the text; `put->record` is read anew then.
 */
int desk_derive(struct desk_change *change, struct desk_put *put, struct itsm_error *err);
/* Who makes a record: the person of people/, or (person NULL) as git or a mail names them. */
struct desk_author {
	const char *person, *name, *mail;
};
/*
 * new.c: the desk's own defaults for the kind (itsm.yaml), then those that depend on the moment or the user, behind the
 * edits of a new record that name other fields. `edits` has room for one more of each field. A default that can't be is ITSM_EDATA.
 */
int desk_new_defaults(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_kind *kind, const struct desk_author *who,
	bool guidance, struct itsm_edit *edits, size_t *count, struct itsm_error *err);
/* The text of a new record of this kind, its defaults filled in for whom it is made by. */
int desk_new_text(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_kind *kind,
	const struct itsm_new *request, const struct desk_author *who, bool guidance, struct itsm_buffer *out, struct itsm_error *err);
/* Begin the subject ("INC-1", "20 records"), and write the trailers and the outcome, of those that changed. */
void desk_change_told(struct desk_change *change, const struct desk_put *puts, size_t count, const char *action);
/* Put or remove any file of the desk, without judging it. */
int desk_change_put_file(struct desk_change *change, const char *path, const struct itsm_buffer *text, struct itsm_error *err);
int desk_change_remove_file(struct desk_change *change, const char *path, struct itsm_error *err);
/* Add to the outcome what a change brings: the findings that were not there before. Both lists are sorted. */
void desk_change_add_new(struct itsm_outcome *outcome, struct itsm_findings *before, struct itsm_findings *after);
/* Add a finding about a record. */
void desk_change_refuse(struct desk_change *change, const struct itsm_record *record, const char *rule, const char *field,
	const char *remedy, const char *format, ...) __attribute__((format(printf, 6, 7)));
void desk_change_trailer(struct desk_change *change, const char *name, const char *value);
/*
 * Parse the words into edits of the kind, "record" and "id" left out. References
 * may be abbreviated as IDs elsewhere where an index (HEAD in use) is given.
 */
int desk_change_edits(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_kind *kind, struct itsm_words words,
	struct itsm_edit **edits, size_t *count, struct itsm_error *err);
/* The value of `name=value` among the words, or NULL. */
const char *desk_word(struct itsm_arena *arena, struct itsm_words words, const char *name);
/* One more edit that sets a scalar. `edits` has room. */
void desk_edit_set(struct itsm_arena *arena, struct itsm_edit *edit, const char *field, const char *value, bool text);
/* A field that is immutable and had a value keeps it; one that is immutable in a state stays as it is from there on. */
void desk_judge_immutable(const struct itsm_record *before, const struct itsm_record *after, struct itsm_findings *findings);
/* The latter alone, of a record that comes from one of several: what it has from any of them is not changed. */
void desk_judge_fixed(const struct itsm_record *const *befores, size_t count, const struct itsm_record *after,
	struct itsm_findings *findings);
/* Does it begin in a state in which its kind begins? Things, filed by their name, may begin in any. */
void desk_judge_initial(const struct itsm_record *record, struct itsm_findings *findings);
/* Judge every guard that binds on entering the record's state; `from` NULL = it is new. */
int desk_judge_guards(struct itsm_index *index, const struct itsm_kind *kind, const struct itsm_record *record,
	const char *from, struct itsm_findings *findings, struct itsm_error *err);
/*
 * Guards, and the policy at what the write stands on: for a record that enters its state. Waivers of that
 * commit count. `from` NULL = it is new.
 */
int desk_change_judge(struct desk_change *change, const struct itsm_record *record, const char *from, struct itsm_error *err);
/* Judge the step itself: is there a transition, and does its `when` hold? */
int desk_judge_step(struct itsm_index *index, const struct itsm_kind *kind, const struct itsm_record *record,
	const char *from, struct itsm_findings *findings, struct itsm_error *err);
/* The ID by which the desk speaks of a record: that of a part with its owner's. */
const char *desk_record_id(struct itsm_arena *arena, const struct itsm_record *record);
/* "a" or "an", as a kind's name wants it. */
const char *desk_a(const char *kind);
/* A finding on a record's field (NULL = the file). */
void desk_finding(struct itsm_findings *findings, const struct itsm_record *record, const char *field, const char *rule,
	const char *remedy, const char *format, ...) __attribute__((format(printf, 6, 7)));

#endif
