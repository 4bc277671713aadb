/* What GitHub takes from a job's output, and GitLab from a file. */
#include <stdlib.h>
#include <string.h>

#include "report_private.h"

/*
 * A workflow command is one line; %25, %0D and %0A stand for what would end it or
 * be one of these, in a property %3A and %2C too.
 */
static void add_command_text(struct itsm_buffer *out, const char *text, bool property)
{
	struct itsm_buffer plain = {0};
	const char *at;

	itsm_escape_terminal(&plain, text, true);
	for (at = plain.data ? plain.data : ""; *at; at++) {
		if (strchr("%\r\n", *at) || (property && strchr(":,", *at)))
			itsm_buffer_printf(out, "%%%02X", (unsigned char)*at);
		else
			itsm_buffer_putc(out, *at);
	}
	itsm_buffer_free(&plain);
}

static const char *command_of(enum itsm_severity severity)
{
	switch (severity) {
	case ITSM_SEVERITY_ERROR:
		return "error";
	case ITSM_SEVERITY_WARNING:
		return "warning";
	case ITSM_SEVERITY_NOTE:
		break;
	}
	return "notice";
}

void itsm_report_github(const struct itsm_report *report, struct itsm_buffer *out)
{
	struct itsm_buffer text = {0};
	size_t i;

	for (i = 0; i < report->findings->count; i++) {
		const struct itsm_finding *finding = &report->findings->items[i];

		itsm_buffer_printf(out, "::%s ", command_of(finding->severity));
		if (finding->path) {
			itsm_buffer_clear(&text);
			itsm_report_path(&text, report, finding);
			itsm_buffer_puts(out, "file=");
			add_command_text(out, text.data, true);
			if (finding->line)
				itsm_buffer_printf(out, ",line=%u", finding->line);
			if (finding->line && finding->column)
				itsm_buffer_printf(out, ",col=%u", finding->column);
			itsm_buffer_putc(out, ',');
		}
		itsm_buffer_puts(out, "title=");
		add_command_text(out, finding->rule, true);
		itsm_buffer_puts(out, "::");
		itsm_buffer_clear(&text);
		itsm_report_message(&text, finding);
		add_command_text(out, text.data, false);
		itsm_buffer_putc(out, '\n');
	}
	itsm_buffer_free(&text);
}

static const char *quality_of(enum itsm_severity severity)
{
	switch (severity) {
	case ITSM_SEVERITY_ERROR:
		return "major";
	case ITSM_SEVERITY_WARNING:
		return "minor";
	case ITSM_SEVERITY_NOTE:
		break;
	}
	return "info";
}

static void add_pair(struct itsm_buffer *out, const char *name, const char *text)
{
	struct itsm_buffer plain = {0};

	itsm_escape_terminal(&plain, text, true);
	itsm_buffer_printf(out, "\"%s\":", name);
	itsm_escape_json(out, plain.data ? plain.data : "");
	itsm_buffer_free(&plain);
}

void itsm_report_gitlab(const struct itsm_report *report, struct itsm_buffer *out)
{
	char (*fingerprints)[REPORT_FINGERPRINT] = itsm_report_fingerprints(report);
	struct itsm_buffer text = {0};
	size_t i;

	itsm_buffer_putc(out, '[');
	for (i = 0; i < report->findings->count; i++) {
		const struct itsm_finding *finding = &report->findings->items[i];

		itsm_buffer_puts(out, i ? ",\n{" : "\n{");
		itsm_buffer_clear(&text);
		itsm_report_message(&text, finding);
		add_pair(out, "description", text.data);
		itsm_buffer_putc(out, ',');
		add_pair(out, "check_name", finding->rule);
		itsm_buffer_printf(out, ",\"fingerprint\":\"%s\",\"severity\":\"%s\",\"location\":{", fingerprints[i],
			quality_of(finding->severity));
		itsm_buffer_clear(&text);
		itsm_report_path(&text, report, finding);
		/* it takes no entry without a file: the desk's own stands for the whole */
		if (!finding->path)
			itsm_buffer_printf(&text, "%sitsm.yaml", report->prefix);
		add_pair(out, "path", text.data);
		itsm_buffer_printf(out, ",\"lines\":{\"begin\":%u}}}", finding->line ? finding->line : 1);
	}
	itsm_buffer_puts(out, "\n]\n");
	itsm_buffer_free(&text);
	free(fingerprints);
}
