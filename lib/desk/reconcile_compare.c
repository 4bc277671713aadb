/* What differs between what is declared and what was found, field by field. */
#include <stdlib.h>
#include <string.h>

#include "reconcile.h"

void reconcile_add(struct reconcile *run, enum itsm_drift_sort sort, const struct reconcile_thing *thing,
	const struct reconcile_record *record, const char *reason)
{
	struct itsm_drift *drift;

	itsm_arena_grow(run->arena, &run->drifts, &run->drift_capacity, run->drift_count, sizeof(*run->drifts));
	drift = &run->drifts[run->drift_count++];
	*drift = (struct itsm_drift){.sort = sort, .reason = reason};
	drift->id = record ? record->id : thing->id ? thing->id : thing->name;
	drift->class_name = thing && thing->class_name ? thing->class_name : record ? record->class_name : NULL;
	if (thing && (sort == ITSM_DRIFT_EXTRA || sort == ITSM_DRIFT_DIFFERING)) {
		drift->fields = thing->fields;
		drift->count = thing->field_count;
	}
}

static int exists(struct reconcile *run, const char *id, struct itsm_error *err)
{
	const struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = id};
	struct itsm_query *query;
	int status = itsm_query_open(run->index, "SELECT 1 FROM record WHERE id = ?1", &value, 1, &query, err);

	if (status != 0)
		return status;
	status = itsm_query_next(query, err);
	itsm_query_free(query);
	return status;
}

/* The record that a reference means; NULL in `out` when there is none. */
static int resolve(struct reconcile *run, const char *text, const char **out, struct itsm_error *err)
{
	const struct reconcile_thing *thing = reconcile_thing_named(run, text);
	int there = 1;

	*out = NULL;
	if (thing && !thing->unclear)
		*out = thing->id;
	else if (!reconcile_record_named(run, text))
		there = exists(run, text, err);
	if (!*out && there > 0)
		*out = text;
	return there < 0 ? there : 0;
}

static int resolve_all(struct reconcile *run, const struct reconcile_thing *thing, struct reconcile_value *value,
	struct itsm_error *err)
{
	size_t i, kept = 0;

	for (i = 0; i < value->count; i++) {
		const char *id;
		int status = resolve(run, value->texts[i], &id, err);

		if (status != 0)
			return status;
		if (id)
			value->texts[kept++] = id;
		else
			reconcile_add(run, ITSM_DRIFT_DANGLING, thing, thing->record,
				itsm_arena_printf(run->arena, "%s: '%s' is neither found nor declared", value->name, value->texts[i]));
	}
	value->count = kept;
	return 0;
}

/* The text that two spellings of one value share; NULL when the field can't take it. */
static const char *normal(struct reconcile *run, const struct itsm_field *field, const char *text, const char **why)
{
	struct itsm_error cause = {0};
	struct itsm_value value;

	if (!field)
		return text;
	if (itsm_field_value(field, text, run->arena, &value, &cause) != 0) {
		*why = itsm_arena_printf(run->arena, "%s: %s", field->name, cause.message);
		return NULL;
	}
	switch (value.type) {
	case ITSM_VALUE_INTEGER:
	case ITSM_VALUE_BOOLEAN:
		return itsm_arena_printf(run->arena, "%lld", (long long)value.integer);
	case ITSM_VALUE_REAL:
		return itsm_arena_printf(run->arena, "%.15g", value.real);
	default:
		return value.text ? itsm_arena_strdup(run->arena, value.text) : text;
	}
}

static int compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sorted, each once. */
static size_t order(const char **texts, size_t count)
{
	size_t i, kept = 0;

	if (count)
		qsort(texts, count, sizeof(*texts), compare_texts);
	for (i = 0; i < count; i++)
		if (!kept || strcmp(texts[kept - 1], texts[i]) != 0)
			texts[kept++] = texts[i];
	return kept;
}

