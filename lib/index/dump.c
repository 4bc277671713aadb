/* Everything that the views show, as sorted text. */
#include <stdlib.h>
#include <string.h>

#include "index.h"

struct lines {
	struct itsm_arena *arena;
	const char **items;
	size_t count, capacity;
};

static int compare_lines(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void add_row(struct lines *lines, const char *view, sqlite3_stmt *row)
{
	struct itsm_buffer line = {0};

	itsm_buffer_puts(&line, view);
	for (int i = 0; i < sqlite3_column_count(row); i++) {
		const char *value = (const char *)sqlite3_column_text(row, i);

		if (!value)
			continue;
		itsm_buffer_printf(&line, " %s=", sqlite3_column_name(row, i));
		itsm_escape_json(&line, value);
	}
	itsm_arena_grow(lines->arena, &lines->items, &lines->capacity, lines->count, sizeof(*lines->items));
	lines->items[lines->count++] = itsm_arena_strdup(lines->arena, line.data);
	itsm_buffer_free(&line);
}

static int add_view(struct itsm_index *index, const char *name, struct lines *lines, struct itsm_error *err)
{
	struct itsm_buffer sql = {0};
	sqlite3_stmt *rows = NULL;
	int status;

	itsm_buffer_puts(&sql, "SELECT * FROM ");
	itsm_index_quote(&sql, name);
	status = itsm_index_views_for(index, sql.data, err);
	if (status == 0)
		status = itsm_index_prepare(index, sql.data, &rows, err);
	while (status == 0 && (status = itsm_index_step(index, rows, err)) == 1) {
		add_row(lines, name, rows);
		status = 0;
	}
	sqlite3_finalize(rows);
	itsm_buffer_free(&sql);
	return status;
}

static int dump(struct itsm_index *index, void *context, struct itsm_error *err)
{
	const struct itsm_kinds *kinds = index->options.kinds;
	struct itsm_buffer *out = context;
	struct lines lines = {.arena = itsm_arena_new()};
	int status = 0;

	for (const struct index_view *view = itsm_index_own_views; view->name && status == 0; view++)
		if (!view->computed && (!view->history || index->history_wanted))
			status = add_view(index, view->name, &lines, err);
	for (size_t i = 0; i < itsm_kinds_count(kinds) && status == 0; i++)
		status = add_view(index, itsm_kinds_at(kinds, i)->name, &lines, err);
	if (status == 0 && lines.count)
		qsort(lines.items, lines.count, sizeof(*lines.items), compare_lines);
	itsm_buffer_clear(out);
	for (size_t i = 0; i < lines.count && status == 0; i++) {
		itsm_buffer_puts(out, lines.items[i]);
		itsm_buffer_putc(out, '\n');
	}
	itsm_arena_free(lines.arena);
	return status;
}

int itsm_index_dump(struct itsm_index *index, struct itsm_buffer *out, struct itsm_error *err)
{
	return itsm_index_attempt(index, dump, out, err);
}
