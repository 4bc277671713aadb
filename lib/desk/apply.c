/*
 * `itsm apply-rules`: standing queries that select records, and what they say is to be done with them, in one commit.
 *
 * All queries are asked first, of what is committed; then each record is changed once, by the first rule that selected it.
 * What a guard or the policy refuses is left as it is and told; the rest is done.
 */
#include <string.h>

#include "addition.h"
#include "itsm/incident.h"
#include "policy_change.h"
#include "standing.h"

#define ROWS_MAX 10000

/* What is to be done with one record; texts filled in from the row. */
struct task {
	const struct itsm_standing *rule;
	const char *id;
	const char **set;
	size_t set_count;
	const char *section_text, *note;
};

struct applying {
	struct itsm_desk *desk;
	struct itsm_words names;
	struct itsm_standing_set *set;
	struct itsm_arena *arena;       /* of this attempt */
	struct itsm_apply_result *result;
	size_t capacity;
	struct task *tasks;
	size_t task_count, task_capacity;
};

/* "{column}" is what the row has there, "{{" a brace. */
static const char *fill_in(const struct desk_row *row, const char *template)
{
	struct itsm_buffer text = {0};
	const char *filled;

	for (; template && *template; template++) {
		const char *end = *template == '{' ? strchr(template, '}') : NULL;

		if (template[0] == '{' && template[1] == '{') {
			itsm_buffer_putc(&text, *template++);
		} else if (end) {
			const char *value = desk_row_text(row, itsm_arena_strndup(row->arena, template + 1, (size_t)(end - template) - 1));

			itsm_buffer_puts(&text, value ? value : "");
			template = end;
		} else {
			itsm_buffer_putc(&text, *template);
		}
	}
	filled = template ? itsm_arena_strndup(row->arena, text.data ? text.data : "", text.length) : NULL;
	itsm_buffer_free(&text);
	return filled;
}

static int add_task(void *context, const struct desk_row *row, struct itsm_error *err)
{
	struct applying *applying = context;
	const char *id = desk_row_text(row, "id");
	struct task *task;
	size_t i;

	if (!id)
		return itsm_error_set(err, ITSM_EUSAGE, "its rows have no id");
	for (i = 0; i < applying->task_count; i++)
		if (strcmp(applying->tasks[i].id, id) == 0)
			return 0;
	itsm_arena_grow(applying->arena, &applying->tasks, &applying->task_capacity, applying->task_count, sizeof(*task));
	task = &applying->tasks[applying->task_count++];
	memset(task, 0, sizeof(*task));
	task->rule = row->query;
	task->id = id;
	while (row->query->set && row->query->set[task->set_count])
		task->set_count++;
	task->set = itsm_arena_alloc(applying->arena, (task->set_count + 1) * sizeof(*task->set));
	for (i = 0; i < task->set_count; i++)
		task->set[i] = fill_in(row, row->query->set[i]);
	task->section_text = row->query->section_text ? fill_in(row, row->query->section_text) : NULL;
	task->note = row->query->note ? fill_in(row, row->query->note) : NULL;
	return 0;
}

static bool is_wanted(const struct applying *applying, const struct itsm_standing *query)
{
	size_t i;

	if (!itsm_standing_is_for(query, ITSM_STANDING_APPLY, NULL))
		return false;
	for (i = 0; i < applying->names.count; i++)
		if (strcmp(applying->names.items[i], query->name) == 0)
			return true;
	return !applying->names.count;
}

static int need_names(const struct applying *applying, struct itsm_error *err)
{
	struct itsm_buffer names = {0};
	size_t i, j, count = itsm_standing_count(applying->set);
	int status = 0;

	for (i = 0; i < count; i++)
		if (itsm_standing_is_for(itsm_standing_at(applying->set, i), ITSM_STANDING_APPLY, NULL))
			itsm_buffer_printf(&names, "%s%s", names.length ? ", " : "", itsm_standing_at(applying->set, i)->name);
	for (i = 0; i < applying->names.count && status == 0; i++) {
		for (j = 0; j < count && strcmp(itsm_standing_at(applying->set, j)->name, applying->names.items[i]) != 0; j++)
			;
		if (j == count || !itsm_standing_is_for(itsm_standing_at(applying->set, j), ITSM_STANDING_APPLY, NULL))
			status = itsm_error_set(err, ITSM_EUSAGE, "'%s' is no rule to apply; there are %s", applying->names.items[i],
				names.length ? names.data : "none");
	}
	itsm_buffer_free(&names);
	return status;
}

