/*
 * What the hooks judge.
 *
 * Each is a range: what is staged becomes a commit that no branch has; what is
 * pushed is judged from where the branch is now. On a server the objects lie in
 * git's quarantine, which the store finds by asking git.
 */
#include <fcntl.h>
#include <fnmatch.h>
#include <string.h>

#include "desk.h"
#include "itsm/file.h"
#include "itsm/hook.h"

/* One line that a program prints, in the arena; NULL when it fails or says nothing. */
static const char *ask(struct itsm_arena *arena, const char *folder, const char *const *argv, struct itsm_error *err)
{
	struct itsm_buffer out = {0};
	const char *line = NULL;

	if (itsm_program_run(argv, folder, NULL, &out, NULL, err) == 0 && out.length > 1)
		line = itsm_arena_strndup(arena, out.data, strcspn(out.data, "\n"));
	itsm_buffer_free(&out);
	return line;
}

static const char *folder_of(const struct itsm_desk *desk)
{
	return desk->place.work_tree ? desk->place.work_tree : desk->place.git_dir;
}

/* The commits that the staged one follows: HEAD, and those that are being merged. */
static int add_parents(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_oid *head, const char **argv,
	size_t *count, size_t most, struct itsm_error *err)
{
	static const char *const heads_of[] = {"git", "rev-parse", "--git-path", "MERGE_HEAD", NULL};
	const char *path = ask(arena, folder_of(desk), heads_of, err), *line;
	struct itsm_buffer text = {0};
	char name[41];

	if (!path)
		return ITSM_EGIT;
	itsm_oid_text(head, name);
	argv[(*count)++] = "-p";
	argv[(*count)++] = itsm_arena_strdup(arena, name);
	path = *path == '/' ? path : itsm_arena_printf(arena, "%s/%s", folder_of(desk), path);
	if (itsm_file_read(AT_FDCWD, path, 1u << 16, &text, NULL) == 0) {
		for (line = text.data; line && strspn(line, "0123456789abcdef") == 40 && *count + 3 < most; line += line[40] ? 41 : 40) {
			argv[(*count)++] = "-p";
			argv[(*count)++] = itsm_arena_strndup(arena, line, 40);
		}
	}
	itsm_buffer_free(&text);
	return 0;
}

int itsm_desk_check_staged(struct itsm_desk *desk, struct itsm_findings *findings, struct itsm_error *err)
{
	/* not git itself: that would be kept from the index that the hook's environment names */
	static const char *const write_tree[] = {"env", "git", "write-tree", NULL};
	const char *argv[70] = {"git", "commit-tree", "-m", "staged"};
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_oid head;
	const char *tree, *commit = NULL;
	char base[41];
	size_t count = 4;
	int status = itsm_place_head(arena, &desk->place, &head, NULL, err);

	if (status == 0 && !itsm_oid_is_zero(&head)) {
		tree = ask(arena, folder_of(desk), write_tree, err);
		status = tree ? add_parents(desk, arena, &head, argv, &count, sizeof(argv) / sizeof(*argv), err) : ITSM_EGIT;
		if (status == 0) {
			argv[count++] = tree;
			argv[count] = NULL;
			commit = ask(arena, folder_of(desk), argv, err);
			status = commit ? 0 : ITSM_EGIT;
		}
	}
	if (commit) {
		itsm_oid_text(&head, base);
		status = itsm_desk_check(desk, itsm_arena_printf(arena, "%s..%s", base, commit), findings, err);
	}
	itsm_arena_free(arena);
	return status;
}

struct pushing {
	struct itsm_arena *arena;
	struct itsm_desk *desk;       /* NULL when there is none yet */
	const char *folder;           /* to run git in */
	const char *prefix;           /* of the desk */
	const char *patterns;         /* of itsm.protected, NUL after each, an empty one at the end; NULL = not configured */
	const char *const *defaults;  /* without configuration: full names */
	struct itsm_hook_verdicts *out;
	size_t capacity;
	struct itsm_error *err;
};

static bool is_zero(const char *name)
{
	return name[strspn(name, "0")] == '\0';
}

