/*
 * Metrics: queries that give figures. A desk's own are records of the kind `metric` (improvement/metrics/<name>.yaml)
 * with `sql`; where it has none of a name, the compiled-in one of that name (lib/model/metrics/) holds.
 *
 * The query may use :from and :to, the ends of the period as RFC 3339 in UTC; now() is the earlier of :to and the
 * command's moment. Each row is something that counts. Its columns: `id` of the record, `at` when it counts, `value`
 * (the first column where none is called so), for a ratio `weight`; any other is what figures can be told by.
 */
#ifndef ITSM_METRIC_H
#define ITSM_METRIC_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/export.h"

/* How rows become a figure; docs/metrics.md has the words for it in files. */
enum itsm_metric_figure {
	ITSM_FIGURE_VALUE,      /* the value of the last row */
	ITSM_FIGURE_COUNT,      /* how many rows */
	ITSM_FIGURE_SUM,
	ITSM_FIGURE_MEAN,       /* with the median and the 90th percentile */
	ITSM_FIGURE_SHARE,      /* the mean of values that are 0 or 1 */
	ITSM_FIGURE_RATIO,      /* sum of the values / sum of the weights */
};

struct itsm_metric {
	const char *name;       /* as it is called by */
	const char *title, *help;
	const char *unit;       /* "seconds", "ratio" (0 to 1), or what is counted; may be NULL */
	const char *direction;  /* "up", "down" or "hold": which way is better; may be NULL */
	enum itsm_metric_figure figure;
	const char *sql;
	bool own;               /* a record of the desk */
	bool has_target;
	double target;
};

/* The built-in ones, by name. Borrowed. */
ITSM_API const struct itsm_metric *itsm_metrics_builtin(size_t *count);
/* The word for a figure in files: "mean"; and back (false: there is none of this name). */
ITSM_API const char *itsm_figure_name(enum itsm_metric_figure figure);
ITSM_API bool itsm_figure_find(const char *name, enum itsm_metric_figure *out);

#endif
