/* itsm export: the desk as data for other programs. */
#include <string.h>

#include "command.h"
#include "itsm/warehouse.h"
#include "output.h"

struct export_values {
	const char *format, *output, *at, *schema;
	bool force;
};

static const struct option_row options[] = {
	{0, "format", "sqlite|csv|jsonl|postgres", OPTION_TEXT, offsetof(struct export_values, format),
		"what to make of it", true},
	{'o', "output", "FILE", OPTION_TEXT, offsetof(struct export_values, output),
		"write to FILE, a folder for csv, and not to stdout"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct export_values, at), "export the desk as committed at REV"},
	{0, "schema", "NAME", OPTION_TEXT, offsetof(struct export_values, schema),
		"postgres: the schema that gets the tables, itsm if not given"},
	{0, "force", NULL, OPTION_FLAG, offsetof(struct export_values, force), "replace files that are there"},
	{0},
};

const struct syntax export_syntax = {
	.words = "[KIND ...]",
	.options = options,
	.size = sizeof(struct export_values),
	.most = MANY_WORDS,
};

static int read_format(const char *word, enum itsm_export_format *out, struct itsm_error *err)
{
	static const char *const names[] = {
		[ITSM_EXPORT_SQLITE] = "sqlite",
		[ITSM_EXPORT_CSV] = "csv",
		[ITSM_EXPORT_JSONL] = "jsonl",
		[ITSM_EXPORT_POSTGRES] = "postgres",
	};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!strcmp(names[i], word)) {
			*out = (enum itsm_export_format)i;
			return ITSM_OK;
		}
	}
	return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no format to export; there are sqlite, csv, jsonl and postgres",
		word);
}

int command_export(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct export_values *values = data;
	struct itsm_export_options request = {
		.at = values->at,
		.words = words.items,
		.word_count = words.count,
		.sink = {output_write, context},
		.schema = values->schema,
		.force = values->force,
	};
	int status = read_format(values->format, &request.format, err);

	if (status)
		return status;
	if (values->schema && request.format != ITSM_EXPORT_POSTGRES)
		return itsm_error_set(err, ITSM_EUSAGE, "--schema is for postgres only");
	if (values->output)
		request.output = context_path(context, values->output);
	status = itsm_desk_export(context->desk, &request, err);
	if (!status && values->output)
		output_note(context, "wrote %s", values->output);
	return status;
}
