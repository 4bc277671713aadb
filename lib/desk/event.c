/*
 * `itsm event ingest`: bodies from senders to alerts, from alerts to incidents, in one commit.
 *
 * Bodies are read as they come, each in whole or not at all. At the end the batch is worked out on what is
 * committed, without a lock; most batches are repeats, and are done with that. When there is something to write the
 * lock is taken; when the branch has moved meanwhile, the work is done again on what it moved to. So two who
 * take the same alert at once make one record: the second one finds that it says nothing new.
 *
 *   event_form.c event_path.c event_body.c   the maps, and what a body says by them
 *   event_known.c event_apply.c              what the desk has; what was seen, in order
 *   event_rules.c event_ask.c event_judge.c  rules; what alerts are about, and which are expected
 *   event_open.c event_over.c event_settle.c incidents
 *   event_compose.c event_count.c            files, numbers and the message
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "event.h"
#include "itsm/file.h"

#define ATTEMPTS 200
#define FILE_MAX_BYTES (1u << 20)
#define MAPS_MAX 200

struct itsm_event_batch {
	struct itsm_desk *desk;
	struct itsm_event_options options;
	struct event_teller teller;
	struct event_forms *forms;
	struct event_rules rules;
	struct event_sightings sightings;
	struct itsm_event_result result;
};

/* A text file of the desk as committed; ITSM_ENOTFOUND without a word. */
static int read_committed(struct itsm_desk *desk, const struct itsm_oid *head, const char *path, struct itsm_buffer *text,
	struct itsm_error *err)
{
	struct itsm_entry entry;
	struct itsm_error cause = {0};
	int status = itsm_oid_is_zero(head) ? ITSM_ENOTFOUND : itsm_repo_find(desk->repo, head, path, &entry, &cause);

	if (status == 0 && (entry.mode & 0170000) != 0100000)
		return itsm_error_set(err, ITSM_EDATA, "%s is no regular file", path);
	if (status == 0)
		return itsm_repo_blob(desk->repo, &entry.blob, FILE_MAX_BYTES, text, err);
	if (status != ITSM_ENOTFOUND && err)
		*err = cause;
	return status;
}

static int add_map(void *context, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	struct event_forms *forms = context;

	(void)err;
	event_forms_add(forms, itsm_file_stem(forms->arena, path), path, text, size);
	return 0;
}

/* What is committed counts: a receiver does not work by what somebody is about to write. */
static int load_desk(struct itsm_event_batch *batch, struct itsm_error *err)
{
	static const char *const endings[] = {".yaml", NULL};
	static const struct desk_folder maps = {EVENT_FOLDER "/maps", endings, "a map is a plain file", FILE_MAX_BYTES, MAPS_MAX};
	struct itsm_desk *desk = batch->desk;
	struct itsm_buffer text = {0};
	struct itsm_oid head;
	struct itsm_repo *repo;
	int status = itsm_desk_repository(desk, &repo, err);

	if (status == 0)
		status = itsm_place_head(batch->forms->arena, itsm_desk_place(desk), &head, NULL, err);
	if (status != 0 || itsm_oid_is_zero(&head))
		return status;
	if ((status = desk_folder_read(desk, &maps, &head, add_map, batch->forms, err)) != 0)
		return status;
	status = read_committed(desk, &head, EVENT_FOLDER "/rules.yaml", &text, err);
	if (status == 0)
		status = event_rules_read(batch->forms->arena, EVENT_FOLDER "/rules.yaml", text.data ? text.data : "", text.length, &batch->rules, err);
	else if (status == ITSM_ENOTFOUND)
		status = 0;
	itsm_buffer_free(&text);
	return status;
}

int itsm_event_begin(struct itsm_desk *desk, const struct itsm_event_options *options, struct itsm_event_batch **out,
	struct itsm_error *err)
{
	struct event_forms *forms = event_forms_new(itsm_desk_kinds(desk), desk->options.now);
	struct itsm_event_batch *batch = itsm_arena_alloc(forms->arena, sizeof(*batch));
	const char *rules = event_builtin_text("rules");
	int status;

