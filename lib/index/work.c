/*
 * WORK: the snapshot of the work tree.
 *
 * Compare, read what changed, and write it in one transaction. The meta value
 * `work` counts the writes: when another process wrote between our look at the units and our lock,
 * we look again.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "index.h"

#define LOOKS_MAX 8

static int load_units(struct index_scan *scan, char generation[24], struct itsm_error *err)
{
	struct itsm_index *index = scan->index;
	sqlite3_stmt *statement = NULL;
	size_t capacity = 0;
	const char *value;
	int status = itsm_index_pin(index, err);

	if (status != 0 || (status = itsm_index_meta_get(index, "work", scan->arena, &value, err)) != 0 ||
	    (status = itsm_index_folders(index, scan->arena, &scan->folders, &scan->folder_count, err)) != 0)
		return status;
	snprintf(generation, 24, "%s", value ? value : "");
	status = itsm_index_prepare(index, "SELECT path, data FROM itsm_work_unit ORDER BY path", &statement, err);
	while (status == 0 && (status = itsm_index_step(index, statement, err)) == 1) {
		itsm_arena_grow(scan->arena, &scan->old, &capacity, scan->old_count, sizeof(*scan->old));
		status = 0;
		if (itsm_index_unit_load(&scan->old[scan->old_count++], scan->arena,
			    (const char *)sqlite3_column_text(statement, 0), sqlite3_column_blob(statement, 1),
			    (size_t)sqlite3_column_bytes(statement, 1)))
			continue;
		index->trouble = SQLITE_CORRUPT;
		status = itsm_error_set(err, ITSM_EINDEX, "the index is damaged; delete %s", index->path);
	}
	sqlite3_finalize(statement);
	return status;
}

/* A job's content becomes the entry at its path, its mark that of the node. */
static int sink(void *context, struct index_job *job, struct itsm_error *err)
{
	struct index_scan *scan = context;
	struct index_unit *unit = job->origin;
	struct index_node *node = &unit->nodes[job->position];

	if (job->outcome == INDEX_GONE)
		return itsm_index_entry_remove(scan->index, ITSM_SNAPSHOT_WORK, job->place.path, err);
	node->mark = job->mark;
	if (job->obstacle == INDEX_READABLE && !job->mark) {
		node->type = NODE_RACY;
		node->mark = job->checksum;
	}
	return itsm_index_entry_set(scan->index, ITSM_SNAPSHOT_WORK, &job->place, job->content, err);
}

static int write_units(struct index_scan *scan, struct itsm_error *err)
{
	struct itsm_index *index = scan->index;
	struct itsm_buffer packed = {0};
	sqlite3_stmt *statement;
	int status = 0;

	for (size_t i = 0; i < scan->old_count && status == 0; i++) {
		if (scan->old[i].seen)
			continue;
		if (!(statement = itsm_index_statement(index, SQL_UNIT_DELETE, 0, err)))
			return ITSM_EINDEX;
		itsm_index_bind_text(statement, 1, scan->old[i].path);
		status = itsm_index_run(index, statement, err);
	}
	for (size_t i = 0; i < scan->unit_count && status == 0; i++) {
		if (!(statement = itsm_index_statement(index, SQL_UNIT_SET, 0, err))) {
			status = ITSM_EINDEX;
			break;
		}
		itsm_index_unit_pack(scan->units[i], &packed);
		itsm_index_bind_text(statement, 1, scan->units[i]->path);
		sqlite3_bind_blob64(statement, 2, packed.data, packed.length, SQLITE_STATIC);
		status = itsm_index_run(index, statement, err);
	}
	itsm_buffer_free(&packed);
	return status;
}

