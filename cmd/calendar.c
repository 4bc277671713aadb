/* itsm calendar: what is planned when, conflicts of it, and when there is room. */
#include "calendar.h"

#include <string.h>

#include "command.h"
#include "output.h"

#define DAY INT64_C(86400)
#define STEPS 3                 /* of dependence, where none are named */

struct calendar_values {
	const char *from, *to, *service, *view, *format, *duration, *depth, *at;
	int64_t count;
	bool branches, open, soft;
};

static const struct option_row options[] = {
	{0, "from", "TIME", OPTION_TEXT, offsetof(struct calendar_values, from), "from when on"},
	{0, "to", "TIME", OPTION_TEXT, offsetof(struct calendar_values, to), "until before when"},
	{0, "service", "ID", OPTION_TEXT, offsetof(struct calendar_values, service), "of a service and its items only"},
	{0, "view", "VIEW", OPTION_TEXT, offsetof(struct calendar_values, view), "month, week or list"},
	{0, "branches", NULL, OPTION_FLAG, offsetof(struct calendar_values, branches),
		"conflicts, slots: mind the changes on branches that are not merged"},
	{0, "open", NULL, OPTION_FLAG, offsetof(struct calendar_values, open),
		"conflicts: of every open change with a window"},
	{0, "depth", "STEPS", OPTION_TEXT, offsetof(struct calendar_values, depth),
		"conflicts, slots: so many steps of dependence, 0 for all"},
	{0, "duration", "TIME", OPTION_TEXT, offsetof(struct calendar_values, duration), "slots: how long, such as 2h"},
	{'n', "count", "COUNT", OPTION_COUNT, offsetof(struct calendar_values, count), "slots: how many"},
	{0, "soft", NULL, OPTION_FLAG, offsetof(struct calendar_values, soft), "slots: take soft freezes for free"},
	{0, "at", "REV", OPTION_TEXT, offsetof(struct calendar_values, at), "look at the desk as committed at REV"},
	{0, "format", "FORMAT", OPTION_TEXT, offsetof(struct calendar_values, format),
		"how to print: text, json, jsonl, csv, id or ics"},
	{0},
};

const struct syntax calendar_syntax = {
	.words = "[conflicts [ID] | slots ID]",
	.options = options,
	.size = sizeof(struct calendar_values),
	.most = 2,
};

static int read_format(const char *text, bool ics, enum itsm_format *out, struct itsm_error *err)
{
	static const char *const names[] = {"text", "json", "csv", "id", "jsonl"};

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		if (!text || strcmp(text, names[i]) == 0) {
			*out = (enum itsm_format)i;
			return 0;
		}
	}
	return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no format; there are text, json, jsonl, csv%s", text ? text : "",
		ics ? ", id and ics" : " and id");
}

/* A moment; a day or month is its beginning where the user is. */
static int read_moment(struct context *context, const char *text, int64_t *out, struct itsm_error *err)
{
	struct itsm_buffer whole = {0};
	int64_t days;
	int status = 0;

	itsm_buffer_puts(&whole, text);
	if (whole.length == 7)
		itsm_buffer_puts(&whole, "-01");
	if (strcmp(text, "today") == 0)
		*out = calendar_midnight(calendar_day(context->now));
	else if (itsm_date_parse(whole.data, &days))
		*out = calendar_midnight(days);
	else
		status = itsm_moment_parse(text, context->now, out, err);
	itsm_buffer_free(&whole);
	return status;
}

static int64_t first_of_month(int64_t day, int more)
{
	int year, month, number;

	itsm_civil_from_days(day, &year, &month, &number);
	month += more;
	return itsm_days_from_civil(year + (month - 1) / 12, (month - 1) % 12 + 1, 1);
}

/* What is shown when it is not said: the month, the week, four weeks. */
static int read_range(struct context *context, const struct calendar_values *values, int64_t *from, int64_t *to,
	struct itsm_error *err)
{
	const char *view = values->view ? values->view : "month";
	int64_t start = context->now, day;
	int status = values->from ? read_moment(context, values->from, &start, err) : 0;

