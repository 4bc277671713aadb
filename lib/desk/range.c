/*
 * `itsm check BASE..HEAD`: what a proposal does, judged by the kinds of BASE.
 *
 * The proposal is what HEAD has beyond the merge base, so that a BASE which
 * went on meanwhile is not read backwards as the proposal's doing.
 *
 *  - each file it touches: everything that a full check finds there;
 *  - each commit in turn, oldest first: every change of state is a step that
 *    the workflow has (workflow/transition), a record begins in its first state
 *    (workflow/initial);
 *  - the guards of every state it entered on the way, on the record as that
 *    commit left it, at the moment of that commit, with all else as at HEAD;
 *  - immutable fields (schema/immutable), removed records (history/removed),
 *    records elsewhere that refer to what is removed (reference/missing);
 *  - no link or submodule in the place of a record or of a folder of records
 *    (path/symlink);
 *  - the kinds it changes must be readable, and may not move records out of
 *    sight (policy/kind); the desk must stay one (setup/desk).
 */
#include <string.h>

#include "range.h"

static unsigned bucket(const char *path)
{
	unsigned hash = 5381;

	while (*path)
		hash = hash * 33 + (unsigned char)*path++;
	return hash % WALKED_BUCKETS;
}

static struct walked *walked_record(struct judging *judging, const char *path)
{
	struct walked **slot = &judging->walked[bucket(path)];
	struct walked *item;

	for (item = *slot; item; item = item->next) {
		if (strcmp(item->path, path) == 0)
			return item;
	}
	item = itsm_arena_alloc(judging->arena, sizeof(*item));
	item->path = itsm_arena_strdup(judging->arena, path);
	item->next = *slot;
	*slot = item;
	return item;
}

static int read_entry(struct judging *judging, struct itsm_arena *arena, const struct itsm_entry *entry,
	struct itsm_record **out)
{
	struct itsm_findings ignored;

	*out = NULL;
	if (!entry || (entry->mode & 0170000) != 0100000)
		return 0;
	itsm_findings_init(&ignored, arena);
	return itsm_desk_read_blob(judging->desk, arena, judging->kinds, entry->path, &entry->blob, out, &ignored, judging->err);
}

static void judge_removed(struct judging *judging, const struct itsm_entry *entry)
{
	struct itsm_finding finding = {.rule = "history/removed", .severity = ITSM_SEVERITY_ERROR, .line = 1,
		.message = "the record is removed", .remedy = "bring it back; records are closed, cancelled or retired, not removed"};
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];

	if (!itsm_kinds_locate(judging->kinds, entry->path, &kind, id, owner))
		return;
	finding.path = entry->path;
	finding.record = *owner ? itsm_arena_printf(judging->arena, "%s/%s/%s", owner, kind->part, id) : itsm_arena_strdup(judging->arena, id);
	itsm_findings_add(judging->findings, &finding);
	itsm_arena_grow(judging->arena, &judging->removed, &judging->removed_capacity, judging->removed_count, sizeof(*judging->removed));
	judging->removed[judging->removed_count++] = finding.record;
}

/* One path that differs between the two ends. */
static int judge_ends(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct judging *judging = context;
	struct itsm_arena *arena;
	struct itsm_record *before, *after;
	int status;

	if (!new_entry) {
		judge_removed(judging, old_entry);
		return 0;
	}
	if ((new_entry->mode & 0170000) != 0100000) {
		if (old_entry && (old_entry->mode & 0170000) == 0100000)
			judge_removed(judging, old_entry);
		range_judge_link(judging, new_entry->path);
		return 0;
	}
	if (!itsm_kinds_claims(judging->kinds, new_entry->path))
		return 0;
	itsm_arena_grow(judging->arena, &judging->touched, &judging->touched_capacity, judging->touched_count, sizeof(*judging->touched));
	judging->touched[judging->touched_count++] = itsm_arena_strdup(judging->arena, new_entry->path);
	walked_record(judging, new_entry->path)->touched = true;
	if (!old_entry)
		return 0;
	arena = itsm_arena_new();
	if ((status = read_entry(judging, arena, old_entry, &before)) == 0 && (status = read_entry(judging, arena, new_entry, &after)) == 0) {
		struct walked *walked = walked_record(judging, new_entry->path);

		walked->begun = true;
		walked->state = before && before->state ? itsm_arena_strdup(judging->arena, before->state) : NULL;
		if (before && after)
			desk_judge_immutable(before, after, judging->findings);
	}
	itsm_arena_free(arena);
	return status;
}

