/* A policy rule's YAML as struct itsm_rule; the form is told in itsm/rule.h. */
#include <stddef.h>
#include <string.h>

#include "itsm/time.h"
#include "kind_set.h"
#include "rule_set.h"

struct raw_rule {
	struct itsm_rule rule;
	const char *severity;
	const struct itsm_yaml *require;
};

struct raw_require {
	const char *const *fields, *const *sections, *const *change, *const *except;
	const struct itsm_yaml *approvals;
	const char *recorded, *author, *unchanged;
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define RULE(name, kind, member) { name, kind, offsetof(struct raw_rule, member), 0, false }
#define REQUIRE(name, kind, member) { name, kind, offsetof(struct raw_require, member), 0, false }
#define DATA_ERROR(node, err, ...) itsm_error_set_at(err, ITSM_EDATA, (node)->line, (node)->column, __VA_ARGS__)

static const struct kind_key rule_keys[] = {
	{ "name", KIND_KEY_STRING, offsetof(struct raw_rule, rule.name), 0, true },
	RULE("help", KIND_KEY_STRING, rule.help),
	RULE("severity", KIND_KEY_STRING, severity),
	RULE("kinds", KIND_KEY_LIST, rule.kinds),
	RULE("states", KIND_KEY_LIST, rule.states),
	RULE("paths", KIND_KEY_LIST, rule.paths),
	RULE("from", KIND_KEY_STRING, rule.from),
	RULE("enabled", KIND_KEY_BOOL, rule.enabled),
	RULE("when", KIND_KEY_STRING, rule.when),
	RULE("must", KIND_KEY_STRING, rule.must),
	RULE("find", KIND_KEY_STRING, rule.find),
	RULE("about", KIND_KEY_LIST, rule.about),
	RULE("message", KIND_KEY_STRING, rule.message),
	RULE("detail", KIND_KEY_STRING, rule.detail),
	RULE("remedy", KIND_KEY_STRING, rule.remedy),
	RULE("require", KIND_KEY_NODE, require),
};

static const struct kind_key require_keys[] = {
	REQUIRE("fields", KIND_KEY_LIST, fields),
	REQUIRE("sections", KIND_KEY_LIST, sections),
	REQUIRE("approvals", KIND_KEY_NODE, approvals),
	REQUIRE("change", KIND_KEY_LIST, change),
	REQUIRE("recorded", KIND_KEY_STRING, recorded),
	REQUIRE("author", KIND_KEY_STRING, author),
	REQUIRE("unchanged", KIND_KEY_STRING, unchanged),
	REQUIRE("except", KIND_KEY_LIST, except),
};

static int read_severity(const struct itsm_yaml *tree, struct raw_rule *raw, struct itsm_error *err)
{
	int severity = ITSM_SEVERITY_ERROR;

	while (raw->severity && severity <= ITSM_SEVERITY_NOTE &&
		strcmp(itsm_severity_name((enum itsm_severity)severity), raw->severity) != 0)
		severity++;
	if (severity > ITSM_SEVERITY_NOTE)
		return DATA_ERROR(itsm_yaml_get(tree, "severity"), err,
			"'%s' is no severity; there are error, warning and note", raw->severity);
	raw->rule.severity = (enum itsm_severity)severity;
	return ITSM_OK;
}

static int read_recorded(const struct itsm_yaml *node, const char *text, int64_t *out, struct itsm_error *err)
{
	if (!text)
		return ITSM_OK;
	if (!itsm_duration_parse(text, out) || *out <= 0)
		return DATA_ERROR(itsm_yaml_get(node, "recorded"), err, "'%s' is no duration, such as 15m", text);
	return ITSM_OK;
}

static int read_unchanged(const struct itsm_yaml *node, const struct raw_require *raw, struct itsm_rule *rule,
	struct itsm_error *err)
{
	if (raw->except && !raw->unchanged)
		return DATA_ERROR(itsm_yaml_get(node, "except"), err, "'except' needs 'unchanged'");
	if (!raw->unchanged)
		return ITSM_OK;
	if (strcmp(raw->unchanged, "always") != 0 && strcmp(raw->unchanged, "closed") != 0)
		return DATA_ERROR(itsm_yaml_get(node, "unchanged"), err, "'unchanged' is always or closed, not '%s'",
			raw->unchanged);
	rule->unchanged = *raw->unchanged == 'a' ? ITSM_UNCHANGED_ALWAYS : ITSM_UNCHANGED_CLOSED;
	return ITSM_OK;
}

static int read_require(struct itsm_arena *arena, const struct itsm_yaml *node, struct itsm_rule *rule,
	struct itsm_error *err)
{
	struct raw_require raw = { 0 };
	int status = kind_shape_read(arena, node, require_keys, COUNT(require_keys), "'require'", &raw, err);

