/* The rules over one record. */
#include <string.h>

#include "policy.h"

static int add_unmet(struct itsm_index *index, const struct itsm_rule *rule, const struct itsm_record *record,
	const struct desk_demand *demand, struct itsm_findings *findings, struct itsm_error *err)
{
	const char *detail = NULL;
	int status = rule->detail ?
		itsm_index_evaluate(index, findings->arena, record->kind, record->path, rule->detail, &detail, err) : 0;
	struct itsm_finding finding = {.rule = desk_policy_name(findings->arena, rule), .severity = rule->severity,
		.record = record->id, .path = record->path, .message = demand->message, .remedy = demand->remedy};

	if (status != 0)
		return status;
	if (detail)
		finding.message = itsm_arena_printf(findings->arena, "%s: %s", demand->message ? demand->message : rule->name, detail);
	if (record->owner)
		finding.record = desk_record_id(findings->arena, record);
	finding.line = itsm_record_line(record, demand->field ? demand->field : record->state ? "state" : "", &finding.column);
	itsm_findings_add(findings, &finding);
	return 0;
}

static int judge_rule(struct desk_policy *policy, struct itsm_index *index, const struct itsm_rule *rule,
	const struct itsm_record *record, bool *bound, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_error failure = {0};
	const char *condition = desk_policy_condition(findings->arena, rule, record->kind, policy->desk->options.now);
	struct desk_demand *demands;
	size_t count = desk_policy_demands(findings->arena, rule, record->kind, &demands), i;
	int truth = 1, status = 0;

	if (condition)
		status = itsm_index_judge(index, record->kind, record->path, condition, &truth, &failure);
	*bound = status == 0 && truth == 1;
	for (i = 0; i < count && *bound && status == 0 && !policy->gathering; i++) {
		status = itsm_index_judge(index, record->kind, record->path, demands[i].expression, &truth, &failure);
		if (status == 0 && truth != 1)
			status = add_unmet(index, rule, record, &demands[i], findings, &failure);
	}
	if (desk_policy_blames_rule(status)) {
		desk_policy_broken(rule, &failure, findings);
		return 0;
	}
	if (status != 0 && err)
		*err = failure;
	return status;
}

int desk_policy_judge(struct desk_policy *policy, struct itsm_index *index, const struct itsm_record *record,
	struct desk_moment moment, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	size_t rules = itsm_rules_count(policy->rules), count = 0, i;
	const struct itsm_rule **asking = itsm_arena_alloc(arena, rules * sizeof(*asking));
	int status = 0;

	desk_policy_serve(policy, index);
	for (i = 0; i < rules && status == 0; i++) {
		const struct itsm_rule *rule = itsm_rules_at(policy->rules, i);
		bool bound = false;

		if (!itsm_rule_binds(rule, record->kind, record->state ? record->state : "") ||
		    (!rule->approval_count && (policy->gathering || (!rule->must && !rule->fields && !rule->sections))))
			continue;
		status = judge_rule(policy, index, rule, record, &bound, findings, err);
		if (bound && rule->approval_count)
			asking[count++] = rule;
	}
	if (status == 0 && count)
		status = desk_policy_approvals(policy, index, record, asking, count, moment, findings, err);
	itsm_arena_free(arena);
	return status;
}
