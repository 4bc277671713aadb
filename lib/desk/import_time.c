/*
 * Times of other systems.
 *
 * A time without a zone is one on the clocks of the map's zone. Where clocks
 * are put back, an hour comes twice: the first of the two is meant. Where they are put
 * forward, an hour is missing: a time in it is refused, not guessed.
 */
#include "import_time.h"

#include <dlfcn.h>
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY 86400

/* Those of strptime that neither depend on the language nor on the machine's zone; names of months are English. */
static const char conversions[] = "aAbBdDeFhHIjklmMnpRStTyYz%";

int import_format_read(const char *text, struct import_format *out, struct itsm_error *err)
{
	struct import_format format = {.kind = IMPORT_STRPTIME, .text = text};
	const char *at;

	if (strcmp(text, "rfc3339") == 0)
		format.kind = IMPORT_RFC3339;
	else if (strcmp(text, "unix") == 0)
		format.kind = IMPORT_UNIX;
	else if (!strchr(text, '%'))
		return itsm_error_set(err, ITSM_EDATA,
			"'%s' is no time format; write rfc3339, unix, or one such as %%d/%%m/%%Y %%H:%%M", text);
	for (at = text; (at = strchr(at, '%')) != NULL; at += 2) {
		if (!at[1] || !strchr(conversions, at[1]))
			return itsm_error_set(err, ITSM_EDATA,
				"'%%%c' in '%s' is no conversion there is; take %%d %%m %%Y %%H %%M %%S and others of strptime",
				at[1] ? at[1] : ' ', text);
		format.zoned = format.zoned || at[1] == 'z';
	}
	*out = format;
	return 0;
}

static bool read_offset(const char *text, int *minutes)
{
	int hours, rest, end = 0;

	if (strcmp(text, "UTC") == 0 || strcmp(text, "Z") == 0) {
		*minutes = 0;
		return true;
	}
	if ((*text != '+' && *text != '-') || sscanf(text + 1, "%2d:%2d%n", &hours, &rest, &end) != 2 ||
	    text[1 + end] || strlen(text) != 6 || hours < 0 || hours > 23 || rest < 0 || rest > 59)
		return false;
	*minutes = (*text == '-' ? -1 : 1) * (hours * 60 + rest);
	return true;
}

/* The library that the header belongs to; see import_time.h. It stays loaded. */
static int load_ical(struct import_ical *ical, struct itsm_error *err)
{
	void *library = dlopen("libical.so.3", RTLD_NOW | RTLD_LOCAL);

	if (library) {
		*(void **)&ical->find_zone = dlsym(library, "icaltimezone_get_builtin_timezone");
		*(void **)&ical->from_seconds = dlsym(library, "icaltime_from_timet_with_zone");
		*(void **)&ical->offset = dlsym(library, "icaltimezone_get_utc_offset_of_utc_time");
	}
	if (!library || !ical->find_zone || !ical->from_seconds || !ical->offset)
		return itsm_error_set(err, ITSM_EIO,
			"libical.so.3, which knows the time zones, can't be loaded; install the package libical3, or write the zone as an offset");
	return 0;
}

int import_zone_read(const char *text, struct import_zone *out, struct itsm_error *err)
{
	struct import_zone zone = {.given = true, .name = text};

	if (!read_offset(text, &zone.offset_minutes)) {
		int status = load_ical(&zone.ical, err);

		if (status != 0)
			return status;
		zone.named = zone.ical.find_zone(text);
		if (!zone.named)
			return itsm_error_set(err, ITSM_EDATA,
				"'%s' is no time zone; write UTC, +02:00, or a name such as Europe/Amsterdam", text);
	}
	*out = zone;
	return 0;
}

/* Minutes east of UTC in a named zone at an instant. */
static int offset_at(const struct import_zone *zone, int64_t seconds)
{
	struct icaltimetype at = zone->ical.from_seconds((time_t)seconds, 0, NULL);
	int summer;

	return zone->ical.offset(zone->named, &at, &summer) / 60;
}

