/*
 * Calendars from iCalendar files (RFC 5545), which libical reads. They come from anywhere: size and nesting are
 * bounded before, for libical walks components by recursion, and a zone that the file defines is used only where
 * its rules are yearly ones and the machine knows none of its name.
 */
#include "calendar_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "itsm/time.h"
#include "itsm/utf8.h"

#define NESTING_MAX 8
#define ZONE_RULES_MAX 500

struct reading {
	struct itsm_calendar *calendar;
	struct ical ical;
	icalcomponent *file;            /* the VCALENDAR that is read */
	enum itsm_calendar_part all;
	struct itsm_zone **zones;       /* met so far */
	size_t zone_count, zone_capacity;
	bool keep;                      /* a zone of the file is in use */
};

/* Does the line begin or end a component? */
static bool is_word(const char *line, size_t length, const char *word)
{
	size_t size = strlen(word);

	return length > size && strncasecmp(line, word, size) == 0 && (line[size] == ':' || line[size] == ';');
}

/* Is it text in which libical finds its way? */
static int look_over(const char *text, size_t size, struct itsm_error *err)
{
	const char *end = text + size, *next;
	unsigned line = 1, depth = 0;

	if (size > ITSM_CALENDAR_FILE_MAX_BYTES)
		return itsm_error_set(err, ITSM_ELIMIT, "the file is larger than %u bytes", ITSM_CALENDAR_FILE_MAX_BYTES);
	if (memchr(text, '\0', size) || itsm_utf8_invalid(text, size) < size)
		return itsm_error_set(err, ITSM_EDATA, "the file is not UTF-8 text; export it again as iCalendar");
	for (const char *at = text; at < end; at = next + 1, line++) {
		next = memchr(at, '\n', (size_t)(end - at));
		next = next ? next : end;
		if (is_word(at, (size_t)(next - at), "BEGIN") && ++depth > NESTING_MAX)
			return itsm_error_set_at(err, ITSM_ELIMIT, line, 1, "components are nested deeper than %d",
				NESTING_MAX);
		if (is_word(at, (size_t)(next - at), "END") && depth-- == 0)
			return itsm_error_set_at(err, ITSM_EDATA, line, 1, "a component ends that has not begun");
	}
	return 0;
}

/* The value of a property as one line of text, in the calendar's arena. */
static const char *text_of(const struct reading *reading, icalproperty *property)
{
	const struct ical *ical = &reading->ical;
	icalvalue *value = ical->icalproperty_get_value(property);
	char *given = NULL, *text;

	if (value && ical->icalvalue_isa(value) == ICAL_TEXT_VALUE) {
		text = itsm_arena_strdup(reading->calendar->arena,
			ical->icalvalue_get_text(value) ? ical->icalvalue_get_text(value) : "");
	} else {
		given = value ? ical->icalproperty_get_value_as_string_r(property) : NULL;
		text = itsm_arena_strdup(reading->calendar->arena, given ? given : "");
		if (given)
			ical->icalmemory_free_buffer(given);
	}
	for (char *at = text; *at; at++)
		if (*at == '\n' || *at == '\r' || *at == '\t')
			*at = ' ';
	return text;
}

static const char *find_text(const struct reading *reading, icalcomponent *component, icalproperty_kind kind,
	const char *name)
{
	const struct ical *ical = &reading->ical;
	icalproperty *property = ical->icalcomponent_get_first_property(component, kind);

	for (; property; property = ical->icalcomponent_get_next_property(component, kind)) {
		const char *own = name ? ical->icalproperty_get_x_name(property) : NULL;

		if (!name || (own && strcasecmp(own, name) == 0))
			return text_of(reading, property);
	}
	return NULL;
}

