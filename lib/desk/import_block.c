/* Reading what a map says about the records of one kind: which rule fills which place. */
#include <string.h>

#include "import_map.h"
#include "itsm/id.h"

static struct import_target *find_target(struct import_block *block, enum import_role role, const char *name)
{
	size_t i;

	for (i = 0; i < block->target_count; i++) {
		if (block->targets[i].role == role && strcmp(block->targets[i].name, name) == 0)
			return &block->targets[i];
	}
	return NULL;
}

/* A later rule for the same place takes that of the earlier one. */
static struct import_target *put_target(struct import_map *map, struct import_block *block, struct import_target target)
{
	struct import_target *place = find_target(block, target.role, target.name);

	if (!place) {
		itsm_arena_grow(map->arena, &block->targets, &block->target_capacity, block->target_count,
			sizeof(*block->targets));
		place = &block->targets[block->target_count++];
	}
	*place = target;
	return place;
}

static int find_field(const struct itsm_kind *kind, const struct itsm_yaml *node, const char *name,
	const struct itsm_field **out, struct itsm_error *err)
{
	const struct itsm_field *field = itsm_kind_field(kind, name);

	if (!field && !kind->open)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"'%s' is no field of a %s; `itsm schema %s` lists them", name, kind->name, kind->name);
	if (field && (field->type == ITSM_TYPE_OBJECT || field->type == ITSM_TYPE_ANY))
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"'%s' holds more than one text; only fields inside it can be imported", name);
	*out = field;
	return 0;
}

static int read_field(struct import_map *map, const struct itsm_yaml *key, const struct itsm_yaml *node,
	struct import_block *block, struct itsm_error *err)
{
	struct import_target target = {.role = IMPORT_FIELD, .name = key->text};
	int status;

	if (strcmp(key->text, "state") == 0 && block->kind->state_count)
		return itsm_error_set_at(err, ITSM_EDATA, key->line, key->column,
			"'state' is no column; write it as `state:` beside `columns:`");
	if ((status = find_field(block->kind, key, key->text, &target.field, err)) != 0 ||
	    (status = import_rule_read(map, key->text, node, &target.rule, err)) != 0)
		return status;
	if (target.field) {
		target.name = target.field->name;
		status = import_rule_bind(target.rule, block->kind, target.field, err);
	}
	block->take_first = block->take_first || target.rule->take_first;
	put_target(map, block, target);
	return status;
}

static int read_fields(
	struct import_map *map, const struct itsm_yaml *node, struct import_block *block, struct itsm_error *err)
{
	size_t i;
	int status = 0;

	if (node && node->type != ITSM_YAML_MAPPING)
		return itsm_error_set_at(
			err, ITSM_EDATA, node->line, node->column, "no mapping here; write field: column");
	for (i = 0; node && i < node->count && status == 0; i++)
		status = read_field(map, node->keys[i], node->items[i], block, err);
	return status;
}

static int read_state(
	struct import_map *map, const struct itsm_yaml *node, struct import_block *block, struct itsm_error *err)
{
	struct import_target target = {.role = IMPORT_STATE, .name = "state"};
	int status;

	if (!node)
		return 0;
	if (block->kind->state_count == 0)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"a %s has no states; leave `state:` out", block->kind->name);
	if ((status = import_rule_read(map, "state", node, &target.rule, err)) != 0 ||
	    (status = import_rule_bind(target.rule, block->kind, NULL, err)) != 0)
		return status;
	block->take_first = block->take_first || target.rule->take_first;
	put_target(map, block, target);
	return 0;
}

static int read_text(struct import_map *map, enum import_role role, const char *name, const struct itsm_yaml *node,
	struct import_block *block, struct itsm_error *err)
{
	struct import_target target = {.role = role, .name = name};
	int status;

