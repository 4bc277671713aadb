/*
 * Checking a snapshot: what the schema found when the content was read, and what
 * only the whole can tell. One statement per question, not per record.
 */
#include <string.h>

#include "check.h"

#define STEPS_MAX 1000000       /* thousands of virtual machine steps for one check over all records */

int itsm_index_check_prepare(
	struct index_checking *checking, sqlite3_stmt **out, struct itsm_error *err, const char *sql)
{
	int status = itsm_index_prepare(checking->index, sql, out, err);

	if (status == 0 && checking->asked)
		itsm_index_bind_text(*out, 1, checking->asked);
	return status;
}

static enum itsm_severity severity_of(const char *name)
{
	for (int i = ITSM_SEVERITY_ERROR; i <= ITSM_SEVERITY_NOTE; i++)
		if (strcmp(itsm_severity_name((enum itsm_severity)i), name) == 0)
			return (enum itsm_severity)i;
	return ITSM_SEVERITY_ERROR;
}

static int check_schema(struct index_checking *checking, struct itsm_error *err)
{
	const char *sql = itsm_arena_printf(checking->arena,
		"SELECT f.rule, f.severity, " NAME ", e.path, f.line, f.col,"
		" f.message, f.remedy FROM itsm_finding AS f JOIN %s AS e ON e.bid = f.bid LEFT JOIN itsm_kind AS n ON "
		"n.kid = e.kid%s",
		checking->entries, check_only(checking, " WHERE e.path"));
	sqlite3_stmt *rows = NULL;
	int status = itsm_index_check_prepare(checking, &rows, err, sql);

	while (status == 0 && (status = itsm_index_step(checking->index, rows, err)) == 1) {
		struct itsm_finding finding = {
			.rule = check_text(rows, 0),
			.severity = severity_of(check_text(rows, 1)),
			.record = check_text(rows, 2),
			.path = check_text(rows, 3),
			.line = (unsigned)sqlite3_column_int(rows, 4),
			.column = (unsigned)sqlite3_column_int(rows, 5),
			.message = check_text(rows, 6),
			.remedy = check_text(rows, 7),
		};

		itsm_findings_add(checking->findings, &finding);
		status = 0;
	}
	sqlite3_finalize(rows);
	return status;
}

static int check_duplicates(struct index_checking *checking, struct itsm_error *err)
{
	const char *ids = checking->asked ? check_only(checking, "WHERE path") :
		"WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1";
	/* each names the first of the others, so that thousands of them cost no more than once each */
	const char *sql = itsm_arena_printf(checking->arena,
		"WITH d AS MATERIALIZED (SELECT id, kid, owner, min(path) AS low, max(path) AS high FROM %s"
		" WHERE id IN (SELECT id FROM %s %s) GROUP BY id, kid, owner HAVING count(*) > 1)"
		" SELECT " NAME ", e.path, CASE e.path WHEN d.low THEN d.high ELSE d.low END FROM d"
		" CROSS JOIN %s AS e ON e.id = d.id AND e.kid = d.kid AND e.owner IS d.owner"
		" JOIN itsm_kind AS n ON n.kid = e.kid%s",
		checking->entries, checking->entries, ids, checking->entries, check_only(checking, " WHERE e.path"));
	sqlite3_stmt *rows = NULL;
	int status = itsm_index_check_prepare(checking, &rows, err, sql);

	while (status == 0 && (status = itsm_index_step(checking->index, rows, err)) == 1) {
		struct itsm_finding finding = {
			.rule = "id/duplicate", .record = check_text(rows, 0), .path = check_text(rows, 1),
			.message = itsm_arena_printf(checking->arena, "has the ID of %s too", check_text(rows, 2)),
			.remedy = "give one of them another ID: rename its file",
		};

		itsm_findings_add(checking->findings, &finding);
		status = 0;
	}
	sqlite3_finalize(rows);
	return status;
}

/* Records of a kind that share a field's value: as with IDs, each names the first of the others. */
static const char *unique_sql(
	struct index_checking *checking, const struct itsm_kind *kind, const struct itsm_field *field)
{
	struct itsm_buffer table = {0}, column = {0};
	const char *sql;

	itsm_index_quote(&table, itsm_arena_printf(checking->arena, "itsm_k_%s", kind->name));
	itsm_index_quote(&column, itsm_arena_printf(checking->arena, "f_%s", field->column));
	sql = itsm_arena_printf(checking->arena,
		"WITH u AS (SELECT e.bid, e.path, e.id, e.owner, e.kid, k.%s AS value FROM %s AS k JOIN %s AS e ON "
		"e.bid = k.bid"
		" WHERE k.%s IS NOT NULL),"
		" d AS MATERIALIZED (SELECT value, min(path) AS low, max(path) AS high FROM u GROUP BY value HAVING "
		"count(*) > 1)"
		" SELECT " NAME ", e.path, c.blob, e.value, CASE e.path WHEN d.low THEN d.high ELSE d.low END FROM d"
		" JOIN u AS e ON e.value = d.value JOIN itsm_content AS c ON c.bid = e.bid JOIN itsm_kind AS n ON "
		"n.kid = e.kid%s",
		column.data, table.data, checking->entries, column.data, check_only(checking, " WHERE e.path"));
	itsm_buffer_free(&table);
	itsm_buffer_free(&column);
	return sql;
}

