/*
 * The index: SQLite over the records. Derived, disposable, never asked about
 * what it cannot know: a file that changed is read again, and when in doubt
 * the whole is built anew without a word.
 *
 * One database per work tree, <git dir>/itsm/index-v<N>.db. Rows are keyed by
 * the content (git blob name), so that the snapshots share them:
 *
 *   WORK   the files in the work tree, valid by a scan with a racy-clean rule
 *   HEAD   the desk as committed at HEAD, brought along by comparing trees
 *   AT     the desk at any one revision, for this process
 *
 * The SQL views, all over the snapshot that itsm_index_use chose:
 *
 *   <kind>   one per kind: id, path, state, is_open (0/1), title, then a column per field
 *            (itsm_field.column; times are RFC 3339 in UTC, booleans 0/1, durations
 *            seconds, lists and free YAML are JSON); for parts also `record`, the owner's ID;
 *            the id of a part is <owner>/<folder>/<name>: CHG-4k7q2m8d/approvals/jane
 *   record   every record: id, kind, pillar, path, state, is_open, title, record (of a part, else NULL)
 *   link     source, source_kind, relation, target: every reference, in record order
 *   section  id, name, filled (0/1)
 *   finding  id, path, rule, severity, line, column, message, remedy: what the schema finds
 *   sla      a row for each service-level clock, computed when it is read: see itsm/clock.h
 *   commit_log  commit_id, at, author, mail, subject, body   } filled by
 *   touch    commit_id, id, path, change (added|changed|removed)  } itsm_index_history
 *   change_event  commit_id, at, author, mail, id, kind, record (the owner of a part), path, change (as in   }
 *            touch), field, old, new: a row for each field a commit changed, values as the record has }
 *            them, lists as JSON, "## Plan" for a section; texts over 512 bytes are NULL. What was added  }
 *            or removed is one row, with its state where it has one (field 'state', new or old).     }
 *            What a merge took over from a parent is no change of the merge's.                        }
 *
 * itsm/sql.h tells them all with their columns.
 *
 * impact(root) and impact(root, direction) is a table: what fails when the record `root` fails, or (direction 'up')
 * what it rests on; root may be a JSON list of IDs. Columns id, kind, title, state, depth (0 for root itself), via (the ID
 * before it on the way), relation, alone (1, 0 or NULL; see itsm/impact.h). It is read once, however often it is asked.
 *
 * Functions for SQL: now() the moment of the command as RFC 3339 in UTC;
 * moment(text) a relative time ("-7d", "today") as the same; duration(text)
 * seconds; filled(section) 1 when that section of the record under judgement
 * has content; slug(text); priority(matrix, row, column) what a table (a record of the kind matrix, else
 * a built-in one, see itsm/matrix.h) has there, counted from 1, or NULL; business_seconds(calendar, start, end) and
 * business_add(calendar, start, seconds), by the ID of a calendar (NULL: always open; an error where there is none
 * such or it has no hours); freeze(strength, items, services, start, end) the first freeze ('hard', 'soft', 'any') in
 * the way of work, in words, or NULL, and window_miss(items, services, start, end) how it is outside of its
 * maintenance windows (see itsm/plan.h); calendar_faults() the calendars that cannot be computed, for a year from now on, as a
 * JSON list of {id, path, message}, the ID of an .ics file being null; collisions() what of the
 * changes that are scheduled or carried out is in each other's way (itsm/collision.h, three steps of dependence), as a
 * JSON list of {id, with, reason, about}, each pair from both sides;
 * class_lacks('required' | 'recommended' [, 'built-in']) the attributes that the item called `self` lacks by its class
 * (itsm/class.h), with blanks between, or NULL; built-in classes count with the second word only;
 * computed_risk([kind]) the level that the policy's risk model gives the row
 * called `self`, NULL without one; risk_rank(level [, kind]) the level's place among those of the model, from 1.
 *
 * SQL given by users, guards and checks runs under an authoriser that lets it
 * read these views and call these functions only, and within bounds of time
 * (virtual machine steps), memory and rows.
 */
#ifndef ITSM_INDEX_H
#define ITSM_INDEX_H

#include "itsm/calendar.h"
#include "itsm/class.h"
#include "itsm/finding.h"
#include "itsm/impact.h"
#include "itsm/kind.h"
#include "itsm/record.h"
#include "itsm/risk.h"
#include "itsm/store.h"

