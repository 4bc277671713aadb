/*
 * SQL for users: what the views hold, told from the kinds, and queries within
 * bounds that the caller sets. The views themselves are those of itsm/index.h.
 */
#ifndef ITSM_SQL_H
#define ITSM_SQL_H

#include "itsm/index.h"
#include "itsm/kind.h"

/*
 * A column of a view. `type` is the word that kind files use; a list is a JSON
 * array of such values. What SQL finds in it:
 *
 *   string text enum ref mail url   text
 *   int duration                    integer; durations in seconds
 *   number                          real
 *   bool                            integer, 0 or 1
 *   date                            text, YYYY-MM-DD
 *   time                            text, RFC 3339 in UTC, ends in Z
 *   object any, and every list      text, JSON
 */
struct itsm_column {
	const char *name;
	enum itsm_type type;
	bool list;
	const char *meaning;            /* for people; may be NULL */
	const char *const *to;          /* ref: the kinds it may lead to, NULL-terminated; NULL = any */
	const struct itsm_field *field; /* of the kind, or NULL */
};

struct itsm_view {
	const char *name;
	const char *meaning;            /* may be NULL */
	const struct itsm_kind *kind;   /* whose records its rows are, or NULL */
	bool history;                   /* of commits: brought along when SQL names it */
	const struct itsm_column *columns;
	size_t count;
};

/*
 * Every view: those of the kinds in the kinds' order, then the common ones
 * (record, link ...). `out` is in the arena and borrows from `kinds`.
 */
ITSM_API void itsm_views(struct itsm_arena *arena, const struct itsm_kinds *kinds, const struct itsm_view **out,
	size_t *count);
/* What a column's values are when they leave SQL: text, integer, real, boolean, time or JSON. */
ITSM_API enum itsm_value_type itsm_column_value_type(const struct itsm_column *column);

/* A value for :NAME, @NAME, $NAME or, when the name is a number, ?NUMBER. */
struct itsm_parameter {
	const char *name;
	struct itsm_value value;
};

struct itsm_sql_request {
	const char *sql;
	const struct itsm_parameter *parameters;
	size_t parameter_count;
	int64_t rows;                    /* at most; 0 = all */
	size_t memory;                   /* bytes beyond what is in use; 0 = 512 MiB */
	/* Asked now and then while the query runs: true ends it. NULL = a bound of its own in steps. */
	bool (*expired)(void *context);
	void *expired_context;
};

/*
 * A query of a user's: one statement that reads, under the authoriser. Every
 * parameter needs a value and every value a parameter (ITSM_EUSAGE). A query
 * that goes over a bound ends in ITSM_ELIMIT with a message that names it: rows
 * that itsm_query_next gave before are good. Values of columns that come straight
 * from a kind's view have the type of their field (times, booleans, JSON). Free with itsm_query_free.
 */
ITSM_API int itsm_query_open_bounded(struct itsm_index *index, const struct itsm_sql_request *request,
	struct itsm_query **out, struct itsm_error *err);

/*
 * Write views of the snapshot in use to an ordinary SQLite file: a table each,
 * with declared types and an index on every id, source, target, record and commit_id. `names` are views' names
 * (NULL-terminated; NULL = all). The file is made beside `path` and renamed. An export of before is
 * replaced, anything else at `path` is ITSM_EREFUSED; no symbolic link is followed on the way.
 */
ITSM_API int itsm_index_write_db(struct itsm_index *index, const char *path, const char *const *names,
	struct itsm_error *err);

#endif