	batch->desk = desk;
	batch->options = *options;
	batch->teller = (struct event_teller){options->told, options->context};
	batch->forms = forms;
	status = event_rules_read(forms->arena, "the built-in rules", rules, strlen(rules), &batch->rules, err);
	if (status == 0)
		status = load_desk(batch, err);
	if (status == 0 && options->map) {
		event_forms_add(forms, "(given)", options->map_path, options->map, options->map_size);
		batch->options.from = "(given)";
		status = event_form_ready(forms, forms->items[0], err);
	}
	if (status == 0)
		status = event_form_known(forms, batch->options.from, err);
	if (status == 0)
		*out = batch;
	else
		event_forms_free(forms);
	return status;
}

void itsm_event_free(struct itsm_event_batch *batch)
{
	if (batch)
		event_forms_free(batch->forms);
}

int itsm_event_add(struct itsm_event_batch *batch, const char *name, const char *text, size_t size, struct itsm_error *err)
{
	size_t before = batch->sightings.count;
	int status = event_body_read(batch->forms, batch->options.from, name, text, size, &batch->teller, &batch->sightings, err);

	if (status == 0)
		batch->result.bodies++;
	else
		batch->result.refused++;
	batch->result.alerts += batch->sightings.count - before;
	return status;
}

static int find_kind(struct event_work *work, const char *name, const struct itsm_kind **out)
{
	int status = itsm_desk_kind(work->desk, name, out, work->err);

	if (status == 0 && (!(*out)->prefix || (*out)->part))
		return itsm_error_set(work->err, ITSM_EDATA, "the desk's kind '%s' has no made IDs, as events need them", name);
	return status;
}

/* What the batch comes to, on what is committed now. */
static int work_out(struct event_work *work, bool *changed)
{
	int status;

	work->texts = import_texts_new(work->arena);
	work->by_key.arena = work->by_id.arena = work->by_group.arena = work->by_incident.arena = work->arena;
	work->now = work->desk->options.now;
	if ((status = find_kind(work, "alert", &work->alert)) != 0 || (status = find_kind(work, "incident", &work->incident)) != 0 ||
	    (status = itsm_desk_view_head(work->desk, &work->index, &work->head, work->err)) != 0 ||
	    (status = event_known(work)) != 0)
		return status;
	event_apply(work);
	if ((status = event_judge(work)) != 0 || (status = event_open(work)) != 0 || (status = event_over(work)) != 0 ||
	    (status = event_settle(work)) != 0)
		return status;
	*changed = event_count(work);
	return 0;
}

/* A file that is in a new record's place, but no record, is nothing to write over. */
static int check_free(struct event_work *work, const char *path)
{
	struct itsm_entry entry;

	if (itsm_oid_is_zero(&work->head) || itsm_repo_find(work->repo, &work->head, path, &entry, NULL) != 0)
		return 0;
	return itsm_error_set(work->err, ITSM_EDATA, "%s is in the way of a new record and cannot be read as one; `itsm check` says why", path);
}

static int put_files(struct event_work *work, struct itsm_bulk *bulk)
{
	struct itsm_buffer text = {0};
	size_t i;
	int status = 0;

	for (i = 0; i < work->incident_count && status == 0; i++) {
		const struct event_incident *incident = work->incidents[i];

		if (incident->text && incident->action == EVENT_OPENED)
			status = check_free(work, incident->path);
		if (incident->text && status == 0)
			status = itsm_bulk_put(bulk, incident->path, incident->text, incident->size, work->err);
	}
	for (i = 0; i < work->alert_count && status == 0; i++) {
		struct event_alert *alert = &work->alerts[i];

		if (!alert->changed)
			continue;
		status = event_compose(work, alert, &text);
		if (status == 0 && !alert->known)
			status = check_free(work, alert->path);
		if (status == 0)
			status = itsm_bulk_put(bulk, alert->path, text.data, text.length, work->err);
	}
	itsm_buffer_free(&text);
	return status;
}

static int write_commit(struct event_work *work, struct itsm_bulk *bulk, const char *message)
{
	struct itsm_person_time identity;
	struct itsm_buffer text = {0};
	int status = itsm_place_identity(work->arena, itsm_desk_place(work->desk), &identity, work->err);

	identity.seconds = work->now;
	identity.offset_minutes = work->desk->options.now_offset_minutes;
	event_message(work, message, &text);
	if (status == 0)
		status = itsm_bulk_commit(bulk, text.data, &identity, &identity, work->err);
	itsm_buffer_free(&text);
	return status ? status : put_files(work, bulk);
}

