/*
 * `itsm check`: what receivers go by, policy/events/ and policy/mail.yaml, of the work tree. A mistake there would
 * be met by an alert or a mail, at night, and cost it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "event.h"
#include "intake.h"
#include "itsm/file.h"
#include "mail.h"

#define MAPS_FOLDER EVENT_FOLDER "/maps"
#define RULES_FILE EVENT_FOLDER "/rules.yaml"
#define FILE_MAX_BYTES (1u << 20)

struct lint {
	struct itsm_desk *desk;
	struct itsm_index *index;
	struct itsm_arena *arena;
	struct itsm_findings *findings;
};

/* The message without the path that the finding has anyway. */
static void add_finding(struct lint *lint, const char *rule, const char *path, const char *remedy, const struct itsm_error *failure)
{
	const char *message = failure->message;
	size_t length = strlen(path);

	if (strncmp(message, path, length) == 0 && strncmp(message + length, ": ", 2) == 0)
		message += length + 2;
	itsm_findings_add(lint->findings, &(struct itsm_finding){.rule = rule, .path = path, .line = failure->line,
		.column = failure->column, .message = message, .remedy = remedy});
}

/* ITSM_ENOTFOUND without a finding; another failure is one. */
static int read_file(struct lint *lint, const char *rule, const char *path, struct itsm_buffer *text)
{
	struct itsm_error failure = {0};
	int status = itsm_file_read(lint->desk->root, path, FILE_MAX_BYTES, text, &failure);

	if (status != 0 && status != ITSM_ENOTFOUND)
		add_finding(lint, rule, path, "make it a regular file that can be read, of a size as others have", &failure);
	return status;
}

static void check_map(struct lint *lint, struct event_forms *forms, const char *name)
{
	char *path = itsm_arena_printf(lint->arena, MAPS_FOLDER "/%s", name);
	char *stem = itsm_arena_strndup(lint->arena, name, strlen(name) - strlen(".yaml"));
	struct itsm_error failure = {0};
	struct itsm_buffer text = {0};

	if (read_file(lint, "policy/event", path, &text) == 0) {
		event_forms_add(forms, stem, path, text.data ? text.data : "", text.length);
		for (size_t i = 0; i < forms->count; i++)
			if (strcmp(forms->items[i]->name, stem) == 0 && event_form_ready(forms, forms->items[i], &failure) != 0)
				add_finding(lint, "policy/event", path, "docs/receivers.md tells the form of a map; `itsm event ingest --map FILE -n BODY` tries it",
					&failure);
	}
	itsm_buffer_free(&text);
}

