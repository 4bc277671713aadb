/*
 * Risk models in SQL.
 *
 * computed_risk() is no function: in its place stands, over the row called `self`,
 *
 *   nullif(coalesce(itsm_risk_known('change', self.path), (SELECT itsm_risk('change', self.path, (rule), ..., answer, ...,
 *   row, column) FROM (SELECT (input) AS "name", ...) AS input)), '')
 *
 * so that a model's SQL is asked like any other, in the same bounds, and the
 * arithmetic is that of itsm/risk.h. The models are the index's; statements that were prepared with
 * other ones are dropped when they change.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "index.h"
#include "itsm/json.h"
#include "itsm/risk.h"

#define STEPS_MAX 300000        /* thousands of virtual machine steps for one record */
#define USUAL_KIND "change"

static void drop_memo(struct itsm_index *index);

void itsm_index_set_risks(struct itsm_index *index, struct itsm_risks *risks)
{
	if (index->risks == risks)
		return;
	itsm_index_judgements_drop(index);
	itsm_risks_free(index->risks);
	index->risks = itsm_risks_keep(risks);
	index->fitted_from = NULL;
	drop_memo(index);
}

static int prepare(struct itsm_index *index, const struct itsm_kind *kind, const struct itsm_risk_model *model,
	sqlite3_stmt **out, struct itsm_error *err);

static bool compiles(struct itsm_index *index, const struct itsm_kind *kind, const struct itsm_risk_model *model)
{
	struct itsm_error failure;
	sqlite3_stmt *statement = NULL;
	int status = prepare(index, kind, model, &statement, &failure);

	sqlite3_finalize(statement);
	return status != ITSM_EUSAGE;
}

static bool all_built_in(const struct itsm_kinds *kinds)
{
	for (size_t i = 0; i < itsm_kinds_count(kinds); i++)
		if (strcmp(itsm_kinds_at(kinds, i)->origin, "built-in") != 0)
			return false;
	return true;
}

/*
 * A built-in model asks what there is to ask: on a desk that took away what an input or a rule
 * reads, that one is NULL. A desk's own model has to compile.
 */
static const struct itsm_risk_model *fit(struct itsm_index *index, const struct itsm_risk_model *model)
{
	const struct itsm_kind *kind = itsm_kinds_find(index->options.kinds, model->name);
	struct itsm_risk_model *own;

	if (!kind || strcmp(model->origin, "built-in") != 0 || all_built_in(index->options.kinds))
		return model;
	if (index->fitted_from == model)
		return index->fitted;
	own = itsm_arena_alloc(index->arena, sizeof(*own));
	*own = *model;
	own->inputs = itsm_arena_alloc(index->arena, (model->input_count + 1) * sizeof(*own->inputs));
	own->rules = itsm_arena_alloc(index->arena, (model->rule_count + 1) * sizeof(*own->rules));
	own->input_count = own->rule_count = 0;
	for (size_t i = 0; i < model->input_count; i++) {
		own->inputs[own->input_count++] = model->inputs[i];
		if (!compiles(index, kind, own))
			own->inputs[i].sql = "NULL";
	}
	for (size_t i = 0; i < model->rule_count; i++) {
		own->rules[own->rule_count++] = model->rules[i];
		if (!compiles(index, kind, own))
			own->rules[i].when = "NULL";
	}
	index->fitted_from = model;
	index->fitted = own;
	return own;
}

static int find_model(struct itsm_index *index, const char *kind, const struct itsm_risk_model **out, struct itsm_error *err)
{
	int status = 0;

	if (!index->risks && index->options.risks)
		status = index->options.risks(index->options.risks_context, &index->risks, err);
	if (status == 0)
		*out = itsm_risks_find(index->risks, kind);
	if (status == 0 && *out)
		*out = fit(index, *out);
	return status;
}

bool itsm_index_is_risk_word(const struct index_token *token)
{
	return token->type == TOKEN_WORD &&
		(strcasecmp(token->text, "computed_risk") == 0 || strcasecmp(token->text, "risk_rank") == 0 ||
		strcasecmp(token->text, "class_lacks") == 0);
}