/* One change of one file by one commit of the proposal. */
struct step {
	const char *path;
	struct itsm_oid old_blob, new_blob;
	bool is_new, is_gone;
};

struct steps {
	struct judging *judging;
	struct step *items;
	size_t count, capacity;
};

static int collect_commit(void *context, const struct itsm_commit *commit)
{
	struct steps *steps = context;
	struct judging *judging = steps->judging;

	itsm_arena_grow(judging->arena, &judging->commits, &judging->commit_capacity, judging->commit_count, sizeof(*judging->commits));
	judging->commits[judging->commit_count++] = (struct commit_list){commit->committer.seconds, steps->count, 0};
	return 0;
}

static int collect_change(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct steps *steps = context;
	struct judging *judging = steps->judging;
	const char *path = new_entry ? new_entry->path : old_entry->path;
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	struct step *step;

	if (!itsm_kinds_locate(judging->kinds, path, &kind, id, owner) || !kind->state_count)
		return 0;
	itsm_arena_grow(judging->arena, &steps->items, &steps->capacity, steps->count, sizeof(*steps->items));
	step = &steps->items[steps->count++];
	step->path = itsm_arena_strdup(judging->arena, path);
	step->is_new = !old_entry;
	step->is_gone = !new_entry || (new_entry->mode & 0170000) != 0100000;
	if (new_entry)
		step->new_blob = new_entry->blob;
	judging->commits[judging->commit_count - 1].count++;
	return 0;
}

static bool may_begin_anywhere(const struct itsm_kind *kind)
{
	return !kind->by_month;
}

/* The state a record has after a commit, against the one it had before. */
static void judge_state(struct judging *judging, struct walked *walked, const struct itsm_record *record,
	const struct itsm_oid *blob, int64_t when)
{
	const struct itsm_kind *kind = record->kind;
	const char *from = walked->state;

	if (!record->state || !itsm_kind_state(kind, record->state))
		return;
	if (!walked->begun) {
		if (!may_begin_anywhere(kind) && strcmp(record->state, kind->states[0].name) != 0)
			desk_finding(judging->findings, record, "state", "workflow/initial",
				"commit it in its first state, then `itsm move` it step by step",
				"%s %s begins as '%s', this one as '%s'", desk_a(kind->name), kind->name, kind->states[0].name, record->state);
	} else if (from && strcmp(from, record->state) != 0 && !itsm_kind_transition(kind, from, record->state)) {
		desk_finding(judging->findings, record, "state", "workflow/transition",
			"undo it and take the steps that `itsm next` names, one commit each",
			"%s %s can't go from '%s' to '%s'", desk_a(kind->name), kind->name, from, record->state);
	}
	if (!walked->begun || !from || strcmp(from, record->state) != 0) {
		struct entered *entered = itsm_arena_alloc(judging->arena, sizeof(*entered));

		*entered = (struct entered){from, *blob, when, NULL};
		*(walked->last ? walked->last : &walked->entered) = entered;
		walked->last = &entered->next;
	}
	walked->begun = true;
	walked->state = itsm_arena_strdup(judging->arena, record->state);
}

