/*
 * Measures as OpenMetrics: what Prometheus scrapes, or its text file collector
 * reads. A mean is a summary, with its sum and count, so that means of several desks
 * can be had; everything else is a gauge.
 */
#include <ctype.h>
#include <string.h>

#include "itsm/measure.h"

static const char *suffix(const struct itsm_metric *metric)
{
	return !metric->unit ? "" : strcmp(metric->unit, "seconds") == 0 ? "_seconds" : strcmp(metric->unit, "ratio") == 0 ? "_ratio" : "";
}

static void put_name(const struct itsm_metric *metric, struct itsm_buffer *out)
{
	itsm_buffer_puts(out, "itsm_");
	for (const char *at = metric->name; *at; at++)
		itsm_buffer_putc(out, isalnum((unsigned char)*at) ? *at : '_');
	itsm_buffer_puts(out, suffix(metric));
}

/* Backslash, quote and newline are escaped, what a terminal would act on becomes a question mark; a NUL can't be there. */
static void put_escaped(const char *text, bool quotes, struct itsm_buffer *out)
{
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if ((c < 0x20 && c != '\n') || c == 0x7f || (c == 0xc2 && (unsigned char)text[1] >= 0x80 && (unsigned char)text[1] < 0xa0)) {
			itsm_buffer_putc(out, '?');
			text += c == 0xc2;
			continue;
		}
		if (*text == '\\' || (quotes && *text == '"'))
			itsm_buffer_putc(out, '\\');
		if (*text == '\n')
			itsm_buffer_puts(out, "\\n");
		else
			itsm_buffer_putc(out, *text);
	}
}

/* {service="billing",quantile="0.5"} */
static void put_labels(const char *by, const char *key, const char *quantile, struct itsm_buffer *out)
{
	if (!by && !quantile)
		return;
	itsm_buffer_putc(out, '{');
	if (by) {
		/* names do not begin with a digit, and `quantile` is the summary's own */
		if (isdigit((unsigned char)*by) || strcmp(by, "quantile") == 0)
			itsm_buffer_puts(out, "by_");
		for (const char *at = by; *at; at++)
			itsm_buffer_putc(out, isalnum((unsigned char)*at) ? *at : '_');
		itsm_buffer_puts(out, "=\"");
		put_escaped(key ? key : "", true, out);
		itsm_buffer_puts(out, quantile ? "\"," : "\"");
	}
	if (quantile)
		itsm_buffer_printf(out, "quantile=\"%s\"", quantile);
	itsm_buffer_putc(out, '}');
}

static void put_sample(const struct itsm_metric *metric, const char *part, const char *by, const char *key, const char *quantile,
	double value, struct itsm_buffer *out)
{
	put_name(metric, out);
	itsm_buffer_puts(out, part);
	put_labels(by, key, quantile, out);
	itsm_buffer_printf(out, " %.15g\n", value);
}

static void put_group(const struct itsm_metric *metric, const char *by, const struct itsm_measure_group *group,
	struct itsm_buffer *out)
{
	const struct itsm_figure *figure = &group->figure;

	if (metric->figure != ITSM_FIGURE_MEAN) {
		if (figure->known)
			put_sample(metric, "", by, group->key, NULL, figure->value, out);
		return;
	}
	if (figure->known) {
		put_sample(metric, "", by, group->key, "0.5", figure->p50, out);
		put_sample(metric, "", by, group->key, "0.9", figure->p90, out);
	}
	put_sample(metric, "_sum", by, group->key, NULL, figure->sum, out);
	put_sample(metric, "_count", by, group->key, NULL, (double)figure->count, out);
}

void itsm_measures_openmetrics(const struct itsm_measures *measures, const char *by, struct itsm_buffer *out)
{
	for (size_t i = 0; i < measures->count; i++) {
		const struct itsm_measure *measure = &measures->items[i];
		const struct itsm_metric *metric = measure->metric;

		if (measure->trouble)
			continue;
		itsm_buffer_puts(out, "# HELP ");
		put_name(metric, out);
		itsm_buffer_putc(out, ' ');
		put_escaped(metric->help ? metric->help : metric->title ? metric->title : metric->name, false, out);
		itsm_buffer_puts(out, "\n# TYPE ");
		put_name(metric, out);
		itsm_buffer_puts(out, metric->figure == ITSM_FIGURE_MEAN ? " summary\n" : " gauge\n");
		for (size_t j = 0; j < measure->group_count; j++)
			put_group(metric, by, &measure->groups[j], out);
	}
	itsm_buffer_puts(out, "# EOF\n");
}
