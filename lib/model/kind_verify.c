/*
 * Cross-checks of a finished set: every name that a kind uses must exist.
 */
#include <string.h>
#include <strings.h>

#include "kind_set.h"

/* Names that a view or a table of the index has already. */
static const char *const reserved_kinds[] = { "self", "link", "section", "record", "commit_log", "touch", "impact", "sla", NULL };
static const char *const reserved_columns[] = { "id", "path", "state", "is_open", "record", "body", NULL };

#define REFUSE(...) itsm_error_set(err, ITSM_EDATA, __VA_ARGS__)

static int verify_states(const struct itsm_kind *kind, const char *const *states, const char *what, const char *name,
	struct itsm_error *err)
{
	for (; states && *states; states++)
		if (!itsm_kind_state(kind, *states))
			return REFUSE("%s: %s '%s' names the state '%s', which '%s' does not have", kind->origin, what,
				name, *states, kind->name);
	return ITSM_OK;
}

static int verify_fields(const struct itsm_kinds *kinds, const struct itsm_kind *kind, const struct itsm_field *fields,
	size_t count, struct itsm_error *err)
{
	for (size_t i = 0; i < count; i++) {
		const struct itsm_field *field = &fields[i];
		int status = verify_states(kind, field->required_in, "field", field->name, err);

		if (status == ITSM_OK)
			status = verify_states(kind, field->immutable_in, "field", field->name, err);
		for (const char *const *to = field->to; status == ITSM_OK && to && *to; to++)
			if (!kind_entry_find(kinds, *to))
				status = REFUSE("%s: field '%s' refers to '%s', which is no kind", kind->origin,
					field->name, *to);
		for (const char *const *name = field->follows; status == ITSM_OK && name && *name; name++)
			if (!itsm_kind_field(kind, *name))
				status = REFUSE("%s: field '%s' follows '%s', which '%s' does not have", kind->origin,
					field->name, *name, kind->name);
		if (status == ITSM_OK)
			status = verify_fields(kinds, kind, field->fields, field->field_count, err);
		if (status < 0)
			return status;
	}
	return ITSM_OK;
}

static int verify_columns(const struct itsm_kind *kind, struct itsm_error *err)
{
	size_t count;
	const struct itsm_field *const *columns = itsm_kind_columns(kind, &count);

	for (size_t i = 0; i < count; i++) {
		if (itsm_list_has(reserved_columns, columns[i]->name))
			return REFUSE("%s: '%s' cannot be a field: every record has one; give it another name",
				kind->origin, columns[i]->name);
		if (strcmp(columns[i]->name, "title") == 0 &&
			(!kind->title_field || strcmp(kind->title_field, "title") != 0))
			return REFUSE(
				"%s: the field 'title' is not what names a record; set 'title: title'", kind->origin);
		for (size_t j = 0; j < i; j++)
			if (strcasecmp(columns[i]->column, columns[j]->column) == 0)
				return REFUSE("%s: fields '%s' and '%s' would share the column '%s'", kind->origin,
					columns[j]->name, columns[i]->name, columns[i]->column);
	}
	if (kind->title_field && !itsm_kind_field(kind, kind->title_field))
		return REFUSE("%s: the title field '%s' does not exist", kind->origin, kind->title_field);
	return ITSM_OK;
}

static int verify_body(const struct itsm_kind *kind, struct itsm_error *err)
{
	int status = ITSM_OK;

	for (size_t i = 0; status == ITSM_OK && i < kind->section_count; i++)
		status = verify_states(kind, kind->sections[i].required_in, "section", kind->sections[i].name, err);
	for (size_t i = 0; status == ITSM_OK && i < kind->state_count; i++) {
		const char *stamp = kind->states[i].stamp;
		const struct itsm_field *field = stamp ? itsm_kind_field(kind, stamp) : NULL;

		if (stamp && (!field || field->type != ITSM_TYPE_TIME || field->list))
			status = REFUSE("%s: state '%s' stamps '%s', which is no time field", kind->origin,
				kind->states[i].name, stamp);
	}
	return status;
}

static int verify_transitions(const struct itsm_kind *kind, struct itsm_error *err)
{
	for (size_t i = 0; i < kind->transition_count; i++) {
		const struct itsm_transition *transition = &kind->transitions[i];
		int status = verify_states(kind, transition->from, "a transition to", transition->to, err);

		if (status < 0)
			return status;
		if (!itsm_kind_state(kind, transition->to))
			return REFUSE("%s: a transition leads to the state '%s', which '%s' does not have",
				kind->origin, transition->to, kind->name);
		for (const char *const *from = transition->from; *from; from++)
			if (itsm_kind_transition(kind, *from, transition->to) != transition)
				return REFUSE("%s: there are two transitions '%s -> %s'; remove one", kind->origin,
					*from, transition->to);
	}
	return ITSM_OK;
}

