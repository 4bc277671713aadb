/*
 * `itsm approve`: a decision in the person's own file, signed.
 *
 * First the approval is composed on what is committed and signed; nothing is
 * locked while somebody types a passphrase. Then it is written, where the
 * record still says what was signed.
 */
#include <string.h>

#include "approve.h"
#include "itsm/file.h"
#include "signature.h"

struct approving {
	const struct itsm_approve *request;
	struct itsm_arena *arena;       /* outlives the attempts */
	struct approve_file file;
};

/* "change-manager, cab": in whose name the person may decide. */
static int list_roles(struct desk_change *change, struct itsm_buffer *names, const char *wanted, bool *found, struct itsm_error *err)
{
	struct itsm_value person = {.type = ITSM_VALUE_TEXT, .text = desk_change_person(change)};
	struct itsm_query *query;
	int status = itsm_query_open(change->index,
		"SELECT r.value FROM person AS p, json_each(p.roles) AS r WHERE p.id = ?1"
		" UNION SELECT t.id FROM team AS t, json_each(t.members) AS m WHERE m.value = ?1 ORDER BY 1", &person, 1, &query, err);

	*found = false;
	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, err)) == 1) {
		const char *role = itsm_query_value(query, 0).text;

		itsm_buffer_printf(names, "%s%s", names->length ? ", " : "", role);
		*found = *found || strcmp(role, wanted) == 0;
	}
	itsm_query_free(query);
	return status;
}

static int check_role(struct desk_change *change, const char *role, struct itsm_error *err)
{
	struct itsm_buffer names = {0};
	bool found;
	int status = list_roles(change, &names, role, &found, err);

	if (status == 0 && !found)
		status = itsm_error_set(err, ITSM_EREFUSED, "%s has no role '%s' and is in no team of that name; there %s: %s",
			desk_change_person(change),
			role, names.length ? "are" : "is", names.length ? names.data : "none");
	itsm_buffer_free(&names);
	return status;
}

/* May a record in this state be approved? */
static int check_state(const struct itsm_record *record, struct itsm_error *err)
{
	const struct itsm_kind *kind = record->kind;
	const struct itsm_state *since = itsm_digest_since(kind);
	const struct itsm_state *state = record->state ? itsm_kind_state(kind, record->state) : NULL;

	if (!since || !state || state >= since)
		return 0;
	return itsm_error_set(err, ITSM_EREFUSED,
		"%s is in state '%s' and can't be approved yet: it can once it is '%s' (`itsm move %s %s`); what was approved before would be void then",
		record->id, state->name, since->name, record->id, since->name);
}

/* What is approved is what is committed; the user may have been looking at something else. */
static int check_unsaved(struct desk_change *change, const struct itsm_record *record, const char *digest, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	struct itsm_findings ignored;
	struct itsm_record *work = NULL;
	char now[ITSM_DIGEST_TEXT];
	int status = 0;

	itsm_findings_init(&ignored, change->arena);
	if (itsm_file_read(change->desk->root, record->path, ITSM_FILE_MAX_BYTES, &text, NULL) == 0)
		work = itsm_record_read(change->arena, change->desk->kinds, record->path, text.data ? text.data : "", text.length, &ignored);
	if (work) {
		itsm_digest_record(work, now);
		if (strcmp(now, digest) != 0)
			status = itsm_error_set(err, ITSM_EREFUSED,
				"'%s' has changes that are not committed to what would be approved; commit them or take them back first", record->path);
	}
	itsm_buffer_free(&text);
	return status;
}

int approve_check(struct desk_change *change, const struct itsm_record *record, struct itsm_error *err)
{
	const struct itsm_kind *kind = record->kind, *part = itsm_kinds_find(change->desk->kinds, "approval");

	if (record->owner || !part || (part->of && !itsm_list_has(part->of, kind->name)))
		return itsm_error_set(err, ITSM_EUSAGE, "%s %s is not approved", desk_a(kind->name), kind->name);
	if (!kind->approved_fields && !kind->approved_sections)
		return itsm_error_set(err, ITSM_EUSAGE, "the kind %s does not say what an approval is about; give it `approved:` in %s", kind->name,
			kind->origin);
	if (!desk_change_person(change))
		return itsm_error_set(err, ITSM_EREFUSED,
			"nobody in people/ has your mail address %s, so you can't approve; add yourself with `itsm new person id=NAME name='...' mail=%s`",
			change->identity_mail, change->identity_mail);
	return 0;
}

