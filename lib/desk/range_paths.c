/*
 * Rules with `paths`: who changes what all are judged by. The commits name a
 * change record (`Change: CHG-4k7q2m8d`) that says which files it is about in what is
 * approved of it, is in one of the states asked for, was not finished at BASE, and
 * has the approvals; all of it by BASE's policy.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "itsm/digest.h"
#include "range.h"

/* "people/" is the folder and all below it, "itsm.yaml" the file. */
static bool covers(const char *pattern, const char *path)
{
	size_t length = strlen(pattern);

	if (strncmp(path, pattern, length) != 0)
		return false;
	return !path[length] || (length && pattern[length - 1] == '/') || path[length] == '/';
}

static bool is_of(const struct itsm_rule *rule, const char *path)
{
	size_t i;

	for (i = 0; rule->enabled && rule->paths && rule->paths[i]; i++) {
		if (covers(rule->paths[i], path))
			return true;
	}
	return false;
}

bool range_is_policy_file(const struct judging *judging, const char *path)
{
	size_t i;

	for (i = 0; i < itsm_rules_count(judging->policy->rules); i++) {
		if (is_of(itsm_rules_at(judging->policy->rules, i), path))
			return true;
	}
	return false;
}

/* Is the SQL true for the desk at BASE, which the index shows? */
static int ask(struct judging *judging, const struct itsm_rule *rule, bool *out)
{
	struct itsm_error failure = {0};
	struct itsm_query *query;
	char *sql = itsm_arena_printf(judging->arena, "SELECT coalesce((%s\n), 0) <> 0", rule->when);
	int status = itsm_query_open(judging->index, sql, NULL, 0, &query, &failure);

	*out = false;
	if (status == 0) {
		status = itsm_query_next(query, &failure);
		*out = status == 1 && itsm_query_value(query, 0).integer != 0;
		itsm_query_free(query);
	}
	if (desk_policy_blames_rule(status)) {
		*out = true;
		desk_policy_broken(rule, &failure, judging->findings);
	} else if (status < 0) {
		if (judging->err)
			*judging->err = failure;
		return status;
	}
	return 0;
}

int range_bind_paths(struct judging *judging, bool **bound)
{
	size_t count = itsm_rules_count(judging->policy->rules), i, j;
	bool loaded = false;
	int status = 0;

	*bound = itsm_arena_alloc(judging->arena, (count + 1) * sizeof(**bound));
	for (i = 0; i < count && status == 0; i++) {
		const struct itsm_rule *rule = itsm_rules_at(judging->policy->rules, i);

		for (j = 0; j < judging->policy_files.count && !(*bound)[i]; j++)
			(*bound)[i] = is_of(rule, judging->policy_files.items[j]);
		if (!(*bound)[i] || !rule->when)
			continue;
		if (!loaded && ((status = itsm_index_load_at(judging->index, &judging->base, judging->err)) != 0 ||
		    (status = itsm_index_use(judging->index, ITSM_SNAPSHOT_AT, judging->err)) != 0))
			break;
		loaded = true;
		status = ask(judging, rule, &(*bound)[i]);
	}
	return status;
}

/* The IDs that `Change:` trailers of the proposal name. */
static void named_changes(struct judging *judging, struct range_paths *out)
{
	static const char key[] = "Change:";
	size_t i;

	for (i = 0; i < judging->commit_count; i++) {
		const char *line = judging->commits[i].body;

		for (; line && *line; line = strchr(line, '\n'), line = line ? line + 1 : NULL) {
			size_t length;

			if (strncasecmp(line, key, strlen(key)) != 0)
				continue;
			line += strlen(key);
			line += strspn(line, " \t");
			length = strcspn(line, " \t\r\n,");
			if (length && length < ITSM_ID_MAX)
				range_add_path(judging, out, itsm_arena_strndup(judging->arena, line, length));
		}
	}
}

