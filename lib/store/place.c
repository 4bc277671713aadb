/* Finding a desk: up to itsm.yaml, then to the repository around it. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "internal.h"

#define MARKER "itsm.yaml"

const char *store_directory(const struct itsm_place *place)
{
	return place->work_tree ? place->work_tree : place->git_dir;
}

static const char *joined(struct itsm_arena *arena, const char *folder, const char *name)
{
	return itsm_arena_printf(arena, "%s/%s", strcmp(folder, "/") == 0 ? "" : folder, name);
}

static bool has_marker(struct itsm_arena *arena, const char *folder)
{
	struct stat about;

	return lstat(joined(arena, folder, MARKER), &about) == 0 && S_ISREG(about.st_mode);
}

/* The desk at `root` in the work tree that it belongs to. */
static int find_in_work_tree(struct itsm_arena *arena, const char *root, struct itsm_place *out, struct itsm_error *err)
{
	struct itsm_place place;
	int status = store_find_git(arena, root, &place, err);
	size_t length;

	if (status == ITSM_ENOTFOUND)
		return itsm_error_set(err, ITSM_EGIT, "'%s' is a desk in no git repository; run `git init` there",
			root);
	if (status)
		return status;
	length = strcmp(place.work_tree, "/") == 0 ? 0 : strlen(place.work_tree);
	if (strncmp(root, place.work_tree, length) != 0 || (root[length] != '/' && root[length] != '\0'))
		return itsm_error_set(err, ITSM_EGIT, "the desk '%s' lies outside of its repository's work tree '%s'",
			root,
			place.work_tree);
	place.root = root;
	place.prefix = "";
	if (root[length] == '/' && root[length + 1])
		place.prefix = itsm_arena_printf(arena, "%s/", root + length + 1);
	*out = place;
	return ITSM_OK;
}

/* Is it a bare repository (not the inside of an ordinary one) with a desk at HEAD? */
static bool is_bare_desk(struct itsm_arena *arena, const char *folder, struct itsm_place *out)
{
	const char *const is_bare[] = {"git", "rev-parse", "--is-bare-repository", NULL};
	const char *const has_desk[] = {"git", "cat-file", "-e", "HEAD:" MARKER, NULL};
	const char *name = strrchr(folder, '/') + 1;
	struct itsm_place place = {NULL, NULL, folder, folder, ""};
	struct itsm_buffer answer = {0};
	struct stat about;
	bool yes;

	if (lstat(joined(arena, folder, "HEAD"), &about) < 0 || strcmp(name, ".git") == 0 ||
		!store_is_git_dir(folder) ||
	    lstat(joined(arena, folder, "commondir"), &about) == 0)
		return false;
	yes = store_git_run(&place, is_bare, NULL, &answer, NULL, NULL) == ITSM_OK &&
		strncmp(answer.data, "true", 4) == 0 && store_git_run(&place, has_desk, NULL, NULL, NULL,
			NULL) == ITSM_OK;
	itsm_buffer_free(&answer);
	if (yes)
		*out = place;
	return yes;
}

int itsm_place_find(struct itsm_arena *arena, const char *start, struct itsm_place *out, struct itsm_error *err)
{
	char *real = realpath(start, NULL);
	char *folder, *slash;

	if (!real)
		return itsm_error_set(err, ITSM_EIO, "cannot find '%s': %s", start, strerror(errno));
	folder = itsm_arena_strdup(arena, real);
	free(real);
	for (;;) {
		if (has_marker(arena, folder))
			return find_in_work_tree(arena, folder, out, err);
		if (is_bare_desk(arena, folder, out))
			return ITSM_OK;
		slash = strrchr(folder, '/');
		if (slash[1] == '\0')
			break;
		slash[slash == folder ? 1 : 0] = '\0';
	}
	return itsm_error_set(err, ITSM_ENOTFOUND,
		"there is no desk (" MARKER ") in '%s' or above it; run `itsm init`", start);
}
