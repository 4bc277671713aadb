/* What a record was, and when: its versions, from the tables of history. */
#include <stdlib.h>
#include <string.h>

#include "clock.h"

/* By enum life_field. */
static const char *const field_names[LIFE_FIELDS] = {
	"priority", "service", "services", "customer", "team", "supplier", "offering",
};

enum life_column { L_ID, L_AT, L_STATE, L_BY, L_COMMIT, L_FIELDS };

static bool is_text(const struct itsm_kind *kind, const char *name, bool list)
{
	const struct itsm_field *field = itsm_kind_field(kind, name);

	return field && field->list == list && field->type != ITSM_TYPE_OBJECT && field->type != ITSM_TYPE_ANY;
}

int itsm_index_life_prepare(struct itsm_index *index, const struct clock_kind *kind, bool one, sqlite3_stmt **out,
	struct itsm_error *err)
{
	struct itsm_buffer sql = {0};
	int status;

	itsm_buffer_puts(&sql, "SELECT p.id, c.at, k.itsm_state, c.author, c.oid");
	for (int i = 0; i < LIFE_FIELDS; i++)
		itsm_buffer_printf(&sql, is_text(kind->kind, field_names[i], i == LIFE_SERVICES) ? ", k.f_%s" : ", NULL",
			field_names[i]);
	itsm_buffer_printf(&sql, " FROM itsm_path AS p CROSS JOIN itsm_touch AS t ON t.pid = p.pid CROSS JOIN itsm_commit AS c"
		" ON c.cid = t.cid CROSS JOIN itsm_k_%s AS k ON k.bid = t.new WHERE ", kind->kind->name);
	if (one)
		itsm_buffer_puts(&sql, "p.id = ?1 AND ");
	else
		itsm_buffer_printf(&sql, "p.id IN (SELECT id FROM %s WHERE kid = %d AND owner IS NULL) AND ",
			itsm_index_entry_table(index, index->snapshot), kind->number);
	itsm_buffer_printf(&sql, "p.kid = %d AND p.owner IS NULL AND c.landed <= %lld ORDER BY p.id, c.rank, c.depth, c.cid",
		kind->number, index->snapshot == ITSM_SNAPSHOT_AT && index->position ? (long long)index->position : INT64_MAX);
	status = itsm_index_prepare(index, sql.data, out, err);
	itsm_buffer_free(&sql);
	return status;
}

static const char *text_at(sqlite3_stmt *row, int column, struct itsm_arena *arena)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? itsm_arena_strdup(arena, text) : NULL;
}

/* The text of before where it is the same: most versions have most of what the one before had. */
static const char *again(sqlite3_stmt *row, int column, struct itsm_arena *arena, const char *before)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text && before && strcmp(text, before) == 0 ? before : text_at(row, column, arena);
}

/* Texts that are the same are one text: `again` saw to it. */
static bool is_same(const struct version *a, const struct version *b)
{
	bool same = a->state == b->state && a->priority == b->priority;

	for (int i = LIFE_SERVICE; i < LIFE_FIELDS && same; i++)
		same = a->fields[i] == b->fields[i];
	return same;
}

/* One version more, unless it changed nothing that clocks look at. */
static void read_version(sqlite3_stmt *row, bool detail, struct life *life)
{
	static const struct version nothing;
	const struct version *before;
	struct version *version;

	itsm_arena_grow(life->arena, &life->versions, &life->capacity, life->count, sizeof(*life->versions));
	before = life->count ? &life->versions[life->count - 1] : &nothing;
	version = &life->versions[life->count++];
	*version = (struct version){.at = sqlite3_column_int64(row, L_AT)};
	if (before != &nothing && version->at < before->at)
		version->at = before->at;
	version->state = again(row, L_STATE, life->arena, before->state);
	version->priority = sqlite3_column_int(row, L_FIELDS + LIFE_PRIORITY);
	for (int i = LIFE_SERVICE; i < LIFE_FIELDS; i++)
		version->fields[i] = again(row, L_FIELDS + i, life->arena, before->fields[i]);
	if (before != &nothing && is_same(before, version)) {
		life->count--;
		return;
	}
	if (!detail)
		return;
	/* who made it what it is: the state's name stands for that */
	if (version->state == before->state) {
		version->by = before->by;
		version->commit = before->commit;
		return;
	}
	version->by = again(row, L_BY, life->arena, before->by);
	itsm_index_column_oid(row, L_COMMIT, &version->commit);
}

int itsm_index_life_read(struct itsm_index *index, sqlite3_stmt *statement, bool detail, struct life *life,
	struct itsm_error *err)
{
	int status = 1;

	life->id = text_at(statement, L_ID, life->arena);
	do {
		if (sqlite3_column_type(statement, L_STATE) != SQLITE_NULL)
			read_version(statement, detail, life);
		status = itsm_index_step(index, statement, err);
	} while (status == 1 && strcmp((const char *)sqlite3_column_text(statement, L_ID), life->id) == 0);
	return status;
}
