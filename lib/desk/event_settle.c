/*
 * The files of incidents, as they become, and their judgement: guards and policy are asked as of any other write.
 * What they refuse is left as it is, and told; the alerts are recorded whatever is said of the incident.
 */
#include <stdlib.h>
#include <string.h>

#include "event.h"
#include "policy_change.h"

#define LIST_MAX 20   /* alerts that the text of a new incident names */
#define ITEMS_MAX 100 /* of an incident */

void event_markdown(struct itsm_buffer *out, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\r' || *text == '\t') {
			itsm_buffer_putc(out, ' ');
			continue;
		}
		if (strchr("\\`*_[]<>#|~&!", *text))
			itsm_buffer_putc(out, '\\');
		itsm_buffer_putc(out, *text);
	}
}

static const char *summary_of(const struct event_alert *alert)
{
	const struct event_sighting *sighting = alert->spoken ? alert->spoken : alert->last;
	size_t i;

	for (i = 0; i < sighting->edit_count; i++) {
		if (strcmp(sighting->edits[i].field, "summary") == 0 && sighting->edits[i].count == 1)
			return sighting->edits[i].values[0];
	}
	return "";
}

static const char *describe(struct event_work *work, const struct event_incident *incident)
{
	struct itsm_buffer text = {0};
	const char *copy;
	size_t i;

	itsm_buffer_puts(&text, "## Description\n\nOpened by monitoring:\n\n");
	for (i = 0; i < incident->alert_count && i < LIST_MAX; i++) {
		itsm_buffer_printf(&text, "- %s: ", incident->alerts[i]->id);
		event_markdown(&text, summary_of(incident->alerts[i]));
		itsm_buffer_putc(&text, '\n');
	}
	if (i < incident->alert_count)
		itsm_buffer_printf(&text, "- and %zu more\n", incident->alert_count - i);
	itsm_buffer_puts(&text, "\n## Resolution\n");
	copy = itsm_arena_strndup(work->arena, text.data, text.length);
	itsm_buffer_free(&text);
	return copy;
}

static bool has_edit(const struct event_incident *incident, const char *field)
{
	size_t i;

	for (i = 0; i < incident->edit_count; i++) {
		if (strcmp(incident->edits[i].field, field) == 0)
			return true;
	}
	return false;
}

static void set(struct event_work *work, struct event_incident *incident, const char *field, const char *value, bool text)
{
	if (value && itsm_kind_field(work->incident, field) && !has_edit(incident, field))
		desk_edit_set(work->arena, &incident->edits[incident->edit_count++], field, value, text);
}

/* The items of its alerts that the record does not have yet, in an edit that adds them. */
static void add_items(struct event_work *work, struct event_incident *incident)
{
	const struct itsm_yaml *there = incident->record ? itsm_record_field(incident->record, "items") : NULL;
	size_t left = ITEMS_MAX, count = 0, i, j, k;
	const char **items;

	if (!itsm_kind_field(work->incident, "items") || has_edit(incident, "items"))
		return;
	left -= there && there->count < left ? there->count : there ? left : 0;
	items = itsm_arena_alloc(work->arena, (left + 1) * sizeof(*items));
	for (i = 0; i < incident->alert_count; i++) {
		const char **own = incident->alerts[i]->now.items;

		for (j = 0; own && own[j] && count < left; j++) {
			for (k = 0; there && k < there->count && strcmp(there->items[k]->text ? there->items[k]->text : "", own[j]) != 0; k++)
				;
			if ((!there || k == there->count) && !itsm_list_has(items, own[j]))
				items[count++] = own[j];
		}
	}
	if (count)
		incident->edits[incident->edit_count++] = (struct itsm_edit){.operation = ITSM_EDIT_ADD, .field = "items",
			.values = items, .count = count, .list = true, .text = true};
}

static const char *now_text(const struct event_work *work)
{
	char text[ITSM_TIME_TEXT];

	itsm_desk_now_text(work->desk, text);
	return itsm_arena_strdup(work->arena, text);
}

static int make_new(struct event_work *work, struct event_incident *incident, struct itsm_buffer *out)
{
	int64_t began = work->now;
	char text[ITSM_TIME_TEXT];
	const struct desk_author nobody = {0}; /* a program tells of it */
	size_t i;
	int status;

	for (i = 0; i < incident->alert_count; i++)
		began = incident->alerts[i]->now.starts < began ? incident->alerts[i]->now.starts : began;
	set(work, incident, "opened", now_text(work), false);
	itsm_time_format((struct itsm_time){began, work->desk->options.now_offset_minutes}, text);
	if (began < work->now)
		set(work, incident, "began", text, false);
	set(work, incident, "external", incident->group, true);
	set(work, incident, "source", EVENT_SOURCE, true);
	add_items(work, incident);
	status = desk_new_defaults(work->desk, work->arena, work->incident, &nobody, false, incident->edits, &incident->edit_count,
		work->err);
	return status ? status : itsm_record_compose(work->incident, incident->edits, incident->edit_count,
		work->incident->markdown ? describe(work, incident) : NULL, false, out, work->err);
}

