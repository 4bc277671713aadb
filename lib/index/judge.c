/*
 * Judging: changes that are proposed, and SQL expressions about one record.
 *
 * A proposal is an open write transaction in which HEAD has the new rows; it
 * ends with the commit it was made for, or is rolled back. Expressions stay
 * prepared, since a workflow asks the same few of many records.
 */
#include <string.h>

#include "index.h"

#define STEPS_MAX 10000         /* thousands of virtual machine steps for one answer */

struct index_judgement {
	struct index_judgement *next;
	const struct itsm_kind *kind;
	const char *expression;
	sqlite3_stmt *statement;
};

void itsm_index_judgements_drop(struct itsm_index *index)
{
	while (index->judgements) {
		struct index_judgement *judgement = index->judgements;

		index->judgements = judgement->next;
		sqlite3_finalize(judgement->statement);
	}
}

static int prepare(struct itsm_index *index, const struct itsm_kind *kind, const char *expression, sqlite3_stmt **out,
	struct itsm_error *err)
{
	struct itsm_buffer sql = {0}, name = {0};
	int status = itsm_index_view_self(index, kind, err);

	itsm_buffer_puts(&sql, "SELECT (");
	if (status == 0)
		status = itsm_index_expression(index, kind, expression, &sql, err);
	itsm_buffer_puts(&sql, ") FROM ");
	itsm_buffer_printf(&name, "itsm_self_%s", kind->name);
	itsm_index_quote(&sql, name.data);
	itsm_buffer_puts(&sql, " AS self WHERE self.path = ?1");
	if (status == 0)
		status = itsm_index_prepare_foreign(index, sql.data, out, err);
	itsm_buffer_free(&name);
	itsm_buffer_free(&sql);
	return status;
}

static int find_judgement(struct itsm_index *index, const struct itsm_kind *kind, const char *expression,
	sqlite3_stmt **out, struct itsm_error *err)
{
	struct index_judgement *judgement;
	int status;

	for (judgement = index->judgements; judgement; judgement = judgement->next) {
		if (judgement->kind == kind && strcmp(judgement->expression, expression) == 0) {
			*out = judgement->statement;
			return 0;
		}
	}
	if ((status = prepare(index, kind, expression, out, err)) != 0)
		return status;
	judgement = itsm_arena_alloc(index->arena, sizeof(*judgement));
	judgement->kind = kind;
	judgement->statement = *out;
	judgement->expression = itsm_arena_strdup(index->arena, expression);
	judgement->next = index->judgements;
	index->judgements = judgement;
	return 0;
}

struct question {
	const struct itsm_kind *kind;
	const char *id, *expression;
	int truth;
	struct itsm_arena *answer_arena; /* NULL: only the truth is wanted */
	const char *answer;
};

static void take_answer(struct question *question, sqlite3_stmt *statement)
{
	const char *text = (const char *)sqlite3_column_text(statement, 0);

	if (question->answer_arena)
		question->answer = text ? itsm_arena_strdup(question->answer_arena, text) : NULL;
	else
		question->truth = sqlite3_column_type(statement, 0) == SQLITE_NULL
			? -1
			: sqlite3_column_double(statement, 0) != 0;
}

static int judge(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct question *question = context;
	struct index_bounds bounds = {.steps = STEPS_MAX};
	struct itsm_arena *arena = itsm_arena_new();
	sqlite3_stmt *statement;
	const char *path;
	int status = itsm_index_exact_path(index, question->kind, question->id, arena, &path, err);

	if (status == 0 && !path)
		status =
			itsm_error_set(err, ITSM_ENOTFOUND, "no %s is called '%s'", question->kind->name, question->id);
	if (status == 0 &&
		(status = find_judgement(index, question->kind, question->expression, &statement, err)) == 0) {
		itsm_index_bind_text(statement, 1, path);
		status = itsm_index_step_foreign(index, statement, &bounds, err);
		if (status == 0)
			status = itsm_error_set(
				err, ITSM_EDATA, "%s cannot be read as a record, so nothing can be said of it", path);
		else if (status == 1)
			take_answer(question, statement);
		sqlite3_reset(statement);
	}
	itsm_arena_free(arena);
	return status < 0 ? status : 0;
}

int itsm_index_is_hidden(struct itsm_index *index, const struct itsm_kind *kind, const char *path, bool *hidden,
	struct itsm_error *err)
{
	struct index_bounds bounds = {.steps = STEPS_MAX};
	sqlite3_stmt *statement;
	int status = find_judgement(index, kind, kind->hidden_when, &statement, err);

	if (status != 0)
		return status;
	itsm_index_bind_text(statement, 1, path);
	status = path ? itsm_index_step_foreign(index, statement, &bounds, err) : 0;
	*hidden = status == 1 && sqlite3_column_type(statement, 0) != SQLITE_NULL && sqlite3_column_double(statement, 0) != 0;
	sqlite3_reset(statement);
	return status < 0 ? status : 0;
}

