/*
 * AT: the desk at any revision, for this process. Where history is there and has
 * the revision on its mainline, its entries are the versions that were true then.
 * Else they are in a TEMP table; content that the index has not met is kept as loose, so
 * that the next look at the same revision finds it.
 */
#include "index.h"

static const char create[] =
	"CREATE TEMP TABLE IF NOT EXISTS itsm_at_entry(bid INTEGER, path TEXT, id TEXT, kid INTEGER, owner TEXT,"
	" PRIMARY KEY(bid, path)) WITHOUT ROWID;"
	"CREATE UNIQUE INDEX IF NOT EXISTS temp.itsm_at_path ON itsm_at_entry(path);"
	"CREATE INDEX IF NOT EXISTS temp.itsm_at_id ON itsm_at_entry(id);"
	"DELETE FROM temp.itsm_at_entry";

/* Start from HEAD, from which most revisions differ little, when the index has it. */
static int fill(struct itsm_index *index, struct itsm_arena *arena, struct itsm_error *err)
{
	struct index_changes changes;
	struct itsm_oid head;
	int status = itsm_index_meta_oid(index, "head", &head, err);
	bool from_head = status == 1 && !itsm_oid_is_zero(&head);

	if (status < 0 || (status = itsm_index_changes_begin(index, arena, &changes, err)) != 0)
		return status;
	if (from_head && itsm_index_changes_compare(&changes, &head, &index->at, NULL) == 0) {
		status = itsm_index_execute(
			index, "INSERT INTO itsm_at_entry SELECT bid, path, id, kid, owner FROM itsm_head_entry", err);
	} else {
		changes.count = 0;
		status = itsm_index_changes_walk(&changes, &index->at, err);
	}
	if (status == 0 && (status = itsm_index_changes_apply(&changes, ITSM_SNAPSHOT_AT, err)) == 0)
		status = itsm_index_schema_finish(index, err);
	return status;
}

/* Let AT be a position of the mainline, or (0) the table. */
static int set_position(struct itsm_index *index, int64_t position, struct itsm_error *err)
{
	if (index->position == position)
		return 0;
	for (size_t i = 0; i < SQL_COUNT; i++) {
		sqlite3_finalize(index->statements[i][ITSM_SNAPSHOT_AT]);
		index->statements[i][ITSM_SNAPSHOT_AT] = NULL;
	}
	index->position = position;
	sqlite3_snprintf(sizeof(index->entries), index->entries, "(SELECT v.bid AS bid, p.path AS path, p.id AS id,"
		" p.kid AS kid, p.owner AS owner FROM itsm_version AS v JOIN itsm_path AS p ON p.pid = v.pid"
		" WHERE v.since <= %lld AND v.until > %lld)", (long long)position, (long long)position);
	return index->snapshot == ITSM_SNAPSHOT_AT ? itsm_index_views_drop(index, err) : 0;
}

static int fill_table(struct itsm_index *index, struct itsm_error *err)
{
	struct itsm_arena *arena;
	int status;

	if ((status = set_position(index, 0, err)) != 0)
		return status;
	itsm_index_unpin(index);
	if ((status = itsm_index_begin(index, err)) != 0)
		return status;
	arena = itsm_arena_new();
	status = itsm_index_execute(index, create, err);
	if (status == 0)
		status = fill(index, arena, err);
	status = itsm_index_end(index, status, err);
	itsm_arena_free(arena);
	return status;
}

int itsm_index_at_table(struct itsm_index *index, struct itsm_error *err)
{
	int status = 0;

	if (index->position)
		status = fill_table(index, err);
	index->at_loaded = status == 0;
	return status;
}

int itsm_index_at_fill(struct itsm_index *index, struct itsm_error *err)
{
	int64_t position = 0;
	int status = itsm_index_pin(index, err);

	if (status == 0 && !index->bare_tables)
		position = itsm_index_mainline_position(index, &index->at, err);
	if (status != 0 || position < 0)
		return status != 0 ? status : (int)position;
	status = position ? set_position(index, position, err) : fill_table(index, err);
	index->at_loaded = status == 0;
	return status;
}

static int load(struct itsm_index *index, void *context, struct itsm_error *err)
{
	index->at = *(const struct itsm_oid *)context;
	index->at_wanted = true;
	return itsm_index_at_fill(index, err);
}

int itsm_index_load_at(struct itsm_index *index, const struct itsm_oid *commit, struct itsm_error *err)
{
	struct itsm_oid wanted = *commit;
	int status;

	index->at_wanted = index->at_loaded = false;
	status = itsm_index_attempt(index, load, &wanted, err);
	if (status != 0)
		index->at_wanted = false;
	return status;
}
