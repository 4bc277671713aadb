/* Rows into tables: content, and the entries of a snapshot that point to it. */
#include <string.h>

#include "index.h"
#include "itsm/file.h"

#define KEEP_SECONDS 3600
#define COLLECT_AT_ONCE 5000

bool itsm_index_place(struct itsm_index *index, const char *path, struct index_place *out)
{
	*out = (struct index_place){ .path = path };
	out->located = itsm_kinds_locate(index->options.kinds, path, &out->kind, out->id, out->owner);
	if (!out->located)
		out->kind = itsm_kinds_claims(index->options.kinds, path);
	out->shape = itsm_index_shape(index, out->kind);
	return out->kind != NULL;
}

bool itsm_index_place_link(struct itsm_index *index, const char *path, const char *const *folders, size_t count,
	struct index_place *out)
{
	const char *name = strrchr(path, '/');
	size_t length = strlen(path);

	if (itsm_index_place(index, path, out))
		return true;
	if (name && name[1] == '.')
		return false;
	for (size_t i = 0; i < count; i++) {
		size_t folder = strlen(folders[i]);

		if (strncmp(folders[i], path, length) == 0 && (!folders[i][length] || folders[i][length] == '/'))
			return true;
		if (strncmp(folders[i], path, folder) == 0 && path[folder] == '/')
			return true;
	}
	return false;
}

void itsm_index_obstacle_oid(enum index_obstacle obstacle, struct itsm_oid *out)
{
	memset(out, 0, sizeof(*out));
	out->bytes[sizeof(out->bytes) - 1] = (unsigned char)obstacle;
}

/* What the key says besides blob and kind: see the head of schema.c. */
static const char *place_key(const struct index_place *place, const struct itsm_oid *blob)
{
	static const struct itsm_oid zero;

	return !place->located || memcmp(blob->bytes, zero.bytes, sizeof(zero.bytes) - 1) == 0 ? place->path : "";
}

int itsm_index_content_find(struct itsm_index *index, const struct index_place *place, const struct itsm_oid *blob,
	int64_t *out, struct itsm_error *err)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_CONTENT_FIND, 0, err);
	int status;

	if (!statement)
		return ITSM_EINDEX;
	itsm_index_lend_oid(statement, 1, blob);
	sqlite3_bind_int(statement, 2, place->shape->number);
	itsm_index_lend_text(statement, 3, place_key(place, blob));
	status = itsm_index_step(index, statement, err);
	*out = status == 1 ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_reset(statement);
	return status < 0 ? status : 0;
}

int itsm_index_content_seek(struct itsm_index *index, const struct index_contents *contents,
	const struct index_place *place, const struct itsm_oid *blob, int64_t *out, struct itsm_error *err)
{
	if (!contents || *place_key(place, blob))
		return itsm_index_content_find(index, place, blob, out, err);
	*out = itsm_index_contents_find(contents, blob, place->shape->number);
	return 0;
}

static sqlite3_stmt *kind_statement(struct itsm_index *index, const struct itsm_kind *kind, int number, size_t count,
	struct itsm_error *err)
{
	struct itsm_buffer sql = {0}, name = {0};

	if (index->kind_inserts[number])
		return index->kind_inserts[number];
	if (itsm_index_void_fill(index, kind, err) != 0)
		return NULL;
	itsm_buffer_printf(&name, "itsm_k_%s", kind->name);
	itsm_buffer_puts(&sql, "INSERT INTO ");
	itsm_index_quote(&sql, name.data);
	itsm_buffer_puts(&sql, " VALUES(?1");
	for (size_t i = 0; i < count + 3; i++)
		itsm_buffer_printf(&sql, ", ?%zu", i + 2);
	itsm_buffer_putc(&sql, ')');
	if (sqlite3_prepare_v3(index->db, sql.data, -1, SQLITE_PREPARE_PERSISTENT, &index->kind_inserts[number], NULL))
		itsm_index_sql_error(index, err);
	itsm_buffer_free(&sql);
	itsm_buffer_free(&name);
	return index->kind_inserts[number];
}

static int insert_kind(struct itsm_index *index, int number, int64_t content, const struct index_rows *rows,
	struct itsm_error *err)
{
	sqlite3_stmt *statement = kind_statement(index, rows->kind, number, rows->value_count, err);

