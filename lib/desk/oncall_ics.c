/* Shifts as iCalendar, RFC 5545: lines of at most 75 bytes, folded between characters, ended by CR LF. */
#include <string.h>

#include "itsm/incident.h"
#include "itsm/time.h"

#define LINE_BYTES 74

/* Append one content line, folded. */
static void add_line(struct itsm_buffer *out, const char *line)
{
	size_t length = strlen(line), room = LINE_BYTES;

	while (length > room) {
		size_t cut = room;

		while (cut > 1 && ((unsigned char)line[cut] & 0xc0) == 0x80)
			cut--;
		itsm_buffer_add(out, line, cut);
		itsm_buffer_puts(out, "\r\n ");
		line += cut;
		length -= cut;
		room = LINE_BYTES - 1;
	}
	itsm_buffer_puts(out, line);
	itsm_buffer_puts(out, "\r\n");
}

/* TEXT: backslash, semicolon, comma and ends of lines are escaped, other control characters left out. */
static void add_text(struct itsm_buffer *line, const char *text)
{
	for (; *text; text++) {
		if (*text == '\n')
			itsm_buffer_puts(line, "\\n");
		else if (strchr("\\;,", *text))
			itsm_buffer_printf(line, "\\%c", *text);
		else if ((unsigned char)*text >= 0x20 && *text != 0x7f)
			itsm_buffer_putc(line, *text);
	}
}

static void add_property(struct itsm_buffer *out, const char *name, const char *text)
{
	struct itsm_buffer line = {0};

	itsm_buffer_printf(&line, "%s:", name);
	add_text(&line, text);
	add_line(out, line.data);
	itsm_buffer_free(&line);
}

static void add_time(struct itsm_buffer *out, const char *name, int64_t seconds)
{
	char text[ITSM_TIME_TEXT], compact[ITSM_TIME_TEXT];
	size_t length = 0;

	itsm_time_format_utc(seconds, text);
	for (const char *at = text; *at; at++)
		if (*at != '-' && *at != ':')
			compact[length++] = *at;
	compact[length] = '\0';
	itsm_buffer_printf(out, "%s:%s\r\n", name, compact);
}

static void add_event(struct itsm_buffer *out, const struct itsm_shift *shift, int64_t now)
{
	const char *person = shift->person_name ? shift->person_name : shift->person;
	struct itsm_buffer text = {0};

	itsm_buffer_puts(out, "BEGIN:VEVENT\r\n");
	itsm_buffer_printf(&text, "%s-%s-%lld@itsm", shift->rota, shift->person, (long long)shift->start);
	add_property(out, "UID", text.data);
	add_time(out, "DTSTAMP", now);
	add_time(out, "DTSTART", shift->start);
	add_time(out, "DTEND", shift->end);
	itsm_buffer_clear(&text);
	itsm_buffer_printf(&text, "%s: %s", shift->rota_name, person);
	add_property(out, "SUMMARY", text.data);
	itsm_buffer_clear(&text);
	itsm_buffer_printf(&text, "%s%s%s%s", shift->override ? "override" : "layer ", shift->override ? "" : shift->layer,
		shift->phone ? "\n" : "", shift->phone ? shift->phone : "");
	add_property(out, "DESCRIPTION", text.data);
	itsm_buffer_puts(out, "TRANSP:TRANSPARENT\r\nEND:VEVENT\r\n");
	itsm_buffer_free(&text);
}

void itsm_oncall_ics(const struct itsm_shift *shifts, size_t count, const char *desk_name, int64_t now,
	struct itsm_buffer *out)
{
	struct itsm_buffer name = {0};

	itsm_buffer_puts(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//itsm//oncall//EN\r\n");
	itsm_buffer_printf(&name, "On call: %s", desk_name);
	add_property(out, "X-WR-CALNAME", name.data);
	for (size_t i = 0; i < count; i++)
		if (shifts[i].person)
			add_event(out, &shifts[i], now);
	itsm_buffer_puts(out, "END:VCALENDAR\r\n");
	itsm_buffer_free(&name);
}
