/* Times in qualifiers: a word may mean a moment, or all of a day, month or year. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "index.h"
#include "itsm/time.h"

#define DAY 86400

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
	return itsm_days_from_civil(year + (month - 1) / 12, (month - 1) % 12 + 1, 1) * DAY;
}

int itsm_index_span(const char *text, int64_t now, int64_t *start, int64_t *end, struct itsm_error *err)
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
		days = now / DAY - (now % DAY < 0) - (*text == 'y');
	} else if (!itsm_date_parse(text, &days)) {
		status = itsm_moment_parse(text, now, start, err);
		if (status == 0)
			*end = *start + 1;
		return status;
	}
	*start = days * DAY;
	*end = *start + DAY;
	return 0;
}
