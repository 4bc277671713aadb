/*
 * `itsm undo`: a write, taken back by another commit.
 *
 * Which one that is stands in history: the newest commit of the branch by this
 * committer with a trailer Itsm-Action that is no undo, and that no Itsm-Undo
 * names. Undoing again goes one further back. An undo that was undone itself
 * counts no longer. What others wrote came by a merge and is theirs.
 *
 * The write's files must still be as it left them, and become what they were
 * in its first parent. Where they are that already (a `git revert`), the write
 * counts as taken back.
 */
#include <string.h>
#include <strings.h>

#include "desk.h"
#include "itsm/exchange.h"

#define SEARCH_LIMIT 10000 /* commits */
#define REVERTS_LIMIT 100  /* writes that were taken back by other means */

struct undoing {
	struct itsm_arena *arena;
	const char *revision;         /* or NULL */
	struct itsm_undo_result *result;
	struct itsm_oid wanted;       /* of revision */
	const char **undone;          /* names of commits that were taken back */
	size_t undone_count, undone_capacity;
	const char *other;            /* a write that somebody else made later, or NULL */
	bool found;
	struct desk_change *change;
	struct itsm_oid parent;
	const char *changed;          /* a file that is not as the write left it, or NULL */
	size_t before;                /* files that are as they were before the write */
	size_t path_capacity;
	struct itsm_error *err;
};

/* The value of a trailer in a commit's body, in the arena, or NULL. Trailers stand in the last paragraph. */
static const char *trailer(struct itsm_arena *arena, const char *body, const char *name)
{
	size_t length = strlen(name);
	const char *line = body, *value = NULL;

	while (line && *line) {
		const char *end = strchrnul(line, '\n');

		if (end == line)
			value = line[strspn(line, "\n")] ? NULL : value;
		else if (strncmp(line, name, length) == 0 && line[length] == ':' && line[length + 1] == ' ')
			value = itsm_arena_strndup(arena, line + length + 2, (size_t)(end - line) - length - 2);
		line = *end ? end + 1 : end;
	}
	return value;
}

static bool was_undone(const struct undoing *undoing, const char *name)
{
	size_t i;

	for (i = 0; i < undoing->undone_count; i++) {
		if (strcmp(undoing->undone[i], name) == 0)
			return true;
	}
	return false;
}

static void add_undone(struct undoing *undoing, const char *name)
{
	itsm_arena_grow(undoing->arena, &undoing->undone, &undoing->undone_capacity, undoing->undone_count,
		sizeof(*undoing->undone));
	undoing->undone[undoing->undone_count++] = itsm_arena_strdup(undoing->arena, name);
}

/* From the newest on; not 0 once the write is found. */
static int look_at_commit(void *context, const struct itsm_commit *commit)
{
	struct undoing *undoing = context;
	const char *undo = trailer(undoing->arena, commit->body, "Itsm-Undo");
	char name[41];
	bool gone, mine;

	itsm_oid_text(&commit->oid, name);
	gone = was_undone(undoing, name);
	mine = strcasecmp(commit->committer.mail, undoing->change->identity_mail) == 0;
	if (undo && !gone)
		add_undone(undoing, undo);
	if (undoing->revision)
		undoing->found = itsm_oid_equal(&commit->oid, &undoing->wanted);
	else if (!undo && !gone && trailer(undoing->arena, commit->body, "Itsm-Action"))
		undoing->found = mine;
	if (!undoing->found && !undo && !gone && !mine && !undoing->other && trailer(undoing->arena, commit->body, "Itsm-Action"))
		undoing->other = itsm_arena_printf(undoing->arena, "%.8s (%s)", name, commit->subject);
	undoing->result->undone.oid = commit->oid;
	return undoing->found;
}

static int refuse_none(struct undoing *undoing)
{
	if (undoing->revision)
		return itsm_error_set(undoing->err, ITSM_EREFUSED, "'%s' is not on this branch, or too far back; git can revert it",
			undoing->revision);
	if (undoing->other)
		return itsm_error_set(undoing->err, ITSM_EREFUSED,
			"there is no write of yours on this branch left to undo; the last of somebody else is %s: name it to undo it",
			undoing->other);
	return itsm_error_set(undoing->err, ITSM_EREFUSED, "there is no write of itsm on this branch left to undo");
}

