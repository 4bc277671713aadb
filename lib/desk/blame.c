/*
 * `itsm blame`: who set each field, and who wrote each line of each section.
 *
 * A field is its newest change to the value it has, from the history in the
 * index: it survives that a file is moved or its lines are put in order. Lines of text
 * are git's to tell.
 */
#include <stdlib.h>
#include <string.h>

#include "blame.h"
#include "itsm/file.h"

struct blaming {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_error *err;
	const struct itsm_record *record;    /* as it is shown */
	const struct itsm_record *committed; /* NULL: it is not */
	struct itsm_difference *fields;      /* of `record`, each from nothing */
	const struct itsm_blame_source **sources; /* of the fields */
	size_t count, open;                  /* fields in all, and those whose source is not known yet */
	size_t capacity;                     /* of the entries */
	struct pending {                     /* what a commit did to the file as a whole: both when it moved it */
		bool added, removed;
		const struct itsm_blame_source *source;
		const char *old_path, *new_path;
		struct itsm_oid old_blob, new_blob;
	} pending;
	int status;
	struct itsm_blame *out;
};

static const struct itsm_blame_source uncommitted = {.author = "", .mail = "", .subject = ""};

static bool is_text(const char *field)
{
	return strncmp(field, "## ", 3) == 0 || strcmp(field, "body") == 0;
}

/* Texts of sections are told line by line. */
static void list_fields(struct blaming *blaming)
{
	size_t count, used = 0;

	itsm_record_compare(blaming->arena, NULL, blaming->record, &blaming->fields, &count);
	for (size_t i = 0; i < count; i++)
		if (!is_text(blaming->fields[i].field))
			blaming->fields[used++] = blaming->fields[i];
	blaming->count = blaming->open = used;
	blaming->sources = itsm_arena_alloc(blaming->arena, (used + 1) * sizeof(*blaming->sources));
}

static void set_source(struct blaming *blaming, size_t field, const struct itsm_blame_source *source)
{
	if (blaming->sources[field])
		return;
	blaming->sources[field] = source;
	blaming->open--;
}

/* Fields that the work tree has otherwise than HEAD. */
static void mark_uncommitted(struct blaming *blaming)
{
	struct itsm_difference *differences;
	size_t count;

	itsm_record_compare(blaming->arena, blaming->committed, blaming->record, &differences, &count);
	for (size_t i = 0; i < count; i++)
		for (size_t j = 0; j < blaming->count && differences[i].new_text; j++)
			if (strcmp(blaming->fields[j].field, differences[i].field) == 0)
				set_source(blaming, j, &uncommitted);
}

static const struct itsm_blame_source *source_of(struct itsm_arena *arena, const struct itsm_commit *commit)
{
	struct itsm_blame_source *source = itsm_arena_alloc(arena, sizeof(*source));

	*source = (struct itsm_blame_source){
		.committed = true, .commit = commit->oid, .at = commit->author.seconds,
		.author = itsm_arena_strdup(arena, commit->author.name), .mail = itsm_arena_strdup(arena, commit->author.mail),
		.subject = itsm_arena_strdup(arena, commit->subject),
	};
	return source;
}

/* Did this change give the field the value it has? One that was too long to be kept is taken to. */
static bool gave(const struct itsm_difference *change, bool cut, const struct itsm_difference *field)
{
	if (strcmp(change->field, field->field) != 0)
		return false;
	return change->new_text ? strcmp(change->new_text, field->new_text) == 0 : cut && !change->old_text;
}

static int read_blob(struct blaming *blaming, const char *path, const struct itsm_oid *blob, struct itsm_record **out)
{
	struct itsm_findings findings;

	*out = NULL;
	if (itsm_oid_is_zero(blob))
		return 0;
	itsm_findings_init(&findings, blaming->arena);
	return itsm_desk_read_blob(
		blaming->desk, blaming->arena, blaming->desk->kinds, path, blob, out, &findings, blaming->err);
}

/* A commit is through: what it added is its own, but for what lay elsewhere before. */
static void settle(struct blaming *blaming)
{
	struct pending pending = blaming->pending;
	struct itsm_record *before = NULL, *after = NULL;
	struct itsm_difference *differences;
	size_t count;

	blaming->pending = (struct pending){0};
	if (!pending.added)
		return;
	if (pending.removed &&
		((blaming->status = read_blob(blaming, pending.old_path, &pending.old_blob, &before)) != 0 ||
			(blaming->status = read_blob(blaming, pending.new_path, &pending.new_blob, &after)) != 0))
		return;
	itsm_record_compare(blaming->arena, before, after, &differences, &count);
	for (size_t i = 0; i < blaming->count; i++) {
		bool given = !before;

		for (size_t j = 0; j < count && !given; j++)
			given = gave(&differences[j], false, &blaming->fields[i]);
		if (given)
			set_source(blaming, i, pending.source);
	}
}

