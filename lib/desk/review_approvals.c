/* What the records of a proposal lack of approvals, in the state they are in and in those to come. */
#include <string.h>

#include "policy.h"
#include "review.h"

static bool is_over(const struct itsm_kind *kind, const char *name)
{
	const struct itsm_state *state = name ? itsm_kind_state(kind, name) : NULL;

	return state && !state->open;
}

static int look(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_kind *kind, const char *base,
	struct itsm_review_record *record, struct itsm_error *err)
{
	struct itsm_approvals_shown shown;
	struct itsm_error failure = {0};
	int status = itsm_desk_approvals(desk, arena, record->id, base, &shown, &failure);
	size_t i;

	if (status == ITSM_ENOTFOUND || status == ITSM_EDATA)
		return 0; /* it is taken away, or can't be read: findings tell */
	if (status != 0) {
		if (err)
			*err = failure;
		return status;
	}
	if (is_over(kind, shown.state))
		return 0;
	record->missing = itsm_arena_alloc(arena, (shown.verdict.answer_count + 1) * sizeof(*record->missing));
	for (i = 0; i < shown.verdict.answer_count; i++) {
		const struct itsm_approval_answer *answer = &shown.verdict.answers[i];

		if (!answer->result.met)
			record->missing[record->missing_count++] =
				(struct itsm_review_missing){answer->whom, answer->missing, shown.states[i]};
	}
	return 0;
}

int review_approvals(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_kinds *kinds,
	const struct itsm_oid *head, struct itsm_review *review, struct itsm_error *err)
{
	struct desk_policy *policy = NULL;
	struct itsm_oid commit, here;
	struct itsm_repo *repo;
	size_t looked = 0, i;
	int status = itsm_place_head(arena, &desk->place, &here, NULL, err);

	if (status != 0 || !itsm_oid_equal(&here, head))
		return status;
	if ((status = itsm_desk_repository(desk, &repo, err)) != 0 ||
	    (status = itsm_repo_resolve(repo, review->base, &commit, err)) != 0)
		return status;
	if (desk_policy_open(desk, kinds, &commit, head, &policy, NULL) != 0)
		return 0; /* a finding tells of rules that can't be read */
	for (i = 0; i < review->count && status == 0 && looked < ITSM_REVIEW_APPROVALS; i++) {
		struct itsm_review_record *record = &review->records[i];
		const struct itsm_kind *kind = itsm_kinds_find(kinds, record->kind);

		if (!kind || !desk_policy_wants_approvals(policy, kind) || (record->change && strcmp(record->change, "removed") == 0))
			continue;
		looked++;
		status = look(desk, arena, kind, review->base, record, err);
	}
	desk_policy_free(policy);
	return status;
}
