/*
 * What a kind says of the values of its fields (itsm/kind.h: default_from,
 * computed): SQL over the record as proposed, asked field by field in the
 * kind's order, so that one may build on the other.
 */
#include <string.h>

#include "desk.h"

struct deriving {
	struct desk_change *change;
	struct desk_put *put;
	bool proposed;          /* the index has the text as it is */
};

static bool is_changed(const struct itsm_record *before, const struct itsm_record *after, const char *field)
{
	const struct itsm_yaml *old_value = itsm_record_field(before, field), *new_value = itsm_record_field(after, field);

	if (!old_value || !new_value)
		return old_value != new_value;
	return !itsm_yaml_equal(old_value, new_value);
}

/* Did the user say anything of it, be it `team=`? */
static bool is_given(const struct desk_put *put, const char *field)
{
	size_t length = strlen(field), i;

	for (i = 0; i < put->given.count; i++)
		if (strncmp(put->given.items[i], field, length) == 0 && put->given.items[i][length] == '=')
			return true;
	return false;
}

/* Is the field to be asked for in this version of the record? */
static bool is_due(const struct desk_put *put, const struct itsm_field *field)
{
	const char *const *name;

	if (!put->old_record)
		return (field->default_from || field->computed) && !itsm_record_field(put->record, field->name) &&
			!is_given(put, field->name);
	if (!field->computed || is_changed(put->old_record, put->record, field->name))
		return false;
	for (name = field->follows; *name; name++)
		if (is_changed(put->old_record, put->record, *name))
			return true;
	return false;
}

/* The desk's own default of a field whose value is not found beside it. */
static const char *desk_default(struct itsm_desk *desk, const struct itsm_kind *kind, const struct itsm_field *field)
{
	return field->default_from
		? itsm_yaml_text(itsm_yaml_get(itsm_yaml_get(desk->config, "defaults"), kind->name), field->name) : NULL;
}

static int ask(struct deriving *deriving, const struct itsm_field *field, const char **out, struct itsm_error *err)
{
	struct desk_change *change = deriving->change;
	const struct desk_put *put = deriving->put;
	const struct itsm_kind *kind = put->record->kind;
	int status = 0;

	if (!deriving->proposed)
		status = itsm_index_propose(change->index, put->path, put->text, put->size, err);
	deriving->proposed = true;
	if (status == 0)
		status = itsm_index_evaluate(change->index, change->arena, kind, put->path,
			field->computed ? field->computed : field->default_from, out, err);
	if (status != 0)
		itsm_error_prefix(err, "field '%s' of %s (%s)", field->name, kind->name, kind->origin);
	return status;
}

/* Write the value into the text, and read that again. */
static int fill(struct deriving *deriving, const struct itsm_field *field, const char *value, struct itsm_error *err)
{
	struct desk_change *change = deriving->change;
	struct desk_put *put = deriving->put;
	struct itsm_findings ignored;
	struct itsm_buffer text = {0};
	struct itsm_edit edit;
	int status;

	desk_edit_set(change->arena, &edit, field->name, value, field->type == ITSM_TYPE_STRING || field->type == ITSM_TYPE_TEXT);
	status = itsm_record_edit(put->record, &edit, 1, NULL, &text, err);
	if (status == 0) {
		put->text = itsm_arena_strndup(change->arena, text.data ? text.data : "", text.length);
		put->size = text.length;
		itsm_findings_init(&ignored, change->arena);
		put->record = itsm_record_read(change->arena, change->desk->kinds, put->path, put->text, put->size, &ignored);
		deriving->proposed = false;
		if (!put->record)
			status = itsm_error_set(err, ITSM_EDATA, "'%s' of %s can't be written", field->name, put->path);
	}
	itsm_buffer_free(&text);
	return status;
}

int desk_derive(struct desk_change *change, struct desk_put *put, struct itsm_error *err)
{
	struct deriving deriving = {.change = change, .put = put};
	const struct itsm_kind *kind = put->record->kind;
	const char *value, *current;
	size_t i;
	int status = 0;

	for (i = 0; i < kind->field_count && status == 0; i++) {
		const struct itsm_field *field = &kind->fields[i];

		if ((!field->computed && !field->default_from) || !is_due(put, field))
			continue;
		if ((status = ask(&deriving, field, &value, err)) != 0)
			return status;
		if (!value)
			value = desk_default(change->desk, kind, field);
		current = itsm_record_text(put->record, field->name);
		if (value && (!current || strcmp(current, value) != 0))
			status = fill(&deriving, field, value, err);
	}
	return status;
}
