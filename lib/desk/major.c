/* `itsm major`: the roles, the plan, the review and the updates of a major incident, a commit each time. */
#include <string.h>

#include "addition.h"
#include "itsm/id.h"
#include "itsm/incident.h"
#include "policy_change.h"

#define EVERY "30m"

static const char plan[] =
	"| Who | Where | How often |\n|---|---|---|\n| Users | status page: `itsm major ID --status` | with each update |\n"
	"| Management | liaison | with each update |\n| Those who mend it | the call of the commander | all the time |";

struct declaring {
	const struct itsm_major *request;
	const char **review;
};

/* When the next update is due, in the offset of the user. */
static int next_update(struct desk_change *change, const char *every, char text[ITSM_TIME_TEXT], struct itsm_error *err)
{
	const struct itsm_desk_options *options = &change->desk->options;
	int64_t seconds;

	if (!itsm_duration_parse(every, &seconds) || seconds <= 0)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no time between two updates, such as 30m", every);
	itsm_time_format((struct itsm_time){options->now + seconds, options->now_offset_minutes}, text);
	return 0;
}

static bool is_given(const struct itsm_edit *edits, size_t count, const char *field)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(edits[i].field, field) == 0)
			return true;
	return false;
}

/* The incident's new text. */
static int edit_incident(struct desk_change *change, const struct itsm_major *request, const struct itsm_record *record,
	struct desk_put *put, struct itsm_error *err)
{
	const char *every = request->every, *now_every = itsm_record_text(record, "update_every");
	struct itsm_edit *edits;
	char due[ITSM_TIME_TEXT];
	size_t count;
	int status = desk_change_edits(change->index, change->arena, record->kind, request->words, &edits, &count, err);

	every = every ? every : now_every ? now_every : EVERY;
	if (status != 0 || (status = next_update(change, every, due, err)) != 0)
		return status;
	if (!is_given(edits, count, "major"))
		desk_edit_set(change->arena, &edits[count++], "major", "true", false);
	if (!is_given(edits, count, "commander") && !itsm_record_text(record, "commander") && desk_change_person(change))
		desk_edit_set(change->arena, &edits[count++], "commander", desk_change_person(change), false);
	if (!now_every || strcmp(now_every, every) != 0)
		desk_edit_set(change->arena, &edits[count++], "update_every", every, false);
	if (request->update || request->every || !itsm_record_text(record, "next_update"))
		desk_edit_set(change->arena, &edits[count++], "next_update", due, false);
	put->given = request->words;
	status = desk_change_edit(change, record, edits, count, NULL, put, err);
	if (status == 0)
		desk_put_section(change, put, "Communication plan", plan);
	return status;
}

static int has_review(struct desk_change *change, const char *id, bool *out, struct itsm_error *err)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = id};
	struct itsm_query *query;
	int status = itsm_query_open(change->index,
		"SELECT 1 FROM review r, json_each(r.subjects) s WHERE s.value = ?1 LIMIT 1", &value, 1, &query, err);

	if (status != 0)
		return status;
	status = itsm_query_next(query, err);
	itsm_query_free(query);
	*out = status == 1;
	return status < 0 ? status : 0;
}

static void set_from(struct desk_change *change, const struct itsm_record *record, const char *from, struct itsm_edit *edits,
	size_t *count, const char *to)
{
	const char *value = itsm_record_text(record, from);

	if (value)
		desk_edit_set(change->arena, &edits[(*count)++], to, value, false);
}

