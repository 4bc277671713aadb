/*
 * Go or no-go: what would stand in the way of a release on its way to `deployed`,
 * state by state, and what its changes lack.
 */
#include <string.h>

#include "code.h"
#include "policy_change.h"
#include "release.h"

#define LIVE "deployed"

struct deciding {
	struct itsm_arena *arena;
	const char *id;
	struct itsm_release_told *told;
	struct itsm_findings *findings;
};

static bool is_told(const struct itsm_findings *findings, const struct itsm_finding *finding)
{
	size_t i;

	for (i = 0; i < findings->count; i++) {
		const struct itsm_finding *other = &findings->items[i];

		if (strcmp(other->rule, finding->rule) == 0 && strcmp(other->message, finding->message) == 0 &&
			strcmp(other->record ? other->record : "", finding->record ? finding->record : "") == 0)
			return true;
	}
	return false;
}

/* Who decides is told of the decision by itself; the changes are judged one by one. */
static bool is_ours(const char *rule)
{
	return strcmp(rule, "guard/release/go") == 0 || strcmp(rule, "guard/release/changes") == 0;
}

static void keep(struct deciding *deciding, const struct itsm_findings *found)
{
	size_t i;

	for (i = 0; i < found->count; i++) {
		if (!is_ours(found->items[i].rule) && !is_told(deciding->findings, &found->items[i]))
			itsm_findings_add(deciding->findings, &found->items[i]);
	}
}

static void add(struct deciding *deciding, const struct itsm_record *record, enum itsm_severity severity, const char *rule,
	const char *field, const char *message, const char *remedy)
{
	struct itsm_finding finding = {.rule = rule, .severity = severity, .record = record->id, .path = record->path,
		.message = message, .remedy = remedy};

	finding.line = itsm_record_line(record, field, &finding.column);
	itsm_findings_add(deciding->findings, &finding);
}

/* The release as if it had come to this state, and forget it. */
static int try_state(struct desk_change *change, struct deciding *deciding, const struct itsm_record *record, const char *state,
	const char *from, struct itsm_error *err)
{
	const struct itsm_state *target = itsm_kind_state(record->kind, state);
	struct itsm_edit *edits = itsm_arena_alloc(change->arena, 2 * sizeof(*edits));
	struct itsm_findings *findings = &change->outcome->findings;
	struct desk_put put = {0};
	char now[ITSM_TIME_TEXT];
	size_t count = 0;
	int status;

	findings->count = findings->errors = 0;
	if (target->stamp) {
		itsm_desk_now_text(change->desk, now);
		desk_edit_set(change->arena, &edits[count++], target->stamp, now, false);
	}
	status = desk_change_edit(change, record, edits, count, state, &put, err);
	if (status == 0)
		status = desk_change_put_all(change, &put, 1, err);
	if (status == 0 && put.record)
		status = desk_change_judge(change, put.record, from, err);
	if (status == 0 && findings->errors)
		status = desk_policy_excuse(change, err);
	itsm_index_settle(change->index, NULL, NULL);
	if (status == 0)
		keep(deciding, findings);
	return status;
}

static size_t place_of(const struct itsm_kind *kind, const char *state)
{
	size_t i;

	for (i = 0; i < kind->state_count && strcmp(kind->states[i].name, state) != 0; i++)
		continue;
	return i;
}

/* Every state from the one behind the present one to the live one; where it is live, that once more. */
static int judge_states(struct desk_change *change, struct deciding *deciding, const struct itsm_record *record,
	struct itsm_error *err)
{
	const struct itsm_kind *kind = record->kind;
	size_t live = place_of(kind, LIVE), at = place_of(kind, record->state ? record->state : ""), i;
	const char *from = record->state;
	int status = 0;

	if (live == kind->state_count)
		return itsm_error_set(err, ITSM_EUSAGE, "releases of this desk have no state '%s', to which it could go", LIVE);
	if (at > live && !kind->states[at < kind->state_count ? at : live].open) {
		add(deciding, record, ITSM_SEVERITY_ERROR, "release/state", "state",
			itsm_arena_printf(deciding->arena, "is %s, and goes nowhere any more", record->state ? record->state : "in no state"),
			"make a release of its own for what is to go live");
		return 0;
	}
	for (i = at < live ? at + 1 : live; i <= live && status == 0; i++) {
		if (!kind->states[i].open)
			continue;
		status = try_state(change, deciding, record, kind->states[i].name, from, err);
		from = kind->states[i].name;
	}
	return status;
}

static void judge_decision(struct deciding *deciding, const struct itsm_record *record)
{
	const char *decision = itsm_record_text(record, "go");

	if (decision && strcmp(decision, "go") != 0)
		add(deciding, record, ITSM_SEVERITY_ERROR, "release/decision", "go", "it was decided that it does not go live",
			"decide anew, and set go and go_by");
	else if (!decision || !itsm_record_text(record, "go_by"))
		add(deciding, record, ITSM_SEVERITY_NOTE, "release/decision", "go", "nobody has decided yet",
			"set go and go_by once you have");
}

