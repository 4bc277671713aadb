/* Rules are SQL: asking one of many alerts at once. */
#include <string.h>

#include "event.h"

#define CHUNK_BYTES (2u << 20) /* of JSON in one question */

static void add_table(struct itsm_buffer *sql, const struct event_question *question)
{
	size_t i;

	itsm_buffer_printf(sql, "WITH \"%s\"(", question->name);
	for (i = 0; question->columns[i]; i++)
		itsm_buffer_printf(sql, "%s\"%s\"", i ? ", " : "", question->columns[i]);
	itsm_buffer_puts(sql, ") AS (SELECT ");
	for (i = 0; question->columns[i]; i++)
		itsm_buffer_printf(sql, "%sjson_extract(j.value, '$.%s')", i ? ", " : "", question->columns[i]);
	itsm_buffer_puts(sql, " FROM json_each(?1) AS j) SELECT * FROM (\n");
}

int event_ask(struct event_work *work, const struct event_question *question,
	int (*row)(struct event_work *work, const struct itsm_query *query))
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = question->json->data};
	struct itsm_buffer sql = {0};
	struct itsm_query *query = NULL;
	int status;

	add_table(&sql, question);
	itsm_buffer_puts(&sql, question->sql);
	itsm_buffer_puts(&sql, "\n)");
	status = itsm_query_open(work->index, sql.data, &value, 1, &query, work->err);
	while (status == 0 && (status = itsm_query_next(query, work->err)) == 1)
		status = row(work, query);
	itsm_query_free(query);
	itsm_buffer_free(&sql);
	if (status == ITSM_EUSAGE || status == ITSM_ELIMIT) {
		itsm_error_prefix(work->err, "the rule '%s' of events (%s/rules.yaml)", question->what, EVENT_FOLDER);
		status = work->err ? work->err->status = ITSM_EDATA : ITSM_EDATA;
	}
	return status;
}

/* The columns of `event`. */
static const char *const columns[] = {"n", "id", "source", "fingerprint", "dedup_key", "summary", "description", "severity",
	"class", "component", "group", "group_key", "url", "receiver", "starts", "count", "flapping", "labels", "items", "service",
	NULL};
#define COLUMNS (sizeof(columns) / sizeof(*columns))

/* A chunk in the making: of the columns those that the rule speaks of, which spares most of the work. */
struct chunk {
	struct itsm_buffer json;
	const char *wanted[COLUMNS];
};

static bool begin_value(struct chunk *chunk, const char *name)
{
	if (!itsm_list_has(chunk->wanted, name))
		return false;
	itsm_buffer_puts(&chunk->json, ",\"");
	itsm_buffer_puts(&chunk->json, name);
	itsm_buffer_puts(&chunk->json, "\":");
	return true;
}

static void add_text(struct chunk *chunk, const char *name, const char *text)
{
	if (text && begin_value(chunk, name))
		itsm_escape_json(&chunk->json, text);
}

static void add_number(struct chunk *chunk, const char *name, int64_t number)
{
	if (begin_value(chunk, name))
		itsm_buffer_printf(&chunk->json, "%lld", (long long)number);
}

static void add_items(struct chunk *chunk, const char **items)
{
	size_t i;

	if (!begin_value(chunk, "items"))
		return;
	itsm_buffer_putc(&chunk->json, '[');
	for (i = 0; items && items[i]; i++) {
		if (i)
			itsm_buffer_putc(&chunk->json, ',');
		itsm_escape_json(&chunk->json, items[i]);
	}
	itsm_buffer_putc(&chunk->json, ']');
}

static void add_labels(struct chunk *chunk, const struct event_sighting *sighting)
{
	struct itsm_buffer *json = &chunk->json;
	size_t i;

	if (!begin_value(chunk, "labels"))
		return;
	itsm_buffer_putc(json, '{');
	for (i = 0; i < sighting->label_count; i++) {
		if (i)
			itsm_buffer_putc(json, ',');
		itsm_escape_json(json, sighting->labels[i].name);
		itsm_buffer_putc(json, ':');
		itsm_escape_json(json, sighting->labels[i].value);
	}
	itsm_buffer_putc(json, '}');
}

