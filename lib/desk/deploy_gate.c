/*
 * May this be deployed now?
 *
 * A change that is scheduled may when it could be moved to `implement` now, one
 * that is there when all that was asked of it then still holds. A release may that
 * is approved or deployed already, and of which that still holds.
 */
#include <string.h>

#include "code.h"

struct asking {
	const char *id;
	const char *from, *to; /* the step that starts it, and the state in which it goes on */
};

static bool may_go_on(const struct asking *asking, const char *state)
{
	return strcmp(state, asking->to) == 0 || strcmp(state, asking->from) == 0;
}

static int look(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct asking *asking = context;
	struct itsm_record *record;
	int status = desk_change_record(change, asking->id, &record, err);

	if (status != 0)
		return status;
	if (!record->state || !may_go_on(asking, record->state))
		desk_change_refuse(change, record, "deploy/state", "state",
			itsm_arena_printf(change->outcome->arena, "bring it to '%s' first; `itsm next %s` says what is missing", asking->from, record->id),
			"%s is in state '%s', and is deployed from '%s' on", record->id, record->state ? record->state : "", asking->from);
	else if (strcmp(record->state, asking->to) == 0)
		status = desk_judge_guards(change->index, record->kind, record, asking->from, &change->outcome->findings, err);
	return status;
}

/* What stands in the way of the step, as `itsm next` tells it. */
static int look_at_step(struct itsm_desk *desk, const struct asking *asking, struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct itsm_next next;
	size_t i, j;
	int status = itsm_desk_next(desk, outcome->arena, asking->id, &next, err);

	if (status != 0 || strcmp(next.state, asking->to) == 0)
		return status;
	for (i = 0; i < next.count; i++) {
		for (j = 0; strcmp(next.steps[i].state, asking->to) == 0 && j < next.steps[i].missing.count; j++)
			itsm_findings_add(&outcome->findings, &next.steps[i].missing.items[j]);
	}
	return 0;
}

static int ask(struct itsm_desk *desk, const struct asking *asking, struct itsm_outcome *outcome, struct itsm_error *err)
{
	int status = desk_change_look(desk, look, (void *)asking, outcome, err);

	return status || outcome->findings.errors ? status : look_at_step(desk, asking, outcome, err);
}

int deploy_ask_gate(struct itsm_desk *desk, const char *change, const char *release, bool forced,
	struct itsm_outcome *outcome, struct itsm_error *err)
{
	const struct asking for_change = {change, "scheduled", "implement"}, for_release = {release, "approved", "deployed"};
	size_t i;
	int status = 0;

	if (change)
		status = ask(desk, &for_change, outcome, err);
	if (status == 0 && release)
		status = ask(desk, &for_release, outcome, err);
	if (status != 0 || !outcome->findings.errors)
		return status;
	if (!forced)
		return itsm_error_set(err, ITSM_EREFUSED, "it may not be deployed now; nothing was written");
	for (i = 0; i < outcome->findings.count; i++)
		outcome->findings.items[i].severity = ITSM_SEVERITY_WARNING;
	outcome->findings.errors = 0;
	return 0;
}
