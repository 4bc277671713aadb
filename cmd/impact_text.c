/* `itsm impact` for people: a tree of the ways, what still stands, and what is touched. */
#include <string.h>

#include "impact.h"
#include "output.h"

struct itsm_impact_node impact_node(const struct impact_view *view, const struct itsm_impact_hit *hit)
{
	return itsm_impact_node(view->report->map->graph, hit->node);
}

const struct itsm_impact_record *impact_record(const struct impact_view *view, const struct itsm_impact_hit *hit)
{
	return &view->report->map->records[hit->node];
}

const char *impact_relation(const struct impact_view *view, const struct itsm_impact_hit *hit)
{
	return hit->depth ? view->report->map->relations[hit->relation]->name : NULL;
}

/* The hits below each hit, in their order: a list through `next`. */
struct branches {
	uint32_t *first, *next;
};

static struct branches branch(const struct impact_view *view)
{
	const struct itsm_impact_result *result = &view->report->result;
	size_t size = (result->count + 1) * sizeof(uint32_t), at;
	struct branches out = {itsm_arena_alloc(view->context->arena, size), itsm_arena_alloc(view->context->arena, size)};

	memset(out.first, 0xff, size);
	memset(out.next, 0xff, size);
	for (at = result->count; at-- > 0; ) {
		uint32_t via = result->hits[at].via;

		if (via == ITSM_IMPACT_NOTHING)
			continue;
		out.next[at] = out.first[via];
		out.first[via] = (uint32_t)at;
	}
	return out;
}

static void add_whole(const struct itsm_impact_hit *hit, const char *before, struct itsm_buffer *out)
{
	if (hit->parts)
		itsm_buffer_printf(out, "%s%u of %u parts up, %u needed", before, hit->parts_up, hit->parts, hit->needed);
}

static void add_name(struct context *context, const char *id, const char *title, struct itsm_buffer *out)
{
	itsm_buffer_puts(out, context->palette.bold);
	itsm_escape_terminal(out, id, false);
	itsm_buffer_puts(out, context->palette.reset);
	if (!title || !strcmp(title, id))
		return;
	itsm_buffer_puts(out, "  ");
	itsm_escape_terminal(out, title, false);
}

static void add_hit(const struct impact_view *view, const struct itsm_impact_hit *hit, struct itsm_buffer *out)
{
	const struct itsm_impact_record *record = impact_record(view, hit);
	const struct palette *palette = &view->context->palette;
	const char *kind = impact_node(view, hit).kind, *relation = impact_relation(view, hit);

	add_name(view->context, impact_node(view, hit).id, record->title, out);
	itsm_buffer_printf(out, " %s(%s", palette->dim, kind ? kind : "not there");
	if (record->state)
		itsm_buffer_printf(out, ", %s", record->state);
	if (relation)
		itsm_buffer_printf(out, "; %s", relation);
	add_whole(hit, "; ", out);
	if (view->up && hit->depth && hit->alone == ITSM_ALONE_NO)
		itsm_buffer_puts(out, "; not alone");
	if (view->up && hit->alone == ITSM_ALONE_UNKNOWN)
		itsm_buffer_puts(out, "; alone or not is unknown");
	itsm_buffer_printf(out, ")%s\n", palette->reset);
}

/* Depth first over what was found breadth first; no recursion, since ways may be long. */
static void add_tree(const struct impact_view *view, uint32_t root, const struct branches *branches, struct itsm_buffer *out)
{
	const struct itsm_impact_hit *hits = view->report->result.hits;
	uint32_t at = root;

	for (;;) {
		itsm_buffer_printf(out, "%*s", (int)(hits[at].depth > 200 ? 400 : hits[at].depth * 2), "");
		add_hit(view, &hits[at], out);
		if (branches->first[at] != ITSM_IMPACT_NOTHING) {
			at = branches->first[at];
			continue;
		}
		while (at != root && branches->next[at] == ITSM_IMPACT_NOTHING)
			at = hits[at].via;
		if (at == root)
			return;
		at = branches->next[at];
	}
}

static void add_heading(struct context *context, const char *text, struct itsm_buffer *out)
{
	itsm_buffer_printf(out, "\n%s%s%s\n", context->palette.head, text, context->palette.reset);
}

static void add_survivors(const struct impact_view *view, struct itsm_buffer *out)
{
	const struct itsm_impact_result *result = &view->report->result;
	size_t at;

	if (result->survivor_count)
		add_heading(view->context, "Stays up", out);
	for (at = 0; at < result->survivor_count; at++) {
		const struct itsm_impact_hit *hit = &result->survivors[at];

		itsm_buffer_puts(out, "  ");
		add_name(view->context, impact_node(view, hit).id, impact_record(view, hit)->title, out);
		add_whole(hit, ": ", out);
		itsm_buffer_putc(out, '\n');
	}
}

