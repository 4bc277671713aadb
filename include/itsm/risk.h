/*
 * Risk: how risky a record is, computed from what a desk's policy says, with
 * every step to be seen. Pure: a model and facts in, levels out.
 *
 * A model is a file policy/risks/<kind>.yaml; the built-in one of changes
 * (lib/model/risks/) is compiled in, and a desk's file of that name takes its place:
 *
 *   name: change                   the kind it judges, as the file is called
 *   help: what for
 *   field: risk                    the field in which people declare it
 *   levels: [low, medium, high]    from the lowest to the highest: values of that field
 *   inputs:                        figures, by SQL over `self`; shown with each answer
 *     failed_changes: {help: changes that failed, sql: "SELECT count(*) FROM change AS c WHERE ..."}
 *   rules:                         in order, the first that is true gives its level
 *     - {when: "input.failed_changes > 1", level: high, because: changes of it failed lately}
 *   questionnaire:
 *     field: answers               of the record: {users: some, ...}
 *     questions:
 *       users: {text: Who notices?, weight: 3, answers: {nobody: 0, some: 1, everybody: 3}}
 *     thresholds: {low: 0, medium: 9, high: 17}    the level from that score on
 *   matrix:                        a lookup by two fields that are whole numbers from 1
 *     rows: impact
 *     columns: likelihood
 *     levels: [[high, medium], [medium, low]]      a list for each row; it must rise or fall in one direction
 *
 * Each of the three may be left out. The highest level that one of them gives counts.
 *
 * The score is the sum over all questions of weight x score of the answer. A question
 * without an answer, or with one there is not, scores as its worst answer, once any is answered; nothing
 * answered at all, the questionnaire gives no level. A row or column beyond the matrix is the last one; below 1, or
 * without both fields, the matrix gives none.
 */
#ifndef ITSM_RISK_H
#define ITSM_RISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "itsm/kind.h"

#define ITSM_RISK_INPUTS 20
#define ITSM_RISK_RULES 40
#define ITSM_RISK_QUESTIONS 40
#define ITSM_RISK_SIDE 10        /* rows, columns and levels */
#define ITSM_RISK_MOST 1000      /* a weight or a score */

struct itsm_risk_input {
	const char *name, *help, *sql; /* sql: a SELECT of one value, or an expression; over `self` */
};

struct itsm_risk_rule {
	const char *when, *because;    /* when: SQL over `self` and `input` */
	size_t level;                  /* position among the levels */
	unsigned line;
};

struct itsm_risk_answer {
	const char *name;
	int64_t score;
};

struct itsm_risk_question {
	const char *name, *text;
	int64_t weight;
	struct itsm_risk_answer *answers;
	size_t answer_count;
};

struct itsm_risk_model {
	const char *name, *help, *origin; /* origin: the file, or "built-in" */
	unsigned line;
	const char *field;
	const char *const *levels; size_t level_count; /* lowest first */
	struct itsm_risk_input *inputs; size_t input_count;
	struct itsm_risk_rule *rules; size_t rule_count;
	const char *answers;              /* the field; NULL: there is no questionnaire */
	struct itsm_risk_question *questions; size_t question_count;
	int64_t thresholds[ITSM_RISK_SIDE]; /* by level; -1: none gives it */
	const char *row_field, *column_field; /* NULL: there is no matrix */
	size_t row_count, column_count;
	size_t cells[ITSM_RISK_SIDE][ITSM_RISK_SIDE]; /* [row][column], positions among the levels */
};

/* What a record says, to the model's questions. */
struct itsm_risk_facts {
	const int *rules;              /* of each rule: 1 true, 0 false, -1 NULL */
	const char *const *answers;    /* to each question, or NULL */
	bool has_row, has_column;
	int64_t row, column;
};

#define ITSM_RISK_NONE (-1)

struct itsm_risk_result {
	int level;                     /* the highest of the three, ITSM_RISK_NONE where none gives one */
	int rule_level, rule;          /* which rule was the first to be true */
	int questionnaire_level;
	int64_t score;                 /* where questionnaire_level is one, or any was answered */
	size_t answered;               /* questions with an answer that there is */
	int matrix_level;
	size_t row, column;            /* looked up, from 1 */
};

/* What one question adds to the score. `known` (may be NULL): the answer is one of the question's. */
ITSM_API int64_t itsm_risk_score(const struct itsm_risk_question *question, const char *answer, bool *known);
ITSM_API void itsm_risk_judge(const struct itsm_risk_model *model, const struct itsm_risk_facts *facts,
	struct itsm_risk_result *out);
/* The position of a level, or ITSM_RISK_NONE. `name` may be NULL. */
ITSM_API int itsm_risk_level(const struct itsm_risk_model *model, const char *name);

/* The models of a policy, one per kind at most. Counted: each itsm_risks_keep asks for one more itsm_risks_free. */
struct itsm_risks;

/* The compiled-in ones. */
ITSM_API int itsm_risks_new(struct itsm_risks **out, struct itsm_error *err);
ITSM_API struct itsm_risks *itsm_risks_keep(struct itsm_risks *risks);
ITSM_API void itsm_risks_free(struct itsm_risks *risks);
/*
 * Add one from a desk's file policy/risks/<kind>.yaml; it takes the place of the one of its
 * name. ITSM_EDATA with line and column; the set is as before then.
 */
ITSM_API int itsm_risks_add(struct itsm_risks *risks, const char *path, const char *text, size_t size,
	struct itsm_error *err);
/*
 * After the last itsm_risks_add: the kinds and fields that desks' models name must exist, and be of the types
 * that are needed (ITSM_EDATA, at the model). A built-in model that does not fit the kinds is left out.
 */
ITSM_API int itsm_risks_finish(struct itsm_risks *risks, const struct itsm_kinds *kinds, struct itsm_error *err);
/* Sorted by name. */
ITSM_API size_t itsm_risks_count(const struct itsm_risks *risks);
ITSM_API const struct itsm_risk_model *itsm_risks_at(const struct itsm_risks *risks, size_t position);
/* The model of a kind; NULL when there is none, or `risks` is NULL. */
ITSM_API const struct itsm_risk_model *itsm_risks_find(const struct itsm_risks *risks, const char *kind);

#endif