/* Does anything of the scan have to be written down? */
static bool is_news(const struct index_scan *scan)
{
	struct itsm_buffer packed = {0};
	bool news = scan->job_count || scan->removed_count;

	for (size_t i = 0; i < scan->old_count && !news; i++)
		news = !scan->old[i].seen;
	for (size_t i = 0; i < scan->unit_count && !news; i++) {
		const struct index_unit *old = NULL;

		for (size_t j = 0; j < scan->old_count && !old; j++)
			if (strcmp(scan->old[j].path, scan->units[i]->path) == 0)
				old = &scan->old[j];
		itsm_index_unit_pack(scan->units[i], &packed);
		news = !old || old->blob_size != packed.length || memcmp(old->blob, packed.data, packed.length) != 0;
	}
	itsm_buffer_free(&packed);
	return news;
}

/* The generation counts on. */
static int mark_generation(struct itsm_index *index, const char *generation, struct itsm_error *err)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", atoll(generation) + 1);
	return itsm_index_meta_set(index, "work", text, err);
}

/* ITSM_ERACE when another process wrote since the look. */
static int check_generation(struct index_scan *scan, const char *generation, struct itsm_error *err)
{
	const char *value;
	int status = itsm_index_meta_get(scan->index, "work", scan->arena, &value, err);

	if (status == 0 && strcmp(value ? value : "", generation) != 0)
		return itsm_error_set(err, ITSM_ERACE, "another process keeps changing the index; try again");
	return status;
}

static int write_news(struct index_scan *scan, const char *generation, struct itsm_error *err)
{
	struct itsm_index *index = scan->index;
	struct index_reading reading = {
		.jobs = scan->jobs, .count = scan->job_count, .files = true, .root = scan->root, .stamp = scan->stamp,
		.what = "reading records", .sink = sink, .context = scan,
	};
	int status = itsm_index_begin(index, err);

	if (status == 0)
		status = check_generation(scan, generation, err);
	for (size_t i = 0; i < scan->removed_count && status == 0; i++)
		status = itsm_index_entry_remove(index, ITSM_SNAPSHOT_WORK, scan->removed[i], err);
	if (status == 0 && (status = itsm_index_read(index, &reading, err)) == 0 &&
		(status = write_units(scan, err)) == 0 && (status = itsm_index_schema_finish(index, err)) == 0 &&
		(status = itsm_index_collect(index, err)) == 0 &&
		(status = mark_generation(index, generation, err)) == 0)
		status = itsm_index_commit(index, err);
	if (status != 0)
		itsm_index_rollback(index);
	return status;
}

/* One look. 0 when WORK is true now. */
static int look(struct itsm_index *index, int root, struct itsm_error *err)
{
	struct index_scan scan = {.index = index, .arena = itsm_arena_new(), .root = root};
	char generation[24];
	int status = load_units(&scan, generation, err);

	if (status == 0) {
		itsm_index_scan_run(&scan);
		if (is_news(&scan))
			status = write_news(&scan, generation, err);
	}
	itsm_index_scan_free(&scan);
	itsm_arena_free(scan.arena);
	return status;
}

int itsm_index_work_bring(struct itsm_index *index, void *unused, struct itsm_error *err)
{
	const char *path = index->options.place->root;
	int root = path ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	int status = ITSM_ERACE;

	(void)unused;
	if (!path)
		return itsm_error_set(err, ITSM_EGIT, "a bare repository has no work tree; name a revision with --at");
	if (root < 0)
		return itsm_error_set(
			err, ITSM_EIO, "'%s' cannot be opened; does the desk's folder still exist?", path);
	for (int looks = 0; looks < LOOKS_MAX && status == ITSM_ERACE; looks++) {
		itsm_index_unpin(index);
		status = look(index, root, err);
	}
	if (status == ITSM_ERACE) {
		index->trouble = SQLITE_BUSY;
		status = ITSM_EINDEX;
	}
	close(root);
	index->work_wanted |= status == 0;
	return status;
}

static int refresh(struct itsm_index *index, void *context, struct itsm_error *err)
{
	return itsm_index_work_bring(index, context, err);
}

int itsm_index_refresh_work(struct itsm_index *index, struct itsm_error *err)
{
	return itsm_index_attempt(index, refresh, NULL, err);
}

