/* `itsm check`: the work tree as it is. A range is judged in range.c. */
#include <string.h>

#include "intake.h"
#include "oncall.h"
#include "policy.h"
#include "range.h"
#include "standing.h"

/* Every expression of the desk's own kinds must compile, or a guard would fail only when somebody needs it. */
static void check_expressions(struct itsm_desk *desk, struct itsm_index *index, struct itsm_findings *findings)
{
	size_t i, j;

	for (i = 0; i < itsm_kinds_count(desk->kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(desk->kinds, i);

		if (strcmp(kind->origin, "built-in") == 0)
			continue;
		for (j = 0; j < kind->guard_count; j++) {
			desk_check_expression(index, kind, kind->guards[j].when, findings);
			desk_check_expression(index, kind, kind->guards[j].must, findings);
		}
		for (j = 0; j < kind->field_count; j++) {
			desk_check_expression(index, kind, kind->fields[j].default_from, findings);
			desk_check_expression(index, kind, kind->fields[j].computed, findings);
		}
		desk_check_expression(index, kind, kind->hidden_when, findings);
		for (j = 0; j < kind->check_count; j++)
			desk_check_expression(index, kind, kind->checks[j].must, findings);
		for (j = 0; j < kind->transition_count; j++)
			desk_check_expression(index, kind, kind->transitions[j].when, findings);
	}
}

/* A section that filled('...') names and the kind does not have, in the arena, or NULL. */
static const char *unknown_section(struct itsm_arena *arena, const struct itsm_kind *kind, const char *expression)
{
	const char *call = expression;

	while ((call = strstr(call, "filled('")) != NULL) {
		char *name;

		call += strlen("filled('");
		name = itsm_arena_strndup(arena, call, strcspn(call, "'"));
		if (!itsm_kind_section(kind, name))
			return name;
	}
	return NULL;
}

void desk_check_expression(struct itsm_index *index, const struct itsm_kind *kind, const char *expression,
	struct itsm_findings *findings)
{
	const char *section;
	struct itsm_error err = {0};
	struct itsm_finding finding = {.rule = "policy/kind", .path = kind->origin,
		.remedy = "correct the SQL; `itsm schema KIND` lists the fields; a dot in a name is an underscore in SQL"};

	if (expression && (section = unknown_section(findings->arena, kind, expression)) != NULL) {
		finding.message = itsm_arena_printf(findings->arena, "'%s' asks for the section '%s', which the kind has not", expression, section);
		finding.remedy = "correct its name, or declare it under `sections:`";
		itsm_findings_add(findings, &finding);
	}
	if (!expression || itsm_index_compile(index, kind, expression, &err) == 0)
		return;
	finding.message = itsm_arena_printf(findings->arena, "'%s' does not compile: %s", expression, err.message);
	itsm_findings_add(findings, &finding);
}

static int open_policy(struct itsm_desk *desk, const char *at, struct desk_policy **out, struct itsm_error *err)
{
	struct itsm_oid commit;
	int status;

	if (!at)
		return desk_policy_open_work(desk, out, err);
	if ((status = desk_resolve(desk, at, &commit, err)) != 0)
		return status;
	return desk_policy_open(desk, desk->kinds, &commit, &commit, out, err);
}

/* Rules that can't be read judge nothing: that is a finding, and the rest is checked all the same. */
static int check_policy(struct itsm_desk *desk, const char *at, struct itsm_index *index, struct itsm_findings *findings,
	struct itsm_error *err)
{
	struct itsm_error failure = {0};
	struct desk_policy *policy = NULL;
	int status = open_policy(desk, at, &policy, &failure);

	if (status == ITSM_EDATA || status == ITSM_ELIMIT) {
		desk_policy_unreadable(&failure, findings);
		return 0;
	}
	if (status != 0) {
		if (err)
			*err = failure;
		return status;
	}
	desk_policy_check_expressions(policy, index, findings);
	if ((status = desk_policy_check(policy, index, findings, err)) == 0)
		status = desk_policy_waive(policy, index, findings, err);
	desk_policy_free(policy);
	return status;
}

static bool is_same(const struct itsm_finding *a, const struct itsm_finding *b)
{
	return strcmp(a->rule, b->rule) == 0 && strcmp(a->message, b->message) == 0 && a->line == b->line && a->column == b->column &&
		strcmp(a->path ? a->path : "", b->path ? b->path : "") == 0 && strcmp(a->record ? a->record : "", b->record ? b->record : "") == 0;
}

/* In order, and what a state on the way and the end of it both lack is told once. */
static void sort_and_drop_repeated(struct itsm_findings *findings)
{
	size_t kept = 0, i;

	itsm_findings_sort(findings);
	for (i = 0; i < findings->count; i++) {
		if (kept && is_same(&findings->items[kept - 1], &findings->items[i])) {
			findings->errors -= findings->items[i].severity == ITSM_SEVERITY_ERROR;
			continue;
		}
		findings->items[kept++] = findings->items[i];
	}
	findings->count = kept;
}

int itsm_desk_check_at(struct itsm_desk *desk, const char *at, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_index *index;
	int status = itsm_desk_view(desk, at, &index, err);

	if (status == 0) {
		check_expressions(desk, index, findings);
		status = itsm_index_check(index, NULL, findings, err);
	}
	if (status == 0 && !at && (status = desk_standing_check(desk, index, findings, err)) == 0)
		status = desk_oncall_check(desk, index, findings, err);
	if (status == 0)
		status = check_policy(desk, at, index, findings, err);
	if (status == 0 && !at)
		desk_intake_check(desk, index, findings);
	if (status == 0)
		sort_and_drop_repeated(findings);
	return status;
}

int itsm_desk_check(struct itsm_desk *desk, const char *range, struct itsm_findings *findings, struct itsm_error *err)
{
	int status;

	if (!range)
		return itsm_desk_check_at(desk, NULL, findings, err);
	status = desk_check_range(desk, range, findings, err);
	if (status == 0)
		sort_and_drop_repeated(findings);
	return status;
}
