/* `itsm set` and `itsm link`: fields of a record that is there. */
#include <string.h>

#include "itsm/file.h"
#include "desk.h"

/* What the edits change, for the commit's subject: "priority=2", or the names of several. */
static void describe(struct itsm_buffer *subject, const struct itsm_edit *edits, size_t count)
{
	size_t i;

	itsm_buffer_puts(subject, ": set ");
	for (i = 0; i < count; i++)
		itsm_buffer_printf(subject, "%s%s", i ? ", " : "", edits[i].field);
	if (count != 1)
		return;
	if (edits[0].operation == ITSM_EDIT_UNSET)
		itsm_buffer_puts(subject, " to nothing");
	else if (edits[0].count == 1 && !strchr(edits[0].values[0], '\n'))
		itsm_buffer_printf(subject, "%s%s", edits[0].operation == ITSM_EDIT_ADD ? " += " :
			edits[0].operation == ITSM_EDIT_REMOVE ? " -= " : " = ", edits[0].values[0]);
}

/* Does the work tree say what is committed? Line ends are git's to turn. */
static bool is_saved(struct desk_change *change, const struct itsm_record *record)
{
	struct itsm_buffer text = {0};
	size_t at = 0, i;
	bool same = itsm_file_read(change->desk->root, record->path, ITSM_FILE_MAX_BYTES, &text, NULL) == 0;

	for (i = 0; same && i < text.length; i++) {
		if (at < record->size && text.data[i] == record->text[at])
			at++;
		else
			same = text.data[i] == '\r' && i + 1 < text.length && text.data[i + 1] == '\n';
	}
	itsm_buffer_free(&text);
	return same && at == record->size;
}

/* Put them. That nothing is to be changed is not said of what the user has changed: the write would have refused it. */
static int put_all(struct desk_change *change, struct desk_put *puts, size_t count, struct itsm_error *err)
{
	int status = desk_change_put_all(change, puts, count, err);

	for (size_t i = 0; i < count && status == 0; i++) {
		if (puts[i].record && !puts[i].changed && !is_saved(change, puts[i].old_record))
			status = itsm_error_set(err, ITSM_EREFUSED, "'%s' has unsaved changes; commit, stash or undo that first",
				puts[i].path);
	}
	return status;
}

struct setting {
	struct itsm_words ids, words;
};

static int make_set(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct setting *setting = context;
	struct itsm_record **records;
	struct desk_put *puts;
	struct itsm_edit *edits = NULL;
	size_t count, edit_count = 0, i;
	int status;

	if (desk_word(change->arena, setting->words, "id"))
		return itsm_error_set(err, ITSM_EUSAGE, "an ID can't be set: it is the file's name");
	if ((status = desk_change_records(change, setting->ids, &records, &count, err)) != 0)
		return status;
	puts = itsm_arena_alloc(change->arena, (count + 1) * sizeof(*puts));
	for (i = 0; i < count && status == 0; i++) {
		status = desk_change_edits(change->index, change->arena, records[i]->kind, setting->words, &edits, &edit_count, err);
		if (status == 0)
			status = desk_change_edit(change, records[i], edits, edit_count, NULL, &puts[i], err);
		if (status != 0 && setting->ids.count > 1)
			itsm_error_prefix(err, "%s", records[i]->id);
	}
	if (status != 0 || (status = put_all(change, puts, count, err)) != 0)
		return status;
	desk_change_told(change, puts, count, "set");
	describe(&change->subject, edits, edit_count);
	return 0;
}

int itsm_desk_set(struct itsm_desk *desk, struct itsm_words ids, struct itsm_words words, const char *message,
	struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct setting setting = {ids, words};

	if (!words.count)
		return itsm_error_set(err, ITSM_EUSAGE, "nothing to set; give field=value, field+=item or field-=item");
	return desk_change_run(desk, make_set, &setting, message, outcome, err);
}

struct linking {
	const char *id, *relation, *target;
	bool remove;
};

