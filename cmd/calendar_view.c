/* The calendar as weeks and days. One character before each entry says what it is: see `legend`. */
#include "calendar.h"

#include <stdio.h>
#include <string.h>

#include "itsm/utf8.h"
#include "output.h"

#define DAY INT64_C(86400)
#define LINES_MAX 8             /* entries of one day in the view of a month */
#define BAR 48                  /* half hours */

static const char legend[] = "! overlaps a change or a freeze   X hard freeze   x soft freeze   = maintenance window   * holiday   "
	"> release   ^ deployment   - outage\n";
static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
static const char *const months[] = {"January", "February", "March", "April", "May", "June", "July", "August", "September",
	"October", "November", "December"};

int64_t calendar_day(int64_t seconds)
{
	int64_t local = seconds + (int64_t)context_zone(NULL, seconds) * 60;

	return (local - (local % DAY + DAY) % DAY) / DAY;
}

int64_t calendar_midnight(int64_t day)
{
	int64_t guess = day * DAY - (int64_t)context_zone(NULL, day * DAY) * 60;

	return day * DAY - (int64_t)context_zone(NULL, guess) * 60;
}

static bool is_kind(const struct itsm_agenda_entry *entry, const char *kind)
{
	return strcmp(entry->kind, kind) == 0;
}

static char mark_of(const struct itsm_agenda_entry *entry)
{
	if (is_kind(entry, "freeze"))
		return entry->state && strcmp(entry->state, "soft") == 0 ? 'x' : 'X';
	if (is_kind(entry, "change"))
		return entry->overlaps ? '!' : ' ';
	if (is_kind(entry, "window"))
		return '=';
	if (is_kind(entry, "holiday"))
		return '*';
	if (is_kind(entry, "release"))
		return '>';
	return is_kind(entry, "deployment") ? '^' : '-';
}

static const char *colour_of(const struct palette *palette, const struct itsm_agenda_entry *entry)
{
	if (mark_of(entry) == 'X' || (is_kind(entry, "change") && entry->overlaps))
		return palette->bad;
	if (mark_of(entry) == 'x')
		return palette->warning;
	return is_kind(entry, "change") || is_kind(entry, "release") ? "" : palette->dim;
}

/* Is it on this day of the user's? All-day entries have days of their own. */
static bool is_on(const struct itsm_agenda_entry *entry, int64_t day)
{
	if (entry->all_day)
		return entry->first_day <= day && day <= entry->last_day;
	return entry->start < calendar_midnight(day + 1) && entry->end > calendar_midnight(day);
}

static void put_clock(struct itsm_buffer *out, int64_t seconds)
{
	int64_t local = seconds + (int64_t)context_zone(NULL, seconds) * 60;
	int minutes = (int)((local % DAY + DAY) % DAY / 60);

	itsm_buffer_printf(out, "%02d:%02d", minutes / 60, minutes % 60);
}

/* Escaped text, as much as fits into `width` columns, then blanks up to there. */
static void put_cell(struct itsm_buffer *out, const char *text, size_t width)
{
	struct itsm_buffer safe = {0}, cut = {0};
	size_t used = 0;

	itsm_buffer_puts(&safe, "");
	itsm_escape_terminal(&safe, text, false);
	for (const char *at = safe.data; *at; ) {
		uint32_t codepoint;
		size_t length = itsm_utf8_decode(at, strlen(at), &codepoint), wide;

		itsm_buffer_clear(&cut);
		itsm_buffer_add(&cut, at, length ? length : 1);
		wide = itsm_display_width(cut.data);
		if (used + wide > width)
			break;
		itsm_buffer_add(out, at, length ? length : 1);
		used += wide;
		at += length ? length : 1;
	}
	itsm_buffer_printf(out, "%*s", (int)(width - used), "");
	itsm_buffer_free(&cut);
	itsm_buffer_free(&safe);
}

