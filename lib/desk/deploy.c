/*
 * `itsm deploy`: deployments, as the pipeline that does them records them.
 *
 * A deployment is a record like any other; what is added here is what only the
 * pipeline's moment can tell: the commit, its oldest new one, the change that the
 * commits name, and whether it may be done now.
 */
#include <string.h>

#include "code.h"
#include "itsm/pipeline.h"

#define KIND "deployment"
#define NEW_COMMITS 20000 /* since the last deployment; of more the oldest is not looked for */

struct deploying {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_index *index;
	const struct itsm_deploy *request;
	struct itsm_outcome *outcome;
	const char *folder;        /* of the code */
	const char *environment;
	const char *commit;        /* full name, or NULL */
	struct code_range code;    /* what is new in it; none when that is not known */
	const char *change, *release;
	const char *service;       /* the only one that the change or release has, or NULL */
	struct itsm_error *err;
};

/* The commits since the last deployment here that succeeded; the commit alone where that is not known. */
static int find_new(struct deploying *deploying)
{
	struct itsm_arena *arena = deploying->arena;
	const char **before, *range;
	size_t count;
	int status = desk_query_list(deploying->index, arena, "SELECT \"commit\" FROM deployment WHERE environment = ?1 "
		"AND result = 'succeeded' AND \"commit\" IS NOT NULL ORDER BY finished DESC, id LIMIT 1", deploying->environment,
		&before, &count, deploying->err);

	if (status != 0)
		return status;
	if (count && strcmp(before[0], deploying->commit) != 0 && code_is_ancestor(deploying->desk, deploying->folder, before[0], deploying->commit)) {
		range = itsm_arena_printf(arena, "%s..%s", before[0], deploying->commit);
		if (code_commits(deploying->desk, arena, deploying->folder, range, NEW_COMMITS, &deploying->code, NULL) == 0 && deploying->code.commit_count)
			return 0;
	}
	/* the commit itself: its own parents are left out */
	deploying->code = (struct code_range){0};
	status = code_commits(deploying->desk, arena, deploying->folder, itsm_arena_printf(arena, "%s^!", deploying->commit), 2, &deploying->code,
		deploying->err);
	return status;
}

/* The trailers `Change:` of the new commits, each once. */
static int read_trailers(struct deploying *deploying, const char ***out, size_t *count)
{
	struct itsm_arena *arena = deploying->arena;
	const char *const argv[] = {"git", "log", "--no-walk=unsorted", "--stdin", "--format=%(trailers:key=Change,valueonly)", NULL};
	struct itsm_buffer names = {0}, text = {0};
	size_t capacity = 0, i;
	char *line, *rest = NULL;
	int status;

	for (i = 0; i < deploying->code.commit_count; i++)
		itsm_buffer_printf(&names, "%s\n", deploying->code.commits[i].name);
	status = itsm_program_run(argv, deploying->folder, &names, &text, NULL, deploying->err);
	*count = 0;
	for (line = status == 0 && text.data ? strtok_r(text.data, " \t\r\n", &rest) : NULL; line; line = strtok_r(NULL, " \t\r\n", &rest)) {
		for (i = 0; i < *count && strcmp((*out)[i], line) != 0; i++)
			continue;
		if (i < *count)
			continue;
		itsm_arena_grow(arena, out, &capacity, *count, sizeof(**out));
		(*out)[(*count)++] = itsm_arena_strdup(arena, line);
	}
	itsm_buffer_free(&names);
	itsm_buffer_free(&text);
	return status;
}

static int find_one(struct deploying *deploying, const char *word, const char *kind, const char **out)
{
	struct itsm_hit hit;
	int status = itsm_index_find(deploying->index, deploying->arena, word, kind, &hit, deploying->err);

	if (status == 0)
		*out = hit.id;
	return status;
}