/* Is it a write that can be taken back at all? */
static int judge_commit(struct undoing *undoing)
{
	const struct itsm_commit *undone = &undoing->result->undone;
	const char *action = trailer(undoing->arena, undone->body, "Itsm-Action");
	char name[41];

	itsm_oid_text(&undone->oid, name);
	if (!action)
		return itsm_error_set(undoing->err, ITSM_EREFUSED, "%.8s (%s) is no write of itsm; undo it with `git revert`", name,
			undone->subject);
	if (was_undone(undoing, name))
		return itsm_error_set(undoing->err, ITSM_EREFUSED, "%.8s (%s) was taken back already", name, undone->subject);
	if (strcmp(action, "import") == 0)
		return itsm_error_set(undoing->err, ITSM_EREFUSED, "the write is an import (%s); undo it with `git revert`",
			undone->subject);
	if (strcmp(action, "init") == 0 || undone->parent_count != 1)
		return itsm_error_set(undoing->err, ITSM_EREFUSED, "the write began the desk (%s); it can't be undone",
			undone->subject);
	return 0;
}

static int find_commit(struct undoing *undoing, const struct itsm_oid *head)
{
	struct itsm_history history = {.on_commit = look_at_commit, .context = undoing};
	struct itsm_desk *desk = undoing->change->desk;
	struct itsm_commit *undone = &undoing->result->undone;
	int status = 0;

	undoing->found = false;
	undoing->other = NULL;
	if (undoing->revision)
		status = itsm_repo_resolve(desk->repo, undoing->revision, &undoing->wanted, undoing->err);
	if (status == 0 && !itsm_oid_is_zero(head))
		status = itsm_repo_history(&desk->place, NULL, head, NULL, SEARCH_LIMIT, &history, undoing->err);
	if (status < 0)
		return status;
	if (!undoing->found)
		return refuse_none(undoing);
	status = itsm_repo_commit(desk->repo, undoing->arena, &undone->oid, undone, undoing->err);
	if (status != 0 || (status = judge_commit(undoing)) != 0)
		return status;
	undoing->parent = undone->parents[0];
	return 0;
}

static bool is_blob(const struct itsm_entry *entry, const struct itsm_entry *now, bool there)
{
	return entry ? there && itsm_oid_equal(&entry->blob, &now->blob) : !there;
}

/* Where does a file of the write stand now? */
static int look_at_file(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct undoing *undoing = context;
	const char *path = old_entry ? old_entry->path : new_entry->path;
	struct itsm_entry now = {0};
	bool there = itsm_repo_find(undoing->change->desk->repo, itsm_write_base(undoing->change->write), path, &now, NULL) == 0;

	if (is_blob(old_entry, &now, there))
		undoing->before++;
	if (!is_blob(new_entry, &now, there))
		undoing->changed = itsm_arena_strdup(undoing->arena, path);
	itsm_arena_grow(undoing->arena, &undoing->result->paths, &undoing->path_capacity, undoing->result->count,
		sizeof(*undoing->result->paths));
	undoing->result->paths[undoing->result->count++] = itsm_arena_strdup(undoing->arena, path);
	return 0;
}

static bool is_place(struct desk_change *change, const char *path)
{
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	const struct itsm_kind *kind;

	return itsm_kinds_locate(change->desk->kinds, path, &kind, id, owner);
}

static int check_path(struct desk_change *change, const char *path, struct itsm_findings *findings, struct itsm_error *err)
{
	int status = is_place(change, path) ? itsm_index_check(change->index, path, findings, err) : 0;

	return status == ITSM_ENOTFOUND ? 0 : status;
}

/* Put one file back, and judge it: what it was once need not fit what is there now. */
static int restore(void *context, const struct itsm_entry *old_entry, const struct itsm_entry *new_entry)
{
	struct undoing *undoing = context;
	struct desk_change *change = undoing->change;
	const char *path = itsm_arena_strdup(change->arena, old_entry ? old_entry->path : new_entry->path);
	struct itsm_findings before, after;
	struct itsm_buffer text = {0};
	int status = 0;

	itsm_findings_init(&before, change->arena);
	itsm_findings_init(&after, change->arena);
	if (!old_entry)
		return desk_change_remove_file(change, path, undoing->err);
	if ((new_entry && (status = check_path(change, path, &before, undoing->err)) != 0) ||
	    (status = itsm_repo_blob(change->desk->repo, &old_entry->blob, ITSM_FILE_MAX_BYTES, &text, undoing->err)) != 0)
		return status;
	status = desk_change_put_file(change, path, &text, undoing->err);
	if (status == 0)
		status = check_path(change, path, &after, undoing->err);
	itsm_buffer_free(&text);
	if (status == 0)
		desk_change_add_new(change->outcome, &before, &after);
	return status;
}

