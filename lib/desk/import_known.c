/*
 * What the desk has of the records already, and the IDs and paths of the others.
 *
 * An ID is made from source and key, so that another run, in another clone, gives
 * the same: the first 40 bits of the SHA-1 that git gives the text
 * "<source>\n<key>\n" as a blob, in Crockford's base 32. Where that ID is taken by
 * another key, a line with a counter, "1\n", is added, and so on.
 */
#include <stdio.h>
#include <string.h>

#include "import_run.h"
#include "itsm/id.h"

#define ID_TRIES 1000

static void make_id(
	struct import_run *run, const struct itsm_kind *kind, uint32_t key, unsigned counter, char id[ITSM_ID_MAX])
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	struct itsm_oid oid;
	uint64_t bits = 0;
	size_t length, i;

	itsm_buffer_clear(&run->buffer);
	itsm_buffer_printf(&run->buffer, "%s\n%s\n", run->map.source, IMPORT_TEXT(run, key));
	if (counter)
		itsm_buffer_printf(&run->buffer, "%u\n", counter);
	itsm_blob_hash(run->buffer.data, run->buffer.length, &oid);
	for (i = 0; i < 5; i++)
		bits = bits << 8 | oid.bytes[i];
	length = (size_t)snprintf(id, ITSM_ID_MAX - ITSM_ID_RANDOM, "%s-", kind->prefix);
	for (i = 0; i < ITSM_ID_RANDOM; i++)
		id[length + i] = alphabet[bits >> (35 - 5 * i) & 31];
	id[length + ITSM_ID_RANDOM] = '\0';
}

/* by_id holds the record's place + 1; an ID of the desk that no key here has is UINT32_MAX. */
static void give_id(struct import_run *run, size_t place)
{
	struct import_record *record = &run->records[place];
	char id[ITSM_ID_MAX];
	unsigned counter;
	uint32_t text = 0;

	for (counter = 0; counter < ID_TRIES; counter++) {
		make_id(run, record->block->kind, record->key, counter, id);
		text = import_texts_add(run->texts, id, strlen(id));
		if (import_table_get(&run->by_id, text) == 0)
			break;
	}
	record->id = IMPORT_TEXT(run, text);
	import_table_put(&run->by_id, text, (uint32_t)place + 1);
}

static uint32_t value_text(struct import_run *run, const struct itsm_query *query, size_t column)
{
	struct itsm_value value = itsm_query_value(query, column);

	return value.type == ITSM_VALUE_NULL || !value.text
		? 0
		: import_texts_add(run->texts, value.text, strlen(value.text));
}

/* One record that the desk has of a kind that is imported. */
static void note_record(
	struct import_run *run, const struct import_block *block, const struct itsm_query *query, uint32_t source)
{
	uint32_t id = value_text(run, query, 0), path = value_text(run, query, 1), key = value_text(run, query, 2);
	uint32_t place = value_text(run, query, 3) == source ? import_table_get(&run->by_key, key) : 0;
	struct import_record *record = place ? &run->records[place - 1] : NULL;

	if (record && record->block == block && !record->known) {
		record->known = true;
		record->id = IMPORT_TEXT(run, id);
		record->path = IMPORT_TEXT(run, path);
		import_table_put(&run->by_id, id, place);
		return;
	}
	place = import_table_get(&run->by_id, id);
	if (place && place != UINT32_MAX && !run->records[place - 1].known)
		run->records[place - 1].rejected = true;
	import_table_put(&run->by_id, id, UINT32_MAX);
}

