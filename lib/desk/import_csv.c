/* Rows of a CSV file. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "import_run.h"
#include "itsm/csv.h"

#define CHUNK (64u << 10)

struct source {
	struct import_run *run;
	size_t *columns; /* of the map, for each column of the file; or IMPORT_NONE */
	size_t count; /* columns of the file; 0 before its header is known */
	struct itsm_buffer bytes;
	int file;
};

/* Match the names of the file's columns with those the map speaks of. */
static int bind_columns(struct source *source, const char *const *names, size_t count, unsigned line)
{
	struct import_run *run = source->run;
	struct import_map *map = &run->map;
	struct itsm_buffer list = {0};
	size_t i, j;
	int status = 0;

	source->count = count;
	source->columns = itsm_arena_alloc(run->arena, (count + 1) * sizeof(*source->columns));
	for (i = 0; i < count && status == 0; i++) {
		source->columns[i] = IMPORT_NONE;
		itsm_buffer_printf(&list, "%s%s", i ? ", " : "", names[i]);
		for (j = 0; j < map->column_count && strcmp(map->columns[j].name, names[i]) != 0; j++)
			;
		if (j == map->column_count)
			continue;
		if (map->columns[j].seen)
			status = itsm_error_set_at(run->err, ITSM_EDATA, line, 1,
				"%s: two columns are called '%s'; give them names of their own with `header:`",
				run->options->source, names[i]);
		map->columns[j].seen = true;
		source->columns[i] = j;
	}
	for (j = 0; j < map->column_count && status == 0; j++) {
		if (!map->columns[j].seen)
			status = itsm_error_set_at(run->err, ITSM_EDATA, map->columns[j].line, map->columns[j].column,
				"%s: '%s' is no column of the file; it has %.600s", map->path, map->columns[j].name,
				list.data ? list.data : "none");
	}
	itsm_buffer_free(&list);
	return status;
}

/* The row as it is, so that two rows differ here when they differ in anything. */
static void gather_bytes(struct itsm_buffer *bytes, const struct itsm_csv_row *row)
{
	size_t i;

	itsm_buffer_clear(bytes);
	for (i = 0; i < row->count; i++) {
		itsm_buffer_printf(bytes, "%zu:", row->lengths[i]);
		if (row->lengths[i])
			itsm_buffer_add(bytes, row->fields[i], row->lengths[i]);
	}
}

static int on_row(void *context, const struct itsm_csv_row *row)
{
	struct source *source = context;
	struct import_run *run = source->run;
	size_t i;

	if (source->count == 0)
		return bind_columns(source, row->fields, row->count, row->line);
	if (row->count != source->count) {
		run->result->rows++;
		import_reject(run, run->options->source, row->line, 0,
			itsm_arena_printf(run->arena, "the row has %zu columns where the file has %zu", row->count,
				source->count));
		return 0;
	}
	for (i = 0; i < row->count; i++) {
		if (source->columns[i] != IMPORT_NONE)
			import_cell(run, source->columns[i], row->fields[i], row->lengths[i]);
	}
	if (run->options->replay)
		gather_bytes(&source->bytes, row);
	return import_row_take(run, run->options->source, row->line, run->options->replay ? &source->bytes : NULL);
}

static int on_broken(void *context, unsigned line, const char *reason)
{
	struct source *source = context;
	struct import_run *run = source->run;

	if (source->count == 0)
		return itsm_error_set_at(run->err, ITSM_EDATA, line, 1,
			"%s: the first row, with the names of the columns, cannot be read: %s", run->options->source,
			reason);
	run->result->rows++;
	import_reject(run, run->options->source, line, 0, reason);
	return 0;
}

static int read_chunks(struct source *source, struct itsm_csv *csv, size_t total)
{
	struct import_run *run = source->run;
	char *chunk = itsm_arena_alloc(run->arena, CHUNK);
	size_t done = 0, calls = 0;
	ssize_t got;
	int status = 0;

	while (status == 0) {
		got = read(source->file, chunk, CHUNK);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return itsm_error_set(run->err, ITSM_EIO, "%s: %s", run->options->source, strerror(errno));
		if (got == 0)
			break;
		status = itsm_csv_feed(csv, chunk, (size_t)got, run->err);
		done += (size_t)got;
		if (calls++ % 16 == 0)
			itsm_desk_progress(run->desk, "reading rows", done, total);
	}
	if (status == 0)
		status = itsm_csv_end(csv, run->err);
	if (status == ITSM_ELIMIT)
		itsm_error_prefix(run->err, "%s", run->options->source);
	itsm_desk_progress(run->desk, "reading rows", done, done);
	return status;
}

int import_read_csv(struct import_run *run)
{
	struct source source = {.run = run};
	struct itsm_csv_options options = {
		.delimiter = run->map.delimiter,
		.no_quotes = run->map.no_quotes,
		.row = on_row,
		.broken = on_broken,
		.context = &source,
	};
	struct itsm_csv *csv;
	struct stat about;
	int status = 0;

	source.file = open(run->options->source, O_RDONLY | O_CLOEXEC);
	if (source.file < 0)
		return itsm_error_set(run->err, errno == ENOENT ? ITSM_ENOTFOUND : ITSM_EIO, "%s: %s",
			run->options->source, strerror(errno));
	if (fstat(source.file, &about) == 0 && S_ISDIR(about.st_mode))
		status = itsm_error_set(run->err, ITSM_EUSAGE,
			"%s is a folder and the map says `format: csv`; name a file, or say `format: markdown`",
			run->options->source);
	if (status == 0 && run->map.header_count)
		status = bind_columns(&source, run->map.header, run->map.header_count, 0);
	if (status == 0) {
		csv = itsm_csv_new(&options);
		status = read_chunks(&source, csv, S_ISREG(about.st_mode) ? (size_t)about.st_size : 0);
		itsm_csv_free(csv);
	}
	close(source.file);
	itsm_buffer_free(&source.bytes);
	if (status == 0 && source.count == 0)
		return itsm_error_set(
			run->err, ITSM_EDATA, "%s is empty; its first row names the columns", run->options->source);
	return status;
}
