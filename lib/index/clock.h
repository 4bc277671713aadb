/*
 * What the files of service-level clocks share; itsm/clock.h has the rules.
 *
 * promise.c reads the promises there are, life.c what a record was and when, clock.c puts the two together for
 * one record, clock_table.c and clock_function.c show it to SQL.
 */
#ifndef ITSM_LIB_INDEX_CLOCK_H
#define ITSM_LIB_INDEX_CLOCK_H

#include "index.h"
#include "itsm/clock.h"

#define CLOCK_NAMES 2
extern const char *const clock_names[CLOCK_NAMES];

/* The states of a kind, as clocks see them. Lists end with NULL. */
struct clock_kind {
	const struct itsm_kind *kind;
	int number;                     /* in the tables */
	const char **stops[CLOCK_NAMES];
	const char **withdrawals;
	sqlite3_stmt *one;              /* the life of one record; NULL until needed */
};

/* What one agreement, or offering, promises records of one kind. NULL = any. */
struct promise {
	const char *id, *type;
	const struct clock_kind *kind;
	const char *service, *customer, *offering;
	const char *team, *supplier;    /* who has to keep it: the clock runs while they have the record */
	const char *from, *to;          /* first and last day, or NULL */
	const char *calendar;
	const char *const *pauses;
	int warn;
	bool afresh;
	int64_t goals[CLOCK_NAMES][ITSM_SLA_PRIORITIES];
};

struct promises {
	struct itsm_arena *arena;
	struct clock_kind *kinds;       /* that something is promised for */
	size_t kind_count;
	struct promise *items;          /* those of one type together */
	size_t count, capacity;
};

/* Which of a record's fields decide about its clocks, in the order of the life's columns. */
enum life_field {
	LIFE_PRIORITY,
	LIFE_SERVICE,
	LIFE_SERVICES,
	LIFE_CUSTOMER,
	LIFE_TEAM,
	LIFE_SUPPLIER,
	LIFE_OFFERING,
	LIFE_FIELDS,
};

struct version {
	int64_t at;
	const char *state;
	int priority;
	const char *fields[LIFE_FIELDS];
	const char *by;
	struct itsm_oid commit;
};

/* A record's versions, in order of time; all in the arena. */
struct life {
	struct itsm_arena *arena;
	const char *id;
	struct version *versions;
	size_t count, capacity;
};

/* What an index keeps between questions. */
struct index_clocks {
	struct promises promises;
	enum itsm_snapshot snapshot;    /* what they are true for */
	int64_t position, changes;
	unsigned users;                 /* cursors that borrow from it */
};

/* ---- promise.c ---- */
/* The promises of the snapshot in use, borrowed until the next question. */
int itsm_index_promises(struct itsm_index *index, struct index_clocks **out, struct itsm_error *err);
void itsm_index_clocks_free(struct itsm_index *index);

/* ---- life.c ---- */
/* A statement over the versions of one record (?1), or of all of the kind in the snapshot, by ID and time. */
int itsm_index_life_prepare(struct itsm_index *index, const struct clock_kind *kind, bool one, sqlite3_stmt **out,
	struct itsm_error *err);
/*
 * Read the record that the statement stands at. 1 when it stands at the next one afterwards, 0 at the end, negative.
 * `detail`: who and which commit, too.
 */
int itsm_index_life_read(struct itsm_index *index, sqlite3_stmt *statement, bool detail, struct life *life,
	struct itsm_error *err);

/* ---- clock.c ---- */
int itsm_index_clocks_judge(struct itsm_index *index, const struct promises *promises, const struct clock_kind *kind,
	const struct life *life, bool explain, struct itsm_clocks *out, struct itsm_error *err);
/* The clocks of one record; none when there is no such record, or nothing is promised for its kind. */
int itsm_index_clocks_of(struct itsm_index *index, struct itsm_arena *arena, const char *id, bool detail,
	struct itsm_clocks *out, struct itsm_error *err);

/* ---- clock_table.c ---- */
/* The table itsm_clock, that the view `sla` is made of. */
int itsm_index_clock_table(struct itsm_index *index, struct itsm_error *err);

/* ---- clock_function.c ---- */
void itsm_index_sla_due(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_sla_left(sqlite3_context *context, int count, sqlite3_value **values);
void itsm_index_sla_status(sqlite3_context *context, int count, sqlite3_value **values);

#endif
