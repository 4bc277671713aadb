/*
 * The views that SQL sees, over the snapshot in use.
 *
 * They are TEMP and made when a statement first names them: making some fifty
 * at each start would cost more than most queries. No table of ours can be
 * read but through them. SQLite tells the authoriser the name of the view a
 * read goes through, and the name of a common table expression just the same:
 * so no such expression may have the name of a view.
 */
#include <string.h>
#include <strings.h>

#include "index.h"

void itsm_index_quote(struct itsm_buffer *out, const char *name)
{
	itsm_buffer_putc(out, '"');
	for (; *name; name++) {
		if (*name == '"')
			itsm_buffer_putc(out, '"');
		itsm_buffer_putc(out, *name);
	}
	itsm_buffer_putc(out, '"');
}

bool itsm_index_view_exists(const struct itsm_index *index, const char *name)
{
	for (size_t i = 0; i < index->view_count; i++)
		if (strcasecmp(index->views[i], name) == 0)
			return true;
	return false;
}

static int64_t last_position(const struct itsm_index *index)
{
	return index->snapshot == ITSM_SNAPSHOT_AT && index->position ? index->position : INT64_MAX;
}

static int create(struct itsm_index *index, const char *name, const char *definition, struct itsm_error *err)
{
	struct itsm_buffer sql = {0};
	const char *table = itsm_index_entry_table(index, index->snapshot);
	int status;

	itsm_buffer_puts(&sql, "CREATE TEMP VIEW ");
	itsm_index_quote(&sql, name);
	itsm_buffer_puts(&sql, " AS ");
	for (; *definition; definition++) {
		if (*definition == '$')
			itsm_buffer_puts(&sql, table);
		else if (*definition == '@')
			itsm_buffer_printf(&sql, "%lld", (long long)last_position(index));
		else
			itsm_buffer_putc(&sql, *definition);
	}
	status = itsm_index_execute(index, sql.data, err);
	itsm_buffer_free(&sql);
	if (status != 0)
		return status;
	itsm_arena_grow(index->arena, &index->views, &index->view_capacity, index->view_count, sizeof(*index->views));
	index->views[index->view_count++] = itsm_arena_strdup(index->arena, name);
	return 0;
}

static int create_kind(struct itsm_index *index, const char *name, const struct itsm_kind *kind, bool self,
	struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_buffer sql = {0};
	size_t count;
	const struct itsm_field **fields = itsm_index_kind_fields(arena, kind, &count);
	int status;

	itsm_buffer_printf(&sql,
		"SELECT %se.id AS id, e.path AS path, k.itsm_state AS state, k.itsm_is_open AS is_open,"
		" k.itsm_title AS title%s",
		self ? "e.bid AS itsm_bid, " : "", kind->part ? ", e.owner AS record" : "");
	for (size_t i = 0; i < count; i++) {
		itsm_buffer_puts(&sql, ", k.");
		itsm_index_quote(&sql, itsm_arena_printf(arena, "f_%s", fields[i]->column));
		itsm_buffer_puts(&sql, " AS ");
		itsm_index_quote(&sql, fields[i]->column);
	}
	itsm_buffer_puts(&sql, " FROM ");
	itsm_index_quote(&sql, itsm_arena_printf(arena, "itsm_k_%s", kind->name));
	itsm_buffer_puts(&sql, " AS k JOIN $ AS e ON e.bid = k.bid");
	status = create(index, name, sql.data, err);
	itsm_buffer_free(&sql);
	itsm_arena_free(arena);
	return status;
}

int itsm_index_view_self(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_error *err)
{
	struct itsm_buffer name = {0};
	int status = 0;

	itsm_buffer_printf(&name, "itsm_self_%s", kind->name);
	if (!itsm_index_view_exists(index, name.data))
		status = create_kind(index, name.data, kind, true, err);
	itsm_buffer_free(&name);
	return status;
}

/* A view of history brings it along, to where the snapshot in use is. */
int itsm_index_history_view(struct itsm_index *index, struct itsm_error *err)
{
	struct itsm_arena *arena;
	struct itsm_oid head = index->head;
	int status = 0;

	if (index->snapshot == ITSM_SNAPSHOT_AT && index->position)
		return 0;
	if (index->snapshot == ITSM_SNAPSHOT_AT) {
		head = index->at;
	} else if (index->snapshot == ITSM_SNAPSHOT_WORK) {
		arena = itsm_arena_new();
		status = itsm_place_head(arena, index->options.place, &head, NULL, err);
		itsm_arena_free(arena);
	}
	return status == 0 ? itsm_index_history_bring(index, &head, err) : status;
}

