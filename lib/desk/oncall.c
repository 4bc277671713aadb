/* `itsm oncall`: the desk's rotas, who is on call by them, and what `itsm check` says of it. */
#include <string.h>

#include "oncall.h"

#define CHECK_DAYS 30
#define DAY 86400

int desk_rota_ids(struct itsm_index *index, struct itsm_arena *arena, const char *sql, const char *value,
	const char ***out, size_t *count, struct itsm_error *err)
{
	struct itsm_value values[] = {{.type = ITSM_VALUE_TEXT, .text = value}};
	struct itsm_query *query;
	size_t capacity = 0;
	int status = itsm_query_open(index, sql, values, value ? 1 : 0, &query, err);

	*out = NULL;
	*count = 0;
	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, err)) == 1) {
		struct itsm_value id = itsm_query_value(query, 0);

		itsm_arena_grow(arena, out, &capacity, *count, sizeof(**out));
		(*out)[*count] = id.text ? itsm_arena_strdup(arena, id.text) : NULL;
		*count += id.text != NULL;
	}
	itsm_query_free(query);
	return status;
}

bool desk_rota_person(struct itsm_index *index, struct itsm_arena *arena, const char *id, const char **name,
	const char **phone)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = id};
	struct itsm_query *query;
	bool active = false;

	*name = *phone = NULL;
	if (itsm_query_open(index, "SELECT name, phone, coalesce(active, 1) FROM person WHERE id = ?1", &value, 1, &query, NULL) != 0)
		return false;
	if (itsm_query_next(query, NULL) == 1) {
		struct itsm_value text = itsm_query_value(query, 0);

		*name = text.text ? itsm_arena_strdup(arena, text.text) : NULL;
		text = itsm_query_value(query, 1);
		*phone = text.text ? itsm_arena_strdup(arena, text.text) : NULL;
		active = itsm_query_value(query, 2).integer != 0;
	}
	itsm_query_free(query);
	return active;
}

static int find_calendar(struct itsm_index *index, const char *id, struct itsm_calendar **out, struct itsm_error *err)
{
	struct itsm_calendar *const *calendars;
	size_t count, i;
	int status = itsm_index_calendars(index, &calendars, &count, err);

	for (i = 0; i < count && status == 0; i++) {
		if (strcmp(itsm_calendar_id(calendars[i]), id) == 0) {
			*out = calendars[i];
			return 0;
		}
	}
	return status ? status : itsm_error_set(err, ITSM_ENOTFOUND, "there is no calendar '%s'; correct `calendar` of the rota", id);
}

static int read_rota(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_index *index, const char *id,
	struct desk_rota *out, struct itsm_error *err)
{
	struct itsm_shown shown;
	struct itsm_hit hit;
	const char *calendar;
	int status = itsm_index_find(index, arena, id, "rota", &hit, err);

	if (status != 0 || (status = itsm_desk_show(desk, arena, hit.path, NULL, false, &shown, err)) != 0)
		return status;
	out->record = shown.record;
	status = itsm_oncall_read(arena, shown.record->id, shown.record->front, itsm_yaml_text(desk->config, "zone"),
		&out->rota, err);
	calendar = itsm_record_text(shown.record, "calendar");
	if (status == 0 && calendar)
		status = find_calendar(index, calendar, &out->rota.calendar, err);
	if (status != 0)
		itsm_error_prefix(err, "%s", shown.record->path);
	return status;
}

int desk_rotas(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_index *index, struct itsm_words words,
	struct desk_rota **out, size_t *count, struct itsm_error *err)
{
	const char **ids;
	size_t i;
	int status = 0;

	*count = words.count;
	if (!words.count) {
		status = desk_rota_ids(index, arena, "SELECT id FROM rota ORDER BY id", NULL, &ids, count, err);
		words.items = ids;
	}
	if (status != 0)
		return status;
	*out = itsm_arena_alloc(arena, (*count + 1) * sizeof(**out));
	for (i = 0; i < *count && status == 0; i++)
		status = read_rota(desk, arena, index, words.items[i], &(*out)[i], err);
	return status;
}

static void add_shift(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_oncall_rota *rota,
	const struct itsm_oncall_span *span, struct itsm_shift *out)
{
	out->rota = rota->id;
	out->rota_name = rota->name;
	out->person = span->person;
	out->layer = span->layer;
	out->override = span->override;
	out->start = span->start;
	out->end = span->end;
	if (span->person)
		desk_rota_person(index, arena, span->person, &out->person_name, &out->phone);
}

