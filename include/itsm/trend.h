/*
 * Trends: what comes more often than it used to.
 *
 * A cluster is what several happenings have in common: an item, a category, a word. In the window it has n of them;
 * expected are as many as in an equal time before, on average: e = m / k for m in the k windows before. The probability that
 * chance alone brings n or more is that of a Poisson distribution with the mean e + 1 / k (one more than was seen, so that what
 * was never seen before is rare, not impossible): P(X >= n) = 1 - sum(i < n) exp(-e) e^i / i!.
 */
#ifndef ITSM_TREND_H
#define ITSM_TREND_H

#include <stdint.h>

#include "itsm/desk.h"

struct itsm_trend {
	const char *sort;         /* "item", "service", "category", "word" */
	const char *value;
	size_t count, before;     /* in the window, and in all windows before it */
	double expected;          /* in one window */
	double probability;       /* of so many or more by chance */
	const char *const *ids;   /* of those in the window, sorted */
};

struct itsm_trend_options {
	int64_t to;               /* end of the window, seconds since 1970 */
	int64_t window;           /* seconds, > 0 */
	unsigned windows;         /* before it, for what is expected; > 0 */
	size_t least;             /* fewer in the window are no cluster */
	double probability;       /* more probable ones are left out */
};

/*
 * Clusters of incidents that no problem is named for, cancelled ones and children left out; the least probable first, then
 * by count, sort and value. As of the snapshot in use. All in `arena`.
 */
ITSM_API int itsm_desk_trends(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_trend_options *options,
	struct itsm_trend **out, size_t *count, struct itsm_error *err);
/*
 * A problem of a cluster: found by trend, with its item, service or category, and named in each of its incidents, in one
 * commit. ITSM_ENOTFOUND when there is no such cluster.
 */
ITSM_API int itsm_desk_propose_problem(struct itsm_desk *desk, const struct itsm_trend_options *options, const char *sort,
	const char *value, const char *message, struct itsm_outcome *outcome, struct itsm_error *err);

#endif
