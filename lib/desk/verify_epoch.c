/*
 * What a commit is judged by: the mainline as it stood before the commit
 * landed on it. Only commits of the mainline that change people, policy or
 * itsm.yaml begin a new stretch, so that these are read once for each.
 */
#include <string.h>

#include "signers.h"
#include "verify.h"

#define CONFIG_LIMIT (256u << 10)

static struct verify_epoch *add_epoch(
	struct verifying *verifying, size_t *capacity, int64_t position, const struct itsm_oid *commit)
{
	struct verify_epoch *epoch;

	itsm_arena_grow(
		verifying->arena, &verifying->epochs, capacity, verifying->epoch_count, sizeof(*verifying->epochs));
	epoch = &verifying->epochs[verifying->epoch_count++];
	memset(epoch, 0, sizeof(*epoch));
	epoch->position = position;
	epoch->commit = *commit;
	return epoch;
}

/* Where people are: a desk may have moved them. */
static const char *people_folder(const struct itsm_desk *desk, const char *name, const char *usual)
{
	const struct itsm_kind *kind = itsm_kinds_find(desk->kinds, name);

	return kind && kind->folder ? kind->folder : usual;
}

/* The commits of the mainline that changed what others are judged by, and the first of all, newest first. */
static int list_commits(struct verifying *verifying, struct itsm_buffer *out)
{
	struct itsm_desk *desk = verifying->desk;
	const char *prefix = desk->place.prefix;
	char head[41];
	const char *argv[] = {"git", "--no-replace-objects", "log", "--first-parent", "--format=%H", head, "--",
		itsm_arena_printf(verifying->arena, "%s" DESK_FILE, prefix),
		itsm_arena_printf(verifying->arena, "%spolicy", prefix),
		itsm_arena_printf(verifying->arena, "%s%s", prefix, people_folder(desk, "person", "people")),
		itsm_arena_printf(verifying->arena, "%s%s", prefix, people_folder(desk, "team", "teams")), NULL};

	itsm_oid_text(&verifying->head, head);
	return itsm_program_run(argv, desk->place.work_tree ? desk->place.work_tree : desk->place.git_dir, NULL, out,
		NULL, verifying->err);
}

int verify_epochs(struct verifying *verifying)
{
	struct itsm_buffer list = {0};
	struct itsm_oid oid;
	size_t capacity = 0;
	const char *end;
	int64_t position;
	int status;

	if (verifying->request->base) {
		status = itsm_repo_resolve(verifying->repo, verifying->request->base, &oid, verifying->err);
		if (status == 0)
			add_epoch(verifying, &capacity, 0, &oid);
		return status;
	}
	status = list_commits(verifying, &list);
	for (end = list.data ? list.data + list.length : NULL; status == 0 && end && end - list.data >= 41; end -= 41) {
		char name[41] = "";

		memcpy(name, end - 41, 40);
		if (!itsm_oid_parse(name, &oid))
			status =
				itsm_error_set(verifying->err, ITSM_EGIT, "`git log` gave something that is no commit");
		else if ((status = itsm_index_landing(verifying->index, &oid, &position, verifying->err)) == 0 &&
			position > 0)
			add_epoch(verifying, &capacity, position, &oid);
	}
	itsm_buffer_free(&list);
	if (status == 0 && !verifying->epoch_count)
		add_epoch(verifying, &capacity, 0, &verifying->head);
	return status;
}

void verify_epochs_free(struct verifying *verifying)
{
	for (size_t i = 0; i < verifying->epoch_count; i++) {
		itsm_approvals_free(verifying->epochs[i].approvals);
		itsm_kinds_free(verifying->epochs[i].kinds);
		itsm_buffer_free(&verifying->epochs[i].signers);
	}
}

