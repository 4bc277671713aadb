/*
 * `itsm new change --from`: a change made of commits.
 *
 * What the commits touch is found first, then held against the model; the record
 * is made as by `itsm new` with words that say what was found.
 */
#include <string.h>

#include "code.h"
#include "gate.h"
#include "itsm/pipeline.h"

struct model {
	const char *id, *title, *path;
	const char **paths, **items, **services;
	size_t path_count, item_count, service_count;
	const char *risk;
	int64_t commits;         /* 0 = any number */
	int64_t window;          /* seconds, 0 = any */
};

struct making_from {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_index *index;
	const struct itsm_from *request;
	struct itsm_outcome *outcome;
	struct code_range code;
	struct model model;
	const char **items, **services; size_t item_count, service_count, item_capacity, service_capacity;
	const char **claimed;    /* per file: the first item or service it belongs to, or NULL */
	struct itsm_error *err;
};

static void refuse(struct making_from *making, const char *rule, const char *remedy, const char *message)
{
	struct itsm_finding finding = {.rule = rule, .severity = ITSM_SEVERITY_ERROR, .record = making->model.id,
		.path = making->model.path, .message = message, .remedy = remedy};

	itsm_findings_add(&making->outcome->findings, &finding);
}

static bool has(const char *const *list, size_t count, const char *text)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(list[i], text) == 0)
			return true;
	}
	return false;
}

static void add(struct making_from *making, const char ***list, size_t *count, size_t *capacity, const char *text)
{
	if (has(*list, *count, text))
		return;
	itsm_arena_grow(making->arena, list, capacity, *count, sizeof(**list));
	(*list)[(*count)++] = itsm_arena_strdup(making->arena, text);
}

/* A repository that a record names must be this one. */
static bool is_here(struct making_from *making, const char *repository)
{
	const char *address = code_address(making->arena, repository);
	size_t i;

	for (i = 0; *repository && i < making->code.remote_count; i++) {
		if (strcasecmp(address, making->code.remotes[i]) == 0)
			return true;
	}
	return !*repository;
}

/* An item or service and one of its globs. */
static void claim(struct making_from *making, bool item, const char *id, const char *glob)
{
	bool any = false;
	size_t i;

	for (i = 0; i < making->code.file_count; i++) {
		if (!code_matches(glob, making->code.files[i]))
			continue;
		any = true;
		if (!making->claimed[i])
			making->claimed[i] = itsm_arena_strdup(making->arena, id);
	}
	if (any && item)
		add(making, &making->items, &making->item_count, &making->item_capacity, id);
	else if (any)
		add(making, &making->services, &making->service_count, &making->service_capacity, id);
}

static int find_touched(struct making_from *making)
{
	struct itsm_query *query;
	const char **services;
	size_t count, i, j;
	int status = itsm_query_open(making->index,
		"SELECT 1, i.id, v.value, coalesce(i.repository, '') FROM item AS i, json_each(i.paths) AS v UNION ALL "
		"SELECT 0, s.id, v.value, coalesce(s.repository, '') FROM service AS s, json_each(s.paths) AS v ORDER BY 1, 2",
		NULL, 0, &query, making->err);

	if (status != 0)
		return status;
	making->claimed = itsm_arena_alloc(making->arena, (making->code.file_count + 1) * sizeof(*making->claimed));
	while ((status = itsm_query_next(query, making->err)) == 1) {
		if (is_here(making, itsm_query_value(query, 3).text))
			claim(making, itsm_query_value(query, 0).integer != 0, itsm_query_value(query, 1).text, itsm_query_value(query, 2).text);
	}
	itsm_query_free(query);
	for (i = 0; i < making->item_count && status >= 0; i++) {
		status = desk_query_list(making->index, making->arena,
			"SELECT v.value FROM item AS i, json_each(i.services) AS v WHERE i.id = ?1", making->items[i], &services, &count, making->err);
		for (j = 0; status == 0 && j < count; j++)
			add(making, &making->services, &making->service_count, &making->service_capacity, services[j]);
	}
	return status < 0 ? status : 0;
}