static void check_maps(struct lint *lint)
{
	int descriptor = openat(lint->desk->root, MAPS_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *folder = descriptor < 0 ? NULL : fdopendir(descriptor);
	struct event_forms *forms;
	struct dirent *entry;

	if (!folder) {
		if (descriptor >= 0)
			close(descriptor);
		return;
	}
	forms = event_forms_new(lint->desk->kinds, lint->desk->options.now);
	while ((entry = readdir(folder)) != NULL) {
		size_t length = strlen(entry->d_name);

		if (length > 5 && length < ITSM_ID_MAX && strcmp(entry->d_name + length - 5, ".yaml") == 0)
			check_map(lint, forms, entry->d_name);
	}
	closedir(folder);
	event_forms_free(forms);
}

/* What an answer has to have at least, and whether the columns behind are fields of an incident. */
struct event_shape {
	const char *what;
	size_t least, fields;  /* fields: behind so many; 0 = there are none */
};

static const char *wrong_columns(struct lint *lint, const struct event_shape *shape, const struct itsm_query *query)
{
	const struct itsm_kind *incident = itsm_kinds_find(lint->desk->kinds, "incident");
	size_t columns = itsm_query_column_count(query);

	if (columns < shape->least)
		return itsm_arena_printf(lint->arena, "the rule '%s' gives %zu column%s, and takes %zu at least", shape->what, columns,
			columns == 1 ? "" : "s", shape->least);
	for (size_t i = shape->fields; i && i < columns; i++)
		if (incident && !itsm_kind_field(incident, itsm_query_column_name(query, i)))
			return itsm_arena_printf(lint->arena, "the rule '%s' gives '%s', which is no field of an incident", shape->what,
				itsm_query_column_name(query, i));
	return NULL;
}

static void check_rule(struct lint *lint, const struct event_shape *shape, const char *sql)
{
	struct itsm_error failure = {0};
	struct itsm_query *query = NULL;
	const char *wrong;
	int status;

	if (!sql || !sql[strspn(sql, " \t\r\n")])
		return;
	status = event_try(lint->index, strcmp(shape->what, "resolve") == 0 ? "recovered" : "event", sql, &query, &failure);
	if (status == 0 && (wrong = wrong_columns(lint, shape, query)) != NULL)
		status = itsm_error_set(&failure, ITSM_EDATA, "%s", wrong);
	else if (status == 0)
		status = itsm_query_next(query, &failure);
	itsm_query_free(query);
	if (status >= 0)
		return;
	if (status != ITSM_EDATA)
		itsm_error_prefix(&failure, "the rule '%s'", shape->what);
	add_finding(lint, "policy/event", RULES_FILE, "correct the SQL; docs/receivers.md tells what each rule gives, `itsm event maps rules` prints the built-in ones",
		&failure);
}

static void check_follow(struct lint *lint, const struct event_rules *rules)
{
	const struct itsm_kind *alert = itsm_kinds_find(lint->desk->kinds, "alert");
	struct itsm_error failure = {0};

	for (size_t i = 0; alert && rules->follow && rules->follow[i]; i++) {
		if (itsm_kind_field(alert, rules->follow[i]))
			continue;
		itsm_error_set(&failure, ITSM_EDATA, "'%s' under `follow` is no field of an alert", rules->follow[i]);
		add_finding(lint, "policy/event", RULES_FILE, "`itsm schema alert` lists the fields", &failure);
	}
}

static void check_rules(struct lint *lint)
{
	static const struct event_shape shapes[] = {{"items", 2, 0}, {"services", 2, 0}, {"suppress", 2, 0}, {"incident", 2, 2},
		{"resolve", 1, 1}};
	struct event_rules rules = {0};
	struct itsm_error failure = {0};
	struct itsm_buffer text = {0};

	if (read_file(lint, "policy/event", RULES_FILE, &text) == 0) {
		if (event_rules_read(lint->arena, RULES_FILE, text.data ? text.data : "", text.length, &rules, &failure) == 0) {
			const char *const sql[] = {rules.items, rules.services, rules.suppress, rules.incident, rules.resolve};

			for (size_t i = 0; i < sizeof(shapes) / sizeof(*shapes); i++)
				check_rule(lint, &shapes[i], sql[i]);
			check_follow(lint, &rules);
		} else {
			add_finding(lint, "policy/event", RULES_FILE, "docs/receivers.md tells the keys of the rules", &failure);
		}
	}
	itsm_buffer_free(&text);
}

static void check_mail(struct lint *lint)
{
	struct desk_change change = {.desk = lint->desk, .arena = lint->arena, .index = lint->index};
	struct itsm_error failure = {0};
	struct itsm_buffer text = {0};

	if (read_file(lint, "policy/mail", MAIL_FILE, &text) == 0 && mail_policy_try(&change, &text, &failure) != 0)
		add_finding(lint, "policy/mail", MAIL_FILE, "`itsm help mail` tells the form of the file", &failure);
	itsm_buffer_free(&text);
}

void desk_intake_check(struct itsm_desk *desk, struct itsm_index *index, struct itsm_findings *findings)
{
	struct lint lint = {desk, index, itsm_arena_new(), findings};

	if (desk->root >= 0) {
		check_maps(&lint);
		check_rules(&lint);
		check_mail(&lint);
	}
	itsm_arena_free(lint.arena);
}
