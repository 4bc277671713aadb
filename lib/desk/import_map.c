/* Reading a map from its top: the keys that stand at its first level, and the kinds it makes. */
#include "import_map.h"

#include <string.h>

static const char *const map_keys[] = {"source", "format", "delimiter", "quotes", "header", "files", "null", "times",
	"key", "key_field", "source_field", "kind", "kinds", "id", "state", "body", "sections", "filed", "columns",
	"ensure", "replay", NULL};
static const char *const event_keys[] = {"source", "format", "null", "times", "key", "kind", "state", "columns", "accepts",
	"notices", "alerts", "inside", "labels", "digest", "truncated", NULL};
static const char *const block_keys[] = {"id", "state", "body", "sections", "filed", "columns", NULL};

size_t import_map_column(struct import_map *map, const char *name, const struct itsm_yaml *node)
{
	size_t i;

	for (i = 0; i < map->column_count; i++) {
		if (strcmp(map->columns[i].name, name) == 0)
			return i;
	}
	itsm_arena_grow(map->arena, &map->columns, &map->column_capacity, map->column_count, sizeof(*map->columns));
	map->columns[i] = (struct import_column){.name = name, .line = node->line, .column = node->column};
	return map->column_count++;
}

static int read_delimiter(struct import_map *map, const struct itsm_yaml *node, struct itsm_error *err)
{
	const char *delimiter = ",", *quotes = "double";
	int status;

	if ((status = import_map_text(node, "delimiter", &delimiter, err)) != 0 ||
	    (status = import_map_text(node, "quotes", &quotes, err)) != 0)
		return status;
	if (strcmp(delimiter, "tab") == 0)
		delimiter = "\t";
	if (strlen(delimiter) != 1 || strchr("\"\r\n", *delimiter))
		return itsm_error_set_at(err, ITSM_EDATA, itsm_yaml_get(node, "delimiter")->line,
			itsm_yaml_get(node, "delimiter")->column,
			"a delimiter is one byte; write \",\", \";\", \"|\" or tab");
	if (strcmp(quotes, "double") != 0 && strcmp(quotes, "none") != 0)
		return itsm_error_set_at(err, ITSM_EDATA, itsm_yaml_get(node, "quotes")->line,
			itsm_yaml_get(node, "quotes")->column, "'quotes' is double or none");
	map->delimiter = *delimiter;
	map->no_quotes = strcmp(quotes, "none") == 0;
	return 0;
}

static int read_shape(struct import_map *map, const struct itsm_yaml *node, struct itsm_error *err)
{
	const struct itsm_yaml *header = itsm_yaml_get(node, "header"), *nulls = itsm_yaml_get(node, "null");
	const char *format = "csv";
	int status;

	map->files = "*.md";
	map->key_field = map->json ? "fingerprint" : "external";
	map->source_field = "source";
	if ((status = import_map_text(node, "format", &format, err)) != 0 ||
	    (status = read_delimiter(map, node, err)) != 0 ||
	    (status = import_map_text(node, "files", &map->files, err)) != 0 ||
	    (status = import_map_text(node, "source", &map->source, err)) != 0 ||
	    (status = import_map_text(node, "key_field", &map->key_field, err)) != 0 ||
	    (status = import_map_text(node, "source_field", &map->source_field, err)) != 0 ||
	    (header && (status = import_map_texts(map, header, &map->header, &map->header_count, err)) != 0) ||
	    (nulls && (status = import_map_texts(map, nulls, &map->nulls, &map->null_count, err)) != 0))
		return status;
	map->markdown = strcmp(format, "markdown") == 0;
	if (!map->markdown && !map->json && strcmp(format, "csv") != 0)
		return itsm_error_set_at(err, ITSM_EDATA, itsm_yaml_get(node, "format")->line,
			itsm_yaml_get(node, "format")->column, "'format' is csv or markdown (or json, for `itsm event ingest`)");
	if (!map->source || !*map->source || strpbrk(map->source, " \t\r\n"))
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"the map has no `source:`; name the system that the rows are from, in one word");
	return 0;
}

