/* Which promises hold for a record, and its clocks by them. */
#include <string.h>

#include "clock.h"
#include "itsm/time.h"

static bool has(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

/* The last version in which this clock was still to end: it tells whose customer and service count. */
static const struct version *deciding(const struct clock_kind *kind, int clock, const struct life *life)
{
	const struct version *version = NULL;

	for (size_t i = 0; i < life->count; i++) {
		bool over = has(kind->stops[clock], life->versions[i].state) || has(kind->withdrawals, life->versions[i].state);

		if (!over)
			version = &life->versions[i];
		else if (version && clock == 0) /* the first response is the only one */
			break;
	}
	return version;
}

static bool is_equal(const char *wanted, const char *is)
{
	return !wanted || (is && strcmp(wanted, is) == 0);
}

/* Is it among the items of a JSON list of IDs? They have no quotes in them. */
static bool is_listed(const char *json, const char *id)
{
	size_t length = strlen(id);

	for (const char *at = json; at && (at = strstr(at, id)) != NULL; at += length)
		if (at > json && at[-1] == '"' && at[length] == '"')
			return true;
	return false;
}

static bool is_held(const struct promise *promise, const struct life *life)
{
	enum life_field field = promise->team ? LIFE_TEAM : LIFE_SUPPLIER;
	const char *holder = promise->team ? promise->team : promise->supplier;

	if (!holder)
		return strcmp(promise->type, "ola") != 0 && strcmp(promise->type, "contract") != 0;
	for (size_t i = 0; i < life->count; i++)
		if (is_equal(holder, life->versions[i].fields[field]))
			return true;
	return false;
}

/* Does it promise the record something? */
static bool is_meant(const struct promise *promise, int clock, const struct version *version, const struct life *life)
{
	int priority = version->priority > 0 && version->priority < ITSM_SLA_PRIORITIES ? version->priority : 0;
	char day[ITSM_TIME_TEXT];

	if (promise->goals[clock][priority] < 0 || !is_equal(promise->customer, version->fields[LIFE_CUSTOMER]) ||
	    !is_equal(promise->offering, version->fields[LIFE_OFFERING]) || !is_held(promise, life))
		return false;
	if (!is_equal(promise->service, version->fields[LIFE_SERVICE]) &&
	    !is_listed(version->fields[LIFE_SERVICES], promise->service))
		return false;
	itsm_time_format_utc(life->versions[0].at, day);
	return (!promise->from || strncmp(promise->from, day, 10) <= 0) && (!promise->to || strncmp(day, promise->to, 10) <= 0);
}

static bool is_same_party(const struct promise *a, const struct promise *b)
{
	const char *left = a->team ? a->team : a->supplier, *right = b->team ? b->team : b->supplier;

	return strcmp(a->type, b->type) == 0 && (left && right ? strcmp(left, right) == 0 : left == right);
}

static int rank(const struct promise *promise)
{
	return 2 * (promise->customer != NULL) + (promise->service != NULL);
}

/* Of two that promise the same record: which holds? */
static bool is_better(const struct promise *a, const struct promise *b, int clock, int priority)
{
	const char *from = a->from ? a->from : "", *other = b->from ? b->from : "";

	if (rank(a) != rank(b))
		return rank(a) > rank(b);
	if (a->goals[clock][priority] != b->goals[clock][priority])
		return a->goals[clock][priority] < b->goals[clock][priority];
	if (strcmp(from, other) != 0)
		return strcmp(from, other) > 0;
	return strcmp(a->id, b->id) < 0;
}

/* Those that hold, at most one for each party, in the order there are. */
static size_t choose(const struct promises *promises, const struct clock_kind *kind, int clock, const struct life *life,
	const struct promise **out)
{
	const struct version *version = deciding(kind, clock, life);
	size_t count = 0, j;

	for (size_t i = 0; version && i < promises->count; i++) {
		const struct promise *promise = &promises->items[i];

		if (promise->kind != kind || !is_meant(promise, clock, version, life))
			continue;
		for (j = 0; j < count && !is_same_party(out[j], promise); j++)
			;
		if (j == count)
			out[count++] = promise;
		else if (is_better(promise, out[j], clock, version->priority > 0 && version->priority < ITSM_SLA_PRIORITIES ?
			version->priority : 0))
			out[j] = promise;
	}
	return count;
}

static void set_moments(const struct life *life, enum life_field holder, struct itsm_sla_moment *moments)
{
	for (size_t i = 0; i < life->count; i++)
		moments[i] = (struct itsm_sla_moment){life->versions[i].at, life->versions[i].state, life->versions[i].priority,
			life->versions[i].fields[holder]};
}

static const char *interval_word(const struct itsm_sla_interval *interval)
{
	static const char *const words[] = {"ran", "paused", "ended", "elsewhere", "before"};

	return interval->open || interval->span == ITSM_SLA_BEFORE ? words[interval->span] : "closed";
}

/* The names of the holidays in it, each once. */
static int name_holidays(struct itsm_calendar *calendar, struct itsm_arena *arena, struct itsm_clock_interval *interval,
	struct itsm_error *err)
{
	struct itsm_calendar_event *events = NULL;
	struct itsm_buffer names = {0};
	size_t count = 0;
	int status = itsm_calendar_events(calendar, arena, ITSM_CALENDAR_HOLIDAY, interval->start, interval->end, &events, &count,
		err);

	for (size_t i = 0; i < count; i++) {
		const char *name = events[i].entry->name && *events[i].entry->name ? events[i].entry->name : "holiday";

		if (!names.data || !strstr(names.data, name))
			itsm_buffer_printf(&names, "%s%s", names.length ? ", " : "", name);
	}
	if (names.length) {
		interval->what = "holiday";
		interval->holidays = itsm_arena_strdup(arena, names.data);
	}
	itsm_buffer_free(&names);
	return status;
}

static int explain(const struct itsm_sla_terms *terms, const struct itsm_sla_moment *moments, size_t count,
	struct itsm_arena *arena, struct itsm_clock *clock, struct itsm_error *err)
{
	struct itsm_sla_interval *intervals = NULL;
	size_t interval_count = 0;
	int status = itsm_sla_explain(arena, terms, moments, count, &clock->sla, &intervals, &interval_count, err);

	clock->intervals = itsm_arena_alloc(arena, (interval_count + 1) * sizeof(*clock->intervals));
	clock->interval_count = status == 0 ? interval_count : 0;
	for (size_t i = 0; i < clock->interval_count && status == 0; i++) {
		struct itsm_clock_interval *out = &clock->intervals[i];

		*out = (struct itsm_clock_interval){.start = intervals[i].start, .end = intervals[i].end,
			.seconds = intervals[i].open ? intervals[i].end - intervals[i].start : 0,
			.what = interval_word(&intervals[i]), .moment = intervals[i].moment};
		if (!intervals[i].open && terms->calendar)
			status = name_holidays(terms->calendar, arena, out, err);
	}
	return status;
}

struct judging {
	struct itsm_index *index;
	const struct promises *promises;
	const struct clock_kind *kind;
	const struct life *life;
	struct itsm_sla_moment *moments;
	bool explain;
	struct itsm_clocks *out;
};

static int judge(struct judging *judging, const struct promise *promise, int name, struct itsm_error *err)
{
	const struct life *life = judging->life;
	struct itsm_sla_terms terms = {.pauses = promise->pauses, .stops = judging->kind->stops[name],
		.withdrawals = (const char *const *)judging->kind->withdrawals, .once = name == 0, .afresh = promise->afresh,
		.warn = promise->warn, .holder = promise->team ? promise->team : promise->supplier};
	struct itsm_clock clock = {.name = clock_names[name], .agreement = promise->id, .type = promise->type,
		.calendar = promise->calendar};
	struct itsm_error error = {0};
	int status = 0;

	if (promise->calendar)
		status = itsm_index_calendar_find(judging->index, promise->calendar, &terms.calendar, &error);
	if (status == ITSM_ENOTFOUND || status == ITSM_EDATA || status == ITSM_ELIMIT) {
		clock.sla.status = ITSM_SLA_UNKNOWN;
		clock.trouble = itsm_arena_strdup(life->arena, error.message);
		judging->out->clocks[judging->out->count++] = clock;
		return 0;
	}
	if (status != 0) {
		if (err)
			*err = error;
		return status;
	}
	memcpy(terms.goals, promise->goals[name], sizeof(terms.goals));
	set_moments(life, promise->supplier ? LIFE_SUPPLIER : LIFE_TEAM, judging->moments);
	status = itsm_sla_judge(&terms, judging->moments, life->count, judging->index->now, &clock.sla, err);
	if (status == 0 && clock.sla.status != ITSM_SLA_NONE && judging->explain)
		status = explain(&terms, judging->moments, life->count, life->arena, &clock, err);
	if (status == 0 && clock.sla.status != ITSM_SLA_NONE)
		judging->out->clocks[judging->out->count++] = clock;
	return status;
}

int itsm_index_clocks_judge(struct itsm_index *index, const struct promises *promises, const struct clock_kind *kind,
	const struct life *life, bool explain_too, struct itsm_clocks *out, struct itsm_error *err)
{
	struct itsm_arena *arena = life->arena;
	const struct promise **chosen = itsm_arena_alloc(arena, (promises->count + 1) * sizeof(*chosen));
	struct judging judging = {index, promises, kind, life, NULL, explain_too, out};
	int status = 0;

	*out = (struct itsm_clocks){.id = life->id, .kind = kind->kind->name};
	judging.moments = itsm_arena_alloc(arena, (life->count + 1) * sizeof(*judging.moments));
	out->clocks = itsm_arena_alloc(arena, (CLOCK_NAMES * promises->count + 1) * sizeof(*out->clocks));
	for (int name = 0; life->count && name < CLOCK_NAMES; name++) {
		size_t count = choose(promises, kind, name, life, chosen);

		for (size_t i = 0; i < count && status == 0; i++)
			status = judge(&judging, chosen[i], name, err);
	}
	return status;
}

static void tell_moments(const struct life *life, struct itsm_clocks *out)
{
	out->moments = itsm_arena_alloc(life->arena, (life->count + 1) * sizeof(*out->moments));
	out->moment_count = life->count;
	for (size_t i = 0; i < life->count; i++) {
		const struct version *version = &life->versions[i];

		out->moments[i] = (struct itsm_clock_moment){.at = version->at, .state = version->state,
			.priority = version->priority, .by = version->by};
		itsm_oid_text(&version->commit, out->moments[i].commit);
	}
}

/* The kind of a record that something is promised for, or NULL. */
static int kind_of_record(struct itsm_index *index, struct promises *promises, const char *id, struct clock_kind **out,
	struct itsm_error *err)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_RECORD_KIND, index->snapshot, err);
	int status;

	*out = NULL;
	if (!statement)
		return ITSM_EINDEX;
	itsm_index_bind_text(statement, 1, id);
	status = itsm_index_step(index, statement, err);
	for (size_t i = 0; status == 1 && i < promises->kind_count; i++)
		if (promises->kinds[i].number == sqlite3_column_int(statement, 0))
			*out = &promises->kinds[i];
	sqlite3_reset(statement);
	return status < 0 ? status : 0;
}