	if (!statement)
		return ITSM_EINDEX;
	sqlite3_bind_int64(statement, 1, content);
	itsm_index_lend_text(statement, 2, rows->state);
	sqlite3_bind_int(statement, 3, rows->is_open);
	itsm_index_lend_text(statement, 4, rows->title);
	for (size_t i = 0; i < rows->value_count; i++)
		if (rows->values[i].text)
			itsm_index_lend_text(statement, (int)i + 5, rows->values[i].text);
		else
			itsm_index_bind_value(statement, (int)i + 5, &rows->values[i]);
	return itsm_index_run(index, statement, err);
}

static int insert_references(struct itsm_index *index, int number, int64_t content, const struct index_rows *rows,
	struct itsm_error *err)
{
	int status = 0;

	for (size_t i = 0; i < rows->reference_count && status == 0; i++) {
		const struct index_reference *reference = &rows->references[i];
		sqlite3_stmt *statement = itsm_index_statement(index, SQL_REFERENCE_INSERT, 0, err);

		if (!statement)
			return ITSM_EINDEX;
		sqlite3_bind_int64(statement, 1, content);
		sqlite3_bind_int64(statement, 2, (sqlite3_int64)i);
		itsm_index_lend_text(statement, 3, reference->field);
		itsm_index_lend_text(statement, 4, reference->target);
		sqlite3_bind_int64(statement, 5, reference->line);
		sqlite3_bind_int64(statement, 6, reference->column);
		sqlite3_bind_int(statement, 7, number);
		status = itsm_index_run(index, statement, err);
	}
	return status;
}

static int insert_findings(struct itsm_index *index, int64_t content, const struct index_rows *rows,
	struct itsm_error *err)
{
	int status = 0;

	for (size_t i = 0; i < rows->findings.count && status == 0; i++) {
		const struct itsm_finding *finding = &rows->findings.items[i];
		sqlite3_stmt *statement = itsm_index_statement(index, SQL_FINDING_INSERT, 0, err);

		if (!statement)
			return ITSM_EINDEX;
		sqlite3_bind_int64(statement, 1, content);
		sqlite3_bind_int64(statement, 2, (sqlite3_int64)i);
		itsm_index_lend_text(statement, 3, finding->rule);
		itsm_index_lend_text(statement, 4, itsm_severity_name(finding->severity));
		sqlite3_bind_int64(statement, 5, finding->line);
		sqlite3_bind_int64(statement, 6, finding->column);
		itsm_index_lend_text(statement, 7, finding->message);
		itsm_index_lend_text(statement, 8, finding->remedy);
		status = itsm_index_run(index, statement, err);
	}
	return status;
}

int itsm_index_content_insert(struct itsm_index *index, struct index_contents *contents,
	const struct index_place *place, const struct itsm_oid *blob, const struct index_rows *rows, int64_t *out,
	struct itsm_error *err)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_CONTENT_INSERT, 0, err);
	int number = place->shape->number;
	int64_t content;
	int status;

	if (!statement)
		return ITSM_EINDEX;
	itsm_index_lend_oid(statement, 1, blob);
	sqlite3_bind_int(statement, 2, number);
	itsm_index_lend_text(statement, 3, place_key(place, blob));
	sqlite3_bind_int(statement, 4, rows->kind != NULL);
	itsm_index_lend_text(statement, 5, rows->state);
	sqlite3_bind_int(statement, 6, rows->is_open);
	itsm_index_lend_text(statement, 7, rows->title);
	itsm_index_lend_text(statement, 8, rows->sections);
	if ((status = itsm_index_run(index, statement, err)) != 0)
		return status;
	content = sqlite3_last_insert_rowid(index->db);
	if ((rows->kind && (status = insert_kind(index, number, content, rows, err)) != 0) ||
	    (status = insert_references(index, number, content, rows, err)) != 0 ||
	    (status = insert_findings(index, content, rows, err)) != 0)
		return status;
	if (contents && !*place_key(place, blob) &&
		(status = itsm_index_contents_add(contents, blob, number, content, err)) != 0)
		return status;
	*out = content;
	return 0;
}

static int let_go(struct itsm_index *index, int64_t content, struct itsm_error *err)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_LOOSE_INSERT, 0, err);

	if (!statement)
		return ITSM_EINDEX;
	sqlite3_bind_int64(statement, 1, content);
	sqlite3_bind_int64(statement, 2, index->options.now);
	return itsm_index_run(index, statement, err);
}