	if (status != 0)
		return status;
	day = calendar_day(start);
	*from = start;
	if (strcmp(view, "month") == 0 && !values->from)
		*from = calendar_midnight(first_of_month(day, 0));
	if (strcmp(view, "week") == 0 && !values->from)
		*from = calendar_midnight(day - ((day + 3) % 7 + 7) % 7);
	day = calendar_day(*from);
	if (values->to)
		status = read_moment(context, values->to, to, err);
	else if (strcmp(view, "month") == 0)
		*to = calendar_midnight(first_of_month(day, 1));
	else
		*to = calendar_midnight(day + (strcmp(view, "week") == 0 ? 7 : 28));
	if (status == 0 && *to <= *from)
		status = itsm_error_set(err, ITSM_EUSAGE, "--to is not after --from");
	if (status == 0 && *to - *from > 3700 * DAY)
		status = itsm_error_set(err, ITSM_EUSAGE, "that is more than ten years; take less");
	return status;
}

static struct itsm_value list_value(const char *json)
{
	return output_json(json ? json : "[]");
}

static int emit_agenda(struct context *context, const struct itsm_agenda_entry *entries, size_t count,
	enum itsm_format format, struct itsm_error *err)
{
	static const char *const columns[] = {"id", "start", "end", "kind", "title", "state", "overlaps", "services", "items"};
	struct itsm_emitter *emitter = output_begin(context, format, "calendar", columns, format == ITSM_FORMAT_ID ? 1 : 9);

	for (size_t i = 0; i < count; i++) {
		const struct itsm_agenda_entry *entry = &entries[i];

		itsm_emit_row(emitter, (struct itsm_value[]){output_text(entry->id), output_time(context, entry->start),
			output_time(context, entry->end), output_text(entry->kind), output_text(entry->title),
			output_text(entry->state), output_integer((int64_t)entry->overlaps),
			list_value(entry->services), list_value(entry->items)});
	}
	return itsm_emit_end(emitter, err);
}

static int show_agenda(struct context *context, const struct calendar_values *values, struct itsm_error *err)
{
	const char *view = values->view ? values->view : "month";
	bool ics = values->format && strcmp(values->format, "ics") == 0;
	enum itsm_format format = ITSM_FORMAT_TEXT;
	struct itsm_agenda_query query = {.at = values->at, .service = values->service};
	struct itsm_agenda_entry *entries;
	struct itsm_buffer text = {0};
	size_t count;
	int status = ics ? 0 : read_format(values->format, true, &format, err);

	if (strcmp(view, "month") != 0 && strcmp(view, "week") != 0 && strcmp(view, "list") != 0)
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no view; there are month, week and list", view);
	if (status != 0 || (status = read_range(context, values, &query.from, &query.to, err)) != 0 ||
		(status = itsm_desk_agenda(context->desk, context->arena, &query, &entries, &count, err)) != 0)
		return status;
	context_progress_clear(context);
	if (!ics && (format != ITSM_FORMAT_TEXT || strcmp(view, "list") == 0))
		return emit_agenda(context, entries, count, format, err);
	if (ics)
		itsm_agenda_ics(entries, count, itsm_desk_name(context->desk), context->now, &text);
	else if (strcmp(view, "week") == 0)
		calendar_week(context, entries, count, query.from, query.to, &text);
	else
		calendar_month(context, entries, count, query.from, query.to, &text);
	output_flush(context, &text);
	itsm_buffer_free(&text);
	return 0;
}

static int read_depth(const char *text, uint32_t *out, struct itsm_error *err)
{
	*out = STEPS;
	if (!text)
		return 0;
	*out = 0;
	for (const char *at = text; *at; at++) {
		if (*at < '0' || *at > '9' || at - text > 5)
			return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no number of steps", text);
		*out = *out * 10 + (uint32_t)(*at - '0');
	}
	return *text ? 0 : itsm_error_set(err, ITSM_EUSAGE, "--depth wants a number");
}

static const char *with_branch(struct context *context, const char *id, const char *branch)
{
	return id && branch ? itsm_arena_printf(context->arena, "%s (%s)", id, branch) : id;
}

static int emit_conflicts(struct context *context, const struct itsm_conflicts *found, enum itsm_format format,
	struct itsm_error *err)
{
	static const char *const columns[] = {"change", "branch", "rule", "with", "with_branch", "about", "start", "end",
		"message", "title"};
	static const char *const shown[] = {"change", "rule", "with", "start", "end", "message"};
	bool text = format == ITSM_FORMAT_TEXT;
	struct itsm_emitter *emitter = output_begin(context, format, "calendar conflicts", text ? shown : columns,
		format == ITSM_FORMAT_ID ? 1 : text ? 6 : 10);