#define ITSM_INDEX_FORMAT 4

struct itsm_index;

struct itsm_index_options {
	const struct itsm_kinds *kinds; /* borrowed, outlives the index */
	const struct itsm_place *place; /* borrowed, outlives the index */
	bool memory;                    /* in memory only: for judging with other kinds than the desk's own */
	int64_t now;                    /* seconds since 1970 */
	/* Called now and then during long work, `total` 0 when unknown; may be NULL. */
	void (*progress)(void *context, const char *what, size_t done, size_t total);
	void *progress_context;
	/* Opens the repository when first needed: asked once, kept by the caller. */
	int (*repository)(void *context, struct itsm_repo **out, struct itsm_error *err);
	void *repository_context;
	/* The risk models for SQL that asks for them, where none were set: called once, the index frees them; may be NULL. */
	int (*risks)(void *context, struct itsm_risks **out, struct itsm_error *err);
	void *risks_context;
	/* The classes of items likewise. */
	int (*classes)(void *context, struct itsm_classes **out, struct itsm_error *err);
	void *classes_context;
};

enum itsm_snapshot {
	ITSM_SNAPSHOT_WORK,
	ITSM_SNAPSHOT_HEAD,
	ITSM_SNAPSHOT_AT,
};

/*
 * Open the place's index, or begin one; where the file cannot be written the
 * index is built in memory. Another format, another set of kinds or a damaged
 * file: begun anew.
 */
ITSM_API int itsm_index_open(const struct itsm_index_options *options, struct itsm_index **out, struct itsm_error *err);
ITSM_API void itsm_index_free(struct itsm_index *index);
/* What now() says from here on: a step of the past is judged at its own moment. */
ITSM_API void itsm_index_set_now(struct itsm_index *index, int64_t now);
/* The risk models that computed_risk() goes by from here on; they are kept (itsm_risks_keep). */
ITSM_API void itsm_index_set_risks(struct itsm_index *index, struct itsm_risks *risks);
/* The classes that class_lacks() goes by from here on; they are kept (itsm_classes_keep). */
ITSM_API void itsm_index_set_classes(struct itsm_index *index, struct itsm_classes *classes);

/* Make WORK true: scan the work tree, read what changed. */
ITSM_API int itsm_index_refresh_work(struct itsm_index *index, struct itsm_error *err);
/* Make HEAD true for this commit (zero: nothing is committed). */
ITSM_API int itsm_index_refresh_head(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err);
/* Make AT the desk at this commit. */
ITSM_API int itsm_index_load_at(struct itsm_index *index, const struct itsm_oid *commit, struct itsm_error *err);
/*
 * Make commit_log, touch, change_event and the versions true up to this commit: only what is
 * missing is read, and what does not lead there is taken out. SQL that names one of these views does it by itself,
 * up to the commit of the snapshot in use (HEAD for WORK). On an index that holds nothing yet this
 * comes before itsm_index_refresh_head, which then has nothing left to read.
 */
ITSM_API int itsm_index_history(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err);
/* Has it ever been asked for? Then AT is a lookup for all commits of the mainline, and bringing it along is cheap. */
ITSM_API bool itsm_index_has_history(struct itsm_index *index);
/*
 * The mainline is the chain of first parents of the commit that history was brought to. 1 and the
 * commit, 0, or negative. By a moment: the newest that was committed not after it; when there is none `first` gets
 * the moment of the first one. By steps back from its end. By its name.
 */
ITSM_API int itsm_index_mainline_at(struct itsm_index *index, int64_t moment, struct itsm_oid *commit, int64_t *first,
	struct itsm_error *err);
ITSM_API int itsm_index_mainline_back(struct itsm_index *index, uint64_t steps, struct itsm_oid *commit,
	struct itsm_error *err);
ITSM_API int itsm_index_on_mainline(struct itsm_index *index, const struct itsm_oid *commit, struct itsm_error *err);
/* Where on the mainline it is, from 1; 0 when it is not on it. */
ITSM_API int itsm_index_landing(struct itsm_index *index, const struct itsm_oid *commit, int64_t *position,
	struct itsm_error *err);
/* Which snapshot the views show from now on. */
ITSM_API int itsm_index_use(struct itsm_index *index, enum itsm_snapshot snapshot, struct itsm_error *err);

