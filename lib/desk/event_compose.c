/* The file of an alert: a new one, or what the desk has with what is different. */
#include <string.h>

#include "event.h"

#define EDITS_MAX 16 /* of facts */

static bool same_text(const char *a, const char *b)
{
	return (!a && !b) || (a && b && strcmp(a, b) == 0);
}

static bool same_list(const char **a, const char **b)
{
	size_t i;

	for (i = 0; a && b && a[i] && b[i]; i++) {
		if (strcmp(a[i], b[i]) != 0)
			return false;
	}
	return (a ? a[i] : NULL) == NULL && (b ? b[i] : NULL) == NULL;
}

static bool same_firings(const struct event_facts *a, const struct event_facts *b)
{
	return a->firing_count == b->firing_count &&
		(!a->firing_count || memcmp(a->firings, b->firings, a->firing_count * sizeof(*a->firings)) == 0);
}

static bool same_time(bool has_a, int64_t a, bool has_b, int64_t b)
{
	return has_a == has_b && (!has_a || a == b);
}

/* The edit of a field that is kept up to date and says something else now, or NULL. */
static const struct itsm_edit *followed(const struct event_work *work, const struct event_alert *alert, size_t place)
{
	const char *name = work->rules->follow[place];
	size_t i;

	for (i = 0; alert->spoken && i < alert->spoken->edit_count; i++) {
		const struct itsm_edit *edit = &alert->spoken->edits[i];

		if (strcmp(edit->field, name) == 0 && edit->count == 1 && !edit->list &&
			!same_text(edit->values[0], alert->followed[place]))
			return edit;
	}
	return NULL;
}

bool event_differs(const struct event_work *work, const struct event_alert *alert)
{
	const struct event_facts *a = &alert->then, *b = &alert->now;
	size_t i;

	if (!alert->there)
		return false;
	if (!alert->known || alert->fired || !same_text(a->state, b->state) || !same_text(a->service, b->service) ||
		!same_text(a->incident, b->incident) || !same_text(a->suppressed_by, b->suppressed_by) ||
		!same_list(a->items, b->items) || a->starts != b->starts || a->count != b->count || a->flapping != b->flapping ||
		!same_firings(a, b) || !same_time(a->has_ends, a->ends, b->has_ends, b->ends) ||
		!same_time(a->has_acknowledged, a->acknowledged, b->has_acknowledged, b->acknowledged))
		return true;
	for (i = 0; work->rules->follow && work->rules->follow[i]; i++) {
		if (followed(work, alert, i))
			return true;
	}
	return false;
}

struct composing {
	struct event_work *work;
	const struct event_alert *alert;
	struct itsm_edit *edits;
	size_t count;
};

/* NULL takes the field away. */
static void set(struct composing *composing, const char *field, const char *value, bool text)
{
	struct itsm_edit *edit = &composing->edits[composing->count];

	if (!itsm_kind_field(composing->work->alert, field) && strcmp(field, "state") != 0)
		return;
	if (!value && !composing->alert->known)
		return;
	memset(edit, 0, sizeof(*edit));
	edit->operation = ITSM_EDIT_UNSET;
	edit->field = field;
	if (value)
		desk_edit_set(composing->work->arena, edit, field, value, text);
	composing->count++;
}

static void set_time(struct composing *composing, const char *field, bool has, int64_t seconds, int offset)
{
	char text[ITSM_TIME_TEXT];

	itsm_time_format((struct itsm_time){seconds, offset}, text);
	set(composing, field, has ? text : NULL, false);
}

static void set_list(struct composing *composing, const char *field, const char *const *values, size_t count, bool text)
{
	if (count == 0) {
		set(composing, field, NULL, text);
		return;
	}
	set(composing, field, "", text);
	if (composing->count == 0 || strcmp(composing->edits[composing->count - 1].field, field) != 0)
		return;
	composing->edits[composing->count - 1].values = values;
	composing->edits[composing->count - 1].count = count;
	composing->edits[composing->count - 1].list = true;
}

static void set_firings(struct composing *composing)
{
	const struct event_facts *now = &composing->alert->now;
	struct itsm_arena *arena = composing->work->arena;
	const char **texts = itsm_arena_alloc(arena, (now->firing_count + 1) * sizeof(*texts));
	size_t i;

	for (i = 0; i < now->firing_count; i++) {
		char text[ITSM_TIME_TEXT];

		itsm_time_format_utc(now->firings[i], text);
		texts[i] = itsm_arena_strdup(arena, text);
	}
	set_list(composing, "firings", texts, now->firing_count, false);
}

