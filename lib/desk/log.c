/*
 * `itsm log`: what changed, field by field, from history.
 *
 * The index knows which commit touched which file, and the two blobs; what
 * changed between them is computed when it is asked for.
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

static int tell(void *context, const struct itsm_touch *touch)
{
	struct logging *logging = context;
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_record *before, *after;
	struct itsm_log_entry entry = {.commit = touch->commit, .path = touch->path};
	const struct itsm_kind *kind;
	int stop = 0;

	entry.id = name_of(arena, logging->desk->kinds, touch->path, &kind);
	if (entry.id) {
		entry.kind = kind->name;
		entry.change = itsm_oid_is_zero(&touch->old_blob) ? "added" : itsm_oid_is_zero(&touch->new_blob) ? "removed" : "changed";
		if ((logging->status = read_side(logging, arena, touch->path, &touch->old_blob, &before)) == 0 &&
		    (logging->status = read_side(logging, arena, touch->path, &touch->new_blob, &after)) == 0) {
			itsm_record_compare(arena, before, after, &entry.differences, &entry.count);
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
	struct itsm_oid head;
	const char *id = NULL;
	int status = itsm_desk_view_head(desk, &index, &head, err);

	if (status == 0)
		status = itsm_index_history(index, &head, err);
	if (status == 0 && options->id)
		status = find_id(index, arena, options->id, &id, err);
	if (status == 0)
		status = itsm_index_touches(index, id, 0, tell, &logging, err);
	itsm_arena_free(arena);
	return logging.status ? logging.status : status;
}