static int verify_rules(const struct itsm_kind *kind, struct itsm_error *err)
{
	int status = ITSM_OK;

	for (size_t i = 0; status == ITSM_OK && i < kind->guard_count; i++) {
		status = verify_states(kind, kind->guards[i].to, "guard", kind->guards[i].name, err);
		if (status == ITSM_OK)
			status = verify_states(kind, kind->guards[i].from, "guard", kind->guards[i].name, err);
		for (size_t j = 0; status == ITSM_OK && j < i; j++)
			if (strcmp(kind->guards[i].name, kind->guards[j].name) == 0)
				status = REFUSE("%s: there are two guards '%s'", kind->origin, kind->guards[i].name);
	}
	for (size_t i = 0; status == ITSM_OK && i < kind->check_count; i++) {
		const struct itsm_check *check = &kind->checks[i];

		status = verify_states(kind, check->states, "check", check->name, err);
		if (status == ITSM_OK && check->field && strcmp(check->field, "state") != 0 &&
		    !itsm_kind_field(kind, check->field))
			status = REFUSE("%s: check '%s' names the field '%s', which '%s' does not have", kind->origin,
				check->name, check->field, kind->name);
		for (size_t j = 0; status == ITSM_OK && j < i; j++)
			if (strcmp(check->name, kind->checks[j].name) == 0)
				status = REFUSE("%s: there are two checks '%s'", kind->origin, check->name);
	}
	return status;
}

static int verify_approved(const struct itsm_kind *kind, struct itsm_error *err)
{
	for (const char *const *name = kind->approved_fields; name && *name; name++)
		if (!itsm_kind_field(kind, *name))
			return REFUSE("%s: the approved field '%s' does not exist", kind->origin, *name);
	for (const char *const *name = kind->approved_sections; name && *name; name++)
		if (!itsm_kind_section(kind, *name))
			return REFUSE("%s: the approved section '%s' does not exist", kind->origin, *name);
	for (const char *const *name = kind->never_by; name && *name; name++)
		if (!itsm_kind_field(kind, *name))
			return REFUSE("%s: the field '%s' of never_by does not exist", kind->origin, *name);
	return ITSM_OK;
}

int kind_verify(const struct itsm_kinds *kinds, const struct itsm_kind *kind, struct itsm_error *err)
{
	int status = verify_fields(kinds, kind, kind->fields, kind->field_count, err);

	for (const char *const *of = kind->of; status == ITSM_OK && of && *of; of++)
		if (!kind_entry_find(kinds, *of))
			status = REFUSE("%s: '%s' is a part of '%s', which is no kind", kind->origin, kind->name, *of);
	if (status == ITSM_OK)
		status = verify_columns(kind, err);
	if (status == ITSM_OK)
		status = verify_body(kind, err);
	if (status == ITSM_OK)
		status = verify_transitions(kind, err);
	if (status == ITSM_OK)
		status = verify_rules(kind, err);
	if (status == ITSM_OK)
		status = verify_approved(kind, err);
	return status;
}

static bool is_inside(const char *folder, const char *other)
{
	size_t length = strlen(other);

	return strncmp(folder, other, length) == 0 && (folder[length] == '/' || !folder[length]);
}

static int verify_pair(const struct itsm_kind *a, const struct itsm_kind *b, struct itsm_error *err)
{
	if (a->prefix && b->prefix && strcmp(a->prefix, b->prefix) == 0)
		return REFUSE("%s: kinds '%s' and '%s' share the prefix '%s'", a->origin, a->name, b->name, a->prefix);
	if (a->part && b->part && strcmp(a->part, b->part) == 0)
		return REFUSE("%s: kinds '%s' and '%s' share the part '%s'", a->origin, a->name, b->name, a->part);
	if (a->folder && b->folder && (is_inside(a->folder, b->folder) || is_inside(b->folder, a->folder)))
		return REFUSE("%s: kinds '%s' and '%s' share the folder '%s'", a->origin, a->name, b->name, a->folder);
	if (strcasecmp(a->name, b->name) == 0)
		return REFUSE("%s: kinds '%s' and '%s' differ only in case", a->origin, a->name, b->name);
	return ITSM_OK;
}

/* Desks' own against all others; the built-in ones were compared when they were built. */
int kind_verify_set(const struct itsm_kinds *kinds, struct itsm_error *err)
{
	int status = ITSM_OK;

	for (size_t i = 0; status == ITSM_OK && i < kinds->count; i++) {
		const struct itsm_kind *kind = kinds->entries[i]->kind;

		if (!kinds->entries[i]->tree)
			continue;
		if (itsm_list_has(reserved_kinds, kind->name) || strncasecmp(kind->name, "sqlite_", 7) == 0 ||
		    strncasecmp(kind->name, "itsm_", 5) == 0)
			status = REFUSE("%s: '%s' cannot be a kind's name: the index has one; give it another",
				kind->origin, kind->name);
		for (size_t j = 0; status == ITSM_OK && j < kinds->count; j++)
			if (j != i)
				status = verify_pair(kind, kinds->entries[j]->kind, err);
	}
	return status;
}
