/* What work is about: its items with those they are part of, its services. */
#ifndef ITSM_LIB_INDEX_SCOPE_H
#define ITSM_LIB_INDEX_SCOPE_H

#include "index.h"
#include "itsm/plan.h"

struct scope_item {
	const char *id, *environment, *calendar; /* the latter two NULL where it does not say */
	bool own;                       /* of the work itself */
};

struct index_scope {
	const char *items_text, *services_text; /* what was asked for */
	struct scope_item *items;
	size_t item_count, item_capacity;
	const char **services;
	size_t service_count, service_capacity;
};

/* Of JSON lists, or NULL; kept as long as the calendars. Within an attempt, or from within SQL. */
int itsm_index_scope(struct itsm_index *index, const char *items, const char *services, const struct index_scope **out,
	struct itsm_error *err);
bool itsm_index_scope_is(const struct index_scope *scope, const char *items, const char *services);
/* Does the entry bind what is in the scope? */
bool itsm_index_scope_has(const struct index_scope *scope, const struct itsm_calendar_entry *entry);
/* The same without an attempt, from within SQL. */
int itsm_index_freezes_now(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_work *work,
	struct itsm_calendar_event **out, size_t *count, struct itsm_error *err);
int itsm_index_windows_now(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_work *work,
	struct itsm_window_result *out, struct itsm_error *err);

int itsm_index_planned_now(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_impact_map *map,
	bool open, const char *id, struct itsm_planned **out, size_t *count, struct itsm_error *err);

#endif