static int list_of(struct making_from *making, const char *field, const char ***out, size_t *count)
{
	const char *sql = itsm_arena_printf(making->arena,
		"SELECT v.value FROM article AS a, json_each(a.%s) AS v WHERE a.id = ?1", field);

	return desk_query_list(making->index, making->arena, sql, making->model.id, out, count, making->err);
}

/* Its own approvals, and whatever else the policy asks of it: what it allows was agreed to, and is what was agreed to. */
static int prove_model(struct making_from *making)
{
	struct itsm_findings *findings = &making->outcome->findings;
	size_t errors = findings->errors;
	int status = gate_standing(making->desk, making->outcome->arena, making->model.id, findings, making->err);

	if (status == 0 && findings->errors > errors)
		refuse(making, "model/unusable", "`itsm approvals` tells who must approve it, and what is missing",
			"does not hold what the policy asks of it");
	return status ? status : itsm_index_use(making->index, ITSM_SNAPSHOT_HEAD, making->err);
}

/* Is the model one, and does it still hold? */
static int read_model(struct making_from *making)
{
	struct model *model = &making->model;
	struct itsm_value id = {.type = ITSM_VALUE_TEXT};
	struct itsm_query *query;
	struct itsm_hit hit;
	int status = itsm_index_find(making->index, making->arena, making->request->model, "article", &hit, making->err);

	if (status != 0)
		return status;
	id.text = model->id = hit.id;
	model->path = hit.path;
	status = itsm_query_open(making->index, "SELECT coalesce(type, ''), state, coalesce(valid_until < substr(now(), 1, 10), 0), "
		"title, risk, limits_commits, limits_window, valid_until FROM article WHERE id = ?1", &id, 1, &query, making->err);
	if (status != 0)
		return status;
	status = itsm_query_next(query, making->err);
	if (status == 1) {
		const char *state = itsm_query_value(query, 1).text, *risk = itsm_query_value(query, 4).text;

		if (strcmp(itsm_query_value(query, 0).text, "standard-change") != 0)
			refuse(making, "model/unusable", "name an article of the type standard-change", "is no model of a standard change");
		if (!state || strcmp(state, "published") != 0)
			refuse(making, "model/unusable", "have it approved and published", "is not published");
		if (itsm_query_value(query, 2).integer)
			refuse(making, "model/unusable", "read it again, set valid_until and have it approved",
				itsm_arena_printf(making->arena, "was valid until %s", itsm_query_value(query, 7).text));
		model->title = itsm_arena_strdup(making->arena, itsm_query_value(query, 3).text ? itsm_query_value(query, 3).text : "");
		model->risk = risk ? itsm_arena_strdup(making->arena, risk) : NULL;
		model->commits = itsm_query_value(query, 5).integer;
		model->window = itsm_query_value(query, 6).integer;
	}
	itsm_query_free(query);
	if (status < 0 || (status = list_of(making, "limits_paths", &model->paths, &model->path_count)) != 0 ||
	    (status = list_of(making, "items", &model->items, &model->item_count)) != 0)
		return status;
	return list_of(making, "services", &model->services, &model->service_count);
}

static void judge_list(struct making_from *making, const char *what, const char *const *touched, size_t count,
	const char *const *allowed, size_t allowed_count)
{
	size_t i;

	for (i = 0; allowed_count && i < count; i++) {
		if (!has(allowed, allowed_count, touched[i]))
			refuse(making, "model/scope", "take these commits out, make a normal change, or have a wider model approved",
				itsm_arena_printf(making->arena, "does not allow the %s %s, which these commits touch", what, touched[i]));
	}
}

static bool is_allowed(const struct making_from *making, size_t file)
{
	const struct model *model = &making->model;
	size_t i;

	for (i = 0; i < model->path_count; i++) {
		if (code_matches(model->paths[i], making->code.files[file]))
			return true;
	}
	/* without paths of its own: what belongs to something that it names */
	return !model->path_count && (making->claimed[file] || (!model->item_count && !model->service_count));
}

#define TOLD 20 /* files that are named; more are counted */

