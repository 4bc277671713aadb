/* Items that a reconciliation found changed, and the changes that were about them. */
#include <string.h>

#include "deployments.h"

#define DAY 86400
#define LOOK_BACK (30 * DAY)

struct drift {
	const char *item, *commit, *fields;
	int64_t at, before;     /* before: the reconciliation of the item before this one, or 0 */
};

struct drifts {
	struct drift *items;
	size_t count, capacity;
};

static int take_drift(struct deployments_audit *audit, const struct itsm_query *query, void *context)
{
	struct drifts *drifts = context;

	itsm_arena_grow(audit->arena, &drifts->items, &drifts->capacity, drifts->count, sizeof(*drifts->items));
	drifts->items[drifts->count++] = (struct drift){.item = deployments_text(audit, query, 0), .commit = deployments_text(audit, query, 1),
		.at = deployments_time(query, 2, 0), .fields = deployments_text(audit, query, 3)};
	return 0;
}

static int take_stands(struct deployments_audit *audit, const struct itsm_query *query, void *context)
{
	struct drift *drift = context;
	const char *id = itsm_query_value(query, 0).text;
	const struct deployments_change *change = id ? deployments_find(audit, id) : NULL;
	int64_t since = drift->before ? drift->before : drift->at - LOOK_BACK;

	/* its time and the time in which the item changed have a moment in common */
	if (change && change->from <= drift->at && since <= change->to && change->from <= change->to)
		drift->fields = NULL;
	return 0;
}

static int judge(struct deployments_audit *audit, const struct drifts *drifts, size_t at)
{
	struct drift drift = drifts->items[at];
	struct itsm_unauthorised *found;
	struct itsm_hit hit;
	const char *key;
	size_t i;
	int status;

	for (i = 0; i < at; i++) {
		if (strcmp(drifts->items[i].item, drift.item) == 0)
			drift.before = drifts->items[i].at;
	}
	if (drift.at < audit->request->from || drift.at >= audit->request->to)
		return 0;
	status = deployments_each(audit, "SELECT c.id FROM change AS c, json_each(c.items) AS v WHERE v.value = ?1", drift.item, NULL,
		take_stands, &drift);
	if (status != 0 || !drift.fields)
		return status;
	if (itsm_index_find(audit->index, audit->arena, drift.item, "item", &hit, NULL) != 0)
		return 0; /* it is not there any more */
	key = itsm_arena_printf(audit->arena, "%s@%.12s", drift.item, drift.commit);
	deployments_add(audit, "audit/item", key, hit.id, hit.path, itsm_arena_printf(audit->arena,
		"was found changed (%s), and no approved change was about it", drift.fields));
	found = deployments_remember(audit, key, itsm_arena_printf(audit->arena, "%s was found changed: %s", hit.id, drift.fields), drift.at);
	found->item = hit.id;
	return 0;
}

int deployments_judge_items(struct deployments_audit *audit)
{
	struct drifts drifts = {0};
	char to[ITSM_TIME_TEXT];
	size_t i;
	int status;

	itsm_time_format_utc(audit->request->to, to);
	status = deployments_each(audit, "SELECT e.id, e.commit_id, min(e.at), group_concat(DISTINCT e.field) FROM change_event AS e"
		" JOIN commit_log AS l ON l.commit_id = e.commit_id WHERE e.kind = 'item' AND e.at < ?1 AND e.change <> 'removed'"
		" AND e.field NOT IN ('discovered', 'discovered_by', 'audited', 'aliases')"
		" AND instr(char(10) || l.body, char(10) || 'Itsm-Action: reconcile') > 0"
		" GROUP BY e.id, e.commit_id ORDER BY 3, 1", to, NULL, take_drift, &drifts);
	for (i = 0; i < drifts.count && status == 0; i++)
		status = judge(audit, &drifts, i);
	return status;
}
