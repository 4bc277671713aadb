/* The lines under a rule's `approvals`: who is asked, how many of them, by which witness. */
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "itsm/time.h"
#include "kind_set.h"
#include "rule_set.h"

#define COUNT_MAX 1000
#define DATA_ERROR(node, err, ...) itsm_error_set_at(err, ITSM_EDATA, (node)->line, (node)->column, __VA_ARGS__)

struct raw_approval {
	const char *person, *team, *role, *field, *count, *when, *since, *within;
	const char *const *witness;
	bool anyone;
	const struct itsm_yaml *independent;
};

#define KEY(name, kind, member) { name, kind, offsetof(struct raw_approval, member), 0, false }

static const struct kind_key keys[] = {
	KEY("person", KIND_KEY_STRING, person),
	KEY("team", KIND_KEY_STRING, team),
	KEY("role", KIND_KEY_STRING, role),
	KEY("field", KIND_KEY_STRING, field),
	KEY("anyone", KIND_KEY_BOOL, anyone),
	KEY("count", KIND_KEY_STRING, count),
	KEY("when", KIND_KEY_STRING, when),
	KEY("since", KIND_KEY_STRING, since),
	KEY("within", KIND_KEY_STRING, within),
	KEY("witness", KIND_KEY_LIST, witness),
	KEY("independent", KIND_KEY_NODE, independent),
};

static int read_candidates(const struct itsm_yaml *node, const struct raw_approval *raw, struct itsm_approval_rule *out,
	struct itsm_error *err)
{
	const char *const names[] = { raw->person, raw->team, raw->role, raw->field };
	size_t given = raw->anyone;

	out->candidates = ITSM_CANDIDATES_ANYONE;
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		if (!names[i])
			continue;
		given++;
		out->name = names[i];
		out->candidates = (enum itsm_candidates)i;
	}
	if (given != 1)
		return DATA_ERROR(node, err, "an approval names one of person, team, role, field or anyone");
	return ITSM_OK;
}

/* "2", "any", "all", "50 %". */
static int read_quorum(const struct itsm_yaml *node, const char *text, struct itsm_approval_rule *out,
	struct itsm_error *err)
{
	char *end;
	long number;

	out->quorum = ITSM_QUORUM_COUNT;
	out->number = 1;
	if (!text || strcmp(text, "any") == 0)
		return ITSM_OK;
	if (strcmp(text, "all") == 0) {
		out->quorum = ITSM_QUORUM_ALL;
		return ITSM_OK;
	}
	number = strtol(text, &end, 10);
	if (end != text && *text >= '0' && *text <= '9') {
		bool percent;

		end += strspn(end, " ");
		percent = strcmp(end, "%") == 0;
		if (number >= 1 && number <= (percent ? 100 : COUNT_MAX) && (percent || !*end)) {
			out->quorum = percent ? ITSM_QUORUM_PERCENT : ITSM_QUORUM_COUNT;
			out->number = number;
			return ITSM_OK;
		}
	}
	return DATA_ERROR(itsm_yaml_get(node, "count"), err, "'%s' is no count: a number, any, all, or \"50 %%\"", text);
}

static int read_witnesses(const struct itsm_yaml *node, const char *const *names, struct itsm_approval_rule *out,
	struct itsm_error *err)
{
	static const char *const known[] = { "signature", "forge", "commit" };

	out->witnesses = names ? 0 : ITSM_WITNESS_SIGNATURE | ITSM_WITNESS_FORGE | ITSM_WITNESS_COMMIT;
	for (; names && *names; names++) {
		size_t i = 0;

		while (i < 3 && strcmp(known[i], *names) != 0)
			i++;
		if (i == 3)
			return DATA_ERROR(itsm_yaml_get(node, "witness"), err,
				"'%s' is no witness; there are signature, forge and commit", *names);
		out->witnesses |= 1u << i;
	}
	return ITSM_OK;
}

static int read_rest(const struct itsm_yaml *node, const struct raw_approval *raw, struct itsm_approval_rule *out,
	struct itsm_error *err)
{
	const struct itsm_yaml *independent = raw->independent;

	out->independent = true;
	if (independent) {
		if (independent->type != ITSM_YAML_SCALAR ||
			(strcmp(independent->text, "true") != 0 && strcmp(independent->text, "false") != 0))
			return DATA_ERROR(independent, err, "'independent' is no true or false");
		out->independent = *independent->text == 't';
	}
	if (raw->within && (!itsm_duration_parse(raw->within, &out->within) || out->within <= 0))
		return DATA_ERROR(itsm_yaml_get(node, "within"), err, "'within' is no duration, such as 24h: %s",
			raw->within);
	if (raw->within && !raw->since)
		return DATA_ERROR(itsm_yaml_get(node, "within"), err, "'within' needs 'since', a state");
	out->when = raw->when;
	out->since = raw->since;
	return ITSM_OK;
}

int rule_read_approvals(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_rule *rule,
	struct itsm_error *err)
{
	struct itsm_approval_rule *list;

	if (node->type != ITSM_YAML_SEQUENCE || node->count == 0)
		return DATA_ERROR(node, err, "'approvals' is no list of who has to approve");
	list = itsm_arena_alloc(arena, node->count * sizeof(*list));
	for (size_t i = 0; i < node->count; i++) {
		const struct itsm_yaml *item = node->items[i];
		struct raw_approval raw = { 0 };
		int status = kind_shape_read(arena, item, keys, sizeof(keys) / sizeof(keys[0]), "an approval", &raw, err);

		if (status < 0 || (status = read_candidates(item, &raw, &list[i], err)) < 0 ||
			(status = read_quorum(item, raw.count, &list[i], err)) < 0 ||
			(status = read_witnesses(item, raw.witness, &list[i], err)) < 0 ||
			(status = read_rest(item, &raw, &list[i], err)) < 0)
			return status;
	}
	rule->approvals = list;
	rule->approval_count = node->count;
	return ITSM_OK;
}
