/* Reading a map of reconciliation. */
#include <string.h>

#include "reconcile.h"

static const char *const keys[] = {"source", "format", "delimiter", "kind", "keys", "declared", "state", "find", NULL};

static int wrong(const struct reconcile *run, const struct itsm_yaml *node, struct itsm_error *err, const char *message)
{
	return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "%s: %s", run->options->map_path, message);
}

static int read_text(const struct reconcile *run, const struct itsm_yaml *node, const char *key, const char **out,
	struct itsm_error *err)
{
	const struct itsm_yaml *value = itsm_yaml_get(node, key);

	if (!value || itsm_yaml_is_null(value))
		return 0;
	if (value->type != ITSM_YAML_SCALAR)
		return itsm_error_set_at(err, ITSM_EDATA, value->line, value->column, "%s: '%s' is one text", run->options->map_path,
			key);
	*out = value->text;
	return 0;
}

static int read_format(struct reconcile *run, const struct itsm_yaml *node, struct itsm_error *err)
{
	static const char *const names[] = {"csv", "json", "lines", "yaml"};
	const char *format = NULL, *delimiter = ",";
	size_t i = 0;
	int status;

	if ((status = read_text(run, node, "format", &format, err)) != 0 ||
	    (status = read_text(run, node, "delimiter", &delimiter, err)) != 0)
		return status;
	while (format && i < 4 && strcmp(names[i], format) != 0)
		i++;
	if (!format || i == 4)
		return wrong(run, format ? itsm_yaml_get(node, "format") : node, err, "'format' is csv, json, lines or yaml");
	run->map.format = (enum reconcile_format)i;
	if (strcmp(delimiter, "tab") == 0)
		delimiter = "\t";
	if (strlen(delimiter) != 1 || strchr("\"\r\n", *delimiter))
		return wrong(run, itsm_yaml_get(node, "delimiter"), err, "a delimiter is one byte; write \",\", \";\", \"|\" or tab");
	run->map.delimiter = *delimiter;
	return 0;
}

static int read_kind(struct reconcile *run, const struct itsm_yaml *node, struct itsm_error *err)
{
	const char *name = "item";
	int status = read_text(run, node, "kind", &name, err);

	if (status == 0)
		status = itsm_desk_kind(run->desk, name, &run->map.kind, err);
	if (status != 0)
		return status;
	if (run->map.kind->part || run->map.kind->prefix || run->map.kind->markdown)
		return wrong(run, itsm_yaml_get(node, "kind"), err, "records of this kind have no names of their own; take one that has");
	if ((status = read_text(run, node, "state", &run->map.state, err)) != 0)
		return status;
	if (run->map.state && !itsm_kind_state(run->map.kind, run->map.state))
		return wrong(run, itsm_yaml_get(node, "state"), err, "the kind has no such state; `itsm schema` lists them");
	return 0;
}

/* class: [field, ...] */
static int read_keys(struct reconcile *run, const struct itsm_yaml *node, struct itsm_error *err)
{
	const struct itsm_yaml *map = itsm_yaml_get(node, "keys");
	size_t i, j;

	if (map && map->type != ITSM_YAML_MAPPING)
		return wrong(run, map, err, "'keys' is no mapping; write class: [field, ...]");
	for (i = 0; map && i < map->count; i++) {
		const struct itsm_yaml *list = map->items[i];

		if (list->type != ITSM_YAML_SEQUENCE || !list->count)
			return wrong(run, list, err, "keys are a list of fields, such as [serial, hostname]");
		for (j = 0; j < list->count; j++) {
			const char *name = list->items[j]->text;
			const struct itsm_field *field = name ? itsm_kind_field(run->map.kind, name) : NULL;

			if (!name || (strcmp(name, "id") != 0 && (!field || field->list)))
				return wrong(run, list->items[j], err, "a key is `id` or a field of one value; `itsm schema` lists them");
		}
	}
	run->map.keys = map;
	return 0;
}

static int read_find(struct reconcile *run, const struct itsm_yaml *node, struct itsm_error *err)
{
	const struct itsm_yaml *find = itsm_yaml_get(node, "find");
	size_t i;

	if (!find || find->type != ITSM_YAML_SEQUENCE || !find->count)
		return wrong(run, find ? find : node, err, "'find' is a list of SELECTs over `discovered`; there must be one");
	for (i = 0; i < find->count; i++)
		if (find->items[i]->type != ITSM_YAML_SCALAR)
			return wrong(run, find->items[i], err, "a SELECT is one text");
	run->map.find = find;
	return 0;
}

static bool is_word(const char *text)
{
	return *text && !text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-_")] && *text != '-';
}

int reconcile_map_read(struct reconcile *run, struct itsm_error *err)
{
	struct itsm_yaml *node;
	size_t i;
	int status = itsm_yaml_parse(run->arena, run->options->map ? run->options->map : "", run->options->map_size, 1, &node, err);

	if (status != 0) {
		itsm_error_prefix(err, "%s", run->options->map_path);
		return status;
	}
	for (i = 0; node->type == ITSM_YAML_MAPPING && i < node->count; i++)
		if (!itsm_list_has(keys, node->keys[i]->text))
			return itsm_error_set_at(err, ITSM_EDATA, node->keys[i]->line, node->keys[i]->column,
				"%s: '%s' is no key of such a map; docs/reconcile.md lists them", run->options->map_path, node->keys[i]->text);
	if ((status = read_text(run, node, "source", &run->map.source, err)) != 0 ||
	    (status = read_text(run, node, "declared", &run->map.declared, err)) != 0)
		return status;
	if (!run->map.source || !is_word(run->map.source))
		return wrong(run, node, err, "the map has no `source:`; name the system that tells, in one word of a-z, 0-9, - and _");
	if ((status = read_format(run, node, err)) != 0 || (status = read_kind(run, node, err)) != 0 ||
	    (status = read_keys(run, node, err)) != 0)
		return status;
	return read_find(run, node, err);
}
