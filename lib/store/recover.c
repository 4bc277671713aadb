/*
 * Finishing what a killed writer left, from its journal. Whether the branch moved
 * is not asked: a path is brought along when HEAD has for it what the writer made,
 * and the work tree (or git's index) still what was there before. So nothing is
 * done when the writer died early, and nothing of the user's is undone when it
 * died long ago.
 */
#include <dirent.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "advance.h"
#include "bulk.h"
#include "change.h"
#include "lock.h"

#define PATIENCE 100 /* milliseconds for a killed writer's git to end, or a live one to finish by itself */

struct gathering {
	struct itsm_repo *repo;
	struct store_changes changes;
	git_tree *head;
	struct store_folder folder; /* of it, last looked in */
	bool partly;
	int root;           /* of the work tree */
	char *cleaned;      /* the folder that was last freed of temporary files */
	struct itsm_error *err;
};

/* The names that itsm_file_write gives to files that are not yet whole: ".itsm-<16 digits>~". */
static bool is_temporary(const char *name)
{
	return strncmp(name, ".itsm-", 6) == 0 && strlen(name) == 23 && strspn(name + 6, "0123456789abcdef") == 16 &&
		name[22] == '~';
}

/* A folder below root, through no link; -1 when there is none. */
static int open_folder(int root, const char *path)
{
	int folder = fcntl(root, F_DUPFD_CLOEXEC, 0), below;
	char name[256];
	size_t length;

	while (folder >= 0 && *path) {
		length = strcspn(path, "/");
		if (length == 0 || length >= sizeof(name))
			break;
		memcpy(name, path, length);
		name[length] = '\0';
		below = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(folder);
		folder = below;
		path += length + (path[length] == '/');
	}
	return folder;
}

static void clean_folder(int folder)
{
	DIR *listing = fdopendir(folder);
	const struct dirent *entry;

	if (!listing) {
		close(folder);
		return;
	}
	while ((entry = readdir(listing)) != NULL)
		if (is_temporary(entry->d_name))
			unlinkat(folder, entry->d_name, 0);
	closedir(listing);
}

/* Free the folder of a changed path of temporary files; neighbours share it. */
static void clean_beside(struct gathering *gathering, const char *path)
{
	const char *slash = strrchr(path, '/');
	char *parent = itsm_arena_strndup(gathering->changes.arena, path, slash ? (size_t)(slash - path) : 0);
	int folder;

	if (gathering->cleaned && strcmp(gathering->cleaned, parent) == 0)
		return;
	gathering->cleaned = parent;
	folder = open_folder(gathering->root, parent);
	if (folder >= 0)
		clean_folder(folder);
}

static int gather(void *context, const struct itsm_entry *before, const struct itsm_entry *after)
{
	struct gathering *gathering = context;
	const char *path = before ? before->path : after->path;
	struct store_change *change;
	struct store_file head;
	int status;

	clean_beside(gathering, path);
	status = store_tree_file(gathering->repo, gathering->head, &gathering->folder, path, &head.mode, &head.blob, gathering->err);
	if (status)
		return status;
	change = store_changes_add(&gathering->changes, path);
	if (before)
		change->base = (struct store_file){before->mode, before->blob};
	if (after)
		change->next = (struct store_file){after->mode, after->blob};
	change->partly = gathering->partly;
	if (!store_file_equal(&head, &change->next))
		gathering->changes.count--;
	return ITSM_OK;
}

/* What of the journal is still to be done. A commit that git has pruned was never on the branch. */
static int gather_all(struct gathering *gathering, const struct store_journal *journal)
{
	struct itsm_repo *repo = gathering->repo;
	git_tree *base = NULL, *next = NULL;
	struct itsm_oid head;
	int status = itsm_place_head(gathering->changes.arena, &repo->place, &head, NULL, gathering->err);

	if (!status)
		status = store_commit_tree(repo, &head, &gathering->head, gathering->err);
	if (!status)
		status = store_commit_tree(repo, &journal->base, &base, gathering->err);
	if (!status)
		status = store_commit_tree(repo, &journal->next, &next, gathering->err);
	if (!status)
		status = store_compare_trees(repo, base, next, gather, gathering, gathering->err);
	git2.tree_free(base);
	git2.tree_free(next);
	store_folder_leave(&gathering->folder);
	git2.tree_free(gathering->head);
	return status == ITSM_ENOTFOUND ? ITSM_OK : status;
}

static int bring_along(struct itsm_repo *repo, struct store_changes *changes, struct itsm_error *err)
{
	const char *const refresh[] = {"git", "update-index", "-q", "--refresh", NULL};
	struct store_child child = STORE_CHILD_NONE;
	int status;

	if (!changes->count)
		return ITSM_OK;
	store_changes_sort(changes);
	status = store_look_at_work_tree(repo, changes, err);
	if (!status)
		status = store_look_at_index(repo, changes, err);
	if (!status)
		status = store_land(repo, changes, &child, err);
	if (!status)
		store_git_run(&repo->place, refresh, NULL, NULL, NULL, NULL);
	return status;
}

static int finish(struct itsm_repo *repo, const struct store_journal *journal, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct gathering gathering = {.repo = repo, .changes = {.arena = arena}, .partly = journal->partly, .err = err};
	int status;

	gathering.root = open(repo->place.work_tree, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	status = gather_all(&gathering, journal);
	if (gathering.root >= 0)
		close(gathering.root);
	if (!status)
		status = bring_along(repo, &gathering.changes, err);
	itsm_arena_free(arena);
	return status;
}

static void remove_scratch(struct itsm_repo *repo, const char *name)
{
	if (strncmp(name, "refs/itsm/", 10) == 0)
		git2.reference_remove(repo->git, name);
}

int store_recover(struct itsm_repo *repo, struct itsm_error *err)
{
	struct store_journal journal;
	int status = store_journal_read(&repo->place, &journal, err);

	if (status == ITSM_ENOTFOUND)
		return ITSM_OK;
	if (status)
		return status;
	if ((status = store_libgit2(repo, err)) != ITSM_OK)
		return status;
	remove_scratch(repo, journal.scratch);
	store_bulk_forget(&repo->place, journal.import);
	store_advance_clean(&repo->place);
	if (!itsm_oid_is_zero(&journal.next) && repo->place.work_tree)
		status = finish(repo, &journal, err);
	return status ? status : store_journal_remove(&repo->place, err);
}

int itsm_write_recover(struct itsm_repo *repo, struct itsm_error *err)
{
	int lock, status = store_lock(&repo->place, PATIENCE, &lock, err);

	if (status || lock < 0)
		return status;
	status = store_recover(repo, err);
	store_unlock(&lock);
	return status;
}
