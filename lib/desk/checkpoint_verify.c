/*
 * Verifying checkpoints: history still contains what they pin, they say of it
 * what is true, each names the one before, and their signatures hold.
 *
 * refs/replace and the file `info/grafts` make git show another history than
 * the one that was committed; what is verified here is the latter, but whoever looks at it with git is deceived.
 */
#include <string.h>
#include <unistd.h>

#include "checkpoint.h"
#include "verify.h"

#define WATCH "keep the tag and what it points to; ask those who have a clone"

/* The lines for programs without the one that names the checkpoint before. */
static const char *own_lines(struct itsm_arena *arena, const char *manifest)
{
	const char *end = strstr(manifest, "Itsm-Previous: ");

	return itsm_arena_strndup(arena, manifest, end ? (size_t)(end - manifest) : strlen(manifest));
}

static int judge_manifest(struct verifying *verifying, const struct checkpoint *one)
{
	struct itsm_buffer expected = {0};
	int status = checkpoint_manifest(verifying->desk, verifying->arena, &one->commit, &expected, verifying->err);

	if (status == 0 && strcmp(own_lines(verifying->arena, one->manifest), expected.data) != 0)
		verify_add(verifying, "verify/checkpoint", ITSM_SEVERITY_ERROR, NULL, WATCH,
			"the checkpoint %s does not say of its commit what is true of it", one->name);
	itsm_buffer_free(&expected);
	return status;
}

/* Does it name the one before, as that is? */
static void judge_chain(struct verifying *verifying, const struct checkpoint *one, const struct checkpoint *before)
{
	const char *expected =
		before ? itsm_arena_printf(verifying->arena, "%s %s", before->name, before->digest) : NULL;

	if (!one->previous && !expected)
		return;
	if (!expected)
		verify_add(verifying, "verify/chain", ITSM_SEVERITY_ERROR, NULL, "fetch all tags: `git fetch --tags`",
			"the checkpoint %s follows %s, which is not here", one->name, one->previous);
	else if (!one->previous || strcmp(one->previous, expected) != 0)
		verify_add(verifying, "verify/chain", ITSM_SEVERITY_ERROR, NULL, WATCH,
			"the checkpoint %s does not follow %s as that is now: one of them was replaced, or one between "
			"them is gone",
			one->name, before->name);
}

/* `pinned`: the commit of the last one whose signature holds, zero for none. */
static int judge_one(struct verifying *verifying, const struct checkpoint *one, const struct checkpoint *before,
	struct itsm_oid *pinned)
{
	const char *person, *why;
	bool contained, there;
	int status;

	if (itsm_oid_is_zero(&one->commit) || !*one->manifest) {
		verify_add(verifying, "verify/checkpoint", ITSM_SEVERITY_ERROR, NULL, WATCH,
			"the tag %s is no checkpoint: no annotated tag of a commit that "
			"`itsm checkpoint` made",
			one->name);
		return 0;
	}
	judge_chain(verifying, one, before);
	if ((status = checkpoint_is_ancestor(verifying->desk, &one->commit, &one->commit, &there, verifying->err)) !=
			0 ||
		(status = checkpoint_is_ancestor(
			 verifying->desk, &one->commit, &verifying->head, &contained, verifying->err)) != 0)
		return status;
	if (!contained)
		verify_add(verifying, "verify/rewritten", ITSM_SEVERITY_ERROR, NULL,
			"find out who rewrote it; the tag still has what was there, `git log` shows it",
			"history was rewritten: it does not contain the commit of %s any more", one->name);
	if (!there)
		return 0;
	if ((status = judge_manifest(verifying, one)) != 0 ||
		(status = checkpoint_signer(verifying->desk, verifying->arena, one,
			 itsm_oid_is_zero(pinned) ? &one->commit : pinned, &person, &why, verifying->err)) != 0)
		return status;
	if (!person) {
		verify_add(verifying, "verify/checkpoint", one->signature ? ITSM_SEVERITY_ERROR : ITSM_SEVERITY_WARNING,
			NULL,
			"it pins nothing; make another with `itsm checkpoint`, signed by somebody whose key was in "
			"people/ at the one before",
			"the signature of the checkpoint %s does not hold: %s", one->name, why);
		return 0;
	}
	verifying->out->signed_checkpoints++;
	*pinned = one->commit;
	return 0;
}

static int judge_refs(struct verifying *verifying)
{
	struct itsm_desk *desk = verifying->desk;
	const char *argv[] = {"git", "for-each-ref", "--format=%(refname)", "refs/replace/", NULL};
	const char *grafts = itsm_arena_printf(verifying->arena, "%s/info/grafts", desk->place.common_dir);
	struct itsm_buffer list = {0};
	const char *line;
	int status = itsm_program_run(argv, desk->place.work_tree ? desk->place.work_tree : desk->place.git_dir, NULL,
		&list, NULL, verifying->err);

	for (line = list.data ? list.data : ""; status == 0 && *line;
		line += strcspn(line, "\n"), line += *line == '\n') {
		const char *name = itsm_arena_strndup(verifying->arena, line, strcspn(line, "\n"));

		verify_add(verifying, "verify/replaced", ITSM_SEVERITY_ERROR, NULL, "`git replace -d` takes it away",
			"%s makes git show something else than was committed", name);
	}
	itsm_buffer_free(&list);
	if (status == 0 && access(grafts, F_OK) == 0)
		verify_add(verifying, "verify/replaced", ITSM_SEVERITY_ERROR, NULL, "take the file away",
			"info/grafts makes git show other parents than were committed");
	return status;
}

static int count_since(void *context, const struct itsm_oid *commit, bool is_signed)
{
	struct verifying *verifying = context;

	(void)is_signed;
	verifying->out->since_checkpoint += verify_set_find(&verifying->set, commit) != NULL;
	return 0;
}

int verify_checkpoints(struct verifying *verifying)
{
	struct checkpoint *list;
	struct itsm_oid pinned = {{0}};
	size_t count, i;
	bool contained = false;
	int status = checkpoint_list(verifying->desk, verifying->arena, &list, &count, verifying->err);

	for (i = 0; i < count && status == 0; i++)
		status = judge_one(verifying, &list[i], i ? &list[i - 1] : NULL, &pinned);
	verifying->out->checkpoints = count;
	if (status == 0)
		status = judge_refs(verifying);
	if (status == 0 && !itsm_oid_is_zero(&pinned))
		status = checkpoint_is_ancestor(verifying->desk, &pinned, &verifying->head, &contained, verifying->err);
	if (status != 0)
		return status;
	if (!contained) {
		verifying->out->since_checkpoint = verifying->out->commits;
		return 0;
	}
	return itsm_repo_signed(
		&verifying->desk->place, &pinned, &verifying->head, count_since, verifying, verifying->err);
}
