/*
 * Rules with `find`, which look at the whole desk: a proposal answers for what it
 * brings. What such a rule finds of records that it leaves alone, and found at BASE
 * already, is not held against it.
 */
#include <string.h>

#include "range.h"

void range_touch_kind(struct judging *judging, const char *path)
{
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	size_t i;

	if (!itsm_kinds_locate(judging->kinds, path, &kind, id, owner))
		return;
	for (i = 0; i < judging->kinds_touched.count; i++) {
		if (strcmp(judging->kinds_touched.items[i], kind->name) == 0)
			return;
	}
	range_add_path(judging, &judging->kinds_touched, kind->name);
}

static bool is_touched(struct judging *judging, const struct itsm_finding *finding)
{
	size_t i;

	for (i = 0; finding->record && i < judging->owners.count; i++) {
		if (strcmp(judging->owners.items[i], finding->record) == 0)
			return true;
	}
	return finding->record && finding->path && range_walked(judging, finding->path)->touched;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

static bool is_among(const struct itsm_findings *known, const struct itsm_finding *finding)
{
	size_t i;

	for (i = 0; i < known->count; i++) {
		const struct itsm_finding *other = &known->items[i];

		if (strcmp(other->rule, finding->rule) == 0 && same_text(other->record, finding->record) &&
		    strcmp(other->message, finding->message) == 0)
			return true;
	}
	return false;
}

/* What the rules find at BASE. The index shows what is judged again afterwards. */
static int find_at_base(struct judging *judging, const char *const *touched, struct itsm_findings *out)
{
	int status = 0, shown;

	if (itsm_oid_is_zero(&judging->base))
		return 0;
	if ((status = itsm_index_load_at(judging->index, &judging->base, judging->err)) == 0 &&
	    (status = itsm_index_use(judging->index, ITSM_SNAPSHOT_AT, judging->err)) == 0)
		status = desk_policy_find(judging->policy, judging->index, NULL, touched, out, judging->err);
	shown = status == 0 ? range_show(judging) : 0;
	return status ? status : shown;
}

int range_judge_found(struct judging *judging)
{
	struct itsm_findings found, before;
	const char **touched = itsm_arena_alloc(judging->arena, (judging->kinds_touched.count + 1) * sizeof(*touched));
	bool asked = false;
	size_t i;
	int status;

	for (i = 0; i < judging->kinds_touched.count; i++)
		touched[i] = judging->kinds_touched.items[i];
	touched[i] = NULL;
	itsm_findings_init(&found, judging->arena);
	itsm_findings_init(&before, judging->arena);
	status = desk_policy_find(judging->policy, judging->index, NULL, touched, &found, judging->err);
	for (i = 0; i < found.count && status == 0; i++) {
		if (desk_policy_is_broken(&found.items[i]) || is_touched(judging, &found.items[i])) {
			itsm_findings_add(judging->findings, &found.items[i]);
			continue;
		}
		if (!asked)
			status = find_at_base(judging, touched, &before);
		asked = true;
		if (status == 0 && !is_among(&before, &found.items[i]))
			itsm_findings_add(judging->findings, &found.items[i]);
	}
	return status;
}
