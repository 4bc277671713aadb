/*
 * HEAD: the snapshot of what is committed, brought along by comparing trees.
 *
 * The meta value `head` is the commit it shows. Blobs are looked up by name; only
 * those that the index has not met are read.
 */
#include <string.h>

#include "index.h"

int itsm_index_changes_begin(struct itsm_index *index, struct itsm_arena *arena, struct index_changes *out,
	struct itsm_error *err)
{
	*out = (struct index_changes){ .index = index, .arena = arena };
	return itsm_index_folders(index, arena, &out->folders, &out->folder_count, err);
}

static bool is_link(unsigned mode)
{
	return (mode & 0170000) == 0120000;
}

bool itsm_index_is_ours(const struct index_changes *changes, const struct itsm_entry *entry, struct index_place *place)
{
	if (strlen(entry->path) >= INDEX_PATH_MAX)
		return false;
	if (is_link(entry->mode))
		return itsm_index_place_link(
			changes->index, entry->path, changes->folders, changes->folder_count, place);
	return (entry->mode & 0170000) == 0100000 && itsm_index_place(changes->index, entry->path, place);
}

static void add(struct index_changes *changes, const struct itsm_entry *entry, bool removed)
{
	struct index_blob_change *change;

	itsm_arena_grow(changes->arena, &changes->items, &changes->capacity, changes->count, sizeof(*changes->items));
	change = &changes->items[changes->count++];
	*change =
		(struct index_blob_change){.path = itsm_arena_strdup(changes->arena, entry->path), .mode = entry->mode};
	if (!removed)
		change->blob = entry->blob;
}

static int on_entry(void *context, const struct itsm_entry *entry)
{
	struct index_changes *changes = context;
	struct index_place place;

	if (itsm_index_is_ours(changes, entry, &place))
		add(changes, entry, false);
	return 0;
}

static int on_change(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct index_changes *changes = context;
	struct index_place place;

	if (new_entry && itsm_index_is_ours(changes, new_entry, &place))
		add(changes, new_entry, false);
	else if (old_entry && itsm_index_is_ours(changes, old_entry, &place))
		add(changes, old_entry, true);
	return 0;
}

/* A folder that a commit does not have as one may be a link, or lie behind one. */
static int find_link(struct index_changes *changes, const struct itsm_oid *commit, const char *folder,
	struct itsm_error *err)
{
	for (const char *end = folder; *end; ) {
		struct itsm_entry entry = {0};
		char *path;
		int status;

		end += 1 + strcspn(end + 1, "/");
		path = itsm_arena_strndup(changes->arena, folder, (size_t)(end - folder));
		status = itsm_repo_find(changes->index->repo, commit, path, &entry, err);
		if (status == ITSM_ENOTFOUND)
			return 0;
		if (status != 0)
			return status;
		if (!is_link(entry.mode))
			continue;
		for (size_t i = 0; i < changes->count; i++)
			if (strcmp(changes->items[i].path, path) == 0)
				return 0;
		entry.path = path;
		return on_entry(changes, &entry);
	}
	return 0;
}

int itsm_index_changes_walk(struct index_changes *changes, const struct itsm_oid *commit, struct itsm_error *err)
{
	int status;

	if (itsm_oid_is_zero(commit))
		return 0;
	status = itsm_index_repository(changes->index, err);
	for (size_t i = 0; i < changes->folder_count && status == 0; i++) {
		size_t before = changes->count;

		status = itsm_repo_walk(changes->index->repo, commit, changes->folders[i], on_entry, changes, err);
		if ((status == 0 && changes->count == before) || status == ITSM_ENOTFOUND)
			status = find_link(changes, commit, changes->folders[i], err);
	}
	return status;
}

int itsm_index_changes_compare(struct index_changes *changes, const struct itsm_oid *from, const struct itsm_oid *to,
	struct itsm_error *err)
{
	struct itsm_index *index = changes->index;
	int status = ITSM_ENOTFOUND;

