/*
 * A kind file's tree as struct itsm_kind. Whether the names in it exist is
 * another question (kind_verify.c), because a desk may add them later.
 */
#include <stddef.h>
#include <string.h>

#include "itsm/file.h"
#include "itsm/id.h"
#include "kind_set.h"

struct raw_kind {
	struct itsm_kind kind;
	const char *file, *filed;
	const struct itsm_yaml *fields, *sections, *states, *transitions, *guards, *checks, *approved;
};

struct raw_check {
	struct itsm_check check;
	const char *severity;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define KEY(type, name, kind, member) { name, kind, offsetof(type, member), 0, false }
#define NEEDED(type, name, kind, member) { name, kind, offsetof(type, member), 0, true }

static const struct kind_key kind_keys[] = {
	NEEDED(struct raw_kind, "kind", KIND_KEY_STRING, kind.name),
	NEEDED(struct raw_kind, "pillar", KIND_KEY_STRING, kind.pillar),
	KEY(struct raw_kind, "help", KIND_KEY_STRING, kind.help),
	KEY(struct raw_kind, "folder", KIND_KEY_STRING, kind.folder),
	KEY(struct raw_kind, "part", KIND_KEY_STRING, kind.part),
	KEY(struct raw_kind, "of", KIND_KEY_LIST, kind.of),
	NEEDED(struct raw_kind, "file", KIND_KEY_STRING, file),
	KEY(struct raw_kind, "filed", KIND_KEY_STRING, filed),
	KEY(struct raw_kind, "prefix", KIND_KEY_STRING, kind.prefix),
	KEY(struct raw_kind, "title", KIND_KEY_STRING, kind.title_field),
	KEY(struct raw_kind, "hidden_when", KIND_KEY_STRING, kind.hidden_when),
	KEY(struct raw_kind, "open", KIND_KEY_BOOL, kind.open),
	KEY(struct raw_kind, "fields", KIND_KEY_NODE, fields),
	KEY(struct raw_kind, "sections", KIND_KEY_NODE, sections),
	KEY(struct raw_kind, "states", KIND_KEY_NODE, states),
	KEY(struct raw_kind, "transitions", KIND_KEY_NODE, transitions),
	KEY(struct raw_kind, "guards", KIND_KEY_NODE, guards),
	KEY(struct raw_kind, "checks", KIND_KEY_NODE, checks),
	KEY(struct raw_kind, "approved", KIND_KEY_NODE, approved),
};

static const struct kind_key section_keys[] = {
	KEY(struct itsm_section, "help", KIND_KEY_STRING, help),
	KEY(struct itsm_section, "required", KIND_KEY_BOOL, required),
	KEY(struct itsm_section, "on_demand", KIND_KEY_BOOL, on_demand),
	KEY(struct itsm_section, "required_in", KIND_KEY_LIST, required_in),
};

static const struct kind_key state_keys[] = {
	KEY(struct itsm_state, "help", KIND_KEY_STRING, help),
	KEY(struct itsm_state, "stamp", KIND_KEY_STRING, stamp),
	KEY(struct itsm_state, "open", KIND_KEY_BOOL, open),
	KEY(struct itsm_state, "down", KIND_KEY_BOOL, down),
	KEY(struct itsm_state, "withdrawn", KIND_KEY_BOOL, withdrawn),
	KEY(struct itsm_state, "initial", KIND_KEY_BOOL, initial),
};

static const struct kind_key transition_keys[] = {
	NEEDED(struct itsm_transition, "from", KIND_KEY_LIST, from),
	NEEDED(struct itsm_transition, "to", KIND_KEY_STRING, to),
	KEY(struct itsm_transition, "help", KIND_KEY_STRING, help),
	KEY(struct itsm_transition, "when", KIND_KEY_STRING, when),
	KEY(struct itsm_transition, "because", KIND_KEY_STRING, because),
};

static const struct kind_key guard_keys[] = {
	NEEDED(struct itsm_guard, "name", KIND_KEY_STRING, name),
	NEEDED(struct itsm_guard, "to", KIND_KEY_LIST, to),
	KEY(struct itsm_guard, "from", KIND_KEY_LIST, from),
	KEY(struct itsm_guard, "when", KIND_KEY_STRING, when),
	NEEDED(struct itsm_guard, "must", KIND_KEY_STRING, must),
	NEEDED(struct itsm_guard, "message", KIND_KEY_STRING, message),
	KEY(struct itsm_guard, "remedy", KIND_KEY_STRING, remedy),
};

static const struct kind_key check_keys[] = {
	NEEDED(struct raw_check, "name", KIND_KEY_STRING, check.name),
	NEEDED(struct raw_check, "must", KIND_KEY_STRING, check.must),
	KEY(struct raw_check, "field", KIND_KEY_STRING, check.field),
	KEY(struct raw_check, "states", KIND_KEY_LIST, check.states),
	KEY(struct raw_check, "severity", KIND_KEY_STRING, severity),
	NEEDED(struct raw_check, "message", KIND_KEY_STRING, check.message),
	KEY(struct raw_check, "remedy", KIND_KEY_STRING, check.remedy),
};

static const struct kind_key approved_keys[] = {
	KEY(struct itsm_kind, "fields", KIND_KEY_LIST, approved_fields),
	KEY(struct itsm_kind, "sections", KIND_KEY_LIST, approved_sections),
	KEY(struct itsm_kind, "never_by", KIND_KEY_LIST, never_by),
};

#define DATA_ERROR(node, err, ...) itsm_error_set_at(err, ITSM_EDATA, (node)->line, (node)->column, __VA_ARGS__)

static int shape(const struct itsm_yaml *node, enum itsm_yaml_type type, const char *what, struct itsm_error *err)
{
	if (node->type == type)
		return ITSM_OK;
	return DATA_ERROR(node, err, "'%s' is no %s", what, type == ITSM_YAML_MAPPING ? "mapping of names" : "list");
}

static int read_sections(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_kind *kind,
	struct itsm_error *err)
{
	int status = shape(node, ITSM_YAML_MAPPING, "sections", err);

