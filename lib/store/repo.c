/* Opening a repository with libgit2, and what its objects are reached by. */
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"
#include "itsm/file.h"

#define CONFIG_MAX (64 << 10)
#define ALONE_MAX 50 /* objects: some hundredth of a second, as the start of libgit2 */

struct itsm_oid store_oid(const git_oid *oid)
{
	struct itsm_oid copy;

	memcpy(copy.bytes, oid->id, sizeof(copy.bytes));
	return copy;
}

git_oid store_git_oid(const struct itsm_oid *oid)
{
	git_oid copy;

	memcpy(copy.id, oid->bytes, sizeof(copy.id));
	return copy;
}

void itsm_oid_text(const struct itsm_oid *oid, char text[41])
{
	static const char digits[] = "0123456789abcdef";
	size_t i;

	for (i = 0; i < sizeof(oid->bytes); i++) {
		text[2 * i] = digits[oid->bytes[i] >> 4];
		text[2 * i + 1] = digits[oid->bytes[i] & 15];
	}
	text[40] = '\0';
}

bool itsm_oid_equal(const struct itsm_oid *a, const struct itsm_oid *b)
{
	return memcmp(a->bytes, b->bytes, sizeof(a->bytes)) == 0;
}

bool itsm_oid_is_zero(const struct itsm_oid *oid)
{
	static const struct itsm_oid zero;

	return itsm_oid_equal(oid, &zero);
}

int store_git_error(struct itsm_error *err, int status, const char *format, ...)
{
	const git_error *last = git2.error_last();
	char text[512];
	va_list list;

	va_start(list, format);
	vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return itsm_error_set(err, status, "%s: %s", text, last &&
		last->message ? last->message : "no reason was given");
}

/*
 * libgit2 reads as git does: a name is not computed anew from the content of
 * each object (packs and loose objects carry checksums), and what a tree or a commit names is not
 * looked for again: it was found there, or has just been written. Of the extensions that
 * it does not know, these change nothing in what is read here.
 */
static void set_options(void)
{
	const char *extensions[] = {"worktreeconfig", "partialclone", "preciousobjects"};

	git2.libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 0);
	git2.libgit2_opts(GIT_OPT_ENABLE_STRICT_OBJECT_CREATION, 0);
	git2.libgit2_opts(GIT_OPT_SET_EXTENSIONS, extensions, sizeof(extensions) / sizeof(extensions[0]));
}

/* git counts safe.directory in all its forms; libgit2 does not. What git accepts is accepted. */
static int open_as_git_would(struct itsm_repo *repo, struct itsm_error *err)
{
	const char *const argv[] = {"git", "rev-parse", "--git-dir", NULL};
	int status = store_git_run(&repo->place, argv, NULL, NULL, NULL, err);
	int number;

	if (status)
		return status;
	git2.libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 0);
	number = git2.repository_open_ext(&repo->git, store_directory(&repo->place), GIT_REPOSITORY_OPEN_NO_SEARCH,
		NULL);
	git2.libgit2_opts(GIT_OPT_SET_OWNER_VALIDATION, 1);
	return number < 0 ? store_git_error(err, ITSM_EGIT, "cannot open the repository '%s'",
		repo->place.git_dir) : ITSM_OK;
}

static bool config_is(git_config *config, const char *name, const char *value)
{
	git_buf text = {0};
	bool is = git2.config_get_string_buf(&text, config, name) == 0 && strcasecmp(text.ptr, value) == 0;

	git2.buf_dispose(&text);
	return is;
}

/* Why the repository could not be opened, in better words than libgit2's where they are known. */
static int explain(const struct itsm_repo *repo, struct itsm_error *err)
{
	const char *path = itsm_arena_printf(repo->arena, "%s/config", repo->place.common_dir);
	git_config *config = NULL;
	int status = store_git_error(err, ITSM_EGIT, "cannot open the repository '%s'", repo->place.git_dir);

	if (git2.config_open_ondisk(&config, path) < 0)
		return status;
	if (config_is(config, "extensions.objectformat", "sha256"))
		itsm_error_set(err, status, "this repository uses SHA-256, which libgit2 cannot open; "
			"make one with `git init --object-format=sha1` and bring the files there");
	else if (config_is(config, "extensions.refstorage", "reftable"))
		itsm_error_set(err, status,
			"this repository keeps its references in a reftable, which libgit2 cannot open; "
			"run `git refs migrate --ref-format=files`");
	git2.config_free(config);
	return status;
}

static int open_repository(struct itsm_repo *repo, struct itsm_error *err)
{
	const char *path = store_directory(&repo->place);
	int number = git2.repository_open_ext(&repo->git, path, GIT_REPOSITORY_OPEN_NO_SEARCH, NULL);

	if (number == GIT_EOWNER)
		return open_as_git_would(repo, err);
	return number < 0 ? explain(repo, err) : ITSM_OK;
}

