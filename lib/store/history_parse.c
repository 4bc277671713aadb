/* Taking the stream of `git log` apart: see history.h for its format. */
#include <stdlib.h>
#include <string.h>

#include "history.h"

static int malformed(struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_EGIT, "cannot make sense of what `git log` says");
}

static const char *field(const struct history_parser *parser, size_t i)
{
	return parser->text.data + parser->starts[i];
}

/* "1700000000 +0130"; whatever is broken in a commit is taken as 0. */
static void read_moment(const char *text, struct itsm_person_time *out)
{
	char *end;
	long zone;

	out->seconds = strtoll(text, &end, 10);
	zone = strtol(end, NULL, 10);
	out->offset_minutes = (int)(zone / 100 * 60 + zone % 100);
}

static void read_parents(struct history_parser *parser)
{
	const char *text = field(parser, 1);
	struct itsm_oid oid;

	itsm_buffer_clear(&parser->parents);
	while (store_oid_parse(text, &oid)) {
		itsm_buffer_add(&parser->parents, oid.bytes, sizeof(oid.bytes));
		text += 40;
		text += strspn(text, " ");
	}
}

/* Call on_commit for the commit at hand. */
static int tell(struct history_parser *parser, struct itsm_error *err)
{
	struct itsm_commit commit = {0};
	char *message = parser->text.data + parser->starts[8];
	char *end = message + strcspn(message, "\n");

	if (parser->told)
		return ITSM_OK;
	if (!store_oid_parse(field(parser, 0), &commit.oid))
		return malformed(err);
	read_parents(parser);
	commit.parents = (const struct itsm_oid *)parser->parents.data;
	commit.parent_count = parser->parents.length / sizeof(struct itsm_oid);
	commit.author = (struct itsm_person_time){field(parser, 2), field(parser, 3), 0, 0};
	commit.committer = (struct itsm_person_time){field(parser, 5), field(parser, 6), 0, 0};
	read_moment(field(parser, 4), &commit.author);
	read_moment(field(parser, 7), &commit.committer);
	commit.subject = message;
	commit.body = end + strspn(end, "\n");
	*end = '\0';
	parser->told = true;
	parser->count++;
	return parser->history->on_commit ? parser->history->on_commit(parser->history->context, &commit) : ITSM_OK;
}

/* "<mode> " in octal; the text after it, or NULL. */
static const char *read_mode(const char *text, unsigned *mode)
{
	char *end;

	*mode = (unsigned)strtoul(text, &end, 8);
	return end != text && *end == ' ' ? end + 1 : NULL;
}

/* The sides of a change's first field, that of each parent and then the result. Their number, 0 when it is broken. */
static size_t read_sides(const char *text, struct itsm_entry sides[HISTORY_SIDES])
{
	size_t parents = strspn(text, ":"), i;

	if (parents >= HISTORY_SIDES)
		return 0;
	text += parents;
	for (i = 0; i <= parents; i++) {
		text = read_mode(text, &sides[i].mode);
		if (!text)
			return 0;
	}
	for (i = 0; i <= parents; i++) {
		if (!store_oid_parse(text, &sides[i].blob) || text[40] != ' ')
			return 0;
		text += 41;
	}
	return parents + 1;
}

static int change(struct history_parser *parser, struct itsm_error *err)
{
	const struct itsm_history *history = parser->history;
	struct itsm_entry sides[HISTORY_SIDES], *after;
	const char *path = parser->text.data + parser->path;
	size_t length = strlen(parser->prefix), count = read_sides(parser->text.data + parser->meta, sides);
	int status;

	if (!count)
		return malformed(err);
	if (strncmp(path, parser->prefix, length) != 0)
		return ITSM_OK;
	status = tell(parser, err);
	if (status)
		return status;
	for (size_t i = 0; i < count; i++)
		sides[i].path = parser->text.data + parser->path + length;
	after = &sides[count - 1];
	if (count > 2 && history->on_merge)
		return history->on_merge(history->context, sides, count - 1, after->mode ? after : NULL);
	if (!history->on_change)
		return ITSM_OK;
	return history->on_change(history->context, sides[0].mode ? &sides[0] : NULL, after->mode ? after : NULL);
}

/* A field (ending in the NUL just added) is whole. */
static int field_ended(struct history_parser *parser, struct itsm_error *err)
{
	int status = ITSM_OK;

	if (parser->fields < HISTORY_FIELDS) {
		if (++parser->fields < HISTORY_FIELDS) {
			parser->starts[parser->fields] = parser->text.length;
			return ITSM_OK;
		}
		parser->between = true;
		return parser->changed_only ? ITSM_OK : tell(parser, err);
	}
	if (!parser->path) {
		parser->path = parser->text.length;
		return ITSM_OK;
	}
	status = change(parser, err);
	parser->text.length = parser->meta;
	parser->meta = parser->path = 0;
	parser->between = true;
	return status;
}

/* The byte after a whole commit or change: ':' starts a change, a digit the next commit. */
static bool decide(struct history_parser *parser, char c)
{
	if (c == '\0' || c == '\n')
		return false;
	parser->between = false;
	if (c == ':') {
		parser->meta = parser->text.length;
		return true;
	}
	parser->done = parser->limit && parser->count >= parser->limit;
	itsm_buffer_clear(&parser->text);
	parser->fields = 0;
	parser->starts[0] = 0;
	parser->told = false;
	return !parser->done;
}

int history_feed(struct history_parser *parser, const char *data, size_t length, struct itsm_error *err)
{
	const char *end = data + length, *stop;
	int status = ITSM_OK;

	while (data < end && !status && !parser->done) {
		if (parser->between && !decide(parser, *data)) {
			data++;
			continue;
		}
		stop = memchr(data, '\0', (size_t)(end - data));
		itsm_buffer_add(&parser->text, data, (size_t)((stop ? stop + 1 : end) - data));
		data = stop ? stop + 1 : end;
		if (parser->text.length > STORE_MESSAGE_MAX)
			return itsm_error_set(err, ITSM_ELIMIT, "a commit's message is longer than %d bytes",
				STORE_MESSAGE_MAX);
		if (stop)
			status = field_ended(parser, err);
	}
	return status;
}

int history_finish(struct history_parser *parser, struct itsm_error *err)
{
	return parser->done || parser->between ? ITSM_OK : malformed(err);
}

void history_free(struct history_parser *parser)
{
	itsm_buffer_free(&parser->text);
	itsm_buffer_free(&parser->parents);
}
