/* From documents to things: what the SELECTs of a map give, row by row. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/json.h"
#include "reconcile.h"

/* Columns of one SELECT. */
struct columns {
	size_t id, count;
	const struct itsm_field **fields; /* NULL for id, and below free YAML */
	const char **names;
};

/* "attributes.cpu" where attributes is free YAML. */
static bool is_free(const struct itsm_kind *kind, const char *name)
{
	const char *dot = strchr(name, '.');
	size_t i;

	for (i = 0; dot && i < kind->field_count; i++)
		if (kind->fields[i].type == ITSM_TYPE_ANY && strlen(kind->fields[i].name) == (size_t)(dot - name) &&
		    strncmp(kind->fields[i].name, name, (size_t)(dot - name)) == 0)
			return dot[1] != '\0';
	return false;
}

static int bind_columns(struct reconcile *run, const struct itsm_query *query, struct columns *columns, struct itsm_error *err)
{
	const struct itsm_kind *kind = run->map.kind;
	size_t i;

	columns->count = itsm_query_column_count(query);
	columns->fields = itsm_arena_alloc(run->arena, columns->count * sizeof(*columns->fields));
	columns->names = itsm_arena_alloc(run->arena, columns->count * sizeof(*columns->names));
	columns->id = columns->count;
	for (i = 0; i < columns->count; i++) {
		const char *name = itsm_query_column_name(query, i);
		const struct itsm_field *field = itsm_kind_field(kind, name);

		if (strcmp(name, "id") == 0) {
			columns->id = i;
			continue;
		}
		if (!is_free(kind, name) && (!field || field->type == ITSM_TYPE_OBJECT || field->type == ITSM_TYPE_ANY))
			return itsm_error_set(err, ITSM_EDATA, "the column '%s' is no field of a %s that can be compared; "
				"`itsm schema %s` lists them", name, kind->name, kind->name);
		columns->fields[i] = field;
		columns->names[i] = field ? field->name : itsm_arena_strdup(run->arena, name);
	}
	return columns->id < columns->count ? 0
		: itsm_error_set(err, ITSM_EDATA, "no column is called id; `SELECT ... AS id` says what a thing is called");
}

static const char *value_text(struct itsm_arena *arena, const struct itsm_value *value, const struct itsm_field *field)
{
	switch (value->type) {
	case ITSM_VALUE_INTEGER:
	case ITSM_VALUE_BOOLEAN:
		if (field && field->type == ITSM_TYPE_BOOL)
			return value->integer ? "true" : "false";
		return itsm_arena_printf(arena, "%" PRId64, value->integer);
	case ITSM_VALUE_REAL:
		return itsm_arena_printf(arena, "%.15g", value->real);
	case ITSM_VALUE_NULL:
		return NULL;
	default:
		return itsm_arena_strdup(arena, value->text);
	}
}

static int read_list(struct reconcile *run, const char *text, struct reconcile_value *value, struct itsm_error *err)
{
	struct itsm_yaml *node;
	size_t i;
	int status;

	if (!*text)
		return 0;
	if (*text != '[') {
		value->texts = itsm_arena_alloc(run->arena, sizeof(*value->texts));
		value->texts[value->count++] = text;
		return 0;
	}
	if ((status = itsm_json_parse(run->arena, text, strlen(text), &node, err)) != 0)
		return status;
	value->texts = itsm_arena_alloc(run->arena, (node->count + 1) * sizeof(*value->texts));
	for (i = 0; i < node->count; i++) {
		if (node->items[i]->type != ITSM_YAML_SCALAR)
			return itsm_error_set(err, ITSM_EDATA, "'%s' is not a list of plain values", value->name);
		if (!itsm_yaml_is_null(node->items[i]) && *node->items[i]->text)
			value->texts[value->count++] = node->items[i]->text;
	}
	return 0;
}

