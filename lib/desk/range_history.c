/*
 * Rules of the history: `recorded`, `unchanged`, `author` (itsm/rule.h).
 *
 * The clock of a commit is its author's to choose. What is believed is told in
 * docs/policy.md; here it is only held together: records with their commit,
 * commits with their parents, and all with the moment of the check.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "range.h"

static const char *field_text(const struct itsm_record *record, const char *field)
{
	return itsm_record_text(record, field);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* The state that stamps a field on entering, or NULL. */
static const struct itsm_state *stamping_state(const struct itsm_kind *kind, const char *field)
{
	size_t i;

	for (i = 0; i < kind->state_count; i++) {
		if (kind->states[i].stamp && strcmp(kind->states[i].stamp, field) == 0)
			return &kind->states[i];
	}
	return NULL;
}

static bool is_near(int64_t a, int64_t b, int64_t tolerance)
{
	return (a > b ? a - b : b - a) <= tolerance;
}

static bool has_of_parent(struct itsm_record *const *befores, size_t count, const char *field, const char *text)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (same_text(field_text(befores[i], field), text))
			return true;
	}
	return false;
}

/* Brought by an import, with the past it had elsewhere: new, and says where it comes from. */
static bool is_import(const struct range_commit *commit, const struct itsm_record *record, size_t befores)
{
	return !befores && strstr(commit->body, "\nItsm-Import: ") && itsm_record_text(record, "source");
}

static void add_time(struct judging *judging, const struct itsm_rule *rule, const struct itsm_record *record, const char *field,
	const char *message)
{
	struct itsm_finding finding = {.rule = desk_policy_name(judging->arena, rule), .severity = rule->severity,
		.record = desk_record_id(judging->arena, record), .path = record->path, .message = message, .remedy = rule->remedy};
	bool stamped = stamping_state(record->kind, field) != NULL || record->kind->part;

	/* what a person noted of the world, such as when an incident began, may well be earlier */
	if (!stamped && finding.severity == ITSM_SEVERITY_ERROR)
		finding.severity = ITSM_SEVERITY_WARNING;
	finding.line = itsm_record_line(record, field, &finding.column);
	itsm_findings_add(judging->findings, &finding);
}

static void judge_time(struct judging *judging, const struct itsm_rule *rule, const struct range_commit *commit,
	const struct itsm_record *record, const struct itsm_field *field, struct itsm_record *const *befores, size_t count,
	bool entered)
{
	const char *text = field_text(record, field->name);
	struct itsm_time time;

	if (!entered && has_of_parent(befores, count, field->name, text))
		return;
	if (!text) {
		if (entered || count)
			add_time(judging, rule, record, field->name, itsm_arena_printf(judging->arena, entered
				? "it entered '%s' in commit %s without '%s'" : "%s of commit %s takes '%s' away",
				entered ? record->state : "the change", range_short(judging, &commit->oid), field->name));
		return;
	}
	if (itsm_time_parse(text, &time, NULL) == 0 && !is_near(time.seconds, commit->author, rule->recorded) &&
	    !is_near(time.seconds, commit->committer, rule->recorded))
		add_time(judging, rule, record, field->name, itsm_arena_printf(judging->arena,
			"'%s' says %s, and commit %s that brings it is of another time", field->name, text, range_short(judging, &commit->oid)));
}

/*
 * Rules leave records alone that were opened before them. Whoever writes a record chooses what it says, so the commit that
 * brings this has to be as old.
 */
static void judge_from(struct judging *judging, const struct range_commit *commit, const struct itsm_record *record,
	struct itsm_record *const *befores, size_t count)
{
	const char *opened = field_text(record, "opened");
	char said[ITSM_TIME_TEXT], day[ITSM_TIME_TEXT];
	struct itsm_time time;
	size_t i;

	if (!opened || has_of_parent(befores, count, "opened", opened))
		return;
	if (itsm_time_parse(opened, &time, NULL) == 0)
		itsm_time_format_utc(time.seconds, said);
	else
		snprintf(said, sizeof(said), "%s", opened);
	itsm_time_format_utc(commit->committer, day);
	for (i = 0; i < itsm_rules_count(judging->policy->rules); i++) {
		const struct itsm_rule *rule = itsm_rules_at(judging->policy->rules, i);
		struct itsm_finding finding = {.severity = rule->severity, .record = record->id, .path = record->path,
			.remedy = "say when it was opened here; what is really as old is waived"};

		if (!rule->from || !itsm_rule_binds(rule, record->kind, NULL) ||
		    strncmp(said, rule->from, strlen("YYYY-MM-DD")) >= 0 || strncmp(day, rule->from, strlen("YYYY-MM-DD")) < 0)
			continue;
		finding.rule = desk_policy_name(judging->arena, rule);
		finding.line = itsm_record_line(record, "opened", &finding.column);
		finding.message = itsm_arena_printf(judging->arena,
			"'opened' says %s, which is before this rule, but commit %s brings it later", opened, range_short(judging, &commit->oid));
		itsm_findings_add(judging->findings, &finding);
	}
}