	/* opening the repository costs more than what differs between neighbours */
	if (!index->repo && !itsm_oid_is_zero(from) && !itsm_oid_is_zero(to))
		status = itsm_place_compare(index->options.place, from, to, on_change, changes);
	if (status != ITSM_ENOTFOUND)
		return status;
	if ((status = itsm_index_repository(index, err)) != 0)
		return status;
	return itsm_repo_compare(index->repo, itsm_oid_is_zero(from) ? NULL : from,
		itsm_oid_is_zero(to) ? NULL : to, on_change, changes, err);
}

struct applying {
	struct itsm_index *index;
	enum itsm_snapshot snapshot;
};

static int sink(void *context, struct index_job *job, struct itsm_error *err)
{
	const struct applying *applying = context;
	sqlite3_stmt *loose;
	int status = itsm_index_entry_set(applying->index, applying->snapshot, &job->place, job->content, err);

	if (status != 0 || applying->snapshot != ITSM_SNAPSHOT_AT)
		return status;
	/* no snapshot that stays refers to it */
	if (!(loose = itsm_index_statement(applying->index, SQL_LOOSE_INSERT, 0, err)))
		return ITSM_EINDEX;
	sqlite3_bind_int64(loose, 1, job->content);
	sqlite3_bind_int64(loose, 2, applying->index->options.now);
	return itsm_index_run(applying->index, loose, err);
}

enum index_obstacle itsm_index_entry_blob(const struct index_place *place, const struct itsm_entry *entry,
	struct itsm_oid *blob)
{
	enum index_obstacle obstacle = is_link(entry->mode) ? INDEX_LINK : place->located ? INDEX_READABLE :
		INDEX_MISPLACED;

	*blob = entry->blob;
	if (obstacle != INDEX_READABLE)
		itsm_index_obstacle_oid(obstacle, blob);
	return obstacle;
}

/* The change as a job, or done at once when its content is known. */
static int apply_one(struct index_changes *changes, const struct index_blob_change *change, enum itsm_snapshot snapshot,
	struct index_job *job, bool *wanted, struct itsm_error *err)
{
	const struct itsm_entry entry = {change->path, change->blob, change->mode};
	int status;

	*wanted = false;
	*job = (struct index_job){ .blob = change->blob };
	if (itsm_oid_is_zero(&change->blob))
		return itsm_index_entry_remove(changes->index, snapshot, change->path, err);
	if (!itsm_index_is_ours(changes, &entry, &job->place))
		return 0;
	job->place.path = change->path;
	job->obstacle = itsm_index_entry_blob(&job->place, &entry, &job->blob);
	status = itsm_index_content_find(changes->index, &job->place, &job->blob, &job->content, err);
	if (status == 0 && job->content)
		return itsm_index_entry_set(changes->index, snapshot, &job->place, job->content, err);
	*wanted = status == 0;
	return status;
}

int itsm_index_changes_apply(struct index_changes *changes, enum itsm_snapshot snapshot, struct itsm_error *err)
{
	struct applying applying = {changes->index, snapshot};
	struct index_reading reading = {.what = "reading records", .sink = sink, .context = &applying};
	bool wanted;
	int status = 0;

	reading.jobs = itsm_arena_alloc(changes->arena, (changes->count + 1) * sizeof(*reading.jobs));
	for (size_t i = 0; i < changes->count && status == 0; i++) {
		status = apply_one(changes, &changes->items[i], snapshot, &reading.jobs[reading.count], &wanted, err);
		reading.count += wanted;
	}
	return status == 0 ? itsm_index_read(changes->index, &reading, err) : status;
}

int itsm_index_meta_oid(struct itsm_index *index, const char *key, struct itsm_oid *out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char *value;
	int status = itsm_index_meta_get(index, key, arena, &value, err);

	memset(out, 0, sizeof(*out));
	if (status == 0)
		status = value && itsm_oid_parse(value, out);
	itsm_arena_free(arena);
	return status;
}