/* Is the touch one of the record itself, and of none of its parts? */
static bool is_own(const struct blaming *blaming, const struct itsm_touch *touch)
{
	const char *record_owner = blaming->record->owner ? blaming->record->owner : "";
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	const struct itsm_kind *kind;

	return itsm_kinds_locate(blaming->desk->kinds, touch->path, &kind, id, owner) &&
		strcmp(id, blaming->record->id) == 0 && strcmp(owner, record_owner) == 0;
}

static int on_touch(void *context, const struct itsm_touch *touch)
{
	struct blaming *blaming = context;
	struct pending *pending = &blaming->pending;
	const struct itsm_blame_source *source;

	if (pending->source && !itsm_oid_equal(&pending->source->commit, &touch->commit.oid))
		settle(blaming);
	if (blaming->status != 0 || blaming->open == 0)
		return 1;
	if (!is_own(blaming, touch))
		return 0;
	source = source_of(blaming->arena, &touch->commit);
	if (touch->added || touch->removed)
		pending->source = source;
	if (touch->added) {
		pending->added = true;
		pending->new_path = itsm_arena_strdup(blaming->arena, touch->path);
		pending->new_blob = touch->new_blob;
	} else if (touch->removed) {
		pending->removed = true;
		pending->old_path = itsm_arena_strdup(blaming->arena, touch->path);
		pending->old_blob = touch->old_blob;
	}
	for (size_t i = 0; i < blaming->count; i++)
		for (size_t j = 0; j < touch->count; j++)
			if (gave(&touch->differences[j], touch->cut, &blaming->fields[i]))
				set_source(blaming, i, source);
	return 0;
}

static void add(struct blaming *blaming, const char *field, const char *text, unsigned line,
	const struct itsm_blame_source *source)
{
	struct itsm_blame *out = blaming->out;

	itsm_arena_grow(blaming->arena, &out->entries, &blaming->capacity, out->count, sizeof(*out->entries));
	out->entries[out->count++] = (struct itsm_blame_entry){field, text, line, source ? source : &uncommitted};
}

static const struct itsm_blame_source *line_source(const struct blame_lines *lines, unsigned line)
{
	return line < lines->count ? lines->items[line] : NULL;
}

static bool is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (!strchr(" \t\r", text[i]))
			return false;
	return true;
}

/* The lines from `at` on, blank ones at the start and the end left out. */
static void add_lines(struct blaming *blaming, const char *field, size_t at, size_t end, unsigned line,
	const struct blame_lines *lines)
{
	const char *text = blaming->record->text;
	struct itsm_blame *out = blaming->out;
	size_t before = out->count, last = out->count;

	while (at < end) {
		const char *stop = memchr(text + at, '\n', end - at);
		size_t length = stop ? (size_t)(stop - text) - at : end - at;
		bool blank = is_blank(text + at, length);

		if (!blank || out->count > before)
			add(blaming, field, itsm_arena_strndup(blaming->arena, text + at,
				length && text[at + length - 1] == '\r' ? length - 1 : length), line, line_source(lines, line));
		if (!blank)
			last = out->count;
		at += length + 1;
		line++;
	}
	out->count = last;
}

static unsigned line_at(const struct itsm_record *record, size_t position)
{
	unsigned line = 1;

	for (size_t i = 0; i < position && i < record->size; i++)
		line += record->text[i] == '\n';
	return line;
}

/* What stands before the first section or below a heading of level 1, then each section. */
static void add_body(struct blaming *blaming, const struct blame_lines *lines)
{
	const struct itsm_record *record = blaming->record;
	size_t at = record->document.body_start;

	for (size_t i = 0; i < record->section_count; i++) {
		const struct itsm_section_span *section = &record->sections[i];
		size_t heading = section->start;

		/* back from the text to the heading's line */
		for (unsigned line = line_at(record, heading); line > section->line && heading > at; line--)
			for (heading--; heading > at && record->text[heading - 1] != '\n'; heading--)
				;
		add_lines(blaming, "body", at, heading, line_at(record, at), lines);
		add_lines(blaming, itsm_arena_printf(blaming->arena, "## %s", section->name), section->start, section->end,
			line_at(record, section->start), lines);
		at = section->end;
	}
	add_lines(blaming, "body", at, record->size, line_at(record, at), lines);
}

