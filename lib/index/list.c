/* `itsm list`: options to one SELECT of our own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "index.h"

#define COLUMNS_MAX 7

/* What people want to see of a kind besides id, state and title, as far as it has it. */
static const char *const usual[] = {
	"priority", "severity", "risk", "type", "service", "owner", "assignee", "team", "role", "by", "decision", "at",
	"due", "opened", "version", NULL,
};

static const struct common {
	const char *name, *of_kind, *of_all;
	enum itsm_type type;
} commons[] = {
	{"id", "e.id", "e.id", ITSM_TYPE_STRING},
	{"kind", NULL, "n.name", ITSM_TYPE_STRING},
	{"pillar", NULL, "n.pillar", ITSM_TYPE_STRING},
	{"path", "e.path", "e.path", ITSM_TYPE_STRING},
	{"state", "k.itsm_state", "c.state", ITSM_TYPE_STRING},
	{"is_open", "k.itsm_is_open", "c.is_open", ITSM_TYPE_BOOL},
	{"title", "k.itsm_title", "c.title", ITSM_TYPE_STRING},
	{"record", "e.owner", "e.owner", ITSM_TYPE_STRING},
};

/* A text of the kind's own as an SQL literal. */
static const char *literal(struct itsm_arena *arena, const char *text)
{
	char *quoted = sqlite3_mprintf("%Q", text), *copy = itsm_arena_strdup(arena, quoted ? quoted : "NULL");

	sqlite3_free(quoted);
	return copy;
}

static const char *common_sql(const struct index_list *list, const struct common *common)
{
	if (!list->kind)
		return common->of_all;
	if (common->of_kind)
		return common->of_kind;
	return literal(list->arena, strcmp(common->name, "kind") == 0 ? list->kind->name : list->kind->pillar);
}

static int unknown_column(const struct index_list *list, const char *name, struct itsm_error *err)
{
	struct itsm_buffer names = {0};
	size_t count = 0;
	const struct itsm_field **fields = list->kind ? itsm_index_kind_fields(list->arena, list->kind, &count) : NULL;
	int status;

	for (size_t i = 0; i < sizeof(commons) / sizeof(*commons); i++)
		itsm_buffer_printf(&names, "%s%s", i ? ", " : "", commons[i].name);
	for (size_t i = 0; i < count; i++)
		itsm_buffer_printf(&names, ", %s", fields[i]->name);
	if (list->kind)
		status = itsm_error_set(
			err, ITSM_EUSAGE, "'%s' is no field of %s; there are %s", name, list->kind->name, names.data);
	else
		status = itsm_error_set(err, ITSM_EUSAGE, "'%s' is not known of every kind; name the kind first "
			"(`incident %s:...`), or use %s", name, name, names.data);
	itsm_buffer_free(&names);
	return status;
}

static int bring_history(struct itsm_index *index, void *context, struct itsm_error *err)
{
	(void)context;
	return itsm_index_history_view(index, err);
}

/* When the next of its service-level clocks is due; fields of that name go before. */
static int due_column(const struct index_list *list, struct index_column *out, struct itsm_error *err)
{
	*out = (struct index_column){.name = "due", .type = ITSM_TYPE_TIME, .ahead = true,
		.sql = list->kind ? "CASE WHEN k.itsm_is_open THEN sla_due(e.id) END" :
			"CASE WHEN c.is_open AND e.owner IS NULL THEN sla_due(e.id) END"};
	return itsm_index_attempt(list->index, bring_history, NULL, err);
}

int itsm_index_column(const struct index_list *list, const char *name, struct index_column *out, struct itsm_error *err)
{
	const struct itsm_field **fields;
	size_t count;

	for (size_t i = 0; i < sizeof(commons) / sizeof(*commons); i++) {
		if (strcmp(commons[i].name, name) != 0 ||
			(list->kind && !list->kind->part && strcmp(name, "record") == 0))
			continue;
		*out = (struct index_column){
			.name = commons[i].name, .sql = common_sql(list, &commons[i]), .type = commons[i].type};
		return 0;
	}
	fields = list->kind ? itsm_index_kind_fields(list->arena, list->kind, &count) : NULL;
	for (size_t i = 0; fields && i < count; i++) {
		struct itsm_buffer sql = {0};

		if (strcmp(fields[i]->name, name) != 0 && strcasecmp(fields[i]->column, name) != 0)
			continue;
		itsm_buffer_puts(&sql, "k.");
		itsm_index_quote(&sql, itsm_arena_printf(list->arena, "f_%s", fields[i]->column));
		*out = (struct index_column){
			.name = fields[i]->column, .sql = itsm_arena_strdup(list->arena, sql.data), .field = fields[i],
			.type = fields[i]->type, .list = fields[i]->list,
		};
		itsm_buffer_free(&sql);
		return 0;
	}
	if (strcmp(name, "due") == 0 && (!list->kind || list->kind->state_count))
		return due_column(list, out, err);
	return unknown_column(list, name, err);
}

