/* The arithmetic of risk: rules, questionnaire, matrix, and the highest of the three. */
#include <string.h>

#include "itsm/risk.h"

int64_t itsm_risk_score(const struct itsm_risk_question *question, const char *answer, bool *known)
{
	int64_t worst = 0;

	for (size_t i = 0; i < question->answer_count; i++) {
		if (answer && strcmp(question->answers[i].name, answer) == 0) {
			if (known)
				*known = true;
			return question->weight * question->answers[i].score;
		}
		if (question->answers[i].score > worst)
			worst = question->answers[i].score;
	}
	if (known)
		*known = false;
	return question->weight * worst;
}

static void judge_rules(const struct itsm_risk_model *model, const struct itsm_risk_facts *facts,
	struct itsm_risk_result *out)
{
	for (size_t i = 0; i < model->rule_count; i++) {
		if (facts->rules[i] != 1)
			continue;
		out->rule = (int)i;
		out->rule_level = (int)model->rules[i].level;
		return;
	}
}

static void judge_questionnaire(const struct itsm_risk_model *model, const struct itsm_risk_facts *facts,
	struct itsm_risk_result *out)
{
	bool any = false, known;

	for (size_t i = 0; i < model->question_count; i++) {
		out->score += itsm_risk_score(&model->questions[i], facts->answers[i], &known);
		out->answered += known;
		any |= facts->answers[i] != NULL;
	}
	for (size_t i = 0; any && i < model->level_count; i++)
		if (model->thresholds[i] >= 0 && out->score >= model->thresholds[i])
			out->questionnaire_level = (int)i;
}

static size_t clamp(int64_t value, size_t count)
{
	return value > (int64_t)count ? count : (size_t)value;
}

static void judge_matrix(const struct itsm_risk_model *model, const struct itsm_risk_facts *facts,
	struct itsm_risk_result *out)
{
	if (!model->row_count || !facts->has_row || !facts->has_column || facts->row < 1 || facts->column < 1)
		return;
	out->row = clamp(facts->row, model->row_count);
	out->column = clamp(facts->column, model->column_count);
	out->matrix_level = (int)model->cells[out->row - 1][out->column - 1];
}

void itsm_risk_judge(const struct itsm_risk_model *model, const struct itsm_risk_facts *facts,
	struct itsm_risk_result *out)
{
	*out = (struct itsm_risk_result){.level = ITSM_RISK_NONE, .rule_level = ITSM_RISK_NONE, .rule = ITSM_RISK_NONE,
		.questionnaire_level = ITSM_RISK_NONE, .matrix_level = ITSM_RISK_NONE};
	judge_rules(model, facts, out);
	judge_questionnaire(model, facts, out);
	judge_matrix(model, facts, out);
	out->level = out->rule_level;
	if (out->questionnaire_level > out->level)
		out->level = out->questionnaire_level;
	if (out->matrix_level > out->level)
		out->level = out->matrix_level;
}
