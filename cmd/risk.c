/* itsm risk: how risky a record is, with every step of the reckoning. */
#include <inttypes.h>
#include <string.h>

#include "command.h"
#include "output.h"

struct risk_values {
	const char *at, *message;
	bool set;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "set", NULL, OPTION_FLAG, offsetof(struct risk_values, set), "write the computed risk into the record, where it has a lower one"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct risk_values, message), "why, for the commit"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct risk_values, at), "the record as of a revision or moment"},
	FORMAT_ROW(struct risk_values),
	{0},
};

const struct syntax risk_syntax = {
	.words = "ID",
	.options = options,
	.size = sizeof(struct risk_values),
	.least = 1,
	.most = 1,
};

static const char *level_name(const struct itsm_risk_told *told, int level)
{
	return level == ITSM_RISK_NONE ? NULL : told->model->levels[level];
}

static void add_rules_json(const struct itsm_risk_told *told, struct itsm_buffer *out)
{
	const struct itsm_risk_model *model = told->model;
	size_t i;

	itsm_buffer_putc(out, '[');
	for (i = 0; i < model->rule_count; i++) {
		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "when", model->rules[i].when);
		output_json_pair(out, "level", model->levels[model->rules[i].level]);
		output_json_pair(out, "because", model->rules[i].because);
		output_json_boolean(out, "holds", told->found.facts.rules[i] == 1);
		output_json_boolean(out, "counts", told->result.rule == (int)i);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

static void add_inputs_json(const struct itsm_risk_told *told, struct itsm_buffer *out)
{
	size_t i;

	itsm_buffer_putc(out, '[');
	for (i = 0; i < told->model->input_count; i++) {
		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "name", told->model->inputs[i].name);
		output_json_pair(out, "value", told->found.inputs[i]);
		output_json_pair(out, "help", told->model->inputs[i].help);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

static void add_questionnaire_json(const struct itsm_risk_told *told, struct itsm_buffer *out)
{
	const struct itsm_risk_model *model = told->model;
	size_t i;

	itsm_buffer_putc(out, '{');
	output_json_pair(out, "level", level_name(told, told->result.questionnaire_level));
	output_json_number(out, "score", told->result.score);
	output_json_name(out, "questions");
	itsm_buffer_putc(out, '[');
	for (i = 0; i < model->question_count; i++) {
		bool known;
		int64_t score = itsm_risk_score(&model->questions[i], told->found.facts.answers[i], &known);

		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "name", model->questions[i].name);
		output_json_pair(out, "text", model->questions[i].text);
		output_json_pair(out, "answer", told->found.facts.answers[i]);
		output_json_boolean(out, "known", known);
		output_json_number(out, "weight", model->questions[i].weight);
		output_json_number(out, "adds", score);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_puts(out, "]}");
}

static void add_side_json(struct itsm_buffer *out, const char *name, bool has, int64_t value)
{
	if (has)
		output_json_number(out, name, value);
	else
		output_json_pair(out, name, NULL);
}

static void add_matrix_json(const struct itsm_risk_told *told, struct itsm_buffer *out)
{
	const struct itsm_risk_model *model = told->model;
	const struct itsm_risk_facts *facts = &told->found.facts;

	itsm_buffer_putc(out, '{');
	output_json_pair(out, "level", level_name(told, told->result.matrix_level));
	if (model->row_field) {
		add_side_json(out, model->row_field, facts->has_row, facts->row);
		add_side_json(out, model->column_field, facts->has_column, facts->column);
	}
	itsm_buffer_putc(out, '}');
}

static int emit(struct context *context, const struct itsm_risk_told *told, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"id", "kind", "state", "title", "risk", "declared", "too_low", "inputs", "rules_level",
		"rules", "questionnaire", "matrix"};
	struct itsm_emitter *emitter = output_begin(context, format, "risk", columns, sizeof(columns) / sizeof(*columns));
	struct itsm_buffer inputs = {0}, rules = {0}, questionnaire = {0}, matrix = {0};

	add_inputs_json(told, &inputs);
	add_rules_json(told, &rules);
	add_questionnaire_json(told, &questionnaire);
	add_matrix_json(told, &matrix);
	itsm_emit_row(emitter, (struct itsm_value[]){
		output_text(told->id), output_text(told->kind), output_text(told->state), output_text(told->title),
		output_text(level_name(told, told->result.level)), output_text(told->found.declared), output_boolean(told->too_low),
		output_json(inputs.data), output_text(level_name(told, told->result.rule_level)), output_json(rules.data),
		output_json(questionnaire.data), output_json(matrix.data),
	});
	itsm_buffer_free(&inputs);
	itsm_buffer_free(&rules);
	itsm_buffer_free(&questionnaire);
	itsm_buffer_free(&matrix);
	return itsm_emit_end(emitter, err);
}

/* "rules  medium" */
static void add_head(struct context *context, struct itsm_buffer *out, const char *name, const char *level)
{
	itsm_buffer_printf(out, "\n%s", context->palette.bold);
	output_padded(out, name, 15);
	itsm_buffer_printf(out, "%s%s\n", level ? level : "-", context->palette.reset);
}

static void add_rules(struct context *context, const struct itsm_risk_told *told, struct itsm_buffer *out)
{
	const struct itsm_risk_model *model = told->model;
	size_t i;

	if (!model->rule_count)
		return;
	add_head(context, out, "rules", level_name(told, told->result.rule_level));
	for (i = 0; i < model->input_count; i++) {
		itsm_buffer_printf(out, "  %s = ", model->inputs[i].name);
		itsm_escape_terminal(out, told->found.inputs[i] ? told->found.inputs[i] : "-", false);
		itsm_buffer_puts(out, "  ");
		itsm_escape_terminal(out, model->inputs[i].help, false);
		itsm_buffer_putc(out, '\n');
	}
	for (i = 0; i < model->rule_count; i++) {
		bool late = told->result.rule != ITSM_RISK_NONE && (int)i > told->result.rule, holds = told->result.rule == (int)i;

		itsm_buffer_printf(out, "  %zu. %-9s ", i + 1, late ? "not asked" : holds ? "yes" : "no");
		itsm_escape_terminal(out, model->rules[i].when, false);
		itsm_buffer_printf(out, " -> %s", model->levels[model->rules[i].level]);
		if (holds) {
			itsm_buffer_puts(out, ": ");
			itsm_escape_terminal(out, model->rules[i].because, false);
		}
		itsm_buffer_putc(out, '\n');
	}
}

/* "nobody 0, some 1, everybody 3" */
static void add_choices(const struct itsm_risk_question *question, struct itsm_buffer *out)
{
	size_t i;

	for (i = 0; i < question->answer_count; i++) {
		itsm_buffer_puts(out, i ? ", " : "");
		itsm_escape_terminal(out, question->answers[i].name, false);
		itsm_buffer_printf(out, " %" PRId64, question->answers[i].score);
	}
}

static void add_questionnaire(struct context *context, const struct itsm_risk_told *told, struct itsm_buffer *out)
{
	const struct itsm_risk_model *model = told->model;
	bool counts = told->result.questionnaire_level != ITSM_RISK_NONE, known;
	size_t i, level;

	if (!model->question_count)
		return;
	add_head(context, out, "questionnaire", level_name(told, told->result.questionnaire_level));
	for (i = 0; i < model->question_count; i++) {
		const struct itsm_risk_question *question = &model->questions[i];
		const char *answer = told->found.facts.answers[i];
		int64_t score = itsm_risk_score(question, answer, &known);

		itsm_buffer_printf(out, "  %s.%s: ", model->answers, question->name);
		itsm_escape_terminal(out, answer ? answer : "not answered", false);
		itsm_buffer_printf(out, "%s, weight %" PRId64, known ? "" : answer ? ", which is no answer" : "", question->weight);
		if (counts)
			itsm_buffer_printf(out, ", adds %" PRId64 "%s", score, known ? "" : " as the worst");
		itsm_buffer_puts(out, "\n      ");
		itsm_escape_terminal(out, question->text, false);
		itsm_buffer_puts(out, " (");
		add_choices(question, out);
		itsm_buffer_puts(out, ")\n");
	}
	if (!counts) {
		itsm_buffer_puts(out, "  nothing is answered, so it gives no level\n");
		return;
	}
	itsm_buffer_printf(out, "  score %" PRId64 ";", told->result.score);
	for (level = 0; level < model->level_count; level++)
		if (model->thresholds[level] >= 0)
			itsm_buffer_printf(out, " %s from %" PRId64, model->levels[level], model->thresholds[level]);
	itsm_buffer_putc(out, '\n');
}

static void add_side(struct itsm_buffer *out, const char *name, bool has, int64_t value, const char *end)
{
	itsm_buffer_printf(out, "%s ", name);
	if (has)
		itsm_buffer_printf(out, "%" PRId64 "%s", value, end);
	else
		itsm_buffer_printf(out, "is not given%s", end);
}

static void add_matrix(struct context *context, const struct itsm_risk_told *told, struct itsm_buffer *out)
{
	const struct itsm_risk_model *model = told->model;
	const struct itsm_risk_facts *facts = &told->found.facts;

	if (!model->row_count)
		return;
	add_head(context, out, "matrix", level_name(told, told->result.matrix_level));
	itsm_buffer_puts(out, "  ");
	add_side(out, model->row_field, facts->has_row, facts->row, ", ");
	add_side(out, model->column_field, facts->has_column, facts->column, "");
	if (told->result.matrix_level != ITSM_RISK_NONE)
		itsm_buffer_printf(out, ": row %zu of %zu, column %zu of %zu", told->result.row, model->row_count, told->result.column,
			model->column_count);
	itsm_buffer_putc(out, '\n');
}

static void print(struct context *context, const struct itsm_risk_told *told)
{
	const struct palette *palette = &context->palette;
	const char *level = level_name(told, told->result.level);
	struct itsm_buffer text = {0};

	itsm_buffer_printf(&text, "%s%s%s  %s  ", palette->bold, told->id, palette->reset, told->state ? told->state : "");
	itsm_escape_terminal(&text, told->title ? told->title : "", false);
	itsm_buffer_printf(&text, "\nrisk %s%s%s, declared %s", told->too_low ? palette->bad : palette->good,
		level ? level : "unknown", palette->reset, told->found.declared ? "" : "none");
	itsm_escape_terminal(&text, told->found.declared ? told->found.declared : "", false);
	itsm_buffer_printf(&text, "%s; by the model of %s\n", told->too_low ? ", which is too low" : "",
		strcmp(told->model->origin, "built-in") == 0 ? "the kind (built-in)" : told->model->origin);
	add_rules(context, told, &text);
	add_questionnaire(context, told, &text);
	add_matrix(context, told, &text);
	output_flush(context, &text);
	itsm_buffer_free(&text);
}

static int set_risk(struct context *context, const struct itsm_risk_told *told, const char *message, struct itsm_error *err)
{
	const char *word = itsm_arena_printf(context->arena, "%s=%s", told->model->field, level_name(told, told->result.level));
	struct itsm_outcome outcome;
	int status;

	itsm_outcome_init(&outcome, context->arena);
	status = itsm_desk_set(context->desk, (struct itsm_words){&told->id, 1}, (struct itsm_words){&word, 1}, message, &outcome, err);
	return output_outcome(context, &outcome, status);
}

int command_risk(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct risk_values *values = data;
	struct itsm_risk_told told;
	int status;

	if (values->set && values->at)
		return itsm_error_set(err, ITSM_EUSAGE, "risk: --set writes into the record of today; leave --at out");
	status = itsm_desk_risk(context->desk, context->arena, words.items[0], values->set ? "HEAD" : values->at, &told, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format != ITSM_FORMAT_TEXT)
		status = emit(context, &told, values->format, err);
	else
		print(context, &told);
	if (status || !told.too_low)
		return status;
	return values->set ? set_risk(context, &told, values->message, err) : output_told(err);
}