static bool is_of_name(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

/* Does the text name exactly this file or folder ("teams/"), and not one whose name goes on before or behind? */
static bool says(const char *text, const char *path)
{
	size_t length = strlen(path);
	const char *at;

	for (at = strstr(text, path); at; at = strstr(at + 1, path)) {
		const char *end = at + length;

		if (at > text && (is_of_name(at[-1]) || at[-1] == '.'))
			continue;
		if (!is_of_name(*end) && *end != '/' && !(*end == '.' && is_of_name(end[1])))
			return true;
	}
	return false;
}

/* What the approvals of the record are about; all of it where the kind does not say. */
static const char *agreed_text(struct itsm_arena *arena, const struct itsm_record *record)
{
	const struct itsm_kind *kind = record->kind;
	struct itsm_buffer content = {0};
	const char *text;

	if (!(kind->approved_fields && *kind->approved_fields) && !(kind->approved_sections && *kind->approved_sections))
		return record->text;
	itsm_digest_content(record, &content);
	text = itsm_arena_strndup(arena, content.data, content.length);
	itsm_buffer_free(&content);
	return text;
}

/* Was it agreed to that the record is about the file, or a folder that it lies in? */
static bool is_named(struct itsm_arena *arena, const struct itsm_record *record, const char *path)
{
	const char *text = agreed_text(arena, record), *slash;

	if (says(text, path))
		return true;
	for (slash = strchr(path, '/'); slash; slash = strchr(slash + 1, '/')) {
		if (says(text, itsm_arena_strndup(arena, path, (size_t)(slash - path) + 1)))
			return true;
	}
	return false;
}

/* Was the record finished at BASE already? Then what it allowed is done. */
static int was_over(struct judging *judging, const char *path, const char **state)
{
	const struct itsm_state *known;
	struct itsm_record *before;
	int status = range_read_at(judging, judging->arena, &judging->base, path, &before);

	*state = NULL;
	if (status == 0 && before && before->state) {
		known = itsm_kind_state(before->kind, before->state);
		if (known && !known->open)
			*state = before->state;
	}
	return status;
}

/* Why a change that was named does not do, in the arena; NULL when it does. */
static int judge_named(struct judging *judging, const struct itsm_rule *rule, const char *word, struct itsm_record **out,
	const char **why)
{
	const struct desk_moment moment = {false, judging->desk->options.now};
	struct desk_asks asks = {.arena = judging->arena};
	struct itsm_approval_verdict verdict = {.complete = true};
	const char *over = NULL;
	struct itsm_hit hit;
	size_t i;
	int status = itsm_index_find(judging->index, judging->arena, word, NULL, &hit, NULL);

	*out = NULL;
	*why = NULL;
	if (status == 0)
		status = range_read_at(judging, judging->arena, &judging->merged, hit.path, out);
	if (!*out) {
		*why = itsm_arena_printf(judging->arena, "%s is not there", word);
		return 0;
	}
	if ((status = was_over(judging, hit.path, &over)) != 0)
		return status;
	if (over) {
		*why = itsm_arena_printf(judging->arena, "%s was %s before this proposal", (*out)->id, over);
		return 0;
	}
	if (!(*out)->state || !itsm_list_has(rule->change, (*out)->state)) {
		*why = itsm_arena_printf(judging->arena, "%s is in state '%s'", (*out)->id, (*out)->state ? (*out)->state : "");
		return 0;
	}
	status = desk_policy_asks(judging->policy, judging->index, *out, rule, moment, &asks, judging->findings, judging->err);
	if (status == 0 && asks.count)
		status = desk_policy_verdict(judging->policy, *out, &asks, &verdict, judging->err);
	if (status != 0 || verdict.complete)
		return status;
	*why = itsm_arena_printf(judging->arena, "%s is not approved", (*out)->id);
	for (i = 0; i < verdict.answer_count; i++) {
		if (verdict.answers[i].missing)
			*why = itsm_arena_printf(judging->arena, "%s is not approved: %s", (*out)->id, verdict.answers[i].missing);
	}
	return 0;
}

/* One rule over the files it binds: a note where a change allows it, else a finding of the rule. */
static int judge_rule(struct judging *judging, const struct itsm_rule *rule, const struct range_paths *names)
{
	struct itsm_record **changes = itsm_arena_alloc(judging->arena, (names->count + 1) * sizeof(*changes));
	const char *reasons = "", *why;
	int status = 0;
	size_t i, j;

	for (i = 0; i < names->count && status == 0; i++) {
		status = judge_named(judging, rule, names->items[i], &changes[i], &why);
		if (why) {
			changes[i] = NULL;
			reasons = itsm_arena_printf(judging->arena, "%s; %s", reasons, why);
		}
	}
	if (!names->count)
		reasons = "; no commit names a change";
	for (j = 0; j < judging->policy_files.count && status == 0; j++) {
		const char *path = judging->policy_files.items[j], *message = rule->message ? rule->message : "changes the policy";
		struct itsm_finding finding = {.rule = desk_policy_name(judging->arena, rule), .severity = rule->severity,
			.path = path, .line = 1, .remedy = rule->remedy};

		if (!is_of(rule, path))
			continue;
		for (i = 0; i < names->count && (!changes[i] || !is_named(judging->arena, changes[i], path)); i++)
			;
		if (i < names->count) {
			finding.severity = ITSM_SEVERITY_NOTE;
			finding.remedy = NULL;
			finding.message = itsm_arena_printf(judging->arena, "%s; %s allows it", message, changes[i]->id);
		} else {
			finding.message = itsm_arena_printf(judging->arena, "%s%s", message,
				*reasons ? reasons : "; the change named does not say that it is about this file");
		}
		itsm_findings_add(judging->findings, &finding);
	}
	return status;
}

int range_judge_paths(struct judging *judging, const bool *bound)
{
	struct range_paths names = {0};
	int status = 0;
	size_t i;

	if (!judging->policy_files.count)
		return 0;
	named_changes(judging, &names);
	for (i = 0; i < itsm_rules_count(judging->policy->rules) && status == 0; i++) {
		if (bound[i])
			status = judge_rule(judging, itsm_rules_at(judging->policy->rules, i), &names);
	}
	return status;
}
