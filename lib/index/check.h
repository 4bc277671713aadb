/* What the files that check a snapshot share. */
#ifndef ITSM_LIB_INDEX_CHECK_H
#define ITSM_LIB_INDEX_CHECK_H

#include "index.h"

/* The ID as it is spoken, for entries `e` and their kind `n`: of a part with its record's. */
#define NAME "CASE WHEN e.owner IS NULL THEN e.id ELSE e.owner || '/' || n.part || '/' || e.id END"

struct index_checking {
	struct itsm_index *index;
	struct itsm_findings *findings;
	struct index_positions positions;
	bool unplaced;                 /* nobody asks where in its file a finding is */
	const char *asked;             /* bound as ?1: the path of the one record, or many in a JSON array; NULL = all */
	const char *among;             /* the condition on a path that goes with it */
	const char *entries;           /* table */
	struct itsm_arena *arena;
};

static inline const char *check_text(sqlite3_stmt *row, int column)
{
	return (const char *)sqlite3_column_text(row, column);
}

/* The condition that narrows a question to the records asked for, after WHERE or AND and a column; "" for all of them. */
static inline const char *check_only(const struct index_checking *checking, const char *column)
{
	return checking->asked ? itsm_arena_printf(checking->arena, "%s%s", column, checking->among) : "";
}

/* Prepare one of ours; ?1 is what narrows it. */
int itsm_index_check_prepare(
	struct index_checking *checking, sqlite3_stmt **out, struct itsm_error *err, const char *sql);
/* References to nothing (`missing`), or to the wrong kind. */
int itsm_index_check_owners(struct index_checking *checking, struct itsm_error *err);
int itsm_index_check_references(struct index_checking *checking, bool missing, struct itsm_error *err);

#endif
