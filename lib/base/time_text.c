/* Durations, and moments as a person writes them in a query. */
#include <stdlib.h>
#include <ctype.h>
#include <string.h>

#include "itsm/time.h"

struct unit {
	char letter;
	int64_t seconds;
};

/* From long to short: a chain goes down this list and never back, so `1m30m` is a slip, not 31 minutes. */
static const struct unit units[] = {{'w', 604800}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}};
static const size_t unit_count = sizeof(units) / sizeof(units[0]);

bool itsm_duration_parse(const char *text, int64_t *out)
{
	int64_t total = 0, part;
	size_t next = 0, unit;

	if (!*text)
		return false;
	while (*text) {
		if (*text < '0' || *text > '9')
			return false;
		for (part = 0; *text >= '0' && *text <= '9'; text++) {
			if (__builtin_mul_overflow(part, 10, &part) || __builtin_add_overflow(part, *text - '0', &part))
				return false;
		}
		for (unit = next; unit < unit_count && units[unit].letter != *text; unit++)
			;
		if (unit == unit_count || __builtin_mul_overflow(part, units[unit].seconds, &part) ||
				__builtin_add_overflow(total, part, &total))
			return false;
		next = unit + 1;
		text++;
	}
	*out = total;
	return true;
}

/* Start of the day, in UTC, that holds this second. */
static int64_t start_of_day(int64_t seconds)
{
	int64_t rest = seconds % 86400;

	return seconds - (rest < 0 ? rest + 86400 : rest);
}

int itsm_moment_parse(const char *text, int64_t now, int64_t *out, struct itsm_error *err)
{
	struct itsm_time time;
	int64_t days, distance, moment;

	if (strcmp(text, "now") == 0) {
		*out = now;
		return ITSM_OK;
	}
	if (strcmp(text, "today") == 0) {
		*out = start_of_day(now);
		return ITSM_OK;
	}
	if (itsm_date_parse(text, &days)) {
		*out = days * 86400;
		return ITSM_OK;
	}
	if ((*text == '-' || *text == '+') && itsm_duration_parse(text + 1, &distance)) {
		if (__builtin_add_overflow(now, *text == '-' ? -distance : distance, &moment))
			return itsm_error_set(err, ITSM_EUSAGE, "'%.64s' is too far from now", text);
		*out = moment;
		return ITSM_OK;
	}
	if (itsm_time_parse(text, &time, NULL) == ITSM_OK) {
		*out = time.seconds;
		return ITSM_OK;
	}
	return itsm_error_set(err, ITSM_EUSAGE,
		"'%.64s' is no moment; write a date (2026-11-22), a time with its offset (2026-11-22T10:00+01:00), "
		"'now', 'today', or a distance from now (-7d, +4h)", text);
}

/* Does text look like the pattern, where 9 stands for a digit? */
static bool is_like(const char *text, const char *pattern)
{
	for (; *pattern; pattern++, text++)
		if (*pattern == '9' ? !isdigit((unsigned char)*text) : *text != *pattern)
			return false;
	return !*text;
}

static int64_t month_start(int year, int month)
{
	return itsm_days_from_civil(year + (month - 1) / 12, (month - 1) % 12 + 1, 1) * 86400;
}

int itsm_span_parse(const char *text, int64_t now, int64_t *start, int64_t *end, struct itsm_error *err)
{
	int64_t days;
	int status;

	if (is_like(text, "9999")) {
		*start = month_start(atoi(text), 1);
		*end = month_start(atoi(text) + 1, 1);
		return 0;
	}
	if (is_like(text, "9999-99") && atoi(text + 5) >= 1 && atoi(text + 5) <= 12) {
		*start = month_start(atoi(text), atoi(text + 5));
		*end = month_start(atoi(text), atoi(text + 5) + 1);
		return 0;
	}
	if (strcmp(text, "today") == 0 || strcmp(text, "yesterday") == 0) {
		days = now / 86400 - (now % 86400 < 0) - (*text == 'y');
	} else if (!itsm_date_parse(text, &days)) {
		status = itsm_moment_parse(text, now, start, err);
		if (status == 0)
			*end = *start + 1;
		return status;
	}
	*start = days * 86400;
	*end = *start + 86400;
	return 0;
}
