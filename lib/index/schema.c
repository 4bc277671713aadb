/*
 * The tables. All of ours are called itsm_..., so that the views can have the
 * kinds' names.
 *
 *   itsm_meta        key, value: format, kinds (digest), work (generation), head, history (commits)
 *   itsm_kind        kid, name, pillar, part, folder, prefix: the kinds, numbered from 1. Asked instead of the
 *                    kinds themselves where many are meant, since those are parsed when first touched
 *   itsm_content     what some bytes are when they lie in the folder of a kind: one row per
 *                    (blob, kid, place). `place` is '' for records; for files that are none (misplaced,
 *                    links) it is their path, since what is to be said of them depends on it.
 *                    sections is JSON {"Plan": 1}: not rows, for they are many and asked for rarely
 *   itsm_k_<kind>    the fields of readable content, real columns; lists and objects are JSON. Of a kind that no
 *                    record has been read of it is one that SQLite need not parse: see void.c
 *   itsm_allowed     kid, field, target: the kinds (numbers) that a reference may lead to, where that is said
 *   itsm_reference   bid, ord, kid, field, target, line, col: every reference, in order of the text
 *   itsm_finding     what the schema finds in the content
 *   itsm_work_entry  \ path -> content of a snapshot, with the ID, kind and owner that
 *   itsm_head_entry  / the path says; temp.itsm_at_entry is the same for one process
 *   itsm_work_unit   path, data: what the work tree held, see unit.c
 *   itsm_loose       bid, since: content that a snapshot let go of. It is removed after an
 *                    hour, so that switching branches to and fro reads nothing twice and another
 *                    process still finds what its AT snapshot means
 *   itsm_commit      cid (newest = largest), oid, parents (their names, 20 bytes each), landed (the first position of
 *                    the mainline that has it in its history), who, when, message; rank, depth: when it was committed,
 *                    or the latest of its forebears where its clock was late, and how many of them stand in a row. By
 *                    these and oid commits are told newest first, a child before its parents, whenever they were read
 *   itsm_mainline    pos, cid: the chain of first parents of the commit in the meta value `history`, oldest = 1
 *   itsm_path        pid, path, with the ID, kind and owner that the path says: what history ever had
 *   itsm_touch       cid, ord, pid, old, new: contents; NULL where there was, or is, nothing
 *   itsm_event       cid, ord, n, field, old, new, line, cut: what of a record a touch changed, as
 *                    itsm_record_compare says it. None for a record added or removed whole: content says that. Texts
 *                    of more than 512 bytes are left out, and `cut` is 1
 *   itsm_version     pid, since, until, bid: what was at a path from the position `since` of the mainline on, up
 *                    to before `until` (the largest number: still). So the desk at any commit of the mainline is a WHERE
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "index.h"

static const char tables[] =
	"CREATE TABLE itsm_meta(key TEXT PRIMARY KEY, value) WITHOUT ROWID;"
	"CREATE TABLE itsm_kind(kid INTEGER PRIMARY KEY, name TEXT, pillar TEXT, part TEXT, folder TEXT, prefix TEXT);"
	"CREATE TABLE itsm_content(bid INTEGER PRIMARY KEY, blob BLOB, kid INTEGER, place TEXT, readable INTEGER,"
	" state TEXT, is_open INTEGER, title TEXT, sections TEXT);"
	"CREATE TABLE itsm_allowed(kid INTEGER, field TEXT, target INTEGER, PRIMARY KEY(kid, field, target)) WITHOUT "
	"ROWID;"
	"CREATE TABLE itsm_reference(bid INTEGER, ord INTEGER, kid INTEGER, field TEXT, target TEXT, line INTEGER, col "
	"INTEGER,"
	" PRIMARY KEY(bid, ord)) WITHOUT ROWID;"
	"CREATE TABLE itsm_finding(bid INTEGER, ord INTEGER, rule TEXT, severity TEXT, line INTEGER, col INTEGER, "
	"message TEXT,"
	" remedy TEXT, PRIMARY KEY(bid, ord)) WITHOUT ROWID;"
	"CREATE TABLE itsm_work_entry(bid INTEGER, path TEXT, id TEXT, kid INTEGER, owner TEXT, PRIMARY KEY(bid, path))"
	" WITHOUT ROWID;"
	"CREATE TABLE itsm_head_entry(bid INTEGER, path TEXT, id TEXT, kid INTEGER, owner TEXT, PRIMARY KEY(bid, path))"
	" WITHOUT ROWID;"
	"CREATE TABLE itsm_work_unit(path TEXT PRIMARY KEY, data BLOB);"
	"CREATE TABLE itsm_loose(bid INTEGER PRIMARY KEY, since INTEGER);"
	"CREATE TABLE itsm_commit(cid INTEGER PRIMARY KEY, oid BLOB UNIQUE, parents BLOB, landed INTEGER, author TEXT, mail TEXT, at INTEGER, zone "
	"INTEGER,"
	" committer TEXT, committer_mail TEXT, committed INTEGER, committed_zone INTEGER, subject TEXT, body TEXT,"
	" rank INTEGER, depth INTEGER);"
	"CREATE TABLE itsm_mainline(pos INTEGER PRIMARY KEY, cid INTEGER UNIQUE);"
	"CREATE TABLE itsm_path(pid INTEGER PRIMARY KEY, path TEXT UNIQUE, id TEXT, kid INTEGER, owner TEXT);"
	"CREATE TABLE itsm_touch(cid INTEGER, ord INTEGER, pid INTEGER, old INTEGER, new INTEGER,"
	" PRIMARY KEY(cid, ord)) WITHOUT ROWID;"
	"CREATE TABLE itsm_event(cid INTEGER, ord INTEGER, n INTEGER, field TEXT, old TEXT, new TEXT, line INTEGER,"
	" cut INTEGER, PRIMARY KEY(cid, ord, n)) WITHOUT ROWID;"
	"CREATE TABLE itsm_version(pid INTEGER, since INTEGER, until INTEGER, bid INTEGER, PRIMARY KEY(pid, since))"
	" WITHOUT ROWID;"
	"CREATE UNIQUE INDEX itsm_content_blob ON itsm_content(blob, kid, place);";

static const char secondary[] =
	"CREATE UNIQUE INDEX itsm_work_path ON itsm_work_entry(path);"
	"CREATE INDEX itsm_work_id ON itsm_work_entry(id, kid, owner);"
	"CREATE INDEX itsm_work_owner ON itsm_work_entry(owner) WHERE owner IS NOT NULL;"
	"CREATE UNIQUE INDEX itsm_head_path ON itsm_head_entry(path);"
	"CREATE INDEX itsm_head_id ON itsm_head_entry(id, kid, owner);"
	"CREATE INDEX itsm_head_owner ON itsm_head_entry(owner) WHERE owner IS NOT NULL;"
	"CREATE INDEX itsm_reference_target ON itsm_reference(target, field, kid);"
	"CREATE INDEX itsm_path_id ON itsm_path(id);"
	"CREATE INDEX itsm_path_owner ON itsm_path(owner) WHERE owner IS NOT NULL;"
	"CREATE INDEX itsm_version_bid ON itsm_version(bid);"
	"CREATE INDEX itsm_commit_order ON itsm_commit(rank, depth);"
	"CREATE INDEX itsm_touch_new ON itsm_touch(new);"
	"CREATE INDEX itsm_touch_pid ON itsm_touch(pid);";

const struct itsm_field **itsm_index_kind_fields(struct itsm_arena *arena, const struct itsm_kind *kind, size_t *count)
{
	static const char *const common[] = {"id", "path", "state", "is_open", "title"};
	size_t all, used = 0;
	const struct itsm_field *const *columns = itsm_kind_columns(kind, &all);
	const struct itsm_field **fields = itsm_arena_alloc(arena, (all + 1) * sizeof(*fields));

	for (size_t i = 0; i < all; i++) {
		bool hidden = kind->part && strcasecmp(columns[i]->column, "record") == 0;

		for (size_t j = 0; j < sizeof(common) / sizeof(*common); j++)
			hidden |= strcasecmp(columns[i]->column, common[j]) == 0;
		for (size_t j = 0; j < used; j++)
			hidden |= strcasecmp(columns[i]->column, fields[j]->column) == 0;
		if (!hidden)
			fields[used++] = columns[i];
	}
	*count = used;
	return fields;
}

/* The names by number, read once. */
static const char **kind_names(struct itsm_index *index)
{
	sqlite3_stmt *statement = NULL;

	if (index->kind_names)
		return index->kind_names;
	index->kind_names = itsm_arena_alloc(index->arena, (index->kind_count + 1) * sizeof(*index->kind_names));
	if (itsm_index_prepare(index, "SELECT kid, name FROM itsm_kind", &statement, NULL) == 0) {
		while (sqlite3_step(statement) == SQLITE_ROW) {
			sqlite3_int64 number = sqlite3_column_int64(statement, 0);

			if (number > 0 && (size_t)number <= index->kind_count)
				index->kind_names[number] = itsm_arena_strdup(
					index->arena, (const char *)sqlite3_column_text(statement, 1));
		}
	}
	sqlite3_finalize(statement);
	return index->kind_names;
}

