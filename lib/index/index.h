/*
 * What the files of lib/index share.
 *
 * A call of the API that touches the file runs inside itsm_index_attempt: when
 * SQLite says that the file is damaged the index is begun anew, when it cannot
 * be written or locked it goes on as a copy in memory, and the call runs again.
 * So inner functions return ITSM_EINDEX with `trouble` set and think no further.
 */
#ifndef ITSM_LIB_INDEX_H
#define ITSM_LIB_INDEX_H

#include <sqlite3.h>
#include <sys/stat.h>

#include "itsm/index.h"
#include "itsm/sql.h"

#define INDEX_PATH_MAX 4096
#define INDEX_SNAPSHOTS 3

/* Every statement of our own, kept prepared. Their texts are in database.c. */
enum index_sql {
	SQL_META_GET,
	SQL_META_SET,
	SQL_CONTENT_FIND,
	SQL_CONTENT_INSERT,
	SQL_REFERENCE_INSERT,
	SQL_FINDING_INSERT,
	SQL_ENTRY_FIND,
	SQL_ENTRY_DELETE,
	SQL_ENTRY_INSERT,
	SQL_LOOSE_INSERT,
	SQL_UNIT_SET,
	SQL_UNIT_DELETE,
	SQL_FILLED,
	SQL_MATRIX,
	SQL_MATRIX_CELL,
	SQL_RECORD_KIND,
	SQL_FIND,
	SQL_PREFIXES,
	SQL_COMMIT_INSERT,
	SQL_PATH_FIND,
	SQL_PATH_INSERT,
	SQL_TOUCH_INSERT,
	SQL_EVENT_INSERT,
	SQL_EVENTS,
	SQL_COMMIT_FIND,
	SQL_COMMIT_LAND,
	SQL_PARENTS,
	SQL_MAINLINE_INSERT,
	SQL_STEP_INSERT,
	SQL_LENT_INSERT,
	SQL_COUNT,
};

struct index_bounds;
struct index_calendars;
struct index_impact;
struct index_clocks;
struct index_judgement;
struct index_risk_memo;
struct index_search;
struct index_shape;

struct index_proposal {
	struct index_proposal *next;
	const char *path, *text;
	size_t size;
};

struct itsm_index {
	struct itsm_index_options options;
	struct itsm_arena *arena;
	int64_t now;                    /* what now() says; nothing else goes by it */
	const char *path;               /* of the file */
	sqlite3 *db;
	struct itsm_repo *repo;         /* NULL until needed */
	bool memory;                    /* lives in memory only */
	bool bare_tables;               /* secondary indexes are yet to be made */
	bool filled;                    /* a kind's table was made in this transaction */
	bool proposing;
	bool pinned;                    /* a read transaction holds what the calls see */
	bool lost;                      /* begun anew: restore what was wanted */
	char epoch[24];                 /* tells one beginning of the database from the next */
	int depth;                      /* of write transactions */
	int wait;                       /* for a lock, in milliseconds */
	int log_pages;                  /* in the write-ahead log after the last commit */
	int trouble;                    /* SQLite's code of the last failure */
	char reason[256];               /* its words: why the index is in memory, when it is */
	enum itsm_snapshot snapshot;
	bool at_loaded;
	bool at_wanted, head_wanted, work_wanted, history_wanted;
	struct itsm_oid at, head, history;
	int64_t position;               /* AT is this position of the mainline; 0: it is a table of its own */
	char entries[320];              /* and this is what stands in for that table */
	struct itsm_arena *proposal_arena;
	struct index_proposal *proposals; /* the newest first: their text is in no repository yet */
	sqlite3_stmt *statements[SQL_COUNT][INDEX_SNAPSHOTS];
	sqlite3_stmt **kind_inserts;    /* by kind number */
	size_t kind_count;
	const char **kind_names;        /* by number; NULL until needed */
	struct index_shape *shapes;     /* of the kinds that were met */
	size_t shape_count;
	struct index_judgement *judgements;
	const char **views;             /* names of the TEMP views there are */
	size_t view_count, view_capacity;
	bool warm;                      /* the connection is ready for foreign SQL */
	bool lent;                      /* there is the TEMP table of itsm_index_lend */
	bool foreign;                   /* SQL of somebody else's is being prepared or run */
	struct index_bounds *bounds;    /* of that SQL while it runs */
	struct index_search *search;    /* NULL until needed */
	struct index_calendars *calendars; /* of the snapshot in use; NULL until needed */
	struct index_impact *impact;    /* the graph that SQL asked last; NULL until needed */
	int64_t undone;                 /* transactions that were rolled back */
	struct itsm_risks *risks;       /* NULL until set or asked for */
	struct itsm_classes *classes;   /* likewise */
	struct index_risk_memo *risk_memo; /* NULL until needed */
	const struct itsm_risk_model *fitted, *fitted_from; /* what this desk's kinds leave of a built-in one */
	struct index_clocks *clocks;    /* NULL until needed */
	int64_t shared;                 /* of a copy of the file in memory: the last content that is the file's too */
};