/* Are all rules of the zone yearly ones? Others could keep libical busy for hours. */
static bool is_harmless(const struct reading *reading, icalcomponent *zone)
{
	const struct ical *ical = &reading->ical;
	size_t count = 0;

	for (icalcomponent *part = ical->icalcomponent_get_first_component(zone, ICAL_ANY_COMPONENT); part;
		part = ical->icalcomponent_get_next_component(zone, ICAL_ANY_COMPONENT)) {
		icalproperty *rule = ical->icalcomponent_get_first_property(part, ICAL_RRULE_PROPERTY);

		if (++count > ZONE_RULES_MAX)
			return false;
		for (; rule; rule = ical->icalcomponent_get_next_property(part, ICAL_RRULE_PROPERTY)) {
			const char *text = text_of(reading, rule);

			if (!strcasestr(text, "FREQ=YEARLY") || strcasestr(text, "BYSECOND") ||
				strcasestr(text, "BYMINUTE") || strcasestr(text, "BYHOUR"))
				return false;
		}
	}
	return count > 0;
}

static icaltimezone *own_zone(struct reading *reading, const char *name)
{
	const struct ical *ical = &reading->ical;
	icalcomponent *zone = ical->icalcomponent_get_first_component(reading->file, ICAL_VTIMEZONE_COMPONENT);

	for (; zone; zone = ical->icalcomponent_get_next_component(reading->file, ICAL_VTIMEZONE_COMPONENT)) {
		const char *own = find_text(reading, zone, ICAL_TZID_PROPERTY, NULL);
		const char *location = find_text(reading, zone, ICAL_X_PROPERTY, "X-LIC-LOCATION");
		icaltimezone *known = NULL;

		if (!own || strcmp(own, name) != 0)
			continue;
		if (location)
			known = itsm_zone_builtin(ical, location);
		if (known)
			return known;
		reading->keep = is_harmless(reading, zone);
		return reading->keep ? ical->icalcomponent_get_timezone(reading->file, name) : NULL;
	}
	return NULL;
}

/* A zone by its TZID: as it is, as the end of a path (/vendor/2005/Europe/Berlin), or as the file defines it. */
static int find_zone(struct reading *reading, const char *name, struct itsm_zone **out, struct itsm_error *err)
{
	const struct ical *ical = &reading->ical;
	struct itsm_arena *arena = reading->calendar->arena;
	icaltimezone *zone = NULL;

	for (size_t i = 0; i < reading->zone_count; i++) {
		if (strcmp(itsm_zone_name(reading->zones[i]), name) == 0) {
			*out = reading->zones[i];
			return 0;
		}
	}
	for (const char *at = name; at && !zone; at = strchr(at, '/') ? strchr(at, '/') + 1 : NULL)
		zone = itsm_zone_builtin(ical, at);
	zone = zone ? zone : own_zone(reading, name);
	if (!zone)
		return itsm_error_set(err, ITSM_EDATA,
			"'%.80s' is no time zone that is known; use a name such as Europe/Amsterdam", name);
	itsm_arena_grow(arena, &reading->zones, &reading->zone_capacity, reading->zone_count, sizeof(*reading->zones));
	*out = reading->zones[reading->zone_count++] = itsm_zone_of_ical(arena, ical, zone, name);
	return 0;
}

struct moment {
	int64_t clock;
	struct itsm_zone *zone;
	bool date;
};

static int read_moment(struct reading *reading, icalproperty *property, struct moment *out, struct itsm_error *err)
{
	const struct ical *ical = &reading->ical;
	icalvalue *value = ical->icalproperty_get_value(property);
	icalparameter *parameter = ical->icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
	const char *name = parameter ? ical->icalparameter_get_tzid(parameter) : NULL;
	struct icaltimetype time = {0};
	struct moment moment = {.zone = reading->calendar->zone};
	int status = 0;

	switch (value ? ical->icalvalue_isa(value) : ICAL_NO_VALUE) {
	case ICAL_DATE_VALUE:
		time = ical->icalvalue_get_date(value);
		break;
	case ICAL_DATETIME_VALUE:
	case ICAL_DATETIMEDATE_VALUE:
		time = ical->icalvalue_get_datetime(value);
		break;
	case ICAL_DATETIMEPERIOD_VALUE:
		time = ical->icalvalue_get_datetimeperiod(value).time;
		if (time.year == 0)
			time = ical->icalvalue_get_datetimeperiod(value).period.start;
		break;
	default:
		break;
	}
	if (time.year < 1 || time.year > 9999)
		return itsm_error_set(err, ITSM_EDATA, "a time cannot be read");
	moment.date = time.is_date;
	moment.clock = itsm_days_from_civil(time.year, time.month, time.day) * DAY;
	if (!time.is_date)
		moment.clock += time.hour * 3600 + time.minute * 60 + time.second;
	if (!time.is_date && time.zone)
		status = find_zone(reading, "UTC", &moment.zone, err);
	else if (!time.is_date && name)
		status = find_zone(reading, name, &moment.zone, err);
	if (status == 0)
		*out = moment;
	return status;
}

