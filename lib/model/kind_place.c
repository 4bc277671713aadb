/*
 * Where records lie: paths to kinds and IDs, and back.
 *
 *   <folder>/<slug>.yaml                                   a thing
 *   <folder>/2026/11/CHG-4k7q2m8d.md                       a happening
 *   <folder>/2026/11/CHG-4k7q2m8d/approvals/<slug>.yaml    a part of it
 *
 * In a kind's folder every .md, .yaml and .yml file must be a record, and so
 * must whatever is called like one. README.md, hidden files, editors' copies
 * (~) and other sorts of file (calendars' .ics, evidence) are left alone.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "itsm/id.h"
#include "itsm/time.h"
#include "kind_set.h"

_Static_assert(sizeof(((struct kind_place *)0)->id) == ITSM_ID_MAX, "an ID must fit");

static void misplaced(struct kind_place *place, const char *problem, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void misplaced(struct kind_place *place, const char *problem, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	snprintf(place->problem, sizeof(place->problem), "%s", problem);
	vsnprintf(place->remedy, sizeof(place->remedy), format, arguments);
	va_end(arguments);
}

static const struct itsm_kind *folder_kind(const struct itsm_kinds *kinds, const char *path, const char **rest)
{
	for (size_t i = 0; i < kinds->count; i++) {
		const char *folder = kinds->entries[i]->kind->folder;
		size_t length;

		if (!folder || *folder != *path)
			continue;
		length = strlen(folder);
		if (strncmp(path, folder, length) == 0 && path[length] == '/') {
			*rest = path + length + 1;
			return kinds->entries[i]->kind;
		}
	}
	return NULL;
}

static const struct itsm_kind *part_kind(const struct itsm_kinds *kinds, const char *name, size_t length)
{
	for (size_t i = 0; i < kinds->count; i++) {
		const char *part = kinds->entries[i]->kind->part;

		if (part && strlen(part) == length && strncmp(part, name, length) == 0)
			return kinds->entries[i]->kind;
	}
	return NULL;
}

static bool ends_with(const char *name, const char *suffix)
{
	size_t length = strlen(name), tail = strlen(suffix);

	return length >= tail && strcasecmp(name + length - tail, suffix) == 0;
}

/* Would a person take this for a record of the kind? */
static bool looks_like_record(const struct itsm_kind *kind, const char *name)
{
	bool markdown = ends_with(name, ".md"), yaml = ends_with(name, ".yaml") || ends_with(name, ".yml");
	size_t length = kind->prefix ? strlen(kind->prefix) : 0;

	if (*name == '.' || ends_with(name, "~") || strcmp(name, "README.md") == 0)
		return false;
	if (length && strncmp(name, kind->prefix, length) == 0 && name[length] == '-')
		return true;
	return kind->part ? (kind->markdown ? markdown : yaml) : markdown || yaml;
}

static bool is_id(const struct itsm_kind *kind, const char *id)
{
	return strlen(id) < ITSM_ID_MAX && (kind->prefix ? itsm_id_is_random(id, kind->prefix) : itsm_id_is_slug(id));
}

/* "2026/11/" at the start of text: its length, or 0. */
static size_t month_length(const char *text)
{
	for (int i = 0; i < 8; i++)
		if (i == 4 || i == 7 ? text[i] != '/' : text[i] < '0' || text[i] > '9')
			return 0;
	if (memcmp(text + 5, "00", 2) == 0 || memcmp(text + 5, "12", 2) > 0)
		return 0;
	return 8;
}

/* The file name of a record: ID and suffix. */
static void judge_name(struct kind_place *place, const char *name)
{
	const struct itsm_kind *kind = place->kind;
	const char *suffix = kind->markdown ? ".md" : ".yaml";
	size_t length = strlen(name), tail = strlen(suffix);

	if (length <= tail || strcmp(name + length - tail, suffix) != 0) {
		misplaced(place, "the file name does not end as a record's of its kind", "name it <ID>%s", suffix);
		return;
	}
	if (length - tail < ITSM_ID_MAX) {
		memcpy(place->id, name, length - tail);
		place->id[length - tail] = '\0';
		if (is_id(kind, place->id))
			return;
		place->id[0] = '\0';
	}
	if (kind->prefix)
		misplaced(place, "the file name is no ID",
			"name it %s-xxxxxxxx%s: 8 digits and lower-case letters without i, l, o, u, as `itsm new %s` "
			"makes them",
			kind->prefix, suffix, kind->name);
	else
		misplaced(place, "the file name is no ID", "name it in lower-case letters, digits, '.', '_' and '-', "
			"starting with a letter or digit: db-prod-1%s", suffix);
}