static int read_times(struct import_map *map, const struct itsm_yaml *node, struct itsm_error *err)
{
	static const char *const keys[] = {"formats", "zone", "mixed_zones", NULL};
	const struct itsm_yaml *formats = itsm_yaml_get(node, "formats");
	const char **texts, *zone = NULL, *mixed = "reject";
	struct itsm_error cause;
	size_t i;
	int status;

	map->formats = itsm_arena_alloc(map->arena, sizeof(*map->formats));
	map->formats->text = "rfc3339";
	map->format_count = 1;
	if (!node)
		return 0;
	if ((status = import_map_keys(node, "times", keys, err)) != 0 ||
	    (status = import_map_text(node, "zone", &zone, err)) != 0 ||
	    (status = import_map_text(node, "mixed_zones", &mixed, err)) != 0 ||
	    (formats && (status = import_map_texts(map, formats, &texts, &map->format_count, err)) != 0))
		return status;
	if (formats)
		map->formats = itsm_arena_alloc(map->arena, (map->format_count + 1) * sizeof(*map->formats));
	for (i = 0; formats && i < map->format_count; i++) {
		if (import_format_read(texts[i], &map->formats[i], &cause) != 0)
			return itsm_error_set_at(err, ITSM_EDATA, formats->line, formats->column, "%s", cause.message);
	}
	if (zone && itsm_zone_find(map->arena, zone, &map->zone, &cause) != 0)
		return itsm_error_set_at(err, ITSM_EDATA, itsm_yaml_get(node, "zone")->line,
			itsm_yaml_get(node, "zone")->column, "%s", cause.message);
	if (strcmp(mixed, "reject") != 0 && strcmp(mixed, "keep") != 0 && strcmp(mixed, "zone") != 0)
		return itsm_error_set_at(err, ITSM_EDATA, itsm_yaml_get(node, "mixed_zones")->line,
			itsm_yaml_get(node, "mixed_zones")->column, "'mixed_zones' is reject, keep or zone");
	map->mixed_zones = *mixed == 'r' ? IMPORT_MIXED_REJECT : *mixed == 'k' ? IMPORT_MIXED_KEEP : IMPORT_MIXED_ZONE;
	return 0;
}

/* The block of a kind that the map can make; made when new. */
static int add_block(struct import_map *map, const struct itsm_yaml *node, const char *name, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(map->kinds, name);
	size_t i;

	if (!kind || kind->part)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"'%s' is no kind with records of its own; `itsm kinds` lists the kinds", name);
	for (i = 0; i < map->block_count; i++) {
		if (map->blocks[i].kind == kind)
			return 0;
	}
	itsm_arena_grow(map->arena, &map->blocks, &map->block_capacity, map->block_count, sizeof(*map->blocks));
	map->blocks[map->block_count++] = (struct import_block){
		.kind = kind, .filed = IMPORT_NONE, .state = IMPORT_NONE};
	return 0;
}

static int read_kind(struct import_map *map, const struct itsm_yaml *node, struct itsm_error *err)
{
	struct import_rule *rule;
	size_t i;
	int status;

	if (node->type == ITSM_YAML_SCALAR)
		return add_block(map, node, node->text, err);
	if ((status = import_rule_read(map, "kind", node, &rule, err)) != 0)
		return status;
	rule->one_line = true;
	map->kind = rule;
	for (i = 0; rule->map && i < rule->map->count && status == 0; i++)
		status = add_block(map, rule->map->items[i], rule->map->items[i]->text, err);
	for (i = 0; i < rule->match_count && status == 0; i++)
		status = add_block(map, node, rule->matches[i].value, err);
	if (status == 0 && rule->otherwise)
		status = add_block(map, node, rule->otherwise, err);
	if (status == 0 && rule->default_value)
		status = add_block(map, node, rule->default_value, err);
	if (status == 0 && map->block_count == 0)
		return itsm_error_set_at(
			err, ITSM_EDATA, node->line, node->column, "the rule for `kind:` names none; use map or match");
	return status;
}

static const struct itsm_yaml *kind_node(const struct itsm_yaml *kinds, const struct itsm_kind *kind)
{
	return kinds ? itsm_yaml_get(kinds, kind->name) : NULL;
}

