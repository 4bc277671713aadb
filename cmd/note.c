/* itsm note: what somebody has to say about a record, in a file of its own. */
#include <string.h>

#include "command.h"
#include "output.h"
#include "process.h"

#define SCISSORS "# ------------------------ >8 ------------------------"

struct note_values {
	const char *message, *file;
};

static const struct option_row options[] = {
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct note_values, message), "the note"},
	{'F', "file", "FILE", OPTION_TEXT, offsetof(struct note_values, file), "take the note from FILE, - for stdin"},
	{0},
};

const struct syntax note_syntax = {
	.words = "ID",
	.options = options,
	.size = sizeof(struct note_values),
	.least = 1,
	.most = 1,
};

/* Everything above the scissors, without blanks at its end. */
static void cut(struct itsm_buffer *text)
{
	char *scissors = text->data ? strstr(text->data, SCISSORS) : NULL;

	if (scissors)
		text->length = (size_t)(scissors - text->data);
	while (text->length && strchr(" \t\r\n", text->data[text->length - 1]))
		text->length--;
	if (text->data)
		text->data[text->length] = '\0';
}

static int save(struct context *context, const char *id, const char *text, struct itsm_error *err)
{
	struct itsm_outcome outcome;

	itsm_outcome_init(&outcome, context->arena);
	return output_made(context, &outcome, itsm_desk_note(context->desk, id, text, &outcome, err));
}

static int from_editor(struct context *context, const char *id, struct itsm_error *err)
{
	const char *template = itsm_arena_printf(context->arena, "\n" SCISSORS "\n"
		"# The note on %s. Write above this line; with nothing written, nothing is made.\n", id);
	struct itsm_buffer text = {0};
	struct draft draft;
	int status = draft_begin(context, "note", ".md", template, strlen(template), &draft, err);

	if (status)
		return status;
	status = draft_edit(context, &draft, &text, err);
	cut(&text);
	if (!status && text.length)
		status = save(context, id, text.data, err);
	else if (!status)
		status = itsm_error_set(err, ITSM_EREFUSED, "the note is empty: nothing was made");
	draft_end(&draft, status && text.length);
	if (status && text.length)
		output_note(context, "the text is kept; go on with: itsm note %s -F %s", id,
			process_quote(context, draft.path));
	itsm_buffer_free(&text);
	return status;
}

int command_note(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct note_values *values = data;
	struct itsm_buffer text = {0};
	int status = ITSM_OK;

	if (values->message && values->file)
		return itsm_error_set(err, ITSM_EUSAGE, "note: -m and -F do not go together");
	if (!values->message && !values->file && context->in_terminal)
		return from_editor(context, words.items[0], err);
	if (values->message)
		itsm_buffer_puts(&text, values->message);
	else
		status = context_read(values->file ? values->file : "-", ITSM_FILE_MAX_BYTES, &text, err);
	if (!status && text.length && memchr(text.data, '\0', text.length))
		status = itsm_error_set(err, ITSM_EDATA, "the note holds a NUL character; take it out");
	cut(&text);
	if (!status && !text.length)
		status = itsm_error_set(err, ITSM_EUSAGE, "the note is empty; give its text with -m, or on stdin");
	if (!status)
		status = save(context, words.items[0], text.data, err);
	itsm_buffer_free(&text);
	return status;
}
