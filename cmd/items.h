/* What `itsm items` is given. */
#ifndef CMD_ITEMS_H
#define CMD_ITEMS_H

#include "command.h"

struct items_values {
	const char *map, *branch, *message, *by, *at;
	bool write, records;
	enum itsm_format format;
};

/* cmd/items_reconcile.c */
int items_reconcile(struct context *context, struct itsm_words words, const struct items_values *values,
	struct itsm_error *err);
/* cmd/items_health.c */
int items_health(struct context *context, struct itsm_words words, const struct items_values *values, struct itsm_error *err);
int items_stale(struct context *context, struct itsm_words words, const struct items_values *values, struct itsm_error *err);

#endif
