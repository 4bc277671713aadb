/* What a proposal does to the desk itself: itsm.yaml, kinds, links in the place of files. */
#include <string.h>

#include "range.h"

/* Do records, or the desk's policy, lie at the path or below it? */
static bool holds_records(const struct judging *judging, const char *path)
{
	size_t length = strlen(path), i;

	if (strcmp(path, DESK_FILE) == 0 || strncmp(DESK_KINDS_FOLDER "/", path, length) == 0 ||
	    strncmp(path, "policy/", strlen("policy/")) == 0 || itsm_kinds_claims(judging->kinds, path))
		return true;
	for (i = 0; i < itsm_kinds_count(judging->kinds); i++) {
		const char *folder = itsm_kinds_at(judging->kinds, i)->folder;
		size_t whole = folder ? strlen(folder) : 0;

		if (folder && ((strncmp(folder, path, length) == 0 && (folder[length] == '/' || !folder[length])) ||
		    (strncmp(folder, path, whole) == 0 && path[whole] == '/')))
			return true;
	}
	return false;
}

void range_judge_link(struct judging *judging, const char *path)
{
	struct itsm_finding finding = {.rule = "path/symlink", .severity = ITSM_SEVERITY_ERROR, .path = path, .line = 1,
		.message = "a symbolic link or submodule stands where records or policy are", .remedy = "put the files themselves there"};

	if (holds_records(judging, path))
		itsm_findings_add(judging->findings, &finding);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* A kind that goes, or whose files would lie elsewhere, takes its records out of sight. */
static void judge_places(struct judging *judging, const struct itsm_kinds *proposed)
{
	size_t i;

	for (i = 0; i < itsm_kinds_count(judging->kinds); i++) {
		const struct itsm_kind *before = itsm_kinds_at(judging->kinds, i);
		const struct itsm_kind *after = itsm_kinds_find(proposed, before->name);
		struct itsm_finding finding = {.rule = "policy/kind", .severity = ITSM_SEVERITY_ERROR, .line = 1,
			.path = after ? after->origin : before->origin, .remedy = "leave folder, part, prefix, file and filed as they are"};

		if (after && same_text(before->folder, after->folder) && same_text(before->part, after->part) &&
		    same_text(before->prefix, after->prefix) && before->markdown == after->markdown && before->by_month == after->by_month)
			continue;
		finding.message = itsm_arena_printf(judging->arena, after ? "the records of kind %s would lie elsewhere and not be seen"
			: "the kind %s goes, and its records would not be seen", before->name);
		itsm_findings_add(judging->findings, &finding);
	}
}

/* The desk must stay a desk that can be opened. */
static void judge_desk(struct judging *judging)
{
	struct itsm_finding finding = {.rule = "setup/desk", .severity = ITSM_SEVERITY_ERROR, .path = DESK_FILE, .line = 1,
		.remedy = "bring it back as it was"};
	struct itsm_error err = {0};
	struct itsm_buffer text = {0};
	struct itsm_yaml *config;
	struct itsm_entry entry;
	int status = itsm_repo_find(judging->repo, &judging->merged, DESK_FILE, &entry, &err);

	if (status == 0)
		status = itsm_repo_blob(judging->repo, &entry.blob, ITSM_FILE_MAX_BYTES, &text, &err);
	if (status == 0)
		status = desk_read_config(judging->arena, &text, &config, &err);
	itsm_buffer_free(&text);
	if (status == 0)
		return;
	finding.message = err.message;
	itsm_findings_add(judging->findings, &finding);
}

/* The rules as the proposal would have them, in terms of the kinds it would have. */
static void judge_rules(struct judging *judging, const struct itsm_kinds *kinds)
{
	struct itsm_error err = {0};
	struct desk_policy *policy = NULL;

	if (desk_policy_open(judging->desk, kinds, &judging->merged, &judging->merged, &policy, &err) != 0) {
		desk_policy_unreadable(&err, judging->findings);
		return;
	}
	if (strcmp(itsm_kinds_digest(kinds), itsm_kinds_digest(judging->kinds)) == 0)
		desk_policy_check_expressions(policy, judging->index, judging->findings);
	desk_policy_serve(judging->policy, judging->index); /* not those of the proposal */
	desk_policy_free(policy);
}

/* The kinds as the proposal would have them must be readable, or the desk could not be opened afterwards. */
static void judge_kinds(struct judging *judging)
{
	struct itsm_error err = {0};
	struct itsm_kinds *kinds = NULL;
	struct itsm_finding finding = {.rule = "policy/kind", .severity = ITSM_SEVERITY_ERROR, .path = DESK_KINDS_FOLDER,
		.remedy = "correct the kind; docs/kinds.md tells the form of a kind"};

	if (itsm_desk_kinds_at(judging->desk, &judging->merged, &kinds, &err) == 0) {
		judge_places(judging, kinds);
		judge_rules(judging, kinds);
		itsm_kinds_free(kinds);
		return;
	}
	finding.line = err.line;
	finding.column = err.column;
	finding.message = err.message;
	itsm_findings_add(judging->findings, &finding);
}

void range_judge_policy(struct judging *judging)
{
	judge_desk(judging);
	judge_kinds(judging);
}
