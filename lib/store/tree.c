/* Trees: finding one entry, walking all. */
#include <string.h>

#include "internal.h"

int store_tree_get(struct itsm_repo *repo, const git_oid *oid, git_tree **out, struct itsm_error *err)
{
	int number = git2.tree_lookup(out, repo->git, oid);

	if (number == GIT_ENOTFOUND && store_fetch_missing(repo, oid))
		number = git2.tree_lookup(out, repo->git, oid);
	return number < 0 ? store_git_error(err, ITSM_EGIT, "cannot read a folder of a commit") : ITSM_OK;
}

int store_commit_tree(struct itsm_repo *repo, const struct itsm_oid *commit, git_tree **out, struct itsm_error *err)
{
	git_commit *object = NULL;
	git_oid oid, tree;
	int status, number;

	*out = NULL;
	if (!commit || itsm_oid_is_zero(commit))
		return ITSM_OK;
	if ((status = store_libgit2(repo, err)) != ITSM_OK)
		return status;
	oid = store_git_oid(commit);
	number = git2.commit_lookup(&object, repo->git, &oid);
	if (number == GIT_ENOTFOUND && store_fetch_missing(repo, &oid))
		number = git2.commit_lookup(&object, repo->git, &oid);
	if (number < 0)
		return store_git_error(err, number == GIT_ENOTFOUND ? ITSM_ENOTFOUND : ITSM_EGIT,
			"cannot read a commit");
	git2.oid_cpy(&tree, git2.commit_tree_id(object));
	git2.commit_free(object);
	return store_tree_get(repo, &tree, out, err);
}

static bool is_folder(const git_tree_entry *entry)
{
	return git2.tree_entry_type(entry) == GIT_OBJECT_TREE;
}

struct itsm_entry store_entry(const git_tree_entry *entry, const char *path)
{
	return (struct itsm_entry){path, store_oid(git2.tree_entry_id(entry)),
		(unsigned)git2.tree_entry_filemode(entry)};
}

/* Go down from `top`, component by component; the last one's entry is returned, NULL when it is not there. */
static int step_down(struct itsm_repo *repo, git_tree **top, const char *path, const git_tree_entry **out,
	struct itsm_error *err)
{
	const git_tree_entry *entry = NULL;
	git_tree *below;
	char name[256];
	size_t length;
	int status;

	while (*path) {
		length = strcspn(path, "/");
		*out = NULL;
		if (length == 0 || length >= sizeof(name))
			return ITSM_OK;
		memcpy(name, path, length);
		name[length] = '\0';
		path += length + (path[length] == '/');
		entry = git2.tree_entry_byname(*top, name);
		if (!entry || (*path && !is_folder(entry)))
			return ITSM_OK;
		if (!*path)
			break;
		status = store_tree_get(repo, git2.tree_entry_id(entry), &below, err);
		if (status)
			return status;
		git2.tree_free(*top);
		*top = below;
	}
	*out = entry;
	return ITSM_OK;
}

int store_tree_below(struct itsm_repo *repo, git_tree *top, const char *folder, git_tree **out, struct itsm_error *err)
{
	const git_tree_entry *entry = NULL;
	int status;

	*out = top;
	if (!top || !*folder)
		return ITSM_OK;
	*out = NULL;
	status = step_down(repo, &top, folder, &entry, err);
	if (!status && entry && is_folder(entry))
		status = store_tree_get(repo, git2.tree_entry_id(entry), out, err);
	git2.tree_free(top);
	return status;
}

int store_desk_tree(struct itsm_repo *repo, const struct itsm_oid *commit, const char *folder, git_tree **out,
	struct itsm_error *err)
{
	git_tree *top;
	int status = store_commit_tree(repo, commit, &top, err);

	if (!status)
		status = store_tree_below(repo, top, repo->place.prefix, &top, err);
	if (!status)
		status = store_tree_below(repo, top, folder ? folder : "", &top, err);
	if (!status)
		*out = top;
	return status;
}

/* The tree of the folder that `path` lies in, in `last`: the same as before, or looked up from the top. */
static int enter_folder(struct itsm_repo *repo, const git_tree *top, struct store_folder *last, const char *path,
	size_t length, struct itsm_error *err)
{
	git_tree *tree = NULL;
	int status;

	if (last->path.data && last->path.length == length && memcmp(last->path.data, path, length) == 0)
		return ITSM_OK;
	if (git2.tree_dup(&tree, (git_tree *)top) < 0)
		return store_git_error(err, ITSM_EGIT, "cannot read a folder of a commit");
	itsm_buffer_clear(&last->path);
	itsm_buffer_add(&last->path, path, length);
	status = store_tree_below(repo, tree, last->path.data, &tree, err);
	git2.tree_free(last->tree);
	last->tree = status ? NULL : tree;
	if (status)
		itsm_buffer_free(&last->path);
	return status;
}

