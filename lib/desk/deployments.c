/* `itsm deployments audit`: deployments, and the changes that stood for them. */
#include <stdlib.h>
#include <string.h>

#include "deployments.h"

#define NEVER INT64_MAX

int deployments_each(struct deployments_audit *audit, const char *sql, const char *first, const char *second,
	int (*row)(struct deployments_audit *audit, const struct itsm_query *query, void *context), void *context)
{
	const struct itsm_value values[] = {{.type = ITSM_VALUE_TEXT, .text = first}, {.type = ITSM_VALUE_TEXT, .text = second}};
	struct itsm_query *query;
	int status = itsm_query_open(audit->index, sql, values, second ? 2 : first ? 1 : 0, &query, audit->err);

	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, audit->err)) == 1) {
		if ((status = row(audit, query, context)) != 0)
			break;
	}
	itsm_query_free(query);
	return status;
}

const char *deployments_text(struct deployments_audit *audit, const struct itsm_query *query, size_t column)
{
	const char *text = itsm_query_value(query, column).text;

	return text ? code_line(audit->arena, text, strlen(text)) : NULL;
}

int64_t deployments_time(const struct itsm_query *query, size_t column, int64_t missing)
{
	const char *text = itsm_query_value(query, column).text;
	struct itsm_time time;

	return text && itsm_time_parse(text, &time, NULL) == 0 ? time.seconds : missing;
}

static int compare_pairs(const void *a, const void *b)
{
	return strcmp(((const struct deployments_pair *)a)->name, ((const struct deployments_pair *)b)->name);
}

static int compare_changes(const void *a, const void *b)
{
	return strcmp(((const struct deployments_change *)a)->id, ((const struct deployments_change *)b)->id);
}

const struct deployments_change *deployments_find(const struct deployments_audit *audit, const char *id)
{
	const struct deployments_change wanted = {.id = id};

	return audit->change_count ? bsearch(&wanted, audit->changes, audit->change_count, sizeof(wanted), compare_changes) : NULL;
}

bool deployments_stands(const struct deployments_change *change, int64_t at)
{
	return change->from <= at && at <= change->to;
}

const struct deployments_change *deployments_opened(const struct deployments_audit *audit, const char *key)
{
	const struct deployments_pair wanted = {.name = key};
	const struct deployments_pair *pair = audit->opened_count
		? bsearch(&wanted, audit->opened, audit->opened_count, sizeof(wanted), compare_pairs) : NULL;

	return pair ? deployments_find(audit, pair->change) : NULL;
}

static int take_change(struct deployments_audit *audit, const struct itsm_query *query, void *context)
{
	struct deployments_change change = {.id = deployments_text(audit, query, 0), .state = deployments_text(audit, query, 1), .from = NEVER};
	int64_t now = audit->desk->options.now, start = deployments_time(query, 2, NEVER), end = deployments_time(query, 3, 0),
		started = deployments_time(query, 4, NEVER), finished = deployments_time(query, 5, now);
	bool carried_out = itsm_query_value(query, 6).integer != 0;

	(void)context;
	change.lists = itsm_query_value(query, 7).integer != 0;
	if (carried_out) {
		change.from = start < started ? start : started;
		change.to = end > finished ? end : finished;
	}
	itsm_arena_grow(audit->arena, &audit->changes, &audit->change_capacity, audit->change_count, sizeof(*audit->changes));
	audit->changes[audit->change_count++] = change;
	return 0;
}

static int take_commit(struct deployments_audit *audit, const struct itsm_query *query, void *context)
{
	(void)context;
	itsm_arena_grow(audit->arena, &audit->commits, &audit->commit_capacity, audit->commit_count, sizeof(*audit->commits));
	audit->commits[audit->commit_count++] =
		(struct deployments_pair){deployments_text(audit, query, 0), deployments_text(audit, query, 1)};
	return 0;
}

static int take_opened(struct deployments_audit *audit, const struct itsm_query *query, void *context)
{
	(void)context;
	itsm_arena_grow(audit->arena, &audit->opened, &audit->opened_capacity, audit->opened_count, sizeof(*audit->opened));
	audit->opened[audit->opened_count++] =
		(struct deployments_pair){deployments_text(audit, query, 0), deployments_text(audit, query, 1)};
	return 0;
}

static int read_changes(struct deployments_audit *audit)
{
	int status = deployments_each(audit, "SELECT id, state, window_start, window_end, started, finished,"
		" state IN ('implement', 'review', 'closed') AND started IS NOT NULL, coalesce(json_array_length(commits), 0) > 0"
		" FROM change", NULL, NULL, take_change, NULL);

	if (status == 0)
		status = deployments_each(audit, "SELECT v.value, c.id FROM change AS c, json_each(c.commits) AS v", NULL, NULL, take_commit, NULL);
	if (status == 0)
		status = deployments_each(audit, "SELECT external, id FROM change WHERE source = '" DEPLOYMENTS_SOURCE "' AND external IS NOT NULL"
			" AND state <> 'cancelled'", NULL, NULL, take_opened, NULL);
	if (audit->change_count)
		qsort(audit->changes, audit->change_count, sizeof(*audit->changes), compare_changes);
	if (audit->commit_count)
		qsort(audit->commits, audit->commit_count, sizeof(*audit->commits), compare_pairs);
	if (audit->opened_count)
		qsort(audit->opened, audit->opened_count, sizeof(*audit->opened), compare_pairs);
	return status;
}

