/* `itsm oncall who`: the steps of an escalation, with the times they are due. */
#include <stdlib.h>
#include <string.h>

#include "oncall.h"

#define HORIZON (40 * 86400)

/* The rotas that watch a record: by its services, else by its team; a rota watches itself. */
static const char by_service[] =
	"WITH served(id) AS (SELECT ?1 UNION SELECT l.target FROM link l WHERE l.source = ?1 AND l.relation IN ('service', 'services')"
	" UNION SELECT y.target FROM link l JOIN link y ON y.source = l.target AND y.relation = 'services'"
	" WHERE l.source = ?1 AND l.relation = 'items')"
	" SELECT r.id FROM rota r WHERE r.id = ?1"
	" OR EXISTS (SELECT 1 FROM json_each(r.services) s JOIN served d ON d.id = s.value) ORDER BY r.id";
static const char by_team[] =
	"WITH served(id) AS (SELECT ?1 UNION SELECT l.target FROM link l WHERE l.source = ?1 AND l.relation IN ('service', 'services')"
	" UNION SELECT y.target FROM link l JOIN link y ON y.source = l.target AND y.relation = 'services'"
	" WHERE l.source = ?1 AND l.relation = 'items')"
	" SELECT r.id FROM rota r WHERE r.team = ?1 OR r.team IN (SELECT t.target FROM link t JOIN served d ON d.id = t.source"
	" WHERE t.relation = 'team') ORDER BY r.id";

struct calling {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_index *index;
	struct itsm_escalation *escalation;
	size_t capacity;
	unsigned step;
	int64_t at;
};

static void add_call(struct calling *calling, const char *person, const char *why)
{
	struct itsm_escalation *escalation = calling->escalation;
	struct itsm_call *call;
	size_t i;

	for (i = 0; i < escalation->count; i++) /* once a step */
		if (escalation->calls[i].step == calling->step && person && escalation->calls[i].person &&
		    strcmp(escalation->calls[i].person, person) == 0)
			return;
	itsm_arena_grow(calling->arena, &escalation->calls, &calling->capacity, escalation->count, sizeof(*escalation->calls));
	call = &escalation->calls[escalation->count++];
	memset(call, 0, sizeof(*call));
	call->step = calling->step;
	call->at = calling->at;
	call->person = person;
	call->why = why;
	if (person)
		desk_rota_person(calling->index, calling->arena, person, &call->person_name, &call->phone);
}

/* Who is on call by a rota at the step's moment. */
static int call_rota(struct calling *calling, const char *id, struct itsm_error *err)
{
	struct itsm_words words = {&id, 1};
	struct itsm_oncall_span span;
	struct desk_rota *rotas;
	size_t count;
	bool found;
	int status = desk_rotas(calling->desk, calling->arena, calling->index, words, &rotas, &count, err);

	if (status == 0)
		status = itsm_oncall_at(&rotas[0].rota, calling->arena, calling->at, HORIZON, &found, &span, err);
	if (status != 0)
		return status;
	if (!found)
		add_call(calling, NULL, itsm_arena_printf(calling->arena, "outside of the hours of %s", id));
	else if (!span.person)
		add_call(calling, NULL, itsm_arena_printf(calling->arena, "nobody is on call by %s", id));
	else
		add_call(calling, span.person, itsm_arena_printf(calling->arena, "on call by %s, %s", id,
			span.override ? "override" : span.layer));
	return 0;
}

/* A team's rotas, or where it has none its members. */
static int call_team(struct calling *calling, const char *team, struct itsm_error *err)
{
	const char **ids;
	size_t count, i;
	int status = desk_rota_ids(calling->index, calling->arena, "SELECT id FROM rota WHERE team = ?1 ORDER BY id", team, &ids,
		&count, err);

	for (i = 0; i < count && status == 0; i++)
		status = call_rota(calling, ids[i], err);
	if (status != 0 || count)
		return status;
	status = desk_rota_ids(calling->index, calling->arena,
		"SELECT m.value FROM team t, json_each(t.members) m WHERE t.id = ?1 ORDER BY m.key", team, &ids, &count, err);
	for (i = 0; i < count && status == 0; i++)
		add_call(calling, ids[i], itsm_arena_printf(calling->arena, "member of %s", team));
	if (status == 0 && !count)
		add_call(calling, NULL, itsm_arena_printf(calling->arena, "%s has no rota and no members", team));
	return status;
}

static const char *item_text(const struct itsm_yaml *list, size_t position)
{
	const struct itsm_yaml *item = list->type == ITSM_YAML_SEQUENCE ? list->items[position] : list;

	return item->type == ITSM_YAML_SCALAR ? item->text : "";
}