int store_tree_file(struct itsm_repo *repo, const git_tree *top, struct store_folder *last, const char *path,
	unsigned *mode, struct itsm_oid *blob, struct itsm_error *err)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
	const git_tree_entry *entry = NULL;
	int status;

	*mode = 0;
	if (!top)
		return ITSM_OK;
	status = enter_folder(repo, top, last, path, (size_t)(name - path), err);
	if (!status && last->tree)
		entry = git2.tree_entry_byname(last->tree, name);
	if (entry && !is_folder(entry)) {
		*mode = (unsigned)git2.tree_entry_filemode(entry);
		*blob = store_oid(git2.tree_entry_id(entry));
	}
	return status;
}

void store_folder_leave(struct store_folder *last)
{
	git2.tree_free(last->tree);
	itsm_buffer_free(&last->path);
	*last = (struct store_folder){0};
}

static int find(struct itsm_repo *repo, const struct itsm_oid *commit, const char *path, bool *has,
	struct itsm_entry *out, struct itsm_error *err)
{
	const git_tree_entry *entry = NULL;
	git_tree *top;
	int status = store_desk_tree(repo, commit, NULL, &top, err);

	if (status)
		return status;
	if (top)
		status = step_down(repo, &top, path, &entry, err);
	*has = entry && !is_folder(entry);
	if (!status && *has)
		*out = store_entry(entry, NULL);
	if (top)
		git2.tree_free(top);
	return status;
}

int itsm_repo_find(struct itsm_repo *repo, const struct itsm_oid *commit, const char *path,
	struct itsm_entry *out, struct itsm_error *err)
{
	struct itsm_entry found;
	bool has = false;
	int status = ITSM_OK;

	if (itsm_oid_is_zero(commit) || !store_goes_alone(repo) || !store_place_find(&repo->place, commit, path, &has, &found))
		status = find(repo, commit, path, &has, &found, err);
	if (!status && !has)
		status = itsm_error_set(err, ITSM_ENOTFOUND, "there is no file '%s' in that commit", path);
	if (!status)
		*out = found;
	return status;
}

struct walk {
	struct itsm_repo *repo;
	struct itsm_buffer path;
	int depth;
	itsm_entry_callback on_entry;
	void *context;
	struct itsm_error *err;
};

/* Add an entry's name to the path; returns the length to go back to. */
static size_t enter(struct walk *walk, const git_tree_entry *entry)
{
	size_t length = walk->path.length;

	itsm_buffer_puts(&walk->path, git2.tree_entry_name(entry));
	return length;
}

static void leave(struct walk *walk, size_t length)
{
	walk->path.length = length;
	walk->path.data[length] = '\0';
}

static int too_deep(struct walk *walk)
{
	return itsm_error_set(walk->err, ITSM_ELIMIT, "there are more than %d folders below one another in a commit",
		STORE_DEPTH_MAX);
}

static int walk_tree(struct walk *walk, const git_tree *tree);

static int walk_folder(struct walk *walk, const git_tree_entry *entry)
{
	git_tree *below;
	int status;

	if (walk->depth >= STORE_DEPTH_MAX)
		return too_deep(walk);
	status = store_tree_get(walk->repo, git2.tree_entry_id(entry), &below, walk->err);
	if (status)
		return status;
	itsm_buffer_putc(&walk->path, '/');
	walk->depth++;
	status = walk_tree(walk, below);
	walk->depth--;
	git2.tree_free(below);
	return status;
}

static int walk_tree(struct walk *walk, const git_tree *tree)
{
	size_t i, length, count = git2.tree_entrycount(tree);
	const git_tree_entry *entry;
	struct itsm_entry found;
	int status = ITSM_OK;

	for (i = 0; i < count && !status; i++) {
		entry = git2.tree_entry_byindex(tree, i);
		length = enter(walk, entry);
		if (is_folder(entry)) {
			status = walk_folder(walk, entry);
		} else {
			found = store_entry(entry, walk->path.data);
			status = walk->on_entry(walk->context, &found);
		}
		leave(walk, length);
	}
	return status;
}

int itsm_repo_walk(struct itsm_repo *repo, const struct itsm_oid *commit, const char *folder,
	itsm_entry_callback callback, void *context, struct itsm_error *err)
{
	struct walk walk = {.repo = repo, .on_entry = callback, .context = context, .err = err};
	git_tree *top;
	int status;

	if (folder && !itsm_oid_is_zero(commit) && store_goes_alone(repo) &&
	    store_place_walk(&repo->place, commit, folder, callback, context, &status))
		return status;
	status = store_desk_tree(repo, commit, folder, &top, err);
	if (status || !top)
		return status;
	if (folder && *folder) {
		itsm_buffer_puts(&walk.path, folder);
		if (folder[strlen(folder) - 1] != '/')
			itsm_buffer_putc(&walk.path, '/');
	}
	status = walk_tree(&walk, top);
	itsm_buffer_free(&walk.path);
	git2.tree_free(top);
	return status;
}
