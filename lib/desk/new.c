/* `itsm new` and `itsm note`: a record that was not there. */
#include <string.h>

#include "desk.h"

/* What a field's special default means now; NULL when it means nothing. */
static const char *default_now(struct itsm_desk *desk, struct itsm_arena *arena, const struct desk_author *who,
	const struct itsm_field *field)
{
	char text[ITSM_TIME_TEXT];

	itsm_desk_now_text(desk, text);
	if (field->type == ITSM_TYPE_TIME && strcmp(field->default_value, "now") == 0)
		return itsm_arena_strdup(arena, text);
	if (field->type == ITSM_TYPE_DATE && strcmp(field->default_value, "today") == 0)
		return itsm_arena_strndup(arena, text, strlen("YYYY-MM-DD"));
	if (field->type == ITSM_TYPE_REF && strcmp(field->default_value, "me") == 0)
		return who->person;
	if (field->type == ITSM_TYPE_STRING && strcmp(field->default_value, "me") == 0 && !who->person && who->name)
		return itsm_arena_printf(arena, "%s <%s>", who->name, who->mail);
	return NULL;
}

static bool has_edit(const struct itsm_edit *edits, size_t count, const char *field)
{
	size_t length = strlen(field), i;

	for (i = 0; i < count; i++) {
		if (strncmp(edits[i].field, field, length) == 0 && (edits[i].field[length] == '\0' || edits[i].field[length] == '.'))
			return true;
	}
	return false;
}

int desk_new_defaults(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_kind *kind, const struct desk_author *who,
	bool guidance, struct itsm_edit *edits, size_t *count, struct itsm_error *err)
{
	const struct itsm_yaml *own = itsm_yaml_get(itsm_yaml_get(desk->config, "defaults"), kind->name);
	size_t i;

	for (i = 0; i < kind->field_count; i++) {
		const struct itsm_field *field = &kind->fields[i];
		const char *value = itsm_yaml_text(own, field->name);
		int status;

		if (has_edit(edits, *count, field->name) || (field->default_from && !guidance))
			continue; /* what is found beside the record goes before the desk's default: derive.c */
		if (value) {
			char *word = itsm_arena_printf(arena, "%s=%s", field->name, value);

			status = itsm_assignment_parse(arena, kind, word, &edits[*count], err);
			if (status != 0) {
				itsm_error_prefix(err, "%s: defaults of %s", DESK_FILE, kind->name);
				return status == ITSM_EUSAGE ? ITSM_EDATA : status; /* it is the file that is wrong, not the command */
			}
			(*count)++;
		} else if (field->default_value && (value = default_now(desk, arena, who, field)) != NULL) {
			desk_edit_set(arena, &edits[(*count)++], field->name, value, false);
		}
	}
	return 0;
}

int desk_new_text(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_kind *kind,
	const struct itsm_new *request, const struct desk_author *who, bool guidance, struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_edit *edits;
	size_t count;
	int status = desk_change_edits(desk->index, arena, kind, request->words, &edits, &count, err);

	if (status != 0)
		return status;
	if (request->title) {
		if (!kind->title_field)
			return itsm_error_set(err, ITSM_EUSAGE, "%s %s has no title", desk_a(kind->name), kind->name);
		desk_edit_set(arena, &edits[count++], kind->title_field, request->title, true);
	}
	status = desk_new_defaults(desk, arena, kind, who, guidance, edits, &count, err);
	return status ? status : itsm_record_compose(kind, edits, count, request->body, guidance, out, err);
}

static int template_author(struct desk_change *change, void *context, struct itsm_error *err)
{
	const char *person = desk_change_person(change);
	struct desk_author *who = context;

	(void)err;
	who->person = person ? itsm_arena_strdup(change->desk->arena, person) : NULL;
	who->name = change->identity_name;
	who->mail = change->identity_mail;
	return 0;
}

int itsm_desk_template(struct itsm_desk *desk, const struct itsm_new *request, struct itsm_buffer *out,
	struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_kind *kind;
	struct itsm_outcome outcome;
	struct desk_author who = {0};
	int status;

	itsm_outcome_init(&outcome, arena);
	status = itsm_desk_kind(desk, request->kind, &kind, err);
	if (status == 0)
		status = desk_change_look(desk, template_author, &who, &outcome, err);
	if (status == 0)
		status = desk_new_text(desk, arena, kind, request, &who, true, out, err);
	itsm_arena_free(arena);
	return status;
}

struct making {
	const struct itsm_kind *kind;
	const struct itsm_new *request;
	const char *action;     /* for subject and trailer: "new", "note" */
	const char *owner;      /* of a part */
};

/* The record's name when no random ID is made: as asked for, else by person, else by title. */
static int choose_slug(struct desk_change *change, const struct making *making, char id[ITSM_ID_MAX], struct itsm_error *err)
{
	const struct itsm_new *request = making->request;
	const struct itsm_kind *kind = making->kind;
	const char *wanted = itsm_kind_field(kind, "id") ? NULL : desk_word(change->arena, request->words, "id");
	const char *title = request->title;

	if (!wanted && kind->part) {
		wanted = desk_word(change->arena, request->words, "by");
		wanted = wanted ? wanted : desk_change_person(change);
		if (!wanted)
			return itsm_error_set(err, ITSM_EUSAGE,
				"nobody in people/ has the mail address %s; make them with `itsm new person`, or give by=ID", change->identity_mail);
	}
	if (wanted) {
		if (!itsm_id_is_slug(wanted))
			return itsm_error_set(err, ITSM_EUSAGE, "'%s' can't be an ID: use lower-case letters, digits, '.', '_' and '-'", wanted);
		strcpy(id, wanted);
		return 0;
	}
	if (!title && kind->title_field)
		title = desk_word(change->arena, request->words, kind->title_field);
	if (!title || !itsm_id_slug(title, id))
		return itsm_error_set(err, ITSM_EUSAGE, "%s %s needs a name for its ID; give id=NAME%s", desk_a(kind->name), kind->name,
			kind->title_field ? " or a title" : "");
	return 0;
}

