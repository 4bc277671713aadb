/*
 * Zones: the changes of a year's clocks are sought once, by looking at every week and halving, since libical
 * can be asked for the offset at an instant only.
 */
#include "itsm/zone.h"

#include <stdio.h>
#include <string.h>

#include "ical.h"
#include "itsm/time.h"

#define DAY 86400
#define WEEK (7 * DAY)
#define YEAR_FIRST 1850
#define YEAR_COUNT 400
#define CHANGES_MAX 16

struct zone_year {
	size_t count;
	int64_t at[CHANGES_MAX];        /* ascending */
	int before[CHANGES_MAX + 1];    /* the offset up to at[i]; the last one from the last change on */
};

struct itsm_zone {
	const char *name;
	struct itsm_arena *arena;
	struct ical ical;
	icaltimezone *named;            /* NULL: the offset counts */
	int offset;
	struct zone_year *years[YEAR_COUNT];
};

static bool read_offset(const char *text, int *seconds)
{
	int hours, minutes, end = 0;

	if (strcmp(text, "UTC") == 0 || strcmp(text, "Z") == 0 || strcmp(text, "Etc/UTC") == 0) {
		*seconds = 0;
		return true;
	}
	if ((*text != '+' && *text != '-') || sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &end) != 2 ||
	    text[1 + end] || strlen(text) != 6 || hours < 0 || hours > 14 || minutes < 0 || minutes > 59)
		return false;
	*seconds = (*text == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
	return true;
}

/* What the machine's own settings are, or nobody's: names in its folder of zones that say another thing elsewhere. */
static bool is_of_machine(const char *name)
{
	return strcmp(name, "localtime") == 0 || strcmp(name, "posixrules") == 0 || strcmp(name, "Factory") == 0;
}

icaltimezone *itsm_zone_builtin(const struct ical *ical, const char *name)
{
	return is_of_machine(name) ? NULL : ical->icaltimezone_get_builtin_timezone(name);
}

struct itsm_zone *itsm_zone_of_ical(struct itsm_arena *arena, const struct ical *ical, icaltimezone *named,
	const char *name)
{
	struct itsm_zone *zone = itsm_arena_alloc(arena, sizeof(*zone));

	zone->arena = arena;
	zone->ical = *ical;
	zone->named = named;
	zone->name = itsm_arena_strdup(arena, name);
	return zone;
}

int itsm_zone_find(struct itsm_arena *arena, const char *name, struct itsm_zone **out, struct itsm_error *err)
{
	struct itsm_zone *zone;
	struct ical ical;
	icaltimezone *named = NULL;
	int offset = 0, status;

	if (!read_offset(name, &offset)) {
		if ((status = itsm_ical_load(&ical, err)) != 0)
			return status;
		named = itsm_zone_builtin(&ical, name);
		if (!named)
			return itsm_error_set(err, ITSM_EDATA,
				"'%s' is no time zone; write UTC, +02:00, or a name such as Europe/Amsterdam", name);
		*out = itsm_zone_of_ical(arena, &ical, named, name);
		return 0;
	}
	zone = itsm_arena_alloc(arena, sizeof(*zone));
	zone->arena = arena;
	zone->name = itsm_arena_strdup(arena, name);
	zone->offset = offset;
	*out = zone;
	return 0;
}

const char *itsm_zone_name(const struct itsm_zone *zone)
{
	return zone->name;
}

static int ask(const struct itsm_zone *zone, int64_t seconds)
{
	struct icaltimetype at = zone->ical.icaltime_from_timet_with_zone((time_t)seconds, 0, NULL);
	int summer;

	return zone->ical.icaltimezone_get_utc_offset_of_utc_time(zone->named, &at, &summer);
}

/* The first instant in (from, to] that has another offset than from. */
static int64_t halve(const struct itsm_zone *zone, int64_t from, int64_t to, int offset)
{
	while (to - from > 1) {
		int64_t middle = from + (to - from) / 2;

		if (ask(zone, middle) == offset)
			from = middle;
		else
			to = middle;
	}
	return to;
}

static struct zone_year *year_of(struct itsm_zone *zone, int number)
{
	struct zone_year *year = zone->years[number - YEAR_FIRST];
	int64_t start, end, at;

	if (year)
		return year;
	year = zone->years[number - YEAR_FIRST] = itsm_arena_alloc(zone->arena, sizeof(*year));
	start = itsm_days_from_civil(number, 1, 1) * DAY;
	end = itsm_days_from_civil(number + 1, 1, 1) * DAY;
	year->before[0] = ask(zone, start);
	for (at = start; at < end; at += WEEK) {
		int64_t from = at, to = at + WEEK < end - 1 ? at + WEEK : end - 1;

		while (year->count < CHANGES_MAX && from < to && ask(zone, to) != year->before[year->count]) {
			from = halve(zone, from, to, year->before[year->count]);
			year->at[year->count++] = from;
			year->before[year->count] = ask(zone, from);
		}
	}
	return year;
}

int itsm_zone_offset(struct itsm_zone *zone, int64_t seconds)
{
	const struct zone_year *year;
	int number, month, day;
	size_t i = 0;

	if (!zone->named)
		return zone->offset;
	itsm_civil_from_days((seconds - (seconds % DAY + DAY) % DAY) / DAY, &number, &month, &day);
	if (number < YEAR_FIRST || number >= YEAR_FIRST + YEAR_COUNT)
		return ask(zone, seconds);
	year = year_of(zone, number);
	while (i < year->count && seconds >= year->at[i])
		i++;
	return year->before[i];
}

bool itsm_zone_instant(struct itsm_zone *zone, int64_t clock, int64_t *seconds)
{
	int before = itsm_zone_offset(zone, clock - DAY), after = itsm_zone_offset(zone, clock + DAY);
	int64_t from, to;

	if (itsm_zone_offset(zone, clock - before) == before) {
		*seconds = clock - before;
		return true;
	}
	if (itsm_zone_offset(zone, clock - after) == after) {
		*seconds = clock - after;
		return true;
	}
	/* the clocks go over it between these two */
	from = clock - (before > after ? before : after) - 1;
	to = clock - (before < after ? before : after);
	before = itsm_zone_offset(zone, from);
	while (to - from > 1) {
		int64_t middle = from + (to - from) / 2;

		if (itsm_zone_offset(zone, middle) == before)
			from = middle;
		else
			to = middle;
	}
	*seconds = to;
	return false;
}
