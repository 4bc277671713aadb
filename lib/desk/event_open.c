/*
 * Incidents that alerts open, or belong to. Alerts that the rule gives one group are one incident: the one of that
 * group that is open, else one that was resolved a short time ago, else a new one.
 */
#include <string.h>

#include "event.h"
#include "itsm/digest.h"

#define GROUP_MAX 500 /* bytes of a group's name in the incident */

static bool may_open(const struct event_alert *alert)
{
	return alert->judged && alert->now.state &&
		(strcmp(alert->now.state, "firing") == 0 || strcmp(alert->now.state, "acknowledged") == 0);
}

static bool is_text(const struct itsm_field *field)
{
	return field->type != ITSM_TYPE_INT && field->type != ITSM_TYPE_NUMBER && field->type != ITSM_TYPE_BOOL &&
		field->type != ITSM_TYPE_DATE && field->type != ITSM_TYPE_TIME;
}

static const char *value_text(struct itsm_arena *arena, const struct itsm_value *value)
{
	switch (value->type) {
	case ITSM_VALUE_INTEGER:
	case ITSM_VALUE_BOOLEAN:
		return itsm_arena_printf(arena, "%lld", (long long)value->integer);
	case ITSM_VALUE_REAL:
		return itsm_arena_printf(arena, "%.15g", value->real);
	case ITSM_VALUE_NULL:
		return NULL;
	default:
		return value->text && *value->text ? itsm_arena_strdup(arena, value->text) : NULL;
	}
}

/* A value of a list field may be a JSON list. */
static void set_list(struct event_work *work, struct itsm_edit *edit, const char *text)
{
	struct itsm_yaml *node;
	const char **values;
	size_t i;

	edit->list = true;
	if (*text != '[' || itsm_yaml_parse(work->arena, text, strlen(text), 1, &node, NULL) != 0 || node->type != ITSM_YAML_SEQUENCE)
		return;
	values = itsm_arena_alloc(work->arena, (node->count + 1) * sizeof(*values));
	for (edit->count = 0, i = 0; i < node->count; i++) {
		if (node->items[i]->type == ITSM_YAML_SCALAR)
			values[edit->count++] = node->items[i]->text;
	}
	edit->values = values;
}

int event_row_edits(struct event_work *work, const struct itsm_query *query, const char *what, size_t skip,
	struct itsm_edit **edits, size_t *count)
{
	size_t columns = itsm_query_column_count(query), i;

	*edits = itsm_arena_alloc(work->arena, (columns + 16) * sizeof(**edits));
	*count = 0;
	for (i = skip; i < columns; i++) {
		const char *name = itsm_query_column_name(query, i), *text;
		const struct itsm_field *field = itsm_kind_field(work->incident, name);
		struct itsm_value value = itsm_query_value(query, i);

		if (!field)
			return itsm_error_set(work->err, ITSM_EDATA,
				"the rule '%s' of events gives '%s', which is no field of an incident; `itsm schema incident` lists them", what, name);
		if ((text = value_text(work->arena, &value)) == NULL)
			continue;
		desk_edit_set(work->arena, &(*edits)[*count], field->name, text, is_text(field));
		if (field->list)
			set_list(work, &(*edits)[*count], text);
		(*count)++;
	}
	return 0;
}

/* The group as the incident has it: one line, and not too long. */
static const char *group_text(struct itsm_arena *arena, const char *group)
{
	char hex[65], *copy, *at;

	if (strlen(group) > GROUP_MAX) {
		itsm_digest_sha256(group, strlen(group), hex);
		return itsm_arena_printf(arena, "sha256:%s", hex);
	}
	copy = itsm_arena_strdup(arena, group);
	for (at = copy; *at; at++)
		*at = *at == '\n' || *at == '\t' ? ' ' : *at;
	return copy;
}

static struct event_incident *find_group(struct event_work *work, const char *group)
{
	uint32_t text = import_texts_add(work->texts, group, strlen(group)), place = import_table_get(&work->by_group, text);
	struct event_incident *incident;

	if (place)
		return work->incidents[place - 1];
	incident = itsm_arena_alloc(work->arena, sizeof(*incident));
	incident->group = IMPORT_TEXT(work, text);
	incident->priority = INT64_MAX;
	itsm_arena_grow(work->arena, &work->incidents, &work->incident_capacity, work->incident_count, sizeof(struct event_incident *));
	work->incidents[work->incident_count++] = incident;
	import_table_put(&work->by_group, text, (uint32_t)work->incident_count);
	return incident;
}

