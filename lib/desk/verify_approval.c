/* An approval as a commit left it: proven then, by the people and keys of its base, about the record as the commit has
 * it. */
#include <string.h>

#include "signature.h"
#include "verify.h"

#define TOGETHER 256 /* approvals whose signatures are verified at the same time */

#define REMEDY "an approval that was forged has to be given anew: `itsm approve`; who let it in is in `git log`"

int verify_owner(struct verifying *verifying, struct itsm_arena *arena, const char *path, struct itsm_record **out)
{
	static const char *const suffixes[] = {".md", ".yaml"};
	const char *end = strrchr(path, '/');
	struct itsm_findings ignored;
	struct itsm_entry entry;
	int status;

	*out = NULL;
	while (end && end > path && end[-1] != '/')
		end--; /* before the part's folder */
	if (!end || end <= path + 1)
		return 0;
	itsm_findings_init(&ignored, arena);
	for (size_t i = 0; i < 2; i++) {
		const char *owner = itsm_arena_printf(arena, "%.*s%s", (int)(end - 1 - path), path, suffixes[i]);
		struct itsm_error absent = {0};

		status = itsm_repo_find(verifying->repo, &verifying->commit.oid, owner, &entry, &absent);
		if (status == ITSM_ENOTFOUND)
			continue;
		if (status != 0) {
			if (verifying->err)
				*verifying->err = absent;
			return status;
		}
		if ((entry.mode & 0170000) == 0100000)
			return itsm_desk_read_blob(verifying->desk, arena, verifying->epoch->kinds, owner, &entry.blob,
				out, &ignored, verifying->err);
	}
	return 0;
}

static void tell(struct verifying *verifying, const char *path, const struct itsm_approval *approval)
{
	static const char *const rules[] = {
		[ITSM_APPROVAL_UNREADABLE] = "approval/unreadable",
		[ITSM_APPROVAL_UNKNOWN] = "verify/approver",
		[ITSM_APPROVAL_INACTIVE] = "verify/approver",
		[ITSM_APPROVAL_BAD_SIGNATURE] = "approval/signature",
		[ITSM_APPROVAL_WRONG_KEY] = "approval/key",
		[ITSM_APPROVAL_FOREIGN] = "approval/author",
		[ITSM_APPROVAL_STALE] = "approval/stale",
		[ITSM_APPROVAL_UNSIGNED] = NULL,
	};
	const char *rule = rules[approval->status];
	bool mild = approval->status == ITSM_APPROVAL_STALE ||
		(approval->status == ITSM_APPROVAL_FOREIGN && verifying->by_import);

	if (!rule)
		return;
	verify_add(verifying, rule, mild ? ITSM_SEVERITY_WARNING : ITSM_SEVERITY_ERROR, path, REMEDY,
		"the approval of %s in %.10s: %s", approval->person, verifying->name,
		approval->status == ITSM_APPROVAL_STALE ? "it was not about what the record said then"
			: approval->detail		? approval->detail
							: itsm_approval_status_name(approval->status));
}

static int judge(struct verifying *verifying, struct itsm_arena *arena, const struct verify_pending *pending, bool gathering)
{
	struct approvals_written written = {pending->mail, pending->at, pending->blob};
	struct itsm_approval approval = {.person = pending->person, .path = pending->path};
	struct itsm_approvals *approvals = pending->epoch->approvals;
	struct itsm_record *file = NULL, *owner;
	struct itsm_findings found;
	int status = verify_owner(verifying, arena, pending->path, &owner);

	itsm_findings_init(&found, arena);
	if (status == 0 && !itsm_oid_is_zero(&pending->blob))
		status = itsm_desk_read_blob(verifying->desk, arena, pending->epoch->kinds, pending->path, &pending->blob, &file,
			&found, verifying->err);
	if (status != 0)
		return status;
	if (!file || !owner) {
		approval.status = ITSM_APPROVAL_UNREADABLE;
		approval.detail = !owner ? "the record that it is about is not there"
			: found.count	 ? found.items[0].message
					 : "it is no regular file";
	} else {
		approvals->gathering = gathering;
		status = approvals_prove(approvals, arena, owner, file, &written, &approval, verifying->err);
		approvals->gathering = false;
	}
	if (status != 0 || gathering)
		return status;
	if (approval.witnesses & (ITSM_WITNESS_SIGNATURE | ITSM_WITNESS_FORGE))
		verifying->out->proven_approvals++;
	tell(verifying, pending->path, &approval);
	return 0;
}

/* Every one in its commit, which is in hand meanwhile. */
static int judge_each(struct verifying *verifying, bool gathering)
{
	int status = 0;

	for (size_t i = 0; i < verifying->pending_count && status == 0; i++) {
		const struct verify_pending *pending = &verifying->pending[i];
		struct itsm_arena *arena = itsm_arena_new();

		verifying->epoch = pending->epoch;
		verifying->commit.oid = pending->commit;
		verifying->by_import = pending->by_import;
		itsm_oid_text(&pending->commit, verifying->name);
		status = judge(verifying, arena, pending, gathering);
		itsm_arena_free(arena);
	}
	return status;
}

int verify_approvals(struct verifying *verifying)
{
	const struct itsm_trail_commit commit = verifying->commit;
	struct verify_epoch *epoch = verifying->epoch;
	bool by_import = verifying->by_import;
	int status = judge_each(verifying, true);

	if (status == 0)
		status = signature_run(verifying->desk, verifying->err);
	if (status == 0)
		status = judge_each(verifying, false);
	verifying->epoch = epoch;
	verifying->commit = commit;
	verifying->by_import = by_import;
	itsm_oid_text(&commit.oid, verifying->name);
	verifying->pending = NULL;
	verifying->pending_count = verifying->pending_capacity = 0;
	itsm_arena_free(verifying->pending_arena);
	verifying->pending_arena = NULL;
	return status;
}

int verify_approval(struct verifying *verifying, const struct itsm_kind *kind, const struct itsm_trail_change *change)
{
	const struct itsm_kind *located;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	struct itsm_arena *arena;

	if (!itsm_kinds_locate(verifying->epoch->kinds, change->path, &located, id, owner) || located != kind)
		return 0;
	verifying->out->approvals++;
	if (!verifying->pending_arena)
		verifying->pending_arena = itsm_arena_new();
	arena = verifying->pending_arena;
	itsm_arena_grow(arena, &verifying->pending, &verifying->pending_capacity, verifying->pending_count, sizeof(*verifying->pending));
	verifying->pending[verifying->pending_count++] = (struct verify_pending){
		.epoch = verifying->epoch,
		.commit = verifying->commit.oid,
		.blob = change->new_blob,
		.path = itsm_arena_strdup(arena, change->path),
		.person = itsm_arena_strdup(arena, id),
		.mail = itsm_arena_strdup(arena, verifying->commit.mail),
		.at = verifying->commit.at,
		.by_import = verifying->by_import,
	};
	return verifying->pending_count < TOGETHER ? 0 : verify_approvals(verifying);
}
