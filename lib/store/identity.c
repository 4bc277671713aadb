/* Who commits: git knows, from its variables and all its configuration. */
#include "identity.h"

#include <stdlib.h>
#include <string.h>

void store_identity_add(struct itsm_buffer *text, const char *part)
{
	for (; *part; part++)
		if ((unsigned char)*part >= ' ' && *part != '<' && *part != '>' && *part != 127)
			itsm_buffer_putc(text, *part);
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

int itsm_place_identity(struct itsm_arena *arena, const struct itsm_place *place, struct itsm_person_time *out,
	struct itsm_error *err)
{
	struct store_child child = STORE_CHILD_NONE;
	int status = store_identity_ask(&child, place, "GIT_COMMITTER_IDENT", err);

	return status ? status : store_identity_answer(&child, arena, out, err);
}
