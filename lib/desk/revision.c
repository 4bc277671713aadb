/*
 * What --at means: a revision, or a moment, which is the newest commit of the
 * mainline (the first parents of HEAD) that was committed by then.
 *
 *   HEAD  HEAD~3  main  v1.2  8c5e0f3a ...            what git understands
 *   2026-11-01  2026-11  2026-11-01T12:00[:00][Z|+01:00]  today  yesterday  now  -7d
 *
 * A day or month means its end; without an offset it is the user's. What looks like
 * a moment is one: a tag of such a name is refs/tags/2026-11.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "desk.h"

#define DAY 86400

static int offset_at(const struct itsm_desk *desk, int64_t seconds)
{
	return desk->options.offset_at ? desk->options.offset_at(desk->options.offset_context, seconds) :
		desk->options.now_offset_minutes;
}

/* The instant of a wall clock's reading where the user is. */
static int64_t from_local(const struct itsm_desk *desk, int64_t local)
{
	int64_t guess = local - (int64_t)offset_at(desk, local) * 60;

	return local - (int64_t)offset_at(desk, guess) * 60;
}

/* Does text look like the pattern, where 9 stands for a digit? */
static bool is_like(const char *text, const char *pattern)
{
	for (; *pattern; pattern++, text++)
		if (*pattern == '9' ? !isdigit((unsigned char)*text) : *text != *pattern)
			return false;
	return !*text;
}

/* The last second of the days before `end`. */
static int64_t day_end(const struct itsm_desk *desk, int64_t end)
{
	return from_local(desk, end * DAY) - 1;
}

/* "2026-11-01T12:00" with or without an offset. */
static int read_clock(const struct itsm_desk *desk, const char *text, int64_t *out, struct itsm_error *err)
{
	struct itsm_buffer whole = {0};
	struct itsm_time time;
	int status = itsm_time_parse(text, &time, err);

	if (status == 0) {
		*out = time.seconds;
		return 0;
	}
	itsm_buffer_printf(&whole, "%sZ", text);
	if (itsm_time_parse(whole.data, &time, NULL) == 0) {
		*out = from_local(desk, time.seconds);
		status = 0;
	}
	itsm_buffer_free(&whole);
	return status;
}

/* Is it a moment? 1 and the last second that counts, 0, or an error. */
static int read_moment(const struct itsm_desk *desk, const char *text, int64_t *out, struct itsm_error *err)
{
	int64_t now = desk->options.now, local = now + (int64_t)offset_at(desk, now) * 60;
	int64_t today = local / DAY - (local % DAY < 0), days;
	int month;

	if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0) {
		*out = day_end(desk, *text == 't' ? today + 1 : today);
		return 1;
	}
	if (is_like(text, "9999-99")) {
		month = atoi(text + 5);
		if (month < 1 || month > 12)
			return itsm_error_set(err, ITSM_EUSAGE, "there is no month '%s'", text);
		*out = day_end(desk, itsm_days_from_civil(atoi(text) + month / 12, month % 12 + 1, 1));
		return 1;
	}
	if (itsm_date_parse(text, &days)) {
		*out = day_end(desk, days + 1);
		return 1;
	}
	if (strlen(text) > 10 && strspn(text, "0123456789-") == 10 && text[4] == '-' && text[7] == '-' &&
		strchr("Tt ", text[10]))
		return read_clock(desk, text, out, err) == 0 ? 1 : ITSM_EUSAGE;
	if (is_like(text, "9999-99-99"))
		return itsm_error_set(err, ITSM_EUSAGE, "there is no day '%s'", text);
	if (strcmp(text, "now") == 0 || ((*text == '-' || *text == '+') && isdigit((unsigned char)text[1])))
		return itsm_moment_parse(text, now, out, err) == 0 ? 1 : ITSM_EUSAGE;
	return 0;
}

int desk_moment_of(struct itsm_desk *desk, const char *at, int64_t *out, struct itsm_error *err)
{
	struct itsm_arena *arena;
	struct itsm_commit commit;
	struct itsm_repo *repo;
	struct itsm_oid oid;
	int status;

	*out = desk->options.now;
	if (!at || strcmp(at, "HEAD") == 0 || strcmp(at, "@") == 0)
		return 0;
	if ((status = read_moment(desk, at, out, err)) != 0)
		return status < 0 ? status : 0;
	if ((status = desk_resolve(desk, at, &oid, err)) != 0 || (status = itsm_desk_repository(desk, &repo, err)) != 0)
		return status;
	arena = itsm_arena_new();
	status = itsm_repo_commit(repo, arena, &oid, &commit, err);
	if (status == 0)
		*out = commit.committer.seconds > commit.author.seconds ? commit.committer.seconds : commit.author.seconds;
	itsm_arena_free(arena);
	return status;
}

static int at_moment(struct itsm_desk *desk, const char *at, int64_t moment, const struct itsm_oid *head,
	struct itsm_oid *commit, struct itsm_error *err)
{
	struct itsm_index *index;
	struct itsm_time first;
	char text[ITSM_TIME_TEXT];
	int status;

