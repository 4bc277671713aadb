/* `itsm evidence`: what an auditor is given about a record, or about a sample of them. */
#include <string.h>
#include <unistd.h>

#include "evidence.h"

static int open_all(struct evidencing *evidencing)
{
	struct verifying *verifying = evidencing->verifying;
	struct itsm_desk *desk = evidencing->desk;
	struct itsm_error *err = evidencing->err;
	int status = itsm_desk_repository(desk, &verifying->repo, err);

	if (status == 0 &&
		access(itsm_arena_printf(evidencing->arena, "%s/shallow", desk->place.common_dir), F_OK) == 0)
		return itsm_error_set(err, ITSM_EGIT,
			"this clone is shallow, so that its trail is not whole; fetch it with `git fetch --unshallow`");
	if (status == 0)
		status = itsm_desk_view_head(desk, &evidencing->index, &verifying->head, err);
	if (status == 0 && itsm_oid_is_zero(&verifying->head))
		return itsm_error_set(
			err, ITSM_ENOTFOUND, "nothing is committed yet, so there is no evidence of anything");
	verifying->index = evidencing->index;
	if (status == 0 && (status = itsm_index_history(evidencing->index, &verifying->head, err)) == 0)
		status = verify_epochs(verifying);
	itsm_time_format_utc(desk->options.now, evidencing->moment);
	return status;
}

static int one_record(struct evidencing *evidencing, const char *id)
{
	struct evidence_subject *subject = itsm_arena_alloc(evidencing->arena, sizeof(*subject));
	struct itsm_hit hit;
	int status = itsm_index_find(evidencing->index, evidencing->arena, id, NULL, &hit, evidencing->err);

	if (status != 0)
		return status;
	if (hit.record)
		return itsm_error_set(
			evidencing->err, ITSM_EUSAGE, "%s is a part of %s; ask for that", hit.id, hit.record);
	*subject = (struct evidence_subject){
		.id = hit.id, .path = hit.path, .kind = hit.kind, .title = hit.title, .state = hit.state, .below = ""};
	itsm_findings_init(&subject->findings, evidencing->arena);
	evidencing->subjects = subject;
	evidencing->count = 1;
	status = evidence_gather(evidencing);
	return status == 0 ? evidence_record(evidencing, subject) : status;
}

int itsm_desk_evidence(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_evidence *request,
	struct itsm_evidenced *out, struct itsm_error *err)
{
	struct itsm_arena *own = itsm_arena_new();
	struct itsm_verify all = {NULL, NULL, false};
	struct itsm_verified verified = {0};
	struct itsm_findings ignored;
	struct verifying verifying = {
		.desk = desk, .arena = own, .findings = &ignored, .out = &verified, .err = err, .request = &all};
	struct evidence_folder *folder = itsm_arena_alloc(own, sizeof(*folder));
	struct evidencing evidencing = {
		.desk = desk, .arena = own, .err = err, .verifying = &verifying, .folder = folder};
	struct itsm_evidenced made = {0};
	bool prove_anew = desk->prove_anew;
	int status;

	desk->prove_anew = true;
	itsm_findings_init(&ignored, own);
	folder->arena = own;
	if ((status = open_all(&evidencing)) == 0)
		status = request->id ? one_record(&evidencing, request->id)
				     : evidence_sample(&evidencing, request, &made);
	if (status == 0)
		status = evidence_write(desk, folder, &verifying.head, request, &made, err);
	if (status == 0) {
		made.records = evidencing.count;
		for (size_t i = 0; i < evidencing.count; i++)
			made.errors += evidencing.subjects[i].findings.errors;
		made.digest = itsm_arena_strdup(arena, made.digest);
		made.signer = made.signer ? itsm_arena_strdup(arena, made.signer) : NULL;
		made.why_unsigned = made.why_unsigned ? itsm_arena_strdup(arena, made.why_unsigned) : NULL;
		*out = made;
	}
	verify_epochs_free(&verifying);
	itsm_arena_free(own);
	desk->prove_anew = prove_anew;
	return status;
}