static void set(struct itsm_arena *arena, struct itsm_edit *edits, size_t *count, const char *field, const char *value, bool text)
{
	if (value)
		desk_edit_set(arena, &edits[(*count)++], field, value, text);
}

int approve_compose(struct itsm_desk *desk, struct itsm_arena *arena, const struct approve_file *file,
	struct itsm_buffer *text, struct itsm_buffer *statement, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(desk->kinds, "approval");
	struct itsm_findings findings;
	struct itsm_record *record;
	struct itsm_edit edits[11];
	size_t count = 0;
	int status;

	set(arena, edits, &count, "by", file->person, false);
	set(arena, edits, &count, "role", file->role, true);
	set(arena, edits, &count, "decision", file->decision, false);
	set(arena, edits, &count, "at", file->at, false);
	set(arena, edits, &count, "digest", file->digest, true);
	set(arena, edits, &count, "comment", file->comment, true);
	set(arena, edits, &count, "review.account", file->account, true);
	set(arena, edits, &count, "review.commit", file->commit, true);
	set(arena, edits, &count, "review.at", file->reviewed, false);
	set(arena, edits, &count, "review.recorder", file->recorder, false);
	set(arena, edits, &count, "signature", file->signature, true);
	if ((status = itsm_record_compose(kind, edits, count, NULL, false, text, err)) != 0)
		return status;
	itsm_findings_init(&findings, arena);
	record = itsm_record_read(arena, desk->kinds, file->path, text->data, text->length, &findings);
	if (!record)
		return itsm_error_set(err, ITSM_EDATA, "the approval can't be written: %s", findings.count ? findings.items[0].message : "it is no record");
	return itsm_digest_statement(record, file->record_kind, statement, err);
}

int approve_state(struct itsm_desk *desk, struct itsm_arena *arena, struct approve_file *file, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	int status = approve_compose(desk, arena, file, &text, &file->statement, err);

	itsm_buffer_free(&text);
	return status;
}

int approve_sign(struct itsm_desk *desk, struct itsm_arena *arena, const char *key, struct approve_file *file,
	const char **why, struct itsm_error *err)
{
	struct itsm_buffer signature = {0};
	int status = signature_make(desk, arena, key, &file->statement, &signature, why, err);

	if (status == 0 && signature.length)
		file->signature = itsm_arena_strdup(arena, signature.data);
	itsm_buffer_free(&signature);
	return status;
}

int approve_present(struct desk_change *change, const char *path, struct itsm_record **out, struct itsm_error *err)
{
	const struct itsm_oid *base = change->write ? itsm_write_base(change->write) : NULL;
	struct itsm_findings ignored;
	struct itsm_entry entry;
	struct itsm_repo *repo;
	struct itsm_oid head;
	int status;

	*out = NULL;
	if (!base) {
		if ((status = itsm_place_head(change->arena, &change->desk->place, &head, NULL, err)) != 0)
			return status;
		base = &head;
	}
	itsm_findings_init(&ignored, change->arena);
	if ((status = itsm_desk_repository(change->desk, &repo, err)) != 0)
		return status;
	if (itsm_oid_is_zero(base) || itsm_repo_find(repo, base, path, &entry, NULL) != 0)
		return 0;
	if ((entry.mode & 0170000) != 0100000)
		return itsm_error_set(err, ITSM_EREFUSED, "'%s' is no regular file; take it away first", path);
	return itsm_desk_read_blob(change->desk, change->arena, change->desk->kinds, path, &entry.blob, out, &ignored, err);
}

int approve_put(struct desk_change *change, const struct approve_file *file, const struct itsm_record *record,
	struct itsm_error *err)
{
	struct itsm_buffer text = {0}, statement = {0};
	struct itsm_record *present, *made;
	int status = approve_present(change, file->path, &present, err);