	if (status < 0)
		return status;
	kind->sections = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*kind->sections));
	kind->section_count = node->count;
	for (size_t i = 0; i < node->count; i++) {
		if (!*node->keys[i]->text || strchr(node->keys[i]->text, '\n'))
			return DATA_ERROR(node->keys[i], err, "'%s' is no section name", node->keys[i]->text);
		kind->sections[i].name = node->keys[i]->text;
		status = kind_shape_read(arena, node->items[i], section_keys, COUNT(section_keys), "a section",
			&kind->sections[i], err);
		if (status < 0)
			return status;
	}
	return ITSM_OK;
}

static int read_states(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_kind *kind,
	struct itsm_error *err)
{
	int status = shape(node, ITSM_YAML_MAPPING, "states", err);

	if (status < 0)
		return status;
	kind->states = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*kind->states));
	kind->state_count = node->count;
	for (size_t i = 0; i < node->count; i++) {
		if (!kind_shape_is_name(node->keys[i]->text, true))
			return DATA_ERROR(node->keys[i], err,
				"'%s' is no state name: it takes letters, digits, '_' and '-'", node->keys[i]->text);
		kind->states[i].name = node->keys[i]->text;
		status = kind_shape_read(arena, node->items[i], state_keys, COUNT(state_keys), "a state",
			&kind->states[i], err);
		if (status < 0)
			return status;
		if (i == 0)
			kind->states[i].initial = true;
	}
	return ITSM_OK;
}

/* A list of mappings of `size` bytes each. */
static int read_rows(struct itsm_arena *arena, const struct itsm_yaml *node, const struct kind_key *keys,
	size_t keys_count, const char *what, size_t size, void **out, size_t *count, struct itsm_error *err)
{
	int status = shape(node, ITSM_YAML_SEQUENCE, what, err);
	char *rows;

	if (status < 0)
		return status;
	rows = itsm_arena_alloc(arena, (node->count + 1) * size);
	for (size_t i = 0; i < node->count; i++) {
		status = kind_shape_read(arena, node->items[i], keys, keys_count, what, rows + i * size, err);
		if (status < 0)
			return status;
	}
	*out = rows;
	*count = node->count;
	return ITSM_OK;
}

static int read_checks(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_kind *kind,
	struct itsm_error *err)
{
	void *rows;
	const struct raw_check *raw;
	int status = read_rows(arena, node, check_keys, COUNT(check_keys), "checks", sizeof(*raw), &rows,
		&kind->check_count, err);

	if (status < 0)
		return status;
	raw = rows;
	kind->checks = itsm_arena_alloc(arena, (kind->check_count + 1) * sizeof(*kind->checks));
	for (size_t i = 0; i < kind->check_count; i++) {
		kind->checks[i] = raw[i].check;
		if (!raw[i].severity || strcmp(raw[i].severity, "error") == 0)
			kind->checks[i].severity = ITSM_SEVERITY_ERROR;
		else if (strcmp(raw[i].severity, "warning") == 0)
			kind->checks[i].severity = ITSM_SEVERITY_WARNING;
		else if (strcmp(raw[i].severity, "note") == 0)
			kind->checks[i].severity = ITSM_SEVERITY_NOTE;
		else
			return DATA_ERROR(
				node->items[i], err, "'%s' is no severity: error, warning or note", raw[i].severity);
	}
	return ITSM_OK;
}

static int read_rules(
	struct itsm_arena *arena, const struct raw_kind *raw, struct itsm_kind *kind, struct itsm_error *err)
{
	void *rows = NULL;
	int status = ITSM_OK;

	if (raw->transitions)
		status = read_rows(arena, raw->transitions, transition_keys, COUNT(transition_keys), "transitions",
			sizeof(*kind->transitions), &rows, &kind->transition_count, err);
	kind->transitions = rows;
	rows = NULL;
	if (status == ITSM_OK && raw->guards)
		status = read_rows(arena, raw->guards, guard_keys, COUNT(guard_keys), "guards", sizeof(*kind->guards),
			&rows, &kind->guard_count, err);
	kind->guards = rows;
	if (status == ITSM_OK && raw->checks)
		status = read_checks(arena, raw->checks, kind, err);
	if (status == ITSM_OK && raw->approved)
		status = kind_shape_read(
			arena, raw->approved, approved_keys, COUNT(approved_keys), "approved", kind, err);
	return status;
}

