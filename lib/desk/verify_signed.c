/*
 * Signatures of commits, by a few runs of `git log` for all that have the same base.
 *
 * git runs ssh-keygen or gpg for each. An SSH signature counts when its key is
 * in the allowed signers, made of the people at the base; an OpenPGP one when
 * git finds it good with the user's keyring and its key has the mail address of somebody
 * in people/. Either way the person has to be who the commit says committed it.
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "parallel.h"
#include "signature.h"
#include "verify.h"

#define BATCH 5000

/* <commit> NUL <one letter> NUL <signer> NUL <key or its fingerprint>, NUL again and LF */
struct answer {
	const char *commit, *grade, *signer, *key;
};

static bool take_answer(char **cursor, const char *end, struct answer *answer)
{
	const char **parts[] = {&answer->commit, &answer->grade, &answer->signer, &answer->key};

	for (size_t i = 0; i < 4; i++) {
		char *stop = memchr(*cursor, '\0', (size_t)(end - *cursor));

		if (!stop)
			return false;
		*parts[i] = *cursor;
		*cursor = stop + 1;
	}
	if (*cursor < end && **cursor == '\n')
		(*cursor)++;
	return true;
}

static const char *why_bad(char grade)
{
	switch (grade) {
	case 'B': return "its signature is of something else, or damaged";
	case 'X':
	case 'Y': return "its signature or key has expired";
	case 'R': return "its key was revoked";
	case 'N': return "its signature is none that git can verify";
	default: return "it is signed by a key that nobody has in people/ at its base";
	}
}

static int find_signer(struct verifying *verifying, struct roster *roster, const struct answer *answer,
	const struct roster_person **out)
{
	const char *open = strrchr(answer->signer, '<');

	*out = NULL;
	if (strncmp(answer->key, "SHA256:", 7) == 0)
		return *answer->grade == 'G' && *answer->signer
			? roster_person(roster, answer->signer, out, verifying->err)
			: 0;
	if (!open || !strchr("GU", *answer->grade))
		return 0;
	return roster_by_mail(
		roster, itsm_arena_strndup(verifying->arena, open + 1, strcspn(open + 1, ">")), out, verifying->err);
}

static int judge_answer(struct verifying *verifying, const struct verify_signed *one, const struct answer *answer)
{
	const struct roster_person *signer;
	int status = find_signer(verifying, one->epoch->approvals->roster, answer, &signer);

	if (status != 0)
		return status;
	if (!signer || !signer->active)
		verify_add(verifying, "verify/signature", ITSM_SEVERITY_ERROR, NULL,
			"find out who made it; a key counts once it is in people/", "the commit %.10s by %s: %s",
			answer->commit, one->mail, why_bad(*answer->grade));
	else if (!roster_has(signer->mails, one->mail))
		verify_add(verifying, "verify/signature", ITSM_SEVERITY_ERROR, NULL, "find out who made it",
			"the commit %.10s is signed by %s, and says that it was committed by %s, which is no address "
			"of theirs",
			answer->commit, signer->id, one->mail);
	else
		verifying->out->good_signatures++;
	return 0;
}

static int read_answers(
	struct verifying *verifying, const struct verify_signed *batch, size_t count, struct itsm_buffer *text)
{
	char *cursor = text->data, *end = text->data ? text->data + text->length : NULL;
	struct answer answer;
	size_t i = 0;
	int status = 0;

	while (status == 0 && cursor < end && i < count && take_answer(&cursor, end, &answer)) {
		char name[41];

		itsm_oid_text(&batch[i].commit, name);
		if (strcmp(name, answer.commit) != 0)
			break;
		status = judge_answer(verifying, &batch[i++], &answer);
	}
	if (status == 0 && i < count)
		return itsm_error_set(
			verifying->err, ITSM_EGIT, "`git log` did not tell of every signature it was asked for");
	return status;
}

