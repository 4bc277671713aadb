/* From a body to what its alerts say. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "itsm/digest.h"
#include "itsm/json.h"

#define TITLE_MAX 400 /* bytes */

struct reading {
	struct event_forms *forms;
	struct event_form *form;
	struct itsm_arena *arena; /* of the body */
	const struct itsm_yaml *body;
	const char *name;
	struct itsm_error *err;
};

void event_tell(const struct event_teller *teller, const char *format, ...)
{
	struct itsm_arena *arena;
	char text[2000];
	va_list arguments;

	if (!teller->told)
		return;
	va_start(arguments, format);
	vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	arena = itsm_arena_new();
	teller->told(teller->context, itsm_arena_strdup(arena, text));
	itsm_arena_free(arena);
}

/* 64 bits of a SHA-256 of some text, in hexadecimal. */
static const char *digest_of(struct itsm_arena *arena, const struct itsm_buffer *text)
{
	char hex[65];

	itsm_digest_sha256(text->data ? text->data : "", text->length, hex);
	return itsm_arena_strndup(arena, hex, 16);
}

static const char *digest_node(struct reading *reading, const struct itsm_yaml *node)
{
	struct itsm_buffer text = {0};
	const char *digest;

	itsm_yaml_json(node, NULL, &text);
	digest = digest_of(reading->arena, &text);
	itsm_buffer_free(&text);
	return digest;
}

static const char *digest_labels(struct reading *reading, const struct itsm_yaml *alert,
	const struct event_sighting *sighting)
{
	struct itsm_buffer text = {0};
	const struct itsm_yaml *also = reading->form->digest;
	const char *digest;
	size_t i;

	for (i = 0; i < sighting->label_count; i++) {
		itsm_escape_json(&text, sighting->labels[i].name);
		itsm_escape_json(&text, sighting->labels[i].value);
	}
	for (i = 0; also && i < also->count; i++) {
		const struct itsm_yaml *node = also->items[i]->type == ITSM_YAML_SCALAR ? event_path(alert, also->items[i]->text) : NULL;

		itsm_buffer_putc(&text, '\n');
		if (node)
			itsm_yaml_json(node, NULL, &text);
	}
	digest = digest_of(reading->arena, &text);
	itsm_buffer_free(&text);
	return digest;
}

static const char *column_text(struct reading *reading, const struct itsm_yaml *alert, const char *name,
	const struct event_sighting *sighting)
{
	const struct itsm_yaml *node;

	if (strcmp(name, "_now") == 0)
		return reading->forms->now;
	if (strcmp(name, "_unix") == 0)
		return reading->forms->unix_now;
	if (strcmp(name, "_digest") == 0)
		return digest_labels(reading, alert, sighting);
	if (strcmp(name, "_body") == 0)
		return digest_node(reading, alert);
	node = event_path(alert, name);
	return event_text(reading->arena, node ? node : event_path(reading->body, name));
}

static void fill(struct reading *reading, const struct itsm_yaml *alert, const struct event_sighting *sighting)
{
	struct import_run *run = &reading->form->run;
	size_t i;

	for (i = 0; i < run->map.column_count; i++) {
		const char *text = column_text(reading, alert, run->map.columns[i].name, sighting);

		import_cell(run, i, text, strlen(text));
	}
}

static bool read_time(struct import_run *run, uint32_t cell, struct itsm_time *out)
{
	return cell && itsm_time_parse(IMPORT_TEXT(run, cell), out, NULL) == 0;
}

/* A title is a line that people read in lists: what is longer is cut. */
static void cut_title(struct itsm_arena *arena, struct itsm_edit *edit)
{
	const char *text = edit->count == 1 ? edit->values[0] : NULL;
	size_t length = text ? strlen(text) : 0;
	const char **values;

	if (length <= TITLE_MAX)
		return;
	for (length = TITLE_MAX; length && ((unsigned char)text[length] & 0xC0) == 0x80; length--)
		;
	values = itsm_arena_alloc(arena, sizeof(*values));
	values[0] = itsm_arena_printf(arena, "%.*s...", (int)length, text);
	edit->values = values;
}

