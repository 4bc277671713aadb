/* Private to lib/model: how a set of policy rules is held. */
#ifndef ITSM_MODEL_RULE_SET_H
#define ITSM_MODEL_RULE_SET_H

#include "itsm/rule.h"

struct rule_box {
	struct itsm_rule rule; /* first */
	const char *source;    /* text of the file */
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
/*
 * rule_sql.c: a rule in SQL. `text` and `size`, the file, become its header as YAML, each line and column where it
 * was; `query` what follows it, "" when there is nothing. Both in the arena. ITSM_EDATA with line and column.
 */
int rule_split_sql(struct itsm_arena *arena, const char **text, size_t *size, const char **query, struct itsm_error *err);
/* rule_approval.c: the list under `approvals`. */
int rule_read_approvals(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_rule *rule,
	struct itsm_error *err);

#endif
