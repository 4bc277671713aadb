/*
 * SQL of somebody else's: queries of users, guards and checks of kinds.
 *
 * It may select from the views of view.c, from json_each and json_tree, and
 * call functions that compute; nothing else: what is not listed is refused.
 * Steps of the virtual machine, the length of values and the memory of one
 * statement are bounded.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "index.h"

#define STEP 100                         /* virtual machine instructions between two looks at the bounds */
#define LOOKS 10                         /* looks for one of the steps that are counted */
#define SQL_LIMIT (256u << 10)
#define LENGTH_LIMIT (16 << 20)          /* of a value: one instruction is a walk or two over it */
#define MEMORY_LIMIT ((size_t)512 << 20)

/*
 * Sorted. Functions that compute from their arguments, of SQLite and ours. None takes longer than its arguments are
 * long: the bounds are looked at between instructions only. Hence no json_patch and no unhex, and some are our own.
 */
static const char *const functions[] = {
	"->", "->>", "abs", "acos", "acosh", "asin", "asinh", "atan", "atan2", "atanh", "avg", "business_add",
	"business_seconds", "calendar_faults", "ceil", "ceiling",
	"char", "coalesce", "collisions", "cos", "cosh", "count", "cume_dist", "current_date", "current_time", "current_timestamp",
	"date", "datetime", "degrees", "dense_rank", "duration", "exp", "filled", "first_value", "floor", "format",
	"freeze", "glob", "group_concat", "hex", "ifnull", "iif", "instr", "itsm_filled", "itsm_risk", "itsm_risk_known", "itsm_risk_rank", "json", "json_array",
	"json_array_length", "json_extract", "json_group_array", "json_group_object", "json_insert", "json_object",
	"json_quote", "json_remove", "json_replace", "json_set", "json_type", "json_valid", "julianday",
	"lag", "last_value", "lead", "length", "like", "likelihood", "likely", "ln", "log", "log10", "log2", "lower",
	"ltrim", "max", "min", "mod", "moment", "now", "nth_value", "ntile", "nullif", "percent_rank", "pi", "pow",
	"power", "printf", "priority", "quote", "radians", "rank", "replace", "round", "row_number", "rtrim", "sign", "sin",
	"sinh", "sla_due", "sla_left", "sla_status", "slug", "sqrt", "strftime", "substr", "substring", "sum", "tan", "tanh", "time", "total", "trim",
	"trunc", "typeof", "unicode", "unixepoch", "unlikely", "upper", "window_miss",
};

static int compare_names(const void *a, const void *b)
{
	return strcasecmp(a, *(const char *const *)b);
}

static bool may_call(const char *name)
{
	return name &&
		bsearch(name, functions, sizeof(functions) / sizeof(*functions), sizeof(*functions), compare_names);
}

/*
 * No column is named when none is used, as in count(*): of a table in a view,
 * without the view's name, or of a common table expression. That tells how many
 * rows there are, no more; tables of SQLite's own are not even for that.
 */
static bool may_count(const char *table)
{
	return strncmp(table, "sqlite_", 7) != 0 && strncmp(table, "pragma_", 7) != 0 && strcmp(table, "dbstat") != 0 &&
		strcmp(table, "bytecode") != 0 && strcmp(table, "tables_used") != 0;
}

static bool may_read(const struct itsm_index *index, const char *table, const char *column, const char *through)
{
	if (!*column)
		return may_count(table);
	if (through && itsm_index_view_exists(index, through))
		return strncmp(table, "itsm_", 5) == 0 || strcmp(table, "json_each") == 0;
	if (strncmp(table, "itsm_", 5) == 0 && strncmp(table, "itsm_self_", 10) != 0)
		return false;
	return itsm_index_view_exists(index, table) || itsm_index_is_lent(index, table) ||
		strcmp(table, "json_each") == 0 || strcmp(table, "json_tree") == 0 || strcmp(table, INDEX_IMPACT_TABLE) == 0;
}

static int authorise(void *context, int action, const char *first, const char *second, const char *database,
	const char *through)
{
	const struct itsm_index *index = context;

	(void)database;
	if (!index->foreign)
		return SQLITE_OK;
	switch (action) {
	case SQLITE_SELECT:
	case SQLITE_RECURSIVE:
		return SQLITE_OK;
	case SQLITE_FUNCTION:
		return may_call(second) ? SQLITE_OK : SQLITE_DENY;
	case SQLITE_READ:
		return may_read(index, first, second ? second : "", through) ? SQLITE_OK : SQLITE_DENY;
	default:
		return SQLITE_DENY;
	}
}

