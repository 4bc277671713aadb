/*
 * The approvals of a record: files below it, each judged by what proves it.
 *
 * What a file says counts when a signature by one of the person's keys says the
 * same, or when the person is the author of the commit that wrote it. A
 * signature that does not hold voids the file, whoever committed it: it was
 * tampered with, or the key is not the person's any more. Where a file is void,
 * the last version of it that was proven still tells whether its person
 * rejects: nobody lifts another's rejection by writing over it.
 */
#include <string.h>

#include "approvals.h"
#include "signature.h"

#define APPROVALS_LIMIT 10000 /* files of one record that are looked at */

struct itsm_approval *approvals_add(struct approvals_case *judged)
{
	struct itsm_approval_verdict *out = judged->out;

	itsm_arena_grow(judged->arena, &out->approvals, &judged->approval_capacity, out->approval_count, sizeof(*out->approvals));
	memset(&out->approvals[out->approval_count], 0, sizeof(*out->approvals));
	return &out->approvals[out->approval_count++];
}

void approvals_vote(struct approvals_case *judged, const struct itsm_approval *approval, enum itsm_decision decision)
{
	itsm_arena_grow(judged->arena, &judged->votes, &judged->vote_capacity, judged->vote_count, sizeof(*judged->votes));
	judged->votes[judged->vote_count++] = (struct itsm_quorum_vote){approval->person, decision, approval->witnesses,
		approval->role, approval->at, approval->committed};
}

static bool is_delegate(const struct approvals_case *judged, const char *person)
{
	for (size_t i = 0; i < judged->delegation_count; i++) {
		if (strcmp(judged->delegations[i].to, person) == 0)
			return true;
	}
	return false;
}

/* Does anything depend on who committed it? With a good signature that costs a look at history for nothing. */
static bool needs_commit(const struct approvals_case *judged, const struct itsm_approval *approval)
{
	if (!approval->witnesses || !judged->ask_count || judged->approvals->thorough || is_delegate(judged, approval->person))
		return true;
	for (size_t i = 0; i < judged->ask_count; i++) {
		unsigned taken = judged->asks[i].approval->witnesses;

		if (taken && !(taken & approval->witnesses) && approvals_asks(judged, i, approval->person))
			return true;
	}
	return false;
}

static bool is_asked(const struct approvals_case *judged, const char *person)
{
	for (size_t i = 0; i < judged->ask_count; i++) {
		if (approvals_asks(judged, i, person))
			return true;
	}
	return judged->ask_count == 0;
}

/* What the file says, or false with why it says nothing. */
static bool read_fields(const struct itsm_record *file, struct itsm_approval *approval)
{
	static const char *const decisions[] = {"approve", "reject", "withdraw", NULL};
	const char *by = itsm_record_text(file, "by"), *reviewed = itsm_record_text(file, "review.at");
	const char *at = reviewed ? reviewed : itsm_record_text(file, "at");
	struct itsm_error failure = {0};
	struct itsm_time time = {0};

	approval->decision = itsm_record_text(file, "decision");
	approval->role = itsm_record_text(file, "role");
	approval->comment = itsm_record_text(file, "comment");
	approval->digest = itsm_record_text(file, "digest");
	if (!by || strcmp(by, approval->person) != 0)
		approval->detail = "it is not named after the person who decides";
	else if (!approval->decision || !itsm_list_has(decisions, approval->decision))
		approval->detail = "it has no decision";
	else if (!at || itsm_time_parse(at, &time, &failure) != 0)
		approval->detail = "it does not say when it was given";
	if (approval->detail) {
		approval->decision = NULL;
		approval->status = ITSM_APPROVAL_UNREADABLE;
		return false;
	}
	approval->at = time.seconds;
	return true;
}

/* Who has to have signed: the person, or where it is a review at a forge, who recorded it, if that is their role. */
static int find_signer(struct approvals_case *judged, const struct itsm_record *file, const struct roster_person *person,
	const struct roster_person **signer, struct itsm_approval *approval)
{
	const char *recorder = itsm_record_text(file, "review.recorder"), *account = itsm_record_text(file, "review.account");
	int status = 0;

	*signer = person;
	if (!itsm_record_field(file, "review"))
		return 0;
	*signer = NULL;
	if (recorder && account && roster_has(person->accounts, account))
		status = roster_person(judged->approvals->roster, recorder, signer, judged->err);
	if (status != 0 || (*signer && (*signer)->active && itsm_list_has((*signer)->roles, APPROVALS_RECORDER) && itsm_record_field(file, "signature")))
		return status;
	*signer = NULL;
	approval->status = ITSM_APPROVAL_FOREIGN;
	approval->detail = !recorder || !account || !roster_has(person->accounts, account)
		? "it is of a review by an account that is not theirs at the base"
		: itsm_arena_printf(judged->arena, "it is of a review, and not signed by somebody with the role " APPROVALS_RECORDER " at the base");
	return 0;
}

