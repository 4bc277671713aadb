/*
 * The commits of a proposal, oldest first: each against its own parents, so that
 * branches within it don't mix. What a merge makes that none of its parents has
 * is judged like a commit's; what it takes from a parent is not its doing.
 *
 * When a commit was made is what its author says (its author date, which a rebase keeps),
 * unless that is after it was written: then that. See docs/policy.md.
 */
#include <string.h>

#include "range.h"

#define LINE_MOST 64

static unsigned bucket(const char *path)
{
	unsigned hash = 5381;

	while (*path)
		hash = hash * 33 + (unsigned char)*path++;
	return hash % WALKED_BUCKETS;
}

struct walked *range_walked(struct judging *judging, const char *path)
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

const char *range_short(struct judging *judging, const struct itsm_oid *commit)
{
	char text[41];

	itsm_oid_text(commit, text);
	return itsm_arena_strndup(judging->arena, text, 10);
}

static int collect_commit(void *context, const struct itsm_commit *commit)
{
	struct judging *judging = context;
	struct itsm_oid *parents = itsm_arena_alloc(judging->arena, (commit->parent_count + 1) * sizeof(*parents));

	memcpy(parents, commit->parents, commit->parent_count * sizeof(*parents));
	itsm_arena_grow(judging->arena, &judging->commits, &judging->commit_capacity, judging->commit_count, sizeof(*judging->commits));
	judging->commits[judging->commit_count++] = (struct range_commit){
		.oid = commit->oid, .parents = parents, .parent_count = commit->parent_count,
		.author = commit->author.seconds, .committer = commit->committer.seconds,
		.mail = itsm_arena_strdup(judging->arena, commit->author.mail),
		.name = itsm_arena_strdup(judging->arena, commit->author.name),
		.body = itsm_arena_strdup(judging->arena, commit->body), .first = judging->step_count};
	return 0;
}

static int collect_change(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct judging *judging = context;
	const char *path = new_entry ? new_entry->path : old_entry->path;
	const struct itsm_kind *kind;
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	bool is_record = itsm_kinds_locate(judging->kinds, path, &kind, id, owner);
	struct range_step *step;

	if (!is_record && !range_is_policy_file(judging, path))
		return 0;
	itsm_arena_grow(judging->arena, &judging->steps, &judging->step_capacity, judging->step_count, sizeof(*judging->steps));
	step = &judging->steps[judging->step_count++];
	*step = (struct range_step){.path = itsm_arena_strdup(judging->arena, path), .is_record = is_record};
	step->is_new = !old_entry || (old_entry->mode & 0170000) != 0100000;
	step->is_gone = !new_entry || (new_entry->mode & 0170000) != 0100000;
	if (!step->is_new)
		step->old_blob = old_entry->blob;
	if (!step->is_gone)
		step->new_blob = new_entry->blob;
	judging->commits[judging->commit_count - 1].count++;
	return 0;
}

/* The record in each parent that has it. */
static int read_befores(struct judging *judging, struct itsm_arena *arena, const struct range_commit *commit,
	const struct range_step *step, struct itsm_record ***out, size_t *count)
{
	struct itsm_entry entry = {.path = step->path, .blob = step->old_blob, .mode = 0100644};
	struct itsm_record **records = itsm_arena_alloc(arena, (commit->parent_count + 1) * sizeof(*records));
	struct itsm_record *record;
	int status = 0;
	size_t i;

	*out = records;
	*count = 0;
	if (commit->parent_count <= 1) {
		if (!step->is_new && (status = range_read_entry(judging, arena, &entry, &record)) == 0 && record)
			records[(*count)++] = record;
		return status;
	}
	for (i = 0; i < commit->parent_count && status == 0; i++) {
		status = range_read_at(judging, arena, &commit->parents[i], step->path, &record);
		if (status == 0 && record)
			records[(*count)++] = record;
	}
	return status;
}

/* What BASE knows of a record that a commit adds: one that was taken away and came back is not new. */
static int look_at_base(struct judging *judging, struct walked *walked)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_record *record;
	int status = range_read_at(judging, arena, &judging->base, walked->path, &record);

	walked->looked = true;
	if (status == 0 && record) {
		walked->begun = true;
		walked->state = record->state ? itsm_arena_strdup(judging->arena, record->state) : NULL;
	}
	itsm_arena_free(arena);
	return status;
}

/* The parent's state that the step is judged from: one it is legal from where there is one. NULL: it has none. */
static const char *state_before(const struct itsm_record *record, struct itsm_record *const *befores, size_t count)
{
	const char *from = NULL;
	size_t i;

	for (i = 0; i < count; i++) {
		const char *state = befores[i]->state;

		if (state && strcmp(state, record->state) == 0)
			return state;
		if (state && (!from || (!itsm_kind_transition(record->kind, from, record->state) &&
		    itsm_kind_transition(record->kind, state, record->state))))
			from = state;
	}
	return from;
}