/* ITSM_ERACE when the branch is not where it was when the batch was worked out. */
static int write_all(struct event_work *work, const char *message)
{
	struct itsm_bulk *bulk;
	struct itsm_oid head;
	int status = itsm_bulk_begin(work->repo, &bulk, work->err);

	if (status != 0)
		return status;
	status = itsm_place_head(work->arena, itsm_desk_place(work->desk), &head, NULL, work->err);
	if (status == 0 && !itsm_oid_equal(&head, &work->head))
		status = itsm_error_set(work->err, ITSM_ERACE, "the branch moved");
	if (status == 0)
		status = write_commit(work, bulk, message);
	if (status != 0) {
		itsm_bulk_abort(bulk);
		return status;
	}
	status = itsm_bulk_end(bulk, &work->result->commit, work->err);
	work->result->changed = status == 0;
	return status;
}

/* Said once, when the attempt is the one that counts. */
struct saying {
	struct itsm_arena *arena;
	const char **texts;
	size_t count, capacity;
};

static void keep_saying(void *context, const char *text)
{
	struct saying *saying = context;

	itsm_arena_grow(saying->arena, &saying->texts, &saying->capacity, saying->count, sizeof(*saying->texts));
	saying->texts[saying->count++] = itsm_arena_strdup(saying->arena, text);
}

static int attempt(struct itsm_event_batch *batch, struct itsm_event_result *result, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct saying saying = {.arena = arena};
	const struct event_teller teller = {keep_saying, &saying};
	struct event_work work = {.desk = batch->desk, .arena = arena, .rules = &batch->rules, .sightings = &batch->sightings,
		.result = result, .teller = &teller, .err = err};
	bool changed = false;
	size_t i;
	int status = itsm_desk_repository(batch->desk, &work.repo, err);

	if (status == 0)
		status = work_out(&work, &changed);
	if (status == 0 && changed && !batch->options.dry_run)
		status = write_all(&work, batch->options.message);
	if (status == 0)
		event_tell_incidents(&work);
	for (i = 0; status == 0 && i < saying.count; i++)
		event_tell(&batch->teller, "%s", saying.texts[i]);
	itsm_arena_free(arena);
	return status;
}

int itsm_event_end(struct itsm_event_batch *batch, struct itsm_event_result *out, struct itsm_error *err)
{
	struct itsm_event_result result = batch->result;
	size_t tries;
	int status = ITSM_ERACE;

	for (tries = 0; status == ITSM_ERACE && tries < ATTEMPTS; tries++) {
		struct timespec pause = {0, (long)(tries < 20 ? tries : 20) * 1000000};

		if (tries)
			nanosleep(&pause, NULL);
		result = batch->result;
		status = attempt(batch, &result, err);
	}
	if (status == 0)
		*out = result;
	return status;
}

static void tell_nobody(void *context, const char *text)
{
	(void)context;
	(void)text;
}

int itsm_event_read(const struct itsm_kinds *kinds, const char *from, const char *text, size_t size, size_t *alerts,
	struct itsm_error *err)
{
	struct event_forms *forms = event_forms_new(kinds, 0);
	const struct event_teller teller = {tell_nobody, NULL};
	struct event_sightings sightings = {0};
	int status = event_body_read(forms, from, "body", text, size, &teller, &sightings, err);

	if (status == 0)
		*alerts = sightings.count;
	event_forms_free(forms);
	return status;
}

int itsm_desk_event_maps(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_event_map **out, size_t *count,
	const char **rules, struct itsm_error *err)
{
	const struct itsm_event_options options = {0};
	struct itsm_event_batch *batch;
	struct itsm_event_map *maps;
	size_t i;
	int status = itsm_event_begin(desk, &options, &batch, err);

	if (status != 0)
		return status;
	maps = itsm_arena_alloc(arena, (batch->forms->count + 1) * sizeof(*maps));
	for (i = 0; i < batch->forms->count && status == 0; i++) {
		struct event_form *form = batch->forms->items[i];

		status = event_form_ready(batch->forms, form, err);
		maps[i].name = itsm_arena_strdup(arena, form->name);
		maps[i].origin = itsm_arena_strdup(arena, form->origin);
		maps[i].source = status == 0 ? itsm_arena_strdup(arena, form->run.map.source) : NULL;
		maps[i].text = itsm_arena_strdup(arena, form->text);
	}
	if (status == 0) {
		*out = maps;
		*count = batch->forms->count;
		*rules = event_builtin_text("rules");
	}
	itsm_event_free(batch);
	return status;
}
