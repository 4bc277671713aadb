/* Private to lib/model: how a set of policy rules is held. */
#ifndef ITSM_MODEL_RULE_SET_H
#define ITSM_MODEL_RULE_SET_H

#include "itsm/rule.h"

/* The text of a built-in rule, as make_rules.c found it fit. */
struct rule_builtin {
	const char *name, *text;
	size_t size;
};

/* Sorted by name; one without a name at the end. */
extern const struct rule_builtin rule_builtins[];

struct rule_box {
	struct itsm_rule rule; /* first */
	const char *source;
};

struct itsm_rules {
	struct itsm_arena *arena;
	struct rule_box **items; /* sorted by name */
	size_t count, capacity;
};

/* rule_read.c: a rule from its text. ITSM_EDATA with line and column. */
int rule_read(struct itsm_arena *arena, const char *text, size_t size, const char *origin, struct itsm_rule *out,
	struct itsm_error *err);
/* rule_approval.c: the list under `approvals`. */
int rule_read_approvals(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_rule *rule,
	struct itsm_error *err);

#endif
