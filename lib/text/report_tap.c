/* TAP 13. */
#include <string.h>

#include "report_private.h"

/* A description: '#' would begin a directive. */
static void add_description(struct itsm_buffer *out, const char *text)
{
	struct itsm_buffer plain = {0};
	const char *at;

	itsm_escape_terminal(&plain, text, false);
	for (at = plain.data ? plain.data : ""; *at; at++) {
		if (*at == '#' || *at == '\\')
			itsm_buffer_putc(out, '\\');
		itsm_buffer_putc(out, *at);
	}
	itsm_buffer_free(&plain);
}

/* "  name: 'text'": in single quotes nothing but the quote means anything. */
static void add_detail(struct itsm_buffer *out, const char *name, const char *text)
{
	struct itsm_buffer plain = {0};
	const char *at;

	if (!text)
		return;
	itsm_escape_terminal(&plain, text, false);
	itsm_buffer_printf(out, "  %s: '", name);
	for (at = plain.data ? plain.data : ""; *at; at++) {
		if (*at == '\'')
			itsm_buffer_putc(out, '\'');
		itsm_buffer_putc(out, *at);
	}
	itsm_buffer_puts(out, "'\n");
	itsm_buffer_free(&plain);
}

static void add_finding(struct itsm_buffer *out, const struct itsm_report *report, const struct itsm_finding *finding,
	size_t number)
{
	struct itsm_buffer text = {0};

	itsm_report_place(&text, report, finding);
	itsm_buffer_printf(&text, "%s%s: %s", text.length ? ": " : "", finding->rule, finding->message);
	itsm_buffer_printf(out, "not ok %zu - ", number);
	add_description(out, text.data);
	if (finding->severity != ITSM_SEVERITY_ERROR)
		itsm_buffer_printf(out, " # TODO %s", itsm_severity_name(finding->severity));
	itsm_buffer_puts(out, "\n  ---\n");
	add_detail(out, "rule", finding->rule);
	add_detail(out, "severity", itsm_severity_name(finding->severity));
	add_detail(out, "record", finding->record);
	itsm_buffer_clear(&text);
	itsm_report_path(&text, report, finding);
	add_detail(out, "path", finding->path ? text.data : NULL);
	if (finding->line)
		itsm_buffer_printf(out, "  line: %u\n", finding->line);
	if (finding->column)
		itsm_buffer_printf(out, "  column: %u\n", finding->column);
	add_detail(out, "message", finding->message);
	add_detail(out, "remedy", finding->remedy);
	itsm_buffer_puts(out, "  ...\n");
	itsm_buffer_free(&text);
}

void itsm_report_tap(const struct itsm_report *report, struct itsm_buffer *out)
{
	size_t number = 0, i;

	itsm_buffer_printf(out, "TAP version 13\n1..%zu\n", itsm_report_tests(report));
	for (i = 0; i < report->findings->count; i++)
		add_finding(out, report, &report->findings->items[i], ++number);
	for (i = 0; i < report->rule_count; i++) {
		if (itsm_report_has(report, report->rules[i].name))
			continue;
		itsm_buffer_printf(out, "ok %zu - ", ++number);
		add_description(out, report->rules[i].name);
		itsm_buffer_putc(out, '\n');
	}
}
