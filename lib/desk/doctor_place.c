/*
 * Where a misplaced file belongs. Its name tells what it is where it is an ID
 * with a prefix, else its folder does; the month is taken from its path, else
 * from the commit that brought it. Where one of that can't be told, or the
 * place or the ID is taken, a person has to decide.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "doctor.h"

/* The file name without its suffix, when that is one of a record's. */
static const char *stem_of(struct doctor *doctor, const char *path)
{
	const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path, *dot = strrchr(name, '.');

	if (!dot || (strcmp(dot, ".md") != 0 && strcmp(dot, ".yaml") != 0 && strcmp(dot, ".yml") != 0))
		return NULL;
	return itsm_arena_strndup(doctor->arena, name, (size_t)(dot - name));
}

/* The kind whose IDs look like that; for names without a prefix the kind whose folder it is. */
static const struct itsm_kind *kind_of(struct doctor *doctor, const char *path, const char *stem)
{
	const struct itsm_kinds *kinds = doctor->desk->kinds;
	const struct itsm_kind *kind;
	size_t i;

	for (i = 0; i < itsm_kinds_count(kinds); i++) {
		kind = itsm_kinds_at(kinds, i);
		if (kind->prefix && itsm_id_is_random(stem, kind->prefix))
			return kind;
	}
	kind = itsm_kinds_claims(kinds, path);
	return kind && !kind->prefix && !kind->part && itsm_id_is_slug(stem) ? kind : NULL;
}

/* Where the record of this ID lies, in the arena, or NULL. */
static const char *path_of(struct doctor *doctor, const char *id)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = id};
	struct itsm_query *query;
	const char *path = NULL;

	if (itsm_query_open(doctor->desk->index, "SELECT path FROM record WHERE id = ?1", &value, 1, &query, NULL) != 0)
		return NULL;
	if (itsm_query_next(query, NULL) == 1)
		path = itsm_arena_strdup(doctor->arena, itsm_query_value(query, 0).text);
	itsm_query_free(query);
	return path;
}

/* The file of the record that one of the path's folders is named after. */
static const char *owner_of(struct doctor *doctor, const char *path)
{
	const char *at, *end, *owner = NULL;

	for (at = path; !owner && (end = strchr(at, '/')) != NULL; at = end + 1)
		owner = path_of(doctor, itsm_arena_strndup(doctor->arena, at, (size_t)(end - at)));
	return owner;
}

/* The month that the path has anywhere ("2026/11"), or in which git first saw it. */
static bool find_month(struct doctor *doctor, const char *path, int64_t *seconds)
{
	const char *const argv[] = {
		"git", "log", "-1", "--diff-filter=A", "--no-renames", "--format=%at", "--", path, NULL};
	struct itsm_buffer out = {0};
	const char *at;
	int64_t days;
	bool found;

	for (at = path; at; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL) {
		char date[] = "0000-00-01";

		if (strlen(at) < 8 || at[4] != '/' || at[7] != '/')
			continue;
		memcpy(date, at, 4);
		memcpy(date + 5, at + 5, 2);
		if (itsm_date_parse(date, &days)) {
			*seconds = days * 86400;
			return true;
		}
	}
	found = itsm_program_run(argv, doctor->place.root, NULL, &out, NULL, NULL) == 0 && out.length > 1;
	if (found)
		*seconds = strtoll(out.data, NULL, 10);
	itsm_buffer_free(&out);
	return found;
}

const char *doctor_place(struct doctor *doctor, const char *path)
{
	const char *stem = stem_of(doctor, path), *owner = NULL, *target;
	const struct itsm_kind *kind = stem ? kind_of(doctor, path, stem) : NULL, *there;
	char id[ITSM_ID_MAX], owner_id[ITSM_ID_MAX];
	int64_t seconds = 0;

	if (!kind || (kind->part && !(owner = owner_of(doctor, path))) || (!kind->part && path_of(doctor, stem)) ||
	    (kind->by_month && !find_month(doctor, path, &seconds)))
		return NULL;
	target = itsm_kind_path(doctor->arena, kind, stem, seconds, owner);
	if (!itsm_kinds_locate(doctor->desk->kinds, target, &there, id, owner_id) || there != kind ||
	    faccessat(doctor->root, target, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return NULL;
	return target;
}