static int incident_row(struct event_work *work, const struct itsm_query *query)
{
	struct event_alert *alert = event_row_alert(work, query);
	struct itsm_value group = itsm_query_value(query, 1);
	struct event_incident *incident;
	const char *text = value_text(work->arena, &group);
	int64_t priority = INT64_MAX;
	size_t columns = itsm_query_column_count(query), i;
	int status = 0;

	if (!alert || !text || alert->told)
		return 0;
	incident = find_group(work, group_text(work->arena, text));
	for (i = 2; i < columns; i++) {
		struct itsm_value value = itsm_query_value(query, i);

		if (strcmp(itsm_query_column_name(query, i), "priority") == 0 && value.type == ITSM_VALUE_INTEGER)
			priority = value.integer;
	}
	if (!incident->alert_count || priority < incident->priority)
		status = event_row_edits(work, query, "incident", 2, &incident->edits, &incident->edit_count);
	if (status != 0)
		return status;
	incident->priority = priority < incident->priority ? priority : incident->priority;
	itsm_arena_grow(work->arena, &incident->alerts, &incident->alert_capacity, incident->alert_count, sizeof(struct event_alert *));
	incident->alerts[incident->alert_count++] = alert;
	alert->told = incident;
	return 0;
}

/* Later rows take the place of earlier ones: open before resolved, then by time. */
static int known_row(struct event_work *work, const struct itsm_query *query)
{
	const char *group = itsm_query_value(query, 0).text, *resolved = itsm_query_value(query, 4).text;
	uint32_t text = import_texts_find(work->texts, group, strlen(group)), place = import_table_get(&work->by_group, text);
	bool open = itsm_query_value(query, 3).integer != 0, manned = itsm_query_value(query, 5).integer != 0;
	struct itsm_time time;

	if (!place)
		return 0;
	if (!open && (!manned || !resolved || itsm_time_parse(resolved, &time, NULL) != 0 ||
		time.seconds + work->rules->reopen < work->now || work->rules->reopen == 0))
		return 0;
	work->incidents[place - 1]->id = itsm_arena_strdup(work->arena, itsm_query_value(query, 1).text);
	work->incidents[place - 1]->state = itsm_arena_strdup(work->arena, itsm_query_value(query, 2).text);
	work->incidents[place - 1]->action = open ? EVENT_UPDATED : EVENT_REOPENED;
	return 0;
}

static int find_known(struct event_work *work)
{
	static const char sql[] =
		"SELECT i.external, i.id, i.state, i.is_open, i.resolved, i.team IS NOT NULL OR i.\"group\" IS NOT NULL FROM incident AS i"
		" WHERE i.source = '" EVENT_SOURCE "' AND i.external IN (SELECT g.name FROM asked AS g)"
		" AND (i.is_open OR i.state = 'resolved') ORDER BY i.is_open, coalesce(i.resolved, i.opened), i.id";
	static const char *const columns[] = {"name", NULL};
	struct itsm_buffer json = {0};
	const struct event_question question = {"incident", sql, "asked", columns, &json};
	size_t i;
	int status;

	if (!work->incident_count)
		return 0;
	for (i = 0; i < work->incident_count; i++) {
		itsm_buffer_puts(&json, i ? ",{\"name\":" : "[{\"name\":");
		itsm_escape_json(&json, work->incidents[i]->group);
		itsm_buffer_putc(&json, '}');
	}
	itsm_buffer_putc(&json, ']');
	status = event_ask(work, &question, known_row);
	itsm_buffer_free(&json);
	return status;
}

/* The same alert that begins at the same time opens the same incident, wherever that is seen. */
static int name_new(struct event_work *work, struct event_incident *incident)
{
	const struct event_alert *alert = incident->alerts[0];
	struct itsm_buffer text = {0};
	char id[ITSM_ID_MAX];
	unsigned counter;
	int status = 0;

	for (counter = 0; status == 0; counter++) {
		struct itsm_hit hit;

		itsm_buffer_clear(&text);
		itsm_buffer_printf(&text, EVENT_SOURCE "\n%s\n%s\n%lld\n", incident->group, alert->id, (long long)alert->now.starts);
		if (counter)
			itsm_buffer_printf(&text, "%u\n", counter);
		event_id(work->incident, text.data, id);
		status = itsm_index_find(work->index, work->arena, id, NULL, &hit, NULL);
	}
	itsm_buffer_free(&text);
	if (status != ITSM_ENOTFOUND)
		return itsm_error_set(work->err, status, "cannot look for incident %s", id);
	incident->id = itsm_arena_strdup(work->arena, id);
	incident->path = itsm_kind_path(work->arena, work->incident, id, work->now, NULL);
	incident->action = EVENT_OPENED;
	return 0;
}

int event_open(struct event_work *work)
{
	size_t i, j;
	int status = event_ask_alerts(work, "incident", work->rules->incident, may_open, incident_row);

	if (status == 0)
		status = find_known(work);
	for (i = 0; i < work->incident_count && status == 0; i++) {
		struct event_incident *incident = work->incidents[i];
		uint32_t text;

		if (!incident->id && (status = name_new(work, incident)) != 0)
			break;
		text = import_texts_add(work->texts, incident->id, strlen(incident->id));
		import_table_put(&work->by_incident, text, (uint32_t)i + 1);
		for (j = 0; j < incident->alert_count; j++)
			incident->alerts[j]->now.incident = incident->id;
	}
	return status;
}
