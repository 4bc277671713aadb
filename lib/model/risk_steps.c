/* The rules, the questionnaire and the matrix of a risk model. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "kind_set.h"
#include "risk_set.h"

struct raw_rule {
	const char *when, *level, *because;
};

struct raw_questionnaire {
	const char *field;
	const struct itsm_yaml *questions, *thresholds;
};

struct raw_question {
	const char *text, *weight;
	const struct itsm_yaml *answers;
};

struct raw_matrix {
	const char *rows, *columns;
	const struct itsm_yaml *levels;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY(type, name, kind, member, required) { name, kind, offsetof(type, member), 0, required }
#define DATA_ERROR(node, err, ...) itsm_error_set_at(err, ITSM_EDATA, (node)->line, (node)->column, __VA_ARGS__)

static const struct kind_key rule_keys[] = {
	KEY(struct raw_rule, "when", KIND_KEY_STRING, when, true),
	KEY(struct raw_rule, "level", KIND_KEY_STRING, level, true),
	KEY(struct raw_rule, "because", KIND_KEY_STRING, because, false),
};

static const struct kind_key questionnaire_keys[] = {
	KEY(struct raw_questionnaire, "field", KIND_KEY_STRING, field, true),
	KEY(struct raw_questionnaire, "questions", KIND_KEY_NODE, questions, true),
	KEY(struct raw_questionnaire, "thresholds", KIND_KEY_NODE, thresholds, true),
};

static const struct kind_key question_keys[] = {
	KEY(struct raw_question, "text", KIND_KEY_STRING, text, false),
	KEY(struct raw_question, "weight", KIND_KEY_STRING, weight, false),
	KEY(struct raw_question, "answers", KIND_KEY_NODE, answers, true),
};

static const struct kind_key matrix_keys[] = {
	KEY(struct raw_matrix, "rows", KIND_KEY_STRING, rows, true),
	KEY(struct raw_matrix, "columns", KIND_KEY_STRING, columns, true),
	KEY(struct raw_matrix, "levels", KIND_KEY_NODE, levels, true),
};

static int find_level(const struct itsm_risk_model *model, const struct itsm_yaml *node, const char *name, size_t *out,
	struct itsm_error *err)
{
	int level = itsm_risk_level(model, name);

	if (level == ITSM_RISK_NONE)
		return DATA_ERROR(node, err, "'%s' is none of the model's levels", name ? name : "");
	*out = (size_t)level;
	return ITSM_OK;
}

/* A whole number from 0 to `most`. */
static int read_count(const struct itsm_yaml *node, const char *what, int64_t most, int64_t *out, struct itsm_error *err)
{
	size_t length = node->type == ITSM_YAML_SCALAR ? strlen(node->text) : 0;
	int64_t value = length > 0 && length < 10 && strspn(node->text, "0123456789") == length ? atoll(node->text) : -1;

	if (value < 0 || value > most)
		return DATA_ERROR(node, err, "%s is a whole number from 0 to %lld", what, (long long)most);
	*out = value;
	return ITSM_OK;
}

int risk_read_rules(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_risk_model *model,
	struct itsm_error *err)
{
	int status = ITSM_OK;

	if (!node)
		return ITSM_OK;
	if (node->type != ITSM_YAML_SEQUENCE || node->count > ITSM_RISK_RULES)
		return DATA_ERROR(node, err, "'rules' is a list of at most %d rules", ITSM_RISK_RULES);
	model->rules = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*model->rules));
	for (size_t i = 0; status == ITSM_OK && i < node->count; i++) {
		struct itsm_risk_rule *rule = &model->rules[model->rule_count++];
		struct raw_rule raw = { 0 };

		status = kind_shape_read(arena, node->items[i], rule_keys, COUNT(rule_keys), "a rule", &raw, err);
		*rule = (struct itsm_risk_rule){ .when = raw.when, .because = raw.because ? raw.because : raw.when,
			.line = node->items[i]->line };
		if (status == ITSM_OK)
			status = find_level(model, itsm_yaml_get(node->items[i], "level"), raw.level, &rule->level, err);
	}
	return status;
}

static int read_answers(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_risk_question *question,
	struct itsm_error *err)
{
	int status = ITSM_OK;

	if (node->type != ITSM_YAML_MAPPING || node->count < 2 || node->count > ITSM_RISK_QUESTIONS)
		return DATA_ERROR(node, err, "'answers' is a mapping of 2 to %d answers to their scores", ITSM_RISK_QUESTIONS);
	question->answers = itsm_arena_alloc(arena, node->count * sizeof(*question->answers));
	for (size_t i = 0; status == ITSM_OK && i < node->count; i++) {
		struct itsm_risk_answer *answer = &question->answers[question->answer_count++];

		answer->name = node->keys[i]->text;
		status = read_count(node->items[i], "a score", ITSM_RISK_MOST, &answer->score, err);
	}
	return status;
}

static int read_question(struct itsm_arena *arena, const struct itsm_yaml *name, const struct itsm_yaml *node,
	struct itsm_risk_question *out, struct itsm_error *err)
{
	struct raw_question raw = { 0 };
	int status;

