/*
 * Reviews as approvals of a record: the login is a person's at the base, and what
 * the record said in the commit that was reviewed is what it says now.
 */
#include <string.h>
#include <strings.h>

#include "approvals.h"

/* The digest of the record in the reviewed commit. False in `there` when it has none of it; `known` false when the commit is not here. */
static int digest_at(struct approvals_case *judged, const char *commit, char digest[ITSM_DIGEST_TEXT], bool *known, bool *there)
{
	struct itsm_approvals *approvals = judged->approvals;
	struct itsm_record *record = NULL;
	struct itsm_findings ignored;
	struct itsm_entry entry;
	struct itsm_oid oid;
	int status;

	*there = false;
	*known = itsm_repo_resolve(approvals->repo, commit, &oid, NULL) == 0;
	if (!*known || itsm_repo_find(approvals->repo, &oid, judged->record->path, &entry, NULL) != 0 || (entry.mode & 0170000) != 0100000)
		return 0;
	itsm_findings_init(&ignored, judged->arena);
	status = itsm_desk_read_blob(approvals->desk, judged->arena, approvals->kinds, judged->record->path, &entry.blob, &record, &ignored,
		judged->err);
	if (status == 0 && record) {
		itsm_digest_record(record, digest);
		*there = true;
	}
	return status;
}

static void judge_decision(struct approvals_case *judged, const struct itsm_forge_review *review, const char *digest, bool known,
	struct itsm_approval *approval)
{
	approval->witnesses = ITSM_WITNESS_FORGE;
	if (review->author && strcasecmp(review->author, review->account) == 0) {
		approval->status = ITSM_APPROVAL_OWN;
		approval->detail = "they made the proposal that they reviewed";
	} else if (strcmp(review->decision, "reject") == 0) {
		approval->status = ITSM_APPROVAL_REJECTED;
		approvals_vote(judged, approval, ITSM_DECISION_REJECT);
	} else if (!known) {
		approval->status = ITSM_APPROVAL_STALE;
		approval->detail = review->commit ? "the commit that was reviewed is not here; fetch it"
			: "the forge does not say which commit was reviewed; give the versions of the merge request too";
	} else if (strcmp(digest, judged->out->digest) != 0) {
		approval->status = ITSM_APPROVAL_STALE;
		approval->detail = "what was approved has changed since the commit that was reviewed";
	} else {
		approvals_vote(judged, approval, ITSM_DECISION_APPROVE);
	}
}

static int collect_review(struct approvals_case *judged, const struct itsm_forge_review *review)
{
	const struct roster_person *person;
	struct approvals_person *known_person;
	struct itsm_approval *approval;
	char digest[ITSM_DIGEST_TEXT] = "";
	bool known = false, there = false;
	int status = review->commit ? digest_at(judged, review->commit, digest, &known, &there) : 0;

	/* what was not in the reviewed commit was not reviewed */
	if (status != 0 || (known && !there) || strcmp(review->decision, "withdraw") == 0)
		return status;
	if ((status = roster_by_account(judged->approvals->roster, review->account, &person, judged->err)) != 0)
		return status;
	if (person && (status = approvals_find(judged, person->id, &known_person)) != 0)
		return status;
	approval = approvals_add(judged);
	approval->person = itsm_arena_strdup(judged->arena, person ? person->id : review->account);
	approval->name = person ? itsm_arena_strdup(judged->arena, person->name) : NULL;
	approval->decision = review->decision;
	approval->comment = review->comment ? itsm_arena_strdup(judged->arena, review->comment) : NULL;
	approval->at = approval->committed = review->at;
	approval->digest = there ? itsm_arena_strdup(judged->arena, digest) : NULL;
	approval->review = review->forge;
	if (!person || !person->active) {
		approval->status = person ? ITSM_APPROVAL_INACTIVE : ITSM_APPROVAL_UNKNOWN;
		approval->detail = person ? "they are not active"
			: itsm_arena_printf(judged->arena, "nobody in people/ at the base has the account %s", review->account);
		return 0;
	}
	judge_decision(judged, review, digest, known, approval);
	return 0;
}

int approvals_collect_reviews(struct approvals_case *judged)
{
	int status = 0;

	for (size_t i = 0; i < judged->approvals->review_count && status == 0; i++)
		status = collect_review(judged, &judged->approvals->reviews[i]);
	return status;
}