int itsm_index_judge(struct itsm_index *index, const struct itsm_kind *kind, const char *id, const char *expression,
	int *truth, struct itsm_error *err)
{
	struct question question = {.kind = kind, .id = id, .expression = expression};
	int status = itsm_index_attempt(index, judge, &question, err);

	if (status == 0)
		*truth = question.truth;
	return status;
}

int itsm_index_evaluate(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_kind *kind,
	const char *path, const char *expression, const char **out, struct itsm_error *err)
{
	struct question question = {.kind = kind, .id = path, .expression = expression, .answer_arena = arena};
	int status = itsm_index_attempt(index, judge, &question, err);

	if (status == 0)
		*out = question.answer;
	return status;
}

static int compile(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct question *question = context;
	sqlite3_stmt *statement = NULL;
	int status = prepare(index, question->kind, question->expression, &statement, err);

	sqlite3_finalize(statement);
	return status;
}

int itsm_index_compile(struct itsm_index *index, const struct itsm_kind *kind, const char *expression,
	struct itsm_error *err)
{
	struct question question = {.kind = kind, .expression = expression};

	return itsm_index_attempt(index, compile, &question, err);
}

struct proposing {
	const char *path, *text;
	size_t size;
};

/* The bytes as content: new rows unless they are known. */
static int add_content(struct itsm_index *index, const struct index_place *place, const struct proposing *proposing,
	int64_t *content, struct itsm_error *err)
{
	struct index_rows rows = {0};
	struct itsm_oid blob;
	int status;

	itsm_blob_hash(proposing->text, proposing->size, &blob);
	status = itsm_index_content_find(index, place, &blob, content, err);
	if (status != 0 || *content)
		return status;
	itsm_index_flatten(&rows, itsm_arena_new(), index->options.kinds, place->shape, place->path, proposing->text,
		proposing->size);
	status = itsm_index_content_insert(index, NULL, place, &blob, &rows, content, err);
	itsm_arena_free(rows.arena);
	return status;
}

static void remember(struct itsm_index *index, const struct proposing *proposing)
{
	struct index_proposal *proposal;

	if (!index->proposal_arena)
		index->proposal_arena = itsm_arena_new();
	proposal = itsm_arena_alloc(index->proposal_arena, sizeof(*proposal));
	proposal->path = itsm_arena_strdup(index->proposal_arena, proposing->path);
	proposal->text = itsm_arena_strndup(index->proposal_arena, proposing->text, proposing->size);
	proposal->size = proposing->size;
	proposal->next = index->proposals;
	index->proposals = proposal;
}

static int propose(struct itsm_index *index, void *context, struct itsm_error *err)
{
	const struct proposing *proposing = context;
	enum itsm_snapshot snapshot = index->snapshot == ITSM_SNAPSHOT_AT ? ITSM_SNAPSHOT_AT : ITSM_SNAPSHOT_HEAD;
	struct index_place place;
	int64_t content = 0;
	int status = 0;

	if (!itsm_index_place(index, proposing->path, &place) || !place.located)
		return itsm_error_set(err, ITSM_EUSAGE,
			"'%s' is no place for a record; `itsm kinds` tells where each kind lies", proposing->path);
	if (!index->proposing && snapshot == ITSM_SNAPSHOT_AT && (status = itsm_index_at_table(index, err)) != 0)
		return status;
	if (!index->proposing && (status = itsm_index_begin(index, err)) != 0)
		return status;
	/* another process may have brought HEAD elsewhere: back to the one this change stands on */
	if (!index->proposing && index->head_wanted && snapshot == ITSM_SNAPSHOT_HEAD)
		status = itsm_index_head_bring(index, &index->head, err);
	if (status == 0 && !proposing->text)
		status = itsm_index_entry_remove(index, snapshot, proposing->path, err);
	else if (status == 0 && (status = add_content(index, &place, proposing, &content, err)) == 0)
		status = itsm_index_entry_set(index, snapshot, &place, content, err);
	if (status == 0)
		status = itsm_index_schema_finish(index, err);
	if (status != 0)
		return status;
	index->proposing = true;
	if (proposing->text)
		remember(index, proposing);
	return 0;
}

int itsm_index_propose(
	struct itsm_index *index, const char *path, const char *text, size_t size, struct itsm_error *err)
{
	struct proposing proposing = {path, text, size};

	return itsm_index_attempt(index, propose, &proposing, err);
}

bool itsm_index_is_proposing(const struct itsm_index *index)
{
	return index->proposing;
}

int itsm_index_settle(struct itsm_index *index, const struct itsm_oid *head, struct itsm_error *err)
{
	int status = 0;

	if (!index->proposing)
		return 0;
	if (head && (status = itsm_index_meta_set_oid(index, "head", head, err)) == 0 &&
	    (status = itsm_index_commit(index, err)) == 0) {
		index->head = *head;
		index->head_wanted = true;
	}
	/* what is left of it: texts, and when it was not kept the transaction */
	itsm_index_rollback(index);
	return status;
}
