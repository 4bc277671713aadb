/*
 * Writes about many records: one commit, all of them or none.
 *
 * What stands against one of the records is a finding, so that all of it is told
 * at once; where only one record was named it stays the error that it is.
 */
#include <stdlib.h>
#include <string.h>

#include "desk.h"

#define RECORDS_MAX 10000 /* in one commit: its message names each */

static void refuse(struct desk_change *change, const char *word, const struct itsm_error *error)
{
	struct itsm_finding finding = {
		.rule = "write/record",
		.record = word,
		.line = error->line,
		.column = error->column,
		.message = error->message,
		.remedy = "leave it out, or mend that first",
	};

	itsm_findings_add(&change->outcome->findings, &finding);
}

static int by_path(const void *a, const void *b)
{
	return strcmp((*(struct itsm_record *const *)a)->path, (*(struct itsm_record *const *)b)->path);
}

/* In order of path, each once. */
static size_t sorted(struct itsm_record **records, size_t count)
{
	size_t i, kept = 0;

	if (count > 1)
		qsort(records, count, sizeof(struct itsm_record *), by_path);
	for (i = 0; i < count; i++) {
		if (!kept || by_path(&records[kept - 1], &records[i]) != 0)
			records[kept++] = records[i];
	}
	return kept;
}

int desk_change_records(struct desk_change *change, struct itsm_words ids, struct itsm_record ***out, size_t *count,
	struct itsm_error *err)
{
	struct itsm_record **records = itsm_arena_alloc(change->arena, (ids.count + 1) * sizeof(struct itsm_record *));
	size_t i, found = 0;
	int status = 0;

	if (!ids.count)
		return itsm_error_set(err, ITSM_EUSAGE, "no record is named; give an ID");
	if (ids.count > RECORDS_MAX)
		return itsm_error_set(err, ITSM_ELIMIT, "%zu records are more than the %d that one commit may change; split them",
			ids.count, RECORDS_MAX);
	for (i = 0; i < ids.count && status == 0; i++) {
		struct itsm_error error = {0};

		status = desk_change_record(change, ids.items[i], &records[found], &error);
		found += status == 0;
		if (ids.count > 1 && (status == ITSM_ENOTFOUND || status == ITSM_EAMBIGUOUS || status == ITSM_EREFUSED ||
			status == ITSM_EDATA)) {
			refuse(change, ids.items[i], &error);
			status = 0;
		} else if (status != 0 && err) {
			*err = error;
		}
	}
	if (ids.count > 1)
		change->judged = NULL;
	*out = records;
	*count = sorted(records, found);
	return status;
}

void desk_change_told(struct desk_change *change, const struct desk_put *puts, size_t count, const char *action)
{
	struct itsm_outcome *outcome = change->outcome;
	const struct desk_put *first = NULL;
	size_t i;

	desk_change_trailer(change, "Itsm-Action", action);
	outcome->records = outcome->unchanged = 0;
	for (i = 0; i < count; i++) {
		if (!puts[i].changed) {
			outcome->unchanged++;
			continue;
		}
		first = first ? first : &puts[i];
		outcome->records++;
		desk_change_trailer(change, "Itsm-Record", desk_record_id(change->arena, puts[i].old_record));
	}
	outcome->id = outcome->path = NULL;
	if (!first && count)
		first = &puts[0];
	if (outcome->records <= 1 && first && (outcome->records || count == 1)) {
		outcome->id = desk_record_id(outcome->arena, first->old_record);
		outcome->path = itsm_arena_strdup(outcome->arena, first->old_record->path);
	}
	if (outcome->id)
		itsm_buffer_puts(&change->subject, outcome->id);
	else
		itsm_buffer_printf(&change->subject, "%zu records", outcome->records);
}