static int find_owner(struct desk_change *change, struct making *making, struct itsm_hit *owner, struct itsm_error *err)
{
	const struct itsm_kind *kind = making->kind;
	const char *word = desk_word(change->arena, making->request->words, "record");
	int status;

	if (!word)
		return itsm_error_set(err, ITSM_EUSAGE, "%s %s is part of a record; say which: record=ID", desk_a(kind->name), kind->name);
	status = itsm_index_find(change->index, change->arena, word, NULL, owner, err);
	if (status != 0)
		return status;
	if (owner->record || (kind->of && !itsm_list_has(kind->of, owner->kind)))
		return itsm_error_set(err, ITSM_EUSAGE, "%s %s can't have %s %s", desk_a(owner->kind), owner->kind, desk_a(kind->name), kind->name);
	making->owner = owner->id;
	return 0;
}

/* ID and path of the new record. */
static int place_record(struct desk_change *change, struct making *making, char id[ITSM_ID_MAX], const char **path,
	struct itsm_error *err)
{
	const struct itsm_kind *kind = making->kind;
	struct itsm_hit owner = {0};
	struct itsm_entry entry;
	int status = 0;

	if (kind->part && (status = find_owner(change, making, &owner, err)) != 0)
		return status;
	status = kind->prefix ? itsm_id_make(kind->prefix, id, err) : choose_slug(change, making, id, err);
	if (status != 0)
		return status;
	*path = itsm_kind_path(change->arena, kind, id, change->desk->options.now, owner.path);
	if (!itsm_oid_is_zero(itsm_write_base(change->write)) &&
	    itsm_repo_find(change->desk->repo, itsm_write_base(change->write), *path, &entry, NULL) == 0)
		return itsm_error_set(err, ITSM_EREFUSED, "'%s' is there already; change it with `itsm set`, or choose another id=", *path);
	return 0;
}

static void describe(struct desk_change *change, const struct making *making, const struct itsm_record *record,
	const char *id)
{
	const char *about = making->owner ? making->owner : id;

	itsm_buffer_printf(&change->subject, "%s: %s", about, making->action);
	if (strcmp(making->action, "new") == 0)
		itsm_buffer_printf(&change->subject, " %s", making->kind->name);
	if (*record->title)
		itsm_buffer_printf(&change->subject, ": %s", record->title);
	desk_change_trailer(change, "Itsm-Action", making->action);
	desk_change_trailer(change, "Itsm-Record", change->outcome->id);
}

static int make_record(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct making *making = context;
	const struct itsm_new *request = making->request;
	struct itsm_outcome *outcome = change->outcome;
	const struct desk_author who = {desk_change_person(change), change->identity_name, change->identity_mail};
	struct itsm_buffer text = {0};
	struct desk_put put = {.given = request->words};
	struct itsm_record *record;
	char id[ITSM_ID_MAX];
	const char *path;
	int status = place_record(change, making, id, &path, err);

	put.path = path;
	if (status != 0)
		return status;
	if (request->text)
		itsm_buffer_puts(&text, request->text);
	else
		status = desk_new_text(change->desk, change->arena, making->kind, request, &who, false, &text, err);
	put.text = text.data ? text.data : "";
	put.size = text.length;
	if (status == 0)
		status = desk_change_put_all(change, &put, 1, err);
	record = put.record;
	itsm_buffer_free(&text);
	if (status != 0 || !record)
		return status;
	outcome->path = itsm_arena_strdup(outcome->arena, path);
	outcome->id = making->owner
		? itsm_arena_printf(outcome->arena, "%s/%s/%s", making->owner, making->kind->part, id)
		: itsm_arena_strdup(outcome->arena, id);
	describe(change, making, record, id);
	if (outcome->findings.errors)
		return 0;
	return desk_change_judge(change, record, NULL, err);
}

int itsm_desk_new(struct itsm_desk *desk, const struct itsm_new *request, struct itsm_outcome *outcome,
	struct itsm_error *err)
{
	struct making making = {.request = request, .action = "new"};
	int status = itsm_desk_kind(desk, request->kind, &making.kind, err);

	return status ? status : desk_change_run(desk, make_record, &making, request->message, outcome, err);
}

int itsm_desk_note(struct itsm_desk *desk, const char *id, const char *text, struct itsm_outcome *outcome,
	struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char *words[] = {itsm_arena_printf(arena, "record=%s", id)};
	struct itsm_new request = {.kind = "note", .words = {words, 1}, .body = text};
	struct making making = {.request = &request, .action = "note"};
	int status = itsm_desk_kind(desk, "note", &making.kind, err);

	if (status == 0 && text[strspn(text, " \t\r\n")] == '\0')
		status = itsm_error_set(err, ITSM_EUSAGE, "the note is empty; give its text with -m or on standard input");
	if (status == 0)
		status = desk_change_run(desk, make_record, &making, NULL, outcome, err);
	itsm_arena_free(arena);
	return status;
}