/* What failed of a kind that has other things rest on it for customers: services. */
static void add_services(const struct impact_view *view, struct itsm_buffer *out)
{
	const struct itsm_impact_result *result = &view->report->result;
	bool any = false;
	size_t at;

	for (at = 0; at < result->count; at++) {
		const char *kind = impact_node(view, &result->hits[at]).kind;

		if (!kind || strcmp(kind, "service") != 0)
			continue;
		if (!any)
			add_heading(view->context, "Services", out);
		any = true;
		itsm_buffer_puts(out, "  ");
		add_name(view->context, impact_node(view, &result->hits[at]).id, impact_record(view, &result->hits[at])->title, out);
		itsm_buffer_putc(out, '\n');
	}
}

static void add_touched(const struct impact_view *view, struct itsm_buffer *out)
{
	const struct itsm_impact_report *report = view->report;
	const struct itsm_impact_graph *graph = report->map->graph;
	const char *kind = "";
	size_t at, node;

	for (at = 0; at < report->touched_count; at++) {
		const struct itsm_impact_touched *touched = &report->touched[at];

		if (strcmp(touched->kind, kind) != 0) {
			kind = touched->kind;
			add_heading(view->context, itsm_arena_printf(view->context->arena, "Open: %s", kind), out);
		}
		itsm_buffer_puts(out, "  ");
		add_name(view->context, touched->id, touched->title, out);
		itsm_buffer_printf(out, " %s(%s; about", view->context->palette.dim, touched->state ? touched->state : kind);
		for (node = 0; node < touched->count && node < 10; node++)
			itsm_buffer_printf(out, "%s %s", node ? "," : "", itsm_impact_node(graph, touched->nodes[node]).id);
		itsm_buffer_printf(out, "%s)%s\n", touched->count > 10 ? ", ..." : "", view->context->palette.reset);
	}
}

static void add_people(const struct impact_view *view, struct itsm_buffer *out)
{
	const struct itsm_impact_report *report = view->report;
	size_t at;

	if (report->person_count)
		add_heading(view->context, "Who answers for it", out);
	for (at = 0; at < report->person_count; at++) {
		itsm_buffer_puts(out, "  ");
		add_name(view->context, report->people[at].id, NULL, out);
		itsm_buffer_printf(out, " (%zu)\n", report->people[at].count);
	}
}

void impact_text(const struct impact_view *view, struct itsm_buffer *out)
{
	const struct itsm_impact_result *result = &view->report->result;
	struct branches branches = branch(view);
	size_t at;

	for (at = 0; at < result->count && !result->hits[at].depth; at++)
		add_tree(view, (uint32_t)at, &branches, out);
	if (result->count == at && !view->up)
		itsm_buffer_puts(out, "Nothing else fails.\n");
	if (result->count == at && view->up)
		itsm_buffer_puts(out, "It rests on nothing.\n");
	add_survivors(view, out);
	add_services(view, out);
	add_touched(view, out);
	add_people(view, out);
}

static void add_list(const char *sign, const char *const *ids, size_t count, struct itsm_buffer *out)
{
	size_t at;

	for (at = 0; at < count && at < 50; at++)
		itsm_buffer_printf(out, "  %s %s\n", sign, ids[at]);
	if (count > 50)
		itsm_buffer_printf(out, "  %s ... and %zu more\n", sign, count - 50);
}

void impact_compare_text(struct context *context, const struct itsm_impact_comparison *comparison, const char *range,
	struct itsm_buffer *out)
{
	size_t at;

	(void)range;
	for (at = 0; at < comparison->count; at++) {
		const struct itsm_impact_change *change = &comparison->changes[at];

		add_name(context, change->id, change->title, out);
		itsm_buffer_printf(out, "%s: %zu -> %zu fail with it\n", change->added ? " (new)" : change->removed ? " (removed)" : "",
			change->before, change->after);
		add_list("+", change->gained, change->gained_count, out);
		add_list("-", change->lost, change->lost_count, out);
	}
	if (!comparison->count && !comparison->untold)
		itsm_buffer_puts(out, "What fails with what stays as it is.\n");
	if (comparison->untold)
		itsm_buffer_printf(out, "%zu more have other relations than before; they were too many to compare\n", comparison->untold);
}