static size_t item_count(const struct itsm_yaml *list)
{
	return !list ? 0 : list->type == ITSM_YAML_SEQUENCE ? list->count : 1;
}

static int call_step(struct calling *calling, const struct itsm_yaml *step, struct itsm_error *err)
{
	const struct itsm_yaml *people = itsm_yaml_get(step, "people"), *teams = itsm_yaml_get(step, "teams");
	const char *rota = itsm_yaml_text(step, "rota");
	size_t i;
	int status = rota ? call_rota(calling, rota, err) : 0;

	for (i = 0; i < item_count(people); i++)
		add_call(calling, item_text(people, i), "named");
	for (i = 0; i < item_count(teams) && status == 0; i++)
		status = call_team(calling, item_text(teams, i), err);
	return status;
}

/* Who is on call by the rota itself comes first, then its steps. */
static int escalate(struct calling *calling, const struct desk_rota *rota, struct itsm_error *err)
{
	const struct itsm_yaml *steps = itsm_record_field(rota->record, "escalation");
	size_t i;
	int64_t after;
	int status;

	calling->step = 1;
	calling->at = calling->escalation->since;
	status = call_rota(calling, rota->rota.id, err);
	for (i = 0; steps && steps->type == ITSM_YAML_SEQUENCE && i < steps->count && status == 0; i++) {
		const char *text = steps->items[i]->type == ITSM_YAML_MAPPING ? itsm_yaml_text(steps->items[i], "after") : NULL;

		if (!text || !itsm_duration_parse(text, &after))
			return itsm_error_set_at(err, ITSM_EDATA, steps->items[i]->line, steps->items[i]->column,
				"%s: a step of the escalation has no `after`, such as 15m", rota->record->path);
		calling->step += after > 0 || i > 0;
		calling->at = calling->escalation->since + after;
		status = call_step(calling, steps->items[i], err);
	}
	return status;
}

static int64_t time_field(const struct itsm_record *record, const char *field)
{
	const char *text = itsm_record_text(record, field);
	struct itsm_time time;

	return text && itsm_time_parse(text, &time, NULL) == 0 ? time.seconds : 0;
}

static int compare_calls(const void *a, const void *b)
{
	const struct itsm_call *left = a, *right = b;

	return left->at != right->at ? (left->at > right->at) - (left->at < right->at)
		: (left->step > right->step) - (left->step < right->step);
}

static int find_rotas(struct calling *calling, const char *id, const char ***ids, size_t *count, struct itsm_error *err)
{
	int status = desk_rota_ids(calling->index, calling->arena, by_service, id, ids, count, err);

	if (status == 0 && !*count)
		status = desk_rota_ids(calling->index, calling->arena, by_team, id, ids, count, err);
	if (status == 0 && !*count)
		status = itsm_error_set(err, ITSM_ENOTFOUND,
			"no rota watches %s: none names its services, and none belongs to its team; `itsm list rota` lists them", id);
	return status;
}

int itsm_desk_oncall_who(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, int64_t at,
	struct itsm_escalation **out, size_t *count, struct itsm_error *err)
{
	struct calling calling = {.desk = desk, .arena = arena};
	struct itsm_escalation *escalations;
	struct itsm_shown shown;
	struct desk_rota *rotas;
	const char **ids;
	size_t found, i;
	int64_t since;
	int status;

	if ((status = itsm_desk_view(desk, NULL, &calling.index, err)) != 0 ||
	    (status = itsm_desk_show(desk, arena, id, NULL, false, &shown, err)) != 0 ||
	    (status = find_rotas(&calling, shown.record->id, &ids, &found, err)) != 0 ||
	    (status = desk_rotas(desk, arena, calling.index, (struct itsm_words){ids, found}, &rotas, &found, err)) != 0)
		return status;
	since = time_field(shown.record, "opened");
	since = since ? since : time_field(shown.record, "starts");
	escalations = itsm_arena_alloc(arena, (found + 1) * sizeof(*escalations));
	for (i = 0; i < found && status == 0; i++) {
		calling.escalation = &escalations[i];
		calling.capacity = 0;
		escalations[i].id = shown.record->id;
		escalations[i].rota = ids[i];
		escalations[i].since = since ? since : at;
		escalations[i].taken_up = time_field(shown.record, "acknowledged");
		status = escalate(&calling, &rotas[i], err);
		if (status == 0 && escalations[i].count)
			qsort(escalations[i].calls, escalations[i].count, sizeof(*escalations[i].calls), compare_calls);
	}
	*out = escalations;
	*count = found;
	return status;
}
