/*
 * Changes of commits on their way into the tables: gathered until they are
 * worth a round of the reader's threads, so that memory stays bounded however
 * long history is.
 *
 * Parents come before their children, so that what a change replaced is content
 * that is in already.
 */
#include <string.h>

#include "index.h"

#define BATCH 4096
#define TEXT_MAX 512             /* bytes of an old or new value that are kept */

struct index_batch_change {
	int64_t cid, order, content;
	struct index_place place;
	bool removed, was_there;
	enum index_obstacle obstacle, old_obstacle;
	struct itsm_oid blob, old;       /* the first parent's */
	struct itsm_oid bases[INDEX_BASES];
	size_t base_count;
};

int itsm_index_batch_begin(struct index_batch *batch, struct itsm_index *index, bool many, struct itsm_arena *arena,
	struct itsm_error *err)
{
	int status;

	*batch = (struct index_batch){ .index = index, .arena = itsm_arena_new(), .texts = itsm_index_texts_new() };
	batch->changes = (struct index_changes){ .index = index, .arena = arena };
	status = many ? itsm_index_contents_load(index, &batch->contents, err) : 0;
	return status == 0 ? itsm_index_folders(index, arena, &batch->changes.folders, &batch->changes.folder_count, err) :
		status;
}

void itsm_index_batch_end(struct index_batch *batch)
{
	itsm_arena_free(batch->arena);
	batch->arena = NULL;
	itsm_index_texts_free(batch->texts);
	batch->texts = NULL;
	itsm_index_contents_free(batch->contents);
	batch->contents = NULL;
}

static bool is_file(const struct itsm_entry *entry)
{
	return (entry->mode & 0170000) == 0100000;
}

/* The versions that the new one is to be compared with: a record's, of parents that have one. */
static void add_bases(struct index_batch_change *change, const struct itsm_entry *sides, size_t count)
{
	if (change->removed || !change->place.located || change->obstacle != INDEX_READABLE || !is_file(&sides[0]))
		return;
	for (size_t i = 0; i < count && change->base_count < INDEX_BASES; i++)
		if (is_file(&sides[i]) && !itsm_oid_equal(&sides[i].blob, &change->blob))
			change->bases[change->base_count++] = sides[i].blob;
	if (itsm_oid_equal(&sides[0].blob, &change->blob))
		change->base_count = 0; /* its mode alone was changed */
}

int itsm_index_batch_add(struct index_batch *batch, int64_t cid, int64_t order, const struct itsm_entry *sides,
	size_t count, const struct itsm_entry *new_entry, struct itsm_error *err)
{
	struct index_batch_change *change;
	struct index_place place, old_place;
	bool is = new_entry && itsm_index_is_ours(&batch->changes, new_entry, &place);
	bool was = sides[0].mode && itsm_index_is_ours(&batch->changes, &sides[0], &old_place);

	if (!is && !was)
		return 0;
	itsm_arena_grow(batch->arena, &batch->items, &batch->capacity, batch->count, sizeof(*batch->items));
	change = &batch->items[batch->count++];
	*change = (struct index_batch_change){
		.cid = cid, .order = order, .place = is ? place : old_place, .removed = !is, .was_there = was,
	};
	change->place.path = itsm_arena_strdup(batch->arena, sides[0].path);
	if (is)
		change->obstacle = itsm_index_entry_blob(&place, new_entry, &change->blob);
	if (was)
		change->old_obstacle = itsm_index_entry_blob(&old_place, &sides[0], &change->old);
	add_bases(change, sides, count);
	return batch->count < BATCH ? 0 : itsm_index_batch_flush(batch, err);
}

int itsm_index_path_number(struct itsm_index *index, const struct index_place *place, int64_t *out,
	struct itsm_error *err)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_PATH_FIND, 0, err);
	int status;

	if (!statement)
		return ITSM_EINDEX;
	itsm_index_lend_text(statement, 1, place->path);
	if ((status = itsm_index_step(index, statement, err)) == 1)
		*out = sqlite3_column_int64(statement, 0);
	sqlite3_reset(statement);
	if (status != 0)
		return status < 0 ? status : 0;
	if (!(statement = itsm_index_statement(index, SQL_PATH_INSERT, 0, err)))
		return ITSM_EINDEX;
	itsm_index_lend_text(statement, 1, place->path);
	itsm_index_lend_text(statement, 2, place->located ? place->id : NULL);
	sqlite3_bind_int(statement, 3, place->shape->number);
	itsm_index_lend_text(statement, 4, place->located && *place->owner ? place->owner : NULL);
	status = itsm_index_run(index, statement, err);
	if (status == 0)
		*out = sqlite3_last_insert_rowid(index->db);
	return status;
}

static bool is_short(const char *text)
{
	return !text || strlen(text) <= TEXT_MAX;
}

