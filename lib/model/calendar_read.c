/* Calendars from records. The schema has looked at them before, or not: nothing is taken for granted. */
#include "calendar_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/time.h"

static int wrong(const struct itsm_yaml *node, struct itsm_error *err, const char *what, const char *text)
{
	return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "'%.80s' %s", text ? text : "", what);
}

/* Say where an error without a place is. */
static int at_node(const struct itsm_yaml *node, struct itsm_error *err, int status)
{
	if (status != 0 && err && err->line == 0) {
		err->line = node->line;
		err->column = node->column;
	}
	return status;
}

/* The items of a list; a scalar is a list of one. */
static size_t count_items(const struct itsm_yaml *node)
{
	if (itsm_yaml_is_null(node) || node->type == ITSM_YAML_MAPPING)
		return 0;
	return node->type == ITSM_YAML_SCALAR ? 1 : node->count;
}

static const struct itsm_yaml *item_at(const struct itsm_yaml *node, size_t position)
{
	return node->type == ITSM_YAML_SCALAR ? node : node->items[position];
}

/* The texts of a list, NULL-terminated; NULL when it is empty. */
static const char *const *read_names(struct itsm_calendar *calendar, const struct itsm_yaml *node)
{
	size_t count = count_items(node), used = 0;
	const char **names = count ? itsm_arena_alloc(calendar->arena, (count + 1) * sizeof(*names)) : NULL;

	for (size_t i = 0; i < count; i++)
		if (item_at(node, i)->type == ITSM_YAML_SCALAR)
			names[used++] = itsm_arena_strdup(calendar->arena, item_at(node, i)->text);
	return names;
}

static int read_hours(const struct itsm_yaml *node, struct itsm_span *out, struct itsm_error *err)
{
	unsigned a, b, c, d;
	int end = 0;

	if (node->type != ITSM_YAML_SCALAR || sscanf(node->text, "%2u:%2u-%2u:%2u%n", &a, &b, &c, &d, &end) != 4 ||
		node->text[end] || a > 23 || b > 59 || d > 59 || c > 24 || (c == 24 && d > 0))
		return wrong(node, err, "is no range of hours; write it as 08:30-17:00", node->text);
	out->start = a * 3600 + b * 60;
	out->end = c * 3600 + d * 60;
	if (out->start == out->end)
		return wrong(node, err, "has no length; write 00:00-24:00 for a whole day", node->text);
	if (out->end < out->start)
		out->end += DAY;
	return 0;
}

