/*
 * `itsm check BASE..HEAD`: what a proposal does, judged by the kinds, rules,
 * people and waivers of BASE.
 *
 * Where BASE went on meanwhile, the merge of both is judged (range_merge.c), so
 * that it is what would be there afterwards.
 *
 *  - each file that would differ from BASE: everything that a full check finds there;
 *  - each commit in turn, oldest first (range_walk.c): every change of state is a step
 *    that the workflow has (workflow/transition), a record begins in its first
 *    state (workflow/initial); times are those of the commit (range_history.c);
 *  - the guards and rules of every state it entered on the way, on the record as that
 *    commit left it, at the moment of that commit, with all else as it would be;
 *  - immutable fields (schema/immutable), removed records (history/removed),
 *    records elsewhere that refer to what is removed (reference/missing);
 *  - no link or submodule in the place of a record or of a folder of records
 *    (path/symlink);
 *  - the kinds and rules it changes must be readable, and may not move records out of
 *    sight (policy/kind); the desk must stay one (setup/desk); who may
 *    change them is a rule of BASE with `paths` (range_paths.c).
 */
#include <string.h>

#include "range.h"
#include "signature.h"

void range_add_path(struct judging *judging, struct range_paths *paths, const char *path)
{
	itsm_arena_grow(judging->arena, &paths->items, &paths->capacity, paths->count, sizeof(*paths->items));
	paths->items[paths->count++] = itsm_arena_strdup(judging->arena, path);
}

/* A record that was read already: each version is asked for by several questions. */
static struct range_read **read_place(struct judging *judging, const struct itsm_entry *entry)
{
	struct range_read **slot = &judging->reads[(entry->blob.bytes[0] << 4 | entry->blob.bytes[1] >> 4) % READ_BUCKETS];

	while (*slot && (!itsm_oid_equal(&(*slot)->blob, &entry->blob) || strcmp((*slot)->path, entry->path) != 0))
		slot = &(*slot)->next;
	return slot;
}

int range_read_entry(struct judging *judging, struct itsm_arena *arena, const struct itsm_entry *entry,
	struct itsm_record **out)
{
	struct range_read **slot;
	struct itsm_findings ignored;
	bool keep;
	int status;

	*out = NULL;
	if (!entry || (entry->mode & 0170000) != 0100000)
		return 0;
	slot = read_place(judging, entry);
	if (*slot) {
		*out = (*slot)->record;
		return 0;
	}
	keep = judging->read_count < READS_MAX;
	itsm_findings_init(&ignored, arena);
	status = itsm_desk_read_blob(judging->desk, keep ? judging->arena : arena, judging->kinds, entry->path, &entry->blob, out,
		&ignored, judging->err);
	if (status == 0 && keep) {
		*slot = itsm_arena_alloc(judging->arena, sizeof(**slot));
		**slot = (struct range_read){entry->blob, itsm_arena_strdup(judging->arena, entry->path), *out, NULL};
		judging->read_count++;
	}
	return status;
}

/* Of both ends it is known what differs. */
static const struct itsm_entry *known_entry(struct judging *judging, const struct itsm_oid *commit, const char *path)
{
	const struct walked *walked = range_walked(judging, path);

	if (!walked->compared)
		return NULL;
	return itsm_oid_equal(commit, &judging->merged) ? &walked->after
		: itsm_oid_equal(commit, &judging->base) ? &walked->before : NULL;
}

int range_find(struct judging *judging, const struct itsm_oid *commit, const char *path, struct itsm_entry *out)
{
	const struct itsm_entry *known = known_entry(judging, commit, path);
	struct itsm_error failure = {0};
	int status;

	*out = known ? *known : (struct itsm_entry){0};
	if (known || itsm_oid_is_zero(commit))
		return 0;
	status = itsm_repo_find(judging->repo, commit, path, out, &failure);
	if (status == ITSM_ENOTFOUND)
		return 0;
	if (status != 0 && judging->err)
		*judging->err = failure;
	out->path = path;
	return status;
}

int range_read_at(struct judging *judging, struct itsm_arena *arena, const struct itsm_oid *commit, const char *path,
	struct itsm_record **out)
{
	struct itsm_entry entry;
	int status = range_find(judging, commit, path, &entry);

	*out = NULL;
	return status ? status : range_read_entry(judging, arena, &entry, out);
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
	range_add_path(judging, &judging->removed, finding.record);
	if (*owner)
		range_add_path(judging, &judging->owners, owner);
}

static int judge_changed(struct judging *judging, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_record *before, *after;
	int status = range_read_entry(judging, arena, old_entry, &before);

	if (status == 0 && (status = range_read_entry(judging, arena, new_entry, &after)) == 0 && before && after) {
		desk_judge_immutable(before, after, judging->findings);
		desk_policy_unchanged(judging->policy, before, after, judging->arena, judging->findings);
	}
	itsm_arena_free(arena);
	return status;
}

