/*
 * itsm event: what monitoring sends, to alerts and incidents. What comes back tells a receiver whether to send again:
 * 0 taken, 2 never (the body is wrong), 3 later (the desk can't just now).
 */
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "itsm/event.h"
#include "itsm/json.h"
#include "output.h"

#define MAP_MAX_BYTES (1u << 20)
#define BATCH_MAX_BYTES ((size_t)256 << 20)

struct event_values {
	const char *from, *map, *message;
	enum itsm_format format;
	bool lines, dry_run;
};

static const struct option_row options[] = {
	{0, "from", "SENDER", OPTION_TEXT, offsetof(struct event_values, from), "whose bodies they are; without it, whoever's they look like"},
	{0, "map", "MAP", OPTION_TEXT, offsetof(struct event_values, map), "read bodies with this map (YAML)"},
	{0, "lines", NULL, OPTION_FLAG, offsetof(struct event_values, lines), "each line is a body"},
	{'n', "dry-run", NULL, OPTION_FLAG, offsetof(struct event_values, dry_run), "only say what would happen"},
	{'m', "message", "TEXT", OPTION_TEXT, offsetof(struct event_values, message), "why, for the commit"},
	FORMAT_ROW(struct event_values),
	{0},
};

const struct syntax event_syntax = {
	.words = "ingest [FILE ...] | settle | maps [NAME]",
	.options = options,
	.size = sizeof(struct event_values),
	.least = 1,
	.most = MANY_WORDS,
};

static void told(void *data, const char *text)
{
	output_note(data, "%s", text);
}

static void count(struct itsm_buffer *out, const char **separator, size_t number, const char *what)
{
	if (!number)
		return;
	itsm_buffer_printf(out, "%s%zu %s", *separator, number, what);
	*separator = ", ";
}

static void tell(struct context *context, const struct itsm_event_result *result, bool dry_run)
{
	struct itsm_buffer text = {0};
	const char *separator = ": ";

	itsm_buffer_printf(&text, "%s%zu alert%s in %zu bod%s", dry_run ? "would take " : "", result->alerts,
		result->alerts == 1 ? "" : "s", result->bodies, result->bodies == 1 ? "y" : "ies");
	count(&text, &separator, result->fired, "firing");
	count(&text, &separator, result->acknowledged, "acknowledged");
	count(&text, &separator, result->suppressed, "suppressed");
	count(&text, &separator, result->resolved, "resolved");
	count(&text, &separator, result->updated, "updated");
	count(&text, &separator, result->flapping, "flapping");
	count(&text, &separator, result->unchanged, "unchanged");
	separator = "; incidents: ";
	count(&text, &separator, result->incidents_opened, "opened");
	count(&text, &separator, result->incidents_reopened, "opened again");
	count(&text, &separator, result->incidents_updated, "updated");
	count(&text, &separator, result->incidents_resolved, "resolved");
	count(&text, &separator, result->incidents_refused, "refused");
	itsm_buffer_printf(&text, "%s\n", dry_run ? "" : result->changed ? "; 1 commit" : "; no commit");
	output_flush(context, &text);
	itsm_buffer_free(&text);
}

/* A body that is refused is told; the others are taken. */
static void add(struct context *context, struct itsm_event_batch *batch, const char *name, const char *text, size_t size,
	size_t line)
{
	struct itsm_error cause = {0};

	if (itsm_event_add(batch, name, text, size, &cause) == ITSM_OK)
		return;
	if (line)
		output_note(context, "%s:%zu: refused: %s", name, line, cause.message);
	else if (cause.line)
		output_note(context, "%s:%u:%u: refused: %s", name, cause.line, cause.column, cause.message);
	else
		output_note(context, "%s: refused: %s", name, cause.message);
}

static void add_lines(struct context *context, struct itsm_event_batch *batch, const char *name, const struct itsm_buffer *text)
{
	const char *line = text->data, *end = text->data + text->length;
	size_t number = 0;

	while (line && line < end) {
		const char *stop = memchr(line, '\n', (size_t)(end - line));
		size_t length = (size_t)((stop ? stop : end) - line);

		number++;
		if (length && !(length == 1 && *line == '\r'))
			add(context, batch, name, line, length, number);
		line = stop ? stop + 1 : end;
	}
}

