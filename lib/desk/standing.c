/* Standing queries: from policy/queries/ and the program, and what they say. */
#include <string.h>

#include "standing.h"

#define QUERY_LIMIT (256u << 10)
#define QUERIES_MAX 500
#define PARAMETERS_MAX 8

static int add_query(void *context, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	return itsm_standing_add(context, path, text, size, err);
}

static int load_head(struct itsm_desk *desk, const struct desk_folder *folder, struct itsm_standing_set *set, struct itsm_error *err)
{
	struct itsm_oid head;
	int status = itsm_place_head(desk->arena, &desk->place, &head, NULL, err);

	return status ? status : desk_folder_read(desk, folder, &head, add_query, set, err);
}

int desk_standing_open(struct itsm_desk *desk, bool committed, struct itsm_standing_set **out, struct itsm_error *err)
{
	static const char *const endings[] = {".yaml", NULL};
	static const struct desk_folder folder = {DESK_QUERIES_FOLDER, endings, "a query is a plain file", QUERY_LIMIT, QUERIES_MAX};
	struct itsm_standing_set *set;
	int status = itsm_standing_new(&set, err);

	if (status != 0)
		return status;
	status = committed ? load_head(desk, &folder, set, err) : desk_folder_read_here(desk, &folder, add_query, set, err);
	if (status == 0)
		*out = set;
	else
		itsm_standing_free(set);
	return status;
}

const char *desk_row_text(const struct desk_row *row, const char *column)
{
	size_t i;

	for (i = 0; i < itsm_query_column_count(row->rows); i++) {
		struct itsm_value value;

		if (strcmp(itsm_query_column_name(row->rows, i), column) != 0)
			continue;
		value = itsm_query_value(row->rows, i);
		switch (value.type) {
		case ITSM_VALUE_NULL:
			return NULL;
		case ITSM_VALUE_INTEGER:
			return itsm_arena_printf(row->arena, "%lld", (long long)value.integer);
		case ITSM_VALUE_BOOLEAN:
			return value.integer ? "1" : "0";
		case ITSM_VALUE_REAL:
			return itsm_arena_printf(row->arena, "%.15g", value.real);
		default:
			return itsm_arena_strdup(row->arena, value.text);
		}
	}
	return NULL;
}

int desk_standing_ask(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_standing *query,
	const struct itsm_sql_request *request, int (*callback)(void *context, const struct desk_row *row, struct itsm_error *err),
	void *context, struct itsm_error *err)
{
	struct itsm_parameter named[PARAMETERS_MAX];
	struct itsm_sql_request own = *request;
	struct desk_row row = {.query = query, .arena = arena};
	size_t i;
	int status;

	own.sql = query->sql;
	own.parameters = named;
	own.parameter_count = 0;
	for (i = 0; i < request->parameter_count && i < PARAMETERS_MAX; i++)
		if (strstr(query->sql, itsm_arena_printf(arena, ":%s", request->parameters[i].name)))
			named[own.parameter_count++] = request->parameters[i];
	status = itsm_query_open_bounded(index, &own, &row.rows, err);
	while (status == 0 && (status = itsm_query_next(row.rows, err)) == 1)
		status = callback ? callback(context, &row, err) : 0;
	itsm_query_free(row.rows);
	if (status < 0 && status != ITSM_ELIMIT)
		itsm_error_prefix(err, "query '%s' (%s)", query->name, query->origin);
	return status;
}

static void find_broken(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_standing *query,
	struct itsm_findings *findings)
{
	const struct itsm_parameter parameters[] = {
		{"id", {.type = ITSM_VALUE_TEXT, .text = ""}}, {"alike", {.type = ITSM_VALUE_TEXT, .text = "[]"}},
	};
	const struct itsm_sql_request request = {.parameters = parameters, .parameter_count = 2, .rows = 1};
	struct itsm_error failure = {0};
	struct itsm_finding finding = {.rule = "policy/query", .path = query->origin, .line = 1,
		.remedy = "correct the SQL; `itsm sql --schema` tells the views and their columns"};
	int status = desk_standing_ask(index, arena, query, &request, NULL, NULL, &failure);

	if (status != ITSM_EUSAGE)
		return;
	finding.message = itsm_arena_printf(findings->arena, "does not compile: %s", failure.message);
	itsm_findings_add(findings, &finding);
}

int desk_standing_check(struct itsm_desk *desk, struct itsm_index *index, struct itsm_findings *findings,
	struct itsm_error *err)
{
	struct itsm_arena *arena;
	struct itsm_standing_set *set;
	struct itsm_error failure = {0};
	int status = desk_standing_open(desk, false, &set, &failure);
	size_t i;

	if (status == ITSM_EDATA || status == ITSM_ELIMIT) {
		struct itsm_finding finding = {.rule = "policy/query", .line = failure.line, .column = failure.column,
			.message = failure.message, .remedy = "docs/incidents.md tells the form of a query"};

		itsm_findings_add(findings, &finding);
		return 0;
	}
	if (status != 0) {
		if (err)
			*err = failure;
		return status;
	}
	arena = itsm_arena_new();
	for (i = 0; i < itsm_standing_count(set); i++) {
		const struct itsm_standing *query = itsm_standing_at(set, i);

		if (query->enabled && strcmp(query->origin, "built-in") != 0)
			find_broken(index, arena, query, findings);
	}
	itsm_arena_free(arena);
	itsm_standing_free(set);
	return 0;
}
