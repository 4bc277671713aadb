/* What alerts are about, and what makes them expected. */
#include <string.h>

#include "event.h"

#define ITEMS_MAX 50 /* of one alert */

static bool is_state(const struct event_alert *alert, const char *state)
{
	return alert->now.state && strcmp(alert->now.state, state) == 0;
}

/* What a person or an earlier firing found stays. */
static bool wants_items(const struct event_alert *alert)
{
	return alert->fired && alert->there && !alert->now.items;
}

static bool wants_service(const struct event_alert *alert)
{
	return alert->fired && alert->there && !alert->now.service;
}

static bool may_be_expected(const struct event_alert *alert)
{
	return alert->judged && (is_state(alert, "firing") || is_state(alert, "suppressed"));
}

static const char *text_at(const struct itsm_query *query, size_t column)
{
	struct itsm_value value = itsm_query_value(query, column);

	return value.type != ITSM_VALUE_NULL && value.text && *value.text ? value.text : NULL;
}

static int item_row(struct event_work *work, const struct itsm_query *query)
{
	struct event_alert *alert = event_row_alert(work, query);
	const char *item = text_at(query, 1);
	size_t count;

	if (!alert || !item || (alert->now.items && itsm_list_has(alert->now.items, item)))
		return 0;
	if (!alert->now.items)
		alert->now.items = itsm_arena_alloc(work->arena, (ITEMS_MAX + 1) * sizeof(*alert->now.items));
	for (count = 0; alert->now.items[count]; count++)
		;
	if (count < ITEMS_MAX)
		alert->now.items[count] = itsm_arena_strdup(work->arena, item);
	return 0;
}

static int service_row(struct event_work *work, const struct itsm_query *query)
{
	struct event_alert *alert = event_row_alert(work, query);
	const char *service = text_at(query, 1);

	if (alert && service && !alert->now.service)
		alert->now.service = itsm_arena_strdup(work->arena, service);
	return 0;
}

static int suppress_row(struct event_work *work, const struct itsm_query *query)
{
	struct event_alert *alert = event_row_alert(work, query);
	const char *cause = text_at(query, 1);

	if (!alert || !cause || is_state(alert, "suppressed"))
		return 0;
	alert->now.state = "suppressed";
	alert->now.suppressed_by = itsm_arena_strdup(work->arena, cause);
	return 0;
}

int event_judge(struct event_work *work)
{
	size_t i;
	int status = event_ask_alerts(work, "items", work->rules->items, wants_items, item_row);

	if (status == 0)
		status = event_ask_alerts(work, "services", work->rules->services, wants_service, service_row);
	/* what was expected is judged as if it began now */
	for (i = 0; i < work->alert_count; i++) {
		if (work->alerts[i].judged && is_state(&work->alerts[i], "suppressed"))
			work->alerts[i].now.state = "firing";
	}
	if (status == 0)
		status = event_ask_alerts(work, "suppress", work->rules->suppress, may_be_expected, suppress_row);
	for (i = 0; i < work->alert_count; i++) {
		if (!is_state(&work->alerts[i], "suppressed"))
			work->alerts[i].now.suppressed_by = NULL;
	}
	return status;
}
