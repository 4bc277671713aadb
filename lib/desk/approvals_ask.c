/*
 * Whom a requirement means. A team is its members, a role those whose `roles`
 * name it, a field whoever it leads to: all as the policy commit has them.
 * What is new in a proposal leads nowhere.
 */
#include <strings.h>
#include <string.h>

#include "approvals.h"

#define HOPS 4 /* of a path such as services.owner */

struct names {
	struct itsm_arena *arena;
	const char **items;    /* NULL-terminated all the time */
	size_t count, capacity;
};

static void add_name(struct names *names, const char *name)
{
	for (size_t i = 0; i < names->count; i++) {
		if (strcmp(names->items[i], name) == 0)
			return;
	}
	names->items[names->count++] = itsm_arena_strdup(names->arena, name);
	itsm_arena_grow(names->arena, &names->items, &names->capacity, names->count, sizeof(*names->items));
	names->items[names->count] = NULL;
}

static int add_team(struct approvals_case *judged, const char *id, struct names *names)
{
	const struct roster_team *team;
	int status = roster_team(judged->approvals->roster, id, &team, judged->err);

	for (size_t i = 0; status == 0 && team && team->active && team->members[i]; i++)
		add_name(names, team->members[i]);
	return status;
}

static int add_everybody(struct approvals_case *judged, const char *role, struct names *names)
{
	const struct roster_person *const *people;
	size_t count;
	int status = roster_everybody(judged->approvals->roster, &people, &count, judged->err);

	for (size_t i = 0; status == 0 && i < count; i++) {
		if (people[i]->active && (!role || itsm_list_has(people[i]->roles, role)))
			add_name(names, people[i]->id);
	}
	return status;
}

/* An ID that a field holds: a person, or a team. */
static int add_target(struct approvals_case *judged, const char *id, struct names *names)
{
	const struct roster_person *person;
	int status = roster_person(judged->approvals->roster, id, &person, judged->err);

	if (status != 0)
		return status;
	if (!person)
		return add_team(judged, id, names);
	add_name(names, person->id);
	return 0;
}

static int follow(struct approvals_case *judged, const struct itsm_record *record, const char *path, int hops, struct names *names);

static int follow_value(struct approvals_case *judged, const struct itsm_field *field, const char *id, const char *rest, int hops,
	struct names *names)
{
	const struct itsm_record *target;
	int status;

	if (!rest)
		return add_target(judged, id, names);
	status = roster_record(judged->approvals->roster, id, field->to, &target, judged->err);
	return status || !target ? status : follow(judged, target, rest, hops - 1, names);
}

/* `owner` is a field of the record; `services.owner` that of each record that `services` names. */
static int follow(struct approvals_case *judged, const struct itsm_record *record, const char *path, int hops, struct names *names)
{
	const char *name = path, *rest = NULL, *dot;
	const struct itsm_field *field = itsm_kind_field(record->kind, path);
	const struct itsm_yaml *value;
	int status = 0;

	if (!field && (dot = strchr(path, '.')) != NULL) {
		name = itsm_arena_strndup(judged->arena, path, (size_t)(dot - path));
		rest = dot + 1;
		field = itsm_kind_field(record->kind, name);
	}
	if (!field || field->type != ITSM_TYPE_REF || hops == 0)
		return 0;
	value = itsm_record_field(record, name);
	if (value && value->type == ITSM_YAML_SCALAR)
		return follow_value(judged, field, value->text, rest, hops, names);
	for (size_t i = 0; value && value->type == ITSM_YAML_SEQUENCE && i < value->count && status == 0; i++) {
		if (value->items[i]->type == ITSM_YAML_SCALAR)
			status = follow_value(judged, field, value->items[i]->text, rest, hops, names);
	}
	return status;
}

static int resolve(struct approvals_case *judged, const struct itsm_approval_rule *rule, struct names *names)
{
	switch (rule->candidates) {
	case ITSM_CANDIDATES_PERSON:
		add_name(names, rule->name);
		return 0;
	case ITSM_CANDIDATES_TEAM:
		return add_team(judged, rule->name, names);
	case ITSM_CANDIDATES_ROLE:
		return add_everybody(judged, rule->name, names);
	case ITSM_CANDIDATES_FIELD:
		return follow(judged, judged->record, rule->name, HOPS, names);
	case ITSM_CANDIDATES_ANYONE:
		return add_everybody(judged, NULL, names);
	}
	return 0;
}

