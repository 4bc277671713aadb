/*
 * From a folder to its repository, as git does it:
 *
 *   <folder>/.git       a folder: the repository itself; or a file with one line
 *                       "gitdir: <path>" (linked work trees, submodules)
 *   <git dir>/commondir where a linked work tree's shared part is, relative to it
 *   core.worktree       names the work tree in submodules
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "itsm/file.h"

#define CONFIG_MAX (1 << 20)

ssize_t store_read_small(const char *path, bool follow, char *text, size_t size)
{
	int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | (follow ? 0 : O_NOFOLLOW));
	ssize_t got;
	int number;

	if (file < 0)
		return -1;
	got = read(file, text, size - 1);
	number = errno;
	close(file);
	errno = number;
	if (got >= 0)
		text[got] = '\0';
	return got;
}

static bool exists(const char *folder, const char *name)
{
	char path[PATH_MAX];
	struct stat about;

	if (strlen(folder) + strlen(name) + 2 > sizeof(path))
		return false;
	strcpy(path, folder);
	strcat(path, "/");
	strcat(path, name);
	return lstat(path, &about) == 0;
}

bool store_is_git_dir(const char *folder)
{
	return exists(folder, "HEAD") &&
		(exists(folder, "commondir") || (exists(folder, "objects") && exists(folder, "refs")));
}

/* `path`, taken from `base` when it is relative, made real, in the arena; NULL with errno. */
static const char *real_path(struct itsm_arena *arena, const char *base, const char *path)
{
	char *joined = *path == '/' ? itsm_arena_strdup(arena, path) : itsm_arena_printf(arena, "%s/%s", base, path);
	char *real = realpath(joined, NULL);
	const char *kept;

	if (!real)
		return NULL;
	kept = itsm_arena_strdup(arena, real);
	free(real);
	return kept;
}

static int follow_file(struct itsm_arena *arena, const char *folder, const char *file, const char **git_dir,
	struct itsm_error *err)
{
	char text[PATH_MAX + 16];
	ssize_t length = store_read_small(file, true, text, sizeof(text));
	const char *real;

	if (length < 0)
		return itsm_error_set(err, ITSM_EIO, "cannot read '%s': %s", file, strerror(errno));
	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		text[--length] = '\0';
	if (strncmp(text, "gitdir: ", 8) != 0)
		return itsm_error_set(err, ITSM_EGIT, "'%s' does not say where the repository is ('gitdir: ...')",
			file);
	real = real_path(arena, folder, text + 8);
	if (!real || !store_is_git_dir(real))
		return itsm_error_set(err, ITSM_EGIT,
			"'%s' names '%s', which is no repository; try `git worktree repair`",
			file, text + 8);
	*git_dir = real;
	return ITSM_OK;
}

/* The repository whose work tree starts in this very folder; NULL when there is none. */
static int look_in(struct itsm_arena *arena, const char *folder, const char **git_dir, struct itsm_error *err)
{
	const char *path = itsm_arena_printf(arena, "%s/.git", strcmp(folder, "/") == 0 ? "" : folder);
	struct stat about;

	*git_dir = NULL;
	if (stat(path, &about) < 0)
		return ITSM_OK;
	if (S_ISREG(about.st_mode))
		return follow_file(arena, folder, path, git_dir, err);
	if (S_ISDIR(about.st_mode) && store_is_git_dir(path))
		*git_dir = real_path(arena, folder, path);
	return ITSM_OK;
}

static int find_common(struct itsm_arena *arena, const char *git_dir, const char **common, struct itsm_error *err)
{
	char text[PATH_MAX + 1];
	ssize_t length = store_read_small(itsm_arena_printf(arena, "%s/commondir", git_dir), true, text, sizeof(text));

	*common = git_dir;
	if (length < 0)
		return ITSM_OK;
	while (length > 0 && (text[length - 1] == '\n' || text[length - 1] == '\r'))
		text[--length] = '\0';
	*common = real_path(arena, git_dir, text);
	if (!*common)
		return itsm_error_set(err, ITSM_EGIT, "'%s/commondir' names a folder that is not there", git_dir);
	return ITSM_OK;
}

/* Has the configuration a line "worktree = ..."? A hint only: git is asked then. */
static bool names_work_tree(struct itsm_arena *arena, const char *git_dir)
{
	struct itsm_buffer text = {0};
	const char *line;
	bool found = false;

	if (itsm_file_read(AT_FDCWD, itsm_arena_printf(arena, "%s/config", git_dir), CONFIG_MAX, &text, NULL))
		return false;
	for (line = text.data; line && *line && !found; line = strchr(line, '\n')) {
		line += strspn(line, " \t\n\r");
		found = strncasecmp(line, "worktree", 8) == 0 && strchr(" \t=", line[8]);
	}
	itsm_buffer_free(&text);
	return found;
}

static int ask_work_tree(struct itsm_arena *arena, struct itsm_place *place, struct itsm_error *err)
{
	const char *const argv[] = {"git", "rev-parse", "--show-toplevel", NULL};
	struct itsm_buffer out = {0};
	int status = store_git_run(place, argv, NULL, &out, NULL, err);

	if (!status) {
		while (out.length > 0 && out.data[out.length - 1] == '\n')
			out.data[--out.length] = '\0';
		place->work_tree = itsm_arena_strdup(arena, out.data);
	}
	itsm_buffer_free(&out);
	return status;
}

int store_find_git(struct itsm_arena *arena, const char *folder, struct itsm_place *out, struct itsm_error *err)
{
	char *top = itsm_arena_strdup(arena, folder);
	struct itsm_place place = {0};
	char *slash;
	int status;

	for (;;) {
		status = look_in(arena, top, &place.git_dir, err);
		if (status)
			return status;
		slash = strrchr(top, '/');
		if (place.git_dir || slash[1] == '\0')
			break;
		slash[slash == top ? 1 : 0] = '\0';
	}
	if (!place.git_dir)
		return itsm_error_set(err, ITSM_ENOTFOUND,
			"'%s' lies in no git repository; run `git init` there first", folder);
	place.work_tree = top;
	status = find_common(arena, place.git_dir, &place.common_dir, err);
	if (!status && names_work_tree(arena, place.git_dir))
		status = ask_work_tree(arena, &place, err);
	if (!status)
		*out = place;
	return status;
}