/* Not the desk itself, and nothing where it keeps its kinds and rules. */
static bool is_free_folder(const char *folder)
{
	static const char *const taken[] = { "policy/kinds", "policy/rules" };

	for (size_t i = 0; i < COUNT(taken); i++) {
		size_t length = strlen(taken[i]);

		if (strncmp(folder, taken[i], length) == 0 && (folder[length] == '/' || !folder[length]))
			return false;
	}
	return itsm_path_is_safe(folder) && strcmp(folder, "policy") != 0;
}

static bool is_prefix(const char *prefix)
{
	size_t length = strlen(prefix);

	return length >= 2 && length <= 10 && prefix[0] >= 'A' && prefix[0] <= 'Z' &&
		strspn(prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") == length;
}

static int judge_head(const struct itsm_yaml *tree, struct raw_kind *raw, struct itsm_error *err)
{
	struct itsm_kind *kind = &raw->kind;

	if (!kind_shape_is_name(kind->name, false))
		return DATA_ERROR(tree, err, "'%s' is no kind name: it takes letters, digits and '_'", kind->name);
	if (kind_pillar_rank(kind->pillar) < 0)
		return DATA_ERROR(tree, err, "'%s' is no pillar: strategy, design, transition, operation, improvement, "
			"policy or people", kind->pillar);
	if (strcmp(raw->file, "md") != 0 && strcmp(raw->file, "yaml") != 0)
		return DATA_ERROR(tree, err, "'%s' is no sort of file: md or yaml", raw->file);
	if (raw->filed && strcmp(raw->filed, "month") != 0 && strcmp(raw->filed, "slug") != 0)
		return DATA_ERROR(tree, err, "'%s' is no way to file: month or slug", raw->filed);
	if (!kind->folder == !kind->part)
		return DATA_ERROR(tree, err, "kind '%s' needs a folder or a part, not both", kind->name);
	if (kind->folder && !is_free_folder(kind->folder))
		return DATA_ERROR(tree, err, "'%s' cannot be a kind's folder", kind->folder);
	if (kind->part && !itsm_id_is_slug(kind->part))
		return DATA_ERROR(tree, err, "'%s' is no name of a part's folder", kind->part);
	if (kind->prefix && !is_prefix(kind->prefix))
		return DATA_ERROR(tree, err, "'%s' is no prefix: it takes 2 to 10 capitals and digits", kind->prefix);
	if (kind->of && !kind->part)
		return DATA_ERROR(tree, err, "kind '%s': 'of' belongs to a part", kind->name);
	if (raw->sections && strcmp(raw->file, "md") != 0)
		return DATA_ERROR(tree, err, "kind '%s': only Markdown files have sections", kind->name);
	return ITSM_OK;
}

static void collect_columns(const struct itsm_field *fields, size_t count, const struct itsm_field **out, size_t *used)
{
	for (size_t i = 0; i < count; i++) {
		if (fields[i].type == ITSM_TYPE_OBJECT && !fields[i].list)
			collect_columns(fields[i].fields, fields[i].field_count, out, used);
		else if (out)
			out[(*used)++] = &fields[i];
		else
			(*used)++;
	}
}

int kind_read(struct itsm_arena *arena, const struct itsm_yaml *tree, const char *origin, struct kind_box **out,
	struct itsm_error *err)
{
	struct kind_box *box = itsm_arena_alloc(arena, sizeof(*box));
	struct raw_kind raw = { 0 };
	struct itsm_kind *kind = &box->kind;
	int status = kind_shape_read(arena, tree, kind_keys, COUNT(kind_keys), "a kind", &raw, err);

	if (status == ITSM_OK)
		status = judge_head(tree, &raw, err);
	if (status < 0)
		return status;
	*kind = raw.kind;
	kind->help = kind->help ? kind->help : kind->name;
	kind->origin = origin;
	kind->markdown = strcmp(raw.file, "md") == 0;
	kind->by_month = !kind->part && (raw.filed ? strcmp(raw.filed, "month") == 0 : kind->prefix != NULL);
	if (raw.fields)
		status = kind_read_fields(arena, raw.fields, "", &kind->fields, &kind->field_count, err);
	if (status == ITSM_OK && raw.sections)
		status = read_sections(arena, raw.sections, kind, err);
	if (status == ITSM_OK && raw.states)
		status = read_states(arena, raw.states, kind, err);
	if (status == ITSM_OK)
		status = read_rules(arena, &raw, kind, err);
	if (status < 0)
		return status;
	collect_columns(kind->fields, kind->field_count, NULL, &box->column_count);
	box->columns = itsm_arena_alloc(arena, (box->column_count + 1) * sizeof(*box->columns));
	box->column_count = 0;
	collect_columns(kind->fields, kind->field_count, box->columns, &box->column_count);
	*out = box;
	return ITSM_OK;
}