uint64_t itsm_index_hint(const char *name)
{
	size_t length = strcspn(name, ".");

	return (uint64_t)1 << ((unsigned char)name[0] * 7u + (unsigned char)name[length ? length - 1 : 0] + length) %
		64;
}

const struct index_shape *itsm_index_shape(struct itsm_index *index, const struct itsm_kind *kind)
{
	const char **names;
	struct index_shape *shape;

	for (size_t i = 0; i < index->shape_count; i++)
		if (index->shapes[i].kind == kind)
			return &index->shapes[i];
	if (!index->shapes) /* of a fixed size: those that were given out stay where they are */
		index->shapes = itsm_arena_alloc(index->arena, (index->kind_count + 1) * sizeof(*index->shapes));
	shape = &index->shapes[index->shape_count++];
	shape->kind = kind;
	if (!kind)
		return shape;
	shape->fields = itsm_index_kind_fields(index->arena, kind, &shape->count);
	shape->hints = itsm_arena_alloc(index->arena, (shape->count + 1) * sizeof(*shape->hints));
	for (size_t i = 0; i < shape->count; i++)
		shape->hints[i] = itsm_index_hint(shape->fields[i]->name);
	names = kind_names(index);
	for (size_t i = 1; i <= index->kind_count; i++)
		if (names[i] && strcmp(names[i], kind->name) == 0)
			shape->number = (int)i;
	return shape;
}