	if (status == 0)
		status = approve_compose(change->desk, change->arena, file, &text, &statement, err);
	if (status == 0 && (statement.length != file->statement.length || memcmp(statement.data, file->statement.data, statement.length) != 0))
		status = itsm_error_set(err, ITSM_EREFUSED, "%s was moved while you were approving it; look at it again", record->id);
	if (status == 0)
		status = desk_change_put(change, present, file->path, text.data, text.length, &made, err);
	itsm_buffer_free(&text);
	itsm_buffer_free(&statement);
	return status;
}

/* First step: look at the record, and put down what there is to sign. */
static int make_statement(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(change->desk->kinds, "approval");
	struct approving *approving = context;
	const struct itsm_approve *request = approving->request;
	struct approve_file *file = &approving->file;
	struct itsm_record *record;
	int status;

	if ((status = desk_change_record(change, request->id, &record, err)) != 0 || (status = approve_check(change, record, err)) != 0)
		return status;
	if (strcmp(request->decision, "approve") == 0 && (status = check_state(record, err)) != 0)
		return status;
	if (request->role && (status = check_role(change, request->role, err)) != 0)
		return status;
	itsm_digest_record(record, file->digest);
	if ((status = check_unsaved(change, record, file->digest, err)) != 0)
		return status;
	file->person = itsm_arena_strdup(approving->arena, desk_change_person(change));
	file->record_kind = itsm_arena_strdup(approving->arena, record->kind->name);
	file->path = itsm_kind_path(approving->arena, kind, file->person, 0, record->path);
	return approve_state(change->desk, approving->arena, file, err);
}

/* Second step: write it, on what is committed by now. */
static int make_approval(struct desk_change *change, void *context, struct itsm_error *err)
{
	static const char *const done[] = {"approve", "approved", "reject", "rejected", "withdraw", "approval withdrawn", NULL};
	const struct approving *approving = context;
	const struct approve_file *file = &approving->file;
	struct itsm_outcome *outcome = change->outcome;
	struct itsm_record *record;
	char digest[ITSM_DIGEST_TEXT];
	const char *person;
	size_t i = 0;
	int status = desk_change_record(change, approving->request->id, &record, err);

	if (status != 0)
		return status;
	itsm_digest_record(record, digest);
	person = desk_change_person(change);
	if (strcmp(digest, file->digest) != 0 || !person || strcmp(person, file->person) != 0)
		return itsm_error_set(err, ITSM_EREFUSED, "%s was changed while you were approving it; look at it again", record->id);
	if ((status = approve_put(change, file, record, err)) != 0)
		return status;
	while (strcmp(done[i], file->decision) != 0)
		i += 2;
	outcome->id = itsm_arena_printf(outcome->arena, "%s/approvals/%s", record->id, file->person);
	outcome->path = itsm_arena_strdup(outcome->arena, file->path);
	itsm_buffer_printf(&change->subject, "%s: %s by %s", record->id, done[i + 1], file->person);
	desk_change_trailer(change, "Itsm-Action", file->decision);
	desk_change_trailer(change, "Itsm-Record", outcome->id);
	return 0;
}

int itsm_desk_approve(struct itsm_desk *desk, const struct itsm_approve *request, struct itsm_approved *out,
	struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct approving approving = {.request = request, .arena = outcome->arena,
		.file = {.decision = request->decision, .role = request->role, .comment = request->comment}};
	char now[ITSM_TIME_TEXT];
	struct itsm_outcome looked;
	int status;

	if (!desk->place.root)
		return itsm_error_set(err, ITSM_EGIT, "this is a bare repository, which has no work tree to write in; approve in a clone and push");
	memset(out, 0, sizeof(*out));
	itsm_desk_now_text(desk, now);
	approving.file.at = now;
	itsm_outcome_init(&looked, outcome->arena);
	status = desk_change_look(desk, make_statement, &approving, &looked, err);
	if (status == 0)
		status = approve_sign(desk, approving.arena, request->key, &approving.file, &out->why_unsigned, err);
	if (status == 0)
		status = desk_change_run(desk, make_approval, &approving, request->message, outcome, err);
	itsm_buffer_free(&approving.file.statement);
	out->person = approving.file.person;
	out->digest = itsm_arena_strdup(outcome->arena, approving.file.digest);
	out->is_signed = approving.file.signature != NULL;
	return status;
}
