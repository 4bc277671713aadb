/*
 * The mainline: the chain of first parents of the commit that history ends at,
 * with the versions along it. It is laid anew from where it leaves the one that was,
 * so that amending, rebasing or switching branches costs only what they changed.
 *
 * What a commit changed of its only parent is in itsm_touch. What a merge changed
 * of its first parent is not, where it took the second one's: its trees are compared.
 */
#include <string.h>

#include "index.h"

#define STILL "9223372036854775807"

struct laying {
	struct itsm_index *index;
	struct itsm_error *err;
	struct itsm_arena *arena;
	struct lay_step {
		int64_t cid;
		struct itsm_oid oid, parent;
		size_t parent_count;
	} *steps;                       /* from the new end backwards */
	size_t count, capacity;
	int64_t kept, end;              /* positions: the last that stays, the last there is */
};

int itsm_index_commit_get(struct itsm_index *index, const struct itsm_oid *oid, struct index_commit *out,
	struct itsm_error *err)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_COMMIT_FIND, 0, err);
	int status;

	if (!statement)
		return ITSM_EINDEX;
	itsm_index_bind_oid(statement, 1, oid);
	if ((status = itsm_index_step(index, statement, err)) == 1) {
		const void *parents = sqlite3_column_blob(statement, 1);
		size_t size = (size_t)sqlite3_column_bytes(statement, 1);

		*out = (struct index_commit){
			.cid = sqlite3_column_int64(statement, 0), .landed = sqlite3_column_int64(statement, 2),
			.position = sqlite3_column_int64(statement, 3), .parent_count = size / sizeof(*oid),
			.rank = sqlite3_column_int64(statement, 4), .depth = sqlite3_column_int64(statement, 5),
		};
		if (size >= sizeof(*oid))
			memcpy(&out->first_parent, parents, sizeof(*oid));
	}
	sqlite3_reset(statement);
	return status;
}

int64_t itsm_index_mainline_position(struct itsm_index *index, const struct itsm_oid *commit, struct itsm_error *err)
{
	struct index_commit found;
	int status = itsm_index_commit_get(index, commit, &found, err);

	return status == 1 ? found.position : status;
}

int itsm_index_mainline_goes_on(struct itsm_index *index, const struct itsm_oid *known, const struct itsm_oid *head,
	struct itsm_error *err)
{
	struct itsm_oid at = *head;
	struct index_commit commit;
	int status = 1;

	while (!itsm_oid_equal(&at, known) && (status = itsm_index_commit_get(index, &at, &commit, err)) == 1) {
		if (commit.position || !commit.parent_count)
			return 0;
		at = commit.first_parent;
	}
	return status;
}

/* From the new end back to a commit that is on the mainline already, or to a root. */
static int walk_back(struct laying *laying, const struct itsm_oid *head)
{
	struct itsm_oid at = *head;
	struct index_commit commit;
	int status;

	laying->kept = 0;
	while (!itsm_oid_is_zero(&at) && (status = itsm_index_commit_get(laying->index, &at, &commit, laying->err)) != 0) {
		if (status < 0)
			return status;
		if (commit.position) {
			laying->kept = commit.position;
			break;
		}
		itsm_arena_grow(laying->arena, &laying->steps, &laying->capacity, laying->count, sizeof(*laying->steps));
		laying->steps[laying->count++] =
			(struct lay_step){commit.cid, at, commit.first_parent, commit.parent_count};
		at = commit.first_parent; /* in a shallow clone it may be one that is not here */
	}
	return 0;
}

