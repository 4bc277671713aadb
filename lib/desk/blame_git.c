/*
 * `git blame --porcelain`, taken apart. For each line
 *
 *   <40 digits> <line before> <line now> [<lines in the group>]
 *   author <name>                 at the first line of each commit only
 *   author-mail <<mail>>
 *   author-time <seconds>
 *   summary <subject>
 *   ...
 *   TAB <the line's text>
 *
 * Lines that are not committed come from a commit of forty zeros.
 */
#include <stdlib.h>
#include <string.h>

#include "blame.h"

#define LINES_MAX (4u << 20)

struct parsing {
	struct itsm_arena *arena;
	struct blame_lines *out;
	struct itsm_blame_source *current;
	struct known {
		struct known *next;
		struct itsm_blame_source source;
	} *known;                       /* commits met so far */
	size_t line;                    /* that the group at hand is of */
};

static struct itsm_blame_source *find_source(struct parsing *parsing, const struct itsm_oid *oid)
{
	struct known *known;

	for (known = parsing->known; known; known = known->next)
		if (itsm_oid_equal(&known->source.commit, oid))
			return &known->source;
	known = itsm_arena_alloc(parsing->arena, sizeof(*known));
	known->source = (struct itsm_blame_source){ .commit = *oid, .committed = !itsm_oid_is_zero(oid), .author = "",
		.mail = "", .subject = "" };
	known->next = parsing->known;
	parsing->known = known;
	return &known->source;
}

/* The text behind a key, in the arena, or NULL. */
static const char *value_of(struct itsm_arena *arena, const char *line, size_t length, const char *key)
{
	size_t size = strlen(key);

	return length >= size && strncmp(line, key, size) == 0 ? itsm_arena_strndup(arena, line + size, length - size) : NULL;
}

static void read_header(struct parsing *parsing, const char *line, size_t length)
{
	struct itsm_blame_source *source = parsing->current;
	const char *value;

	if ((value = value_of(parsing->arena, line, length, "author ")) != NULL)
		source->author = value;
	else if ((value = value_of(parsing->arena, line, length, "author-mail <")) != NULL)
		source->mail = itsm_arena_strndup(parsing->arena, value, strcspn(value, ">"));
	else if ((value = value_of(parsing->arena, line, length, "author-time ")) != NULL)
		source->at = strtoll(value, NULL, 10);
	else if ((value = value_of(parsing->arena, line, length, "summary ")) != NULL)
		source->subject = value;
}

/* "<commit> <before> <now> ...": false when it is something else. */
static bool begin_line(struct parsing *parsing, const char *line, size_t length)
{
	char digits[41];
	struct itsm_oid oid;
	char *end;

	if (length < 44 || line[40] != ' ')
		return false;
	memcpy(digits, line, 40);
	digits[40] = '\0';
	if (!itsm_oid_parse(digits, &oid))
		return false;
	strtoull(line + 41, &end, 10);
	parsing->line = strtoull(end, NULL, 10);
	parsing->current = find_source(parsing, &oid);
	return true;
}

static void end_line(struct parsing *parsing)
{
	struct blame_lines *out = parsing->out;

	if (parsing->line == 0 || parsing->line > LINES_MAX)
		return;
	while (out->count <= parsing->line) {
		itsm_arena_grow(parsing->arena, &out->items, &out->capacity, out->count, sizeof(*out->items));
		out->items[out->count++] = NULL;
	}
	out->items[parsing->line] = parsing->current;
	parsing->current = NULL;
}

static void parse(struct parsing *parsing, const char *text, size_t size)
{
	const char *end = text + size;

	while (text < end) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t length = (size_t)((stop ? stop : end) - text);

		if (!parsing->current)
			begin_line(parsing, text, length);
		else if (*text == '\t')
			end_line(parsing);
		else
			read_header(parsing, text, length);
		text += length + 1;
	}
}

/* Does git know the file? */
static bool is_known(const char *folder, const char *path, const char *commit)
{
	const char *const committed[] = {"git", "ls-tree", commit ? commit : "HEAD", "--", path, NULL};
	struct itsm_buffer out = {0};
	bool known = itsm_program_run(committed, folder, NULL, &out, NULL, NULL) == 0 && out.length;

	itsm_buffer_free(&out);
	return known;
}

int desk_blame_lines(struct itsm_desk *desk, struct itsm_arena *arena, const char *path, const struct itsm_oid *commit,
	struct blame_lines *out, struct itsm_error *err)
{
	const char *folder = desk->place.root ? desk->place.root : desk->place.git_dir;
	const char *name = desk->place.root ? path : itsm_arena_printf(arena, "%s%s", desk->place.prefix, path);
	const char *argv[] = {"git", "blame", "--porcelain", "--encoding=UTF-8", NULL, NULL, NULL, NULL};
	struct parsing parsing = {.arena = arena, .out = out};
	struct itsm_buffer text = {0};
	char digits[41];
	size_t count = 4;
	int status;

	if (commit) {
		itsm_oid_text(commit, digits);
		argv[count++] = digits;
	}
	argv[count++] = "--";
	argv[count++] = name;
	if (!is_known(folder, name, commit ? digits : NULL))
		return 0;
	status = itsm_program_run(argv, folder, NULL, &text, NULL, err);
	if (status == 0)
		parse(&parsing, text.data, text.length);
	itsm_buffer_free(&text);
	return status;
}
