/*
 * Which write `itsm undo` takes back stands in history: the newest commit of the
 * branch by this committer with a trailer Itsm-Action that is no undo, and that
 * no Itsm-Undo names. Undoing again goes one further back. An undo that was
 * undone itself counts no longer. What others wrote came by a merge and is theirs.
 *
 * The write's files must still be as it left them. Where they are what they were
 * before it (a `git revert`), the write counts as taken back.
 */
#include <string.h>
#include <strings.h>

#include "undo.h"

#define SEARCH_LIMIT 10000 /* commits */
#define REVERTS_LIMIT 100  /* writes that were taken back by other means */

const char *undo_trailer(struct itsm_arena *arena, const char *body, const char *name)
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
	const char *undo = undo_trailer(undoing->arena, commit->body, "Itsm-Undo");
	char name[41];
	bool gone, mine;

	itsm_oid_text(&commit->oid, name);
	gone = was_undone(undoing, name);
	mine = strcasecmp(commit->committer.mail, undoing->change->identity_mail) == 0;
	if (undo && !gone)
		add_undone(undoing, undo);
	if (undoing->revision)
		undoing->found = itsm_oid_equal(&commit->oid, &undoing->wanted);
	else if (!undo && !gone && undo_trailer(undoing->arena, commit->body, "Itsm-Action"))
		undoing->found = mine;
	if (!undoing->found && !undo && !gone && !mine && !undoing->other &&
		undo_trailer(undoing->arena, commit->body, "Itsm-Action"))
		undoing->other = itsm_arena_printf(undoing->arena, "%.8s (%s)", name, commit->subject);
	undoing->result->undone.oid = commit->oid;
	return undoing->found;
}

static int refuse_none(struct undoing *undoing)
{
	if (undoing->revision)
		return itsm_error_set(undoing->err, ITSM_EREFUSED,
			"'%s' is not on this branch, or too far back; git can revert it", undoing->revision);
	if (undoing->other)
		return itsm_error_set(undoing->err, ITSM_EREFUSED,
			"there is no write of yours on this branch left to undo; the last of somebody else is %s:"
			" name it to undo it",
			undoing->other);
	return itsm_error_set(undoing->err, ITSM_EREFUSED, "there is no write of itsm on this branch left to undo");
}

/* Is it a write that can be taken back at all? */
static int judge_commit(struct undoing *undoing)
{
	const struct itsm_commit *undone = &undoing->result->undone;
	const char *action = undo_trailer(undoing->arena, undone->body, "Itsm-Action");
	char name[41];

	itsm_oid_text(&undone->oid, name);
	if (!action)
		return itsm_error_set(undoing->err, ITSM_EREFUSED,
			"%.8s (%s) is no write of itsm; undo it with `git revert`", name, undone->subject);
	if (was_undone(undoing, name))
		return itsm_error_set(
			undoing->err, ITSM_EREFUSED, "%.8s (%s) was taken back already", name, undone->subject);
	if (strcmp(action, "import") == 0)
		return itsm_error_set(undoing->err, ITSM_EREFUSED,
			"the write is an import (%s); undo it with `git revert`", undone->subject);
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
	bool there = itsm_repo_find(undoing->change->desk->repo, itsm_write_base(undoing->change->write), path, &now,
			     NULL) == 0;

	if (is_blob(old_entry, &now, there))
		undoing->before++;
	if (!is_blob(new_entry, &now, there))
		undoing->changed = itsm_arena_strdup(undoing->arena, path);
	itsm_arena_grow(undoing->arena, &undoing->result->paths, &undoing->path_capacity, undoing->result->count,
		sizeof(*undoing->result->paths));
	undoing->result->paths[undoing->result->count++] = itsm_arena_strdup(undoing->arena, path);
	return 0;
}

int undo_find(struct undoing *undoing, const struct itsm_oid *head)
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
			status = itsm_repo_compare(
				repo, &undoing->parent, &result->undone.oid, look_at_file, undoing, undoing->err);
		if (status != 0 || !undoing->changed)
			return status;
		if (undoing->before < result->count || undoing->revision)
			return itsm_error_set(undoing->err, ITSM_EREFUSED,
				"'%s' was changed again since \"%s\"; `itsm log` tells by whom, and git can revert it",
				undoing->changed, result->undone.subject);
		itsm_oid_text(&result->undone.oid, name);
		add_undone(undoing, name);
	}
	return refuse_none(undoing);
}
