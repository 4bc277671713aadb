/* Standing queries of a desk, and asking them. */
#ifndef ITSM_LIB_DESK_STANDING_H
#define ITSM_LIB_DESK_STANDING_H

#include "desk.h"
#include "itsm/sql.h"
#include "itsm/standing.h"

#define DESK_QUERIES_FOLDER "policy/queries"

/* The built-in ones and those of the work tree, or (`committed`) of HEAD: who writes goes by what is committed. */
int desk_standing_open(struct itsm_desk *desk, bool committed, struct itsm_standing_set **out, struct itsm_error *err);

/* A row; borrowed until the next. */
struct desk_row {
	const struct itsm_standing *query;
	struct itsm_query *rows;
	struct itsm_arena *arena;
};
/* Text of a column in the arena; NULL when there is no such column, or it is NULL. */
const char *desk_row_text(const struct desk_row *row, const char *column);

/*
 * Ask a query. Parameters that it does not name are left out. The callback returns 0 to go on. An error of the SQL
 * names the query. ITSM_ELIMIT where a bound was met: rows that were given before are good.
 */
int desk_standing_ask(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_standing *query,
	const struct itsm_sql_request *request, int (*callback)(void *context, const struct desk_row *row, struct itsm_error *err),
	void *context, struct itsm_error *err);

/* `itsm check`: queries that can't be read or don't compile. */
int desk_standing_check(struct itsm_desk *desk, struct itsm_index *index, struct itsm_findings *findings,
	struct itsm_error *err);

#endif
