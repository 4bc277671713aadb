/*
 * The text of a new record: its state, its fields in the kind's order, then its sections.
 */
#include <string.h>

#include "itsm/record.h"

struct composing {
	const struct itsm_kind *kind;
	const struct itsm_edit *edits;
	size_t count;
	bool guidance;
	struct itsm_arena *arena;
	struct itsm_buffer *out;
};

struct values {
	const char **items;
	size_t count, capacity;
	bool touched; /* by an edit, so that no default applies */
};

static bool has_value(const struct values *values, const char *item)
{
	for (size_t i = 0; i < values->count; i++)
		if (strcmp(values->items[i], item) == 0)
			return true;
	return false;
}

/* What the edits, in their order, make of a field that was absent. */
static struct values collect(const struct composing *composing, const char *name)
{
	struct values values = { 0 };

	for (size_t i = 0; i < composing->count; i++) {
		const struct itsm_edit *edit = &composing->edits[i];

		if (*edit->field != *name || strcmp(edit->field, name) != 0)
			continue;
		values.touched = true;
		if (edit->operation != ITSM_EDIT_ADD && edit->operation != ITSM_EDIT_REMOVE)
			values.count = 0;
		if (edit->operation != ITSM_EDIT_SET && edit->operation != ITSM_EDIT_ADD)
			continue;
		for (size_t j = 0; j < edit->count; j++) {
			if (edit->operation == ITSM_EDIT_ADD && has_value(&values, edit->values[j]))
				continue;
			itsm_arena_grow(
				composing->arena, &values.items, &values.capacity, values.count, sizeof(*values.items));
			values.items[values.count++] = edit->values[j];
		}
	}
	return values;
}

static void indent(struct itsm_buffer *out, unsigned depth)
{
	for (unsigned i = 0; i < depth; i++)
		itsm_buffer_puts(out, "  ");
}

/* Several lines that a literal block holds without a doubt. */
static bool fits_block(const char *text)
{
	const char *first = strchr(text, '\n');
	size_t length = strlen(text);

	return first && first[1] && *text != ' ' && *text != '\t' && *text != '\n' && !strchr(text, '\r') &&
		!(length > 1 && text[length - 1] == '\n' && text[length - 2] == '\n') &&
		!strstr(text, "\xc2\x85") && !strstr(text, "\xe2\x80\xa8") && !strstr(text, "\xe2\x80\xa9");
}

static void write_block(struct itsm_buffer *out, const char *text, unsigned depth)
{
	itsm_buffer_puts(out, text[strlen(text) - 1] == '\n' ? "|" : "|-");
	while (*text) {
		size_t length = strcspn(text, "\n");

		itsm_buffer_putc(out, '\n');
		if (length)
			indent(out, depth + 1);
		itsm_buffer_add(out, text, length);
		text += length + (text[length] == '\n');
	}
}

static bool is_text(const struct itsm_field *field)
{
	return field->type != ITSM_TYPE_INT && field->type != ITSM_TYPE_NUMBER && field->type != ITSM_TYPE_BOOL &&
		field->type != ITSM_TYPE_DATE && field->type != ITSM_TYPE_TIME;
}

static const char *last_name(const struct itsm_field *field)
{
	const char *dot = strrchr(field->name, '.');

	return dot ? dot + 1 : field->name;
}

static void write_hint(const struct composing *composing, const struct itsm_field *field, unsigned depth)
{
	struct itsm_buffer *out = composing->out;

	if (!composing->guidance || !field->required)
		return;
	indent(out, depth);
	itsm_buffer_printf(out, "# %s: needed", last_name(field));
	if (field->help)
		itsm_buffer_printf(out, ". %s", field->help);
	for (const char *const *value = field->values; value && *value; value++)
		itsm_buffer_printf(out, "%s%s", value == field->values ? ": " : ", ", *value);
	itsm_buffer_putc(out, '\n');
}

/* [a, b]: what plain scalars may hold elsewhere, a list's may not always. */
static void write_list(struct itsm_buffer *out, const struct values *values, bool text)
{
	struct itsm_buffer item = { 0 };

	for (size_t i = 0; i < values->count; i++) {
		itsm_buffer_clear(&item);
		itsm_yaml_write_scalar(&item, values->items[i], text);
		itsm_buffer_puts(out, i ? ", " : " [");
		if (*item.data != '"' && *item.data != '\'' && strpbrk(item.data, ",[]{}"))
			itsm_escape_json(out, values->items[i]);
		else
			itsm_buffer_add(out, item.data, item.length);
	}
	itsm_buffer_puts(out, values->count ? "]" : " []");
	itsm_buffer_free(&item);
}

/* now, today and me depend on the moment and the user: the desk gives them as edits. */
static bool is_for_the_desk(const struct itsm_field *field)
{
	const char *value = field->default_value;

	return value && ((field->type == ITSM_TYPE_TIME && strcmp(value, "now") == 0) ||
		(field->type == ITSM_TYPE_DATE && strcmp(value, "today") == 0) ||
		((field->type == ITSM_TYPE_REF || field->type == ITSM_TYPE_STRING) && strcmp(value, "me") == 0));
}

static int write_leaf(const struct composing *composing, const struct itsm_field *field, unsigned depth,
	struct itsm_error *err)
{
	struct values values = collect(composing, field->name);
	struct itsm_buffer *out = composing->out;

