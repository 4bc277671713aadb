/* Taking one row: every value is made and judged before anything of it counts. */
#include <string.h>

#include "import_run.h"

void import_reject(struct import_run *run, const char *file, unsigned line, uint32_t key, const char *reason)
{
	struct itsm_import_rejection rejection = {
		.file = file,
		.line = line,
		.key = key ? IMPORT_TEXT(run, key) : NULL,
		.reason = reason,
	};

	run->result->rejected++;
	if (run->options->rejected)
		run->options->rejected(run->options->context, &rejection);
}

void import_cell(struct import_run *run, size_t column, const char *text, size_t length)
{
	uint32_t id = run->last[column]; /* most cells are those of the row before */
	size_t i;

	if (import_texts_length(run->texts, id) != length || memcmp(IMPORT_TEXT(run, id), text, length) != 0)
		id = run->last[column] = import_texts_add(run->texts, text, length);
	for (i = 0; i < run->map.null_count && id; i++) {
		if (id == run->nulls[i])
			id = 0;
	}
	run->raw[column] = id;
}

/* The block of the kind that the row is of. */
static const struct import_block *find_block(struct import_run *run, const char **problem)
{
	const struct import_value *value;
	const char *name;
	size_t i;

	if (!run->map.kind)
		return &run->map.blocks[0];
	value = import_value_of(run, run->map.kind);
	name = IMPORT_TEXT(run, value->text);
	for (i = 0; i < run->map.block_count && value->text; i++) {
		if (strcmp(run->map.blocks[i].kind->name, name) == 0)
			return &run->map.blocks[i];
	}
	*problem = value->problem ? value->problem : "kind: nothing says what kind of record this is";
	return NULL;
}

/* Times with and without a zone in one row: what the map says of it. */
static const char *settle_zones(
	struct import_run *run, const struct import_block *block, struct import_row *row, bool zoned, bool unzoned)
{
	size_t i;

	if (!zoned || !unzoned || run->map.mixed_zones == IMPORT_MIXED_ZONE)
		return NULL;
	if (run->map.mixed_zones == IMPORT_MIXED_REJECT)
		return "times with and without a zone in one row; `mixed_zones:` says what to do with it";
	for (i = 0; i < block->target_count; i++) {
		const struct import_value *value;

		if (block->targets[i].role != IMPORT_FIELD || !block->targets[i].rule->time)
			continue;
		value = import_value_of(run, block->targets[i].rule);
		if (value->unzoned)
			row->cells[i] = value->raw;
	}
	return NULL;
}

static bool state_allows(const struct import_run *run, const struct import_block *block, const struct import_rule *rule,
	const struct import_row *row)
{
	const char *state = block->kind->state_count ? block->kind->states[0].name : "";
	size_t i;

	if (!rule->states)
		return true;
	if (block->state != IMPORT_NONE && row->cells[block->state])
		state = IMPORT_TEXT(run, row->cells[block->state]);
	for (i = 0; i < rule->states->count; i++) {
		if (strcmp(rule->states->items[i]->text, state) == 0)
			return true;
	}
	return false;
}

/* The cells of the block's targets; why not, or NULL. */
static const char *fill_cells(struct import_run *run, const struct import_block *block, struct import_row *row)
{
	bool zoned = false, unzoned = false;
	const char *problem;
	size_t i;

	for (i = 0; i < block->target_count; i++) {
		const struct import_target *target = &block->targets[i];
		const struct import_value *value = import_value_of(run, target->rule);

		if (value->problem)
			return value->problem;
		row->cells[i] = value->text;
		zoned = zoned || value->zoned;
		unzoned = unzoned || value->unzoned;
		if (i == block->filed && !value->timed)
			return itsm_arena_printf(run->arena, "%s: no time to file the record by", target->name);
		if (i == block->filed)
			row->filed = value->time;
	}
	if ((problem = settle_zones(run, block, row, zoned, unzoned)) != NULL)
		return problem;
	for (i = 0; i < block->target_count; i++) {
		const struct import_target *target = &block->targets[i];

		if (!state_allows(run, block, target->rule, row))
			row->cells[i] = 0;
		if (row->cells[i] || !target->field)
			continue;
		if (target->field->required && !import_field_needed(target->field))
			row->cells[i] = import_texts_add(
				run->texts, target->field->default_value, strlen(target->field->default_value));
		if (import_field_needed(target->field))
			return itsm_arena_printf(
				run->arena, "%s: needed, and the row has no value for it", target->name);
	}
	return NULL;
}

