/* What the desk has of a record: is it still what the source says, and how did its last import leave it? */
#include <string.h>

#include "import_run.h"

int import_blob(struct import_run *run, const struct itsm_oid *blob, const char **text, size_t *size)
{
	struct itsm_buffer data = {0};
	int status = itsm_repo_blob(run->repo, blob, ITSM_FILE_MAX_BYTES, &data, run->err);

	if (status == 0) {
		*text = itsm_arena_strndup(run->arena, data.data ? data.data : "", data.length);
		*size = data.length;
	}
	itsm_buffer_free(&data);
	return status;
}

int import_is_same(struct import_run *run, const struct import_record *record, bool *same)
{
	struct itsm_oid oid;
	int status = import_compose(run, record->block, record->last->cells);

	if (status != 0)
		return status;
	itsm_blob_hash(run->text.data, run->text.length, &oid);
	*same = itsm_oid_equal(&oid, &record->blob);
	return 0;
}

struct bases {
	struct import_run *run;
	struct import_record *const *records;
	struct import_table by_path; /* path -> place in records + 1 */
	size_t wanted;
	bool import; /* the commit at hand is one */
};

static int on_commit(void *context, const struct itsm_commit *commit)
{
	struct bases *bases = context;

	bases->import = strstr(commit->body, "Itsm-Action: import\n") != NULL;
	return bases->wanted == 0;
}

static int on_change(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct bases *bases = context;
	struct import_record *record;
	uint32_t path, place;

	(void)old_entry;
	if (!bases->import || !new_entry)
		return 0;
	path = import_texts_find(bases->run->texts, new_entry->path, strlen(new_entry->path));
	place = path ? import_table_get(&bases->by_path, path) : 0;
	if (!place)
		return 0;
	record = bases->records[place - 1];
	if (!record->has_base) {
		record->has_base = true;
		record->base = new_entry->blob;
		bases->wanted--;
	}
	return 0;
}

int import_find_bases(struct import_run *run, struct import_record *const *records, size_t count)
{
	struct bases bases = {.run = run, .records = records, .by_path = {.arena = run->arena}, .wanted = count};
	const struct itsm_history history = {.on_commit = on_commit, .on_change = on_change, .context = &bases};
	size_t i;
	int status;

	if (count == 0)
		return 0;
	for (i = 0; i < count; i++)
		import_table_put(&bases.by_path,
			import_texts_add(run->texts, records[i]->path, strlen(records[i]->path)), (uint32_t)i + 1);
	status = itsm_repo_history(itsm_desk_place(run->desk), NULL, &run->head, count == 1 ? records[0]->path : NULL,
		0, &history, run->err);
	return status > 0 ? 0 : status;
}

int import_update(struct import_run *run, struct import_record *record, const char **problem)
{
	const char *text, *base = NULL;
	size_t size, base_size = 0;
	bool changed;
	int status;

	*problem = NULL;
	if ((status = import_blob(run, &record->blob, &text, &size)) != 0 ||
	    (record->has_base && (status = import_blob(run, &record->base, &base, &base_size)) != 0))
		return status;
	*problem = import_merge(run, record, text, size, record->last->cells, NULL, base, base_size, &changed);
	if (!*problem && changed) {
		record->text = itsm_arena_strndup(run->arena, run->text.data, run->text.length);
		record->size = run->text.length;
	}
	return 0;
}

const char *import_obstacle(struct import_run *run, const struct import_record *record)
{
	if (!record->rejected)
		return NULL;
	if (record->path)
		return itsm_arena_printf(run->arena,
			"%s is in the desk and not known as this record; `itsm check` says why", record->path);
	return itsm_arena_printf(run->arena,
		"'%s' is in the desk and not from '%s'; set its %s and %s to let the import keep it", record->id,
		run->map.source, run->map.key_field, run->map.source_field);
}

void import_reject_record(struct import_run *run, const struct import_record *record, const char *reason)
{
	const struct import_row *row;

	for (row = record->last; row; row = row->previous)
		import_reject(run, row->file, row->line, record->key, reason);
}

void import_message(struct import_run *run, const char *record, const struct import_row *row, bool all)
{
	struct itsm_buffer *out = &run->buffer;
	const char *message = run->options->message;

	itsm_buffer_puts(out, "\n\n");
	if (message && *message)
		itsm_buffer_printf(out, "%s%s\n", message, message[strlen(message) - 1] == '\n' ? "" : "\n");
	itsm_buffer_puts(out, "Itsm-Action: import\n");
	if (record)
		itsm_buffer_printf(out, "Itsm-Record: %s\n", record);
	if (!row)
		itsm_buffer_printf(out, "Itsm-Import: %s\n", run->map.source);
	for (; row; row = all ? row->previous : NULL)
		itsm_buffer_printf(out, "Itsm-Import: %s %016llx\n", run->map.source, (unsigned long long)row->digest);
}
