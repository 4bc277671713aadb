/* Which declared record is the thing that was found: by the keys of its class, tried in turn. */
#include <stdlib.h>
#include <string.h>

#include "reconcile.h"

/* A value of a key and the record that has it. */
struct holder {
	const char *key, *value;
	size_t record; /* its number */
};

struct matching {
	struct reconcile *run;
	const char **fields;   /* every field that is a key of some class, `id` left out */
	size_t field_count;
	struct holder *holders; /* sorted */
	size_t count, capacity;
};

static void gather_field(struct matching *matching, const char *name)
{
	const struct itsm_field *field = itsm_kind_field(matching->run->map.kind, name);
	size_t i = 0;

	while (field && i < matching->field_count && strcmp(matching->fields[i], field->name) != 0)
		i++;
	if (field && i == matching->field_count)
		matching->fields[matching->field_count++] = field->name;
}

static void gather_fields(struct matching *matching)
{
	const struct itsm_yaml *keys = matching->run->map.keys;
	size_t i, j, count = 0;

	for (i = 0; keys && i < keys->count; i++)
		count += keys->items[i]->count;
	matching->fields = itsm_arena_alloc(matching->run->arena, (count + 1) * sizeof(*matching->fields));
	for (i = 0; keys && i < keys->count; i++)
		for (j = 0; j < keys->items[i]->count; j++)
			if (strcmp(keys->items[i]->items[j]->text, "id") != 0)
				gather_field(matching, keys->items[i]->items[j]->text);
}

static const char *copy(struct reconcile *run, const struct itsm_query *query, size_t column)
{
	const struct itsm_value value = itsm_query_value(query, column);

	if (value.type == ITSM_VALUE_INTEGER || value.type == ITSM_VALUE_BOOLEAN)
		return itsm_arena_printf(run->arena, "%lld", (long long)value.integer);
	return value.type == ITSM_VALUE_NULL ? NULL : itsm_arena_strdup(run->arena, value.text);
}

/* id, class, expected, then the keys */
static void compose(struct matching *matching, struct itsm_buffer *sql)
{
	const struct reconcile_map *map = &matching->run->map;
	size_t i;

	itsm_buffer_printf(sql, "SELECT id, %s, %s%s%s", itsm_kind_field(map->kind, "class") ? "class" : "NULL",
		map->declared ? "coalesce((" : "1", map->declared ? map->declared : "", map->declared ? "), 0) <> 0" : "");
	for (i = 0; i < matching->field_count; i++)
		itsm_buffer_printf(sql, ", \"%s\"", itsm_kind_field(map->kind, matching->fields[i])->column);
	itsm_buffer_printf(sql, " FROM \"%s\" AS self ORDER BY id", map->kind->name);
}

static void read_record(struct matching *matching, const struct itsm_query *query)
{
	struct reconcile *run = matching->run;
	struct reconcile_record *record;

	itsm_arena_grow(run->arena, &run->records, &run->record_capacity, run->record_count, sizeof(*run->records));
	record = &run->records[run->record_count++];
	*record = (struct reconcile_record){.id = copy(run, query, 0), .class_name = copy(run, query, 1)};
	record->expected = itsm_query_value(query, 2).integer != 0;
}

static void read_holders(struct matching *matching, const struct itsm_query *query, size_t number)
{
	struct reconcile *run = matching->run;
	size_t i;

	for (i = 0; i < matching->field_count; i++) {
		const char *value = copy(run, query, 3 + i);

		if (!value || !*value)
			continue;
		itsm_arena_grow(run->arena, &matching->holders, &matching->capacity, matching->count, sizeof(*matching->holders));
		matching->holders[matching->count++] = (struct holder){matching->fields[i], value, number};
	}
}

static int compare_holders(const void *a, const void *b)
{
	const struct holder *one = a, *other = b;
	int order = strcmp(one->key, other->key);

	return order ? order : strcmp(one->value, other->value);
}

static int read_records(struct matching *matching, struct itsm_error *err)
{
	struct reconcile *run = matching->run;
	struct itsm_buffer sql = {0};
	struct itsm_sql_request request = {0};
	struct itsm_query *query = NULL;
	int status;

	compose(matching, &sql);
	request.sql = sql.data;
	status = itsm_query_open_bounded(run->index, &request, &query, err);
	while (status >= 0 && (status = itsm_query_next(query, err)) > 0) {
		read_record(matching, query);
		read_holders(matching, query, run->record_count - 1);
	}
	itsm_query_free(query);
	itsm_buffer_free(&sql);
	if (status < 0 && run->map.declared)
		itsm_error_prefix(err, "%s: `declared`", run->options->map_path);
	if (matching->count)
		qsort(matching->holders, matching->count, sizeof(*matching->holders), compare_holders);
	return status;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct reconcile_record *)a)->id, ((const struct reconcile_record *)b)->id);
}

