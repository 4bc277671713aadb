/*
 * The hooks' files.
 *
 * Each is a few lines of shell. It runs the hook that was there before, if one was
 * kept beside it, then itsm. Where the desk's folder is not there (another branch), or
 * on a server no desk yet, there is nothing to judge.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "desk.h"
#include "itsm/file.h"
#include "itsm/hook.h"

#define MARK "# itsm hook: made by `itsm hook install`, taken away by `itsm hook uninstall`"
#define BEFORE ".before-itsm"
#define HOOK_LIMIT (256u << 10)

struct hooks {
	struct itsm_arena *arena;
	const char *folder;      /* that of the hooks, real */
	const char *desk;        /* the desk's folder in the work tree, "" for its top */
	const char *program;
	bool bare;
	bool force;
	struct itsm_error *err;
};

/* One line that git prints, in the arena; NULL when it fails. */
static const char *ask(struct itsm_arena *arena, const char *folder, const char *const *argv, struct itsm_error *err)
{
	struct itsm_buffer out = {0};
	const char *line = NULL;

	if (itsm_program_run(argv, folder, NULL, &out, NULL, err) == 0)
		line = itsm_arena_strndup(arena, out.data, strcspn(out.data, "\n"));
	itsm_buffer_free(&out);
	return line;
}

/* Git makes no hooks' folder where its template has none. */
static int make_folder(struct hooks *hooks, const char *path)
{
	char *real;

	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return itsm_error_set(hooks->err, ITSM_EIO, "cannot make '%s': %s", path, strerror(errno));
	real = realpath(path, NULL);
	if (!real)
		return itsm_error_set(hooks->err, ITSM_EIO, "cannot use '%s': %s", path, strerror(errno));
	hooks->folder = itsm_arena_strdup(hooks->arena, real);
	free(real);
	return 0;
}

static int find_hooks(struct hooks *hooks, const char *folder)
{
	static const char *const is_bare[] = {"git", "rev-parse", "--is-bare-repository", NULL};
	static const char *const path_of[] = {"git", "rev-parse", "--git-path", "hooks", NULL};
	const char *bare = ask(hooks->arena, folder, is_bare, hooks->err);
	const char *path = bare ? ask(hooks->arena, folder, path_of, hooks->err) : NULL;
	struct itsm_place place;
	int status;

	if (!path)
		return ITSM_EGIT;
	hooks->bare = strcmp(bare, "true") == 0;
	hooks->desk = "";
	if (!hooks->bare) {
		status = itsm_place_find(hooks->arena, folder, &place, hooks->err);
		if (status != 0)
			return status;
		hooks->desk = itsm_arena_strndup(hooks->arena, place.prefix, strlen(place.prefix) - (*place.prefix ? 1 : 0));
	}
	return make_folder(hooks, *path == '/' ? path : itsm_arena_printf(hooks->arena, "%s/%s", folder, path));
}

static void add_quoted(struct itsm_buffer *out, const char *text)
{
	itsm_buffer_putc(out, '\'');
	for (; *text; text++) {
		if (*text == '\'')
			itsm_buffer_puts(out, "'\\''");
		else
			itsm_buffer_putc(out, *text);
	}
	itsm_buffer_putc(out, '\'');
}

static void write_script(const struct hooks *hooks, const char *name, struct itsm_buffer *out)
{
	bool lines = strcmp(name, "pre-commit") != 0;

	itsm_buffer_puts(out, "#!/bin/sh\n" MARK "\n");
	if (lines)
		itsm_buffer_puts(out, "lines=$(cat)\n");
	itsm_buffer_puts(out, "if [ -x \"$0" BEFORE "\" ]; then\n\t");
	if (lines)
		itsm_buffer_puts(out, "printf '%s\\n' \"$lines\" | ");
	itsm_buffer_puts(out, "\"$0" BEFORE "\" \"$@\" || exit\nfi\n");
	if (!hooks->bare) {
		itsm_buffer_puts(out, "[ -f ");
		add_quoted(out, itsm_arena_printf(hooks->arena, "%s%s" DESK_FILE, hooks->desk, *hooks->desk ? "/" : ""));
		itsm_buffer_puts(out, " ] || exit 0\n");
	}
	itsm_buffer_puts(out, "itsm=$(command -v itsm) || itsm=");
	add_quoted(out, hooks->program ? hooks->program : "");
	itsm_buffer_printf(out, "\n[ -x \"$itsm\" ] || { echo 'itsm: there is no itsm on the PATH, so nothing was judged; "
		"install it%s' >&2; exit 1; }\n", hooks->bare ? "" : ", or go on with --no-verify");
	if (lines)
		itsm_buffer_puts(out, "printf '%s\\n' \"$lines\" | ");
	else
		itsm_buffer_puts(out, "exec ");
	itsm_buffer_puts(out, "\"$itsm\" ");
	if (*hooks->desk) {
		itsm_buffer_puts(out, "-C ");
		add_quoted(out, hooks->desk);
		itsm_buffer_putc(out, ' ');
	}
	itsm_buffer_printf(out, "hook %s \"$@\"\n", name);
}

