/*
 * `itsm log`: what changed, field by field, from history.
 *
 * The index knows which commit touched which file, and what it changed. The
 * contents are read for what was added or removed, and for texts too long to be
 * kept there.
 */
#include <string.h>

#include "desk.h"

struct logging {
	struct itsm_desk *desk;
	const struct itsm_log_options *options;
	struct itsm_error *err;
	size_t told;
	int status;
};

/* The ID by which the desk speaks of a path's record. NULL when it is none. */
static const char *name_of(struct itsm_arena *arena, const struct itsm_kinds *kinds, const char *path,
	const struct itsm_kind **kind)
{
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];

	if (!itsm_kinds_locate(kinds, path, kind, id, owner))
		return NULL;
	return *owner ? itsm_arena_printf(arena, "%s/%s/%s", owner, (*kind)->part, id) : itsm_arena_strdup(arena, id);
}

static int read_side(struct logging *logging, struct itsm_arena *arena, const char *path, const struct itsm_oid *blob,
	struct itsm_record **out)
{
	struct itsm_findings findings;

	*out = NULL;
	if (itsm_oid_is_zero(blob))
		return 0;
	itsm_findings_init(&findings, arena);
	return itsm_desk_read_blob(logging->desk, arena, logging->desk->kinds, path, blob, out, &findings, logging->err);
}

static bool is_told(const struct itsm_touch *touch, const char *field)
{
	for (size_t i = 0; i < touch->count; i++)
		if (strcmp(touch->differences[i].field, field) == 0)
			return true;
	return false;
}

/* What a touch changed, from the contents where the index does not say. */
static int find_differences(struct logging *logging, struct itsm_arena *arena, const struct itsm_touch *touch,
	struct itsm_log_entry *entry)
{
	struct itsm_difference *differences;
	struct itsm_record *before, *after;
	size_t kept = 0;
	int status;

	entry->differences = touch->differences;
	entry->count = touch->count;
	if (!touch->added && !touch->removed && !touch->cut)
		return 0;
	if ((status = read_side(logging, arena, touch->path, &touch->old_blob, &before)) != 0 ||
		(status = read_side(logging, arena, touch->path, &touch->new_blob, &after)) != 0)
		return status;
	itsm_record_compare(arena, before, after, &differences, &entry->count);
	entry->differences = differences;
	if (touch->added || touch->removed)
		return 0;
	/* what a merge took over from one of its parents is not its doing */
	for (size_t i = 0; i < entry->count; i++)
		if (is_told(touch, differences[i].field))
			differences[kept++] = differences[i];
	entry->count = kept;
	return 0;
}

static int tell(void *context, const struct itsm_touch *touch)
{
	struct logging *logging = context;
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_log_entry entry = {.commit = touch->commit, .path = touch->path};
	const struct itsm_kind *kind;
	int stop = 0;

	entry.id = name_of(arena, logging->desk->kinds, touch->path, &kind);
	if (entry.id) {
		entry.kind = kind->name;
		entry.change = touch->added ? "added" : touch->removed ? "removed" : "changed";
		if ((logging->status = find_differences(logging, arena, touch, &entry)) == 0) {
			stop = logging->options->entry(logging->options->context, &entry);
			logging->told++;
		}
	}
	itsm_arena_free(arena);
	if (logging->status != 0 || stop)
		return 1;
	return logging->options->limit && logging->told >= logging->options->limit;
}

/* The ID that a word means; a record that is gone is known by its full ID. */
static int find_id(struct itsm_index *index, struct itsm_arena *arena, const char *word, const char **id, struct itsm_error *err)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = word};
	struct itsm_query *query;
	struct itsm_hit hit;
	int status = itsm_index_find(index, arena, word, NULL, &hit, err);

	*id = status == 0 ? hit.id : word;
	if (status != ITSM_ENOTFOUND || itsm_query_open(index, "SELECT 1 FROM touch WHERE id = ?1 LIMIT 1", &value, 1, &query, NULL) != 0)
		return status;
	if (itsm_query_next(query, NULL) == 1)
		status = 0;
	itsm_query_free(query);
	return status;
}

int itsm_desk_log(struct itsm_desk *desk, const struct itsm_log_options *options, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct logging logging = {.desk = desk, .options = options, .err = err};
	struct itsm_index *index;
	const char *id = NULL;
	int status = desk_view_history(desk, options->at, &index, err);

	if (status == 0 && options->id)
		status = find_id(index, arena, options->id, &id, err);
	if (status == 0)
		status = itsm_index_touches(index, id, 0, tell, &logging, err);
	itsm_arena_free(arena);
	return logging.status ? logging.status : status;
}
