/* Which changes a deployment is about: by the trailers of its commits, or by what it touches. */
#include <string.h>

#include "gate.h"

static void add(struct itsm_findings *findings, enum itsm_severity severity, const char *rule, const char *message, const char *remedy)
{
	struct itsm_finding finding = {.rule = rule, .severity = severity, .message = message, .remedy = remedy};

	itsm_findings_add(findings, &finding);
}

static int resolve(struct gating *gating, const char *revision, char text[41])
{
	struct itsm_repo *repo;
	struct itsm_oid commit;
	int status = itsm_desk_repository(gating->desk, &repo, gating->err);

	if (status == 0)
		status = itsm_repo_resolve(repo, *revision ? revision : "HEAD", &commit, gating->err);
	if (status == 0)
		itsm_oid_text(&commit, text);
	return status;
}

/* "<to>" or "<from>..<to>" as git takes it, full names in place of what the user gave. */
static int resolve_range(struct gating *gating, const char *range, const char **out, bool *single)
{
	const char *dots = strstr(range, "..");
	char from[41], to[41];
	int status;

	*single = !dots;
	if (!dots) {
		if ((status = resolve(gating, range, to)) == 0)
			*out = itsm_arena_strdup(gating->arena, to);
		return status;
	}
	status = resolve(gating, itsm_arena_strndup(gating->arena, range, (size_t)(dots - range)), from);
	if (status == 0)
		status = resolve(gating, dots + 2 + (dots[2] == '.'), to);
	if (status == 0)
		*out = itsm_arena_printf(gating->arena, "%s..%s", from, to);
	return status;
}

static int list_commits(struct gating *gating, const char *range, struct itsm_buffer *out)
{
	const struct itsm_place *place = &gating->desk->place;
	const char *revisions;
	bool single;
	int status = resolve_range(gating, range, &revisions, &single);
	const char *const argv[] = {"git", "log", "--no-show-signature", "--no-color", "--encoding=UTF-8", "--no-merges",
		"--format=%h %(trailers:key=Change,valueonly,separator=%x20)", single ? "--no-walk" : "--full-history",
		status ? "" : revisions, "--", NULL};

	return status ? status
		: itsm_program_run(argv, place->work_tree ? place->work_tree : place->git_dir, NULL, out, NULL, gating->err);
}

/* The changes that one commit names. */
static int gate_named(struct gating *gating, const char *commit, char *names, bool *any)
{
	static const char blanks[] = " \t,";
	char *word, *state = NULL;

	for (word = strtok_r(names, blanks, &state); word; word = strtok_r(NULL, blanks, &state)) {
		struct itsm_error failure = {0}, *err = gating->err;
		bool allowed;
		int status;

		*any = true;
		gating->err = &failure;
		status = gate_change(gating, word, gating->findings, &allowed);
		gating->err = err;
		if (status == ITSM_ENOTFOUND || status == ITSM_EAMBIGUOUS) {
			add(gating->findings, ITSM_SEVERITY_ERROR, "gate/change",
				itsm_arena_printf(gating->arena, "commit %s names %s: %s", commit, word, failure.message),
				"name a change of this desk in the commit's `Change:` trailer");
		} else if (status != 0) {
			if (err)
				*err = failure;
			return status;
		}
	}
	return 0;
}

int gate_commits(struct gating *gating, const char *range)
{
	struct itsm_buffer out = {0};
	struct itsm_findings unnamed;
	char *line, *state = NULL;
	bool any_at_all = false;
	int status = list_commits(gating, range, &out);
	size_t i;

	itsm_findings_init(&unnamed, gating->arena);
	for (line = status == 0 && out.data ? strtok_r(out.data, "\n", &state) : NULL; line && status == 0;
	     line = strtok_r(NULL, "\n", &state)) {
		char *space = strchr(line, ' ');
		bool any = false;

		if (!space)
			continue;
		*space = '\0';
		status = gate_named(gating, line, space + 1, &any);
		any_at_all |= any;
		if (!any)
			add(&unnamed, ITSM_SEVERITY_WARNING, "gate/commit", itsm_arena_printf(gating->arena, "commit %s names no change", line),
				"name it in a trailer: `Change: CHG-...`");
	}
	itsm_buffer_free(&out);
	if (status == 0 && !any_at_all)
		add(gating->findings, ITSM_SEVERITY_ERROR, "gate/commit",
			itsm_arena_printf(gating->arena, "none of the commits of %s names a change", range),
			"name it in a trailer of the commits: `Change: CHG-...`");
	for (i = 0; status == 0 && any_at_all && i < unnamed.count; i++)
		itsm_findings_add(gating->findings, &unnamed.items[i]);
	return status;
}

/* The changes about an item that are scheduled or being carried out, in order. */
static int changes_about(struct gating *gating, const char *item, const char ***ids, size_t *count)
{
	struct itsm_value value = {.type = ITSM_VALUE_TEXT, .text = item};
	struct itsm_query *query;
	size_t capacity = 0;
	int status = itsm_query_open(gating->index, "SELECT c.id FROM change AS c, json_each(c.items) AS i WHERE i.value = ?1"
		" AND c.state IN ('scheduled', 'implement') ORDER BY c.window_start, c.id", &value, 1, &query, gating->err);

	*count = 0;
	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, gating->err)) == 1) {
		itsm_arena_grow(gating->arena, ids, &capacity, *count, sizeof(**ids));
		(*ids)[(*count)++] = itsm_arena_strdup(gating->arena, itsm_query_value(query, 0).text);
	}
	itsm_query_free(query);
	return status;
}

int gate_item(struct gating *gating, const char *item)
{
	struct itsm_findings why;
	const char **ids = NULL;
	struct itsm_hit hit;
	bool allowed = false;
	size_t count, i;
	int status = itsm_index_find(gating->index, gating->arena, item, "item", &hit, gating->err);

	if (status != 0 || (status = changes_about(gating, hit.id, &ids, &count)) != 0)
		return status;
	itsm_findings_init(&why, gating->arena);
	for (i = 0; i < count && status == 0 && !allowed; i++)
		status = gate_change(gating, ids[i], &why, &allowed);
	if (status != 0 || allowed)
		return status;
	for (i = 0; i < why.count; i++)
		itsm_findings_add(gating->findings, &why.items[i]);
	add(gating->findings, ITSM_SEVERITY_ERROR, "gate/item", itsm_arena_printf(gating->arena, count
		? "no change of %s may be carried out now" : "no change of %s is scheduled", hit.id),
		itsm_arena_printf(gating->arena, "see `itsm list change items:%s`", hit.id));
	return 0;
}
