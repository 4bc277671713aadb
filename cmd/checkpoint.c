/* itsm checkpoint: pin what is committed with a signed tag. */
#include "command.h"
#include "itsm/audit.h"
#include "output.h"

struct checkpoint_values {
	const char *message, *key;
	bool is_unsigned;
};

static const struct option_row options[] = {
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct checkpoint_values, message), "a text for the tag"},
	{0, "key", "FILE", OPTION_TEXT, offsetof(struct checkpoint_values, key),
		"sign with this SSH key instead of what git is configured to"},
	{0, "unsigned", NULL, OPTION_FLAG, offsetof(struct checkpoint_values, is_unsigned),
		"do not sign; it proves nothing then"},
	{0},
};

const struct syntax checkpoint_syntax = {
	.words = "",
	.options = options,
	.size = sizeof(struct checkpoint_values),
};

int command_checkpoint(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct checkpoint_values *values = data;
	struct itsm_checkpoint request = {
		.message = values->message,
		.key = values->key ? context_path(context, values->key) : NULL,
		.is_unsigned = values->is_unsigned,
	};
	struct itsm_checkpointed made;
	struct itsm_buffer line = {0};
	int status;

	(void)words;
	if (values->key && values->is_unsigned)
		return itsm_error_set(err, ITSM_EUSAGE, "checkpoint: --key and --unsigned do not go together");
	status = itsm_desk_checkpoint(context->desk, context->arena, &request, &made, err);
	if (status)
		return status;
	itsm_buffer_printf(&line, "%s %s\n", made.name, made.digest);
	output_flush(context, &line);
	itsm_buffer_free(&line);
	if (made.signer)
		output_note(context,
			"signed by %s; give it to others with `git push origin %s`, and keep its digest elsewhere",
			made.signer, made.name);
	else
		output_note(context, "unsigned: it proves nothing, and `itsm verify` says so");
	return ITSM_OK;
}
