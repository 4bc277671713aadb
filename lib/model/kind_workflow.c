/*
 * Questions to a kind: its fields, states and the ways between them.
 */
#include <string.h>
#include <strings.h>

#include "kind_set.h"

bool itsm_list_has(const char *const *list, const char *name)
{
	for (; list && *list; list++)
		if (strcmp(*list, name) == 0)
			return true;
	return false;
}

static const struct itsm_field *find_field(const struct itsm_field *fields, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++) {
		const struct itsm_field *field = &fields[i];

		if (*field->name == *name && (strcmp(field->name, name) == 0 || strcmp(field->column, name) == 0))
			return field;
		if (field->type == ITSM_TYPE_OBJECT && !field->list) {
			field = find_field(field->fields, field->field_count, name);
			if (field)
				return field;
		}
	}
	return NULL;
}

const struct itsm_field *itsm_kind_field(const struct itsm_kind *kind, const char *name)
{
	return find_field(kind->fields, kind->field_count, name);
}

const struct itsm_field *itsm_kind_free_field(const struct itsm_kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->field_count; i++) {
		const struct itsm_field *field = &kind->fields[i];
		size_t length = strlen(field->name);

		if (field->type == ITSM_TYPE_ANY && !field->list && strncmp(field->name, name, length) == 0 &&
			name[length] == '.' && name[length + 1])
			return field;
	}
	return NULL;
}

const struct itsm_state *itsm_kind_state(const struct itsm_kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->state_count; i++)
		if (strcmp(kind->states[i].name, name) == 0)
			return &kind->states[i];
	return NULL;
}

const struct itsm_section *itsm_kind_section(const struct itsm_kind *kind, const char *name)
{
	for (size_t i = 0; i < kind->section_count; i++)
		if (strcasecmp(kind->sections[i].name, name) == 0)
			return &kind->sections[i];
	return NULL;
}

const struct itsm_field *const *itsm_kind_columns(const struct itsm_kind *kind, size_t *count)
{
	const struct kind_box *box = (const struct kind_box *)(const void *)kind;

	*count = box->column_count;
	return box->columns;
}

const struct itsm_transition *itsm_kind_transition(const struct itsm_kind *kind, const char *from, const char *to)
{
	for (size_t i = 0; i < kind->transition_count; i++)
		if (strcmp(kind->transitions[i].to, to) == 0 && itsm_list_has(kind->transitions[i].from, from))
			return &kind->transitions[i];
	return NULL;
}

static size_t state_position(const struct itsm_kind *kind, const char *name)
{
	size_t i = 0;

	while (i < kind->state_count && strcmp(kind->states[i].name, name) != 0)
		i++;
	return i;
}

bool itsm_kind_reachable(const struct itsm_kind *kind, const char *from, const char *to)
{
	size_t start = state_position(kind, from), goal = state_position(kind, to);
	struct itsm_arena *arena;
	bool *seen, grew = true, found;

	if (start == kind->state_count || goal == kind->state_count)
		return false;
	arena = itsm_arena_new();
	seen = itsm_arena_alloc(arena, kind->state_count * sizeof(*seen));
	seen[start] = true;
	while (grew && !seen[goal]) {
		grew = false;
		for (size_t i = 0; i < kind->transition_count; i++) {
			size_t next = state_position(kind, kind->transitions[i].to);

			if (next == kind->state_count || seen[next])
				continue;
			for (const char *const *name = kind->transitions[i].from; *name && !seen[next]; name++) {
				size_t at = state_position(kind, *name);

				grew |= seen[next] = at < kind->state_count && seen[at];
			}
		}
	}
	found = seen[goal];
	itsm_arena_free(arena);
	return found;
}