static void remember(struct judging *judging, const char *path, const struct itsm_entry *old_entry,
	const struct itsm_entry *new_entry)
{
	struct walked *walked;

	if (!itsm_kinds_claims(judging->kinds, path))
		return;
	range_touch_kind(judging, path);
	walked = range_walked(judging, path);
	walked->compared = true;
	if (old_entry)
		walked->before = *old_entry;
	if (new_entry)
		walked->after = *new_entry;
	walked->before.path = walked->after.path = walked->path;
}

/* One path that differs between the two ends. */
static int judge_ends(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct judging *judging = context;
	const char *path = new_entry ? new_entry->path : old_entry->path;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	const struct itsm_kind *kind;

	remember(judging, path, old_entry, new_entry);
	if (range_is_policy_file(judging, path))
		range_add_path(judging, &judging->policy_files, path);
	if (!new_entry) {
		judge_removed(judging, old_entry);
		return 0;
	}
	if ((new_entry->mode & 0170000) != 0100000) {
		if (old_entry && (old_entry->mode & 0170000) == 0100000)
			judge_removed(judging, old_entry);
		range_judge_link(judging, path);
		return 0;
	}
	if (!itsm_kinds_claims(judging->kinds, path))
		return 0;
	range_add_path(judging, &judging->touched, path);
	range_walked(judging, path)->touched = true;
	if (itsm_kinds_locate(judging->kinds, path, &kind, id, owner) && *owner)
		range_add_path(judging, &judging->owners, owner);
	return old_entry ? judge_changed(judging, old_entry, new_entry) : 0;
}

static int give_repository(void *context, struct itsm_repo **out, struct itsm_error *err)
{
	return itsm_desk_repository(context, out, err);
}

/* A record by the policy, as it is in what is judged. */
static int judge_by_policy(struct judging *judging, const char *path)
{
	const struct desk_moment moment = {false, judging->desk->options.now};
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_record *record;
	int status = range_read_at(judging, arena, &judging->merged, path, &record);

	if (status == 0 && record)
		status = desk_policy_judge(judging->policy, judging->index, record, moment, judging->findings, judging->err);
	itsm_arena_free(arena);
	return status;
}

/* The states a touched file went through, and the rules that bind it as it would be. */
static int judge_touched(struct judging *judging, const char *path)
{
	int status = range_judge_end(judging, path);

	if (status == 0 && (status = range_judge_entered(judging, path)) == 0)
		status = judge_by_policy(judging, path);
	return status;
}

/* A record that is left alone, but whose approvals and notes are not. */
static int judge_owner(struct judging *judging, const char *id)
{
	struct itsm_hit hit;
	int status = itsm_index_find(judging->index, judging->arena, id, NULL, &hit, NULL);

	if (status != 0 || hit.record || range_walked(judging, hit.path)->touched)
		return 0;
	range_walked(judging, hit.path)->touched = true;
	return judge_by_policy(judging, hit.path);
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

		if (!range_walked(judging, path)->touched)
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
	struct itsm_index_options options = {
		.kinds = judging->kinds, .place = &desk->place, .memory = true, .now = desk->options.now,
		.progress = desk->options.progress, .progress_context = desk->options.progress_context,
		.repository = give_repository, .repository_context = desk,
	};

	if (strcmp(itsm_kinds_digest(judging->kinds), itsm_kinds_digest(desk->kinds)) == 0)
		return itsm_desk_index(desk, &judging->index, judging->err);
	return itsm_index_open(&options, &judging->index, judging->err);
}

/* Where what is judged is checked out, the index has it: a revision of its own costs a row for each record of the desk. */
int range_show(struct judging *judging)
{
	enum itsm_snapshot snapshot = judging->is_head ? ITSM_SNAPSHOT_HEAD : ITSM_SNAPSHOT_AT;
	int status = judging->is_head ? itsm_index_refresh_head(judging->index, &judging->merged, judging->err)
		: itsm_index_load_at(judging->index, &judging->merged, judging->err);

	return status ? status : itsm_index_use(judging->index, snapshot, judging->err);
}

static int show_merged(struct judging *judging)
{
	struct itsm_oid head;
	int status = itsm_place_head(judging->arena, &judging->desk->place, &head, NULL, judging->err);

	if (status != 0)
		return status;
	judging->is_head = judging->index == judging->desk->index && itsm_oid_equal(&head, &judging->merged);
	return range_show(judging);
}

static int find_ends(struct judging *judging, const char *range)
{
	const char *dots = strstr(range, "..");
	const char *base, *head;
	int status;

	if (!dots)
		return itsm_error_set(judging->err, ITSM_EUSAGE, "'%s' is no range; give BASE..HEAD, such as main..%s", range, range);
	base = itsm_arena_strndup(judging->arena, range, (size_t)(dots - range));
	head = dots + 2 + (dots[2] == '.');
	if ((status = itsm_desk_repository(judging->desk, &judging->repo, judging->err)) != 0 ||
	    (status = itsm_repo_resolve(judging->repo, *base ? base : "HEAD", &judging->base, judging->err)) != 0 ||
	    (status = itsm_repo_resolve(judging->repo, *head ? head : "HEAD", &judging->head, judging->err)) != 0 ||
	    (status = range_refuse_shallow(judging)) != 0)
		return status;
	return 0;
}