static int find_reason(struct deploying *deploying)
{
	const struct itsm_deploy *request = deploying->request;
	const char **trailers = NULL;
	size_t count = 0;
	int status = 0;

	if (request->change)
		status = find_one(deploying, request->change, "change", &deploying->change);
	if (status == 0 && request->release)
		status = find_one(deploying, request->release, "release", &deploying->release);
	if (status != 0 || deploying->change || deploying->release)
		return status;
	if (deploying->commit)
		status = read_trailers(deploying, &trailers, &count);
	if (status == 0 && !count)
		status = itsm_error_set(deploying->err, ITSM_EUSAGE, "say what is deployed: give --change or --release, or a trailer "
			"'Change: ID' in the commits");
	if (status == 0 && count > 1)
		status = itsm_error_set(deploying->err, ITSM_EUSAGE, "the commits name %zu changes (%s, %s ...); give --change, or a release with all of them",
			count, trailers[0], trailers[1]);
	return status ? status : find_one(deploying, trailers[0], "change", &deploying->change);
}

/* The kind's default, as a new record would get it. */
static const char *environment_of(const struct itsm_deploy *request, struct itsm_arena *arena, const struct itsm_kind *kind)
{
	const struct itsm_field *field = itsm_kind_field(kind, "environment");
	const char *word = desk_word(arena, request->words, "environment");

	if (request->environment)
		return request->environment;
	return word ? word : field && field->default_value ? field->default_value : "production";
}

/* Elsewhere it is tried out before anybody agrees to it. */
static bool is_live(const char *environment)
{
	return strcmp(environment, "production") == 0 || strcmp(environment, "shared") == 0;
}

static void find_service(struct deploying *deploying)
{
	const char *id = deploying->change ? deploying->change : deploying->release, **services;
	const char *sql = itsm_arena_printf(deploying->arena, "SELECT v.value FROM %s AS c, json_each(c.services) AS v WHERE c.id = ?1",
		deploying->change ? "change" : "release");
	size_t count;

	if (desk_query_list(deploying->index, deploying->arena, sql, id, &services, &count, NULL) == 0 && count == 1)
		deploying->service = services[0];
}

static void add_word(struct deploying *deploying, const struct itsm_kind *kind, const char **words, size_t *count,
	const char *name, const char *value)
{
	if (value && itsm_kind_field(kind, name) && !desk_word(deploying->arena, deploying->request->words, name))
		words[(*count)++] = itsm_arena_printf(deploying->arena, "%s=%s", name, value);
}

/* When the oldest new commit was made. */
static const char *committed_of(struct deploying *deploying)
{
	struct itsm_time oldest = {0, 0};
	char text[ITSM_TIME_TEXT];
	size_t i;

	if (!deploying->code.commit_count)
		return NULL;
	oldest.seconds = deploying->code.commits[0].seconds;
	for (i = 1; i < deploying->code.commit_count; i++) {
		if (deploying->code.commits[i].seconds < oldest.seconds)
			oldest.seconds = deploying->code.commits[i].seconds;
	}
	itsm_time_format(oldest, text);
	return itsm_arena_strdup(deploying->arena, text);
}

static int make(struct deploying *deploying, const struct itsm_kind *kind)
{
	const struct itsm_deploy *request = deploying->request;
	const char **words = itsm_arena_alloc(deploying->arena, (request->words.count + 8) * sizeof(*words));
	struct itsm_new new_record = {.kind = KIND, .message = request->message};
	size_t count;

	for (count = 0; count < request->words.count; count++)
		words[count] = request->words.items[count];
	add_word(deploying, kind, words, &count, "change", deploying->change);
	add_word(deploying, kind, words, &count, "release", deploying->release);
	add_word(deploying, kind, words, &count, "service", deploying->service);
	add_word(deploying, kind, words, &count, "environment", deploying->environment);
	add_word(deploying, kind, words, &count, "commit", deploying->commit);
	add_word(deploying, kind, words, &count, "committed", committed_of(deploying));
	if (!desk_word(deploying->arena, request->words, "title"))
		new_record.title = itsm_arena_printf(deploying->arena, "%s to %s", deploying->change ? deploying->change : deploying->release,
			deploying->environment);
	if (request->force)
		new_record.message = itsm_arena_printf(deploying->arena, "%s%sForced: %s", request->message ? request->message : "",
			request->message ? "\n\n" : "", request->force);
	new_record.words = (struct itsm_words){words, count};
	return itsm_desk_new(deploying->desk, &new_record, deploying->outcome, deploying->err);
}

