/*
 * Steps of the workflow, deep in history: each change of state is one that the
 * kind had then, records begin where their kind begins, nothing is removed.
 * Guards are not asked again: they are SQL over a desk that is gone, and `itsm check` asked them of the proposal.
 */
#include <string.h>

#include "verify.h"

/* The state of the record at `path` in a parent; NULL where it is not, or has none. In the arena. */
static int state_in(struct verifying *verifying, struct itsm_arena *arena, const struct itsm_oid *parent,
	const char *path, const char **state)
{
	struct itsm_error absent = {0};
	struct itsm_findings ignored;
	struct itsm_record *record = NULL;
	struct itsm_entry entry;
	int status = itsm_repo_find(verifying->repo, parent, path, &entry, &absent);

	*state = NULL;
	if (status != 0) {
		if (status != ITSM_ENOTFOUND && verifying->err)
			*verifying->err = absent;
		return status == ITSM_ENOTFOUND ? 0 : status;
	}
	itsm_findings_init(&ignored, arena);
	if ((entry.mode & 0170000) == 0100000)
		status = itsm_desk_read_blob(verifying->desk, arena, verifying->epoch->kinds, path, &entry.blob,
			&record, &ignored, verifying->err);
	if (status == 0 && record)
		*state = record->state;
	return status;
}

static bool is_undo(const struct verifying *verifying)
{
	return strstr(verifying->commit.body, "Itsm-Action: undo\n") != NULL;
}

/* A merge may take the state of any parent, or go on from it. True in `fine` when one of the others allows it. */
static int another_parent_allows(
	struct verifying *verifying, const struct itsm_kind *kind, const struct itsm_trail_change *change, bool *fine)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char *state;
	int status = 0;

	*fine = false;
	for (size_t i = 1; i < verifying->commit.parent_count && status == 0 && !*fine; i++) {
		status = state_in(verifying, arena, &verifying->commit.parents[i], change->path, &state);
		*fine = state &&
			(strcmp(state, change->new_state) == 0 || itsm_kind_transition(kind, state, change->new_state));
	}
	itsm_arena_free(arena);
	return status;
}

static int judge_transition(
	struct verifying *verifying, const struct itsm_kind *kind, const struct itsm_trail_change *change)
{
	bool fine = true;
	int status = 0;

	if (strcmp(change->old_state, change->new_state) == 0)
		return 0;
	verifying->out->transitions++;
	if (itsm_kind_transition(kind, change->old_state, change->new_state))
		return 0;
	status = another_parent_allows(verifying, kind, change, &fine);
	if (status == 0 && !fine)
		verify_add(verifying, "workflow/transition", is_undo(verifying) ? ITSM_SEVERITY_WARNING : ITSM_SEVERITY_ERROR, change->path,
			"see who committed it: `git show`, `itsm log`",
			"%.10s took it from '%s' to '%s', which no %s could do then", verifying->name,
			change->old_state, change->new_state, kind->name);
	return status;
}

static int judge_beginning(
	struct verifying *verifying, const struct itsm_kind *kind, const struct itsm_trail_change *change)
{
	const struct itsm_state *state = itsm_kind_state(kind, change->new_state);
	bool fine = false;
	int status = 0;

	if (!kind->by_month || (state && state->initial) || strcmp(change->new_state, kind->states[0].name) == 0)
		return 0;
	if (verifying->commit.parent_count > 1)
		status = another_parent_allows(verifying, kind, change, &fine);
	if (status != 0 || fine)
		return status;
	if (verifying->by_import) {
		verifying->imported++;
		return 0;
	}
	verify_add(verifying, "workflow/initial", ITSM_SEVERITY_ERROR, change->path,
		"see who committed it: `git show`, `itsm log`", "%.10s made it in the state '%s'; %s begins as '%s'",
		verifying->name, change->new_state, kind->name, kind->states[0].name);
	return 0;
}

static int judge_state(
	struct verifying *verifying, const struct itsm_kind *kind, const struct itsm_trail_change *change)
{
	if (change->new_state && itsm_kind_state(kind, change->new_state))
		return change->added || !change->old_state ? judge_beginning(verifying, kind, change)
							   : judge_transition(verifying, kind, change);
	if (change->old_state || change->added)
		verify_add(verifying, "schema/state", ITSM_SEVERITY_ERROR, change->path,
			"see who committed it: `git show`, `itsm log`",
			"%.10s left it without a state of its kind, or not readable", verifying->name);
	return 0;
}

int verify_change(struct verifying *verifying, const struct itsm_trail_change *change)
{
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];

	if (!itsm_kinds_locate(verifying->epoch->kinds, change->path, &kind, id, owner))
		return 0;
	if (change->removed) {
		bool undone = is_undo(verifying);

		verify_add(verifying, "history/removed", undone ? ITSM_SEVERITY_WARNING : ITSM_SEVERITY_ERROR,
			change->path, "records are closed, cancelled or retired, not removed", "%.10s %s the record",
			verifying->name, undone ? "took back" : "removed");
		return 0;
	}
	if (strcmp(kind->name, "approval") == 0)
		return verify_approval(verifying, kind, change);
	return kind->state_count ? judge_state(verifying, kind, change) : 0;
}

void verify_commit_end(struct verifying *verifying)
{
	if (verifying->imported)
		verify_add(verifying, "workflow/initial", ITSM_SEVERITY_WARNING, NULL,
			"compare with where they came from",
			"%.10s says that it imports, and made %zu records in a later state than their kinds begin with",
			verifying->name, verifying->imported);
	verifying->imported = 0;
}
