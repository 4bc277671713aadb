/*
 * What a rule makes of a text, worked out once for each text.
 *
 * The steps, in order: trim, null, split, pattern, lower, map and match, time,
 * slug, then the judgement of the field that takes it.
 */
#include <string.h>

#include "import_run.h"
#include "itsm/id.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static const char *look_up(const struct import_rule *rule, const char *text)
{
	size_t low = 0, high = rule->map ? rule->map->count : 0, i;

	while (low < high) {
		size_t middle = low + (high - low) / 2, place = rule->map_order[middle];
		int order = strcmp(text, rule->map->keys[place]->text);

		if (order == 0)
			return rule->map->items[place]->text;
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	for (i = 0; i < rule->match_count; i++) {
		if (regexec(rule->matches[i].pattern, text, 0, NULL, 0) == 0)
			return rule->matches[i].value;
	}
	return rule->otherwise;
}

static bool is_null(const struct import_run *run, const struct import_rule *rule, const char *text)
{
	size_t i;

	for (i = 0; i < rule->null_count; i++) {
		if (strcmp(rule->nulls[i], text) == 0)
			return true;
	}
	for (i = 0; i < run->map.null_count; i++) {
		if (strcmp(run->map.nulls[i], text) == 0)
			return true;
	}
	return !*text;
}

static int make_time(const struct import_rule *rule, struct itsm_arena *arena, char **text, struct import_value *out,
	struct itsm_error *err)
{
	struct import_moment moment;
	char written[ITSM_TIME_TEXT];
	int status = import_moment_read(rule->formats, rule->format_count, rule->zone, *text, &moment, err);

	if (status != 0)
		return status;
	out->time = moment.time;
	out->zoned = out->zoned || moment.zoned;
	out->unzoned = out->unzoned || !moment.zoned;
	itsm_time_format(moment.time, written);
	if (rule->field && rule->field->type == ITSM_TYPE_DATE)
		written[10] = '\0';
	*text = itsm_arena_strdup(arena, written);
	return 0;
}

static int take_pattern(const struct import_rule *rule, struct itsm_arena *arena, char **text, struct itsm_error *err)
{
	regmatch_t found[2] = {{-1, -1}, {-1, -1}};
	int group;

	if (regexec(rule->pattern, *text, 2, found, 0) != 0)
		return itsm_error_set(err, ITSM_EDATA, "'%.60s' does not fit the pattern", *text);
	group = found[1].rm_so >= 0 ? 1 : 0;
	*text = itsm_arena_strndup(
		arena, *text + found[group].rm_so, (size_t)(found[group].rm_eo - found[group].rm_so));
	return 0;
}

/* One item through the steps; `*text` becomes NULL when it has no value. */
static int make_item(struct import_run *run, const struct import_rule *rule, struct itsm_arena *arena, char **text,
	struct import_value *out, struct itsm_error *err)
{
	char slug[ITSM_ID_MAX], *at;
	const char *found;

	if (is_null(run, rule, *text)) {
		*text = NULL;
		return 0;
	}
	if (rule->pattern && take_pattern(rule, arena, text, err) != 0)
		return ITSM_EDATA;
	for (at = *text; rule->lower && *at; at++)
		*at = *at >= 'A' && *at <= 'Z' ? (char)(*at - 'A' + 'a') : *at;
	if (rule->map || rule->match_count) {
		found = look_up(rule, *text);
		if (!found)
			return itsm_error_set(err, ITSM_EDATA, "'%.60s' is not in the map", *text);
		*text = *found ? itsm_arena_strdup(arena, found) : NULL;
		if (!*text)
			return 0;
	}
	if (rule->time && make_time(rule, arena, text, out, err) != 0)
		return ITSM_EDATA;
	if (rule->slug) {
		if (!itsm_id_slug(*text, slug))
			return itsm_error_set(err, ITSM_EDATA, "'%.60s' has nothing that an ID can be made of", *text);
		*text = itsm_arena_strdup(arena, slug);
	}
	return import_rule_takes(rule, arena, *text, err);
}

/* The next item of a list: cut off at its end. NULL when there is none. */
static char *next_item(const struct import_rule *rule, char **rest)
{
	char *item = *rest, *end, *cut;
	size_t skip = 1;

	if (!item)
		return NULL;
	end = rule->one_line || rule->list ? strchr(item, IMPORT_ITEM_END) : NULL;
	cut = rule->split ? strstr(item, rule->split) : NULL;
	if (cut && (!end || cut < end)) {
		end = cut;
		skip = strlen(rule->split);
	}
	*rest = end ? end + skip : NULL;
	if (end)
		*end = '\0';
	if (rule->one_line || rule->list || rule->split) {
		while (is_blank(*item))
			item++;
		for (end = item + strlen(item); end > item && is_blank(end[-1]); end--)
			end[-1] = '\0';
	}
	return item;
}

static bool has_item(const struct itsm_buffer *list, const char *item)
{
	size_t length = strlen(item);
	const char *at = list->data;

	while (at && list->length) {
		size_t part = strcspn(at, "\x1f");

		if (part == length && memcmp(at, item, length) == 0)
			return true;
		if (!at[part])
			return false;
		at += part + 1;
	}
	return false;
}

/* LF alone ends the lines of a text. */
static void drop_returns(char *text)
{
	char *to = text;

	for (; *text; text++) {
		if (*text != '\r' || text[1] != '\n')
			*to++ = *text;
	}
	*to = '\0';
}

/* An alert is not lost for a line end in its summary. */
static void join_lines(char *text)
{
	for (; *text; text++) {
		if (*text == '\n' || *text == '\t')
			*text = ' ';
	}
}

static int make_all(struct import_run *run, const struct import_rule *rule, struct itsm_arena *arena, uint32_t source,
	struct import_value *out, struct itsm_error *err)
{
	const char *problem = import_texts_problem(run->texts, source);
	char *rest, *item;
	int status = 0;

	if (problem)
		return itsm_error_set(err, ITSM_EDATA, "the text %s", problem);
	rest = itsm_arena_strdup(arena, IMPORT_TEXT(run, source));
	if (!rule->one_line)
		drop_returns(rest);
	else if (run->map.json)
		join_lines(rest);
	itsm_buffer_clear(&run->work);
	while (status == 0 && (item = next_item(rule, &rest)) != NULL) {
		status = make_item(run, rule, arena, &item, out, err);
		if (status != 0 || !item || has_item(&run->work, item))
			continue;
		if (run->work.length && !rule->list)
			return itsm_error_set(err, ITSM_EDATA, "several values where one is wanted");
		if (run->work.length)
			itsm_buffer_putc(&run->work, IMPORT_ITEM_END);
		itsm_buffer_puts(&run->work, item);
	}
	return status;
}

/* A value that can't be made: what the rule says of errors. */
static void make_excuse(struct import_run *run, const struct import_rule *rule, uint32_t source,
	const struct itsm_error *cause, struct import_value *out)
{
	bool fits = !import_texts_problem(run->texts, source) && !strchr(IMPORT_TEXT(run, source), IMPORT_ITEM_END);

	out->zoned = out->unzoned = false;
	out->text = 0;
	if (rule->on_error == IMPORT_KEEP && fits)
		out->text = source;
	else if (rule->on_error != IMPORT_DROP)
		out->problem = itsm_arena_printf(run->arena, "%s: %s", rule->name, cause->message);
}

const struct import_value *import_value_make(struct import_run *run, struct import_rule *rule, uint32_t source)
{
	uint32_t place = import_table_get(&rule->memo, source);
	struct import_value value = {.raw = source};
	struct itsm_error cause;
	struct itsm_arena *arena;

	if (place)
		return &run->values[place - 1];
	arena = itsm_arena_new();
	if (rule->value)
		value.text = source;
	else if (source != run->no_text && make_all(run, rule, arena, source, &value, &cause) == 0)
		value.text = run->work.length ? import_texts_add(run->texts, run->work.data, run->work.length) : 0;
	else if (source != run->no_text)
		make_excuse(run, rule, source, &cause, &value);
	itsm_arena_free(arena);
	if (!value.text && !value.problem && rule->default_value)
		value.text = import_texts_add(run->texts, rule->default_value, strlen(rule->default_value));
	value.timed = value.zoned || value.unzoned ||
		(rule->time && value.text && itsm_time_parse(IMPORT_TEXT(run, value.text), &value.time, NULL) == 0);
	itsm_arena_grow(run->arena, &run->values, &run->value_capacity, run->value_count, sizeof(*run->values));
	run->values[run->value_count++] = value;
	import_table_put(&rule->memo, source, (uint32_t)run->value_count);
	return &run->values[run->value_count - 1];
}

const struct import_value *import_value_of(struct import_run *run, struct import_rule *rule)
{
	static const struct import_value none;
	uint32_t source = import_value_source(run, rule);

	if (source)
		return import_value_make(run, rule, source);
	if (!rule->default_value)
		return &none;
	return import_value_make(run, rule, run->no_text);
}

const char *const *import_list(struct import_run *run, uint32_t text)
{
	uint32_t place = import_table_get(&run->list_of, text);
	size_t count = 0, capacity = 0;
	const char **items = NULL;
	char *rest;

	if (place)
		return run->lists[place - 1];
	rest = itsm_arena_strdup(run->arena, IMPORT_TEXT(run, text));
	while (rest && *rest) {
		char *end = strchr(rest, IMPORT_ITEM_END);

		itsm_arena_grow(run->arena, &items, &capacity, count, sizeof(*items));
		items[count++] = rest;
		if (end)
			*end++ = '\0';
		rest = end;
	}
	itsm_arena_grow(run->arena, &items, &capacity, count, sizeof(*items));
	items[count] = NULL;
	itsm_arena_grow(run->arena, &run->lists, &run->list_capacity, run->list_count, sizeof(*run->lists));
	run->lists[run->list_count++] = items;
	import_table_put(&run->list_of, text, (uint32_t)run->list_count);
	return run->lists[run->list_count - 1];
}
