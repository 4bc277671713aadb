/* Who commits: git knows, from its variables and all its configuration. */
#include "identity.h"

#include <stdlib.h>
#include <string.h>

#include "environment.h"

void store_identity_add(struct itsm_buffer *text, const char *part)
{
	for (; *part; part++)
		if ((unsigned char)*part >= ' ' && *part != '<' && *part != '>' && *part != 127)
			itsm_buffer_putc(text, *part);
}

static bool is_crud(char c)
{
	return (unsigned char)c <= ' ' || strchr(".,:;<>\"\\'", c);
}

bool store_identity_write(struct itsm_buffer *text, const char *part)
{
	struct itsm_buffer clean = {0};
	size_t from = 0, to;

	store_identity_add(&clean, part);
	for (to = clean.length; to && is_crud(clean.data[to - 1]); to--)
		;
	while (from < to && is_crud(clean.data[from]))
		from++;
	itsm_buffer_add(text, clean.data ? clean.data + from : "", to - from);
	itsm_buffer_free(&clean);
	return to > from;
}

const char *store_identity_clean(struct itsm_arena *arena, const char *part)
{
	struct itsm_buffer text = {0};
	const char *clean;

	itsm_buffer_puts(&text, "");
	store_identity_add(&text, part);
	clean = itsm_arena_strdup(arena, text.data);
	itsm_buffer_free(&text);
	return clean;
}

/* An identity made up from the host's name is none: it would be in the history for good. */
int store_identity_ask(struct store_child *child, const struct itsm_place *place, const char *variable,
	struct itsm_error *err)
{
	const char *const argv[] = {"git", "-c", "user.useConfigOnly=true", "var", variable, NULL};

	return store_git_start(child, place, argv, STORE_CHILD_OUTPUT, err);
}

static int unknown(struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_EGIT,
		"git does not know who you are; run `git config --global user.name 'Your Name'` "
		"and `git config --global user.email you@example.org`");
}

/* "Name <mail> seconds +hhmm" */
static int read_identity(const char *text, struct itsm_arena *arena, struct itsm_person_time *out,
	struct itsm_error *err)
{
	const char *open = strchr(text, '<');
	const char *close = open ? strchr(open, '>') : NULL;
	struct itsm_person_time person = {0};
	char *end;
	long zone;

	if (!close || open == text || close == open + 1)
		return unknown(err);
	person.name = itsm_arena_strndup(arena, text, (size_t)(open - text) - (open[-1] == ' '));
	person.mail = itsm_arena_strndup(arena, open + 1, (size_t)(close - open - 1));
	person.seconds = strtoll(close + 1, &end, 10);
	zone = strtol(end, NULL, 10);
	person.offset_minutes = (int)(zone / 100 * 60 + zone % 100);
	*out = person;
	return ITSM_OK;
}

int store_identity_answer(struct store_child *child, struct itsm_arena *arena, struct itsm_person_time *out,
	struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	struct itsm_error why = {0};
	int status = store_child_collect(child, &text, NULL, &why);

	if (status && (strstr(why.message, "dentity unknown") || strstr(why.message, "auto-detection is disabled") ||
	    strstr(why.message, "empty ident")))
		status = unknown(err);
	else if (status)
		itsm_error_set(err, status, "%s", why.message);
	else
		status = read_identity(text.data, arena, out, err);
	itsm_buffer_free(&text);
	return status;
}

int store_people_ask(struct store_child *child, const struct itsm_place *place, struct itsm_error *err)
{
	static const char *const argv[] = {"git", "-c", "user.useConfigOnly=true", "var", "-l", NULL};

	return store_git_start(child, place, argv, STORE_CHILD_OUTPUT, err);
}

/* What follows "<name>=" in the last line that begins so, up to its end; NULL when there is none. */
static const char *last_value(struct itsm_arena *arena, const char *text, const char *name)
{
	size_t length = strlen(name);
	const char *value = NULL;

	for (; *text; text += strcspn(text, "\n"), text += *text == '\n')
		if (strncmp(text, name, length) == 0 && text[length] == '=')
			value = text + length + 1;
	return value ? itsm_arena_strndup(arena, value, strcspn(value, "\n")) : NULL;
}

/* Did somebody say so, in the environment (which comes first) or the configuration? */
static bool is_said(struct itsm_arena *arena, const char *text, const char *variable, const char *name,
	const char *general)
{
	const char *value = store_environment_value(variable);

	if (!value)
		value = last_value(arena, text, name);
	if (!value)
		value = last_value(arena, text, general);
	return value && *value;
}

static bool are_said(struct itsm_arena *arena, const char *text)
{
	return is_said(arena, text, "GIT_COMMITTER_NAME", "committer.name", "user.name") &&
		is_said(arena, text, "GIT_COMMITTER_EMAIL", "committer.email", "user.email") &&
		is_said(arena, text, "GIT_AUTHOR_NAME", "author.name", "user.name") &&
		is_said(arena, text, "GIT_AUTHOR_EMAIL", "author.email", "user.email");
}

static void read_signing(struct itsm_arena *arena, const char *text, struct store_people *out)
{
	const char *value = last_value(arena, text, "commit.gpgsign");

	out->sign = value && strcmp(value, "true") == 0;
	out->sign_sure = value ? out->sign || strcmp(value, "false") == 0 : !strstr(text, "commit.gpgsign");
}

int store_people_answer(struct store_child *child, struct itsm_arena *arena, struct store_people *out,
	struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	const char *committer, *author;
	int status = store_child_collect(child, &text, NULL, err);

	*out = (struct store_people){0};
	if (!status) {
		committer = last_value(arena, text.data, "GIT_COMMITTER_IDENT");
		author = last_value(arena, text.data, "GIT_AUTHOR_IDENT");
		out->sure = are_said(arena, text.data) && committer && author &&
			read_identity(committer, arena, &out->committer, NULL) == ITSM_OK &&
			read_identity(author, arena, &out->author, NULL) == ITSM_OK;
		read_signing(arena, text.data, out);
	}
	itsm_buffer_free(&text);
	return status;
}

int store_signing(const struct itsm_place *place, bool *sign, struct itsm_error *err)
{
	static const char *const argv[] = {"git", "config", "--type=bool", "--default=false", "--get", "commit.gpgsign", NULL};
	struct itsm_buffer text = {0};
	int status = store_git_run(place, argv, NULL, &text, NULL, err);

	*sign = !status && strncmp(text.data, "true", 4) == 0;
	itsm_buffer_free(&text);
	return status;
}

int itsm_place_identity(struct itsm_arena *arena, const struct itsm_place *place, struct itsm_person_time *out,
	struct itsm_error *err)
{
	struct store_child child = STORE_CHILD_NONE;
	int status = store_identity_ask(&child, place, "GIT_COMMITTER_IDENT", err);

	return status ? status : store_identity_answer(&child, arena, out, err);
}
