/* The built-in metrics, and the words for figures. */
#include <string.h>

#include "metric.h"

static const char *const names[] = {"value", "count", "sum", "mean", "share", "ratio"};

const struct itsm_metric *itsm_metrics_builtin(size_t *count)
{
	*count = metric_builtin_count;
	return metric_builtins;
}

const char *itsm_figure_name(enum itsm_metric_figure figure)
{
	return names[figure];
}

bool itsm_figure_find(const char *name, enum itsm_metric_figure *out)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (strcmp(names[i], name) != 0)
			continue;
		*out = (enum itsm_metric_figure)i;
		return true;
	}
	return false;
}