const struct itsm_kind *itsm_index_kind_at(struct itsm_index *index, int number)
{
	const char **names = kind_names(index);

	return number > 0 && (size_t)number <= index->kind_count && names[number] ?
		itsm_kinds_find(index->options.kinds, names[number]) : NULL;
}

static int create_kind(struct itsm_index *index, const struct itsm_kind *kind, int number, struct itsm_error *err)
{
	sqlite3_stmt *insert = NULL;
	int status = 0;

	if (strncmp(kind->name, "itsm_", 5) == 0 || strncmp(kind->name, "sqlite_", 7) == 0 ||
	    itsm_index_is_own_view(kind->name))
		status = itsm_error_set(err, ITSM_EDATA,
			"%s: the kind's name '%s' is taken by an SQL view; give it another", kind->origin, kind->name);
	if (status == 0)
		status = itsm_index_void_create(index, kind, err);
	if (status == 0)
		status =
			itsm_index_prepare(index, "INSERT INTO itsm_kind VALUES(?1, ?2, ?3, ?4, ?5, ?6)", &insert, err);
	if (status == 0) {
		sqlite3_bind_int(insert, 1, number);
		itsm_index_bind_text(insert, 2, kind->name);
		itsm_index_bind_text(insert, 3, kind->pillar);
		itsm_index_bind_text(insert, 4, kind->part);
		itsm_index_bind_text(insert, 5, kind->folder);
		itsm_index_bind_text(insert, 6, kind->prefix);
		status = itsm_index_run(index, insert, err);
	}
	sqlite3_finalize(insert);
	return status;
}