/* What the clocks of `zone` show at the moment. */
static int64_t clock_in(struct itsm_zone *zone, const struct moment *moment)
{
	int64_t seconds;

	if (moment->date || moment->zone == zone)
		return moment->clock;
	itsm_zone_instant(moment->zone, moment->clock, &seconds);
	return seconds + itsm_zone_offset(zone, seconds);
}

static int read_length(struct reading *reading, icalcomponent *event, const struct moment *start,
	struct calendar_rule *rule, struct itsm_error *err)
{
	const struct ical *ical = &reading->ical;
	icalproperty *end = ical->icalcomponent_get_first_property(event, ICAL_DTEND_PROPERTY);
	icalproperty *duration = ical->icalcomponent_get_first_property(event, ICAL_DURATION_PROPERTY);
	struct moment moment;
	int status;

	if (end) {
		if ((status = read_moment(reading, end, &moment, err)) != 0)
			return status;
		rule->length = clock_in(rule->zone, &moment) - rule->clock;
	} else if (duration) {
		struct icaldurationtype length =
			ical->icalvalue_get_duration(ical->icalproperty_get_value(duration));
		int64_t exact = (int64_t)length.hours * 3600 + (int64_t)length.minutes * 60 + length.seconds;

		rule->exact = exact != 0;
		rule->length = length.is_neg ? 0 : exact + ((int64_t)length.weeks * 7 + length.days) * DAY;
	} else if (start->date) {
		rule->length = DAY;
	}
	if (rule->length < 0 || rule->length >= 100 * 366 * DAY)
		return itsm_error_set(err, ITSM_EDATA, "it ends before it begins, or lasts for over 100 years");
	return 0;
}

/* RRULE, RDATE, EXDATE, RECURRENCE-ID. */
static int read_times(struct reading *reading, icalcomponent *event, struct calendar_rule *rule,
	struct itsm_error *err)
{
	const struct ical *ical = &reading->ical;
	struct itsm_arena *arena = reading->calendar->arena;
	size_t repeats = 0, clocks = 0;
	struct moment moment;
	int status = 0;

	for (icalproperty *at = ical->icalcomponent_get_first_property(event, ICAL_ANY_PROPERTY); at && status == 0;
		at = ical->icalcomponent_get_next_property(event, ICAL_ANY_PROPERTY)) {
		switch (ical->icalproperty_isa(at)) {
		case ICAL_RRULE_PROPERTY:
			itsm_arena_grow(arena, &rule->repeats, &repeats, rule->repeat_count, sizeof(*rule->repeats));
			rule->repeats[rule->repeat_count++] = text_of(reading, at);
			status = itsm_calendar_check_repeat(rule, rule->repeats[rule->repeat_count - 1], err);
			break;
		case ICAL_RDATE_PROPERTY:
			if ((status = read_moment(reading, at, &moment, err)) != 0)
				break;
			itsm_arena_grow(arena, &rule->clocks, &clocks, rule->clock_count, sizeof(*rule->clocks));
			rule->clocks[rule->clock_count++] = clock_in(rule->zone, &moment);
			break;
		case ICAL_EXDATE_PROPERTY:
			if ((status = read_moment(reading, at, &moment, err)) == 0)
				itsm_calendar_except(reading->calendar, rule, (struct calendar_exception){
					clock_in(rule->zone, &moment), moment.date});
			break;
		case ICAL_RECURRENCEID_PROPERTY:
			if ((status = read_moment(reading, at, &moment, err)) != 0)
				break;
			rule->moved = true;
			rule->instead = (struct calendar_exception){clock_in(rule->zone, &moment), moment.date};
			break;
		default:
			break;
		}
	}
	return status;
}

