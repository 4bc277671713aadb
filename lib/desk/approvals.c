/* Judging the approvals of a record: from what is there to a verdict. */
#include <stdlib.h>
#include <string.h>

#include "approvals.h"

int itsm_approvals_open(struct itsm_desk *desk, const struct itsm_kinds *kinds, const struct itsm_oid *policy,
	const struct itsm_oid *head, struct itsm_approvals **out, struct itsm_error *err)
{
	struct itsm_arena *arena;
	struct itsm_approvals *approvals;
	struct itsm_repo *repo;
	size_t i;
	int status = itsm_desk_repository(desk, &repo, err);

	if (status != 0)
		return status;
	arena = itsm_arena_new();
	approvals = itsm_arena_alloc(arena, sizeof(*approvals));
	approvals->arena = arena;
	approvals->desk = desk;
	approvals->repo = repo;
	approvals->kinds = kinds;
	approvals->policy = *policy;
	approvals->head = *head;
	approvals->roster = roster_new(desk, kinds, policy);
	for (i = 0; i < desk->review_count && status == 0; i++)
		status = itsm_approvals_add_reviews(approvals, desk->reviews[i].name, desk->reviews[i].json, desk->reviews[i].size, err);
	if (status == 0)
		*out = approvals;
	else
		itsm_approvals_free(approvals);
	return status;
}

void itsm_approvals_free(struct itsm_approvals *approvals)
{
	if (!approvals)
		return;
	roster_free(approvals->roster);
	itsm_buffer_free(&approvals->shallow);
	itsm_arena_free(approvals->arena);
}

const char *itsm_approval_status_name(enum itsm_approval_status status)
{
	static const char *const names[] = {
		[ITSM_APPROVAL_VALID] = "valid",
		[ITSM_APPROVAL_UNREADABLE] = "unreadable",
		[ITSM_APPROVAL_UNKNOWN] = "unknown person",
		[ITSM_APPROVAL_INACTIVE] = "inactive person",
		[ITSM_APPROVAL_BAD_SIGNATURE] = "bad signature",
		[ITSM_APPROVAL_WRONG_KEY] = "wrong key",
		[ITSM_APPROVAL_FOREIGN] = "not theirs",
		[ITSM_APPROVAL_WITHDRAWN] = "withdrawn",
		[ITSM_APPROVAL_REJECTED] = "rejected",
		[ITSM_APPROVAL_STALE] = "stale",
		[ITSM_APPROVAL_OWN] = "own change",
		[ITSM_APPROVAL_NOT_ENTITLED] = "not entitled",
		[ITSM_APPROVAL_UNSIGNED] = "unsigned",
	};

	return names[status];
}

static int compare_approvals(const void *a, const void *b)
{
	const struct itsm_approval *left = a, *right = b;
	int order = strcmp(left->person, right->person);

	return order ? order : (left->review != NULL) - (right->review != NULL);
}

/* Is anybody's independence asked for? */
static bool wants_authors(const struct approvals_case *judged)
{
	for (size_t i = 0; i < judged->ask_count; i++) {
		if (judged->asks[i].approval->independent)
			return true;
	}
	return judged->ask_count == 0;
}

/* "jane, bob (for carl)" of those whose place is `place`. */
static const char *list_places(struct itsm_arena *arena, const struct itsm_quorum_result *result, enum itsm_quorum_place place)
{
	struct itsm_buffer names = {0};
	const char *text;

	for (size_t i = 0; i < result->answer_count; i++) {
		const struct itsm_quorum_answer *answer = &result->answers[i];

		if (answer->place != place)
			continue;
		itsm_buffer_printf(&names, "%s%s", names.length ? ", " : "", answer->by ? answer->by : answer->person);
		if (answer->by && strcmp(answer->by, answer->person) != 0)
			itsm_buffer_printf(&names, " (for %s)", answer->person);
		if (names.length > 200) {
			itsm_buffer_puts(&names, " ...");
			break;
		}
	}
	text = itsm_arena_strdup(arena, names.data ? names.data : "");
	itsm_buffer_free(&names);
	return text;
}