static bool is_character(const struct index_token *token, char c)
{
	return token->type == TOKEN_OTHER && *token->start == c;
}

/*
 * Levels that were computed, by path: a check asks all records at once and then those again that do not hold, and
 * the second time the figures over all of history are not made again. Good until anything that SQL could see changes.
 */
#define MEMO_FIRST 1024

struct index_risk_memo {
	struct itsm_arena *arena;
	struct memo_entry {
		const char *path;       /* NULL: free */
		const struct itsm_risk_model *model;
		int level;
	} *entries;
	size_t count, size;             /* size is a power of two */
	sqlite3_int64 changes;
	unsigned version;               /* SQLite's, of what other connections wrote */
	enum itsm_snapshot snapshot;
	int64_t now, position;
	struct itsm_oid at, head;
};

static void drop_memo(struct itsm_index *index)
{
	if (index->risk_memo)
		itsm_arena_free(index->risk_memo->arena);
	index->risk_memo = NULL;
}

void itsm_index_risk_free(struct itsm_index *index)
{
	drop_memo(index);
	itsm_risks_free(index->risks);
	itsm_classes_free(index->classes);
	index->risks = NULL;
	index->classes = NULL;
}

/* What is remembered, of the state that SQL sees now. */
static struct index_risk_memo *memo_of(struct itsm_index *index)
{
	struct index_risk_memo *memo = index->risk_memo;
	struct itsm_arena *arena;
	sqlite3_int64 changes = itsm_index_changes(index);
	unsigned version = 0;

	sqlite3_file_control(index->db, "main", SQLITE_FCNTL_DATA_VERSION, &version);
	if (memo && memo->changes == changes && memo->version == version && memo->snapshot == index->snapshot &&
		memo->now == index->now && memo->position == index->position && itsm_oid_equal(&memo->at, &index->at) &&
		itsm_oid_equal(&memo->head, &index->head))
		return memo;
	drop_memo(index);
	arena = itsm_arena_new();
	memo = itsm_arena_alloc(arena, sizeof(*memo));
	*memo = (struct index_risk_memo){.arena = arena, .changes = changes, .version = version, .snapshot = index->snapshot,
		.now = index->now, .position = index->position, .at = index->at, .head = index->head};
	index->risk_memo = memo;
	return memo;
}

/* The place of a path: its entry, or a free one. */
static struct memo_entry *memo_place(const struct index_risk_memo *memo, const struct itsm_risk_model *model, const char *path)
{
	size_t slot = (size_t)itsm_index_checksum(path, strlen(path));

	for (;; slot++) {
		struct memo_entry *entry = &memo->entries[slot & (memo->size - 1)];

		if (!entry->path || (entry->model == model && strcmp(entry->path, path) == 0))
			return entry;
	}
}

static void remember(struct itsm_index *index, const struct itsm_risk_model *model, const char *path, int level)
{
	struct index_risk_memo *memo = memo_of(index);
	struct memo_entry *old = memo->entries, *entry;
	size_t size = memo->size;

	if (2 * memo->count >= size) {
		memo->size = size ? 4 * size : MEMO_FIRST;
		memo->entries = itsm_arena_alloc(memo->arena, memo->size * sizeof(*memo->entries));
		memset(memo->entries, 0, memo->size * sizeof(*memo->entries));
		for (size_t i = 0; i < size; i++)
			if (old[i].path)
				*memo_place(memo, old[i].model, old[i].path) = old[i];
	}
	entry = memo_place(memo, model, path);
	memo->count += !entry->path;
	*entry = (struct memo_entry){entry->path ? entry->path : itsm_arena_strdup(memo->arena, path), model, level};
}

static const struct memo_entry *recall(struct itsm_index *index, const struct itsm_risk_model *model, const char *path)
{
	const struct index_risk_memo *memo = memo_of(index);
	const struct memo_entry *entry = memo->size ? memo_place(memo, model, path) : NULL;

	return entry && entry->path ? entry : NULL;
}