static bool is_authorised(const char *state)
{
	static const char *const states[] = {"scheduled", "implement", "review", "closed", NULL};

	return state && itsm_list_has(states, state);
}

/* One change: that it is authorised, that nothing which binds it in its state is broken. */
static int judge_change(struct desk_change *change, struct deciding *deciding, const struct itsm_record *release,
	struct desk_policy *policy, struct itsm_release_change *told, struct itsm_error *err)
{
	const struct desk_moment moment = {false, change->desk->options.now};
	struct itsm_findings found;
	struct itsm_record *record;
	int status = release_find(change->desk, change->index, deciding->arena, told->id, "change", &record, NULL);

	if (status != 0 || !record) {
		add(deciding, release, ITSM_SEVERITY_ERROR, "release/change", "changes",
			itsm_arena_printf(deciding->arena, "there is no change '%s'", told->id), "correct `changes`");
		return 0;
	}
	told->title = code_line(deciding->arena, record->title, strlen(record->title));
	told->state = record->state;
	told->type = release_text(deciding->arena, record, "type");
	told->outcome = release_text(deciding->arena, record, "outcome");
	if (!is_authorised(record->state))
		add(deciding, record, ITSM_SEVERITY_ERROR, "release/change", "state",
			itsm_arena_printf(deciding->arena, "is in state '%s' and not authorised", record->state ? record->state : ""),
			itsm_arena_printf(deciding->arena, "bring it to scheduled, or take it out of %s", release->id));
	itsm_findings_init(&found, deciding->arena);
	status = desk_policy_judge(policy, change->index, record, moment, &found, err);
	if (status == 0 && found.errors)
		status = desk_policy_waive(policy, change->index, &found, err);
	told->fine = status == 0 && !found.errors && is_authorised(record->state);
	if (status == 0)
		keep(deciding, &found);
	return status;
}

static int judge_changes(struct desk_change *change, struct deciding *deciding, const struct itsm_record *release,
	struct itsm_error *err)
{
	struct itsm_release_told *told = deciding->told;
	struct desk_policy *policy;
	struct itsm_oid head;
	const char **ids;
	size_t count, i;
	int status = release_list(deciding->arena, release, "changes", &ids, &count, err);

	if (status != 0 || (status = itsm_place_head(change->arena, &change->desk->place, &head, NULL, err)) != 0 ||
	    (status = desk_policy_open(change->desk, change->desk->kinds, &head, &head, &policy, err)) != 0)
		return status;
	told->changes = itsm_arena_alloc(deciding->arena, (count + 1) * sizeof(*told->changes));
	for (i = 0; i < count && status == 0; i++) {
		told->changes[told->change_count] = (struct itsm_release_change){.id = ids[i]};
		status = judge_change(change, deciding, release, policy, &told->changes[told->change_count++], err);
	}
	desk_policy_free(policy);
	return status;
}

static int decide(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct deciding *deciding = context;
	struct release_artefact *artefacts;
	struct itsm_record *record;
	int status = desk_change_record(change, deciding->id, &record, err);

	if (status != 0 || (status = judge_states(change, deciding, record, err)) != 0 ||
	    (status = judge_changes(change, deciding, record, err)) != 0 ||
	    (status = release_artefacts(deciding->arena, record, &artefacts, &deciding->told->artefact_count, err)) != 0)
		return status;
	judge_decision(deciding, record);
	return 0;
}

/* When it is planned to begin, where that is to come. */
static int64_t moment_of(const struct itsm_desk *desk, const struct itsm_record *record)
{
	const char *planned = itsm_record_text(record, "planned.start");
	struct itsm_time start;

	if (planned && itsm_time_parse(planned, &start, NULL) == 0 && start.seconds > desk->options.now)
		return start.seconds;
	return desk->options.now;
}

int itsm_desk_release(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, bool has_at, int64_t at,
	struct itsm_release_told *out, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_release_told told = {0};
	struct deciding deciding = {arena, NULL, &told, findings};
	int64_t now = desk->options.now;
	struct itsm_outcome outcome;
	struct itsm_record *record;
	struct itsm_index *index;
	int status = release_read(desk, arena, id, NULL, &index, &record, err);

	if (status != 0)
		return status;
	deciding.id = told.id = record->id;
	told.title = code_line(arena, record->title, strlen(record->title));
	told.state = record->state ? record->state : "";
	told.version = release_text(arena, record, "version");
	told.decision = release_text(arena, record, "go");
	told.at = has_at ? at : moment_of(desk, record);
	itsm_outcome_init(&outcome, arena);
	desk->options.now = told.at;
	itsm_index_set_now(index, told.at);
	status = desk_change_look(desk, decide, &deciding, &outcome, err);
	desk->options.now = now;
	itsm_index_set_now(index, now);
	if (status != 0)
		return status;
	itsm_findings_sort(findings);
	told.go = findings->errors == 0;
	*out = told;
	return 0;
}