static void judge_model(struct making_from *making)
{
	const struct model *model = &making->model;
	size_t refused = 0, i;

	judge_list(making, "item", making->items, making->item_count, model->items, model->item_count);
	judge_list(making, "service", making->services, making->service_count, model->services, model->service_count);
	for (i = 0; i < making->code.file_count; i++) {
		if (is_allowed(making, i) || refused++ >= TOLD)
			continue;
		refuse(making, "model/scope", "take these commits out, make a normal change, or have a wider model approved",
			itsm_arena_printf(making->arena, "does not allow the file %s", code_line(making->arena, making->code.files[i],
				strlen(making->code.files[i]))));
	}
	if (refused > TOLD)
		refuse(making, "model/scope", NULL, itsm_arena_printf(making->arena, "does not allow %zu more files", refused - TOLD));
	if (model->commits && making->code.commit_count > (size_t)model->commits)
		refuse(making, "model/limits", "make several changes",
			itsm_arena_printf(making->arena, "allows %lld commits, these are %zu", (long long)model->commits, making->code.commit_count));
}

/* The window's length against the model's, where the words give one. */
static int judge_window(struct making_from *making)
{
	const char *start = desk_word(making->arena, making->request->words, "window.start");
	const char *end = desk_word(making->arena, making->request->words, "window.end");
	struct itsm_time from, to;
	int status;

	if (!making->model.window || !start || !end)
		return 0;
	if ((status = itsm_time_parse(start, &from, making->err)) != 0 || (status = itsm_time_parse(end, &to, making->err)) != 0)
		return status;
	if (to.seconds - from.seconds > making->model.window)
		refuse(making, "model/limits", "shorten the window, or make a normal change",
			itsm_arena_printf(making->arena, "allows a window of %lld minutes, this one has %lld",
				(long long)making->model.window / 60, (long long)(to.seconds - from.seconds) / 60));
	return 0;
}

static const char *person_of(struct making_from *making, const char *mail)
{
	const char **people;
	size_t count;

	if (desk_query_list(making->index, making->arena, "SELECT p.id FROM person AS p, json_each(p.mail) AS m "
		"WHERE lower(m.value) = lower(?1) ORDER BY p.id LIMIT 1", mail, &people, &count, NULL) != 0 || !count)
		return NULL;
	return people[0];
}

struct words {
	struct itsm_arena *arena;
	const struct itsm_kind *kind;
	struct itsm_words given;
	const char **items;
	size_t count, capacity;
};

/* `name=value`, unless the user said otherwise or the kind has no such field. */
static void add_word(struct words *words, const char *name, const char *value)
{
	if (!value || !*value || !itsm_kind_field(words->kind, name) || desk_word(words->arena, words->given, name))
		return;
	itsm_arena_grow(words->arena, &words->items, &words->capacity, words->count, sizeof(*words->items));
	words->items[words->count++] = itsm_arena_printf(words->arena, "%s=%s", name, value);
}

static void add_list(struct words *words, const char *name, const char *const *list, size_t count)
{
	struct itsm_buffer text = {0};
	size_t i;

	for (i = 0; i < count; i++)
		itsm_buffer_printf(&text, "%s%s", i ? "," : "", list[i]);
	add_word(words, name, text.data);
	itsm_buffer_free(&text);
}

static void fill_words(struct making_from *making, struct words *words)
{
	const struct code_range *code = &making->code;
	const char **names = itsm_arena_alloc(making->arena, (code->commit_count + 1) * sizeof(*names));
	size_t i;

	for (i = 0; i < making->request->words.count; i++) {
		itsm_arena_grow(words->arena, &words->items, &words->capacity, words->count, sizeof(*words->items));
		words->items[words->count++] = making->request->words.items[i];
	}
	for (i = 0; i < code->commit_count; i++)
		names[i] = code->commits[i].name;
	if (making->model.id) {
		add_word(words, "type", "standard");
		add_word(words, "model", making->model.id);
		add_word(words, "risk", making->model.risk);
	}
	add_list(words, "items", making->items, making->item_count);
	add_list(words, "services", making->services, making->service_count);
	add_list(words, "commits", names, code->commit_count);
	add_word(words, "requester", person_of(making, code->commits[code->commit_count - 1].mail));
	add_word(words, "implementer", person_of(making, code->commits[0].mail));
}

