/*
 * What HEAD points to, from the files of git's "files" reference store:
 *
 *   HEAD, <ref>   "ref: <name>" or the 40 digits of a commit, one line
 *   packed-refs   lines "<40 digits> <name>", read when the loose file is not there
 *
 * References below refs/heads are shared by all work trees. Whatever looks
 * otherwise (HEAD as a symbolic link, other hierarchies, reftable, which leaves
 * "refs/heads/.invalid" in HEAD) is git's to answer.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "internal.h"

#define REF_MAX 1024
#define LINKS_MAX 5

enum outcome { FOUND, UNBORN, UNUSUAL };

static int digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

bool store_oid_parse(const char *text, struct itsm_oid *out)
{
	struct itsm_oid oid;
	int i;

	for (i = 0; i < 20; i++) {
		if (digit(text[2 * i]) < 0 || digit(text[2 * i + 1]) < 0)
			return false;
		oid.bytes[i] = (unsigned char)(digit(text[2 * i]) << 4 | digit(text[2 * i + 1]));
	}
	*out = oid;
	return true;
}

bool itsm_oid_parse(const char *text, struct itsm_oid *out)
{
	return store_oid_parse(text, out) && !text[40];
}

static bool is_end(char c)
{
	return c == '\0' || c == '\n' || c == '\r' || c == ' ' || c == '\t';
}

/* Exactly 40 digits and no more? */
static bool read_name(const char *text, struct itsm_oid *out)
{
	return store_oid_parse(text, out) && is_end(text[40]);
}

static bool is_plain_branch(const char *name)
{
	return strncmp(name, "refs/heads/", 11) == 0 && name[11] != '.' && !strstr(name, "/.") && !strstr(name, "//") &&
		!strstr(name, "..");
}

static enum outcome search_packed(const char *text, size_t length, const char *name, struct itsm_oid *out)
{
	size_t size = strlen(name);
	const char *end = text + length;
	const char *hit = text;

	while ((hit = memmem(hit, (size_t)(end - hit), name, size)) != NULL) {
		const char *line = hit - 41;
		bool whole = hit + size == end || hit[size] == '\n' || hit[size] == '\r';

		if (whole && hit - text >= 41 && hit[-1] == ' ' && (line == text || line[-1] == '\n'))
			return store_oid_parse(line, out) ? FOUND : UNUSUAL;
		hit += size;
	}
	return UNBORN;
}

static enum outcome read_packed(struct itsm_arena *arena, const char *common, const char *name, struct itsm_oid *out)
{
	int file = open(itsm_arena_printf(arena, "%s/packed-refs", common), O_RDONLY | O_CLOEXEC);
	enum outcome outcome = UNBORN;
	struct stat about;
	void *text;

	if (file < 0)
		return errno == ENOENT ? UNBORN : UNUSUAL;
	if (fstat(file, &about) < 0)
		outcome = UNUSUAL;
	else if (about.st_size > 0) {
		text = mmap(NULL, (size_t)about.st_size, PROT_READ, MAP_PRIVATE, file, 0);
		outcome = UNUSUAL;
		if (text != MAP_FAILED) {
			outcome = search_packed(text, (size_t)about.st_size, name, out);
			munmap(text, (size_t)about.st_size);
		}
	}
	close(file);
	return outcome;
}

static enum outcome read_head(struct itsm_arena *arena, const struct itsm_place *place, struct itsm_oid *head,
	const char **branch)
{
	const char *path = itsm_arena_printf(arena, "%s/HEAD", place->git_dir);
	char text[REF_MAX];
	ssize_t length;
	int links;

	*branch = NULL;
	for (links = 0; links < LINKS_MAX; links++) {
		length = store_read_small(path, false, text, sizeof(text));
		if (length < 0 && *branch && (errno == ENOENT || errno == ENOTDIR || errno == EISDIR))
			return read_packed(arena, place->common_dir, *branch, head);
		if (length < 0 || length >= REF_MAX - 1)
			return UNUSUAL;
		if (strncmp(text, "ref:", 4) != 0)
			return read_name(text, head) ? FOUND : UNUSUAL;
		while (length > 0 && is_end(text[length - 1]))
			text[--length] = '\0';
		*branch = itsm_arena_strdup(arena, text + 4 + strspn(text + 4, " \t"));
		if (!is_plain_branch(*branch))
			return UNUSUAL;
		path = itsm_arena_printf(arena, "%s/%s", place->common_dir, *branch);
	}
	return UNUSUAL;
}

/* One line that git prints, in the arena; NULL when it exits with 1 and says nothing. */
static int ask_line(struct itsm_arena *arena, const struct itsm_place *place, const char *const *argv,
	const char **line, struct itsm_error *err)
{
	struct itsm_buffer out = {0};
	int exit_code = 0;
	int status = store_git_run(place, argv, NULL, &out, &exit_code, err);

	*line = NULL;
	if (!status)
		*line = itsm_arena_strndup(arena, out.data, strcspn(out.data, "\n"));
	itsm_buffer_free(&out);
	return status && exit_code == 1 ? ITSM_OK : status;
}

static int ask_git(struct itsm_arena *arena, const struct itsm_place *place, struct itsm_oid *head,
	const char **branch, struct itsm_error *err)
{
	const char *const commit[] = {"git", "rev-parse", "--verify", "--quiet", "HEAD^{commit}", NULL};
	const char *const name[] = {"git", "symbolic-ref", "--quiet", "HEAD", NULL};
	const char *line;
	int status = ask_line(arena, place, name, branch, err);

	if (!status)
		status = ask_line(arena, place, commit, &line, err);
	if (status)
		return status;
	*head = (struct itsm_oid){{0}};
	if (!line)
		return ITSM_OK;
	if (strlen(line) == 64)
		return itsm_error_set(err, ITSM_EGIT, "this repository uses SHA-256, which libgit2 cannot open; "
			"make one with `git init --object-format=sha1` and bring the files there");
	if (!read_name(line, head))
		return itsm_error_set(err, ITSM_EGIT, "git does not name the commit of HEAD in '%s'", place->git_dir);
	return ITSM_OK;
}

int itsm_place_head(struct itsm_arena *arena, const struct itsm_place *place, struct itsm_oid *head,
	const char **branch, struct itsm_error *err)
{
	struct itsm_oid oid = {{0}};
	const char *name;
	enum outcome outcome = read_head(arena, place, &oid, &name);
	int status = ITSM_OK;

	if (outcome == UNUSUAL)
		status = ask_git(arena, place, &oid, &name, err);
	if (status)
		return status;
	*head = oid;
	if (branch)
		*branch = name;
	return ITSM_OK;
}