/* ---- database.c ---- */
int itsm_index_sql_error(struct itsm_index *index, struct itsm_error *err);
int itsm_index_execute(struct itsm_index *index, const char *sql, struct itsm_error *err);
int itsm_index_execute_format(struct itsm_index *index, struct itsm_error *err, const char *format, ...)
	__attribute__((format(printf, 3, 4)));
int itsm_index_prepare(struct itsm_index *index, const char *sql, sqlite3_stmt **out, struct itsm_error *err);
/* One of ours, reset and unbound, for a snapshot (0 where it does not matter). NULL on failure. */
sqlite3_stmt *itsm_index_statement(struct itsm_index *index, enum index_sql sql, enum itsm_snapshot snapshot,
	struct itsm_error *err);
/* 1 row, 0 done, negative. */
int itsm_index_step(struct itsm_index *index, sqlite3_stmt *statement, struct itsm_error *err);
/* Run a statement that gives no rows, and reset it. */
int itsm_index_run(struct itsm_index *index, sqlite3_stmt *statement, struct itsm_error *err);
/* Those that insert into the kinds' tables: a table that was made is none any more when its transaction is undone. */
void itsm_index_drop_inserts(struct itsm_index *index);
/* Give back statements that were prepared, so that the connection can go. */
void itsm_index_drop_statements(struct itsm_index *index);
/* Let all that follows see one state of the database, until the next write. */
int itsm_index_pin(struct itsm_index *index, struct itsm_error *err);
void itsm_index_unpin(struct itsm_index *index);
int itsm_index_begin(struct itsm_index *index, struct itsm_error *err);
int itsm_index_commit(struct itsm_index *index, struct itsm_error *err);
/*
 * Another number after each change of what SQL sees by this connection: what was made of it before is made anew. SQLite's own
 * count stays as it is when a transaction is rolled back.
 */
int64_t itsm_index_changes(const struct itsm_index *index);
void itsm_index_rollback(struct itsm_index *index);
/* Commit what was begun when `status` is 0, else take it back. Returns what became of it. */
int itsm_index_end(struct itsm_index *index, int status, struct itsm_error *err);
/* `value` gets text in the arena or NULL. */
int itsm_index_meta_get(struct itsm_index *index, const char *key, struct itsm_arena *arena, const char **value,
	struct itsm_error *err);
int itsm_index_meta_set(struct itsm_index *index, const char *key, const char *value, struct itsm_error *err);
/* What to select entries from: a table, or a SELECT in parentheses. */
const char *itsm_index_entry_table(const struct itsm_index *index, enum itsm_snapshot snapshot);
void itsm_index_progress(struct itsm_index *index, const char *what, size_t done, size_t total);
int itsm_index_repository(struct itsm_index *index, struct itsm_error *err);
void itsm_index_bind_text(sqlite3_stmt *statement, int position, const char *text);
void itsm_index_bind_oid(sqlite3_stmt *statement, int position, const struct itsm_oid *oid);
/* The same without a copy: what is bound has to stay until the statement was run. */
void itsm_index_lend_text(sqlite3_stmt *statement, int position, const char *text);
void itsm_index_lend_oid(sqlite3_stmt *statement, int position, const struct itsm_oid *oid);
void itsm_index_bind_value(sqlite3_stmt *statement, int position, const struct itsm_value *value);
void itsm_index_column_oid(sqlite3_stmt *statement, int column, struct itsm_oid *out);

/* ---- open.c ---- */
/* ITSM_EINDEX when the database at the path, or a file that SQLite keeps beside it, is there and no regular file. */
int itsm_index_refuse_link(const char *path, struct itsm_error *err);
int itsm_index_set_up(struct itsm_index *index, struct itsm_error *err);
void itsm_index_close(struct itsm_index *index);
/* Empty a damaged database, with its locks kept. */
int itsm_index_wipe(struct itsm_index *index, struct itsm_error *err);
/* See that the open database is ours and of these kinds; else begin it anew. */
int itsm_index_make_ready(struct itsm_index *index, struct itsm_error *err);
/* Take away every table, whoever made it. */
int itsm_index_drop_tables(struct itsm_index *index, struct itsm_error *err);
int itsm_index_open_file(struct itsm_index *index, struct itsm_error *err);
/* Instead of what is open. */
int itsm_index_open_memory(struct itsm_index *index, struct itsm_error *err);
void itsm_index_remove_files(const struct itsm_index *index);

/* ---- attempt.c ---- */
typedef int (*index_work)(struct itsm_index *index, void *context, struct itsm_error *err);
int itsm_index_attempt(struct itsm_index *index, index_work work, void *context, struct itsm_error *err);