static const struct itsm_field *reference_field(const struct itsm_kind *kind, const char *name)
{
	const struct itsm_field *field = itsm_kind_field(kind, name);

	return field && field->type == ITSM_TYPE_REF ? field : NULL;
}

/* The field of the target's kind that `relation` is the inverse of, for this source. */
static const struct itsm_field *inverse_field(const struct itsm_kind *kind, const char *relation, const char *source_kind)
{
	const struct itsm_field *const *columns;
	size_t count, i;

	columns = itsm_kind_columns(kind, &count);
	for (i = 0; i < count; i++) {
		if (columns[i]->type == ITSM_TYPE_REF && columns[i]->inverse && strcmp(columns[i]->inverse, relation) == 0 &&
		    (!columns[i]->to || itsm_list_has(columns[i]->to, source_kind)))
			return columns[i];
	}
	return NULL;
}

static int unknown_relation(const struct itsm_record *record, const char *relation, struct itsm_error *err)
{
	struct itsm_buffer names = {0};
	const struct itsm_field *const *columns;
	size_t count, i;
	int status;

	columns = itsm_kind_columns(record->kind, &count);
	for (i = 0; i < count; i++) {
		if (columns[i]->type == ITSM_TYPE_REF)
			itsm_buffer_printf(&names, "%s%s", names.length ? ", " : "", columns[i]->name);
	}
	status = itsm_error_set(err, ITSM_EUSAGE, "%s %s has no relation '%s'; it has %s", desk_a(record->kind->name), record->kind->name, relation,
		names.length ? names.data : "none");
	itsm_buffer_free(&names);
	return status;
}

static int set_link(struct desk_change *change, const struct itsm_record *holder, const struct itsm_field *field,
	const char *target, bool remove, struct itsm_error *err)
{
	struct itsm_edit reference;
	struct desk_put put = {0};
	const char *there = itsm_record_text(holder, field->name);
	int status;

	desk_edit_set(change->arena, &reference, field->name, target, false);
	reference.list = field->list;
	if (field->list) {
		reference.operation = remove ? ITSM_EDIT_REMOVE : ITSM_EDIT_ADD;
	} else if (remove) {
		if (!there || strcmp(there, target) != 0)
			return itsm_error_set(err, ITSM_EUSAGE, "'%s' of %s is not %s; nothing to remove", field->name, holder->id, target);
		reference.operation = ITSM_EDIT_UNSET;
	}
	if ((status = desk_change_edit(change, holder, &reference, 1, NULL, &put, err)) != 0 ||
	    (status = put_all(change, &put, 1, err)) != 0)
		return status;
	desk_change_told(change, &put, 1, "link");
	describe(&change->subject, &reference, 1);
	return 0;
}

static int make_link(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct linking *linking = context;
	struct itsm_record *source, *target = NULL;
	const struct itsm_field *field;
	const struct itsm_kind *kind;
	struct itsm_hit hit = {0};
	int status = desk_change_record(change, linking->id, &source, err);

	if (status != 0)
		return status;
	field = reference_field(source->kind, linking->relation);
	status = itsm_index_find(change->index, change->arena, linking->target, NULL, &hit, err);
	/* a reference to what is gone can still be taken away, by its full ID */
	if (status == ITSM_ENOTFOUND && field && linking->remove)
		return set_link(change, source, field, linking->target, true, err);
	if (status != 0)
		return status;
	if (field)
		return set_link(change, source, field, hit.id, linking->remove, err);
	kind = itsm_kinds_find(change->desk->kinds, hit.kind);
	field = kind ? inverse_field(kind, linking->relation, source->kind->name) : NULL;
	if (!field)
		return unknown_relation(source, linking->relation, err);
	status = desk_change_record(change, hit.id, &target, err);
	return status ? status : set_link(change, target, field, source->id, linking->remove, err);
}

int itsm_desk_link(struct itsm_desk *desk, const char *id, const char *relation, const char *target, bool remove,
	const char *message, struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct linking linking = {id, relation, target, remove};

	return desk_change_run(desk, make_link, &linking, message, outcome, err);
}
