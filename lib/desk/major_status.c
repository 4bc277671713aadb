/* The text for a status page: what people outside may know of an incident, and nothing else. */
#include <ctype.h>
#include <string.h>

#include "itsm/incident.h"
#include "desk.h"

#define UPDATES 10

static void add_time(struct itsm_buffer *out, const char *text)
{
	struct itsm_time time;
	char utc[ITSM_TIME_TEXT];

	if (!text || itsm_time_parse(text, &time, NULL) != 0)
		return;
	itsm_time_format_utc(time.seconds, utc);
	itsm_buffer_printf(out, "%.10s %.5s UTC", utc, utc + 11);
}

static void add_body(struct itsm_buffer *out, const char *text, size_t length)
{
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	while (length && isspace((unsigned char)*text)) {
		text++;
		length--;
	}
	itsm_buffer_add(out, text, length);
}

/* Investigating until something is known that helps, then identified; resolved when it is. */
static const char *how_far(const struct itsm_record *record)
{
	const struct itsm_section_span *workaround = itsm_record_section(record, "Workaround");
	const struct itsm_state *state = record->state ? itsm_kind_state(record->kind, record->state) : NULL;

	if (state && !state->open)
		return itsm_record_text(record, "resolved") ? "Resolved" : "Closed";
	return (workaround && workaround->filled) || itsm_record_text(record, "problem") ? "Identified" : "Investigating";
}

/* "Billing, Mail": the names of the services. */
static int add_services(struct itsm_index *index, const char *id, struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = id};
	struct itsm_query *query;
	bool any = false;
	int status = itsm_query_open(index,
		"SELECT DISTINCT s.name FROM link l JOIN service s ON s.id = l.target WHERE l.source = ?1 AND l.relation IN ('service', 'services')"
		" ORDER BY s.name", &value, 1, &query, err);

	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, err)) == 1) {
		struct itsm_value name = itsm_query_value(query, 0);

		itsm_buffer_puts(out, any ? ", " : "\nAffected: ");
		itsm_escape_markdown(out, name.text ? name.text : "");
		any = true;
	}
	itsm_query_free(query);
	if (any)
		itsm_buffer_putc(out, '\n');
	return status;
}

/* Notes for everyone, the newest first. */
static void add_updates(const struct itsm_shown *shown, struct itsm_buffer *out)
{
	size_t told = 0, i;

	for (i = shown->part_count; i-- > 0 && told < UPDATES; ) {
		const struct itsm_record *part = shown->parts[i];
		const char *visibility = itsm_record_text(part, "visibility");

		if (strcmp(part->kind->name, "note") != 0 || !visibility || strcmp(visibility, "everyone") != 0)
			continue;
		itsm_buffer_puts(out, "\n**");
		add_time(out, itsm_record_text(part, "at"));
		itsm_buffer_puts(out, "** ");
		add_body(out, part->text + part->document.body_start, part->size - part->document.body_start);
		itsm_buffer_putc(out, '\n');
		told++;
	}
}

int itsm_desk_major_status(struct itsm_desk *desk, const char *id, struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_section_span *workaround;
	struct itsm_index *index;
	struct itsm_shown shown;
	const char *next, *far;
	int status = itsm_desk_view(desk, NULL, &index, err);

	if (status == 0)
		status = itsm_desk_show(desk, arena, id, NULL, false, &shown, err);
	if (status != 0) {
		itsm_arena_free(arena);
		return status;
	}
	far = how_far(shown.record);
	next = itsm_record_text(shown.record, "next_update");
	workaround = itsm_record_section(shown.record, "Workaround");
	itsm_buffer_puts(out, "## ");
	itsm_escape_markdown(out, shown.record->title);
	itsm_buffer_printf(out, "\n\n**%s**, since ", far);
	add_time(out, itsm_record_text(shown.record, itsm_record_text(shown.record, "began") ? "began" : "opened"));
	if (strcmp(far, "Resolved") == 0) {
		itsm_buffer_puts(out, " until ");
		add_time(out, itsm_record_text(shown.record, "resolved"));
	} else if (next && strcmp(far, "Closed") != 0) {
		itsm_buffer_puts(out, "; more by ");
		add_time(out, next);
	}
	itsm_buffer_putc(out, '\n');
	status = add_services(index, shown.record->id, out, err);
	if (workaround && workaround->filled) {
		itsm_buffer_puts(out, "\nUntil it is solved: ");
		add_body(out, shown.record->text + workaround->start, workaround->end - workaround->start);
		itsm_buffer_putc(out, '\n');
	}
	add_updates(&shown, out);
	itsm_arena_free(arena);
	return status;
}
