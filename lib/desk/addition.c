/* What commands add to a record besides fields: a section's text, a note. */
#include <ctype.h>
#include <string.h>

#include "addition.h"
#include "itsm/id.h"

void desk_put_section(struct desk_change *change, struct desk_put *put, const char *name, const char *content)
{
	const struct itsm_section_span *section;
	struct itsm_findings ignored;
	struct itsm_record *record;
	struct itsm_buffer text = {0};
	size_t end = put->size;

	itsm_findings_init(&ignored, change->arena);
	record = itsm_record_read(change->arena, change->desk->kinds, put->path, put->text, put->size, &ignored);
	section = record ? itsm_record_section(record, name) : NULL;
	if (!record || !record->kind->markdown || (section && section->filled))
		return;
	itsm_buffer_add(&text, put->text, section ? section->start : end);
	while (!section && text.length && isspace((unsigned char)text.data[text.length - 1]))
		text.data[--text.length] = '\0';
	itsm_buffer_printf(&text, "%s%s\n%s\n", section ? "" : "\n\n## ", section ? "" : name, content);
	if (section && section->end < end)
		itsm_buffer_putc(&text, '\n');
	if (section)
		itsm_buffer_add(&text, put->text + section->end, end - section->end);
	put->text = itsm_arena_strndup(change->arena, text.data, text.length);
	put->size = text.length;
	itsm_buffer_free(&text);
}

int desk_put_note(struct desk_change *change, const struct itsm_record *record, const char *content, const char *visibility,
	struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(change->desk->kinds, "note");
	struct itsm_edit edits[4];
	struct desk_put put = {0};
	struct itsm_buffer text = {0};
	char id[ITSM_ID_MAX], now[ITSM_TIME_TEXT];
	const char *person;
	size_t count = 0;
	int status = kind && kind->prefix ? itsm_id_make(kind->prefix, id, err) : ITSM_ENOTFOUND;

	if (status != 0)
		return itsm_error_set(err, ITSM_EDATA, "this desk has no notes with an ID of their own; write none");
	itsm_desk_now_text(change->desk, now);
	desk_edit_set(change->arena, &edits[count++], "at", now, false);
	person = desk_change_person(change);
	if (person)
		desk_edit_set(change->arena, &edits[count++], "by", person, false);
	else if (change->identity_name)
		desk_edit_set(change->arena, &edits[count++], "author",
			itsm_arena_printf(change->arena, "%s <%s>", change->identity_name, change->identity_mail), true);
	if (visibility && itsm_kind_field(kind, "visibility"))
		desk_edit_set(change->arena, &edits[count++], "visibility", visibility, false);
	status = itsm_record_compose(kind, edits, count, content, false, &text, err);
	if (status == 0) {
		put.path = itsm_kind_path(change->arena, kind, id, change->desk->options.now, record->path);
		put.text = itsm_arena_strndup(change->arena, text.data, text.length);
		put.size = text.length;
		status = desk_change_put_all(change, &put, 1, err);
	}
	itsm_buffer_free(&text);
	return status;
}