void range_judge_times(struct judging *judging, const struct range_commit *commit, const struct itsm_record *record,
	struct itsm_record *const *befores, size_t count, bool entering)
{
	const struct itsm_state *state = record->state ? itsm_kind_state(record->kind, record->state) : NULL;
	const struct itsm_field *const *columns;
	size_t fields, i, j;

	judge_from(judging, commit, record, befores, count);
	if (is_import(commit, record, count))
		return;
	columns = itsm_kind_columns(record->kind, &fields);
	for (i = 0; i < itsm_rules_count(judging->policy->rules); i++) {
		const struct itsm_rule *rule = itsm_rules_at(judging->policy->rules, i);

		if (!rule->recorded || !itsm_rule_binds(rule, record->kind, record->state))
			continue;
		for (j = 0; j < fields; j++) {
			bool by_default = columns[j]->default_value && strcmp(columns[j]->default_value, "now") == 0;
			bool entered = entering && state && state->stamp && strcmp(state->stamp, columns[j]->name) == 0;

			if (columns[j]->type == ITSM_TYPE_TIME && (by_default || stamping_state(record->kind, columns[j]->name)))
				judge_time(judging, rule, commit, record, columns[j], befores, count, entered);
		}
	}
}

static void add_clock(struct judging *judging, const struct itsm_rule *rule, const struct range_commit *commit,
	enum itsm_severity severity, const char *message)
{
	struct itsm_finding finding = {.rule = desk_policy_name(judging->arena, rule), .severity = severity,
		.message = itsm_arena_printf(judging->arena, "commit %s %s", range_short(judging, &commit->oid), message),
		.remedy = "commit with the clock as it is; `git rebase` with --reset-author-date makes the dates anew"};

	itsm_findings_add(judging->findings, &finding);
}

/* When a parent was written: within the proposal, or the commit it stands on. */
static int parent_time(struct judging *judging, const struct itsm_oid *parent, int64_t *out)
{
	struct itsm_arena *arena;
	struct itsm_commit commit;
	int status;
	size_t i;

	for (i = 0; i < judging->commit_count; i++) {
		if (itsm_oid_equal(&judging->commits[i].oid, parent)) {
			*out = judging->commits[i].committer;
			return 0;
		}
	}
	arena = itsm_arena_new();
	status = itsm_repo_commit(judging->repo, arena, parent, &commit, judging->err);
	if (status == 0)
		*out = commit.committer.seconds;
	itsm_arena_free(arena);
	return status;
}

static int judge_clock(struct judging *judging, const struct itsm_rule *rule, const struct range_commit *commit)
{
	int64_t parent = 0;
	int status = 0;
	size_t i;

	if (commit->committer > judging->desk->options.now + rule->recorded)
		add_clock(judging, rule, commit, rule->severity, "is dated later than now");
	else if (commit->author > commit->committer + rule->recorded)
		add_clock(judging, rule, commit, rule->severity, "says it was made after it was written");
	else if (commit->author < commit->committer - rule->recorded)
		add_clock(judging, rule, commit, ITSM_SEVERITY_NOTE, "says it was made long before it was written: rebased, or dated back");
	for (i = 0; i < commit->parent_count && status == 0; i++) {
		status = parent_time(judging, &commit->parents[i], &parent);
		if (status == 0 && commit->committer < parent - rule->recorded) {
			add_clock(judging, rule, commit, rule->severity, "is dated earlier than the one it follows");
			break;
		}
	}
	return status;
}

int range_judge_clocks(struct judging *judging)
{
	int status = 0;
	size_t i, j;

	for (i = 0; i < itsm_rules_count(judging->policy->rules); i++) {
		const struct itsm_rule *rule = itsm_rules_at(judging->policy->rules, i);

		for (j = 0; rule->enabled && rule->recorded && j < judging->commit_count && status == 0; j++) {
			if (judging->commits[j].count)
				status = judge_clock(judging, rule, &judging->commits[j]);
		}
	}
	return status;
}

