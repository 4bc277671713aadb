/*
 * The alerts of a batch: one for each source and fingerprint, and what the desk has of them.
 *
 * An ID is the first 40 bits of the SHA-256 of "<source>\n<fingerprint>\n", in Crockford's base 32. Where another
 * alert has that ID already, a line with a counter, "1\n", is added, and so on.
 */
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "event.h"
#include "itsm/digest.h"

#define ID_TRIES 100

void event_id(const struct itsm_kind *kind, const char *text, char id[ITSM_ID_MAX])
{
	static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
	char hex[65], *end;
	uint64_t bits;
	size_t length, i;

	itsm_digest_sha256(text, strlen(text), hex);
	hex[10] = '\0';
	bits = strtoull(hex, &end, 16);
	length = (size_t)snprintf(id, ITSM_ID_MAX - ITSM_ID_RANDOM, "%s-", kind->prefix);
	for (i = 0; i < ITSM_ID_RANDOM; i++)
		id[length + i] = alphabet[bits >> (35 - 5 * i) & 31];
	id[length + ITSM_ID_RANDOM] = '\0';
}

static uint32_t number(struct event_work *work, const char *text)
{
	return import_texts_add(work->texts, text, strlen(text));
}

/* One alert for all that was seen of it. */
static void gather(struct event_work *work)
{
	struct itsm_buffer key = {0};
	size_t i;

	work->places = itsm_arena_alloc(work->arena, (work->sightings->count + 1) * sizeof(*work->places));
	for (i = 0; i < work->sightings->count; i++) {
		const struct event_sighting *sighting = &work->sightings->items[i];
		struct event_alert *alert;
		uint32_t text, place;

		itsm_buffer_clear(&key);
		itsm_buffer_printf(&key, "%s\n%s\n", sighting->form->run.map.source, sighting->key);
		text = number(work, key.data);
		place = import_table_get(&work->by_key, text);
		if (!place) {
			itsm_arena_grow(work->arena, &work->alerts, &work->alert_capacity, work->alert_count, sizeof(*work->alerts));
			alert = &work->alerts[work->alert_count++];
			*alert = (struct event_alert){.key = sighting->key, .source = sighting->form->run.map.source};
			place = (uint32_t)work->alert_count;
			import_table_put(&work->by_key, text, place);
		}
		work->alerts[place - 1].last = sighting;
		work->places[i] = place - 1;
	}
	itsm_buffer_free(&key);
}

static void name_alert(struct event_work *work, size_t place, unsigned counter)
{
	struct event_alert *alert = &work->alerts[place];
	struct itsm_buffer text = {0};
	char id[ITSM_ID_MAX];

	for (;; counter++) {
		uint32_t taken;

		itsm_buffer_clear(&text);
		itsm_buffer_printf(&text, "%s\n%s\n", alert->source, alert->key);
		if (counter)
			itsm_buffer_printf(&text, "%u\n", counter);
		event_id(work->alert, text.data, id);
		taken = number(work, id);
		if (import_table_get(&work->by_id, taken) == 0) {
			alert->id = IMPORT_TEXT(work, taken);
			import_table_put(&work->by_id, taken, (uint32_t)place + 1);
			break;
		}
	}
	itsm_buffer_free(&text);
}

/* The columns that are read, as far as the desk's kind has them. */
static const char *const columns[] = {"fingerprint", "source", "severity", "service", "incident", "suppressed_by", "items",
	"starts", "ends", "last", "count", "flapping", "firings", "acknowledged", NULL};
enum { C_ID, C_PATH, C_STATE, C_KEY, C_SOURCE, C_SEVERITY, C_SERVICE, C_INCIDENT, C_SUPPRESSED_BY, C_ITEMS, C_STARTS,
	C_ENDS, C_LAST, C_COUNT, C_FLAPPING, C_FIRINGS, C_ACKNOWLEDGED, C_FOLLOW };

static void add_column(struct itsm_buffer *sql, const struct itsm_kind *kind, const char *name)
{
	const struct itsm_field *field = itsm_kind_field(kind, name);

	if (field)
		itsm_buffer_printf(sql, ", \"%s\"", field->column);
	else
		itsm_buffer_puts(sql, ", NULL");
}

static const char *text_at(struct event_work *work, const struct itsm_query *query, size_t column)
{
	struct itsm_value value = itsm_query_value(query, column);

	return value.type != ITSM_VALUE_NULL && value.text ? itsm_arena_strdup(work->arena, value.text) : NULL;
}

static bool time_at(const struct itsm_query *query, size_t column, int64_t *out)
{
	struct itsm_value value = itsm_query_value(query, column);
	struct itsm_time time;

	if (value.type == ITSM_VALUE_NULL || !value.text || itsm_time_parse(value.text, &time, NULL) != 0)
		return false;
	*out = time.seconds;
	return true;
}

/* The texts of a JSON list as the index gives it, NULL-terminated. */
static const char **list_at(struct event_work *work, const struct itsm_query *query, size_t column, size_t *count)
{
	struct itsm_value value = itsm_query_value(query, column);
	struct itsm_yaml *node;
	const char **items;
	size_t i;

	*count = 0;
	if (value.type == ITSM_VALUE_NULL || !value.text ||
		itsm_yaml_parse(work->arena, value.text, strlen(value.text), 1, &node, NULL) != 0 || node->type != ITSM_YAML_SEQUENCE)
		return NULL;
	items = itsm_arena_alloc(work->arena, (node->count + 1) * sizeof(*items));
	for (i = 0; i < node->count; i++) {
		if (node->items[i]->type == ITSM_YAML_SCALAR)
			items[(*count)++] = node->items[i]->text;
	}
	return *count ? items : NULL;
}

