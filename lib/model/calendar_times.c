/*
 * When an entry comes: its first time, those of its rules (RFC 5545) by the clock of its zone, single ones,
 * less the exceptions.
 *
 * libical iterates over clock times without a zone. The end of a rule (UNTIL) is taken off before and compared
 * here, for it may be told in UTC. Rules that repeat several times a day are refused: of these a short one
 * can keep a processor busy for hours.
 */
#include "calendar_parts.h"

#include <stdlib.h>
#include <string.h>

#include "itsm/time.h"

#define REPEAT_BYTES_MAX 1000
#define WORK_MAX 1000000        /* days of a calendar: seconds; of rules that seldom come there is no other bound */
#define MOMENTS_MAX 24          /* of a day */
#define MARGIN (5 * 366 * DAY)  /* computed ahead, so that asking year by year does not begin anew each time */

static int64_t clock_of(struct icaltimetype time)
{
	return itsm_days_from_civil(time.year, time.month, time.day) * DAY +
		(time.is_date ? 0 : time.hour * 3600 + time.minute * 60 + time.second);
}

static size_t length_of(const short *list, size_t size)
{
	size_t length = 0;

	while (length < size && list[length] != ICAL_RECURRENCE_ARRAY_MAX)
		length++;
	return length ? length : 1;
}

static int read_repeat(const struct ical *ical, const char *text, struct icalrecurrencetype *out,
	struct itsm_error *err)
{
	if (strlen(text) > REPEAT_BYTES_MAX)
		return itsm_error_set(err, ITSM_ELIMIT, "the rule to repeat is longer than %d bytes", REPEAT_BYTES_MAX);
	*out = ical->icalrecurrencetype_from_string(text);
	if (out->freq == ICAL_NO_RECURRENCE)
		return itsm_error_set(err, ITSM_EDATA,
			"'%.80s' is no rule to repeat; write one of iCalendar such as FREQ=WEEKLY;BYDAY=SU", text);
	if (out->freq != ICAL_DAILY_RECURRENCE && out->freq != ICAL_WEEKLY_RECURRENCE &&
		out->freq != ICAL_MONTHLY_RECURRENCE && out->freq != ICAL_YEARLY_RECURRENCE)
		return itsm_error_set(err, ITSM_EDATA, "'%.80s' repeats within a day; take DAILY, WEEKLY, MONTHLY or YEARLY",
			text);
	if (length_of(out->by_second, ICAL_BY_SECOND_SIZE) * length_of(out->by_minute, ICAL_BY_MINUTE_SIZE) *
			length_of(out->by_hour, ICAL_BY_HOUR_SIZE) > MOMENTS_MAX)
		return itsm_error_set(err, ITSM_ELIMIT, "'%.80s' comes more than %d times a day", text, MOMENTS_MAX);
	if (out->rscale)
		return itsm_error_set(err, ITSM_EDATA, "'%.80s' repeats by another calendar than the Gregorian", text);
	return 0;
}

/* Over the clock times from the rule's first on; what UNTIL said goes to `until`. */
static int iterate(const struct ical *ical, const struct calendar_rule *rule, const char *text,
	icalrecur_iterator **out, struct icaltimetype *until, struct itsm_error *err)
{
	struct icaltimetype time = {0};
	struct icalrecurrencetype repeat;
	int64_t second = (rule->clock % DAY + DAY) % DAY;
	int status = read_repeat(ical, text, &repeat, err);

	if (status != 0)
		return status;
	*until = repeat.until;
	repeat.until = time;
	itsm_civil_from_days((rule->clock - second) / DAY, &time.year, &time.month, &time.day);
	time.hour = (int)(second / 3600);
	time.minute = (int)(second / 60 % 60);
	time.second = (int)(second % 60);
	*out = ical->icalrecur_iterator_new(repeat, time);
	return *out ? 0 : itsm_error_set(err, ITSM_EDATA, "'%.80s' never comes by '%.80s'; correct the rule",
		rule->entry.name, text);
}