static int read_blocks(struct import_map *map, const struct itsm_yaml *node, struct itsm_error *err)
{
	const struct itsm_yaml *kinds = itsm_yaml_get(node, "kinds");
	size_t i, j;
	int status = 0;

	if (kinds && kinds->type != ITSM_YAML_MAPPING)
		return itsm_error_set_at(err, ITSM_EDATA, kinds->line, kinds->column,
			"'kinds' is no mapping; write kind: {columns: ...}");
	for (i = 0; kinds && i < kinds->count; i++) {
		for (j = 0; j < map->block_count && strcmp(map->blocks[j].kind->name, kinds->keys[i]->text) != 0; j++)
			;
		if (j == map->block_count)
			return itsm_error_set_at(err, ITSM_EDATA, kinds->keys[i]->line, kinds->keys[i]->column,
				"'%s' is no kind that `kind:` makes", kinds->keys[i]->text);
		if ((status = import_map_keys(kinds->items[i], kinds->keys[i]->text, block_keys, err)) != 0)
			return status;
	}
	for (i = 0; i < map->block_count && status == 0; i++) {
		const struct itsm_yaml *own = kind_node(kinds, map->blocks[i].kind);

		status = import_block_read(map, node, &map->blocks[i], err);
		if (status == 0 && own)
			status = import_block_read(map, own, &map->blocks[i], err);
		if (status == 0)
			status = import_block_finish(map, own ? own : node, &map->blocks[i], err);
	}
	return status;
}

static int read_replay(struct import_map *map, const struct itsm_yaml *node, struct itsm_error *err)
{
	static const char *const keys[] = {"time", "author", "mail", NULL};
	int status;

	if (!node)
		return 0;
	if ((status = import_map_keys(node, "replay", keys, err)) != 0)
		return status;
	if (!itsm_yaml_get(node, "time"))
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"'replay' needs the time of a row; name its column with `time:`");
	if ((status = import_rule_read(map, "replay.time", itsm_yaml_get(node, "time"), &map->time, err)) != 0)
		return status;
	map->time->time = true;
	if (itsm_yaml_get(node, "author") &&
	    (status = import_rule_read(map, "replay.author", itsm_yaml_get(node, "author"), &map->author, err)) !=
		    0)
		return status;
	if (itsm_yaml_get(node, "mail"))
		status = import_rule_read(map, "replay.mail", itsm_yaml_get(node, "mail"), &map->mail, err);
	if (map->author)
		map->author->one_line = true;
	if (map->mail)
		map->mail->one_line = true;
	return status;
}

static int read_ensures(struct import_map *map, const struct itsm_yaml *node, struct itsm_error *err)
{
	size_t i;
	int status = 0;

	if (!node)
		return 0;
	if (node->type != ITSM_YAML_SEQUENCE)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"'ensure' is no list; write - {kind: ..., id: ..., set: {...}}");
	map->ensures = itsm_arena_alloc(map->arena, (node->count + 1) * sizeof(*map->ensures));
	map->ensure_count = node->count; /* from here on {item} has its meaning */
	for (i = 0; i < node->count && status == 0; i++)
		status = import_ensure_read(map, node->items[i], &map->ensures[i], err);
	return status;
}

static int read_all(struct import_map *map, const struct itsm_yaml *node, struct itsm_error *err)
{
	const char *format = itsm_yaml_text(node, "format");
	int status;

	map->json = format && strcmp(format, "json") == 0;
	if ((status = import_map_keys(node, "map", map->json ? event_keys : map_keys, err)) != 0 || (status = read_shape(map, node, err)) != 0 ||
	    (status = read_times(map, itsm_yaml_get(node, "times"), err)) != 0)
		return status;
	if (!itsm_yaml_get(node, "kind") || !itsm_yaml_get(node, "key"))
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"the map has no `%s:`; see `itsm help import` for what a map needs",
			itsm_yaml_get(node, "kind") ? "key" : "kind");
	if ((status = import_rule_read(map, "key", itsm_yaml_get(node, "key"), &map->key, err)) != 0)
		return status;
	map->key->one_line = true;
	if ((status = read_kind(map, itsm_yaml_get(node, "kind"), err)) != 0 ||
	    (status = read_blocks(map, node, err)) != 0 ||
	    (status = read_replay(map, itsm_yaml_get(node, "replay"), err)) != 0)
		return status;
	return read_ensures(map, itsm_yaml_get(node, "ensure"), err);
}

int import_map_read(struct import_map *map, struct itsm_arena *arena, const struct itsm_kinds *kinds, const char *path,
	const char *text, size_t size, struct itsm_error *err)
{
	struct itsm_yaml *node;
	int status;

	memset(map, 0, sizeof(*map));
	map->arena = arena;
	map->kinds = kinds;
	map->path = path;
	status = itsm_yaml_parse(arena, text, size, 1, &node, err);
	if (status == 0)
		status = read_all(map, node, err);
	if (status != 0)
		itsm_error_prefix(err, "%s", path);
	return status;
}

void import_map_free(struct import_map *map)
{
	size_t i;

	for (i = 0; i < map->pattern_count; i++)
		regfree(map->patterns[i]);
	map->pattern_count = 0;
}
