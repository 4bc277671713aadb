/*
 * Reading one rule of a map: a column's name, a text with {columns} in it, or a
 * mapping with the keys below. What can be wrong is found here, with line and
 * column, so that a row never meets a rule that can't work.
 */
#include <string.h>

#include "import_map.h"

static const char *const rule_keys[] = {"from", "template", "value", "null", "split", "pattern", "lower", "map",
	"match", "otherwise", "formats", "zone", "slug", "default", "on_error", "take", "states", NULL};

static int fail(struct itsm_error *err, const struct itsm_yaml *node, const char *what, const char *remedy)
{
	return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "%s; %s", what, remedy);
}

int import_map_keys(const struct itsm_yaml *node, const char *what, const char *const *known, struct itsm_error *err)
{
	struct itsm_buffer list = {0};
	size_t i, j;
	int status = 0;

	if (node->type != ITSM_YAML_MAPPING)
		return itsm_error_set_at(
			err, ITSM_EDATA, node->line, node->column, "'%s' is no mapping; write keys below it", what);
	for (i = 0; i < node->count && status == 0; i++) {
		if (itsm_list_has(known, node->keys[i]->text))
			continue;
		for (j = 0; known[j]; j++)
			itsm_buffer_printf(&list, "%s%s", j ? ", " : "", known[j]);
		status = itsm_error_set_at(err, ITSM_EDATA, node->keys[i]->line, node->keys[i]->column,
			"'%s' is no key of '%s'; there are %s", node->keys[i]->text, what, list.data);
	}
	itsm_buffer_free(&list);
	return status;
}

int import_map_text(const struct itsm_yaml *node, const char *key, const char **out, struct itsm_error *err)
{
	const struct itsm_yaml *value = itsm_yaml_get(node, key);

	if (!value)
		return 0;
	if (value->type != ITSM_YAML_SCALAR)
		return itsm_error_set_at(err, ITSM_EDATA, value->line, value->column, "'%s' takes one text", key);
	*out = value->text;
	return 0;
}

int import_map_texts(struct import_map *map, const struct itsm_yaml *node, const char ***texts, size_t *count,
	struct itsm_error *err)
{
	size_t items = node->type == ITSM_YAML_SCALAR ? 1 : node->count, i;
	const char **list = itsm_arena_alloc(map->arena, (items + 1) * sizeof(*list));

	if (node->type == ITSM_YAML_MAPPING)
		return fail(err, node, "a mapping where texts are expected", "write one text, or several as [a, b]");
	for (i = 0; i < items; i++) {
		const struct itsm_yaml *item = node->type == ITSM_YAML_SCALAR ? node : node->items[i];

		if (item->type != ITSM_YAML_SCALAR)
			return fail(err, item, "a list in a list", "write texts");
		list[i] = item->text;
	}
	*texts = list;
	*count = items;
	return 0;
}

static int read_flag(const struct itsm_yaml *node, const char *key, bool *out, struct itsm_error *err)
{
	const struct itsm_yaml *value = itsm_yaml_get(node, key);
	bool yes;

	if (!value)
		return 0;
	yes = value->type == ITSM_YAML_SCALAR && strcmp(value->text, "true") == 0;
	if (!yes && (value->type != ITSM_YAML_SCALAR || strcmp(value->text, "false") != 0))
		return itsm_error_set_at(err, ITSM_EDATA, value->line, value->column, "'%s' is true or false", key);
	*out = yes;
	return 0;
}

static int read_pattern(struct import_map *map, const struct itsm_yaml *node, regex_t **out, struct itsm_error *err)
{
	regex_t *pattern = itsm_arena_alloc(map->arena, sizeof(*pattern));
	char reason[120];
	int code;

	if (node->type != ITSM_YAML_SCALAR)
		return fail(err, node, "a pattern is one text", "write a POSIX extended regular expression");
	if (!itsm_pattern_is_bounded(node->text))
		return fail(err, node, "the pattern is too long or repeats too much", "write a simpler one");
	code = regcomp(pattern, node->text, REG_EXTENDED);
	if (code != 0) {
		regerror(code, pattern, reason, sizeof(reason));
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "'%s' is no regular expression: %s",
			node->text, reason);
	}
	itsm_arena_grow(map->arena, &map->patterns, &map->pattern_capacity, map->pattern_count, sizeof(*map->patterns));
	map->patterns[map->pattern_count++] = pattern;
	*out = pattern;
	return 0;
}

static int read_from(
	struct import_map *map, const struct itsm_yaml *node, struct import_rule *rule, struct itsm_error *err)
{
	const char **names;
	size_t i;
	int status = import_map_texts(map, node, &names, &rule->from_count, err);

