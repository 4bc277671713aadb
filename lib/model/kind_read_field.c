/*
 * The fields of a kind file as struct itsm_field.
 */
#include <regex.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "kind_set.h"

static const char *const type_names[] = {
	[ITSM_TYPE_STRING] = "string", [ITSM_TYPE_TEXT] = "text", [ITSM_TYPE_ENUM] = "enum", [ITSM_TYPE_INT] = "int",
	[ITSM_TYPE_NUMBER] = "number", [ITSM_TYPE_BOOL] = "bool", [ITSM_TYPE_DATE] = "date", [ITSM_TYPE_TIME] = "time",
	[ITSM_TYPE_DURATION] = "duration", [ITSM_TYPE_REF] = "ref", [ITSM_TYPE_MAIL] = "mail", [ITSM_TYPE_URL] = "url",
	[ITSM_TYPE_OBJECT] = "object", [ITSM_TYPE_ANY] = "any",
};

static const char *const impact_names[] = {
	[ITSM_IMPACT_NONE] = "none", [ITSM_IMPACT_NEEDS] = "needs", [ITSM_IMPACT_CARRIES] = "carries",
	[ITSM_IMPACT_PART] = "part", [ITSM_IMPACT_MINIMUM] = "minimum", [ITSM_IMPACT_OWNER] = "owner",
	[ITSM_IMPACT_ABOUT] = "about",
};

/* What a field's mapping holds before it is judged. */
struct raw_field {
	struct itsm_field field;
	const char *type, *impact;
	const struct itsm_yaml *fields;
};

#define KEY(name, type, member) { name, type, offsetof(struct raw_field, member), 0, false }

static const struct kind_key field_keys[] = {
	{"type", KIND_KEY_STRING, offsetof(struct raw_field, type), 0, true},
	KEY("help", KIND_KEY_STRING, field.help),
	KEY("list", KIND_KEY_BOOL, field.list),
	KEY("required", KIND_KEY_BOOL, field.required),
	KEY("immutable", KIND_KEY_BOOL, field.immutable),
	KEY("unique", KIND_KEY_BOOL, field.unique),
	KEY("inverse", KIND_KEY_STRING, field.inverse),
	KEY("inverse_hidden", KIND_KEY_BOOL, field.inverse_hidden),
	KEY("impact", KIND_KEY_STRING, impact),
	KEY("required_in", KIND_KEY_LIST, field.required_in),
	KEY("immutable_in", KIND_KEY_LIST, field.immutable_in),
	KEY("values", KIND_KEY_LIST, field.values),
	KEY("to", KIND_KEY_LIST, field.to),
	KEY("default", KIND_KEY_STRING, field.default_value),
	KEY("default_from", KIND_KEY_STRING, field.default_from),
	KEY("computed", KIND_KEY_STRING, field.computed),
	KEY("follows", KIND_KEY_LIST, field.follows),
	KEY("ask", KIND_KEY_BOOL, field.ask),
	KEY("pattern", KIND_KEY_STRING, field.pattern),
	{"min", KIND_KEY_NUMBER, offsetof(struct raw_field, field.min), offsetof(struct raw_field, field.has_min),
		false},
	{"max", KIND_KEY_NUMBER, offsetof(struct raw_field, field.max), offsetof(struct raw_field, field.has_max),
		false},
	KEY("fields", KIND_KEY_NODE, fields),
};

#undef KEY

const char *itsm_type_name(enum itsm_type type)
{
	return type_names[type];
}

const char *itsm_impact_name(enum itsm_impact impact)
{
	return impact_names[impact];
}

static int find_name(const char *const *names, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return (int)i;
	return -1;
}

#define FIND(names, name) find_name(names, sizeof(names) / sizeof(names[0]), name)

static const char *column_name(struct itsm_arena *arena, const char *name)
{
	char *column = itsm_arena_strdup(arena, name);

	for (char *c = column; *c; c++)
		if (*c == '.')
			*c = '_';
	return column;
}