static int cut(struct laying *laying)
{
	struct itsm_index *index = laying->index;
	long long kept = (long long)laying->kept;
	sqlite3_stmt *statement = NULL;
	int status = itsm_index_prepare(index, "SELECT 1 FROM itsm_mainline WHERE pos > ?1 LIMIT 1", &statement, laying->err);

	if (status == 0) {
		sqlite3_bind_int64(statement, 1, kept);
		status = itsm_index_step(index, statement, laying->err);
	}
	sqlite3_finalize(statement);
	if (status <= 0) /* most often it only goes on; what follows reads all of history */
		return status;
	return itsm_index_execute_format(index, laying->err, "DELETE FROM itsm_mainline WHERE pos > %lld;"
		"UPDATE itsm_commit SET landed = NULL WHERE landed > %lld;"
		"DELETE FROM itsm_version WHERE since > %lld;"
		"UPDATE itsm_version SET until = " STILL " WHERE until > %lld AND until < " STILL, kept, kept, kept, kept);
}

static int add_mainline(struct laying *laying)
{
	int status = 0;

	for (size_t i = laying->count; i > 0 && status == 0; i--) {
		sqlite3_stmt *insert = itsm_index_statement(laying->index, SQL_MAINLINE_INSERT, 0, laying->err);

		if (!insert)
			return ITSM_EINDEX;
		sqlite3_bind_int64(insert, 1, ++laying->end);
		sqlite3_bind_int64(insert, 2, laying->steps[i - 1].cid);
		status = itsm_index_run(laying->index, insert, laying->err);
	}
	return status;
}

static int land(struct laying *laying, int64_t cid, int64_t position)
{
	sqlite3_stmt *update = itsm_index_statement(laying->index, SQL_COMMIT_LAND, 0, laying->err);

	if (!update)
		return ITSM_EINDEX;
	sqlite3_bind_int64(update, 1, cid);
	sqlite3_bind_int64(update, 2, position);
	return itsm_index_run(laying->index, update, laying->err);
}

/* The parents of a commit that have not landed yet, onto the stack. */
static int push_parents(struct laying *laying, int64_t cid, struct itsm_oid **stack, size_t *depth, size_t *capacity)
{
	sqlite3_stmt *statement = itsm_index_statement(laying->index, SQL_PARENTS, 0, laying->err);
	const struct itsm_oid *parents;
	size_t count;
	int status;

	if (!statement)
		return ITSM_EINDEX;
	sqlite3_bind_int64(statement, 1, cid);
	if ((status = itsm_index_step(laying->index, statement, laying->err)) == 1) {
		parents = sqlite3_column_blob(statement, 0);
		count = (size_t)sqlite3_column_bytes(statement, 0) / sizeof(*parents);
		for (size_t i = 0; i < count; i++) {
			itsm_arena_grow(laying->arena, stack, capacity, *depth, sizeof(**stack));
			(*stack)[(*depth)++] = parents[i];
		}
	}
	sqlite3_reset(statement);
	return status < 0 ? status : 0;
}

/* Everything that a merge on the mainline brought with it has landed there. */
static int land_side(struct laying *laying, int64_t cid, int64_t position)
{
	struct itsm_oid *stack = NULL;
	struct index_commit commit;
	size_t depth = 0, capacity = 0;
	int status = push_parents(laying, cid, &stack, &depth, &capacity);

	while (status == 0 && depth > 0) {
		struct itsm_oid oid = stack[--depth];

		status = itsm_index_commit_get(laying->index, &oid, &commit, laying->err);
		if (status < 0)
			return status;
		if (status == 0 || commit.landed) {
			status = 0;
			continue;
		}
		status = land(laying, commit.cid, position);
		if (status == 0)
			status = push_parents(laying, commit.cid, &stack, &depth, &capacity);
	}
	return status;
}

static int land_all(struct laying *laying)
{
	int status = 0;

	for (size_t i = laying->count; i > 0 && status == 0; i--) {
		const struct lay_step *step = &laying->steps[i - 1];
		int64_t position = laying->kept + (int64_t)(laying->count - i) + 1;

		status = land(laying, step->cid, position);
		if (status == 0 && step->parent_count > 1)
			status = land_side(laying, step->cid, position);
	}
	return status;
}

struct merging {
	struct laying *laying;
	int64_t position;
};