static void set_facts(struct composing *composing)
{
	const struct event_alert *alert = composing->alert;
	const struct event_facts *a = &alert->then, *b = &alert->now;
	bool new = !alert->known;
	int offset = composing->work->desk->options.now_offset_minutes;
	size_t items = 0;

	while (b->items && b->items[items])
		items++;
	if (new)
		set(composing, "state", b->state, true);
	if (new || !same_text(a->service, b->service))
		set(composing, "service", b->service, true);
	if (new || !same_list(a->items, b->items))
		set_list(composing, "items", b->items, items, true);
	if (new || !same_text(a->incident, b->incident))
		set(composing, "incident", b->incident, true);
	if (new || !same_text(a->suppressed_by, b->suppressed_by))
		set(composing, "suppressed_by", b->suppressed_by, true);
	if (new || a->starts != b->starts)
		set_time(composing, "starts", true, b->starts, b->offset);
	if (!same_time(a->has_ends, a->ends, b->has_ends, b->ends))
		set_time(composing, "ends", b->has_ends, b->ends, b->offset);
	if (!same_time(a->has_acknowledged, a->acknowledged, b->has_acknowledged, b->acknowledged))
		set_time(composing, "acknowledged", b->has_acknowledged, b->acknowledged, offset);
	if (b->has_last && !same_time(a->has_last, a->last, b->has_last, b->last))
		set_time(composing, "last", true, b->last, b->offset);
	if (new || a->count != b->count)
		set(composing, "count", itsm_arena_printf(composing->work->arena, "%lld", (long long)b->count), false);
	if (b->flapping != a->flapping)
		set(composing, "flapping", b->flapping ? "true" : NULL, false);
	if (!same_firings(a, b))
		set_firings(composing);
}

/* What its sender says of it: all of it when it is new or fires anew, else what is followed. */
static void set_fields(struct composing *composing)
{
	const struct event_alert *alert = composing->alert;
	const struct event_sighting *sighting = alert->spoken ? alert->spoken : alert->last;
	size_t i;

	if (!alert->known || alert->fired) {
		memcpy(composing->edits, sighting->edits, sighting->edit_count * sizeof(*composing->edits));
		composing->count = sighting->edit_count;
		return;
	}
	for (i = 0; composing->work->rules->follow && composing->work->rules->follow[i]; i++) {
		const struct itsm_edit *edit = followed(composing->work, alert, i);

		if (edit)
			composing->edits[composing->count++] = *edit;
	}
}

static bool is_plain_key(const char *name)
{
	return name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")] == '\0';
}

static void add_labels(const struct event_alert *alert, struct itsm_buffer *out)
{
	const struct event_sighting *sighting = alert->spoken ? alert->spoken : alert->last;
	size_t i;

	if (sighting->label_count)
		itsm_buffer_puts(out, "labels:\n");
	for (i = 0; i < sighting->label_count; i++) {
		const struct event_label *label = &sighting->labels[i];

		itsm_buffer_puts(out, "  ");
		if (is_plain_key(label->name))
			itsm_yaml_write_scalar(out, label->name, true);
		else
			itsm_escape_json(out, label->name);
		itsm_buffer_puts(out, ": ");
		itsm_yaml_write_scalar(out, label->value, true);
		itsm_buffer_putc(out, '\n');
	}
}

static int edit_known(struct composing *composing, struct itsm_buffer *out)
{
	struct event_work *work = composing->work;
	const struct event_alert *alert = composing->alert;
	struct itsm_record *record;
	int status = event_record(work, alert->id, &record);
	bool moves = !same_text(alert->then.state, alert->now.state);

	if (status != 0)
		return status;
	if (!record)
		return itsm_error_set(work->err, ITSM_EDATA, "%s cannot be read; `itsm check` says why", alert->path);
	return itsm_record_edit(record, composing->edits, composing->count, moves ? alert->now.state : NULL, out, work->err);
}

int event_compose(struct event_work *work, struct event_alert *alert, struct itsm_buffer *out)
{
	const struct event_sighting *sighting = alert->spoken ? alert->spoken : alert->last;
	size_t follow = 0;
	struct composing composing = {.work = work, .alert = alert};
	int status;

	while (work->rules->follow && work->rules->follow[follow])
		follow++;
	composing.edits = itsm_arena_alloc(work->arena, (sighting->edit_count + follow + EDITS_MAX) * sizeof(*composing.edits));
	set_fields(&composing);
	set_facts(&composing);
	if (alert->known)
		return edit_known(&composing, out);
	alert->path = itsm_kind_path(work->arena, work->alert, alert->id, alert->now.starts, NULL);
	status = itsm_record_compose(work->alert, composing.edits, composing.count, NULL, false, out, work->err);
	if (status == 0 && itsm_kind_field(work->alert, "labels"))
		add_labels(alert, out);
	return status;
}
