/* itsm impact: what fails when something fails, or what it rests on; what a proposal changes in that. */
#include "impact.h"

#include <string.h>

#include "command.h"
#include "output.h"

#define FORMS "text, json, jsonl, csv, id, dot, mermaid or svg"

struct impact_values {
	int64_t depth;
	struct itsm_words without;
	const char *direction, *at, *format;
};

static const struct option_row options[] = {
	{0, "depth", "STEPS", OPTION_COUNT, offsetof(struct impact_values, depth), "go so many steps at most; 0 for all"},
	{0, "direction", "DIRECTION", OPTION_TEXT, offsetof(struct impact_values, direction),
		"down: what fails with it, the usual; up: what it rests on"},
	{0, "without", "ID", OPTION_LIST, offsetof(struct impact_values, without),
		"as if this were out already; may be given several times"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct impact_values, at), "in the desk as committed at REV"},
	{0, "format", "FORMAT", OPTION_TEXT, offsetof(struct impact_values, format), "how to print: " FORMS},
	{0},
};

const struct syntax impact_syntax = {
	.words = "BASE..HEAD | ID ...",
	.options = options,
	.size = sizeof(struct impact_values),
	.least = 1,
	.most = MANY_WORDS,
};

enum form {
	FORM_TEXT,
	FORM_JSON,
	FORM_JSONL,
	FORM_CSV,
	FORM_ID,
	FORM_DOT,
	FORM_MERMAID,
	FORM_SVG,
};

static int read_form(const char *text, enum form *out, struct itsm_error *err)
{
	static const char *const names[] = {"text", "json", "jsonl", "csv", "id", "dot", "mermaid", "svg"};
	size_t at;

	for (at = 0; at < sizeof(names) / sizeof(*names); at++) {
		if (strcmp(text ? text : "text", names[at]) != 0)
			continue;
		*out = (enum form)at;
		return ITSM_OK;
	}
	return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no format; there are " FORMS, text);
}

static struct itsm_value number_of_whole(const struct itsm_impact_hit *hit, uint32_t number)
{
	return hit->parts ? output_integer(number) : output_text(NULL);
}

static int print_table(const struct impact_view *view, enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"id", "kind", "title", "state", "depth", "via", "relation", "parts", "parts_up",
		"needed", "alone"};
	struct itsm_emitter *emitter = output_begin(view->context, format, "impact", columns, sizeof(columns) / sizeof(*columns));
	const struct itsm_impact_result *result = &view->report->result;
	size_t at;

	for (at = 0; at < result->count; at++) {
		const struct itsm_impact_hit *hit = &result->hits[at];
		const struct itsm_impact_record *record = impact_record(view, hit);
		bool known = view->up && hit->alone != ITSM_ALONE_UNKNOWN;

		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(impact_node(view, hit).id), output_text(impact_node(view, hit).kind), output_text(record->title),
			output_text(record->state), output_integer(hit->depth),
			output_text(hit->depth ? impact_node(view, &result->hits[hit->via]).id : NULL),
			output_text(impact_relation(view, hit)), number_of_whole(hit, hit->parts), number_of_whole(hit, hit->parts_up),
			number_of_whole(hit, hit->needed), known ? output_boolean(hit->alone == ITSM_ALONE_YES) : output_text(NULL),
		});
	}
	return itsm_emit_end(emitter, err);
}

/* graphviz reads what we wrote for it, and writes the picture. */
static int draw(struct itsm_buffer *text, struct itsm_error *err)
{
	const char *const argv[] = {"dot", "-Tsvg", NULL};
	struct itsm_buffer picture = {0};
	int status = itsm_program_run(argv, NULL, text, &picture, NULL, err);

	if (status) {
		itsm_buffer_free(&picture);
		itsm_error_prefix(err, "graphviz draws the picture; install graphviz, or take --format dot or mermaid");
		return status;
	}
	itsm_buffer_free(text);
	*text = picture;
	return ITSM_OK;
}

static int print(const struct impact_view *view, enum form form, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	int status = ITSM_OK;

	switch (form) {
	case FORM_JSONL:
		return print_table(view, ITSM_FORMAT_JSONL, err);
	case FORM_CSV:
		return print_table(view, ITSM_FORMAT_CSV, err);
	case FORM_ID:
		return print_table(view, ITSM_FORMAT_ID, err);
	case FORM_JSON:
		impact_json(view, &text);
		break;
	case FORM_MERMAID:
		impact_mermaid(view, &text);
		break;
	case FORM_DOT:
	case FORM_SVG:
		impact_dot(view, &text);
		status = form == FORM_SVG ? draw(&text, err) : ITSM_OK;
		break;
	case FORM_TEXT:
		output_page(view->context);
		impact_text(view, &text);
	}
	if (!status)
		output_flush(view->context, &text);
	itsm_buffer_free(&text);
	return status;
}

static int compare(struct context *context, struct itsm_words words, const struct impact_values *values, enum form form,
	struct itsm_error *err)
{
	struct itsm_impact_comparison comparison;
	struct itsm_buffer text = {0};
	int status;

	if (words.count > 1 || values->depth || values->direction || values->at || values->without.count)
		return itsm_error_set(err, ITSM_EUSAGE, "a range is compared alone; give IDs or BASE..HEAD, not both");
	if (form != FORM_TEXT && form != FORM_JSON)
		return itsm_error_set(err, ITSM_EUSAGE, "a range is told as text or json");
	status = itsm_desk_impact_compare(context->desk, context->arena, words.items[0], &comparison, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (form == FORM_JSON) {
		impact_compare_json(&comparison, words.items[0], &text);
	} else {
		output_page(context);
		impact_compare_text(context, &comparison, words.items[0], &text);
	}
	output_flush(context, &text);
	itsm_buffer_free(&text);
	return ITSM_OK;
}

static int ask(struct context *context, struct itsm_words words, const struct impact_values *values, enum form form,
	struct itsm_error *err)
{
	struct itsm_impact_report report;
	struct impact_view view = {.context = context, .report = &report, .depth = values->depth};
	struct itsm_impact_request request = {
		.ids = words, .without = values->without, .depth = values->depth, .at = values->at,
	};
	int status;

	if (values->direction && strcmp(values->direction, "up") && strcmp(values->direction, "down"))
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no direction; it is down or up", values->direction);
	request.up = view.up = values->direction && *values->direction == 'u';
	status = itsm_desk_impact(context->desk, context->arena, &request, &report, err);
	if (status)
		return status;
	context_progress_clear(context);
	status = print(&view, form, err);
	itsm_impact_map_free(report.map);
	return status;
}

int command_impact(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct impact_values *values = data;
	enum form form = FORM_TEXT;
	int status = read_form(values->format, &form, err);

	if (status)
		return status;
	if (strstr(words.items[0], ".."))
		return compare(context, words, values, form, err);
	return ask(context, words, values, form, err);
}
