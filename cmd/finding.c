/* Findings and outcomes, as people read them. */
#include <stdio.h>

#include "output.h"

static const char *severity_color(const struct palette *palette, enum itsm_severity severity)
{
	switch (severity) {
	case ITSM_SEVERITY_ERROR:
		return palette->bad;
	case ITSM_SEVERITY_WARNING:
		return palette->warning;
	case ITSM_SEVERITY_NOTE:
		break;
	}
	return palette->dim;
}

void output_finding(const struct palette *palette, const struct itsm_finding *finding, struct itsm_buffer *out)
{
	if (finding->path) {
		itsm_escape_terminal(out, finding->path, false);
		if (finding->line)
			itsm_buffer_printf(out, ":%u:%u", finding->line, finding->column ? finding->column : 1);
		itsm_buffer_puts(out, ": ");
	}
	itsm_buffer_printf(out, "%s%s%s: %s: ", severity_color(palette, finding->severity),
		itsm_severity_name(finding->severity), palette->reset, finding->rule);
	output_quoted(out, finding->message);
	itsm_buffer_putc(out, '\n');
	if (!finding->remedy)
		return;
	itsm_buffer_puts(out, "    ");
	output_quoted(out, finding->remedy);
	itsm_buffer_putc(out, '\n');
}

void output_refusal(struct context *context, const struct itsm_findings *findings)
{
	static const struct palette plain = {"", "", "", "", "", "", ""};
	struct itsm_buffer text = {0};
	size_t position;

	context_progress_clear(context);
	for (position = 0; position < findings->count; position++)
		output_finding(&plain, &findings->items[position], &text);
	if (text.length)
		fwrite(text.data, 1, text.length, stderr);
	itsm_buffer_free(&text);
}

int output_made(struct context *context, const struct itsm_outcome *outcome, int status)
{
	struct itsm_buffer line = {0};

	output_refusal(context, &outcome->findings);
	if (status)
		return status;
	itsm_buffer_printf(&line, "%s\n", outcome->id);
	output_flush(context, &line);
	itsm_buffer_free(&line);
	return ITSM_OK;
}

int output_outcome(struct context *context, const struct itsm_outcome *outcome, int status)
{
	struct itsm_buffer what = {0};
	char commit[41];

	output_refusal(context, &outcome->findings);
	if (status)
		return status;
	itsm_oid_text(&outcome->commit, commit);
	if (outcome->id)
		itsm_buffer_puts(&what, outcome->id);
	else
		itsm_buffer_printf(&what, "%zu records", outcome->changed ? outcome->records : outcome->unchanged);
	if (!outcome->changed)
		output_note(context, "%s: nothing to change", what.data);
	else if (outcome->unchanged)
		output_note(context, "%s: committed %.8s; %zu more had nothing to change", what.data, commit, outcome->unchanged);
	else
		output_note(context, "%s: committed %.8s", what.data, commit);
	itsm_buffer_free(&what);
	return status;
}