/* What the field's keys say must fit its type. The reason, or NULL. */
static const char *misfit(const struct raw_field *raw)
{
	const struct itsm_field *field = &raw->field;

	if ((field->type == ITSM_TYPE_ENUM) != (field->values != NULL))
		return "'values' belong to an enum, and an enum needs them";
	if ((field->type == ITSM_TYPE_OBJECT) != (raw->fields != NULL))
		return "'fields' belong to an object, and an object needs them";
	if (field->type != ITSM_TYPE_REF && (field->to || field->inverse || field->inverse_hidden))
		return "'to' and 'inverse' belong to a ref";
	if (field->impact == ITSM_IMPACT_MINIMUM && ((field->type != ITSM_TYPE_STRING && field->type != ITSM_TYPE_INT) || field->list))
		return "'impact: minimum' belongs to a single string or int";
	if (field->impact != ITSM_IMPACT_NONE && field->impact != ITSM_IMPACT_MINIMUM && field->type != ITSM_TYPE_REF)
		return "'impact' belongs to a ref";
	if (field->type != ITSM_TYPE_INT && field->type != ITSM_TYPE_NUMBER && (field->has_min || field->has_max))
		return "'min' and 'max' belong to an int or a number";
	if (field->type != ITSM_TYPE_STRING && field->type != ITSM_TYPE_TEXT && field->pattern)
		return "'pattern' belongs to a string";
	if ((field->list || field->type == ITSM_TYPE_OBJECT || field->type == ITSM_TYPE_ANY) && field->default_value)
		return "only a single value can have a default";
	if ((field->list || field->type == ITSM_TYPE_OBJECT || field->type == ITSM_TYPE_ANY) &&
	    (field->default_from || field->computed || field->ask))
		return "only a single value can be computed or asked for";
	if (field->default_from && field->computed)
		return "'default_from' and 'computed' exclude each other";
	if ((field->computed == NULL) != (field->follows == NULL))
		return "'computed' needs 'follows', and belongs to it";
	return NULL;
}

static int judge(struct itsm_arena *arena, const struct itsm_yaml *node, const struct raw_field *raw,
	struct itsm_error *err)
{
	const struct itsm_field *field = &raw->field;
	const char *reason = misfit(raw);
	struct itsm_error detail;
	regex_t regex;

	if (reason)
		return itsm_error_set_at(
			err, ITSM_EDATA, node->line, node->column, "field '%s': %s", field->name, reason);
	if (field->pattern) {
		if (!itsm_pattern_is_bounded(field->pattern))
			return itsm_error_set_at(err, ITSM_ELIMIT, node->line, node->column,
				"field '%s': its pattern is too long or repeats too much; write a simpler one", field->name);
		if (regcomp(&regex, field->pattern, REG_EXTENDED | REG_NOSUB) != 0)
			return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
				"field '%s': its pattern is no regular expression", field->name);
		regfree(&regex);
	}
	if (field->default_value && !(field->type == ITSM_TYPE_TIME && strcmp(field->default_value, "now") == 0) &&
	    !(field->type == ITSM_TYPE_DATE && strcmp(field->default_value, "today") == 0) &&
	    itsm_field_value(field, field->default_value, arena, NULL, &detail) < 0)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "field '%s': its default %s",
			field->name, detail.message);
	return ITSM_OK;
}

static int read_field(struct itsm_arena *arena, const struct itsm_yaml *name, const struct itsm_yaml *node,
	const char *prefix, struct itsm_field *out, struct itsm_error *err)
{
	struct raw_field raw = { 0 };
	char what[160];
	int status, type, impact;

	if (!kind_shape_is_name(name->text, false))
		return itsm_error_set_at(err, ITSM_EDATA, name->line, name->column,
			"'%s' is no field name: it takes letters, digits and '_'", name->text);
	snprintf(what, sizeof(what), "field '%s'", name->text);
	status = kind_shape_read(arena, node, field_keys, sizeof(field_keys) / sizeof(field_keys[0]), what, &raw, err);
	if (status < 0)
		return status;
	type = FIND(type_names, raw.type);
	impact = raw.impact ? FIND(impact_names, raw.impact) : 0;
	if (type < 0)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "field '%s': '%s' is no type",
			name->text, raw.type);
	if (impact < 0)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "field '%s': '%s' is no impact: "
			"needs, carries, part, minimum, owner, about or none", name->text, raw.impact);
	raw.field.type = (enum itsm_type)type;
	raw.field.impact = (enum itsm_impact)impact;
	raw.field.name = itsm_arena_printf(arena, "%s%s", prefix, name->text);
	raw.field.column = column_name(arena, raw.field.name);
	status = judge(arena, node, &raw, err);
	if (status == ITSM_OK && raw.fields)
		status = kind_read_fields(arena, raw.fields, itsm_arena_printf(arena, "%s.", raw.field.name),
			&raw.field.fields, &raw.field.field_count, err);
	if (status == ITSM_OK)
		*out = raw.field;
	return status;
}

int kind_read_fields(struct itsm_arena *arena, const struct itsm_yaml *node, const char *prefix,
	struct itsm_field **out, size_t *count, struct itsm_error *err)
{
	struct itsm_field *fields;
	int status;

	if (node->type != ITSM_YAML_MAPPING)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "'fields' is no mapping of names");
	if (strlen(prefix) > 200)
		return itsm_error_set_at(err, ITSM_ELIMIT, node->line, node->column, "objects are nested too deep");
	fields = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*fields));
	for (size_t i = 0; i < node->count; i++) {
		status = read_field(arena, node->keys[i], node->items[i], prefix, &fields[i], err);
		if (status < 0)
			return status;
	}
	*out = fields;
	*count = node->count;
	return ITSM_OK;
}