static int add_step(struct laying *laying, int64_t position, const struct index_place *place, int64_t content)
{
	sqlite3_stmt *insert;
	int64_t number;
	int status = itsm_index_path_number(laying->index, place, &number, laying->err);

	if (status != 0)
		return status;
	if (!(insert = itsm_index_statement(laying->index, SQL_STEP_INSERT, 0, laying->err)))
		return ITSM_EINDEX;
	sqlite3_bind_int64(insert, 1, number);
	sqlite3_bind_int64(insert, 2, position);
	if (content)
		sqlite3_bind_int64(insert, 3, content);
	else
		sqlite3_bind_null(insert, 3);
	return itsm_index_run(laying->index, insert, laying->err);
}

static int merge_sink(void *context, struct index_job *job, struct itsm_error *err)
{
	const struct merging *merging = context;

	(void)err;
	return add_step(merging->laying, merging->position, &job->place, job->content);
}

/* What a merge is, compared with its first parent. */
static int add_merge(struct laying *laying, const struct lay_step *step, int64_t position)
{
	struct merging merging = {laying, position};
	struct index_reading reading = {.sink = merge_sink, .context = &merging};
	struct itsm_arena *arena = itsm_arena_new();
	struct index_changes changes;
	int status = itsm_index_repository(laying->index, laying->err);

	if (status == 0)
		status = itsm_index_changes_begin(laying->index, arena, &changes, laying->err);
	if (status == 0)
		status = itsm_index_changes_compare(&changes, &step->parent, &step->oid, laying->err);
	if (status == 0)
		reading.jobs = itsm_arena_alloc(arena, (changes.count + 1) * sizeof(*reading.jobs));
	for (size_t i = 0; i < changes.count && status == 0; i++) {
		const struct index_blob_change *change = &changes.items[i];
		const struct itsm_entry entry = {change->path, change->blob, change->mode};
		struct index_job *job = &reading.jobs[reading.count];

		if (!itsm_index_is_ours(&changes, &entry, &job->place))
			continue;
		job->place.path = change->path;
		if (itsm_oid_is_zero(&change->blob)) {
			status = add_step(laying, position, &job->place, 0);
			continue;
		}
		job->obstacle = itsm_index_entry_blob(&job->place, &entry, &job->blob);
		status = itsm_index_content_find(laying->index, &job->place, &job->blob, &job->content, laying->err);
		reading.count++;
	}
	reading.sought = true;
	if (status == 0)
		status = itsm_index_read(laying->index, &reading, laying->err);
	itsm_arena_free(arena);
	return status;
}

/* What the commits from `kept` on changed, as (path, position, content). */
static int collect_steps(struct laying *laying)
{
	int status = itsm_index_execute_format(laying->index, laying->err,
		"CREATE TEMP TABLE itsm_step(pid INTEGER, pos INTEGER, bid INTEGER, PRIMARY KEY(pid, pos)) WITHOUT ROWID;"
		"INSERT OR REPLACE INTO temp.itsm_step SELECT t.pid, m.pos, t.new FROM itsm_mainline AS m"
		" JOIN itsm_commit AS c ON c.cid = m.cid CROSS JOIN itsm_touch AS t ON t.cid = m.cid"
		" WHERE m.pos > %lld AND length(c.parents) <= 20", (long long)laying->kept);

	for (size_t i = laying->count; i > 0 && status == 0; i--)
		if (laying->steps[i - 1].parent_count > 1)
			status = add_merge(laying, &laying->steps[i - 1], laying->kept + (int64_t)(laying->count - i) + 1);
	return status;
}

static int add_versions(struct laying *laying)
{
	static const char sql[] =
		"UPDATE itsm_version SET until = (SELECT min(s.pos) FROM temp.itsm_step AS s WHERE s.pid = itsm_version.pid)"
		" WHERE until = " STILL " AND pid IN (SELECT pid FROM temp.itsm_step);"
		"INSERT INTO itsm_version(pid, since, until, bid) SELECT * FROM (SELECT pid, pos,"
		" lead(pos, 1, " STILL ") OVER (PARTITION BY pid ORDER BY pos), bid FROM temp.itsm_step)"
		" WHERE bid IS NOT NULL";

	return itsm_index_execute(laying->index, sql, laying->err);
}

