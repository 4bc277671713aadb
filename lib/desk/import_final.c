/* Without replay: the last row of each key, in one commit. */
#include <string.h>

#include "import_run.h"

/* Which known records differ from their last row, and what becomes of them. */
static int settle_known(struct import_run *run, struct itsm_arena *arena)
{
	struct import_record **differing = NULL;
	size_t count = 0, capacity = 0, i;
	const char *problem;
	int status = 0;

	for (i = 0; i < run->record_count && status == 0; i++) {
		struct import_record *record = &run->records[i];
		bool same = false;

		if (!record->known || record->rejected)
			continue;
		status = import_is_same(run, record, &same);
		if (status != 0 || same)
			continue;
		itsm_arena_grow(arena, &differing, &capacity, count, sizeof(*differing));
		differing[count++] = record;
	}
	if (status == 0)
		status = import_find_bases(run, differing, count);
	for (i = 0; i < count && status == 0; i++) {
		status = import_update(run, differing[i], &problem);
		if (status == 0 && problem) {
			differing[i]->rejected = true;
			import_reject_record(run, differing[i], problem);
		}
	}
	return status;
}

static void count_records(struct import_run *run)
{
	struct itsm_import_result *result = run->result;
	const char *obstacle;
	size_t i;

	for (i = 0; i < run->record_count; i++) {
		struct import_record *record = &run->records[i];

		if (!record->known && (obstacle = import_obstacle(run, record)) != NULL)
			import_reject_record(run, record, obstacle);
		else if (!record->known)
			result->records++;
		else if (record->text)
			result->changed++;
		else if (!record->rejected)
			result->unchanged++;
	}
}

/* The commit is about one record when there is one only. */
static int begin_commit(struct import_run *run)
{
	const struct itsm_import_result *result = run->result;
	size_t count = result->records + result->changed, i;
	const struct import_record *only = NULL;

	for (i = 0; i < run->record_count && count == 1; i++) {
		if (!run->records[i].rejected && (!run->records[i].known || run->records[i].text))
			only = &run->records[i];
	}
	itsm_buffer_clear(&run->buffer);
	if (only)
		itsm_buffer_printf(&run->buffer, "%s: import from %s", only->id, run->map.source);
	else
		itsm_buffer_printf(&run->buffer, "import %zu records from %s", count, run->map.source);
	import_message(run, only ? only->id : NULL, NULL, false);
	return itsm_bulk_commit(run->bulk, run->buffer.data, &run->identity, &run->identity, run->err);
}

static int write_record(struct import_run *run, const struct import_record *record)
{
	int status = import_write_made(run, record->last);

	if (status != 0 || record->known)
		return status || !run->bulk
			? status
			: itsm_bulk_put(run->bulk, record->path, record->text, record->size, run->err);
	if ((status = import_compose(run, record->block, record->last->cells)) != 0 || !run->bulk)
		return status;
	return itsm_bulk_put(run->bulk, record->path, run->text.data, run->text.length, run->err);
}

/* What `take: first` asks for. */
static void take_first(struct import_record *record)
{
	size_t i;

	for (i = 0; record->block->take_first && i < record->block->target_count; i++) {
		if (record->block->targets[i].rule->take_first)
			record->last->cells[i] = record->first->cells[i];
	}
}

int import_write_final(struct import_run *run)
{
	struct itsm_arena *arena = itsm_arena_new();
	size_t i;
	int status;

	for (i = 0; i < run->record_count; i++)
		take_first(&run->records[i]);
	status = settle_known(run, arena);
	itsm_arena_free(arena);
	if (status != 0)
		return status;
	count_records(run);
	if (run->result->records + run->result->changed == 0)
		return 0;
	run->result->commits = 1;
	if (run->bulk && (status = begin_commit(run)) != 0)
		return status;
	for (i = 0; i < run->record_count && status == 0; i++) {
		const struct import_record *record = &run->records[i];

		if (i % 1000 == 0)
			itsm_desk_progress(run->desk, "writing records", i, run->record_count);
		if (!record->rejected && (!record->known || record->text))
			status = write_record(run, record);
	}
	itsm_desk_progress(run->desk, "writing records", run->record_count, run->record_count);
	return status;
}