/* The file's text; false when it is not there. */
static int read_hook(struct hooks *hooks, const char *path, struct itsm_buffer *out, bool *there, bool *ours)
{
	struct stat about;
	int status;

	*there = lstat(path, &about) == 0;
	*ours = false;
	if (!*there || !S_ISREG(about.st_mode))
		return 0;
	status = itsm_file_read(AT_FDCWD, path, HOOK_LIMIT, out, hooks->err);
	*ours = status == 0 && out->data && strstr(out->data, MARK) != NULL;
	return status;
}

static int keep_other(struct hooks *hooks, struct itsm_hook_file *file)
{
	const char *before = itsm_arena_printf(hooks->arena, "%s" BEFORE, file->path);

	if (!hooks->force)
		return itsm_error_set(hooks->err, ITSM_EREFUSED,
			"there is a hook already: '%s'; with --force it is kept as %s" BEFORE " and run first", file->path, file->name);
	if (access(before, F_OK) == 0)
		return itsm_error_set(hooks->err, ITSM_EREFUSED, "there is a '%s' already; bring the two hooks together by hand", before);
	if (rename(file->path, before) < 0)
		return itsm_error_set(hooks->err, ITSM_EIO, "cannot rename '%s': %s", file->path, strerror(errno));
	return 0;
}

static int install_one(struct hooks *hooks, const char *name, struct itsm_hook_file *file)
{
	struct itsm_buffer script = {0}, text = {0};
	bool there, ours;
	int status;

	file->name = name;
	file->path = itsm_arena_printf(hooks->arena, "%s/%s", hooks->folder, name);
	write_script(hooks, name, &script);
	status = read_hook(hooks, file->path, &text, &there, &ours);
	if (status == 0 && there && !ours)
		status = keep_other(hooks, file);
	file->changed = !ours || text.length != script.length || memcmp(text.data, script.data, text.length) != 0;
	if (status == 0 && file->changed)
		status = itsm_file_write(AT_FDCWD, file->path, script.data, script.length, hooks->err);
	if (status == 0 && chmod(file->path, 0755) < 0)
		status = itsm_error_set(hooks->err, ITSM_EIO, "cannot make '%s' executable: %s", file->path, strerror(errno));
	file->chained = access(itsm_arena_printf(hooks->arena, "%s" BEFORE, file->path), F_OK) == 0;
	itsm_buffer_free(&script);
	itsm_buffer_free(&text);
	return status;
}

static int uninstall_one(struct hooks *hooks, const char *name, struct itsm_hook_file *file)
{
	struct itsm_buffer text = {0};
	const char *before;
	bool there, ours;
	int status;

	file->name = name;
	file->path = itsm_arena_printf(hooks->arena, "%s/%s", hooks->folder, name);
	before = itsm_arena_printf(hooks->arena, "%s" BEFORE, file->path);
	status = read_hook(hooks, file->path, &text, &there, &ours);
	itsm_buffer_free(&text);
	if (status != 0 || !ours)
		return status;
	file->changed = true;
	file->chained = access(before, F_OK) == 0;
	if ((file->chained ? rename(before, file->path) : unlink(file->path)) < 0)
		return itsm_error_set(hooks->err, ITSM_EIO, "cannot take away '%s': %s", file->path, strerror(errno));
	return 0;
}

static int each(struct hooks *hooks, int (*doing)(struct hooks *hooks, const char *name, struct itsm_hook_file *file),
	struct itsm_hook_files *out)
{
	static const char *const clone[] = {"pre-commit", "pre-push", NULL}, *const server[] = {"pre-receive", NULL};
	const char *const *name;
	int status = 0;

	out->count = 0;
	for (name = hooks->bare ? server : clone; *name && status == 0; name++) {
		out->items[out->count] = (struct itsm_hook_file){0};
		status = doing(hooks, *name, &out->items[out->count]);
		out->count += status == 0;
	}
	return status;
}

/* All or none: what stands in the way of one is found before the first is written. */
static int look(struct hooks *hooks, const char *name, struct itsm_hook_file *file)
{
	struct itsm_buffer text = {0};
	bool there, ours;
	int status;

	file->path = itsm_arena_printf(hooks->arena, "%s/%s", hooks->folder, name);
	file->name = name;
	status = read_hook(hooks, file->path, &text, &there, &ours);
	itsm_buffer_free(&text);
	if (status == 0 && there && !ours && !hooks->force)
		return keep_other(hooks, file);
	return status;
}

int itsm_hook_install(struct itsm_arena *arena, const char *folder, const char *program, bool force,
	struct itsm_hook_files *out, struct itsm_error *err)
{
	struct hooks hooks = {.arena = arena, .program = program, .force = force, .err = err};
	int status = find_hooks(&hooks, folder);

	if (status == 0)
		status = each(&hooks, look, out);
	return status ? status : each(&hooks, install_one, out);
}

int itsm_hook_uninstall(struct itsm_arena *arena, const char *folder, struct itsm_hook_files *out, struct itsm_error *err)
{
	struct hooks hooks = {.arena = arena, .err = err};
	int status = find_hooks(&hooks, folder);

	return status ? status : each(&hooks, uninstall_one, out);
}
