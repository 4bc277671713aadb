/*
 * The agenda as iCalendar (RFC 5545): lines end in CRLF and are folded at 75 bytes, never within a character; texts
 * are escaped, and what is no text (control characters) is left out.
 */
#include "schedule.h"

#include <stdio.h>
#include <string.h>

#include "itsm/json.h"
#include "itsm/utf8.h"

#define LINE_MAX_BYTES 75

/* One content line, folded; control characters would end it, and are left out. */
static void put_line(struct itsm_buffer *out, const char *line)
{
	size_t used = 0;

	while (*line) {
		uint32_t codepoint;
		size_t length = itsm_utf8_decode(line, strlen(line), &codepoint);

		length = length ? length : 1;
		if ((unsigned char)*line < 0x20 || *line == 0x7f) {
			line++;
			continue;
		}
		if (used + length > LINE_MAX_BYTES) {
			itsm_buffer_puts(out, "\r\n ");
			used = 1;
		}
		itsm_buffer_add(out, line, length);
		line += length;
		used += length;
	}
	itsm_buffer_puts(out, "\r\n");
}

static void put_text(struct itsm_buffer *out, const char *name, const char *text)
{
	struct itsm_buffer line = {0};

	itsm_buffer_printf(&line, "%s:", name);
	while (*text) {
		uint32_t codepoint;
		size_t length = itsm_utf8_decode(text, strlen(text), &codepoint);

		if (length == 0) {
			itsm_buffer_puts(&line, "\xef\xbf\xbd");
			length = 1;
		} else if (*text == '\n') {
			itsm_buffer_puts(&line, "\\n");
		} else if (strchr("\\;,", *text)) {
			itsm_buffer_putc(&line, '\\');
			itsm_buffer_putc(&line, *text);
		} else if (!itsm_utf8_is_control(codepoint)) {
			itsm_buffer_add(&line, text, length);
		}
		text += length;
	}
	put_line(out, line.data);
	itsm_buffer_free(&line);
}

static void put_time(struct itsm_buffer *out, const char *name, int64_t seconds)
{
	char text[ITSM_TIME_TEXT];

	/* 2026-11-22T10:00:00Z without its marks */
	itsm_time_format_utc(seconds, text);
	itsm_buffer_printf(out, "%s:%.4s%.2s%.2sT%.2s%.2s%.2sZ\r\n", name, text, text + 5, text + 8, text + 11, text + 14,
		text + 17);
}

static void put_date(struct itsm_buffer *out, const char *name, int64_t days)
{
	int year, month, day;

	itsm_civil_from_days(days, &year, &month, &day);
	itsm_buffer_printf(out, "%s;VALUE=DATE:%04d%02d%02d\r\n", name, year, month, day);
}

/* A JSON list as a property of our own. */
static void put_list(struct itsm_buffer *out, const char *name, const char *json)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer names = {0};
	struct itsm_yaml *list;

	if (json && itsm_json_parse(arena, json, strlen(json), &list, NULL) == 0 && list->type == ITSM_YAML_SEQUENCE) {
		for (size_t i = 0; i < list->count; i++)
			itsm_buffer_printf(&names, "%s%s", i ? "," : "", list->items[i]->text ? list->items[i]->text : "");
		if (names.length) {
			struct itsm_buffer line = {0};

			itsm_buffer_printf(&line, "%s:%s", name, names.data);
			put_line(out, line.data);
			itsm_buffer_free(&line);
		}
	}
	itsm_buffer_free(&names);
	itsm_arena_free(arena);
}

static const char *category(const struct itsm_agenda_entry *entry)
{
	static const char *const names[][2] = {{"change", "CHANGE"}, {"release", "RELEASE"}, {"deployment", "DEPLOYMENT"},
		{"outage", "OUTAGE"}, {"window", "MAINTENANCE"}, {"holiday", "HOLIDAY"}};

	if (strcmp(entry->kind, "freeze") == 0)
		return entry->state && strcmp(entry->state, "soft") == 0 ? "FREEZE-SOFT" : "FREEZE";
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (strcmp(names[i][0], entry->kind) == 0)
			return names[i][1];
	return "OTHER";
}

/* What comes several times has a UID for each time; a record keeps its own when it is moved. */
static void put_uid(struct itsm_buffer *out, const struct itsm_agenda_entry *entry)
{
	struct itsm_buffer line = {0};
	bool record = strcmp(entry->kind, "freeze") != 0 && strcmp(entry->kind, "window") != 0 &&
		strcmp(entry->kind, "holiday") != 0;
	uint32_t sum = 2166136261u;

	for (const char *at = entry->title ? entry->title : ""; *at; at++)
		sum = (sum ^ (unsigned char)*at) * 16777619u;
	itsm_buffer_printf(&line, "UID:%s", entry->id);
	if (!record)
		itsm_buffer_printf(&line, "-%s-%lld-%lld-%08x", entry->kind, (long long)entry->start, (long long)entry->end, sum);
	itsm_buffer_puts(&line, "@itsm");
	put_line(out, line.data);
	itsm_buffer_free(&line);
}

static void put_event(struct itsm_buffer *out, const struct itsm_agenda_entry *entry, int64_t now)
{
	struct itsm_buffer title = {0};
	bool record = strcmp(category(entry), "CHANGE") == 0 || strcmp(category(entry), "RELEASE") == 0;

	itsm_buffer_puts(out, "BEGIN:VEVENT\r\n");
	put_uid(out, entry);
	put_time(out, "DTSTAMP", now);
	if (entry->all_day) {
		put_date(out, "DTSTART", entry->first_day);
		put_date(out, "DTEND", entry->last_day + 1);
	} else {
		put_time(out, "DTSTART", entry->start);
		put_time(out, "DTEND", entry->end);
	}
	if (record)
		itsm_buffer_printf(&title, "%s ", entry->id);
	itsm_buffer_puts(&title, entry->title ? entry->title : entry->kind);
	put_text(out, "SUMMARY", title.data);
	put_text(out, "CATEGORIES", category(entry));
	if (entry->state) {
		itsm_buffer_clear(&title);
		itsm_buffer_printf(&title, "%s %s: %s", entry->kind, entry->id, entry->state);
		put_text(out, "DESCRIPTION", title.data);
	}
	if (strcmp(entry->kind, "change") == 0)
		itsm_buffer_printf(out, "STATUS:%s\r\n", strcmp(entry->state ? entry->state : "", "draft") == 0 ||
			strcmp(entry->state ? entry->state : "", "submitted") == 0 ? "TENTATIVE" : "CONFIRMED");
	put_list(out, "X-ITSM-SERVICES", entry->services);
	put_list(out, "X-ITSM-ITEMS", entry->items);
	itsm_buffer_puts(out, "END:VEVENT\r\n");
	itsm_buffer_free(&title);
}

void itsm_agenda_ics(const struct itsm_agenda_entry *entries, size_t count, const char *name, int64_t now,
	struct itsm_buffer *out)
{
	itsm_buffer_puts(out, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//itsm//calendar//EN\r\nCALSCALE:GREGORIAN\r\n");
	put_text(out, "X-WR-CALNAME", name);
	for (size_t i = 0; i < count; i++)
		put_event(out, &entries[i], now);
	itsm_buffer_puts(out, "END:VCALENDAR\r\n");
}