/* Adds the witness of a good signature; a bad one makes the status. */
static int judge_signature(struct approvals_case *judged, const struct itsm_record *file,
	const struct roster_person *person, struct itsm_approval *approval)
{
	const struct itsm_yaml *signature = itsm_record_field(file, "signature");
	enum signature_verdict verdict = SIGNATURE_BAD;
	struct itsm_buffer statement = {0};
	const struct roster_person *signer;
	int status = find_signer(judged, file, person, &signer, approval);

	if (status != 0 || !signature || !signer)
		return status;
	if (signature->type == ITSM_YAML_SCALAR &&
	    itsm_digest_statement(file, judged->record->kind->name, &statement, NULL) == 0) {
		if (judged->approvals->gathering)
			signature_expect(judged->approvals->desk, signer->id, signer->keys, &statement, signature->text);
		else
			status = signature_verify(judged->approvals->desk, signer->id, signer->keys, &statement, signature->text,
				&verdict, judged->err);
	}
	itsm_buffer_free(&statement);
	if (status != 0)
		return status;
	if (judged->approvals->gathering)
		verdict = SIGNATURE_GOOD;
	if (verdict == SIGNATURE_GOOD) {
		approval->witnesses |= signer == person ? ITSM_WITNESS_SIGNATURE : ITSM_WITNESS_FORGE;
	} else if (verdict == SIGNATURE_WRONG_KEY) {
		approval->status = ITSM_APPROVAL_WRONG_KEY;
		approval->detail = itsm_arena_printf(judged->arena, "it is signed by a key that %s does not have in people/ at the base", signer->id);
	} else {
		approval->status = ITSM_APPROVAL_BAD_SIGNATURE;
		approval->detail = "its signature is of something else: another person, record, decision, time, content or comment";
	}
	return 0;
}

static void judge_commit(struct approvals_case *judged, const struct roster_person *person,
	const struct approvals_written *written, struct itsm_approval *approval)
{
	approval->author = written->mail;
	approval->committed = written->mail ? written->seconds : approval->at;
	if (written->mail && roster_has(person->mails, written->mail) && !(approval->witnesses & ITSM_WITNESS_FORGE))
		approval->witnesses |= ITSM_WITNESS_COMMIT;
	if (approval->status != ITSM_APPROVAL_VALID || approval->witnesses)
		return;
	approval->status = ITSM_APPROVAL_FOREIGN;
	approval->detail = written->mail
		? itsm_arena_printf(judged->arena, "it is not signed, and was committed by %s, which is no address of %s", written->mail, person->id)
		: "it is not signed, and not committed";
}

/* A search for the last version of a void file that was proven. */
struct seeking {
	struct approvals_case *judged;
	const struct roster_person *person;
	const char *path;
	bool rejects;
	int64_t at;
};

static int seek_proven(void *context, const struct approvals_written *version)
{
	struct seeking *seeking = context;
	struct approvals_case *judged = seeking->judged;
	struct itsm_approval approval = {.person = seeking->person->id};
	struct itsm_record *file = NULL;
	struct itsm_findings ignored;
	int status = 0;

	itsm_findings_init(&ignored, judged->arena);
	if (!itsm_oid_is_zero(&version->blob))
		status = itsm_desk_read_blob(judged->approvals->desk, judged->arena, judged->approvals->kinds, seeking->path,
			&version->blob, &file, &ignored, judged->err);
	if (status != 0 || !file || !read_fields(file, &approval))
		return status;
	status = judge_signature(judged, file, seeking->person, &approval);
	if (status != 0 || approval.status != ITSM_APPROVAL_VALID)
		return status;
	judge_commit(judged, seeking->person, version, &approval);
	if (!approval.witnesses)
		return 0;
	seeking->rejects = strcmp(approval.decision, "reject") == 0;
	seeking->at = approval.at;
	return 1;
}

