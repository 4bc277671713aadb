/* The rules by which alerts become incidents: lib/desk/events/rules.yaml, and what a desk has otherwise. */
#include <stdlib.h>
#include <string.h>

#include "event.h"

const char *event_builtin_text(const char *name)
{
	size_t i;

	for (i = 0; event_builtins[i].name; i++) {
		if (strcmp(event_builtins[i].name, name) == 0)
			return event_builtins[i].text;
	}
	return NULL;
}

static int fail(const struct itsm_yaml *node, struct itsm_error *err, const char *message)
{
	return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "%s", message);
}

static int read_duration(const struct itsm_yaml *node, int64_t *out, struct itsm_error *err)
{
	if (!node || (node->type == ITSM_YAML_SCALAR && itsm_duration_parse(node->text, out) && *out >= 0))
		return 0;
	return fail(node, err, "no duration; write one such as 30m, 1h or 2d");
}

static int read_flapping(const struct itsm_yaml *node, struct event_rules *rules, struct itsm_error *err)
{
	static const char *const keys[] = {"count", "within", NULL};
	const char *count;
	char *end;
	int status;

	if (!node)
		return 0;
	if ((status = import_map_keys(node, "flapping", keys, err)) != 0 ||
	    (status = read_duration(itsm_yaml_get(node, "within"), &rules->flapping_within, err)) != 0)
		return status;
	count = itsm_yaml_text(node, "count");
	if (!count)
		return 0;
	rules->flapping_count = strtoll(count, &end, 10);
	if (*end || rules->flapping_count < 0 || rules->flapping_count == 1 || rules->flapping_count > 100)
		return fail(node, err, "'count' is a number from 2 to 100, or 0: nothing is called flapping");
	return 0;
}

static int read_follow(struct itsm_arena *arena, const struct itsm_yaml *node, struct event_rules *rules,
	struct itsm_error *err)
{
	size_t i;

	if (!node)
		return 0;
	if (node->type != ITSM_YAML_SEQUENCE || node->count > 50)
		return fail(node, err, "'follow' is a list of fields; write [severity, summary]");
	rules->follow = itsm_arena_alloc(arena, (node->count + 1) * sizeof(*rules->follow));
	for (i = 0; i < node->count; i++) {
		if (node->items[i]->type != ITSM_YAML_SCALAR)
			return fail(node->items[i], err, "'follow' is a list of fields; write [severity, summary]");
		rules->follow[i] = node->items[i]->text;
	}
	return 0;
}

int event_rules_read(struct itsm_arena *arena, const char *origin, const char *text, size_t size, struct event_rules *rules,
	struct itsm_error *err)
{
	static const char *const keys[] = {"items", "services", "suppress", "incident", "resolve", "reopen", "flapping",
		"follow", NULL};
	struct itsm_yaml *node;
	int status = itsm_yaml_parse(arena, text, size, 1, &node, err);

	if (status == 0 && ((status = import_map_keys(node, "rules", keys, err)) != 0 ||
		(status = import_map_text(node, "items", &rules->items, err)) != 0 ||
		(status = import_map_text(node, "services", &rules->services, err)) != 0 ||
		(status = import_map_text(node, "suppress", &rules->suppress, err)) != 0 ||
		(status = import_map_text(node, "incident", &rules->incident, err)) != 0 ||
		(status = import_map_text(node, "resolve", &rules->resolve, err)) != 0 ||
		(status = read_duration(itsm_yaml_get(node, "reopen"), &rules->reopen, err)) != 0 ||
		(status = read_flapping(itsm_yaml_get(node, "flapping"), rules, err)) != 0))
		itsm_error_prefix(err, "%s", origin);
	else if (status == 0 && (status = read_follow(arena, itsm_yaml_get(node, "follow"), rules, err)) != 0)
		itsm_error_prefix(err, "%s", origin);
	return status;
}