static bool is_protected(const struct pushing *pushing, const char *ref)
{
	static const char branches[] = "refs/heads/";
	const char *pattern = pushing->patterns;

	if (strncmp(ref, branches, strlen(branches)) != 0)
		return false;
	if (!pattern)
		return itsm_list_has(pushing->defaults, ref);
	for (; *pattern; pattern += strlen(pattern) + 1) {
		if (fnmatch(pattern, ref + strlen(branches), 0) == 0 || fnmatch(pattern, ref, 0) == 0)
			return true;
	}
	return false;
}

/* The values of itsm.protected, one after the other; unreadable configuration is an error, not "nothing protected". */
static int read_protected(struct pushing *pushing)
{
	const char *const argv[] = {"git", "config", "-z", "--get-all", "itsm.protected", NULL};
	struct itsm_buffer out = {0};
	int code = 0, status = itsm_program_run(argv, pushing->folder, NULL, &out, &code, pushing->err);

	if (status == ITSM_EGIT && code == 1)
		status = 0; /* there is none */
	else if (status == 0)
		pushing->patterns = memcpy(itsm_arena_alloc(pushing->arena, out.length + 1), out.data, out.length);
	itsm_buffer_free(&out);
	return status;
}

static bool is_fast_forward(struct pushing *pushing, const char *old_name, const char *new_name)
{
	const char *const argv[] = {"git", "merge-base", "--is-ancestor", old_name, new_name, NULL};

	return itsm_program_run(argv, pushing->folder, NULL, NULL, NULL, NULL) == 0;
}

/* Had the desk's base an itsm.yaml? Without one there is no policy to judge by. */
static bool has_desk(struct pushing *pushing, const char *commit)
{
	const char *spec = itsm_arena_printf(pushing->arena, "%s:%s" DESK_FILE, commit, pushing->prefix);
	const char *const argv[] = {"git", "cat-file", "-e", spec, NULL};

	return itsm_program_run(argv, pushing->folder, NULL, NULL, NULL, NULL) == 0;
}

/* `from` is what the branch is at, or all zero; `fallback` what a new branch is judged against, or NULL. */
static int judge(struct pushing *pushing, const char *ref, const char *from, const char *to, const char *fallback)
{
	struct itsm_hook_verdicts *out = pushing->out;
	struct itsm_hook_verdict *verdict;
	int status = 0;

	itsm_arena_grow(pushing->arena, &out->items, &pushing->capacity, out->count, sizeof(*out->items));
	verdict = &out->items[out->count++];
	*verdict = (struct itsm_hook_verdict){.branch = itsm_arena_strdup(pushing->arena, ref)};
	itsm_findings_init(&verdict->findings, pushing->arena);
	if (is_zero(to))
		verdict->refusal = "a protected branch can't be deleted";
	else if (!is_zero(from) && !is_fast_forward(pushing, from, to))
		verdict->refusal = "a protected branch can't be rewritten: merge or rebase upon what it is at now";
	else if (is_zero(from) && !fallback)
		verdict->note = "it is new, and there is no policy to judge by";
	else if (!has_desk(pushing, is_zero(from) ? fallback : from))
		verdict->note = "it has no desk yet, and so no policy to judge by";
	else if (!pushing->desk)
		verdict->refusal = "it has a desk, but HEAD leads to none: let HEAD name a branch that has one";
	else
		status = itsm_desk_check(pushing->desk, itsm_arena_printf(pushing->arena, "%s..%s", is_zero(from) ? fallback : from, to),
			&verdict->findings, pushing->err);
	out->refused |= verdict->refusal || verdict->findings.errors;
	return status;
}

/* The words of a line, NUL-terminated, in the arena; false when there are not so many. */
static bool split(struct itsm_arena *arena, const char *line, size_t length, const char **words, size_t count)
{
	char *copy = itsm_arena_strndup(arena, line, length);
	size_t i;

	for (i = 0; i < count; i++) {
		words[i] = copy;
		copy += strcspn(copy, " ");
		if (copy == words[i])
			return false;
		if (*copy)
			*copy++ = '\0';
	}
	return !*copy;
}

