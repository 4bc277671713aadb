/*
 * Policy over a write: the rules, people and waivers of the commit it stands on.
 *
 * A record that enters a state has to keep all that binds it there. One that
 * stays in its state may be changed although it does not keep a rule already:
 * that is how it comes to keep it.
 */
#include <string.h>

#include "policy_change.h"

static int open_policy(struct desk_change *change, struct desk_policy **out, struct itsm_error *err)
{
	struct itsm_oid base = {{0}};
	int status = 0;

	if (!change->policy) {
		if (change->write)
			base = *itsm_write_base(change->write);
		else
			status = itsm_place_head(change->arena, &change->desk->place, &base, NULL, err);
		if (status == 0)
			status = desk_policy_open(change->desk, change->desk->kinds, &base, &base, &change->policy, err);
	}
	*out = change->policy;
	return status;
}

static bool stays(const struct desk_put *put)
{
	const struct itsm_record *before = put->old_record, *after = put->record;

	return before && after && !(before->state && after->state && strcmp(before->state, after->state) != 0);
}

int desk_policy_stay(struct desk_change *change, const struct desk_put *puts, size_t count, bool after,
	struct itsm_findings *findings, struct itsm_error *err)
{
	const struct desk_moment moment = {false, change->desk->options.now};
	struct desk_policy *policy;
	size_t i;
	int status = open_policy(change, &policy, err);

	for (i = 0; i < count && status == 0; i++) {
		const struct itsm_record *record = after ? puts[i].record : puts[i].old_record;

		if (!stays(&puts[i]))
			continue;
		if (after)
			desk_policy_unchanged(policy, puts[i].old_record, record, change->arena, findings);
		if (desk_policy_binds(policy, record->kind))
			status = desk_policy_judge(policy, change->index, record, moment, findings, err);
		if (status == 0)
			status = desk_policy_find(policy, change->index, record, NULL, findings, err);
	}
	return status;
}

int desk_change_judge(struct desk_change *change, const struct itsm_record *record, const char *from, struct itsm_error *err)
{
	const struct desk_moment moment = {true, change->desk->options.now};
	struct itsm_findings *findings = &change->outcome->findings;
	struct desk_policy *policy;
	int status = open_policy(change, &policy, err);

	if (status != 0)
		return status;
	desk_policy_serve(policy, change->index);
	if ((record->state && (status = desk_judge_guards(change->index, record->kind, record, from, findings, err)) != 0) ||
	    (status = desk_policy_judge(policy, change->index, record, moment, findings, err)) != 0)
		return status;
	return desk_policy_find(policy, change->index, record, NULL, findings, err);
}

int desk_policy_excuse(struct desk_change *change, struct itsm_error *err)
{
	struct desk_policy *policy;
	int status = open_policy(change, &policy, err);

	return status ? status : desk_policy_waive(policy, change->index, &change->outcome->findings, err);
}
