/*
 * A kind's front matter as JSON Schema, draft 2020-12.
 */
#include <string.h>

#include "itsm/kind.h"

#define TIME_PATTERN \
	"^[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]+)?)?([Zz]|[+-][0-9]{2}:[0-9]{2})$"

static void put_key(struct itsm_buffer *out, const char *key, const char *value)
{
	itsm_buffer_printf(out, ",\"%s\":", key);
	itsm_escape_json(out, value);
}

static void put_list(struct itsm_buffer *out, const char *const *list, bool null)
{
	itsm_buffer_putc(out, '[');
	for (const char *const *item = list; item && *item; item++) {
		if (item != list)
			itsm_buffer_putc(out, ',');
		itsm_escape_json(out, *item);
	}
	itsm_buffer_puts(out, null ? ",null]" : "]");
}

static void put_fields(struct itsm_buffer *out, const struct itsm_kind *kind, const struct itsm_field *fields,
	size_t count, bool top);

static const char *last_name(const struct itsm_field *field)
{
	const char *dot = strrchr(field->name, '.');

	return dot ? dot + 1 : field->name;
}

static const char *json_type(enum itsm_type type)
{
	switch (type) {
	case ITSM_TYPE_INT:
		return "integer";
	case ITSM_TYPE_NUMBER:
		return "number";
	case ITSM_TYPE_BOOL:
		return "boolean";
	case ITSM_TYPE_OBJECT:
		return "object";
	default:
		return "string";
	}
}

static void put_pattern(struct itsm_buffer *out, const struct itsm_field *field)
{
	struct itsm_buffer pattern = { 0 };

	/* ECMAScript knows no [:classes:]. */
	if (!field->pattern || strstr(field->pattern, "[:"))
		return;
	itsm_buffer_printf(&pattern, "^(%s)$", field->pattern);
	put_key(out, "pattern", pattern.data);
	itsm_buffer_free(&pattern);
}

/* The members of one value's schema, without braces, each after a comma. */
static void put_value(struct itsm_buffer *out, const struct itsm_kind *kind, const struct itsm_field *field, bool null)
{
	if (field->type == ITSM_TYPE_ANY)
		return;
	if (null)
		itsm_buffer_printf(out, ",\"type\":[\"%s\",\"null\"]", json_type(field->type));
	else
		itsm_buffer_printf(out, ",\"type\":\"%s\"", json_type(field->type));
	if (field->type == ITSM_TYPE_ENUM) {
		itsm_buffer_puts(out, ",\"enum\":");
		put_list(out, field->values, null);
	}
	if (field->has_min)
		itsm_buffer_printf(out, ",\"minimum\":%.15g", field->min);
	if (field->has_max)
		itsm_buffer_printf(out, ",\"maximum\":%.15g", field->max);
	if (field->type == ITSM_TYPE_DATE)
		put_key(out, "pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$");
	if (field->type == ITSM_TYPE_TIME)
		put_key(out, "pattern", TIME_PATTERN);
	if (field->type == ITSM_TYPE_DURATION)
		put_key(out, "pattern", "^([0-9]+[smhdw])+$");
	if (field->type == ITSM_TYPE_REF)
		put_key(out, "pattern", "^[A-Za-z0-9][A-Za-z0-9._-]*$");
	if (field->type == ITSM_TYPE_MAIL)
		put_key(out, "pattern", "^[^@ ]+@[^@ ]+$");
	if (field->type == ITSM_TYPE_URL)
		put_key(out, "pattern", "^((https?|ssh|git)://|mailto:)[^ ]+$");
	put_pattern(out, field);
	if (field->type == ITSM_TYPE_OBJECT)
		put_fields(out, kind, field->fields, field->field_count, false);
}