/* "! 09:00 Mend db-1": the clock on the day that it begins. */
static void put_entry(struct itsm_buffer *out, const struct itsm_agenda_entry *entry, int64_t day)
{
	itsm_buffer_printf(out, "%c ", mark_of(entry));
	if (!entry->all_day && calendar_day(entry->start) == day) {
		put_clock(out, entry->start);
		itsm_buffer_putc(out, ' ');
	}
	itsm_buffer_puts(out, entry->title && *entry->title ? entry->title : entry->id);
}

static void put_rule(struct itsm_buffer *out, size_t width)
{
	for (int i = 0; i < 7; i++) {
		itsm_buffer_putc(out, '+');
		for (size_t j = 0; j < width; j++)
			itsm_buffer_putc(out, '-');
	}
	itsm_buffer_puts(out, "+\n");
}

static void put_heads(struct context *context, struct itsm_buffer *out, int64_t monday, size_t width)
{
	for (int i = 0; i < 7; i++) {
		struct itsm_buffer text = {0};
		bool today = calendar_day(context->now) == monday + i;
		int year, month, day;

		itsm_civil_from_days(monday + i, &year, &month, &day);
		itsm_buffer_printf(&text, "%s %d%s%.3s%s", weekdays[i], day, i == 0 || day == 1 ? " " : "",
			i == 0 || day == 1 ? months[month - 1] : "", today ? " <" : "");
		itsm_buffer_printf(out, "|%s", today ? context->palette.bold : "");
		put_cell(out, text.data, width);
		itsm_buffer_puts(out, today ? context->palette.reset : "");
		itsm_buffer_free(&text);
	}
	itsm_buffer_puts(out, "|\n");
}

/* The n-th entry of a day, or NULL. */
static const struct itsm_agenda_entry *entry_on(const struct itsm_agenda_entry *entries, size_t count, int64_t day, size_t n)
{
	for (size_t i = 0; i < count; i++)
		if (is_on(&entries[i], day) && n-- == 0)
			return &entries[i];
	return NULL;
}

static size_t count_on(const struct itsm_agenda_entry *entries, size_t count, int64_t day)
{
	size_t found = 0;

	for (size_t i = 0; i < count; i++)
		found += is_on(&entries[i], day);
	return found;
}

static void put_week(struct context *context, const struct itsm_agenda_entry *entries, size_t count, int64_t monday,
	size_t width, struct itsm_buffer *out)
{
	size_t counts[7], most = 0;

	for (int i = 0; i < 7; i++) {
		counts[i] = count_on(entries, count, monday + i);
		most = counts[i] > most ? counts[i] : most;
	}
	put_heads(context, out, monday, width);
	for (size_t line = 0; line < most && line < LINES_MAX; line++) {
		for (int i = 0; i < 7; i++) {
			bool rest = line + 1 == LINES_MAX && counts[i] > LINES_MAX;
			const struct itsm_agenda_entry *entry =
				line < counts[i] ? entry_on(entries, count, monday + i, line) : NULL;
			struct itsm_buffer text = {0};

			itsm_buffer_puts(&text, "");
			if (rest)
				itsm_buffer_printf(&text, "  ... %zu more", counts[i] - line);
			else if (entry)
				put_entry(&text, entry, monday + i);
			itsm_buffer_printf(out, "|%s", entry && !rest ? colour_of(&context->palette, entry) : "");
			put_cell(out, text.data, width);
			itsm_buffer_puts(out, entry && !rest ? context->palette.reset : "");
			itsm_buffer_free(&text);
		}
		itsm_buffer_puts(out, "|\n");
	}
	put_rule(out, width);
}

/* What overlaps the days of a range: the others are not looked at day by day. */
static struct itsm_agenda_entry *select_entries(struct context *context, const struct itsm_agenda_entry *entries,
	size_t count, int64_t first, int64_t last, size_t *found)
{
	struct itsm_agenda_entry *chosen = itsm_arena_alloc(context->arena, (count + 1) * sizeof(*chosen));
	int64_t from = calendar_midnight(first) - DAY, to = calendar_midnight(last + 1) + DAY;

	*found = 0;
	for (size_t i = 0; i < count; i++)
		if (entries[i].start < to && entries[i].end > from)
			chosen[(*found)++] = entries[i];
	return chosen;
}