/* What the row's cells say, apart from what is no column of the record. */
static void keep_cells(struct event_forms *forms, struct import_run *run, const struct import_row *row,
	struct event_sighting *out)
{
	const struct import_block *block = run->map.blocks;
	const char **values = itsm_arena_alloc(forms->arena, (block->target_count + 1) * sizeof(*values));
	struct itsm_time time = {.seconds = forms->seconds};
	size_t i;

	out->edits = itsm_arena_alloc(forms->arena, (block->target_count + 1) * sizeof(*out->edits));
	out->starts = forms->seconds;
	for (i = 0; i < block->target_count; i++) {
		const struct import_target *target = &block->targets[i];
		uint32_t cell = row->cells[i];

		if (target->role == IMPORT_STATE) {
			out->state = IMPORT_TEXT(run, cell);
		} else if (strcmp(target->name, "starts") == 0) {
			if (!read_time(run, cell, &time))
				continue;
			out->starts = time.seconds;
			out->offset = time.offset_minutes;
			out->timed = time.seconds != forms->seconds;
		} else if (strcmp(target->name, "ends") == 0) {
			out->ended = read_time(run, cell, &time);
			out->ends = time.seconds;
		} else if (cell) {
			import_edit_fill(run, target, cell, &values[i], &out->edits[out->edit_count]);
			if (block->kind->title_field && strcmp(target->name, block->kind->title_field) == 0)
				cut_title(forms->arena, &out->edits[out->edit_count]);
			if (strcmp(target->name, run->map.key_field) == 0)
				out->key = IMPORT_TEXT(run, cell);
			out->edit_count++;
		}
	}
}

static int refuse(struct reading *reading, size_t number, const char *problem)
{
	return itsm_error_set(reading->err, ITSM_EUSAGE, "alert %zu cannot be taken: %s", number, problem);
}

static void keep_labels(struct event_forms *forms, struct event_sighting *sighting)
{
	struct event_label *labels = itsm_arena_alloc(forms->arena, (sighting->label_count + 1) * sizeof(*labels));
	size_t i;

	for (i = 0; i < sighting->label_count; i++) {
		labels[i].name = itsm_arena_strdup(forms->arena, sighting->labels[i].name);
		labels[i].value = itsm_arena_strdup(forms->arena, sighting->labels[i].value);
	}
	sighting->labels = labels;
}

static int take_alert(struct reading *reading, const struct itsm_yaml *alert, size_t number, struct event_sighting *out)
{
	struct event_form *form = reading->form;
	struct import_run *run = &form->run;
	struct event_sighting sighting = {.form = form};

	if (alert->type != ITSM_YAML_MAPPING)
		return refuse(reading, number, "it is no object");
	sighting.label_count = event_labels(reading->arena, form, alert, reading->body, &sighting.labels);
	fill(reading, alert, &sighting);
	run->row_count = 0;
	form->problem[0] = '\0';
	import_row_take(run, form->name, 1, NULL);
	if (run->row_count == 0)
		return refuse(reading, number, form->problem[0] ? form->problem : "nothing says why");
	keep_cells(reading->forms, run, run->rows[0], &sighting);
	if (!sighting.state || !*sighting.state)
		return refuse(reading, number, "state: nothing says whether it fires");
	if (!sighting.key)
		return refuse(reading, number, "key: nothing tells it from others");
	keep_labels(reading->forms, &sighting);
	*out = sighting;
	return 0;
}

/* JSON that stands in a text of the body takes the body's place; columns look into both. */
static int open_inside(struct reading *reading, const struct itsm_yaml **alert)
{
	const struct itsm_yaml *node = event_path(reading->body, reading->form->inside);
	struct itsm_error cause;
	struct itsm_yaml *inner;

	if (!node || node->type != ITSM_YAML_SCALAR)
		return itsm_error_set(reading->err, ITSM_EUSAGE, "it has no text '%s'", reading->form->inside);
	if (itsm_json_parse(reading->arena, node->text, strlen(node->text), &inner, &cause) != 0)
		return itsm_error_set(reading->err, ITSM_EUSAGE, "'%s' cannot be read: %s", reading->form->inside, cause.message);
	*alert = inner;
	return 0;
}

