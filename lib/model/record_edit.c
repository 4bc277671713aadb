/*
 * A record's file with its front matter edited; the body stays byte for byte.
 */
#include <string.h>

#include "record_parts.h"

int itsm_record_edit(const struct itsm_record *record, const struct itsm_edit *edits, size_t count, const char *state,
	struct itsm_buffer *out, struct itsm_error *err)
{
	struct record_front part = record_front_span(record);
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_edit *all = itsm_arena_alloc(arena, (count + 1) * sizeof(*all));
	struct itsm_buffer front = { 0 };
	int status;

	if (state)
		all[0] = (struct itsm_edit){.operation = ITSM_EDIT_SET, .field = "state", .values = &state, .count = 1};
	if (count)
		memcpy(all + (state != NULL), edits, count * sizeof(*all));
	status = itsm_yaml_edit(record->text + part.start, part.end - part.start, part.line, all,
		count + (state != NULL), &front, err);
	if (status == ITSM_OK) {
		itsm_buffer_clear(out);
		itsm_buffer_add(out, record->text, part.start);
		itsm_buffer_add(out, front.data, front.length);
		itsm_buffer_add(out, record->text + part.end, record->size - part.end);
	}
	itsm_buffer_free(&front);
	itsm_arena_free(arena);
	return status;
}