static int add_file(struct context *context, struct itsm_event_batch *batch, const char *name, bool lines, size_t *total,
	struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	const char *shown = strcmp(name, "-") == 0 ? "stdin" : name;
	size_t limit = lines ? BATCH_MAX_BYTES : ITSM_JSON_MAX_BYTES;
	int status = context_read(name, limit, &text, err);

	*total += text.length;
	if (status == ITSM_ELIMIT || (!status && *total > BATCH_MAX_BYTES))
		status = itsm_error_set(err, ITSM_EUSAGE, "%s: refused: more than %zu MiB%s", shown,
			(status ? limit : BATCH_MAX_BYTES) >> 20, status ? "" : " in all; send fewer bodies at once");
	else if (!status && lines)
		add_lines(context, batch, shown, &text);
	else if (!status)
		add(context, batch, shown, text.data ? text.data : "", text.length, 0);
	itsm_buffer_free(&text);
	return status;
}

static int add_all(struct context *context, struct itsm_event_batch *batch, struct itsm_words files, bool lines,
	struct itsm_error *err)
{
	static const char *const standard[] = {"-"};
	size_t total = 0, i;
	int status = ITSM_OK;

	if (!files.count)
		files = (struct itsm_words){standard, 1};
	for (i = 0; i < files.count && !status; i++)
		status = add_file(context, batch, files.items[i], lines, &total, err);
	return status;
}

/* What is in the user's way, or a policy, is no fault of the sender's. */
static int later(int status, struct itsm_error *err)
{
	if (status != ITSM_EREFUSED && status != ITSM_EUSAGE)
		return status;
	if (err)
		err->status = ITSM_EGIT;
	return ITSM_EGIT;
}

static int ingest(struct context *context, struct itsm_words files, bool settle, const struct event_values *values,
	struct itsm_error *err)
{
	struct itsm_event_options request = {.from = values->from, .map_path = values->map, .dry_run = values->dry_run,
		.message = values->message, .told = told, .context = context};
	struct itsm_event_result result;
	struct itsm_event_batch *batch;
	struct itsm_buffer map = {0};
	int status = values->map ? context_read(values->map, MAP_MAX_BYTES, &map, err) : ITSM_OK;

	request.map = map.data;
	request.map_size = map.length;
	if (!status)
		status = itsm_event_begin(context->desk, &request, &batch, err);
	itsm_buffer_free(&map);
	if (status)
		return status;
	if (!settle)
		status = add_all(context, batch, files, values->lines, err);
	if (!status)
		status = later(itsm_event_end(batch, &result, err), err);
	itsm_event_free(batch);
	if (status)
		return status;
	context_progress_clear(context);
	tell(context, &result, values->dry_run);
	if (result.refused)
		return itsm_error_set(err, ITSM_EUSAGE, "%zu of %zu bodies %s refused: they are wrong, and no use in being sent again",
			result.refused, result.refused + result.bodies, result.refused == 1 ? "was" : "were");
	return ITSM_OK;
}

static int print_map(struct context *context, const char *text)
{
	struct itsm_buffer out = {0};

	itsm_escape_terminal(&out, text, true);
	output_flush(context, &out);
	itsm_buffer_free(&out);
	return ITSM_OK;
}

static int maps(struct context *context, const char *name, const struct event_values *values, struct itsm_error *err)
{
	static const char *const columns[] = {"name", "source", "from"};
	struct itsm_event_map *items;
	struct itsm_emitter *emitter;
	const char *rules;
	size_t number, i;
	int status = itsm_desk_event_maps(context->desk, context->arena, &items, &number, &rules, err);
	if (status)
		return status;
	if (name && !strcmp(name, "rules"))
		return print_map(context, rules);
	for (i = 0; name && i < number; i++)
		if (!strcmp(items[i].name, name))
			return print_map(context, items[i].text);
	if (name)
		return itsm_error_set(err, ITSM_EUSAGE, "there is no map '%s'; `itsm event maps` lists them", name);
	emitter = output_begin(context, values->format, "event", columns, 3);
	for (i = 0; i < number; i++) {
		const struct itsm_value row[] = {output_text(items[i].name), output_text(items[i].source), output_text(items[i].origin)};

		itsm_emit_row(emitter, row);
	}
	return itsm_emit_end(emitter, err);
}

int command_event(struct context *context, struct itsm_words words, const void *data, struct itsm_error *err)
{
	const struct event_values *values = data;
	const char *what = words.items[0];
	int status;

	if (!strcmp(what, "ingest"))
		status = ingest(context, (struct itsm_words){words.items + 1, words.count - 1}, false, values, err);
	else if (!strcmp(what, "settle") && words.count == 1)
		status = ingest(context, (struct itsm_words){NULL, 0}, true, values, err);
	else if (!strcmp(what, "maps") && words.count <= 2)
		status = maps(context, words.count == 2 ? words.items[1] : NULL, values, err);
	else
		status = itsm_error_set(err, ITSM_EUSAGE, "write `itsm event ingest [FILE ...]`, `itsm event settle` or `itsm event maps [NAME]`");
	if (status && status != ITSM_EREFUSED)
		itsm_error_prefix(err, "event");
	return status;
}