	if (!block->kind->markdown)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"a %s is a YAML file without a body; use fields", block->kind->name);
	if ((status = import_rule_read(map, name, node, &target.rule, err)) != 0)
		return status;
	block->has_body = true;
	block->take_first = block->take_first || target.rule->take_first;
	put_target(map, block, target);
	return 0;
}

static int read_body(
	struct import_map *map, const struct itsm_yaml *node, struct import_block *block, struct itsm_error *err)
{
	const struct itsm_yaml *body = itsm_yaml_get(node, "body"), *sections = itsm_yaml_get(node, "sections");
	size_t i;
	int status = body ? read_text(map, IMPORT_BODY, "body", body, block, err) : 0;

	if (status == 0 && sections && sections->type != ITSM_YAML_MAPPING)
		return itsm_error_set_at(err, ITSM_EDATA, sections->line, sections->column,
			"'sections' is no mapping; write Name: column");
	for (i = 0; sections && i < sections->count && status == 0; i++)
		status = read_text(map, IMPORT_SECTION, sections->keys[i]->text, sections->items[i], block, err);
	return status;
}

int import_block_read(
	struct import_map *map, const struct itsm_yaml *node, struct import_block *block, struct itsm_error *err)
{
	const struct itsm_yaml *id = itsm_yaml_get(node, "id"), *filed = itsm_yaml_get(node, "filed");
	int status;

	if (id && block->kind->prefix)
		return itsm_error_set_at(err, ITSM_EDATA, id->line, id->column,
			"the ID of a %s is made from source and key; leave `id:` out", block->kind->name);
	if ((id && (status = import_rule_read(map, "id", id, &block->id, err)) != 0) ||
	    (status = read_state(map, itsm_yaml_get(node, "state"), block, err)) != 0 ||
	    (status = read_fields(map, itsm_yaml_get(node, "columns"), block, err)) != 0 ||
	    (status = read_body(map, node, block, err)) != 0)
		return status;
	if (block->id)
		block->id->slug = true;
	if (filed) {
		if (filed->type != ITSM_YAML_SCALAR || !find_target(block, IMPORT_FIELD, filed->text))
			return itsm_error_set_at(err, ITSM_EDATA, filed->line, filed->column,
				"'filed' names no field that `columns` fills; name the one whose time picks the month");
		block->filed = (size_t)(find_target(block, IMPORT_FIELD, filed->text) - block->targets);
	}
	return 0;
}

static int add_own_field(struct import_map *map, const struct itsm_yaml *node, struct import_block *block,
	const char *name, const struct import_rule *like, const char *value, struct itsm_error *err)
{
	struct import_target target = {.role = IMPORT_FIELD, .name = name};
	int status = find_field(block->kind, node, name, &target.field, err);

	if (status != 0)
		return status;
	target.rule = itsm_arena_alloc(map->arena, sizeof(*target.rule));
	if (like)
		*target.rule = *like;
	target.rule->name = name;
	target.rule->value = value;
	target.rule->line = node->line;
	target.rule->column = node->column;
	target.rule->memo = (struct import_table){.arena = map->arena};
	if (target.field && (status = import_rule_bind(target.rule, block->kind, target.field, err)) != 0)
		return status;
	put_target(map, block, target);
	return 0;
}

/* Without `filed`: by the time the record is known to begin with. */
static int find_month(const struct itsm_yaml *node, struct import_block *block, struct itsm_error *err)
{
	const struct itsm_kind *kind = block->kind;
	struct import_target *target = find_target(block, IMPORT_FIELD, "opened");
	size_t i;

	if (!kind->by_month || block->filed != IMPORT_NONE)
		return 0;
	for (i = 0; i < kind->field_count && !target; i++) {
		if (kind->fields[i].type == ITSM_TYPE_TIME && kind->fields[i].required)
			target = find_target(block, IMPORT_FIELD, kind->fields[i].name);
	}
	if (!target)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"a %s is filed by month; say with `filed:` which field's time counts", kind->name);
	block->filed = (size_t)(target - block->targets);
	return 0;
}

