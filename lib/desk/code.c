#include "code.h"

#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/pipeline.h"
#include "itsm/utf8.h"

#define FIELD_END '\x1f'

const char *code_folder(const struct itsm_desk *desk, const char *folder)
{
	if (folder)
		return folder;
	return desk->place.work_tree ? desk->place.work_tree : desk->place.git_dir;
}

const char *code_line(struct itsm_arena *arena, const char *text, size_t length)
{
	struct itsm_buffer out = {0};
	uint32_t codepoint;
	size_t size, i;
	const char *line;

	for (i = 0; i < length; i += size) {
		size = itsm_utf8_decode(text + i, length - i, &codepoint);
		if (size && !itsm_utf8_is_control(codepoint) && !itsm_utf8_is_deceptive(codepoint))
			itsm_buffer_add(&out, text + i, size);
		else
			itsm_buffer_putc(&out, codepoint == '\t' ? ' ' : '?');
		size = size ? size : 1;
	}
	line = itsm_arena_strdup(arena, out.data ? out.data : "");
	itsm_buffer_free(&out);
	return line;
}

int code_git(struct itsm_desk *desk, const char *folder, const char *const *argv, struct itsm_buffer *out, struct itsm_error *err)
{
	return strcmp(folder, code_folder(desk, NULL)) == 0 ? itsm_program_run(argv, folder, NULL, out, NULL, err)
		: itsm_program_look(argv, folder, out, NULL, err);
}

bool code_is_ancestor(struct itsm_desk *desk, const char *folder, const char *old_name, const char *new_name)
{
	const char *const argv[] = {"git", "merge-base", "--is-ancestor", old_name, new_name, NULL};

	return code_git(desk, folder, argv, NULL, NULL) == 0;
}

/* A revision goes to git as an argument: it must be none of git's options. */
static int refuse_option(const char *revision, struct itsm_error *err)
{
	return *revision == '-' ? itsm_error_set(err, ITSM_EUSAGE, "'%s' is no revision", revision) : 0;
}

int code_resolve(struct itsm_desk *desk, struct itsm_arena *arena, const char *folder, const char *revision, const char **name,
	struct itsm_error *err)
{
	const char *spec = itsm_arena_printf(arena, "%s^{commit}", revision);
	const char *const argv[] = {"git", "rev-parse", "--verify", "--quiet", "--end-of-options", spec, NULL};
	struct itsm_buffer out = {0};
	int status = refuse_option(revision, err);

	if (status != 0)
		return status;
	status = code_git(desk, folder, argv, &out, err);
	if (status == 0)
		*name = itsm_arena_strndup(arena, out.data, strcspn(out.data, "\n"));
	else if (status == ITSM_EGIT)
		itsm_error_set(err, status, "'%s' is no commit in '%s'; in a shallow clone fetch it first (fetch depth 0)", revision, folder);
	itsm_buffer_free(&out);
	return status;
}

/* "<name> US <author> US <mail> US <seconds> US <subject>" */
static void read_commit(struct itsm_arena *arena, const char *text, struct code_commit *out)
{
	const char *fields[5];
	size_t lengths[5], i;

	for (i = 0; i < 5; i++) {
		const char *end = i < 4 ? strchr(text, FIELD_END) : NULL;

		fields[i] = text;
		lengths[i] = end ? (size_t)(end - text) : strlen(text);
		text += lengths[i] + (end ? 1 : 0);
	}
	out->name = code_line(arena, fields[0], lengths[0]);
	out->author = code_line(arena, fields[1], lengths[1]);
	out->mail = code_line(arena, fields[2], lengths[2]);
	out->seconds = strtoll(fields[3], NULL, 10);
	out->subject = code_line(arena, fields[4], lengths[4]);
}

int code_commits(struct itsm_desk *desk, struct itsm_arena *arena, const char *folder, const char *range, size_t limit, struct code_range *out,
	struct itsm_error *err)
{
	const char *most = itsm_arena_printf(arena, "--max-count=%zu", limit + 1);
	const char *const argv[] = {"git", "log", "-z", "--no-show-signature", most,
		"--format=%H%x1f%aN%x1f%aE%x1f%at%x1f%s", "--end-of-options", range, "--", NULL};
	struct itsm_buffer text = {0};
	size_t capacity = 0, i;
	int status = code_git(desk, folder, argv, &text, err);

	out->commit_count = 0;
	for (i = 0; status == 0 && i < text.length; i += strlen(text.data + i) + 1) {
		if (out->commit_count == limit) {
			status = itsm_error_set(err, ITSM_ELIMIT, "'%s' holds more than %zu commits; give a shorter range", range, limit);
			break;
		}
		itsm_arena_grow(arena, &out->commits, &capacity, out->commit_count, sizeof(*out->commits));
		read_commit(arena, text.data + i, &out->commits[out->commit_count++]);
	}
	itsm_buffer_free(&text);
	return status;
}