	for (size_t i = 0; i < found->count; i++) {
		const struct itsm_conflict *one = &found->items[i];

		if (text)
			itsm_emit_row(emitter, (struct itsm_value[]){output_text(with_branch(context, one->change, one->branch)),
				output_text(one->rule), output_text(with_branch(context, one->with, one->with_branch)),
				output_time(context, one->start), output_time(context, one->end), output_text(one->message)});
		else
			itsm_emit_row(emitter, (struct itsm_value[]){output_text(one->change), output_text(one->branch),
				output_text(one->rule), output_text(one->with), output_text(one->with_branch),
				output_text(one->about), output_time(context, one->start), output_time(context, one->end),
				output_text(one->message), output_text(one->title)});
	}
	return itsm_emit_end(emitter, err);
}

static int show_conflicts(struct context *context, const char *id, const struct calendar_values *values,
	struct itsm_error *err)
{
	struct itsm_conflicts_query query = {.at = values->at, .id = id, .open = values->open,
		.branches = values->branches, .from = id ? INT64_MIN : context->now};
	struct itsm_conflicts found;
	enum itsm_format format = ITSM_FORMAT_TEXT;
	int status = read_format(values->format, false, &format, err);

	if (status != 0 || (status = read_depth(values->depth, &query.depth, err)) != 0 ||
		(values->from && (status = read_moment(context, values->from, &query.from, err)) != 0) ||
		(status = itsm_desk_conflicts(context->desk, context->arena, &query, &found, err)) != 0)
		return status;
	context_progress_clear(context);
	if ((status = emit_conflicts(context, &found, format, err)) != 0)
		return status;
	if (found.more)
		output_note(context, "of some changes only the first %d others are told", ITSM_COLLISION_EACH);
	if (format == ITSM_FORMAT_TEXT && !found.count)
		output_note(context, "no conflicts among %zu change%s", found.changes, found.changes == 1 ? "" : "s");
	return found.count ? output_told(err) : 0;
}

static int show_slots(struct context *context, const char *id, const struct calendar_values *values,
	struct itsm_error *err)
{
	static const char *const columns[] = {"start", "end", "free", "why"};
	struct itsm_slots_query query = {.at = values->at, .id = id, .from = context->now, .soft = values->soft,
		.branches = values->branches, .count = values->count ? (size_t)values->count : 3};
	struct itsm_emitter *emitter;
	struct itsm_slot *slots;
	enum itsm_format format = ITSM_FORMAT_TEXT;
	size_t count, found = 0;
	int status = read_format(values->format, false, &format, err);

	if (status != 0 || (status = read_depth(values->depth, &query.depth, err)) != 0)
		return status;
	if (!values->duration || !itsm_duration_parse(values->duration, &query.duration) || query.duration <= 0)
		return itsm_error_set(err, ITSM_EUSAGE, "say how long it takes, such as --duration 2h");
	if (values->from && (status = read_moment(context, values->from, &query.from, err)) != 0)
		return status;
	query.to = query.from + 92 * DAY;
	if (values->to && (status = read_moment(context, values->to, &query.to, err)) != 0)
		return status;
	if (query.to <= query.from || query.to - query.from > 3700 * DAY)
		return itsm_error_set(err, ITSM_EUSAGE, "--to is not after --from, or more than ten years later");
	if ((status = itsm_desk_slots(context->desk, context->arena, &query, &slots, &count, err)) != 0)
		return status;
	context_progress_clear(context);
	emitter = output_begin(context, format, "calendar slots", columns, 4);
	for (size_t i = 0; i < count; i++) {
		found += slots[i].free;
		itsm_emit_row(emitter, (struct itsm_value[]){output_time(context, slots[i].start),
			output_time(context, slots[i].end), output_boolean(slots[i].free),
			output_text(slots[i].free ? NULL : slots[i].why)});
	}
	if ((status = itsm_emit_end(emitter, err)) != 0)
		return status;
	if (!found)
		output_note(context, "there is no room for it; look further with --to");
	return found ? 0 : output_told(err);
}

int command_calendar(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct calendar_values *values = data;
	const char *what = words.count ? words.items[0] : NULL, *id = words.count > 1 ? words.items[1] : NULL;

	if (!what)
		return show_agenda(context, values, err);
	if (strcmp(what, "conflicts") == 0)
		return show_conflicts(context, id, values, err);
	if (strcmp(what, "slots") == 0 && id)
		return show_slots(context, id, values, err);
	return strcmp(what, "slots") == 0 ? itsm_error_set(err, ITSM_EUSAGE, "say for which change: `itsm calendar slots ID`") :
		itsm_error_set(err, ITSM_EUSAGE, "'%s' is nothing of a calendar; there are conflicts and slots", what);
}
