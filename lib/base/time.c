/*
 * Dates and instants. The years that can be written are 0000 to 9999; whatever
 * lies outside is refused when read and held at the edge when written.
 */
#include "itsm/time.h"

#include <stdio.h>
#include <string.h>

#define FIRST_SECOND INT64_C(-62167219200) /* 0000-01-01T00:00:00Z */
#define LAST_SECOND INT64_C(253402300799)  /* 9999-12-31T23:59:59Z */
#define DAY 86400

int64_t itsm_days_from_civil(int year, int month, int day)
{
	int64_t y = (int64_t)year - (month <= 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
	int64_t day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;

	return era * 146097 + day_of_era - 719468;
}

void itsm_civil_from_days(int64_t days, int *year, int *month, int *day)
{
	int64_t shifted = days + 719468;
	int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
	int64_t day_of_era = shifted - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
	int64_t day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t shifted_month = (5 * day_of_year + 2) / 153;

	*day = (int)(day_of_year - (153 * shifted_month + 2) / 5 + 1);
	*month = (int)(shifted_month < 10 ? shifted_month + 3 : shifted_month - 9);
	*year = (int)(year_of_era + era * 400 + (*month <= 2));
}

static int month_length(int year, int month)
{
	static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return month == 2 && leap ? 29 : lengths[month - 1];
}

/* Read exactly `count` digits and move *text behind them. */
static bool read_digits(const char **text, int count, int *out)
{
	int value = 0, i;

	for (i = 0; i < count; i++) {
		if ((*text)[i] < '0' || (*text)[i] > '9')
			return false;
		value = value * 10 + ((*text)[i] - '0');
	}
	*text += count;
	*out = value;
	return true;
}

static bool read_mark(const char **text, char mark)
{
	if (**text != mark)
		return false;
	(*text)++;
	return true;
}

/* YYYY-MM-DD; NULL when it was read, else what is wrong with it. */
static const char *read_date(const char **text, int64_t *days)
{
	int year, month, day;

	if (!read_digits(text, 4, &year) || !read_mark(text, '-') || !read_digits(text, 2, &month) ||
			!read_mark(text, '-') || !read_digits(text, 2, &day))
		return "no date; write YYYY-MM-DD";
	if (month < 1 || month > 12)
		return "no such month; it is 01 to 12";
	if (day < 1 || day > month_length(year, month))
		return "no such day in that month";
	*days = itsm_days_from_civil(year, month, day);
	return NULL;
}

static const char *read_clock(const char **text, int *out, bool *leap)
{
	int hour, minute, second = 0;

	if (!read_digits(text, 2, &hour) || !read_mark(text, ':') || !read_digits(text, 2, &minute))
		return "no time of day; write hh:mm:ss";
	if (read_mark(text, ':')) {
		if (!read_digits(text, 2, &second))
			return "no seconds after the colon; write hh:mm:ss";
		if (read_mark(text, '.')) {
			if (**text < '0' || **text > '9')
				return "no digits after the point";
			while (**text >= '0' && **text <= '9')
				(*text)++;
		}
	}
	if (hour > 23 || minute > 59 || second > 60)
		return "no such time of day; it is 00:00:00 to 23:59:59";
	*out = hour * 3600 + minute * 60 + second;
	*leap = second == 60;
	return NULL;
}

static const char *read_offset(const char **text, int *minutes)
{
	int sign, hour, minute;

	if (read_mark(text, 'Z') || read_mark(text, 'z')) {
		*minutes = 0;
		return NULL;
	}
	if (**text != '+' && **text != '-')
		return "no offset; end it with Z or an offset such as +01:00";
	sign = **text == '-' ? -1 : 1;
	(*text)++;
	if (!read_digits(text, 2, &hour) || !read_mark(text, ':') || !read_digits(text, 2, &minute))
		return "no offset; end it with Z or an offset such as +01:00";
	*minutes = sign * (hour * 60 + minute);
	if (minute > 59 || *minutes > 14 * 60 || *minutes < -12 * 60)
		return "no such offset; they are -12:00 to +14:00";
	return NULL;
}

int itsm_time_parse(const char *text, struct itsm_time *out, struct itsm_error *err)
{
	const char *rest = text;
	const char *wrong;
	int64_t days = 0, seconds;
	int clock = 0, offset = 0;
	bool leap = false;

	wrong = read_date(&rest, &days);
	if (!wrong && !read_mark(&rest, 'T') && !read_mark(&rest, 't') && !read_mark(&rest, ' '))
		wrong = "no time of day; write YYYY-MM-DDThh:mm:ss+hh:mm";
	if (!wrong)
		wrong = read_clock(&rest, &clock, &leap);
	if (!wrong)
		wrong = read_offset(&rest, &offset);
	if (!wrong && *rest)
		wrong = "text after the offset; take it away";
	seconds = days * DAY + clock - (int64_t)offset * 60;
	if (!wrong && leap && seconds % DAY != 0)
		wrong = "no such second; leap seconds are at 23:59:60 UTC only";
	if (!wrong && (seconds < FIRST_SECOND || seconds > LAST_SECOND))
		wrong = "outside the years 0000 to 9999 in UTC";
	if (wrong)
		return itsm_error_set(err, ITSM_EDATA, "'%.64s' is no time: %s", text, wrong);
	out->seconds = seconds;
	out->offset_minutes = offset;
	return ITSM_OK;
}

bool itsm_date_parse(const char *text, int64_t *days)
{
	const char *rest = text;
	int64_t read;

	if (read_date(&rest, &read) || *rest)
		return false;
	if (days)
		*days = read;
	return true;
}

static void format_at(int64_t seconds, int offset_minutes, char text[ITSM_TIME_TEXT])
{
	int64_t local, days, clock;
	int year, month, day, length, distance;

	seconds = seconds < FIRST_SECOND ? FIRST_SECOND : seconds > LAST_SECOND ? LAST_SECOND : seconds;
	local = seconds + (int64_t)offset_minutes * 60;
	local = local < FIRST_SECOND ? FIRST_SECOND : local > LAST_SECOND ? LAST_SECOND : local;
	days = (local >= 0 ? local : local - (DAY - 1)) / DAY;
	clock = local - days * DAY;
	itsm_civil_from_days(days, &year, &month, &day);
	length = snprintf(text, ITSM_TIME_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u", (unsigned)year % 10000u,
		(unsigned)month % 100u, (unsigned)day % 100u, (unsigned)(clock / 3600) % 100u,
		(unsigned)(clock / 60 % 60), (unsigned)(clock % 60));
	if (offset_minutes == 0) {
		strcpy(text + length, "Z");
		return;
	}
	distance = offset_minutes < 0 ? -offset_minutes : offset_minutes;
	snprintf(text + length, (size_t)(ITSM_TIME_TEXT - length), "%c%02u:%02u", offset_minutes < 0 ? '-' : '+',
		(unsigned)(distance / 60) % 100u, (unsigned)(distance % 60));
}

void itsm_time_format(struct itsm_time time, char text[ITSM_TIME_TEXT])
{
	format_at(time.seconds, time.offset_minutes, text);
}

void itsm_time_format_utc(int64_t seconds, char text[ITSM_TIME_TEXT])
{
	format_at(seconds, 0, text);
}