/* ---- schema.c ---- */
int itsm_index_schema_create(struct itsm_index *index, struct itsm_error *err);
/* Is what the file holds of this format and these kinds? 1 yes, 0 no, negative. */
int itsm_index_schema_fits(struct itsm_index *index, struct itsm_error *err);
/* Make the secondary indexes of a kind's table. */
int itsm_index_schema_kind(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_error *err);
/* Make the secondary indexes, once the first rows are in. */
int itsm_index_schema_finish(struct itsm_index *index, struct itsm_error *err);
/* How the tables see a kind. */
struct index_shape {
	const struct itsm_kind *kind;
	int number;                     /* in the tables, from 1; 0 for no kind */
	const struct itsm_field **fields; /* as itsm_index_kind_fields */
	size_t count;
	uint64_t *hints;                /* of each field's first name: itsm_index_hint */
};
/* One of 64 bits for a name up to its first dot: a mapping none of whose keys has it lacks the name. */
uint64_t itsm_index_hint(const char *name);
/* Kept as long as the index. NULL kind has one too. */
const struct index_shape *itsm_index_shape(struct itsm_index *index, const struct itsm_kind *kind);
const struct itsm_kind *itsm_index_kind_at(struct itsm_index *index, int number);
/* The columns of a kind's fields that its table and view have: those that no common column hides. In the arena. */
const struct itsm_field **itsm_index_kind_fields(struct itsm_arena *arena, const struct itsm_kind *kind, size_t *count);
/* The kinds' folders, none inside another, sorted, in the arena. */
int itsm_index_folders(struct itsm_index *index, struct itsm_arena *arena, const char ***out, size_t *count,
	struct itsm_error *err);

/* ---- void.c: the tables of kinds without records ---- */
int itsm_index_void_register(struct itsm_index *index, struct itsm_error *err);
int itsm_index_void_create(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_error *err);
/* See that the kind's table is one for rows. */
int itsm_index_void_fill(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_error *err);

/* ---- flatten.c ---- */

/* What stands in a record's place without being read. */
enum index_obstacle {
	INDEX_READABLE,
	INDEX_LINK,
	INDEX_TOO_LARGE,
	INDEX_NO_ACCESS,
	INDEX_MISPLACED,
};

struct index_reference {
	const char *field, *target;
	unsigned line, column;
	size_t start;
};

/* A record as rows; all in its arena. */
struct index_rows {
	struct itsm_arena *arena;
	const struct itsm_kind *kind;   /* of the table, NULL when it is not readable */
	const char *state, *title;
	bool is_open;
	struct itsm_value *values;      /* as itsm_index_kind_fields */
	size_t value_count;
	struct index_reference *references;
	size_t reference_count, reference_capacity;
	const char *sections;           /* JSON: {"Plan":1} */
	struct itsm_findings findings;
	const struct itsm_record *record; /* NULL when it is not readable */
};
/* Safe on any thread when every kind concerned is loaded. */
void itsm_index_flatten(struct index_rows *rows, struct itsm_arena *arena, const struct itsm_kinds *kinds,
	const struct index_shape *shape, const char *path, const char *text, size_t size);
void itsm_index_flatten_obstacle(struct index_rows *rows, struct itsm_arena *arena, const struct itsm_kinds *kinds,
	const char *path, enum index_obstacle obstacle);

/* ---- content.c ---- */

/* A path of the desk as the index sees it. */
struct index_place {
	const char *path;               /* borrowed */
	const struct itsm_kind *kind;   /* whose folder it lies in */
	const struct index_shape *shape; /* of that kind */
	bool located;                   /* it is a record's place; id is set */
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
};
/* False when the path is none of ours. */
bool itsm_index_place(struct itsm_index *index, const char *path, struct index_place *out);
/* For links: any path in, or on the way to, a kind's folder. */
bool itsm_index_place_link(struct itsm_index *index, const char *path, const char *const *folders, size_t count,
	struct index_place *out);
/* The blob name that stands for an obstacle: no object has it. */
void itsm_index_obstacle_oid(enum index_obstacle obstacle, struct itsm_oid *out);
struct index_contents;
/* The row of this content, 0 when there is none yet. */
int itsm_index_content_find(struct itsm_index *index, const struct index_place *place, const struct itsm_oid *blob,
	int64_t *out, struct itsm_error *err);
/* The same from what is in memory, unless that is NULL. */
int itsm_index_content_seek(struct itsm_index *index, const struct index_contents *contents,
	const struct index_place *place, const struct itsm_oid *blob, int64_t *out, struct itsm_error *err);
/* What is in memory (or NULL) is told, too. */
int itsm_index_content_insert(struct itsm_index *index, struct index_contents *contents,
	const struct index_place *place, const struct itsm_oid *blob, const struct index_rows *rows, int64_t *out,
	struct itsm_error *err);