static void enter(struct judging *judging, struct walked *walked, const char *from, const struct itsm_oid *blob, int64_t when)
{
	struct entered *entered = itsm_arena_alloc(judging->arena, sizeof(*entered));

	*entered = (struct entered){from, *blob, when, NULL};
	*(walked->last ? walked->last : &walked->entered) = entered;
	walked->last = &entered->next;
}

static void judge_transition(struct judging *judging, const struct itsm_record *record, const char *from)
{
	const struct itsm_kind *kind = record->kind;

	if (from && !itsm_kind_transition(kind, from, record->state))
		desk_finding(judging->findings, record, "state", "workflow/transition",
			"undo it and take the steps that `itsm next` names, one commit each",
			"%s %s can't go from '%s' to '%s'", desk_a(kind->name), kind->name, from, record->state);
}

static int64_t moment_of(const struct range_commit *commit)
{
	return commit->author < commit->committer ? commit->author : commit->committer;
}
/*
 * The state a record has after a commit. True when the commit made it enter that state. `back`: the step before is taken back, to
 * the last byte. That is no step of its own: what it comes back to was judged as it was entered, and so was what it leaves.
 */
static bool judge_state(struct judging *judging, struct walked *walked, const struct range_commit *commit,
	const struct range_step *step, const struct itsm_record *record, const char *from, bool is_new, bool back)
{
	bool entering = is_new || !from || strcmp(from, record->state) != 0;

	if (!record->state || !itsm_kind_state(record->kind, record->state))
		return false;
	if (is_new)
		desk_judge_initial(record, judging->findings);
	else if (entering && !back)
		judge_transition(judging, record, from);
	if (entering && !back) {
		const char *state = from ? itsm_arena_strdup(judging->arena, from) : NULL;

		if (!walked->entered)
			walked->origin = state;
		enter(judging, walked, state, &step->new_blob, moment_of(commit));
	}
	walked->state = itsm_arena_strdup(judging->arena, record->state);
	return entering;
}

static int judge_step(struct judging *judging, struct itsm_arena *arena, const struct range_commit *commit,
	const struct range_step *step, bool back)
{
	struct itsm_entry entry = {.path = step->path, .blob = step->new_blob, .mode = 0100644};
	struct walked *walked = range_walked(judging, step->path);
	struct itsm_record *record, **befores;
	const char *from;
	bool entering = false, is_new;
	size_t count;
	int status;

	if ((status = range_read_entry(judging, arena, &entry, &record)) != 0 || !record ||
	    (status = read_befores(judging, arena, commit, step, &befores, &count)) != 0)
		return status;
	if (!count && !walked->begun && !walked->looked && (status = look_at_base(judging, walked)) != 0)
		return status;
	is_new = !count && !walked->begun;
	from = count && record->state ? state_before(record, befores, count) : walked->state;
	walked->begun = true;
	if (record->kind->state_count && record->state)
		entering = judge_state(judging, walked, commit, step, record, from, is_new, back);
	range_judge_times(judging, commit, record, befores, count, entering);
	desk_judge_fixed((const struct itsm_record *const *)befores, count, record, judging->findings);
	return 0;
}

/* The commits from HEAD back to BASE, when they are few in a line. Else `count` is 0. */
static int find_line(struct judging *judging, struct itsm_commit *line, size_t most, size_t *count)
{
	struct itsm_oid oid = judging->head;
	int status = 0;
	size_t found = 0;

	*count = 0;
	for (; found < most && !itsm_oid_equal(&oid, &judging->base); found++) {
		status = itsm_repo_commit(judging->repo, judging->arena, &oid, &line[found], judging->err);
		if (status != 0 || line[found].parent_count != 1)
			return status;
		oid = line[found].parents[0];
	}
	if (itsm_oid_equal(&oid, &judging->base))
		*count = found;
	return 0;
}

/*
 * Few commits in a line, as proposals mostly are, are compared here: to start git costs more than that. What it does
 * with merges is git's.
 */
static int collect_line(struct judging *judging, bool *done)
{
	struct itsm_commit *line = itsm_arena_alloc(judging->arena, LINE_MOST * sizeof(*line));
	size_t count = 0, i;
	int status = itsm_oid_is_zero(&judging->base) ? 0 : find_line(judging, line, LINE_MOST, &count);

	for (i = 0; i < count && status == 0; i++) {
		collect_commit(judging, &line[i]);
		status = itsm_repo_compare(judging->repo, &line[i].parents[0], &line[i].oid, collect_change, judging, judging->err);
	}
	*done = count > 0;
	return status;
}

