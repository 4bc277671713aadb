/*
 * Policy rules: what a desk asks of its records beyond their kinds.
 *
 * A rule is a file policy/rules/<name>.yaml; the built-in ones are compiled in,
 * and a desk's file of the same name takes the place of one.
 *
 *   name: two-for-high-risk        as findings name it: policy/two-for-high-risk
 *   help: why there is this rule
 *   severity: error                error (default) | warning | note
 *   kinds: [change]                whose records it binds
 *   states: [scheduled, implement] it binds while a record is in one of them; none = in every state
 *   from: 2026-01-01               records opened before are left alone (kinds without `opened`: by today's date)
 *   when: "self.risk = 'high'"     SQL over the record: it binds only where this is true
 *   enabled: false                 switches a built-in rule off
 *   message: needs two of the board
 *   remedy: ask them with `itsm approve`
 *
 * and what it asks, one or several of:
 *
 *   must: "self.plan IS NOT NULL"  SQL that has to be true
 *   find: "SELECT ..."             SQL over the desk; each row (id, message) is a finding
 *   require:
 *     fields: [risk]
 *     sections: [Plan]
 *     approvals:
 *       - {team: cab, count: 2}            a number | any (default) | all | "50 %" (rounded to nearest, half up)
 *       - {person: jane}
 *       - {role: service-owner}            people whose `roles` say so
 *       - {field: services.owner}          people a field leads to: `owner`, or the owner of what `services` names
 *       - {anyone: true, count: 1}         any active person
 *       each may say  when: SQL, within: 24h (after the record entered the state `since`),
 *       independent: false (own approvals count), witness: [signature, forge, commit]
 *
 * Policy is read from the base revision, never from what it judges.
 */
#ifndef ITSM_RULE_H
#define ITSM_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "itsm/finding.h"
#include "itsm/kind.h"

enum itsm_witness {
	ITSM_WITNESS_SIGNATURE = 1, /* an SSH signature by a key of the approver's at the base */
	ITSM_WITNESS_FORGE = 2,     /* a review that the forge's own record proves */
	ITSM_WITNESS_COMMIT = 4,    /* the approval's commit was made by the approver, as its author says */
};

enum itsm_candidates {
	ITSM_CANDIDATES_PERSON,
	ITSM_CANDIDATES_TEAM,
	ITSM_CANDIDATES_ROLE,
	ITSM_CANDIDATES_FIELD,
	ITSM_CANDIDATES_ANYONE,
};

enum itsm_quorum {
	ITSM_QUORUM_COUNT,   /* so many; `any` is 1 */
	ITSM_QUORUM_ALL,
	ITSM_QUORUM_PERCENT,
};

/* One line of `approvals`: who is asked, and how many of them have to agree. */
struct itsm_approval_rule {
	enum itsm_candidates candidates;
	const char *name;       /* the person, team, role or field; NULL for anyone */
	enum itsm_quorum quorum;
	int64_t number;         /* of people, or percent */
	unsigned witnesses;     /* enum itsm_witness, those that count */
	bool independent;       /* author, requester and implementer don't count */
	const char *when;       /* SQL over the record, or NULL */
	int64_t within;         /* seconds after entering `since` that it may come late; 0 = must be there before */
	const char *since;      /* a state, NULL unless `within` */
};

struct itsm_rule {
	const char *name, *help, *origin; /* origin: the file, or "built-in" */
	unsigned line;
	enum itsm_severity severity;
	const char *const *kinds;         /* NULL-terminated, as all lists here */
	const char *const *states;        /* NULL = every state */
	const char *from;                 /* a date, or NULL */
	bool enabled;
	const char *when, *must, *find;   /* SQL or NULL */
	const char *message, *remedy;
	const char *const *fields, *const *sections;
	const struct itsm_approval_rule *approvals;
	size_t approval_count;
};

#endif