/* Does a field that the kind names, or the author's mail address, make it this person's own change? */
static bool is_own(const struct approvals_case *judged, const struct roster_person *person)
{
	static const char *const usual[] = {"requester", "implementer", NULL};
	const char *const *fields = judged->record->kind->never_by ? judged->record->kind->never_by : usual;

	for (size_t i = 0; person && judged->out->authors && judged->out->authors[i]; i++) {
		if (roster_has(person->mails, judged->out->authors[i]))
			return true;
	}
	for (size_t i = 0; person && fields[i]; i++) {
		const struct itsm_yaml *value = itsm_record_field(judged->record, fields[i]);

		if (value && value->type == ITSM_YAML_SCALAR && strcmp(value->text, person->id) == 0)
			return true;
		for (size_t k = 0; value && value->type == ITSM_YAML_SEQUENCE && k < value->count; k++) {
			if (value->items[k]->type == ITSM_YAML_SCALAR && strcmp(value->items[k]->text, person->id) == 0)
				return true;
		}
	}
	return false;
}

int approvals_find(struct approvals_case *judged, const char *id, struct approvals_person **out)
{
	const struct roster_person *known;
	struct approvals_person *person;
	int status;

	for (size_t i = 0; i < judged->people_count; i++) {
		if (strcmp(judged->people[i].id, id) == 0) {
			*out = &judged->people[i];
			return 0;
		}
	}
	if ((status = roster_person(judged->approvals->roster, id, &known, judged->err)) != 0)
		return status;
	itsm_arena_grow(judged->arena, &judged->people, &judged->people_capacity, judged->people_count, sizeof(*judged->people));
	person = &judged->people[judged->people_count++];
	*person = (struct approvals_person){known, itsm_arena_strdup(judged->arena, id), is_own(judged, known)};
	*out = person;
	return 0;
}

static int add_delegations(struct approvals_case *judged, const char *id)
{
	struct approvals_person *person, *delegate;
	const struct roster_person *known;
	int status = approvals_find(judged, id, &person);

	known = status == 0 ? person->known : NULL;
	for (size_t i = 0; status == 0 && known && i < known->delegate_count; i++) {
		const struct roster_delegate *from = &known->delegates[i];

		itsm_arena_grow(judged->arena, &judged->delegations, &judged->delegation_capacity, judged->delegation_count,
			sizeof(*judged->delegations));
		judged->delegations[judged->delegation_count++] =
			(struct itsm_quorum_delegation){known->id, from->to, from->begin, from->end, from->roles};
		status = approvals_find(judged, from->to, &delegate);
	}
	return status;
}

int approvals_resolve(struct approvals_case *judged)
{
	int status = 0;

	judged->asked = itsm_arena_alloc(judged->arena, (judged->ask_count + 1) * sizeof(*judged->asked));
	for (size_t i = 0; i < judged->ask_count && status == 0; i++) {
		struct names names = {.arena = judged->arena};

		itsm_arena_grow(judged->arena, &names.items, &names.capacity, 0, sizeof(*names.items));
		names.items[0] = NULL;
		status = resolve(judged, judged->asks[i].approval, &names);
		judged->asked[i] = names.items;
	}
	for (size_t i = 0; i < judged->ask_count; i++) {
		for (size_t k = 0; status == 0 && judged->asked[i][k]; k++)
			status = add_delegations(judged, judged->asked[i][k]);
	}
	return status;
}

bool approvals_asks(const struct approvals_case *judged, size_t ask, const char *person)
{
	const char *const *asked = judged->asked[ask];

	if (itsm_list_has(asked, person))
		return true;
	for (size_t i = 0; i < judged->delegation_count; i++) {
		if (strcmp(judged->delegations[i].to, person) == 0 && itsm_list_has(asked, judged->delegations[i].from))
			return true;
	}
	return false;
}

const char *approvals_whom(struct itsm_arena *arena, const struct itsm_approval_rule *rule)
{
	static const char *const kinds[] = {
		[ITSM_CANDIDATES_PERSON] = "", [ITSM_CANDIDATES_TEAM] = "team ", [ITSM_CANDIDATES_ROLE] = "role ",
		[ITSM_CANDIDATES_FIELD] = "field ", [ITSM_CANDIDATES_ANYONE] = "",
	};
	const char *name = rule->name ? rule->name : "anyone", *kind = kinds[rule->candidates];

	if (rule->candidates == ITSM_CANDIDATES_PERSON)
		return itsm_arena_strdup(arena, name);
	if (rule->quorum == ITSM_QUORUM_ALL)
		return itsm_arena_printf(arena, "all of %s%s", kind, name);
	return itsm_arena_printf(arena, "%lld%s of %s%s", (long long)rule->number, rule->quorum == ITSM_QUORUM_PERCENT ? " %" : "", kind, name);
}
