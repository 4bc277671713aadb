/* The rules over every record, and those that find by themselves. */
#include <stdlib.h>
#include <string.h>

#include "itsm/file.h"
#include "policy.h"
#include "signature.h"

#define FOUND_MAX 10000

struct checking {
	struct desk_policy *policy;
	struct itsm_index *index;
	struct itsm_arena *arena;
	const char **paths;
	size_t count, capacity;
};

static int remember(void *context, const char *path)
{
	struct checking *checking = context;

	itsm_arena_grow(checking->arena, &checking->paths, &checking->capacity, checking->count, sizeof(*checking->paths));
	checking->paths[checking->count++] = itsm_arena_strdup(checking->arena, path);
	return 0;
}

/* The record as the snapshot in use has it: a file of the work tree, or a blob. NULL when it can't be read. */
static int read_record(struct checking *checking, struct itsm_arena *arena, const char *path, struct itsm_record **out,
	struct itsm_error *err)
{
	struct desk_policy *policy = checking->policy;
	struct itsm_findings ignored;
	struct itsm_buffer text = {0};
	struct itsm_hit hit;
	int status;

	*out = NULL;
	itsm_findings_init(&ignored, arena);
	if ((status = itsm_index_find(checking->index, arena, path, NULL, &hit, err)) != 0)
		return status;
	if (!policy->work)
		return itsm_desk_read_blob(policy->desk, arena, policy->kinds, path, &hit.blob, out, &ignored, err);
	if ((status = itsm_file_read(policy->desk->root, path, ITSM_FILE_MAX_BYTES, &text, err)) == 0)
		*out = itsm_record_read(arena, policy->kinds, path, text.data ? text.data : "", text.length, &ignored);
	itsm_buffer_free(&text);
	return status;
}

