/*
 * Release notes: Markdown from records.
 *
 * IDs, digests and addresses stand in code spans; what people wrote is text. Of a section's
 * lines their list markers, blank lines and headings (as bold text) are kept, comments are left out.
 */
#include <ctype.h>
#include <string.h>

#include "code.h"
#include "release.h"

#define SECTION_LINES 400
#define INDENT_MOST 8

struct noting {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_index *index;
	const struct itsm_record *record;
	struct itsm_buffer *out;
	struct itsm_error *err;
};

/* A code span; what it could not hold is left out. */
static void add_code(struct itsm_buffer *out, const char *text)
{
	struct itsm_buffer plain = {0};
	size_t i;

	itsm_escape_terminal(&plain, text, false);
	itsm_buffer_putc(out, '`');
	for (i = 0; i < plain.length; i++)
		itsm_buffer_putc(out, strchr("`|", plain.data[i]) ? '?' : plain.data[i]);
	itsm_buffer_puts(out, plain.length ? "`" : " `");
	itsm_buffer_free(&plain);
}

/* How long the list marker is that the line begins with, its blank included; 0 when it has none. */
static size_t marker_of(const char *line)
{
	size_t digits = strspn(line, "0123456789");

	if (strchr("-*+", *line) && *line && line[1] == ' ')
		return 2;
	return digits && digits < 4 && strchr(".)", line[digits]) && line[digits] && line[digits + 1] == ' ' ? digits + 2 : 0;
}

/* One line of a section. `line` has no line end. */
static void add_line(struct itsm_buffer *out, const char *line)
{
	size_t indent = strspn(line, " "), marker, hashes;
	bool head;

	line += indent;
	line += strspn(line, " \t");
	marker = marker_of(line);
	hashes = strspn(line, "#");
	head = hashes && (line[hashes] == ' ' || !line[hashes]);
	/* deeper would be code */
	for (indent = indent > INDENT_MOST ? INDENT_MOST : indent; marker && indent; indent--)
		itsm_buffer_putc(out, ' ');
	itsm_buffer_add(out, line, marker);
	line += marker + (head ? hashes + strspn(line + hashes, " ") : 0);
	itsm_buffer_puts(out, head && *line ? "**" : "");
	itsm_escape_markdown(out, line);
	itsm_buffer_puts(out, head && *line ? "**\n" : "\n");
}

/* Where the comment ends that begins here; the text's end when it does not. */
static const char *comment_end(const char *at, const char *end)
{
	const char *found = memmem(at, (size_t)(end - at), "-->", 3);

	return found ? found + 3 : end;
}

/* The section without comments. */
static void strip(const struct itsm_record *record, const struct itsm_section_span *span, struct itsm_buffer *out)
{
	const char *at = record->text + span->start, *end = record->text + span->end;

	while (at < end) {
		if (end - at >= 4 && memcmp(at, "<!--", 4) == 0)
			at = comment_end(at + 4, end);
		else
			itsm_buffer_putc(out, *at++);
	}
}

static void add_section(struct noting *noting, const char *name)
{
	const struct itsm_section_span *span = itsm_record_section(noting->record, name);
	struct itsm_buffer text = {0};
	size_t count = 0, length;
	bool blank = true;
	char none[] = "", *line;

	if (!span || !span->filled)
		return;
	strip(noting->record, span, &text);
	itsm_buffer_printf(noting->out, "\n## %s\n\n", name);
	for (line = text.data ? text.data : none; *line && count < SECTION_LINES; count++) {
		char *next = line + strcspn(line, "\n");

		next += *next == '\n' ? (*next = '\0', 1) : 0;
		length = strlen(line);
		while (length && isspace((unsigned char)line[length - 1]))
			line[--length] = '\0';
		if (length || !blank) {
			if (length)
				add_line(noting->out, line);
			else
				itsm_buffer_putc(noting->out, '\n');
		}
		blank = !length;
		line = next;
	}
	if (*line)
		itsm_buffer_puts(noting->out, "\n(shortened)\n");
	itsm_buffer_free(&text);
	while (noting->out->length > 2 && strcmp(noting->out->data + noting->out->length - 2, "\n\n") == 0)
		noting->out->data[--noting->out->length] = '\0';
}

/* "- Title (`ID`, state)" */
static void add_entry(struct noting *noting, const char *id, const char *kind, const char *field)
{
	struct itsm_record *record = NULL;
	const char *word;

	itsm_buffer_puts(noting->out, "- ");
	if (release_find(noting->desk, noting->index, noting->arena, id, kind, &record, NULL) == 0 && record && *record->title) {
		itsm_escape_markdown(noting->out, record->title);
		itsm_buffer_putc(noting->out, ' ');
	}
	itsm_buffer_putc(noting->out, '(');
	add_code(noting->out, id);
	word = record ? release_text(noting->arena, record, field) : NULL;
	if (word) {
		itsm_buffer_puts(noting->out, ", ");
		itsm_escape_markdown(noting->out, word);
	}
	itsm_buffer_puts(noting->out, ")\n");
}