static int check_unique(struct index_checking *checking, const struct itsm_kind *kind, const struct itsm_field *field,
	struct itsm_error *err)
{
	sqlite3_stmt *rows = NULL;
	int status = itsm_index_check_prepare(checking, &rows, err, unique_sql(checking, kind, field));

	while (status == 0 && (status = itsm_index_step(checking->index, rows, err)) == 1) {
		struct itsm_finding finding = {
			.rule = "schema/unique", .record = check_text(rows, 0), .path = check_text(rows, 1)
		};
		struct itsm_oid blob;

		itsm_index_column_oid(rows, 2, &blob);
		if (!checking->unplaced)
			itsm_index_position(&checking->positions, finding.path, &blob, field->name, &finding.line,
				&finding.column);
		finding.message = itsm_arena_printf(checking->arena, "%s is '%s', as that of %s", field->name,
			check_text(rows, 3), check_text(rows, 4));
		finding.remedy = "give one of them another value";
		itsm_findings_add(checking->findings, &finding);
		status = 0;
	}
	sqlite3_finalize(rows);
	return status;
}

static const char *rule_name(
	struct index_checking *checking, const struct itsm_kind *kind, const struct itsm_check *check)
{
	return itsm_arena_printf(checking->arena, "check/%s/%s", kind->name, check->name);
}

/* A check that SQLite does not take, or that runs too long, is a finding against the kind. */
static void add_broken(struct index_checking *checking, const struct itsm_kind *kind, const struct itsm_check *check,
	const struct itsm_error *error)
{
	struct itsm_finding finding = {
		.rule = rule_name(checking, kind, check), .path = kind->origin,
		.message = itsm_arena_printf(checking->arena, "the check cannot be evaluated: %s", error->message),
		.remedy = "correct its SQL in the definition of the kind",
	};

	itsm_findings_add(checking->findings, &finding);
}

static int prepare_check(struct index_checking *checking, const struct itsm_kind *kind, const struct itsm_check *check,
	sqlite3_stmt **out, struct itsm_error *err)
{
	struct itsm_buffer sql = {0};
	int status = itsm_index_view_self(checking->index, kind, err);

	itsm_buffer_puts(&sql, "SELECT self.path FROM ");
	itsm_index_quote(&sql, itsm_arena_printf(checking->arena, "itsm_self_%s", kind->name));
	itsm_buffer_puts(&sql, " AS self WHERE NOT coalesce((");
	if (status == 0)
		status = itsm_index_expression(checking->index, kind, check->must, &sql, err);
	itsm_buffer_puts(&sql, "), 1)");
	for (size_t i = 0; check->states && check->states[i]; i++) {
		char *state = sqlite3_mprintf("%s%Q", i ? ", " : " AND self.state IN (", check->states[i]);

		itsm_buffer_puts(&sql, state ? state : "");
		sqlite3_free(state);
	}
	itsm_buffer_puts(&sql, check->states && check->states[0] ? ")" : "");
	itsm_buffer_puts(&sql, check_only(checking, " AND self.path"));
	if (status == 0)
		status = itsm_index_prepare_foreign(checking->index, sql.data, out, err);
	itsm_buffer_free(&sql);
	if (status == 0 && checking->asked)
		itsm_index_bind_text(*out, 1, checking->asked);
	return status;
}

/* The finding of one record that does not hold a check. */
static int add_unheld(struct index_checking *checking, const struct itsm_kind *kind, const struct itsm_check *check,
	const char *path, struct itsm_error *err)
{
	const char *sql = itsm_arena_printf(checking->arena,
		"SELECT " NAME ", c.blob FROM %s AS e JOIN itsm_content AS c"
		" ON c.bid = e.bid JOIN itsm_kind AS n ON n.kid = e.kid WHERE e.path = ?1",
		checking->entries);
	struct itsm_finding finding = {
		.rule = rule_name(checking, kind, check),
		.severity = check->severity,
		.path = path,
		.message = check->message,
		.remedy = check->remedy,
	};
	sqlite3_stmt *row = NULL;
	struct itsm_oid blob;
	int status = itsm_index_prepare(checking->index, sql, &row, err);

	if (status == 0) {
		itsm_index_bind_text(row, 1, path);
		status = itsm_index_step(checking->index, row, err);
	}
	if (status == 1) {
		finding.record = check_text(row, 0);
		itsm_index_column_oid(row, 1, &blob);
		if (!checking->unplaced)
			itsm_index_position(&checking->positions, path, &blob, check->field, &finding.line, &finding.column);
		itsm_findings_add(checking->findings, &finding);
	}
	sqlite3_finalize(row);
	return status < 0 ? status : 0;
}

