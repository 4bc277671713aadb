/*
 * `itsm move` and `itsm next`: the workflow.
 *
 * A step is judged on the record as proposed: in its new state, with the
 * fields given along and the state's time stamp. Rule names:
 *   workflow/transition        the kind has no such step
 *   workflow/when              it has, but not for this record
 *   guard/<kind>/<guard>       something that must hold to enter the state does not
 */
#include <string.h>

#include "policy_change.h"

/* "submitted, cancelled": where a record can go from a state, guards aside. */
static char *next_states(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_record *record,
	const char *from)
{
	const struct itsm_kind *kind = record->kind;
	char *names = itsm_arena_strdup(arena, "");
	size_t i;

	for (i = 0; i < kind->state_count; i++) {
		const struct itsm_transition *step = itsm_kind_transition(kind, from, kind->states[i].name);
		int truth = 1;

		if (step && (!step->when || (itsm_index_judge(index, kind, record->path, step->when, &truth, NULL) == 0 && truth == 1)))
			names = itsm_arena_printf(arena, "%s%s%s", names, *names ? ", " : "", kind->states[i].name);
	}
	return *names ? names : itsm_arena_strdup(arena, "nowhere");
}

int desk_judge_step(struct itsm_index *index, const struct itsm_kind *kind, const struct itsm_record *record,
	const char *from, struct itsm_findings *findings, struct itsm_error *err)
{
	const struct itsm_transition *transition = itsm_kind_transition(kind, from, record->state);
	int truth = 1, status = 0;

	if (!transition) {
		desk_finding(findings, record, "state", "workflow/transition",
			itsm_arena_printf(findings->arena, "from '%s' it can go to: %s", from, next_states(index, findings->arena, record, from)),
			"%s %s can't go from '%s' to '%s'", desk_a(kind->name), kind->name, from, record->state);
		return 0;
	}
	if (transition->when)
		status = itsm_index_judge(index, kind, record->path, transition->when, &truth, err);
	if (status == 0 && truth != 1)
		desk_finding(findings, record, "state", "workflow/when",
			itsm_arena_printf(findings->arena, "from '%s' it can go to: %s", from, next_states(index, findings->arena, record, from)),
			"from '%s' to '%s': %s", from, record->state, transition->because ? transition->because : "not for this record");
	return status;
}

static bool binds(const struct itsm_guard *guard, const char *from, const char *to)
{
	return itsm_list_has(guard->to, to) && (!guard->from || (from && itsm_list_has(guard->from, from)));
}

/* A guard that can't be asked holds nobody's word: it refuses. */
static void add_unasked(const struct itsm_record *record, const struct itsm_guard *guard, const char *why,
	struct itsm_findings *findings)
{
	desk_finding(findings, record, "state",
		itsm_arena_printf(findings->arena, "guard/%s/%s", record->kind->name, guard->name),
		"mend that first; `itsm check` tells where it is", "%s: the guard can't be asked: %s", record->id, why);
}

int desk_judge_guards(struct itsm_index *index, const struct itsm_kind *kind, const struct itsm_record *record,
	const char *from, struct itsm_findings *findings, struct itsm_error *err)
{
	size_t i;

	for (i = 0; i < kind->guard_count; i++) {
		const struct itsm_guard *guard = &kind->guards[i];
		struct itsm_error failure = {0};
		int truth = 1, status = 0;

		if (!binds(guard, from, record->state))
			continue;
		if (guard->when)
			status = itsm_index_judge(index, kind, record->path, guard->when, &truth, &failure);
		if (status == 0 && truth != 1)
			continue;
		if (status == 0)
			status = itsm_index_judge(index, kind, record->path, guard->must, &truth, &failure);
		if (desk_policy_blames_rule(status)) {
			add_unasked(record, guard, failure.message, findings);
			continue;
		}
		if (status != 0) {
			if (err)
				*err = failure;
			itsm_error_prefix(err, "guard '%s' of %s (%s)", guard->name, kind->name, kind->origin);
			return status;
		}
		if (truth != 1)
			desk_finding(findings, record, "state",
				itsm_arena_printf(findings->arena, "guard/%s/%s", kind->name, guard->name), guard->remedy,
				"%s: %s", record->id, guard->message);
	}
	return 0;
}

