/* Queries: a statement, its row, and the types that a list knows of its columns. */
#include <string.h>

#include "index.h"

#define STEPS_MAX 300000        /* thousands of virtual machine steps: some seconds */
#define ROWS_MAX 10000000

struct itsm_query {
	struct itsm_index *index;
	struct itsm_arena *arena;
	sqlite3_stmt *statement;
	enum itsm_value_type *types; /* NULL for foreign SQL */
	bool foreign;
	int64_t steps_left;
	size_t rows;
};

struct opening {
	const char *sql;
	const struct itsm_value *values;
	size_t count;
	bool foreign;
	sqlite3_stmt *statement;
};

static int open_statement(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct opening *opening = context;
	int status = opening->foreign ? itsm_index_prepare_foreign(index, opening->sql, &opening->statement, err) :
		itsm_index_prepare(index, opening->sql, &opening->statement, err);

	if (status == 0 && opening->count > (size_t)sqlite3_bind_parameter_count(opening->statement)) {
		sqlite3_finalize(opening->statement);
		return itsm_error_set(
			err, ITSM_EUSAGE, "the SQL has fewer parameters than the %zu values for it", opening->count);
	}
	for (size_t i = 0; i < opening->count && status == 0; i++)
		itsm_index_bind_value(opening->statement, (int)i + 1, &opening->values[i]);
	return status;
}

static int open_query(struct itsm_index *index, struct opening *opening, const enum itsm_value_type *types,
	struct itsm_query **out, struct itsm_error *err)
{
	struct itsm_arena *arena;
	struct itsm_query *query;
	int status = itsm_index_attempt(index, open_statement, opening, err);
	size_t count;

	if (status != 0)
		return status;
	arena = itsm_arena_new();
	query = itsm_arena_alloc(arena, sizeof(*query));
	*query = (struct itsm_query){.index = index,
		.arena = arena,
		.statement = opening->statement,
		.foreign = opening->foreign,
		.steps_left = STEPS_MAX};
	if (types) {
		count = itsm_query_column_count(query);
		query->types = itsm_arena_alloc(arena, count * sizeof(*types));
		memcpy(query->types, types, count * sizeof(*types));
	}
	*out = query;
	return 0;
}

int itsm_query_open(struct itsm_index *index, const char *sql, const struct itsm_value *values, size_t count,
	struct itsm_query **out, struct itsm_error *err)
{
	struct opening opening = {.sql = sql, .values = values, .count = count, .foreign = true};
	int status = itsm_index_refuse_own_names(sql, err);

	return status != 0 ? status : open_query(index, &opening, NULL, out, err);
}

int itsm_index_query_own(struct itsm_index *index, const char *sql, const struct itsm_value *values, size_t count,
	const enum itsm_value_type *types, struct itsm_query **out, struct itsm_error *err)
{
	struct opening opening = {.sql = sql, .values = values, .count = count};

	return open_query(index, &opening, types, out, err);
}

int itsm_query_next(struct itsm_query *query, struct itsm_error *err)
{
	struct itsm_index *index = query->index;
	int status;

	if (!query->foreign)
		return itsm_index_step(index, query->statement, err);
	if (query->rows++ >= ROWS_MAX)
		return itsm_error_set(err, ITSM_ELIMIT, "the query gives more than %d rows; narrow it", ROWS_MAX);
	index->steps_left = query->steps_left;
	status = itsm_index_step_foreign(index, query->statement, err);
	query->steps_left = index->steps_left;
	return status;
}

size_t itsm_query_column_count(const struct itsm_query *query)
{
	return (size_t)sqlite3_column_count(query->statement);
}

const char *itsm_query_column_name(const struct itsm_query *query, size_t column)
{
	return sqlite3_column_name(query->statement, (int)column);
}

struct itsm_value itsm_query_value(const struct itsm_query *query, size_t column)
{
	struct itsm_value value = {.type = ITSM_VALUE_NULL};

	switch (sqlite3_column_type(query->statement, (int)column)) {
	case SQLITE_INTEGER:
		value.type = ITSM_VALUE_INTEGER;
		value.integer = sqlite3_column_int64(query->statement, (int)column);
		break;
	case SQLITE_FLOAT:
		value.type = ITSM_VALUE_REAL;
		value.real = sqlite3_column_double(query->statement, (int)column);
		break;
	case SQLITE_TEXT:
		value.type = ITSM_VALUE_TEXT;
		value.text = (const char *)sqlite3_column_text(query->statement, (int)column);
		break;
	case SQLITE_BLOB: /* no view holds any: made by a query from hexadecimal digits */
		value.type = ITSM_VALUE_TEXT;
		value.text = "";
		break;
	default:
		return value;
	}
	if (query->types && query->types[column] != ITSM_VALUE_NULL)
		value.type = query->types[column];
	return value;
}

void itsm_query_free(struct itsm_query *query)
{
	if (!query)
		return;
	sqlite3_finalize(query->statement);
	itsm_arena_free(query->arena);
}