/* Is this the mail address of the person, as BASE knows them? */
static int is_person(struct judging *judging, const char *id, const char *mail, bool *out)
{
	const struct itsm_kind *kind = itsm_kinds_find(judging->kinds, "person");
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_yaml *mails = NULL;
	struct itsm_record *person = NULL;
	int status = 0;
	size_t i;

	*out = false;
	if (kind && kind->folder && itsm_id_is_slug(id))
		status = range_read_at(judging, arena, &judging->base, itsm_kind_path(arena, kind, id, 0, NULL), &person);
	if (person)
		mails = itsm_record_field(person, "mail");
	if (mails && mails->type == ITSM_YAML_SCALAR)
		*out = strcasecmp(mails->text, mail) == 0;
	for (i = 0; mails && mails->type == ITSM_YAML_SEQUENCE && i < mails->count; i++)
		*out |= mails->items[i]->type == ITSM_YAML_SCALAR && strcasecmp(mails->items[i]->text, mail) == 0;
	itsm_arena_free(arena);
	return status;
}

/* Did the person sign this part of a record with a key of theirs, or is it a review that was recorded by who may? */
static int is_signed(struct judging *judging, struct itsm_arena *arena, const struct itsm_record *part, const char *person,
	bool *out)
{
	struct desk_asks none = {.arena = arena};
	struct itsm_approval_verdict verdict = {.approval_count = 0};
	struct itsm_record *owner = NULL;
	struct itsm_hit hit;
	int status = part->owner ? itsm_index_find(judging->index, arena, part->owner, NULL, &hit, NULL) : ITSM_ENOTFOUND;
	size_t i;

	*out = false;
	if (status != 0 || strcmp(part->kind->name, "approval") != 0)
		return 0;
	if ((status = range_read_at(judging, arena, &judging->merged, hit.path, &owner)) != 0 || !owner)
		return status;
	status = desk_policy_verdict(judging->policy, owner, &none, &verdict, judging->err);
	for (i = 0; status == 0 && i < verdict.approval_count; i++)
		*out |= strcmp(verdict.approvals[i].person, person) == 0 && verdict.approvals[i].path &&
			(verdict.approvals[i].witnesses & (ITSM_WITNESS_SIGNATURE | ITSM_WITNESS_FORGE));
	return status;
}

static int judge_author(struct judging *judging, const struct itsm_rule *rule, const struct walked *walked,
	const struct itsm_record *record)
{
	const char *person = itsm_record_text(record, rule->author);
	struct itsm_finding finding = {.rule = desk_policy_name(judging->arena, rule), .severity = rule->severity,
		.record = desk_record_id(judging->arena, record), .path = record->path, .remedy = rule->remedy};
	struct itsm_arena *arena;
	bool fine = false;
	int status;

	if (!person || !walked->writer)
		return 0;
	arena = itsm_arena_new();
	status = is_person(judging, person, walked->writer->mail, &fine);
	if (status == 0 && !fine)
		status = is_signed(judging, arena, record, person, &fine);
	itsm_arena_free(arena);
	if (status != 0 || fine)
		return status;
	finding.line = itsm_record_line(record, rule->author, &finding.column);
	finding.message = itsm_arena_printf(judging->arena, "it is in the name of %s, but commit %s that writes it is by %s <%s>",
		person, range_short(judging, &walked->writer->oid), walked->writer->name, walked->writer->mail);
	itsm_findings_add(judging->findings, &finding);
	return 0;
}

/* A file as the proposal would leave it: by whom is what it says? */
int range_judge_authors(struct judging *judging)
{
	int status = 0;
	size_t i, j;

	for (i = 0; i < judging->touched.count && status == 0; i++) {
		const struct walked *walked = range_walked(judging, judging->touched.items[i]);
		struct itsm_arena *arena = itsm_arena_new();
		struct itsm_record *record;

		status = range_read_at(judging, arena, &judging->merged, walked->path, &record);
		for (j = 0; j < itsm_rules_count(judging->policy->rules) && status == 0 && record; j++) {
			const struct itsm_rule *rule = itsm_rules_at(judging->policy->rules, j);

			if (rule->author && itsm_rule_binds(rule, record->kind, record->state))
				status = judge_author(judging, rule, walked, record);
		}
		itsm_arena_free(arena);
	}
	return status;
}
