#include "itsm/finding.h"

#include <stdlib.h>
#include <string.h>

void itsm_findings_init(struct itsm_findings *findings, struct itsm_arena *arena)
{
	*findings = (struct itsm_findings){.arena = arena};
}

static const char *copy(struct itsm_arena *arena, const char *text)
{
	return text ? itsm_arena_strdup(arena, text) : NULL;
}

void itsm_findings_add(struct itsm_findings *findings, const struct itsm_finding *finding)
{
	struct itsm_finding *added;

	itsm_arena_grow(findings->arena, &findings->items, &findings->capacity, findings->count,
		sizeof(*findings->items));
	added = &findings->items[findings->count++];
	*added = *finding;
	added->rule = copy(findings->arena, finding->rule);
	added->record = copy(findings->arena, finding->record);
	added->path = copy(findings->arena, finding->path);
	added->message = copy(findings->arena, finding->message);
	added->remedy = copy(findings->arena, finding->remedy);
	added->waiver = copy(findings->arena, finding->waiver);
	if (finding->severity == ITSM_SEVERITY_ERROR)
		findings->errors++;
}

void itsm_findings_waive(struct itsm_findings *findings, size_t position, const char *waiver, const char *until)
{
	struct itsm_finding *finding = &findings->items[position];

	if (finding->waiver)
		return;
	if (finding->severity == ITSM_SEVERITY_ERROR)
		findings->errors--;
	finding->severity = ITSM_SEVERITY_NOTE;
	finding->waiver = copy(findings->arena, waiver);
	finding->message = itsm_arena_printf(findings->arena, "%s (waived by %s until %s)", finding->message, waiver, until);
}

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

static int compare_numbers(unsigned a, unsigned b)
{
	return (a > b) - (a < b);
}

/* Path, line, column, rule; the message last, so that the order is the same on every machine. */
static int compare(const void *left, const void *right)
{
	const struct itsm_finding *a = left, *b = right;
	int order = compare_texts(a->path, b->path);

	if (!order)
		order = compare_numbers(a->line, b->line);
	if (!order)
		order = compare_numbers(a->column, b->column);
	if (!order)
		order = compare_texts(a->rule, b->rule);
	if (!order)
		order = compare_texts(a->message, b->message);
	return order;
}

void itsm_findings_sort(struct itsm_findings *findings)
{
	if (findings->count > 1)
		qsort(findings->items, findings->count, sizeof(*findings->items), compare);
}

const char *itsm_severity_name(enum itsm_severity severity)
{
	switch (severity) {
	case ITSM_SEVERITY_WARNING:
		return "warning";
	case ITSM_SEVERITY_NOTE:
		return "note";
	default:
		return "error";
	}
}