int itsm_desk_oncall(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_words words, int64_t from,
	int64_t to, struct itsm_shift **out, size_t *count, struct itsm_error *err)
{
	struct desk_rota *rotas;
	struct itsm_oncall_span *spans;
	struct itsm_index *index;
	size_t rota_count, span_count, capacity = 0, i, j;
	int status;

	*out = NULL;
	*count = 0;
	if ((status = itsm_desk_view(desk, NULL, &index, err)) != 0 ||
	    (status = desk_rotas(desk, arena, index, words, &rotas, &rota_count, err)) != 0)
		return status;
	for (i = 0; i < rota_count; i++) {
		status = itsm_oncall_schedule(&rotas[i].rota, arena, from, to, &spans, &span_count, err);
		if (status != 0) {
			itsm_error_prefix(err, "%s", rotas[i].rota.id);
			return status;
		}
		for (j = 0; j < span_count; j++) {
			itsm_arena_grow(arena, out, &capacity, *count, sizeof(**out));
			memset(&(*out)[*count], 0, sizeof(**out));
			add_shift(index, arena, &rotas[i].rota, &spans[j], &(*out)[(*count)++]);
		}
	}
	return 0;
}

/* One finding for all gaps of a rota, one for each person who is not there. */
static void judge(struct itsm_desk *desk, struct itsm_index *index, struct itsm_arena *arena, const struct desk_rota *rota,
	const struct itsm_oncall_span *spans, size_t count, struct itsm_findings *findings)
{
	const char *told = "", *name, *phone;
	size_t gaps = 0, first = 0, i;
	char from[ITSM_TIME_TEXT], to[ITSM_TIME_TEXT];

	for (i = 0; i < count; i++) {
		if (!spans[i].person) {
			first = gaps ? first : i;
			gaps++;
		} else if (!strstr(told, itsm_arena_printf(arena, " %s ", spans[i].person)) &&
			!desk_rota_person(index, arena, spans[i].person, &name, &phone)) {
			told = itsm_arena_printf(arena, "%s %s ", told, spans[i].person);
			desk_finding(findings, rota->record, spans[i].override ? "overrides" : "layers", "oncall/person",
				"let somebody else take the turn", "%s is on call, who is not active or not in people/", spans[i].person);
			findings->items[findings->count - 1].severity = ITSM_SEVERITY_WARNING;
			findings->errors--;
		}
	}
	if (!gaps)
		return;
	itsm_time_format((struct itsm_time){spans[first].start, itsm_zone_offset(rota->rota.zone, spans[first].start) / 60}, from);
	itsm_time_format((struct itsm_time){spans[first].end, itsm_zone_offset(rota->rota.zone, spans[first].end) / 60}, to);
	desk_finding(findings, rota->record, "layers", "oncall/gap",
		itsm_arena_printf(findings->arena, "add a layer or an override; `itsm oncall gaps %s` lists them", rota->rota.id),
		"nobody is on call from %s to %s%s", from, to,
		gaps > 1 ? itsm_arena_printf(arena, ", nor in %zu other times of the next %d days", gaps - 1, CHECK_DAYS) : "");
	findings->items[findings->count - 1].severity = ITSM_SEVERITY_WARNING;
	findings->errors--;
	(void)desk;
}

static int check_rota(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_index *index, const char *id,
	struct itsm_findings *findings, struct itsm_error *err)
{
	struct desk_rota rota = {0};
	struct itsm_oncall_span *spans;
	size_t count;
	int status = read_rota(desk, arena, index, id, &rota, err);

	if (status == 0 && rota.rota.layer_count &&
	    (status = itsm_oncall_schedule(&rota.rota, arena, desk->options.now, desk->options.now + CHECK_DAYS * DAY, &spans,
		    &count, err)) == 0)
		judge(desk, index, arena, &rota, spans, count, findings);
	return status;
}

int desk_oncall_check(struct itsm_desk *desk, struct itsm_index *index, struct itsm_findings *findings,
	struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const char **ids;
	size_t count, i;
	int status = desk_rota_ids(index, arena, "SELECT id FROM rota ORDER BY id", NULL, &ids, &count, err);

	for (i = 0; i < count && status == 0; i++) {
		struct itsm_error failure = {0};
		struct itsm_finding finding = {.rule = "oncall/rota", .record = ids[i], .message = failure.message,
			.path = itsm_arena_printf(findings->arena, "operation/rotas/%s.yaml", ids[i]),
			.remedy = "correct it; nobody can say who is on call by it"};

		if (check_rota(desk, arena, index, ids[i], findings, &failure) == 0)
			continue;
		/* what the schema says of it is said already */
		finding.severity = ITSM_SEVERITY_WARNING;
		finding.line = failure.line;
		finding.column = failure.column;
		itsm_findings_add(findings, &finding);
	}
	itsm_arena_free(arena);
	return status;
}
