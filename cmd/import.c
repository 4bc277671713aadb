/* itsm import: rows of a file to records, by a map. */
#include <stdio.h>

#include "command.h"
#include "itsm/import.h"
#include "output.h"

#define MAP_MAX_BYTES (1u << 20)

struct import_values {
	const char *map, *message;
	bool replay, dry_run;
};

static const struct option_row options[] = {
	{0, "map", "MAP", OPTION_TEXT, offsetof(struct import_values, map), "the map (YAML) from rows to records", true},
	{0, "replay", NULL, OPTION_FLAG, offsetof(struct import_values, replay),
		"a commit for each row, with its time and author"},
	{'n', "dry-run", NULL, OPTION_FLAG, offsetof(struct import_values, dry_run), "only say what would happen"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct import_values, message), "why, for the commit"},
	{0},
};

const struct syntax import_syntax = {
	.words = "FILE",
	.options = options,
	.size = sizeof(struct import_values),
	.least = 1,
	.most = 1,
};

static void rejected(void *data, const struct itsm_import_rejection *rejection)
{
	struct context *context = data;

	output_note(context, "%s:%u: %s%s%s", rejection->file, rejection->line, rejection->key ? rejection->key : "",
		rejection->key ? ": " : "", rejection->reason);
}

static void tell(struct context *context, const struct itsm_import_result *result, bool dry_run)
{
	struct itsm_buffer text = {0};

	itsm_buffer_printf(&text, "%s%zu rows: %zu new, %zu changed, %zu unchanged, %zu rejected",
		dry_run ? "would import " : "", result->rows, result->records, result->changed, result->unchanged,
		result->rejected);
	if (result->ensured)
		itsm_buffer_printf(&text, "; %zu records made for what they refer to", result->ensured);
	if (!dry_run)
		itsm_buffer_printf(&text, "; %zu commit%s", result->commits, result->commits == 1 ? "" : "s");
	itsm_buffer_putc(&text, '\n');
	output_flush(context, &text);
	itsm_buffer_free(&text);
}

int command_import(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct import_values *values = data;
	struct itsm_buffer map = {0};
	struct itsm_import_result result;
	struct itsm_import_options request = {
		.map_path = values->map,
		.source = words.items[0],
		.replay = values->replay,
		.dry_run = values->dry_run,
		.message = values->message,
		.rejected = rejected,
		.context = context,
	};
	int status = context_read(values->map, MAP_MAX_BYTES, &map, err);

	request.map = map.data;
	request.map_size = map.length;
	if (!status)
		status = itsm_desk_import(context->desk, &request, &result, err);
	itsm_buffer_free(&map);
	if (status)
		return status;
	context_progress_clear(context);
	tell(context, &result, values->dry_run);
	return result.rejected ? output_told(err) : ITSM_OK;
}
