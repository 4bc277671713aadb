/* A task of a request is done: two lines in the record, nothing else. */
#include <string.h>
#include <strings.h>

#include "desk.h"
#include "itsm/request.h"

struct finishing {
	const char *id, *task;
};

static const struct itsm_yaml *find_task(const struct itsm_yaml *tasks, const char *title)
{
	size_t i;

	for (i = 0; tasks && tasks->type == ITSM_YAML_SEQUENCE && i < tasks->count; i++) {
		const char *text = itsm_yaml_text(tasks->items[i], "title");

		if (text && strcasecmp(text, title) == 0)
			return tasks->items[i];
	}
	return NULL;
}

static bool is_done(const struct itsm_yaml *task)
{
	const char *done = itsm_yaml_text(task, "done");

	return done && strcmp(done, "true") == 0;
}

static int refuse_unknown(const struct itsm_yaml *tasks, const struct finishing *finishing, struct itsm_error *err)
{
	struct itsm_buffer names = {0};
	size_t i;
	int status;

	for (i = 0; tasks && tasks->type == ITSM_YAML_SEQUENCE && i < tasks->count; i++) {
		const char *title = itsm_yaml_text(tasks->items[i], "title");

		itsm_buffer_printf(&names, "%s'%s'", i ? ", " : "", title ? title : "");
	}
	status = itsm_error_set(err, ITSM_ENOTFOUND, "%s has no task '%s'; it has %s", finishing->id, finishing->task,
		names.data ? names.data : "none");
	itsm_buffer_free(&names);
	return status;
}

static int check_order(const struct itsm_yaml *tasks, const struct itsm_yaml *task, struct itsm_error *err)
{
	const struct itsm_yaml *after = itsm_yaml_get(task, "after");
	size_t i;

	for (i = 0; after && after->type == ITSM_YAML_SEQUENCE && i < after->count; i++) {
		const struct itsm_yaml *before = after->items[i]->text ? find_task(tasks, after->items[i]->text) : NULL;

		if (before && !is_done(before))
			return itsm_error_set(err, ITSM_EREFUSED, "'%s' comes first, and is not done", after->items[i]->text);
	}
	return 0;
}

struct splice {
	struct itsm_arena *arena;
	const struct itsm_record *record;
	const struct itsm_yaml *task;
	const char *text;
	size_t size;
};

/* Where the value of a key of the task begins, or would be added, in the front matter. */
static size_t place_of(const struct itsm_yaml *task, const char *key)
{
	const struct itsm_yaml *value = itsm_yaml_get(task, key);

	return value ? value->start : task->items[task->count - 1]->end;
}

/* "key: value" at the end of the task, in the style it is written in; a value that is there is replaced. */
static void write_pair(struct splice *splice, const char *key, const char *value)
{
	const struct itsm_yaml *task = splice->task, *old = itsm_yaml_get(task, key);
	size_t base = splice->record->document.front_start, from = base + place_of(task, key), to = old ? base + old->end : from;
	struct itsm_buffer out = {0};

	itsm_buffer_add(&out, splice->text, from);
	if (old)
		itsm_buffer_puts(&out, value);
	else if (task->style == ITSM_YAML_FLOW)
		itsm_buffer_printf(&out, ", %s: %s", key, value);
	else
		itsm_buffer_printf(&out, "%s%*s%s: %s", splice->record->document.crlf ? "\r\n" : "\n", (int)task->keys[0]->column - 1, "",
			key, value);
	itsm_buffer_add(&out, splice->text + to, splice->size - to);
	splice->text = itsm_arena_strndup(splice->arena, out.data, out.length);
	splice->size = out.length;
	itsm_buffer_free(&out);
}

static int finish_task(struct desk_change *change, void *context, struct itsm_error *err)
{
	const struct finishing *finishing = context;
	struct desk_put put;
	struct splice splice;
	struct itsm_record *record;
	const struct itsm_yaml *tasks, *task;
	bool done_first;
	char now[ITSM_TIME_TEXT];
	int status = desk_change_record(change, finishing->id, &record, err);

	if (status != 0)
		return status;
	tasks = itsm_record_field(record, "tasks");
	if (!(task = find_task(tasks, finishing->task)) || !task->count)
		return refuse_unknown(tasks, finishing, err);
	if (record->state && strcmp(record->state, "fulfilment") != 0)
		return itsm_error_set(err, ITSM_EREFUSED, "%s is in state '%s'; its tasks are done in 'fulfilment', see `itsm next %s`",
			record->id, record->state, record->id);
	if (is_done(task))
		return itsm_error_set(err, ITSM_EREFUSED, "'%s' is done already", finishing->task);
	if ((status = check_order(tasks, task, err)) != 0)
		return status;
	splice = (struct splice){change->arena, record, task, record->text, record->size};
	itsm_desk_now_text(change->desk, now);
	/* The later place first: the offset of the other stays. */
	done_first = place_of(task, "done") > place_of(task, "at");
	write_pair(&splice, done_first ? "done" : "at", done_first ? "true" : now);
	write_pair(&splice, done_first ? "at" : "done", done_first ? now : "true");
	put = (struct desk_put){.old_record = record, .path = record->path, .text = splice.text, .size = splice.size};
	if ((status = desk_change_put_all(change, &put, 1, err)) != 0)
		return status;
	if (put.record && !is_done(find_task(itsm_record_field(put.record, "tasks"), finishing->task)))
		return itsm_error_set(err, ITSM_EDATA, "%s: the task is written in a way that can't be changed safely; `itsm edit %s`",
			record->path, record->id);
	desk_change_told(change, &put, 1, "task");
	itsm_buffer_printf(&change->subject, ": done: %s", finishing->task);
	return 0;
}

int itsm_desk_task_done(struct itsm_desk *desk, const char *id, const char *task, const char *message,
	struct itsm_outcome *outcome, struct itsm_error *err)
{
	struct finishing finishing = {id, task};

	return desk_change_run(desk, finish_task, &finishing, message, outcome, err);
}
