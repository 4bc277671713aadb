/*
 * Policy: the rules, waivers and people of one commit, judging records.
 *
 * The commit is the base: what is proposed, or written, on top of it can't
 * change what it is judged by.
 */
#ifndef ITSM_LIB_DESK_POLICY_H
#define ITSM_LIB_DESK_POLICY_H

#include "desk.h"
#include "itsm/approval.h"
#include "itsm/class.h"
#include "itsm/risk.h"
#include "itsm/rule.h"

#define DESK_RULES_FOLDER "policy/rules"
#define DESK_RISKS_FOLDER "policy/risks"
#define DESK_CLASSES_FOLDER "policy/classes"

struct desk_waiver {
	const char *id, *rule, *expires, *path; /* expires: a date */
	const struct itsm_yaml *records, *services;
};

struct desk_policy {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	const struct itsm_kinds *kinds;      /* of the commit, borrowed */
	struct itsm_rules *rules;
	struct itsm_risks *risks;
	struct itsm_classes *classes;        /* NULL where the desk has no items */
	struct itsm_oid commit, head;        /* head: where approvals are read; zero: nothing is committed */
	struct itsm_approvals *approvals;    /* NULL until needed */
	struct desk_waiver *waivers;
	size_t waiver_count, waiver_capacity;
	bool waivers_read;
	bool gathering;                      /* only what will be asked of signatures matters */
	bool work;                           /* judges the files of the work tree */
};

/* The rules of a commit (zero: the built-in ones). Free with desk_policy_free, which takes NULL. */
int desk_policy_open(struct itsm_desk *desk, const struct itsm_kinds *kinds, const struct itsm_oid *commit,
	const struct itsm_oid *head, struct desk_policy **out, struct itsm_error *err);
/* The rules in the work tree, over the people and waivers of HEAD: for `itsm check` of the whole desk. */
int desk_policy_open_work(struct itsm_desk *desk, struct desk_policy **out, struct itsm_error *err);
void desk_policy_free(struct desk_policy *policy);
/* SQL of this index is to see the policy's risk models from now on. */
void desk_policy_serve(const struct desk_policy *policy, struct itsm_index *index);
/* The classes of items, of a commit; NULL: of the work tree, of HEAD where there is none. Free with itsm_classes_free. */
int desk_classes_at(struct itsm_desk *desk, const struct itsm_oid *commit, struct itsm_classes **out, struct itsm_error *err);
/* The same of the work tree, as an index asks for them by itself. */
int desk_classes_here(void *desk, struct itsm_classes **out, struct itsm_error *err);
/* The risk models in the work tree, in a bare repository those of HEAD; what an index asks for by itself. */
int desk_risks_here(void *desk, struct itsm_risks **out, struct itsm_error *err);

/* A moment at which a record is judged by the rules. */
struct desk_moment {
	bool entering;  /* it has just entered its state: what had to be there before is asked for */
	int64_t at;     /* seconds since 1970 */
};

/* Judge a record, as the snapshot in use shows it, by every rule that binds it in its state. */
int desk_policy_judge(struct desk_policy *policy, struct itsm_index *index, const struct itsm_record *record,
	struct desk_moment moment, struct itsm_findings *findings, struct itsm_error *err);
/* Judge every record of the snapshot in use, and the desk by the rules that find by themselves. */
int desk_policy_check(struct desk_policy *policy, struct itsm_index *index, struct itsm_findings *findings,
	struct itsm_error *err);
/*
 * The rules that find by themselves; what they find of other records than `record` (NULL = all) is left out, and
 * rules that bind other kinds only are not asked. With `touched` (names of kinds, NULL-terminated, or NULL) neither are those
 * that are about none of them.
 */
int desk_policy_find(struct desk_policy *policy, struct itsm_index *index, const struct itsm_record *record,
	const char *const *touched, struct itsm_findings *findings, struct itsm_error *err);
/* What a change of a record does to what is to stay as it is. */
void desk_policy_unchanged(const struct desk_policy *policy, const struct itsm_record *before, const struct itsm_record *after,
	struct itsm_arena *arena, struct itsm_findings *findings);
/* A finding "policy/rule" per SQL of a desk's own rule that does not compile. */
void desk_policy_check_expressions(struct desk_policy *policy, struct itsm_index *index, struct itsm_findings *findings);
/* Does any rule bind this kind? */
bool desk_policy_binds(const struct desk_policy *policy, const struct itsm_kind *kind);
/* Findings for which a waiver of the commit holds become notes; one that has expired becomes a finding. */
int desk_policy_waive(struct desk_policy *policy, struct itsm_index *index, struct itsm_findings *findings,
	struct itsm_error *err);

/* The condition under which a rule binds a record of its kind and states: `from` and `when`. NULL = always. */
const char *desk_policy_condition(struct itsm_arena *arena, const struct itsm_rule *rule, const struct itsm_kind *kind,
	int64_t now);
/* One thing that a rule asks of a record, as SQL. */
struct desk_demand {
	const char *expression;
	const char *field;      /* whose line the finding names, or NULL */
	const char *message, *remedy;
};
/* Everything but approvals that a rule asks of records of a kind. */
size_t desk_policy_demands(struct itsm_arena *arena, const struct itsm_rule *rule, const struct itsm_kind *kind,
	struct desk_demand **out);
/* "policy/<name>" */
const char *desk_policy_name(struct itsm_arena *arena, const struct itsm_rule *rule);
/* Is the rule's SQL to blame for this status, and not the index? */
bool desk_policy_blames_rule(int status);
/* Is it one of desk_policy_broken? */
bool desk_policy_is_broken(const struct itsm_finding *finding);
/* The finding, once, that a rule itself can't be asked. */
void desk_policy_broken(const struct itsm_rule *rule, const struct itsm_error *error, struct itsm_findings *findings);
struct desk_asks {
	struct itsm_arena *arena;
	struct itsm_approval_ask *items;
	size_t count, capacity;
};
/* Add what a rule's lines ask of a record's approvals. */
int desk_policy_asks(struct desk_policy *policy, struct itsm_index *index, const struct itsm_record *record,
	const struct itsm_rule *rule, struct desk_moment moment, struct desk_asks *asks, struct itsm_findings *findings,
	struct itsm_error *err);
/* Records of these paths are about to be judged: what their approvals need of history is read for all of them at once. */
int desk_policy_expect(struct desk_policy *policy, const char *const *paths, size_t count, struct itsm_error *err);
/* Expect the signatures that judging this record will ask for; then signature_run. */
int desk_policy_gather(struct desk_policy *policy, struct itsm_index *index, const struct itsm_record *record,
	struct itsm_error *err);
/* Does a rule ask for approvals of records of this kind, in whatever state? */
bool desk_policy_wants_approvals(const struct desk_policy *policy, const struct itsm_kind *kind);
/* What became of them; texts in the arena of the asks. */
int desk_policy_verdict(struct desk_policy *policy, const struct itsm_record *record, const struct desk_asks *asks,
	struct itsm_approval_verdict *out, struct itsm_error *err);
/* The finding "policy/rule": the rules can't be read, for this reason. */
void desk_policy_unreadable(const struct itsm_error *error, struct itsm_findings *findings);
/* Judge the approvals that rules ask of a record; `rules` are those that bind it now. */
int desk_policy_approvals(struct desk_policy *policy, struct itsm_index *index, const struct itsm_record *record,
	const struct itsm_rule *const *rules, size_t count, struct desk_moment moment, struct itsm_findings *findings,
	struct itsm_error *err);

#endif
