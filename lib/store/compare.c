/*
 * Comparing two trees: both are stepped through in git's order (a folder sorts as
 * if its name ended in '/', so a file and a folder of one name are two entries),
 * and what has the same name in git is never opened (git_diff_tree_to_tree would).
 */
#include "internal.h"

static bool is_folder(const git_tree_entry *entry)
{
	return git2.tree_entry_type(entry) == GIT_OBJECT_TREE;
}

struct comparison {
	struct itsm_repo *repo;
	struct itsm_buffer path;
	int depth;
	itsm_compare_callback on_change;
	void *context;
	struct itsm_error *err;
};

/* Add an entry's name to the path; returns the length to go back to. */
static size_t enter(struct comparison *comparison, const git_tree_entry *entry)
{
	size_t length = comparison->path.length;

	itsm_buffer_puts(&comparison->path, git2.tree_entry_name(entry));
	return length;
}

static void leave(struct comparison *comparison, size_t length)
{
	comparison->path.length = length;
	comparison->path.data[length] = '\0';
}

static int too_deep(struct comparison *comparison)
{
	return itsm_error_set(comparison->err, ITSM_ELIMIT,
		"there are more than %d folders below one another in a commit",
		STORE_DEPTH_MAX);
}

static int compare_trees(struct comparison *comparison, const git_tree *old_tree, const git_tree *new_tree);

/* Two folders of one name, or one that came or went; either entry may be NULL. */
static int compare_folders(struct comparison *comparison, const git_tree_entry *old_entry,
	const git_tree_entry *new_entry)
{
	git_tree *old_tree = NULL, *new_tree = NULL;
	int status = ITSM_OK;

	if (comparison->depth >= STORE_DEPTH_MAX)
		return too_deep(comparison);
	if (old_entry)
		status = store_tree_get(comparison->repo, git2.tree_entry_id(old_entry), &old_tree, comparison->err);
	if (!status && new_entry)
		status = store_tree_get(comparison->repo, git2.tree_entry_id(new_entry), &new_tree, comparison->err);
	itsm_buffer_putc(&comparison->path, '/');
	comparison->depth++;
	if (!status)
		status = compare_trees(comparison, old_tree, new_tree);
	comparison->depth--;
	git2.tree_free(old_tree);
	git2.tree_free(new_tree);
	return status;
}

/* Entries of one name and sort; NULL for the side that has none. */
static int compare_entries(struct comparison *comparison, const git_tree_entry *old_entry,
	const git_tree_entry *new_entry)
{
	struct itsm_entry before, after;
	size_t length;
	int status;

	if (old_entry && new_entry && git2.oid_equal(git2.tree_entry_id(old_entry), git2.tree_entry_id(new_entry)) &&
	    git2.tree_entry_filemode(old_entry) == git2.tree_entry_filemode(new_entry))
		return ITSM_OK;
	length = enter(comparison, old_entry ? old_entry : new_entry);
	if (is_folder(old_entry ? old_entry : new_entry)) {
		status = compare_folders(comparison, old_entry, new_entry);
	} else {
		if (old_entry)
			before = store_entry(old_entry, comparison->path.data);
		if (new_entry)
			after = store_entry(new_entry, comparison->path.data);
		status = comparison->on_change(comparison->context, old_entry ? &before : NULL,
			new_entry ? &after : NULL);
	}
	leave(comparison, length);
	return status;
}

static int compare_trees(struct comparison *comparison, const git_tree *old_tree, const git_tree *new_tree)
{
	size_t old_count = old_tree ? git2.tree_entrycount(old_tree) : 0;
	size_t new_count = new_tree ? git2.tree_entrycount(new_tree) : 0;
	size_t i = 0, j = 0;
	const git_tree_entry *a, *b;
	int order, status = ITSM_OK;

	while (!status && (i < old_count || j < new_count)) {
		a = i < old_count ? git2.tree_entry_byindex(old_tree, i) : NULL;
		b = j < new_count ? git2.tree_entry_byindex(new_tree, j) : NULL;
		order = !a ? 1 : !b ? -1 : git2.tree_entry_cmp(a, b);
		status = compare_entries(comparison, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
		i += order <= 0;
		j += order >= 0;
	}
	return status;
}

int store_compare_trees(struct itsm_repo *repo, const git_tree *old_tree, const git_tree *new_tree,
	itsm_compare_callback callback, void *context, struct itsm_error *err)
{
	struct comparison comparison = {.repo = repo, .on_change = callback, .context = context, .err = err};
	int status = ITSM_OK;

	if (!old_tree || !new_tree || !git2.oid_equal(git2.tree_id(old_tree), git2.tree_id(new_tree)))
		status = compare_trees(&comparison, old_tree, new_tree);
	itsm_buffer_free(&comparison.path);
	return status;
}

int itsm_repo_compare(struct itsm_repo *repo, const struct itsm_oid *old_commit,
	const struct itsm_oid *new_commit, itsm_compare_callback callback, void *context, struct itsm_error *err)
{
	git_tree *old_tree = NULL, *new_tree = NULL;
	int status = store_libgit2(repo, err);

	if (status)
		return status;
	status = store_desk_tree(repo, old_commit, NULL, &old_tree, err);
	if (!status)
		status = store_desk_tree(repo, new_commit, NULL, &new_tree, err);
	if (!status)
		status = store_compare_trees(repo, old_tree, new_tree, callback, context, err);
	git2.tree_free(old_tree);
	git2.tree_free(new_tree);
	return status;
}
