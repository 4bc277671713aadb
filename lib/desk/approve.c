/*
 * `itsm approve`: a decision in the person's own file, signed.
 *
 * First the approval is composed on what is committed and signed; nothing is
 * locked while somebody types a passphrase. Then it is written, where the
 * record still says what was signed.
 */
#include <string.h>

#include "desk.h"
#include "itsm/approval.h"
#include "itsm/digest.h"
#include "itsm/file.h"
#include "signature.h"

struct approving {
	const struct itsm_approve *request;
	const struct itsm_kind *kind;   /* approval */
	struct itsm_arena *arena;       /* outlives the attempts */
	char at[ITSM_TIME_TEXT];
	char digest[ITSM_DIGEST_TEXT];  /* what was signed; "" before */
	const char *person, *record_kind, *path;
	const char *signature;          /* NULL = none */
	struct itsm_buffer statement;   /* what is signed */
};

/* "change-manager, cab": in whose name the person may decide. */
static int list_roles(struct desk_change *change, struct itsm_buffer *names, const char *wanted, bool *found, struct itsm_error *err)
{
	struct itsm_value person = {.type = ITSM_VALUE_TEXT, .text = change->person};
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
		status = itsm_error_set(err, ITSM_EREFUSED, "%s has no role '%s' and is in no team of that name; there %s: %s", change->person,
			role, names.length ? "are" : "is", names.length ? names.data : "none");
	itsm_buffer_free(&names);
	return status;
}

/* May a record in this state be decided on? */
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

static int check_record(struct desk_change *change, const struct approving *approving, const struct itsm_record *record,
	struct itsm_error *err)
{
	const struct itsm_kind *kind = record->kind;

	if (record->owner || (approving->kind->of && !itsm_list_has(approving->kind->of, kind->name)))
		return itsm_error_set(err, ITSM_EUSAGE, "%s %s is not approved", desk_a(kind->name), kind->name);
	if (!kind->approved_fields && !kind->approved_sections)
		return itsm_error_set(err, ITSM_EUSAGE, "the kind %s does not say what an approval is about; give it `approved:` in %s", kind->name,
			kind->origin);
	if (!change->person)
		return itsm_error_set(err, ITSM_EREFUSED,
			"nobody in people/ has your mail address %s, so you can't approve; add yourself with `itsm new person id=NAME name='...' mail=%s`",
			change->identity_mail, change->identity_mail);
	return strcmp(approving->request->decision, "approve") == 0 ? check_state(record, err) : 0;
}

/* The whole file. */
static int compose(const struct approving *approving, struct itsm_buffer *out, struct itsm_error *err)
{
	const struct itsm_approve *request = approving->request;
	struct itsm_edit edits[7];
	size_t count = 0;

	desk_edit_set(approving->arena, &edits[count++], "by", approving->person, false);
	if (request->role)
		desk_edit_set(approving->arena, &edits[count++], "role", request->role, true);
	desk_edit_set(approving->arena, &edits[count++], "decision", request->decision, false);
	desk_edit_set(approving->arena, &edits[count++], "at", approving->at, false);
	desk_edit_set(approving->arena, &edits[count++], "digest", approving->digest, true);
	if (request->comment)
		desk_edit_set(approving->arena, &edits[count++], "comment", request->comment, true);
	if (approving->signature)
		desk_edit_set(approving->arena, &edits[count++], "signature", approving->signature, true);
	return itsm_record_compose(approving->kind, edits, count, NULL, false, out, err);
}

/* The file, and what its signature has to be of: the file is read back, as whoever verifies it will. */
static int compose_and_state(const struct approving *approving, struct itsm_kinds *kinds, struct itsm_buffer *text,
	struct itsm_buffer *statement, struct itsm_error *err)
{
	struct itsm_findings findings;
	struct itsm_record *file;
	int status = compose(approving, text, err);

	if (status != 0)
		return status;
	itsm_findings_init(&findings, approving->arena);
	file = itsm_record_read(approving->arena, kinds, approving->path, text->data, text->length, &findings);
	if (!file)
		return itsm_error_set(err, ITSM_EDATA, "the approval can't be written: %s", findings.count ? findings.items[0].message : "it is no record");
	return itsm_digest_statement(file, approving->record_kind, statement, err);
}

/* First step: look at the record, and put down what there is to sign. */
static int make_statement(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct approving *approving = context;
	struct itsm_buffer text = {0};
	struct itsm_record *record;
	int status;

	if ((status = desk_change_record(change, approving->request->id, &record, err)) != 0 ||
	    (status = check_record(change, approving, record, err)) != 0)
		return status;
	if (approving->request->role && (status = check_role(change, approving->request->role, err)) != 0)
		return status;
	itsm_digest_record(record, approving->digest);
	if ((status = check_unsaved(change, record, approving->digest, err)) != 0)
		return status;
	approving->person = itsm_arena_strdup(approving->arena, change->person);
	approving->record_kind = itsm_arena_strdup(approving->arena, record->kind->name);
	approving->path = itsm_kind_path(approving->arena, approving->kind, approving->person, 0, record->path);
	status = compose_and_state(approving, change->desk->kinds, &text, &approving->statement, err);
	itsm_buffer_free(&text);
	return status;
}