/* What a reference of this field, or of one inside it, may lead to. */
static int allow(struct itsm_index *index, int number, const struct itsm_field *field, sqlite3_stmt *insert,
	struct itsm_error *err)
{
	int status = 0;

	for (size_t i = 0; i < field->field_count && status == 0; i++)
		status = allow(index, number, &field->fields[i], insert, err);
	for (size_t i = 0; field->type == ITSM_TYPE_REF && field->to && field->to[i] && status == 0; i++) {
		sqlite3_reset(insert);
		sqlite3_bind_int(insert, 1, number);
		itsm_index_bind_text(insert, 2, field->name);
		itsm_index_bind_text(insert, 3, field->to[i]);
		status = itsm_index_run(index, insert, err);
	}
	return status;
}

static int allow_all(struct itsm_index *index, struct itsm_error *err)
{
	size_t count = itsm_kinds_count(index->options.kinds);
	sqlite3_stmt *insert = NULL;
	int status = itsm_index_prepare(index, "INSERT OR IGNORE INTO itsm_allowed SELECT ?1, ?2, kid FROM itsm_kind"
		" WHERE name = ?3", &insert, err);

	for (size_t i = 0; i < count && status == 0; i++) {
		const struct itsm_kind *kind = itsm_kinds_at(index->options.kinds, i);

		for (size_t j = 0; j < kind->field_count && status == 0; j++)
			status = allow(index, (int)i + 1, &kind->fields[j], insert, err);
	}
	sqlite3_finalize(insert);
	return status;
}

int itsm_index_schema_create(struct itsm_index *index, struct itsm_error *err)
{
	size_t count = itsm_kinds_count(index->options.kinds);
	char format[16], epoch[24];
	sqlite3_int64 random;
	int status = itsm_index_execute(index, tables, err);

	for (size_t i = 0; i < count && status == 0; i++)
		status = create_kind(index, itsm_kinds_at(index->options.kinds, i), (int)i + 1, err);
	if (status == 0)
		status = allow_all(index, err);
	sqlite3_randomness(sizeof(random), &random);
	snprintf(epoch, sizeof(epoch), "%llx", (unsigned long long)random);
	snprintf(format, sizeof(format), "%d", ITSM_INDEX_FORMAT);
	if (status == 0 && (status = itsm_index_meta_set(index, "format", format, err)) == 0 &&
	    (status = itsm_index_meta_set(index, "epoch", epoch, err)) == 0)
		status = itsm_index_meta_set(index, "kinds", itsm_kinds_digest(index->options.kinds), err);
	return status;
}

int itsm_index_schema_fits(struct itsm_index *index, struct itsm_error *err)
{
	static const char sql[] = "SELECT (SELECT value FROM itsm_meta WHERE key = 'format'),"
		" (SELECT value FROM itsm_meta WHERE key = 'kinds'), (SELECT value FROM itsm_meta WHERE key = 'epoch'),"
		" EXISTS(SELECT 1 FROM sqlite_schema WHERE name = 'itsm_touch_pid')";
	sqlite3_stmt *statement = NULL;
	const char *format, *kinds, *epoch;
	int status = itsm_index_prepare(index, sql, &statement, err);

	if (status == 0 && (status = itsm_index_step(index, statement, err)) == 1) {
		format = (const char *)sqlite3_column_text(statement, 0);
		kinds = (const char *)sqlite3_column_text(statement, 1);
		epoch = (const char *)sqlite3_column_text(statement, 2);
		status = format && kinds && epoch && atoi(format) == ITSM_INDEX_FORMAT &&
			strcmp(kinds, itsm_kinds_digest(index->options.kinds)) == 0;
		if (status == 1) {
			snprintf(index->epoch, sizeof(index->epoch), "%s", epoch);
			index->bare_tables = !sqlite3_column_int(statement, 3);
		}
	}
	sqlite3_finalize(statement);
	return status;
}

