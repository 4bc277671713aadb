/*
 * With replay: one commit for each row, in the order of their times over all
 * records, by the row's author at the row's time.
 *
 * A record that is new is composed anew from each row, so its text changes
 * where the row does. One that was replayed before goes on from what HEAD has,
 * with the row before as its base. One that the desk has without that history takes
 * its last row only: its past is not written behind its back.
 */
#include <stdlib.h>
#include <string.h>

#include "import_run.h"

#define KEY_IN_SUBJECT 60

static int compare_rows(const void *a, const void *b)
{
	const struct import_row *x = *(struct import_row *const *)a, *y = *(struct import_row *const *)b;

	if (x->time.seconds != y->time.seconds)
		return x->time.seconds < y->time.seconds ? -1 : 1;
	return (x->order > y->order) - (x->order < y->order);
}

void import_replay_order(struct import_run *run)
{
	size_t i, j;

	if (run->row_count)
		qsort(run->rows, run->row_count, sizeof(*run->rows), compare_rows);
	for (i = 0; i < run->row_count; i++) {
		struct import_row *row = run->rows[i];
		struct import_record *record = &run->records[row->record];

		if (!record->first)
			record->first = row;
		row->previous = record->last;
		record->last = row;
		for (j = 0; record->block->take_first && j < record->block->target_count; j++) {
			if (record->block->targets[j].rule->take_first)
				row->cells[j] = record->first->cells[j];
		}
	}
}

/* Known, but not by replay: the last row alone counts. */
static int settle_unreplayed(struct import_run *run, struct itsm_arena *arena)
{
	struct import_record **differing = NULL;
	size_t count = 0, capacity = 0, i;
	const char *problem;
	int status = 0;

	for (i = 0; i < run->row_count && status == 0; i++) {
		struct import_row *row = run->rows[i];
		struct import_record *record = &run->records[row->record];
		bool same = true;

		if (!record->known || record->replayed || record->rejected)
			continue;
		row->done = row != record->last;
		if (row->done || (status = import_is_same(run, record, &same)) != 0)
			continue;
		row->done = true;
		if (same)
			continue;
		itsm_arena_grow(arena, &differing, &capacity, count, sizeof(*differing));
		differing[count++] = record;
	}
	if (status == 0)
		status = import_find_bases(run, differing, count);
	for (i = 0; i < count && status == 0; i++) {
		status = import_update(run, differing[i], &problem);
		if (status == 0 && problem)
			import_reject_record(run, differing[i], problem);
		differing[i]->rejected = problem != NULL;
		differing[i]->last->done = problem || !differing[i]->text;
	}
	return status;
}

/* Rows from before what was replayed already can't be put into the past. */
static void refuse_late_rows(struct import_run *run)
{
	size_t i;

	for (i = run->row_count; i-- > 0;) {
		struct import_row *row = run->rows[i];
		struct import_record *record = &run->records[row->record];

		if (!record->replayed)
			continue;
		if (row->done) {
			record->counted = true; /* a later row of it is done */
		} else if (record->counted) {
			import_reject(
				run, row->file, row->line, record->key, "a later row of this key was replayed before");
			row->done = true;
		}
	}
	for (i = 0; i < run->record_count; i++)
		run->records[i].counted = false;
}

static const char *state_of(
	const struct import_run *run, const struct import_block *block, const struct import_row *row)
{
	if (block->kind->state_count == 0)
		return NULL;
	if (block->state == IMPORT_NONE || !row->cells[block->state])
		return block->kind->states[0].name;
	return IMPORT_TEXT(run, row->cells[block->state]);
}

static void write_subject(struct import_run *run, const struct import_record *record, const struct import_row *row)
{
	const struct import_row *previous = row->previous;
	const char *key = IMPORT_TEXT(run, record->key), *now = state_of(run, record->block, row);
	const char *before = previous ? state_of(run, record->block, previous) : NULL;
	size_t length = strlen(key);

	if (length > KEY_IN_SUBJECT) {
		length = KEY_IN_SUBJECT;
		while (length && ((unsigned char)key[length] & 0xC0) == 0x80)
			length--;
	}
	itsm_buffer_clear(&run->buffer);
	itsm_buffer_printf(&run->buffer, "%s: import %.*s", record->id, (int)length, key);
	if (now && !previous)
		itsm_buffer_printf(&run->buffer, ", %s", now);
	else if (now && strcmp(now, before) != 0)
		itsm_buffer_printf(&run->buffer, ", %s -> %s", before, now);
}

