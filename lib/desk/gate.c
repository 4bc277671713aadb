/* `itsm gate`: one change, and all that are asked for. */
#include <string.h>

#include "gate.h"
#include "policy_change.h"

static void add(struct itsm_findings *findings, const struct itsm_hit *hit, const char *rule, const char *message, const char *remedy)
{
	struct itsm_finding finding = {.rule = rule, .severity = ITSM_SEVERITY_ERROR, .record = hit->id, .path = hit->path, .line = 1,
		.message = message, .remedy = remedy};

	itsm_findings_add(findings, &finding);
}

/* What may be deployed: the kind, the state from which on, the one in which it is, and what is done there. */
struct gate_sort {
	const char *kind, *before, *state, *done;
};

struct standing {
	const char *id;
	struct itsm_findings *why;
};

static int stand(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct standing *standing = context;
	struct itsm_outcome *outcome = change->outcome;
	struct itsm_record *record;
	size_t i;
	int status = desk_change_record(change, standing->id, &record, err);

	if (status == 0)
		status = desk_change_judge(change, record, record->state, err);
	if (status == 0)
		status = desk_policy_excuse(change, err);
	for (i = 0; status == 0 && i < outcome->findings.count; i++)
		itsm_findings_add(standing->why, &outcome->findings.items[i]);
	return status;
}

int gate_standing(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, struct itsm_findings *why,
	struct itsm_error *err)
{
	struct standing standing = {id, why};
	struct itsm_outcome outcome;

	itsm_outcome_init(&outcome, arena);
	return desk_change_look(desk, stand, &standing, &outcome, err);
}

static int judge_step(struct gating *gating, const struct gate_sort *sort, const struct itsm_hit *hit, struct itsm_findings *why)
{
	struct itsm_next next;
	size_t i, j;
	int status = itsm_desk_next(gating->desk, gating->arena, hit->id, &next, gating->err);

	if (status != 0)
		return status;
	for (i = 0; i < next.count; i++) {
		if (strcmp(next.steps[i].state, sort->state) != 0)
			continue;
		for (j = 0; j < next.steps[i].missing.count; j++)
			itsm_findings_add(why, &next.steps[i].missing.items[j]);
		return 0;
	}
	add(why, hit, "gate/state", itsm_arena_printf(gating->arena, "%s is in state '%s', from where nothing is %s", hit->id,
		hit->state ? hit->state : "", sort->done), itsm_arena_printf(gating->arena, "have it %s; `itsm next %s` tells the way",
		sort->before, hit->id));
	return 0;
}

static void remember(struct gating *gating, const struct itsm_hit *hit, bool allowed)
{
	itsm_arena_grow(gating->arena, &gating->answers, &gating->capacity, gating->count, sizeof(*gating->answers));
	gating->answers[gating->count++] = (struct itsm_gate_answer){hit->id, hit->title, hit->state, allowed};
}

static const struct gate_sort change_sort = {"change", "scheduled", "implement", "carried out"};
static const struct gate_sort release_sort = {"release", "approved", "deployed", "deployed"};

static int judge(struct gating *gating, const struct gate_sort *sort, const char *id, struct itsm_findings *why, bool *allowed)
{
	struct itsm_hit hit;
	size_t errors = why->errors, i;
	int status = itsm_index_use(gating->index, ITSM_SNAPSHOT_HEAD, gating->err);

	if (status == 0)
		status = itsm_index_find(gating->index, gating->arena, id, sort->kind, &hit, gating->err);
	if (status != 0)
		return status;
	for (i = 0; i < gating->count; i++) {
		if (strcmp(gating->answers[i].id, hit.id) == 0) {
			*allowed = gating->answers[i].allowed;
			return 0;
		}
	}
	status = hit.state && strcmp(hit.state, sort->state) == 0 ? gate_standing(gating->desk, gating->arena, hit.id, why, gating->err)
		: judge_step(gating, sort, &hit, why);
	if (status != 0)
		return status;
	*allowed = why->errors == errors;
	remember(gating, &hit, *allowed);
	return 0;
}

int gate_change(struct gating *gating, const char *id, struct itsm_findings *why, bool *allowed)
{
	return judge(gating, &change_sort, id, why, allowed);
}

static int ask_all(struct gating *gating, const struct itsm_gate *gate)
{
	bool allowed;
	size_t i;
	int status = 0;

	for (i = 0; i < gate->changes.count && status == 0; i++)
		status = gate_change(gating, gate->changes.items[i], gating->findings, &allowed);
	for (i = 0; i < gate->releases.count && status == 0; i++)
		status = judge(gating, &release_sort, gate->releases.items[i], gating->findings, &allowed);
	for (i = 0; i < gate->commits.count && status == 0; i++)
		status = gate_commits(gating, gate->commits.items[i]);
	for (i = 0; i < gate->items.count && status == 0; i++)
		status = gate_item(gating, gate->items.items[i]);
	return status;
}

int itsm_desk_gate(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_gate *gate,
	struct itsm_gate_answer **answers, size_t *count, struct itsm_findings *findings, struct itsm_error *err)
{
	struct gating gating = {.desk = desk, .arena = arena, .findings = findings, .err = err};
	int64_t now = desk->options.now;
	struct itsm_oid head;
	int status;

	if (!gate->changes.count && !gate->releases.count && !gate->commits.count && !gate->items.count)
		return itsm_error_set(err, ITSM_EUSAGE, "nothing is asked for; give --change, --release, --commit or --item");
	if (gate->has_at)
		desk->options.now = gate->at;
	status = itsm_desk_view_head(desk, &gating.index, &head, err);
	if (status == 0) {
		itsm_index_set_now(gating.index, desk->options.now);
		status = ask_all(&gating, gate);
		itsm_index_set_now(gating.index, now);
	}
	desk->options.now = now;
	if (status != 0)
		return status;
	itsm_findings_sort(findings);
	*answers = gating.answers;
	*count = gating.count;
	return 0;
}
