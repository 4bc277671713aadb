/* itsm version */
#include <string.h>

#include "command.h"
#include "output.h"

const struct syntax version_syntax = {.words = ""};

int command_version(struct context *context, struct itsm_words words, const void *values, struct itsm_error *err)
{
	static const char line[] = "itsm " ITSM_VERSION "\n";

	(void)words;
	(void)values;
	(void)err;
	output_write(context, line, strlen(line));
	return ITSM_OK;
}
