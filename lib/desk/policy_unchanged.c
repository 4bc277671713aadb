/* Rules with `unchanged`: what stays as it is, always or once the record is closed. */
#include <string.h>

#include "policy.h"

/* May this field change when the rest of the record may not? */
static bool may_change(const struct itsm_rule *rule, const struct itsm_kind *kind, const char *name)
{
	const struct itsm_field *field = itsm_kind_field(kind, name);

	if (itsm_list_has(rule->except, name))
		return true;
	return rule->unchanged == ITSM_UNCHANGED_CLOSED && field && field->type == ITSM_TYPE_REF && field->list &&
		!itsm_list_has(kind->approved_fields, name);
}

static void judge(const struct itsm_rule *rule, const struct itsm_record *before, const struct itsm_record *after,
	struct itsm_arena *arena, struct itsm_findings *findings)
{
	struct itsm_finding finding = {.rule = desk_policy_name(arena, rule), .severity = rule->severity,
		.record = desk_record_id(arena, after), .path = after->path, .remedy = rule->remedy};
	struct itsm_difference *differences;
	size_t count, i;

	itsm_record_compare(arena, before, after, &differences, &count);
	for (i = 0; i < count; i++) {
		if (may_change(rule, after->kind, differences[i].field))
			continue;
		finding.line = differences[i].line;
		finding.message = itsm_arena_printf(arena, rule->unchanged == ITSM_UNCHANGED_ALWAYS
			? "%s of %s %s is changed afterwards" : "%s of %s %s that is finished is changed",
			differences[i].field, desk_a(after->kind->name), after->kind->name);
		itsm_findings_add(findings, &finding);
	}
}

void desk_policy_unchanged(const struct desk_policy *policy, const struct itsm_record *before, const struct itsm_record *after,
	struct itsm_arena *arena, struct itsm_findings *findings)
{
	const struct itsm_state *state = before->state ? itsm_kind_state(before->kind, before->state) : NULL;
	bool finished = state && !state->open && after->state && strcmp(before->state, after->state) == 0;
	size_t i;

	for (i = 0; i < itsm_rules_count(policy->rules); i++) {
		const struct itsm_rule *rule = itsm_rules_at(policy->rules, i);

		if (rule->unchanged == ITSM_UNCHANGED_NOT_ASKED || !itsm_rule_binds(rule, before->kind, before->state))
			continue;
		if (rule->unchanged == ITSM_UNCHANGED_ALWAYS || finished)
			judge(rule, before, after, arena, findings);
	}
}