	if (!kind_shape_is_name(name->text, true))
		return DATA_ERROR(name, err, "'%s' is no name of a question: letters, digits, '_' and '-'", name->text);
	status = kind_shape_read(arena, node, question_keys, COUNT(question_keys), "a question", &raw, err);
	*out = (struct itsm_risk_question){ .name = name->text, .text = raw.text ? raw.text : name->text, .weight = 1 };
	if (status == ITSM_OK && raw.weight)
		status = read_count(itsm_yaml_get(node, "weight"), "a weight", ITSM_RISK_MOST, &out->weight, err);
	return status < 0 ? status : read_answers(arena, raw.answers, out, err);
}

/* The higher a level, the higher its threshold. */
static int read_thresholds(const struct itsm_yaml *node, struct itsm_risk_model *model, struct itsm_error *err)
{
	int64_t last = -1;
	int status = ITSM_OK;

	if (node->type != ITSM_YAML_MAPPING || !node->count)
		return DATA_ERROR(node, err, "'thresholds' is a mapping of levels to scores");
	for (size_t i = 0; i < model->level_count; i++)
		model->thresholds[i] = -1;
	for (size_t i = 0; status == ITSM_OK && i < node->count; i++) {
		size_t level = 0;

		status = find_level(model, node->keys[i], node->keys[i]->text, &level, err);
		if (status == ITSM_OK)
			status = read_count(node->items[i], "a threshold", INT32_MAX, &model->thresholds[level], err);
	}
	for (size_t i = 0; status == ITSM_OK && i < model->level_count; i++) {
		if (model->thresholds[i] < 0)
			continue;
		if (model->thresholds[i] <= last)
			return DATA_ERROR(node, err, "the threshold of '%s' is not above that of the level before it",
				model->levels[i]);
		last = model->thresholds[i];
	}
	return status;
}

int risk_read_questionnaire(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_risk_model *model,
	struct itsm_error *err)
{
	struct raw_questionnaire raw = { 0 };
	int status;

	if (!node)
		return ITSM_OK;
	status = kind_shape_read(arena, node, questionnaire_keys, COUNT(questionnaire_keys), "'questionnaire'", &raw, err);
	if (status < 0)
		return status;
	if (raw.questions->type != ITSM_YAML_MAPPING || !raw.questions->count || raw.questions->count > ITSM_RISK_QUESTIONS)
		return DATA_ERROR(raw.questions, err, "'questions' is a mapping of 1 to %d questions", ITSM_RISK_QUESTIONS);
	model->answers = raw.field;
	model->questions = itsm_arena_alloc(arena, raw.questions->count * sizeof(*model->questions));
	for (size_t i = 0; status == ITSM_OK && i < raw.questions->count; i++)
		status = read_question(arena, raw.questions->keys[i], raw.questions->items[i],
			&model->questions[model->question_count++], err);
	return status < 0 ? status : read_thresholds(raw.thresholds, model, err);
}

/* +1 when it rises from one cell to the next, -1 when it falls, both when it does both. */
static void look(size_t from, size_t to, bool *rises, bool *falls)
{
	*rises |= to > from;
	*falls |= to < from;
}

/* Along the rows, and along the columns, levels go one way: who enters another cell by worse values must not get a lower one. */
static bool is_monotonic(const struct itsm_risk_model *model)
{
	bool right[2] = { false, false }, down[2] = { false, false };

	for (size_t i = 0; i < model->row_count; i++)
		for (size_t j = 0; j < model->column_count; j++) {
			if (j)
				look(model->cells[i][j - 1], model->cells[i][j], &right[0], &right[1]);
			if (i)
				look(model->cells[i - 1][j], model->cells[i][j], &down[0], &down[1]);
		}
	return !(right[0] && right[1]) && !(down[0] && down[1]);
}

static int read_row(const struct itsm_yaml *node, struct itsm_risk_model *model, struct itsm_error *err)
{
	size_t *cells = model->cells[model->row_count];
	int status = ITSM_OK;

	if (node->type != ITSM_YAML_SEQUENCE || !node->count || node->count > ITSM_RISK_SIDE ||
		(model->row_count && node->count != model->column_count))
		return DATA_ERROR(node, err, "the rows of a matrix are lists of as many levels each, at most %d", ITSM_RISK_SIDE);
	model->column_count = node->count;
	for (size_t i = 0; status == ITSM_OK && i < node->count; i++)
		status = find_level(model, node->items[i],
			node->items[i]->type == ITSM_YAML_SCALAR ? node->items[i]->text : "", &cells[i], err);
	model->row_count++;
	return status;
}

int risk_read_matrix(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_risk_model *model,
	struct itsm_error *err)
{
	struct raw_matrix raw = { 0 };
	int status;

	if (!node)
		return ITSM_OK;
	status = kind_shape_read(arena, node, matrix_keys, COUNT(matrix_keys), "'matrix'", &raw, err);
	if (status < 0)
		return status;
	model->row_field = raw.rows;
	model->column_field = raw.columns;
	if (raw.levels->type != ITSM_YAML_SEQUENCE || !raw.levels->count || raw.levels->count > ITSM_RISK_SIDE)
		return DATA_ERROR(raw.levels, err, "the levels of a matrix are a list of 1 to %d rows", ITSM_RISK_SIDE);
	for (size_t i = 0; status == ITSM_OK && i < raw.levels->count; i++)
		status = read_row(raw.levels->items[i], model, err);
	if (status == ITSM_OK && !is_monotonic(model))
		status = DATA_ERROR(raw.levels, err,
			"the matrix both rises and falls along its rows or columns; a worse case must not have a lower level");
	return status;
}