static int add_changes(struct noting *noting)
{
	const char **ids;
	size_t count, i;
	int status = release_list(noting->arena, noting->record, "changes", &ids, &count, noting->err);

	if (status != 0 || !count)
		return status;
	itsm_buffer_puts(noting->out, "\n## Changes\n\n");
	for (i = 0; i < count; i++)
		add_entry(noting, ids[i], "change", "type");
	return 0;
}

/* What the release says that it mends, and what its changes do. */
static int add_mended(struct noting *noting, const char *kind, const char *field, const char *head)
{
	const char *sql = itsm_arena_printf(noting->arena, "SELECT DISTINCT v FROM (SELECT j.value AS v FROM change AS c, json_each(c.%s) AS j"
		" WHERE c.id IN (SELECT x.value FROM release AS r, json_each(r.changes) AS x WHERE r.id = ?1)%s) ORDER BY v LIMIT %d", field,
		strcmp(kind, "problem") == 0 ? " UNION SELECT j.value FROM release AS r, json_each(r.problems) AS j WHERE r.id = ?1" : "", RELEASE_MOST);
	const char **ids;
	size_t count, i;
	int status = desk_query_list(noting->index, noting->arena, sql, noting->record->id, &ids, &count, noting->err);

	if (status != 0 || !count)
		return status;
	itsm_buffer_printf(noting->out, "\n## %s\n\n", head);
	for (i = 0; i < count; i++)
		add_entry(noting, ids[i], kind, "state");
	return 0;
}

static int add_artefacts(struct noting *noting)
{
	struct release_artefact *artefacts;
	size_t count, i;
	int status = release_artefacts(noting->arena, noting->record, &artefacts, &count, noting->err);

	if (status != 0 || !count)
		return status;
	itsm_buffer_puts(noting->out, "\n## Artefacts\n\n| Name | Digest | Where |\n|---|---|---|\n");
	for (i = 0; i < count; i++) {
		itsm_buffer_puts(noting->out, "| ");
		add_code(noting->out, artefacts[i].name);
		itsm_buffer_puts(noting->out, " | ");
		add_code(noting->out, artefacts[i].digest);
		itsm_buffer_puts(noting->out, " | ");
		if (*artefacts[i].where)
			add_code(noting->out, artefacts[i].where);
		itsm_buffer_puts(noting->out, " |\n");
	}
	return 0;
}

static void add_fact(struct noting *noting, const char *label, const char *field)
{
	const char *text = release_text(noting->arena, noting->record, field);

	if (!text)
		return;
	itsm_buffer_printf(noting->out, "- %s: ", label);
	add_code(noting->out, text);
	itsm_buffer_putc(noting->out, '\n');
}

static int add_head(struct noting *noting)
{
	const char **services;
	size_t count, i;
	int status = release_list(noting->arena, noting->record, "services", &services, &count, noting->err);

	if (status != 0)
		return status;
	itsm_buffer_puts(noting->out, "# ");
	itsm_escape_markdown(noting->out, noting->record->title);
	itsm_buffer_puts(noting->out, "\n\n- Release: ");
	add_code(noting->out, noting->record->id);
	itsm_buffer_putc(noting->out, '\n');
	add_fact(noting, "Version", "version");
	add_fact(noting, "Tag", "tag");
	add_fact(noting, "Deployed", "deployed_at");
	if (!release_text(noting->arena, noting->record, "deployed_at"))
		add_fact(noting, "Planned for", "planned.start");
	add_fact(noting, "After", "previous");
	for (i = 0; i < count; i++) {
		itsm_buffer_puts(noting->out, i ? ", " : "- Services: ");
		add_code(noting->out, services[i]);
	}
	itsm_buffer_puts(noting->out, count ? "\n" : "");
	return 0;
}

int itsm_desk_release_notes(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at,
	struct itsm_buffer *out, struct itsm_error *err)
{
	struct noting noting = {.desk = desk, .arena = arena, .out = out, .err = err};
	struct itsm_record *record;
	int status = release_read(desk, arena, id, at, &noting.index, &record, err);

	if (status != 0)
		return status;
	noting.record = record;
	if ((status = add_head(&noting)) != 0)
		return status;
	add_section(&noting, "Summary");
	if ((status = add_changes(&noting)) != 0 || (status = add_mended(&noting, "problem", "problems", "Problems mended")) != 0 ||
	    (status = add_mended(&noting, "incident", "incidents", "Incidents mended")) != 0)
		return status;
	add_section(&noting, "Known errors");
	add_section(&noting, "Communication");
	return add_artefacts(&noting);
}
