/* Which records of a kind a rule binds, and which of them do not hold it: one statement for all of them. */
#include <string.h>

#include "index.h"

#define STEPS_MAX 300000        /* thousands of virtual machine steps for one rule over all records */

struct selection {
	const struct itsm_kind *kind;
	const char *const *states;
	const char *when, *must;
	int (*callback)(void *context, const char *path);
	void *context;
	struct itsm_arena *arena;
	const char **paths;
	size_t count, capacity;
};

static int write_condition(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_buffer *sql,
	const char *before, const char *expression, const char *after, struct itsm_error *err)
{
	int status;

	if (!expression)
		return 0;
	itsm_buffer_puts(sql, before);
	status = itsm_index_expression(index, kind, expression, sql, err);
	itsm_buffer_puts(sql, after);
	return status;
}

static int prepare(struct itsm_index *index, const struct selection *selection, sqlite3_stmt **out, struct itsm_error *err)
{
	struct itsm_buffer sql = {0}, name = {0};
	int status = itsm_index_view_self(index, selection->kind, err);

	itsm_buffer_printf(&name, "itsm_self_%s", selection->kind->name);
	itsm_buffer_puts(&sql, "SELECT self.path FROM ");
	itsm_index_quote(&sql, name.data);
	itsm_buffer_puts(&sql, " AS self WHERE 1");
	for (size_t i = 0; selection->states && selection->states[i]; i++) {
		char *state = sqlite3_mprintf("%s%Q", i ? ", " : " AND self.state IN (", selection->states[i]);

		itsm_buffer_puts(&sql, state ? state : "");
		sqlite3_free(state);
	}
	itsm_buffer_puts(&sql, selection->states && selection->states[0] ? ")" : "");
	if (status == 0)
		status = write_condition(index, selection->kind, &sql, " AND coalesce((", selection->when, "), 0)", err);
	if (status == 0)
		status = write_condition(index, selection->kind, &sql, " AND NOT coalesce((", selection->must, "), 0)", err);
	itsm_buffer_puts(&sql, " ORDER BY self.path");
	if (status == 0)
		status = itsm_index_prepare_foreign(index, sql.data, out, err);
	itsm_buffer_free(&name);
	itsm_buffer_free(&sql);
	return status;
}

static int collect(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct selection *selection = context;
	struct index_bounds bounds = {.steps = STEPS_MAX};
	sqlite3_stmt *rows = NULL;
	int status = prepare(index, selection, &rows, err);

	selection->count = 0;
	while (status == 0 && (status = itsm_index_step_foreign(index, rows, &bounds, err)) == 1) {
		itsm_arena_grow(selection->arena, &selection->paths, &selection->capacity, selection->count,
			sizeof(*selection->paths));
		selection->paths[selection->count++] =
			itsm_arena_strdup(selection->arena, (const char *)sqlite3_column_text(rows, 0));
		status = 0;
	}
	sqlite3_finalize(rows);
	return status;
}

int itsm_index_select(struct itsm_index *index, const struct itsm_kind *kind, const char *const *states,
	const char *when, const char *must, int (*callback)(void *context, const char *path), void *context,
	struct itsm_error *err)
{
	struct selection selection = {.kind = kind, .states = states, .when = when, .must = must, .arena = itsm_arena_new()};
	int status = itsm_index_attempt(index, collect, &selection, err);

	for (size_t i = 0; i < selection.count && status == 0; i++)
		status = callback(context, selection.paths[i]);
	itsm_arena_free(selection.arena);
	return status;
}