static int count_steps(void *context)
{
	struct itsm_index *index = context;
	struct index_bounds *bounds = index->bounds;

	if (!index->foreign || !bounds)
		return 0;
	if (bounds->expired && bounds->expired(bounds->context))
		return 1;
	if (++bounds->looks % LOOKS == 0)
		bounds->steps--;
	return bounds->steps <= 0;
}

void itsm_index_guard(struct itsm_index *index)
{
	sqlite3_set_authorizer(index->db, authorise, index);
	sqlite3_progress_handler(index->db, STEP, count_steps, index);
}

/* At their first use SQLite declares these with a CREATE TABLE, which no foreign SQL may. */
static int warm_up(struct itsm_index *index, struct itsm_error *err)
{
	int status = index->warm ? 0 : itsm_index_execute(index, "SELECT 1 FROM json_each('[]'), json_tree('[]')", err);

	index->warm = status == 0;
	return status;
}

static int refuse(struct itsm_index *index, struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_EUSAGE, "%s", sqlite3_errmsg(index->db));
}

/* Nothing but blanks, comments and semicolons? */
static bool is_blank(const char *sql)
{
	struct index_token token;

	do
		itsm_index_token(&sql, &token);
	while (token.type == TOKEN_OTHER && *token.start == ';');
	return token.type == TOKEN_END;
}

int itsm_index_prepare_foreign(struct itsm_index *index, const char *sql, sqlite3_stmt **out, struct itsm_error *err)
{
	const char *rest = NULL;
	sqlite3_stmt *statement = NULL;
	int status, code;

	if (strlen(sql) > SQL_LIMIT)
		return itsm_error_set(err, ITSM_ELIMIT, "the SQL is longer than %u bytes", SQL_LIMIT);
	if ((status = warm_up(index, err)) != 0 || (status = itsm_index_views_for(index, sql, err)) != 0)
		return status;
	index->foreign = true;
	index->bounds = NULL;
	code = sqlite3_prepare_v2(index->db, sql, -1, &statement, &rest);
	index->foreign = false;
	if (code == SQLITE_AUTH)
		return itsm_error_set(err, ITSM_EUSAGE, "%s; SQL here only reads the views, see `itsm help sql`",
			sqlite3_errmsg(index->db));
	if (code == SQLITE_ERROR || code == SQLITE_TOOBIG)
		return refuse(index, err);
	if (code != SQLITE_OK)
		return itsm_index_sql_error(index, err);
	if (!statement || !is_blank(rest) || !sqlite3_stmt_readonly(statement) || sqlite3_stmt_isexplain(statement)) {
		sqlite3_finalize(statement);
		return itsm_error_set(err, ITSM_EUSAGE, "not one SELECT; give a single statement that reads");
	}
	*out = statement;
	return 0;
}

int itsm_index_step_foreign(struct itsm_index *index, sqlite3_stmt *statement, struct index_bounds *bounds,
	struct itsm_error *err)
{
	sqlite3_int64 limit = sqlite3_hard_heap_limit64(-1);
	size_t memory = bounds->memory ? bounds->memory : MEMORY_LIMIT;
	int length = sqlite3_limit(index->db, SQLITE_LIMIT_LENGTH, LENGTH_LIMIT);
	int code;

	index->foreign = true;
	index->bounds = bounds;
	sqlite3_hard_heap_limit64(sqlite3_memory_used() + (sqlite3_int64)memory);
	code = sqlite3_step(statement);
	sqlite3_hard_heap_limit64(limit);
	sqlite3_limit(index->db, SQLITE_LIMIT_LENGTH, length);
	index->foreign = false;
	index->bounds = NULL;
	switch (code & 0xff) {
	case SQLITE_ROW:
		return 1;
	case SQLITE_DONE:
		return 0;
	case SQLITE_INTERRUPT:
		return itsm_error_set(err, ITSM_ELIMIT, "the query ran too long; narrow it%s",
			bounds->expired ? ", or raise the bound with --timeout" : "");
	case SQLITE_NOMEM:
		return itsm_error_set(err, ITSM_ELIMIT, "the query needs too much memory, more than %zu MiB; narrow it",
			memory >> 20);
	case SQLITE_ERROR:
	case SQLITE_TOOBIG:
	case SQLITE_MISMATCH:
	case SQLITE_AUTH:
		return refuse(index, err);
	default:
		return itsm_index_sql_error(index, err);
	}
}