static void keep_firings(struct event_work *work, const struct itsm_query *query, struct event_facts *facts)
{
	size_t count, i;
	const char **texts = list_at(work, query, C_FIRINGS, &count);
	struct itsm_time time;

	if (!texts)
		return;
	facts->firings = itsm_arena_alloc(work->arena, count * sizeof(*facts->firings));
	for (i = 0; i < count; i++) {
		if (itsm_time_parse(texts[i], &time, NULL) == 0)
			facts->firings[facts->firing_count++] = time.seconds;
	}
}

static void keep_row(struct event_work *work, const struct itsm_query *query, struct event_alert *alert)
{
	struct event_facts *facts = &alert->then;
	struct itsm_value value;
	size_t count, i;

	alert->known = true;
	alert->path = text_at(work, query, C_PATH);
	facts->state = text_at(work, query, C_STATE);
	facts->severity = text_at(work, query, C_SEVERITY);
	facts->service = text_at(work, query, C_SERVICE);
	facts->incident = text_at(work, query, C_INCIDENT);
	facts->suppressed_by = text_at(work, query, C_SUPPRESSED_BY);
	facts->items = list_at(work, query, C_ITEMS, &count);
	time_at(query, C_STARTS, &facts->starts);
	facts->has_ends = time_at(query, C_ENDS, &facts->ends);
	facts->has_last = time_at(query, C_LAST, &facts->last);
	facts->has_acknowledged = time_at(query, C_ACKNOWLEDGED, &facts->acknowledged);
	value = itsm_query_value(query, C_COUNT);
	facts->count = value.type == ITSM_VALUE_NULL ? 1 : value.integer;
	value = itsm_query_value(query, C_FLAPPING);
	facts->flapping = value.type != ITSM_VALUE_NULL && value.integer != 0;
	keep_firings(work, query, facts);
	for (count = 0; work->rules->follow && work->rules->follow[count]; count++)
		;
	alert->followed = itsm_arena_alloc(work->arena, (count + 1) * sizeof(*alert->followed));
	for (i = 0; i < count; i++)
		alert->followed[i] = text_at(work, query, C_FOLLOW + i);
}

/* A record with the ID of an alert: it is that alert, or another one with the same 40 bits. */
static bool note_row(struct event_work *work, const struct itsm_query *query)
{
	uint32_t id = number(work, itsm_query_value(query, C_ID).text), place = import_table_get(&work->by_id, id);
	struct itsm_value key = itsm_query_value(query, C_KEY), source = itsm_query_value(query, C_SOURCE);
	struct event_alert *alert = place && place != UINT32_MAX ? &work->alerts[place - 1] : NULL;

	if (!alert)
		return true;
	if (key.text && source.text && strcmp(key.text, alert->key) == 0 && strcmp(source.text, alert->source) == 0) {
		keep_row(work, query, alert);
		return true;
	}
	import_table_put(&work->by_id, id, UINT32_MAX);
	alert->id = NULL;
	return false;
}

/* `again` when an ID was another's, and the next one is to be looked for. */
static int look_up(struct event_work *work, bool *again)
{
	struct itsm_buffer sql = {0}, ids = {0};
	struct itsm_value value = {.type = ITSM_VALUE_TEXT};
	struct itsm_query *query = NULL;
	size_t i;
	int status;

	itsm_buffer_puts(&sql, "SELECT id, path, state");
	for (i = 0; columns[i]; i++)
		add_column(&sql, work->alert, columns[i]);
	for (i = 0; work->rules->follow && work->rules->follow[i]; i++)
		add_column(&sql, work->alert, work->rules->follow[i]);
	itsm_buffer_puts(&sql, " FROM alert WHERE id IN (SELECT j.value FROM json_each(?1) AS j)");
	itsm_buffer_putc(&ids, '[');
	for (i = 0; i < work->alert_count; i++) {
		if (!work->alerts[i].known)
			itsm_buffer_printf(&ids, "%s\"%s\"", ids.length > 1 ? "," : "", work->alerts[i].id);
	}
	itsm_buffer_putc(&ids, ']');
	value.text = ids.data;
	*again = false;
	status = itsm_query_open(work->index, sql.data, &value, 1, &query, work->err);
	while (status == 0 && (status = itsm_query_next(query, work->err)) == 1) {
		*again = !note_row(work, query) || *again;
		status = 0;
	}
	itsm_query_free(query);
	itsm_buffer_free(&sql);
	itsm_buffer_free(&ids);
	return status;
}

int event_known(struct event_work *work)
{
	bool again = true;
	unsigned tries;
	size_t i;
	int status = 0;

	gather(work);
	for (i = 0; i < work->alert_count; i++)
		name_alert(work, i, 0);
	for (tries = 1; again && status == 0 && tries < ID_TRIES; tries++) {
		status = look_up(work, &again);
		for (i = 0; again && i < work->alert_count; i++) {
			if (!work->alerts[i].id)
				name_alert(work, i, tries);
		}
	}
	for (i = 0; i < work->alert_count; i++) {
		work->alerts[i].there = work->alerts[i].known;
		work->alerts[i].now = work->alerts[i].then;
	}
	return status;
}

int event_record(struct event_work *work, const char *id, struct itsm_record **out)
{
	struct itsm_findings findings;
	struct itsm_hit hit;
	int status = itsm_index_find(work->index, work->arena, id, NULL, &hit, work->err);

	*out = NULL;
	itsm_findings_init(&findings, work->arena);
	if (status == 0)
		status = itsm_desk_read_blob(work->desk, work->arena, itsm_desk_kinds(work->desk), hit.path, &hit.blob, out, &findings, work->err);
	return status;
}