bool import_default_is_ours(const struct itsm_field *field)
{
	if (!field->default_value)
		return false;
	return (field->type == ITSM_TYPE_TIME && strcmp(field->default_value, "now") == 0) ||
		(field->type == ITSM_TYPE_DATE && strcmp(field->default_value, "today") == 0) ||
		(field->type == ITSM_TYPE_REF && strcmp(field->default_value, "me") == 0);
}

bool import_field_needed(const struct itsm_field *field)
{
	return field->required && field->type != ITSM_TYPE_OBJECT &&
		(!field->default_value || import_default_is_ours(field));
}

static int check_required(const struct itsm_yaml *node, struct import_block *block, struct itsm_error *err)
{
	const struct itsm_kind *kind = block->kind;
	size_t i;

	for (i = 0; i < kind->field_count; i++) {
		const struct itsm_field *field = &kind->fields[i];

		if (import_field_needed(field) && !find_target(block, IMPORT_FIELD, field->name))
			return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
				"a %s needs '%s' and nothing fills it; `%s: {value: ...}` gives every record the same",
				kind->name, field->name, field->name);
	}
	return 0;
}

int import_block_finish(
	struct import_map *map, const struct itsm_yaml *node, struct import_block *block, struct itsm_error *err)
{
	const struct itsm_kind *kind = block->kind;
	struct import_target *state;
	int status;

	if ((status = find_month(node, block, err)) != 0)
		return status;
	if (map->key &&
	    ((status = add_own_field(map, node, block, map->key_field, map->key, NULL, err)) != 0 ||
		    (status = add_own_field(map, node, block, map->source_field, NULL, map->source, err)) != 0))
		return status;
	if (!kind->prefix && !block->id)
		return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column,
			"a %s is known by a name; say with `id:` which column gives it", kind->name);
	if (block->filed != IMPORT_NONE &&
	    (!block->targets[block->filed].field || block->targets[block->filed].field->type != ITSM_TYPE_TIME))
		return itsm_error_set_at(
			err, ITSM_EDATA, node->line, node->column, "'filed' needs a field that holds a time");
	state = find_target(block, IMPORT_STATE, "state");
	block->state = state ? (size_t)(state - block->targets) : IMPORT_NONE;
	return check_required(node, block, err);
}

int import_ensure_read(
	struct import_map *map, const struct itsm_yaml *node, struct import_ensure *ensure, struct itsm_error *err)
{
	static const char *const keys[] = {"kind", "id", "state", "set", NULL};
	const struct itsm_yaml *kind = itsm_yaml_get(node, "kind"), *id = itsm_yaml_get(node, "id");
	struct import_block *block = &ensure->block;
	int status = import_map_keys(node, "ensure", keys, err);

	if (status != 0)
		return status;
	if (!kind || !id)
		return itsm_error_set_at(
			err, ITSM_EDATA, node->line, node->column, "an ensured record needs kind and id");
	block->kind = kind->type == ITSM_YAML_SCALAR ? itsm_kinds_find(map->kinds, kind->text) : NULL;
	if (!block->kind || block->kind->part || block->kind->prefix || block->kind->by_month)
		return itsm_error_set_at(err, ITSM_EDATA, kind->line, kind->column,
			"no kind whose records are known by a name; `itsm kinds` lists the kinds");
	block->filed = IMPORT_NONE;
	ensure->known.arena = map->arena;
	if ((status = import_rule_read(map, "ensure.id", id, &ensure->id, err)) != 0 ||
	    (status = read_state(map, itsm_yaml_get(node, "state"), block, err)) != 0 ||
	    (status = read_fields(map, itsm_yaml_get(node, "set"), block, err)) != 0)
		return status;
	ensure->id->slug = ensure->id->list = true;
	block->id = ensure->id;
	return check_required(node, block, err);
}