/* What replaying needs of the row; why not, or NULL. */
static const char *fill_commit(struct import_run *run, struct import_row *row)
{
	const struct import_value *value;

	if (!run->map.time)
		return NULL;
	value = import_value_of(run, run->map.time);
	if (value->problem)
		return value->problem;
	if (!value->timed)
		return "replay.time: the row has no time";
	if (value->time.seconds < 0)
		return "replay.time: git holds no commit from before 1970";
	row->time = value->time;
	row->author = row->mail = 0;
	if (run->map.author) {
		value = import_value_of(run, run->map.author);
		if (value->problem)
			return value->problem;
		row->author = value->text;
	}
	if (run->map.mail) {
		value = import_value_of(run, run->map.mail);
		if (value->problem)
			return value->problem;
		row->mail = value->text;
	}
	return NULL;
}

static uint64_t digest_of(const struct itsm_buffer *bytes)
{
	struct itsm_oid oid;
	uint64_t digest = 0;
	size_t i;

	if (!bytes)
		return 0;
	itsm_blob_hash(bytes->data ? bytes->data : "", bytes->length, &oid);
	for (i = 0; i < sizeof(digest); i++)
		digest = digest << 8 | oid.bytes[i];
	return digest;
}

static size_t row_size(const struct import_run *run, const struct import_block *block)
{
	return sizeof(struct import_row) + (block->target_count + run->map.ensure_count) * sizeof(uint32_t);
}

/* The record of a key, made when new; NULL when the key belongs to another kind or its ID to another key. */
static struct import_record *find_record(
	struct import_run *run, const struct import_block *block, uint32_t key, const char **problem)
{
	uint32_t place = import_table_get(&run->by_key, key), id = 0;
	struct import_record *record;

	if (place && run->records[place - 1].block != block) {
		*problem = itsm_arena_printf(run->arena, "kind: an earlier row with this key is a %s",
			run->records[place - 1].block->kind->name);
		return NULL;
	}
	if (place)
		return &run->records[place - 1];
	if (block->id) {
		const struct import_value *value = import_value_of(run, block->id);

		*problem = value->problem ? value->problem : "id: the row has no value for it";
		if (value->problem || !value->text)
			return NULL;
		id = value->text;
		*problem = itsm_arena_printf(
			run->arena, "id: '%s' is that of another key already", IMPORT_TEXT(run, id));
		if (import_table_get(&run->by_id, id))
			return NULL;
	}
	itsm_arena_grow(run->arena, &run->records, &run->record_capacity, run->record_count, sizeof(*run->records));
	record = &run->records[run->record_count++];
	record->block = block;
	record->key = key;
	import_table_put(&run->by_key, key, (uint32_t)run->record_count);
	if (id) {
		record->id = IMPORT_TEXT(run, id);
		import_table_put(&run->by_id, id, (uint32_t)run->record_count);
	}
	return record;
}

static struct import_row *copy_row(struct import_run *run, const struct import_row *row, size_t size)
{
	struct import_row *copy = itsm_arena_alloc(run->arena, size);

	memcpy(copy, row, size);
	return copy;
}

/* Rows count in the order of their times, those of one time as they were read. */
static void keep_row(struct import_run *run, struct import_record *record, const struct import_row *row)
{
	size_t size = row_size(run, record->block);

	if (run->options->replay) {
		itsm_arena_grow(run->arena, &run->rows, &run->row_capacity, run->row_count, sizeof(*run->rows));
		run->rows[run->row_count++] = copy_row(run, row, size);
		return;
	}
	if (!record->last) {
		record->last = copy_row(run, row, size);
		record->first = record->block->take_first ? copy_row(run, row, size) : record->last;
		return;
	}
	if (record->block->take_first && row->time.seconds < record->first->time.seconds)
		memcpy(record->first, row, size);
	if (row->time.seconds >= record->last->time.seconds)
		memcpy(record->last, row, size);
}

static const char *take(struct import_run *run, struct import_row *row, const struct itsm_buffer *bytes, uint32_t *key)
{
	const char *problem = NULL;
	const struct import_value *value = import_value_of(run, run->map.key);
	const struct import_block *block;
	struct import_record *record;

	if (value->problem)
		return value->problem;
	if (!value->text)
		return "key: the row has none";
	*key = value->text;
	if ((block = find_block(run, &problem)) == NULL || (problem = fill_cells(run, block, row)) != NULL ||
	    (problem = fill_commit(run, row)) != NULL ||
	    (problem = import_ensure_take(run, row, block->target_count)) != NULL ||
	    (record = find_record(run, block, *key, &problem)) == NULL)
		return problem;
	row->record = (uint32_t)(record - run->records);
	row->digest = digest_of(bytes);
	keep_row(run, record, row);
	return NULL;
}

int import_row_take(struct import_run *run, const char *file, unsigned line, const struct itsm_buffer *bytes)
{
	struct import_row *row = run->scratch;
	const char *problem;
	uint32_t key = 0;

	row->file = file;
	row->line = line;
	row->order = run->result->rows++;
	problem = take(run, row, bytes, &key);
	if (problem)
		import_reject(run, file, line, key, problem);
	return 0;
}
