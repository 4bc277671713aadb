/* itsm completion: the script of a shell. */
#include "completion.h"

#include <string.h>

#include "output.h"

const struct syntax completion_syntax = {
	.words = "bash|zsh|fish",
	.least = 1,
	.most = 1,
};

int command_completion(struct context *context, struct itsm_words words, const void *values, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	const char *shell = words.items[0];

	(void)values;
	if (!strcmp(shell, "bash"))
		completion_bash(&text);
	else if (!strcmp(shell, "zsh"))
		completion_zsh(&text);
	else if (!strcmp(shell, "fish"))
		completion_fish(&text);
	else
		return itsm_error_set(err, ITSM_EUSAGE, "there are completions for bash, zsh and fish, not for '%s'", shell);
	output_flush(context, &text);
	itsm_buffer_free(&text);
	return ITSM_OK;
}