	if (itsm_oid_is_zero(head))
		return itsm_error_set(err, ITSM_ENOTFOUND, "nothing is committed yet, so there is nothing as of '%s'", at);
	if ((status = itsm_desk_index(desk, &index, err)) != 0 || (status = itsm_index_history(index, head, err)) != 0 ||
		(status = itsm_index_mainline_at(index, moment, commit, &first.seconds, err)) < 0)
		return status;
	if (status == 1)
		return 0;
	first.offset_minutes = offset_at(desk, first.seconds);
	itsm_time_format(first, text);
	return itsm_error_set(err, ITSM_ENOTFOUND, "'%s' is before the desk's history, which begins at %s; name a later moment",
		at, text);
}

/* "HEAD~3", "@^": so many first parents back. False when it is something else. */
static bool read_back(const char *at, uint64_t *steps)
{
	char *end;

	at += *at == '@' ? 1 : strncmp(at, "HEAD", 4) == 0 ? 4 : strlen(at);
	for (*steps = 0; *at; ) {
		if (*at == '^' && (!at[1] || strchr("^~", at[1]))) {
			(*steps)++;
			at++;
		} else if (*at == '~' && isdigit((unsigned char)at[1]) && strspn(at + 1, "0123456789") < 10) {
			*steps += strtoull(at + 1, &end, 10);
			at = end;
		} else if (*at == '~' && (!at[1] || strchr("^~", at[1]))) {
			(*steps)++;
			at++;
		} else {
			return false;
		}
	}
	return *steps > 0;
}

/* From history alone, when that is there: without git, that is. 1, 0, negative. */
static int from_history(struct itsm_desk *desk, const char *at, const struct itsm_oid *head, struct itsm_oid *commit,
	struct itsm_error *err)
{
	struct itsm_index *index;
	struct itsm_oid named;
	uint64_t back;
	bool whole = itsm_oid_parse(at, &named), counted = read_back(at, &back);
	int status;

	if ((!whole && !counted) || itsm_oid_is_zero(head))
		return 0;
	if ((status = itsm_desk_index(desk, &index, err)) != 0)
		return status;
	if (!itsm_index_has_history(index))
		return 0;
	if ((status = itsm_index_history(index, head, err)) != 0)
		return status;
	if (counted)
		return itsm_index_mainline_back(index, back, commit, err);
	*commit = named;
	return itsm_index_on_mainline(index, &named, err);
}

int desk_resolve(struct itsm_desk *desk, const char *at, struct itsm_oid *commit, struct itsm_error *err)
{
	struct itsm_oid head;
	int64_t moment;
	int status = itsm_place_head(desk->arena, &desk->place, &head, NULL, err);

	if (status != 0)
		return status;
	if (strcmp(at, "HEAD") == 0 || strcmp(at, "@") == 0) {
		*commit = head;
		return 0;
	}
	if ((status = read_moment(desk, at, &moment, err)) != 0)
		return status < 0 ? status : at_moment(desk, at, moment, &head, commit, err);
	if ((status = from_history(desk, at, &head, commit, err)) != 0)
		return status < 0 ? status : 0;
	return desk_resolve_name(desk, at, commit, err);
}

static int use_commit(struct itsm_index *index, const struct itsm_oid *commit, struct itsm_error *err)
{
	int status = itsm_index_load_at(index, commit, err);

	return status == 0 ? itsm_index_use(index, ITSM_SNAPSHOT_AT, err) : status;
}

int desk_view_revision(struct itsm_desk *desk, const char *at, struct itsm_index **out, struct itsm_error *err)
{
	struct itsm_oid head, commit;
	int status;

	if ((status = itsm_desk_index(desk, out, err)) != 0 || (status = desk_resolve(desk, at, &commit, err)) != 0 ||
		(status = itsm_place_head(desk->arena, &desk->place, &head, NULL, err)) != 0)
		return status;
	if (itsm_oid_equal(&head, &commit)) {
		status = itsm_index_refresh_head(*out, &head, err);
		return status == 0 ? itsm_index_use(*out, ITSM_SNAPSHOT_HEAD, err) : status;
	}
	/* once history is there, keeping it costs less than comparing trees each time */
	if (itsm_index_has_history(*out) && (status = itsm_index_history(*out, &head, err)) != 0)
		return status;
	return use_commit(*out, &commit, err);
}

int desk_view_history(struct itsm_desk *desk, const char *at, struct itsm_index **out, struct itsm_error *err)
{
	struct itsm_oid head, commit;
	int status;

	if ((status = itsm_desk_index(desk, out, err)) != 0 ||
		(status = itsm_place_head(desk->arena, &desk->place, &head, NULL, err)) != 0 ||
		(status = itsm_index_history(*out, &head, err)) != 0)
		return status;
	commit = head;
	if (at && (status = desk_resolve(desk, at, &commit, err)) != 0)
		return status;
	if (itsm_oid_equal(&head, &commit)) {
		status = itsm_index_refresh_head(*out, &head, err);
		return status == 0 ? itsm_index_use(*out, ITSM_SNAPSHOT_HEAD, err) : status;
	}
	/* what is not on the way to HEAD has a history of its own */
	if ((status = itsm_index_on_mainline(*out, &commit, err)) == 0)
		status = itsm_index_history(*out, &commit, err);
	return status < 0 ? status : use_commit(*out, &commit, err);
}