static int compare_paths(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* What a rule wants to be asked of record by record: those that fail a demand, and those that need approvals. */
static int collect(struct checking *checking, const struct itsm_rule *rule, const struct itsm_kind *kind,
	struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_error failure = {0};
	const char *condition = desk_policy_condition(checking->arena, rule, kind, checking->policy->desk->options.now);
	struct desk_demand *demands;
	size_t count = desk_policy_demands(checking->arena, rule, kind, &demands), i;
	int status = 0;

	if (rule->approval_count)
		status = itsm_index_select(checking->index, kind, rule->states, condition, NULL, remember, checking, &failure);
	for (i = 0; i < count && status == 0; i++)
		status = itsm_index_select(checking->index, kind, rule->states, condition, demands[i].expression, remember, checking,
			&failure);
	if (desk_policy_blames_rule(status)) {
		desk_policy_broken(rule, &failure, findings);
		return 0;
	}
	if (status != 0 && err)
		*err = failure;
	return status;
}

#define TOGETHER 256 /* records whose signatures are verified at the same time */

static bool is_repeated(const struct checking *checking, size_t position)
{
	return position && strcmp(checking->paths[position], checking->paths[position - 1]) == 0;
}

/* What judging the records from `first` on will ask of signatures. */
static int verify_together(struct checking *checking, size_t first, struct itsm_error *err)
{
	size_t i;
	int status = 0;

	for (i = first; i < checking->count && i < first + TOGETHER && status == 0; i++) {
		struct itsm_arena *arena;
		struct itsm_record *record;

		if (is_repeated(checking, i))
			continue;
		arena = itsm_arena_new();
		status = read_record(checking, arena, checking->paths[i], &record, err);
		if (status == 0 && record)
			status = desk_policy_gather(checking->policy, checking->index, record, err);
		itsm_arena_free(arena);
	}
	return status ? status : signature_run(checking->policy->desk, err);
}

/* The records of a kind that some rule has a question about, each once. */
static int check_kind(struct checking *checking, const struct itsm_kind *kind, struct itsm_findings *findings,
	struct itsm_error *err)
{
	const struct desk_moment moment = {false, checking->policy->desk->options.now};
	bool wants = desk_policy_wants_approvals(checking->policy, kind);
	size_t i;
	int status = 0;

	checking->count = 0;
	for (i = 0; i < itsm_rules_count(checking->policy->rules) && status == 0; i++) {
		const struct itsm_rule *rule = itsm_rules_at(checking->policy->rules, i);

		if (itsm_rule_binds(rule, kind, NULL))
			status = collect(checking, rule, kind, findings, err);
	}
	if (checking->count)
		qsort(checking->paths, checking->count, sizeof(*checking->paths), compare_paths);
	if (status == 0 && wants)
		status = desk_policy_expect(checking->policy, checking->paths, checking->count, err);
	for (i = 0; i < checking->count && status == 0; i++) {
		struct itsm_arena *arena;
		struct itsm_record *record;

		if (wants && checking->count > 1 && i % TOGETHER == 0 && (status = verify_together(checking, i, err)) != 0)
			break;
		if (is_repeated(checking, i))
			continue;
		arena = itsm_arena_new();
		status = read_record(checking, arena, checking->paths[i], &record, err);
		if (status == 0 && record)
			status = desk_policy_judge(checking->policy, checking->index, record, moment, findings, err);
		itsm_arena_free(arena);
	}
	return status;
}

int desk_policy_check(struct desk_policy *policy, struct itsm_index *index, struct itsm_findings *findings,
	struct itsm_error *err)
{
	struct checking checking = {.policy = policy, .index = index, .arena = itsm_arena_new()};
	size_t i;
	int status = 0;

	desk_policy_serve(policy, index);
	for (i = 0; i < itsm_kinds_count(policy->kinds) && status == 0; i++)
		status = check_kind(&checking, itsm_kinds_at(policy->kinds, i), findings, err);
	itsm_arena_free(checking.arena);
	return status ? status : desk_policy_find(policy, index, NULL, NULL, findings, err);
}

/* Does the rule want to hear of such a record? */
static bool is_of(const struct itsm_rule *rule, const struct itsm_hit *hit)
{
	return (!rule->kinds || itsm_list_has(rule->kinds, hit->kind)) &&
		(!rule->states || (hit->state && itsm_list_has(rule->states, hit->state)));
}

/* One row of a rule's own query: (id, message, path); what is no record has a path of its own. */
static int add_found(struct itsm_index *index, const struct itsm_rule *rule, const struct itsm_query *query,
	const char *only, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_value id = itsm_query_value(query, 0), message = {.type = ITSM_VALUE_NULL}, path = message;
	struct itsm_finding finding = {.rule = desk_policy_name(findings->arena, rule), .severity = rule->severity,
		.remedy = rule->remedy, .message = rule->message ? rule->message : rule->help ? rule->help : rule->name};
	struct itsm_hit hit;
	int status = ITSM_ENOTFOUND;

	if (itsm_query_column_count(query) > 1)
		message = itsm_query_value(query, 1);
	if (itsm_query_column_count(query) > 2)
		path = itsm_query_value(query, 2);
	if (message.type != ITSM_VALUE_NULL && message.text)
		finding.message = itsm_arena_strdup(findings->arena, message.text);
	if (id.type != ITSM_VALUE_NULL && id.text) {
		finding.record = itsm_arena_strdup(findings->arena, id.text);
		if (only && strcmp(only, finding.record) != 0)
			return 0;
		status = itsm_index_find(index, findings->arena, finding.record, NULL, &hit, NULL);
	} else if (only) {
		return 0;
	}
	(void)err;
	if (status == 0 && !is_of(rule, &hit))
		return 0;
	finding.path = status == 0 ? hit.path : rule->origin;
	finding.line = status == 0 ? 1 : rule->line;
	if (status != 0 && path.type != ITSM_VALUE_NULL && path.text) {
		finding.path = itsm_arena_strdup(findings->arena, path.text);
		finding.line = 1;
	}
	itsm_findings_add(findings, &finding);
	return 0;
}

static int run_find(struct itsm_index *index, const struct itsm_rule *rule, const char *only, struct itsm_findings *findings,
	struct itsm_error *err)
{
	struct itsm_query *query;
	size_t rows = 0;
	int status = itsm_query_open(index, rule->find, NULL, 0, &query, err);

	if (status != 0)
		return status;
	while (status == 0 && (status = itsm_query_next(query, err)) == 1) {
		if (rows++ == FOUND_MAX)
			status = itsm_error_set(err, ITSM_ELIMIT, "it finds more than %d rows; narrow it", FOUND_MAX);
		else
			status = add_found(index, rule, query, only, findings, err);
	}
	itsm_query_free(query);
	return status;
}

/* Do records of this kind fail, or make others fail? */
static bool is_of_graph(const struct itsm_kind *kind)
{
	size_t i;

	for (i = 0; kind && i < kind->field_count; i++) {
		if (kind->fields[i].impact != ITSM_IMPACT_NONE && kind->fields[i].impact != ITSM_IMPACT_ABOUT &&
		    kind->fields[i].impact != ITSM_IMPACT_OWNER)
			return true;
	}
	return false;
}

static bool is_about(const struct desk_policy *policy, const struct itsm_rule *rule, const char *const *touched)
{
	if (!touched || !rule->about)
		return true;
	for (; *touched; touched++) {
		if (itsm_list_has(rule->about, *touched) || is_of_graph(itsm_kinds_find(policy->kinds, *touched)))
			return true;
	}
	return false;
}

int desk_policy_find(struct desk_policy *policy, struct itsm_index *index, const struct itsm_record *record,
	const char *const *touched, struct itsm_findings *findings, struct itsm_error *err)
{
	const char *only = record ? desk_record_id(findings->arena, record) : NULL;
	char today[ITSM_TIME_TEXT];
	size_t i;

	desk_policy_serve(policy, index);
	itsm_time_format_utc(policy->desk->options.now, today);
	for (i = 0; i < itsm_rules_count(policy->rules); i++) {
		const struct itsm_rule *rule = itsm_rules_at(policy->rules, i);
		struct itsm_error failure = {0};
		int status;

		if (!rule->enabled || !rule->find || (rule->from && strncmp(today, rule->from, strlen("YYYY-MM-DD")) < 0))
			continue;
		if (record && rule->kinds && !itsm_list_has(rule->kinds, record->kind->name))
			continue;
		if (!is_about(policy, rule, touched))
			continue;
		status = run_find(index, rule, only, findings, &failure);
		if (desk_policy_blames_rule(status)) {
			desk_policy_broken(rule, &failure, findings);
		} else if (status != 0) {
			if (err)
				*err = failure;
			return status;
		}
	}
	return 0;
}

static void check_expression(struct itsm_index *index, const struct itsm_rule *rule, const struct itsm_kind *kind,
	const char *expression, struct itsm_findings *findings)
{
	struct itsm_error failure = {0};

	if (expression && itsm_index_compile(index, kind, expression, &failure) != 0)
		desk_policy_broken(rule, &failure, findings);
}

/* Every expression, as it would be asked. */
static void check_rule(struct desk_policy *policy, struct itsm_index *index, const struct itsm_rule *rule,
	const struct itsm_kind *kind, struct itsm_findings *findings)
{
	struct desk_demand *demands;
	size_t count = desk_policy_demands(findings->arena, rule, kind, &demands), i;

	check_expression(index, rule, kind, desk_policy_condition(findings->arena, rule, kind, policy->desk->options.now), findings);
	for (i = 0; i < count; i++)
		check_expression(index, rule, kind, demands[i].expression, findings);
	check_expression(index, rule, kind, rule->detail, findings);
	for (i = 0; i < rule->approval_count; i++)
		check_expression(index, rule, kind, rule->approvals[i].when, findings);
}

static void check_query(struct itsm_index *index, const struct itsm_rule *rule, const char *sql, struct itsm_findings *findings)
{
	struct itsm_error failure = {0};
	struct itsm_query *query = NULL;

	if (itsm_query_open(index, sql, NULL, 0, &query, &failure) != 0)
		desk_policy_broken(rule, &failure, findings);
	itsm_query_free(query);
}

static void check_risk(struct itsm_index *index, const struct itsm_risk_model *model, struct itsm_findings *findings)
{
	struct itsm_error failure = {0};
	struct itsm_finding finding = {.rule = "policy/risk", .path = model->origin, .line = model->line,
		.remedy = "correct its SQL; docs/risk.md tells the form of a risk model"};

	if (strcmp(model->origin, "built-in") == 0 || itsm_index_risk_compile(index, model, &failure) == 0)
		return;
	finding.message = itsm_arena_printf(findings->arena, "the risk model can't be asked: %s", failure.message);
	itsm_findings_add(findings, &finding);
}

void desk_policy_check_expressions(struct desk_policy *policy, struct itsm_index *index, struct itsm_findings *findings)
{
	size_t i, j;

	desk_policy_serve(policy, index);
	for (i = 0; i < itsm_risks_count(policy->risks); i++)
		check_risk(index, itsm_risks_at(policy->risks, i), findings);
	for (i = 0; i < itsm_rules_count(policy->rules); i++) {
		const struct itsm_rule *rule = itsm_rules_at(policy->rules, i);

		if (!rule->enabled || strcmp(rule->origin, "built-in") == 0)
			continue;
		if (rule->find)
			check_query(index, rule, rule->find, findings);
		if (rule->paths && rule->when)
			check_query(index, rule, itsm_arena_printf(findings->arena, "SELECT (%s\n)", rule->when), findings);
		for (j = 0; j < itsm_kinds_count(policy->kinds); j++) {
			if (itsm_rule_binds(rule, itsm_kinds_at(policy->kinds, j), NULL))
				check_rule(policy, index, rule, itsm_kinds_at(policy->kinds, j), findings);
		}
	}
}