/* Put or take away (content 0) what a snapshot has at a path. */
int itsm_index_entry_set(struct itsm_index *index, enum itsm_snapshot snapshot, const struct index_place *place,
	int64_t content, struct itsm_error *err);
int itsm_index_entry_remove(struct itsm_index *index, enum itsm_snapshot snapshot, const char *path,
	struct itsm_error *err);
/* Remove rows that no snapshot has referred to for an hour. */
int itsm_index_collect(struct itsm_index *index, struct itsm_error *err);

/* ---- reader.c ---- */

#define INDEX_BASES 2

enum index_outcome {
	INDEX_PENDING,
	INDEX_READ,                     /* rows are there */
	INDEX_KNOWN,                    /* the content is in the index already */
	INDEX_GONE,
};

struct index_job {
	struct index_place place;
	enum index_obstacle obstacle;
	struct itsm_oid blob;           /* given for blobs, found for files */
	uint64_t mark;                  /* files: of their stat, 0 when it may be too young to be trusted */
	uint64_t checksum;              /* files: of their bytes */
	void *origin;                   /* of the caller */
	size_t position;                /* of the caller */
	enum index_outcome outcome;
	struct index_rows rows;         /* arena is NULL unless outcome is INDEX_READ */
	int64_t content;                /* may be given when it is known and there are bases */
	struct itsm_buffer text;        /* of a blob */
	const struct itsm_oid *bases;   /* blobs: of the versions before, to be compared with; one for each parent */
	size_t base_count;              /* at most INDEX_BASES */
	struct itsm_buffer base_texts[INDEX_BASES];
	struct itsm_difference *differences; /* from the first base, less what any other base has the same; in the rows' arena */
	size_t difference_count;
	int state;                      /* of the pipeline in reader.c */
};

struct index_reading {
	struct index_job *jobs;
	size_t count;
	bool files;                     /* read from `root`; else blobs of the repository */
	int root;
	struct timespec stamp;          /* files changed since then can change again unseen */
	const char *what;               /* for progress; NULL: none is told */
	bool sought;                    /* the caller has looked for the contents, and gives what it found */
	struct index_contents *contents; /* all that the index has; NULL: they are looked up in its table */
	struct index_texts *texts;      /* where blobs are kept that may be a base soon; NULL: they are not */
	/* In order of the jobs, on the calling thread; content is set. */
	int (*sink)(void *context, struct index_job *job, struct itsm_error *err);
	void *context;
};
/* Read, parse and insert the content of all jobs. */
int itsm_index_read(struct itsm_index *index, struct index_reading *reading, struct itsm_error *err);

/* ---- contents.c ---- */

/* Those at no place of their own, see schema.c. */
int itsm_index_contents_load(struct itsm_index *index, struct index_contents **out, struct itsm_error *err);
void itsm_index_contents_free(struct index_contents *contents);
/* The number, 0 when it is not there. */
int64_t itsm_index_contents_find(const struct index_contents *contents, const struct itsm_oid *blob, int kind);
int itsm_index_contents_add(struct index_contents *contents, const struct itsm_oid *blob, int kind, int64_t content,
	struct itsm_error *err);

/* ---- texts.c ---- */

/* Blobs read lately, each kept until it is taken or another takes its place. NULL (no memory) keeps nothing. */
struct index_texts *itsm_index_texts_new(void);
void itsm_index_texts_free(struct index_texts *texts);
void itsm_index_texts_keep(struct index_texts *texts, const struct itsm_oid *blob, const struct itsm_buffer *text);
/* Move it to `out`, which is empty; false when it is not there. */
bool itsm_index_texts_take(struct index_texts *texts, const struct itsm_oid *blob, struct itsm_buffer *out);

/* ---- file.c ---- */
uint64_t itsm_index_checksum(const void *data, size_t size);
/* Of a stat. Never 0. */
uint64_t itsm_index_mark(const struct stat *info);
/* Was it changed too lately, seen from `stamp`, to tell the next change by its times? */
bool itsm_index_is_young(const struct stat *info, const struct timespec *stamp);
/* The file system's now. */
void itsm_index_stamp(int root, int64_t now, struct timespec *out);
/*
 * The file below root, with the stat of what was read. ITSM_ENOTFOUND, ITSM_EREFUSED for a link on the way,
 * ITSM_ELIMIT when too large, ITSM_EDATA when no regular file, else ITSM_EIO.
 */
int itsm_index_file_read(int root, const char *path, struct itsm_buffer *out, struct stat *info);
/* A descriptor of a folder, no link followed; negative errno. "" is root itself. */
int itsm_index_folder_open(int root, const char *path);

/* ---- unit.c ---- */