static int judge_void(struct approvals_case *judged, const struct roster_person *person, struct itsm_approval *approval)
{
	struct seeking seeking = {judged, person, approval->path, false, 0};
	struct itsm_approval rejection = *approval;
	int status = approvals_versions(judged, approval->path, seek_proven, &seeking);

	if (status != 0 || !seeking.rejects)
		return status;
	rejection.at = rejection.committed = seeking.at;
	rejection.witnesses = ITSM_WITNESS_SIGNATURE | ITSM_WITNESS_COMMIT;
	approvals_vote(judged, &rejection, ITSM_DECISION_REJECT);
	approval->detail = itsm_arena_printf(judged->arena, "%s; before, %s had rejected, and still does", approval->detail, person->id);
	return 0;
}

/* What is proven, as a vote. */
static void count(struct approvals_case *judged, struct itsm_approval *approval)
{
	if (strcmp(approval->decision, "withdraw") == 0) {
		approval->status = ITSM_APPROVAL_WITHDRAWN;
	} else if (strcmp(approval->decision, "reject") == 0) {
		approval->status = ITSM_APPROVAL_REJECTED;
		approvals_vote(judged, approval, ITSM_DECISION_REJECT);
	} else if (!approval->digest || strcmp(approval->digest, judged->out->digest) != 0) {
		approval->status = ITSM_APPROVAL_STALE;
		approval->detail = approval->digest ? "what was approved has changed since" : "it does not say what was approved";
	} else {
		approvals_vote(judged, approval, ITSM_DECISION_APPROVE);
	}
}

int approvals_prove(struct itsm_approvals *approvals, struct itsm_arena *arena, const struct itsm_record *record,
	const struct itsm_record *file, const struct approvals_written *written, struct itsm_approval *out, struct itsm_error *err)
{
	struct itsm_approval_verdict verdict = {.approvals = NULL};
	struct approvals_case judged = {.approvals = approvals, .arena = arena, .record = record, .out = &verdict, .err = err};
	const struct roster_person *person;
	int status;

	itsm_digest_record(record, verdict.digest);
	if (!read_fields(file, out))
		return 0;
	if ((status = roster_person(approvals->roster, out->person, &person, err)) != 0)
		return status;
	if (!person || !person->active) {
		out->status = person ? ITSM_APPROVAL_INACTIVE : ITSM_APPROVAL_UNKNOWN;
		out->detail = person ? "they are not active" : "nobody in people/ at the base has this ID";
		return 0;
	}
	out->name = person->name;
	if ((status = judge_signature(&judged, file, person, out)) != 0)
		return status;
	judge_commit(&judged, person, written, out);
	if (out->status == ITSM_APPROVAL_VALID)
		count(&judged, out);
	return 0;
}

/* `file` NULL: it is there, and is no record. */
static int judge_file(struct approvals_case *judged, const struct itsm_record *file, struct itsm_approval *approval)
{
	struct approvals_written written;
	struct approvals_person *person;
	int status = approvals_find(judged, approval->person, &person);

	if (status != 0)
		return status;
	if (!file || !read_fields(file, approval))
		return person->known && is_asked(judged, approval->person) ? judge_void(judged, person->known, approval) : 0;
	approval->committed = approval->at;
	if (!person->known || !person->known->active) {
		approval->status = person->known ? ITSM_APPROVAL_INACTIVE : ITSM_APPROVAL_UNKNOWN;
		approval->detail = person->known ? "they are not active" : "nobody in people/ at the base has this ID";
		return 0;
	}
	approval->name = itsm_arena_strdup(judged->arena, person->known->name);
	if (!is_asked(judged, approval->person)) {
		/* whatever it says changes nothing: it is not worth running ssh-keygen for */
		approval->status = ITSM_APPROVAL_NOT_ENTITLED;
		approval->detail = "no rule asks them";
		return 0;
	}
	if ((status = judge_signature(judged, file, person->known, approval)) != 0)
		return status;
	if (needs_commit(judged, approval)) {
		if ((status = approvals_written(judged, approval->path, &written)) != 0)
			return status;
		judge_commit(judged, person->known, &written, approval);
	}
	if (approval->status != ITSM_APPROVAL_VALID)
		return judge_void(judged, person->known, approval);
	count(judged, approval);
	return 0;
}