static int read_week(struct itsm_calendar *calendar, const struct itsm_yaml *hours, struct itsm_error *err)
{
	static const char *const days[] = {"monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};

	for (size_t day = 0; day < 7; day++) {
		const struct itsm_yaml *node = itsm_yaml_get(hours, days[day]);
		size_t count = count_items(node);

		calendar->hours[day] = itsm_arena_alloc(calendar->arena, (count + 1) * sizeof(*calendar->hours[day]));
		calendar->hour_count[day] = count;
		for (size_t i = 0; i < count; i++) {
			int status = read_hours(item_at(node, i), &calendar->hours[day][i], err);

			if (status != 0)
				return status;
			calendar->has_hours = true;
		}
	}
	return 0;
}

/* A time with an offset as the clocks of the calendar's zone show it. */
static int read_clock(struct itsm_calendar *calendar, const struct itsm_yaml *entry, const char *name, int64_t *out,
	struct itsm_error *err)
{
	const char *text = itsm_yaml_text(entry, name);
	struct itsm_error cause;
	struct itsm_time time;

	if (!text)
		return itsm_error_set_at(err, ITSM_EDATA, entry->line, entry->column, "has no %s", name);
	if (itsm_time_parse(text, &time, &cause) != 0)
		return wrong(entry, err, cause.message, text);
	*out = time.seconds + itsm_zone_offset(calendar->zone, time.seconds);
	return 0;
}

static int read_length(struct itsm_calendar *calendar, const struct itsm_yaml *entry, struct calendar_rule *rule,
	struct itsm_error *err)
{
	const char *duration = itsm_yaml_text(entry, "duration");
	int64_t end;
	char *rest;
	int status;

	if (!duration) {
		if ((status = read_clock(calendar, entry, "end", &end, err)) != 0)
			return status;
		rule->length = end - rule->clock;
	} else if (!itsm_duration_parse(duration, &rule->length)) {
		rule->length = strtoll(duration, &rest, 10);
		if (rest == duration || *rest)
			return wrong(entry, err, "is no duration; write it as 4h or 1h30m", duration);
	}
	rule->exact = duration != NULL;
	if (rule->length <= 0)
		return itsm_error_set_at(err, ITSM_EDATA, entry->line, entry->column,
			"'%.80s' ends before it begins; correct its start or end", rule->entry.name);
	return rule->length < 100 * 366 * DAY ? 0 :
		itsm_error_set_at(err, ITSM_ELIMIT, entry->line, entry->column, "'%.80s' is longer than 100 years",
			rule->entry.name);
}

static int read_repeat(struct itsm_calendar *calendar, const struct itsm_yaml *entry, struct calendar_rule *rule,
	struct itsm_error *err)
{
	const char *repeat = itsm_yaml_text(entry, "repeat");
	const struct itsm_yaml *except = itsm_yaml_get(entry, "except");
	int64_t days;

	for (size_t i = 0; i < count_items(except); i++) {
		const struct itsm_yaml *item = item_at(except, i);

		if (item->type != ITSM_YAML_SCALAR || !itsm_date_parse(item->text, &days))
			return wrong(item, err, "is no date", item->text);
		itsm_calendar_except(calendar, rule, (struct calendar_exception){days * DAY, true});
	}
	if (!repeat || !*repeat)
		return 0;
	rule->repeats = itsm_arena_alloc(calendar->arena, sizeof(*rule->repeats));
	rule->repeats[rule->repeat_count++] = itsm_arena_strdup(calendar->arena, repeat);
	return at_node(entry, err, itsm_calendar_check_repeat(rule, repeat, err));
}

static int read_holiday(struct itsm_calendar *calendar, const struct itsm_yaml *entry, struct itsm_error *err)
{
	struct calendar_rule *rule = itsm_calendar_add_rule(calendar, ITSM_CALENDAR_HOLIDAY);
	const char *date = itsm_yaml_text(entry, "date"), *name = itsm_yaml_text(entry, "name");
	int64_t days;

	if (!date || !itsm_date_parse(date, &days))
		return wrong(entry, err, "is no date of a holiday", date);
	rule->entry.name = itsm_arena_strdup(calendar->arena, name ? name : "holiday");
	rule->entry.all_day = true;
	rule->clock = days * DAY;
	rule->length = DAY;
	return read_repeat(calendar, entry, rule, err);
}

static int read_window(struct itsm_calendar *calendar, const struct itsm_yaml *entry, enum itsm_calendar_part part,
	struct itsm_error *err)
{
	struct calendar_rule *rule = itsm_calendar_add_rule(calendar, part);
	const char *name = itsm_yaml_text(entry, "name"), *strength = itsm_yaml_text(entry, "strength");
	int status = read_clock(calendar, entry, "start", &rule->clock, err);

	rule->entry.name = itsm_arena_strdup(calendar->arena, name ? name : "");
	rule->entry.hard = !strength || strcmp(strength, "soft") != 0;
	rule->entry.services = read_names(calendar, itsm_yaml_get(entry, "services"));
	rule->entry.items = read_names(calendar, itsm_yaml_get(entry, "items"));
	rule->entry.environments = read_names(calendar, itsm_yaml_get(entry, "environments"));
	if (status == 0)
		status = read_length(calendar, entry, rule, err);
	return status == 0 ? read_repeat(calendar, entry, rule, err) : status;
}

static int read_files(struct itsm_calendar *calendar, const struct itsm_yaml *names,
	const struct itsm_calendar_files *files, struct itsm_error *err)
{
	int status = 0;

	for (size_t i = 0; i < count_items(names) && status == 0; i++) {
		const struct itsm_yaml *item = item_at(names, i);
		struct itsm_buffer text = {0};

		if (item->type != ITSM_YAML_SCALAR || !files)
			return wrong(item, err, "cannot be read from here", item->text);
		if ((status = files->read(files->context, item->text, &text, err)) == 0 &&
			(status = itsm_calendar_read_ics(calendar, text.data ? text.data : "", text.length,
				ITSM_CALENDAR_HOLIDAY, err)) != 0)
			itsm_error_prefix(err, "%s", item->text);
		if (status != 0 && err)
			err->line = 0;
		at_node(item, err, status);
		itsm_buffer_free(&text);
	}
	return status;
}

static int read(struct itsm_calendar *calendar, const struct itsm_yaml *front,
	const struct itsm_calendar_files *files, struct itsm_error *err)
{
	const char *zone = itsm_yaml_text(front, "zone"), *name = itsm_yaml_text(front, "name");
	const struct itsm_yaml *list;
	int status = itsm_zone_find(calendar->arena, zone ? zone : "UTC", &calendar->zone, err);

	if (status != 0)
		return at_node(itsm_yaml_get(front, "zone"), err, status);
	if (name)
		calendar->name = itsm_arena_strdup(calendar->arena, name);
	status = read_week(calendar, itsm_yaml_get(front, "hours"), err);
	list = itsm_yaml_get(front, "holidays");
	for (size_t i = 0; i < count_items(list) && status == 0; i++)
		status = read_holiday(calendar, item_at(list, i), err);
	if (status == 0)
		status = read_files(calendar, itsm_yaml_get(front, "holidays_from"), files, err);
	list = itsm_yaml_get(front, "windows");
	for (size_t i = 0; i < count_items(list) && status == 0; i++)
		status = read_window(calendar, item_at(list, i), ITSM_CALENDAR_WINDOW, err);
	list = itsm_yaml_get(front, "freezes");
	for (size_t i = 0; i < count_items(list) && status == 0; i++)
		status = read_window(calendar, item_at(list, i), ITSM_CALENDAR_FREEZE, err);
	return status;
}

int itsm_calendar_new(const char *id, const struct itsm_yaml *front, const struct itsm_calendar_files *files,
	struct itsm_calendar **out, struct itsm_error *err)
{
	struct itsm_calendar *calendar = itsm_calendar_blank(id);
	int status = read(calendar, front, files, err);

	if (status != 0) {
		itsm_calendar_free(calendar);
		itsm_error_prefix(err, "calendar '%s'", id);
		return status;
	}
	*out = calendar;
	return 0;
}