/* `local` is what a clock shows, as if it were UTC. */
static int from_clock(
	const struct import_zone *zone, int64_t local, const char *text, struct itsm_time *out, struct itsm_error *err)
{
	int offsets[2], i;

	if (!zone->named) {
		out->seconds = local - (int64_t)zone->offset_minutes * 60;
		out->offset_minutes = zone->offset_minutes;
		return 0;
	}
	offsets[0] = offset_at(zone, local - DAY);
	offsets[1] = offset_at(zone, local + DAY);
	for (i = 0; i < 2; i++) {
		int64_t seconds = local - (int64_t)offsets[i] * 60;

		if (offset_at(zone, seconds) == offsets[i]) {
			out->seconds = seconds;
			out->offset_minutes = offsets[i];
			return 0;
		}
	}
	return itsm_error_set(
		err, ITSM_EDATA, "'%s' never was on the clocks of %s: they were put forward over it", text, zone->name);
}

/* The civil time that strptime found, if there is such a day. */
static bool civil_seconds(const struct tm *tm, int64_t *out)
{
	int64_t days = itsm_days_from_civil(tm->tm_year + 1900, tm->tm_mon + 1, tm->tm_mday);
	int year, month, day;

	itsm_civil_from_days(days, &year, &month, &day);
	if (year != tm->tm_year + 1900 || month != tm->tm_mon + 1 || day != tm->tm_mday || tm->tm_sec > 59)
		return false;
	*out = days * DAY + tm->tm_hour * 3600 + tm->tm_min * 60 + tm->tm_sec;
	return true;
}

static bool read_strptime(const struct import_format *format, const char *text, struct tm *tm)
{
	locale_t locale = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	const char *end;

	memset(tm, 0, sizeof(*tm));
	tm->tm_year = 70;
	tm->tm_mday = 1;
	end = locale ? strptime_l(text, format->text, tm, locale) : NULL;
	if (locale)
		freelocale(locale);
	return end && *end == '\0' && tm->tm_year + 1900 >= 1 && tm->tm_year + 1900 <= 9999;
}

static bool read_unix(const char *text, int64_t *seconds)
{
	char *end;

	errno = 0;
	*seconds = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0' && *seconds > -INT64_C(62135596800) &&
		*seconds < INT64_C(253402300800);
}

int import_moment_read(const struct import_format *formats, size_t count, const struct import_zone *zone,
	const char *text, struct import_moment *out, struct itsm_error *err)
{
	struct import_moment moment = {.zoned = true};
	struct tm tm;
	int64_t local;
	size_t i;

	for (i = 0; i < count; i++) {
		const struct import_format *format = &formats[i];

		if (format->kind == IMPORT_RFC3339 && itsm_time_parse(text, &moment.time, NULL) == 0)
			break;
		if (format->kind == IMPORT_UNIX && read_unix(text, &moment.time.seconds))
			break;
		if (format->kind != IMPORT_STRPTIME || !read_strptime(format, text, &tm) || !civil_seconds(&tm, &local))
			continue;
		if (format->zoned && tm.tm_gmtoff % 60 == 0) {
			moment.time.seconds = local - tm.tm_gmtoff;
			moment.time.offset_minutes = (int)(tm.tm_gmtoff / 60);
			break;
		}
		moment.zoned = false;
		if (!zone->given)
			return itsm_error_set(err, ITSM_EDATA,
				"'%s' has no zone and neither has the map; say `times: {zone: ...}`", text);
		if (from_clock(zone, local, text, &moment.time, err) != 0)
			return ITSM_EDATA;
		break;
	}
	if (i == count)
		return itsm_error_set(err, ITSM_EDATA, "'%s' is no time in a format of the map", text);
	*out = moment;
	return 0;
}
