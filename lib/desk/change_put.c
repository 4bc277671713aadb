/*
 * Putting records: the new texts of one or many go into the index's proposal
 * together and are judged there together, so that they may refer to each other
 * and so that each question is asked once for all of them.
 */
#include <string.h>

#include "policy_change.h"

static bool was_there(const struct itsm_findings *before, size_t from, size_t to, const struct itsm_finding *finding)
{
	size_t i;

	for (i = from; i < to; i++) {
		if (strcmp(before->items[i].rule, finding->rule) == 0 && strcmp(before->items[i].message, finding->message) == 0)
			return true;
	}
	return false;
}

static const char *path_of(const struct itsm_finding *finding)
{
	return finding->path ? finding->path : "";
}

/* How many are new; they go to the outcome, if there is one. */
static size_t sort_new(struct itsm_outcome *outcome, struct itsm_findings *before, struct itsm_findings *after)
{
	size_t i, count = 0, from = 0, to;

	itsm_findings_sort(before);
	itsm_findings_sort(after);
	for (i = 0; i < after->count; i++) {
		const char *path = path_of(&after->items[i]);

		while (from < before->count && strcmp(path_of(&before->items[from]), path) < 0)
			from++;
		for (to = from; to < before->count && strcmp(path_of(&before->items[to]), path) == 0; to++)
			;
		if (was_there(before, from, to, &after->items[i]))
			continue;
		count++;
		if (outcome)
			itsm_findings_add(&outcome->findings, &after->items[i]);
	}
	return count;
}

void desk_change_add_new(struct itsm_outcome *outcome, struct itsm_findings *before, struct itsm_findings *after)
{
	sort_new(outcome, before, after);
}

static bool is_same_value(const struct itsm_record *a, const struct itsm_record *b, const char *field)
{
	const struct itsm_yaml *left = itsm_record_field(a, field), *right = itsm_record_field(b, field);

	return left == right || (left && right && itsm_yaml_equal(left, right));
}

void desk_judge_fixed(const struct itsm_record *const *befores, size_t count, const struct itsm_record *after,
	struct itsm_findings *findings)
{
	const struct itsm_field *const *columns;
	size_t fields, i, j;

	columns = itsm_kind_columns(after->kind, &fields);
	for (i = 0; i < fields; i++) {
		const char *state = NULL;

		for (j = 0; j < count && columns[i]->immutable_in; j++) {
			if (is_same_value(befores[j], after, columns[i]->name))
				break;
			if (befores[j]->state && itsm_list_has(columns[i]->immutable_in, befores[j]->state))
				state = befores[j]->state;
		}
		if (state && j == count)
			desk_finding(findings, after, columns[i]->name, "schema/immutable",
				"leave it as it was; what is to be different is another record",
				"'%s' of %s %s can't be changed in '%s'", columns[i]->name, desk_a(after->kind->name),
				after->kind->name, state);
	}
}

void desk_judge_immutable(const struct itsm_record *before, const struct itsm_record *after, struct itsm_findings *findings)
{
	const struct itsm_field *const *columns;
	size_t count, i;

	columns = itsm_kind_columns(after->kind, &count);
	for (i = 0; i < count; i++) {
		const struct itsm_yaml *value = itsm_record_field(before, columns[i]->name);

		if (columns[i]->immutable && value && !itsm_yaml_equal(value, itsm_record_field(after, columns[i]->name)))
			desk_finding(findings, after, columns[i]->name, "schema/immutable",
				"leave it as it was; make a new record where it was wrong from the start",
				"'%s' of %s %s can't be changed once it is committed", columns[i]->name, desk_a(after->kind->name),
				after->kind->name);
	}
	desk_judge_fixed(&before, 1, after, findings);
}

void desk_judge_initial(const struct itsm_record *record, struct itsm_findings *findings)
{
	const struct itsm_kind *kind = record->kind;
	const struct itsm_state *state = record->state ? itsm_kind_state(kind, record->state) : NULL;

	if (kind->by_month && record->state && !(state && state->initial) && strcmp(record->state, kind->states[0].name) != 0)
		desk_finding(findings, record, "state", "workflow/initial", "commit it in its first state, then `itsm move` it step by step",
			"%s %s begins as '%s', this one as '%s'", desk_a(kind->name), kind->name, kind->states[0].name, record->state);
}