static int64_t number_of(const struct itsm_record *record, const char *field)
{
	const char *text = itsm_record_text(record, field);

	return text ? strtoll(text, NULL, 10) : 0;
}

/* Of what the rule says only what makes it more urgent, unless a person chose the priority. */
static void keep_urgency(struct event_work *work, struct event_incident *incident)
{
	static const char *const fields[] = {"priority", "impact", "urgency", NULL};
	const char *confirmed = itsm_record_text(incident->record, "priority_confirmed");
	int64_t known = number_of(incident->record, "priority");
	bool raised = (!known || incident->priority < known) && incident->priority != INT64_MAX &&
		!(confirmed && strcmp(confirmed, "true") == 0) && !itsm_record_text(incident->record, "priority_reason");
	size_t kept = 0, i;

	(void)work;
	for (i = 0; i < incident->edit_count; i++) {
		if (raised && itsm_list_has(fields, incident->edits[i].field))
			incident->edits[kept++] = incident->edits[i];
	}
	incident->edit_count = kept;
}

static int update(struct event_work *work, struct event_incident *incident, struct itsm_buffer *out)
{
	const char *state = NULL;

	keep_urgency(work, incident);
	add_items(work, incident);
	if (incident->action == EVENT_REOPENED) {
		state = "assigned";
		set(work, incident, "reopen_count",
			itsm_arena_printf(work->arena, "%lld", (long long)number_of(incident->record, "reopen_count") + 1), false);
	}
	return itsm_record_edit(incident->record, incident->edits, incident->edit_count, state, out, work->err);
}

/* The record's text with something in a section that has nothing; the section is made where there is none. */
static void fill_section(const struct itsm_record *record, const char *name, const char *text, struct itsm_buffer *file)
{
	const struct itsm_section_span *section = itsm_record_section(record, name);
	size_t behind = section ? record->size - section->start : 0;
	char *tail;

	if (section && section->filled)
		return;
	if (!section) {
		itsm_buffer_printf(file, "%s\n## %s\n\n%s\n", file->length && file->data[file->length - 1] == '\n' ? "" : "\n", name, text);
		return;
	}
	/* an edit changes what is before the body only */
	tail = strndup(file->data + file->length - behind, behind);
	file->length -= behind;
	itsm_buffer_printf(file, "%s\n%s\n%s", file->length && file->data[file->length - 1] == '\n' ? "" : "\n", text, tail ? tail : "");
	free(tail);
}

static int resolve(struct event_work *work, struct event_incident *incident, struct itsm_buffer *out)
{
	const struct itsm_state *state = itsm_kind_state(work->incident, "resolved");
	int status;

	if (!state)
		return itsm_error_set(work->err, ITSM_EDATA, "the desk's kind 'incident' has no state 'resolved'; "
			"say `resolve: \"\"` in %s/rules.yaml", EVENT_FOLDER);
	if (state->stamp)
		set(work, incident, state->stamp, now_text(work), false);
	status = itsm_record_edit(incident->record, incident->edits, incident->edit_count, state->name, out, work->err);
	if (status == 0 && work->incident->markdown)
		fill_section(incident->record, "Resolution", "None of its alerts fires any more.", out);
	return status;
}

/* The text as it becomes. */
static int compose(struct event_work *work, struct event_incident *incident)
{
	struct itsm_buffer text = {0};
	struct itsm_record *record = NULL;
	struct itsm_edit *edits = itsm_arena_alloc(work->arena, (incident->edit_count + work->incident->field_count + 16) * sizeof(*edits));
	int status = 0;

	if (incident->edit_count)
		memcpy(edits, incident->edits, incident->edit_count * sizeof(*edits));
	incident->edits = edits;
	if (incident->action != EVENT_OPENED) {
		status = event_record(work, incident->id, &record);
		if (status == 0 && !record)
			return itsm_error_set(work->err, ITSM_EDATA, "incident %s cannot be read; `itsm check` says why", incident->id);
		if (status != 0)
			return status;
		incident->record = record;
		incident->path = record->path;
		incident->state = record->state;
	}
	status = incident->action == EVENT_OPENED ? make_new(work, incident, &text)
		: incident->action == EVENT_RESOLVED ? resolve(work, incident, &text)
		: update(work, incident, &text);
	if (status == 0 && !(record && record->size == text.length && memcmp(record->text, text.data, text.length) == 0)) {
		incident->text = itsm_arena_strndup(work->arena, text.data ? text.data : "", text.length);
		incident->size = text.length;
	}
	itsm_buffer_free(&text);
	return status;
}

