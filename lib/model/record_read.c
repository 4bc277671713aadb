/*
 * A record from its path and bytes, and what lies where in it.
 */
#include <string.h>
#include <strings.h>

#include "kind_set.h"
#include "record_parts.h"

struct reading {
	struct itsm_record *record;
	struct itsm_findings *findings;
};

static void report(const struct reading *reading, const char *rule, unsigned line, unsigned column, const char *message,
	const char *remedy)
{
	struct itsm_finding finding = {
		.rule = rule,
		.severity = ITSM_SEVERITY_ERROR,
		.record = reading->record->id,
		.path = reading->record->path,
		.line = line,
		.column = column,
		.message = message,
		.remedy = remedy,
	};

	itsm_findings_add(reading->findings, &finding);
}

static bool find_place(struct itsm_arena *arena, const struct itsm_kinds *kinds, const struct reading *reading)
{
	struct itsm_record *record = reading->record;
	struct kind_place place;

	kind_place_find(kinds, record->path, &place);
	if (!place.kind)
		report(reading, "path/place", 0, 0, "is in no kind's folder",
			"move it to the folder of its kind; `itsm kinds` lists them");
	else if (*place.problem)
		report(reading, "path/place", 0, 0, place.problem, place.remedy);
	if (!place.kind || *place.problem)
		return false;
	record->kind = place.kind;
	record->id = itsm_arena_strdup(arena, place.id);
	record->owner = *place.owner ? itsm_arena_strdup(arena, place.owner) : NULL;
	return true;
}