/* Make an index of a kind's table by one of its fields, when it has that. */
static int index_field(struct itsm_index *index, const struct itsm_kind *kind, const char *column, const char *where,
	struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer sql = {0};
	size_t count;
	const struct itsm_field **fields = itsm_index_kind_fields(arena, kind, &count);
	int status = 0;

	for (size_t i = 0; i < count; i++) {
		if (strcmp(fields[i]->column, column) != 0 || fields[i]->list)
			continue;
		itsm_buffer_puts(&sql, "CREATE INDEX ");
		itsm_index_quote(&sql, itsm_arena_printf(arena, "itsm_%s_%s", column, kind->name));
		itsm_buffer_puts(&sql, " ON ");
		itsm_index_quote(&sql, itsm_arena_printf(arena, "itsm_k_%s", kind->name));
		itsm_buffer_printf(&sql, "(f_%s)%s", column, where);
		status = itsm_index_execute(index, sql.data, err);
	}
	itsm_buffer_free(&sql);
	itsm_arena_free(arena);
	return status;
}

/* Lists are newest first, and imports look up the keys of other systems. */
int itsm_index_schema_kind(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_error *err)
{
	int status = index_field(index, kind, "opened", "", err);

	return status == 0 ? index_field(index, kind, "external", " WHERE f_external IS NOT NULL", err) : status;
}

/* Those of the kinds whose tables are real. */
static int index_kinds(struct itsm_index *index, struct itsm_error *err)
{
	static const char sql[] = "SELECT k.name FROM main.sqlite_schema AS s JOIN itsm_kind AS k ON s.name = 'itsm_k_' || k.name"
		" WHERE s.type = 'table' AND s.sql LIKE 'CREATE TABLE%' ORDER BY k.kid";
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_kind **kinds = itsm_arena_alloc(arena, (index->kind_count + 1) * sizeof(*kinds));
	sqlite3_stmt *names = NULL;
	size_t count = 0;
	int status = itsm_index_prepare(index, sql, &names, err);

	while (status == 0 && (status = itsm_index_step(index, names, err)) == 1 && count < index->kind_count) {
		kinds[count++] = itsm_kinds_find(index->options.kinds, (const char *)sqlite3_column_text(names, 0));
		status = 0;
	}
	sqlite3_finalize(names);
	for (size_t i = 0; i < count && status == 0; i++)
		status = kinds[i] ? itsm_index_schema_kind(index, kinds[i], err) : 0;
	itsm_arena_free(arena);
	return status;
}

int itsm_index_schema_finish(struct itsm_index *index, struct itsm_error *err)
{
	int status;

	if (!index->bare_tables)
		return 0;
	status = index_kinds(index, err);
	if (status == 0)
		status = itsm_index_execute(index, secondary, err);
	index->bare_tables = status != 0;
	return status;
}

int itsm_index_folders(struct itsm_index *index, struct itsm_arena *arena, const char ***out, size_t *count,
	struct itsm_error *err)
{
	sqlite3_stmt *statement = NULL;
	size_t used = 0, capacity = 0;
	const char **folders = NULL;
	int status = itsm_index_prepare(
		index, "SELECT folder FROM itsm_kind WHERE folder IS NOT NULL ORDER BY folder || '/'", &statement, err);

	while (status == 0 && (status = itsm_index_step(index, statement, err)) == 1) {
		const char *folder = (const char *)sqlite3_column_text(statement, 0);
		size_t length = used ? strlen(folders[used - 1]) : 0;

		status = 0;
		if (used && strncmp(folder, folders[used - 1], length) == 0 &&
			(folder[length] == '/' || !folder[length]))
			continue;
		itsm_arena_grow(arena, &folders, &capacity, used, sizeof(*folders));
		folders[used++] = itsm_arena_strdup(arena, folder);
	}
	sqlite3_finalize(statement);
	*out = folders;
	*count = used;
	return status;
}
