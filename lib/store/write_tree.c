/*
 * A commit's tree from the one before and the changed paths, which are sorted, so
 * that all below a folder stand together. Only folders on the way to a change are
 * opened; one that is left empty goes, as git has it.
 */
#include <string.h>

#include "write.h"

struct builder {
	struct itsm_repo *repo;
	const struct store_change *items;
	struct itsm_error *err;
};

static int build(const struct builder *builder, git_tree *base, size_t from, size_t to, size_t offset, int depth,
	git_oid *out, bool *empty);

static int failed(const struct builder *builder)
{
	return store_git_error(builder->err, ITSM_EGIT, "cannot write a folder to the repository");
}

static int build_file(const struct builder *builder, git_treebuilder *tree, const struct store_change *change,
	const char *name)
{
	const git_tree_entry *entry = git2.treebuilder_get(tree, name);
	git_oid blob;

	if (entry && git2.tree_entry_type(entry) == GIT_OBJECT_TREE)
		return itsm_error_set(builder->err, ITSM_EREFUSED, "'%s' is a folder; choose another name",
			change->path);
	if (change->next.mode) {
		blob = store_git_oid(&change->next.blob);
		return git2.treebuilder_insert(NULL, tree, name, &blob, (git_filemode_t)change->next.mode) < 0 ?
			failed(builder) : ITSM_OK;
	}
	return entry && git2.treebuilder_remove(tree, name) < 0 ? failed(builder) : ITSM_OK;
}

/* The changes from..to are all below the folder `name`, whose content starts at offset in their paths. */
static int build_folder(const struct builder *builder, git_treebuilder *tree, const char *name, size_t from, size_t to,
	size_t offset, int depth)
{
	const git_tree_entry *entry = git2.treebuilder_get(tree, name);
	git_tree *below = NULL;
	git_oid oid;
	bool empty = false;
	int status = ITSM_OK;

	if (depth >= STORE_DEPTH_MAX)
		return itsm_error_set(builder->err, ITSM_ELIMIT, "'%s' lies in more than %d folders",
			builder->items[from].path,
			STORE_DEPTH_MAX);
	if (entry && git2.tree_entry_type(entry) != GIT_OBJECT_TREE)
		return itsm_error_set(builder->err, ITSM_EREFUSED, "'%s' cannot be made: '%s' is a file, not a folder",
			builder->items[from].path, name);
	if (entry)
		status = store_tree_get(builder->repo, git2.tree_entry_id(entry), &below, builder->err);
	if (!status)
		status = build(builder, below, from, to, offset, depth + 1, &oid, &empty);
	git2.tree_free(below);
	if (status)
		return status;
	if (empty)
		return entry && git2.treebuilder_remove(tree, name) < 0 ? failed(builder) : ITSM_OK;
	return git2.treebuilder_insert(NULL, tree, name, &oid, GIT_FILEMODE_TREE) < 0 ? failed(builder) : ITSM_OK;
}

static int build_entries(const struct builder *builder, git_treebuilder *tree, size_t from, size_t to, size_t offset,
	int depth)
{
	const struct store_change *items = builder->items;
	const char *path;
	char name[256];
	size_t i, next, length;
	int status = ITSM_OK;

	for (i = from; i < to && !status; i = next) {
		path = items[i].path + offset;
		length = strcspn(path, "/");
		next = i + 1;
		if (length == 0 || length >= sizeof(name))
			return itsm_error_set(builder->err, ITSM_EDATA, "'%s' has a part that is too long",
				items[i].path);
		memcpy(name, path, length);
		name[length] = '\0';
		if (path[length] == '\0') {
			status = build_file(builder, tree, &items[i], name);
			continue;
		}
		while (next < to && strncmp(items[next].path + offset, path, length + 1) == 0)
			next++;
		status = build_folder(builder, tree, name, i, next, offset + length + 1, depth);
	}
	return status;
}

static int build(const struct builder *builder, git_tree *base, size_t from, size_t to, size_t offset, int depth,
	git_oid *out, bool *empty)
{
	git_treebuilder *tree = NULL;
	int status;

	if (git2.treebuilder_new(&tree, builder->repo->git, base) < 0)
		return failed(builder);
	status = build_entries(builder, tree, from, to, offset, depth);
	*empty = git2.treebuilder_entrycount(tree) == 0;
	if (!status && (!*empty || depth == 0) && git2.treebuilder_write(out, tree) < 0)
		status = failed(builder);
	git2.treebuilder_free(tree);
	return status;
}

int store_write_tree(struct itsm_repo *repo, git_tree *base, const struct store_changes *changes, git_oid *out,
	struct itsm_error *err)
{
	struct builder builder = {repo, changes->items, err};
	bool empty;

	return build(&builder, base, 0, changes->count, 0, 0, out, &empty);
}
