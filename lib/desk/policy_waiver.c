/*
 * Waivers: records of the policy commit because of which a finding counts as a
 * note. One that is only proposed does not count, and one that has expired is
 * itself a finding where it would have been needed.
 */
#include <string.h>

#include "policy.h"

static bool is_waiver(const struct itsm_kinds *kinds, const char *path)
{
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	const struct itsm_kind *kind;

	return itsm_kinds_locate(kinds, path, &kind, id, owner) && strcmp(kind->name, "waiver") == 0;
}

struct reading {
	struct desk_policy *policy;
	struct itsm_error *err;
};

static int add_waiver(void *context, const struct itsm_entry *entry)
{
	struct reading *reading = context;
	struct desk_policy *policy = reading->policy;
	struct itsm_findings ignored;
	struct itsm_record *record = NULL;
	struct desk_waiver waiver;
	int status;

	if ((entry->mode & 0170000) != 0100000 || !is_waiver(policy->kinds, entry->path))
		return 0;
	itsm_findings_init(&ignored, policy->arena);
	status = itsm_desk_read_blob(policy->desk, policy->arena, policy->kinds, entry->path, &entry->blob, &record, &ignored,
		reading->err);
	if (status != 0 || !record || !record->state || strcmp(record->state, "approved") != 0)
		return status;
	waiver = (struct desk_waiver){record->id, itsm_record_text(record, "rule"), itsm_record_text(record, "expires"),
		record->path, itsm_record_field(record, "records"), itsm_record_field(record, "services")};
	if (!waiver.rule || !waiver.expires || !itsm_date_parse(waiver.expires, NULL))
		return 0;
	itsm_arena_grow(policy->arena, &policy->waivers, &policy->waiver_capacity, policy->waiver_count, sizeof(waiver));
	policy->waivers[policy->waiver_count++] = waiver;
	return 0;
}

static int read_waivers(struct desk_policy *policy, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(policy->kinds, "waiver");
	struct itsm_error failure = {0};
	struct reading reading = {policy, &failure};
	struct itsm_repo *repo;
	int status;

	if (policy->waivers_read || !kind || !kind->folder || itsm_oid_is_zero(&policy->commit))
		return 0;
	if ((status = itsm_desk_repository(policy->desk, &repo, err)) != 0)
		return status;
	status = itsm_repo_walk(repo, &policy->commit, kind->folder, add_waiver, &reading, &failure);
	if (status == ITSM_ENOTFOUND)
		status = 0;
	else if (status != 0 && err)
		*err = failure;
	policy->waivers_read = status == 0;
	return status;
}

/* `*` stands for any text. */
static bool matches(const char *pattern, const char *text)
{
	const char *star = NULL, *kept = NULL;

	while (*text) {
		if (*pattern == '*') {
			star = pattern++;
			kept = text;
		} else if (*pattern == *text) {
			pattern++;
			text++;
		} else if (star) {
			pattern = star + 1;
			text = ++kept;
		} else {
			return false;
		}
	}
	while (*pattern == '*')
		pattern++;
	return !*pattern;
}

static bool names(const struct itsm_yaml *list, const char *id, size_t length)
{
	size_t i, count = !list ? 0 : list->type == ITSM_YAML_SEQUENCE ? list->count : 1;

	for (i = 0; i < count; i++) {
		const struct itsm_yaml *item = list->type == ITSM_YAML_SEQUENCE ? list->items[i] : list;

		if (item->type == ITSM_YAML_SCALAR && strlen(item->text) == length && memcmp(item->text, id, length) == 0)
			return true;
	}
	return false;
}

/* Does the record of this ID name one of the services? */
static int concerns(struct itsm_index *index, const struct itsm_yaml *services, const char *id, size_t length, bool *out,
	struct itsm_error *err)
{
	struct itsm_value record = {.type = ITSM_VALUE_TEXT};
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_query *query;
	int status;

	record.text = itsm_arena_strndup(arena, id, length);
	status = itsm_query_open(index,
		"SELECT target FROM link WHERE source = ?1 AND relation IN ('service', 'services')", &record, 1, &query, err);
	if (status == 0) {
		while (!*out && (status = itsm_query_next(query, err)) == 1) {
			const char *service = itsm_query_value(query, 0).text;

			*out = names(services, service, strlen(service));
		}
		itsm_query_free(query);
	}
	itsm_arena_free(arena);
	return status < 0 ? status : 0;
}

static int covers(struct itsm_index *index, const struct desk_waiver *waiver, const struct itsm_finding *finding, bool *out,
	struct itsm_error *err)
{
	const char *id = finding->record;
	size_t length = id ? strcspn(id, "/") : 0;

	*out = false;
	if (!matches(waiver->rule, finding->rule))
		return 0;
	if (!waiver->records && !waiver->services) {
		*out = true;
		return 0;
	}
	if (!id)
		return 0;
	*out = names(waiver->records, id, length) || names(waiver->records, id, strlen(id)) || names(waiver->services, id, length);
	return *out || !waiver->services ? 0 : concerns(index, waiver->services, id, length, out, err);
}

static void add_expired(struct itsm_findings *findings, const struct desk_waiver *waiver, const struct itsm_finding *finding)
{
	struct itsm_finding expired = {.rule = "waiver/expired", .severity = ITSM_SEVERITY_ERROR, .record = waiver->id,
		.path = waiver->path, .line = 1, .remedy = "keep the rule, or ask for another waiver; move this one to expired"};
	size_t i;

	expired.message = itsm_arena_printf(findings->arena, "it waived %s until %s and holds no longer", finding->rule, waiver->expires);
	for (i = 0; i < findings->count; i++) {
		if (strcmp(findings->items[i].rule, expired.rule) == 0 && strcmp(findings->items[i].message, expired.message) == 0 &&
		    strcmp(findings->items[i].record, waiver->id) == 0)
			return;
	}
	itsm_findings_add(findings, &expired);
}

int desk_policy_waive(struct desk_policy *policy, struct itsm_index *index, struct itsm_findings *findings,
	struct itsm_error *err)
{
	size_t count = findings->count, i, j;
	char today[ITSM_TIME_TEXT];
	int status = count ? read_waivers(policy, err) : 0;

	itsm_time_format_utc(policy->desk->options.now, today);
	for (i = 0; i < count && status == 0; i++) {
		const struct desk_waiver *expired = NULL;

		for (j = 0; j < policy->waiver_count && status == 0 && !findings->items[i].waiver; j++) {
			const struct desk_waiver *waiver = &policy->waivers[j];
			bool covered;

			status = covers(index, waiver, &findings->items[i], &covered, err);
			if (status != 0 || !covered)
				continue;
			if (strncmp(waiver->expires, today, strlen("YYYY-MM-DD")) < 0)
				expired = waiver;
			else
				itsm_findings_waive(findings, i, waiver->id, waiver->expires);
		}
		if (expired && !findings->items[i].waiver)
			add_expired(findings, expired, &findings->items[i]);
	}
	return status;
}
