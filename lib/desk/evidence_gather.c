/* What happened to the subjects: one pass over history, in which each change is verified as well. */
#include <string.h>

#include "evidence.h"

/* The subject that a file belongs to, and of a part its kind and name. */
static struct evidence_subject *find_subject(
	struct evidencing *evidencing, const char *path, const struct itsm_kind **kind, char id[ITSM_ID_MAX])
{
	char owner[ITSM_ID_MAX];

	if (!itsm_kinds_locate(evidencing->desk->kinds, path, kind, id, owner))
		return NULL;
	for (size_t i = 0; i < evidencing->count; i++) {
		if (strcmp(evidencing->subjects[i].id, *owner ? owner : id) == 0)
			return &evidencing->subjects[i];
	}
	return NULL;
}

static int see_commit(void *context, const struct itsm_trail_commit *commit)
{
	(void)context;
	(void)commit;
	return 0;
}

static const char *copy(struct itsm_arena *arena, const char *text)
{
	return text ? itsm_arena_strdup(arena, text) : NULL;
}

static int see_change(void *context, const struct itsm_trail_commit *commit, const struct itsm_trail_change *change)
{
	struct evidencing *evidencing = context;
	struct verifying *verifying = evidencing->verifying;
	struct itsm_arena *arena = evidencing->arena;
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX];
	struct evidence_subject *subject = find_subject(evidencing, change->path, &kind, id);
	struct evidence_event *event;
	int status;

	if (!subject)
		return 0;
	verifying->commit = *commit;
	verifying->findings = &subject->findings;
	itsm_oid_text(&commit->oid, verifying->name);
	verifying->by_import = strstr(commit->body, "Itsm-Action: import\n") != NULL;
	if ((status = verify_epoch_for(verifying, commit->landed, &verifying->epoch)) != 0 ||
		(status = verify_change(verifying, change)) != 0 ||
		(status = verify_approvals(verifying)) != 0) /* at once: its findings are this subject's */
		return status;
	verify_commit_end(verifying);
	itsm_arena_grow(arena, &subject->events, &subject->capacity, subject->count, sizeof(*subject->events));
	event = &subject->events[subject->count++];
	*event = (struct evidence_event){
		.commit = commit->oid,
		.blob = change->new_blob,
		.path = itsm_arena_strdup(arena, change->path),
		.part = kind->part ? kind->name : NULL,
		.name = itsm_arena_strdup(arena, id),
		.landed = commit->landed,
		.at = commit->at,
		.mail = itsm_arena_strdup(arena, commit->mail),
		.subject = itsm_arena_strdup(arena, commit->subject),
		.from = copy(arena, change->old_state),
		.to = copy(arena, change->new_state),
		.added = change->added,
		.removed = change->removed,
	};
	if (strcmp(kind->name, "approval") == 0 && !change->removed)
		status = evidence_approval(evidencing, subject, change, event);
	return status;
}

static int gather_deployments(struct evidencing *evidencing, struct evidence_subject *subject)
{
	static const char sql[] =
		"SELECT DISTINCT d.id, d.path, d.title, d.result, d.started, d.environment FROM link AS l"
		" JOIN deployment AS d ON d.id = l.source WHERE l.target = ?1 ORDER BY d.started, d.id";
	struct itsm_value id = {.type = ITSM_VALUE_TEXT, .text = subject->id};
	struct itsm_arena *arena = evidencing->arena;
	const struct itsm_kind *kind = itsm_kinds_find(evidencing->desk->kinds, "deployment");
	struct itsm_query *query;
	int status;

	if (!kind || !itsm_kind_field(kind, "environment"))
		return 0;
	if ((status = itsm_query_open(evidencing->index, sql, &id, 1, &query, evidencing->err)) != 0)
		return status;
	while ((status = itsm_query_next(query, evidencing->err)) == 1) {
		struct deployment *one;

		itsm_arena_grow(arena, &subject->deployments, &subject->deployment_capacity, subject->deployment_count,
			sizeof(*subject->deployments));
		one = &subject->deployments[subject->deployment_count++];
		*one = (struct deployment){
			copy(arena, itsm_query_value(query, 0).text),
			copy(arena, itsm_query_value(query, 1).text),
			copy(arena, itsm_query_value(query, 2).text),
			copy(arena, itsm_query_value(query, 3).text),
			copy(arena, itsm_query_value(query, 4).text),
			copy(arena, itsm_query_value(query, 5).text),
		};
	}
	itsm_query_free(query);
	return status;
}

int evidence_gather(struct evidencing *evidencing)
{
	struct itsm_trail trail = {see_commit, see_change, evidencing};
	int status = itsm_index_trail(evidencing->index, &trail, evidencing->err);

	for (size_t i = 0; status == 0 && i < evidencing->count; i++) {
		struct evidence_subject *subject = &evidencing->subjects[i];

		status = itsm_index_check(evidencing->index, subject->path, &subject->findings, evidencing->err);
		if (status == 0)
			status = gather_deployments(evidencing, subject);
		itsm_findings_sort(&subject->findings);
	}
	return status;
}
