/* itsm timeline: alerts, notes, states, changes and deployments of a record in one line of time. */
#include <string.h>

#include "command.h"
#include "itsm/incident.h"
#include "output.h"

#define SECONDS 20
#define INDENT 4

struct timeline_values {
	bool markdown;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "markdown", NULL, OPTION_FLAG, offsetof(struct timeline_values, markdown), "print a Markdown list, for a review"},
	FORMAT_ROW(struct timeline_values),
	{0},
};

const struct syntax timeline_syntax = {
	.words = "ID",
	.options = options,
	.size = sizeof(struct timeline_values),
	.least = 1,
	.most = 1,
};

static int emit(struct context *context, const struct itsm_happening *happenings, size_t count, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {"id", "at", "what", "by", "text", "query"};
	struct itsm_emitter *emitter = output_begin(context, format, "timeline", columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < count && !context->closed; i++) {
		const struct itsm_happening *one = &happenings[i];
		const struct itsm_value row[] = {
			output_text(one->id), output_time(context, one->at), output_text(one->what), output_text(one->by),
			output_text(one->text), output_text(one->query),
		};

		itsm_emit_row(emitter, row);
	}
	return itsm_emit_end(emitter, err);
}

static void print(struct context *context, const struct itsm_happening *happening, const char *id, struct itsm_buffer *out)
{
	output_moment(context, happening->at, out);
	itsm_buffer_printf(out, "  %s", context->palette.bold);
	itsm_escape_terminal(out, happening->what ? happening->what : "", false);
	itsm_buffer_puts(out, context->palette.reset);
	if (happening->id && strncmp(happening->id, id, strlen(id)) != 0) {
		itsm_buffer_puts(out, "  ");
		itsm_escape_terminal(out, happening->id, false);
	}
	if (happening->by) {
		itsm_buffer_printf(out, "  %s", context->palette.dim);
		itsm_escape_terminal(out, happening->by, false);
		itsm_buffer_puts(out, context->palette.reset);
	}
	if (happening->text) {
		itsm_buffer_printf(out, "\n%*s", INDENT, "");
		output_indented(out, happening->text, INDENT);
	}
	itsm_buffer_putc(out, '\n');
}

int command_timeline(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct timeline_values *values = data;
	int64_t end = context_deadline(SECONDS);
	struct itsm_similar_options asked = {.expired = context_expired, .expired_context = &end};
	struct itsm_happening *happenings;
	struct itsm_buffer text = {0};
	const char *id;
	struct itsm_shown shown;
	size_t count;
	bool cut;
	int status = itsm_desk_show(context->desk, context->arena, words.items[0], NULL, false, &shown, err);

	if (status)
		return status;
	id = shown.record->id;
	status = itsm_desk_timeline(context->desk, context->arena, shown.record->path, &asked, &happenings, &count, &cut, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (cut)
		output_note(context, "there is too much to tell all of it: something is missing");
	if (values->format != ITSM_FORMAT_TEXT)
		return emit(context, happenings, count, values->format, err);
	if (values->markdown) {
		itsm_timeline_markdown(happenings, count, id, &text);
		output_flush(context, &text);
		itsm_buffer_free(&text);
		return ITSM_OK;
	}
	output_page(context);
	for (size_t i = 0; i < count && !context->closed; i++) {
		print(context, &happenings[i], id, &text);
		output_flush(context, &text);
	}
	itsm_buffer_free(&text);
	return ITSM_OK;
}