int store_libgit2(struct itsm_repo *repo, struct itsm_error *err)
{
	int status;

	if (repo->git)
		return ITSM_OK;
	if ((status = store_git2_load(err)) != ITSM_OK)
		return status;
	if (git2.libgit2_init() < 0)
		return store_git_error(err, ITSM_EGIT, "cannot start libgit2");
	set_options();
	status = open_repository(repo, err);
	if (status)
		git2.libgit2_shutdown();
	return status;
}

bool store_goes_alone(struct itsm_repo *repo)
{
	return !repo->git && repo->alone < ALONE_MAX && ++repo->alone;
}

static bool is_mine(const char *path)
{
	struct stat about;

	return !path || (stat(path, &about) == 0 && about.st_uid == geteuid());
}

/* Is every `repositoryformatversion` there 0, and no extension named? Names are in any case. */
static bool is_plain(const char *config)
{
	static const char name[] = "repositoryformatversion";
	const char *at;

	if (strcasestr(config, "extensions"))
		return false;
	for (at = config; (at = strcasestr(at, name)) != NULL;) {
		at += sizeof(name) - 1;
		at += strspn(at, " \t");
		if (*at++ != '=')
			return false;
		at += strspn(at, " \t");
		if (*at++ != '0' || !strchr("\r\n", *at))
			return false;
	}
	return true;
}

/* A repository of the user's own, with none of what some program may not know: there is nothing to be refused. */
static bool is_ordinary(const struct itsm_place *place)
{
	struct itsm_buffer path = {0}, config = {0};
	bool is;

	itsm_buffer_printf(&path, "%s/config", place->common_dir);
	is = is_mine(place->work_tree) && is_mine(place->git_dir) && is_mine(place->common_dir) &&
		itsm_file_read(AT_FDCWD, path.data, CONFIG_MAX, &config, NULL) == ITSM_OK && config.length &&
		is_plain(config.data);
	itsm_buffer_free(&path);
	itsm_buffer_free(&config);
	return is;
}

static const char *kept(struct itsm_arena *arena, const char *text)
{
	return text ? itsm_arena_strdup(arena, text) : NULL;
}

int itsm_repo_open(const struct itsm_place *place, struct itsm_repo **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_repo *repo = itsm_arena_alloc(arena, sizeof(*repo));
	int status;

	repo->arena = arena;
	repo->place = (struct itsm_place){kept(arena, place->root), kept(arena, place->work_tree),
		kept(arena, place->git_dir), kept(arena, place->common_dir), kept(arena, place->prefix)};
	status = is_ordinary(place) ? ITSM_OK : store_libgit2(repo, err);
	if (status)
		itsm_repo_free(repo);
	else
		*out = repo;
	return status;
}

void itsm_repo_free(struct itsm_repo *repo)
{
	bool started = repo && repo->git;

	if (started)
		git2.repository_free(repo->git);
	if (repo)
		itsm_arena_free(repo->arena);
	if (started)
		git2.libgit2_shutdown();
}

/* Where git itself looks for objects now: a server's hook is given a quarantine for what is being pushed. */
static void add_objects(struct itsm_repo *repo, git_odb *odb)
{
	const char *const argv[] = {"git", "rev-parse", "--git-path", "objects", NULL};
	struct itsm_buffer out = {0};

	if (store_git_run(&repo->place, argv, NULL, &out, NULL, NULL) == ITSM_OK && out.length > 1) {
		out.data[out.length - 1] = '\0';
		if (*out.data == '/')
			git2.odb_add_disk_alternate(odb, out.data);
	}
	itsm_buffer_free(&out);
}

bool store_fetch_missing(struct itsm_repo *repo, const git_oid *oid)
{
	char name[GIT_OID_HEXSZ + 1];
	const char *const argv[] = {"git", "cat-file", "-e", git2.oid_tostr(name, sizeof(name), oid), NULL};
	git_odb *odb = NULL;
	bool here = false;

	if (store_git_run(&repo->place, argv, NULL, NULL, NULL, NULL) || git2.repository_odb(&odb, repo->git) < 0)
		return false;
	here = git2.odb_refresh(odb) == 0 && git2.odb_exists(odb, oid);
	if (!here) {
		add_objects(repo, odb);
		here = git2.odb_exists(odb, oid);
	}
	git2.odb_free(odb);
	return here;
}

int itsm_repo_init(const char *folder, bool *made, struct itsm_error *err)
{
	static const char *const asked[] = {"git", "config", "--get", "init.defaultBranch", NULL};
	static const char *const as_wished[] = {"git", "init", "--quiet", NULL};
	static const char *const as_main[] = {"git", "init", "--quiet", "--initial-branch=main", NULL};
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer wish = {0};
	struct itsm_place place;
	bool wished;
	int status = store_find_git(arena, folder, &place, err);

	itsm_arena_free(arena);
	if (status == ITSM_OK) {
		*made = false;
		return ITSM_OK;
	}
	if (status != ITSM_ENOTFOUND)
		return status;
	wished = itsm_program_run(asked, folder, NULL, &wish, NULL, NULL) == 0 && wish.length > 1;
	itsm_buffer_free(&wish);
	status = itsm_program_run(wished ? as_wished : as_main, folder, NULL, NULL, NULL, err);
	if (!status)
		*made = true;
	return status;
}
