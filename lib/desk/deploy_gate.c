/* May this be deployed now? What `itsm gate` answers, before a deployment is recorded. */
#include "code.h"
#include "itsm/gate.h"

int deploy_ask_gate(struct itsm_desk *desk, const char *change, const char *release, bool forced,
	struct itsm_outcome *outcome, struct itsm_error *err)
{
	const struct itsm_gate gate = {.changes = {&change, change != NULL}, .releases = {&release, release != NULL}};
	struct itsm_gate_answer *answers;
	size_t count, i;
	int status = itsm_desk_gate(desk, outcome->arena, &gate, &answers, &count, &outcome->findings, err);

	if (status != 0 || !outcome->findings.errors)
		return status;
	if (!forced)
		return itsm_error_set(err, ITSM_EREFUSED, "it may not be deployed now; nothing was written");
	for (i = 0; i < outcome->findings.count; i++) {
		if (outcome->findings.items[i].severity == ITSM_SEVERITY_ERROR)
			outcome->findings.items[i].severity = ITSM_SEVERITY_WARNING;
	}
	outcome->findings.errors = 0;
	return 0;
}
