/* JUnit, as junit-10.xsd has it: what Jenkins, GitLab and most others read. */
#include <stdint.h>
#include <string.h>

#include "itsm/utf8.h"
#include "report_private.h"

/* Text in XML 1.0, which knows no control characters and not U+FFFE and U+FFFF, however written. */
static void add_text(struct itsm_buffer *out, const char *text)
{
	struct itsm_buffer plain = {0}, xml = {0};
	uint32_t codepoint;
	size_t length;
	const char *at;

	itsm_escape_terminal(&plain, text, true);
	itsm_escape_html(&xml, plain.data ? plain.data : "");
	for (at = xml.data ? xml.data : ""; *at; at += length) {
		length = itsm_utf8_decode(at, strlen(at), &codepoint);
		if (codepoint == 0xFFFE || codepoint == 0xFFFF)
			itsm_buffer_printf(out, "\\u{%X}", (unsigned)codepoint);
		else
			itsm_buffer_add(out, at, length);
	}
	itsm_buffer_free(&plain);
	itsm_buffer_free(&xml);
}

/* An attribute is one line: a parser turns line breaks in it into blanks. */
static void add_attribute(struct itsm_buffer *out, const char *name, const char *text)
{
	struct itsm_buffer line = {0};

	itsm_escape_terminal(&line, text, false);
	itsm_buffer_printf(out, " %s=\"", name);
	add_text(out, line.data ? line.data : "");
	itsm_buffer_putc(out, '"');
	itsm_buffer_free(&line);
}

static void add_finding(struct itsm_buffer *out, const struct itsm_report *report, const struct itsm_finding *finding)
{
	bool failed = finding->severity == ITSM_SEVERITY_ERROR;
	struct itsm_buffer name = {0}, text = {0};

	itsm_buffer_puts(&name, finding->rule);
	if (finding->path || finding->record)
		itsm_buffer_puts(&name, ": ");
	if (finding->path)
		itsm_report_place(&name, report, finding);
	else if (finding->record)
		itsm_buffer_puts(&name, finding->record);
	itsm_buffer_printf(&text, "%s: ", itsm_severity_name(finding->severity));
	itsm_report_message(&text, finding);
	itsm_buffer_puts(out, "    <testcase");
	add_attribute(out, "classname", finding->rule);
	add_attribute(out, "name", name.data);
	if (failed) {
		itsm_buffer_puts(out, "><failure");
		add_attribute(out, "type", finding->rule);
		add_attribute(out, "message", finding->message);
	} else {
		itsm_buffer_puts(out, "><system-out");
	}
	itsm_buffer_putc(out, '>');
	add_text(out, text.data);
	itsm_buffer_puts(out, failed ? "</failure></testcase>\n" : "</system-out></testcase>\n");
	itsm_buffer_free(&name);
	itsm_buffer_free(&text);
}

void itsm_report_junit(const struct itsm_report *report, struct itsm_buffer *out)
{
	const struct itsm_findings *findings = report->findings;
	size_t i;

	itsm_buffer_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n  <testsuite name=\"itsm check\" "
		"tests=\"%zu\" failures=\"%zu\" errors=\"0\" skipped=\"0\">\n", itsm_report_tests(report), findings->errors);
	for (i = 0; i < findings->count; i++)
		add_finding(out, report, &findings->items[i]);
	for (i = 0; i < report->rule_count; i++) {
		if (itsm_report_has(report, report->rules[i].name))
			continue;
		itsm_buffer_puts(out, "    <testcase");
		add_attribute(out, "classname", report->rules[i].name);
		add_attribute(out, "name", report->rules[i].name);
		itsm_buffer_puts(out, "/>\n");
	}
	itsm_buffer_puts(out, "  </testsuite>\n</testsuites>\n");
}