enum index_node_type {
	NODE_FILE,                      /* mark: of its stat */
	NODE_RACY,                      /* mark: checksum of its bytes, for it was too young when read */
	NODE_LINK,
	NODE_FOLDER,                    /* mark: of its stat, 0 = list it again */
	NODE_UNIT,                      /* a folder that is a unit of its own; mark unused */
};

struct index_node {
	uint64_t mark;
	uint32_t name;                  /* offset into the names */
	uint8_t length, depth, type, spare;
};

#define INDEX_CHANGED 1
#define INDEX_DEPTH_MAX 16

/* A folder of the work tree with what is below it, in order of a walk. */
struct index_unit {
	const char *path;
	uint64_t mark;                  /* of the folder itself, as NODE_FOLDER */
	struct index_node *nodes;
	size_t count;
	char *names;
	size_t names_size;
	struct itsm_buffer node_buffer, name_buffer; /* of a unit in the making */
	uint8_t *changed;               /* of a loaded one, by verify: INDEX_CHANGED or 0 per node */
	bool folder_changed, gone, seen;
	char *blob;                     /* as it was loaded */
	size_t blob_size;
};
void itsm_index_unit_free(struct index_unit *unit);
/* Take a packed unit; the blob is copied into the arena. False when it is damaged. */
bool itsm_index_unit_load(
	struct index_unit *unit, struct itsm_arena *arena, const char *path, const void *blob, size_t size);
void itsm_index_unit_pack(const struct index_unit *unit, struct itsm_buffer *out);
size_t itsm_index_unit_add(struct index_unit *unit, const char *name, unsigned depth, enum index_node_type type,
	uint64_t mark);
static inline const char *itsm_index_unit_name(const struct index_unit *unit, size_t node)
{
	return unit->names + unit->nodes[node].name;
}
/* The first node after this one's children. */
size_t itsm_index_unit_skip(const struct index_unit *unit, size_t node);
/* Is the sub folder of this name of the unit `path` below `folder` a unit of its own? */
bool itsm_index_unit_is_own(const char *path, const char *folder, const char *name);
/* ---- verify.c ---- */

/* Compare units with the work tree, on two threads where it pays; fills `changed`. */
void itsm_index_verify(int root, struct index_unit *units, size_t count);

/* ---- scan.c ---- */

/* What the work tree holds now, against what it held. */
struct index_scan {
	struct itsm_index *index;
	struct itsm_arena *arena;
	int root;
	const char **folders;
	size_t folder_count;
	struct timespec stamp;
	bool stamped;
	struct index_unit *old;         /* sorted by path; `seen` when it still stands */
	size_t old_count;
	struct index_unit **units;      /* listed anew */
	size_t unit_count, unit_capacity;
	struct index_job *jobs;         /* files to read; origin is the unit, position the node */
	size_t job_count, job_capacity;
	const char **removed;           /* paths of files that are gone */
	size_t removed_count, removed_capacity;
};
void itsm_index_scan_run(struct index_scan *scan);
void itsm_index_scan_free(struct index_scan *scan);

/* ---- head.c ---- */

struct index_blob_change {
	const char *path;               /* in the arena of the list */
	struct itsm_oid blob;           /* zero: removed */
	unsigned mode;
};
struct index_changes {
	struct itsm_index *index;
	struct itsm_arena *arena;
	const char **folders;
	size_t folder_count;
	struct index_blob_change *items;
	size_t count, capacity;
};
int itsm_index_changes_begin(struct itsm_index *index, struct itsm_arena *arena, struct index_changes *out,
	struct itsm_error *err);
/* Everything at a commit. */
int itsm_index_changes_walk(struct index_changes *changes, const struct itsm_oid *commit, struct itsm_error *err);
int itsm_index_changes_compare(struct index_changes *changes, const struct itsm_oid *from, const struct itsm_oid *to,
	struct itsm_error *err);
/* Bring a snapshot along. */
int itsm_index_changes_apply(struct index_changes *changes, enum itsm_snapshot snapshot, struct itsm_error *err);
/* A commit kept in itsm_meta: 1 when there is one, 0 (and zero) when not, negative. */
int itsm_index_meta_oid(struct itsm_index *index, const char *key, struct itsm_oid *out, struct itsm_error *err);
int itsm_index_meta_set_oid(
	struct itsm_index *index, const char *key, const struct itsm_oid *oid, struct itsm_error *err);
int itsm_index_head_bring(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err);

/* ---- work.c ---- */
int itsm_index_work_bring(struct itsm_index *index, void *unused, struct itsm_error *err);

/* Is the entry one that a snapshot holds? Fills place. */
bool itsm_index_is_ours(const struct index_changes *changes, const struct itsm_entry *entry, struct index_place *place);
/* The blob name that stands for an entry's content, and what stands in its way. */
enum index_obstacle itsm_index_entry_blob(const struct index_place *place, const struct itsm_entry *entry,
	struct itsm_oid *blob);

