/* Service-level clocks; itsm/sla.h has the rules. */
#include <string.h>

#include "sla.h"

static bool has(const char *const *list, const char *name)
{
	for (; list && name && *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

static bool is_held(const struct itsm_sla_terms *terms, const struct itsm_sla_moment *moment)
{
	return !terms->holder || (moment->holder && strcmp(moment->holder, terms->holder) == 0);
}

static int64_t goal_of(const struct itsm_sla_terms *terms, int priority)
{
	return priority >= 0 && priority < ITSM_SLA_PRIORITIES ? terms->goals[priority] : -1;
}

enum itsm_sla_span sla_span(const struct itsm_sla_terms *terms, const struct itsm_sla_moment *moment)
{
	if (has(terms->stops, moment->state) || has(terms->withdrawals, moment->state))
		return ITSM_SLA_ENDED;
	if (!is_held(terms, moment))
		return ITSM_SLA_ELSEWHERE;
	return has(terms->pauses, moment->state) ? ITSM_SLA_STOOD : ITSM_SLA_RAN;
}

/* Between which moments the clock lies, and whose priority counts. */
struct frame {
	bool began, ended, withdrawn;
	size_t first, last;
	int priority;
};

/* One moment more. False when nothing that follows matters. */
static bool advance(const struct itsm_sla_terms *terms, const struct itsm_sla_moment *moments, size_t at,
	struct frame *frame)
{
	const struct itsm_sla_moment *moment = &moments[at];
	bool withdrawn = has(terms->withdrawals, moment->state);

	if (!frame->began && !is_held(terms, moment))
		return true;
	if (sla_span(terms, moment) == ITSM_SLA_ENDED) {
		if (!frame->began)
			return false;
		frame->withdrawn |= withdrawn;
		if (!frame->ended)
			frame->last = at;
		frame->ended = true;
		return !(terms->once && !withdrawn);
	}
	if (!frame->began || (terms->afresh && moment->priority != frame->priority))
		frame->first = at;
	frame->began = true;
	frame->ended = frame->withdrawn = false;
	frame->priority = moment->priority;
	return true;
}

static struct frame frame_of(const struct itsm_sla_terms *terms, const struct itsm_sla_moment *moments, size_t count)
{
	struct frame frame = {0};

	for (size_t i = 0; i < count; i++)
		if (!advance(terms, moments, i, &frame))
			break;
	return frame;
}

static bool is_never_open(const struct itsm_calendar *calendar)
{
	return calendar && !itsm_calendar_has_hours(calendar);
}

int sla_counted(struct itsm_calendar *calendar, int64_t from, int64_t to, int64_t *out, struct itsm_error *err)
{
	*out = from >= to ? 0 : to - from;
	if (from >= to || !calendar)
		return ITSM_OK;
	if (!is_never_open(calendar))
		return itsm_calendar_seconds(calendar, from, to, out, err);
	*out = 0;
	return ITSM_OK;
}

/* An instant at which the used up time reaches so many seconds. */
struct mark {
	int64_t used;
	bool found;
	int64_t at;
};

/* It is reached when so much more is used from an instant on; never, where the calendar does not open for so long. */
static int reach(struct mark *mark, struct itsm_calendar *calendar, int64_t from, int64_t more, struct itsm_error *err)
{
	struct itsm_error error;
	int status = 0;

	if (is_never_open(calendar))
		return ITSM_OK;
	if (calendar)
		status = itsm_calendar_add(calendar, from, more, &mark->at, &error);
	else if (__builtin_add_overflow(from, more, &mark->at))
		return ITSM_OK;
	mark->found = status == 0;
	if (status == ITSM_ELIMIT || status == 0)
		return ITSM_OK;
	if (err)
		*err = error;
	return status;
}

/* A clock in the making. */
struct measure {
	const struct itsm_sla_terms *terms;
	struct itsm_sla_clock *clock;
	struct mark due, warn;
};

static int run(struct measure *measure, int64_t from, int64_t used, struct itsm_error *err)
{
	struct itsm_sla_clock *clock = measure->clock;
	struct mark *marks[] = {&measure->due, &measure->warn};
	int64_t after = clock->elapsed + used;
	int status = 0;

	for (size_t i = 0; i < 2 && status == 0; i++)
		if (!marks[i]->found && after >= marks[i]->used)
			status = reach(marks[i], measure->terms->calendar, from, marks[i]->used - clock->elapsed, err);
	clock->elapsed = after;
	return status;
}

/* From the first moment to the end: what elapsed, what was paused, when the marks were reached. */
static int walk(struct measure *measure, const struct itsm_sla_moment *moments, size_t count, struct itsm_error *err)
{
	struct itsm_sla_clock *clock = measure->clock;
	size_t last = clock->ended ? clock->last : count;
	int status = 0;

	for (size_t i = clock->first; i < last && status == 0; i++) {
		int64_t to = i + 1 < count && moments[i + 1].at < clock->end ? moments[i + 1].at : clock->end, used;

		status = sla_counted(measure->terms->calendar, moments[i].at, to, &used, err);
		if (status != 0)
			break;
		if (sla_span(measure->terms, &moments[i]) == ITSM_SLA_RAN)
			status = run(measure, moments[i].at, used, err);
		else
			clock->paused += used;
	}
	return status;
}

static int64_t warn_after(int64_t goal, int warn)
{
	int64_t percent = warn > 0 && warn <= 100 ? warn : ITSM_SLA_WARN;

	/* rounded up, without passing the largest number */
	return goal / 100 * percent + (goal % 100 * percent + 99) / 100;
}

static int conclude(struct measure *measure, const struct itsm_sla_moment *moments, size_t count, struct itsm_error *err)
{
	struct itsm_sla_clock *clock = measure->clock;
	struct itsm_calendar *calendar = measure->terms->calendar;
	int status = walk(measure, moments, count, err);

	if (status == 0 && !measure->due.found)
		status = reach(&measure->due, calendar, clock->end, measure->due.used - clock->elapsed, err);
	if (status == 0 && !measure->warn.found)
		status = reach(&measure->warn, calendar, clock->end, measure->warn.used - clock->elapsed, err);
	clock->left = clock->goal - clock->elapsed;
	clock->has_due = measure->due.found && measure->warn.found;
	clock->due = measure->due.at;
	clock->warn_at = measure->warn.at;
	clock->breached = clock->ended ? clock->left < 0 : clock->left <= 0;
	clock->warned = clock->elapsed >= measure->warn.used;
	return status;
}

int itsm_sla_judge(const struct itsm_sla_terms *terms, const struct itsm_sla_moment *moments, size_t count, int64_t now,
	struct itsm_sla_clock *out, struct itsm_error *err)
{
	struct itsm_sla_clock clock = {0};
	struct measure measure = {.terms = terms, .clock = &clock};
	struct frame frame;
	bool runs;
	int status;

	while (count && moments[count - 1].at > now)
		count--;
	frame = frame_of(terms, moments, count);
	clock.priority = frame.priority;
	clock.goal = frame.began ? goal_of(terms, frame.priority) : -1;
	if (clock.goal < 0) {
		*out = (struct itsm_sla_clock){.status = ITSM_SLA_NONE};
		return ITSM_OK;
	}
	clock.first = frame.first;
	clock.last = frame.last;
	clock.ended = frame.ended;
	clock.start = moments[frame.first].at;
	clock.end = frame.ended ? moments[frame.last].at : now;
	measure.due.used = clock.goal;
	measure.warn.used = warn_after(clock.goal, terms->warn);
	if ((status = conclude(&measure, moments, count, err)) != 0)
		return status;
	runs = sla_span(terms, &moments[count - 1]) == ITSM_SLA_RAN;
	clock.status = frame.withdrawn ? ITSM_SLA_WITHDRAWN : clock.breached ? ITSM_SLA_BREACHED :
		clock.ended ? ITSM_SLA_MET : runs ? ITSM_SLA_RUNNING : ITSM_SLA_PAUSED;
	*out = clock;
	return ITSM_OK;
}

const char *itsm_sla_status_name(enum itsm_sla_status status)
{
	static const char *const names[] = {"none", "running", "paused", "met", "breached", "withdrawn", "unknown"};

	return names[status];
}