/* Where a path is in its unit: the unit's path is the longest of the three that can be. */
static bool is_unchanged(struct itsm_index *index, int root, struct itsm_arena *arena, const char *path)
{
	sqlite3_stmt *statement = NULL;
	struct index_unit unit = {0};
	const char *slash = strrchr(path, '/');
	struct stat info;
	bool same = false;

	if (!slash ||
		itsm_index_prepare(index, "SELECT data FROM itsm_work_unit WHERE path = ?1", &statement, NULL) != 0)
		return false;
	sqlite3_bind_text(statement, 1, path, (int)(slash - path), SQLITE_TRANSIENT);
	if (sqlite3_step(statement) == SQLITE_ROW &&
		itsm_index_unit_load(&unit, arena, "", sqlite3_column_blob(statement, 0),
			(size_t)sqlite3_column_bytes(statement, 0))) {
		for (size_t i = 0; i < unit.count && !same; i++)
			same = unit.nodes[i].depth == 0 && unit.nodes[i].type == NODE_FILE &&
				strcmp(itsm_index_unit_name(&unit, i), slash + 1) == 0 &&
				fstatat(root, path, &info, AT_SYMLINK_NOFOLLOW) == 0 &&
				itsm_index_mark(&info) == unit.nodes[i].mark;
	}
	sqlite3_finalize(statement);
	return same;
}

bool itsm_index_in_work_tree(struct itsm_index *index, const char *path, const struct itsm_oid *blob)
{
	static const char sql[] = "SELECT 1 FROM itsm_work_entry AS e JOIN itsm_content AS c ON c.bid = e.bid"
		" WHERE e.path = ?1 AND c.blob = ?2 AND c.place = ''";
	const char *folder = index->options.place->root;
	struct itsm_arena *arena;
	sqlite3_stmt *statement = NULL;
	int root = folder ? open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool same = false;

	if (root >= 0 && !index->bare_tables && itsm_index_prepare(index, sql, &statement, NULL) == 0) {
		itsm_index_bind_text(statement, 1, path);
		itsm_index_bind_oid(statement, 2, blob);
		arena = itsm_arena_new();
		same = sqlite3_step(statement) == SQLITE_ROW && is_unchanged(index, root, arena, path);
		itsm_arena_free(arena);
	}
	sqlite3_finalize(statement);
	if (root >= 0)
		close(root);
	return same;
}

bool itsm_index_peek(struct itsm_index *index, struct itsm_arena *arena, const char *id, struct itsm_hit *out)
{
	static const char sql[] = "SELECT e.path, k.name, c.state, c.title, c.blob FROM itsm_work_entry AS e"
		" JOIN itsm_content AS c ON c.bid = e.bid JOIN itsm_kind AS k ON k.kid = e.kid"
		" WHERE e.id = ?1 AND e.owner IS NULL AND c.readable AND c.place = ''";
	struct itsm_hit hit = {0};
	sqlite3_stmt *statement = NULL;
	int root =
		index->options.place->root ? open(index->options.place->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	bool known = false;

	if (root >= 0 && !index->bare_tables && itsm_index_prepare(index, sql, &statement, NULL) == 0) {
		itsm_index_bind_text(statement, 1, id);
		if (sqlite3_step(statement) == SQLITE_ROW) {
			hit.id = itsm_arena_strdup(arena, id);
			hit.path = itsm_arena_strdup(arena, (const char *)sqlite3_column_text(statement, 0));
			hit.kind = itsm_arena_strdup(arena, (const char *)sqlite3_column_text(statement, 1));
			if (sqlite3_column_type(statement, 2) != SQLITE_NULL)
				hit.state = itsm_arena_strdup(arena, (const char *)sqlite3_column_text(statement, 2));
			hit.title = itsm_arena_strdup(arena, (const char *)sqlite3_column_text(statement, 3));
			itsm_index_column_oid(statement, 4, &hit.blob);
			known = sqlite3_step(statement) == SQLITE_DONE && is_unchanged(index, root, arena, hit.path);
		}
	}
	sqlite3_finalize(statement);
	if (root >= 0)
		close(root);
	if (known)
		*out = hit;
	return known;
}