static int read_value(struct reconcile *run, const struct itsm_value *given, const struct itsm_field *field, const char *name,
	struct reconcile_thing *thing, struct itsm_error *err)
{
	struct reconcile_value *value = &thing->values[thing->count];
	const char *text = value_text(run->arena, given, field);

	if (!text || (!*text && !(field && field->list)))
		return 0;
	*value = (struct reconcile_value){.field = field, .name = name};
	thing->count++;
	if (strcmp(name, "class") == 0)
		thing->class_name = text;
	if (field && field->list)
		return read_list(run, text, value, err);
	value->texts = itsm_arena_alloc(run->arena, sizeof(*value->texts));
	value->texts[value->count++] = text;
	return 0;
}

static int read_row(struct reconcile *run, const struct itsm_query *query, const struct columns *columns, struct itsm_error *err)
{
	const struct itsm_value id = itsm_query_value(query, columns->id);
	const char *name = value_text(run->arena, &id, NULL);
	struct reconcile_thing *thing;
	char slug[ITSM_ID_MAX];
	size_t i;
	int status = 0;

	if (!name || !*name)
		return itsm_error_set(err, ITSM_EDATA, "row %zu has no id; leave such rows out with WHERE", run->thing_count + 1);
	if (run->thing_count >= ITSM_RECONCILE_MAX_ROWS)
		return itsm_error_set(err, ITSM_ELIMIT, "more than %d things", ITSM_RECONCILE_MAX_ROWS);
	itsm_arena_grow(run->arena, &run->things, &run->thing_capacity, run->thing_count, sizeof(*run->things));
	thing = &run->things[run->thing_count++];
	*thing = (struct reconcile_thing){.name = name};
	thing->values = itsm_arena_alloc(run->arena, columns->count * sizeof(*thing->values));
	if (itsm_id_is_slug(name))
		thing->id = name;
	else if (itsm_id_slug(name, slug))
		thing->id = itsm_arena_strdup(run->arena, slug);
	else
		thing->unclear = "no ID can be made of its name";
	for (i = 0; i < columns->count && status == 0; i++) {
		const struct itsm_value value = itsm_query_value(query, i);

		if (i != columns->id)
			status = read_value(run, &value, columns->fields[i], columns->names[i], thing, err);
	}
	return status;
}

static int select_things(struct reconcile *run, const struct itsm_yaml *sql, struct itsm_error *err)
{
	const struct itsm_sql_request request = {.sql = sql->text};
	struct columns columns;
	struct itsm_query *query = NULL;
	int status = itsm_query_open_bounded(run->index, &request, &query, err);

	if (status == 0 && (status = bind_columns(run, query, &columns, err)) == 0)
		while ((status = itsm_query_next(query, err)) > 0 && (status = read_row(run, query, &columns, err)) == 0)
			;
	itsm_query_free(query);
	if (status < 0)
		itsm_error_prefix(err, "%s:%u", run->options->map_path, sql->line);
	return status;
}

static int compare_things(const void *a, const void *b)
{
	return strcmp(((const struct reconcile_thing *)a)->name, ((const struct reconcile_thing *)b)->name);
}

struct reconcile_thing *reconcile_thing_named(const struct reconcile *run, const char *name)
{
	const struct reconcile_thing key = {.name = name};

	return run->thing_count ? bsearch(&key, run->things, run->thing_count, sizeof(key), compare_things) : NULL;
}

int reconcile_find(struct reconcile *run, struct itsm_error *err)
{
	size_t i;
	int status = 0;

	for (i = 0; i < run->map.find->count && status == 0; i++)
		status = select_things(run, run->map.find->items[i], err);
	if (run->thing_count)
		qsort(run->things, run->thing_count, sizeof(*run->things), compare_things);
	for (i = 1; i < run->thing_count; i++)
		if (compare_things(&run->things[i - 1], &run->things[i]) == 0)
			run->things[i - 1].unclear = run->things[i].unclear = "the source tells of it twice";
	run->result->discovered = run->thing_count;
	return status;
}