/* A record as the index knows it. */
struct itsm_hit {
	const char *id;           /* as the command line takes it: of a part <owner>/<folder>/<id> */
	const char *kind, *path, *title;
	const char *state;        /* NULL for a kind without states */
	const char *record;       /* the owner of a part, else NULL */
	struct itsm_oid blob;     /* zero for a link and other files whose content was not read */
};

/*
 * Find the record that a word of the command line means, in the snapshot in
 * use: the exact ID, else a unique prefix of an ID with or without the kind's
 * prefix, in any case; or its path. Parts are found as <owner>/<folder>/<id>, those
 * with a random ID by that alone too, files in a record's place that cannot be read just as others. Texts in the arena.
 * ITSM_ENOTFOUND; ITSM_EAMBIGUOUS names up to 10 candidates. `kind` narrows it (NULL = any).
 */
ITSM_API int itsm_index_find(struct itsm_index *index, struct itsm_arena *arena, const char *word, const char *kind,
	struct itsm_hit *out, struct itsm_error *err);

/*
 * The fast way for one exact ID in WORK without a scan: true when the index
 * knows it and its file is unchanged by stat; false means nothing.
 */
ITSM_API bool itsm_index_peek(struct itsm_index *index, struct itsm_arena *arena, const char *id, struct itsm_hit *out);

/* The parts of the record (exact ID) in the snapshot in use, wherever they lie, in order of path. In the arena. */
ITSM_API int itsm_index_parts(struct itsm_index *index, struct itsm_arena *arena, const char *id, struct itsm_hit **out,
	size_t *count, struct itsm_error *err);

/*
 * Does the work tree hold this content at this path, as far as the index and the file's stat tell? Then its
 * file need not be read from the repository; false means nothing. No scan is made.
 */
ITSM_API bool itsm_index_in_work_tree(struct itsm_index *index, const char *path, const struct itsm_oid *blob);

struct itsm_query;

/* A read-only statement; `values` bind ?1, ?2 ... Refused SQL is ITSM_EUSAGE with SQLite's words. */
ITSM_API int itsm_query_open(struct itsm_index *index, const char *sql, const struct itsm_value *values, size_t count,
	struct itsm_query **out, struct itsm_error *err);
/* 1 for a row, 0 at the end, or negative. */
ITSM_API int itsm_query_next(struct itsm_query *query, struct itsm_error *err);
ITSM_API size_t itsm_query_column_count(const struct itsm_query *query);
ITSM_API const char *itsm_query_column_name(const struct itsm_query *query, size_t column);
/*
 * The value in the current row, borrowed until the next call. Columns of a
 * list have the type their field has (times, booleans, JSON); those of other SQL that of SQLite.
 */
ITSM_API struct itsm_value itsm_query_value(const struct itsm_query *query, size_t column);
ITSM_API void itsm_query_free(struct itsm_query *query);

/*
 * Documents from outside, as the table `discovered` (file, number, value) that SQL may read beside the views
 * until the index is closed: to compare what a source has found with the records. itsm_index_lend begins an
 * empty one, in memory. ITSM_EDATA when the desk has a kind of that name.
 */
struct itsm_lent {
	const char *file;
	int64_t number;           /* of the document in the file, from 1 */
	const char *value;        /* JSON */
	size_t size;
};
ITSM_API int itsm_index_lend(struct itsm_index *index, struct itsm_error *err);
ITSM_API int itsm_index_lend_row(struct itsm_index *index, const struct itsm_lent *row, struct itsm_error *err);

struct itsm_list_options {
	const char *kind;          /* NULL = every kind (columns of the view `record`) */
	const char *const *words;  /* qualifiers and free words */
	size_t word_count;
	/* "opened", "-priority", several with commas; NULL: newest first by `opened` where the kind has it, else by id */
	const char *sort;
	const char *columns;       /* with commas; NULL = the kind's usual ones */
	const char *group_by;      /* column: rows become (value, count) */
	int64_t limit;             /* 0 = all */
	bool parts;                /* without kind: notes and approvals too */
};

/*
 * `itsm list`: qualifiers to SQL.
 *   state:open        any open state           state:closed   any that is not
 *   field:value       equal; on lists: has it; on text fields case-insensitive
 *   field:a,b         any of them
 *   field:>=value     also > < <= ; times take relative ones (opened:>-7d)
 *   field:2026-11..2026-12     from..to, both ends counted, either may be left out; dates stand for whole days
 *                     (months, years)
 *   field:none field:any       has no value, has one
 *   field:tex*        on text fields: `*` for any text
 *   -field:value      not
 *   id:, title:, kind:, path:, record: work on every kind
 *   word              in the title or ID, case-insensitive; "several words" as one
 * An unknown field or value of an enum is ITSM_EUSAGE and names the ones there are.
 */