/* ---- history.c ---- */
int itsm_index_history_bring(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err);

/* ---- history_batch.c ---- */

/* Changes of commits on their way into itsm_path, itsm_touch and itsm_event; some thousand at a time. */
struct index_batch {
	struct itsm_index *index;
	struct index_changes changes;   /* for is_ours; its list stays empty */
	struct itsm_arena *arena;       /* of the changes at hand */
	struct index_batch_change *items;
	size_t count, capacity;
	struct index_texts *texts;
	struct index_contents *contents;
};
/* Where there are many to come, what the index has is loaded into memory first. */
int itsm_index_batch_begin(struct index_batch *batch, struct itsm_index *index, bool many, struct itsm_arena *arena,
	struct itsm_error *err);
/* One path that commit `cid` changed, its order'th: what each parent had (mode 0: nothing), and what is now (or NULL). */
int itsm_index_batch_add(struct index_batch *batch, int64_t cid, int64_t order, const struct itsm_entry *sides,
	size_t count, const struct itsm_entry *new_entry, struct itsm_error *err);
int itsm_index_batch_flush(struct index_batch *batch, struct itsm_error *err);
void itsm_index_batch_end(struct index_batch *batch);
int itsm_index_path_number(struct itsm_index *index, const struct index_place *place, int64_t *out,
	struct itsm_error *err);

/* ---- mainline.c ---- */

/* A commit as history has it. */
struct index_commit {
	int64_t cid, landed, position;  /* 0: none */
	int64_t rank, depth;
	struct itsm_oid first_parent;   /* zero: it is a root */
	size_t parent_count;
};
/* 1 when history has it, 0, negative. */
int itsm_index_commit_get(struct itsm_index *index, const struct itsm_oid *oid, struct index_commit *out,
	struct itsm_error *err);
/*
 * Lay the mainline of this commit, whose history is in, from the last position on that it shares with the
 * one there was, and the versions along it.
 */
int itsm_index_mainline_lay(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err);
/* Is the end that the mainline has among the first parents of the head, whose history is in? 1, 0, negative. */
int itsm_index_mainline_goes_on(struct itsm_index *index, const struct itsm_oid *known, const struct itsm_oid *head,
	struct itsm_error *err);
/* Is this commit on the mainline as it is in the file? Its position, 0, negative. */
int64_t itsm_index_mainline_position(struct itsm_index *index, const struct itsm_oid *commit, struct itsm_error *err);

/* ---- at.c ---- */
/* The same as a table, which can be written to: what is proposed changes it. */
int itsm_index_at_table(struct itsm_index *index, struct itsm_error *err);
int itsm_index_at_fill(struct itsm_index *index, struct itsm_error *err);

/* ---- judge.c ---- */

/* Does the kind (which has hidden_when) hide the record at this path? NULL path: only make ready to ask. */
int itsm_index_is_hidden(struct itsm_index *index, const struct itsm_kind *kind, const char *path, bool *hidden,
	struct itsm_error *err);

/* ---- token.c ---- */

enum index_token_type {
	TOKEN_END,
	TOKEN_WORD,      /* an identifier, quotes taken off into `text` */
	TOKEN_STRING,
	TOKEN_OTHER,     /* number or one character */
	TOKEN_BROKEN,    /* a quote or comment that does not end */
};
struct index_token {
	enum index_token_type type;
	const char *start;              /* in the SQL */
	size_t length;
	bool quoted;
	char text[ITSM_ID_MAX];         /* of a word, cut when longer */
};
/* Names that begin with itsm_ are ours: ITSM_EUSAGE when the SQL uses one. */
int itsm_index_refuse_own_names(const char *sql, struct itsm_error *err);
/* The next token from *cursor on, which moves behind it. Comments and blanks are skipped. */
void itsm_index_token(const char **cursor, struct index_token *out);
/*
 * An expression for `self`, of this kind, as we run it: filled('X') becomes
 * itsm_filled(self.itsm_bid, 'X'), computed_risk() what risk.c makes of the model. ITSM_EUSAGE when
 * parentheses do not match or it holds a semicolon.
 */
int itsm_index_expression(struct itsm_index *index, const struct itsm_kind *kind, const char *expression,
	struct itsm_buffer *out, struct itsm_error *err);

/* ---- risk.c ---- */

/* Does this word, before a parenthesis, stand for something that itsm_index_risk_word writes? */
bool itsm_index_is_risk_word(const struct index_token *token);
/*
 * Write what stands for computed_risk(...) or risk_rank( from this word on; `cursor` is behind its parenthesis, and
 * moves behind what was read. `kind` NULL is that of changes. `open` is how many parentheses are left open.
 */
int itsm_index_risk_word(struct itsm_index *index, const char *kind, const struct index_token *word, const char **cursor,
	struct itsm_buffer *out, long *open, struct itsm_error *err);
