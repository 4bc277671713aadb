/*
 * References that lead nowhere or to the wrong kind.
 *
 * Every (kind, field, target) is looked up once, since thousands of records may
 * name the same; then come the references that are like those found wrong.
 */
#include "check.h"

/* What a reference may lead to: parts only where their ID tells them apart. */
#define TARGET \
	" t JOIN itsm_kind AS m ON m.kid = t.kid WHERE t.id = d.target AND (t.owner IS NULL OR m.prefix IS NOT NULL)"

/* What a reference may lead to, for people. */
static const char *allowed_kinds(struct index_checking *checking, int kind, const char *field)
{
	sqlite3_stmt *rows = NULL;
	const char *names = "another kind";

	if (itsm_index_prepare(checking->index,
		    "SELECT group_concat(name, ' or ') FROM (SELECT k.name AS name FROM itsm_allowed"
		    " AS a JOIN itsm_kind AS k ON k.kid = a.target WHERE a.kid = ?1 AND a.field = ?2 ORDER BY k.name)",
		    &rows, NULL) == 0) {
		sqlite3_bind_int(rows, 1, kind);
		itsm_index_bind_text(rows, 2, field);
		if (sqlite3_step(rows) == SQLITE_ROW && check_text(rows, 0))
			names = itsm_arena_strdup(checking->arena, check_text(rows, 0));
	}
	sqlite3_finalize(rows);
	return names;
}

/* Rows of: name, path, line, column, field, target, kind number, kind of the target or NULL. */
static void add_reference(struct index_checking *checking, sqlite3_stmt *row)
{
	const char *field = check_text(row, 4), *target = check_text(row, 5), *kind = check_text(row, 7);
	struct itsm_finding finding = {
		.rule = kind ? "reference/kind" : "reference/missing",
		.record = check_text(row, 0),
		.path = check_text(row, 1),
		.line = (unsigned)sqlite3_column_int(row, 2),
		.column = (unsigned)sqlite3_column_int(row, 3),
	};

	if (kind) {
		const char *allowed = allowed_kinds(checking, sqlite3_column_int(row, 6), field);

		finding.message = itsm_arena_printf(
			checking->arena, "%s names %s, which is of kind %s, not %s", field, target, kind, allowed);
		finding.remedy = itsm_arena_printf(checking->arena, "name a record of kind %s", allowed);
	} else {
		finding.message =
			itsm_arena_printf(checking->arena, "%s names %s, and there is no such record", field, target);
		finding.remedy = "correct the ID, or make the record that it names";
	}
	itsm_findings_add(checking->findings, &finding);
}

/* Every (kind, field, target) there is, or those of the one record. */
static const char *distinct_targets(const struct index_checking *checking)
{
	if (!checking->asked)
		return "(SELECT DISTINCT kid, field, target FROM itsm_reference)";
	return itsm_arena_printf(checking->arena, "(SELECT DISTINCT r.kid, r.field, r.target FROM %s AS o"
		" JOIN itsm_reference AS r ON r.bid = o.bid%s)", checking->entries, check_only(checking, " WHERE o.path"));
}

/* What makes one of them wrong. `kind` is that of the target. */
static const char *wrong_target(const struct index_checking *checking, bool missing)
{
	if (missing)
		return itsm_arena_printf(checking->arena, "NOT EXISTS (SELECT 1 FROM %s" TARGET ")", checking->entries);
	return itsm_arena_printf(checking->arena, "kind IS NOT NULL"
		" AND EXISTS (SELECT 1 FROM itsm_allowed AS a WHERE a.kid = d.kid AND a.field = d.field)"
		" AND NOT EXISTS (SELECT 1 FROM itsm_allowed AS a JOIN %s AS t ON t.id = d.target AND t.kid = a.target"
		" WHERE a.kid = d.kid AND a.field = d.field)", checking->entries);
}

/* Notes, approvals and other parts whose record is not there. */
int itsm_index_check_owners(struct index_checking *checking, struct itsm_error *err)
{
	const char *sql = itsm_arena_printf(checking->arena,
		"SELECT " NAME ", e.path, e.owner FROM %s AS e JOIN itsm_kind AS n ON n.kid = e.kid"
		" WHERE e.owner IS NOT NULL AND NOT EXISTS (SELECT 1 FROM %s AS o WHERE o.id = e.owner AND o.owner IS NULL)%s",
		checking->entries, checking->entries, check_only(checking, " AND e.path"));
	sqlite3_stmt *rows = NULL;
	int status = itsm_index_check_prepare(checking, &rows, err, sql);

	while (status == 0 && (status = itsm_index_step(checking->index, rows, err)) == 1) {
		struct itsm_finding finding = {.rule = "reference/missing", .record = check_text(rows, 0), .path = check_text(rows, 1), .line = 1};

		finding.message = itsm_arena_printf(checking->arena, "it is part of %s, and there is no such record", check_text(rows, 2));
		finding.remedy = "make the record, or move the file into the folder of the one it belongs to";
		itsm_findings_add(checking->findings, &finding);
		status = 0;
	}
	sqlite3_finalize(rows);
	return status;
}

int itsm_index_check_references(struct index_checking *checking, bool missing, struct itsm_error *err)
{
	const char *kind = missing ? "NULL" :
		itsm_arena_printf(checking->arena, "(SELECT m.name FROM %s" TARGET ")", checking->entries);
	const char *sql = itsm_arena_printf(checking->arena,
		"SELECT " NAME ", e.path, r.line, r.col, r.field, r.target, r.kid, w.kind"
		" FROM (SELECT d.kid, d.field, d.target, %s AS kind FROM %s AS d WHERE %s) AS w"
		" CROSS JOIN itsm_reference AS r ON r.target = w.target AND r.field = w.field AND r.kid = w.kid"
		" CROSS JOIN %s AS e ON e.bid = r.bid JOIN itsm_kind AS n ON n.kid = e.kid%s",
		kind, distinct_targets(checking), wrong_target(checking, missing), checking->entries,
		check_only(checking, " WHERE e.path"));
	sqlite3_stmt *rows = NULL;
	int status = itsm_index_check_prepare(checking, &rows, err, sql);

	while (status == 0 && (status = itsm_index_step(checking->index, rows, err)) == 1) {
		add_reference(checking, rows);
		status = 0;
	}
	sqlite3_finalize(rows);
	return status;
}
