/* itsm new: a record from words, from a file, or from the editor. */
#include <stdio.h>
#include <string.h>

#include "ask.h"
#include "command.h"
#include "itsm/pipeline.h"
#include "output.h"
#include "process.h"
#include "similar.h"

struct new_values {
	const char *title, *body_file, *file, *message, *from, *model, *repository;
	bool edit, similar, quiet;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{'t', "title", "TITLE", OPTION_TEXT, offsetof(struct new_values, title), "the record's title"},
	{'b', "body-file", "FILE", OPTION_TEXT, offsetof(struct new_values, body_file),
		"take the body (Markdown) from FILE, - for stdin"},
	{'e', "edit", NULL, OPTION_FLAG, offsetof(struct new_values, edit), "open the editor on the kind's template"},
	{'F', "file", "FILE", OPTION_TEXT, offsetof(struct new_values, file),
		"take the whole record from FILE, - for stdin"},
	{0, "from", "BASE..HEAD", OPTION_TEXT, offsetof(struct new_values, from), "make it of these commits of code"},
	{0, "model", "ID", OPTION_TEXT, offsetof(struct new_values, model), "with --from: the model that a standard change follows"},
	{0, "repository", "DIR", OPTION_TEXT, offsetof(struct new_values, repository),
		"with --from: where the code is; the desk's repository when not given"},
	{0, "similar", NULL, OPTION_FLAG, offsetof(struct new_values, similar),
		"tell what is like it, which is done on a terminal anyway"},
	{0, "quiet", NULL, OPTION_FLAG, offsetof(struct new_values, quiet), "ask nothing, and tell nothing but the ID"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct new_values, message), "why, for the commit"},
	FORMAT_ROW(struct new_values),
	{0},
};

const struct syntax new_syntax = {
	.words = "KIND [FIELD=VALUE ...]",
	.options = options,
	.size = sizeof(struct new_values),
	.least = 1,
	.most = MANY_WORDS,
};

/* What is like it, for somebody who looks. The record is made: what can't be told is no failure. */
static void tell_similar(struct context *context, const struct new_values *values, const char *kind, const char *id,
	struct itsm_buffer *json)
{
	static const struct palette plain = {"", "", "", "", "", "", ""};
	struct itsm_buffer text = {0};
	struct itsm_similar similar;
	struct itsm_error failure = {0};
	bool any = false;

	if (values->quiet || (!json && !values->similar && !context->err_terminal) ||
	    itsm_desk_has_similar(context->desk, kind, &any, NULL) || !any)
		return;
	if (similar_ask(context, id, true, &similar, &failure)) {
		output_note(context, "what is like it can't be told: %s", failure.message);
		return;
	}
	if (json) {
		similar_json(&similar, json);
		return;
	}
	similar_text(context, &similar, &plain, &text);
	if (similar.without_text || similar.cut)
		itsm_buffer_printf(&text, "`itsm similar %s` looks at the text of all records too\n", id);
	fwrite(text.data ? text.data : "", 1, text.length, stderr);
	itsm_buffer_free(&text);
}

static int emit(struct context *context, const struct new_values *values, const char *kind,
	const struct itsm_outcome *outcome, struct itsm_error *err)
{
	static const char *const columns[] = {"id", "kind", "path", "commit", "similar"};
	struct itsm_emitter *emitter;
	struct itsm_buffer similar = {0};
	struct itsm_value row[sizeof(columns) / sizeof(*columns)];
	char commit[41];

	itsm_oid_text(&outcome->commit, commit);
	tell_similar(context, values, kind, outcome->id, &similar);
	row[0] = output_text(outcome->id);
	row[1] = output_text(kind);
	row[2] = output_text(outcome->path);
	row[3] = output_text(commit);
	row[4] = output_json(similar.length ? similar.data : "[]");
	emitter = output_begin(context, values->format, "new", columns, sizeof(columns) / sizeof(*columns));
	itsm_emit_row(emitter, row);
	itsm_buffer_free(&similar);
	return itsm_emit_end(emitter, err);
}

static int tell(struct context *context, const struct new_values *values, const char *kind,
	const struct itsm_outcome *outcome, int status, struct itsm_error *err)
{
	if (!status && values->format != ITSM_FORMAT_TEXT)
		return emit(context, values, kind, outcome, err);
	status = output_made(context, outcome, status);
	if (!status)
		tell_similar(context, values, kind, outcome->id, NULL);
	return status;
}

static int make(struct context *context, const struct new_values *values, const struct itsm_new *request,
	struct itsm_error *err)
{
	struct itsm_outcome outcome;
	int status;

	itsm_outcome_init(&outcome, context->arena);
	status = itsm_desk_new(context->desk, request, &outcome, err);
	return tell(context, values, request->kind, &outcome, status, err);
}

static int from_commits(struct context *context, const struct itsm_new *request, const struct new_values *values,
	struct itsm_error *err)
{
	struct itsm_from from = {
		.kind = request->kind,
		.range = values->from,
		.repository = values->repository ? context_path(context, values->repository) : NULL,
		.model = values->model,
		.title = values->title,
		.words = request->words,
		.message = values->message,
	};
	struct itsm_outcome outcome;
	int status;

