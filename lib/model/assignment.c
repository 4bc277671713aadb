/*
 * `field=value`, `field+=item`, `field-=item`: words of the command line as edits.
 */
#include <string.h>

#include "itsm/record.h"

/* Split at commas; "\," is one inside an item. */
static const char *const *split_list(struct itsm_arena *arena, const char *text, size_t *count)
{
	const char **items = NULL;
	size_t capacity = 0;
	char *item = itsm_arena_alloc(arena, strlen(text) + 1);
	size_t length = 0;

	*count = 0;
	for (;; text++) {
		if (text[0] == '\\' && text[1] == ',') {
			item[length++] = *++text;
		} else if (*text && *text != ',') {
			item[length++] = *text;
		} else {
			itsm_arena_grow(arena, &items, &capacity, *count, sizeof(*items));
			items[(*count)++] = itsm_arena_strndup(arena, item, length);
			length = 0;
			if (!*text)
				return (const char *const *)items;
		}
	}
}

static bool is_text(enum itsm_type type)
{
	switch (type) {
	case ITSM_TYPE_INT:
	case ITSM_TYPE_NUMBER:
	case ITSM_TYPE_BOOL:
	case ITSM_TYPE_DATE:
	case ITSM_TYPE_TIME:
		return false;
	default:
		return true;
	}
}

static int find_field(const struct itsm_kind *kind, const char *name, const struct itsm_field **out,
	struct itsm_error *err)
{
	static const struct itsm_field unknown = { .type = ITSM_TYPE_ANY };
	const struct itsm_field *field = itsm_kind_field(kind, name);

	if (strcmp(name, "state") == 0 && kind->state_count)
		return itsm_error_set(
			err, ITSM_EUSAGE, "'state' is not set like a field; `itsm move ID STATE` changes it");
	if (!field && !kind->open && !itsm_kind_free_field(kind, name))
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no field of kind '%s'; `itsm schema %s` lists them",
			name, kind->name, kind->name);
	if (field && field->type == ITSM_TYPE_OBJECT && field->list)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is a list of objects; change it with `itsm edit`", name);
	if (field && field->type == ITSM_TYPE_OBJECT)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' has fields of its own; set one of them, such as %s", name,
			field->field_count ? field->fields[0].name : name);
	*out = field ? field : &unknown;
	return ITSM_OK;
}

static int check_values(const struct itsm_field *field, const struct itsm_edit *edit, struct itsm_arena *arena,
	struct itsm_error *err)
{
	struct itsm_error detail;

	for (size_t i = 0; i < edit->count; i++) {
		if (!*edit->values[i])
			return itsm_error_set(
				err, ITSM_EUSAGE, "'%s' gets an empty item; write a comma as \\,", edit->field);
		if (itsm_field_value(field, edit->values[i], arena, NULL, &detail) < 0)
			return itsm_error_set(err, ITSM_EUSAGE, "'%s' %s", edit->field, detail.message);
	}
	return ITSM_OK;
}

int itsm_assignment_parse(struct itsm_arena *arena, const struct itsm_kind *kind, const char *word,
	struct itsm_edit *out, struct itsm_error *err)
{
	const char *equals = strchr(word, '=');
	const struct itsm_field *field = NULL;
	struct itsm_edit edit = { .operation = ITSM_EDIT_SET };
	size_t length;
	int status;

	if (!equals || equals == word)
		return itsm_error_set(
			err, ITSM_EUSAGE, "'%s' sets nothing; write field=value, field+=item or field-=item", word);
	length = (size_t)(equals - word);
	if (word[length - 1] == '+' || word[length - 1] == '-') {
		edit.operation = word[length - 1] == '+' ? ITSM_EDIT_ADD : ITSM_EDIT_REMOVE;
		length--;
	}
	edit.field = itsm_arena_strndup(arena, word, length);
	status = find_field(kind, edit.field, &field, err);
	if (status < 0)
		return status;
	if (field->name)
		edit.field = field->name;
	if (edit.operation != ITSM_EDIT_SET && !field->list)
		return itsm_error_set(
			err, ITSM_EUSAGE, "'%s' is no list; set it with %s=value", edit.field, edit.field);
	edit.list = field->list;
	edit.text = is_text(field->type);
	if (!equals[1] && edit.operation == ITSM_EDIT_SET) {
		edit.operation = ITSM_EDIT_UNSET;
	} else if (field->list) {
		edit.values = split_list(arena, equals + 1, &edit.count);
	} else {
		const char **value = itsm_arena_alloc(arena, sizeof(*value));

		value[0] = itsm_arena_strdup(arena, equals + 1);
		edit.values = (const char *const *)value;
		edit.count = 1;
	}
	/* What a list no longer may hold must still be removable. */
	if (edit.operation != ITSM_EDIT_REMOVE)
		status = check_values(field, &edit, arena, err);
	if (status == ITSM_OK)
		*out = edit;
	return status;
}
