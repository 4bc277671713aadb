/*
 * SARIF 2.1.0.
 *
 * In a message `[text](1)` would be a link, so brackets are escaped with a
 * backslash, as 3.11.6 of the standard has it.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_private.h"

static const char *level_of(enum itsm_severity severity)
{
	return itsm_severity_name(severity); /* "error", "warning", "note": the same words */
}

/* A relative reference: every byte that is not unreserved or '/' as %NN. */
static void add_uri(struct itsm_buffer *out, const char *path)
{
	itsm_buffer_putc(out, '"');
	for (; *path; path++) {
		if (isalnum((unsigned char)*path) || strchr("-._~/", *path))
			itsm_buffer_putc(out, *path);
		else
			itsm_buffer_printf(out, "%%%02X", (unsigned char)*path);
	}
	itsm_buffer_putc(out, '"');
}

/* "name":{"text":...} with brackets as text where it is a message. */
static void add_text(struct itsm_buffer *out, const char *name, const char *text, bool message)
{
	struct itsm_buffer plain = {0}, safe = {0};
	const char *at;

	itsm_escape_terminal(&plain, text, true);
	for (at = plain.data ? plain.data : ""; *at; at++) {
		if (message && strchr("[]\\", *at))
			itsm_buffer_putc(&safe, '\\');
		itsm_buffer_putc(&safe, *at);
	}
	itsm_buffer_printf(out, "\"%s\":{\"text\":", name);
	itsm_escape_json(out, safe.data ? safe.data : "");
	itsm_buffer_putc(out, '}');
	itsm_buffer_free(&plain);
	itsm_buffer_free(&safe);
}

/* The first paragraph below the heading: "A field refers to ..." */
static void add_summary(struct itsm_buffer *out, const struct itsm_report_rule *rule)
{
	struct itsm_buffer text = {0};
	const char *start = rule->help ? rule->help : rule->name, *end;

	if (start[0] == '#' && strstr(start, "\n\n"))
		start = strstr(start, "\n\n") + 2;
	end = strstr(start, "\n\n");
	itsm_buffer_add(&text, start, end ? (size_t)(end - start) : strlen(start));
	while (text.length && text.data[text.length - 1] == '\n')
		text.data[--text.length] = '\0';
	add_text(out, "shortDescription", text.data ? text.data : "", false);
	itsm_buffer_free(&text);
}

static const struct itsm_report_rule *rule_of(const struct itsm_report *report, const char *name)
{
	size_t i;

	for (i = 0; i < report->rule_count; i++) {
		if (strcmp(report->rules[i].name, name) == 0)
			return &report->rules[i];
	}
	return NULL;
}

/* The first finding of each rule stands for it. */
static bool is_first(const struct itsm_findings *findings, size_t position)
{
	size_t i;

	for (i = 0; i < position; i++) {
		if (strcmp(findings->items[i].rule, findings->items[position].rule) == 0)
			return false;
	}
	return true;
}

static void add_rules(struct itsm_buffer *out, const struct itsm_report *report, const char **names, size_t *count)
{
	const struct itsm_findings *findings = report->findings;
	size_t i;

	*count = 0;
	for (i = 0; i < findings->count; i++) {
		const struct itsm_finding *finding = &findings->items[i];
		const struct itsm_report_rule *known = rule_of(report, finding->rule);
		const struct itsm_report_rule unknown = {finding->rule, NULL};

		/* only neighbours are spared the search: findings of a rule stand apart */
		if ((i && strcmp(finding->rule, findings->items[i - 1].rule) == 0) || !is_first(findings, i))
			continue;
		known = known ? known : &unknown;
		itsm_buffer_puts(out, *count ? ",{\"id\":" : "{\"id\":");
		itsm_escape_json(out, known->name);
		itsm_buffer_putc(out, ',');
		add_summary(out, known);
		itsm_buffer_putc(out, ',');
		add_text(out, "help", known->help ? known->help : known->name, false);
		itsm_buffer_printf(out, ",\"defaultConfiguration\":{\"level\":\"%s\"}}", level_of(finding->severity));
		names[(*count)++] = finding->rule;
	}
}

static size_t index_of(const char *const *names, size_t count, const char *name)
{
	size_t i;

	for (i = 0; i < count && strcmp(names[i], name) != 0; i++)
		continue;
	return i;
}

static void add_location(struct itsm_buffer *out, const struct itsm_report *report, const struct itsm_finding *finding)
{
	struct itsm_buffer path = {0};

	if (!finding->path)
		return;
	itsm_report_path(&path, report, finding);
	itsm_buffer_puts(out, ",\"locations\":[{\"physicalLocation\":{\"artifactLocation\":{\"uri\":");
	add_uri(out, path.data);
	itsm_buffer_puts(out, ",\"uriBaseId\":\"%SRCROOT%\"}");
	if (finding->line) {
		itsm_buffer_printf(out, ",\"region\":{\"startLine\":%u", finding->line);
		if (finding->column)
			itsm_buffer_printf(out, ",\"startColumn\":%u", finding->column);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, '}');
	if (finding->record) {
		itsm_buffer_puts(out, ",\"logicalLocations\":[{\"kind\":\"object\",\"name\":");
		itsm_escape_json(out, finding->record);
		itsm_buffer_puts(out, "}]");
	}
	itsm_buffer_puts(out, "}]");
	itsm_buffer_free(&path);
}

static void add_result(struct itsm_buffer *out, const struct itsm_report *report, const struct itsm_finding *finding,
	size_t rule, const char *fingerprint)
{
	struct itsm_buffer message = {0};

	itsm_buffer_puts(out, "{\"ruleId\":");
	itsm_escape_json(out, finding->rule);
	itsm_buffer_printf(out, ",\"ruleIndex\":%zu,\"level\":\"%s\",", rule, level_of(finding->severity));
	itsm_report_message(&message, finding);
	add_text(out, "message", message.data, true);
	add_location(out, report, finding);
	itsm_buffer_printf(out, ",\"partialFingerprints\":{\"itsmFinding/v1\":\"%s\"}}", fingerprint);
	itsm_buffer_free(&message);
}

void itsm_report_sarif(const struct itsm_report *report, struct itsm_buffer *out)
{
	const struct itsm_findings *findings = report->findings;
	char (*fingerprints)[REPORT_FINGERPRINT] = itsm_report_fingerprints(report);
	const char **names = calloc(findings->count + 1, sizeof(*names));
	size_t count, i;

	if (!names)
		abort();
	itsm_buffer_puts(out, "{\"$schema\":\"https://json.schemastore.org/sarif-2.1.0.json\",\"version\":\"2.1.0\","
		"\"runs\":[{\"tool\":{\"driver\":{\"name\":\"itsm\",\"version\":");
	itsm_escape_json(out, report->version);
	itsm_buffer_puts(out, ",\"rules\":[");
	add_rules(out, report, names, &count);
	itsm_buffer_puts(out, "]}},\"columnKind\":\"unicodeCodePoints\",\"results\":[");
	for (i = 0; i < findings->count; i++) {
		if (i)
			itsm_buffer_putc(out, ',');
		add_result(out, report, &findings->items[i], index_of(names, count, findings->items[i].rule), fingerprints[i]);
	}
	itsm_buffer_puts(out, "]}]}\n");
	free(names);
	free(fingerprints);
}