/* The fields of a sighting that have a column of their own above. */
static void add_fields(struct chunk *chunk, const struct event_sighting *sighting)
{
	static const char *const names[] = {"dedup_key", "summary", "description", "class", "component", "group", "group_key",
		"url", "receiver", NULL};
	size_t i;

	for (i = 0; i < sighting->edit_count; i++) {
		const struct itsm_edit *edit = &sighting->edits[i];

		if (edit->count == 1 && itsm_list_has(names, edit->field))
			add_text(chunk, edit->field, edit->values[0]);
	}
}

static void add_alert(struct chunk *chunk, const struct event_alert *alert, size_t place)
{
	const struct event_sighting *sighting = alert->spoken ? alert->spoken : alert->last;
	char starts[ITSM_TIME_TEXT];

	itsm_time_format_utc(alert->now.starts, starts);
	itsm_buffer_puts(&chunk->json, chunk->json.length > 1 ? ",{\"n\":" : "{\"n\":");
	itsm_buffer_printf(&chunk->json, "%zu", place);
	add_text(chunk, "id", alert->id);
	add_text(chunk, "source", alert->source);
	add_text(chunk, "fingerprint", alert->key);
	add_text(chunk, "severity", alert->now.severity);
	add_text(chunk, "service", alert->now.service);
	add_text(chunk, "starts", starts);
	add_number(chunk, "count", alert->now.count);
	add_number(chunk, "flapping", alert->now.flapping);
	add_fields(chunk, sighting);
	add_items(chunk, alert->now.items);
	add_labels(chunk, sighting);
	itsm_buffer_putc(&chunk->json, '}');
}

static void choose_columns(struct chunk *chunk, const char *sql)
{
	size_t count = 1, i;

	chunk->wanted[0] = "n";
	for (i = 1; columns[i]; i++) {
		if (strcasestr(sql, columns[i]))
			chunk->wanted[count++] = columns[i];
	}
	chunk->wanted[count] = NULL;
}

static int ask_chunk(struct event_work *work, const struct event_question *question, struct itsm_buffer *json,
	int (*row)(struct event_work *work, const struct itsm_query *query))
{
	int status = 0;

	if (json->length > 1) {
		itsm_buffer_putc(json, ']');
		status = event_ask(work, question, row);
	}
	itsm_buffer_clear(json);
	itsm_buffer_putc(json, '[');
	return status;
}

int event_ask_alerts(struct event_work *work, const char *what, const char *sql,
	bool (*wanted)(const struct event_alert *alert), int (*row)(struct event_work *work, const struct itsm_query *query))
{
	struct chunk chunk = {.json = {0}};
	const struct event_question question = {what, sql, "event", chunk.wanted, &chunk.json};
	size_t i;
	int status = 0;

	if (!sql || !sql[strspn(sql, " \t\r\n")])
		return 0;
	choose_columns(&chunk, sql);
	itsm_buffer_putc(&chunk.json, '[');
	for (i = 0; i < work->alert_count && status == 0; i++) {
		if (wanted(&work->alerts[i]))
			add_alert(&chunk, &work->alerts[i], i);
		if (chunk.json.length > CHUNK_BYTES)
			status = ask_chunk(work, &question, &chunk.json, row);
	}
	if (status == 0)
		status = ask_chunk(work, &question, &chunk.json, row);
	itsm_buffer_free(&chunk.json);
	return status;
}

int event_try(struct itsm_index *index, const char *table, const char *rule, struct itsm_query **out, struct itsm_error *err)
{
	static const char *const ids[] = {"id", NULL};
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = "[{\"n\": 0, \"labels\": \"{}\", \"items\": \"[]\"}]"};
	struct itsm_buffer none = {0}, sql = {0};
	const struct event_question question = {rule, rule, table, strcmp(table, "event") == 0 ? columns : ids, &none};
	int status;

	add_table(&sql, &question);
	itsm_buffer_printf(&sql, "%s\n)", rule);
	status = itsm_query_open(index, sql.data, &value, 1, out, err);
	itsm_buffer_free(&sql);
	return status;
}

struct event_alert *event_row_alert(struct event_work *work, const struct itsm_query *query)
{
	struct itsm_value value = itsm_query_value(query, 0);

	if (value.type != ITSM_VALUE_INTEGER || value.integer < 0 || (size_t)value.integer >= work->alert_count)
		return NULL;
	return &work->alerts[value.integer];
}