	if (status != 0)
		return status;
	rule->from = itsm_arena_alloc(map->arena, (rule->from_count + 1) * sizeof(*rule->from));
	for (i = 0; i < rule->from_count; i++) {
		if (!*names[i])
			return fail(err, node, "'from' names no column", "write the column's name");
		rule->from[i] = strcmp(names[i], "item") == 0 && map->ensure_count
			? IMPORT_ITEM
			: import_map_column(map, names[i], node);
	}
	if (rule->from_count == 0)
		return fail(err, node, "'from' names no column", "write the column's name");
	return 0;
}

static int read_source(
	struct import_map *map, const struct itsm_yaml *node, struct import_rule *rule, struct itsm_error *err)
{
	const struct itsm_yaml *from = itsm_yaml_get(node, "from"), *template = itsm_yaml_get(node, "template");
	const struct itsm_yaml *value = itsm_yaml_get(node, "value");

	if (!!from + !!template + !!value != 1)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"'%s' needs one of from, template and value; say where its text is from", rule->name);
	if (from)
		return read_from(map, from, rule, err);
	if (value)
		return import_map_text(node, "value", &rule->value, err);
	if (template->type != ITSM_YAML_SCALAR)
		return fail(err, template, "a template is one text", "write {column} where its text belongs");
	return import_template_read(map, template, template->text, rule, err);
}

static void sort_map(struct import_map *map, struct import_rule *rule)
{
	size_t i, j;

	rule->map_order = itsm_arena_alloc(map->arena, (rule->map->count + 1) * sizeof(*rule->map_order));
	for (i = 0; i < rule->map->count; i++) {
		for (j = i;
		    j > 0 && strcmp(rule->map->keys[rule->map_order[j - 1]]->text, rule->map->keys[i]->text) > 0;
		    j--)
			rule->map_order[j] = rule->map_order[j - 1];
		rule->map_order[j] = i;
	}
}

static int read_map(
	struct import_map *map, const struct itsm_yaml *node, struct import_rule *rule, struct itsm_error *err)
{
	size_t i;

	if (!node)
		return 0;
	if (node->type != ITSM_YAML_MAPPING)
		return fail(err, node, "'map' is no mapping", "write source text: value");
	if (node->count > 4096)
		return fail(err, node, "more than 4096 values", "use match for what patterns can say");
	for (i = 0; i < node->count; i++) {
		if (node->items[i]->type != ITSM_YAML_SCALAR)
			return fail(err, node->items[i], "a value of a map is one text", "write source text: value");
	}
	rule->map = node;
	sort_map(map, rule);
	return 0;
}

static int read_matches(
	struct import_map *map, const struct itsm_yaml *node, struct import_rule *rule, struct itsm_error *err)
{
	static const char *const keys[] = {"pattern", "value", NULL};
	size_t i;
	int status = 0;

	if (!node)
		return 0;
	if (node->type != ITSM_YAML_SEQUENCE)
		return fail(err, node, "'match' is no list", "write [{pattern: ..., value: ...}]");
	rule->matches = itsm_arena_alloc(map->arena, (node->count + 1) * sizeof(*rule->matches));
	for (i = 0; i < node->count && status == 0; i++) {
		const struct itsm_yaml *item = node->items[i];

		if ((status = import_map_keys(item, "match", keys, err)) != 0)
			return status;
		if (!itsm_yaml_get(item, "pattern") || !itsm_yaml_get(item, "value"))
			return fail(err, item, "a match without pattern or value", "write {pattern: ..., value: ...}");
		if ((status = read_pattern(map, itsm_yaml_get(item, "pattern"), &rule->matches[i].pattern, err)) == 0)
			status = import_map_text(item, "value", &rule->matches[i].value, err);
		rule->match_count++;
	}
	return status;
}

static int read_times(
	struct import_map *map, const struct itsm_yaml *node, struct import_rule *rule, struct itsm_error *err)
{
	const struct itsm_yaml *formats = itsm_yaml_get(node, "formats"), *zone = itsm_yaml_get(node, "zone");
	const char **texts;
	size_t i;
	int status = 0;

