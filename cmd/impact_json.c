/* `itsm impact` as JSON: one envelope, each hit with the whole way to it. */
#include "impact.h"
#include "output.h"

#define PATH_MAX_STEPS 1000 /* longer ways are told by `via` alone */

/* The IDs from what was asked about to the hit. */
static void add_path(const struct impact_view *view, const struct itsm_impact_hit *hit, struct itsm_buffer *out)
{
	const struct itsm_impact_hit *hits = view->report->result.hits, *way[PATH_MAX_STEPS + 1];
	size_t steps = 0;

	output_json_name(out, "path");
	if (hit->depth > PATH_MAX_STEPS) {
		itsm_buffer_puts(out, "null");
		return;
	}
	for (; hit->via != ITSM_IMPACT_NOTHING; hit = &hits[hit->via])
		way[steps++] = hit;
	way[steps++] = hit;
	itsm_buffer_putc(out, '[');
	while (steps-- > 0) {
		output_json_next(out);
		itsm_escape_json(out, impact_node(view, way[steps]).id);
	}
	itsm_buffer_putc(out, ']');
}

static void add_node(const struct impact_view *view, const struct itsm_impact_hit *hit, struct itsm_buffer *out)
{
	const struct itsm_impact_record *record = impact_record(view, hit);

	output_json_next(out);
	itsm_buffer_putc(out, '{');
	output_json_pair(out, "id", impact_node(view, hit).id);
	output_json_pair(out, "kind", impact_node(view, hit).kind);
	output_json_pair(out, "title", record->title);
	output_json_pair(out, "state", record->state);
}

static void add_parts(const struct itsm_impact_hit *hit, struct itsm_buffer *out)
{
	if (!hit->parts)
		return;
	output_json_number(out, "parts", hit->parts);
	output_json_number(out, "parts_up", hit->parts_up);
	output_json_number(out, "needed", hit->needed);
}

static void add_hits(const struct impact_view *view, struct itsm_buffer *out)
{
	const struct itsm_impact_result *result = &view->report->result;
	size_t at;

	output_json_name(out, "records");
	itsm_buffer_putc(out, '[');
	for (at = 0; at < result->count; at++) {
		const struct itsm_impact_hit *hit = &result->hits[at];

		add_node(view, hit, out);
		output_json_number(out, "depth", hit->depth);
		output_json_pair(out, "via", hit->depth ? impact_node(view, &result->hits[hit->via]).id : NULL);
		output_json_pair(out, "relation", impact_relation(view, hit));
		add_path(view, hit, out);
		add_parts(hit, out);
		if (view->up && hit->alone != ITSM_ALONE_UNKNOWN)
			output_json_boolean(out, "alone", hit->alone == ITSM_ALONE_YES);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

static void add_survivors(const struct impact_view *view, struct itsm_buffer *out)
{
	const struct itsm_impact_result *result = &view->report->result;
	size_t at;

	output_json_name(out, "survivors");
	itsm_buffer_putc(out, '[');
	for (at = 0; at < result->survivor_count; at++) {
		add_node(view, &result->survivors[at], out);
		add_parts(&result->survivors[at], out);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

static void add_touched(const struct impact_view *view, struct itsm_buffer *out)
{
	const struct itsm_impact_report *report = view->report;
	size_t at, node;

	output_json_name(out, "touched");
	itsm_buffer_putc(out, '[');
	for (at = 0; at < report->touched_count; at++) {
		const struct itsm_impact_touched *touched = &report->touched[at];

		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "id", touched->id);
		output_json_pair(out, "kind", touched->kind);
		output_json_pair(out, "title", touched->title);
		output_json_pair(out, "state", touched->state);
		output_json_name(out, "about");
		itsm_buffer_putc(out, '[');
		for (node = 0; node < touched->count; node++) {
			output_json_next(out);
			itsm_escape_json(out, itsm_impact_node(report->map->graph, touched->nodes[node]).id);
		}
		itsm_buffer_puts(out, "]}");
	}
	itsm_buffer_putc(out, ']');
}

static void add_people(const struct itsm_impact_report *report, struct itsm_buffer *out)
{
	size_t at;

	output_json_name(out, "owners");
	itsm_buffer_putc(out, '[');
	for (at = 0; at < report->person_count; at++) {
		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "id", report->people[at].id);
		output_json_number(out, "records", (int64_t)report->people[at].count);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_putc(out, ']');
}

static void begin(struct itsm_buffer *out)
{
	itsm_buffer_putc(out, '{');
	output_json_number(out, "schema_version", ITSM_SCHEMA_VERSION);
	output_json_pair(out, "command", "impact");
}

void impact_json(const struct impact_view *view, struct itsm_buffer *out)
{
	begin(out);
	output_json_pair(out, "direction", view->up ? "up" : "down");
	add_hits(view, out);
	add_survivors(view, out);
	add_touched(view, out);
	add_people(view->report, out);
	itsm_buffer_puts(out, "}\n");
}

static void add_ids(const char *name, const char *const *ids, size_t count, struct itsm_buffer *out)
{
	size_t at;

	output_json_name(out, name);
	itsm_buffer_putc(out, '[');
	for (at = 0; at < count; at++) {
		output_json_next(out);
		itsm_escape_json(out, ids[at]);
	}
	itsm_buffer_putc(out, ']');
}

void impact_compare_json(const struct itsm_impact_comparison *comparison, const char *range, struct itsm_buffer *out)
{
	size_t at;

	begin(out);
	output_json_pair(out, "range", range);
	output_json_number(out, "untold", (int64_t)comparison->untold);
	output_json_name(out, "records");
	itsm_buffer_putc(out, '[');
	for (at = 0; at < comparison->count; at++) {
		const struct itsm_impact_change *change = &comparison->changes[at];

		output_json_next(out);
		itsm_buffer_putc(out, '{');
		output_json_pair(out, "id", change->id);
		output_json_pair(out, "kind", change->kind);
		output_json_pair(out, "title", change->title);
		output_json_pair(out, "change", change->added ? "added" : change->removed ? "removed" : "changed");
		output_json_number(out, "before", (int64_t)change->before);
		output_json_number(out, "after", (int64_t)change->after);
		add_ids("gained", change->gained, change->gained_count, out);
		add_ids("lost", change->lost, change->lost_count, out);
		itsm_buffer_putc(out, '}');
	}
	itsm_buffer_puts(out, "]}\n");
}