static enum itsm_value_type value_type(const struct index_column *column)
{
	if (column->list || column->type == ITSM_TYPE_OBJECT || column->type == ITSM_TYPE_ANY)
		return ITSM_VALUE_JSON;
	if (column->type == ITSM_TYPE_TIME)
		return ITSM_VALUE_TIME;
	return column->type == ITSM_TYPE_BOOL ? ITSM_VALUE_BOOLEAN : ITSM_VALUE_NULL;
}

/* The columns that are shown when none are named. With commas. */
static const char *usual_columns(const struct index_list *list)
{
	struct itsm_buffer names = {0};
	const struct itsm_kind *kind = list->kind;
	const char *text;
	size_t used = 3;

	if (!kind)
		return "id,kind,state,title";
	itsm_buffer_puts(&names, kind->part ? "id,record" : "id");
	if (kind->state_count)
		itsm_buffer_puts(&names, ",state");
	if (kind->title_field)
		itsm_buffer_puts(&names, ",title");
	for (size_t i = 0; usual[i] && used < COLUMNS_MAX; i++) {
		const struct itsm_field *field = itsm_kind_field(kind, usual[i]);

		if (!field || field->list || field->type == ITSM_TYPE_OBJECT)
			continue;
		itsm_buffer_printf(&names, ",%s", usual[i]);
		used++;
	}
	text = itsm_arena_strdup(list->arena, names.data);
	itsm_buffer_free(&names);
	return text;
}

/* The next name of a list with commas; NULL at the end. Blanks around it do not count. */
static const char *next_name(struct itsm_arena *arena, const char **names)
{
	const char *start = *names + strspn(*names, ", \t");
	size_t length = strcspn(start, ",");

	*names = start + length;
	while (length && (start[length - 1] == ' ' || start[length - 1] == '\t'))
		length--;
	return length ? itsm_arena_strndup(arena, start, length) : NULL;
}

static int add_columns(struct index_list *list, const char *names, struct itsm_buffer *sql,
	enum itsm_value_type **types, struct itsm_error *err)
{
	struct index_column column;
	const char *name;
	size_t count = 0, capacity = 0;
	int status;

	*types = NULL;
	while ((name = next_name(list->arena, &names)) != NULL) {
		if ((status = itsm_index_column(list, name, &column, err)) != 0)
			return status;
		itsm_buffer_printf(sql, "%s%s AS ", count ? ", " : "", column.sql);
		itsm_index_quote(sql, column.name);
		itsm_arena_grow(list->arena, types, &capacity, count, sizeof(**types));
		(*types)[count++] = value_type(&column);
	}
	return count ? 0 : itsm_error_set(err, ITSM_EUSAGE, "no column is named; leave it out for the usual ones");
}

/* What a column is sorted by: enums and states in the order of their definition. */
static const char *sort_key(struct index_list *list, const struct index_column *column)
{
	bool state = list->kind && !column->field && strcmp(column->name, "state") == 0;
	const char *const *values = column->field && !column->list ? column->field->values : NULL;
	struct itsm_buffer sql = {0};
	const char *key = column->sql;

	if (!values && !state)
		return key;
	itsm_buffer_printf(&sql, "CASE %s", column->sql);
	for (size_t i = 0; values ? values[i] != NULL : i < list->kind->state_count; i++)
		itsm_buffer_printf(&sql, " WHEN %s THEN %zu",
			literal(list->arena, values ? values[i] : list->kind->states[i].name), i);
	itsm_buffer_puts(&sql, " END");
	key = itsm_arena_strdup(list->arena, sql.data);
	itsm_buffer_free(&sql);
	return key;
}

