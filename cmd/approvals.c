/* itsm approvals: who has to agree to a record and why, who has, and what is missing. */
#include <string.h>

#include "command.h"
#include "itsm/approval.h"
#include "output.h"
#include "reviews.h"

struct approvals_values {
	const char *base;
	struct itsm_words reviews;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "base", "REV", OPTION_TEXT, offsetof(struct approvals_values, base),
		"judge by the policy, people and keys of this revision, not of HEAD"},
	REVIEWS_ROW(struct approvals_values),
	FORMAT_ROW(struct approvals_values),
	{0},
};

const struct syntax approvals_syntax = {
	.words = "ID",
	.options = options,
	.size = sizeof(struct approvals_values),
	.least = 1,
	.most = 1,
};

/* "signature, commit" */
static const char *witnesses(struct context *context, unsigned mask)
{
	static const struct {
		unsigned bit;
		const char *name;
	} names[] = {{ITSM_WITNESS_SIGNATURE, "signature"}, {ITSM_WITNESS_FORGE, "forge"}, {ITSM_WITNESS_COMMIT, "commit"}};
	const char *text = "";
	size_t position;

	for (position = 0; position < sizeof(names) / sizeof(*names); position++)
		if (mask & names[position].bit)
			text = itsm_arena_printf(context->arena, "%s%s%s", text, *text ? ", " : "", names[position].name);
	return text;
}

static const char *place_name(enum itsm_quorum_place place)
{
	static const char *const names[] = {
		[ITSM_PLACE_WAITING] = "waiting", [ITSM_PLACE_APPROVED] = "approved", [ITSM_PLACE_REJECTED] = "rejected",
		[ITSM_PLACE_OWN] = "own change", [ITSM_PLACE_INACTIVE] = "inactive",
	};

	return names[place];
}

static void add_answer_json(const struct itsm_approvals_shown *shown, size_t position, struct itsm_buffer *out)
{
	const struct itsm_approval_answer *answer = &shown->verdict.answers[position];
	size_t i;

	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_pair(out, "rule", answer->ask->rule);
	output_json_pair(out, "help", shown->help[position]);
	output_json_pair(out, "states", shown->states[position]);
	output_json_pair(out, "whom", answer->whom);
	output_json_number(out, "needed", answer->result.needed);
	output_json_number(out, "have", answer->result.have);
	output_json_number(out, "possible", answer->result.possible);
	output_json_boolean(out, "met", answer->result.met);
	output_json_boolean(out, "late", answer->result.late);
	output_json_boolean(out, "pending", answer->pending);
	output_json_pair(out, "missing", answer->missing);
	output_json_name(out, "people");
	itsm_buffer_putc(out, '[');
	for (i = 0; i < answer->result.answer_count; i++) {
		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "person", answer->result.answers[i].person);
		output_json_pair(out, "is", place_name(answer->result.answers[i].place));
		output_json_pair(out, "by", answer->result.answers[i].by);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_puts(out, "]}");
}

static void add_approval_json(struct context *context, const struct itsm_approval *approval, struct itsm_buffer *out)
{
	char at[ITSM_TIME_TEXT];

	itsm_time_format_utc(approval->at, at);
	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_pair(out, "person", approval->person);
	output_json_pair(out, "name", approval->name);
	output_json_pair(out, "decision", approval->decision);
	output_json_pair(out, "role", approval->role);
	output_json_pair(out, "at", approval->decision ? at : NULL);
	output_json_pair(out, "status", itsm_approval_status_name(approval->status));
	output_json_pair(out, "witnesses", witnesses(context, approval->witnesses));
	output_json_pair(out, "detail", approval->detail);
	output_json_pair(out, "comment", approval->comment);
	output_json_pair(out, "digest", approval->digest);
	output_json_pair(out, "path", approval->path);
	output_json_pair(out, "review", approval->review);
	output_json_pair(out, "author", approval->author);
	itsm_buffer_putc(out, '}');
}

