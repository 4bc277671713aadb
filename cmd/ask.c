#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "output.h"

static bool is_given(const struct itsm_words *words, const char *field)
{
	size_t length = strlen(field), position;

	for (position = 0; position < words->count; position++)
		if (!strncmp(words->items[position], field, length) && words->items[position][length] == '=')
			return true;
	return false;
}

static void prompt(const struct itsm_field *field)
{
	const char *const *value;
	struct itsm_buffer text = {0};

	itsm_escape_terminal(&text, field->name, false);
	if (field->help) {
		itsm_buffer_puts(&text, " (");
		itsm_escape_terminal(&text, field->help, false);
		itsm_buffer_putc(&text, ')');
	}
	for (value = field->values; value && *value; value++) {
		itsm_buffer_putc(&text, value == field->values ? ' ' : '|');
		itsm_escape_terminal(&text, *value, false);
	}
	if (field->has_min && field->has_max)
		itsm_buffer_printf(&text, " %g-%g", field->min, field->max);
	fprintf(stderr, "%s: ", text.data);
	fflush(stderr);
	itsm_buffer_free(&text);
}

/* Until the answer is a value of the field: "name=value", or NULL where nothing was said. `more`: the input goes on. */
static const char *ask_field(struct context *context, const struct itsm_field *field, bool *more)
{
	struct itsm_error reason;
	const char *answer = NULL;
	char *line = NULL;
	size_t size = 0;

	while (!answer) {
		prompt(field);
		*more = getline(&line, &size, stdin) > 0;
		if (!*more)
			break;
		line[strcspn(line, "\r\n")] = '\0';
		if (!*line)
			break;
		if (itsm_field_value(field, line, context->arena, NULL, &reason) == 0)
			answer = itsm_arena_printf(context->arena, "%s=%s", field->name, line);
		else
			output_note(context, "%s: %s", field->name, reason.message);
	}
	free(line);
	return answer;
}

void ask_fields(struct context *context, const struct itsm_field *fields, size_t count, bool all, struct itsm_words *words)
{
	const char **answered, *answer;
	bool more = true;
	size_t position;

	if (!context->in_terminal || !context->err_terminal)
		return;
	answered = itsm_arena_alloc(context->arena, (words->count + count + 1) * sizeof(*answered));
	for (position = 0; position < words->count; position++)
		answered[position] = words->items[position];
	words->items = answered;
	for (position = 0; position < count && more; position++) {
		if ((!all && !fields[position].ask) || is_given(words, fields[position].name))
			continue;
		if ((answer = ask_field(context, &fields[position], &more)) != NULL)
			answered[words->count++] = answer;
	}
	if (!more)
		fputc('\n', stderr);
}
