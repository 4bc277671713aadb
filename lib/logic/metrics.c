/* Figures from values; itsm/metrics.h has the definitions. */
#include "itsm/metrics.h"

#include <stdlib.h>

static int compare(const void *a, const void *b)
{
	double left = *(const double *)a, right = *(const double *)b;

	return (left > right) - (left < right);
}

static double quantile(const double *sorted, size_t count, double share)
{
	double place = (double)(count - 1) * share;
	size_t low = (size_t)place;

	return low + 1 < count ? sorted[low] + (place - (double)low) * (sorted[low + 1] - sorted[low]) : sorted[count - 1];
}

void itsm_figure_compute(enum itsm_metric_figure figure, double *values, const double *weights, size_t count,
	struct itsm_figure *out)
{
	double last = count ? values[count - 1] : 0, weight = 0;

	*out = (struct itsm_figure){.count = count};
	for (size_t i = 0; i < count; i++) {
		out->sum += values[i];
		weight += weights ? weights[i] : 1;
	}
	if (count) {
		qsort(values, count, sizeof(*values), compare);
		out->p50 = quantile(values, count, 0.5);
		out->p90 = quantile(values, count, 0.9);
	}
	out->known = figure == ITSM_FIGURE_COUNT || figure == ITSM_FIGURE_SUM || (figure == ITSM_FIGURE_RATIO ? weight != 0 : count > 0);
	if (!out->known)
		return;
	if (figure == ITSM_FIGURE_COUNT)
		out->value = (double)count;
	else if (figure == ITSM_FIGURE_RATIO)
		out->value = out->sum / weight;
	else if (figure == ITSM_FIGURE_MEAN || figure == ITSM_FIGURE_SHARE)
		out->value = out->sum / (double)count;
	else
		out->value = figure == ITSM_FIGURE_SUM ? out->sum : last;
}
