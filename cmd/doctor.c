/* itsm doctor: what is wrong with a desk, and how it is cured. */
#include "command.h"
#include "itsm/exchange.h"
#include "output.h"

struct doctor_values {
	bool fix;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "fix", NULL, OPTION_FLAG, offsetof(struct doctor_values, fix),
		"cure what can safely be cured, one commit each"},
	FORMAT_ROW(struct doctor_values),
	{0},
};

const struct syntax doctor_syntax = {
	.words = "",
	.options = options,
	.size = sizeof(struct doctor_values),
};

static const char *commit_of(struct context *context, const struct itsm_ailment *ailment)
{
	char commit[41];

	if (itsm_oid_is_zero(&ailment->commit))
		return NULL;
	itsm_oid_text(&ailment->commit, commit);
	return itsm_arena_strdup(context->arena, commit);
}

static struct itsm_value number_or_null(unsigned number)
{
	return number ? output_integer(number) : output_text(NULL);
}

static int emit(struct context *context, const struct itsm_diagnosis *diagnosis, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {"id", "path", "line", "column", "severity", "rule", "message", "remedy",
		"fix", "fixed", "failure", "commit"};
	struct itsm_emitter *emitter = output_begin(
		context, format, "doctor", columns, sizeof(columns) / sizeof(*columns));
	size_t position;

	for (position = 0; position < diagnosis->count; position++) {
		const struct itsm_ailment *ailment = &diagnosis->ailments[position];
		const struct itsm_finding *finding = &ailment->finding;

		if (format == ITSM_FORMAT_ID && !finding->record)
			continue;
		itsm_emit_row(emitter,
			(struct itsm_value[]){
				output_text(finding->record),
				output_text(finding->path),
				number_or_null(finding->line),
				number_or_null(finding->column),
				output_text(itsm_severity_name(finding->severity)),
				output_text(finding->rule),
				output_text(finding->message),
				output_text(finding->remedy),
				output_text(ailment->cure),
				output_boolean(ailment->cured),
				output_text(ailment->failure),
				output_text(commit_of(context, ailment)),
			});
	}
	return itsm_emit_end(emitter, err);
}

/* Below a finding: what --fix did, did not, or would do. */
static void add_cure(struct context *context, const struct itsm_ailment *ailment, bool fix, struct itsm_buffer *out)
{
	const struct palette *palette = &context->palette;
	const char *commit = commit_of(context, ailment);

	if (!ailment->cure)
		return;
	if (ailment->cured)
		itsm_buffer_printf(out, "    %sfixed%s: ", palette->good, palette->reset);
	else if (fix)
		itsm_buffer_printf(out, "    %snot fixed%s: ", palette->bad, palette->reset);
	else
		itsm_buffer_puts(out, "    --fix does: ");
	itsm_escape_terminal(out, ailment->failure ? ailment->failure : ailment->cure, false);
	if (commit)
		itsm_buffer_printf(out, " (committed %.8s)", commit);
	itsm_buffer_putc(out, '\n');
}

static void print(struct context *context, const struct itsm_diagnosis *diagnosis, bool fix)
{
	struct itsm_buffer text = {0};
	size_t position;

	if (diagnosis->count)
		output_page(context);
	for (position = 0; position < diagnosis->count; position++) {
		output_finding(&context->palette, &diagnosis->ailments[position].finding, &text);
		add_cure(context, &diagnosis->ailments[position], fix, &text);
		output_flush(context, &text);
	}
	itsm_buffer_free(&text);
}

static void summarize(struct context *context, const struct itsm_diagnosis *diagnosis)
{
	size_t curable = 0, cured = 0, position;

	for (position = 0; position < diagnosis->count; position++) {
		cured += diagnosis->ailments[position].cured;
		curable += diagnosis->ailments[position].cure && !diagnosis->ailments[position].cured;
	}
	if (cured)
		output_note(context, "fixed %zu", cured);
	if (diagnosis->left && curable)
		output_note(context, "%zu left, of which `itsm doctor --fix` can see to %zu", diagnosis->left, curable);
	else if (diagnosis->left)
		output_note(context, "%zu left for a person to see to", diagnosis->left);
	else
		output_note(context, "the desk is well");
	if (diagnosis->others)
		output_note(context, "%zu finding%s about the records' content; `itsm check` tells", diagnosis->others,
			diagnosis->others == 1 ? "" : "s");
}

int command_doctor(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct doctor_values *values = data;
	struct itsm_desk_options desk = context_desk_options(context);
	struct itsm_diagnosis diagnosis;
	int status = itsm_doctor(context->arena, &desk, values->fix, &diagnosis, err);

	(void)words;
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format == ITSM_FORMAT_TEXT)
		print(context, &diagnosis, values->fix);
	else
		status = emit(context, &diagnosis, values->format, err);
	summarize(context, &diagnosis);
	if (!status && diagnosis.left)
		return ITSM_EREFUSED;
	return status;
}