/* The review, with its template and what is known already. */
static int compose_review(struct desk_change *change, const struct itsm_record *incident, struct desk_put *put,
	struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(change->desk->kinds, "review");
	struct itsm_buffer text = {0};
	struct itsm_edit edits[10];
	char id[ITSM_ID_MAX], now[ITSM_TIME_TEXT];
	size_t count = 0;
	int status = kind && kind->prefix ? itsm_id_make(kind->prefix, id, err) : ITSM_ENOTFOUND;

	if (status != 0)
		return itsm_error_set(err, ITSM_EDATA, "this desk has no reviews with an ID of their own");
	itsm_desk_now_text(change->desk, now);
	desk_edit_set(change->arena, &edits[count++], "title", itsm_arena_printf(change->arena, "Review of %s", incident->title), true);
	desk_edit_set(change->arena, &edits[count++], "type", "incident", false);
	desk_edit_set(change->arena, &edits[count], "subjects", incident->id, false);
	edits[count++].list = true;
	set_from(change, incident, "service", edits, &count, "services");
	if (strcmp(edits[count - 1].field, "services") == 0)
		edits[count - 1].list = true;
	set_from(change, incident, "commander", edits, &count, "owner");
	set_from(change, incident, itsm_record_text(incident, "began") ? "began" : "opened", edits, &count, "started");
	set_from(change, incident, "opened", edits, &count, "detected");
	desk_edit_set(change->arena, &edits[count++], "opened", now, false);
	status = itsm_record_compose(kind, edits, count, NULL, true, &text, err);
	if (status == 0) {
		put->path = itsm_kind_path(change->arena, kind, id, change->desk->options.now, NULL);
		put->text = itsm_arena_strndup(change->arena, text.data, text.length);
		put->size = text.length;
	}
	itsm_buffer_free(&text);
	return status;
}

static int make_major(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct declaring *declaring = context;
	const struct itsm_major *request = declaring->request;
	struct itsm_outcome *outcome = change->outcome;
	struct desk_put incident = {0}, review = {0};
	struct itsm_record *record;
	bool reviewed, was_major;
	int status = desk_change_record(change, request->id, &record, err);

	*declaring->review = NULL;
	if (status != 0)
		return status;
	if (!itsm_kind_field(record->kind, "major") || !itsm_kind_field(record->kind, "commander"))
		return itsm_error_set(err, ITSM_EUSAGE, "%s is %s %s, which can't be a major incident", record->id,
			desk_a(record->kind->name), record->kind->name);
	was_major = itsm_record_text(record, "major") && strcmp(itsm_record_text(record, "major"), "true") == 0;
	if (request->update && !was_major)
		return itsm_error_set(err, ITSM_EREFUSED, "%s is no major incident; make it one with `itsm major %s`, then tell people of it",
			record->id, record->id);
	if (!was_major && !itsm_kind_state(record->kind, record->state)->open)
		return itsm_error_set(err, ITSM_EREFUSED, "%s is '%s', and over; where it goes on, `itsm move` opens it again", record->id,
			record->state);
	if ((status = edit_incident(change, request, record, &incident, err)) != 0 ||
	    (status = desk_change_put_all(change, &incident, 1, err)) != 0 || !incident.record ||
	    (status = has_review(change, record->id, &reviewed, err)) != 0)
		return status;
	if (!reviewed && ((status = compose_review(change, incident.record, &review, err)) != 0 ||
		(status = desk_change_put_all(change, &review, 1, err)) != 0))
		return status;
	if (request->update && (status = desk_put_note(change, record, request->update, "everyone", err)) != 0)
		return status;
	outcome->id = itsm_arena_strdup(outcome->arena, record->id);
	outcome->path = itsm_arena_strdup(outcome->arena, record->path);
	itsm_buffer_printf(&change->subject, "%s: %s", record->id,
		!was_major ? "make it a major incident" : request->update ? "tell people of it" : "lead it on");
	desk_change_trailer(change, "Itsm-Action", "major");
	desk_change_trailer(change, "Itsm-Record", record->id);
	if (review.record) {
		*declaring->review = itsm_arena_strdup(outcome->arena, review.record->id);
		desk_change_trailer(change, "Itsm-Record", review.record->id);
	}
	return 0;
}

int itsm_desk_major(struct itsm_desk *desk, const struct itsm_major *request, struct itsm_outcome *outcome,
	const char **review, struct itsm_error *err)
{
	struct declaring declaring = {request, review};

	if (request->update && request->update[strspn(request->update, " \t\r\n")] == '\0')
		return itsm_error_set(err, ITSM_EUSAGE, "the update is empty; say what people should know");
	return desk_change_run(desk, make_major, &declaring, request->message, outcome, err);
}
