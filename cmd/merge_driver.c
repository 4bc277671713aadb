/* itsm merge-driver: what git runs for a record that both sides changed. */
#include <string.h>

#include "command.h"
#include "itsm/exchange.h"
#include "output.h"

/* git takes an exit code above 128 for a driver that failed, anything else but 0 for conflicts in its result. */
#define FAILED 129

static const struct option_row options[] = {
	{0},
};

const struct syntax merge_driver_syntax = {
	.words = "BASE OURS THEIRS PATH",
	.options = options,
	.least = 4,
	.most = 4,
	.failure_code = FAILED,
};

static void add_side(struct itsm_buffer *out, const char *name, const char *value)
{
	itsm_buffer_printf(out, "; %s: ", name);
	itsm_buffer_puts(out, !value ? "nothing" : strpbrk(value, "\n") ? "..." : value);
}

/* One line for each conflict: what, why, and both sides where they are short. */
static void print_details(struct context *context, const char *path, const struct itsm_merged *merged)
{
	struct itsm_buffer text = {0};
	size_t position;

	for (position = 0; merged->details && position < merged->conflicts; position++) {
		const struct itsm_merge_conflict *conflict = &merged->details[position];

		itsm_buffer_clear(&text);
		itsm_buffer_printf(&text, "%s:%u: %s: %s", path, conflict->line,
			*conflict->field ? conflict->field : "the file", conflict->reason);
		add_side(&text, "ours", conflict->ours);
		add_side(&text, "theirs", conflict->theirs);
		output_note(context, "%s", text.data);
	}
	itsm_buffer_free(&text);
	if (merged->lines && *merged->lines)
		output_note(context, "%s: merged line by line: %s", path, merged->lines);
}

int command_merge_driver(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	struct itsm_desk_options desk = context_desk_options(context);
	struct itsm_merge_files files = {
		context->folder, words.items[3], words.items[0], words.items[1], words.items[2]};
	struct itsm_merged merged;
	int status = itsm_merge_run(context->arena, &desk, &files, &merged, err);

	(void)data;
	if (status)
		return status;
	print_details(context, files.path, &merged);
	return merged.conflicts ? ITSM_EREFUSED : ITSM_OK;
}