void deployments_add(struct deployments_audit *audit, const char *rule, const char *key, const char *record, const char *path,
	const char *message)
{
	const struct deployments_change *opened = deployments_opened(audit, key);
	bool settled = opened && opened->from != NEVER;
	struct itsm_finding finding = {.rule = rule, .severity = settled ? ITSM_SEVERITY_NOTE : ITSM_SEVERITY_ERROR, .record = record,
		.path = path, .line = path ? 1 : 0, .message = message,
		.remedy = "open an emergency change for it with `itsm deployments audit --open`, and find out how it came about"};

	if (settled)
		finding.remedy = itsm_arena_printf(audit->arena, "%s was carried out for it afterwards", opened->id);
	else if (opened)
		finding.remedy = itsm_arena_printf(audit->arena, "%s was opened for it: have it approved and carried out", opened->id);
	itsm_findings_add(audit->findings, &finding);
}

struct itsm_unauthorised *deployments_remember(struct deployments_audit *audit, const char *key, const char *title, int64_t at)
{
	const struct deployments_change *opened = deployments_opened(audit, key);

	itsm_arena_grow(audit->arena, &audit->found, &audit->found_capacity, audit->found_count, sizeof(*audit->found));
	audit->found[audit->found_count] = (struct itsm_unauthorised){.key = key, .title = title ? title : "", .at = at,
		.opened = opened ? opened->id : NULL};
	return &audit->found[audit->found_count++];
}

/* Why the changes of a deployment do not stand for it. */
static const char *why_not(struct deployments_audit *audit, const char *const *ids, size_t count)
{
	const struct deployments_change *change;

	if (!count)
		return "belongs to no change";
	change = deployments_find(audit, ids[0]);
	if (!change)
		return itsm_arena_printf(audit->arena, "belongs to %s, which is not there", ids[0]);
	if (change->from == NEVER)
		return itsm_arena_printf(audit->arena, "belongs to %s, which is in state '%s' and was never carried out", ids[0],
			change->state ? change->state : "");
	return itsm_arena_printf(audit->arena, "is neither in the window of %s nor within the time of its work", ids[0]);
}

/* Its own change and those of its release; those that stood then into `one`. */
static int find_standing(struct deployments_audit *audit, struct deployments_one *one, const char ***ids, size_t *count)
{
	size_t i;
	int status = desk_query_list(audit->index, audit->arena, "SELECT d.change FROM deployment AS d WHERE d.id = ?1 AND d.change IS NOT NULL"
		" UNION SELECT v.value FROM deployment AS d JOIN release AS r ON r.id = d.release, json_each(r.changes) AS v WHERE d.id = ?1",
		one->id, ids, count, audit->err);

	if (status != 0)
		return status;
	one->standing = itsm_arena_alloc(audit->arena, (*count + 1) * sizeof(struct deployments_change *));
	for (i = 0; i < *count; i++) {
		const struct deployments_change *change = deployments_find(audit, (*ids)[i]);

		if (change && deployments_stands(change, one->at))
			one->standing[one->standing_count++] = change;
	}
	return 0;
}

static int judge(struct deployments_audit *audit, struct deployments_one *one)
{
	struct itsm_unauthorised *found = NULL;
	const char **ids, **commits = NULL;
	size_t count, commit_count = 0;
	int status = find_standing(audit, one, &ids, &count);

	if (status == 0 && !one->standing_count) {
		deployments_add(audit, "audit/deployment", one->id, one->id, one->path, why_not(audit, ids, count));
		found = deployments_remember(audit, one->id, one->title, one->at);
	}
	if (status == 0 && one->commit)
		status = deployments_judge_commits(audit, one, &commits, &commit_count);
	if (status != 0)
		return status;
	if (!found && commit_count)
		found = deployments_remember(audit, one->id, one->title, one->at);
	if (found) {
		found->deployment = one->id;
		found->commits = commits;
		found->commit_count = commit_count;
	}
	return 0;
}

struct listing {
	struct deployments_one *items;
	size_t count, capacity;
};

static int take_deployment(struct deployments_audit *audit, const struct itsm_query *query, void *context)
{
	struct listing *listing = context;

	itsm_arena_grow(audit->arena, &listing->items, &listing->capacity, listing->count, sizeof(*listing->items));
	listing->items[listing->count++] = (struct deployments_one){
		.id = deployments_text(audit, query, 0), .title = deployments_text(audit, query, 1), .path = deployments_text(audit, query, 2),
		.environment = deployments_text(audit, query, 3), .commit = deployments_text(audit, query, 4),
		.at = deployments_time(query, 5, 0),
	};
	return 0;
}

static int judge_all(struct deployments_audit *audit)
{
	struct listing listing = {0};
	char from[ITSM_TIME_TEXT], to[ITSM_TIME_TEXT];
	size_t i;
	int status;

	itsm_time_format_utc(audit->request->from, from);
	itsm_time_format_utc(audit->request->to, to);
	status = deployments_each(audit, "SELECT id, title, path, environment, \"commit\", started FROM deployment"
		" WHERE started >= ?1 AND started < ?2 AND environment IN ('production', 'shared') AND result IS NOT 'cancelled'"
		" ORDER BY started, id", from, to, take_deployment, &listing);
	for (i = 0; i < listing.count && status == 0; i++)
		status = judge(audit, &listing.items[i]);
	return status ? status : deployments_judge_items(audit);
}

int itsm_desk_deployments_audit(struct itsm_desk *desk, struct itsm_arena *arena, const struct itsm_deployments_audit *request,
	struct itsm_unauthorised **out, size_t *count, struct itsm_findings *findings, struct itsm_error *err)
{
	struct deployments_audit audit = {.desk = desk, .arena = arena, .request = request, .findings = findings, .err = err};
	struct itsm_oid head;
	int status = itsm_desk_view_head(desk, &audit.index, &head, err);

	if (status != 0 || (status = read_changes(&audit)) != 0 || (status = judge_all(&audit)) != 0)
		return status;
	itsm_findings_sort(findings);
	*out = audit.found;
	*count = audit.found_count;
	return 0;
}
