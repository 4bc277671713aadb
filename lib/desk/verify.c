/*
 * `itsm verify`: the trail of a desk, from its first commit on.
 *
 *  - each commit: is it signed where the desk asks for that (itsm.yaml,
 *    `signed_commits: required`), and by whom (verify_signed.c)
 *  - each change of a record: states (verify_step.c), approvals (verify_approval.c), removals
 *  - checkpoints and the refs that could deceive (checkpoint_verify.c)
 *
 * Which commits there are says git, what they did the history in the index: one
 * pass, no file is read but for approvals.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "verify.h"

void verify_add(struct verifying *verifying, const char *rule, enum itsm_severity severity, const char *path,
	const char *remedy, const char *format, ...)
{
	char message[1024], id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	struct itsm_finding finding = {
		.rule = rule, .severity = severity, .path = path, .message = message, .remedy = remedy};
	const struct itsm_kind *kind;
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	if (path && itsm_kinds_locate(verifying->desk->kinds, path, &kind, id, owner))
		finding.record = *owner ? itsm_arena_printf(verifying->arena, "%s/%s/%s", owner, kind->part, id)
					: itsm_arena_strdup(verifying->arena, id);
	itsm_findings_add(verifying->findings, &finding);
}

static int see_signed(void *context, const struct itsm_oid *commit, bool is_signed)
{
	struct verifying *verifying = context;

	verify_set_add(verifying, commit, is_signed);
	verifying->out->commits++;
	verifying->out->signed_commits += is_signed;
	return 0;
}

static void judge_signature(struct verifying *verifying, bool is_signed)
{
	if (!is_signed) {
		/* the first commits have no base that could ask for anything */
		if (verifying->epoch->signatures && (verifying->request->base || verifying->commit.landed > 1))
			verify_add(verifying, "verify/unsigned", ITSM_SEVERITY_ERROR, NULL,
				"sign commits: `git config commit.gpgsign true`",
				"the commit %.10s by %s is not signed", verifying->name,
				verifying->commit.committer_mail);
		return;
	}
	if (!verifying->epoch->signatures && !verifying->request->signatures)
		return;
	itsm_arena_grow(verifying->arena, &verifying->signed_commits, &verifying->signed_capacity,
		verifying->signed_count, sizeof(*verifying->signed_commits));
	verifying->signed_commits[verifying->signed_count++] = (struct verify_signed){verifying->commit.oid,
		verifying->epoch, itsm_arena_strdup(verifying->arena, verifying->commit.committer_mail)};
}

static int see_commit(void *context, const struct itsm_trail_commit *commit)
{
	struct verifying *verifying = context;
	const struct verify_member *member = verify_set_find(&verifying->set, &commit->oid);
	int status;

	verify_commit_end(verifying);
	verifying->skipped = !member;
	if (!member)
		return 0;
	verifying->commit = *commit;
	itsm_oid_text(&commit->oid, verifying->name);
	verifying->by_import = strstr(commit->body, "Itsm-Action: import\n") != NULL;
	status = verify_epoch_for(verifying, commit->landed, &verifying->epoch);
	if (status == 0)
		judge_signature(verifying, member->is_signed);
	return status;
}

static int see_change(void *context, const struct itsm_trail_commit *commit, const struct itsm_trail_change *change)
{
	struct verifying *verifying = context;

	verifying->commit = *commit;
	return verifying->skipped ? 0 : verify_change(verifying, change);
}

static int refuse_shallow(struct verifying *verifying)
{
	if (access(itsm_arena_printf(verifying->arena, "%s/shallow", verifying->desk->place.common_dir), F_OK) != 0)
		return 0;
	return itsm_error_set(verifying->err, ITSM_EGIT,
		"this clone is shallow, so that its trail cannot be verified; fetch it whole with `git fetch "
		"--unshallow`, in a pipeline with depth 0");
}

static int find_ends(struct verifying *verifying)
{
	const char *range = verifying->request->range ? verifying->request->range : "HEAD", *dots = strstr(range, "..");
	const char *first = dots ? itsm_arena_strndup(verifying->arena, range, (size_t)(dots - range)) : "";
	const char *last = dots ? dots + 2 : range;
	int status;

	if (dots && dots[2] == '.')
		return itsm_error_set(
			verifying->err, ITSM_EUSAGE, "'%s' is no range to verify; give A..B with two dots", range);
	status = itsm_repo_resolve(verifying->repo, *last ? last : "HEAD", &verifying->head, verifying->err);
	if (status == 0 && dots)
		status = itsm_repo_resolve(verifying->repo, *first ? first : "HEAD", &verifying->from, verifying->err);
	verifying->out->head = verifying->head;
	return status;
}

static int verify(struct verifying *verifying)
{
	struct itsm_trail trail = {see_commit, see_change, verifying};
	struct itsm_desk *desk = verifying->desk;
	struct itsm_error *err = verifying->err;
	int status;

	if ((status = refuse_shallow(verifying)) != 0 ||
		(status = itsm_desk_repository(desk, &verifying->repo, err)) != 0 ||
		(status = find_ends(verifying)) != 0 || (status = itsm_desk_index(desk, &verifying->index, err)) != 0 ||
		(status = itsm_index_history(verifying->index, &verifying->head, err)) != 0 ||
		(status = verify_epochs(verifying)) != 0)
		return status;
	status = itsm_repo_signed(&desk->place, itsm_oid_is_zero(&verifying->from) ? NULL : &verifying->from,
		&verifying->head, see_signed, verifying, err);
	if (status == 0)
		status = itsm_index_trail(verifying->index, &trail, err);
	verify_commit_end(verifying);
	if (status == 0)
		status = verify_approvals(verifying);
	if (status == 0 && (status = verify_signatures(verifying)) == 0)
		status = verify_checkpoints(verifying);
	return status;
}

int itsm_desk_verify(struct itsm_desk *desk, const struct itsm_verify *request, struct itsm_findings *findings,
	struct itsm_verified *out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_verified verified = {0};
	struct verifying verifying = {
		.desk = desk, .arena = arena, .findings = findings, .out = &verified, .err = err, .request = request};
	bool prove_anew = desk->prove_anew;
	int status;

	desk->prove_anew = true;
	status = verify(&verifying);
	desk->prove_anew = prove_anew;
	itsm_arena_free(verifying.pending_arena);
	verify_epochs_free(&verifying);
	itsm_arena_free(arena);
	if (status == 0) {
		itsm_findings_sort(findings);
		*out = verified;
	}
	return status;
}
