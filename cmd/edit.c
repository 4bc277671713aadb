/* itsm edit: a record's file in the editor, committed when it holds. */
#include <string.h>

#include "command.h"
#include "output.h"
#include "process.h"

struct edit_values {
	const char *file, *message;
};

static const struct option_row options[] = {
	{'F', "file", "FILE", OPTION_TEXT, offsetof(struct edit_values, file),
		"take the new text from FILE, - for stdin, and open no editor"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct edit_values, message), "why, for the commit"},
	{0},
};

const struct syntax edit_syntax = {
	.words = "ID",
	.options = options,
	.size = sizeof(struct edit_values),
	.least = 1,
	.most = 1,
};

static int save(struct context *context, const struct itsm_record *begun, const struct itsm_buffer *text,
	const char *message, struct itsm_error *err)
{
	struct itsm_outcome outcome;
	int status;

	if (!text->length || !text->data[strspn(text->data, " \t\r\n")])
		return itsm_error_set(err, ITSM_EREFUSED, "the text is empty: nothing was changed");
	itsm_outcome_init(&outcome, context->arena);
	status = itsm_desk_edit_save(context->desk, begun, text->data, text->length, message, &outcome, err);
	return output_outcome(context, &outcome, status);
}

static int from_file(struct context *context, const struct itsm_record *begun, const struct edit_values *values,
	struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	struct draft draft;
	int status = context_read(values->file, ITSM_FILE_MAX_BYTES, &text, err);

	if (!status)
		status = save(context, begun, &text, values->message, err);
	if (!status && draft_resume(context, values->file, &draft))
		draft_end(&draft, false);
	itsm_buffer_free(&text);
	return status;
}

static int from_editor(struct context *context, const char *word, const struct itsm_record *begun, const char *message,
	struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	struct draft draft;
	const char *suffix = strrchr(begun->path, '.');
	int status = draft_begin(context, begun->id, suffix ? suffix : "", begun->text, begun->size, &draft, err);

	if (status)
		return status;
	do {
		status = draft_edit(context, &draft, &text, err);
		if (status)
			break;
		status = save(context, begun, &text, message, err);
	} while (status && draft_again(context));
	draft_end(&draft, status);
	if (status)
		output_note(context, "the text is kept; mend it and go on with: itsm edit %s --file %s", word,
			process_quote(context, draft.path));
	itsm_buffer_free(&text);
	return status;
}

int command_edit(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct edit_values *values = data;
	struct itsm_record *begun;
	int status = itsm_desk_edit_begin(context->desk, context->arena, words.items[0], &begun, err);

	if (status)
		return status;
	if (values->file)
		return from_file(context, begun, values, err);
	return from_editor(context, words.items[0], begun, values->message, err);
}
