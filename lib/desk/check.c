/* `itsm check`: the work tree as it is. A range is judged in range.c. */
#include <string.h>

#include "range.h"

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

int itsm_desk_check_at(struct itsm_desk *desk, const char *at, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_index *index;
	int status = itsm_desk_view(desk, at, &index, err);

	if (status == 0) {
		check_expressions(desk, index, findings);
		status = itsm_index_check(index, NULL, findings, err);
	}
	if (status == 0)
		itsm_findings_sort(findings);
	return status;
}

int itsm_desk_check(struct itsm_desk *desk, const char *range, struct itsm_findings *findings, struct itsm_error *err)
{
	int status;

	if (!range)
		return itsm_desk_check_at(desk, NULL, findings, err);
	status = desk_check_range(desk, range, findings, err);
	if (status == 0)
		itsm_findings_sort(findings);
	return status;
}