static int unreadable(const char *path, const struct itsm_findings *findings, struct itsm_error *err)
{
	const struct itsm_finding *first = findings->count ? &findings->items[0] : NULL;

	return itsm_error_set(err, ITSM_EDATA, "%s:%u:%u: %s; mend it first", path, first ? first->line : 1,
		first ? first->column : 1, first ? first->message : "can't be read as a record");
}

/* The record as the work tree has it; NULL path when it is not there. */
static int read_work(struct blaming *blaming, const char *word, struct itsm_hit *hit, struct itsm_error *err)
{
	struct itsm_findings findings;
	struct itsm_buffer text = {0};
	struct itsm_index *index;
	int status;

	if ((status = itsm_desk_view(blaming->desk, NULL, &index, err)) != 0 ||
		(status = itsm_index_find(index, blaming->arena, word, NULL, hit, err)) != 0 ||
		(status = itsm_file_read(blaming->desk->root, hit->path, ITSM_FILE_MAX_BYTES, &text, err)) != 0)
		return status;
	itsm_findings_init(&findings, blaming->arena);
	blaming->record = itsm_record_read(blaming->arena, blaming->desk->kinds, hit->path, text.data ? text.data : "",
		text.length, &findings);
	itsm_buffer_free(&text);
	return blaming->record ? 0 : unreadable(hit->path, &findings, err);
}

/* The record as it is committed in the snapshot in use. */
static int read_committed(struct blaming *blaming, struct itsm_index *index, const char *word, struct itsm_hit *hit,
	struct itsm_error *err)
{
	struct itsm_record *record = NULL;
	struct itsm_findings findings;
	int status = itsm_index_find(index, blaming->arena, word, NULL, hit, err);

	itsm_findings_init(&findings, blaming->arena);
	if (status == 0)
		status = itsm_desk_read_blob(blaming->desk, blaming->arena, blaming->desk->kinds, hit->path, &hit->blob, &record,
			&findings, err);
	if (status == 0 && !record)
		return unreadable(hit->path, &findings, err);
	if (status == 0)
		blaming->committed = record;
	return status;
}

static int blame(struct blaming *blaming, const char *word, const char *at, struct itsm_error *err)
{
	struct blame_lines lines = {0};
	struct itsm_index *index;
	struct itsm_oid commit;
	struct itsm_hit hit;
	bool work = !at && blaming->desk->root >= 0;
	int status = work ? read_work(blaming, word, &hit, err) : 0;

	if (status != 0 || (status = desk_view_history(blaming->desk, at, &index, err)) != 0)
		return status;
	status = read_committed(blaming, index, work ? hit.path : word, &hit, err);
	if (work && (status == ITSM_ENOTFOUND || status == ITSM_EDATA))
		status = 0; /* not committed yet, or not so that it could be compared */
	if (status == 0 && !work && (status = desk_resolve(blaming->desk, at ? at : "HEAD", &commit, err)) == 0)
		blaming->record = blaming->committed;
	if (status != 0)
		return status;
	blaming->out->id = desk_record_id(blaming->arena, blaming->record);
	blaming->out->record = blaming->record;
	list_fields(blaming);
	if (work)
		mark_uncommitted(blaming);
	status = itsm_index_touches(index, blaming->out->id, 0, on_touch, blaming, err);
	settle(blaming);
	if (status == 0 && (status = blaming->status) == 0)
		status = desk_blame_lines(blaming->desk, blaming->arena, blaming->record->path, work ? NULL : &commit, &lines, err);
	for (size_t i = 0; i < blaming->count && status == 0; i++)
		add(blaming, blaming->fields[i].field, blaming->fields[i].new_text, blaming->fields[i].line,
			blaming->sources[i] ? blaming->sources[i] : line_source(&lines, blaming->fields[i].line));
	if (status == 0 && blaming->record->kind->markdown)
		add_body(blaming, &lines);
	return status;
}

int itsm_desk_blame(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at,
	struct itsm_blame *out, struct itsm_error *err)
{
	struct itsm_blame found = {0};
	struct blaming blaming = {.desk = desk, .arena = arena, .err = err, .out = &found};
	int status = blame(&blaming, id, at, err);

	if (status == 0)
		*out = found;
	return status;
}
