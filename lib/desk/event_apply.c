/*
 * What was seen of alerts, one after the other: which begins to fire, which ends.
 *
 * What comes late changes nothing. An alert that fires while it fires is the same; one whose
 * sender tells that it began no later than the firing that is over is an old message; so is the end of a firing before
 * the one at hand. Where a sender tells no times, a message counts when it comes.
 */
#include <string.h>

#include "event.h"

static bool is_state(const struct event_facts *facts, const char *state)
{
	return facts->state && strcmp(facts->state, state) == 0;
}

/* The firings of late, the one that begins among them; flapping when they are many. */
static void note_firing(struct event_work *work, struct event_alert *alert, int64_t before)
{
	struct event_facts *now = &alert->now;
	int64_t from = now->starts - work->rules->flapping_within, most = work->rules->flapping_count;
	int64_t *firings;
	size_t count = 0, i;

	if (most == 0)
		return;
	firings = itsm_arena_alloc(work->arena, (now->firing_count + 2) * sizeof(*firings));
	for (i = 0; i < now->firing_count; i++) {
		if (now->firings[i] > from && now->firings[i] < now->starts)
			firings[count++] = now->firings[i];
	}
	if (now->firing_count == 0 && now->count > 1 && before > from)
		firings[count++] = before;
	firings[count++] = now->starts;
	if (count > (size_t)most) {
		memmove(firings, firings + count - (size_t)most, (size_t)most * sizeof(*firings));
		count = (size_t)most;
	}
	now->flapping = count >= (size_t)most;
	now->firings = count > 1 ? firings : NULL;
	now->firing_count = count > 1 ? count : 0;
}

static void begin(struct event_work *work, struct event_alert *alert, const struct event_sighting *sighting)
{
	struct event_facts *now = &alert->now;
	int64_t before = now->starts;

	now->state = "firing";
	now->count = alert->there ? now->count + 1 : 1;
	now->starts = now->last = sighting->starts;
	now->offset = sighting->offset;
	now->has_last = true;
	now->has_ends = now->has_acknowledged = false;
	now->suppressed_by = NULL;
	alert->there = alert->fired = alert->judged = true;
	note_firing(work, alert, before);
}

static void fires(struct event_work *work, struct event_alert *alert, const struct event_sighting *sighting)
{
	if (alert->there && is_state(&alert->now, "resolved")) {
		if (sighting->timed && sighting->starts <= alert->now.starts)
			return;
		begin(work, alert, sighting);
	} else if (!alert->there) {
		begin(work, alert, sighting);
	}
	alert->spoken = sighting;
	/* it may not be expected any more */
	alert->judged = alert->judged || is_state(&alert->now, "suppressed");
}

static void taken_up(struct event_work *work, struct event_alert *alert, const struct event_sighting *sighting)
{
	if (alert->there && is_state(&alert->now, "resolved"))
		return;
	if (!alert->there)
		fires(work, alert, sighting);
	if (is_state(&alert->now, "acknowledged"))
		return;
	alert->now.state = "acknowledged";
	alert->now.suppressed_by = NULL;
	alert->now.acknowledged = work->now;
	alert->now.has_acknowledged = true;
}

static void ends(struct event_work *work, struct event_alert *alert, const struct event_sighting *sighting)
{
	struct event_facts *now = &alert->now;

	if (!alert->there || is_state(now, "resolved") || (sighting->timed && sighting->starts < now->starts))
		return;
	now->state = "resolved";
	now->ends = sighting->ended ? sighting->ends : work->now;
	if (now->ends < now->starts)
		now->ends = now->starts;
	now->has_ends = true;
	alert->judged = false;
}

static const char *edit_text(const struct event_sighting *sighting, const char *field)
{
	size_t i;

	for (i = 0; i < sighting->edit_count; i++) {
		if (strcmp(sighting->edits[i].field, field) == 0)
			return sighting->edits[i].count == 1 ? sighting->edits[i].values[0] : NULL;
	}
	return NULL;
}

/* An alert that is as bad as it was is not judged again. */
static void note_severity(struct event_alert *alert)
{
	const char *severity = alert->spoken ? edit_text(alert->spoken, "severity") : NULL;
	bool open = alert->there && !is_state(&alert->now, "resolved");

	if (!severity || !open)
		return;
	if (!alert->now.severity || strcmp(severity, alert->now.severity) != 0)
		alert->judged = true;
	alert->now.severity = severity;
}

void event_apply(struct event_work *work)
{
	size_t i;

	for (i = 0; i < work->sightings->count; i++) {
		const struct event_sighting *sighting = &work->sightings->items[i];
		struct event_alert *alert = &work->alerts[work->places[i]];

		if (strcmp(sighting->state, "resolved") == 0)
			ends(work, alert, sighting);
		else if (strcmp(sighting->state, "acknowledged") == 0)
			taken_up(work, alert, sighting);
		else
			fires(work, alert, sighting);
	}
	for (i = 0; i < work->alert_count; i++)
		note_severity(&work->alerts[i]);
}
