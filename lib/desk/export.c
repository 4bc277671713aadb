/* `itsm export`: the views as CSV, JSON lines, an SQLite file or a script for PostgreSQL. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "export.h"
#include "itsm/file.h"
#include "itsm/utf8.h"

#define PROGRESS_EVERY 1024

static bool never(void *unused)
{
	(void)unused;
	return false;
}

static struct itsm_value typed(struct itsm_arena *arena, const struct itsm_column *column, struct itsm_value value)
{
	if (value.type == ITSM_VALUE_NULL)
		return value;
	value.type = itsm_column_value_type(column);
	if (value.text)
		value.text = itsm_utf8_repair(arena, value.text);
	return value;
}

static void compose(const struct itsm_view *view, struct itsm_buffer *sql)
{
	itsm_buffer_puts(sql, "SELECT ");
	for (size_t i = 0; i < view->count; i++)
		itsm_buffer_printf(sql, "%s\"%s\"", i ? ", " : "", view->columns[i].name);
	itsm_buffer_printf(sql, " FROM \"%s\"", view->name);
}

int desk_export_rows(struct desk_export *export, const struct itsm_view *view, desk_export_row row, void *context)
{
	struct itsm_buffer sql = {0};
	struct itsm_sql_request request = {.expired = never};
	struct itsm_value *values = itsm_arena_alloc(export->arena, (view->count + 1) * sizeof(*values));
	struct itsm_query *query;
	int status;

	compose(view, &sql);
	request.sql = sql.data;
	status = itsm_query_open_bounded(export->index, &request, &query, export->err);
	itsm_buffer_free(&sql);
	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, export->err)) == 1) {
		struct itsm_arena *arena = itsm_arena_new();

		for (size_t i = 0; i < view->count; i++)
			values[i] = typed(arena, &view->columns[i], itsm_query_value(query, i));
		status = row(context, values);
		itsm_arena_free(arena);
		if (export->rows++ % PROGRESS_EVERY == 0)
			itsm_desk_progress(export->desk, "exporting", export->rows, 0);
		if (status != 0)
			break;
	}
	itsm_query_free(query);
	return status;
}

struct table {
	struct itsm_emitter *emitter;
	struct itsm_value *values; /* with the view's name before, in JSON */
	size_t before, count;
};

static int emit_row(void *context, const struct itsm_value *values)
{
	struct table *table = context;

	memcpy(table->values + table->before, values, table->count * sizeof(*values));
	itsm_emit_row(table->emitter, table->values);
	return 0;
}

static int emit_view(struct desk_export *export, const struct itsm_view *view, const struct itsm_sink *sink)
{
	bool lines = export->options->format == ITSM_EXPORT_JSONL;
	struct itsm_emit_options options = {.format = lines ? ITSM_FORMAT_JSONL : ITSM_FORMAT_CSV};
	const char **names = itsm_arena_alloc(export->arena, (view->count + 1) * sizeof(*names));
	struct table table = {.before = lines, .count = view->count};
	int status, ending;

	table.values = itsm_arena_alloc(export->arena, (view->count + 1) * sizeof(*table.values));
	if (lines) {
		names[0] = "view";
		table.values[0] = (struct itsm_value){.type = ITSM_VALUE_TEXT, .text = view->name};
	}
	for (size_t i = 0; i < view->count; i++)
		names[table.before + i] = view->columns[i].name;
	table.emitter = itsm_emit_begin(sink, &options, names, table.before + view->count);
	status = desk_export_rows(export, view, emit_row, &table);
	ending = itsm_emit_end(table.emitter, status ? NULL : export->err);
	return status ? status : ending;
}

static int write_all(struct desk_export *export, const struct itsm_sink *sink)
{
	int status = 0;

	if (export->options->format == ITSM_EXPORT_POSTGRES)
		return desk_export_postgres(export, sink);
	for (size_t i = 0; i < export->count && status == 0; i++)
		status = emit_view(export, export->views[i], sink);
	return status;
}

static int refuse_existing(const char *path, struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_EREFUSED, "'%s' is there already; give another name, or --force to replace it", path);
}

static int open_output(struct desk_export *export, const char *path, struct itsm_output **out)
{
	char byte;
	bool exists;
	int status = itsm_output_open(AT_FDCWD, path, out, export->err);

	if (status != 0)
		return status;
	itsm_output_previous(*out, &byte, sizeof(byte), &exists);
	if (!exists || export->options->force)
		return 0;
	itsm_output_discard(*out);
	return refuse_existing(path, export->err);
}

