/* Queries: a statement, its row, the bounds it runs in, and the types that are known of its columns. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "index.h"

#define STEPS_MAX 300000        /* thousands of virtual machine steps: some seconds */
#define ROWS_MAX 10000000

struct itsm_query {
	struct itsm_index *index;
	struct itsm_arena *arena;
	sqlite3_stmt *statement;
	enum itsm_value_type *types; /* of each column, ITSM_VALUE_NULL where it is not known; NULL = of none */
	bool foreign;
	struct index_bounds bounds;
	int64_t rows, rows_most;     /* the latter 0 = without end */
};

struct opening {
	const char *sql;
	const struct itsm_value *values;
	size_t count;
	const struct itsm_parameter *parameters;
	size_t parameter_count;
	bool foreign, named;
	sqlite3_stmt *statement;
};

/* The value for a parameter of the statement, by its name without the mark. */
static const struct itsm_parameter *find_parameter(const struct opening *opening, const char *name)
{
	for (size_t i = 0; i < opening->parameter_count; i++)
		if (strcmp(opening->parameters[i].name, name) == 0)
			return &opening->parameters[i];
	return NULL;
}

static bool is_wanted(const struct opening *opening, const char *name)
{
	int count = sqlite3_bind_parameter_count(opening->statement);
	char number[16];

	for (int i = 1; i <= count; i++) {
		const char *own = sqlite3_bind_parameter_name(opening->statement, i);

		snprintf(number, sizeof(number), "%d", i);
		if (strcmp(own && !isdigit((unsigned char)own[1]) ? own + 1 : number, name) == 0)
			return true;
	}
	return false;
}

/* Each parameter gets a value; a value that is for none is a slip of the pen. */
static int bind_parameters(const struct opening *opening, struct itsm_error *err)
{
	int count = sqlite3_bind_parameter_count(opening->statement);
	char number[16];

	for (int i = 1; i <= count; i++) {
		const char *name = sqlite3_bind_parameter_name(opening->statement, i);
		const struct itsm_parameter *parameter;

		snprintf(number, sizeof(number), "%d", i);
		parameter = find_parameter(opening, name && !isdigit((unsigned char)name[1]) ? name + 1 : number);
		if (!parameter)
			return itsm_error_set(err, ITSM_EUSAGE, "the SQL's parameter %s has no value; give %s=VALUE",
				name ? name : number, name ? name + 1 : number);
		itsm_index_bind_value(opening->statement, i, &parameter->value);
	}
	for (size_t i = 0; i < opening->parameter_count; i++)
		if (!is_wanted(opening, opening->parameters[i].name))
			return itsm_error_set(err, ITSM_EUSAGE, "the SQL has no parameter :%s",
				opening->parameters[i].name);
	return 0;
}

static int open_statement(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct opening *opening = context;
	struct itsm_buffer sql = {0};
	int status = opening->foreign ? itsm_index_risk_statement(index, opening->sql, &sql, err) : 0;

	if (status == 0)
		status = opening->foreign ? itsm_index_prepare_foreign(index, sql.data ? sql.data : "", &opening->statement, err) :
			itsm_index_prepare(index, opening->sql, &opening->statement, err);
	itsm_buffer_free(&sql);

	if (status == 0 && opening->count > (size_t)sqlite3_bind_parameter_count(opening->statement)) {
		sqlite3_finalize(opening->statement);
		return itsm_error_set(
			err, ITSM_EUSAGE, "the SQL has fewer parameters than the %zu values for it", opening->count);
	}
	if (status == 0 && opening->named && (status = bind_parameters(opening, err)) != 0)
		sqlite3_finalize(opening->statement);
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
		.bounds = {.steps = STEPS_MAX},
		.rows_most = ROWS_MAX};
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

/* What a field's column holds, when the result's column comes straight from one. */
static enum itsm_value_type origin_type(struct itsm_index *index, sqlite3_stmt *statement, int column)
{
	const char *table = sqlite3_column_table_name(statement, column);
	const char *origin = sqlite3_column_origin_name(statement, column);
	const struct itsm_kind *kind;
	const struct itsm_field *field;
	struct itsm_column described = {0};
	enum itsm_value_type type;

	if (!table || !origin || strncmp(table, "itsm_k_", 7) != 0)
		return ITSM_VALUE_NULL;
	if (strcmp(origin, "itsm_is_open") == 0)
		return ITSM_VALUE_BOOLEAN;
	kind = itsm_kinds_find(index->options.kinds, table + 7);
	field = kind && strncmp(origin, "f_", 2) == 0 ? itsm_kind_field(kind, origin + 2) : NULL;
	if (!field || strcmp(field->column, origin + 2) != 0)
		return ITSM_VALUE_NULL;
	described.type = field->type;
	described.list = field->list;
	type = itsm_column_value_type(&described);
	return type == ITSM_VALUE_BOOLEAN || type == ITSM_VALUE_TIME || type == ITSM_VALUE_JSON ? type : ITSM_VALUE_NULL;
}

/* Of a compound SELECT the first one alone names the origins: nothing is known of the others' values. */
static bool is_compound(const char *sql)
{
	struct index_token token;

	do {
		itsm_index_token(&sql, &token);
		if (token.type == TOKEN_WORD && (strcasecmp(token.text, "union") == 0 ||
			strcasecmp(token.text, "intersect") == 0 || strcasecmp(token.text, "except") == 0))
			return true;
	} while (token.type != TOKEN_END && token.type != TOKEN_BROKEN);
	return false;
}

int itsm_query_open_bounded(struct itsm_index *index, const struct itsm_sql_request *request, struct itsm_query **out,
	struct itsm_error *err)
{
	struct opening opening = {.sql = request->sql,
		.parameters = request->parameters,
		.parameter_count = request->parameter_count,
		.foreign = true,
		.named = true};
	struct itsm_query *query;
	size_t count;
	int status = itsm_index_refuse_own_names(request->sql, err);

	if (status != 0 || (status = open_query(index, &opening, NULL, &query, err)) != 0)
		return status;
	query->rows_most = request->rows;
	query->bounds = (struct index_bounds){.steps = request->expired ? INT64_MAX : STEPS_MAX,
		.memory = request->memory,
		.expired = request->expired,
		.context = request->expired_context};
	count = itsm_query_column_count(query);
	query->types = itsm_arena_alloc(query->arena, (count + 1) * sizeof(*query->types));
	for (size_t i = 0; i < count && !is_compound(request->sql); i++)
		query->types[i] = origin_type(index, query->statement, (int)i);
	*out = query;
	return 0;
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
	status = itsm_index_step_foreign(index, query->statement, &query->bounds, err);
	if (status == 1 && query->rows_most && ++query->rows > query->rows_most)
		return itsm_error_set(err, ITSM_ELIMIT, "the query gives more than %lld rows; narrow it%s",
			(long long)query->rows_most, query->types ? ", or raise the bound with --limit" : "");
	return status;
}

size_t itsm_query_column_count(const struct itsm_query *query)
{
	return (size_t)sqlite3_column_count(query->statement);
}

const char *itsm_query_column_name(const struct itsm_query *query, size_t column)
{
	const char *name = sqlite3_column_name(query->statement, (int)column);

	/* what was written in their place is nobody's name */
	if (query->foreign && name && strstr(name, "itsm_risk_known("))
		return "computed_risk";
	return query->foreign && name && strstr(name, "itsm_risk_rank(") ? "risk_rank" : name;
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
