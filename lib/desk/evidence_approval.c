/*
 * A version of an approval: the file, and where it is signed the exact bytes
 * that are signed, the signature, and who was allowed to sign at its base, so
 * that `ssh-keygen -Y verify` says by itself what we say.
 */
#include <string.h>

#include "evidence.h"
#include "itsm/digest.h"
#include "signers.h"

/* What was signed, and by whom, as files beside the approval's. */
static int add_proof(struct evidencing *evidencing, const struct itsm_record *file, const struct itsm_record *owner,
	const char *base, struct evidence_event *event)
{
	const struct itsm_yaml *signature = itsm_record_field(file, "signature");
	const char *recorder = itsm_record_text(file, "review.recorder");
	struct itsm_buffer statement = {0}, signers = {0}, armor = {0};
	int status = 0;

	if (!signature || signature->type != ITSM_YAML_SCALAR ||
		itsm_digest_statement(file, owner->kind->name, &statement, NULL) != 0) {
		itsm_buffer_free(&statement);
		return 0;
	}
	status = signers_list(
		evidencing->verifying->epoch->approvals->roster, ITSM_APPROVAL_NAMESPACE, &signers, evidencing->err);
	itsm_buffer_puts(&armor, signature->text);
	if (status == 0) {
		event->signer = itsm_arena_strdup(evidencing->arena, recorder ? recorder : event->name);
		event->base = base;
		evidence_add_text(
			evidencing->folder, itsm_arena_printf(evidencing->arena, "%s.statement", base), &statement);
		evidence_add_text(evidencing->folder, itsm_arena_printf(evidencing->arena, "%s.sig", base), &armor);
		evidence_add_text(
			evidencing->folder, itsm_arena_printf(evidencing->arena, "%s.allowed_signers", base), &signers);
	}
	itsm_buffer_free(&statement);
	itsm_buffer_free(&signers);
	itsm_buffer_free(&armor);
	return status;
}

int evidence_approval(struct evidencing *evidencing, struct evidence_subject *subject,
	const struct itsm_trail_change *change, struct evidence_event *event)
{
	struct verifying *verifying = evidencing->verifying;
	struct itsm_arena *arena = evidencing->arena;
	struct approvals_written written = {event->mail, event->at, event->blob};
	struct itsm_approval approval = {.person = event->name, .path = event->path};
	struct itsm_record *owner, *file = NULL;
	struct itsm_findings ignored;
	char commit[41];
	int status = verify_owner(verifying, arena, change->path, &owner);

	itsm_findings_init(&ignored, arena);
	if (status == 0 && !itsm_oid_is_zero(&event->blob))
		status = itsm_desk_read_blob(evidencing->desk, arena, verifying->epoch->kinds, event->path,
			&event->blob, &file, &ignored, evidencing->err);
	if (status != 0)
		return status;
	if (!file || !owner) {
		event->status = itsm_approval_status_name(ITSM_APPROVAL_UNREADABLE);
		return 0;
	}
	status = approvals_prove(verifying->epoch->approvals, arena, owner, file, &written, &approval, evidencing->err);
	if (status != 0)
		return status;
	event->decision = approval.decision;
	event->status = itsm_approval_status_name(approval.status);
	event->detail = approval.detail;
	itsm_oid_text(&event->commit, commit);
	return add_proof(evidencing, file, owner,
		evidence_path(evidencing, subject, "approvals/%s-%.10s", event->name, commit), event);
}
