/* A risk model's YAML as struct itsm_risk_model; the form is told in itsm/risk.h. */
#include <stddef.h>
#include <string.h>

#include "kind_set.h"
#include "risk_set.h"

struct raw_model {
	const char *name, *help, *field;
	const char *const *levels;
	const struct itsm_yaml *inputs, *rules, *questionnaire, *matrix;
};

struct raw_input {
	const char *help, *sql;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MODEL(name, kind, member, required) { name, kind, offsetof(struct raw_model, member), 0, required }
#define DATA_ERROR(node, err, ...) itsm_error_set_at(err, ITSM_EDATA, (node)->line, (node)->column, __VA_ARGS__)

static const struct kind_key model_keys[] = {
	MODEL("name", KIND_KEY_STRING, name, true),
	MODEL("help", KIND_KEY_STRING, help, false),
	MODEL("field", KIND_KEY_STRING, field, true),
	MODEL("levels", KIND_KEY_LIST, levels, true),
	MODEL("inputs", KIND_KEY_NODE, inputs, false),
	MODEL("rules", KIND_KEY_NODE, rules, false),
	MODEL("questionnaire", KIND_KEY_NODE, questionnaire, false),
	MODEL("matrix", KIND_KEY_NODE, matrix, false),
};

static const struct kind_key input_keys[] = {
	{ "help", KIND_KEY_STRING, offsetof(struct raw_input, help), 0, false },
	{ "sql", KIND_KEY_STRING, offsetof(struct raw_input, sql), 0, true },
};

static int read_levels(const struct itsm_yaml *tree, const char *const *levels, struct itsm_risk_model *model,
	struct itsm_error *err)
{
	const struct itsm_yaml *node = itsm_yaml_get(tree, "levels");

	model->levels = levels;
	for (; levels[model->level_count]; model->level_count++)
		if (itsm_risk_level(model, levels[model->level_count]) != ITSM_RISK_NONE)
			return DATA_ERROR(node, err, "the level '%s' stands there twice", levels[model->level_count]);
	if (model->level_count < 2 || model->level_count > ITSM_RISK_SIDE)
		return DATA_ERROR(node, err, "a model has 2 to %d levels", ITSM_RISK_SIDE);
	return ITSM_OK;
}

static int read_inputs(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_risk_model *model,
	struct itsm_error *err)
{
	int status = ITSM_OK;

	if (!node)
		return ITSM_OK;
	if (node->type != ITSM_YAML_MAPPING)
		return DATA_ERROR(node, err, "'inputs' is a mapping of names to {help, sql}");
	if (node->count > ITSM_RISK_INPUTS)
		return DATA_ERROR(node, err, "a model has at most %d inputs", ITSM_RISK_INPUTS);
	model->inputs = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*model->inputs));
	for (size_t i = 0; status == ITSM_OK && i < node->count; i++) {
		struct raw_input raw = { 0 };

		if (!kind_shape_is_name(node->keys[i]->text, false))
			return DATA_ERROR(node->keys[i], err, "'%s' is no name of an input: letters, digits and '_'",
				node->keys[i]->text);
		status = kind_shape_read(arena, node->items[i], input_keys, COUNT(input_keys), "an input", &raw, err);
		model->inputs[model->input_count++] =
			(struct itsm_risk_input){ node->keys[i]->text, raw.help ? raw.help : node->keys[i]->text, raw.sql };
	}
	return status;
}

int risk_read(struct itsm_arena *arena, const char *text, size_t size, const char *origin, struct itsm_risk_model **out,
	struct itsm_error *err)
{
	struct itsm_risk_model *model = itsm_arena_alloc(arena, sizeof(*model));
	struct raw_model raw = { 0 };
	struct itsm_yaml *tree;
	int status = itsm_yaml_parse(arena, text, size, 1, &tree, err);

	*model = (struct itsm_risk_model){ .origin = origin };
	if (status < 0 || (status = kind_shape_read(arena, tree, model_keys, COUNT(model_keys), "a risk model", &raw, err)) < 0)
		return status;
	if (!kind_shape_is_name(raw.name, true))
		return DATA_ERROR(itsm_yaml_get(tree, "name"), err, "'%s' is no name of a kind", raw.name);
	model->name = raw.name;
	model->help = raw.help;
	model->field = raw.field;
	model->line = itsm_yaml_get(tree, "name")->line;
	if (!raw.rules && !raw.questionnaire && !raw.matrix)
		return DATA_ERROR(tree, err, "the model gives no level; give it 'rules', a 'questionnaire' or a 'matrix'");
	if ((status = read_levels(tree, raw.levels, model, err)) < 0 ||
		(status = read_inputs(arena, raw.inputs, model, err)) < 0 ||
		(status = risk_read_rules(arena, raw.rules, model, err)) < 0 ||
		(status = risk_read_questionnaire(arena, raw.questionnaire, model, err)) < 0 ||
		(status = risk_read_matrix(arena, raw.matrix, model, err)) < 0)
		return status;
	*out = model;
	return ITSM_OK;
}
