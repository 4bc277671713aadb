/*
 * Maps for the bodies of senders: docs/receivers.md tells their keys.
 *
 * Most of a map is what a map of an import is, and read by the same code; here is
 * what only bodies have. A map is parsed when a body may be meant for it, and read in full when one is.
 */
#include <stdio.h>
#include <string.h>

#include "event.h"

#define MAP_MAX 1000 /* maps of a desk, and tests in one of them */

static int fail(const struct event_form *form, const struct itsm_yaml *node, struct itsm_error *err, const char *message)
{
	return itsm_error_set_at(err, ITSM_EDATA, node->line, node->column, "%s: %s", form->origin, message);
}

struct event_forms *event_forms_new(const struct itsm_kinds *kinds, int64_t now)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct event_forms *forms = itsm_arena_alloc(arena, sizeof(*forms));
	size_t i;

	forms->arena = arena;
	forms->kinds = kinds;
	forms->seconds = now;
	itsm_time_format_utc(now, forms->now);
	snprintf(forms->unix_now, sizeof(forms->unix_now), "%lld", (long long)now);
	for (i = 0; event_builtins[i].name; i++) {
		if (strcmp(event_builtins[i].name, "rules") != 0)
			event_forms_add(forms, event_builtins[i].name, "built-in", event_builtins[i].text, strlen(event_builtins[i].text));
	}
	return forms;
}

static void tests_free(struct event_tests *tests)
{
	size_t i;

	for (i = 0; i < tests->count; i++) {
		if (tests->items[i].compiled)
			regfree(&tests->items[i].pattern);
	}
}

static void form_free(struct event_form *form)
{
	size_t i;

	tests_free(&form->accepts);
	for (i = 0; i < form->notice_count; i++)
		tests_free(&form->notices[i].when);
	import_map_free(&form->run.map);
	itsm_buffer_free(&form->run.buffer);
	itsm_buffer_free(&form->run.work);
	itsm_buffer_free(&form->run.text);
}

void event_forms_free(struct event_forms *forms)
{
	size_t i;

	for (i = 0; forms && i < forms->count; i++)
		form_free(forms->items[i]);
	if (forms)
		itsm_arena_free(forms->arena);
}

/* "json" takes what others may know better. */
static int compare(const char *a, const char *b)
{
	bool last_a = strcmp(a, "json") == 0, last_b = strcmp(b, "json") == 0;

	return last_a != last_b ? last_a - last_b : strcmp(a, b);
}

void event_forms_add(struct event_forms *forms, const char *name, const char *origin, const char *text, size_t size)
{
	struct event_form *form = itsm_arena_alloc(forms->arena, sizeof(*form));
	size_t at = 0;

	form->name = itsm_arena_strdup(forms->arena, name);
	form->origin = itsm_arena_strdup(forms->arena, origin);
	form->text = itsm_arena_strndup(forms->arena, text, size);
	form->size = size;
	while (at < forms->count && compare(forms->items[at]->name, name) < 0)
		at++;
	if (at < forms->count && strcmp(forms->items[at]->name, name) == 0) {
		form_free(forms->items[at]);
		forms->items[at] = form;
		return;
	}
	itsm_arena_insert(forms->arena, &forms->items, &forms->capacity, &forms->count, at, form);
}

static int read_tests(struct event_forms *forms, const struct event_form *form, const struct itsm_yaml *node,
	struct event_tests *tests, struct itsm_error *err)
{
	size_t i;

	if (node->type != ITSM_YAML_MAPPING || !node->count || node->count > MAP_MAX)
		return fail(form, node, err, "tests are a mapping; write {path: pattern}");
	tests->items = itsm_arena_alloc(forms->arena, node->count * sizeof(*tests->items));
	for (i = 0; i < node->count; i++) {
		struct event_test *test = &tests->items[i];

		if (node->items[i]->type != ITSM_YAML_SCALAR)
			return fail(form, node->items[i], err, "a pattern is one text");
		test->path = node->keys[i]->text;
		test->text = node->items[i]->text;
		if (strcmp(test->text, ".") != 0) {
			if (regcomp(&test->pattern, test->text, REG_EXTENDED | REG_NOSUB) != 0)
				return fail(form, node->items[i], err, "no POSIX extended regular expression");
			test->compiled = true;
		}
		tests->count++;
	}
	return 0;
}