static void write_text(struct itsm_buffer *out, const char *text)
{
	char *quoted = sqlite3_mprintf("%Q", text);

	itsm_buffer_puts(out, quoted ? quoted : "''");
	sqlite3_free(quoted);
}

static void write_column(struct itsm_buffer *out, const struct itsm_kind *kind, const char *field)
{
	const struct itsm_field *found = itsm_kind_field(kind, field);

	itsm_buffer_puts(out, "self.");
	itsm_index_quote(out, found ? found->column : field);
}

/* The model's SQL in parentheses. The model itself may not be asked for its own result. */
static int write_expression(struct itsm_index *index, const struct itsm_kind *kind, const char *expression,
	struct itsm_buffer *out, struct itsm_error *err)
{
	const char *cursor = expression;
	struct index_token token;
	int status;

	do {
		itsm_index_token(&cursor, &token);
		if (itsm_index_is_risk_word(&token) && strcasecmp(token.text, "class_lacks") != 0)
			return itsm_error_set(err, ITSM_EUSAGE, "%s() has no place in a risk model: it would ask for its own result",
				token.text);
	} while (token.type != TOKEN_END && token.type != TOKEN_BROKEN);
	itsm_buffer_putc(out, '(');
	status = itsm_index_expression(index, kind, expression, out, err);
	itsm_buffer_putc(out, ')');
	return status;
}

/* ", (rule), ..., answer, ..., row, column": what itsm_risk() takes behind the kind. */
static int write_facts(struct itsm_index *index, const struct itsm_kind *kind, const struct itsm_risk_model *model,
	struct itsm_buffer *out, struct itsm_error *err)
{
	const char *const sides[] = {model->row_field, model->column_field};
	int status = 0;

	for (size_t i = 0; status == 0 && i < model->rule_count; i++) {
		itsm_buffer_puts(out, ", ");
		status = write_expression(index, kind, model->rules[i].when, out, err);
	}
	for (size_t i = 0; i < model->question_count; i++) {
		itsm_buffer_puts(out, ", json_extract(");
		write_column(out, kind, model->answers);
		itsm_buffer_printf(out, ", '$.\"%s\"')", model->questions[i].name);
	}
	for (size_t i = 0; i < 2; i++) {
		itsm_buffer_puts(out, ", ");
		if (sides[i])
			write_column(out, kind, sides[i]);
		else
			itsm_buffer_puts(out, "NULL");
	}
	return status;
}

/* " FROM (SELECT (input) AS "name", ...) AS input" */
static int write_inputs(struct itsm_index *index, const struct itsm_kind *kind, const struct itsm_risk_model *model,
	struct itsm_buffer *out, struct itsm_error *err)
{
	int status = 0;

	itsm_buffer_puts(out, " FROM (SELECT 1 AS itsm_one");
	for (size_t i = 0; status == 0 && i < model->input_count; i++) {
		itsm_buffer_puts(out, ", ");
		status = write_expression(index, kind, model->inputs[i].sql, out, err);
		itsm_buffer_puts(out, " AS ");
		itsm_index_quote(out, model->inputs[i].name);
	}
	itsm_buffer_puts(out, ") AS input");
	return status;
}

static int write_level(struct itsm_index *index, const struct itsm_kind *kind, const struct itsm_risk_model *model,
	struct itsm_buffer *out, struct itsm_error *err)
{
	int status;

	itsm_buffer_puts(out, "nullif(coalesce(itsm_risk_known(");
	write_text(out, model->name);
	itsm_buffer_puts(out, ", self.path), (SELECT itsm_risk(");
	write_text(out, model->name);
	itsm_buffer_puts(out, ", self.path");
	status = write_facts(index, kind, model, out, err);
	itsm_buffer_puts(out, ")");
	if (status == 0)
		status = write_inputs(index, kind, model, out, err);
	itsm_buffer_puts(out, ")), '')");
	return status;
}

static int refuse_word(const struct index_token *word, struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_EUSAGE, "%s takes %s", word->text,
		strcasecmp(word->text, "risk_rank") == 0 ? "a level, and the kind in quotes where it is none of a change"
		: "nothing, or a kind in quotes; it judges the row that is called self");
}