/* Does the path belong to the desk, whose prefix in this repository is given? NULL: it lies elsewhere. */
static bool is_desks(const struct itsm_desk *desk, const char *prefix, const char *path)
{
	size_t length = prefix ? strlen(prefix) : 0;

	if (!prefix || strncmp(path, prefix, length) != 0)
		return false;
	path += length;
	return strcmp(path, DESK_FILE) == 0 || strncmp(path, "policy/", 7) == 0 || itsm_kinds_claims(desk->kinds, path);
}

/* The desk's prefix when it lies in this very repository. */
static const char *own_prefix(struct itsm_desk *desk, struct itsm_arena *arena, const char *folder)
{
	const char *const argv[] = {"git", "rev-parse", "--path-format=absolute", "--git-common-dir", NULL};
	struct itsm_buffer out = {0};
	const char *prefix = NULL;
	char *real;

	if (code_git(desk, folder, argv, &out, NULL) == 0) {
		real = realpath(itsm_arena_strndup(arena, out.data, strcspn(out.data, "\n")), NULL);
		if (real && strcmp(real, desk->place.common_dir) == 0)
			prefix = desk->place.prefix;
		free(real);
	}
	itsm_buffer_free(&out);
	return prefix;
}

static int read_files(struct itsm_desk *desk, struct itsm_arena *arena, const char *folder, const char *base, const char *head,
	struct code_range *out, struct itsm_error *err)
{
	/* it reads git's index, and so would run the program that the repository's configuration names */
	const char *const argv[] = {"git", "-c", "core.fsmonitor=false", "diff-tree", "-r", "-z", "--name-only", "--no-renames",
		"--end-of-options", base, head, NULL};
	const char *prefix = own_prefix(desk, arena, folder);
	struct itsm_buffer text = {0};
	size_t capacity = 0, i;
	int status = code_git(desk, folder, argv, &text, err);

	out->file_count = 0;
	for (i = 0; status == 0 && i < text.length; i += strlen(text.data + i) + 1) {
		if (is_desks(desk, prefix, text.data + i))
			continue;
		if (out->file_count == ITSM_FROM_FILES) {
			status = itsm_error_set(err, ITSM_ELIMIT, "the range changes more than %d files; give a shorter one", ITSM_FROM_FILES);
			break;
		}
		itsm_arena_grow(arena, &out->files, &capacity, out->file_count, sizeof(*out->files));
		out->files[out->file_count++] = itsm_arena_strdup(arena, text.data + i);
	}
	itsm_buffer_free(&text);
	return status;
}

const char *code_address(struct itsm_arena *arena, const char *url)
{
	const char *start = strstr(url, "://"), *user;
	char *address, *colon;
	size_t length;

	start = start ? start + 3 : url;
	user = strchr(start, '@');
	if (user && user < start + strcspn(start, "/"))
		start = user + 1;
	address = itsm_arena_strdup(arena, start);
	colon = strchr(address, ':');
	/* git@host:path is host/path; a port is left out too: the same host serves both */
	if (colon && colon < address + strcspn(address, "/")) {
		size_t digits = strspn(colon + 1, "0123456789");

		if (colon[1 + digits] == '/' && digits)
			memmove(colon, colon + 1 + digits, strlen(colon + 1 + digits) + 1);
		else
			*colon = '/';
	}
	length = strlen(address);
	while (length && address[length - 1] == '/')
		address[--length] = '\0';
	if (length > 4 && strcmp(address + length - 4, ".git") == 0)
		address[length - 4] = '\0';
	return address;
}

static void read_remotes(struct itsm_desk *desk, struct itsm_arena *arena, const char *folder, struct code_range *out)
{
	const char *const argv[] = {"git", "config", "-z", "--get-regexp", "^remote\\..*\\.url$", NULL};
	struct itsm_buffer text = {0};
	size_t capacity = 0, i;

	if (code_git(desk, folder, argv, &text, NULL) != 0)
		return; /* there are none */
	for (i = 0; i < text.length; i += strlen(text.data + i) + 1) {
		const char *url = strchr(text.data + i, '\n');

		if (!url)
			continue;
		itsm_arena_grow(arena, &out->remotes, &capacity, out->remote_count, sizeof(*out->remotes));
		out->remotes[out->remote_count++] = code_address(arena, url + 1);
	}
	itsm_buffer_free(&text);
}

