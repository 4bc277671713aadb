/* itsm request: order what the catalogue offers. */
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "command.h"
#include "itsm/request.h"
#include "output.h"

struct request_values {
	const char *title, *done, *message;
	bool form;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{'t', "title", "TITLE", OPTION_TEXT, offsetof(struct request_values, title), "the request's title; the offering's name when not given"},
	{0, "form", NULL, OPTION_FLAG, offsetof(struct request_values, form), "only show what the offering asks"},
	{0, "done", "TASK", OPTION_TEXT, offsetof(struct request_values, done), "a task of a request (its title) is done"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct request_values, message), "why, for the commit"},
	FORMAT_ROW(struct request_values),
	{0},
};

const struct syntax request_syntax = {
	.words = "OFFERING [NAME=VALUE ...]",
	.options = options,
	.size = sizeof(struct request_values),
	.least = 1,
	.most = MANY_WORDS,
};

static int show_form(struct context *context, const struct itsm_form *form, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"name", "type", "required", "default", "values", "question"};
	struct itsm_emitter *emitter = output_begin(context, format, "request", columns, sizeof(columns) / sizeof(*columns));
	size_t i;

	for (i = 0; i < form->count; i++) {
		const struct itsm_field *field = &form->fields[i];
		struct itsm_buffer values = {0};
		struct itsm_value row[6];

		if (field->values)
			output_json_list(&values, field->values);
		row[0] = output_text(field->name);
		row[1] = output_text(field->type == ITSM_TYPE_REF ? field->to[0] : itsm_type_name(field->type));
		row[2] = output_boolean(field->required);
		row[3] = output_text(field->default_value);
		row[4] = output_json(values.length ? values.data : NULL);
		row[5] = output_text(field->help);
		itsm_emit_row(emitter, row);
		itsm_buffer_free(&values);
	}
	return itsm_emit_end(emitter, err);
}

static int order(struct context *context, const struct itsm_request *request, struct itsm_error *err)
{
	struct itsm_outcome outcome;

	itsm_outcome_init(&outcome, context->arena);
	return output_made(context, &outcome, itsm_desk_request(context->desk, request, &outcome, err));
}

static int finish(struct context *context, const char *id, const struct request_values *values, struct itsm_error *err)
{
	struct itsm_outcome outcome;

	itsm_outcome_init(&outcome, context->arena);
	return output_outcome(context, &outcome,
		itsm_desk_task_done(context->desk, id, values->done, values->message, &outcome, err));
}

int command_request(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct request_values *values = data;
	struct itsm_request request = {.offering = words.items[0], .title = values->title,
		.words = {words.items + 1, words.count - 1}, .message = values->message};
	struct itsm_form form;
	int status;

	if (values->done && (words.count > 1 || values->form || values->title))
		return itsm_error_set(err, ITSM_EUSAGE, "request: --done goes with the ID of a request alone");
	if (values->done)
		return finish(context, words.items[0], values, err);
	if ((values->form || (context->in_terminal && context->err_terminal)) &&
	    (status = itsm_desk_form(context->desk, context->arena, words.items[0], &form, err)) != 0)
		return status;
	if (values->form)
		return show_form(context, &form, values->format, err);
	if (context->in_terminal && context->err_terminal)
		ask_fields(context, form.fields, form.count, true, &request.words);
	return order(context, &request, err);
}
