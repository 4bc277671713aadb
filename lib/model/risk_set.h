/* Private to lib/model: how a set of risk models is held. */
#ifndef ITSM_MODEL_RISK_SET_H
#define ITSM_MODEL_RISK_SET_H

#include "itsm/risk.h"

struct itsm_risks {
	struct itsm_arena *arena;
	struct itsm_risk_model **items; /* sorted by name */
	size_t count, capacity;
	unsigned holders;
};

/* YAML texts of the built-in models, NULL at the end. */
extern const char *const risk_builtins[];

/* risk_read.c: a model from its text. ITSM_EDATA with line and column. */
int risk_read(struct itsm_arena *arena, const char *text, size_t size, const char *origin, struct itsm_risk_model **out,
	struct itsm_error *err);
/* risk_steps.c: the three ways to a level. The model has its levels. */
int risk_read_rules(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_risk_model *model,
	struct itsm_error *err);
int risk_read_questionnaire(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_risk_model *model,
	struct itsm_error *err);
int risk_read_matrix(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_risk_model *model,
	struct itsm_error *err);

#endif