	if (status == ITSM_OK && raw.approvals)
		status = rule_read_approvals(arena, raw.approvals, rule, err);
	if (status < 0 || (status = read_recorded(node, raw.recorded, &rule->recorded, err)) < 0 ||
		(status = read_unchanged(node, &raw, rule, err)) < 0)
		return status;
	rule->fields = raw.fields;
	rule->sections = raw.sections;
	rule->change = raw.change;
	rule->author = raw.author;
	rule->except = raw.except;
	return ITSM_OK;
}

static bool asks_of_record(const struct itsm_rule *rule)
{
	return rule->must || rule->fields || rule->sections || rule->approval_count;
}

static bool asks_of_history(const struct itsm_rule *rule)
{
	return rule->recorded || rule->author || rule->unchanged != ITSM_UNCHANGED_NOT_ASKED;
}

/* What goes together and what does not. */
static int verify(const struct itsm_yaml *tree, const struct itsm_rule *rule, struct itsm_error *err)
{
	if (!kind_shape_is_name(rule->name, true))
		return DATA_ERROR(itsm_yaml_get(tree, "name"), err,
			"'%s' is no name of a rule: letters, digits, '_' and '-'", rule->name);
	if (rule->from && !itsm_date_parse(rule->from, NULL))
		return DATA_ERROR(itsm_yaml_get(tree, "from"), err, "'%s' is no date, such as 2026-01-31", rule->from);
	if (!rule->enabled)
		return ITSM_OK;
	if (rule->paths && (rule->kinds || rule->states))
		return DATA_ERROR(tree, err, "a rule has 'paths', or 'kinds' and 'states', not both");
	if (rule->paths && (!rule->change || rule->must || rule->find || rule->fields || rule->sections || asks_of_history(rule)))
		return DATA_ERROR(tree, err, "a rule with 'paths' asks for 'change', with or without 'approvals', and nothing else");
	if (!rule->paths && rule->change)
		return DATA_ERROR(tree, err, "'change' of 'require' needs 'paths'");
	if (!asks_of_record(rule) && !asks_of_history(rule) && !rule->find && !rule->change)
		return DATA_ERROR(tree, err, "the rule asks for nothing; give it 'must', 'find' or 'require'");
	if (rule->must && !rule->message)
		return DATA_ERROR(tree, err, "a rule with 'must' needs a 'message'");
	if (rule->must && !rule->kinds)
		return DATA_ERROR(tree, err, "a rule with 'must' needs 'kinds', whose fields its SQL reads");
	if (rule->about && !rule->find)
		return DATA_ERROR(tree, err, "'about' tells what 'find' asks about; give it one, or leave it out");
	if (rule->find && (asks_of_record(rule) || asks_of_history(rule) || rule->when))
		return DATA_ERROR(tree, err, "a rule with 'find' finds by itself: it takes no when, must or require");
	return ITSM_OK;
}

/* Of a rule in SQL the query alone asks. */
static int take_query(const struct itsm_yaml *tree, const char *query, struct raw_rule *raw, struct itsm_error *err)
{
	static const char *const others[] = { "when", "must", "find", "paths", "require" };

	for (size_t i = 0; i < COUNT(others); i++)
		if (itsm_yaml_get(tree, others[i]))
			return DATA_ERROR(itsm_yaml_get(tree, others[i]), err,
				"'%s' is for rules in YAML; what this one asks is the query below its header", others[i]);
	raw->rule.find = *query ? query : NULL;
	if (raw->rule.enabled && !raw->rule.find)
		return DATA_ERROR(tree, err, "the rule asks for nothing; write a query below its header");
	return ITSM_OK;
}

static bool is_sql(const char *origin)
{
	size_t length = strlen(origin);

	return length > 4 && strcmp(origin + length - 4, ".sql") == 0;
}

int rule_read(struct itsm_arena *arena, const char *text, size_t size, const char *origin, struct itsm_rule *out,
	struct itsm_error *err)
{
	struct raw_rule raw = { .rule = { .origin = origin, .enabled = true, .line = 1 } };
	const char *query = NULL;
	struct itsm_yaml *tree;
	int status = is_sql(origin) ? rule_split_sql(arena, &text, &size, &query, err) : ITSM_OK;

	if (status == ITSM_OK)
		status = itsm_yaml_parse(arena, text, size, 1, &tree, err);
	if (status == ITSM_OK)
		status = kind_shape_read(arena, tree, rule_keys, COUNT(rule_keys), "a rule", &raw, err);
	if (status == ITSM_OK && query)
		status = take_query(tree, query, &raw, err);
	if (status == ITSM_OK)
		status = read_severity(tree, &raw, err);
	if (status == ITSM_OK && raw.require)
		status = read_require(arena, raw.require, &raw.rule, err);
	if (status == ITSM_OK)
		status = verify(tree, &raw.rule, err);
	if (status < 0)
		return status;
	raw.rule.line = itsm_yaml_get(tree, "name")->line;
	*out = raw.rule;
	return ITSM_OK;
}
