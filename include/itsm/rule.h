/*
 * Policy rules: what a desk asks of its records beyond their kinds.
 *
 * A rule is a file policy/rules/<name>.yaml or <name>.sql; the built-in ones (lib/model/rules/)
 * are compiled in, and a desk's file of the same name takes the place of one.
 *
 *   name: two-for-high-risk        as findings name it: policy/two-for-high-risk
 *   help: why there is this rule
 *   severity: error                error (default) | warning | note
 *   kinds: [change]                whose records it binds; none = every kind
 *   states: [scheduled, implement] it binds while a record is in one of them; none = in every state
 *   paths: [policy/, people/]      instead of kinds: it binds proposals that touch these files or folders
 *   from: 2026-01-01               records opened before are left alone (kinds without `opened`: by today's date)
 *   when: "self.risk = 'high'"     SQL over the record: it binds only where this is true (with `paths`: SQL over the base)
 *   enabled: false                 switches a built-in rule off; then nothing else is needed
 *   message: needs two of the board
 *   detail: "class_lacks('required')"   SQL, with `must`: words that are put behind the message
 *   remedy: ask them with `itsm approve`
 *
 * and what it asks, one or several of:
 *
 *   must: "self.plan IS NOT NULL"  SQL that has to be true; NULL is not
 *   find: "SELECT ..."             SQL over the desk; each row (id, message) is a finding, but for records of other
 *                                  kinds and states than the rule binds
 *   about: [change, item]          what `find` asks about: a proposal is asked only when it touches a record of these kinds, or
 *                                  of one whose fields say what fails with what
 *   require:
 *     fields: [risk]
 *     sections: [Plan]
 *     approvals:
 *       - {team: cab, count: 2}            a number | any (default) | all | "50 %" (rounded to nearest, half up)
 *       - {person: jane}
 *       - {role: service-owner}            people whose `roles` say so
 *       - {field: services.owner}          people a field leads to: `owner`, or the owner of what `services` names
 *       - {anyone: true, count: 1}         any active person
 *       each may say  when: SQL, since: STATE (on entering it, only what was given before counts),
 *       within: 24h (it may come so much later than `since`; silent until then, a warning when it came later),
 *       independent: false (own approvals count), witness: [signature, forge, commit] (default: each of them will do)
 *     change: [scheduled, implement]       with `paths`: a change in one of these states that the commits name
 *                                          (`Change: CHG-...`), and that has the approvals
 *   of the history of a proposal, commit by commit:
 *     recorded: 15m                        times that are set by the tool (stamps, defaults `now`) lie that near to their commit
 *     author: by                           who commits a record is the person its field `by` names, or that person signed it
 *     unchanged: always                    always | closed: files of these kinds stay as they are, always or once the record is closed;
 *     except: [caused]                     but for these fields, lists of references beyond the approved content, and further parts
 *
 * A rule that finds may be a file of SQL: comment lines (`-- name: ...`) that are its YAML, from the first
 * line on, then the query in the place of `find`.
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

enum itsm_unchanged {
	ITSM_UNCHANGED_NOT_ASKED,
	ITSM_UNCHANGED_ALWAYS,
	ITSM_UNCHANGED_CLOSED,
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
	const char *since;      /* a state (of those that stamp a time), or NULL: only approvals given by then count */
	int64_t within;         /* seconds after entering `since` that it may come late; 0 = must be there before */
};

/* Lists are NULL-terminated; NULL = not given. */
struct itsm_rule {
	const char *name, *help, *origin; /* origin: the file, or "built-in" */
	unsigned line;
	enum itsm_severity severity;
	const char *const *kinds;         /* NULL = every kind */
	const char *const *states;        /* NULL = every state */
	const char *const *paths;         /* of proposals; then kinds and states are NULL */
	const char *from;                 /* a date, or NULL */
	bool enabled;
	const char *when, *must, *find;   /* SQL or NULL */
	const char *const *about;         /* kinds, with `find`; NULL = any */
	const char *message, *detail, *remedy; /* detail: SQL or NULL */
	const char *const *fields, *const *sections;
	const struct itsm_approval_rule *approvals;
	size_t approval_count;
	const char *const *change;        /* states */
	int64_t recorded;                 /* seconds, 0 = not asked */
	const char *author;               /* a field, or NULL */
	enum itsm_unchanged unchanged;
	const char *const *except;
};

struct itsm_rules;

/* The compiled-in rules. The set owns an arena of its own. */
ITSM_API int itsm_rules_new(struct itsm_rules **out, struct itsm_error *err);
ITSM_API void itsm_rules_free(struct itsm_rules *rules);
/*
 * Add one from a desk's file policy/rules/<name>.yaml or .sql; it takes the place of the built-in
 * one of its name. ITSM_EDATA with line and column; the set is as before then.
 */
ITSM_API int itsm_rules_add(struct itsm_rules *rules, const char *path, const char *text, size_t size,
	struct itsm_error *err);
/*
 * After the last itsm_rules_add: kinds, states, fields and sections that a desk's
 * rule names must exist (ITSM_EDATA, at the rule). Built-in rules bind what there is of them.
 */
ITSM_API int itsm_rules_finish(const struct itsm_rules *rules, const struct itsm_kinds *kinds, struct itsm_error *err);
/* Sorted by name, those that are not enabled too. */
ITSM_API size_t itsm_rules_count(const struct itsm_rules *rules);
ITSM_API const struct itsm_rule *itsm_rules_at(const struct itsm_rules *rules, size_t position);
/* By name; NULL when there is none. */
ITSM_API const struct itsm_rule *itsm_rules_find(const struct itsm_rules *rules, const char *name);
/* The text of a rule's file as it was given. Borrowed. */
ITSM_API const char *itsm_rules_source(const struct itsm_rule *rule);
/* Does it bind records of this kind (enabled, not by paths), in this state (NULL = whatever state)? */
ITSM_API bool itsm_rule_binds(const struct itsm_rule *rule, const struct itsm_kind *kind, const char *state);
/* The time field that the state `since` stamps on entering; NULL when there is none. */
ITSM_API const char *itsm_rule_since(const struct itsm_kind *kind, const char *since);

#endif