/* The values that a record declares, as they stand. */
static size_t declared_texts(struct reconcile *run, const struct itsm_record *record, const char *name, const char ***out)
{
	const struct itsm_yaml *node = itsm_record_field(record, name);
	size_t count = 0, i;

	*out = itsm_arena_alloc(run->arena, ((node ? node->count : 0) + 1) * sizeof(**out));
	if (node && node->type == ITSM_YAML_SCALAR)
		(*out)[count++] = node->text;
	for (i = 0; node && node->type == ITSM_YAML_SEQUENCE && i < node->count; i++)
		if (node->items[i]->type == ITSM_YAML_SCALAR)
			(*out)[count++] = node->items[i]->text;
	return count;
}

/* Lists are compared as sets: 1 equal, 0 not, -1 what was found can't be taken. */
static int is_equal(struct reconcile *run, const struct reconcile_value *value, const char *const *declared, size_t count,
	const char **why)
{
	const char **one = itsm_arena_alloc(run->arena, (value->count + 1) * sizeof(*one));
	const char **other = itsm_arena_alloc(run->arena, (count + 1) * sizeof(*other));
	const char *ignored;
	size_t i, one_count, other_count;

	for (i = 0; i < value->count; i++)
		if ((one[i] = normal(run, value->field, value->texts[i], why)) == NULL)
			return -1;
	for (i = 0; i < count; i++)
		if ((other[i] = normal(run, value->field, declared[i], &ignored)) == NULL)
			return 0;
	one_count = order(one, value->count);
	other_count = order(other, count);
	for (i = 0; one_count == other_count && i < one_count && strcmp(one[i], other[i]) == 0; i++)
		;
	return one_count == other_count && i == one_count;
}

static const char *shown(struct reconcile *run, const struct reconcile_value *value, const char *const *texts, size_t count)
{
	struct itsm_yaml *items, **list, node = {.type = ITSM_YAML_SEQUENCE, .count = count};
	struct itsm_buffer json = {0};
	const char *text;
	size_t i;

	if (!value->field || !value->field->list)
		return count ? texts[0] : NULL;
	items = itsm_arena_alloc(run->arena, (count + 1) * sizeof(*items));
	list = itsm_arena_alloc(run->arena, (count + 1) * sizeof(*list));
	for (i = 0; i < count; i++) {
		items[i] = (struct itsm_yaml){.style = ITSM_YAML_DOUBLE_QUOTED, .text = texts[i]};
		list[i] = &items[i];
	}
	node.items = list;
	itsm_yaml_json(&node, NULL, &json);
	text = count ? itsm_arena_strdup(run->arena, json.data) : NULL;
	itsm_buffer_free(&json);
	return text;
}

static bool is_text(const struct itsm_field *field)
{
	return !field || field->type == ITSM_TYPE_STRING || field->type == ITSM_TYPE_TEXT || field->type == ITSM_TYPE_ENUM;
}

static int compare_value(struct reconcile *run, struct reconcile_thing *thing, const struct reconcile_value *value,
	struct itsm_difference *difference, struct itsm_edit *edit)
{
	const struct itsm_record *record = thing->record ? thing->record->record : NULL;
	const char **declared = NULL, *why = NULL;
	size_t count = record ? declared_texts(run, record, value->name, &declared) : 0;
	int equal = is_equal(run, value, declared, count, &why);

	if (equal < 0)
		thing->unclear = why;
	if (equal != 0)
		return 0;
	*difference = (struct itsm_difference){.field = value->name, .old_text = shown(run, value, declared, count),
		.new_text = shown(run, value, value->texts, value->count)};
	if (record)
		difference->line = itsm_record_line(record, value->name, NULL);
	*edit = (struct itsm_edit){.operation = value->count ? ITSM_EDIT_SET : ITSM_EDIT_UNSET, .field = value->name,
		.values = value->texts, .count = value->count, .list = value->field && value->field->list,
		.text = is_text(value->field)};
	return 1;
}