struct moving {
	struct itsm_words ids;
	const char *state;
	struct itsm_words words;
};

/* The record's text as it would be in `state`, in `put`. */
static int enter_state(struct desk_change *change, const struct itsm_record *record, const char *state,
	struct itsm_words words, struct desk_put *put, struct itsm_error *err)
{
	const struct itsm_state *target = itsm_kind_state(record->kind, state);
	struct itsm_edit *edits;
	size_t count;
	int status = desk_change_edits(change->index, change->arena, record->kind, words, &edits, &count, err);

	if (status != 0)
		return status;
	if (target->stamp) {
		char now[ITSM_TIME_TEXT];

		itsm_desk_now_text(change->desk, now);
		desk_edit_set(change->arena, &edits[count++], target->stamp, now, false);
	}
	return desk_change_edit(change, record, edits, count, state, put, err);
}

/* Guards say nothing of a step that there is not. */
static int judge_step_and_guards(struct desk_change *change, const struct itsm_record *proposed, const char *from,
	struct itsm_error *err)
{
	struct itsm_findings *findings = &change->outcome->findings;
	size_t before = findings->errors;
	int status = desk_judge_step(change->index, proposed->kind, proposed, from, findings, err);

	if (status != 0 || findings->errors > before)
		return status;
	return desk_change_judge(change, proposed, from, err);
}

static int need_state(const struct itsm_record *record, const char *state, struct itsm_error *err)
{
	struct itsm_buffer names = {0};
	size_t i;
	int status;

	if (!record->kind->state_count)
		return itsm_error_set(err, ITSM_EUSAGE, "%s %s has no states", desk_a(record->kind->name), record->kind->name);
	if (!record->state || !itsm_kind_state(record->kind, record->state))
		return itsm_error_set(err, ITSM_EDATA, "%s has no state of its kind; mend `state:` in %s with `itsm edit %s`",
			record->id, record->path, record->id);
	if (itsm_kind_state(record->kind, state))
		return 0;
	for (i = 0; i < record->kind->state_count; i++)
		itsm_buffer_printf(&names, "%s%s", i ? ", " : "", record->kind->states[i].name);
	status = itsm_error_set(err, ITSM_EUSAGE, "'%s' is no state of %s %s; there are %s", state,
		desk_a(record->kind->name), record->kind->name, names.data);
	itsm_buffer_free(&names);
	return status;
}

/* The texts of all that are to move. Of several, those that are there already stay as they are. */
static int enter_all(struct desk_change *change, const struct moving *moving, struct itsm_record **records, size_t count,
	struct desk_put *puts, struct itsm_error *err)
{
	size_t i;
	int status = 0;

	for (i = 0; i < count && status == 0; i++) {
		struct itsm_record *record = records[i];

		status = need_state(record, moving->state, err);
		if (status == 0 && strcmp(record->state, moving->state) != 0)
			status = enter_state(change, record, moving->state, moving->words, &puts[i], err);
		else if (status == 0 && moving->ids.count == 1)
			status = itsm_error_set(err, ITSM_EUSAGE, "%s is in state '%s' already; `itsm next %s` says where it can go",
				record->id, record->state, record->id);
		else if (status == 0)
			puts[i] = (struct desk_put){.old_record = record, .path = record->path, .text = record->text,
				.size = record->size};
		if (status != 0 && moving->ids.count > 1)
			itsm_error_prefix(err, "%s", record->id);
	}
	return status;
}

/* The state that all of them left, or NULL where they differ. */
static const char *common_state(const struct desk_put *puts, size_t count)
{
	const char *state = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		if (!puts[i].changed)
			continue;
		if (state && strcmp(state, puts[i].old_record->state) != 0)
			return NULL;
		state = puts[i].old_record->state;
	}
	return state;
}

