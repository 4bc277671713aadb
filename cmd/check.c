/* itsm check: every finding with its place, rule and remedy. Writes nothing. */
#include <string.h>

#include "command.h"
#include "output.h"
#include "report.h"
#include "reviews.h"

struct check_values {
	const char *explain, *at;
	bool rules;
	const char *format;
	struct itsm_words outputs, reviews;
};

static const struct option_row options[] = {
	{0, "explain", "RULE", OPTION_TEXT, offsetof(struct check_values, explain), "document a rule instead"},
	{0, "rules", NULL, OPTION_FLAG, offsetof(struct check_values, rules), "list the rules instead"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct check_values, at), "judge the records as committed at REV"},
	{0, "format", "FORMAT", OPTION_TEXT, offsetof(struct check_values, format), "how to print: " REPORT_FORMS},
	{'o', "output", "FORMAT=FILE", OPTION_LIST, offsetof(struct check_values, outputs),
		"write a file besides; may be given several times"},
	REVIEWS_ROW(struct check_values),
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

/* As a table: the forms of a report are for findings. */
static int list_rules(struct context *context, const char *name, struct itsm_error *err)
{
	static const char *const columns[] = {"rule"};
	struct itsm_emitter *emitter;
	struct itsm_value value;
	const char **names;
	size_t count, position;
	enum itsm_format format = ITSM_FORMAT_ID;
	int status = ITSM_OK;

	if (name && !strcmp(name, "json"))
		format = ITSM_FORMAT_JSON;
	else if (name && !strcmp(name, "csv"))
		format = ITSM_FORMAT_CSV;
	else if (name && strcmp(name, "text") && strcmp(name, "id"))
		return itsm_error_set(err, ITSM_EUSAGE, "check: --rules lists as text, json, csv or id");
	status = itsm_desk_rules(context->desk, context->arena, &names, &count, err);

	if (status)
		return status;
	emitter = output_begin(context, format, "check", columns, 1);
	for (position = 0; position < count; position++) {
		value = output_text(names[position]);
		itsm_emit_row(emitter, &value);
	}
	return itsm_emit_end(emitter, err);
}

/* "3 errors, 1 warning, 2 notes, 1 waived" on stderr: what is waived is a note too. */
static void summarize(struct context *context, const struct itsm_findings *findings)
{
	size_t counts[] = {[ITSM_SEVERITY_ERROR] = 0, [ITSM_SEVERITY_WARNING] = 0, [ITSM_SEVERITY_NOTE] = 0};
	struct itsm_buffer text = {0};
	size_t position, waived = 0;

	for (position = 0; position < findings->count; position++) {
		counts[findings->items[position].severity]++;
		waived += findings->items[position].waiver != NULL;
	}
	for (position = 0; position < sizeof(counts) / sizeof(*counts); position++)
		if (counts[position])
			itsm_buffer_printf(&text, "%s%zu %s%s", text.length ? ", " : "", counts[position],
				itsm_severity_name((enum itsm_severity)position), counts[position] == 1 ? "" : "s");
	if (waived)
		itsm_buffer_printf(&text, ", %zu waived", waived);
	output_note(context, "%s", text.length ? text.data : "no findings");
	itsm_buffer_free(&text);
}

int command_check(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct check_values *values = data;
	struct report_request request = {values->format, values->outputs, words.count ? words.items[0] : NULL};
	struct itsm_findings findings;
	int status = report_verify(&request, err);

	if (status) {
		itsm_error_prefix(err, "check");
		return status;
	}
	if (values->explain)
		return explain(context, values->explain, err);
	if (values->rules)
		return list_rules(context, values->format, err);
	if (values->at && request.range)
		return itsm_error_set(err, ITSM_EUSAGE, "check: --at and a range do not go together; the range names both ends");
	status = reviews_read(context, values->reviews, err);
	if (status)
		return status;
	itsm_findings_init(&findings, context->arena);
	status = values->at ? itsm_desk_check_at(context->desk, values->at, &findings, err) :
		itsm_desk_check(context->desk, request.range, &findings, err);
	if (status)
		return status;
	context_progress_clear(context);
	status = report_print(context, &request, &findings, err);
	summarize(context, &findings);
	if (!status && findings.errors)
		return output_told(err);
	return status;
}