int itsm_calendar_check_repeat(const struct calendar_rule *rule, const char *text, struct itsm_error *err)
{
	icalrecur_iterator *iterator;
	struct icaltimetype until;
	struct ical ical;
	int status = itsm_ical_load(&ical, err);

	if (status == 0 && (status = iterate(&ical, rule, text, &iterator, &until, err)) == 0)
		ical.icalrecur_iterator_free(iterator);
	return status;
}

static int compare_exceptions(const void *a, const void *b)
{
	const struct calendar_exception *one = a, *other = b;

	if (one->clock != other->clock)
		return one->clock < other->clock ? -1 : 1;
	return one->day - other->day;
}

static bool has_exception(const struct calendar_rule *rule, int64_t clock, bool day)
{
	struct calendar_exception key = {clock, day};

	return bsearch(&key, rule->exceptions, rule->exception_count, sizeof(key), compare_exceptions) != NULL;
}

static bool is_excepted(const struct calendar_rule *rule, int64_t clock)
{
	return rule->exception_count &&
		(has_exception(rule, clock, false) || has_exception(rule, clock - (clock % DAY + DAY) % DAY, true));
}

/* In a gap an event begins as long after it as the clock says: at 03:30 for 02:30 (RFC 5545, 3.3.5). */
static int64_t instant_of(struct itsm_zone *zone, int64_t clock)
{
	int64_t seconds;

	if (!itsm_zone_instant(zone, clock, &seconds))
		seconds = clock - itsm_zone_offset(zone, seconds - 1);
	return seconds;
}

static int add_time(struct itsm_calendar *calendar, struct calendar_rule *rule, int64_t clock, struct itsm_error *err)
{
	struct itsm_span span = {.start = instant_of(rule->zone, clock)};

	if (is_excepted(rule, clock))
		return 0;
	span.end = rule->exact ? span.start + rule->length : instant_of(rule->zone, clock + rule->length);
	if (span.end <= span.start)
		return 0;
	if (rule->span_count >= ITSM_CALENDAR_TIMES_MAX || calendar->times >= ITSM_CALENDAR_ALL_TIMES_MAX)
		return itsm_error_set(err, ITSM_ELIMIT,
			"'%.80s' of calendar '%s' comes too often; let it repeat less, or say until when", rule->entry.name,
			calendar->id);
	if (span.end - span.start > rule->longest)
		rule->longest = span.end - span.start;
	itsm_arena_grow(calendar->arena, &rule->spans, &rule->span_capacity, rule->span_count, sizeof(*rule->spans));
	rule->spans[rule->span_count++] = span;
	calendar->times++;
	return 0;
}

/* Is the time behind the last one that UNTIL allows? */
static bool is_over(const struct calendar_rule *rule, struct icaltimetype until, int64_t clock)
{
	if (until.year == 0)
		return false;
	if (until.is_date)
		return clock >= clock_of(until) + DAY;
	if (until.zone)
		return instant_of(rule->zone, clock) > clock_of(until);
	return clock > clock_of(until);
}

/* How many days libical looks at on the way from the rule's beginning, about. */
static int64_t work_of(const struct calendar_rule *rule, const struct icalrecurrencetype *repeat, struct icaltimetype until,
	int64_t horizon)
{
	int64_t end = until.year && clock_of(until) < horizon ? clock_of(until) : horizon;
	int64_t days = end > rule->clock ? (end - rule->clock) / DAY : 0;
	bool plain = repeat->by_day[0] == ICAL_RECURRENCE_ARRAY_MAX && repeat->by_year_day[0] == ICAL_RECURRENCE_ARRAY_MAX &&
		repeat->by_week_no[0] == ICAL_RECURRENCE_ARRAY_MAX && repeat->by_set_pos[0] == ICAL_RECURRENCE_ARRAY_MAX;

	if (repeat->freq == ICAL_WEEKLY_RECURRENCE)
		return days / 7;
	return repeat->freq == ICAL_YEARLY_RECURRENCE ? days / (plain ? 365 : 30) : days;
}