/* The list of alerts; one alert where it is none. */
static int find_alerts(struct reading *reading, const struct itsm_yaml *const **items, size_t *count)
{
	const struct itsm_yaml *alert = reading->body, **one = itsm_arena_alloc(reading->arena, sizeof(*one));
	int status = reading->form->inside ? open_inside(reading, &alert) : 0;

	if (status != 0)
		return status;
	if (reading->form->alerts && event_path(alert, reading->form->alerts))
		alert = event_path(alert, reading->form->alerts);
	if (alert->type == ITSM_YAML_SEQUENCE) {
		*items = (const struct itsm_yaml *const *)alert->items;
		*count = alert->count;
		return 0;
	}
	*one = alert;
	*items = one;
	*count = 1;
	return 0;
}

static bool notice(struct reading *reading, const struct event_teller *teller)
{
	struct event_form *form = reading->form;
	const struct event_sighting none = {.form = form};
	size_t i;

	for (i = 0; i < form->notice_count; i++) {
		const struct import_value *value;

		if (!event_tests_hold(&form->notices[i].when, reading->body))
			continue;
		fill(reading, reading->body, &none);
		value = import_value_of(&form->run, form->notices[i].say);
		event_tell(teller, "%s: %s", reading->name, value->text ? IMPORT_TEXT(&form->run, value->text) : form->name);
		return true;
	}
	return false;
}

static void tell_truncated(struct reading *reading, const struct event_teller *teller)
{
	const struct itsm_yaml *node = reading->form->truncated ? event_path(reading->body, reading->form->truncated) : NULL;

	if (node && node->type == ITSM_YAML_SCALAR && strtol(node->text, NULL, 10) > 0)
		event_tell(teller, "%s: the sender left %s alerts out; raise its bound (max_alerts)", reading->name,
			event_text(reading->arena, node));
}

static int take_all(struct reading *reading, const struct event_teller *teller, struct event_sightings *out)
{
	const struct itsm_yaml *const *items;
	size_t count, i;
	int status;

	if (notice(reading, teller))
		return 0;
	if ((status = find_alerts(reading, &items, &count)) != 0)
		return status;
	if (out->count + count > ITSM_EVENT_MAX_ALERTS)
		return itsm_error_set(reading->err, ITSM_EUSAGE, "more than %d alerts in one batch; send fewer at once", ITSM_EVENT_MAX_ALERTS);
	for (i = 0; i < count && status == 0; i++) {
		itsm_arena_grow(reading->forms->arena, &out->items, &out->capacity, out->count + i, sizeof(*out->items));
		status = take_alert(reading, items[i], i + 1, &out->items[out->count + i]);
	}
	if (status == 0) {
		out->count += count;
		tell_truncated(reading, teller);
	}
	return status;
}

int event_body_read(struct event_forms *forms, const char *from, const char *name, const char *text, size_t size,
	const struct event_teller *teller, struct event_sightings *out, struct itsm_error *err)
{
	struct reading reading = {.forms = forms, .arena = itsm_arena_new(), .name = name, .err = err};
	struct itsm_yaml *body;
	size_t mark = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0; /* programs on Windows begin with it */
	int status = itsm_json_parse(reading.arena, text + mark, size - mark, &body, err);

	if (status == 0 && body->type != ITSM_YAML_MAPPING)
		status = itsm_error_set(err, ITSM_EUSAGE, "it is no JSON object");
	if (status == 0) {
		reading.body = body;
		status = event_form_find(forms, from, body, &reading.form, err);
		if (status == 0)
			status = take_all(&reading, teller, out);
	} else if (err) {
		err->status = ITSM_EUSAGE;
		status = ITSM_EUSAGE;
	}
	itsm_arena_free(reading.arena);
	return status;
}