static int emit(struct context *context, const struct itsm_approvals_shown *shown, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"id", "kind", "state", "title", "complete", "digest", "required", "approvals", "authors"};
	struct itsm_emitter *emitter = output_begin(context, format, "approvals", columns, sizeof(columns) / sizeof(*columns));
	struct itsm_buffer required = {0}, approvals = {0}, authors = {0};
	size_t position;

	itsm_buffer_putc(&required, '[');
	for (position = 0; position < shown->verdict.answer_count; position++)
		add_answer_json(shown, position, &required);
	itsm_buffer_putc(&required, ']');
	itsm_buffer_putc(&approvals, '[');
	for (position = 0; position < shown->verdict.approval_count; position++)
		add_approval_json(context, &shown->verdict.approvals[position], &approvals);
	itsm_buffer_putc(&approvals, ']');
	output_json_list(&authors, shown->verdict.authors);
	itsm_emit_row(emitter, (struct itsm_value[]){
		output_text(shown->id), output_text(shown->kind), output_text(shown->state), output_text(shown->title),
		output_boolean(shown->verdict.complete), output_text(shown->verdict.digest), output_json(required.data),
		output_json(approvals.data), output_json(authors.data),
	});
	itsm_buffer_free(&required);
	itsm_buffer_free(&approvals);
	itsm_buffer_free(&authors);
	return itsm_emit_end(emitter, err);
}

static void print_answers(struct context *context, const struct itsm_approvals_shown *shown, struct itsm_buffer *out)
{
	const struct palette *palette = &context->palette;
	size_t position;

	if (!shown->verdict.answer_count)
		itsm_buffer_puts(out, "  no rule asks for an approval\n");
	for (position = 0; position < shown->verdict.answer_count; position++) {
		const struct itsm_approval_answer *answer = &shown->verdict.answers[position];
		const char *color = answer->result.met ? palette->good : answer->pending ? palette->dim : palette->warning;

		itsm_buffer_printf(out, "  %s%s%s  ", color, answer->result.late ? "late   " : answer->result.met ? "met    " :
			answer->pending ? "pending" : "missing", palette->reset);
		itsm_escape_terminal(out, answer->whom, false);
		itsm_buffer_printf(out, "  (%s%s%s)\n", answer->ask->rule, *shown->states[position] ? ": " : "", shown->states[position]);
		if (answer->missing) {
			itsm_buffer_puts(out, "           ");
			output_indented(out, answer->missing, 11);
			itsm_buffer_putc(out, '\n');
		}
		if (shown->help[position]) {
			itsm_buffer_printf(out, "           %s", palette->dim);
			output_indented(out, shown->help[position], 11);
			itsm_buffer_printf(out, "%s\n", palette->reset);
		}
	}
}

static void print_approvals(struct context *context, const struct itsm_approval_verdict *verdict, struct itsm_buffer *out)
{
	const struct palette *palette = &context->palette;
	size_t position;

	for (position = 0; position < verdict->approval_count; position++) {
		const struct itsm_approval *approval = &verdict->approvals[position];
		const char *proof = witnesses(context, approval->witnesses);

		itsm_buffer_puts(out, "  ");
		output_padded(out, approval->person, 20);
		itsm_buffer_puts(out, strlen(approval->person) < 20 ? "" : " ");
		output_padded(out, approval->decision ? approval->decision : "-", 10);
		if (approval->decision)
			output_moment(context, approval->at, out);
		itsm_buffer_printf(out, "  %s%s%s", approval->status == ITSM_APPROVAL_VALID ? palette->good : palette->bad,
			itsm_approval_status_name(approval->status), palette->reset);
		itsm_buffer_printf(out, "%s%s\n", *proof ? "  by " : "", proof);
		if (approval->detail) {
			itsm_buffer_puts(out, "    ");
			output_indented(out, approval->detail, 4);
			itsm_buffer_putc(out, '\n');
		}
		if (approval->comment) {
			itsm_buffer_puts(out, "    > ");
			output_indented(out, approval->comment, 6);
			itsm_buffer_putc(out, '\n');
		}
	}
}

static void print(struct context *context, const struct itsm_approvals_shown *shown)
{
	const struct palette *palette = &context->palette;
	struct itsm_buffer text = {0};

	itsm_buffer_printf(&text, "%s%s%s  %s  ", palette->bold, shown->id, palette->reset, shown->state ? shown->state : "");
	itsm_escape_terminal(&text, shown->title, false);
	itsm_buffer_printf(&text, "\n  %s%s%s\n\n", palette->dim, shown->verdict.digest, palette->reset);
	print_answers(context, shown, &text);
	if (shown->verdict.approval_count)
		itsm_buffer_putc(&text, '\n');
	print_approvals(context, &shown->verdict, &text);
	output_flush(context, &text);
	itsm_buffer_free(&text);
}

int command_approvals(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct approvals_values *values = data;
	struct itsm_approvals_shown shown;
	int status = reviews_read(context, values->reviews, err);

	if (!status)
		status = itsm_desk_approvals(context->desk, context->arena, words.items[0], values->base, &shown, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format == ITSM_FORMAT_TEXT)
		print(context, &shown);
	else
		status = emit(context, &shown, values->format, err);
	return !status && !shown.verdict.complete ? output_told(err) : status;
}
