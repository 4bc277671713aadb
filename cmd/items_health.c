/* itsm items health, itsm items stale: how the items are kept. */
#include <string.h>

#include "items.h"
#include "itsm/configuration.h"
#include "output.h"

static struct itsm_value percent(double share)
{
	/* one decimal, half up: a share never rounds to 100 while something is wrong */
	int64_t tenths = (int64_t)(share * 10 + 0.5);

	if (share < 0)
		return output_text(NULL);
	if (tenths == 1000 && share < 100)
		tenths = 999;
	return (struct itsm_value){.type = ITSM_VALUE_REAL, .real = (double)tenths / 10};
}

static int print_figures(struct context *context, const struct itsm_health *health, const char *by, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {"by", "name", "items", "completeness", "correctness", "compliance", "overall", "complete",
		"recommended", "orphans", "stale", "duplicates", "audits_late"};
	struct itsm_emitter *emitter = output_begin(context, format, "items", columns, sizeof(columns) / sizeof(*columns));
	size_t at;

	for (at = 0; at < health->figure_count; at++) {
		const struct itsm_health_figure *figure = &health->figures[at];

		if (by && strcmp(figure->by, by) != 0)
			continue;
		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(figure->by), output_text(figure->name), output_integer((int64_t)figure->items),
			percent(figure->completeness), percent(figure->correctness), percent(figure->compliance),
			percent(figure->overall), output_integer((int64_t)figure->complete), output_integer((int64_t)figure->recommended),
			output_integer((int64_t)figure->orphans), output_integer((int64_t)figure->stale),
			output_integer((int64_t)figure->duplicates), output_integer((int64_t)figure->audit_late),
		});
	}
	return itsm_emit_end(emitter, err);
}

static void add_row(struct itsm_emitter *emitter, const struct itsm_health_item *item, const char *figure, const char *metric,
	const char *detail)
{
	struct itsm_buffer services = {0};

	output_json_list(&services, item->services);
	itsm_emit_row(emitter, (struct itsm_value[]){
		output_text(item->id), output_text(item->class_name), output_text(item->owner), output_json(services.data),
		output_text(figure), output_text(metric), output_text(detail),
	});
	itsm_buffer_free(&services);
}

/* A row for each thing that is wrong with an item: all that the figures count against it. */
static int print_records(struct context *context, const struct itsm_health *health, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {"id", "class", "owner", "services", "figure", "metric", "detail"};
	struct itsm_emitter *emitter = output_begin(context, format, "items", columns, sizeof(columns) / sizeof(*columns));
	size_t at;

	for (at = 0; at < health->count; at++) {
		const struct itsm_health_item *item = &health->items[at];

		if (item->missing)
			add_row(emitter, item, "completeness", "required", item->missing);
		if (item->wanted)
			add_row(emitter, item, "completeness", "recommended", item->wanted);
		if (item->orphan)
			add_row(emitter, item, "correctness", "orphan", NULL);
		if (item->stale)
			add_row(emitter, item, "correctness", "stale", output_time(context, item->seen).text);
		if (item->twin)
			add_row(emitter, item, "correctness", "duplicate", item->twin);
		if (item->audit_late)
			add_row(emitter, item, "compliance", "audit", item->audited ? item->audited : "never");
	}
	return itsm_emit_end(emitter, err);
}

int items_health(struct context *context, struct itsm_words words, const struct items_values *values, struct itsm_error *err)
{
	struct itsm_health health;
	int status;

	if (words.count)
		return itsm_error_set(err, ITSM_EUSAGE, "items health takes no words, not '%s'", words.items[0]);
	if (values->by && strcmp(values->by, "class") && strcmp(values->by, "owner") && strcmp(values->by, "service"))
		return itsm_error_set(err, ITSM_EUSAGE, "--by takes class, owner or service, not '%s'", values->by);
	status = itsm_desk_health(context->desk, context->arena, values->at, &health, err);
	if (status)
		return status;
	context_progress_clear(context);
	if (values->format == ITSM_FORMAT_TEXT)
		output_page(context);
	return values->records ? print_records(context, &health, values->format, err) :
		print_figures(context, &health, values->by, values->format, err);
}

int items_stale(struct context *context, struct itsm_words words, const struct items_values *values, struct itsm_error *err)
{
	static const char *const columns[] = {"id", "class", "owner", "seen", "days"};
	struct itsm_emitter *emitter;
	struct itsm_health health;
	size_t at;
	int status;

	if (words.count)
		return itsm_error_set(err, ITSM_EUSAGE, "items stale takes no words, not '%s'", words.items[0]);
	status = itsm_desk_health(context->desk, context->arena, values->at, &health, err);
	if (status)
		return status;
	context_progress_clear(context);
	emitter = output_begin(context, values->format, "items", columns, sizeof(columns) / sizeof(*columns));
	for (at = 0; at < health.count; at++) {
		const struct itsm_health_item *item = &health.items[at];

		if (!item->stale)
			continue;
		itsm_emit_row(emitter, (struct itsm_value[]){
			output_text(item->id), output_text(item->class_name), output_text(item->owner), output_time(context, item->seen),
			output_integer((context->now - item->seen) / 86400),
		});
	}
	return itsm_emit_end(emitter, err);
}