/*
 * Where the proposal left BASE. When BASE is behind HEAD, one of the commits between has it as its parent: so that
 * is known without a walk, for which libgit2 would first hash the whole commit-graph file.
 */
static int find_fork(struct judging *judging)
{
	size_t i, j;

	judging->fork = judging->base;
	for (i = 0; i < judging->commit_count; i++) {
		for (j = 0; j < judging->commits[i].parent_count; j++) {
			if (itsm_oid_equal(&judging->commits[i].parents[j], &judging->base))
				return 0;
		}
	}
	return itsm_repo_merge_base(judging->repo, &judging->base, &judging->head, &judging->fork, judging->err);
}

/* Of all that will be judged by its approvals, history is read at once, and signatures are verified several at a time. */
static int expect_approvals(struct judging *judging)
{
	int status;
	struct range_paths paths = {0};
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	const struct itsm_kind *kind;
	struct itsm_hit hit;
	size_t i;

	for (i = 0; i < judging->touched.count; i++) {
		if (itsm_kinds_locate(judging->kinds, judging->touched.items[i], &kind, id, owner) &&
		    desk_policy_wants_approvals(judging->policy, kind))
			range_add_path(judging, &paths, judging->touched.items[i]);
	}
	for (i = 0; i < judging->owners.count; i++) {
		if (itsm_index_find(judging->index, judging->arena, judging->owners.items[i], NULL, &hit, NULL) == 0 && !hit.record &&
		    !range_walked(judging, hit.path)->touched)
			range_add_path(judging, &paths, hit.path);
	}
	status = desk_policy_expect(judging->policy, paths.items, paths.count, judging->err);
	for (i = 0; i < paths.count && paths.count > 1 && status == 0; i++) {
		struct itsm_arena *arena = itsm_arena_new();
		struct itsm_record *record;

		status = range_read_at(judging, arena, &judging->merged, paths.items[i], &record);
		if (status == 0 && record)
			status = desk_policy_gather(judging->policy, judging->index, record, judging->err);
		itsm_arena_free(arena);
	}
	return status ? status : signature_run(judging->desk, judging->err);
}

static int judge_records(struct judging *judging)
{
	size_t i;
	int status = itsm_index_check_paths(judging->index, judging->touched.items, judging->touched.count, true, judging->findings, judging->err);

	if (status == 0)
		status = expect_approvals(judging);
	for (i = 0; i < judging->touched.count && status == 0; i++)
		status = judge_touched(judging, judging->touched.items[i]);
	for (i = 0; i < judging->owners.count && status == 0; i++)
		status = judge_owner(judging, judging->owners.items[i]);
	for (i = 0; i < judging->removed.count && status == 0; i++)
		status = judge_references(judging, judging->removed.items[i]);
	return status;
}

static int judge(struct judging *judging)
{
	bool *bound = NULL;
	int status;

	if ((status = desk_policy_open(judging->desk, judging->kinds, &judging->base, &judging->head, &judging->policy, judging->err)) != 0 ||
	    (status = range_collect(judging)) != 0 ||
	    (status = find_fork(judging)) != 0 ||
	    (status = range_merge(judging)) != 0)
		return status;
	judging->policy->head = judging->merged;
	if ((status = itsm_repo_compare(judging->repo, &judging->base, &judging->merged, judge_ends, judging, judging->err)) != 0 ||
	    (status = open_index(judging)) != 0)
		return status;
	desk_policy_serve(judging->policy, judging->index);
	if ((status = range_bind_paths(judging, &bound)) != 0 ||
	    (status = show_merged(judging)) != 0 ||
	    (status = range_walk(judging)) != 0)
		return status;
	range_judge_policy(judging);
	if ((status = judge_records(judging)) != 0 || (status = range_judge_authors(judging)) != 0 ||
	    (status = range_judge_paths(judging, bound)) != 0 ||
	    (status = range_judge_found(judging)) != 0)
		return status;
	return desk_policy_waive(judging->policy, judging->index, judging->findings, judging->err);
}

int desk_check_range(struct itsm_desk *desk, const char *range, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct judging *judging = itsm_arena_alloc(arena, sizeof(*judging));
	int status;

	judging->desk = desk;
	judging->arena = arena;
	judging->findings = findings;
	judging->err = err;
	status = find_ends(judging, range);
	if (status == 0)
		status = itsm_desk_kinds_at(desk, &judging->base, &judging->kinds, err);
	if (status == 0)
		status = judge(judging);
	desk_policy_free(judging->policy);
	if (judging->index != desk->index)
		itsm_index_free(judging->index);
	itsm_kinds_free(judging->kinds);
	itsm_arena_free(arena);
	return status;
}
