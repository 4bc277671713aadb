/* Records that rows refer to and that are made where there is none: teams, people, services. */
#include <string.h>

#include "import_run.h"

/* The record for the item at hand, described by the row that first names it. */
static const char *describe(struct import_run *run, struct import_ensure *ensure, uint32_t id)
{
	const struct import_block *block = &ensure->block;
	struct import_made *made = itsm_arena_alloc(run->arena, sizeof(*made) + block->target_count * sizeof(uint32_t));
	size_t i;

	made->ensure = ensure;
	made->id = id;
	for (i = 0; i < block->target_count; i++) {
		const struct import_value *value = import_value_of(run, block->targets[i].rule);
		const struct itsm_field *field = block->targets[i].field;

		if (value->problem)
			return value->problem;
		if (!value->text && field && import_field_needed(field))
			return itsm_arena_printf(run->arena,
				"%s: needed by the %s '%s', and the row has no value for it", block->targets[i].name,
				block->kind->name, IMPORT_TEXT(run, id));
		made->cells[i] = value->text;
	}
	itsm_arena_grow(run->arena, &run->made, &run->made_capacity, run->made_count, sizeof(*run->made));
	run->made[run->made_count++] = made;
	import_table_put(&ensure->known, id, (uint32_t)run->made_count);
	return NULL;
}

/* One `ensure` and the row at hand: the IDs as one text into `cell`. */
static const char *take_one(struct import_run *run, struct import_ensure *ensure, uint32_t *cell)
{
	uint32_t source = import_value_source(run, ensure->id), ids;
	struct import_rule *rule = ensure->id;
	const struct import_value *value;
	struct itsm_buffer list = {0};
	const char *problem = NULL;
	const char *const *items;
	char one[2] = {IMPORT_ITEM_END, 0};

	if (!source && rule->default_value)
		source = import_texts_add(run->texts, rule->default_value, strlen(rule->default_value));
	if (!source)
		return NULL;
	value = import_value_make(run, rule, source);
	ids = value->text;
	if (value->problem || !ids)
		return value->problem;
	*cell = ids;
	if (rule->split) {
		const char *rest = IMPORT_TEXT(run, source), *cut;

		for (; (cut = strstr(rest, rule->split)) != NULL; rest = cut + strlen(rule->split)) {
			itsm_buffer_add(&list, rest, (size_t)(cut - rest));
			itsm_buffer_puts(&list, one);
		}
		itsm_buffer_puts(&list, rest);
		source = import_texts_add(run->texts, list.data, list.length);
		itsm_buffer_free(&list);
	}
	for (items = import_list(run, source); *items && !problem; items++) {
		run->item = import_texts_add(run->texts, *items, strlen(*items));
		value = run->item ? import_value_make(run, rule, run->item) : NULL;
		if (value && value->text && !import_table_get(&ensure->known, value->text))
			problem = describe(run, ensure, value->text);
	}
	run->item = 0;
	return problem;
}

const char *import_ensure_take(struct import_run *run, struct import_row *row, size_t first_cell)
{
	const char *problem = NULL;
	size_t i;

	for (i = 0; i < run->map.ensure_count && !problem; i++) {
		row->cells[first_cell + i] = 0;
		problem = take_one(run, &run->map.ensures[i], &row->cells[first_cell + i]);
	}
	return problem;
}

int import_write_made(struct import_run *run, const struct import_row *row)
{
	const struct import_block *block = run->records[row->record].block;
	size_t i;

	for (i = 0; i < run->map.ensure_count; i++) {
		struct import_ensure *ensure = &run->map.ensures[i];
		const char *const *ids;
		uint32_t cell = row->cells[block->target_count + i];

		for (ids = cell ? import_list(run, cell) : (const char *const[]){NULL}; *ids; ids++) {
			uint32_t id = import_texts_find(run->texts, *ids, strlen(*ids)),
				 place = import_table_get(&ensure->known, id);
			struct import_made *made = place ? run->made[place - 1] : NULL;
			int status;

			if (!made || made->there)
				continue;
			made->there = true;
			run->result->ensured++;
			if ((status = import_compose(run, &ensure->block, made->cells)) != 0 ||
			    (run->bulk &&
				    (status = itsm_bulk_put(run->bulk, made->path, run->text.data, run->text.length,
					     run->err)) != 0))
				return status;
		}
	}
	return 0;
}
