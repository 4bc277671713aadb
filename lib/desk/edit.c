/* `itsm edit`: a person changes the whole file, the tool judges it as any other change. */
#include <string.h>

#include "desk.h"
#include "itsm/file.h"

static int read_work_file(struct itsm_desk *desk, const char *path, struct itsm_buffer *out, struct itsm_error *err)
{
	if (desk->root < 0)
		return itsm_error_set(err, ITSM_EGIT, "this is a bare repository, which has no files to edit; edit in a clone and push");
	return itsm_file_read(desk->root, path, ITSM_FILE_MAX_BYTES, out, err);
}

/* A file that can't be read as a record is still text that a person can mend. */
static struct itsm_record *unreadable_record(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_hit *hit,
	const struct itsm_buffer *text)
{
	struct itsm_record *record = itsm_arena_alloc(arena, sizeof(*record));

	record->kind = itsm_kinds_find(desk->kinds, hit->kind);
	record->id = hit->id;
	record->path = hit->path;
	record->text = itsm_arena_strndup(arena, text->data ? text->data : "", text->length);
	record->size = text->length;
	record->title = "";
	return record;
}

int itsm_desk_edit_begin(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, struct itsm_record **out,
	struct itsm_error *err)
{
	struct itsm_findings findings;
	struct itsm_buffer text = {0};
	struct itsm_index *index;
	struct itsm_hit hit;
	int status;

	itsm_findings_init(&findings, arena);
	if ((status = itsm_desk_view(desk, NULL, &index, err)) != 0 ||
	    (status = itsm_index_find(index, arena, id, NULL, &hit, err)) != 0)
		return status;
	status = read_work_file(desk, hit.path, &text, err);
	if (status == 0) {
		*out = itsm_record_read(arena, desk->kinds, hit.path, text.data ? text.data : "", text.length, &findings);
		if (!*out)
			*out = unreadable_record(desk, arena, &hit, &text);
	}
	itsm_buffer_free(&text);
	return status;
}

struct editing {
	const struct itsm_record *begun;
	const char *text;
	size_t size;
};

static bool is_text(const struct itsm_buffer *file, const char *text, size_t size)
{
	return file->length == size && memcmp(file->data ? file->data : "", text, size) == 0;
}

/* The file must be as it was when the person began, or as an attempt before this one left it. */
static int unchanged_since(struct itsm_desk *desk, const struct editing *editing, struct itsm_error *err)
{
	const struct itsm_record *begun = editing->begun;
	struct itsm_buffer now = {0};
	int status = read_work_file(desk, begun->path, &now, err);

	if (status == 0 && !is_text(&now, begun->text, begun->size) && !is_text(&now, editing->text, editing->size))
		status = itsm_error_set(err, ITSM_EREFUSED, "'%s' was changed by somebody else while you edited; edit it again", begun->path);
	itsm_buffer_free(&now);
	return status;
}

/* The record as committed, NULL when it is not or can't be read. */
static int committed_record(struct desk_change *change, const char *path, struct itsm_record **out, struct itsm_error *err)
{
	const struct itsm_oid *base = itsm_write_base(change->write);
	struct itsm_findings findings;
	struct itsm_entry entry;
	int status;

	*out = NULL;
	itsm_findings_init(&findings, change->arena);
	if (itsm_oid_is_zero(base))
		return 0;
	status = itsm_repo_find(change->desk->repo, base, path, &entry, err);
	if (status != 0)
		return status == ITSM_ENOTFOUND ? 0 : status;
	return itsm_desk_read_blob(change->desk, change->arena, change->desk->kinds, path, &entry.blob, out, &findings, err);
}

/* A change of state by hand is a step like any other. */
static int judge_move(struct desk_change *change, const struct itsm_record *before, const struct itsm_record *after,
	struct itsm_error *err)
{
	struct itsm_findings *findings = &change->outcome->findings;
	int status;

	if (!before->state || !after->state || strcmp(before->state, after->state) == 0)
		return 0;
	itsm_buffer_printf(&change->subject, ", move %s -> %s", before->state, after->state);
	desk_change_trailer(change, "Itsm-From", before->state);
	desk_change_trailer(change, "Itsm-To", after->state);
	status = desk_judge_step(change->index, after->kind, after, before->state, findings, err);
	return status ? status : desk_change_judge(change, after, before->state, err);
}

/* What the user had not saved is replaced by what they made of it, so that the commit finds its own text. */
static int settle_unsaved(struct desk_change *change, const struct editing *editing, const struct itsm_record *before,
	struct itsm_error *err)
{
	const struct itsm_record *begun = editing->begun;

	if (before && before->size == begun->size && memcmp(before->text, begun->text, begun->size) == 0)
		return 0;
	itsm_write_accept_unsaved(change->write, begun->path);
	return itsm_file_write(change->desk->root, begun->path, editing->text, editing->size, err);
}

static int make_edit(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct editing *editing = context;
	const struct itsm_record *begun = editing->begun;
	struct itsm_outcome *outcome = change->outcome;
	struct itsm_record *before, *after = NULL;
	int status;

	if ((status = unchanged_since(change->desk, editing, err)) != 0 ||
	    (status = committed_record(change, begun->path, &before, err)) != 0 ||
	    (status = desk_change_put(change, before, begun->path, editing->text, editing->size, &after, err)) != 0)
		return status;
	outcome->id = itsm_arena_strdup(outcome->arena, begun->id);
	outcome->path = itsm_arena_strdup(outcome->arena, begun->path);
	itsm_buffer_printf(&change->subject, "%s: edit", begun->id);
	desk_change_trailer(change, "Itsm-Action", "edit");
	desk_change_trailer(change, "Itsm-Record", begun->id);
	if (before && after)
		status = judge_move(change, before, after, err);
	return status || outcome->findings.errors ? status : settle_unsaved(change, editing, before, err);
}

int itsm_desk_edit_save(struct itsm_desk *desk, const struct itsm_record *begun, const char *text, size_t size,
	const char *message, struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct editing editing = {begun, text, size};

	return desk_change_run(desk, make_edit, &editing, message, outcome, err);
}
