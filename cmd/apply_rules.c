/* itsm apply-rules: what rules say of the records that they select, in one commit. */
#include "command.h"
#include "itsm/incident.h"
#include "output.h"

struct apply_rules_values {
	bool dry_run;
	const char *message;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{'n', "dry-run", NULL, OPTION_FLAG, offsetof(struct apply_rules_values, dry_run), "tell what would be done, and do nothing"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct apply_rules_values, message), "why, for the commit"},
	FORMAT_ROW(struct apply_rules_values),
	{0},
};

const struct syntax apply_rules_syntax = {
	.words = "[RULE ...]",
	.options = options,
	.size = sizeof(struct apply_rules_values),
	.most = MANY_WORDS,
};

static const char *reason_of(const struct itsm_applied *applied)
{
	return applied->reason ? applied->reason : applied->findings.count ? applied->findings.items[0].message : NULL;
}

static void print(struct context *context, const struct itsm_applied *applied, struct itsm_buffer *out)
{
	const char *reason = reason_of(applied);

	itsm_buffer_printf(out, "%s", context->palette.bold);
	itsm_escape_terminal(out, applied->id, false);
	itsm_buffer_printf(out, "%s  ", context->palette.reset);
	itsm_escape_terminal(out, applied->rule, false);
	itsm_buffer_puts(out, "  ");
	itsm_escape_terminal(out, applied->action, false);
	if (!applied->done) {
		itsm_buffer_printf(out, "  %snot done%s%s", context->palette.bad, context->palette.reset, reason ? ": " : "");
		itsm_escape_terminal(out, reason ? reason : "", false);
	}
	itsm_buffer_putc(out, '\n');
}

static int emit(struct context *context, const struct itsm_apply_result *result, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"id", "rule", "action", "done", "reason"};
	struct itsm_emitter *emitter = output_begin(context, format, "apply-rules", columns, sizeof(columns) / sizeof(*columns));

	for (size_t i = 0; i < result->count && !context->closed; i++) {
		const struct itsm_applied *applied = &result->items[i];
		const struct itsm_value row[] = {
			output_text(applied->id), output_text(applied->rule), output_text(applied->action),
			output_boolean(applied->done), output_text(applied->done ? NULL : reason_of(applied)),
		};

		itsm_emit_row(emitter, row);
	}
	return itsm_emit_end(emitter, err);
}

int command_apply_rules(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct apply_rules_values *values = data;
	struct itsm_apply_result result;
	struct itsm_outcome outcome;
	struct itsm_buffer text = {0};
	char commit[41];
	int status;

	itsm_outcome_init(&outcome, context->arena);
	status = itsm_desk_apply(context->desk, words, values->dry_run, values->message, &outcome, &result, err);
	context_progress_clear(context);
	if (status) {
		output_refusal(context, &outcome.findings);
		return status;
	}
	if (values->format != ITSM_FORMAT_TEXT) {
		status = emit(context, &result, values->format, err);
	} else {
		for (size_t i = 0; i < result.count; i++)
			print(context, &result.items[i], &text);
		output_flush(context, &text);
		itsm_buffer_free(&text);
	}
	itsm_oid_text(&outcome.commit, commit);
	if (values->dry_run)
		output_note(context, "%zu would be changed", result.done);
	else if (outcome.changed)
		output_note(context, "%zu changed: committed %.8s", result.done, commit);
	else
		output_note(context, "nothing to change");
	return status == ITSM_OK && result.done < result.count ? output_told(err) : status;
}