static bool is_name(const char *text)
{
	size_t digits = strspn(text, "0123456789abcdef");

	return digits >= 40 && !text[digits];
}

static int bad_line(const struct pushing *pushing, const char *line, size_t length)
{
	return itsm_error_set(pushing->err, ITSM_EDATA, "'%.*s' is no line that git gives to this hook", (int)(length > 200 ? 200 : length), line);
}

static int receive_line(struct pushing *pushing, const char *line, size_t length, const char *fallback)
{
	const char *words[3];

	if (!split(pushing->arena, line, length, words, 3) || !is_name(words[0]) || !is_name(words[1]))
		return bad_line(pushing, line, length);
	return is_protected(pushing, words[2]) ? judge(pushing, words[2], words[0], words[1], fallback) : 0;
}

int itsm_hook_receive(struct itsm_arena *arena, const struct itsm_desk_options *options, const char *lines,
	struct itsm_hook_verdicts *out, struct itsm_error *err)
{
	static const char *const head_branch[] = {"git", "symbolic-ref", "HEAD", NULL};
	static const char *const head_commit[] = {"git", "rev-parse", "--verify", "--quiet", "HEAD^{commit}", NULL};
	const char *defaults[] = {ask(arena, options->start, head_branch, NULL), NULL};
	const char *fallback = ask(arena, options->start, head_commit, NULL), *end;
	struct pushing pushing = {.arena = arena, .folder = options->start, .prefix = "", .defaults = defaults, .out = out, .err = err};
	int status;

	*out = (struct itsm_hook_verdicts){0};
	status = itsm_desk_open(options, &pushing.desk, err);
	if (status == ITSM_ENOTFOUND)
		status = 0;
	if (pushing.desk)
		pushing.prefix = pushing.desk->place.prefix;
	if (status == 0)
		status = read_protected(&pushing);
	for (; status == 0 && *lines; lines = *end ? end + 1 : end) {
		end = lines + strcspn(lines, "\n");
		if (end > lines)
			status = receive_line(&pushing, lines, (size_t)(end - lines), fallback);
	}
	itsm_desk_free(pushing.desk);
	return status;
}

static int push_line(struct pushing *pushing, const char *line, size_t length, const char *fallback)
{
	const char *words[4];

	if (!split(pushing->arena, line, length, words, 4) || !is_name(words[1]) || !is_name(words[3]))
		return bad_line(pushing, line, length);
	return is_protected(pushing, words[2]) ? judge(pushing, words[2], words[3], words[1], fallback) : 0;
}

int itsm_hook_push(struct itsm_arena *arena, struct itsm_desk *desk, const char *remote, const char *lines,
	struct itsm_hook_verdicts *out, struct itsm_error *err)
{
	const char *tracking = itsm_arena_printf(arena, "refs/remotes/%s/", remote);
	const char *const remote_head[] = {"git", "symbolic-ref", "--quiet", itsm_arena_printf(arena, "%sHEAD", tracking), NULL};
	const char *head = ask(arena, folder_of(desk), remote_head, NULL), *end;
	const char *const commit_of[] = {"git", "rev-parse", "--verify", "--quiet",
		itsm_arena_printf(arena, "%s^{commit}", head ? head : "refs/none"), NULL};
	const char *known[] = {head && strncmp(head, tracking, strlen(tracking)) == 0
		? itsm_arena_printf(arena, "refs/heads/%s", head + strlen(tracking)) : "refs/heads/main", head ? NULL : "refs/heads/master", NULL};
	const char *fallback = head ? ask(arena, folder_of(desk), commit_of, NULL) : NULL;
	struct pushing pushing = {.arena = arena, .desk = desk, .folder = folder_of(desk), .prefix = desk->place.prefix,
		.defaults = known, .out = out, .err = err};
	int status;

	*out = (struct itsm_hook_verdicts){0};
	status = read_protected(&pushing);
	for (; status == 0 && *lines; lines = *end ? end + 1 : end) {
		end = lines + strcspn(lines, "\n");
		if (end > lines)
			status = push_line(&pushing, lines, (size_t)(end - lines), fallback);
	}
	return status;
}