int itsm_index_mainline_lay(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	struct laying laying = {.index = index, .err = err, .arena = itsm_arena_new()};
	int status = walk_back(&laying, head);

	laying.end = laying.kept;
	if (status == 0)
		status = cut(&laying);
	if (status == 0 && (status = add_mainline(&laying)) == 0 && (status = land_all(&laying)) == 0 &&
		(status = collect_steps(&laying)) == 0)
		status = add_versions(&laying);
	sqlite3_finalize(index->statements[SQL_STEP_INSERT][0]);
	index->statements[SQL_STEP_INSERT][0] = NULL;
	sqlite3_exec(index->db, "DROP TABLE IF EXISTS temp.itsm_step", NULL, NULL, NULL);
	itsm_arena_free(laying.arena);
	return status;
}

bool itsm_index_has_history(struct itsm_index *index)
{
	struct itsm_oid known;

	return itsm_index_meta_oid(index, "history", &known, NULL) == 1;
}

struct asking {
	const char *sql;
	int64_t number;
	struct itsm_oid commit;
	int64_t other;
	int found;
};

/* The first row: a commit, and a number where there is none. */
static int ask(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct asking *asking = context;
	sqlite3_stmt *statement = NULL;
	int status = itsm_index_prepare(index, asking->sql, &statement, err);

	asking->found = 0;
	if (status == 0) {
		sqlite3_bind_int64(statement, 1, asking->number);
		status = itsm_index_step(index, statement, err);
	}
	if (status == 1) {
		asking->found = sqlite3_column_type(statement, 0) == SQLITE_BLOB;
		itsm_index_column_oid(statement, 0, &asking->commit);
		asking->other = sqlite3_column_int64(statement, 1);
	}
	sqlite3_finalize(statement);
	return status < 0 ? status : 0;
}

int itsm_index_mainline_at(struct itsm_index *index, int64_t moment, struct itsm_oid *commit, int64_t *first,
	struct itsm_error *err)
{
	static const char sql[] = "SELECT (SELECT c.oid FROM itsm_mainline AS m CROSS JOIN itsm_commit AS c ON c.cid = m.cid"
		" WHERE c.committed <= ?1 ORDER BY m.pos DESC LIMIT 1),"
		" (SELECT c.committed FROM itsm_mainline AS m JOIN itsm_commit AS c ON c.cid = m.cid WHERE m.pos = 1)";
	struct asking asking = {.sql = sql, .number = moment};
	int status = itsm_index_attempt(index, ask, &asking, err);

	if (status != 0)
		return status;
	if (asking.found)
		*commit = asking.commit;
	else
		*first = asking.other;
	return asking.found;
}

int itsm_index_mainline_back(struct itsm_index *index, uint64_t steps, struct itsm_oid *commit, struct itsm_error *err)
{
	static const char sql[] = "SELECT c.oid FROM itsm_mainline AS m JOIN itsm_commit AS c ON c.cid = m.cid"
		" WHERE m.pos = (SELECT max(pos) FROM itsm_mainline) - ?1";
	struct asking asking = {.sql = sql, .number = (int64_t)steps};
	int status = itsm_index_attempt(index, ask, &asking, err);

	if (status != 0)
		return status;
	if (asking.found)
		*commit = asking.commit;
	return asking.found;
}

struct placing {
	const struct itsm_oid *commit;
	bool found;
};

static int place(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct placing *placing = context;
	int64_t position = itsm_index_mainline_position(index, placing->commit, err);

	placing->found = position > 0;
	return position < 0 ? (int)position : 0;
}

int itsm_index_on_mainline(struct itsm_index *index, const struct itsm_oid *commit, struct itsm_error *err)
{
	struct placing placing = {.commit = commit};
	int status = itsm_index_attempt(index, place, &placing, err);

	return status != 0 ? status : placing.found;
}