/* ---- lacks.c ---- the same for class_lacks(...). */
int itsm_index_lacks_word(struct itsm_index *index, const struct index_token *word, const char **cursor,
	struct itsm_buffer *out, struct itsm_error *err);
/* ---- risk.c ---- */
/* A whole statement with what stands for these words; unchanged without them. */
int itsm_index_risk_statement(struct itsm_index *index, const char *sql, struct itsm_buffer *out, struct itsm_error *err);
void itsm_index_risk_free(struct itsm_index *index);
/* itsm_risk_known(kind, path): the level computed before, '' for none, or NULL; itsm_risk(kind, path, rule ..., answer ..., row, column) and itsm_risk_rank(kind, level [, kind]). */
void itsm_index_risk_known_function(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_risk_function(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_risk_rank_function(sqlite3_context *context, int count, sqlite3_value **values);

/* ---- view.c ---- */

/* Make the TEMP views that this SQL mentions. ITSM_EUSAGE when it would hide one. */
int itsm_index_views_for(struct itsm_index *index, const char *sql, struct itsm_error *err);
/* The view itsm_self_<kind>: the kind's view with itsm_bid. */
int itsm_index_view_self(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_error *err);
bool itsm_index_view_exists(const struct itsm_index *index, const char *name);
/* Is it the table of rows lent from outside? */
bool itsm_index_is_lent(const struct itsm_index *index, const char *table);
int itsm_index_views_drop(struct itsm_index *index, struct itsm_error *err);
/* After a rollback: drop whatever TEMP view there is. */
/* Bring history along to where the snapshot in use is. */
int itsm_index_history_view(struct itsm_index *index, struct itsm_error *err);
void itsm_index_views_forget(struct itsm_index *index);
/* Append an SQL identifier in quotes. */
void itsm_index_quote(struct itsm_buffer *out, const char *name);

/* ---- view_table.c ---- */

/* A view that is no kind's. */
struct index_view {
	const char *name;               /* NULL ends the table */
	const char *definition;         /* `$` is the entries of the snapshot, `@` the last position of history in it */
	const char *meaning;
	bool history;                   /* filled by itsm_index_history */
	bool computed;                  /* when it is read: no table of the index */
	struct itsm_column columns[20]; /* as the definition has them; name NULL behind the last */
};
extern const struct index_view itsm_index_own_views[];
bool itsm_index_is_own_view(const char *name);

/* ---- authorise.c ---- */
void itsm_index_guard(struct itsm_index *index);
/* Prepare SQL of somebody else's. ITSM_EUSAGE with SQLite's words. */
int itsm_index_prepare_foreign(struct itsm_index *index, const char *sql, sqlite3_stmt **out, struct itsm_error *err);
/* What SQL of somebody else's may use up. */
struct index_bounds {
	int64_t steps;                  /* left, of the virtual machine, in thousands */
	size_t memory;                  /* bytes; 0 = the usual */
	bool (*expired)(void *context); /* asked often; may be NULL */
	void *context;
	unsigned looks;                 /* at these bounds */
};
/* Step it, within the bounds. 1 row, 0 done, negative. */
int itsm_index_step_foreign(struct itsm_index *index, sqlite3_stmt *statement, struct index_bounds *bounds,
	struct itsm_error *err);

/* ---- function.c ---- */
int itsm_index_functions(struct itsm_index *index, struct itsm_error *err);

/* ---- function_matrix.c ---- */
void itsm_index_priority(sqlite3_context *context, int count, sqlite3_value **values);

/* ---- calendar.c ---- */
void itsm_index_calendars_drop(struct itsm_index *index);
/* Those of records, with `files` all. From within SQL: not in an attempt. */
int itsm_index_calendars_load(struct itsm_index *index, bool files, struct itsm_error *err);
/* By its ID. Borrowed until the snapshot changes. ITSM_ENOTFOUND. From within SQL as the one above. */
int itsm_index_calendar_find(struct itsm_index *index, const char *id, struct itsm_calendar **out,
	struct itsm_error *err);

int itsm_index_calendars_now(struct itsm_index *index, struct itsm_calendar *const **out, size_t *count,
	struct itsm_error *err);
/* Of calendars that are loaded: does an item name it as its own? */
bool itsm_index_calendar_is_named(const struct itsm_index *index, const char *id);
struct index_scope;
/* Room for what scope.c keeps as long as the calendars, which are loaded. */
sqlite3_stmt **itsm_index_scope_statement(struct itsm_index *index);
struct index_scope **itsm_index_scope_slot(struct itsm_index *index, const char *items, const char *services,
	struct itsm_arena **arena);

/* ---- calendar_fault.c ---- */
/* [{"id", "path", "message"}] of calendars that can't be computed; the ID of a file is null. From within SQL. */
int itsm_index_calendar_faults(struct itsm_index *index, struct itsm_buffer *out, struct itsm_error *err);

/* ---- function_calendar.c ---- */
void itsm_index_business_seconds(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_business_add(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_calendar_faults_function(sqlite3_context *context, int count, sqlite3_value **values);
/* ---- planned.c ---- */
void itsm_index_collisions_function(sqlite3_context *context, int count, sqlite3_value **values);

/* ---- function_calendar.c ---- */
void itsm_index_freeze(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_window_miss(sqlite3_context *context, int count, sqlite3_value **values);

/* ---- function_text.c ---- SQLite's own take the product of two lengths. */
void itsm_index_instr(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_replace(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_trim(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_trim_left(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_trim_right(sqlite3_context *context, int count, sqlite3_value **values);

/* ---- impact.c ---- */
/* As itsm_index_impact, in the midst of a statement. */
int itsm_index_impact_load(struct itsm_index *index, struct itsm_impact_map **out, struct itsm_error *err);

/* ---- impact_table.c ---- */
#define INDEX_IMPACT_TABLE "impact"
/* Let SQL know impact(). */
int itsm_index_impact_declare(struct itsm_index *index, struct itsm_error *err);
/* The graph that is kept may no longer be that of the database. */
void itsm_index_impact_forget(struct itsm_index *index);

/* ---- query.c ---- */
/* A query over one of our own statements; types (may be NULL) has one per column and is copied. */
int itsm_index_query_own(struct itsm_index *index, const char *sql, const struct itsm_value *values, size_t count,
	const enum itsm_value_type *types, struct itsm_query **out, struct itsm_error *err);

/* ---- qualifier.c ---- */

struct index_list {
	struct itsm_index *index;
	struct itsm_arena *arena;
	const struct itsm_kind *kind;   /* NULL = all */
	bool parts;                     /* without kind: parts of records too */
	struct itsm_buffer where;
	struct itsm_value *values;
	size_t value_count, value_capacity;
};
/* A column of a list. */
struct index_column {
	const char *name;               /* heading */
	const char *sql;
	const struct itsm_field *field; /* NULL for common ones */
	enum itsm_type type;
	bool list;
	bool ahead;                     /* of times: a duration without a sign is from now on */
};
/* ITSM_EUSAGE names the columns there are. */
int itsm_index_column(
	const struct index_list *list, const char *name, struct index_column *out, struct itsm_error *err);
/* Is the word `field:value`, maybe with a minus before it? */
bool itsm_index_is_qualifier(const char *word);
/* Add one word of `itsm list`. */
int itsm_index_qualifier(struct index_list *list, const char *word, struct itsm_error *err);

/* ---- condition.c ---- */
/* Write into the WHERE. */
void itsm_index_list_put(struct index_list *list, const char *sql);
/* Add a value and write its ?N. */
void itsm_index_list_bind(struct index_list *list, const struct itsm_value *value);
void itsm_index_list_bind_text(struct index_list *list, const char *text);
/* A pattern for LIKE ... ESCAPE '\'; `*` becomes % where `wild`, `inside` finds it anywhere. */
char *itsm_index_like_pattern(struct itsm_arena *arena, const char *text, bool wild, bool inside);
int itsm_index_like(
	struct index_list *list, const char *name, const char *sql, const char *pattern, struct itsm_error *err);
/* ITSM_EUSAGE that `name` is never `text`, with the values (NULL-terminated) that there are. */
int itsm_index_name_choices(const char *name, const char *text, const char *const *values, struct itsm_error *err);
/* What `text` says of a value of the column, which is to be found at `sql`. */
int itsm_index_condition(struct index_list *list, const struct index_column *column, const char *sql, const char *text,
	struct itsm_error *err);

/* ---- search_base.c ---- */
void itsm_index_search_free(struct index_search *search);

/* ---- judge.c ---- */
void itsm_index_judgements_drop(struct itsm_index *index);

/* ---- find.c ---- */
/* The path of a record named by its path, ID or <owner>/<folder>/<ID>, exactly; NULL in out when there is none. */
int itsm_index_exact_path(struct itsm_index *index, const struct itsm_kind *kind, const char *id,
	struct itsm_arena *arena, const char **out, struct itsm_error *err);

/* ---- position.c ---- */

/* Re-reads records of the snapshot in use for the places of their fields. */
struct index_positions {
	struct itsm_index *index;
	int root;                       /* -1 until opened */
	struct itsm_arena *arena;       /* of the record that was read last */
	char path[INDEX_PATH_MAX];
	struct itsm_record *record;     /* NULL when it cannot be read */
};
void itsm_index_positions_begin(struct index_positions *positions, struct itsm_index *index);
void itsm_index_position(struct index_positions *positions, const char *path, const struct itsm_oid *blob,
	const char *field, unsigned *line, unsigned *column);
void itsm_index_positions_end(struct index_positions *positions);

#endif