/* What the desk said then of signatures: `signed_commits: required`. */
static int read_settings(struct verifying *verifying, struct verify_epoch *epoch)
{
	struct itsm_error absent = {0};
	struct itsm_buffer text = {0};
	struct itsm_yaml *config;
	struct itsm_entry entry;
	const char *value;
	int status = itsm_repo_find(verifying->repo, &epoch->commit, DESK_FILE, &entry, &absent);

	if (status == 0)
		status = itsm_repo_blob(verifying->repo, &entry.blob, CONFIG_LIMIT, &text, &absent);
	if (status == 0 &&
		itsm_yaml_parse(verifying->arena, text.data ? text.data : "", text.length, 1, &config, NULL) == 0) {
		value = itsm_yaml_text(config, "signed_commits");
		epoch->signatures = value && strcmp(value, "required") == 0;
	}
	itsm_buffer_free(&text);
	if (status != 0 && status != ITSM_ENOTFOUND && verifying->err)
		*verifying->err = absent;
	return status == ITSM_ENOTFOUND ? 0 : status;
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The index sees history by the kinds of today: what these do not see any more would be missed. */
static void judge_places(struct verifying *verifying, const struct verify_epoch *epoch)
{
	char name[41];

	itsm_oid_text(&epoch->commit, name);
	for (size_t i = 0; i < itsm_kinds_count(epoch->kinds); i++) {
		const struct itsm_kind *then = itsm_kinds_at(epoch->kinds, i),
				       *now = itsm_kinds_find(verifying->desk->kinds, then->name);

		if (now && same_text(then->folder, now->folder) && same_text(then->part, now->part) &&
			same_text(then->prefix, now->prefix) && then->markdown == now->markdown &&
			then->by_month == now->by_month)
			continue;
		verify_add(verifying, "policy/kind", ITSM_SEVERITY_ERROR, then->origin,
			"leave folder, part, prefix, file and filed of a kind as they are",
			"at %.10s the records of kind %s lay elsewhere than now, and their history is not seen", name,
			then->name);
	}
}

static int prepare(struct verifying *verifying, struct verify_epoch *epoch)
{
	struct itsm_error failure = {0};
	char name[41];
	int status = itsm_desk_kinds_at(verifying->desk, &epoch->commit, &epoch->kinds, &failure);

	if (status == ITSM_EDATA || status == ITSM_ELIMIT) {
		/* nobody could have judged by these: the built-in ones are what is left */
		itsm_oid_text(&epoch->commit, name);
		verify_add(verifying, "policy/kind", ITSM_SEVERITY_ERROR, NULL, "mend policy/kinds/",
			"at %.10s the kinds can't be read: %s", name, failure.message);
		if ((status = itsm_kinds_new(&epoch->kinds, &failure)) == 0)
			status = itsm_kinds_finish(epoch->kinds, &failure);
	}
	if (status != 0) {
		if (verifying->err)
			*verifying->err = failure;
		return status;
	}
	if (strcmp(itsm_kinds_digest(epoch->kinds), itsm_kinds_digest(verifying->desk->kinds)) != 0)
		judge_places(verifying, epoch);
	epoch->ready = true;
	status = read_settings(verifying, epoch);
	if (status == 0)
		status = itsm_approvals_open(verifying->desk, epoch->kinds, &epoch->commit, &verifying->head,
			&epoch->approvals, verifying->err);
	return status;
}

int verify_epoch_for(struct verifying *verifying, int64_t landed, struct verify_epoch **out)
{
	size_t low = 0, high = verifying->epoch_count;

	/* the last one that begins before the commit landed; the first commit has none, and is taken as it is */
	while (low + 1 < high) {
		size_t middle = (low + high) / 2;

		if (verifying->epochs[middle].position < landed)
			low = middle;
		else
			high = middle;
	}
	*out = &verifying->epochs[low];
	return (*out)->ready ? 0 : prepare(verifying, *out);
}

int verify_epoch_signers(struct verifying *verifying, struct verify_epoch *epoch)
{
	if (epoch->signers_known)
		return 0;
	epoch->signers_known = true;
	return signers_list(epoch->approvals->roster, "git", &epoch->signers, verifying->err);
}
