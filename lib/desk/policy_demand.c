/*
 * What a rule asks of a record, as SQL: fields and sections too, so that one
 * record and a hundred thousand are judged by the same expression.
 */
#include <string.h>

#include "policy.h"

/* 'O''Hara' */
static const char *sql_text(struct itsm_arena *arena, const char *text)
{
	struct itsm_buffer out = {0};
	const char *copy;

	itsm_buffer_putc(&out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			itsm_buffer_putc(&out, '\'');
		itsm_buffer_putc(&out, *text);
	}
	itsm_buffer_putc(&out, '\'');
	copy = itsm_arena_strndup(arena, out.data, out.length);
	itsm_buffer_free(&out);
	return copy;
}

const char *desk_policy_condition(struct itsm_arena *arena, const struct itsm_rule *rule, const struct itsm_kind *kind,
	int64_t now)
{
	const struct itsm_field *opened = itsm_kind_field(kind, "opened");
	char today[ITSM_TIME_TEXT];

	if (!rule->from)
		return rule->when;
	if (opened && (opened->type == ITSM_TYPE_TIME || opened->type == ITSM_TYPE_DATE)) {
		const char *since = itsm_arena_printf(arena, "coalesce(self.\"%s\" >= '%s', 1)", opened->column, rule->from);

		return rule->when ? itsm_arena_printf(arena, "%s AND (%s\n)", since, rule->when) : since;
	}
	itsm_time_format_utc(now, today);
	return strncmp(today, rule->from, strlen("YYYY-MM-DD")) >= 0 ? rule->when : "0";
}

size_t desk_policy_demands(struct itsm_arena *arena, const struct itsm_rule *rule, const struct itsm_kind *kind,
	struct desk_demand **out)
{
	struct desk_demand *demands = NULL;
	size_t count = 0, capacity = 0, i;

	if (rule->must) {
		itsm_arena_grow(arena, &demands, &capacity, count, sizeof(*demands));
		demands[count++] = (struct desk_demand){rule->must, NULL, rule->message, rule->remedy};
	}
	for (i = 0; rule->fields && rule->fields[i]; i++) {
		const struct itsm_field *field = itsm_kind_field(kind, rule->fields[i]);

		itsm_arena_grow(arena, &demands, &capacity, count, sizeof(*demands));
		demands[count++] = (struct desk_demand){
			field ? itsm_arena_printf(arena, "self.\"%s\" IS NOT NULL AND self.\"%s\" NOT IN ('', '[]', '{}')", field->column,
				field->column) : "0", rule->fields[i],
			rule->message ? rule->message : itsm_arena_printf(arena, "has no %s", rule->fields[i]),
			rule->remedy ? rule->remedy : itsm_arena_printf(arena, "set %s", rule->fields[i])};
	}
	for (i = 0; rule->sections && rule->sections[i]; i++) {
		itsm_arena_grow(arena, &demands, &capacity, count, sizeof(*demands));
		demands[count++] = (struct desk_demand){
			itsm_arena_printf(arena, "filled(%s)", sql_text(arena, rule->sections[i])), NULL,
			rule->message ? rule->message : itsm_arena_printf(arena, "has no section '%s' with content", rule->sections[i]),
			rule->remedy ? rule->remedy : itsm_arena_printf(arena, "write the section '%s'", rule->sections[i])};
	}
	*out = demands;
	return count;
}

#define BROKEN "the rule can't be asked: "

bool desk_policy_is_broken(const struct itsm_finding *finding)
{
	return strncmp(finding->message, BROKEN, strlen(BROKEN)) == 0;
}

void desk_policy_broken(const struct itsm_rule *rule, const struct itsm_error *error, struct itsm_findings *findings)
{
	bool built_in = strcmp(rule->origin, "built-in") == 0;
	size_t i;
	struct itsm_finding finding = {.rule = desk_policy_name(findings->arena, rule), .line = rule->line,
		.path = built_in ? itsm_arena_printf(findings->arena, "%s/%s.yaml", DESK_RULES_FOLDER, rule->name) : rule->origin,
		.message = itsm_arena_printf(findings->arena, BROKEN "%s", error->message),
		.remedy = built_in ? "mend what it says; where the built-in rule does not fit this desk's kinds, write one of its own, or `enabled: false`"
			: "correct its SQL; `itsm schema KIND` lists the fields; a dot in a name is an underscore in SQL"};

	for (i = 0; i < findings->count; i++) {
		if (strcmp(findings->items[i].rule, finding.rule) == 0 && strcmp(findings->items[i].message, finding.message) == 0)
			return;
	}
	itsm_findings_add(findings, &finding);
}

bool desk_policy_blames_rule(int status)
{
	return status == ITSM_EUSAGE || status == ITSM_ELIMIT;
}

void desk_policy_unreadable(const struct itsm_error *error, struct itsm_findings *findings)
{
	size_t length = strcspn(error->message, ":");
	struct itsm_finding finding = {.rule = "policy/rule", .path = DESK_RULES_FOLDER, .line = error->line,
		.column = error->column, .message = error->message,
		.remedy = "correct the rule; docs/policy.md tells the form of a rule"};

	if (strncmp(error->message, DESK_RISKS_FOLDER "/", strlen(DESK_RISKS_FOLDER "/")) == 0) {
		finding.rule = "policy/risk";
		finding.path = DESK_RISKS_FOLDER;
		finding.remedy = "correct the model; docs/risk.md tells the form of a risk model";
	}
	if (strncmp(error->message, DESK_CLASSES_FOLDER "/", strlen(DESK_CLASSES_FOLDER "/")) == 0) {
		finding.rule = "policy/class";
		finding.path = DESK_CLASSES_FOLDER;
		finding.remedy = "correct the class; docs/items.md tells the form of one";
	}
	if (strncmp(error->message, finding.path, strlen(finding.path)) == 0 && error->message[strlen(finding.path)] == '/' &&
		error->message[length] == ':') {
		finding.path = itsm_arena_strndup(findings->arena, error->message, length);
		finding.message = error->message + length + 1 + strspn(error->message + length + 1, " ");
	}
	itsm_findings_add(findings, &finding);
}
