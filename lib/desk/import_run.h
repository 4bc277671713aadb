/* What the parts of one import share, from the rows read to the commits written. */
#ifndef ITSM_LIB_DESK_IMPORT_RUN_H
#define ITSM_LIB_DESK_IMPORT_RUN_H

#include "desk.h"
#include "import_map.h"
#include "itsm/import.h"

/* What a rule makes of a text. */
struct import_value {
	uint32_t text;       /* 0 = no value */
	uint32_t raw;        /* as the source has it */
	const char *problem; /* why the row can't be taken, or NULL */
	struct itsm_time time;
	bool timed;          /* `time` holds it */
	bool zoned, unzoned; /* its text said the zone, or did not */
};

/* One row that was taken. */
struct import_row {
	uint32_t record;     /* its place in the records */
	unsigned line;
	const char *file;
	struct itsm_time time, filed;
	uint32_t author, mail;
	uint64_t digest;     /* of the row as the source has it; 0 unless replaying */
	size_t order;        /* as read */
	struct import_row *previous; /* of its record, when replaying */
	bool done;           /* replayed by an earlier import */
	uint32_t cells[];    /* one for each target of the block, then one for each `ensure`: the IDs */
};

/* All rows of one key. */
struct import_record {
	const struct import_block *block;
	uint32_t key;
	const char *id, *path;
	bool known;              /* the desk has it */
	bool replayed;           /* some of its rows were replayed before */
	bool rejected;           /* it can't be written; its rows are told so */
	struct itsm_oid blob;    /* then: as HEAD has it */
	bool has_base;
	struct itsm_oid base;    /* as its last import left it */
	struct import_row *first, *last;
	const char *text;        /* of a known one that changes: what it becomes */
	size_t size;
	bool counted;
};

/* A record that an `ensure` asks for. */
struct import_made {
	const struct import_ensure *ensure;
	uint32_t id;
	const char *path;
	bool there;              /* in the desk, or written by now */
	uint32_t cells[];
};

struct import_run {
	struct itsm_desk *desk;
	const struct itsm_import_options *options;
	struct itsm_import_result *result;
	struct itsm_error *err;
	struct itsm_arena *arena;
	struct itsm_repo *repo;
	struct import_map map;
	struct import_texts *texts;
	uint32_t *nulls;
	struct import_value *values; size_t value_count, value_capacity;
	/* the row at hand */
	uint32_t *raw;           /* one for each column of the map */
	uint32_t *last;          /* the same before `null`, for the row before */
	uint32_t item;           /* what {item} is */
	uint32_t no_text;        /* stands for a column without text where a default is worked out */
	struct itsm_buffer buffer, work;
	struct import_row *scratch;
	/* what was read */
	struct import_row **rows; size_t row_count, row_capacity; /* when replaying: all */
	struct import_record *records; size_t record_count, record_capacity;
	struct import_table by_key, by_id; /* text -> place in records + 1 */
	struct import_made **made; size_t made_count, made_capacity;
	/* what the desk has */
	struct itsm_oid head;
	const char ***lists; size_t list_count, list_capacity; /* split texts, by list_of - 1; NULL-terminated */
	struct import_table list_of;
	/* what is written */
	struct itsm_bulk *bulk;
	struct itsm_buffer text;
	struct itsm_person_time identity;
};

#define IMPORT_TEXT(run, id) import_texts_get((run)->texts, (id))

/* After the map is read: room for rows and texts. */
void import_run_start(struct import_run *run);

/* Say that a row is not taken. */
void import_reject(struct import_run *run, const char *file, unsigned line, uint32_t key, const char *reason);

/* The value that a rule makes of the row at hand; valid until the next call. */
const struct import_value *import_value_of(struct import_run *run, struct import_rule *rule);
/* The text a rule starts from: 0 when its columns have none. */
uint32_t import_value_source(struct import_run *run, struct import_rule *rule);
/* What a rule makes of a text. */
const struct import_value *import_value_make(struct import_run *run, struct import_rule *rule, uint32_t source);
/* The items of a list that is kept as one text, NULL-terminated. */
const char *const *import_list(struct import_run *run, uint32_t text);

/* Put the text of a column into the row at hand. */
void import_cell(struct import_run *run, size_t column, const char *text, size_t length);
/* Take the row at hand. `bytes` is the row as the source has it, so that it is known again. */
int import_row_take(struct import_run *run, const char *file, unsigned line, const struct itsm_buffer *bytes);
/* The records that the row's `ensure` columns ask for, as cells behind those of the block. */
const char *import_ensure_take(struct import_run *run, struct import_row *row, size_t first_cell);

/* Read every row of the source. */
int import_read_csv(struct import_run *run);
int import_read_folder(struct import_run *run);

/* Find in the desk what is there of the records, and give the others their IDs and paths. */
int import_known_find(struct import_run *run);
/* Mark the rows that history says were replayed. */
int import_ledger_mark(struct import_run *run);

/* Is the field written as a string? */
bool import_is_text(const struct itsm_field *field);
/* The edit that gives a target a cell's value; `value` is room for one that is no list. */
void import_edit_fill(struct import_run *run, const struct import_target *target, uint32_t cell, const char **value,
	struct itsm_edit *edit);
/* The body that the cells make, "" for none. */
void import_body(struct import_run *run, const struct import_block *block, const uint32_t *cells,
	struct itsm_buffer *out);
/* The text of a new record with these cells into run->text. */
int import_compose(struct import_run *run, const struct import_block *block, const uint32_t *cells);
/*
 * Bring the text of a record of the desk to these cells, surgically, into
 * run->text. What somebody changed in the desk stays as long as the source says
 * what it said: `base_cells`, or `base`, the record as its last import left it; with neither
 * the source wins. `changed` is false when nothing is to be done. Why it can't be done, or NULL.
 */
const char *import_merge(struct import_run *run, const struct import_record *record, const char *text, size_t size,
	const uint32_t *cells, const uint32_t *base_cells, const char *base, size_t base_size, bool *changed);
/* Merge the last row into what HEAD has; the new text goes to record->text, NULL when nothing changes. */
int import_update(struct import_run *run, struct import_record *record, const char **problem);
/* A blob's text in the run's arena. */
int import_blob(struct import_run *run, const struct itsm_oid *blob, const char **text, size_t *size);
/* Is what HEAD has byte for byte what the last row makes? */
int import_is_same(struct import_run *run, const struct import_record *record, bool *same);
/* For known records with `counted` false and `rejected` false: how their last import left them. */
int import_find_bases(struct import_run *run, struct import_record *const *records, size_t count);
/* Tell every row of a record that it is not taken. */
void import_reject_record(struct import_run *run, const struct import_record *record, const char *reason);
/* A record that new rows can't be written to: why, or NULL. */
const char *import_obstacle(struct import_run *run, const struct import_record *record);
/*
 * The commit message: subject in run->buffer already, then the user's text and
 * trailers. `row` is what the commit is for (NULL: several), `all` those before it too.
 */
void import_message(struct import_run *run, const char *record, const struct import_row *row, bool all);

/* Put the rows into the order that replaying takes them in; first and last row of each record. */
void import_replay_order(struct import_run *run);
int import_write_final(struct import_run *run);
int import_write_replay(struct import_run *run);
/* Put what the row's `ensure` cells ask for and is not there yet. */
int import_write_made(struct import_run *run, const struct import_row *row);

#endif