	rule->formats = map->formats;
	rule->format_count = map->format_count;
	rule->zone = map->zone;
	if (formats) {
		if ((status = import_map_texts(map, formats, &texts, &rule->format_count, err)) != 0)
			return status;
		rule->time = true;
		rule->formats = itsm_arena_alloc(map->arena, (rule->format_count + 1) * sizeof(*rule->formats));
		for (i = 0; i < rule->format_count; i++) {
			struct itsm_error cause;

			if (import_format_read(texts[i], &rule->formats[i], &cause) != 0)
				return itsm_error_set_at(
					err, ITSM_EDATA, formats->line, formats->column, "%s", cause.message);
		}
	}
	if (zone) {
		struct itsm_error cause;

		if (zone->type != ITSM_YAML_SCALAR)
			return fail(err, zone, "a zone is one text", "write UTC, +02:00 or Europe/Amsterdam");
		if (itsm_zone_find(map->arena, zone->text, &rule->zone, &cause) != 0)
			return itsm_error_set_at(err, ITSM_EDATA, zone->line, zone->column, "%s", cause.message);
	}
	return status;
}

static int read_choices(const struct itsm_yaml *node, struct import_rule *rule, struct itsm_error *err)
{
	const char *take = NULL, *on_error = NULL;
	int status;

	if ((status = import_map_text(node, "take", &take, err)) != 0 ||
	    (status = import_map_text(node, "on_error", &on_error, err)) != 0)
		return status;
	if (take && strcmp(take, "first") != 0 && strcmp(take, "last") != 0)
		return fail(
			err, itsm_yaml_get(node, "take"), "no such choice", "take the first or the last row's value");
	if (on_error && strcmp(on_error, "reject") != 0 && strcmp(on_error, "keep") != 0 &&
	    strcmp(on_error, "drop") != 0)
		return fail(err, itsm_yaml_get(node, "on_error"), "no such choice", "on_error is reject, keep or drop");
	rule->take_first = take && strcmp(take, "first") == 0;
	rule->on_error = !on_error || strcmp(on_error, "reject") == 0 ? IMPORT_REJECT
		: strcmp(on_error, "keep") == 0			      ? IMPORT_KEEP
								      : IMPORT_DROP;
	return 0;
}

static int read_steps(
	struct import_map *map, const struct itsm_yaml *node, struct import_rule *rule, struct itsm_error *err)
{
	const struct itsm_yaml *nulls = itsm_yaml_get(node, "null"), *pattern = itsm_yaml_get(node, "pattern");
	int status;

	if ((status = read_source(map, node, rule, err)) != 0 ||
	    (nulls && (status = import_map_texts(map, nulls, &rule->nulls, &rule->null_count, err)) != 0) ||
	    (status = import_map_text(node, "split", &rule->split, err)) != 0 ||
	    (pattern && (status = read_pattern(map, pattern, &rule->pattern, err)) != 0) ||
	    (status = read_flag(node, "lower", &rule->lower, err)) != 0 ||
	    (status = read_flag(node, "slug", &rule->slug, err)) != 0 ||
	    (status = read_map(map, itsm_yaml_get(node, "map"), rule, err)) != 0 ||
	    (status = read_matches(map, itsm_yaml_get(node, "match"), rule, err)) != 0 ||
	    (status = import_map_text(node, "otherwise", &rule->otherwise, err)) != 0 ||
	    (status = read_times(map, node, rule, err)) != 0 ||
	    (status = import_map_text(node, "default", &rule->default_value, err)) != 0 ||
	    (status = read_choices(node, rule, err)) != 0)
		return status;
	if (rule->split && !*rule->split)
		return fail(err, itsm_yaml_get(node, "split"), "'split' is empty",
			"write what stands between items, such as \",\"");
	if (rule->otherwise && !rule->map && !rule->match_count)
		return fail(err, itsm_yaml_get(node, "otherwise"), "'otherwise' without map or match",
			"use default for a column without a value");
	rule->states = itsm_yaml_get(node, "states");
	return 0;
}

int import_rule_read(struct import_map *map, const char *name, const struct itsm_yaml *node, struct import_rule **out,
	struct itsm_error *err)
{
	struct import_rule *rule = itsm_arena_alloc(map->arena, sizeof(*rule));
	int status;

	rule->name = name;
	rule->line = node->line;
	rule->column = node->column;
	rule->memo.arena = map->arena;
	if (node->type == ITSM_YAML_MAPPING) {
		if ((status = import_map_keys(node, name, rule_keys, err)) == 0)
			status = read_steps(map, node, rule, err);
	} else {
		rule->formats = map->formats;
		rule->format_count = map->format_count;
		rule->zone = map->zone;
		if (node->type == ITSM_YAML_SCALAR && strchr(node->text, '{'))
			status = import_template_read(map, node, node->text, rule, err);
		else
			status = read_from(map, node, rule, err);
	}
	if (status == 0)
		*out = rule;
	return status;
}