int range_collect(struct judging *judging)
{
	struct itsm_history history = {collect_commit, collect_change, judging};
	bool done;
	int status = collect_line(judging, &done);

	if (status != 0 || done)
		return status;
	return itsm_repo_history(&judging->desk->place, itsm_oid_is_zero(&judging->base) ? NULL : &judging->base,
		&judging->head, NULL, 0, &history, judging->err);
}

int range_walk(struct judging *judging)
{
	size_t i, j;
	int status = 0;

	for (i = judging->commit_count; status == 0 && i-- > 0;) {
		const struct range_commit *commit = &judging->commits[i];

		for (j = commit->first; status == 0 && j < commit->first + commit->count; j++) {
			const struct range_step *step = &judging->steps[j];
			struct walked *walked = range_walked(judging, step->path);
			struct itsm_arena *arena;
			bool back = commit->parent_count == 1 && !step->is_gone && itsm_oid_equal(&walked->before_that, &step->new_blob);

			walked->writer = commit;
			walked->blob = step->new_blob;
			walked->before_that = step->old_blob;
			if (step->is_gone || !step->is_record)
				continue;
			arena = itsm_arena_new();
			status = judge_step(judging, arena, commit, step, back);
			itsm_arena_free(arena);
		}
	}
	return status ? status : range_judge_clocks(judging);
}

int range_judge_end(struct judging *judging, const char *path)
{
	struct walked *walked = range_walked(judging, path);
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_record *before, *after;
	struct itsm_entry entry;
	const char *base;
	int status = range_read_at(judging, arena, &judging->base, path, &before);

	if (status == 0)
		status = range_read_at(judging, arena, &judging->merged, path, &after);
	base = status == 0 && before ? before->state : NULL;
	if (status == 0 && base && after && after->state && itsm_kind_state(after->kind, after->state) &&
	    strcmp(base, after->state) != 0) {
		bool same_way = walked->entered && walked->origin && strcmp(walked->origin, base) == 0 &&
			walked->state && strcmp(walked->state, after->state) == 0;

		if (!same_way && !itsm_kind_transition(after->kind, base, after->state))
			desk_finding(judging->findings, after, "state", "workflow/transition",
				"merge the base into the proposal and take the steps that `itsm next` names",
				"on the base it is '%s', from where %s %s can't go to '%s'", base, desk_a(after->kind->name),
				after->kind->name, after->state);
		else if (!same_way && range_find(judging, &judging->merged, path, &entry) == 0 && entry.mode)
			enter(judging, walked, itsm_arena_strdup(judging->arena, base), &entry.blob,
				judging->commit_count ? moment_of(&judging->commits[0]) : judging->desk->options.now);
	}
	itsm_arena_free(arena);
	return status;
}

static int judge_in(struct judging *judging, const struct entered *entered, const struct itsm_record *record)
{
	const struct desk_moment moment = {true, entered->when};
	int status = 0;

	itsm_index_set_now(judging->index, entered->when);
	if (entered->from && itsm_kind_transition(record->kind, entered->from, record->state))
		status = desk_judge_step(judging->index, record->kind, record, entered->from, judging->findings, judging->err);
	if (status == 0)
		status = desk_judge_guards(judging->index, record->kind, record, entered->from, judging->findings, judging->err);
	if (status == 0)
		status = desk_policy_judge(judging->policy, judging->index, record, moment, judging->findings, judging->err);
	itsm_index_set_now(judging->index, judging->desk->options.now);
	return status;
}

/* One state that a record entered: on the record as it was then. `last` is its blob in what is judged. */
static int judge_one(struct judging *judging, const char *path, const struct entered *entered, const struct itsm_oid *last)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_entry entry = {.path = path, .blob = entered->blob, .mode = 0100644};
	struct itsm_record *record;
	bool other = !itsm_oid_equal(&entered->blob, last);
	int status = range_read_entry(judging, arena, &entry, &record);

	if (status == 0 && record && record->state && itsm_kind_state(record->kind, record->state)) {
		if (other)
			status = itsm_index_propose(judging->index, path, record->text, record->size, judging->err);
		if (status == 0)
			status = judge_in(judging, entered, record);
		if (other)
			itsm_index_settle(judging->index, NULL, NULL);
		/* somebody may have moved HEAD on meanwhile */
		if (other && status == 0 && judging->is_head)
			status = range_show(judging);
	}
	itsm_arena_free(arena);
	return status;
}

int range_judge_entered(struct judging *judging, const char *path)
{
	const struct walked *walked = range_walked(judging, path);
	const struct entered *entered;
	struct itsm_entry entry;
	int status = 0;

	if (walked->entered)
		status = range_find(judging, &judging->merged, path, &entry);
	for (entered = walked->entered; entered && status == 0; entered = entered->next)
		status = judge_one(judging, path, entered, &entry.blob);
	return status;
}