/* The names in a text with commas, NULL-terminated, or NULL. */
static const char *const *split(struct itsm_arena *arena, const char *text)
{
	const char **names = NULL;
	size_t count = 0, capacity = 0;

	for (const char *at = text; at && *at; at += *at == ',') {
		size_t length = strcspn(at, ","), inner = length;
		const char *start = at;

		at += length;
		for (; inner && isspace((unsigned char)*start); inner--)
			start++;
		for (; inner && (isspace((unsigned char)start[inner - 1]) || start[inner - 1] == '\\'); )
			inner--;
		if (!inner)
			continue;
		itsm_arena_grow(arena, &names, &capacity, count, sizeof(*names));
		names[count++] = itsm_arena_strndup(arena, start, inner);
	}
	itsm_arena_grow(arena, &names, &capacity, count, sizeof(*names));
	names[count] = NULL;
	return count ? names : NULL;
}

/* FREEZE HARD, MAINTENANCE-WINDOW: meant to be one of ours, and nobody's business when nobody says so. */
static int refuse_category(const char *name, struct itsm_error *err)
{
	if (strncasecmp(name, "FREEZE", 6) != 0 && strncasecmp(name, "MAINTENANCE", 11) != 0)
		return 0;
	return itsm_error_set(err, ITSM_EDATA, "'%.80s' is no category that is known; write FREEZE, FREEZE-SOFT or MAINTENANCE", name);
}

/* Which part an event is; 0 for none, negative where it can't be told. */
static int sort_out(struct reading *reading, icalcomponent *event, bool date, bool *hard, struct itsm_error *err)
{
	static const struct {
		const char *name;
		enum itsm_calendar_part part;
		bool soft;
	} categories[] = {{"FREEZE", ITSM_CALENDAR_FREEZE, false}, {"FREEZE-SOFT", ITSM_CALENDAR_FREEZE, true},
		{"MAINTENANCE", ITSM_CALENDAR_WINDOW, false}, {"HOLIDAY", ITSM_CALENDAR_HOLIDAY, false},
		{"HOURS", ITSM_CALENDAR_HOURS, false}};
	const struct ical *ical = &reading->ical;
	int status = 0;

	*hard = true;
	if (reading->all)
		return (int)reading->all;
	for (icalproperty *at = ical->icalcomponent_get_first_property(event, ICAL_CATEGORIES_PROPERTY); at;
		at = ical->icalcomponent_get_next_property(event, ICAL_CATEGORIES_PROPERTY)) {
		const char *const *names = split(reading->calendar->arena, text_of(reading, at));

		for (size_t i = 0; names && names[i]; i++) {
			for (size_t j = 0; j < sizeof(categories) / sizeof(*categories); j++) {
				*hard = !categories[j].soft;
				if (strcasecmp(names[i], categories[j].name) == 0)
					return (int)categories[j].part;
			}
			if (status == 0)
				status = refuse_category(names[i], err);
		}
	}
	*hard = true;
	return status != 0 ? status : date ? ITSM_CALENDAR_HOLIDAY : 0;
}

/* Is the word one of those of a message of libical's, before what it quotes? */
static bool names_property(const char *message, const char *word)
{
	size_t end = strcspn(message, ".:"), size = strlen(word);

	for (const char *at = strstr(message, word); at && (size_t)(at - message) + size <= end; at = strstr(at + 1, word))
		if (at > message && at[-1] == ' ' && strchr(" .:", at[size]))
			return true;
	return false;
}

