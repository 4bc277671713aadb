/* Does all that a desk's rule names exist in its kinds? */
#include <string.h>

#include "rule_set.h"

const char *itsm_rule_since(const struct itsm_kind *kind, const char *since)
{
	const struct itsm_state *state = itsm_kind_state(kind, since);

	return state ? state->stamp : NULL;
}

static int refuse(const struct itsm_rule *rule, struct itsm_error *err, const struct itsm_kind *kind, const char *what,
	const char *name)
{
	return itsm_error_set_at(err, ITSM_EDATA, rule->line, 1, "%s: the kind %s has no %s '%s'", rule->origin, kind->name,
		what, name);
}

static int verify_lists(const struct itsm_rule *rule, const struct itsm_kind *kind, struct itsm_error *err)
{
	for (size_t i = 0; rule->fields && rule->fields[i]; i++)
		if (!itsm_kind_field(kind, rule->fields[i]))
			return refuse(rule, err, kind, "field", rule->fields[i]);
	for (size_t i = 0; rule->sections && rule->sections[i]; i++)
		if (!itsm_kind_section(kind, rule->sections[i]))
			return refuse(rule, err, kind, "section", rule->sections[i]);
	return ITSM_OK;
}

static int verify_kind(const struct itsm_rule *rule, const struct itsm_kind *kind, struct itsm_error *err)
{
	if (rule->author && !itsm_kind_field(kind, rule->author))
		return refuse(rule, err, kind, "field", rule->author);
	for (size_t i = 0; i < rule->approval_count; i++) {
		const struct itsm_approval_rule *line = &rule->approvals[i];

		if (line->since && !itsm_rule_since(kind, line->since))
			return refuse(rule, err, kind, "state with a stamp", line->since);
	}
	return verify_lists(rule, kind, err);
}

/* A state that none of its kinds has would never bind. */
static int verify_states(const struct itsm_rule *rule, const struct itsm_kinds *kinds, struct itsm_error *err)
{
	for (size_t i = 0; rule->states && rule->states[i]; i++) {
		bool found = false;

		for (size_t j = 0; j < itsm_kinds_count(kinds); j++) {
			const struct itsm_kind *kind = itsm_kinds_at(kinds, j);

			if (!rule->kinds || itsm_list_has(rule->kinds, kind->name))
				found |= itsm_kind_state(kind, rule->states[i]) != NULL;
		}
		if (!found)
			return itsm_error_set_at(err, ITSM_EDATA, rule->line, 1, "%s: none of the kinds it binds has a state '%s'",
				rule->origin, rule->states[i]);
	}
	return ITSM_OK;
}

static int verify(const struct itsm_rule *rule, const struct itsm_kinds *kinds, struct itsm_error *err)
{
	int status = verify_states(rule, kinds, err);

	for (size_t i = 0; status == ITSM_OK && rule->kinds && rule->kinds[i]; i++) {
		const struct itsm_kind *kind = itsm_kinds_find(kinds, rule->kinds[i]);

		if (!kind || strcmp(kind->name, rule->kinds[i]) != 0)
			return itsm_error_set_at(err, ITSM_EDATA, rule->line, 1, "%s: there is no kind '%s'; `itsm kinds` lists them",
				rule->origin, rule->kinds[i]);
		status = verify_kind(rule, kind, err);
	}
	for (size_t i = 0; status == ITSM_OK && rule->about && rule->about[i]; i++)
		if (!itsm_kinds_find(kinds, rule->about[i]))
			return itsm_error_set_at(err, ITSM_EDATA, rule->line, 1, "%s: there is no kind '%s'; `itsm kinds` lists them",
				rule->origin, rule->about[i]);
	return status;
}

int itsm_rules_finish(const struct itsm_rules *rules, const struct itsm_kinds *kinds, struct itsm_error *err)
{
	int status = ITSM_OK;

	for (size_t i = 0; status == ITSM_OK && i < rules->count; i++)
		if (rules->items[i]->rule.enabled && strcmp(rules->items[i]->rule.origin, "built-in") != 0)
			status = verify(&rules->items[i]->rule, kinds, err);
	return status;
}
