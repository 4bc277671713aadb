/* itsm show: one record with its notes and approvals. */
#include "card.h"
#include "command.h"
#include "output.h"

struct show_values {
	const char *at;
	bool links;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{'l', "links", NULL, OPTION_FLAG, offsetof(struct show_values, links), "show what links here too"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct show_values, at), "show the record as committed at REV"},
	FORMAT_ROW(struct show_values),
	{0},
};

const struct syntax show_syntax = {
	.words = "ID",
	.options = options,
	.size = sizeof(struct show_values),
	.least = 1,
	.most = 1,
};

int command_show(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct show_values *values = data;
	struct itsm_shown shown;
	struct itsm_buffer text = {0};
	int status;

	status = itsm_desk_show(context->desk, context->arena, words.items[0], values->at, values->links, &shown, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format != ITSM_FORMAT_TEXT)
		return card_emit(context, &shown, values->links, values->format, err);
	card_text(context, &shown, &text);
	output_page(context);
	output_flush(context, &text);
	itsm_buffer_free(&text);
	return ITSM_OK;
}
