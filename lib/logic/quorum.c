/*
 * The quorum of one requirement. `places` are those asked who are possible;
 * the approvals that may count are matched to them, so that neither is used
 * twice (augmenting paths: there are few approvals).
 */
#include <stdlib.h>
#include <string.h>

#include "itsm/quorum.h"

#define NOBODY SIZE_MAX

struct judging {
	struct itsm_arena *arena;
	const struct itsm_quorum_input *input;
	const struct itsm_quorum_ask *ask;
	struct itsm_quorum_result *out;
	const struct itsm_quorum_person **people; /* by ID */
	size_t *filled;                           /* per place, the vote that fills it */
	bool *tried;                              /* per place, in one search */
};

int64_t itsm_quorum_needed(enum itsm_quorum quorum, int64_t number, int64_t possible)
{
	int64_t needed = number;

	if (possible <= 0 && quorum != ITSM_QUORUM_COUNT)
		return 0;
	if (quorum == ITSM_QUORUM_ALL)
		return possible;
	if (quorum == ITSM_QUORUM_PERCENT)
		needed = (possible * number + 50) / 100;
	return needed < 1 ? 1 : needed;
}

static int compare_people(const void *a, const void *b)
{
	return strcmp((*(const struct itsm_quorum_person *const *)a)->id, (*(const struct itsm_quorum_person *const *)b)->id);
}

static void sort_people(struct judging *judging)
{
	size_t count = judging->input->person_count;

	judging->people = itsm_arena_alloc(judging->arena, (count + 1) * sizeof(*judging->people));
	for (size_t i = 0; i < count; i++)
		judging->people[i] = &judging->input->people[i];
	qsort(judging->people, count, sizeof(*judging->people), compare_people);
}

/* NULL for somebody nobody knows, who then counts for nothing. */
static const struct itsm_quorum_person *find_person(const struct judging *judging, const char *id)
{
	const struct itsm_quorum_person wanted = {.id = id}, *key = &wanted, **found;

	found = bsearch(&key, judging->people, judging->input->person_count, sizeof(*judging->people), compare_people);
	return found ? *found : NULL;
}

/* May this person's approval count at all? */
static bool may_count(const struct judging *judging, const char *id)
{
	const struct itsm_quorum_person *person = find_person(judging, id);

	return person && person->active && !(person->own && judging->ask->rule->independent);
}

static bool is_for_role(const struct judging *judging, const struct itsm_quorum_delegation *delegation)
{
	return !delegation->roles || (judging->ask->rule->candidates == ITSM_CANDIDATES_ROLE &&
		itsm_list_has(delegation->roles, judging->ask->rule->name));
}

static bool holds(const struct itsm_quorum_delegation *delegation, int64_t moment)
{
	return moment >= delegation->begin && moment < delegation->end;
}

/* Does the vote decide for this person: theirs, or a delegate's? */
static bool decides_for(const struct judging *judging, const struct itsm_quorum_vote *vote, const char *person)
{
	if (strcmp(vote->person, person) == 0)
		return true;
	for (size_t i = 0; i < judging->input->delegation_count; i++) {
		const struct itsm_quorum_delegation *delegation = &judging->input->delegations[i];

		if (strcmp(delegation->from, person) == 0 && strcmp(delegation->to, vote->person) == 0 &&
		    holds(delegation, vote->at) && holds(delegation, vote->committed) && is_for_role(judging, delegation))
			return true;
	}
	return false;
}

/* Is it proven in a way that the rule takes, and given in the role that it asks? */
static bool is_taken(const struct judging *judging, const struct itsm_quorum_vote *vote)
{
	const struct itsm_approval_rule *rule = judging->ask->rule;

	if (rule->witnesses && !(vote->witnesses & rule->witnesses))
		return false;
	if (vote->role && (rule->candidates == ITSM_CANDIDATES_ROLE || rule->candidates == ITSM_CANDIDATES_TEAM))
		return rule->name && strcmp(vote->role, rule->name) == 0;
	return true;
}

/* A later decision of the same person that the rule takes replaces an earlier one. */
static bool is_replaced(const struct judging *judging, const struct itsm_quorum_vote *vote)
{
	for (size_t i = 0; i < judging->input->vote_count; i++) {
		const struct itsm_quorum_vote *other = &judging->input->votes[i];

		if (other->decision != vote->decision && strcmp(other->person, vote->person) == 0 && other->at > vote->at &&
		    (other->decision == ITSM_DECISION_REJECT || is_taken(judging, other)))
			return true;
	}
	return false;
}

static bool approves(const struct judging *judging, const struct itsm_quorum_vote *vote, bool timely)
{
	return vote->decision == ITSM_DECISION_APPROVE && is_taken(judging, vote) && may_count(judging, vote->person) &&
		!(timely && judging->ask->due && vote->at > judging->ask->due) && !is_replaced(judging, vote);
}

/* Find a place for the vote, moving others' on where that makes room. */
static bool seat(struct judging *judging, size_t number)
{
	const struct itsm_quorum_vote *votes = judging->input->votes;

	for (int own = 1; own >= 0; own--) {
		for (size_t i = 0; i < judging->out->answer_count; i++) {
			struct itsm_quorum_answer *answer = &judging->out->answers[i];

			if (answer->place != ITSM_PLACE_WAITING || judging->tried[i] ||
			    own != (strcmp(answer->person, votes[number].person) == 0) ||
			    !decides_for(judging, &votes[number], answer->person))
				continue;
			judging->tried[i] = true;
			if (judging->filled[i] != NOBODY && !seat(judging, judging->filled[i]))
				continue;
			judging->filled[i] = number;
			return true;
		}
	}
	return false;
}