bool event_tests_hold(struct event_tests *tests, const struct itsm_yaml *body)
{
	size_t i;

	for (i = 0; i < tests->count; i++) {
		const struct event_test *test = &tests->items[i];
		const struct itsm_yaml *node = event_path(body, test->path);

		if (!node)
			return false;
		if (test->compiled &&
			(node->type != ITSM_YAML_SCALAR || regexec(&test->pattern, node->text, 0, NULL, 0) != 0))
			return false;
	}
	return true;
}

/* The text as YAML, and what bodies it accepts. */
static int look_at(struct event_forms *forms, struct event_form *form, struct itsm_error *err)
{
	struct itsm_yaml *node;
	int status;

	if (form->node)
		return 0;
	status = itsm_yaml_parse(forms->arena, form->text, form->size, 1, &node, err);
	if (status != 0) {
		itsm_error_prefix(err, "%s", form->origin);
		return status;
	}
	if (!itsm_yaml_get(node, "accepts"))
		return fail(form, node, err, "the map has no `accepts:`, which says whose bodies it reads");
	if ((status = read_tests(forms, form, itsm_yaml_get(node, "accepts"), &form->accepts, err)) == 0)
		form->node = node;
	return status;
}

static int read_notices(struct event_forms *forms, struct event_form *form, const struct itsm_yaml *node,
	struct itsm_error *err)
{
	static const char *const keys[] = {"when", "say", NULL};
	size_t i;
	int status = 0;

	if (!node)
		return 0;
	if (node->type != ITSM_YAML_SEQUENCE || node->count > MAP_MAX)
		return fail(form, node, err, "notices are a list; write - {when: {path: pattern}, say: text}");
	form->notices = itsm_arena_alloc(forms->arena, (node->count + 1) * sizeof(*form->notices));
	for (i = 0; i < node->count && status == 0; i++) {
		struct event_notice *notice = &form->notices[i];

		if ((status = import_map_keys(node->items[i], "notices", keys, err)) != 0)
			break;
		if (!itsm_yaml_get(node->items[i], "when") || !itsm_yaml_get(node->items[i], "say"))
			return fail(form, node->items[i], err, "a notice has when and say");
		form->notice_count++;
		status = read_tests(forms, form, itsm_yaml_get(node->items[i], "when"), &notice->when, err);
		if (status == 0)
			status = import_rule_read(&form->run.map, "say", itsm_yaml_get(node->items[i], "say"), &notice->say, err);
		if (status == 0)
			notice->say->one_line = true;
	}
	return status;
}

static int read_list(const struct event_form *form, const char *key, const struct itsm_yaml **out, struct itsm_error *err)
{
	const struct itsm_yaml *node = itsm_yaml_get(form->node, key);
	size_t i, j;

	if (!node)
		return 0;
	if (node->type != ITSM_YAML_SEQUENCE)
		return fail(form, node, err, "no list here; write [path, {label: path}]");
	for (i = 0; i < node->count; i++) {
		const struct itsm_yaml *item = node->items[i];

		for (j = 0; item->type == ITSM_YAML_MAPPING && j < item->count; j++) {
			if (item->items[j]->type != ITSM_YAML_SCALAR)
				return fail(form, item->items[j], err, "a path is one text");
		}
		if (item->type == ITSM_YAML_SEQUENCE)
			return fail(form, item, err, "a list in a list; write [path, {label: path}]");
	}
	*out = node;
	return 0;
}

static void keep_problem(void *context, const struct itsm_import_rejection *rejection)
{
	struct event_form *form = context;

	snprintf(form->problem, sizeof(form->problem), "%s", rejection->reason);
}

