/* itsm check: every finding with its place, rule and remedy. Writes nothing. */
#include <string.h>

#include "command.h"
#include "output.h"

struct check_values {
	const char *explain;
	bool rules;
	enum itsm_format format;
};

static const struct option_row options[] = {
	{0, "explain", "RULE", OPTION_TEXT, offsetof(struct check_values, explain), "document a rule instead"},
	{0, "rules", NULL, OPTION_FLAG, offsetof(struct check_values, rules), "list the rules instead"},
	FORMAT_ROW(struct check_values),
	{0},
};

const struct syntax check_syntax = {
	.words = "[BASE..HEAD]",
	.options = options,
	.size = sizeof(struct check_values),
	.most = 1,
};

static int explain(struct context *context, const char *rule, struct itsm_error *err)
{
	struct itsm_buffer markdown = {0}, text = {0};
	int status = itsm_desk_explain(context->desk, rule, &markdown, err);

	if (!status) {
		itsm_escape_terminal(&text, markdown.data ? markdown.data : "", true);
		output_page(context);
		output_flush(context, &text);
	}
	itsm_buffer_free(&markdown);
	itsm_buffer_free(&text);
	return status;
}

static int list_rules(struct context *context, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"rule"};
	struct itsm_emitter *emitter;
	struct itsm_value value;
	const char **names;
	size_t count, position;
	int status = itsm_desk_rules(context->desk, context->arena, &names, &count, err);

	if (status)
		return status;
	emitter = output_begin(context, format == ITSM_FORMAT_TEXT ? ITSM_FORMAT_ID : format, "check", columns, 1);
	for (position = 0; position < count; position++) {
		value = output_text(names[position]);
		itsm_emit_row(emitter, &value);
	}
	return itsm_emit_end(emitter, err);
}

static struct itsm_value number_or_null(unsigned number)
{
	return number ? output_integer(number) : output_text(NULL);
}

static int emit(struct context *context, const struct itsm_findings *findings, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {"id", "path", "line", "column", "severity", "rule", "message", "remedy"};
	struct itsm_emitter *emitter = output_begin(context, format, "check", columns, sizeof(columns) / sizeof(*columns));
	const struct itsm_finding *finding;
	const char *last = "";
	size_t position;

	for (position = 0; position < findings->count; position++) {
		finding = &findings->items[position];
		if (format == ITSM_FORMAT_ID && (!finding->record || !strcmp(finding->record, last)))
			continue;
		last = finding->record ? finding->record : "";
		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(finding->record), output_text(finding->path), number_or_null(finding->line),
			number_or_null(finding->column), output_text(itsm_severity_name(finding->severity)),
			output_text(finding->rule), output_text(finding->message), output_text(finding->remedy),
		});
	}
	return itsm_emit_end(emitter, err);
}

static void print(struct context *context, const struct itsm_findings *findings)
{
	struct itsm_buffer text = {0};
	size_t position;

	if (findings->count)
		output_page(context);
	for (position = 0; position < findings->count; position++) {
		output_finding(&context->palette, &findings->items[position], &text);
		output_flush(context, &text);
	}
	itsm_buffer_free(&text);
}

/* "3 errors, 1 warning" on stderr. */
static void summarize(struct context *context, const struct itsm_findings *findings)
{
	size_t counts[] = {[ITSM_SEVERITY_ERROR] = 0, [ITSM_SEVERITY_WARNING] = 0, [ITSM_SEVERITY_NOTE] = 0};
	struct itsm_buffer text = {0};
	size_t position;

	for (position = 0; position < findings->count; position++)
		counts[findings->items[position].severity]++;
	for (position = 0; position < sizeof(counts) / sizeof(*counts); position++)
		if (counts[position])
			itsm_buffer_printf(&text, "%s%zu %s%s", text.length ? ", " : "", counts[position],
				itsm_severity_name((enum itsm_severity)position), counts[position] == 1 ? "" : "s");
	output_note(context, "%s", text.length ? text.data : "no findings");
	itsm_buffer_free(&text);
}

int command_check(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct check_values *values = data;
	struct itsm_findings findings;
	int status;

	if (values->explain)
		return explain(context, values->explain, err);
	if (values->rules)
		return list_rules(context, values->format, err);
	itsm_findings_init(&findings, context->arena);
	status = itsm_desk_check(context->desk, words.count ? words.items[0] : NULL, &findings, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format == ITSM_FORMAT_TEXT)
		print(context, &findings);
	else
		status = emit(context, &findings, values->format, err);
	summarize(context, &findings);
	if (!status && findings.errors)
		return output_told(err);
	return status;
}
