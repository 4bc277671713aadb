/*
 * `itsm metrics`: what a desk's metrics say of a period.
 */
#ifndef ITSM_MEASURE_H
#define ITSM_MEASURE_H

#include "itsm/desk.h"
#include "itsm/metrics.h"

#define ITSM_MEASURE_STEPS 12

/* A row of a metric's query: what counted. */
struct itsm_measure_row {
	const char *id;              /* NULL where the query gives none */
	const char *at;              /* RFC 3339 in UTC, or NULL */
	double value, weight;
	const char **dimensions;     /* one for each of the measure's; NULL for none */
	int64_t moment;              /* `at`, in seconds since 1970; INT64_MIN for none */
};

struct itsm_measure_group {
	const char *key;             /* the value of `by`; NULL for none, and where all is one */
	struct itsm_figure figure;
	struct itsm_figure trend[ITSM_MEASURE_STEPS]; /* the period in so many equal parts, by `at` */
};

struct itsm_measure {
	const struct itsm_metric *metric;
	const char *trouble;         /* why it could not be asked; nothing below is there then */
	const char **dimensions;     /* what it can be told by, in the order of the query's columns */
	size_t dimension_count;
	struct itsm_measure_row *rows;
	size_t row_count;
	struct itsm_measure_group *groups; /* one, or those of `by`, in order of the key */
	size_t group_count;
};

struct itsm_measure_options {
	struct itsm_words names;     /* none = all: built-in ones, and those of the desk that have `sql` and are not switched off */
	const char *at;              /* the desk as committed there; NULL = the work tree */
	/* Ends of the period, both counted: a year, month, day or moment. NULL = 30 days before the end, and now */
	const char *from, *to;
	const char *by;              /* a dimension, or day, week, month, quarter, year of `at`; NULL = all together */
	/* Asked now and then while a query runs: true ends it. `begin` (may be NULL) is told before each one. */
	bool (*expired)(void *context);
	void (*begin)(void *context);
	void *expired_context;
};

struct itsm_measures {
	int64_t from, to;            /* [from, to), seconds since 1970 */
	struct itsm_measure *items;  /* by name */
	size_t count;
};

/*
 * All in the arena. A metric that was named and can't be asked is an error, ITSM_EUSAGE when there is none of the name or
 * it can't be told by `by`; of all of them, those that can't be asked have `trouble`, those that can't be told by `by` are left out.
 */
ITSM_API int itsm_desk_measure(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_measure_options *options,
	struct itsm_measures *out, struct itsm_error *err);

/*
 * The measures as OpenMetrics text: gauges, summaries for means. Names are itsm_<metric>[_seconds|_ratio], labels the value
 * of `by` (NULL where it was not given).
 */
ITSM_API void itsm_measures_openmetrics(const struct itsm_measures *measures, const char *by, struct itsm_buffer *out);

#endif