static int insert_events(struct itsm_index *index, const struct index_batch_change *change, const struct index_job *job,
	struct itsm_error *err)
{
	int status = 0;

	for (size_t i = 0; i < job->difference_count && status == 0; i++) {
		const struct itsm_difference *difference = &job->differences[i];
		sqlite3_stmt *insert = itsm_index_statement(index, SQL_EVENT_INSERT, 0, err);
		bool cut = !is_short(difference->old_text) || !is_short(difference->new_text);

		if (!insert)
			return ITSM_EINDEX;
		sqlite3_bind_int64(insert, 1, change->cid);
		sqlite3_bind_int64(insert, 2, change->order);
		sqlite3_bind_int64(insert, 3, (sqlite3_int64)i);
		itsm_index_lend_text(insert, 4, difference->field);
		itsm_index_lend_text(insert, 5, is_short(difference->old_text) ? difference->old_text : NULL);
		itsm_index_lend_text(insert, 6, is_short(difference->new_text) ? difference->new_text : NULL);
		sqlite3_bind_int64(insert, 7, difference->line);
		if (cut)
			sqlite3_bind_int(insert, 8, 1);
		else
			sqlite3_bind_null(insert, 8);
		status = itsm_index_run(index, insert, err);
	}
	return status;
}

static int sink(void *context, struct index_job *job, struct itsm_error *err)
{
	struct index_batch_change *change = job->origin;

	change->content = job->content;
	return insert_events(context, change, job, err);
}

/* What was there before: 0 when nothing was. */
static int find_old(struct itsm_index *index, const struct index_contents *contents,
	const struct index_batch_change *change, int64_t *out, struct itsm_error *err)
{
	struct itsm_oid large;
	int status;

	*out = 0;
	if (!change->was_there)
		return 0;
	status = itsm_index_content_seek(index, contents, &change->place, &change->old, out, err);
	if (status != 0 || *out || change->old_obstacle != INDEX_READABLE)
		return status;
	itsm_index_obstacle_oid(INDEX_TOO_LARGE, &large);
	return itsm_index_content_find(index, &change->place, &large, out, err);
}

static int insert_touch(struct index_batch *batch, const struct index_batch_change *change, struct itsm_error *err)
{
	struct itsm_index *index = batch->index;
	sqlite3_stmt *insert;
	int64_t number, old;
	int status;

	if ((status = itsm_index_path_number(index, &change->place, &number, err)) != 0 ||
		(status = find_old(index, batch->contents, change, &old, err)) != 0)
		return status;
	if (!(insert = itsm_index_statement(index, SQL_TOUCH_INSERT, 0, err)))
		return ITSM_EINDEX;
	sqlite3_bind_int64(insert, 1, change->cid);
	sqlite3_bind_int64(insert, 2, change->order);
	sqlite3_bind_int64(insert, 3, number);
	if (old)
		sqlite3_bind_int64(insert, 4, old);
	else
		sqlite3_bind_null(insert, 4);
	if (change->content)
		sqlite3_bind_int64(insert, 5, change->content);
	else
		sqlite3_bind_null(insert, 5);
	return itsm_index_run(index, insert, err);
}

/* The change as a job, unless its content is known and there is nothing to compare it with. */
static int add_job(struct index_batch *batch, struct index_batch_change *change, struct index_reading *reading,
	struct itsm_error *err)
{
	int status;

	if (change->removed)
		return 0;
	status = itsm_index_content_seek(batch->index, batch->contents, &change->place, &change->blob, &change->content,
		err);
	if (status != 0 || (change->content && !change->base_count))
		return status;
	reading->jobs[reading->count++] = (struct index_job){
		.place = change->place, .obstacle = change->obstacle, .blob = change->blob, .origin = change,
		.content = change->content, .bases = change->bases, .base_count = change->base_count,
	};
	return 0;
}

int itsm_index_batch_flush(struct index_batch *batch, struct itsm_error *err)
{
	struct index_reading reading = {.sought = true, .texts = batch->texts, .contents = batch->contents,
		.sink = sink, .context = batch->index};
	int status = 0;

	reading.jobs = itsm_arena_alloc(batch->arena, (batch->count + 1) * sizeof(*reading.jobs));
	for (size_t i = 0; i < batch->count && status == 0; i++)
		status = add_job(batch, &batch->items[i], &reading, err);
	if (status == 0)
		status = itsm_index_read(batch->index, &reading, err);
	for (size_t i = 0; i < batch->count && status == 0; i++)
		status = insert_touch(batch, &batch->items[i], err);
	itsm_arena_free(batch->arena);
	batch->arena = itsm_arena_new();
	batch->items = NULL;
	batch->count = batch->capacity = 0;
	return status;
}
