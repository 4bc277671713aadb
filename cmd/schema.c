/* itsm schema: a kind in full, for people, programs and editors. */
#include <string.h>

#include "command.h"
#include "kind_source.h"
#include "output.h"
#include "schema_print.h"

struct schema_values {
	bool json_schema, source;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "json-schema", NULL, OPTION_FLAG, offsetof(struct schema_values, json_schema),
		"print a JSON Schema of the front matter"},
	{0, "source", NULL, OPTION_FLAG, offsetof(struct schema_values, source), "print the YAML it is defined by"},
	FORMAT_ROW(struct schema_values),
	{0},
};

const struct syntax schema_syntax = {
	.words = "KIND",
	.options = options,
	.size = sizeof(struct schema_values),
	.least = 1,
	.most = 1,
};

static int find(struct context *context, const struct itsm_kinds *kinds, const char *name,
	const struct itsm_kind **out, struct itsm_error *err)
{
	if (context->desk)
		return itsm_desk_kind(context->desk, name, out, err);
	*out = itsm_kinds_find(kinds, name);
	if (!*out)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no kind; `itsm kinds` lists them", name);
	return ITSM_OK;
}

/* A desk's own file, or the built-in text. */
static int print_source(struct context *context, const struct itsm_kind *kind, struct itsm_error *err)
{
	const char *text = itsm_kinds_source(kind), *path;
	struct itsm_buffer file = {0};
	int status = ITSM_OK;

	if (text) {
		itsm_buffer_puts(&file, text);
	} else {
		path = itsm_arena_printf(context->arena, "%s/%s", itsm_desk_place(context->desk)->root, kind->origin);
		status = context_read(path, ITSM_YAML_MAX_BYTES, &file, err);
	}
	if (!status)
		output_flush(context, &file);
	itsm_buffer_free(&file);
	return status;
}

static int print(struct context *context, const struct itsm_kind *kind, const struct schema_values *values,
	struct itsm_error *err)
{
	struct itsm_buffer text = {0};

	if (values->source)
		return print_source(context, kind, err);
	if (!values->json_schema && values->format != ITSM_FORMAT_TEXT)
		return schema_emit(context, kind, values->format, err);
	if (values->json_schema) {
		itsm_kind_json_schema(kind, &text);
		if (text.length && text.data[text.length - 1] != '\n')
			itsm_buffer_putc(&text, '\n');
	} else {
		schema_text(context, kind, &text);
		output_page(context);
	}
	output_flush(context, &text);
	itsm_buffer_free(&text);
	return ITSM_OK;
}

int command_schema(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct itsm_kinds *kinds;
	struct itsm_kinds *own;
	const struct itsm_kind *kind;
	int status = kind_source_open(context, &kinds, &own, err);

	if (!status)
		status = find(context, kinds, words.items[0], &kind, err);
	if (!status)
		status = print(context, kind, data, err);
	if (own)
		itsm_kinds_free(own);
	return status;
}
