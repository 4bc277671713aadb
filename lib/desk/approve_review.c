/*
 * `itsm approve --review`: what a forge says of reviews, recorded as approvals.
 *
 * The file says who decided there, on which commit, and who recorded it; the
 * recorder signs. It counts as the forge's word where the recorder has the
 * role forge-recorder at the base: a pipeline's own person, say.
 */
#include <string.h>

#include "approvals.h"
#include "approve.h"

struct recording {
	const struct itsm_approve *request;
	struct itsm_approvals *reviews;
	struct itsm_arena *arena;       /* outlives the attempts */
	struct approve_file *files;
	size_t count;
};

/* The record as the reviewed commit has it. False in `there` when the commit is not here or has it not. */
static int digest_reviewed(struct desk_change *change, const struct itsm_record *record, const char *commit,
	char digest[ITSM_DIGEST_TEXT], bool *there, struct itsm_error *err)
{
	struct itsm_record *reviewed = NULL;
	struct itsm_findings ignored;
	struct itsm_entry entry;
	struct itsm_oid oid;
	int status;

	*there = false;
	if (!commit || itsm_repo_resolve(change->desk->repo, commit, &oid, NULL) != 0 ||
	    itsm_repo_find(change->desk->repo, &oid, record->path, &entry, NULL) != 0 || (entry.mode & 0170000) != 0100000)
		return 0;
	itsm_findings_init(&ignored, change->arena);
	status = itsm_desk_read_blob(change->desk, change->arena, change->desk->kinds, record->path, &entry.blob, &reviewed, &ignored, err);
	if (status == 0 && reviewed) {
		itsm_digest_record(reviewed, digest);
		*there = true;
	}
	return status;
}

/* Is there a decision of this person already that is as new, or nothing that a dismissal takes back? */
static int is_needless(struct desk_change *change, const char *path, const struct itsm_forge_review *review, bool *needless,
	struct itsm_error *err)
{
	struct itsm_record *present;
	struct itsm_time time;
	const char *text;
	int status = approve_present(change, path, &present, err);

	text = status == 0 && present ? itsm_record_text(present, "review.at") : NULL;
	text = text || status != 0 || !present ? text : itsm_record_text(present, "at");
	*needless = text ? itsm_time_parse(text, &time, NULL) == 0 && time.seconds >= review->at : strcmp(review->decision, "withdraw") == 0;
	return status;
}

static int add_review(struct desk_change *change, struct recording *recording, const struct itsm_record *record,
	const struct itsm_forge_review *review, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(change->desk->kinds, "approval");
	struct approve_file *file = &recording->files[recording->count];
	const struct roster_person *person;
	char at[ITSM_TIME_TEXT], now[ITSM_TIME_TEXT];
	bool there, needless;
	int status;

	memset(file, 0, sizeof(*file));
	if ((status = digest_reviewed(change, record, review->commit, file->digest, &there, err)) != 0 || !there ||
	    (status = roster_by_account(recording->reviews->roster, review->account, &person, err)) != 0 || !person)
		return status;
	file->path = itsm_kind_path(recording->arena, kind, person->id, 0, record->path);
	if ((status = is_needless(change, file->path, review, &needless, err)) != 0 || needless)
		return status;
	itsm_desk_now_text(change->desk, now);
	itsm_time_format_utc(review->at, at);
	file->person = person->id;
	file->record_kind = itsm_arena_strdup(recording->arena, record->kind->name);
	file->decision = review->decision;
	file->comment = review->comment && review->comment[strspn(review->comment, " \t\r\n")] ? review->comment : NULL;
	file->at = itsm_arena_strdup(recording->arena, now);
	file->reviewed = itsm_arena_strdup(recording->arena, at);
	file->account = review->account;
	file->commit = review->commit;
	file->recorder = itsm_arena_strdup(recording->arena, desk_change_person(change));
	recording->count++;
	return approve_state(change->desk, recording->arena, file, err);
}

static int make_statements(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct recording *recording = context;
	struct itsm_record *record;
	size_t i;
	int status;

	if ((status = desk_change_record(change, recording->request->id, &record, err)) != 0 ||
	    (status = approve_check(change, record, err)) != 0)
		return status;
	recording->files = itsm_arena_alloc(recording->arena, (recording->reviews->review_count + 1) * sizeof(*recording->files));
	for (i = 0; i < recording->reviews->review_count && status == 0; i++)
		status = add_review(change, recording, record, &recording->reviews->reviews[i], err);
	return status;
}

static int make_files(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct recording *recording = context;
	struct itsm_outcome *outcome = change->outcome;
	struct itsm_record *record;
	size_t i;
	int status = desk_change_record(change, recording->request->id, &record, err);

	for (i = 0; i < recording->count && status == 0; i++)
		status = approve_put(change, &recording->files[i], record, err);
	if (status != 0)
		return status;
	outcome->id = itsm_arena_strdup(outcome->arena, record->id);
	outcome->path = itsm_arena_strdup(outcome->arena, record->path);
	itsm_buffer_printf(&change->subject, "%s: record reviews of ", record->id);
	for (i = 0; i < recording->count; i++)
		itsm_buffer_printf(&change->subject, "%s%s", i ? ", " : "", recording->files[i].person);
	desk_change_trailer(change, "Itsm-Action", "record-reviews");
	for (i = 0; i < recording->count; i++)
		desk_change_trailer(change, "Itsm-Record", itsm_arena_printf(change->arena, "%s/approvals/%s", record->id, recording->files[i].person));
	return 0;
}

/* Reviews are read with the people of HEAD: what they are worth is judged at the base, later. */
static int open_reviews(struct itsm_desk *desk, const char *name, const char *json, size_t size, struct itsm_approvals **out,
	struct itsm_error *err)
{
	struct itsm_oid head;
	int status = itsm_place_head(desk->arena, &desk->place, &head, NULL, err);

	if (status == 0)
		status = itsm_approvals_open(desk, desk->kinds, &head, &head, out, err);
	return status ? status : itsm_approvals_add_reviews(*out, name, json, size, err);
}

int itsm_desk_approve_reviews(struct itsm_desk *desk, const struct itsm_approve *request, const char *name,
	const char *json, size_t size, size_t *count, struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct recording recording = {.request = request, .arena = outcome->arena};
	struct itsm_outcome looked;
	const char *why = NULL;
	size_t i;
	int status;

	if (!desk->place.root)
		return itsm_error_set(err, ITSM_EGIT, "this is a bare repository, which has no work tree to write in; approve in a clone and push");
	itsm_outcome_init(&looked, outcome->arena);
	status = open_reviews(desk, name, json, size, &recording.reviews, err);
	if (status == 0)
		status = desk_change_look(desk, make_statements, &recording, &looked, err);
	for (i = 0; i < recording.count && status == 0; i++) {
		status = approve_sign(desk, recording.arena, request->key, &recording.files[i], &why, err);
		if (status == 0 && why)
			status = itsm_error_set(err, ITSM_EREFUSED, "a recorded review counts only when it is signed: %s; nothing was written", why);
	}
	if (status == 0 && recording.count)
		status = desk_change_run(desk, make_files, &recording, request->message, outcome, err);
	for (i = 0; i < recording.count; i++)
		itsm_buffer_free(&recording.files[i].statement);
	itsm_approvals_free(recording.reviews);
	*count = recording.count;
	return status;
}