/* libical drops what it can't read, and leaves a remark: without its rule or end an event would be another one. */
static int refuse_dropped(const struct reading *reading, icalcomponent *event, struct itsm_error *err)
{
	static const char *const words[] = {"DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "RECURRENCE-ID", "CATEGORIES"};
	const struct ical *ical = &reading->ical;
	icalproperty *at = ical->icalcomponent_get_first_property(event, ICAL_XLICERROR_PROPERTY);

	for (; at; at = ical->icalcomponent_get_next_property(event, ICAL_XLICERROR_PROPERTY)) {
		const char *message = ical->icalproperty_get_xlicerror(at);

		for (size_t i = 0; message && i < sizeof(words) / sizeof(*words); i++)
			if (names_property(message, words[i]))
				return itsm_error_set(err, ITSM_EDATA, "its %s cannot be read: %.120s", words[i], message);
	}
	return 0;
}

static int read_event(struct reading *reading, icalcomponent *event, struct itsm_error *err)
{
	const struct ical *ical = &reading->ical;
	struct itsm_arena *arena = reading->calendar->arena;
	icalproperty *property = ical->icalcomponent_get_first_property(event, ICAL_DTSTART_PROPERTY);
	const char *name = find_text(reading, event, ICAL_SUMMARY_PROPERTY, NULL);
	const char *status_text = find_text(reading, event, ICAL_STATUS_PROPERTY, NULL);
	struct calendar_rule *rule;
	struct moment start;
	bool hard;
	int status = refuse_dropped(reading, event, err), part;

	if (status != 0)
		return status;
	if (!property)
		return itsm_error_set(err, ITSM_EDATA, "it has no start");
	if ((status = read_moment(reading, property, &start, err)) != 0)
		return status;
	part = sort_out(reading, event, start.date, &hard, err);
	if (part <= 0)
		return part;
	rule = itsm_calendar_add_rule(reading->calendar, (enum itsm_calendar_part)part);
	rule->entry.name = name && *name ? name : "event";
	rule->entry.hard = hard;
	rule->entry.all_day = start.date;
	rule->entry.services = split(arena, find_text(reading, event, ICAL_X_PROPERTY, "X-ITSM-SERVICES"));
	rule->entry.items = split(arena, find_text(reading, event, ICAL_X_PROPERTY, "X-ITSM-ITEMS"));
	rule->entry.environments = split(arena, find_text(reading, event, ICAL_X_PROPERTY, "X-ITSM-ENVIRONMENTS"));
	rule->zone = start.zone;
	rule->clock = start.clock;
	rule->uid = find_text(reading, event, ICAL_UID_PROPERTY, NULL);
	rule->gone = status_text && strcasecmp(status_text, "CANCELLED") == 0;
	if ((status = read_length(reading, event, &start, rule, err)) == 0)
		status = read_times(reading, event, rule, err);
	if (status == 0 && rule->length == 0 && !rule->gone && part != ITSM_CALENDAR_HOLIDAY)
		status = itsm_error_set(err, ITSM_EDATA, "it has no length; give it an end (DTEND) or a DURATION");
	rule->gone = rule->gone || rule->length == 0;
	reading->calendar->has_hours |= part == ITSM_CALENDAR_HOURS;
	return status;
}

static int compare_rules(const void *a, const void *b)
{
	const struct calendar_rule *one = *(struct calendar_rule *const *)a, *other = *(struct calendar_rule *const *)b;
	int order = strcmp(one->uid, other->uid);

	return order ? order : one->moved - other->moved;
}

/* A time that was moved is an exception of the event that it belongs to. */
static void take_moved(struct itsm_calendar *calendar, size_t from)
{
	struct calendar_rule **rules = calloc(calendar->rule_count - from + 1, sizeof(struct calendar_rule *));
	struct calendar_rule *own = NULL;
	size_t count = 0;

	for (size_t i = from; rules && i < calendar->rule_count; i++)
		if (calendar->rules[i]->uid)
			rules[count++] = calendar->rules[i];
	if (count)
		qsort(rules, count, sizeof(struct calendar_rule *), compare_rules);
	for (size_t i = 0; i < count; i++) {
		if (!own || strcmp(own->uid, rules[i]->uid) != 0)
			own = rules[i];
		if (rules[i]->moved && !own->moved)
			itsm_calendar_except(calendar, own, rules[i]->instead);
	}
	free(rules);
}

static int read_calendar(struct reading *reading, icalcomponent *file, struct itsm_error *err)
{
	const struct ical *ical = &reading->ical;
	struct itsm_calendar *calendar = reading->calendar;
	const char *name = find_text(reading, file, ICAL_X_PROPERTY, "X-WR-CALNAME");
	const char *zone = find_text(reading, file, ICAL_X_PROPERTY, "X-WR-TIMEZONE");
	size_t from = calendar->rule_count, count = 0, capacity = 0;
	icalcomponent **events = NULL;
	int status = 0;

	reading->file = file;
	if (name && *name && !reading->all)
		calendar->name = name;
	if (zone && *zone && !reading->all)
		status = find_zone(reading, zone, &calendar->zone, err);
	/* a component remembers where it is being walked, once: zones are sought in the file meanwhile */
	for (icalcomponent *event = ical->icalcomponent_get_first_component(file, ICAL_VEVENT_COMPONENT); event;
		event = ical->icalcomponent_get_next_component(file, ICAL_VEVENT_COMPONENT)) {
		itsm_arena_grow(calendar->arena, &events, &capacity, count, sizeof(*events));
		events[count++] = event;
	}
	for (size_t i = 0; i < count && status == 0; i++) {
		const char *title = find_text(reading, events[i], ICAL_SUMMARY_PROPERTY, NULL);

		if ((status = read_event(reading, events[i], err)) != 0)
			itsm_error_prefix(err, "event '%.80s'", title ? title : "");
	}
	take_moved(calendar, from);
	return status;
}

int itsm_calendar_read_ics(struct itsm_calendar *calendar, const char *text, size_t size, enum itsm_calendar_part all,
	struct itsm_error *err)
{
	struct reading reading = {.calendar = calendar, .all = all};
	const struct ical *ical = &reading.ical;
	struct itsm_buffer copy = {0};
	icalcomponent *root, *file;
	size_t count = 0;
	int status = look_over(text, size, err);

	if (status != 0 || (status = itsm_ical_load(&reading.ical, err)) != 0)
		return status;
	itsm_buffer_puts(&copy, "");
	itsm_buffer_add(&copy, text, size);
	root = ical->icalparser_parse_string(copy.data + (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0));
	itsm_buffer_free(&copy);
	if (!root)
		return itsm_error_set(err, ITSM_EDATA, "the file is no iCalendar file");
	if (ical->icalcomponent_isa(root) == ICAL_VCALENDAR_COMPONENT) {
		status = read_calendar(&reading, root, err);
		count = 1;
	} else {
		for (file = ical->icalcomponent_get_first_component(root, ICAL_VCALENDAR_COMPONENT); file && status == 0;
			file = ical->icalcomponent_get_next_component(root, ICAL_VCALENDAR_COMPONENT), count++)
			status = read_calendar(&reading, file, err);
	}
	if (reading.keep) {
		itsm_arena_grow(calendar->arena, &calendar->files, &calendar->file_capacity, calendar->file_count,
			sizeof(*calendar->files));
		calendar->files[calendar->file_count++] = root;
		calendar->ical = reading.ical;
	} else {
		ical->icalcomponent_free(root);
	}
	return status != 0 || count ? status : itsm_error_set(err, ITSM_EDATA, "the file holds no calendar (VCALENDAR)");
}

int itsm_calendar_new_ics(const char *id, const char *text, size_t size, const char *zone,
	struct itsm_calendar **out, struct itsm_error *err)
{
	struct itsm_calendar *calendar = itsm_calendar_blank(id);
	int status = itsm_zone_find(calendar->arena, zone ? zone : "UTC", &calendar->zone, err);

	if (status == 0)
		status = itsm_calendar_read_ics(calendar, text, size, 0, err);
	if (status != 0) {
		itsm_calendar_free(calendar);
		itsm_error_prefix(err, "calendar '%s'", id);
		return status;
	}
	*out = calendar;
	return 0;
}
