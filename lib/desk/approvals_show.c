/* `itsm approvals`: all that is asked of a record, and what has been given. */
#include <string.h>

#include "approvals.h"
#include "policy.h"

struct showing {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_kinds *kinds;    /* of the base */
	struct desk_policy *policy;
	struct itsm_index *index;
	struct itsm_oid head, base;
	struct itsm_record *record;
	struct itsm_approvals_shown *out;
	struct itsm_findings findings; /* rules that can't be asked */
	const char **states, **help;
	size_t capacity;
	struct itsm_error *err;
};

static int read_record(struct showing *showing, const char *word)
{
	struct itsm_findings findings;
	struct itsm_record *record = NULL;
	struct itsm_hit hit;
	int status = itsm_index_find(showing->index, showing->arena, word, NULL, &hit, showing->err);

	if (status != 0)
		return status;
	itsm_findings_init(&findings, showing->arena);
	status = itsm_desk_read_blob(showing->desk, showing->arena, showing->kinds, hit.path, &hit.blob, &record, &findings, showing->err);
	if (status == 0 && !record)
		return itsm_error_set(showing->err, ITSM_EDATA, "%s can't be read as a record: %s", hit.path,
			findings.count ? findings.items[0].message : "unknown reason");
	if (status != 0)
		return status;
	showing->record = record;
	showing->out->id = desk_record_id(showing->arena, record);
	showing->out->kind = itsm_arena_strdup(showing->arena, record->kind->name);
	showing->out->state = record->state;
	showing->out->title = record->title;
	return 0;
}

static const char *join(struct itsm_arena *arena, const char *const *list)
{
	const char *text = "";

	for (; list && *list; list++)
		text = itsm_arena_printf(arena, "%s%s%s", text, *text ? ", " : "", *list);
	return text;
}

/* The rules go with the policy; what is shown of them stays. */
static void keep(struct showing *showing, struct itsm_approval_ask *ask)
{
	struct itsm_approval_rule *line = itsm_arena_alloc(showing->arena, sizeof(*line));

	*line = *ask->approval;
	line->name = line->name ? itsm_arena_strdup(showing->arena, line->name) : NULL;
	line->when = line->since = NULL;
	ask->approval = line;
	ask->message = ask->message ? itsm_arena_strdup(showing->arena, ask->message) : NULL;
	ask->remedy = ask->remedy ? itsm_arena_strdup(showing->arena, ask->remedy) : NULL;
}

/* What one rule asks, where it binds the record. */
static int add_rule(struct showing *showing, const struct itsm_rule *rule, struct desk_asks *asks)
{
	const struct itsm_record *record = showing->record;
	const struct desk_moment moment = {false, showing->desk->options.now};
	struct itsm_error failure = {0};
	const char *condition;
	size_t before = asks->count;
	int truth = 1, status;

	if (!rule->approval_count || !itsm_rule_binds(rule, record->kind, NULL))
		return 0;
	condition = desk_policy_condition(showing->arena, rule, record->kind, showing->desk->options.now);
	if (condition && (status = itsm_index_judge(showing->index, record->kind, record->path, condition, &truth, &failure)) != 0) {
		if (showing->err)
			*showing->err = failure;
		itsm_error_prefix(showing->err, "rule %s", rule->name);
		return status;
	}
	if (truth != 1)
		return 0;
	status = desk_policy_asks(showing->policy, showing->index, record, rule, moment, asks, &showing->findings, showing->err);
	if (status != 0)
		return status;
	showing->states = memcpy(itsm_arena_alloc(showing->arena, (asks->count + 1) * sizeof(*showing->states)), showing->states,
		before * sizeof(*showing->states));
	showing->help = memcpy(itsm_arena_alloc(showing->arena, (asks->count + 1) * sizeof(*showing->help)), showing->help,
		before * sizeof(*showing->help));
	for (size_t i = before; i < asks->count; i++) {
		keep(showing, &asks->items[i]);
		showing->states[i] = join(showing->arena, rule->states);
		showing->help[i] = rule->help ? itsm_arena_strdup(showing->arena, rule->help) : NULL;
	}
	return 0;
}

static int judge(struct showing *showing)
{
	struct desk_asks asks = {.arena = showing->arena};
	size_t i;
	int status = 0;

	showing->states = itsm_arena_alloc(showing->arena, sizeof(*showing->states));
	showing->help = itsm_arena_alloc(showing->arena, sizeof(*showing->help));
	for (i = 0; i < itsm_rules_count(showing->policy->rules) && status == 0; i++)
		status = add_rule(showing, itsm_rules_at(showing->policy->rules, i), &asks);
	if (status == 0)
		status = desk_policy_verdict(showing->policy, showing->record, &asks, &showing->out->verdict, showing->err);
	showing->out->states = showing->states;
	showing->out->help = showing->help;
	return status;
}

/* The policy: that of the base, whose kinds also say what the record is. */
static int open_base(struct showing *showing, const char *base)
{
	struct itsm_repo *repo;
	int status = itsm_desk_repository(showing->desk, &repo, showing->err);

	if (status == 0)
		status = itsm_desk_view_head(showing->desk, &showing->index, &showing->head, showing->err);
	showing->base = showing->head;
	if (status == 0 && base)
		status = itsm_repo_resolve(repo, base, &showing->base, showing->err);
	if (status == 0)
		status = itsm_desk_kinds_at(showing->desk, &showing->base, &showing->kinds, showing->err);
	if (status == 0)
		status = desk_policy_open(showing->desk, showing->kinds, &showing->base, &showing->head, &showing->policy, showing->err);
	if (status == 0)
		status = itsm_approvals_open(showing->desk, showing->kinds, &showing->base, &showing->head, &showing->policy->approvals, showing->err);
	if (status == 0)
		showing->policy->approvals->thorough = true;
	return status;
}

int itsm_desk_approvals(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *base,
	struct itsm_approvals_shown *out, struct itsm_error *err)
{
	struct showing showing = {.desk = desk, .arena = arena, .out = out, .err = err};
	int status;

	itsm_findings_init(&showing.findings, arena);
	memset(out, 0, sizeof(*out));
	if ((status = open_base(&showing, base)) == 0 && (status = read_record(&showing, id)) == 0)
		status = judge(&showing);
	desk_policy_free(showing.policy);
	itsm_kinds_free(showing.kinds);
	return status;
}