static int find_known(struct import_run *run, struct itsm_index *index, const struct import_block *block)
{
	const struct itsm_field *key = itsm_kind_field(block->kind, run->map.key_field);
	const struct itsm_field *source = itsm_kind_field(block->kind, run->map.source_field);
	uint32_t name = import_texts_add(run->texts, run->map.source, strlen(run->map.source));
	struct itsm_buffer sql = {0};
	struct itsm_query *query = NULL;
	int status;

	if (!key || !source)
		return itsm_error_set(run->err, ITSM_EUSAGE,
			"a %s has no fields '%s' and '%s' to find it again by; "
			"add them to its kind, or name others with key_field and source_field",
			block->kind->name, run->map.key_field, run->map.source_field);
	itsm_buffer_printf(
		&sql, "SELECT id, path, \"%s\", \"%s\" FROM \"%s\"", key->column, source->column, block->kind->name);
	status = itsm_query_open(index, sql.data, NULL, 0, &query, run->err);
	itsm_buffer_free(&sql);
	while (status == 0 && (status = itsm_query_next(query, run->err)) == 1) {
		note_record(run, block, query, name);
		status = 0;
	}
	itsm_query_free(query);
	return status;
}

struct blobs {
	struct import_run *run;
	struct import_table records, made; /* path -> place + 1 */
};

static int note_blob(void *context, const struct itsm_entry *entry)
{
	struct blobs *blobs = context;
	struct import_run *run = blobs->run;
	uint32_t path = import_texts_find(run->texts, entry->path, strlen(entry->path)), place;

	if (!path)
		return 0;
	place = import_table_get(&blobs->made, path);
	if (place)
		run->made[place - 1]->there = true;
	place = import_table_get(&blobs->records, path);
	if (place && run->records[place - 1].known)
		run->records[place - 1].blob = entry->blob;
	else if (place)
		run->records[place - 1].rejected = true;
	return 0;
}

static void note_paths(struct blobs *blobs)
{
	struct import_run *run = blobs->run;
	size_t i;

	for (i = 0; i < run->record_count; i++) {
		const char *path = run->records[i].path;

		if (path)
			import_table_put(
				&blobs->records, import_texts_add(run->texts, path, strlen(path)), (uint32_t)i + 1);
	}
	for (i = 0; i < run->made_count; i++) {
		struct import_made *made = run->made[i];

		made->path = itsm_kind_path(run->arena, made->ensure->block.kind, IMPORT_TEXT(run, made->id), 0, NULL);
		import_table_put(
			&blobs->made, import_texts_add(run->texts, made->path, strlen(made->path)), (uint32_t)i + 1);
	}
}

/* What HEAD has at the paths of records and of ensured ones: a file there is never overwritten unseen. */
static int find_blobs(struct import_run *run)
{
	struct blobs blobs = {.run = run, .records = {.arena = run->arena}, .made = {.arena = run->arena}};
	struct itsm_error cause;
	size_t i;
	int status = 0;

	note_paths(&blobs);
	for (i = 0; i < run->map.block_count + run->map.ensure_count && status == 0 && !itsm_oid_is_zero(&run->head);
	    i++) {
		const struct itsm_kind *kind = i < run->map.block_count
			? run->map.blocks[i].kind
			: run->map.ensures[i - run->map.block_count].block.kind;

		status = itsm_repo_walk(run->repo, &run->head, kind->folder, note_blob, &blobs, &cause);
		if (status == ITSM_ENOTFOUND)
			status = 0;
		else if (status != 0)
			*run->err = cause;
	}
	return status;
}

int import_known_find(struct import_run *run)
{
	struct itsm_index *index;
	size_t i;
	int status = itsm_desk_view_head(run->desk, &index, &run->head, run->err);

	for (i = 0; i < run->map.block_count && status == 0; i++)
		status = find_known(run, index, &run->map.blocks[i]);
	for (i = 0; i < run->record_count && status == 0; i++) {
		struct import_record *record = &run->records[i];

		if (record->known || record->rejected)
			continue;
		if (!record->id)
			give_id(run, i);
		record->path = itsm_kind_path(
			run->arena, record->block->kind, record->id, record->first->filed.seconds, NULL);
	}
	return status ? status : find_blobs(run);
}