	if (values->file || values->edit || values->body_file)
		return itsm_error_set(err, ITSM_EUSAGE, "new: --from makes the body; it goes with no --file, --edit or --body-file");
	itsm_outcome_init(&outcome, context->arena);
	status = itsm_desk_new_from(context->desk, &from, &outcome, err);
	return tell(context, values, request->kind, &outcome, status, err);
}

static bool is_blank(const struct itsm_buffer *text)
{
	return !text->length || !text->data[strspn(text->data, " \t\r\n")];
}

/* How to go on with a text that was refused. */
static void tell_kept(struct context *context, const struct itsm_new *request, const char *path)
{
	struct itsm_buffer command = {0};
	const char *word;
	size_t position;

	itsm_buffer_printf(&command, "itsm new %s", request->kind);
	for (position = 0; position < request->words.count; position++) {
		word = request->words.items[position];
		if (!strncmp(word, "id=", 3) || !strncmp(word, "record=", 7))
			itsm_buffer_printf(&command, " %s", process_quote(context, word));
	}
	output_note(context, "the text is kept; mend it and go on with: %s --file %s", command.data,
		process_quote(context, path));
	itsm_buffer_free(&command);
}

static int edit_and_make(struct context *context, const struct new_values *values, struct itsm_new *request, const struct draft *draft,
	const struct itsm_buffer *template, bool *keep, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	int status;

	do {
		status = draft_edit(context, draft, &text, err);
		*keep = status != ITSM_OK;
		if (status)
			break;
		if (is_blank(&text) || (text.length == template->length && !memcmp(text.data, template->data, text.length))) {
			status = itsm_error_set(err, ITSM_EREFUSED, "the text was left as it was: nothing was made");
			break;
		}
		request->text = text.data;
		status = make(context, values, request, err);
		*keep = status != ITSM_OK;
	} while (status && draft_again(context));
	itsm_buffer_free(&text);
	request->text = NULL;
	return status;
}

static int from_editor(struct context *context, const struct new_values *values, const struct itsm_kind *kind,
	struct itsm_new *request, struct itsm_error *err)
{
	struct itsm_buffer template = {0};
	struct draft draft;
	bool keep;
	int status = itsm_desk_template(context->desk, request, &template, err);

	if (!status)
		status = draft_begin(context, kind->name, kind->markdown ? ".md" : ".yaml", template.data, template.length,
			&draft, err);
	if (!status) {
		status = edit_and_make(context, values, request, &draft, &template, &keep, err);
		draft_end(&draft, keep);
		if (keep)
			tell_kept(context, request, draft.path);
	}
	itsm_buffer_free(&template);
	return status;
}

static int from_file(struct context *context, const struct new_values *values, struct itsm_new *request,
	struct itsm_error *err)
{
	const char *path = values->file;
	struct itsm_buffer text = {0};
	struct draft draft;
	int status = context_read(path, ITSM_FILE_MAX_BYTES, &text, err);

	if (!status && text.length && memchr(text.data, '\0', text.length))
		status = itsm_error_set(err, ITSM_EDATA, "'%s' holds a NUL character; take it out", path);
	request->text = text.data;
	if (!status)
		status = make(context, values, request, err);
	if (!status && draft_resume(context, path, &draft))
		draft_end(&draft, false);
	itsm_buffer_free(&text);
	return status;
}

static int from_words(struct context *context, const struct new_values *values, struct itsm_new *request,
	const struct itsm_kind *kind, struct itsm_error *err)
{
	const char *body_file = values->body_file;
	struct itsm_buffer body = {0};
	int status = ITSM_OK;

	if (body_file)
		status = context_read(body_file, ITSM_FILE_MAX_BYTES, &body, err);
	if (!status && body.length && memchr(body.data, '\0', body.length))
		status = itsm_error_set(err, ITSM_EDATA, "'%s' holds a NUL character; take it out", body_file);
	request->body = body_file ? body.data : NULL;
	if (!status && !values->edit && !values->quiet)
		ask_fields(context, kind->fields, kind->field_count, false, &request->words);
	if (!status && values->edit)
		status = from_editor(context, values, kind, request, err);
	else if (!status)
		status = make(context, values, request, err);
	itsm_buffer_free(&body);
	return status;
}

int command_new(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct new_values *values = data;
	struct itsm_new request = {
		.kind = words.items[0],
		.words = {words.items + 1, words.count - 1},
		.title = values->title,
		.message = values->message,
	};
	const struct itsm_kind *kind;
	int status;

	if (!values->from && (values->model || values->repository))
		return itsm_error_set(err, ITSM_EUSAGE, "new: --model and --repository go with --from BASE..HEAD");
	if (values->from)
		return from_commits(context, &request, values, err);
	if (values->file && (values->edit || values->body_file || values->title))
		return itsm_error_set(err, ITSM_EUSAGE,
			"new: --file is the whole record; it goes with no --edit, --body-file or --title");
	status = itsm_desk_kind(context->desk, request.kind, &kind, err);
	if (status)
		return status;
	if (values->file)
		return from_file(context, values, &request, err);
	return from_words(context, values, &request, kind, err);
}
