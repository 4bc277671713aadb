/* priority(matrix, row, column): a cell of a desk's table, or of a built-in one where the desk has none of that name. */
#include <stdlib.h>
#include <string.h>

#include "index.h"
#include "itsm/matrix.h"

static bool is_number(const char *text)
{
	size_t length = strlen(text);

	return length > 0 && length < 10 && strspn(text, "0123456789") == length;
}

/* The nth word of a row, as a number where it is one. */
static void give_word(sqlite3_context *context, const char *row, sqlite3_int64 nth)
{
	char word[64];
	size_t length;

	for (row += strspn(row, " "); nth > 1 && *row; nth--) {
		row += strcspn(row, " ");
		row += strspn(row, " ");
	}
	length = strcspn(row, " ");
	if (!length || length >= sizeof(word))
		return;
	memcpy(word, row, length);
	word[length] = '\0';
	if (is_number(word))
		sqlite3_result_int(context, atoi(word));
	else
		sqlite3_result_text(context, word, -1, SQLITE_TRANSIENT);
}

static int find_cell(struct itsm_index *index, const char *rows, sqlite3_value **values, sqlite3_context *context)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_MATRIX_CELL, 0, NULL);
	const char *row;

	if (!statement)
		return -1;
	itsm_index_bind_text(statement, 1, rows);
	sqlite3_bind_int64(statement, 2, sqlite3_value_int64(values[1]));
	if (sqlite3_step(statement) == SQLITE_ROW && (row = (const char *)sqlite3_column_text(statement, 0)) != NULL)
		give_word(context, row, sqlite3_value_int64(values[2]));
	return sqlite3_reset(statement) == SQLITE_OK ? 0 : -1;
}

static int look_up(struct itsm_index *index, const char *name, sqlite3_value **values, sqlite3_context *context)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_MATRIX, index->snapshot, NULL);
	const char *rows = itsm_matrix_builtin(name), *own;
	int status = 0;

	if (!statement)
		return -1;
	itsm_index_bind_text(statement, 1, name);
	if (sqlite3_step(statement) == SQLITE_ROW) {
		own = (const char *)sqlite3_column_text(statement, 0);
		rows = own ? own : NULL;
	}
	if (rows)
		status = find_cell(index, rows, values, context);
	return sqlite3_reset(statement) == SQLITE_OK ? status : -1;
}

void itsm_index_priority(sqlite3_context *context, int count, sqlite3_value **values)
{
	struct itsm_index *index = sqlite3_user_data(context);
	const char *name = (const char *)sqlite3_value_text(values[0]);
	bool foreign = index->foreign;

	(void)count;
	if (!name || sqlite3_value_type(values[1]) == SQLITE_NULL || sqlite3_value_type(values[2]) == SQLITE_NULL)
		return;
	if (sqlite3_value_int64(values[1]) < 1 || sqlite3_value_int64(values[2]) < 1)
		return;
	index->foreign = false;
	if (look_up(index, name, values, context) != 0)
		sqlite3_result_error(context, sqlite3_errmsg(index->db), -1);
	index->foreign = foreign;
}