int itsm_index_entry_remove(struct itsm_index *index, enum itsm_snapshot snapshot, const char *path,
	struct itsm_error *err)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_ENTRY_FIND, snapshot, err);
	int64_t content;
	int status;

	if (!statement)
		return ITSM_EINDEX;
	itsm_index_bind_text(statement, 1, path);
	status = itsm_index_step(index, statement, err);
	content = status == 1 ? sqlite3_column_int64(statement, 0) : 0;
	sqlite3_reset(statement);
	if (status != 1)
		return status;
	statement = itsm_index_statement(index, SQL_ENTRY_DELETE, snapshot, err);
	if (!statement)
		return ITSM_EINDEX;
	itsm_index_bind_text(statement, 1, path);
	status = itsm_index_run(index, statement, err);
	return status == 0 && snapshot != ITSM_SNAPSHOT_AT ? let_go(index, content, err) : status;
}

int itsm_index_entry_set(struct itsm_index *index, enum itsm_snapshot snapshot, const struct index_place *place,
	int64_t content, struct itsm_error *err)
{
	/* without indexes this is the first filling: there is nothing to replace, and looking would be slow */
	int status = index->bare_tables ? 0 : itsm_index_entry_remove(index, snapshot, place->path, err);
	sqlite3_stmt *statement;

	if (status != 0)
		return status;
	statement = itsm_index_statement(index, SQL_ENTRY_INSERT, snapshot, err);
	if (!statement)
		return ITSM_EINDEX;
	sqlite3_bind_int64(statement, 1, content);
	itsm_index_lend_text(statement, 2, place->path);
	itsm_index_lend_text(statement, 3, place->located ? place->id : NULL);
	sqlite3_bind_int(statement, 4, place->shape->number);
	itsm_index_lend_text(statement, 5, place->located && *place->owner ? place->owner : NULL);
	return itsm_index_run(index, statement, err);
}

/* Delete what the temporary table itsm_dead names. */
static int delete_dead(struct itsm_index *index, struct itsm_error *err)
{
	static const char *const fixed[] = {"itsm_content", "itsm_reference", "itsm_finding"};
	sqlite3_stmt *kinds = NULL;
	int status = 0;

	for (size_t i = 0; i < sizeof(fixed) / sizeof(*fixed) && status == 0; i++)
		status = itsm_index_execute_format(
			index, err, "DELETE FROM %s WHERE bid IN (SELECT bid FROM temp.itsm_dead)", fixed[i]);
	if (status == 0)
		status = itsm_index_prepare(index,
			"SELECT format('DELETE FROM \"%w\" WHERE bid IN (SELECT bid FROM temp.itsm_dead)',"
			" s.name) FROM itsm_kind AS k JOIN main.sqlite_schema AS s ON s.name = 'itsm_k_' || k.name"
			" WHERE k.kid IN (SELECT kid FROM temp.itsm_dead) AND s.sql LIKE 'CREATE TABLE%'",
			&kinds, err);
	while (status == 0 && (status = itsm_index_step(index, kinds, err)) == 1)
		status = itsm_index_execute(index, (const char *)sqlite3_column_text(kinds, 0), err);
	sqlite3_finalize(kinds);
	return status;
}

int itsm_index_collect(struct itsm_index *index, struct itsm_error *err)
{
	sqlite3_stmt *statement = NULL;
	int status = itsm_index_prepare(index, "SELECT 1 FROM itsm_loose WHERE since < ?1 LIMIT 1", &statement, err);

	if (status == 0) {
		sqlite3_bind_int64(statement, 1, index->options.now - KEEP_SECONDS);
		status = itsm_index_step(index, statement, err);
	}
	sqlite3_finalize(statement);
	if (status != 1)
		return status;
	status = itsm_index_execute_format(index, err,
		"CREATE TEMP TABLE itsm_old AS SELECT bid FROM itsm_loose"
		" WHERE since < %lld AND bid < (SELECT max(bid) FROM itsm_content) LIMIT %d;" /* no number is given twice */
		"CREATE TEMP TABLE itsm_dead AS SELECT bid, kid FROM itsm_content AS c WHERE bid IN (SELECT bid FROM "
		"temp.itsm_old)"
		" AND NOT EXISTS (SELECT 1 FROM itsm_work_entry AS e WHERE e.bid = c.bid)"
		" AND NOT EXISTS (SELECT 1 FROM itsm_head_entry AS e WHERE e.bid = c.bid)"
		" AND NOT EXISTS (SELECT 1 FROM itsm_touch AS t WHERE t.new = c.bid);"
		"DELETE FROM itsm_loose WHERE bid IN (SELECT bid FROM temp.itsm_old)",
		(long long)index->options.now - KEEP_SECONDS, COLLECT_AT_ONCE);
	if (status == 0)
		status = delete_dead(index, err);
	sqlite3_exec(
		index->db, "DROP TABLE IF EXISTS temp.itsm_old; DROP TABLE IF EXISTS temp.itsm_dead", NULL, NULL, NULL);
	return status;
}