static int judge(struct desk_change *change, struct event_incident *incident, const struct itsm_record *record,
	struct itsm_error *err)
{
	size_t before = change->outcome->findings.errors;
	int status = 0;

	if (!record)
		return 0;
	if (incident->action == EVENT_RESOLVED || incident->action == EVENT_REOPENED)
		status = desk_judge_step(change->index, record->kind, record, incident->state, &change->outcome->findings, err);
	if (status == 0 && incident->action != EVENT_UPDATED && change->outcome->findings.errors == before)
		status = desk_change_judge(change, record, incident->action == EVENT_OPENED ? NULL : incident->state, err);
	return status;
}

/* Errors name the record they are about. */
static void refuse(struct event_work *work, struct event_incident *incident, const struct itsm_findings *findings)
{
	static const char *const what[] = {"not opened", "not opened again", "not updated", "not resolved"};
	size_t i;

	for (i = 0; i < findings->count; i++) {
		const struct itsm_finding *finding = &findings->items[i];

		if (finding->severity != ITSM_SEVERITY_ERROR || !finding->path || strcmp(finding->path, incident->path) != 0)
			continue;
		if (!incident->refused)
			work->result->incidents_refused++;
		incident->refused = true;
		event_tell(work->teller, "%s is %s: %s: %s", incident->id, what[incident->action], finding->rule, finding->message);
	}
}

/* Alerts of an incident that is not to be do not name it. */
static void disown(struct event_incident *incident)
{
	size_t i;

	incident->text = NULL;
	for (i = 0; incident->action == EVENT_OPENED && i < incident->alert_count; i++)
		incident->alerts[i]->now.incident = incident->alerts[i]->then.incident;
}

static int judge_all(struct event_work *work, struct desk_change *change)
{
	struct desk_put *puts = itsm_arena_alloc(work->arena, (work->incident_count + 1) * sizeof(*puts));
	struct event_incident **of = itsm_arena_alloc(work->arena, (work->incident_count + 1) * sizeof(struct event_incident *));
	struct itsm_findings *findings = &change->outcome->findings;
	size_t count = 0, i;
	int status;

	for (i = 0; i < work->incident_count; i++) {
		struct event_incident *incident = work->incidents[i];

		if (!incident->text)
			continue;
		of[count] = incident;
		puts[count++] = (struct desk_put){.old_record = incident->record, .path = incident->path, .text = incident->text, .size = incident->size};
	}
	if (count == 0)
		return 0;
	status = desk_change_put_all(change, puts, count, work->err);
	for (i = 0; i < count && status == 0; i++) {
		/* with what the kind computes */
		of[i]->text = puts[i].text;
		of[i]->size = puts[i].size;
	}
	for (i = 0; i < count && status == 0; i++)
		status = judge(change, of[i], puts[i].record, work->err);
	if (status == 0 && findings->errors)
		status = desk_policy_excuse(change, work->err);
	for (i = 0; i < count && status == 0 && findings->errors; i++) {
		refuse(work, of[i], findings);
		if (of[i]->refused)
			disown(of[i]);
	}
	return status;
}

int event_settle(struct event_work *work)
{
	struct desk_change change = {.desk = work->desk, .arena = work->arena, .index = work->index, .person_known = true};
	struct itsm_outcome outcome;
	struct itsm_person_time identity;
	size_t i;
	int status = 0;

	for (i = 0; i < work->incident_count && status == 0; i++) {
		if (work->incidents[i]->alert_count || work->incidents[i]->action == EVENT_RESOLVED)
			status = compose(work, work->incidents[i]);
	}
	if (status != 0)
		return status;
	itsm_outcome_init(&outcome, work->arena);
	change.outcome = &outcome;
	if (itsm_place_identity(work->arena, itsm_desk_place(work->desk), &identity, NULL) == 0) {
		change.identity_name = identity.name;
		change.identity_mail = identity.mail;
	}
	status = judge_all(work, &change);
	itsm_index_settle(work->index, NULL, NULL);
	itsm_buffer_free(&change.subject);
	itsm_buffer_free(&change.trailers);
	desk_policy_free(change.policy);
	return status;
}
