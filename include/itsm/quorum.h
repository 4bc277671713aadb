/*
 * Have enough of those who are asked agreed? Pure: people, decisions and
 * requirements in, a verdict out.
 *
 *  - Those asked who are not active, and where independence is asked for those
 *    whose own change it is, are taken off the list first. What is left is who
 *    is possible. `all` is all of them, n % of them is rounded to the nearest
 *    whole, half up, and is one at least.
 *  - Somebody asked by two requirements decides once; it counts for both.
 *  - A delegate's decision counts for whoever delegated, where the delegation
 *    held at both its times (said and recorded). It does not count when the
 *    change is the delegate's own, and delegations are not handed on.
 *  - Within a requirement for so many, or a percentage, nobody counts twice, as
 *    themselves and as a delegate, and no place is filled twice. For `all`, a
 *    delegate who is asked as well fills both places.
 *  - More needed than possible, nobody at all included, is never met.
 *  - A rejection by one who is asked, or their delegate, keeps the requirement
 *    from being met, whatever proves it, until the same person decides
 *    otherwise later with a witness that the requirement takes.
 */
#ifndef ITSM_QUORUM_H
#define ITSM_QUORUM_H

#include "itsm/rule.h"

/* Somebody who is asked, or who decided. */
struct itsm_quorum_person {
	const char *id;
	bool active;
	bool own;                /* author, requester or implementer of what is decided on */
};

/* `from` lets `to` decide for them from `begin` to before `end` (seconds since 1970). */
struct itsm_quorum_delegation {
	const char *from, *to;
	int64_t begin, end;
	const char *const *roles; /* only where one of these roles is asked, NULL-terminated; NULL = for all */
};

enum itsm_decision {
	ITSM_DECISION_APPROVE,
	ITSM_DECISION_REJECT,
};

/* A decision that holds: about today's content (an approval), and proven by `witnesses`. */
struct itsm_quorum_vote {
	const char *person;
	enum itsm_decision decision;
	unsigned witnesses;      /* enum itsm_witness, those that hold */
	const char *role;        /* in whose name it was given: of roles and teams, it counts for this one alone; NULL = for all */
	int64_t at, committed;   /* seconds since 1970: when it says it was given, when it was recorded */
};

struct itsm_quorum_ask {
	const struct itsm_approval_rule *rule;
	const char *const *asked; /* IDs of people, each once, NULL-terminated */
	int64_t due;             /* seconds since 1970 after which an approval is late; 0 = never */
};

struct itsm_quorum_input {
	const struct itsm_quorum_person *people; size_t person_count; /* all who are named below */
	const struct itsm_quorum_delegation *delegations; size_t delegation_count;
	const struct itsm_quorum_vote *votes; size_t vote_count;
};

enum itsm_quorum_place {
	ITSM_PLACE_WAITING,      /* has not decided */
	ITSM_PLACE_APPROVED,
	ITSM_PLACE_REJECTED,
	ITSM_PLACE_OWN,          /* can't count: their own change */
	ITSM_PLACE_INACTIVE,     /* can't count: not active */
};

struct itsm_quorum_answer {
	const char *person;
	enum itsm_quorum_place place;
	const char *by;          /* whose decision it is: the person, or a delegate; NULL while waiting */
	bool late;
};

struct itsm_quorum_result {
	int64_t needed;          /* approvals */
	int64_t have;
	int64_t possible;        /* people who could give one */
	bool met;
	bool never;              /* it cannot be met: needed > possible */
	bool late;               /* met, but not by `due` */
	struct itsm_quorum_answer *answers; /* one per asked, in their order, in the arena */
	size_t answer_count;
};

ITSM_API void itsm_quorum_judge(struct itsm_arena *arena, const struct itsm_quorum_input *input,
	const struct itsm_quorum_ask *ask, struct itsm_quorum_result *out);

/* How many of `possible` people are needed; 0 where nobody is possible. */
ITSM_API int64_t itsm_quorum_needed(enum itsm_quorum quorum, int64_t number, int64_t possible);

#endif
