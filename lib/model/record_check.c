/*
 * A record against its kind's schema. Findings of one record are bounded, so
 * that a hostile file cannot drown the others.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "record_parts.h"

#define FINDINGS_MAX 200

struct checking {
	const struct itsm_record *record;
	struct itsm_findings *findings;
	size_t start; /* findings there were before */
};

static void report(const struct checking *checking, const char *rule, enum itsm_severity severity, unsigned line,
	unsigned column, const char *remedy, const char *format, ...) __attribute__((format(printf, 7, 8)));

static void report(const struct checking *checking, const char *rule, enum itsm_severity severity, unsigned line,
	unsigned column, const char *remedy, const char *format, ...)
{
	size_t already = checking->findings->count - checking->start;
	char message[512];
	struct itsm_finding finding = {
		.rule = rule, .severity = severity, .record = checking->record->id, .path = checking->record->path,
		.line = line, .column = column, .message = message, .remedy = remedy,
	};
	va_list arguments;

	if (already > FINDINGS_MAX)
		return;
	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (already == FINDINGS_MAX) {
		snprintf(message, sizeof(message), "has more findings than can be listed");
		finding.remedy = "mend those above first";
	}
	itsm_findings_add(checking->findings, &finding);
}

#define ERROR_AT(checking, rule, node, remedy, ...) \
	report(checking, rule, ITSM_SEVERITY_ERROR, (node)->line, (node)->column, remedy, __VA_ARGS__)

static void check_fields(const struct checking *checking, const struct itsm_yaml *node, const struct itsm_field *fields,
	size_t count, bool top);

static void check_scalar(const struct checking *checking, const struct itsm_yaml *node, const struct itsm_field *field)
{
	struct itsm_error error;

	if (node->type != ITSM_YAML_SCALAR)
		ERROR_AT(checking, "schema/type", node, "give it one value",
			"'%s' holds several values, and takes one %s", field->name, itsm_type_name(field->type));
	else if (itsm_field_value(field, node->text, NULL, NULL, &error) < 0)
		ERROR_AT(checking, "schema/type", node, field->help, "'%s' %s", field->name, error.message);
}

static void check_one(const struct checking *checking, const struct itsm_yaml *node, const struct itsm_field *field)
{
	if (field->type == ITSM_TYPE_ANY)
		return;
	if (field->type != ITSM_TYPE_OBJECT)
		check_scalar(checking, node, field);
	else if (node->type == ITSM_YAML_MAPPING)
		check_fields(checking, node, field->fields, field->field_count, false);
	else
		ERROR_AT(checking, "schema/type", node, "write its fields below it, indented",
			"'%s' holds no fields of its own", field->name);
}

static void check_repeats(const struct checking *checking, const struct itsm_yaml *list, const struct itsm_field *field)
{
	if (field->type != ITSM_TYPE_REF && field->type != ITSM_TYPE_ENUM)
		return;
	for (size_t i = 1; i < list->count && i < FINDINGS_MAX; i++)
		for (size_t j = 0; j < i; j++)
			if (list->items[i]->type == ITSM_YAML_SCALAR &&
				itsm_yaml_equal(list->items[i], list->items[j])) {
				report(checking, "schema/type", ITSM_SEVERITY_WARNING, list->items[i]->line,
					list->items[i]->column, "take one of them away", "'%s' has '%.60s' twice",
					field->name, list->items[i]->text);
				break;
			}
}

static void check_field(const struct checking *checking, const struct itsm_yaml *node, const struct itsm_field *field)
{
	if (itsm_yaml_is_null(node))
		return;
	if (!field->list) {
		check_one(checking, node, field);
		return;
	}
	if (node->type != ITSM_YAML_SEQUENCE) {
		ERROR_AT(checking, "schema/type", node, "write it as [a, b], or one `- item` to a line",
			"'%s' is no list", field->name);
		return;
	}
	for (size_t i = 0; i < node->count; i++) {
		if (itsm_yaml_is_null(node->items[i]))
			ERROR_AT(checking, "schema/type", node->items[i], "give it a value or take it away",
				"'%s' has an empty item", field->name);
		else
			check_one(checking, node->items[i], field);
	}
	check_repeats(checking, node, field);
}

static const char *last_name(const struct itsm_field *field)
{
	const char *dot = strrchr(field->name, '.');

	return dot ? dot + 1 : field->name;
}

static const struct itsm_field *known_field(const struct itsm_field *fields, size_t count, const char *key)
{
	/* Fields of one object share what stands before their last name. */
	size_t prefix = count ? (size_t)(last_name(&fields[0]) - fields[0].name) : 0;

	for (size_t i = 0; i < count; i++)
		if (fields[i].name[prefix] == *key && strcmp(fields[i].name + prefix, key) == 0)
			return &fields[i];
	return NULL;
}

