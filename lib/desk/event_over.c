/*
 * Incidents none of whose alerts fires any more. An alert that comes and goes counts as firing until it was quiet for
 * as long as the rule says; what is expected does not.
 */
#include <string.h>

#include "event.h"

static bool is_firing(const struct event_work *work, const struct event_alert *alert)
{
	const struct event_facts *now = &alert->now;

	if (!now->state || strcmp(now->state, "suppressed") == 0)
		return false;
	if (strcmp(now->state, "resolved") != 0)
		return true;
	return now->flapping && now->has_ends && now->ends + work->rules->flapping_within > work->now;
}

static struct event_incident *incident_of(struct event_work *work, const char *id)
{
	uint32_t text = import_texts_add(work->texts, id, strlen(id)), place = import_table_get(&work->by_incident, text);
	struct event_incident *incident;

	if (place)
		return work->incidents[place - 1];
	incident = itsm_arena_alloc(work->arena, sizeof(*incident));
	incident->id = IMPORT_TEXT(work, text);
	incident->action = EVENT_UPDATED;
	itsm_arena_grow(work->arena, &work->incidents, &work->incident_capacity, work->incident_count, sizeof(struct event_incident *));
	work->incidents[work->incident_count++] = incident;
	import_table_put(&work->by_incident, text, (uint32_t)work->incident_count);
	return incident;
}

/* Incidents of which an alert stopped in this batch, and none of this batch fires. */
static void find_candidates(struct event_work *work)
{
	size_t i;

	for (i = 0; i < work->alert_count; i++) {
		const struct event_alert *alert = &work->alerts[i];
		bool stopped = alert->known && alert->then.state && strcmp(alert->then.state, "resolved") != 0 &&
			alert->now.state && (strcmp(alert->now.state, "resolved") == 0 || strcmp(alert->now.state, "suppressed") == 0);

		if (stopped && alert->now.incident && !is_firing(work, alert))
			incident_of(work, alert->now.incident)->recovers = true;
	}
	for (i = 0; i < work->alert_count; i++) {
		const struct event_alert *alert = &work->alerts[i];

		if (alert->now.incident && is_firing(work, alert))
			incident_of(work, alert->now.incident)->recovers = false;
	}
}

/* Open incidents of alerts that came and went, and are quiet by now: whichever batch sees it. */
static int quiet_row(struct event_work *work, const struct itsm_query *query)
{
	incident_of(work, itsm_query_value(query, 0).text)->recovers = true;
	return 0;
}

static int find_quiet(struct event_work *work, const char *quiet)
{
	static const char *const columns[] = {"id", NULL};
	struct itsm_buffer none = {.data = (char *)"[]", .length = 2};
	const struct event_question question = {"resolve",
		itsm_arena_printf(work->arena,
			"SELECT DISTINCT a.incident FROM alert AS a JOIN incident AS i ON i.id = a.incident WHERE a.flapping = 1"
			" AND a.state = 'resolved' AND a.\"ends\" <= '%s' AND i.is_open", quiet),
		"recovered", columns, &none};

	return event_ask(work, &question, quiet_row);
}

/* An alert of the desk's that fires; those of this batch are known better here. */
static int firing_row(struct event_work *work, const struct itsm_query *query)
{
	const char *alert = itsm_query_value(query, 0).text, *incident = itsm_query_value(query, 1).text;
	uint32_t id = import_texts_find(work->texts, alert, strlen(alert)), place = id ? import_table_get(&work->by_id, id) : 0;

	if (!place || place == UINT32_MAX)
		incident_of(work, incident)->recovers = false;
	return 0;
}

static size_t list_candidates(const struct event_work *work, struct itsm_buffer *json)
{
	size_t count = 0, i;

	itsm_buffer_clear(json);
	itsm_buffer_putc(json, '[');
	for (i = 0; i < work->incident_count; i++) {
		if (!work->incidents[i]->recovers)
			continue;
		itsm_buffer_puts(json, count++ ? ",{\"id\":" : "{\"id\":");
		itsm_escape_json(json, work->incidents[i]->id);
		itsm_buffer_putc(json, '}');
	}
	itsm_buffer_putc(json, ']');
	return count;
}

static int over_row(struct event_work *work, const struct itsm_query *query)
{
	struct itsm_value id = itsm_query_value(query, 0);
	struct event_incident *incident;

	if (id.type == ITSM_VALUE_NULL || !id.text)
		return 0;
	incident = incident_of(work, id.text);
	if (!incident->recovers || incident->action != EVENT_UPDATED || incident->alert_count)
		return 0;
	incident->action = EVENT_RESOLVED;
	return event_row_edits(work, query, "resolve", 1, &incident->edits, &incident->edit_count);
}

int event_over(struct event_work *work)
{
	static const char *const columns[] = {"id", NULL};
	struct itsm_buffer json = {0};
	struct event_question question = {"resolve", NULL, "recovered", columns, &json};
	char quiet[ITSM_TIME_TEXT];
	int status = 0;

	itsm_time_format_utc(work->now - work->rules->flapping_within, quiet);
	if ((status = find_quiet(work, quiet)) != 0)
		return status;
	find_candidates(work);
	question.sql = itsm_arena_printf(work->arena,
		"SELECT a.id, a.incident FROM recovered AS r JOIN alert AS a ON a.incident = r.id"
		" WHERE a.state IN ('firing', 'acknowledged') OR (a.flapping = 1 AND a.state = 'resolved' AND a.\"ends\" > '%s')", quiet);
	if (list_candidates(work, &json))
		status = event_ask(work, &question, firing_row);
	question.sql = work->rules->resolve;
	if (status == 0 && list_candidates(work, &json) && question.sql[strspn(question.sql, " \t\r\n")])
		status = event_ask(work, &question, over_row);
	itsm_buffer_free(&json);
	return status;
}
