/* Binding a rule to what takes its values, and judging the values that stand in the map. */
#include <string.h>

#include "import_map.h"

int import_rule_takes(
	const struct import_rule *rule, struct itsm_arena *arena, const char *text, struct itsm_error *err)
{
	struct itsm_error cause;

	if (rule->field) {
		if (itsm_field_value(rule->field, text, arena, NULL, &cause) == 0)
			return 0;
		return itsm_error_set(err, ITSM_EDATA, "'%s' %s", rule->field->name, cause.message);
	}
	if (rule->kind && !itsm_kind_state(rule->kind, text))
		return itsm_error_set(err, ITSM_EDATA, "'%s' is no state of a %s; `itsm schema %s` lists them", text,
			rule->kind->name, rule->kind->name);
	return 0;
}

static int judge(const struct import_rule *rule, const char *text, unsigned line, unsigned column,
	struct itsm_arena *arena, struct itsm_error *err)
{
	struct itsm_error cause;

	if (!text || !*text || import_rule_takes(rule, arena, text, &cause) == 0)
		return 0;
	return itsm_error_set_at(err, ITSM_EDATA, line, column, "%s", cause.message);
}

static int judge_constants(const struct import_rule *rule, struct itsm_arena *arena, struct itsm_error *err)
{
	bool later = rule->time || rule->slug; /* what map gives is worked on further */
	size_t i;
	int status = judge(rule, rule->value, rule->line, rule->column, arena, err);

	if (status == 0)
		status = judge(rule, rule->default_value, rule->line, rule->column, arena, err);
	if (status != 0 || later)
		return status;
	for (i = 0; rule->map && i < rule->map->count && status == 0; i++)
		status = judge(rule, rule->map->items[i]->text, rule->map->items[i]->line, rule->map->items[i]->column,
			arena, err);
	for (i = 0; i < rule->match_count && status == 0; i++)
		status = judge(rule, rule->matches[i].value, rule->line, rule->column, arena, err);
	return status ? status : judge(rule, rule->otherwise, rule->line, rule->column, arena, err);
}

static int judge_states(const struct import_rule *rule, const struct itsm_kind *kind, struct itsm_error *err)
{
	size_t i;

	if (!rule->states)
		return 0;
	if (rule->states->type != ITSM_YAML_SEQUENCE)
		return itsm_error_set_at(err, ITSM_EDATA, rule->states->line, rule->states->column,
			"'states' is no list; write [resolved, closed]");
	for (i = 0; i < rule->states->count; i++) {
		const struct itsm_yaml *state = rule->states->items[i];

		if (state->type != ITSM_YAML_SCALAR || !itsm_kind_state(kind, state->text))
			return itsm_error_set_at(err, ITSM_EDATA, state->line, state->column,
				"'%s' is no state of a %s; `itsm schema %s` lists them",
				state->type == ITSM_YAML_SCALAR ? state->text : "this", kind->name, kind->name);
	}
	return 0;
}

int import_rule_bind(
	struct import_rule *rule, const struct itsm_kind *kind, const struct itsm_field *field, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	int status;

	rule->kind = kind;
	rule->field = field;
	rule->list = field && field->list;
	rule->time = rule->time || (field && field->type == ITSM_TYPE_TIME);
	rule->one_line = !field || field->type != ITSM_TYPE_TEXT;
	status = judge_constants(rule, arena, err);
	if (status == 0)
		status = judge_states(rule, kind, err);
	itsm_arena_free(arena);
	return status;
}
