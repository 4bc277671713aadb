/* The text of a record from the cells of a row. */
#include <string.h>

#include "import_run.h"

bool import_is_text(const struct itsm_field *field)
{
	return !field ||
		(field->type != ITSM_TYPE_INT && field->type != ITSM_TYPE_NUMBER && field->type != ITSM_TYPE_BOOL &&
			field->type != ITSM_TYPE_DATE && field->type != ITSM_TYPE_TIME);
}

void import_edit_fill(struct import_run *run, const struct import_target *target, uint32_t cell, const char **value,
	struct itsm_edit *edit)
{
	memset(edit, 0, sizeof(*edit));
	edit->operation = cell ? ITSM_EDIT_SET : ITSM_EDIT_UNSET;
	edit->field = target->name;
	edit->text = target->role == IMPORT_STATE || import_is_text(target->field);
	edit->list = target->field && target->field->list;
	if (!cell)
		return;
	if (edit->list) {
		edit->values = import_list(run, cell);
		while (edit->values[edit->count])
			edit->count++;
		return;
	}
	*value = IMPORT_TEXT(run, cell);
	edit->values = value;
	edit->count = 1;
}

/* Text that ends in exactly one line end. */
static void add_text(struct itsm_buffer *out, const char *text)
{
	size_t length = strlen(text);

	while (*text == '\n') {
		text++;
		length--;
	}
	while (length && (text[length - 1] == '\n' || text[length - 1] == ' '))
		length--;
	if (!length)
		return;
	itsm_buffer_add(out, text, length);
	itsm_buffer_putc(out, '\n');
}

void import_body(
	struct import_run *run, const struct import_block *block, const uint32_t *cells, struct itsm_buffer *out)
{
	size_t i;

	itsm_buffer_clear(out);
	for (i = 0; i < block->target_count; i++) {
		const struct import_target *target = &block->targets[i];

		if (target->role < IMPORT_BODY || !cells[i])
			continue;
		if (out->length)
			itsm_buffer_putc(out, '\n');
		if (target->role == IMPORT_SECTION)
			itsm_buffer_printf(out, "## %s\n\n", target->name);
		add_text(out, IMPORT_TEXT(run, cells[i]));
	}
}

int import_compose(struct import_run *run, const struct import_block *block, const uint32_t *cells)
{
	struct itsm_arena *arena = itsm_arena_new();
	size_t most = block->target_count + 1;
	struct itsm_edit *edits = itsm_arena_alloc(arena, most * sizeof(*edits));
	const char **values = itsm_arena_alloc(arena, most * sizeof(*values));
	const char *body = NULL;
	size_t count = 0, i;
	int status;

	for (i = 0; i < block->target_count; i++) {
		if (block->targets[i].role >= IMPORT_BODY)
			continue;
		import_edit_fill(run, &block->targets[i], cells[i], &values[count], &edits[count]);
		count++;
	}
	if (block->kind->markdown) {
		import_body(run, block, cells, &run->work);
		body = run->work.length ? run->work.data : "";
	}
	status = itsm_record_compose(block->kind, edits, count, body, false, &run->text, run->err);
	itsm_arena_free(arena);
	return status;
}