struct collecting {
	struct approvals_case *judged;
	int status;
};

static int collect(void *context, const struct itsm_entry *entry)
{
	struct collecting *collecting = context;
	struct approvals_case *judged = collecting->judged;
	struct itsm_approvals *approvals = judged->approvals;
	struct itsm_record *file = NULL;
	struct itsm_approval *approval;
	struct itsm_findings ignored;
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];

	if (!itsm_kinds_locate(approvals->kinds, entry->path, &kind, id, owner) || strcmp(kind->name, "approval") != 0 ||
	    strcmp(owner, judged->record->id) != 0)
		return 0;
	if (judged->out->approval_count >= APPROVALS_LIMIT)
		return collecting->status = itsm_error_set(judged->err, ITSM_ELIMIT, "%s has more than %d approvals", judged->record->id,
			APPROVALS_LIMIT);
	approval = approvals_add(judged);
	approval->person = itsm_arena_strdup(judged->arena, id);
	approval->path = itsm_arena_strdup(judged->arena, entry->path);
	itsm_findings_init(&ignored, judged->arena);
	if ((entry->mode & 0170000) == 0100000)
		collecting->status = itsm_desk_read_blob(approvals->desk, judged->arena, approvals->kinds, approval->path, &entry->blob,
			&file, &ignored, judged->err);
	if (collecting->status != 0)
		return collecting->status;
	if (!file) {
		approval->status = ITSM_APPROVAL_UNREADABLE;
		approval->detail = ignored.count ? ignored.items[0].message : "it is no regular file";
	}
	return collecting->status = judge_file(judged, file, approval);
}

int approvals_collect(struct approvals_case *judged)
{
	struct itsm_approvals *approvals = judged->approvals;
	const struct itsm_kind *kind = itsm_kinds_find(approvals->kinds, "approval");
	struct collecting collecting = {judged, 0};
	struct itsm_error failure = {0};
	char *folder, *slash;
	int status;

	if (!kind || !kind->part || itsm_oid_is_zero(&approvals->head))
		return 0;
	folder = itsm_kind_path(judged->arena, kind, "x", 0, judged->record->path);
	if ((slash = strrchr(folder, '/')) == NULL)
		return 0;
	*slash = '\0';
	status = itsm_repo_walk(approvals->repo, &approvals->head, folder, collect, &collecting, &failure);
	if (collecting.status != 0)
		return collecting.status;
	if (status == ITSM_ENOTFOUND)
		return 0;
	if (status != 0 && judged->err)
		*judged->err = failure;
	return status;
}

static bool is_given_for(const struct itsm_approval_rule *rule, const char *role)
{
	return !role || (rule->candidates != ITSM_CANDIDATES_ROLE && rule->candidates != ITSM_CANDIDATES_TEAM) ||
		(rule->name && strcmp(rule->name, role) == 0);
}

void approvals_settle(struct approvals_case *judged, struct itsm_approval *approval)
{
	bool asked = false, dependent = false, taken = false;
	struct approvals_person *person;
	bool stale = approval->status == ITSM_APPROVAL_STALE;

	if ((approval->status != ITSM_APPROVAL_VALID && !stale) || !judged->ask_count ||
	    approvals_find(judged, approval->person, &person) != 0)
		return;
	for (size_t i = 0; i < judged->ask_count; i++) {
		const struct itsm_approval_rule *rule = judged->asks[i].approval;

		if (!approvals_asks(judged, i, approval->person) || !is_given_for(rule, approval->role))
			continue;
		asked = true;
		if (person->own && rule->independent)
			continue;
		dependent = true;
		taken = taken || !rule->witnesses || (rule->witnesses & approval->witnesses);
	}
	if (!asked) {
		approval->status = ITSM_APPROVAL_NOT_ENTITLED;
		approval->detail = approval->role ? itsm_arena_printf(judged->arena, "no rule asks them as %s", approval->role) : "no rule asks them";
	} else if (!dependent) {
		/* of one that is stale too: giving it again would not help */
		approval->status = ITSM_APPROVAL_OWN;
		approval->detail = "they wrote it, ask for it or carry it out";
	} else if (!taken && !stale) {
		approval->status = ITSM_APPROVAL_UNSIGNED;
		approval->detail = "the rules that ask them want it proven otherwise";
	}
}