/* Everything, or only this view, to a file that is there when it is whole. */
static int write_file(struct desk_export *export, const struct itsm_view *view, const char *path)
{
	struct itsm_output *output;
	struct itsm_sink sink = {itsm_output_write, NULL};
	int status = open_output(export, path, &output);

	if (status != 0)
		return status;
	sink.context = output;
	status = view ? emit_view(export, view, &sink) : write_all(export, &sink);
	if (status == 0)
		return itsm_output_keep(output, export->err);
	itsm_output_failure(output, export->err); /* knows better than who only saw that it went wrong */
	itsm_output_discard(output);
	return status;
}

static int write_folder(struct desk_export *export)
{
	const char *folder = export->options->output;
	struct stat about;
	int status = itsm_folder_make(AT_FDCWD, folder, export->err);

	for (size_t i = 0; i < export->count && status == 0 && !export->options->force; i++) {
		const char *path = itsm_arena_printf(export->arena, "%s/%s.csv", folder, export->views[i]->name);

		if (lstat(path, &about) == 0)
			status = refuse_existing(path, export->err);
	}
	for (size_t i = 0; i < export->count && status == 0; i++)
		status = write_file(export, export->views[i],
			itsm_arena_printf(export->arena, "%s/%s.csv", folder, export->views[i]->name));
	return status;
}

static bool is_among(const char *const *names, const struct itsm_view *view, const struct itsm_export_options *options)
{
	/* record has nothing that the kinds' views have not: for tables it is an aid, among objects a double */
	if (!names[0])
		return options->format != ITSM_EXPORT_JSONL || strcmp(view->name, "record") != 0;
	return itsm_list_has(names, view->name);
}

/* The views that the words name, in the usual order. */
static int choose(struct desk_export *export, const char *const **out)
{
	const struct itsm_export_options *options = export->options;
	const char **names = itsm_arena_alloc(export->arena, (options->word_count + 1) * sizeof(*names));
	const struct itsm_view *views;
	size_t all;
	int status = 0;

	for (size_t i = 0; i < options->word_count && status == 0; i++)
		status = itsm_desk_view_name(export->desk, options->words[i], &names[i], export->err);
	if (status != 0)
		return status;
	itsm_views(export->arena, export->desk->kinds, &views, &all);
	export->views = itsm_arena_alloc(export->arena, (all + 1) * sizeof(const struct itsm_view *));
	for (size_t i = 0; i < all; i++)
		if (is_among(names, &views[i], options))
			export->views[export->count++] = &views[i];
	*out = names;
	return 0;
}

static int check_output(const struct desk_export *export)
{
	const struct itsm_export_options *options = export->options;

	if (!options->output && options->format == ITSM_EXPORT_SQLITE)
		return itsm_error_set(export->err, ITSM_EUSAGE, "an SQLite file cannot go to stdout; name it with --output FILE");
	if (!options->output && options->format == ITSM_EXPORT_CSV && export->count != 1)
		return itsm_error_set(export->err, ITSM_EUSAGE,
			"CSV holds one view, and these are %zu; name one, or a folder with --output DIR", export->count);
	return 0;
}

/* Before anything is read: bringing it along is a write, after which the index could be of another state. */
static int bring_history(struct desk_export *export)
{
	struct itsm_query *query;
	int status = itsm_query_open(export->index, "SELECT 1 FROM commit_log LIMIT 1", NULL, 0, &query, export->err);

	if (status == 0)
		itsm_query_free(query);
	return status;
}

static int run(struct desk_export *export)
{
	const struct itsm_export_options *options = export->options;
	const char *const *names = NULL;
	bool history = false;
	int status = choose(export, &names);

	if (status == 0)
		status = check_output(export);
	if (status == 0)
		status = itsm_desk_view(export->desk, options->at, &export->index, export->err);
	for (size_t i = 0; i < export->count; i++)
		history |= export->views[i]->history;
	if (status == 0 && history)
		status = bring_history(export);
	if (status != 0)
		return status;
	if (options->format == ITSM_EXPORT_SQLITE)
		return itsm_index_write_db(export->index, options->output, names[0] ? names : NULL, export->err);
	if (!options->output)
		return write_all(export, &options->sink);
	return options->format == ITSM_EXPORT_CSV ? write_folder(export) : write_file(export, NULL, options->output);
}

int itsm_desk_export(struct itsm_desk *desk, const struct itsm_export_options *options, struct itsm_error *err)
{
	struct desk_export export = {.desk = desk, .arena = itsm_arena_new(), .options = options, .err = err};
	int status = run(&export);

	itsm_arena_free(export.arena);
	return status;
}