static void check_unknown(const struct checking *checking, const struct itsm_yaml *key, const struct itsm_field *fields,
	size_t count)
{
	char remedy[200];

	for (size_t i = 0; i < count; i++)
		if (strcasecmp(last_name(&fields[i]), key->text) == 0) {
			snprintf(remedy, sizeof(remedy), "write it as '%s'", last_name(&fields[i]));
			ERROR_AT(checking, "schema/unknown", key, remedy, "'%.60s' is no field of kind '%s'", key->text,
				checking->record->kind->name);
			return;
		}
	snprintf(remedy, sizeof(remedy), "take it away, or see `itsm schema %s` for the fields there are",
		checking->record->kind->name);
	ERROR_AT(checking, "schema/unknown", key, remedy, "'%.60s' is no field of kind '%s'", key->text,
		checking->record->kind->name);
}

static bool is_needed(const struct checking *checking, const struct itsm_field *field)
{
	return field->required ||
		(checking->record->state && itsm_list_has(field->required_in, checking->record->state));
}

/* A missing object misses what it must have only when it is needed itself. */
static void check_missing(const struct checking *checking, const struct itsm_yaml *node, const struct itsm_field *field)
{
	const struct itsm_yaml *value = itsm_yaml_get(node, last_name(field));
	char remedy[300];

	if (value && !itsm_yaml_is_null(value) && !(field->list && value->type == ITSM_YAML_SEQUENCE && !value->count))
		return;
	snprintf(remedy, sizeof(remedy), "set %s%s%s", field->name, field->help ? ": " : "",
		field->help ? field->help : "");
	ERROR_AT(checking, "schema/required", value ? value : node, remedy, "'%s' is missing%s%s", field->name,
		field->required ? "" : ", and needed in state ", field->required ? "" : checking->record->state);
}

static void check_fields(const struct checking *checking, const struct itsm_yaml *node, const struct itsm_field *fields,
	size_t count, bool top)
{
	for (size_t i = 0; i < node->count; i++) {
		const struct itsm_field *field = known_field(fields, count, node->keys[i]->text);

		if (field)
			check_field(checking, node->items[i], field);
		else if (!checking->record->kind->open && !(top && checking->record->kind->state_count &&
			 strcmp(node->keys[i]->text, "state") == 0))
			check_unknown(checking, node->keys[i], fields, count);
	}
	for (size_t i = 0; i < count; i++)
		if (is_needed(checking, &fields[i]))
			check_missing(checking, node, &fields[i]);
}

static void check_state(const struct checking *checking)
{
	const struct itsm_record *record = checking->record;
	const struct itsm_kind *kind = record->kind;
	struct itsm_buffer names = { 0 };
	unsigned column, line = itsm_record_line(record, "state", &column);

	if (kind->state_count == 0 || (record->state && itsm_kind_state(kind, record->state)))
		return;
	itsm_buffer_puts(&names, "a state is one of ");
	for (size_t i = 0; i < kind->state_count; i++)
		itsm_buffer_printf(&names, "%s%s", i == 0 ? "" : ", ", kind->states[i].name);
	if (record->state)
		report(checking, "schema/state", ITSM_SEVERITY_ERROR, line, column, names.data,
			"'%.60s' is no state of kind '%s'", record->state, kind->name);
	else
		report(checking, "schema/state", ITSM_SEVERITY_ERROR, line, column, names.data, "has no state");
	itsm_buffer_free(&names);
}

static void check_sections(const struct checking *checking)
{
	const struct itsm_record *record = checking->record;

	for (size_t i = 0; i < record->kind->section_count; i++) {
		const struct itsm_section *section = &record->kind->sections[i];
		const struct itsm_section_span *span = itsm_record_section(record, section->name);
		char remedy[300];

		for (size_t j = 0; span && j < record->section_count; j++)
			if (&record->sections[j] > span && strcasecmp(record->sections[j].name, section->name) == 0)
				report(checking, "schema/section", ITSM_SEVERITY_WARNING, record->sections[j].line, 1,
					"put both under one heading", "has the section '%s' twice", section->name);
		if ((span && span->filled) || !(section->required ||
		    (record->state && itsm_list_has(section->required_in, record->state))))
			continue;
		snprintf(remedy, sizeof(remedy), "write below '## %s'%s%s", section->name, section->help ? ": " : "",
			section->help ? section->help : "");
		report(checking, "schema/section", ITSM_SEVERITY_ERROR, span ? span->line : record->document.body_line,
			1, remedy, "the section '%s' is %s", section->name, span ? "empty" : "missing");
	}
}

void itsm_record_check(const struct itsm_record *record, struct itsm_findings *findings)
{
	struct checking checking = { record, findings, findings->count };

	check_fields(&checking, record->front, record->kind->fields, record->kind->field_count, true);
	check_state(&checking);
	if (record->kind->markdown)
		check_sections(&checking);
}