int itsm_desk_deploy_start(struct itsm_desk *desk, const struct itsm_deploy *request, struct itsm_outcome *outcome,
	struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct deploying deploying = {.desk = desk, .arena = arena, .request = request, .outcome = outcome,
		.folder = code_folder(desk, request->repository), .err = err};
	const struct itsm_kind *kind;
	struct itsm_findings doubts;
	struct itsm_oid head;
	size_t i;
	int status = itsm_desk_kind(desk, KIND, &kind, err);

	itsm_findings_init(&doubts, outcome->arena);
	if (status == 0)
		status = itsm_desk_view_head(desk, &deploying.index, &head, err);
	if (status == 0) {
		deploying.environment = environment_of(request, arena, kind);
		if (request->commit)
			status = code_resolve(desk, arena, deploying.folder, request->commit, &deploying.commit, err);
	}
	if (status == 0 && deploying.commit)
		status = find_new(&deploying);
	if (status == 0)
		status = find_reason(&deploying);
	if (status == 0)
		status = is_live(deploying.environment)
			? deploy_ask_gate(desk, deploying.change, deploying.release, request->force != NULL, outcome, err) : 0;
	if (status == 0) {
		doubts = outcome->findings;
		itsm_findings_init(&outcome->findings, outcome->arena);
		find_service(&deploying);
		status = make(&deploying, kind);
		for (i = 0; i < doubts.count; i++)
			itsm_findings_add(&outcome->findings, &doubts.items[i]);
	}
	itsm_arena_free(arena);
	return status;
}

struct finishing {
	const char *id, *result;
	struct itsm_words words;
};

static int make_finish(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct finishing *finishing = context;
	struct itsm_outcome *outcome = change->outcome;
	struct itsm_record *record, *proposed;
	struct itsm_buffer text = {0};
	struct itsm_edit *edits;
	char now[ITSM_TIME_TEXT];
	size_t count;
	int status = desk_change_record(change, finishing->id, &record, err);

	if (status != 0)
		return status;
	if (strcmp(record->kind->name, KIND) != 0)
		return itsm_error_set(err, ITSM_EUSAGE, "%s is %s %s and no deployment", record->id, desk_a(record->kind->name), record->kind->name);
	if (itsm_record_text(record, "finished"))
		return itsm_error_set(err, ITSM_EREFUSED, "%s ended already, at %s: %s; record another deployment", record->id,
			itsm_record_text(record, "finished"), itsm_record_text(record, "result") ? itsm_record_text(record, "result") : "no result");
	outcome->id = itsm_arena_strdup(outcome->arena, record->id);
	outcome->path = itsm_arena_strdup(outcome->arena, record->path);
	status = desk_change_edits(change->index, change->arena, record->kind, finishing->words, &edits, &count, err);
	if (status != 0)
		return status;
	itsm_desk_now_text(change->desk, now);
	if (!desk_word(change->arena, finishing->words, "finished"))
		desk_edit_set(change->arena, &edits[count++], "finished", now, false);
	desk_edit_set(change->arena, &edits[count++], "result", finishing->result, false);
	status = itsm_record_edit(record, edits, count, NULL, &text, err);
	if (status == 0)
		status = desk_change_put(change, record, record->path, text.data ? text.data : "", text.length, &proposed, err);
	itsm_buffer_free(&text);
	itsm_buffer_printf(&change->subject, "%s: deployment %s", record->id, finishing->result);
	desk_change_trailer(change, "Itsm-Action", "deploy");
	desk_change_trailer(change, "Itsm-Record", record->id);
	return status;
}

int itsm_desk_deploy_finish(struct itsm_desk *desk, const char *id, const char *result, struct itsm_words words,
	const char *message, struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct finishing finishing = {id, result, words};
	const struct itsm_kind *kind;
	const struct itsm_field *field;
	int status = itsm_desk_kind(desk, KIND, &kind, err);

	if (status != 0)
		return status;
	field = itsm_kind_field(kind, "result");
	if (field && field->values && !itsm_list_has(field->values, result))
		return itsm_error_set(err, ITSM_EUSAGE, "'%s' is no result of a deployment; `itsm schema deployment` lists them", result);
	return desk_change_run(desk, make_finish, &finishing, message, outcome, err);
}