int itsm_index_clocks_of(struct itsm_index *index, struct itsm_arena *arena, const char *id, bool detail,
	struct itsm_clocks *out, struct itsm_error *err)
{
	struct life life = {.arena = arena};
	struct index_clocks *clocks;
	struct clock_kind *kind;
	int status = itsm_index_promises(index, &clocks, err);

	*out = (struct itsm_clocks){.id = itsm_arena_strdup(arena, id)};
	if (status == 0)
		status = kind_of_record(index, &clocks->promises, id, &kind, err);
	if (status != 0 || !kind)
		return status;
	out->kind = kind->kind->name;
	if (!kind->one && (status = itsm_index_life_prepare(index, kind, true, &kind->one, err)) != 0)
		return status;
	sqlite3_reset(kind->one);
	itsm_index_bind_text(kind->one, 1, id);
	status = itsm_index_step(index, kind->one, err);
	if (status == 1)
		status = itsm_index_life_read(index, kind->one, detail, &life, err);
	if (status >= 0 && life.count)
		status = itsm_index_clocks_judge(index, &clocks->promises, kind, &life, detail, out, err);
	if (status >= 0 && detail)
		tell_moments(&life, out);
	sqlite3_reset(kind->one);
	return status < 0 ? status : 0;
}

struct kind_names {
	struct itsm_arena *arena;
	const char *const **out;
};

