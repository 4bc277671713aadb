/* Why a clock stood or ran: its time cut at every moment and at every edge of the calendar. */
#include <string.h>

#include "sla.h"

struct cutting {
	struct itsm_arena *arena;
	const struct itsm_sla_terms *terms;
	struct itsm_sla_interval *items;
	size_t count, capacity;
};

static void put(struct cutting *cutting, struct itsm_sla_interval interval)
{
	struct itsm_sla_interval *last = cutting->count ? &cutting->items[cutting->count - 1] : NULL;

	if (interval.start >= interval.end)
		return;
	if (last && last->moment == interval.moment && last->open == interval.open && last->end == interval.start) {
		last->end = interval.end;
		return;
	}
	itsm_arena_grow(cutting->arena, &cutting->items, &cutting->capacity, cutting->count, sizeof(*cutting->items));
	cutting->items[cutting->count++] = interval;
}

/* One stretch between two moments, cut where the calendar opens and closes. */
static int cut(struct cutting *cutting, struct itsm_sla_interval whole, struct itsm_error *err)
{
	struct itsm_calendar *calendar = cutting->terms->calendar;
	struct itsm_sla_interval part = whole;
	struct itsm_span *spans = NULL;
	size_t count = 0;
	int status = 0;

	part.open = !calendar;
	if (calendar && itsm_calendar_has_hours(calendar))
		status = itsm_calendar_open(calendar, cutting->arena, whole.start, whole.end, &spans, &count, err);
	for (size_t i = 0; i < count && status == 0; i++) {
		part.end = spans[i].start;
		part.open = false;
		put(cutting, part);
		put(cutting, (struct itsm_sla_interval){spans[i].start, spans[i].end, whole.span, true, whole.moment});
		part.start = spans[i].end;
		part.end = whole.end;
	}
	if (status == 0)
		put(cutting, part);
	return status;
}

int itsm_sla_explain(struct itsm_arena *arena, const struct itsm_sla_terms *terms, const struct itsm_sla_moment *moments,
	size_t count, const struct itsm_sla_clock *clock, struct itsm_sla_interval **out, size_t *interval_count,
	struct itsm_error *err)
{
	struct cutting cutting = {.arena = arena, .terms = terms};
	int status = 0;

	for (size_t i = 0; clock->status != ITSM_SLA_NONE && i < count && moments[i].at < clock->end && status == 0; i++) {
		struct itsm_sla_interval whole = {.start = moments[i].at, .end = clock->end, .moment = i};

		if (i + 1 < count && moments[i + 1].at < clock->end)
			whole.end = moments[i + 1].at;
		whole.span = sla_span(terms, &moments[i]);
		if (i < clock->first && whole.span != ITSM_SLA_ELSEWHERE)
			whole.span = ITSM_SLA_BEFORE;
		status = cut(&cutting, whole, err);
	}
	if (status != 0)
		return status;
	*out = cutting.items;
	*interval_count = cutting.count;
	return ITSM_OK;
}