/* One person, one place: a review beside a file is the same person's. */
static bool is_seated(const struct judging *judging, const char *person)
{
	for (size_t i = 0; i < judging->out->answer_count; i++) {
		if (judging->filled[i] != NOBODY && strcmp(judging->input->votes[judging->filled[i]].person, person) == 0)
			return true;
	}
	return false;
}

/* Every place that the vote decides for. */
static int64_t seat_everywhere(struct judging *judging, size_t number)
{
	int64_t seated = 0;

	for (size_t i = 0; i < judging->out->answer_count; i++) {
		const struct itsm_quorum_answer *answer = &judging->out->answers[i];

		if (answer->place == ITSM_PLACE_WAITING && judging->filled[i] == NOBODY &&
		    decides_for(judging, &judging->input->votes[number], answer->person)) {
			judging->filled[i] = number;
			seated++;
		}
	}
	return seated;
}

/* Fill places with approvals; how many were filled. */
static int64_t fill(struct judging *judging, bool timely)
{
	const struct itsm_quorum_vote *votes = judging->input->votes;
	int64_t have = 0;

	for (size_t i = 0; i < judging->out->answer_count; i++)
		judging->filled[i] = NOBODY;
	for (size_t i = 0; i < judging->input->vote_count; i++) {
		if (!approves(judging, &votes[i], timely))
			continue;
		if (judging->ask->rule->quorum == ITSM_QUORUM_ALL) {
			have += seat_everywhere(judging, i);
		} else if (!is_seated(judging, votes[i].person)) {
			memset(judging->tried, 0, judging->out->answer_count * sizeof(*judging->tried));
			have += seat(judging, i);
		}
	}
	return have;
}

/* Who is asked, and who of them is possible. */
static void list_places(struct judging *judging)
{
	struct itsm_quorum_result *out = judging->out;
	const char *const *asked = judging->ask->asked;
	size_t count = 0;

	while (asked && asked[count])
		count++;
	out->answers = itsm_arena_alloc(judging->arena, (count + 1) * sizeof(*out->answers));
	out->answer_count = count;
	judging->filled = itsm_arena_alloc(judging->arena, (count + 1) * sizeof(*judging->filled));
	judging->tried = itsm_arena_alloc(judging->arena, (count + 1) * sizeof(*judging->tried));
	for (size_t i = 0; i < count; i++) {
		const struct itsm_quorum_person *person = find_person(judging, asked[i]);

		out->answers[i].person = asked[i];
		if (!person || !person->active)
			out->answers[i].place = ITSM_PLACE_INACTIVE;
		else if (person->own && judging->ask->rule->independent)
			out->answers[i].place = ITSM_PLACE_OWN;
		else
			out->possible++;
	}
}

/* True when somebody who is asked, or decides for them, rejects. */
static bool mark_rejections(struct judging *judging)
{
	const struct itsm_quorum_input *input = judging->input;
	bool found = false;

	for (size_t v = 0; v < input->vote_count; v++) {
		const struct itsm_quorum_person *person = find_person(judging, input->votes[v].person);

		if (input->votes[v].decision != ITSM_DECISION_REJECT || !person || !person->active || is_replaced(judging, &input->votes[v]))
			continue;
		for (size_t i = 0; i < judging->out->answer_count; i++) {
			struct itsm_quorum_answer *answer = &judging->out->answers[i];

			if (answer->place == ITSM_PLACE_INACTIVE || !decides_for(judging, &input->votes[v], answer->person))
				continue;
			answer->place = ITSM_PLACE_REJECTED;
			answer->by = input->votes[v].person;
			found = true;
		}
	}
	return found;
}

static void mark_approvals(struct judging *judging)
{
	for (size_t i = 0; i < judging->out->answer_count; i++) {
		struct itsm_quorum_answer *answer = &judging->out->answers[i];
		const struct itsm_quorum_vote *vote;

		if (judging->filled[i] == NOBODY)
			continue;
		vote = &judging->input->votes[judging->filled[i]];
		answer->place = ITSM_PLACE_APPROVED;
		answer->by = vote->person;
		answer->late = judging->ask->due && vote->at > judging->ask->due;
	}
}

void itsm_quorum_judge(struct itsm_arena *arena, const struct itsm_quorum_input *input, const struct itsm_quorum_ask *ask,
	struct itsm_quorum_result *out)
{
	struct judging judging = {.arena = arena, .input = input, .ask = ask, .out = out};
	bool rejected;

	memset(out, 0, sizeof(*out));
	sort_people(&judging);
	list_places(&judging);
	out->needed = itsm_quorum_needed(ask->rule->quorum, ask->rule->number, out->possible);
	out->never = out->possible == 0 || out->needed > out->possible;
	out->have = fill(&judging, true);
	if (out->have < out->needed && ask->due) {
		out->have = fill(&judging, false);
		out->late = out->have >= out->needed;
	}
	mark_approvals(&judging);
	rejected = mark_rejections(&judging);
	out->met = !out->never && !rejected && out->have >= out->needed;
	out->late = out->late && out->met;
}