/* The file that is there already: its decision is replaced. NULL when there is none. */
static int read_present(struct desk_change *change, const char *path, struct itsm_record **out, struct itsm_error *err)
{
	struct itsm_findings ignored;
	struct itsm_entry entry;

	*out = NULL;
	itsm_findings_init(&ignored, change->arena);
	if (itsm_oid_is_zero(itsm_write_base(change->write)) ||
	    itsm_repo_find(change->desk->repo, itsm_write_base(change->write), path, &entry, NULL) != 0)
		return 0;
	if ((entry.mode & 0170000) != 0100000)
		return itsm_error_set(err, ITSM_EREFUSED, "'%s' is no regular file; take it away first", path);
	return itsm_desk_read_blob(change->desk, change->arena, change->desk->kinds, path, &entry.blob, out, &ignored, err);
}

/* Second step: write it, on what is committed by now. */
static int make_approval(struct desk_change *change, void *context, struct itsm_error *err)
{
	static const char *const done[] = {"approve", "approved", "reject", "rejected", "withdraw", "approval withdrawn", NULL};
	struct approving *approving = context;
	struct itsm_record *record, *present, *made;
	struct itsm_buffer text = {0}, statement = {0};
	struct itsm_outcome *outcome = change->outcome;
	char digest[ITSM_DIGEST_TEXT];
	size_t i = 0;
	int status = desk_change_record(change, approving->request->id, &record, err);

	if (status != 0)
		return status;
	itsm_digest_record(record, digest);
	if (strcmp(digest, approving->digest) != 0 || !change->person || strcmp(change->person, approving->person) != 0)
		return itsm_error_set(err, ITSM_EREFUSED, "%s was changed while you were approving it; look at it again", record->id);
	if ((status = read_present(change, approving->path, &present, err)) == 0)
		status = compose_and_state(approving, change->desk->kinds, &text, &statement, err);
	if (status == 0 && (statement.length != approving->statement.length ||
	    memcmp(statement.data, approving->statement.data, statement.length) != 0))
		status = itsm_error_set(err, ITSM_EREFUSED, "%s was moved while you were approving it; look at it again", record->id);
	if (status == 0)
		status = desk_change_put(change, present, approving->path, text.data, text.length, &made, err);
	itsm_buffer_free(&text);
	itsm_buffer_free(&statement);
	if (status != 0)
		return status;
	while (strcmp(done[i], approving->request->decision) != 0)
		i += 2;
	outcome->id = itsm_arena_printf(outcome->arena, "%s/%s/%s", record->id, approving->kind->part, approving->person);
	outcome->path = itsm_arena_strdup(outcome->arena, approving->path);
	itsm_buffer_printf(&change->subject, "%s: %s by %s", record->id, done[i + 1], approving->person);
	desk_change_trailer(change, "Itsm-Action", approving->request->decision);
	desk_change_trailer(change, "Itsm-Record", outcome->id);
	return 0;
}

static int sign(struct itsm_desk *desk, struct approving *approving, struct itsm_approved *out, struct itsm_error *err)
{
	struct itsm_buffer signature = {0};
	int status = signature_make(desk, approving->arena, approving->request->key, &approving->statement, &signature,
		&out->why_unsigned, err);

	if (status == 0 && signature.length)
		approving->signature = itsm_arena_strdup(approving->arena, signature.data);
	itsm_buffer_free(&signature);
	return status;
}

int itsm_desk_approve(struct itsm_desk *desk, const struct itsm_approve *request, struct itsm_approved *out,
	struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct approving approving = {.request = request, .arena = outcome->arena};
	struct itsm_outcome looked;
	int status = itsm_desk_kind(desk, "approval", &approving.kind, err);

	if (status == 0 && !desk->place.root)
		status = itsm_error_set(err, ITSM_EGIT, "this is a bare repository, which has no work tree to write in; approve in a clone and push");
	if (status != 0)
		return status;
	memset(out, 0, sizeof(*out));
	itsm_desk_now_text(desk, approving.at);
	itsm_outcome_init(&looked, outcome->arena);
	status = desk_change_look(desk, make_statement, &approving, &looked, err);
	if (status == 0)
		status = sign(desk, &approving, out, err);
	if (status == 0)
		status = desk_change_run(desk, make_approval, &approving, request->message, outcome, err);
	itsm_buffer_free(&approving.statement);
	out->person = approving.person;
	out->digest = itsm_arena_strdup(outcome->arena, approving.digest);
	out->is_signed = approving.signature != NULL;
	return status;
}
