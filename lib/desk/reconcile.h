/* What the files of reconciliation share. */
#ifndef ITSM_LIB_DESK_RECONCILE_H
#define ITSM_LIB_DESK_RECONCILE_H

#include "desk.h"
#include "itsm/reconcile.h"
#include "itsm/sql.h"

enum reconcile_format {
	RECONCILE_CSV,
	RECONCILE_JSON,
	RECONCILE_LINES,
	RECONCILE_YAML,
};

struct reconcile_map {
	const char *path;             /* for messages */
	const char *source, *declared, *state;
	enum reconcile_format format;
	char delimiter;
	const struct itsm_kind *kind;
	const struct itsm_yaml *keys; /* a mapping, or NULL */
	const struct itsm_yaml *find; /* a list of SQL, not empty */
};

/* A field of a thing: one text, or those of a list. */
struct reconcile_value {
	const struct itsm_field *field; /* NULL: below a field of free YAML */
	const char *name;               /* dotted */
	const char **texts;
	size_t count;
};

/* Something that the source told of. */
struct reconcile_thing {
	const char *name;             /* its ID in the source */
	const char *id;               /* of the record that it is, or would be */
	const char *class_name;       /* or NULL */
	struct reconcile_value *values;
	size_t count;
	struct reconcile_record *record; /* declared, or NULL */
	const char *unclear;          /* why it is left out, or NULL */
	const struct itsm_difference *fields;
	size_t field_count;
	struct itsm_edit *edits;      /* one per field in `fields` */
};

/* A declared record. */
struct reconcile_record {
	const char *id, *class_name;
	const struct itsm_record *record; /* NULL until read */
	struct reconcile_thing *thing;
	bool expected;                /* the source would tell of it */
};

struct reconcile {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	const struct itsm_reconcile_options *options;
	struct itsm_reconcile_result *result;
	struct reconcile_map map;
	struct itsm_index *index;     /* HEAD in use */
	struct itsm_oid head;
	struct reconcile_thing *things; /* sorted by name once they are all there */
	size_t thing_count, thing_capacity;
	struct reconcile_record *records; /* sorted by ID */
	size_t record_count, record_capacity;
	struct itsm_drift *drifts;
	size_t drift_count, drift_capacity;
};

/* reconcile_map.c: ITSM_EDATA with line and column. */
int reconcile_map_read(struct reconcile *run, struct itsm_error *err);
/* reconcile_read.c: every document of the files into the table `discovered`. */
int reconcile_read_files(struct reconcile *run, struct itsm_error *err);
/* reconcile_find.c: the things that the SELECTs of the map make of them. */
int reconcile_find(struct reconcile *run, struct itsm_error *err);
/* reconcile_match.c: the declared records, and which thing is which. */
int reconcile_match(struct reconcile *run, struct itsm_error *err);
/* reconcile_compare.c: what differs, into `drifts`. */
int reconcile_compare(struct reconcile *run, struct itsm_error *err);
void reconcile_add(struct reconcile *run, enum itsm_drift_sort sort, const struct reconcile_thing *thing,
	const struct reconcile_record *record, const char *reason);
/* reconcile_write.c: one commit on a branch. */
int reconcile_write(struct reconcile *run, struct itsm_error *err);

struct reconcile_thing *reconcile_thing_named(const struct reconcile *run, const char *name);
struct reconcile_record *reconcile_record_named(const struct reconcile *run, const char *id);

#endif