static void put_field(struct itsm_buffer *out, const struct itsm_kind *kind, const struct itsm_field *field)
{
	itsm_escape_json(out, last_name(field));
	itsm_buffer_puts(out, ":{\"description\":");
	itsm_escape_json(out, field->help ? field->help : field->name);
	if (field->default_value && field->type != ITSM_TYPE_TIME) {
		bool bare = field->type == ITSM_TYPE_INT || field->type == ITSM_TYPE_NUMBER ||
			field->type == ITSM_TYPE_BOOL;

		itsm_buffer_puts(out, ",\"default\":");
		if (bare)
			itsm_buffer_puts(out, field->default_value);
		else
			itsm_escape_json(out, field->default_value);
	}
	if (field->list) {
		itsm_buffer_puts(
			out, field->required ? ",\"type\":\"array\",\"minItems\":1" : ",\"type\":[\"array\",\"null\"]");
		itsm_buffer_puts(out, ",\"items\":{\"description\":\"one of them\"");
		put_value(out, kind, field, false);
		itsm_buffer_putc(out, '}');
	} else {
		put_value(out, kind, field, !field->required);
	}
	itsm_buffer_putc(out, '}');
}

static void put_fields(struct itsm_buffer *out, const struct itsm_kind *kind, const struct itsm_field *fields,
	size_t count, bool top)
{
	const char *comma = "";

	itsm_buffer_puts(out, ",\"properties\":{");
	for (size_t i = 0; i < count; i++) {
		itsm_buffer_puts(out, i ? "," : "");
		put_field(out, kind, &fields[i]);
	}
	if (top && kind->state_count) {
		itsm_buffer_puts(out, count ? ",\"state\":{\"description\":" : "\"state\":{\"description\":");
		itsm_escape_json(out, "where it stands; `itsm move` changes it");
		itsm_buffer_puts(out, ",\"enum\":[");
		for (size_t i = 0; i < kind->state_count; i++) {
			itsm_buffer_puts(out, i ? "," : "");
			itsm_escape_json(out, kind->states[i].name);
		}
		itsm_buffer_puts(out, "]}");
	}
	itsm_buffer_puts(out, "},\"required\":[");
	for (size_t i = 0; i < count; i++) {
		if (!fields[i].required)
			continue;
		itsm_buffer_puts(out, comma);
		itsm_escape_json(out, last_name(&fields[i]));
		comma = ",";
	}
	if (top && kind->state_count)
		itsm_buffer_printf(out, "%s\"state\"", comma);
	itsm_buffer_printf(out, "],\"additionalProperties\":%s", kind->open ? "true" : "false");
}

/* Fields that only some states need: one condition each. */
static void put_conditions(struct itsm_buffer *out, const struct itsm_kind *kind)
{
	const char *comma = "";

	for (size_t i = 0; i < kind->field_count; i++) {
		const struct itsm_field *field = &kind->fields[i];

		if (!field->required_in)
			continue;
		itsm_buffer_puts(out, *comma ? comma : ",\"allOf\":[");
		comma = ",";
		itsm_buffer_puts(out, "{\"if\":{\"required\":[\"state\"],\"properties\":{\"state\":{\"enum\":");
		put_list(out, field->required_in, false);
		itsm_buffer_puts(out, "}}},\"then\":{\"required\":[");
		itsm_escape_json(out, field->name);
		itsm_buffer_puts(out, "],\"properties\":{");
		itsm_escape_json(out, field->name);
		itsm_buffer_puts(out, ":{\"not\":{\"type\":\"null\"}}}}}");
	}
	if (*comma)
		itsm_buffer_putc(out, ']');
}

void itsm_kind_json_schema(const struct itsm_kind *kind, struct itsm_buffer *out)
{
	itsm_buffer_puts(out, "{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\",\"title\":");
	itsm_escape_json(out, kind->name);
	put_key(out, "description", kind->help);
	itsm_buffer_puts(out, ",\"type\":\"object\"");
	put_fields(out, kind, kind->fields, kind->field_count, true);
	put_conditions(out, kind);
	itsm_buffer_puts(out, "}\n");
}
