/* itsm similar: what is like a record, what is known of it, and what changed lately on what it touches. */
#include "similar.h"

#include <string.h>

#include "command.h"
#include "output.h"

#define SECONDS 10
#define QUICK_SECONDS 2
#define INDENT 4

struct similar_values {
	enum itsm_format format;
};

static const struct option_row options[] = {
	FORMAT_ROW(struct similar_values),
	{0},
};

const struct syntax similar_syntax = {
	.words = "ID",
	.options = options,
	.size = sizeof(struct similar_values),
	.least = 1,
	.most = 1,
};

int similar_ask(struct context *context, const char *id, bool quick, struct itsm_similar *out, struct itsm_error *err)
{
	int64_t end = context_deadline(quick ? QUICK_SECONDS : SECONDS);
	struct itsm_similar_options asked = {.ready_only = quick, .expired = context_expired, .expired_context = &end};
	int status = itsm_desk_similar(context->desk, context->arena, id, &asked, out, err);

	context_progress_clear(context);
	return status;
}

static void add_one(struct context *context, const struct itsm_related *related, const struct palette *palette,
	struct itsm_buffer *out)
{
	struct itsm_time at;

	itsm_buffer_printf(out, "  %s", palette->bold);
	itsm_escape_terminal(out, related->id, false);
	itsm_buffer_puts(out, palette->reset);
	if (related->state) {
		itsm_buffer_puts(out, "  ");
		itsm_escape_terminal(out, related->state, false);
	}
	if (related->title) {
		itsm_buffer_puts(out, "  ");
		itsm_escape_terminal(out, related->title, false);
	}
	if (related->at && itsm_time_parse(related->at, &at, NULL) == 0) {
		itsm_buffer_printf(out, "%s", palette->dim);
		output_distance(context, at.seconds, out);
		itsm_buffer_puts(out, palette->reset);
	}
	itsm_buffer_putc(out, '\n');
	if (related->text && *related->text) {
		itsm_buffer_printf(out, "%*s", INDENT, "");
		output_indented(out, related->text, INDENT);
		itsm_buffer_putc(out, '\n');
	}
}

void similar_text(struct context *context, const struct itsm_similar *similar, const struct palette *palette,
	struct itsm_buffer *out)
{
	for (size_t i = 0; i < similar->count; i++) {
		const struct itsm_related *related = &similar->items[i];

		if (i == 0 || strcmp(related->query, similar->items[i - 1].query) != 0) {
			itsm_buffer_puts(out, palette->head);
			itsm_escape_terminal(out, related->help, false);
			itsm_buffer_printf(out, "%s\n", palette->reset);
		}
		add_one(context, related, palette, out);
	}
}

void similar_json(const struct itsm_similar *similar, struct itsm_buffer *out)
{
	itsm_buffer_putc(out, '[');
	for (size_t i = 0; i < similar->count; i++) {
		const struct itsm_related *related = &similar->items[i];

		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "query", related->query);
		output_json_pair(out, "id", related->id);
		output_json_pair(out, "title", related->title);
		output_json_pair(out, "state", related->state);
		output_json_pair(out, "at", related->at);
		output_json_pair(out, "text", related->text);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

static int emit(struct context *context, const struct itsm_similar *similar, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"id", "query", "title", "state", "at", "text"};
	struct itsm_emitter *emitter = output_begin(context, format, "similar", columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < similar->count && !context->closed; i++) {
		const struct itsm_related *related = &similar->items[i];
		const struct itsm_value row[] = {
			output_text(related->id), output_text(related->query), output_text(related->title),
			output_text(related->state), output_text(related->at), output_text(related->text),
		};

		itsm_emit_row(emitter, row);
	}
	return itsm_emit_end(emitter, err);
}

int command_similar(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct similar_values *values = data;
	struct itsm_similar similar;
	struct itsm_buffer text = {0};
	int status = similar_ask(context, words.items[0], false, &similar, err);

	if (status)
		return status;
	if (similar.cut)
		output_note(context, "it took too long: there may be more");
	if (values->format != ITSM_FORMAT_TEXT)
		return emit(context, &similar, values->format, err);
	if (!similar.count)
		output_note(context, "nothing is like %s, and nothing changed lately on what it touches", similar.id);
	similar_text(context, &similar, &context->palette, &text);
	output_flush(context, &text);
	itsm_buffer_free(&text);
	return ITSM_OK;
}