/* "'change')" or ")" */
static int read_kind(const struct index_token *word, const char **cursor, const char **kind, struct index_token *token,
	struct itsm_error *err)
{
	itsm_index_token(cursor, token);
	if (token->type == TOKEN_STRING) {
		struct index_token close;

		itsm_index_token(cursor, &close);
		*kind = token->text;
		return is_character(&close, ')') ? 0 : refuse_word(word, err);
	}
	return is_character(token, ')') ? 0 : refuse_word(word, err);
}

int itsm_index_risk_word(struct itsm_index *index, const char *kind, const struct index_token *word, const char **cursor,
	struct itsm_buffer *out, long *open, struct itsm_error *err)
{
	const struct itsm_risk_model *model = NULL;
	const struct itsm_kind *found;
	struct index_token token;
	int status;

	if (strcasecmp(word->text, "class_lacks") == 0)
		return itsm_index_lacks_word(index, word, cursor, out, err);
	kind = kind ? kind : USUAL_KIND;
	if (strcasecmp(word->text, "risk_rank") == 0) {
		status = find_model(index, kind, &model, err);
		itsm_buffer_puts(out, "itsm_risk_rank(");
		write_text(out, kind);
		itsm_buffer_puts(out, ", ");
		(*open)++;
		return status;
	}
	status = read_kind(word, cursor, &kind, &token, err);
	found = status == 0 ? itsm_kinds_find(index->options.kinds, kind) : NULL;
	if (status == 0 && !found)
		return itsm_error_set(err, ITSM_EUSAGE, "computed_risk(): there is no kind '%s'", kind);
	if (status != 0 || (status = find_model(index, found->name, &model, err)) != 0)
		return status;
	if (model)
		return write_level(index, found, model, out, err);
	itsm_buffer_puts(out, "(NULL)");
	return 0;
}

int itsm_index_risk_statement(struct itsm_index *index, const char *sql, struct itsm_buffer *out, struct itsm_error *err)
{
	const char *cursor = sql, *copied = sql, *next;
	struct index_token token, following;
	long open = 0;
	int status = 0;

	for (itsm_index_token(&cursor, &token); status == 0 && token.type != TOKEN_END && token.type != TOKEN_BROKEN;
	     itsm_index_token(&cursor, &token)) {
		if (!itsm_index_is_risk_word(&token))
			continue;
		next = cursor;
		itsm_index_token(&next, &following);
		if (!is_character(&following, '('))
			continue;
		itsm_buffer_add(out, copied, (size_t)(token.start - copied));
		status = itsm_index_risk_word(index, NULL, &token, &next, out, &open, err);
		copied = cursor = next;
	}
	itsm_buffer_puts(out, copied);
	return status;
}

/* The answer as it stands in the record: whole numbers without a point. */
static const char *text_of(sqlite3_value *value)
{
	return sqlite3_value_type(value) == SQLITE_NULL ? NULL : (const char *)sqlite3_value_text(value);
}

static int truth_of(sqlite3_value *value)
{
	return sqlite3_value_type(value) == SQLITE_NULL ? -1 : sqlite3_value_double(value) != 0;
}

static void give_level(sqlite3_context *context, const struct itsm_risk_model *model, int level)
{
	sqlite3_result_text(context, level == ITSM_RISK_NONE ? "" : model->levels[level], -1, SQLITE_TRANSIENT);
}

void itsm_index_risk_known_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	const char *path = (const char *)sqlite3_value_text(values[1]);
	const struct itsm_risk_model *model = itsm_risks_find(index->risks, (const char *)sqlite3_value_text(values[0]));
	const struct memo_entry *entry = model && path ? recall(index, model, path) : NULL;

	(void)count;
	if (entry)
		give_level(context, model, entry->level);
}