struct reconcile_record *reconcile_record_named(const struct reconcile *run, const char *id)
{
	const struct reconcile_record key = {.id = id};

	return id && run->record_count ? bsearch(&key, run->records, run->record_count, sizeof(key), compare_ids) : NULL;
}

static const char *value_of(const struct reconcile_thing *thing, const char *name)
{
	size_t i;

	for (i = 0; i < thing->count; i++)
		if (strcmp(thing->values[i].name, name) == 0 && thing->values[i].count == 1)
			return thing->values[i].texts[0];
	return NULL;
}

/* The record with this value of the key; two of them are none. */
static struct reconcile_record *find_holder(const struct matching *matching, const char *name, struct reconcile_thing *thing)
{
	const struct itsm_field *field = itsm_kind_field(matching->run->map.kind, name);
	const struct holder key = {field ? field->name : "", value_of(thing, field ? field->name : ""), 0};
	const struct holder *found = NULL, *end = matching->holders + matching->count;

	if (key.value && matching->count)
		found = bsearch(&key, matching->holders, matching->count, sizeof(key), compare_holders);
	if (!found)
		return NULL;
	while (found > matching->holders && compare_holders(found - 1, &key) == 0)
		found--;
	if (found + 1 < end && compare_holders(found + 1, &key) == 0) {
		thing->unclear = itsm_arena_printf(matching->run->arena, "%s and %s both have its %s '%s'",
			matching->run->records[found[0].record].id, matching->run->records[found[1].record].id, key.key, key.value);
		return NULL;
	}
	return &matching->run->records[found->record];
}

static struct reconcile_record *find_record(const struct matching *matching, struct reconcile_thing *thing)
{
	const struct itsm_yaml *keys = matching->run->map.keys, *list = NULL;
	struct reconcile_record *record = NULL;
	size_t i;

	if (thing->class_name)
		list = itsm_yaml_get(keys, thing->class_name);
	if (!list)
		list = itsm_yaml_get(keys, "default");
	if (!list)
		return reconcile_record_named(matching->run, thing->id);
	for (i = 0; i < list->count && !record && !thing->unclear; i++)
		record = strcmp(list->items[i]->text, "id") == 0 ? reconcile_record_named(matching->run, thing->id)
			: find_holder(matching, list->items[i]->text, thing);
	return record;
}

static void match(const struct matching *matching, struct reconcile_thing *thing)
{
	struct reconcile_record *record = thing->unclear ? NULL : find_record(matching, thing);

	if (!record) {
		if (!thing->unclear && (record = reconcile_record_named(matching->run, thing->id)) != NULL)
			thing->unclear = itsm_arena_printf(matching->run->arena, "%s is another one by the keys of its class", record->id);
		return;
	}
	if (record->thing) {
		thing->unclear = itsm_arena_printf(matching->run->arena, "%s is '%s' already", record->id, record->thing->name);
		return;
	}
	record->thing = thing;
	thing->record = record;
	thing->id = record->id;
}

static int compare_new(const void *a, const void *b)
{
	return strcmp((*(struct reconcile_thing *const *)a)->id, (*(struct reconcile_thing *const *)b)->id);
}

/* Of several new things that would have one ID none is taken. */
static void refuse_doubles(struct reconcile *run)
{
	struct reconcile_thing **fresh = itsm_arena_alloc(run->arena, (run->thing_count + 1) * sizeof(*fresh));
	size_t count = 0, i;

	for (i = 0; i < run->thing_count; i++)
		if (!run->things[i].record && !run->things[i].unclear)
			fresh[count++] = &run->things[i];
	qsort(fresh, count, sizeof(*fresh), compare_new);
	for (i = 1; i < count; i++) {
		if (compare_new(&fresh[i - 1], &fresh[i]) != 0)
			continue;
		fresh[i]->unclear = itsm_arena_printf(run->arena, "'%s' would have the same ID", fresh[i - 1]->name);
		if (!fresh[i - 1]->unclear)
			fresh[i - 1]->unclear = itsm_arena_printf(run->arena, "'%s' would have the same ID", fresh[i]->name);
	}
}

int reconcile_match(struct reconcile *run, struct itsm_error *err)
{
	struct matching matching = {.run = run};
	size_t i;
	int status;

	gather_fields(&matching);
	if ((status = read_records(&matching, err)) != 0)
		return status;
	for (i = 0; i < run->thing_count; i++)
		match(&matching, &run->things[i]);
	refuse_doubles(run);
	return 0;
}
