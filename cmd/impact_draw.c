/*
 * `itsm impact` for graphviz and Mermaid. Nodes are called n0, n1 ... by their
 * place; what comes from records stands in labels only. Arrows lead from the
 * cause to what fails with it.
 */
#include <ctype.h>
#include <string.h>

#include "impact.h"
#include "itsm/utf8.h"
#include "output.h"

#define LABEL_CHARACTERS 120

struct drawing {
	const struct impact_view *view;
	struct itsm_buffer *out;
	uint32_t *names;         /* by node: its number in the picture and 1; 0 = not in it */
	void (*escape)(struct itsm_buffer *out, uint32_t character);
};

/* In quotes, where a backslash begins graphviz's own escapes and & an entity. */
static void escape_dot(struct itsm_buffer *out, uint32_t character)
{
	char bytes[4];

	if (character == '&') {
		itsm_buffer_puts(out, "&amp;");
	} else {
		if (character == '"' || character == '\\')
			itsm_buffer_putc(out, '\\');
		itsm_buffer_add(out, bytes, itsm_utf8_encode(character, bytes));
	}
}

/* Whatever could mean something to Mermaid, Markdown or HTML is written by its number. */
static void escape_mermaid(struct itsm_buffer *out, uint32_t character)
{
	char bytes[4];

	if (character < 128 && !isalnum((int)character) && !strchr(" .-_,()", (int)character)) {
		itsm_buffer_printf(out, "#%u;", character);
		return;
	}
	itsm_buffer_add(out, bytes, itsm_utf8_encode(character, bytes));
}

static void add_text(struct drawing *drawing, const char *text)
{
	size_t length = strlen(text), at = 0, count = 0;

	while (at < length) {
		uint32_t character;
		size_t size = itsm_utf8_decode(text + at, length - at, &character);

		at += size ? size : 1;
		if (!size || itsm_utf8_is_control(character) || itsm_utf8_is_deceptive(character))
			character = size && character == '\n' ? ' ' : 0xfffd;
		if (count++ == LABEL_CHARACTERS) {
			itsm_buffer_puts(drawing->out, "...");
			return;
		}
		drawing->escape(drawing->out, character);
	}
}

static void add_label(struct drawing *drawing, const struct itsm_impact_hit *hit)
{
	const char *id = impact_node(drawing->view, hit).id, *title = impact_record(drawing->view, hit)->title;

	itsm_buffer_putc(drawing->out, '"');
	add_text(drawing, id);
	if (title && strcmp(title, id) != 0) {
		add_text(drawing, ": ");
		add_text(drawing, title);
	}
	if (hit->parts)
		add_text(drawing, itsm_arena_printf(drawing->view->context->arena, " (%u of %u up, %u needed)", hit->parts_up,
			hit->parts, hit->needed));
	itsm_buffer_putc(drawing->out, '"');
}

static bool is_service(const struct drawing *drawing, const struct itsm_impact_hit *hit)
{
	const char *kind = impact_node(drawing->view, hit).kind;

	return kind && !strcmp(kind, "service");
}

static size_t name_nodes(struct drawing *drawing)
{
	const struct itsm_impact_report *report = drawing->view->report;
	size_t at, count = 0;

	drawing->names = itsm_arena_alloc(drawing->view->context->arena,
		(itsm_impact_count(report->map->graph) + (size_t)1) * sizeof(*drawing->names));
	for (at = 0; at < report->result.count; at++)
		drawing->names[report->result.hits[at].node] = (uint32_t)++count;
	for (at = 0; at < report->result.survivor_count; at++)
		drawing->names[report->result.survivors[at].node] = (uint32_t)++count;
	return count;
}

/* Every edge from the hit to another node of the picture. Returns how many. */
static size_t add_edges(struct drawing *drawing, const struct itsm_impact_hit *hit, const char *format)
{
	const struct itsm_impact_map *map = drawing->view->report->map;
	struct itsm_impact_edge edge;
	size_t at, count = 0;

	for (at = 0; itsm_impact_effect(map->graph, hit->node, at, &edge); at++) {
		if (!drawing->names[edge.node])
			continue;
		count++;
		itsm_buffer_printf(drawing->out, "  n%u %s n%u", drawing->names[hit->node] - 1, format, drawing->names[edge.node] - 1);
		if (drawing->escape == escape_dot)
			itsm_buffer_printf(drawing->out, " [label=\"%s\"%s]", map->relations[edge.relation]->name,
				edge.part ? ", style=dashed" : "");
		itsm_buffer_putc(drawing->out, '\n');
	}
	return count;
}

void impact_dot(const struct impact_view *view, struct itsm_buffer *out)
{
	struct drawing drawing = {.view = view, .out = out, .escape = escape_dot};
	const struct itsm_impact_result *result = &view->report->result;
	size_t at;

	name_nodes(&drawing);
	itsm_buffer_puts(out, "digraph impact {\n  rankdir=LR\n  node [shape=box, fontname=\"sans-serif\"]\n"
		"  edge [fontname=\"sans-serif\", fontsize=10]\n");
	for (at = 0; at < result->count; at++) {
		itsm_buffer_printf(out, "  n%zu [label=", at);
		add_label(&drawing, &result->hits[at]);
		itsm_buffer_printf(out, "%s%s]\n", is_service(&drawing, &result->hits[at]) ? ", shape=ellipse" : "",
			result->hits[at].depth ? "" : ", style=bold");
	}
	for (at = 0; at < result->survivor_count; at++) {
		itsm_buffer_printf(out, "  n%zu [label=", result->count + at);
		add_label(&drawing, &result->survivors[at]);
		itsm_buffer_puts(out, ", style=dashed]\n");
	}
	for (at = 0; at < result->count; at++)
		add_edges(&drawing, &result->hits[at], "->");
	itsm_buffer_puts(out, "}\n");
}

void impact_mermaid(const struct impact_view *view, struct itsm_buffer *out)
{
	struct drawing drawing = {.view = view, .out = out, .escape = escape_mermaid};
	const struct itsm_impact_result *result = &view->report->result;
	size_t at, edges = 0;

	name_nodes(&drawing);
	itsm_buffer_puts(out, "flowchart LR\n");
	for (at = 0; at < result->count; at++) {
		bool service = is_service(&drawing, &result->hits[at]);

		itsm_buffer_printf(out, "  n%zu%s", at, service ? "([" : "[");
		add_label(&drawing, &result->hits[at]);
		itsm_buffer_puts(out, service ? "])\n" : "]\n");
	}
	for (at = 0; at < result->survivor_count; at++) {
		itsm_buffer_printf(out, "  n%zu[", result->count + at);
		add_label(&drawing, &result->survivors[at]);
		itsm_buffer_puts(out, "]:::up\n");
	}
	for (at = 0; at < result->count; at++)
		edges += add_edges(&drawing, &result->hits[at], "-->");
	itsm_buffer_puts(out, "  classDef failed stroke-width:3px\n  classDef up stroke-dasharray:4\n");
	for (at = 0; at < result->count && !result->hits[at].depth; at++)
		itsm_buffer_printf(out, "  class n%zu failed\n", at);
	if (edges > 500)
		output_note(view->context, "note: %zu relations; forges draw 500 at most: give --depth", edges);
}
