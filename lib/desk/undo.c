/*
 * `itsm undo`: a write, taken back by another commit. Its files become what they
 * were in its first parent, if that fits what is there now: nothing that others
 * need goes, and no finding comes.
 */
#include <string.h>

#include "undo.h"

static bool is_place(struct desk_change *change, const char *path)
{
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	const struct itsm_kind *kind;

	return itsm_kinds_locate(change->desk->kinds, path, &kind, id, owner);
}

static int check_path(
	struct desk_change *change, const char *path, struct itsm_findings *findings, struct itsm_error *err)
{
	int status = is_place(change, path) ? itsm_index_check(change->index, path, findings, err) : 0;

	return status == ITSM_ENOTFOUND ? 0 : status;
}

/* Put one file back, and judge it: what it was once need not fit what is there now. */
static int restore(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct undoing *undoing = context;
	struct desk_change *change = undoing->change;
	const char *path = itsm_arena_strdup(change->arena, old_entry ? old_entry->path : new_entry->path);
	struct itsm_findings before, after;
	struct itsm_buffer text = {0};
	int status = 0;

	itsm_findings_init(&before, change->arena);
	itsm_findings_init(&after, change->arena);
	if (!old_entry)
		return desk_change_remove_file(change, path, undoing->err);
	if ((new_entry && (status = check_path(change, path, &before, undoing->err)) != 0) ||
		(status = itsm_repo_blob(
			 change->desk->repo, &old_entry->blob, ITSM_FILE_MAX_BYTES, &text, undoing->err)) != 0)
		return status;
	status = desk_change_put_file(change, path, &text, undoing->err);
	if (status == 0)
		status = check_path(change, path, &after, undoing->err);
	itsm_buffer_free(&text);
	if (status == 0)
		desk_change_add_new(change->outcome, &before, &after);
	return status;
}

/* The first column of a query on an ID, as "a, b, c", in the arena; NULL when there is none. */
static const char *names_of(struct desk_change *change, const char *sql, const char *id)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = id};
	struct itsm_buffer names = {0};
	struct itsm_query *query;
	const char *list = NULL;

	if (itsm_query_open(change->index, sql, &value, 1, &query, NULL) != 0)
		return NULL;
	while (itsm_query_next(query, NULL) == 1)
		itsm_buffer_printf(&names, "%s%s", names.length ? ", " : "", itsm_query_value(query, 0).text);
	if (names.length)
		list = itsm_arena_strdup(change->arena, names.data);
	itsm_query_free(query);
	itsm_buffer_free(&names);
	return list;
}

/* A record that goes must be missed by nobody. */
static void judge_removal(struct desk_change *change, const char *path)
{
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	struct itsm_finding finding = {.rule = "reference/missing", .path = path, .record = id,
		.remedy = "take that back or change it first"};
	const struct itsm_kind *kind;
	const char *names;

	if (!itsm_kinds_locate(change->desk->kinds, path, &kind, id, owner) || *owner ||
	    names_of(change, "SELECT id FROM record WHERE id = ?1", id))
		return;
	if ((names = names_of(change, "SELECT DISTINCT source FROM link WHERE target = ?1 ORDER BY 1 LIMIT 5", id)) !=
		NULL) {
		finding.message = itsm_arena_printf(change->arena, "%s would be gone, and is named by %s", id, names);
		itsm_findings_add(&change->outcome->findings, &finding);
	}
	if ((names = names_of(change, "SELECT id FROM record WHERE record = ?1 ORDER BY 1 LIMIT 5", id)) != NULL) {
		finding.message = itsm_arena_printf(change->arena, "%s would be gone, and has %s", id, names);
		itsm_findings_add(&change->outcome->findings, &finding);
	}
}

/* The records that the write's trailers, which are its last paragraph, name: named again. */
static void repeat_records(struct desk_change *change, const char *body)
{
	static const char name[] = "Itsm-Record: ";
	const char *line = body, *next, *end;

	while ((next = strstr(line, "\n\n")) != NULL && next[2])
		line = next + 2;
	for (; *line; line = *end ? end + 1 : end) {
		end = strchrnul(line, '\n');
		if (strncmp(line, name, strlen(name)) == 0)
			itsm_buffer_printf(&change->trailers, "%.*s\n", (int)(end - line), line);
	}
}

static int make_undo(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct undoing *undoing = context;
	struct itsm_undo_result *result = undoing->result;
	char name[41];
	size_t i;
	int status;

	undoing->change = change;
	undoing->err = err;
	undoing->undone_count = 0;
	status = undo_find(undoing, itsm_write_base(change->write));
	if (status == 0)
		status = itsm_repo_compare(
			change->desk->repo, &undoing->parent, &result->undone.oid, restore, undoing, err);
	if (status != 0)
		return status;
	for (i = 0; i < result->count; i++)
		judge_removal(change, result->paths[i]);
	itsm_oid_text(&result->undone.oid, name);
	itsm_buffer_printf(&change->subject, "undo \"%s\"", result->undone.subject);
	desk_change_trailer(change, "Itsm-Action", "undo");
	repeat_records(change, result->undone.body);
	desk_change_trailer(change, "Itsm-Undo", name);
	return 0;
}

int itsm_desk_undo(struct itsm_desk *desk, struct itsm_arena *arena, const char *revision, const char *message,
	struct itsm_undo_result *out, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_undo_result result = {0};
	struct undoing undoing = {.arena = arena, .revision = revision, .result = &result};
	struct itsm_outcome outcome;
	int status;

	itsm_outcome_init(&outcome, arena);
	status = desk_change_run(desk, make_undo, &undoing, message, &outcome, err);
	*findings = outcome.findings;
	if (status != 0)
		return status;
	result.commit = outcome.commit;
	*out = result;
	return 0;
}
