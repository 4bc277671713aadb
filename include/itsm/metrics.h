/*
 * Figures from values: pure.
 *
 * Percentiles are interpolated between the two nearest ranks: of n values in order, that of q is at (n - 1) * q,
 * counted from 0 (Hyndman and Fan 1996, type 7; what R and NumPy do).
 */
#ifndef ITSM_METRICS_H
#define ITSM_METRICS_H

#include "itsm/metric.h"

struct itsm_figure {
	size_t count;           /* of values */
	bool known;             /* there is a figure: a mean of nothing is none, a sum of nothing is 0 */
	double value;
	double sum, p50, p90;   /* of the values; percentiles only with count > 0 */
};

/* `values` are put in order; `weights` (may be NULL: 1 each) belong to them before that. */
ITSM_API void itsm_figure_compute(enum itsm_metric_figure figure, double *values, const double *weights, size_t count,
	struct itsm_figure *out);

#endif