static int make_move(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct moving *moving = context;
	struct itsm_record **records;
	struct desk_put *puts;
	const char *from;
	size_t count, i;
	int status;

	if ((status = desk_change_records(change, moving->ids, &records, &count, err)) != 0)
		return status;
	puts = itsm_arena_alloc(change->arena, (count + 1) * sizeof(*puts));
	if ((status = enter_all(change, moving, records, count, puts, err)) != 0 ||
	    (status = desk_change_put_all(change, puts, count, err)) != 0)
		return status;
	for (i = 0; i < count && status == 0; i++) {
		if (puts[i].record && puts[i].changed)
			status = judge_step_and_guards(change, puts[i].record, records[i]->state, err);
	}
	if (status != 0)
		return status;
	desk_change_told(change, puts, count, "move");
	from = common_state(puts, count);
	itsm_buffer_printf(&change->subject, ": move %s%s%s", from ? from : "", from ? " -> " : "to ", moving->state);
	if (from)
		desk_change_trailer(change, "Itsm-From", from);
	desk_change_trailer(change, "Itsm-To", moving->state);
	return 0;
}

int itsm_desk_move(struct itsm_desk *desk, struct itsm_words ids, const char *state, struct itsm_words words,
	const char *message, struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct moving moving = {ids, state, words};

	return desk_change_run(desk, make_move, &moving, message, outcome, err);
}

struct looking {
	struct itsm_arena *arena;
	const char *id;
	struct itsm_next *next;
};

/* Try one step and forget it. */
static int look_at_step(struct desk_change *change, const struct looking *looking, const struct itsm_record *record,
	const struct itsm_state *state, struct itsm_step *step, struct itsm_error *err)
{
	const struct itsm_transition *transition = itsm_kind_transition(record->kind, record->state, state->name);
	struct itsm_words none = {NULL, 0};
	struct desk_put put = {0};
	struct itsm_findings *findings = &change->outcome->findings;
	size_t i;
	int status;

	findings->count = findings->errors = 0;
	status = enter_state(change, record, state->name, none, &put, err);
	if (status == 0)
		status = desk_change_put_all(change, &put, 1, err);
	if (status == 0 && put.record)
		status = judge_step_and_guards(change, put.record, record->state, err);
	if (status == 0 && findings->errors)
		status = desk_policy_excuse(change, err);
	itsm_index_settle(change->index, NULL, NULL);
	if (status != 0)
		return status;
	step->state = itsm_arena_strdup(looking->arena, state->name);
	step->help = transition->help ? transition->help : state->help;
	step->allowed = findings->errors == 0;
	itsm_findings_init(&step->missing, looking->arena);
	for (i = 0; i < findings->count; i++)
		itsm_findings_add(&step->missing, &findings->items[i]);
	return 0;
}

static int make_look(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct looking *looking = context;
	struct itsm_next *next = looking->next;
	struct itsm_record *record;
	size_t i;
	int status;

	if ((status = desk_change_record(change, looking->id, &record, err)) != 0 ||
	    (status = need_state(record, record->state ? record->state : "", err)) != 0)
		return status;
	next->id = itsm_arena_strdup(looking->arena, record->id);
	next->kind = record->kind->name;
	next->state = itsm_arena_strdup(looking->arena, record->state);
	next->title = itsm_arena_strdup(looking->arena, record->title);
	next->steps = itsm_arena_alloc(looking->arena, (record->kind->state_count + 1) * sizeof(*next->steps));
	next->count = 0;
	for (i = 0; i < record->kind->state_count && status == 0; i++) {
		if (itsm_kind_transition(record->kind, record->state, record->kind->states[i].name))
			status = look_at_step(change, looking, record, &record->kind->states[i], &next->steps[next->count++], err);
	}
	return status;
}

int itsm_desk_next(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, struct itsm_next *out,
	struct itsm_error *err)
{
	struct looking looking = {arena, id, out};
	struct itsm_outcome outcome;

	itsm_outcome_init(&outcome, arena);
	return desk_change_look(desk, make_look, &looking, &outcome, err);
}