static int read_declared(struct reconcile *run, struct reconcile_record *record, struct itsm_error *err)
{
	struct itsm_findings findings;
	struct itsm_record *read = NULL;
	struct itsm_hit hit;
	int status;

	itsm_findings_init(&findings, run->arena);
	status = itsm_index_find(run->index, run->arena, record->id, run->map.kind->name, &hit, err);
	if (status == 0)
		status = itsm_desk_read_blob(run->desk, run->arena, run->desk->kinds, hit.path, &hit.blob, &read, &findings, err);
	if (status == 0 && !read)
		record->thing->unclear = "its record can't be read; see `itsm check`";
	record->record = read;
	return status;
}

static int compare_thing(struct reconcile *run, struct reconcile_thing *thing, struct itsm_error *err)
{
	struct itsm_difference *differences = itsm_arena_alloc(run->arena, (thing->count + 1) * sizeof(*differences));
	size_t i;
	int status = thing->record ? read_declared(run, thing->record, err) : 0;

	thing->fields = differences;
	thing->edits = itsm_arena_alloc(run->arena, (thing->count + 5) * sizeof(*thing->edits));
	for (i = 0; i < thing->count && status == 0 && !thing->unclear; i++) {
		const struct itsm_field *field = thing->values[i].field;

		if (field && field->type == ITSM_TYPE_REF)
			status = resolve_all(run, thing, &thing->values[i], err);
		if (status == 0 && compare_value(run, thing, &thing->values[i], &differences[thing->field_count],
			&thing->edits[thing->field_count]))
			thing->field_count++;
	}
	return status;
}

static void tell_thing(struct reconcile *run, const struct reconcile_thing *thing)
{
	struct itsm_reconcile_result *result = run->result;

	if (thing->unclear)
		reconcile_add(run, ITSM_DRIFT_UNCLEAR, thing, thing->record, thing->unclear);
	else if (!thing->record)
		reconcile_add(run, ITSM_DRIFT_EXTRA, thing, NULL, NULL);
	else if (thing->field_count)
		reconcile_add(run, ITSM_DRIFT_DIFFERING, thing, thing->record, NULL);
	else
		result->same++;
}

static int compare_drifts(const void *a, const void *b)
{
	const struct itsm_drift *one = a, *other = b;
	int order = strcmp(one->id, other->id);

	if (one->sort != other->sort)
		return one->sort < other->sort ? -1 : 1;
	return order ? order : strcmp(one->reason ? one->reason : "", other->reason ? other->reason : "");
}

static void count_drifts(struct reconcile *run)
{
	size_t *const counts[] = {
		[ITSM_DRIFT_MISSING] = &run->result->missing,
		[ITSM_DRIFT_EXTRA] = &run->result->extra,
		[ITSM_DRIFT_DIFFERING] = &run->result->differing,
		[ITSM_DRIFT_DANGLING] = &run->result->dangling,
		[ITSM_DRIFT_UNCLEAR] = &run->result->unclear,
	};
	size_t i;

	for (i = 0; i < run->drift_count; i++)
		++*counts[run->drifts[i].sort];
}

int reconcile_compare(struct reconcile *run, struct itsm_error *err)
{
	size_t i;
	int status = 0;

	for (i = 0; i < run->thing_count && status == 0; i++) {
		if (!run->things[i].unclear)
			status = compare_thing(run, &run->things[i], err);
		tell_thing(run, &run->things[i]);
	}
	for (i = 0; i < run->record_count && status == 0; i++)
		if (run->records[i].expected && !run->records[i].thing)
			reconcile_add(run, ITSM_DRIFT_MISSING, NULL, &run->records[i], NULL);
	if (run->drift_count)
		qsort(run->drifts, run->drift_count, sizeof(*run->drifts), compare_drifts);
	count_drifts(run);
	return status;
}
