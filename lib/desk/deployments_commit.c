/* The commits that came with a deployment, and the changes that have them. */
#include <stdlib.h>
#include <string.h>

#include "deployments.h"

#define BEFORE 50 /* deployments before it that are asked whether it descends from them */
#define TOLD 20   /* commits of one deployment that are named; more are counted */

/* Since the last deployment there that succeeded and that it descends from; the commit alone where none is known. */
static int find_range(struct deployments_audit *audit, const struct deployments_one *one, const char *commit, const char **range)
{
	const char *folder = code_folder(audit->desk, audit->request->repository), **before;
	const char *sql = itsm_arena_printf(audit->arena, "SELECT d.\"commit\" FROM deployment AS d JOIN deployment AS o ON o.id = ?1"
		" WHERE d.environment = o.environment AND d.result = 'succeeded' AND d.\"commit\" IS NOT NULL AND d.id <> o.id"
		" AND d.started < o.started ORDER BY d.started DESC, d.id LIMIT %d", BEFORE);
	size_t count, i;
	int status = desk_query_list(audit->index, audit->arena, sql, one->id, &before, &count, audit->err);

	*range = itsm_arena_printf(audit->arena, "%s^!", commit);
	for (i = 0; status == 0 && i < count; i++) {
		if (strspn(before[i], "0123456789abcdef") == strlen(before[i]) && code_is_ancestor(audit->desk, folder, before[i], commit)) {
			*range = itsm_arena_printf(audit->arena, "%s..%s", before[i], commit);
			break;
		}
	}
	return status;
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(((const struct deployments_pair *)a)->name, ((const struct deployments_pair *)b)->name);
}

/* Does a change that stood then list it? Several may. */
static bool is_listed(const struct deployments_audit *audit, const struct deployments_one *one, const char *commit)
{
	const struct deployments_pair wanted = {.name = commit}, *pair, *end = audit->commits + audit->commit_count;
	const struct deployments_change *change;

	pair = audit->commit_count ? bsearch(&wanted, audit->commits, audit->commit_count, sizeof(wanted), compare_names) : NULL;
	while (pair && pair > audit->commits && strcmp(pair[-1].name, commit) == 0)
		pair--;
	for (; pair && pair < end && strcmp(pair->name, commit) == 0; pair++) {
		change = deployments_find(audit, pair->change);
		if (change && deployments_stands(change, one->at))
			return true;
	}
	return false;
}

static bool is_named(const struct deployments_audit *audit, const struct deployments_one *one, char *trailers)
{
	char *word, *state = NULL;

	for (word = strtok_r(trailers, " \t,", &state); word; word = strtok_r(NULL, " \t,", &state)) {
		const struct deployments_change *change = deployments_find(audit, word);

		if (change && deployments_stands(change, one->at))
			return true;
	}
	return false;
}

/* A change of its own that lists no commits stands for all of them. */
static bool covers_all(const struct deployments_one *one)
{
	size_t i;

	for (i = 0; i < one->standing_count; i++) {
		if (!one->standing[i]->lists)
			return true;
	}
	return false;
}

static void tell(struct deployments_audit *audit, const struct deployments_one *one, const char *name, const char *subject)
{
	deployments_add(audit, "audit/commit", one->id, one->id, one->path, itsm_arena_printf(audit->arena,
		"commit %.12s (%s) came with it, and no approved change has it", name, code_line(audit->arena, subject, strlen(subject))));
}

/* "<name> US <trailers> US <subject>" a line. Where the deployment itself has no change that is told already: its commits are only kept. */
static void judge_lines(struct deployments_audit *audit, const struct deployments_one *one, char *text, const char ***out, size_t *count)
{
	char *line, *state = NULL;
	size_t capacity = 0, told = 0;

	for (line = strtok_r(text, "\n", &state); line; line = strtok_r(NULL, "\n", &state)) {
		char *trailers = strchr(line, '\x1f'), *subject = trailers ? strchr(trailers + 1, '\x1f') : NULL;

		if (!subject)
			continue;
		*trailers++ = *subject++ = '\0';
		if (is_listed(audit, one, line) || is_named(audit, one, trailers))
			continue;
		itsm_arena_grow(audit->arena, out, &capacity, *count, sizeof(**out));
		(*out)[(*count)++] = itsm_arena_strdup(audit->arena, line);
		if (one->standing_count && told++ < TOLD)
			tell(audit, one, line, subject);
	}
	if (told > TOLD)
		deployments_add(audit, "audit/commit", one->id, one->id, one->path,
			itsm_arena_printf(audit->arena, "%zu more commits came with it that no approved change has", told - TOLD));
}

int deployments_judge_commits(struct deployments_audit *audit, const struct deployments_one *one, const char ***out, size_t *count)
{
	const char *folder = code_folder(audit->desk, audit->request->repository), *commit, *range;
	struct itsm_buffer text = {0};
	struct itsm_error failure = {0};
	int status;

	*count = 0;
	*out = NULL;
	if (covers_all(one))
		return 0;
	if (code_resolve(audit->desk, audit->arena, folder, one->commit, &commit, &failure) != 0) {
		struct itsm_finding finding = {.rule = "audit/unknown-commit", .severity = ITSM_SEVERITY_WARNING, .record = one->id,
			.path = one->path, .line = 1, .message = itsm_arena_printf(audit->arena, "its commit %.12s is not in '%s'", one->commit, folder),
			.remedy = "name the repository of the code with --repository"};

		itsm_findings_add(audit->findings, &finding);
		return 0;
	}
	status = find_range(audit, one, commit, &range);
	if (status == 0) {
		const char *const argv[] = {"git", "log", "--no-merges", "--no-show-signature", "--no-color", "--encoding=UTF-8",
			itsm_arena_printf(audit->arena, "--max-count=%d", DEPLOYMENTS_COMMITS),
			"--format=%H%x1f%(trailers:key=Change,valueonly,separator=%x20)%x1f%s", "--end-of-options", range, "--", NULL};

		status = code_git(audit->desk, folder, argv, &text, audit->err);
	}
	if (status == 0 && text.data)
		judge_lines(audit, one, text.data, out, count);
	itsm_buffer_free(&text);
	return status;
}