static int name_kinds(struct itsm_index *index, void *context, struct itsm_error *err)
{
	const struct kind_names *names = context;
	struct index_clocks *clocks;
	const char **items;
	int status = itsm_index_promises(index, &clocks, err);

	if (status != 0)
		return status;
	items = itsm_arena_alloc(names->arena, (clocks->promises.kind_count + 1) * sizeof(*items));
	for (size_t i = 0; i < clocks->promises.kind_count; i++)
		items[i] = clocks->promises.kinds[i].kind->name;
	*names->out = items;
	return 0;
}

int itsm_index_clock_kinds(struct itsm_index *index, struct itsm_arena *arena, const char *const **out,
	struct itsm_error *err)
{
	struct kind_names names = {arena, out};

	return itsm_index_attempt(index, name_kinds, &names, err);
}

struct asking {
	struct itsm_arena *arena;
	const char *id;
	bool explain;
	struct itsm_clocks *out;
};

static int ask(struct itsm_index *index, void *context, struct itsm_error *err)
{
	const struct asking *asking = context;
	int status = itsm_index_history_view(index, err);

	return status != 0 ? status : itsm_index_clocks_of(index, asking->arena, asking->id, asking->explain, asking->out, err);
}

int itsm_index_clocks(struct itsm_index *index, struct itsm_arena *arena, const char *id, bool explain_too,
	struct itsm_clocks *out, struct itsm_error *err)
{
	struct asking asking = {arena, id, explain_too, out};

	return itsm_index_attempt(index, ask, &asking, err);
}