static int spend(struct itsm_calendar *calendar, struct calendar_rule *rule, int64_t work, struct itsm_error *err)
{
	rule->work += work;
	calendar->work += work;
	return calendar->work <= WORK_MAX ? 0 : itsm_error_set(err, ITSM_ELIMIT,
		"the rules of calendar '%s' take too long to compute, at '%.80s'; let them begin later or say until when", calendar->id,
		rule->entry.name);
}

static int add_repeat(struct itsm_calendar *calendar, struct calendar_rule *rule, const struct ical *ical,
	const char *text, int64_t horizon, struct itsm_error *err)
{
	struct icaltimetype time, until;
	struct icalrecurrencetype repeat;
	icalrecur_iterator *iterator;
	size_t steps = 0;
	int status = read_repeat(ical, text, &repeat, err);

	if (status == 0)
		status = spend(calendar, rule, work_of(rule, &repeat, repeat.until, horizon), err);
	if (status == 0)
		status = iterate(ical, rule, text, &iterator, &until, err);
	if (status != 0)
		return status;
	while (status == 0) {
		int64_t clock;

		time = ical->icalrecur_iterator_next(iterator);
		clock = time.year ? clock_of(time) : 0;
		if (time.year == 0 && steps == 0)
			status = itsm_error_set(err, ITSM_EDATA, "'%.80s' of calendar '%s' never comes by '%.80s'; correct the rule",
				rule->entry.name, calendar->id, text);
		if (time.year == 0 || is_over(rule, until, clock) || clock > horizon + DAY)
			break;
		if (++steps > 4 * ITSM_CALENDAR_TIMES_MAX)
			status = itsm_error_set(err, ITSM_ELIMIT, "'%.80s' repeats too often", rule->entry.name);
		else
			status = add_time(calendar, rule, clock, err);
	}
	ical->icalrecur_iterator_free(iterator);
	return status;
}

static int compare_spans(const void *a, const void *b)
{
	const struct itsm_span *one = a, *other = b;

	if (one->start != other->start)
		return one->start < other->start ? -1 : 1;
	return one->end < other->end ? -1 : one->end > other->end;
}

static void sort(struct calendar_rule *rule)
{
	size_t used = 0;

	if (rule->span_count)
		qsort(rule->spans, rule->span_count, sizeof(*rule->spans), compare_spans);
	for (size_t i = 0; i < rule->span_count; i++)
		if (used == 0 || compare_spans(&rule->spans[used - 1], &rule->spans[i]) != 0)
			rule->spans[used++] = rule->spans[i];
	rule->span_count = used;
}

int itsm_calendar_expand(struct itsm_calendar *calendar, struct calendar_rule *rule, int64_t to, struct itsm_error *err)
{
	const int64_t last = itsm_days_from_civil(YEAR_FIRST + YEAR_COUNT, 1, 1) * DAY;
	struct ical ical;
	int status = 0;

	if (rule->gone || (rule->expanded && (rule->repeat_count == 0 || rule->horizon >= to || rule->horizon >= last)))
		return 0;
	if (rule->repeat_count && (status = itsm_ical_load(&ical, err)) != 0)
		return status;
	calendar->times -= rule->span_count;
	calendar->work -= rule->work;
	rule->span_count = 0;
	rule->work = 0;
	rule->expanded = false;
	rule->horizon = to < last - MARGIN ? to + MARGIN : last;
	if (rule->exception_count)
		qsort(rule->exceptions, rule->exception_count, sizeof(*rule->exceptions), compare_exceptions);
	if (rule->repeat_count == 0)
		status = add_time(calendar, rule, rule->clock, err);
	for (size_t i = 0; i < rule->repeat_count && status == 0; i++)
		status = add_repeat(calendar, rule, &ical, rule->repeats[i], rule->horizon, err);
	for (size_t i = 0; i < rule->clock_count && status == 0; i++)
		status = add_time(calendar, rule, rule->clocks[i], err);
	rule->expanded = status == 0;
	calendar->times -= rule->span_count;
	sort(rule);
	calendar->times += rule->span_count;
	return status;
}

size_t itsm_calendar_first_span(const struct calendar_rule *rule, int64_t from)
{
	size_t low = 0, high = rule->span_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (rule->spans[middle].start + rule->longest <= from)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