/* What is missing, in words. */
static const char *tell_missing(struct itsm_arena *arena, const struct itsm_approval_answer *answer)
{
	const struct itsm_quorum_result *result = &answer->result;
	const char *rejected = list_places(arena, result, ITSM_PLACE_REJECTED);
	const char *own = list_places(arena, result, ITSM_PLACE_OWN);
	const char *waiting = list_places(arena, result, ITSM_PLACE_WAITING);

	if (*rejected)
		return itsm_arena_printf(arena, "rejected by %s", rejected);
	if (result->answer_count == 0)
		return itsm_arena_printf(arena, "nobody can give it: %s leads to nobody at the base", answer->whom);
	if (result->never && *own)
		return itsm_arena_printf(arena, "it can never be met: %lld of %lld possible, as it is the own change of %s",
			(long long)result->needed, (long long)result->possible, own);
	if (result->never)
		return itsm_arena_printf(arena, "it can never be met: %lld needed, %lld possible", (long long)result->needed,
			(long long)result->possible);
	return itsm_arena_printf(arena, "%lld of %lld; could be given by %s", (long long)result->have, (long long)result->needed,
		*waiting ? waiting : "nobody else");
}

static void judge_asks(struct approvals_case *judged)
{
	struct itsm_approval_verdict *out = judged->out;
	struct itsm_quorum_person *people = itsm_arena_alloc(judged->arena, (judged->people_count + 1) * sizeof(*people));
	struct itsm_quorum_input input = {people, judged->people_count, judged->delegations, judged->delegation_count,
		judged->votes, judged->vote_count};

	for (size_t i = 0; i < judged->people_count; i++) {
		const struct approvals_person *person = &judged->people[i];

		people[i] = (struct itsm_quorum_person){person->id, person->known && person->known->active, person->own};
	}
	out->answers = itsm_arena_alloc(judged->arena, (judged->ask_count + 1) * sizeof(*out->answers));
	out->answer_count = judged->ask_count;
	out->complete = true;
	for (size_t i = 0; i < judged->ask_count; i++) {
		struct itsm_approval_answer *answer = &out->answers[i];
		struct itsm_quorum_ask ask = {judged->asks[i].approval, judged->asked[i], judged->asks[i].due};

		answer->ask = &judged->asks[i];
		answer->whom = approvals_whom(judged->arena, ask.rule);
		itsm_quorum_judge(judged->arena, &input, &ask, &answer->result);
		if (answer->result.met)
			continue;
		answer->missing = tell_missing(judged->arena, answer);
		answer->pending = ask.due && judged->approvals->desk->options.now < ask.due;
		out->complete = false;
	}
}

static int judge(struct approvals_case *judged)
{
	struct itsm_approval_verdict *out = judged->out;
	static const char *const none[] = {NULL};
	int status = 0;

	itsm_digest_record(judged->record, out->digest);
	out->authors = none;
	if (wants_authors(judged))
		status = approvals_authors(judged, &out->authors);
	if (status != 0 || (status = approvals_resolve(judged)) != 0 || (status = approvals_collect(judged)) != 0 ||
	    (status = approvals_collect_reviews(judged)) != 0)
		return status;
	judge_asks(judged);
	for (size_t i = 0; i < out->approval_count; i++)
		approvals_settle(judged, &out->approvals[i]);
	if (out->approval_count)
		qsort(out->approvals, out->approval_count, sizeof(*out->approvals), compare_approvals);
	return 0;
}

int itsm_approvals_judge(struct itsm_approvals *approvals, struct itsm_arena *arena, const struct itsm_record *record,
	const struct itsm_approval_ask *asks, size_t count, struct itsm_approval_verdict *out, struct itsm_error *err)
{
	struct approvals_case judged = {.approvals = approvals, .arena = arena, .record = record, .asks = asks, .ask_count = count,
		.out = out, .err = err};

	memset(out, 0, sizeof(*out));
	return judge(&judged);
}