/* Parse the new text. What can't be read as a record is refused with what is wrong, and goes no further. */
static void read_new(struct desk_change *change, struct desk_put *put)
{
	struct itsm_findings found;
	size_t i;

	itsm_findings_init(&found, change->arena);
	put->record = itsm_record_read(change->arena, change->desk->kinds, put->path, put->text, put->size, &found);
	for (i = 0; !put->record && i < found.count; i++)
		itsm_findings_add(&change->outcome->findings, &found.items[i]);
	if (put->record && put->old_record)
		desk_judge_immutable(put->old_record, put->record, &change->outcome->findings);
	else if (put->record)
		desk_judge_initial(put->record, &change->outcome->findings);
}

static bool is_same(const struct desk_put *put)
{
	return put->old_record && put->old_record->size == put->size && memcmp(put->old_record->text, put->text, put->size) == 0;
}

/* What is found of these paths: of the records that are there (`after` false), or of those that are proposed. */
static int check(struct desk_change *change, const struct desk_put *puts, size_t count, bool after, bool positions,
	struct itsm_findings *findings, struct itsm_error *err)
{
	const char **paths = itsm_arena_alloc(change->arena, (count + 1) * sizeof(*paths));
	size_t i, used = 0;
	int status;

	itsm_findings_init(findings, change->arena);
	for (i = 0; i < count; i++) {
		if (puts[i].record && (after || puts[i].old_record))
			paths[used++] = after ? puts[i].path : puts[i].old_record->path;
	}
	status = itsm_index_check_paths(change->index, paths, used, positions, findings, err);
	return status ? status : desk_policy_stay(change, puts, count, after, findings, err);
}

static int propose_all(struct desk_change *change, struct desk_put *puts, size_t count, struct itsm_error *err)
{
	size_t i;
	int status = 0;

	for (i = 0; i < count && status == 0; i++) {
		if (puts[i].record && (status = desk_derive(change, &puts[i], err)) == 0)
			status = itsm_index_propose(change->index, puts[i].path, puts[i].text, puts[i].size, err);
	}
	return status;
}

/*
 * What was found of these paths before, all of it proposed, what is found now. Where nothing is found now of one record,
 * nothing is new, whatever was found before: so that is asked last, with the proposal withdrawn for it, where it is
 * the only one. Of many something will be found: each is proposed once. Only what is new is ever told, and needs
 * a place in its file.
 */
static int judge(struct desk_change *change, struct desk_put *puts, size_t count, struct itsm_error *err)
{
	struct itsm_findings before, after;
	bool late = count == 1 && !itsm_index_is_proposing(change->index);
	int status = late ? 0 : check(change, puts, count, false, false, &before, err);

	if (status == 0)
		status = propose_all(change, puts, count, err);
	if (status == 0)
		status = check(change, puts, count, true, false, &after, err);
	if (status == 0 && late && after.count) {
		itsm_index_settle(change->index, NULL, NULL);
		status = check(change, puts, count, false, false, &before, err);
		if (status == 0)
			status = propose_all(change, puts, count, err);
	}
	if (status == 0 && after.count && sort_new(NULL, &before, &after)) {
		status = check(change, puts, count, true, true, &after, err);
		if (status == 0)
			sort_new(change->outcome, &before, &after);
	}
	return status;
}

int desk_change_edit(struct desk_change *change, const struct itsm_record *record, const struct itsm_edit *edits, size_t count,
	const char *state, struct desk_put *put, struct itsm_error *err)
{
	struct itsm_buffer text = {0};
	int status = itsm_record_edit(record, edits, count, state, &text, err);

	if (status == 0) {
		put->old_record = record;
		put->path = record->path;
		put->text = itsm_arena_strndup(change->arena, text.data ? text.data : "", text.length);
		put->size = text.length;
	}
	itsm_buffer_free(&text);
	return status;
}

int desk_change_put_all(struct desk_change *change, struct desk_put *puts, size_t count, struct itsm_error *err)
{
	size_t i;
	int status;

	for (i = 0; i < count; i++)
		read_new(change, &puts[i]);
	status = judge(change, puts, count, err);
	for (i = 0; i < count && status == 0; i++) {
		puts[i].changed = puts[i].record && !is_same(&puts[i]);
		change->files += puts[i].changed;
		if (puts[i].changed && change->write)
			status = itsm_write_put(change->write, puts[i].path, puts[i].text, puts[i].size, err);
	}
	return status;
}

int desk_change_put(struct desk_change *change, const struct itsm_record *old_record, const char *path, const char *text,
	size_t size, struct itsm_record **out, struct itsm_error *err)
{
	struct desk_put put = {.old_record = old_record, .path = path, .text = text, .size = size};
	int status = desk_change_put_all(change, &put, 1, err);

	*out = put.record;
	return status;
}