/* Make the view of this name (ITSM_ID_MAX bytes), if there is one. 1 when the name is that of a view. */
static int make(struct itsm_index *index, const char *word, struct itsm_error *err)
{
	const struct itsm_kind *kind;
	char name[ITSM_ID_MAX];
	int status = 0;

	if (itsm_index_view_exists(index, word))
		return 1;
	if (strncasecmp(word, "sla_", 4) == 0) /* one of the functions of that name */
		return itsm_index_history_view(index, err);
	for (size_t i = 0; i < sizeof(name); i++)
		name[i] = (char)(word[i] >= 'A' && word[i] <= 'Z' ? word[i] + 32 : word[i]);
	for (const struct index_view *view = itsm_index_own_views; view->name; view++)
		if (strcasecmp(view->name, name) == 0)
			return (status = view->history ? itsm_index_history_view(index, err) : 0) != 0 ||
				(status = create(index, view->name, view->definition, err)) != 0 ? status : 1;
	kind = itsm_kinds_find(index->options.kinds, name);
	if (!kind || strcmp(kind->name, name) != 0)
		return 0;
	status = create_kind(index, kind->name, kind, false, err);
	return status == 0 ? 1 : status;
}

/* Does what follows the name make it a common table expression? */
static bool is_expression_name(const char *cursor)
{
	struct index_token token;

	itsm_index_token(&cursor, &token);
	if (token.type == TOKEN_OTHER && *token.start == '(')
		return true;
	if (token.type != TOKEN_WORD || strcasecmp(token.text, "as") != 0)
		return false;
	itsm_index_token(&cursor, &token);
	return (token.type == TOKEN_OTHER && *token.start == '(') ||
		(token.type == TOKEN_WORD &&
			(strcasecmp(token.text, "not") == 0 || strcasecmp(token.text, "materialized") == 0));
}

int itsm_index_views_for(struct itsm_index *index, const char *sql, struct itsm_error *err)
{
	struct index_token token;
	int status;

	for (itsm_index_token(&sql, &token); token.type != TOKEN_END; itsm_index_token(&sql, &token)) {
		if (token.type == TOKEN_BROKEN)
			return itsm_error_set(
				err, ITSM_EUSAGE, "the SQL has a quote or comment without an end: %.60s", token.start);
		if (token.type != TOKEN_WORD && token.type != TOKEN_STRING)
			continue;
		if ((status = make(index, token.text, err)) < 0)
			return status;
		if (status == 1 && is_expression_name(sql))
			return itsm_error_set(err, ITSM_EUSAGE,
				"'%s' is a view and cannot be defined again; give it another name", token.text);
	}
	return 0;
}

int itsm_index_views_drop(struct itsm_index *index, struct itsm_error *err)
{
	struct itsm_buffer sql = {0};
	int status = 0;

	itsm_index_judgements_drop(index);
	for (size_t i = 0; i < index->view_count; i++) {
		itsm_buffer_puts(&sql, "DROP VIEW IF EXISTS temp.");
		itsm_index_quote(&sql, index->views[i]);
		itsm_buffer_puts(&sql, ";");
	}
	if (sql.length)
		status = itsm_index_execute(index, sql.data, err);
	index->view_count = 0;
	itsm_buffer_free(&sql);
	return status;
}

void itsm_index_views_forget(struct itsm_index *index)
{
	sqlite3_stmt *statement = NULL;
	char *drops = NULL;

	itsm_index_judgements_drop(index);
	index->view_count = 0;
	if (sqlite3_prepare_v2(index->db, "SELECT group_concat(format('DROP VIEW temp.\"%w\";', name), '')"
		" FROM temp.sqlite_schema WHERE type = 'view'", -1, &statement, NULL) == SQLITE_OK &&
	    sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_type(statement, 0) != SQLITE_NULL)
		drops = sqlite3_mprintf("%s", sqlite3_column_text(statement, 0));
	sqlite3_finalize(statement);
	if (drops)
		sqlite3_exec(index->db, drops, NULL, NULL, NULL);
	sqlite3_free(drops);
}

static int use(struct itsm_index *index, void *context, struct itsm_error *err)
{
	int status = itsm_index_views_drop(index, err);

	if (status == 0)
		index->snapshot = *(const enum itsm_snapshot *)context;
	return status;
}

int itsm_index_use(struct itsm_index *index, enum itsm_snapshot snapshot, struct itsm_error *err)
{
	if (snapshot == ITSM_SNAPSHOT_AT && !index->at_wanted)
		return itsm_error_set(err, ITSM_EUSAGE, "no revision has been loaded; load one before using it");
	return snapshot == index->snapshot ? 0 : itsm_index_attempt(index, use, &snapshot, err);
}