	if (values.count && field->type == ITSM_TYPE_OBJECT)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' holds objects; write them with `itsm edit`", field->name);
	if (values.count > 1 && !field->list)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' takes one value", field->name);
	if (values.count == 0 && (values.touched || !field->default_value || is_for_the_desk(field))) {
		write_hint(composing, field, depth);
		return ITSM_OK;
	}
	indent(out, depth);
	itsm_buffer_printf(out, "%s:", last_name(field));
	if (field->list) {
		write_list(out, &values, is_text(field));
	} else {
		const char *value = values.count ? values.items[0] : field->default_value;

		itsm_buffer_putc(out, ' ');
		if (field->type == ITSM_TYPE_TEXT && fits_block(value))
			write_block(out, value, depth);
		else
			itsm_yaml_write_scalar(out, value, is_text(field));
	}
	itsm_buffer_putc(out, '\n');
	return ITSM_OK;
}

static void write_state(const struct composing *composing)
{
	struct values values = collect(composing, "state");

	if (composing->kind->state_count == 0)
		return;
	itsm_buffer_puts(composing->out, "state: ");
	itsm_yaml_write_scalar(composing->out, values.count ? values.items[0] : composing->kind->states[0].name, true);
	itsm_buffer_putc(composing->out, '\n');
}

static int write_fields(const struct composing *composing, const struct itsm_field *fields, size_t count,
	unsigned depth, struct itsm_error *err)
{
	int status = ITSM_OK;

	for (size_t i = 0; status == ITSM_OK && i < count; i++) {
		const struct itsm_field *field = &fields[i];
		size_t before = composing->out->length, after;

		if (field->type != ITSM_TYPE_OBJECT || field->list) {
			status = write_leaf(composing, field, depth, err);
		} else {
			indent(composing->out, depth);
			itsm_buffer_printf(composing->out, "%s:\n", last_name(field));
			after = composing->out->length;
			status = write_fields(composing, field->fields, field->field_count, depth + 1, err);
			if (composing->out->length == after)
				composing->out->data[composing->out->length = before] = '\0';
		}
	}
	return status;
}

/* Fields that an open kind's schema does not know. */
static int write_unknown(const struct composing *composing, struct itsm_buffer *front, struct itsm_error *err)
{
	struct itsm_edit *unknown = itsm_arena_alloc(composing->arena, (composing->count + 1) * sizeof(*unknown));
	struct itsm_buffer edited = { 0 };
	size_t count = 0;
	int status;

	for (size_t i = 0; i < composing->count; i++) {
		const char *name = composing->edits[i].field;

		if (itsm_kind_field(composing->kind, name) ||
			(composing->kind->state_count && strcmp(name, "state") == 0))
			continue;
		if (!composing->kind->open && !itsm_kind_free_field(composing->kind, name))
			return itsm_error_set(err, ITSM_EUSAGE,
				"'%s' is no field of kind '%s'; `itsm schema %s` lists them", name,
				composing->kind->name, composing->kind->name);
		unknown[count++] = composing->edits[i];
	}
	if (count == 0)
		return ITSM_OK;
	status = itsm_yaml_edit(front->data ? front->data : "", front->length, 1, unknown, count, &edited, err);
	if (status == ITSM_OK) {
		itsm_buffer_clear(front);
		itsm_buffer_add(front, edited.data, edited.length);
	}
	itsm_buffer_free(&edited);
	return status;
}

static void write_body(const struct composing *composing, const char *body, struct itsm_buffer *out)
{
	if (body) {
		size_t length = strlen(body);

		if (length)
			itsm_buffer_putc(out, '\n');
		itsm_buffer_add(out, body, length);
		if (length && body[length - 1] != '\n')
			itsm_buffer_putc(out, '\n');
		return;
	}
	for (size_t i = 0; i < composing->kind->section_count; i++) {
		const struct itsm_section *section = &composing->kind->sections[i];

		if (section->on_demand)
			continue;
		itsm_buffer_printf(out, "\n## %s\n", section->name);
		if (composing->guidance && section->help)
			itsm_buffer_printf(out, "\n<!-- %s -->\n", section->help);
	}
}

int itsm_record_compose(const struct itsm_kind *kind, const struct itsm_edit *edits, size_t count, const char *body,
	bool guidance, struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_buffer front = { 0 };
	struct composing composing = { kind, edits, count, guidance, itsm_arena_new(), &front };
	int status = ITSM_OK;

	if (body && *body && !kind->markdown)
		status = itsm_error_set(err, ITSM_EUSAGE, "a %s is a YAML file without a body", kind->name);
	if (status == ITSM_OK)
		write_state(&composing);
	if (status == ITSM_OK)
		status = write_fields(&composing, kind->fields, kind->field_count, 0, err);
	if (status == ITSM_OK)
		status = write_unknown(&composing, &front, err);
	if (status == ITSM_OK) {
		itsm_buffer_clear(out);
		if (kind->markdown)
			itsm_buffer_puts(out, "---\n");
		itsm_buffer_add(out, front.data, front.length);
		if (kind->markdown) {
			itsm_buffer_puts(out, "---\n");
			write_body(&composing, body, out);
		}
	}
	itsm_buffer_free(&front);
	itsm_arena_free(composing.arena);
	return status;
}
