/* itsm log: what changed, field by field, from history. */
#include "command.h"
#include "entry.h"

struct log_values {
	const char *at;
	int64_t limit;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{'n', "limit", "COUNT", OPTION_COUNT, offsetof(struct log_values, limit), "tell so many changes at most"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct log_values, at), "tell the history up to REV"},
	FORMAT_ROW(struct log_values),
	{0},
};

const struct syntax log_syntax = {
	.words = "[ID]",
	.options = options,
	.size = sizeof(struct log_values),
	.most = 1,
};

int command_log(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct log_values *values = data;
	struct entry_printer printer = {
		.context = context, .format = values->format, .command = "log", .commits = true,
	};
	struct itsm_log_options request = {
		.id = words.count ? words.items[0] : NULL,
		.at = values->at,
		.limit = (size_t)values->limit,
		.entry = entry_print,
		.context = &printer,
	};
	int status = itsm_desk_log(context->desk, &request, err);

	return entry_end(&printer, status, err);
}
