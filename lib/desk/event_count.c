/* What a batch did, in numbers and in the commit's message. */
#include <string.h>

#include "event.h"

#define NAMED_MAX 100 /* records that the commit's trailers name */

static bool became(const struct event_alert *alert, const char *state)
{
	return alert->now.state && strcmp(alert->now.state, state) == 0 &&
		(!alert->known || !alert->then.state || strcmp(alert->then.state, state) != 0);
}

static void count_alert(struct itsm_event_result *result, const struct event_alert *alert)
{
	if (became(alert, "resolved"))
		result->resolved++;
	else if (became(alert, "suppressed"))
		result->suppressed++;
	else if (became(alert, "acknowledged"))
		result->acknowledged++;
	else if (alert->fired || became(alert, "firing"))
		result->fired++;
	else
		result->updated++;
	if (alert->fired && alert->now.flapping)
		result->flapping++;
}

static void tell_incident(const struct event_work *work, const struct event_incident *incident)
{
	static const char *const what[] = {"opened", "opened again", "updated", "resolved"};

	if (incident->alert_count)
		event_tell(work->teller, "%s %s (%zu alert%s)", incident->id, what[incident->action], incident->alert_count,
			incident->alert_count == 1 ? "" : "s");
	else
		event_tell(work->teller, "%s %s", incident->id, what[incident->action]);
}

bool event_count(struct event_work *work)
{
	struct itsm_event_result *result = work->result;
	size_t *incidents[] = {&result->incidents_opened, &result->incidents_reopened, &result->incidents_updated, &result->incidents_resolved};
	size_t changed = 0, i;

	for (i = 0; i < work->alert_count; i++) {
		work->alerts[i].changed = event_differs(work, &work->alerts[i]);
		changed += work->alerts[i].changed;
		if (work->alerts[i].changed)
			count_alert(result, &work->alerts[i]);
		else
			result->unchanged++;
	}
	for (i = 0; i < work->incident_count; i++) {
		if (!work->incidents[i]->text)
			continue;
		changed++;
		++*incidents[work->incidents[i]->action];
	}
	return changed > 0;
}

void event_tell_incidents(const struct event_work *work)
{
	size_t i;

	for (i = 0; i < work->incident_count; i++) {
		if (work->incidents[i]->text)
			tell_incident(work, work->incidents[i]);
	}
}

static void add_count(struct itsm_buffer *out, size_t count, const char *what, const char *done)
{
	if (count)
		itsm_buffer_printf(out, "%s%zu %s%s%s", out->length > strlen("alerts: ") ? ", " : "", count, what,
			*what ? count == 1 ? " " : "s " : "", done);
}

void event_message(const struct event_work *work, const char *message, struct itsm_buffer *out)
{
	const struct itsm_event_result *result = work->result;
	size_t named = 0, i;

	itsm_buffer_puts(out, "alerts: ");
	add_count(out, result->fired, "", "firing");
	add_count(out, result->acknowledged, "", "acknowledged");
	add_count(out, result->suppressed, "", "suppressed");
	add_count(out, result->resolved, "", "resolved");
	add_count(out, result->updated, "", "updated");
	add_count(out, result->incidents_opened, "incident", "opened");
	add_count(out, result->incidents_reopened, "incident", "opened again");
	add_count(out, result->incidents_updated, "incident", "updated");
	add_count(out, result->incidents_resolved, "incident", "resolved");
	itsm_buffer_puts(out, "\n\n");
	if (message && *message)
		itsm_buffer_printf(out, "%s%s\n", message, message[strlen(message) - 1] == '\n' ? "" : "\n");
	itsm_buffer_puts(out, "Itsm-Action: event\n");
	for (i = 0; i < work->incident_count && named < NAMED_MAX; i++) {
		if (work->incidents[i]->text) {
			itsm_buffer_printf(out, "Itsm-Record: %s\n", work->incidents[i]->id);
			named++;
		}
	}
	for (i = 0; i < work->alert_count && named < NAMED_MAX; i++) {
		if (work->alerts[i].changed) {
			itsm_buffer_printf(out, "Itsm-Record: %s\n", work->alerts[i].id);
			named++;
		}
	}
}