void calendar_month(struct context *context, const struct itsm_agenda_entry *entries, size_t count, int64_t from, int64_t to,
	struct itsm_buffer *out)
{
	int64_t first = calendar_day(from), last = calendar_day(to - 1), monday = first - ((first + 3) % 7 + 7) % 7;
	size_t width = context->width > 8 * 12 ? (context->width - 8) / 7 : 16, found;

	put_rule(out, width);
	for (; monday <= last; monday += 7) {
		struct itsm_agenda_entry *chosen = select_entries(context, entries, count, monday, monday + 6, &found);

		put_week(context, chosen, found, monday, width, out);
	}
	itsm_buffer_puts(out, legend);
}

/* 24 hours of the day: where it is on. */
static void put_bar(struct itsm_buffer *out, const struct itsm_agenda_entry *entry, int64_t day)
{
	int64_t start = calendar_midnight(day), end = calendar_midnight(day + 1);
	char mark = mark_of(entry) == ' ' ? '#' : mark_of(entry);

	for (int i = 0; i < BAR; i++) {
		int64_t from = start + (end - start) * i / BAR, to = start + (end - start) * (i + 1) / BAR;
		bool on = entry->all_day || (entry->start < to && entry->end > from);

		itsm_buffer_putc(out, on ? mark : i % 12 == 0 ? ':' : '.');
	}
}

static void put_row(struct context *context, const struct itsm_agenda_entry *entry, int64_t day, struct itsm_buffer *out)
{
	int64_t start = calendar_midnight(day), end = calendar_midnight(day + 1);

	itsm_buffer_printf(out, "  %s%c ", colour_of(&context->palette, entry), mark_of(entry));
	if (entry->all_day || (entry->start <= start && entry->end >= end)) {
		itsm_buffer_puts(out, "all day     ");
	} else {
		put_clock(out, entry->start > start ? entry->start : start);
		itsm_buffer_putc(out, '-');
		if (entry->end >= end)
			itsm_buffer_puts(out, "24:00");
		else
			put_clock(out, entry->end);
		itsm_buffer_putc(out, ' ');
	}
	itsm_buffer_putc(out, '[');
	put_bar(out, entry, day);
	itsm_buffer_puts(out, "] ");
	itsm_escape_terminal(out, entry->id, false);
	itsm_buffer_putc(out, ' ');
	itsm_escape_terminal(out, entry->title ? entry->title : "", false);
	if (entry->state) {
		itsm_buffer_puts(out, " (");
		itsm_escape_terminal(out, entry->state, false);
		itsm_buffer_putc(out, ')');
	}
	itsm_buffer_printf(out, "%s\n", context->palette.reset);
}

void calendar_week(struct context *context, const struct itsm_agenda_entry *entries, size_t count, int64_t from, int64_t to,
	struct itsm_buffer *out)
{
	int64_t last = calendar_day(to - 1);

	for (int64_t day = calendar_day(from); day <= last; day++) {
		size_t found;
		struct itsm_agenda_entry *chosen = select_entries(context, entries, count, day, day, &found);
		int year, month, number;

		itsm_civil_from_days(day, &year, &month, &number);
		itsm_buffer_printf(out, "%s%s %04d-%02d-%02d%s%s\n", context->palette.bold, weekdays[((day + 3) % 7 + 7) % 7],
			year, month, number, calendar_day(context->now) == day ? " <" : "", context->palette.reset);
		for (size_t i = 0; i < found; i++)
			if (is_on(&chosen[i], day))
				put_row(context, &chosen[i], day, out);
	}
	itsm_buffer_puts(out, legend);
}
