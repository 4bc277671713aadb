/*
 * Bringing a record that the desk has to what a row says: three sides, field by
 * field. A field whose value the source did not change since its last import keeps what
 * people made of it; one that the source changed takes the source's value.
 */
#include <string.h>

#include "import_run.h"

static bool text_equal(const struct itsm_field *field, const char *a, const char *b)
{
	struct itsm_time x, y;

	if (strcmp(a, b) == 0)
		return true;
	return field && field->type == ITSM_TYPE_TIME && itsm_time_parse(a, &x, NULL) == 0 &&
		itsm_time_parse(b, &y, NULL) == 0 && x.seconds == y.seconds;
}

static bool list_equal(const struct import_target *target, const struct itsm_yaml *node, const char *const *items)
{
	size_t i;

	if (node->type != ITSM_YAML_SEQUENCE)
		return false;
	for (i = 0; i < node->count && items[i]; i++) {
		if (node->items[i]->type != ITSM_YAML_SCALAR ||
		    !text_equal(target->field, node->items[i]->text, items[i]))
			return false;
	}
	return i == node->count && !items[i];
}

/* Does the record hold what the cell says? */
static bool holds(
	struct import_run *run, const struct itsm_record *record, const struct import_target *target, uint32_t cell)
{
	const struct itsm_yaml *node;

	if (target->role == IMPORT_STATE)
		return !cell || (record->state && strcmp(record->state, IMPORT_TEXT(run, cell)) == 0);
	node = itsm_record_field(record, target->name);
	if (!node || !cell)
		return !node && !cell;
	if (target->field && target->field->list)
		return list_equal(target, node, import_list(run, cell));
	return node->type == ITSM_YAML_SCALAR && text_equal(target->field, node->text, IMPORT_TEXT(run, cell));
}

static const char *body_of(const struct itsm_record *record)
{
	const char *body = record->document.front ? record->text + record->document.body_start : "";

	return body + strspn(body, "\r\n");
}

struct merge {
	struct import_run *run;
	const struct import_block *block;
	const uint32_t *cells, *base_cells;
	const struct itsm_record *now, *base;
	struct itsm_arena *arena;
	struct itsm_edit *edits;
	size_t count;
	const char *state;
};

static void merge_fields(struct merge *merge)
{
	const char **values = itsm_arena_alloc(merge->arena, (merge->block->target_count + 1) * sizeof(*values));
	size_t i;

	for (i = 0; i < merge->block->target_count; i++) {
		const struct import_target *target = &merge->block->targets[i];
		uint32_t cell = merge->cells[i];
		bool unmoved;

		if (target->role >= IMPORT_BODY || holds(merge->run, merge->now, target, cell))
			continue;
		unmoved = merge->base_cells ? merge->base_cells[i] == cell
			: merge->base	    ? holds(merge->run, merge->base, target, cell)
					    : cell == 0;
		if (unmoved)
			continue;
		if (target->role == IMPORT_STATE) {
			merge->state = IMPORT_TEXT(merge->run, cell);
			continue;
		}
		import_edit_fill(merge->run, target, cell, &values[i], &merge->edits[merge->count]);
		merge->count++;
	}
}

/* The new body, or NULL where it stays: only one that nobody touched is replaced. */
static const char *merge_body(struct merge *merge)
{
	struct import_run *run = merge->run;
	struct itsm_buffer *work = &run->work;
	const char *fresh, *base;

	if (!merge->block->has_body || (!merge->base && !merge->base_cells))
		return NULL;
	import_body(run, merge->block, merge->cells, work);
	fresh = itsm_arena_strndup(merge->arena, work->data ? work->data : "", work->length);
	if (merge->base_cells) {
		import_body(run, merge->block, merge->base_cells, work);
		base = itsm_arena_strndup(merge->arena, work->data ? work->data : "", work->length);
	} else {
		base = body_of(merge->base);
	}
	if (strcmp(fresh, base) == 0 || strcmp(body_of(merge->now), base) != 0)
		return NULL;
	return fresh;
}

static int apply(struct merge *merge, const char *body, struct itsm_error *err)
{
	struct itsm_buffer *out = &merge->run->text;
	const struct itsm_record *now = merge->now;
	size_t tail = now->document.front ? now->size - now->document.body_start : 0;
	int status = 0;

	itsm_buffer_clear(out);
	if (merge->count || merge->state)
		status = itsm_record_edit(now, merge->edits, merge->count, merge->state, out, err);
	else
		itsm_buffer_add(out, now->text, now->size);
	if (status != 0 || !body || !now->document.front)
		return status;
	out->length -= tail;
	out->data[out->length] = '\0';
	if (*body)
		itsm_buffer_putc(out, '\n');
	itsm_buffer_puts(out, body);
	return 0;
}

static struct itsm_record *read_record(
	struct import_run *run, struct itsm_arena *arena, const char *path, const char *text, size_t size)
{
	struct itsm_findings findings;

	itsm_findings_init(&findings, arena);
	return itsm_record_read(arena, itsm_desk_kinds(run->desk), path, text, size, &findings);
}

const char *import_merge(struct import_run *run, const struct import_record *record, const char *text, size_t size,
	const uint32_t *cells, const uint32_t *base_cells, const char *base, size_t base_size, bool *changed)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct merge merge = {
		.run = run,
		.block = record->block,
		.cells = cells,
		.base_cells = base_cells,
		.arena = arena,
		.now = read_record(run, arena, record->path, text, size),
		.base = base ? read_record(run, arena, record->path, base, base_size) : NULL,
		.edits = itsm_arena_alloc(arena, (record->block->target_count + 1) * sizeof(*merge.edits)),
	};
	const char *body, *problem = NULL;
	struct itsm_error cause;

	*changed = false;
	if (!merge.now) {
		itsm_arena_free(arena);
		return itsm_arena_printf(run->arena, "%s cannot be read; `itsm check` says why", record->path);
	}
	merge_fields(&merge);
	body = merge_body(&merge);
	if (merge.count || merge.state || body) {
		if (apply(&merge, body, &cause) != 0)
			problem = itsm_arena_printf(run->arena, "%s: %s", record->path, cause.message);
		else
			*changed = run->text.length != size || memcmp(run->text.data, text, size) != 0;
	}
	itsm_arena_free(arena);
	return problem;
}