void itsm_index_risk_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	const struct itsm_risk_model *model =
		count > 0 ? itsm_risks_find(index->risks, (const char *)sqlite3_value_text(values[0])) : NULL;
	int rules[ITSM_RISK_RULES];
	const char *answers[ITSM_RISK_QUESTIONS];
	struct itsm_risk_facts facts = {.rules = rules, .answers = answers};
	struct itsm_risk_result result;

	const char *path;

	if (!model || (size_t)count != 4 + model->rule_count + model->question_count)
		return;
	path = (const char *)sqlite3_value_text(values[1]);
	values += 2;
	for (size_t i = 0; i < model->rule_count; i++)
		rules[i] = truth_of(*values++);
	for (size_t i = 0; i < model->question_count; i++)
		answers[i] = text_of(*values++);
	facts.has_row = sqlite3_value_type(values[0]) == SQLITE_INTEGER;
	facts.row = sqlite3_value_int64(values[0]);
	facts.has_column = sqlite3_value_type(values[1]) == SQLITE_INTEGER;
	facts.column = sqlite3_value_int64(values[1]);
	itsm_risk_judge(model, &facts, &result);
	if (path)
		remember(index, model, path, result.level);
	give_level(context, model, result.level);
}

void itsm_index_risk_rank_function(sqlite3_context *context, int count, sqlite3_value **values)
{
	const struct itsm_index *index = sqlite3_user_data(context);
	const char *kind = count == 2 || count == 3 ? (const char *)sqlite3_value_text(values[count == 3 ? 2 : 0]) : NULL;
	const struct itsm_risk_model *model = kind ? itsm_risks_find(index->risks, kind) : NULL;
	int level = model ? itsm_risk_level(model, (const char *)sqlite3_value_text(values[1])) : ITSM_RISK_NONE;

	if (count < 2 || count > 3)
		sqlite3_result_error(context, "risk_rank takes a level, and the kind in quotes where it is none of a change", -1);
	if (level != ITSM_RISK_NONE)
		sqlite3_result_int(context, level + 1);
}

struct asking {
	const struct itsm_risk_model *model;
	const struct itsm_kind *kind;
	const char *path;
	struct itsm_arena *arena;
	const char *values, *declared;
};

/* SELECT <a JSON array of inputs and facts>, <declared> FROM self */
static int prepare(struct itsm_index *index, const struct itsm_kind *kind, const struct itsm_risk_model *model,
	sqlite3_stmt **out, struct itsm_error *err)
{
	struct itsm_buffer sql = {0}, name = {0};
	int status = itsm_index_view_self(index, kind, err);

	itsm_buffer_puts(&sql, "SELECT (SELECT json_array(0");
	for (size_t i = 0; i < model->input_count; i++) {
		itsm_buffer_puts(&sql, ", input.");
		itsm_index_quote(&sql, model->inputs[i].name);
	}
	if (status == 0)
		status = write_facts(index, kind, model, &sql, err);
	itsm_buffer_puts(&sql, ")");
	if (status == 0)
		status = write_inputs(index, kind, model, &sql, err);
	itsm_buffer_puts(&sql, "), ");
	write_column(&sql, kind, model->field);
	itsm_buffer_puts(&sql, " FROM ");
	itsm_buffer_printf(&name, "itsm_self_%s", kind->name);
	itsm_index_quote(&sql, name.data);
	itsm_buffer_puts(&sql, " AS self WHERE self.path = ?1");
	if (status == 0)
		status = itsm_index_prepare_foreign(index, sql.data, out, err);
	itsm_buffer_free(&name);
	itsm_buffer_free(&sql);
	return status;
}

static int ask(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct asking *asking = context;
	struct index_bounds bounds = {.steps = STEPS_MAX};
	sqlite3_stmt *statement = NULL;
	int status = prepare(index, asking->kind, fit(index, asking->model), &statement, err);

	if (status != 0)
		return status;
	itsm_index_bind_text(statement, 1, asking->path);
	status = itsm_index_step_foreign(index, statement, &bounds, err);
	if (status == 0)
		status = itsm_error_set(err, ITSM_EDATA, "%s cannot be read as a record, so nothing can be said of it", asking->path);
	if (status == 1) {
		asking->values = itsm_arena_strdup(asking->arena, (const char *)sqlite3_column_text(statement, 0));
		asking->declared = sqlite3_column_type(statement, 1) == SQLITE_NULL ? NULL
			: itsm_arena_strdup(asking->arena, (const char *)sqlite3_column_text(statement, 1));
		status = 0;
	}
	sqlite3_finalize(statement);
	return status;
}

