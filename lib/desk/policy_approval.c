/* Which approvals the rules ask of a record, judged by itsm/approval.h. */
#include <string.h>

#include "approvals.h"
#include "policy.h"

/* The moment a record entered a state, by the state's time stamp; 0 when it has none. */
static int64_t entered_at(const struct itsm_record *record, const char *state)
{
	const char *field = itsm_rule_since(record->kind, state);
	const char *text = field ? itsm_record_text(record, field) : NULL;
	struct itsm_time time;

	return text && itsm_time_parse(text, &time, NULL) == 0 ? time.seconds : 0;
}

/* Until when an approval counts; 0 = no matter when, but it must be there. */
static int64_t due(const struct itsm_record *record, const struct itsm_approval_rule *line, struct desk_moment moment)
{
	int64_t since;

	if (!line->since)
		return 0;
	if (!line->within)
		return moment.entering && record->state && strcmp(record->state, line->since) == 0 ? moment.at : 0;
	since = entered_at(record, line->since);
	return since ? since + line->within : 0;
}

/* Does a line's own condition hold? */
static int line_binds(struct itsm_index *index, const struct itsm_record *record, const struct itsm_rule *rule,
	const struct itsm_approval_rule *line, bool *binds, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_error failure = {0};
	int truth = 1, status = 0;

	if (line->when)
		status = itsm_index_judge(index, record->kind, record->path, line->when, &truth, &failure);
	*binds = status == 0 && truth == 1;
	if (desk_policy_blames_rule(status)) {
		desk_policy_broken(rule, &failure, findings);
		return 0;
	}
	if (status != 0 && err)
		*err = failure;
	return status;
}

static int open_approvals(struct desk_policy *policy, struct itsm_error *err)
{
	return policy->approvals ? 0
		: itsm_approvals_open(policy->desk, policy->kinds, &policy->commit, &policy->head, &policy->approvals, err);
}

bool desk_policy_wants_approvals(const struct desk_policy *policy, const struct itsm_kind *kind)
{
	size_t i;

	for (i = 0; i < itsm_rules_count(policy->rules); i++) {
		const struct itsm_rule *rule = itsm_rules_at(policy->rules, i);

		if (rule->approval_count && itsm_rule_binds(rule, kind, NULL))
			return true;
	}
	return false;
}

int desk_policy_expect(struct desk_policy *policy, const char *const *paths, size_t count, struct itsm_error *err)
{
	int status = count > 1 ? open_approvals(policy, err) : 0;

	if (status == 0 && count > 1)
		approvals_expect(policy->approvals, paths, count);
	return status;
}

int desk_policy_gather(struct desk_policy *policy, struct itsm_index *index, const struct itsm_record *record,
	struct itsm_error *err)
{
	const struct desk_moment moment = {false, policy->desk->options.now};
	struct itsm_arena *arena;
	struct itsm_findings ignored;
	int status = open_approvals(policy, err);

	if (status != 0)
		return status;
	arena = itsm_arena_new();
	itsm_findings_init(&ignored, arena);
	policy->gathering = policy->approvals->gathering = true;
	status = desk_policy_judge(policy, index, record, moment, &ignored, err);
	policy->gathering = policy->approvals->gathering = false;
	itsm_arena_free(arena);
	return status;
}

int desk_policy_asks(struct desk_policy *policy, struct itsm_index *index, const struct itsm_record *record,
	const struct itsm_rule *rule, struct desk_moment moment, struct desk_asks *asks, struct itsm_findings *findings,
	struct itsm_error *err)
{
	size_t i;
	int status = 0;

	desk_policy_serve(policy, index);
	for (i = 0; i < rule->approval_count && status == 0; i++) {
		const struct itsm_approval_rule *line = &rule->approvals[i];
		bool binds;

		status = line_binds(index, record, rule, line, &binds, findings, err);
		if (status != 0 || !binds)
			continue;
		itsm_arena_grow(asks->arena, &asks->items, &asks->capacity, asks->count, sizeof(*asks->items));
		asks->items[asks->count++] = (struct itsm_approval_ask){desk_policy_name(asks->arena, rule), rule->severity,
			rule->message, rule->remedy, line, due(record, line, moment)};
	}
	return status;
}

int desk_policy_verdict(struct desk_policy *policy, const struct itsm_record *record, const struct desk_asks *asks,
	struct itsm_approval_verdict *out, struct itsm_error *err)
{
	int status = open_approvals(policy, err);

	return status ? status : itsm_approvals_judge(policy->approvals, asks->arena, record, asks->items, asks->count, out, err);
}

/* What has been made up for late can't be made up for better: it is told, and refuses nothing. */
static void excuse_late(struct desk_asks *asks, const struct itsm_approval_verdict *verdict)
{
	size_t i;

	for (i = 0; i < verdict->answer_count && i < asks->count; i++) {
		const struct itsm_quorum_result *result = &verdict->answers[i].result;

		if (result->met && result->late && asks->items[i].approval->within && asks->items[i].severity == ITSM_SEVERITY_ERROR)
			asks->items[i].severity = ITSM_SEVERITY_WARNING;
	}
}

int desk_policy_approvals(struct desk_policy *policy, struct itsm_index *index, const struct itsm_record *record,
	const struct itsm_rule *const *rules, size_t count, struct desk_moment moment, struct itsm_findings *findings,
	struct itsm_error *err)
{
	struct desk_asks asks = {.arena = itsm_arena_new()};
	struct itsm_approval_verdict verdict;
	size_t i;
	int status = 0;

	for (i = 0; i < count && status == 0; i++)
		status = desk_policy_asks(policy, index, record, rules[i], moment, &asks, findings, err);
	if (status == 0 && asks.count && (status = desk_policy_verdict(policy, record, &asks, &verdict, err)) == 0) {
		excuse_late(&asks, &verdict);
		itsm_approvals_findings(&verdict, record, findings);
	}
	itsm_arena_free(asks.arena);
	return status;
}