ITSM_API int itsm_index_list(struct itsm_index *index, const struct itsm_list_options *options, struct itsm_query **out,
	struct itsm_error *err);

struct itsm_search_options {
	const char *kind;          /* NULL = every kind */
	const char *const *words;  /* what to look for, and qualifiers */
	size_t word_count;
	int64_t limit;             /* 0 = all */
	bool parts;                /* notes, approvals ... as results of their own */
	bool hidden;               /* those too that their kind hides (hidden_when): articles that expired */
};

/* A place in `excerpt`, in bytes. */
struct itsm_mark {
	size_t start, end;
};

struct itsm_found {
	const char *id, *kind, *path, *title;
	const char *state;         /* NULL for a kind without states */
	const char *part;          /* where the words are, when in a part of the record: <owner>/<folder>/<id>; else NULL */
	double score;              /* the higher the better; of one search only */
	const char *excerpt;       /* one line around what was found, raw text of the record; NULL when it is not to be had */
	struct itsm_mark *marks;   /* what was found, in order */
	size_t mark_count;
};

/*
 * `itsm search`: the records of the snapshot in use whose text has the words, the best first, then what changed last.
 * The text is the title, the texts of the fields (not numbers, times, enums and states) and the body, without comments
 * and the headings that the kind asks for. Case and accents do not matter.
 *   word word         both, anywhere in the same file
 *   "word word"       next to each other; so does one item of `words` that has blanks
 *   word*             words that begin so
 *   word OR word      one of them
 *   -word             not that word
 *   field:value       as in itsm_index_list; so is the kind
 * Text found in a part makes its record a result, once, and the qualifiers are asked of the record; where the kind is
 * one of parts, or `parts` or `record:` are given, parts are results. A single word that is an ID finds its record
 * first. What its kind hides is left out, but for the one whose ID was given. The text is brought along before: the first search takes long. No words, too many (64, 2000 bytes) or some that
 * nothing could have are ITSM_EUSAGE.
 * Results are in the arena.
 */
ITSM_API int itsm_index_search(struct itsm_index *index, struct itsm_arena *arena,
	const struct itsm_search_options *options, struct itsm_found **out, size_t *count, struct itsm_error *err);

/* Was the full text brought along before, so that another search is quick? */
ITSM_API bool itsm_index_has_text(struct itsm_index *index);

/*
 * Judge a change before it is committed: begin a transaction in which HEAD (AT, where that is in use)
 * shows these bytes at this path (NULL text = removed), and whose `record` under judgement
 * it is. Several may follow. Nothing else sees it. End with itsm_index_settle.
 */
ITSM_API int itsm_index_propose(struct itsm_index *index, const char *path, const char *text, size_t size,
	struct itsm_error *err);
/* Is something proposed that is neither kept nor forgotten yet? */
ITSM_API bool itsm_index_is_proposing(const struct itsm_index *index);
/* Keep what was proposed as the state at `head`, or (NULL) forget it. */
ITSM_API int itsm_index_settle(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err);
/*
 * Is an SQL expression true for the record at `path` (or of this ID; bound as `self`, a row of its
 * kind's view in the snapshot in use)? `truth`: 1 true, 0 false, -1 NULL.
 */
ITSM_API int itsm_index_judge(struct itsm_index *index, const struct itsm_kind *kind, const char *path,
	const char *expression, int *truth, struct itsm_error *err);
/*
 * What an SQL expression gives for the record at `path` (as above), as text in the arena; NULL in `out` for NULL.
 */
ITSM_API int itsm_index_evaluate(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_kind *kind,
	const char *path, const char *expression, const char **out, struct itsm_error *err);

/*
 * The calendars of the snapshot in use by ID: those of records, and .ics files in policy/calendars that no record
 * names. Borrowed until the snapshot changes or is refreshed. Fails when one of them can't be read or compiled: what
 * would be wrong may be a freeze.
 */
ITSM_API int itsm_index_calendars(struct itsm_index *index, struct itsm_calendar *const **out, size_t *count,
	struct itsm_error *err);

/*
 * Would this SQL expression compile for the kind? Used for guards and checks
 * of a desk's own kinds, and by tests for the built-in ones.
 */