/* A line of somebody else's in Markdown, as text. */
static void add_plain(struct itsm_buffer *out, const char *text)
{
	for (; *text; text++) {
		if (strchr("\\`<[&*_", *text))
			itsm_buffer_putc(out, '\\');
		itsm_buffer_putc(out, *text);
	}
}

static void add_section(struct making_from *making, const char *name, struct itsm_buffer *out)
{
	const struct code_range *code = &making->code;
	size_t i;

	itsm_buffer_printf(out, "## %s\n\n", name);
	if (strcmp(name, "Reason") == 0) {
		for (i = code->commit_count; i-- > 0;) {
			itsm_buffer_puts(out, "- ");
			add_plain(out, code->commits[i].subject);
			itsm_buffer_putc(out, '\n');
		}
		itsm_buffer_putc(out, '\n');
	} else if (strcmp(name, "Plan") == 0) {
		if (making->model.id) {
			itsm_buffer_printf(out, "As in the model `%s`: ", making->model.id);
			add_plain(out, making->model.title);
			itsm_buffer_puts(out, ".\n\n");
		}
		itsm_buffer_printf(out, "Deploy %zu commit%s:\n\n", code->commit_count, code->commit_count == 1 ? "" : "s");
		for (i = code->commit_count; i-- > 0;) {
			itsm_buffer_printf(out, "- `%.12s` ", code->commits[i].name);
			add_plain(out, code->commits[i].author);
			itsm_buffer_puts(out, ": ");
			add_plain(out, code->commits[i].subject);
			itsm_buffer_putc(out, '\n');
		}
		itsm_buffer_putc(out, '\n');
	} else if (strcmp(name, "Backout plan") == 0 && making->model.id) {
		itsm_buffer_printf(out, "As in the model `%s`.\n\n", making->model.id);
	}
}

static int make(struct making_from *making, const struct itsm_kind *kind)
{
	const struct itsm_from *from = making->request;
	const struct code_range *code = &making->code;
	struct words words = {.arena = making->arena, .kind = kind, .given = from->words};
	struct itsm_new request = {.kind = from->kind, .title = from->title, .message = from->message};
	struct itsm_buffer body = {0};
	size_t i;
	int status;

	fill_words(making, &words);
	for (i = 0; i < kind->section_count; i++)
		add_section(making, kind->sections[i].name, &body);
	if (!request.title && kind->title_field && !desk_word(making->arena, from->words, kind->title_field))
		request.title = code->commit_count == 1 ? code->commits[0].subject
			: itsm_arena_printf(making->arena, "%s, and %zu more commit%s", code->commits[0].subject, code->commit_count - 1,
				code->commit_count == 2 ? "" : "s");
	request.words = (struct itsm_words){words.items, words.count};
	request.body = kind->section_count ? body.data : NULL;
	status = itsm_desk_new(making->desk, &request, making->outcome, making->err);
	itsm_buffer_free(&body);
	return status;
}

int itsm_desk_new_from(struct itsm_desk *desk, const struct itsm_from *request, struct itsm_outcome *outcome,
	struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct making_from making = {.desk = desk, .arena = arena, .request = request, .outcome = outcome, .err = err};
	const struct itsm_kind *kind;
	struct itsm_oid head;
	int status;

	if ((status = itsm_desk_kind(desk, request->kind, &kind, err)) == 0 &&
	    (status = code_read(desk, arena, request->repository, request->range, &making.code, err)) == 0 &&
	    (status = itsm_desk_view_head(desk, &making.index, &head, err)) == 0)
		status = find_touched(&making);
	if (status == 0 && request->model) {
		status = read_model(&making);
		if (status == 0)
			status = prove_model(&making);
		if (status == 0)
			judge_model(&making);
		if (status == 0)
			status = judge_window(&making);
		if (status == 0 && outcome->findings.errors)
			status = itsm_error_set(err, ITSM_EREFUSED, "the model does not allow this; nothing was written");
	}
	if (status == 0)
		status = make(&making, kind);
	itsm_arena_free(arena);
	return status;
}