static int check_one(struct index_checking *checking, const struct itsm_kind *kind, const struct itsm_check *check,
	struct itsm_error *err)
{
	struct index_bounds bounds = {.steps = STEPS_MAX};
	struct itsm_error error = {0};
	sqlite3_stmt *rows = NULL;
	int status = prepare_check(checking, kind, check, &rows, &error);

	while (status == 0 && (status = itsm_index_step_foreign(checking->index, rows, &bounds, &error)) == 1)
		status = add_unheld(checking, kind, check, check_text(rows, 0), &error);
	sqlite3_finalize(rows);
	if (status == ITSM_EUSAGE || status == ITSM_ELIMIT) {
		add_broken(checking, kind, check, &error);
		return 0;
	}
	if (status < 0 && err)
		*err = error;
	return status;
}

static int check_kind(struct index_checking *checking, const struct itsm_kind *kind, struct itsm_error *err)
{
	size_t count;
	const struct itsm_field **fields = itsm_index_kind_fields(checking->arena, kind, &count);
	int status = 0;

	for (size_t i = 0; i < count && status == 0; i++)
		if (fields[i]->unique && !fields[i]->list)
			status = check_unique(checking, kind, fields[i], err);
	for (size_t i = 0; i < kind->check_count && status == 0; i++)
		status = check_one(checking, kind, &kind->checks[i], err);
	return status;
}

static int check_kinds(struct index_checking *checking, struct itsm_error *err)
{
	const char *sql =
		itsm_arena_printf(checking->arena, "SELECT DISTINCT kid FROM %s WHERE id IS NOT NULL%s ORDER BY kid",
			checking->entries, check_only(checking, " AND path"));
	sqlite3_stmt *rows = NULL;
	int status = itsm_index_check_prepare(checking, &rows, err, sql);

	while (status == 0 && (status = itsm_index_step(checking->index, rows, err)) == 1) {
		const struct itsm_kind *kind = itsm_index_kind_at(checking->index, sqlite3_column_int(rows, 0));

		status = kind ? check_kind(checking, kind, err) : 0;
	}
	sqlite3_finalize(rows);
	return status;
}

struct request {
	const char *id;           /* of the one record, or NULL */
	const char *const *paths; /* of those asked for, where there is no id; NULL = all */
	size_t count;
	bool unplaced;
	struct itsm_findings *findings;
};

/* What the records are narrowed to: one is asked for by its path, many by a list that SQLite unfolds. */
static int narrow(struct index_checking *checking, const struct request *request, struct itsm_error *err)
{
	struct itsm_buffer list = {0};
	int status = 0;

	checking->among = " = ?1";
	if (request->id) {
		status = itsm_index_exact_path(checking->index, NULL, request->id, checking->arena, &checking->asked, err);
		if (!checking->asked)
			checking->asked = request->id; /* nothing is there, so nothing is found */
	} else if (request->paths) {
		for (size_t i = 0; i < request->count; i++) {
			itsm_buffer_putc(&list, i ? ',' : '[');
			itsm_escape_json(&list, request->paths[i]);
		}
		itsm_buffer_puts(&list, request->count ? "]" : "[]");
		checking->asked = itsm_arena_strndup(checking->arena, list.data, list.length);
		checking->among = " IN (SELECT value FROM json_each(?1))";
		itsm_buffer_free(&list);
	}
	return status;
}

static int check(struct itsm_index *index, void *context, struct itsm_error *err)
{
	const struct request *request = context;
	struct itsm_arena *arena = itsm_arena_new();
	struct index_checking checking = {
		.index = index, .arena = arena, .entries = itsm_index_entry_table(index, index->snapshot),
		.unplaced = request->unplaced
	};
	struct itsm_findings found;
	int status;

	/* apart, so that a second attempt does not add them twice */
	itsm_findings_init(&found, arena);
	checking.findings = &found;
	itsm_index_positions_begin(&checking.positions, index);
	if ((status = narrow(&checking, request, err)) == 0 && (status = check_schema(&checking, err)) == 0 &&
		(status = check_duplicates(&checking, err)) == 0 &&
		(status = itsm_index_check_references(&checking, true, err)) == 0 &&
		(status = itsm_index_check_owners(&checking, err)) == 0 &&
		(status = itsm_index_check_references(&checking, false, err)) == 0)
		status = check_kinds(&checking, err);
	for (size_t i = 0; i < found.count && status == 0; i++)
		itsm_findings_add(request->findings, &found.items[i]);
	itsm_index_positions_end(&checking.positions);
	itsm_arena_free(arena);
	return status;
}

int itsm_index_check(struct itsm_index *index, const char *id, struct itsm_findings *findings, struct itsm_error *err)
{
	struct request request = {.id = id, .findings = findings};

	return itsm_index_attempt(index, check, &request, err);
}

int itsm_index_check_paths(struct itsm_index *index, const char *const *paths, size_t count, bool positions,
	struct itsm_findings *findings, struct itsm_error *err)
{
	struct request request = {.paths = paths, .count = count, .unplaced = !positions, .findings = findings};

	if (count == 1)
		request.id = paths[0];
	return count ? itsm_index_attempt(index, check, &request, err) : 0;
}