ITSM_API int itsm_index_compile(struct itsm_index *index, const struct itsm_kind *kind, const char *expression,
	struct itsm_error *err);

/* What SQL finds for a risk model. In the arena. */
struct itsm_risk_found {
	struct itsm_risk_facts facts;
	const char **inputs;            /* of each, as text, or NULL */
	const char *declared;           /* or NULL */
};
/* Ask a model's questions of the record at `path` of its kind in the snapshot in use. */
ITSM_API int itsm_index_risk(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_risk_model *model,
	const char *path, struct itsm_risk_found *out, struct itsm_error *err);
/* Do all expressions of the model compile? ITSM_EUSAGE names the one that does not. */
ITSM_API int itsm_index_risk_compile(struct itsm_index *index, const struct itsm_risk_model *model, struct itsm_error *err);

/*
 * The records of a kind in one of `states` (NULL = any) for which `when` (NULL = all) is true and `must` (NULL: all
 * of them) is not, in order of path. Both are expressions over `self`, as of itsm_index_judge. The callback may use
 * the index; it returns 0 to go on, anything else is the result.
 */
ITSM_API int itsm_index_select(struct itsm_index *index, const struct itsm_kind *kind, const char *const *states,
	const char *when, const char *must, int (*callback)(void *context, const char *path), void *context,
	struct itsm_error *err);

/*
 * Findings in the snapshot in use: what the schema finds (from the index),
 * duplicate IDs ("id/duplicate"), references to nothing or to the wrong kind
 * ("reference/missing", "reference/kind"), repeated unique fields
 * ("schema/unique"), and the kinds' checks ("check/<kind>/<name>"), with the
 * position of the field. `path` (or an ID) narrows to one file (its problems, references, checks, its ID's
 * duplicates; also a file that can't be read or is misplaced), NULL = all.
 */
ITSM_API int itsm_index_check(struct itsm_index *index, const char *path, struct itsm_findings *findings,
	struct itsm_error *err);
/*
 * The same narrowed to many files, of which each path must be exact: one pass for all, however many. Without
 * `positions` what needs the files to be read once more for it has none.
 */
ITSM_API int itsm_index_check_paths(struct itsm_index *index, const char *const *paths, size_t count, bool positions,
	struct itsm_findings *findings, struct itsm_error *err);

/* A record that is a node of the graph of itsm/impact.h. All NULL for what is named but not there. */
struct itsm_impact_record {
	const char *title, *state, *path; /* state NULL for a kind without states */
	bool open;
};
/* Who answers for a node. */
struct itsm_impact_owner {
	const char *id;
	unsigned relation;
};
/*
 * The graph of the desk, from the fields of the kinds that have an `impact`. Nodes are the records of the kinds that have,
 * or are named by, such fields. What is in a state that is not open takes no part: it fails of nothing, and carries
 * nothing.
 */
struct itsm_impact_map {
	struct itsm_impact_graph *graph;
	const struct itsm_impact_record *records; /* by node */
	const struct itsm_field *const *relations; /* by number */
	size_t relation_count;
	const struct itsm_impact_owner *owners; /* of node n: from owner_start[n] to before owner_start[n + 1] */
	const uint32_t *owner_start;
	struct itsm_arena *arena;      /* owns it all but the graph; relations are the kinds' */
};
/* Of the snapshot in use. Free with itsm_impact_map_free. */
ITSM_API int itsm_index_impact(struct itsm_index *index, struct itsm_impact_map **out, struct itsm_error *err);
ITSM_API void itsm_impact_map_free(struct itsm_impact_map *map);

/* An open record that is about nodes: a change, an agreement ... */
struct itsm_impact_touched {
	const char *id, *kind, *title, *state;
	const uint32_t *nodes;         /* those it names of the ones asked for, each once */
	size_t count;
};
/*
 * Every open record of the snapshot in use that names one of the nodes for which wanted[node] is true in a field with
 * `impact: about`, in order of kind, then ID. In the arena.
 */
ITSM_API int itsm_index_impact_touched(struct itsm_index *index, struct itsm_arena *arena,
	const struct itsm_impact_map *map, const bool *wanted, struct itsm_impact_touched **out, size_t *count,
	struct itsm_error *err);

