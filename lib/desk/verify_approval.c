/* An approval as a commit left it: proven then, by the people and keys of its base, about the record as the commit has
 * it. */
#include <string.h>

#include "verify.h"

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

static int judge(struct verifying *verifying, struct itsm_arena *arena, const struct itsm_trail_change *change,
	const char *person)
{
	struct approvals_written written = {verifying->commit.mail, verifying->commit.at, change->new_blob};
	struct itsm_approval approval = {.person = person, .path = change->path};
	struct itsm_record *file = NULL, *owner;
	struct itsm_findings found;
	int status = verify_owner(verifying, arena, change->path, &owner);

	itsm_findings_init(&found, arena);
	if (status == 0 && !itsm_oid_is_zero(&change->new_blob))
		status = itsm_desk_read_blob(verifying->desk, arena, verifying->epoch->kinds, change->path,
			&change->new_blob, &file, &found, verifying->err);
	if (status != 0)
		return status;
	if (!file || !owner) {
		approval.status = ITSM_APPROVAL_UNREADABLE;
		approval.detail = !owner ? "the record that it is about is not there"
			: found.count	 ? found.items[0].message
					 : "it is no regular file";
	} else {
		status = approvals_prove(
			verifying->epoch->approvals, arena, owner, file, &written, &approval, verifying->err);
		if (approval.witnesses & (ITSM_WITNESS_SIGNATURE | ITSM_WITNESS_FORGE))
			verifying->out->proven_approvals++;
	}
	if (status == 0)
		tell(verifying, change->path, &approval);
	return status;
}

int verify_approval(struct verifying *verifying, const struct itsm_kind *kind, const struct itsm_trail_change *change)
{
	struct itsm_arena *arena;
	const struct itsm_kind *located;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	int status;

	if (!itsm_kinds_locate(verifying->epoch->kinds, change->path, &located, id, owner) || located != kind)
		return 0;
	verifying->out->approvals++;
	arena = itsm_arena_new();
	status = judge(verifying, arena, change, id);
	itsm_arena_free(arena);
	return status;
}
