/*
 * The merge of `itsm sync`.
 *
 * What merges cleanly is merged beside the work tree, and the branch moved on to
 * it as by every write: with a journal, so that a killed sync leaves nothing half
 * done. Where a person is needed, or has hooks for merges, git merges in the work tree.
 *
 * Files count as renamed only when they are the same to the last byte: two
 * records that came from one template are alike, and git would take one for the
 * other. `git merge-tree` can't be told so; it is not asked where files were removed.
 */
#include <string.h>
#include <unistd.h>

#include "git_state.h"
#include "sync.h"

/* A name from the top of the repository as it is called from the desk. */
static const char *from_desk(struct syncing *syncing, const char *name)
{
	const char *prefix = syncing->desk->place.prefix, *slash;
	size_t length = strlen(prefix);

	if (strncmp(name, prefix, length) == 0)
		return itsm_arena_strdup(syncing->arena, name + length);
	for (slash = prefix; (slash = strchr(slash, '/')) != NULL; slash++)
		name = itsm_arena_printf(syncing->arena, "../%s", name);
	return itsm_arena_strdup(syncing->arena, name);
}

/* Files that the merge could not settle. */
static void list_conflicts(struct syncing *syncing)
{
	const char *const argv[] = {"git", "diff", "--name-only", "--diff-filter=U", "-z", "--no-relative", NULL};
	struct itsm_sync_result *result = syncing->result;
	struct itsm_buffer out = {0};
	size_t capacity = 0, i;

	if (itsm_program_run(argv, syncing->desk->place.root, NULL, &out, NULL, NULL) == 0) {
		for (i = 0; i < out.length; i += strlen(out.data + i) + 1) {
			itsm_arena_grow(syncing->arena, &result->conflicts, &capacity, result->conflict_count,
				sizeof(*result->conflicts));
			result->conflicts[result->conflict_count++] = from_desk(syncing, out.data + i);
		}
	}
	itsm_buffer_free(&out);
}

const char *sync_driver(struct syncing *syncing)
{
	struct itsm_buffer text = {0};
	const char *at, *setting;

	if (!syncing->options->program)
		return "merge.itsm.name=itsm records by meaning";
	itsm_buffer_puts(&text, "merge.itsm.driver='");
	for (at = syncing->options->program; *at; at++) {
		if (*at == '\'')
			itsm_buffer_puts(&text, "'\\''");
		else if (*at == '%')
			itsm_buffer_puts(&text, "%%");
		else
			itsm_buffer_putc(&text, *at);
	}
	itsm_buffer_puts(&text, "' merge-driver %O %A %B %P");
	setting = itsm_arena_strdup(syncing->arena, text.data);
	itsm_buffer_free(&text);
	return setting;
}

static int merge_failed(struct syncing *syncing, int status, const struct itsm_error *failure)
{
	const char *const abort_merge[] = {"git", "merge", "--abort", NULL};
	struct itsm_sync_result *result = syncing->result;

	list_conflicts(syncing);
	if (result->conflict_count)
		return itsm_error_set(syncing->err, ITSM_EREFUSED,
			"both sides changed the same; settle %zu file%s (between the marker lines), `git add` %s,"
			" `git commit`, then sync again; or `git merge --abort`",
			result->conflict_count, result->conflict_count == 1 ? "" : "s",
			result->conflict_count == 1 ? "it" : "them");
	if (desk_git_unfinished(&syncing->desk->place))
		itsm_program_run(abort_merge, syncing->desk->place.root, NULL, NULL, NULL, NULL);
	else if (sync_is_race(failure))
		return sync_race(syncing, failure);
	return sync_fail(syncing, status, failure);
}

static const char *merge_message(struct syncing *syncing)
{
	const char *text = syncing->options->message;

	return text && *text ? text
		: itsm_arena_printf(syncing->arena, "merge %s of %s", syncing->theirs + 11, syncing->result->remote);
}

/* In the work tree, as a person would do it. */
static int merge_in_work_tree(struct syncing *syncing, struct itsm_write *write)
{
	const char *const argv[] = {"git", "-c", syncing->setting, "-c", "merge.directoryRenames=false", "merge",
		"--quiet", "--no-edit", "--commit", "--no-squash", "--ff", "--no-autostash", "-X", "find-renames=100%",
		"-m", merge_message(syncing), syncing->tracking, NULL};
	struct itsm_error failure = {0};
	int status = itsm_write_run(write, argv, &failure);

	return status ? merge_failed(syncing, status, &failure) : 0;
}

/* The commit that merges both, made without the work tree; NULL where that is not possible. */
static const char *merge_beside(struct syncing *syncing, const char *base)
{
	const char *const signing[] = {"git", "config", "--type=bool", "--get", "commit.gpgsign", NULL};
	const char *const merge_tree[] = {"git", "-c", syncing->setting, "merge-tree", "--write-tree",
		"--no-messages", base, syncing->tracking, NULL};
	const char *sign = sync_ask(syncing, signing), *tree = sync_ask(syncing, merge_tree);
	const char *const commit_tree[] = {"git", "commit-tree",
		sign && strcmp(sign, "true") == 0 ? "-S" : "--no-gpg-sign", "-p", base, "-p", syncing->tracking, "-m",
		merge_message(syncing), tree, NULL};

	return tree && strlen(tree) == 40 ? sync_ask(syncing, commit_tree) : NULL;
}

/* git runs these with a merge, and they may have a say in it. */
static bool has_hooks(struct syncing *syncing)
{
	static const char *const names[] = {"pre-merge-commit", "prepare-commit-msg", "commit-msg", "post-merge", NULL};
	const char *const argv[] = {"git", "rev-parse", "--path-format=absolute", "--git-path", "hooks", NULL};
	const char *folder = sync_ask(syncing, argv);
	bool has = false;
	size_t i;

	for (i = 0; folder && names[i] && !has; i++)
		has = access(itsm_arena_printf(syncing->arena, "%s/%s", folder, names[i]), X_OK) == 0;
	return has;
}

/* Files that one side removed, which `git merge-tree` would take for renamed to others like them. */
static bool has_removals(struct syncing *syncing, const char *base)
{
	const char *const sides[] = {itsm_arena_printf(syncing->arena, "%s...%s", base, syncing->tracking),
		itsm_arena_printf(syncing->arena, "%s...%s", syncing->tracking, base)};
	size_t i;

	for (i = 0; i < 2; i++) {
		const char *const argv[] = {
			"git", "diff", "--no-renames", "--diff-filter=D", "--quiet", sides[i], "--", NULL};

		if (itsm_program_run(argv, syncing->desk->place.work_tree, NULL, NULL, NULL, NULL) != 0)
			return true;
	}
	return false;
}

int sync_merge(struct syncing *syncing, struct itsm_write *write, size_t ours)
{
	char base[41];
	const char *name = NULL;
	struct itsm_oid commit;
	int status;

	itsm_oid_text(itsm_write_base(write), base);
	if (!has_hooks(syncing) && !(ours && has_removals(syncing, base)))
		name = ours ? merge_beside(syncing, base) : syncing->tracking;
	if (!name)
		return merge_in_work_tree(syncing, write);
	status = itsm_repo_resolve(syncing->desk->repo, name, &commit, syncing->err);
	return status ? status : itsm_write_advance(write, &commit, merge_message(syncing), syncing->err);
}
