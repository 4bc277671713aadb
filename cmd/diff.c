/* itsm diff: what differs between two revisions, record by record. */
#include "command.h"
#include "entry.h"

struct diff_values {
	const char *id, *of;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "id", "ID", OPTION_TEXT, offsetof(struct diff_values, id), "compare only this record and its parts"},
	{0, "of", "ID", OPTION_TEXT, offsetof(struct diff_values, of), "compare only this record and what it rests on"},
	FORMAT_ROW(struct diff_values),
	{0},
};

const struct syntax diff_syntax = {
	.words = "[A..B]",
	.options = options,
	.size = sizeof(struct diff_values),
	.most = 1,
};

int command_diff(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct diff_values *values = data;
	struct entry_printer printer = {.context = context, .format = values->format, .command = "diff"};
	struct itsm_log_options request = {.id = values->id, .of = values->of, .entry = entry_print, .context = &printer};
	int status = itsm_desk_diff(context->desk, words.count ? words.items[0] : NULL, &request, err);

	return entry_end(&printer, status, err);
}
