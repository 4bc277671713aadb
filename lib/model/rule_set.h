/* Private to lib/model: how a set of policy rules is held. */
#ifndef ITSM_MODEL_RULE_SET_H
#define ITSM_MODEL_RULE_SET_H

#include "itsm/rule.h"

struct rule_box {
	struct itsm_rule rule; /* first */
	const char *source;    /* YAML text */
};

/* Written by make_rules.c, sorted by name; one without a source at the end. */
extern const struct rule_box rule_builtins[];

struct itsm_rules {
	struct itsm_arena *arena;
	const struct rule_box **items; /* sorted by name */
	size_t count, capacity;
};

/* rule_read.c: a rule from its text. ITSM_EDATA with line and column. */
int rule_read(struct itsm_arena *arena, const char *text, size_t size, const char *origin, struct itsm_rule *out,
	struct itsm_error *err);
/* rule_approval.c: the list under `approvals`. */
int rule_read_approvals(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_rule *rule,
	struct itsm_error *err);

#endif