static const char *merge_base(struct itsm_desk *desk, struct itsm_arena *arena, const char *folder, const char *base, const char *head)
{
	const char *const argv[] = {"git", "merge-base", base, head, NULL};
	struct itsm_buffer out = {0};
	const char *name = NULL;

	if (code_git(desk, folder, argv, &out, NULL) == 0)
		name = itsm_arena_strndup(arena, out.data, strcspn(out.data, "\n"));
	itsm_buffer_free(&out);
	return name;
}

int code_read(struct itsm_desk *desk, struct itsm_arena *arena, const char *folder, const char *range,
	struct code_range *out, struct itsm_error *err)
{
	const char *dots = strstr(range, ".."), *from, *to, *base, *head, *fork;
	int status;

	*out = (struct code_range){0};
	folder = code_folder(desk, folder);
	if (!dots)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no range of commits; give BASE..HEAD, such as main..%s", range, range);
	from = dots == range ? "HEAD" : itsm_arena_strndup(arena, range, (size_t)(dots - range));
	to = dots + 2 + (dots[2] == '.');
	if ((status = code_resolve(desk, arena, folder, from, &base, err)) != 0 ||
	    (status = code_resolve(desk, arena, folder, *to ? to : "HEAD", &head, err)) != 0)
		return status;
	fork = merge_base(desk, arena, folder, base, head);
	if (!fork)
		return itsm_error_set(err, ITSM_EGIT, "'%s' and '%s' share no history in '%s'; in a shallow clone fetch it first (fetch depth 0)",
			from, to, folder);
	status = code_commits(desk, arena, folder, itsm_arena_printf(arena, "%s..%s", base, head), ITSM_FROM_COMMITS, out, err);
	if (status == 0 && !out->commit_count)
		status = itsm_error_set(err, ITSM_EUSAGE, "'%s' holds no commit", range);
	if (status == 0)
		status = read_files(desk, arena, folder, fork, head, out, err);
	if (status == 0)
		read_remotes(desk, arena, folder, out);
	return status;
}

/* One name against one pattern; what either begins at is behind its slash. */
static bool match_name(const char *glob, size_t in_glob, const char *path, size_t in_path)
{
	char pattern[1024], name[1024];

	if (in_glob >= sizeof(pattern) || in_path >= sizeof(name))
		return false;
	memcpy(pattern, glob, in_glob);
	pattern[in_glob] = '\0';
	memcpy(name, path, in_path);
	name[in_path] = '\0';
	return fnmatch(pattern, name, 0) == 0;
}

/*
 * Name by name. When one does not fit, the last `**` takes one name more: the ones before
 * need not, for what they could take the last can too. So it is at most names times names.
 */
static bool match_names(const char *glob, const char *path)
{
	const char *after = NULL, *tried = NULL; /* the pattern behind the last `**`, and where it was tried */
	size_t in_glob, in_path;

	for (;;) {
		in_glob = strcspn(glob, "/");
		in_path = strcspn(path, "/");
		if (*path && in_glob == 2 && memcmp(glob, "**", 2) == 0) {
			if (!glob[2])
				return true;
			after = glob += 3;
			tried = path;
		} else if (!*glob && !*path) {
			return true;
		} else if (*glob && *path && !glob[in_glob] == !path[in_path] && match_name(glob, in_glob, path, in_path)) {
			glob += in_glob + (glob[in_glob] == '/');
			path += in_path + (path[in_path] == '/');
		} else {
			if (!after || !tried[strcspn(tried, "/")])
				return false;
			glob = after;
			path = tried += strcspn(tried, "/") + 1;
		}
	}
}

bool code_matches(const char *glob, const char *path)
{
	size_t length = strlen(glob);

	if (!strpbrk(glob, "*?[\\")) {
		bool folder = length && glob[length - 1] == '/';

		length -= folder;
		return length && strncmp(glob, path, length) == 0 && (path[length] == '/' || (!folder && !path[length]));
	}
	return match_names(glob, path);
}

int desk_query_list(struct itsm_index *index, struct itsm_arena *arena, const char *sql, const char *value,
	const char ***out, size_t *count, struct itsm_error *err)
{
	struct itsm_value argument = {.type = ITSM_VALUE_TEXT, .text = value};
	struct itsm_query *query;
	size_t capacity = 0;
	int status = itsm_query_open(index, sql, &argument, value ? 1 : 0, &query, err);

	*out = NULL;
	*count = 0;
	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, err)) == 1) {
		const char *text = itsm_query_value(query, 0).text;

		itsm_arena_grow(arena, out, &capacity, *count, sizeof(**out));
		(*out)[(*count)++] = itsm_arena_strdup(arena, text ? text : "");
	}
	itsm_arena_grow(arena, out, &capacity, *count, sizeof(**out));
	(*out)[*count] = NULL;
	itsm_query_free(query);
	return status < 0 ? status : 0;
}
