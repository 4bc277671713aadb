/* `itsm risk`: the risk model of a record's kind, asked of the record. */
#include <string.h>

#include "policy.h"

static int find_model(struct itsm_desk *desk, struct itsm_index *index, const struct itsm_hit *hit,
	const struct itsm_risk_model **out, struct itsm_error *err)
{
	struct itsm_risks *risks;
	int status = desk_risks_here(desk, &risks, err);

	if (status != 0)
		return status;
	itsm_index_set_risks(index, risks);
	*out = itsm_risks_find(risks, hit->kind);
	itsm_risks_free(risks); /* the index keeps them */
	if (!*out)
		return itsm_error_set(err, ITSM_EUSAGE, "%s is %s %s, for which there is no risk model; write %s/%s.yaml", hit->id,
			desk_a(hit->kind), hit->kind, DESK_RISKS_FOLDER, hit->kind);
	return 0;
}

int itsm_desk_risk(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at,
	struct itsm_risk_told *out, struct itsm_error *err)
{
	struct itsm_risk_told told = {0};
	struct itsm_index *index;
	struct itsm_hit hit;
	int status = itsm_desk_view(desk, at, &index, err);

	if (status != 0 || (status = itsm_index_find(index, arena, id, NULL, &hit, err)) != 0 ||
	    (status = find_model(desk, index, &hit, &told.model, err)) != 0 ||
	    (status = itsm_index_risk(index, arena, told.model, hit.path, &told.found, err)) != 0)
		return status;
	itsm_risk_judge(told.model, &told.found.facts, &told.result);
	told.id = hit.id;
	told.kind = hit.kind;
	told.state = hit.state;
	told.title = hit.title;
	told.too_low = itsm_risk_level(told.model, told.found.declared) < told.result.level;
	*out = told;
	return 0;
}