static int add_sort(struct index_list *list, const char *names, struct itsm_buffer *sql, struct itsm_error *err)
{
	struct index_column column;
	const char *name;
	int status;

	itsm_buffer_puts(sql, " ORDER BY ");
	while (names && (name = next_name(list->arena, &names)) != NULL) {
		bool down = *name == '-';

		if ((status = itsm_index_column(list, name + down, &column, err)) != 0)
			return status;
		itsm_buffer_printf(sql, "%s%s NULLS LAST, ", sort_key(list, &column), down ? " DESC" : "");
	}
	itsm_buffer_puts(sql, "e.id, e.path");
	return 0;
}

static void add_source(struct index_list *list, struct itsm_buffer *sql)
{
	const char *entries = itsm_index_entry_table(list->index, list->index->snapshot);

	if (!list->kind) {
		itsm_buffer_printf(sql, " FROM %s AS e CROSS JOIN itsm_content AS c ON c.bid = e.bid"
			" CROSS JOIN itsm_kind AS n ON n.kid = e.kid", entries);
		return;
	}
	itsm_buffer_puts(sql, " FROM ");
	itsm_index_quote(sql, itsm_arena_printf(list->arena, "itsm_k_%s", list->kind->name));
	itsm_buffer_printf(sql, " AS k CROSS JOIN %s AS e ON e.bid = k.bid", entries);
}

static int add_group(struct index_list *list, const char *name, struct itsm_buffer *sql, enum itsm_value_type **types,
	struct itsm_error *err)
{
	struct index_column column;
	int status = itsm_index_column(list, name, &column, err);

	if (status != 0)
		return status;
	itsm_buffer_printf(sql, "%s AS ", column.list ? "g.value" : column.sql);
	itsm_index_quote(sql, column.name);
	itsm_buffer_puts(sql, ", count(*) AS \"count\"");
	add_source(list, sql);
	if (column.list)
		itsm_buffer_printf(sql, " LEFT JOIN json_each(%s) AS g", column.sql);
	*types = itsm_arena_alloc(list->arena, 2 * sizeof(**types));
	(*types)[0] = column.list ? ITSM_VALUE_NULL : value_type(&column);
	(*types)[1] = ITSM_VALUE_NULL;
	return 0;
}

static int compose(struct index_list *list, const struct itsm_list_options *options, struct itsm_buffer *sql,
	enum itsm_value_type **types, struct itsm_error *err)
{
	const char *sort = options->sort;
	int status = 0;

	for (size_t i = 0; i < options->word_count && status == 0; i++)
		status = itsm_index_qualifier(list, options->words[i], err);
	if (status != 0)
		return status;
	itsm_buffer_puts(sql, "SELECT ");
	if (options->group_by) {
		status = add_group(list, options->group_by, sql, types, err);
	} else {
		status = add_columns(list, options->columns ? options->columns : usual_columns(list), sql, types, err);
		add_source(list, sql);
	}
	if (status != 0)
		return status;
	itsm_buffer_puts(sql,
		list->kind	      ? " WHERE 1"
			: list->parts ? " WHERE c.readable"
				      : " WHERE c.readable AND e.owner IS NULL");
	itsm_buffer_puts(sql, list->where.data ? list->where.data : "");
	if (!sort && list->kind && itsm_kind_field(list->kind, "opened"))
		sort = "-opened";
	if (options->group_by)
		itsm_buffer_puts(sql, " GROUP BY 1 ORDER BY 2 DESC, 1");
	else
		status = add_sort(list, sort, sql, err);
	if (options->limit > 0)
		itsm_buffer_printf(sql, " LIMIT %lld", (long long)options->limit);
	return status;
}

int itsm_index_list(struct itsm_index *index, const struct itsm_list_options *options, struct itsm_query **out,
	struct itsm_error *err)
{
	struct index_list list = {.index = index, .arena = itsm_arena_new(), .parts = options->parts};
	struct itsm_buffer sql = {0};
	enum itsm_value_type *types = NULL;
	int status = 0;

	if (options->kind) {
		list.kind = itsm_kinds_find(index->options.kinds, options->kind);
		if (!list.kind)
			status = itsm_error_set(
				err, ITSM_EUSAGE, "'%s' is no kind; `itsm kinds` lists them", options->kind);
	}
	if (status == 0)
		status = compose(&list, options, &sql, &types, err);
	if (status == 0)
		status = itsm_index_query_own(index, sql.data, list.values, list.value_count, types, out, err);
	itsm_buffer_free(&sql);
	itsm_buffer_free(&list.where);
	itsm_arena_free(list.arena);
	return status;
}
