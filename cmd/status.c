/* itsm status: the desk at a glance. */
#include <string.h>

#include "command.h"
#include "output.h"

struct status_values {
	enum itsm_format format;
};

static const struct option_row options[] = {
	FORMAT_ROW(struct status_values),
	{0},
};

const struct syntax status_syntax = {
	.words = "",
	.options = options,
	.size = sizeof(struct status_values),
};

static int emit_ids(struct context *context, const struct itsm_status_result *result, struct itsm_error *err)
{
	static const char *const columns[] = {"id"};
	struct itsm_emitter *emitter = output_begin(context, ITSM_FORMAT_ID, "status", columns, 1);
	struct itsm_value value;
	size_t position;

	for (position = 0; position < result->file_count; position++) {
		value = output_text(result->files[position].id);
		if (result->files[position].id)
			itsm_emit_row(emitter, &value);
	}
	return itsm_emit_end(emitter, err);
}

static void add_kinds(const struct itsm_status_result *result, struct itsm_buffer *out)
{
	size_t position;

	itsm_buffer_putc(out, '[');
	for (position = 0; position < result->kind_count; position++) {
		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "kind", result->kinds[position].kind);
		output_json_number(out, "records", (int64_t)result->kinds[position].records);
		output_json_number(out, "open", (int64_t)result->kinds[position].open);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

static void add_files(const struct itsm_status_result *result, struct itsm_buffer *out)
{
	size_t position;

	itsm_buffer_putc(out, '[');
	for (position = 0; position < result->file_count; position++) {
		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "id", result->files[position].id);
		output_json_pair(out, "change", result->files[position].change);
		output_json_pair(out, "path", result->files[position].path);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

/* One row for the desk. */
static int emit(struct context *context, const struct itsm_status_result *result, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {"name", "root", "branch", "head", "problems", "kinds", "files"};
	struct itsm_emitter *emitter = output_begin(context, format, "status", columns, sizeof(columns) / sizeof(*columns));
	struct itsm_buffer kinds = {0}, files = {0};
	char head[41];

	itsm_oid_text(&result->head, head);
	add_kinds(result, &kinds);
	add_files(result, &files);
	itsm_emit_row(emitter, (struct itsm_value[]){
		output_text(result->name), output_text(result->root), output_text(result->branch),
		output_text(itsm_oid_is_zero(&result->head) ? NULL : head), output_integer((int64_t)result->problems),
		output_json(kinds.data), output_json(files.data),
	});
	itsm_buffer_free(&kinds);
	itsm_buffer_free(&files);
	return itsm_emit_end(emitter, err);
}

static void add_head(struct context *context, const struct itsm_status_result *result, struct itsm_buffer *out)
{
	const char *branch = result->branch ? result->branch : "detached HEAD";
	char head[41];

	if (!strncmp(branch, "refs/heads/", strlen("refs/heads/")))
		branch += strlen("refs/heads/");
	itsm_oid_text(&result->head, head);
	itsm_buffer_puts(out, context->palette.bold);
	itsm_escape_terminal(out, result->name, false);
	itsm_buffer_printf(out, "%s  ", context->palette.reset);
	itsm_escape_terminal(out, branch, false);
	if (itsm_oid_is_zero(&result->head))
		itsm_buffer_puts(out, ", nothing committed");
	else
		itsm_buffer_printf(out, " at %.8s", head);
	itsm_buffer_puts(out, "  ");
	itsm_escape_terminal(out, result->root ? result->root : "", false);
	itsm_buffer_putc(out, '\n');
}

static void print(struct context *context, const struct itsm_status_result *result)
{
	const struct palette *palette = &context->palette;
	struct itsm_buffer text = {0};
	size_t position;

	add_head(context, result, &text);
	if (result->kind_count)
		itsm_buffer_printf(&text, "\n%s  %-16s %8s %8s%s\n", palette->dim, "kind", "open", "records", palette->reset);
	for (position = 0; position < result->kind_count; position++)
		itsm_buffer_printf(&text, "  %-16s %8zu %8zu\n", result->kinds[position].kind, result->kinds[position].open,
			result->kinds[position].records);
	if (result->file_count)
		itsm_buffer_puts(&text, "\nNot committed:\n");
	for (position = 0; position < result->file_count; position++) {
		itsm_buffer_printf(&text, "  %-8s ", result->files[position].change);
		itsm_escape_terminal(&text, result->files[position].path, false);
		itsm_buffer_putc(&text, '\n');
	}
	if (result->problems)
		itsm_buffer_printf(&text, "\n%s%zu problem%s%s; `itsm check` tells\n", palette->bad, result->problems,
			result->problems == 1 ? "" : "s", palette->reset);
	output_flush(context, &text);
	itsm_buffer_free(&text);
}

int command_status(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct status_values *values = data;
	struct itsm_status_result result;
	int status = itsm_desk_status(context->desk, context->arena, &result, err);

	(void)words;
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format == ITSM_FORMAT_ID)
		return emit_ids(context, &result, err);
	if (values->format != ITSM_FORMAT_TEXT)
		return emit(context, &result, values->format, err);
	print(context, &result);
	return ITSM_OK;
}