/* What one git is asked, and what it says. */
struct part {
	const struct verify_signed *batch;
	size_t count;
	const char *folder, *signers; /* signers: as configuration */
	struct itsm_buffer said;
	int status;
	struct itsm_error err;
};

static void ask_git(void *item)
{
	struct part *part = item;
	const char *argv[] = {"git", "--no-replace-objects", "-c", part->signers, "-c", "gpg.ssh.revocationFile=", "log",
		"--no-walk=unsorted", "--stdin", "--no-show-signature", "--no-mailmap", "--encoding=UTF-8",
		"--format=%H%x00%G?%x00%GS%x00%GF%x00", NULL};
	struct itsm_buffer names = {0};
	char name[41];

	for (size_t i = 0; i < part->count; i++) {
		itsm_oid_text(&part->batch[i].commit, name);
		itsm_buffer_printf(&names, "%s\n", name);
	}
	part->status = itsm_program_run(argv, part->folder, &names, &part->said, NULL, &part->err);
	itsm_buffer_free(&names);
}

/* git verifies one after the other, so several are asked at once. */
static int verify_batch(
	struct verifying *verifying, const struct verify_signed *batch, size_t count, const char *signers)
{
	const struct itsm_place *place = &verifying->desk->place;
	const char *setting = itsm_arena_printf(verifying->arena, "gpg.ssh.allowedSignersFile=%s", signers);
	struct part parts[PARALLEL_MAX] = {{.count = 0}};
	size_t width = parallel_width(), used = 0, given = 0;
	int status = 0;

	while (given < count) {
		size_t share = (count - given + width - used - 1) / (width - used);

		parts[used++] = (struct part){.batch = batch + given, .count = share, .signers = setting,
			.folder = place->work_tree ? place->work_tree : place->git_dir};
		given += share;
	}
	parallel_run(parts, sizeof(*parts), used, ask_git);
	for (size_t i = 0; i < used; i++) {
		if (status == 0 && parts[i].status != 0 && verifying->err)
			*verifying->err = parts[i].err;
		if (status == 0)
			status = parts[i].status;
		if (status == 0)
			status = read_answers(verifying, parts[i].batch, parts[i].count, &parts[i].said);
		itsm_buffer_free(&parts[i].said);
	}
	return status;
}

static int by_epoch(const void *a, const void *b)
{
	const struct verify_signed *left = a, *right = b;

	if (left->epoch != right->epoch)
		return left->epoch < right->epoch ? -1 : 1;
	return memcmp(left->commit.bytes, right->commit.bytes, sizeof(left->commit.bytes));
}

static int verify_group(struct verifying *verifying, const struct verify_signed *group, size_t count)
{
	struct verify_epoch *epoch = group->epoch;
	char path[32];
	int file, status = verify_epoch_signers(verifying, epoch);

	if (status != 0)
		return status;
	file = signature_memory(epoch->signers.data ? epoch->signers.data : "", epoch->signers.length, path);
	if (file < 0)
		return itsm_error_set(verifying->err, ITSM_EIO, "the keys cannot be handed to git");
	for (size_t i = 0; status == 0 && i < count; i += BATCH) {
		itsm_desk_progress(verifying->desk, "verifying signatures",
			(size_t)(group - verifying->signed_commits) + i, verifying->signed_count);
		status = verify_batch(verifying, group + i, count - i < BATCH ? count - i : BATCH, path);
	}
	close(file);
	return status;
}

int verify_signatures(struct verifying *verifying)
{
	struct verify_signed *all = verifying->signed_commits;
	size_t i, count = verifying->signed_count, first = 0;
	int status = 0;

	if (count)
		qsort(all, count, sizeof(*all), by_epoch);
	for (i = 1; i <= count && status == 0; i++) {
		if (i < count && all[i].epoch == all[first].epoch)
			continue;
		status = verify_group(verifying, &all[first], i - first);
		first = i;
	}
	return status;
}