static int begin_commit(struct import_run *run, const struct import_record *record, const struct import_row *row)
{
	struct itsm_person_time author = run->identity, committer = run->identity;

	author.seconds = committer.seconds = row->time.seconds;
	author.offset_minutes = committer.offset_minutes = row->time.offset_minutes;
	if (row->author) {
		author.name = IMPORT_TEXT(run, row->author);
		author.mail = row->mail ? IMPORT_TEXT(run, row->mail) : "unknown@import.invalid";
	}
	write_subject(run, record, row);
	import_message(run, record->id, row, record->known && !record->replayed);
	return itsm_bulk_commit(run->bulk, run->buffer.data, &author, &committer, run->err);
}

/* The record as the row makes it into run->text; `skip` when the row can't be taken. */
static int make_text(struct import_run *run, struct import_record *record, const struct import_row *row, bool *skip)
{
	const uint32_t *base = row->previous ? row->previous->cells : NULL;
	const char *problem;
	bool changed;
	int status = 0;

	if (!record->known)
		return import_compose(run, record->block, row->cells);
	if (!record->text && (status = import_blob(run, &record->blob, &record->text, &record->size)) != 0)
		return status;
	if (!record->replayed) {
		itsm_buffer_clear(&run->text);
		itsm_buffer_add(&run->text, record->text, record->size);
		return 0;
	}
	problem = import_merge(run, record, record->text, record->size, row->cells, base, NULL, 0, &changed);
	*skip = problem != NULL;
	if (problem) {
		import_reject(run, row->file, row->line, record->key, problem);
	} else if (changed) {
		record->text = itsm_arena_strndup(run->arena, run->text.data, run->text.length);
		record->size = run->text.length;
	} else {
		itsm_buffer_clear(&run->text);
		itsm_buffer_add(&run->text, record->text, record->size);
	}
	return 0;
}

static void count_record(struct import_run *run, struct import_record *record)
{
	if (!record->counted && record->known)
		run->result->changed++;
	else if (!record->counted)
		run->result->records++;
	record->counted = true;
}

static int write_row(struct import_run *run, struct import_record *record, const struct import_row *row)
{
	bool skip = false;
	int status = make_text(run, record, row, &skip);

	if (status != 0 || skip)
		return status;
	count_record(run, record);
	run->result->commits++;
	if (!run->bulk)
		return import_write_made(run, row);
	if ((status = begin_commit(run, record, row)) != 0 ||
	    (status = itsm_bulk_put(run->bulk, record->path, run->text.data, run->text.length, run->err)) != 0)
		return status;
	return import_write_made(run, row);
}

static int write_rows(struct import_run *run)
{
	size_t i;
	int status = 0;

	for (i = 0; i < run->row_count && status == 0; i++) {
		const struct import_row *row = run->rows[i];
		struct import_record *record = &run->records[row->record];

		if (i % 1000 == 0)
			itsm_desk_progress(run->desk, "replaying rows", i, run->row_count);
		if (!row->done && !record->rejected)
			status = write_row(run, record, row);
	}
	itsm_desk_progress(run->desk, "replaying rows", run->row_count, run->row_count);
	return status;
}

int import_write_replay(struct import_run *run)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char *obstacle;
	size_t i;
	int status;

	for (i = 0; i < run->record_count; i++) {
		if (!run->records[i].known && (obstacle = import_obstacle(run, &run->records[i])) != NULL)
			import_reject_record(run, &run->records[i], obstacle);
	}
	refuse_late_rows(run);
	status = settle_unreplayed(run, arena);
	if (status == 0)
		status = write_rows(run);
	for (i = 0; i < run->record_count && status == 0; i++) {
		if (run->records[i].known && !run->records[i].counted && !run->records[i].rejected)
			run->result->unchanged++;
	}
	itsm_arena_free(arena);
	return status;
}
