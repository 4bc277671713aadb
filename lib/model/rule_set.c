/* The set of policy rules: the built-in ones and what a desk has in policy/rules/. */
#include <string.h>

#include "itsm/file.h"
#include "rule_set.h"

static size_t place_of(const struct itsm_rules *rules, const char *name)
{
	size_t at = 0;

	while (at < rules->count && strcmp(rules->items[at]->rule.name, name) < 0)
		at++;
	return at;
}

static void insert(struct itsm_rules *rules, const struct rule_box *box)
{
	size_t at = place_of(rules, box->rule.name);

	if (at < rules->count && strcmp(rules->items[at]->rule.name, box->rule.name) == 0) {
		rules->items[at] = box;
		return;
	}
	itsm_arena_insert(rules->arena, &rules->items, &rules->capacity, &rules->count, at, box);
}

static int add(struct itsm_rules *rules, const char *origin, const char *text, size_t size, struct itsm_error *err)
{
	struct rule_box *box = itsm_arena_alloc(rules->arena, sizeof(*box));
	int status = rule_read(rules->arena, text, size, origin, &box->rule, err);

	if (status < 0)
		return status;
	box->source = itsm_arena_strndup(rules->arena, text, size);
	insert(rules, box);
	return ITSM_OK;
}

int itsm_rules_new(struct itsm_rules **out, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_rules *rules = itsm_arena_alloc(arena, sizeof(*rules));

	(void)err;
	rules->arena = arena;
	for (const struct rule_box *box = rule_builtins; box->source; box++)
		insert(rules, box);
	*out = rules;
	return ITSM_OK;
}

void itsm_rules_free(struct itsm_rules *rules)
{
	if (rules)
		itsm_arena_free(rules->arena);
}

int itsm_rules_add(struct itsm_rules *rules, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	const struct itsm_rule *other;
	struct itsm_rule rule;
	const char *origin = itsm_arena_strdup(rules->arena, path), *name = itsm_file_stem(rules->arena, path);
	int status = rule_read(rules->arena, text, size, origin, &rule, err);

	if (status == ITSM_OK && strcmp(rule.name, name) != 0)
		status = itsm_error_set_at(err, ITSM_EDATA, rule.line, 1,
			"the rule is called '%s', its file '%s'; give both the same name", rule.name, name);
	other = itsm_rules_find(rules, name);
	if (status == ITSM_OK && other && strcmp(other->origin, "built-in") != 0)
		status = itsm_error_set_at(err, ITSM_EDATA, rule.line, 1,
			"%s is the rule '%s' already; keep one of the two files", other->origin, name);
	if (status == ITSM_OK)
		status = add(rules, origin, text, size, err);
	if (status < 0)
		itsm_error_prefix(err, "%s", path);
	return status;
}

size_t itsm_rules_count(const struct itsm_rules *rules)
{
	return rules->count;
}

const struct itsm_rule *itsm_rules_at(const struct itsm_rules *rules, size_t position)
{
	return position < rules->count ? &rules->items[position]->rule : NULL;
}

const struct itsm_rule *itsm_rules_find(const struct itsm_rules *rules, const char *name)
{
	size_t at = place_of(rules, name);

	return at < rules->count && strcmp(rules->items[at]->rule.name, name) == 0 ? &rules->items[at]->rule : NULL;
}

const char *itsm_rules_source(const struct itsm_rule *rule)
{
	return ((const struct rule_box *)(const void *)rule)->source;
}

bool itsm_rule_binds(const struct itsm_rule *rule, const struct itsm_kind *kind, const char *state)
{
	return rule->enabled && !rule->paths && !rule->find && (!rule->kinds || itsm_list_has(rule->kinds, kind->name)) &&
		(!rule->states || !state || itsm_list_has(rule->states, state));
}
