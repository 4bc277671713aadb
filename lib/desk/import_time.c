/*
 * Times of other systems.
 *
 * A time without a zone is one on the clocks of the map's zone. Where clocks
 * are put back, an hour comes twice: the first of the two is meant. Where they are put
 * forward, an hour is missing: a time in it is refused, not guessed.
 */
#include "import_time.h"

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

/* `local` is what a clock shows, as if it were UTC. */
static int from_clock(
	struct itsm_zone *zone, int64_t local, const char *text, struct itsm_time *out, struct itsm_error *err)
{
	int64_t seconds;

	if (!itsm_zone_instant(zone, local, &seconds))
		return itsm_error_set(err, ITSM_EDATA, "'%s' never was on the clocks of %s: they were put forward over it",
			text, itsm_zone_name(zone));
	out->seconds = seconds;
	out->offset_minutes = itsm_zone_offset(zone, seconds) / 60;
	return 0;
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

int import_moment_read(const struct import_format *formats, size_t count, struct itsm_zone *zone,
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
		if (!zone)
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