static int walk_step(struct judging *judging, const struct step *step, int64_t when)
{
	struct walked *walked = walked_record(judging, step->path);
	struct itsm_entry entry = {.path = step->path, .blob = step->new_blob, .mode = 0100644};
	struct itsm_arena *arena;
	struct itsm_record *record;
	int status;

	if (step->is_gone)
		return 0;
	arena = itsm_arena_new();
	status = read_entry(judging, arena, &entry, &record);
	if (status == 0 && record)
		judge_state(judging, walked, record, &step->new_blob, when);
	itsm_arena_free(arena);
	return status;
}

static int walk_commits(struct judging *judging)
{
	struct steps steps = {.judging = judging};
	struct itsm_history history = {collect_commit, collect_change, &steps};
	size_t i, j;
	int status = itsm_repo_history(&judging->desk->place, itsm_oid_is_zero(&judging->base) ? NULL : &judging->base,
		&judging->head, NULL, 0, &history, judging->err);

	for (i = judging->commit_count; status == 0 && i-- > 0;) {
		const struct commit_list *commit = &judging->commits[i];

		for (j = commit->first; status == 0 && j < commit->first + commit->count; j++)
			status = walk_step(judging, &steps.items[j], commit->seconds);
	}
	return status;
}

static int give_repository(void *context, struct itsm_repo **out, struct itsm_error *err)
{
	return itsm_desk_repository(context, out, err);
}

static struct itsm_index_options own_index(struct judging *judging)
{
	struct itsm_desk *desk = judging->desk;

	return (struct itsm_index_options){
		.kinds = judging->kinds, .place = &desk->place, .memory = true, .now = desk->options.now,
		.progress = desk->options.progress, .progress_context = desk->options.progress_context,
		.repository = give_repository, .repository_context = desk,
	};
}

/* An index of its own, in which records can be proposed as they were. */
static int open_trial(struct judging *judging)
{
	struct itsm_index_options options = own_index(judging);
	int status = judging->trial ? 0 : itsm_index_open(&options, &judging->trial, judging->err);

	if (status != 0 || (status = itsm_index_refresh_head(judging->trial, &judging->head, judging->err)) != 0)
		return status;
	return itsm_index_use(judging->trial, ITSM_SNAPSHOT_HEAD, judging->err);
}

static int judge_in(struct judging *judging, struct itsm_index *index, const struct entered *entered,
	const struct itsm_record *record)
{
	int status = 0;

	itsm_index_set_now(index, entered->when);
	if (entered->from && itsm_kind_transition(record->kind, entered->from, record->state))
		status = desk_judge_step(index, record->kind, record, entered->from, judging->findings, judging->err);
	if (status == 0)
		status = desk_judge_guards(index, record->kind, record, entered->from, judging->findings, judging->err);
	itsm_index_set_now(index, judging->desk->options.now);
	return status;
}

/* One state that a record entered: on the record as it was then. `head` is its blob at HEAD. */
static int judge_entered(struct judging *judging, const char *path, const struct entered *entered, const struct itsm_oid *head)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_entry entry = {.path = path, .blob = entered->blob, .mode = 0100644};
	struct itsm_record *record;
	int status = read_entry(judging, arena, &entry, &record);

	if (status == 0 && record && record->state && itsm_kind_state(record->kind, record->state)) {
		if (itsm_oid_equal(&entered->blob, head)) {
			status = judge_in(judging, judging->index, entered, record);
		} else if ((status = open_trial(judging)) == 0 &&
		    (status = itsm_index_propose(judging->trial, path, record->text, record->size, judging->err)) == 0) {
			status = judge_in(judging, judging->trial, entered, record);
			itsm_index_settle(judging->trial, NULL, NULL);
		}
	}
	itsm_arena_free(arena);
	return status;
}

/* A touched file as it is at HEAD, and the states it went through. */
static int judge_touched(struct judging *judging, const char *path)
{
	const struct walked *walked = walked_record(judging, path);
	const struct entered *entered;
	struct itsm_entry entry;
	int status = itsm_index_check(judging->index, path, judging->findings, judging->err);

	if (status != 0 || !walked->entered || (status = itsm_repo_find(judging->repo, &judging->head, path, &entry, judging->err)) != 0)
		return status;
	for (entered = walked->entered; entered && status == 0; entered = entered->next)
		status = judge_entered(judging, path, entered, &entry.blob);
	return status;
}