/* `rest` starts with the owner's folder: "<ID>/<part>/<file>". False when it is nothing of ours. */
static bool judge_part(const struct itsm_kinds *kinds, struct kind_place *place, const char *rest)
{
	const struct itsm_kind *owner = place->kind;
	const char *part = strchr(rest, '/') + 1;
	const char *slash = strchr(part, '/');
	const char *name = strrchr(rest, '/') + 1;
	const struct itsm_kind *kind = slash ? part_kind(kinds, part, (size_t)(slash - part)) : NULL;
	size_t length = (size_t)(part - 1 - rest);

	if (!looks_like_record(kind ? kind : owner, name))
		return false;
	if (!kind) {
		misplaced(place, "the folder holds no records",
			"a record's folder has approvals/, notes/ and evidence/: put it there, or right into %s",
			owner->folder);
		return true;
	}
	place->kind = kind;
	if (length < ITSM_ID_MAX) {
		memcpy(place->owner, rest, length);
		place->owner[length] = '\0';
	}
	if (length >= ITSM_ID_MAX || !is_id(owner, place->owner))
		misplaced(place, "its folder is not named like the ID of a record",
			"put it into <ID>/%s/ beside the record's file", kind->part);
	else if (slash + 1 != name)
		misplaced(place, "it lies too deep", "put it right into %s/%s/", place->owner, kind->part);
	else if (kind->of && !itsm_list_has(kind->of, owner->name))
		misplaced(
			place, "records of that kind have no such part", "move it to a record that has %s", kind->part);
	else
		judge_name(place, name);
	return true;
}

void kind_place_find(const struct itsm_kinds *kinds, const char *path, struct kind_place *out)
{
	struct kind_place *place = out;
	const char *rest, *slash;
	size_t month = 0;

	*place = (struct kind_place){ 0 };
	place->kind = folder_kind(kinds, path, &rest);
	if (!place->kind)
		return;
	if (place->kind->by_month) {
		month = month_length(rest);
		rest += month;
	}
	slash = strchr(rest, '/');
	if (place->kind->by_month && !month) {
		if (looks_like_record(place->kind, strrchr(path, '/') + 1))
			misplaced(place, "it is not filed by month", "put it into %s/<year>/<month>/",
				place->kind->folder);
		else
			place->kind = NULL;
	} else if (slash) {
		if (!judge_part(kinds, place, rest))
			place->kind = NULL;
	} else if (looks_like_record(place->kind, rest)) {
		judge_name(place, rest);
	} else {
		place->kind = NULL;
	}
}

bool itsm_kinds_locate(const struct itsm_kinds *kinds, const char *path, const struct itsm_kind **kind, char *id,
	char *owner)
{
	struct kind_place place;

	kind_place_find(kinds, path, &place);
	if (!place.kind || *place.problem)
		return false;
	*kind = place.kind;
	memcpy(id, place.id, sizeof(place.id));
	memcpy(owner, place.owner, sizeof(place.owner));
	return true;
}

const struct itsm_kind *itsm_kinds_claims(const struct itsm_kinds *kinds, const char *path)
{
	struct kind_place place;

	kind_place_find(kinds, path, &place);
	return place.kind;
}

char *itsm_kind_path(struct itsm_arena *arena, const struct itsm_kind *kind, const char *id, int64_t seconds,
	const char *owner_path)
{
	const char *suffix = kind->markdown ? "md" : "yaml";
	int64_t days = seconds / 86400 - (seconds % 86400 < 0);
	int year, month, day;

	if (kind->part) {
		const char *name = strrchr(owner_path, '/');
		const char *dot = strrchr(name ? name : owner_path, '.');
		size_t length = dot ? (size_t)(dot - owner_path) : strlen(owner_path);

		return itsm_arena_printf(arena, "%.*s/%s/%s.%s", (int)length, owner_path, kind->part, id, suffix);
	}
	if (!kind->by_month)
		return itsm_arena_printf(arena, "%s/%s.%s", kind->folder, id, suffix);
	itsm_civil_from_days(days, &year, &month, &day);
	return itsm_arena_printf(arena, "%s/%04d/%02d/%s.%s", kind->folder, year, month, id, suffix);
}