static int ask_all(struct applying *applying, struct itsm_index *index, struct itsm_error *err)
{
	const struct itsm_sql_request request = {.rows = ROWS_MAX};
	size_t i;
	int status = need_names(applying, err);

	for (i = 0; i < itsm_standing_count(applying->set) && status == 0; i++) {
		const struct itsm_standing *query = itsm_standing_at(applying->set, i);

		if (is_wanted(applying, query))
			status = desk_standing_ask(index, applying->arena, query, &request, add_task, applying, err);
	}
	return status;
}

static int edit_record(struct desk_change *change, const struct task *task, const struct itsm_record *record,
	struct desk_put *put, struct itsm_error *err)
{
	const struct itsm_standing *rule = task->rule;
	const struct itsm_words words = {task->set, task->set_count};
	const struct itsm_state *target = rule->move ? itsm_kind_state(record->kind, rule->move) : NULL;
	struct itsm_edit *edits;
	char now[ITSM_TIME_TEXT];
	size_t count;
	int status = desk_change_edits(change->index, change->arena, record->kind, words, &edits, &count, err);

	if (status == 0 && rule->move && !target)
		status = itsm_error_set(err, ITSM_EUSAGE, "'%s' is no state of %s %s", rule->move, desk_a(record->kind->name),
			record->kind->name);
	if (status != 0)
		return status;
	if (target && target->stamp) {
		itsm_desk_now_text(change->desk, now);
		desk_edit_set(change->arena, &edits[count++], target->stamp, now, false);
	}
	put->given = words;
	status = desk_change_edit(change, record, edits, count, rule->move, put, err);
	if (status == 0 && rule->section)
		desk_put_section(change, put, rule->section, task->section_text);
	return status;
}

/* Back to how it was, as if it had never been touched. */
static int take_back(struct desk_change *change, const struct itsm_record *record, struct itsm_error *err)
{
	int status = itsm_index_propose(change->index, record->path, record->text, record->size, err);

	if (status == 0 && change->write)
		status = itsm_write_put(change->write, record->path, record->text, record->size, err);
	change->files--;
	return status;
}

/* Put and judge one; what stands against it is taken out of the outcome into `applied`. */
static int try_task(struct desk_change *change, const struct task *task, struct itsm_record *record,
	struct itsm_applied *applied, struct itsm_error *err)
{
	struct itsm_findings *findings = &change->outcome->findings;
	size_t before = findings->count, errors = findings->errors, i;
	struct desk_put put = {0};
	int status = edit_record(change, task, record, &put, err);

	if (status == 0)
		status = desk_change_put_all(change, &put, 1, err);
	if (status == 0 && put.record && put.changed && task->rule->move && strcmp(record->state, task->rule->move) != 0) {
		status = desk_judge_step(change->index, record->kind, put.record, record->state, findings, err);
		if (status == 0 && findings->errors == errors)
			status = desk_change_judge(change, put.record, record->state, err);
	}
	if (status != 0)
		return status;
	applied->done = findings->errors == errors && put.record && (put.changed || task->note);
	if (findings->errors > errors) {
		for (i = before; i < findings->count; i++)
			itsm_findings_add(&applied->findings, &findings->items[i]);
		findings->count = before;
		findings->errors = errors;
		return put.changed ? take_back(change, record, err) : 0;
	}
	return applied->done && task->note ? desk_put_note(change, record, task->note, NULL, err) : 0;
}

