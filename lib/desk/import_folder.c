/*
 * Rows of a folder of Markdown files: keys of the front matter are columns
 * ("a.b" for a key in a mapping), and `body`, `_file` (the file's name), `_name` (without .md).
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "import_run.h"
#include "itsm/file.h"
#include "itsm/markdown.h"

struct folder {
	struct import_run *run;
	struct itsm_arena *arena; /* of the file at hand */
	const char *name, *path;
	int descriptor;
};

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int list_files(struct import_run *run, DIR *folder, char ***names, size_t *count)
{
	size_t capacity = 0;
	struct dirent *entry;

	*names = NULL;
	*count = 0;
	while ((entry = readdir(folder)) != NULL) {
		if (entry->d_name[0] == '.' || fnmatch(run->map.files, entry->d_name, FNM_PERIOD) != 0)
			continue;
		itsm_arena_grow(run->arena, names, &capacity, *count, sizeof(**names));
		(*names)[(*count)++] = itsm_arena_strdup(run->arena, entry->d_name);
	}
	if (*count == 0)
		return itsm_error_set(run->err, ITSM_EDATA,
			"%s has no file that fits '%s'; `files:` in the map says which count", run->options->source,
			run->map.files);
	qsort(*names, *count, sizeof(**names), compare_names);
	return 0;
}

/* The text of a node: a list becomes items in one text. NULL when it is none of the two. */
static const char *node_text(struct itsm_arena *arena, const struct itsm_yaml *node)
{
	struct itsm_buffer list = {0};
	const char *text;
	size_t i;

	if (!node || itsm_yaml_is_null(node))
		return "";
	if (node->type == ITSM_YAML_SCALAR)
		return node->text;
	if (node->type == ITSM_YAML_MAPPING)
		return NULL;
	for (i = 0; i < node->count; i++) {
		if (node->items[i]->type != ITSM_YAML_SCALAR)
			break;
		if (i)
			itsm_buffer_putc(&list, IMPORT_ITEM_END);
		itsm_buffer_puts(&list, node->items[i]->text);
	}
	text = i < node->count ? NULL : itsm_arena_strndup(arena, list.data ? list.data : "", list.length);
	itsm_buffer_free(&list);
	return text;
}

/* The row's cells from the file; why not, or NULL. */
static const char *fill(struct folder *folder, const struct itsm_buffer *text, const struct itsm_document *document,
	const struct itsm_yaml *front)
{
	struct import_run *run = folder->run;
	size_t i;

	for (i = 0; i < run->map.column_count; i++) {
		struct import_column *column = &run->map.columns[i];
		const struct itsm_yaml *node = itsm_yaml_find(front, column->name);
		const char *value = node_text(folder->arena, node);

		if (strcmp(column->name, "_file") == 0)
			value = folder->name;
		else if (strcmp(column->name, "_name") == 0)
			value = itsm_arena_strndup(folder->arena, folder->name, strcspn(folder->name, "."));
		else if (strcmp(column->name, "body") == 0)
			value = itsm_arena_strndup(
				folder->arena, text->data + document->body_start, text->length - document->body_start);
		else if (!value)
			return itsm_arena_printf(
				run->arena, "'%s' holds more than texts; name a key inside it", column->name);
		column->seen = column->seen || node || value[0];
		import_cell(run, i, value, strlen(value));
	}
	return NULL;
}

static int take_text(struct folder *folder, const struct itsm_buffer *text)
{
	struct import_run *run = folder->run;
	struct itsm_document document;
	struct itsm_error cause = {0};
	struct itsm_yaml *front;
	const char *problem;
	int status = itsm_document_read(text->data ? text->data : "", text->length, true, &document, &cause);

	if (status == 0 && !document.front)
		status = itsm_error_set_at(
			&cause, ITSM_EDATA, 1, 1, "no front matter; it stands between two lines of ---");
	if (status == 0)
		status = itsm_yaml_parse(folder->arena, text->data + document.front_start,
			document.front_end - document.front_start, document.front_line, &front, &cause);
	if (status == 0 && (problem = fill(folder, text, &document, front)) == NULL)
		return import_row_take(run, folder->path, document.front_line, text);
	run->result->rows++;
	import_reject(run, folder->path, status ? cause.line : document.front_line, 0,
		status ? itsm_arena_strdup(run->arena, cause.message) : problem);
	return 0;
}

static int take_file(struct folder *folder, const char *name)
{
	struct import_run *run = folder->run;
	struct itsm_buffer text = {0};
	struct itsm_error cause;
	int status;

	folder->name = name;
	folder->path = itsm_arena_printf(run->arena, "%s/%s", run->options->source, name);
	folder->arena = itsm_arena_new();
	status = itsm_file_read(folder->descriptor, name, ITSM_FILE_MAX_BYTES, &text, &cause);
	if (status == 0) {
		status = take_text(folder, &text);
	} else {
		run->result->rows++;
		import_reject(run, folder->path, 0, 0, itsm_arena_strdup(run->arena, cause.message));
		status = 0;
	}
	itsm_buffer_free(&text);
	itsm_arena_free(folder->arena);
	return status;
}

static int check_columns(const struct import_run *run)
{
	size_t i;

	for (i = 0; i < run->map.column_count; i++) {
		const struct import_column *column = &run->map.columns[i];

		if (!column->seen && run->result->rows > run->result->rejected)
			return itsm_error_set_at(run->err, ITSM_EDATA, column->line, column->column,
				"%s: no file has '%s' in its front matter", run->map.path, column->name);
	}
	return 0;
}

int import_read_folder(struct import_run *run)
{
	struct folder folder = {.run = run};
	char **names;
	size_t count, i;
	DIR *stream = opendir(run->options->source);
	int status;

	if (!stream)
		return itsm_error_set(run->err, errno == ENOENT ? ITSM_ENOTFOUND : ITSM_EIO, "%s: %s%s",
			run->options->source, strerror(errno),
			errno == ENOTDIR ? "; `format: markdown` reads a folder" : "");
	folder.descriptor = dirfd(stream);
	status = list_files(run, stream, &names, &count);
	for (i = 0; i < count && status == 0; i++) {
		if (i % 100 == 0)
			itsm_desk_progress(run->desk, "reading files", i, count);
		status = take_file(&folder, names[i]);
	}
	closedir(stream);
	return status ? status : check_columns(run);
}