/* One commit that touched a record, newest first. A blob is zero where it was absent, or is no file that was read. */
struct itsm_touch {
	struct itsm_commit commit; /* parents are not set */
	const char *path;
	struct itsm_oid old_blob, new_blob;
	bool added, removed;
	/*
	 * What it changed, as itsm_record_compare says it of the two contents; of a merge what none of
	 * its parents had. Nothing for what was added or removed. When `cut`, texts of more than 512
	 * bytes are left out (both NULL): the contents have them.
	 */
	const struct itsm_difference *differences;
	size_t count;
	bool cut;
};
/*
 * After itsm_index_history. `id`: that record and its parts, or <owner>/<folder>/<id> for one part; NULL = every
 * record. `limit` 0 = all touches. Return non-zero to stop: that is ITSM_OK too.
 */
ITSM_API int itsm_index_touches(struct itsm_index *index, const char *id, size_t limit,
	int (*callback)(void *context, const struct itsm_touch *touch), void *context, struct itsm_error *err);

/* What the index knows. Counts are of rows; commits are zero where nothing is known. */
struct itsm_index_status {
	const char *path;              /* of the file */
	const char *trouble;           /* why there is a copy in memory in its place; NULL = the file is in use */
	int format;
	const char *kinds;             /* digest of the kinds it was made for */
	int64_t bytes, log_bytes;      /* of the file, and of its write-ahead log */
	int64_t work_files, head_files; /* records and parts in the snapshots */
	int64_t versions;              /* different contents of records */
	int64_t commits, touches;      /* of history */
	struct itsm_oid head, history; /* what HEAD, and history, are true for */
	bool work;                     /* the work tree has been looked at */
};
/* Where the index of a place is, whether there is one or not. */
ITSM_API const char *itsm_index_path(struct itsm_arena *arena, const struct itsm_place *place);
/* Nothing is refreshed for it. Texts in the arena. */
ITSM_API int itsm_index_tell(struct itsm_index *index, struct itsm_arena *arena, struct itsm_index_status *out,
	struct itsm_error *err);
/*
 * Build everything anew from the files and the repository, history of `head` included, in one
 * transaction: others see the old until it is done. ITSM_EINDEX when the file cannot be written.
 */
ITSM_API int itsm_index_rebuild(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err);

struct itsm_examination {
	size_t limit;                  /* tell so many differences; 0 = all */
	/* `where`: "file" (SQLite's own check), "work", "head"; missing: the index lacks the row, else it has it too much */
	void (*difference)(void *context, const char *where, bool missing, const char *row);
	void *context;
	size_t count;                  /* filled in: how many there are */
};
/*
 * Check the file as SQLite does, refresh, then compare each row of each view
 * with an index of the same desk built in memory. Takes as long as building one. ITSM_OK with `count` set.
 */
ITSM_API int itsm_index_examine(struct itsm_index *index, const struct itsm_oid *head,
	struct itsm_examination *examination, struct itsm_error *err);

/* Every row of every view of the snapshot in use, sorted, as text: two indexes of one desk must agree. For tests. */
ITSM_API int itsm_index_dump(struct itsm_index *index, struct itsm_buffer *out, struct itsm_error *err);

/* A commit of the trail. Texts and `parents` are borrowed until the callback returns. */
struct itsm_trail_commit {
	struct itsm_oid oid;
	const struct itsm_oid *parents;
	size_t parent_count;
	int64_t landed;          /* the first position of the mainline that has it in its history; 0 for none */
	const char *mail;        /* of the author */
	int64_t at;              /* author's time, seconds since 1970 */
	const char *committer_mail;
	int64_t committed;
	const char *subject, *body;
};
/* What it did to a file of a kind. Blobs are zero where there was, or is, no such content. */
struct itsm_trail_change {
	const char *path;
	struct itsm_oid old_blob, new_blob; /* old: of a merge's first parent */
	bool added, removed;
	const char *old_state, *new_state;  /* NULL for none, and for what is not readable */
};
struct itsm_trail {
	int (*on_commit)(void *context, const struct itsm_trail_commit *commit); /* after all its parents; non-zero stops */
	int (*on_change)(void *context, const struct itsm_trail_commit *commit, const struct itsm_trail_change *change);
	void *context;
};
/*
 * The whole history that itsm_index_history made true, oldest first, in one pass over the tables: nothing is read from
 * the repository. What a merge took over from a parent is no change of the merge's.
 */
ITSM_API int itsm_index_trail(struct itsm_index *index, const struct itsm_trail *trail, struct itsm_error *err);

#endif