static const char *describe(struct itsm_arena *arena, const struct task *task, const struct itsm_record *record)
{
	struct itsm_buffer text = {0};
	const char *said;
	size_t i;

	if (task->rule->move)
		itsm_buffer_printf(&text, "%s -> %s", record->state ? record->state : "", task->rule->move);
	for (i = 0; i < task->set_count; i++)
		itsm_buffer_printf(&text, "%s%s", text.length ? ", " : "", task->set[i]);
	if (task->note)
		itsm_buffer_printf(&text, "%snote", text.length ? ", " : "");
	said = itsm_arena_strndup(arena, text.data ? text.data : "", text.length);
	itsm_buffer_free(&text);
	return said;
}

static int apply_task(struct desk_change *change, struct applying *applying, const struct task *task, struct itsm_error *err)
{
	struct itsm_apply_result *result = applying->result;
	struct itsm_arena *arena = change->outcome->arena;
	struct itsm_error failure = {0};
	struct itsm_applied *applied;
	struct itsm_record *record;
	int status = desk_change_record(change, task->id, &record, &failure);

	change->judged = NULL;
	itsm_arena_grow(arena, &result->items, &applying->capacity, result->count, sizeof(*result->items));
	applied = &result->items[result->count++];
	memset(applied, 0, sizeof(*applied));
	itsm_findings_init(&applied->findings, arena);
	applied->rule = itsm_arena_strdup(arena, task->rule->name);
	applied->id = itsm_arena_strdup(arena, task->id);
	applied->action = "";
	if (status == 0) {
		applied->action = describe(arena, task, record);
		status = try_task(change, task, record, applied, &failure);
	}
	if (status == ITSM_EUSAGE || status == ITSM_EDATA || status == ITSM_ENOTFOUND || status == ITSM_EREFUSED) {
		applied->reason = itsm_arena_strdup(arena, failure.message);
		return 0;
	}
	if (status != 0) {
		if (err)
			*err = failure;
		return status;
	}
	result->done += applied->done;
	if (applied->done)
		desk_change_trailer(change, "Itsm-Record", task->id);
	return 0;
}

/* "INC-1: apply close-resolved", "7 records: apply close-resolved, wake-pending" */
static void write_subject(struct desk_change *change, const struct applying *applying)
{
	const struct itsm_apply_result *result = applying->result;
	const char *last = "";
	size_t i;

	for (i = 0; i < result->count && result->done == 1; i++)
		if (result->items[i].done)
			itsm_buffer_puts(&change->subject, result->items[i].id);
	if (result->done != 1)
		itsm_buffer_printf(&change->subject, "%zu records", result->done);
	itsm_buffer_puts(&change->subject, ": apply");
	for (i = 0; i < result->count; i++) {
		if (!result->items[i].done || strcmp(result->items[i].rule, last) == 0)
			continue;
		itsm_buffer_printf(&change->subject, "%s %s", *last ? "," : "", result->items[i].rule);
		last = result->items[i].rule;
	}
}

static int make_apply(struct desk_change *change, void *context, struct itsm_error *err)
{
	struct applying *applying = context;
	size_t i;
	int status;

	applying->arena = change->arena;
	applying->task_count = applying->task_capacity = 0;
	applying->result->count = applying->result->done = 0;
	if ((status = ask_all(applying, change->index, err)) != 0)
		return status;
	desk_change_trailer(change, "Itsm-Action", "apply");
	for (i = 0; i < applying->task_count && status == 0; i++)
		status = apply_task(change, applying, &applying->tasks[i], err);
	if (status == 0 && !applying->result->done)
		change->files = 0;
	write_subject(change, applying);
	return status;
}

int itsm_desk_apply(struct itsm_desk *desk, struct itsm_words names, bool dry_run, const char *message,
	struct itsm_outcome *outcome, struct itsm_apply_result *result, struct itsm_error *err)
{
	struct applying applying = {.desk = desk, .names = names, .result = result};
	int status;

	memset(result, 0, sizeof(*result));
	if ((status = desk_standing_open(desk, true, &applying.set, err)) != 0)
		return status;
	status = dry_run ? desk_change_look(desk, make_apply, &applying, outcome, err)
		: desk_change_run(desk, make_apply, &applying, message, outcome, err);
	itsm_standing_free(applying.set);
	return status;
}