/* Records that the proposal leaves alone, but whose references it breaks. */
static int judge_references(struct judging *judging, const char *removed)
{
	struct itsm_value id = {.type = ITSM_VALUE_TEXT, .text = removed};
	struct itsm_query *query;
	int status = itsm_query_open(judging->index,
		"SELECT DISTINCT r.path FROM link AS l JOIN record AS r ON r.id = l.source WHERE l.target = ?1", &id, 1, &query,
		judging->err);

	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, judging->err)) == 1) {
		const char *path = itsm_query_value(query, 0).text;

		if (!walked_record(judging, path)->touched)
			status = itsm_index_check(judging->index, itsm_arena_strdup(judging->arena, path), judging->findings, judging->err);
		if (status < 0)
			break;
	}
	itsm_query_free(query);
	return status;
}

/* An index in terms of BASE's kinds: the desk's own where they are the same. */
static int open_index(struct judging *judging)
{
	struct itsm_desk *desk = judging->desk;
	struct itsm_index_options options = own_index(judging);
	int status;

	if (strcmp(itsm_kinds_digest(judging->kinds), itsm_kinds_digest(desk->kinds)) == 0)
		status = itsm_desk_index(desk, &judging->index, judging->err);
	else
		status = itsm_index_open(&options, &judging->index, judging->err);
	if (status != 0 || (status = itsm_index_load_at(judging->index, &judging->head, judging->err)) != 0)
		return status;
	return itsm_index_use(judging->index, ITSM_SNAPSHOT_AT, judging->err);
}

static int find_ends(struct judging *judging, const char *range, struct itsm_oid *policy)
{
	const char *dots = strstr(range, "..");
	const char *base, *head;
	int status;

	if (!dots)
		return itsm_error_set(judging->err, ITSM_EUSAGE, "'%s' is no range; give BASE..HEAD, such as main..%s", range, range);
	base = itsm_arena_strndup(judging->arena, range, (size_t)(dots - range));
	head = dots + 2 + (dots[2] == '.');
	if ((status = itsm_desk_repository(judging->desk, &judging->repo, judging->err)) != 0 ||
	    (status = itsm_repo_resolve(judging->repo, *base ? base : "HEAD", policy, judging->err)) != 0 ||
	    (status = itsm_repo_resolve(judging->repo, *head ? head : "HEAD", &judging->head, judging->err)) != 0)
		return status;
	return itsm_repo_merge_base(judging->repo, policy, &judging->head, &judging->base, judging->err);
}

static int judge(struct judging *judging)
{
	size_t i;
	int status;

	if ((status = open_index(judging)) != 0 ||
	    (status = itsm_repo_compare(judging->repo, &judging->base, &judging->head, judge_ends, judging, judging->err)) != 0 ||
	    (status = walk_commits(judging)) != 0)
		return status;
	range_judge_policy(judging);
	for (i = 0; i < judging->touched_count && status == 0; i++)
		status = judge_touched(judging, judging->touched[i]);
	for (i = 0; i < judging->removed_count && status == 0; i++)
		status = judge_references(judging, judging->removed[i]);
	return status;
}

int desk_check_range(struct itsm_desk *desk, const char *range, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct judging *judging = itsm_arena_alloc(arena, sizeof(*judging));
	struct itsm_oid policy;
	int status;

	judging->desk = desk;
	judging->arena = arena;
	judging->findings = findings;
	judging->err = err;
	status = find_ends(judging, range, &policy);
	if (status == 0)
		status = itsm_desk_kinds_at(desk, &policy, &judging->kinds, err);
	if (status == 0)
		status = judge(judging);
	if (judging->index != desk->index)
		itsm_index_free(judging->index);
	itsm_index_free(judging->trial);
	itsm_kinds_free(judging->kinds);
	itsm_arena_free(arena);
	return status;
}