static int check_kind(const struct event_form *form, struct itsm_error *err)
{
	static const char *const states[] = {"firing", "acknowledged", "suppressed", "resolved"};
	const struct import_block *block = form->run.map.blocks;
	size_t i;

	if (strcmp(block->kind->name, "alert") != 0 || form->run.map.block_count != 1)
		return fail(form, form->node, err, "a map for events makes alerts; write `kind: alert`");
	if (!block->kind->prefix || block->kind->markdown)
		return fail(form, form->node, err, "the desk's kind 'alert' is no YAML file with a made ID, as events need it");
	for (i = 0; i < sizeof(states) / sizeof(*states); i++) {
		if (!itsm_kind_state(block->kind, states[i]))
			return fail(form, form->node, err,
				"the desk's kind 'alert' lacks one of the states firing, acknowledged, suppressed, resolved");
	}
	if (block->state == IMPORT_NONE)
		return fail(form, form->node, err, "the map has no `state:`, which says what fires");
	return 0;
}

int event_form_ready(struct event_forms *forms, struct event_form *form, struct itsm_error *err)
{
	struct import_run *run = &form->run;
	int status = look_at(forms, form, err);

	if (status != 0 || form->ready)
		return status;
	status = import_map_read(&run->map, forms->arena, forms->kinds, form->origin, form->text, form->size, err);
	if (status == 0 && !run->map.json)
		return fail(form, form->node, err, "a map for events has `format: json`");
	if (status != 0 || (status = check_kind(form, err)) != 0)
		return status;
	if ((status = read_notices(forms, form, itsm_yaml_get(form->node, "notices"), err)) != 0 ||
	    (status = import_map_text(form->node, "alerts", &form->alerts, err)) != 0 ||
	    (status = import_map_text(form->node, "inside", &form->inside, err)) != 0 ||
	    (status = import_map_text(form->node, "truncated", &form->truncated, err)) != 0 ||
	    (status = read_list(form, "labels", &form->labels, err)) != 0 ||
	    (status = read_list(form, "digest", &form->digest, err)) != 0)
		return status;
	form->options = (struct itsm_import_options){.map_path = form->origin, .source = form->name, .replay = true,
		.rejected = keep_problem, .context = form};
	run->options = &form->options;
	run->result = &form->result;
	run->err = &form->error;
	run->arena = forms->arena;
	import_run_start(run);
	form->ready = true;
	return 0;
}

static bool is_meant(const struct event_form *form, const char *from)
{
	size_t length = from ? strlen(from) : 0;

	return !from || (strncmp(form->name, from, length) == 0 && (form->name[length] == '\0' || form->name[length] == '-'));
}

int event_form_known(const struct event_forms *forms, const char *from, struct itsm_error *err)
{
	struct itsm_buffer names = {0};
	size_t i;
	int status = 0;

	for (i = 0; i < forms->count; i++) {
		if (is_meant(forms->items[i], from))
			break;
		itsm_buffer_printf(&names, "%s%s", i ? ", " : "", forms->items[i]->name);
	}
	if (i == forms->count)
		status = itsm_error_set(err, ITSM_EUSAGE, "there is no map '%s'; there are %s", from, names.data);
	itsm_buffer_free(&names);
	return status;
}

int event_form_find(struct event_forms *forms, const char *from, const struct itsm_yaml *body, struct event_form **out,
	struct itsm_error *err)
{
	size_t i;
	int status;

	for (i = 0; i < forms->count; i++) {
		struct event_form *form = forms->items[i];

		if (!is_meant(form, from))
			continue;
		if ((status = look_at(forms, form, err)) != 0)
			return status;
		if (!event_tests_hold(&form->accepts, body))
			continue;
		*out = form;
		return event_form_ready(forms, form, err);
	}
	if (from)
		return itsm_error_set(err, ITSM_EUSAGE, "it is no body that '%s' sends", from);
	return itsm_error_set(err, ITSM_EUSAGE, "no map knows whose body it is; `itsm event maps` lists them, docs/receivers.md says how to write one");
}
