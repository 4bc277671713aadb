/*
 * How everything is written.
 *
 * One attempt: take the write lock, bring the index's HEAD snapshot to the
 * commit the write stands on, let `make` put files, judge what it put inside
 * an index transaction, commit, keep the transaction. When plain git moved the
 * branch meanwhile, the attempt is forgotten and made again on the new commit,
 * so that what is written is always judged against what it follows.
 *
 * A record that had findings before (imported history, an older schema) can
 * still be changed: only findings that a change brings refuse it.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "itsm/file.h"
#include "policy_change.h"

#define ATTEMPTS 200
#define SUBJECT_LENGTH 100

void itsm_outcome_init(struct itsm_outcome *outcome, struct itsm_arena *arena)
{
	memset(outcome, 0, sizeof(*outcome));
	outcome->arena = arena;
	itsm_findings_init(&outcome->findings, arena);
}

/* Is it written in JSON as it is? */
static bool is_plain(const char *mail)
{
	return mail[strspn(mail, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@.-_+")] == '\0';
}

static const char *find_person(struct desk_change *change)
{
	static const char unfold[] = "SELECT p.id FROM person AS p, json_each(p.mail) AS m"
		" WHERE lower(m.value) = lower(?1) ORDER BY p.id LIMIT 1";
	/* unfolding everybody's list costs more than all else that a small write does */
	static const char seek[] = "SELECT p.id FROM person AS p WHERE instr(lower(p.mail), lower(?1))"
		" AND EXISTS (SELECT 1 FROM json_each(p.mail) AS m WHERE lower(m.value) = lower(?1)) ORDER BY p.id LIMIT 1";
	struct itsm_value mail = {.type = ITSM_VALUE_TEXT, .text = change->identity_mail};
	struct itsm_query *query;
	const char *person = NULL;

	if (itsm_query_open(change->index, is_plain(mail.text) ? seek : unfold, &mail, 1, &query, NULL) != 0)
		return NULL;
	if (itsm_query_next(query, NULL) == 1)
		person = itsm_arena_strdup(change->arena, itsm_query_value(query, 0).text);
	itsm_query_free(query);
	return person;
}

const char *desk_change_person(struct desk_change *change)
{
	if (!change->person_known && change->identity_mail)
		change->person = find_person(change);
	change->person_known = true;
	return change->person;
}

static int prepare(struct desk_change *change, struct itsm_error *err)
{
	struct itsm_desk *desk = change->desk;
	struct itsm_person_time identity;
	struct itsm_repo *repo;
	int status;

	if (!desk->place.root)
		return itsm_error_set(err, ITSM_EGIT, "this is a bare repository, which has no work tree to write in; write in a clone and push");
	if ((status = itsm_desk_repository(desk, &repo, err)) != 0 ||
	    (status = itsm_write_begin(repo, &change->write, err)) != 0 ||
	    (status = itsm_desk_index(desk, &change->index, err)) != 0 ||
	    (status = itsm_index_refresh_head(change->index, itsm_write_base(change->write), err)) != 0 ||
	    (status = itsm_index_use(change->index, ITSM_SNAPSHOT_HEAD, err)) != 0 ||
	    (status = itsm_write_identity(change->write, &identity, err)) != 0)
		return status;
	change->identity_name = identity.name;
	change->identity_mail = identity.mail;
	return 0;
}

static int commit(struct desk_change *change, struct itsm_oid *oid, struct itsm_error *err)
{
	const struct itsm_desk_options *options = &change->desk->options;
	struct itsm_buffer message = {0};
	int status;

	if (change->subject.length > SUBJECT_LENGTH) {
		size_t cut = SUBJECT_LENGTH;

		while (cut && ((unsigned char)change->subject.data[cut] & 0xC0) == 0x80)
			cut--;
		itsm_buffer_add(&message, change->subject.data, cut);
		itsm_buffer_puts(&message, " ...");
	} else {
		itsm_buffer_add(&message, change->subject.data, change->subject.length);
	}
	itsm_buffer_puts(&message, "\n\n");
	if (change->message && *change->message)
		itsm_buffer_printf(&message, "%s\n\n", change->message);
	itsm_buffer_add(&message, change->trailers.data, change->trailers.length);
	status = itsm_write_commit(change->write, message.data, NULL, options->now, options->now_offset_minutes, oid, err);
	itsm_buffer_free(&message);
	return status;
}

/* What was judged is what is committed: say so where the file says something else by now. */
static int refuse(struct desk_change *change, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	bool unsaved = change->judged && itsm_file_read(change->desk->root, change->judged->path, ITSM_FILE_MAX_BYTES, &text, NULL) == 0 &&
		(text.length != change->judged->size || memcmp(text.data ? text.data : "", change->judged->text, text.length) != 0);

	itsm_buffer_free(&text);
	if (unsaved)
		return itsm_error_set(err, ITSM_EREFUSED, "refused; nothing was written; '%s' has changes that are not committed"
			" and were not looked at: `itsm edit %s` or git commits them", change->judged->path, change->judged->id);
	return itsm_error_set(err, ITSM_EREFUSED, "refused; nothing was written");
}

static int judge_and_commit(struct desk_change *change, desk_change_make make, void *context, struct itsm_error *err)
{
	struct itsm_outcome *outcome = change->outcome;
	struct itsm_oid oid;
	int status = make(change, context, err);

	if (status == 0 && outcome->findings.errors)
		status = desk_policy_excuse(change, err);
	if (status == 0 && outcome->findings.errors)
		status = refuse(change, err);
	if (status != 0 || !change->files) {
		itsm_index_settle(change->index, NULL, NULL);
		return status;
	}
	status = commit(change, &oid, err);
	if (status != 0) {
		itsm_index_settle(change->index, NULL, NULL);
		return status;
	}
	/* The record is safe in history; an index that can't keep up is only stale. */
	itsm_index_settle(change->index, change->unindexed ? NULL : &oid, NULL);
	outcome->commit = oid;
	outcome->changed = true;
	return 0;
}

static int attempt(struct itsm_desk *desk, desk_change_make make, void *context, const char *message,
	struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct desk_change change = {
		.desk = desk,
		.arena = itsm_arena_new(),
		.outcome = outcome,
		.message = message,
	};
	int status;

	outcome->findings.count = outcome->findings.errors = 0;
	status = prepare(&change, err);
	if (status == 0)
		status = judge_and_commit(&change, make, context, err);
	itsm_write_end(change.write);
	itsm_buffer_free(&change.subject);
	itsm_buffer_free(&change.trailers);
	desk_policy_free(change.policy);
	itsm_arena_free(change.arena);
	return status;
}

int desk_change_look(struct itsm_desk *desk, desk_change_make make, void *context, struct itsm_outcome *outcome,
	struct itsm_error *err)
{
	struct desk_change change = {.desk = desk, .arena = itsm_arena_new(), .outcome = outcome};
	struct itsm_person_time identity;
	struct itsm_oid head;
	int status = itsm_desk_view_head(desk, &change.index, &head, err);

	if (status == 0) {
		if (itsm_place_identity(desk->arena, &desk->place, &identity, NULL) == 0) {
			change.identity_name = identity.name;
			change.identity_mail = identity.mail;
		}
		status = make(&change, context, err);
		itsm_index_settle(change.index, NULL, NULL);
	}
	itsm_buffer_free(&change.subject);
	itsm_buffer_free(&change.trailers);
	desk_policy_free(change.policy);
	itsm_arena_free(change.arena);
	return status;
}

int desk_change_run(struct itsm_desk *desk, desk_change_make make, void *context, const char *message,
	struct itsm_outcome *outcome, struct itsm_error *err)
{
	int status = ITSM_ERACE;
	size_t tries, i;

	for (i = 0; message && message[i]; i++) {
		if (((unsigned char)message[i] < 0x20 && !strchr("\t\r\n", message[i])) || message[i] == 0x7f)
			return itsm_error_set(err, ITSM_EUSAGE, "the message holds a control character; take it out");
	}

	for (tries = 0; status == ITSM_ERACE && tries < ATTEMPTS; tries++) {
		if (tries) {
			struct timespec pause = {0, (long)(tries < 20 ? tries : 20) * 1000000};

			nanosleep(&pause, NULL);
		}
		status = attempt(desk, make, context, message, outcome, err);
	}
	return status;
}

int desk_change_record(struct desk_change *change, const char *word, struct itsm_record **out, struct itsm_error *err)
{
	struct itsm_findings findings;
	struct itsm_record *record = NULL;
	struct itsm_hit hit;
	int status = itsm_index_find(change->index, change->arena, word, NULL, &hit, err);

	if (status == ITSM_ENOTFOUND && (change->looked || itsm_index_refresh_work(change->index, NULL) == 0) &&
	    itsm_index_use(change->index, ITSM_SNAPSHOT_WORK, NULL) == 0) {
		if (itsm_index_find(change->index, change->arena, word, NULL, &hit, NULL) == 0)
			status = itsm_error_set(err, ITSM_EREFUSED,
				"'%s' is in the work tree but not committed yet; `itsm edit %s` or git commits it", hit.path, hit.id);
		itsm_index_use(change->index, ITSM_SNAPSHOT_HEAD, NULL);
		change->looked = true;
	}
	if (status != 0)
		return status;
	itsm_findings_init(&findings, change->arena);
	status = itsm_desk_read_blob(change->desk, change->arena, change->desk->kinds, hit.path, &hit.blob, &record, &findings, err);
	if (status != 0)
		return status;
	if (!record)
		return itsm_error_set_at(err, ITSM_EDATA, findings.count ? findings.items[0].line : 0,
			findings.count ? findings.items[0].column : 0, "%s can't be read as a record: %s; mend it with `itsm edit %s`",
			hit.path, findings.count ? findings.items[0].message : "unknown reason", hit.id);
	change->judged = record;
	*out = record;
	return 0;
}

const char *desk_record_id(struct itsm_arena *arena, const struct itsm_record *record)
{
	if (!record->owner)
		return itsm_arena_strdup(arena, record->id);
	return itsm_arena_printf(arena, "%s/%s/%s", record->owner, record->kind->part, record->id);
}

const char *desk_a(const char *kind)
{
	return strchr("aeiou", *kind) ? "an" : "a";
}

static int propose(struct desk_change *change, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	const struct itsm_kind *kind;

	if (itsm_kinds_locate(change->desk->kinds, path, &kind, id, owner))
		return itsm_index_propose(change->index, path, text, size, err);
	change->unindexed = true;
	return 0;
}

int desk_change_put_file(struct desk_change *change, const char *path, const struct itsm_buffer *text, struct itsm_error *err)
{
	int status = itsm_write_put(change->write, path, text->data ? text->data : "", text->length, err);

	change->files++;
	return status ? status : propose(change, path, text->data ? text->data : "", text->length, err);
}

int desk_change_remove_file(struct desk_change *change, const char *path, struct itsm_error *err)
{
	int status = itsm_write_remove(change->write, path, err);

	change->files++;
	return status ? status : propose(change, path, NULL, 0, err);
}

void desk_finding(struct itsm_findings *findings, const struct itsm_record *record, const char *field, const char *rule,
	const char *remedy, const char *format, ...)
{
	struct itsm_finding finding = {.rule = rule, .severity = ITSM_SEVERITY_ERROR, .remedy = remedy};
	char message[1000];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	finding.message = message;
	finding.record = record->id;
	finding.path = record->path;
	finding.line = field ? itsm_record_line(record, field, &finding.column) : 1;
	itsm_findings_add(findings, &finding);
}

void desk_change_refuse(struct desk_change *change, const struct itsm_record *record, const char *rule, const char *field,
	const char *remedy, const char *format, ...)
{
	char message[1000];
	va_list arguments;

	va_start(arguments, format);
	vsnprintf(message, sizeof(message), format, arguments);
	va_end(arguments);
	desk_finding(&change->outcome->findings, record, field, rule, remedy, "%s", message);
}

void desk_change_trailer(struct desk_change *change, const char *name, const char *value)
{
	itsm_buffer_printf(&change->trailers, "%s: %s\n", name, value);
}

/* Full IDs for abbreviated ones; what is not found stays, for the check to find. */
static int complete_references(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_kind *kind,
	struct itsm_edit *edit, struct itsm_error *err)
{
	const struct itsm_field *field = itsm_kind_field(kind, edit->field);
	const char **values;
	size_t i;

	if (!index || !field || field->type != ITSM_TYPE_REF || !edit->count)
		return 0;
	values = itsm_arena_alloc(arena, edit->count * sizeof(*values));
	for (i = 0; i < edit->count; i++) {
		const char *only = field->to && field->to[0] && !field->to[1] ? field->to[0] : NULL;
		struct itsm_hit hit;
		int status = itsm_index_find(index, arena, edit->values[i], only, &hit, err);

		if (status != 0 && status != ITSM_ENOTFOUND)
			return status;
		values[i] = status == 0 ? hit.id : edit->values[i];
	}
	edit->values = values;
	return 0;
}

int desk_change_edits(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_kind *kind, struct itsm_words words,
	struct itsm_edit **edits, size_t *count, struct itsm_error *err)
{
	static const char *const handled[] = {"id", "record", NULL};
	size_t i;

	/* room for title, state, stamps and the defaults that callers add */
	*edits = itsm_arena_alloc(arena, (words.count + kind->field_count + 8) * sizeof(**edits));
	*count = 0;
	for (i = 0; i < words.count; i++) {
		const char *equals = strchr(words.items[i], '=');
		char *name = itsm_arena_strndup(arena, words.items[i], equals ? (size_t)(equals - words.items[i]) : 0);
		int status;

		if (itsm_list_has(handled, name) && !itsm_kind_field(kind, name))
			continue;
		status = itsm_assignment_parse(arena, kind, words.items[i], &(*edits)[*count], err);
		if (status == 0)
			status = complete_references(index, arena, kind, &(*edits)[*count], err);
		if (status != 0)
			return status;
		(*count)++;
	}
	return 0;
}

const char *desk_word(struct itsm_arena *arena, struct itsm_words words, const char *name)
{
	size_t length = strlen(name), i;

	for (i = 0; i < words.count; i++) {
		if (strncmp(words.items[i], name, length) == 0 && words.items[i][length] == '=')
			return itsm_arena_strdup(arena, words.items[i] + length + 1);
	}
	return NULL;
}

void desk_edit_set(struct itsm_arena *arena, struct itsm_edit *edit, const char *field, const char *value, bool text)
{
	const char **values = itsm_arena_alloc(arena, sizeof(*values));

	values[0] = itsm_arena_strdup(arena, value);
	memset(edit, 0, sizeof(*edit));
	edit->operation = ITSM_EDIT_SET;
	edit->field = itsm_arena_strdup(arena, field);
	edit->values = values;
	edit->count = 1;
	edit->text = text;
}