static bool starts_with_fence(const struct itsm_record *record)
{
	size_t bom = record->size >= 3 && memcmp(record->text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;

	return record->size >= bom + 3 && memcmp(record->text + bom, "---", 3) == 0;
}

/* The document's outline: bytes, fences. */
static bool read_outline(const struct reading *reading)
{
	struct itsm_record *record = reading->record;
	bool markdown = record->kind->markdown;
	struct itsm_error error = { 0 };
	int status = itsm_document_read(record->text, record->size, markdown, &record->document, &error);

	if (status == ITSM_ELIMIT) {
		report(reading, "text/size", error.line, error.column, error.message, "make it smaller, or split it");
		return false;
	}
	if (status < 0 && error.line == itsm_document_marker(record->text, record->size, markdown)) {
		report(reading, "merge/conflict", error.line, error.column, error.message,
			"keep what holds, take the lines with <<<<<<<, |||||||, ======= and >>>>>>> away");
		return false;
	}
	if (status < 0 && markdown && error.line == 1 && starts_with_fence(record)) {
		report(reading, "yaml/not-a-record", error.line, error.column, error.message,
			"close the front matter with a line that is only ---");
		return false;
	}
	if (status < 0) {
		report(reading, "text/encoding", error.line, error.column, error.message,
			"save it as UTF-8 text without control characters");
		return false;
	}
	if (markdown && !record->document.front) {
		report(reading, "yaml/not-a-record", 1, 1, "has no front matter",
			"start it with a line ---, the fields, and another line ---");
		return false;
	}
	return true;
}

static bool read_front(struct itsm_arena *arena, const struct reading *reading)
{
	struct itsm_record *record = reading->record;
	struct itsm_error error = { 0 };
	struct itsm_yaml *front;
	struct record_front part = record_front_span(record);
	int status =
		itsm_yaml_parse(arena, record->text + part.start, part.end - part.start, part.line, &front, &error);

	if (status < 0) {
		report(reading, status == ITSM_ELIMIT ? "yaml/limit" : "yaml/syntax", error.line, error.column,
			error.message, "mend the YAML at this place");
		return false;
	}
	if (front->type != ITSM_YAML_MAPPING) {
		report(reading, "yaml/not-a-record", front->line, front->column, "holds no fields",
			"write `name: value` lines");
		return false;
	}
	record->front = front;
	return true;
}

struct record_front record_front_span(const struct itsm_record *record)
{
	const struct itsm_document *document = &record->document;

	if (!record->kind->markdown)
		return (struct record_front){ 0, record->size, 1 };
	return (struct record_front){ document->front_start, document->front_end, document->front_line };
}

/* Is the body, byte for byte, that of the other? */
static bool has_body_of(const struct itsm_record *record, const struct itsm_record *other)
{
	size_t start = record->document.body_start, before = other->document.body_start;

	return start && before && record->size - start == other->size - before &&
		memcmp(record->text + start, other->text + before, record->size - start) == 0;
}

/* The sections of the other, whose body is the same, moved to where they are here. */
static void take_sections(struct itsm_arena *arena, struct itsm_record *record, const struct itsm_record *other)
{
	size_t before = other->document.body_start, start = record->document.body_start;

	record->sections = itsm_arena_alloc(arena, (other->section_count + 1) * sizeof(*record->sections));
	record->section_count = other->section_count;
	for (size_t i = 0; i < other->section_count; i++) {
		struct itsm_section_span *section = &record->sections[i];

		*section = other->sections[i];
		section->line = section->line - other->document.body_line + record->document.body_line;
		section->start = section->start - before + start;
		section->end = section->end - before + start;
	}
}

static bool read_sections(struct itsm_arena *arena, const struct reading *reading, const struct itsm_record *beside)
{
	struct itsm_record *record = reading->record;
	struct itsm_error error = { 0 };

	if (!record->kind->markdown)
		return true;
	if (beside && beside->kind == record->kind && has_body_of(record, beside)) {
		take_sections(arena, record, beside);
		return true;
	}
	if (itsm_document_sections(arena, record->text, record->size, &record->document, &record->sections,
		&record->section_count, &error) < 0) {
		report(reading, "text/encoding", error.line, error.column, error.message, NULL);
		return false;
	}
	return true;
}

static struct itsm_record *read_record(struct itsm_arena *arena, const struct itsm_kinds *kinds, const char *path,
	const char *text, size_t size, const struct itsm_record *beside, struct itsm_findings *findings)
{
	struct itsm_record *record = itsm_arena_alloc(arena, sizeof(*record));
	struct reading reading = { record, findings };

	record->path = itsm_arena_strdup(arena, path);
	record->size = size;
	record->title = "";
	if (!find_place(arena, kinds, &reading))
		return NULL;
	record->text = size <= ITSM_FILE_MAX_BYTES ? itsm_arena_strndup(arena, text, size) : text;
	if (!read_outline(&reading) || !read_front(arena, &reading) || !read_sections(arena, &reading, beside))
		return NULL;
	if (record->kind->state_count)
		record->state = itsm_record_text(record, "state");
	if (record->kind->title_field && itsm_record_text(record, record->kind->title_field))
		record->title = itsm_record_text(record, record->kind->title_field);
	return record;
}

struct itsm_record *itsm_record_read(struct itsm_arena *arena, const struct itsm_kinds *kinds, const char *path,
	const char *text, size_t size, struct itsm_findings *findings)
{
	return read_record(arena, kinds, path, text, size, NULL, findings);
}

struct itsm_record *itsm_record_read_beside(struct itsm_arena *arena, const struct itsm_kinds *kinds,
	const struct itsm_record *beside, const char *text, size_t size, struct itsm_findings *findings)
{
	return read_record(arena, kinds, beside->path, text, size, beside, findings);
}

const struct itsm_yaml *itsm_record_field(const struct itsm_record *record, const char *name)
{
	const struct itsm_yaml *node = itsm_yaml_find(record->front, name);

	return node && !itsm_yaml_is_null(node) ? node : NULL;
}

const char *itsm_record_text(const struct itsm_record *record, const char *name)
{
	const struct itsm_yaml *node = itsm_record_field(record, name);

	return node && node->type == ITSM_YAML_SCALAR ? node->text : NULL;
}

unsigned itsm_record_line(const struct itsm_record *record, const char *name, unsigned *column)
{
	const struct itsm_yaml *node = itsm_yaml_find(record->front, name);

	if (!node)
		node = record->front;
	if (column)
		*column = node->column;
	return node->line;
}

const struct itsm_section_span *itsm_record_section(const struct itsm_record *record, const char *name)
{
	for (size_t i = 0; i < record->section_count; i++)
		if (strcasecmp(record->sections[i].name, name) == 0)
			return &record->sections[i];
	return NULL;
}
