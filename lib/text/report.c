/* Reports: which there are, and what their forms share. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_private.h"

static const struct {
	const char *name;
	void (*write)(const struct itsm_report *report, struct itsm_buffer *out);
} forms[] = {
	[ITSM_REPORT_JUNIT] = {"junit", itsm_report_junit},
	[ITSM_REPORT_SARIF] = {"sarif", itsm_report_sarif},
	[ITSM_REPORT_GITHUB] = {"github", itsm_report_github},
	[ITSM_REPORT_GITLAB] = {"gitlab", itsm_report_gitlab},
	[ITSM_REPORT_TAP] = {"tap", itsm_report_tap},
};

int itsm_report_format_find(const char *name, enum itsm_report_format *out, struct itsm_error *err)
{
	size_t i;

	for (i = 0; i < sizeof(forms) / sizeof(*forms); i++) {
		if (strcmp(forms[i].name, name) == 0) {
			*out = (enum itsm_report_format)i;
			return ITSM_OK;
		}
	}
	return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no form of a report; there are junit, sarif, github, gitlab and tap", name);
}

void itsm_report_write(enum itsm_report_format format, const struct itsm_report *report, struct itsm_buffer *out)
{
	forms[format].write(report, out);
}

/* FNV-1a over the text and its NUL, so that ("a", "bc") is not ("ab", "c"). */
static void mix(uint64_t state[2], const char *text)
{
	const char *end = text ? text + strlen(text) + 1 : NULL;

	for (; text && text < end; text++) {
		state[0] = (state[0] ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
		state[1] = (state[1] ^ (unsigned char)*text) * UINT64_C(0x9e3779b97f4a7c15);
	}
}

struct numbered {
	char text[REPORT_FINGERPRINT];
	size_t position;
};

static int compare(const void *a, const void *b)
{
	const struct numbered *left = a, *right = b;
	int order = strcmp(left->text, right->text);

	if (order)
		return order;
	return left->position < right->position ? -1 : left->position > right->position;
}

static void fingerprint(const struct itsm_finding *finding, size_t repeat, char text[REPORT_FINGERPRINT])
{
	uint64_t state[2] = {UINT64_C(0xcbf29ce484222325), UINT64_C(0x84222325cbf29ce4)};
	char number[32];

	mix(state, finding->rule);
	mix(state, finding->path ? finding->path : "");
	mix(state, finding->record ? finding->record : "");
	mix(state, finding->message ? finding->message : "");
	snprintf(number, sizeof(number), "%zu", repeat);
	mix(state, repeat ? number : NULL);
	snprintf(text, REPORT_FINGERPRINT, "%016llx%016llx", (unsigned long long)state[0], (unsigned long long)state[1]);
}

static void *allocate(size_t count, size_t size)
{
	void *memory = calloc(count + 1, size);

	if (!memory)
		abort();
	return memory;
}

char (*itsm_report_fingerprints(const struct itsm_report *report))[REPORT_FINGERPRINT]
{
	const struct itsm_findings *findings = report->findings;
	struct numbered *sorted = allocate(findings->count, sizeof(*sorted));
	char (*out)[REPORT_FINGERPRINT] = allocate(findings->count, sizeof(*out));
	size_t i, repeat = 0;

	for (i = 0; i < findings->count; i++) {
		fingerprint(&findings->items[i], 0, sorted[i].text);
		sorted[i].position = i;
	}
	qsort(sorted, findings->count, sizeof(*sorted), compare);
	for (i = 0; i < findings->count; i++) {
		repeat = i && strcmp(sorted[i].text, sorted[i - 1].text) == 0 ? repeat + 1 : 0;
		fingerprint(&findings->items[sorted[i].position], repeat, out[sorted[i].position]);
	}
	free(sorted);
	return out;
}

void itsm_report_message(struct itsm_buffer *out, const struct itsm_finding *finding)
{
	itsm_buffer_puts(out, finding->message);
	if (finding->remedy)
		itsm_buffer_printf(out, "\n%s", finding->remedy);
}

void itsm_report_path(struct itsm_buffer *out, const struct itsm_report *report, const struct itsm_finding *finding)
{
	if (finding->path)
		itsm_buffer_printf(out, "%s%s", report->prefix, finding->path);
}

void itsm_report_place(struct itsm_buffer *out, const struct itsm_report *report, const struct itsm_finding *finding)
{
	itsm_report_path(out, report, finding);
	if (finding->path && finding->line)
		itsm_buffer_printf(out, ":%u:%u", finding->line, finding->column ? finding->column : 1);
}

bool itsm_report_has(const struct itsm_report *report, const char *rule)
{
	size_t i;

	for (i = 0; i < report->findings->count; i++) {
		if (strcmp(report->findings->items[i].rule, rule) == 0)
			return true;
	}
	return false;
}

size_t itsm_report_tests(const struct itsm_report *report)
{
	size_t count = report->findings->count, i;

	for (i = 0; i < report->rule_count; i++)
		count += !itsm_report_has(report, report->rules[i].name);
	return count;
}