static const char *next_text(const struct itsm_yaml *array, size_t *at)
{
	const struct itsm_yaml *item = array->items[(*at)++];

	return itsm_yaml_is_null(item) || item->type != ITSM_YAML_SCALAR ? NULL : item->text;
}

static void take(struct itsm_arena *arena, const struct itsm_risk_model *model, const struct itsm_yaml *array,
	struct itsm_risk_found *out)
{
	int *rules = itsm_arena_alloc(arena, (model->rule_count + 1) * sizeof(*rules));
	const char **answers = itsm_arena_alloc(arena, (model->question_count + 1) * sizeof(*answers)), *text;
	size_t at = 1;

	out->inputs = itsm_arena_alloc(arena, (model->input_count + 1) * sizeof(*out->inputs));
	for (size_t i = 0; i < model->input_count; i++)
		out->inputs[i] = next_text(array, &at);
	for (size_t i = 0; i < model->rule_count; i++) {
		text = next_text(array, &at);
		rules[i] = text ? strtod(text, NULL) != 0 : -1;
	}
	for (size_t i = 0; i < model->question_count; i++)
		answers[i] = next_text(array, &at);
	out->facts = (struct itsm_risk_facts){.rules = rules, .answers = answers};
	text = next_text(array, &at);
	out->facts.has_row = text != NULL;
	out->facts.row = text ? atoll(text) : 0;
	text = next_text(array, &at);
	out->facts.has_column = text != NULL;
	out->facts.column = text ? atoll(text) : 0;
}

int itsm_index_risk(struct itsm_index *index, struct itsm_arena *arena, const struct itsm_risk_model *model,
	const char *path, struct itsm_risk_found *out, struct itsm_error *err)
{
	struct asking asking = {.model = model, .kind = itsm_kinds_find(index->options.kinds, model->name), .path = path,
		.arena = arena};
	struct itsm_yaml *array;
	int status = asking.kind ? itsm_index_attempt(index, ask, &asking, err)
		: itsm_error_set(err, ITSM_EUSAGE, "there is no kind '%s'", model->name);

	if (status == 0)
		status = itsm_json_parse(arena, asking.values, strlen(asking.values), &array, err);
	if (status != 0)
		return status;
	take(arena, model, array, out);
	out->declared = asking.declared;
	return 0;
}

struct compiling {
	const struct itsm_risk_model *model;
	const struct itsm_kind *kind;
};

static int compile(struct itsm_index *index, void *context, struct itsm_error *err)
{
	const struct compiling *compiling = context;
	sqlite3_stmt *statement = NULL;
	int status = prepare(index, compiling->kind, compiling->model, &statement, err);

	sqlite3_finalize(statement);
	return status;
}

int itsm_index_risk_compile(struct itsm_index *index, const struct itsm_risk_model *model, struct itsm_error *err)
{
	struct itsm_risk_model part = *model;
	struct compiling compiling = {&part, itsm_kinds_find(index->options.kinds, model->name)};
	int status = 0;

	if (!compiling.kind)
		return itsm_error_set(err, ITSM_EUSAGE, "there is no kind '%s'", model->name);
	part.rule_count = 0;
	for (size_t i = 0; i < model->input_count; i++) {
		part.input_count = i + 1;
		if ((status = itsm_index_attempt(index, compile, &compiling, err)) != 0) {
			itsm_error_prefix(err, "input '%s'", model->inputs[i].name);
			return status;
		}
	}
	for (size_t i = 0; i < model->rule_count; i++) {
		part.rules = &model->rules[i];
		part.rule_count = 1;
		if ((status = itsm_index_attempt(index, compile, &compiling, err)) != 0) {
			itsm_error_prefix(err, "rule in line %u", model->rules[i].line);
			return status;
		}
	}
	return 0;
}
