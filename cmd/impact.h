/* `itsm impact`: what was found, in each form. */
#ifndef CMD_IMPACT_H
#define CMD_IMPACT_H

#include "context.h"
#include "itsm/configuration.h"

struct impact_view {
	struct context *context;
	const struct itsm_impact_report *report;
	bool up;
	int64_t depth;
};

struct itsm_impact_node impact_node(const struct impact_view *view, const struct itsm_impact_hit *hit);
const struct itsm_impact_record *impact_record(const struct impact_view *view, const struct itsm_impact_hit *hit);
/* The field that leads from the hit to the one before it, or back; NULL at depth 0. */
const char *impact_relation(const struct impact_view *view, const struct itsm_impact_hit *hit);

/* A tree, then what is touched. */
void impact_text(const struct impact_view *view, struct itsm_buffer *out);
void impact_json(const struct impact_view *view, struct itsm_buffer *out);
/* Every relation between those that are told. Text of records cannot leave its label. */
void impact_dot(const struct impact_view *view, struct itsm_buffer *out);
void impact_mermaid(const struct impact_view *view, struct itsm_buffer *out);

void impact_compare_text(struct context *context, const struct itsm_impact_comparison *comparison, const char *range,
	struct itsm_buffer *out);
void impact_compare_json(const struct itsm_impact_comparison *comparison, const char *range, struct itsm_buffer *out);

#endif