int itsm_index_meta_set_oid(
	struct itsm_index *index, const char *key, const struct itsm_oid *oid, struct itsm_error *err)
{
	char text[41];

	itsm_oid_text(oid, text);
	return itsm_index_meta_set(index, key, text, err);
}

/* Fill `changes` with the way from one commit to the other; `whole` when it is everything at the other. */
static int find_way(struct index_changes *changes, const struct itsm_oid *from, const struct itsm_oid *to, bool *whole,
	struct itsm_error *err)
{
	if (from && itsm_index_changes_compare(changes, from, to, NULL) == 0) {
		*whole = false;
		return 0;
	}
	changes->count = 0;
	*whole = true;
	return itsm_index_changes_walk(changes, to, err);
}

/* History that ends here knows it all: 1 when that was so, 0, negative. */
static int take_versions(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	struct itsm_oid known;
	int status = itsm_index_meta_oid(index, "history", &known, err);

	if (status != 1 || itsm_oid_is_zero(head) || !itsm_oid_equal(&known, head))
		return status < 0 ? status : 0;
	if ((status = itsm_index_execute(index, "DELETE FROM itsm_head_entry; INSERT INTO itsm_head_entry"
		" SELECT v.bid, p.path, p.id, p.kid, p.owner FROM itsm_version AS v JOIN itsm_path AS p ON p.pid = v.pid"
		" WHERE v.until = 9223372036854775807", err)) != 0 ||
	    (status = itsm_index_schema_finish(index, err)) != 0 ||
	    (status = itsm_index_meta_set_oid(index, "head", head, err)) != 0)
		return status;
	return 1;
}

static int bring(struct itsm_index *index, const struct itsm_oid *from, const struct itsm_oid *head,
	struct itsm_arena *arena, struct itsm_error *err)
{
	struct index_changes changes;
	bool whole;
	int status = from ? 0 : take_versions(index, head, err);

	if (status != 0)
		return status < 0 ? status : 0;
	if ((status = itsm_index_changes_begin(index, arena, &changes, err)) != 0 ||
		(status = find_way(&changes, from, head, &whole, err)) != 0)
		return status;
	if (whole)
		status = itsm_index_execute_format(index, err, "INSERT OR REPLACE INTO itsm_loose SELECT bid, %lld"
			" FROM itsm_head_entry; DELETE FROM itsm_head_entry", (long long)index->options.now);
	if (status != 0 || (status = itsm_index_changes_apply(&changes, ITSM_SNAPSHOT_HEAD, err)) != 0 ||
	    (status = itsm_index_schema_finish(index, err)) != 0 || (status = itsm_index_collect(index, err)) != 0)
		return status;
	return itsm_index_meta_set_oid(index, "head", head, err);
}

int itsm_index_head_bring(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	struct itsm_arena *arena;
	struct itsm_oid wanted = *head, known;
	int status, has;

	itsm_index_unpin(index);
	if ((status = itsm_index_pin(index, err)) != 0 || (has = itsm_index_meta_oid(index, "head", &known, err)) < 0)
		return status != 0 ? status : has;
	index->head = wanted;
	index->head_wanted = true;
	if (has && itsm_oid_equal(&known, &wanted))
		return 0;
	/* the lock first: what was read before it may not be true any more */
	if ((status = itsm_index_begin(index, err)) != 0)
		return status;
	has = itsm_index_meta_oid(index, "head", &known, err);
	arena = itsm_arena_new();
	status = has < 0 ? has : bring(index, has ? &known : NULL, &wanted, arena, err);
	itsm_arena_free(arena);
	return itsm_index_end(index, status, err);
}

static int refresh(struct itsm_index *index, void *context, struct itsm_error *err)
{
	return itsm_index_head_bring(index, context, err);
}

int itsm_index_refresh_head(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	struct itsm_oid wanted = *head;

	return itsm_index_attempt(index, refresh, &wanted, err);
}
