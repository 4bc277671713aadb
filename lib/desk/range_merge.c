/*
 * What a proposal would make of a base that went on meanwhile: `git merge-tree`
 * merges the two beside the work tree, with the merge driver for records where
 * git is configured to use it (a clone of a pipeline is not: then by lines, as
 * the forge does). It writes objects that nothing refers to, nothing else.
 */
#include <fcntl.h>
#include <string.h>

#include "itsm/file.h"
#include "range.h"

#define SHALLOW_LIMIT (16u << 20)

static const char *folder_of(const struct judging *judging)
{
	const struct itsm_place *place = &judging->desk->place;

	return place->work_tree ? place->work_tree : place->git_dir;
}

static void add_conflicts(struct judging *judging, const char *names, size_t length)
{
	const char *prefix = judging->desk->place.prefix;
	const char *last = "";
	size_t i;

	for (i = 0; i < length && names[i]; i += strlen(names + i) + 1) {
		const char *path = names + i;
		struct itsm_finding finding = {.rule = "merge/conflict", .severity = ITSM_SEVERITY_ERROR, .line = 1,
			.message = "the proposal and its base changed the same, and git can't merge them",
			.remedy = "merge the base into the proposal, or rebase it, and settle the conflict"};

		if (strncmp(path, prefix, strlen(prefix)) != 0 || strcmp(path, last) == 0)
			continue;
		last = path;
		finding.path = path + strlen(prefix);
		itsm_findings_add(judging->findings, &finding);
	}
}

/* A commit of the merged tree, so that all that reads commits can read it. */
static int commit_tree(struct judging *judging, const char *tree)
{
	char base[41], head[41];
	const char *const argv[] = {"git", "-c", "user.name=itsm", "-c", "user.email=itsm@localhost", "commit-tree",
		"--no-gpg-sign", "-p", base, "-p", head, "-m", "itsm check: the merge that is judged", tree, NULL};
	struct itsm_buffer out = {0};
	int status;

	itsm_oid_text(&judging->base, base);
	itsm_oid_text(&judging->head, head);
	status = itsm_program_run(argv, folder_of(judging), NULL, &out, NULL, judging->err);
	if (status == 0)
		status = itsm_repo_resolve(judging->repo, itsm_arena_strndup(judging->arena, out.data, strcspn(out.data, "\n")),
			&judging->merged, judging->err);
	itsm_buffer_free(&out);
	return status;
}

int range_merge(struct judging *judging)
{
	char base[41], head[41];
	/* 1 is a merge with conflicts, whose names are wanted too */
	const char *const argv[] = {"sh", "-c", "unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE; export GIT_NO_REPLACE_OBJECTS=1; git \"$@\"; [ $? -le 1 ]", "sh",
		"-c", "merge.renames=false", "-c", "merge.directoryRenames=false", "merge-tree", "--write-tree", "--name-only",
		"--no-messages", "-z", base, head, NULL};
	struct itsm_buffer out = {0};
	int status;

	/* what BASE has already proposes nothing */
	judging->merged = itsm_oid_equal(&judging->fork, &judging->head) ? judging->base : judging->head;
	if (itsm_oid_is_zero(&judging->base) || itsm_oid_equal(&judging->fork, &judging->base) ||
	    itsm_oid_equal(&judging->fork, &judging->head))
		return 0;
	itsm_oid_text(&judging->base, base);
	itsm_oid_text(&judging->head, head);
	status = itsm_program_run(argv, folder_of(judging), NULL, &out, NULL, judging->err);
	if (status != 0)
		itsm_error_prefix(judging->err, "the base went on, and git can't merge the proposal with it;"
			" merge it into the proposal first (git 2.38 or later does it here)");
	else if (out.length > 41)
		add_conflicts(judging, out.data + 41, out.length - 41);
	else
		status = commit_tree(judging, itsm_arena_strndup(judging->arena, out.data, 40));
	itsm_buffer_free(&out);
	return status;
}

/* The commits at which a shallow clone is cut off, a line each. False when it is whole. */
static bool shallow_commits(struct judging *judging, struct itsm_buffer *text)
{
	char *path = itsm_arena_printf(judging->arena, "%s/shallow", judging->desk->place.common_dir);

	return itsm_file_read(AT_FDCWD, path, SHALLOW_LIMIT, text, NULL) == 0 && text->length;
}

static int too_shallow(struct judging *judging)
{
	return itsm_error_set(judging->err, ITSM_EGIT,
		"this clone is shallow and lacks commits between the base and the proposal, so nothing can be said of them; "
		"fetch them with `git fetch --unshallow` (GitHub Actions: fetch-depth: 0; GitLab: GIT_DEPTH: 0)");
}

int range_refuse_shallow(struct judging *judging)
{
	struct itsm_buffer shallow = {0}, commits = {0};
	char range[84];
	const char *const argv[] = {"git", "rev-list", range, "--", NULL};
	char *line;
	int status;

	if (!shallow_commits(judging, &shallow)) {
		itsm_buffer_free(&shallow);
		return 0;
	}
	itsm_oid_text(&judging->base, range);
	memcpy(range + 40, "...", 3);
	itsm_oid_text(&judging->head, range + 43);
	status = itsm_program_run(argv, folder_of(judging), NULL, &commits, NULL, judging->err);
	for (line = shallow.data; status == 0 && line && *line; line += strcspn(line, "\n"), line += *line == '\n') {
		char name[41] = "";

		if (strcspn(line, "\n") != 40)
			continue;
		memcpy(name, line, 40);
		name[40] = '\0';
		if (commits.data && strstr(commits.data, name))
			status = too_shallow(judging);
	}
	itsm_buffer_free(&shallow);
	itsm_buffer_free(&commits);
	return status;
}