/* The first column of a query on an ID, as "a, b, c", in the arena; NULL when there is none. */
static const char *names_of(struct desk_change *change, const char *sql, const char *id)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = id};
	struct itsm_buffer names = {0};
	struct itsm_query *query;
	const char *list = NULL;

	if (itsm_query_open(change->index, sql, &value, 1, &query, NULL) != 0)
		return NULL;
	while (itsm_query_next(query, NULL) == 1)
		itsm_buffer_printf(&names, "%s%s", names.length ? ", " : "", itsm_query_value(query, 0).text);
	if (names.length)
		list = itsm_arena_strdup(change->arena, names.data);
	itsm_query_free(query);
	itsm_buffer_free(&names);
	return list;
}

/* A record that goes must be missed by nobody. */
static void judge_removal(struct desk_change *change, const char *path)
{
	char id[ITSM_ID_MAX], owner[ITSM_ID_MAX];
	struct itsm_finding finding = {.rule = "reference/missing", .path = path, .record = id,
		.remedy = "take that back or change it first"};
	const struct itsm_kind *kind;
	const char *names;

	if (!itsm_kinds_locate(change->desk->kinds, path, &kind, id, owner) || *owner ||
	    names_of(change, "SELECT id FROM record WHERE id = ?1", id))
		return;
	if ((names = names_of(change, "SELECT DISTINCT source FROM link WHERE target = ?1 ORDER BY 1 LIMIT 5", id)) != NULL) {
		finding.message = itsm_arena_printf(change->arena, "%s would be gone, and is named by %s", id, names);
		itsm_findings_add(&change->outcome->findings, &finding);
	}
	if ((names = names_of(change, "SELECT id FROM record WHERE record = ?1 ORDER BY 1 LIMIT 5", id)) != NULL) {
		finding.message = itsm_arena_printf(change->arena, "%s would be gone, and has %s", id, names);
		itsm_findings_add(&change->outcome->findings, &finding);
	}
}

/* The write to take back whose files are still as it left them. */
static int find_write(struct undoing *undoing, const struct itsm_oid *head)
{
	struct itsm_repo *repo = undoing->change->desk->repo;
	struct itsm_undo_result *result = undoing->result;
	char name[41];
	int status, tries;

	for (tries = 0; tries < REVERTS_LIMIT; tries++) {
		result->count = undoing->before = 0;
		undoing->changed = NULL;
		status = find_commit(undoing, head);
		if (status == 0)
			status = itsm_repo_compare(repo, &undoing->parent, &result->undone.oid, look_at_file, undoing, undoing->err);
		if (status != 0 || !undoing->changed)
			return status;
		if (undoing->before < result->count || undoing->revision)
			return itsm_error_set(undoing->err, ITSM_EREFUSED,
				"'%s' was changed again since \"%s\"; `itsm log` tells by whom, and git can revert it", undoing->changed,
				result->undone.subject);
		itsm_oid_text(&result->undone.oid, name);
		add_undone(undoing, name);
	}
	return refuse_none(undoing);
}

static int make_undo(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct undoing *undoing = context;
	struct itsm_undo_result *result = undoing->result;
	const char *record;
	char name[41];
	size_t i;
	int status;

	undoing->change = change;
	undoing->err = err;
	undoing->undone_count = 0;
	status = find_write(undoing, itsm_write_base(change->write));
	if (status == 0)
		status = itsm_repo_compare(change->desk->repo, &undoing->parent, &result->undone.oid, restore, undoing, err);
	if (status != 0)
		return status;
	for (i = 0; i < result->count; i++)
		judge_removal(change, result->paths[i]);
	itsm_oid_text(&result->undone.oid, name);
	itsm_buffer_printf(&change->subject, "undo \"%s\"", result->undone.subject);
	desk_change_trailer(change, "Itsm-Action", "undo");
	if ((record = trailer(undoing->arena, result->undone.body, "Itsm-Record")) != NULL)
		desk_change_trailer(change, "Itsm-Record", record);
	desk_change_trailer(change, "Itsm-Undo", name);
	return 0;
}

int itsm_desk_undo(struct itsm_desk *desk, struct itsm_arena *arena, const char *revision, const char *message,
	struct itsm_undo_result *out, struct itsm_findings *findings, struct itsm_error *err)
{
	struct itsm_undo_result result = {0};
	struct undoing undoing = {.arena = arena, .revision = revision, .result = &result};
	struct itsm_outcome outcome;
	int status;

	itsm_outcome_init(&outcome, arena);
	status = desk_change_run(desk, make_undo, &undoing, message, &outcome, err);
	*findings = outcome.findings;
	if (status != 0)
		return status;
	result.commit = outcome.commit;
	*out = result;
	return 0;
}
