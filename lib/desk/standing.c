/* Standing queries: from policy/queries/ and the program, and what they say. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "itsm/file.h"
#include "standing.h"

#define QUERY_LIMIT (256u << 10)
#define QUERIES_MAX 500
#define PARAMETERS_MAX 8

struct loading {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_standing_set *set;
	struct itsm_error *err;
	size_t files;
};

static bool is_query_file(const char *path)
{
	size_t length = strlen(path);

	return length > 5 && strcmp(path + length - 5, ".yaml") == 0;
}

static int add_query(struct loading *loading, const char *path, const struct itsm_buffer *text)
{
	if (++loading->files > QUERIES_MAX)
		return itsm_error_set(loading->err, ITSM_ELIMIT, "%s has more than %d files", DESK_QUERIES_FOLDER, QUERIES_MAX);
	return itsm_standing_add(loading->set, path, text->data ? text->data : "", text->length, loading->err);
}

static int add_entry(void *context, const struct itsm_entry *entry)
{
	struct loading *loading = context;
	struct itsm_buffer text = {0};
	int status;

	if (!is_query_file(entry->path))
		return 0;
	if ((entry->mode & 0170000) != 0100000)
		return itsm_error_set(loading->err, ITSM_EDATA, "%s is not a regular file; a query is a plain file", entry->path);
	status = itsm_repo_blob(loading->desk->repo, &entry->blob, QUERY_LIMIT, &text, loading->err);
	if (status == 0)
		status = add_query(loading, entry->path, &text);
	itsm_buffer_free(&text);
	return status;
}

static int load_head(struct loading *loading, struct itsm_error *err)
{
	struct itsm_desk *desk = loading->desk;
	struct itsm_error failure = {0};
	struct itsm_repo *repo;
	struct itsm_oid head;
	int status = itsm_place_head(loading->arena, &desk->place, &head, NULL, err);

	if (status != 0 || itsm_oid_is_zero(&head) || (status = itsm_desk_repository(desk, &repo, err)) != 0)
		return status;
	loading->err = &failure;
	status = itsm_repo_walk(repo, &head, DESK_QUERIES_FOLDER, add_entry, loading, &failure);
	if (status == ITSM_ENOTFOUND)
		return 0; /* no queries of its own */
	if (status != 0 && err)
		*err = failure;
	return status;
}

static int load_work_tree(struct loading *loading)
{
	int descriptor = openat(loading->desk->root, DESK_QUERIES_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int status = 0, cause = errno;
	DIR *folder = descriptor < 0 ? NULL : fdopendir(descriptor);
	struct dirent *entry;

	if (!folder) {
		if (descriptor >= 0)
			close(descriptor);
		return descriptor < 0 && cause == ENOENT ? 0
			: itsm_error_set(loading->err, ITSM_EIO, "%s: %s", DESK_QUERIES_FOLDER, strerror(cause));
	}
	while (status == 0 && (entry = readdir(folder)) != NULL) {
		struct itsm_buffer text = {0};
		char *path;

		if (!is_query_file(entry->d_name))
			continue;
		path = itsm_arena_printf(loading->arena, "%s/%s", DESK_QUERIES_FOLDER, entry->d_name);
		status = itsm_file_read(loading->desk->root, path, QUERY_LIMIT, &text, loading->err);
		if (status == 0)
			status = add_query(loading, path, &text);
		itsm_buffer_free(&text);
	}
	closedir(folder);
	return status;
}

int desk_standing_open(struct itsm_desk *desk, bool committed, struct itsm_standing_set **out, struct itsm_error *err)
{
	struct loading loading = {.desk = desk, .arena = itsm_arena_new(), .err = err};
	int status = itsm_standing_new(&loading.set, err);

	if (status == 0) {
		status = committed || desk->root < 0 ? load_head(&loading, err) : load_work_tree(&loading);
		if (status == 0)
			*out = loading.set;
		else
			itsm_standing_free(loading.set);
	}
	itsm_arena_free(loading.arena);
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
