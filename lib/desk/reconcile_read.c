/*
 * Reading sources. A document becomes JSON: a row of CSV an object of its columns, a JSON file whose
 * top is a list one document per item. Plain scalars of YAML are numbers, true, false and null where JSON has them so.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "itsm/csv.h"
#include "itsm/emit.h"
#include "itsm/file.h"
#include "itsm/json.h"
#include "reconcile.h"

#define FILES_MAX 10000

struct reading {
	struct reconcile *run;
	struct itsm_arena *arena;   /* of the document at hand */
	const char *file;
	int64_t number;
	const char **names;         /* CSV: columns */
	size_t name_count;
	struct itsm_error *err;
};

static bool is_json_number(const char *text)
{
	const char *at = text + (*text == '-');

	if (*at < '0' || *at > '9' || (*at == '0' && at[1] >= '0' && at[1] <= '9'))
		return false;
	at += strspn(at, "0123456789");
	if (*at == '.' && at[1] >= '0' && at[1] <= '9')
		at += 1 + strspn(at + 1, "0123456789");
	if ((*at == 'e' || *at == 'E') && (at[1] >= '0' && at[1] <= '9'))
		at += 1 + strspn(at + 1, "0123456789");
	else if ((*at == 'e' || *at == 'E') && (at[1] == '+' || at[1] == '-') && at[2] >= '0' && at[2] <= '9')
		at += 2 + strspn(at + 2, "0123456789");
	return !*at;
}

static void add_scalar(struct itsm_buffer *out, const struct itsm_yaml *node)
{
	bool plain = node->style == ITSM_YAML_PLAIN;

	if (itsm_yaml_is_null(node))
		itsm_buffer_puts(out, "null");
	else if (plain && (strcmp(node->text, "true") == 0 || strcmp(node->text, "false") == 0 || is_json_number(node->text)))
		itsm_buffer_puts(out, node->text);
	else
		itsm_escape_json(out, node->text);
}

/* The parsers bound the depth. */
static void add_node(struct itsm_buffer *out, const struct itsm_yaml *node)
{
	bool mapping = node->type == ITSM_YAML_MAPPING;
	size_t i;

	if (node->type == ITSM_YAML_SCALAR) {
		add_scalar(out, node);
		return;
	}
	itsm_buffer_putc(out, mapping ? '{' : '[');
	for (i = 0; i < node->count; i++) {
		if (i)
			itsm_buffer_putc(out, ',');
		if (mapping) {
			itsm_escape_json(out, node->keys[i]->text);
			itsm_buffer_putc(out, ':');
		}
		add_node(out, node->items[i]);
	}
	itsm_buffer_putc(out, mapping ? '}' : ']');
}

static int lend(struct reading *reading, const struct itsm_yaml *node)
{
	struct itsm_buffer json = {0};
	struct itsm_lent row;
	int status;

	if (++reading->number > ITSM_RECONCILE_MAX_ROWS)
		return itsm_error_set(reading->err, ITSM_ELIMIT, "%s: more than %d documents", reading->file, ITSM_RECONCILE_MAX_ROWS);
	add_node(&json, node);
	row = (struct itsm_lent){reading->file, reading->number, json.data, json.length};
	status = itsm_index_lend_row(reading->run->index, &row, reading->err);
	itsm_buffer_free(&json);
	return status;
}

static int lend_json(struct reading *reading, const char *text, size_t size, bool spread)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_yaml *node;
	int status = itsm_json_parse(arena, text, size, &node, reading->err);
	size_t i;

	if (status == 0 && spread && node->type == ITSM_YAML_SEQUENCE) {
		for (i = 0; i < node->count && status == 0; i++)
			status = lend(reading, node->items[i]);
	} else if (status == 0) {
		status = lend(reading, node);
	}
	itsm_arena_free(arena);
	return status;
}

static int lend_lines(struct reading *reading, const char *text, size_t size)
{
	const char *end = text + size;
	unsigned line = 0;
	int status = 0;

	while (text < end && status == 0) {
		const char *stop = memchr(text, '\n', (size_t)(end - text));
		size_t length = stop ? (size_t)(stop - text) : (size_t)(end - text);

		line++;
		if (strspn(text, " \t\r") < length)
			status = lend_json(reading, text, length, false);
		if (status != 0 && reading->err)
			reading->err->line = line;
		text += length + (stop != NULL);
	}
	return status;
}

/* A marker of documents stands at the start of a line, whatever is around it. */
static bool is_marker(const char *line, const char *end, const char *marker)
{
	return end - line >= 3 && memcmp(line, marker, 3) == 0 && (end - line == 3 || strchr(" \t\r\n", line[3]));
}

static int lend_yaml(struct reading *reading, const char *text, size_t size, unsigned line)
{
	struct itsm_arena *arena = itsm_arena_new();
	struct itsm_yaml *node;
	int status = itsm_yaml_parse(arena, text, size, line, &node, reading->err);

	if (status == 0 && !(node->type == ITSM_YAML_MAPPING && node->count == 0))
		status = lend(reading, node);
	itsm_arena_free(arena);
	return status;
}

static int lend_documents(struct reading *reading, const char *text, size_t size)
{
	const char *end = text + size, *begin = text, *at = text;
	unsigned line = 1, first = 1;
	int status = 0;

	while (at < end && status == 0) {
		const char *stop = memchr(at, '\n', (size_t)(end - at)), *next = stop ? stop + 1 : end;

		line++;
		if (is_marker(at, end, "---") || is_marker(at, end, "...")) {
			status = lend_yaml(reading, begin, (size_t)(at - begin), first);
			/* What stands behind the marker in its line belongs to the document, but for its comments. */
			begin = next;
			first = line;
			if (status == 0 && strspn(at + 3, " \t\r") + 3 < (size_t)(next - at) - (stop != NULL) && at[3 + strspn(at + 3, " \t\r")] != '#')
				status = itsm_error_set_at(reading->err, ITSM_EDATA, line - 1, 4,
					"text behind the marker of a document; begin it in the next line");
		}
		at = next;
	}
	return status ? status : lend_yaml(reading, begin, (size_t)(end - begin), first);
}

static int on_row(void *context, const struct itsm_csv_row *row)
{
	struct reading *reading = context;
	struct itsm_yaml *keys, *items, **key_list, **item_list, node = {.type = ITSM_YAML_MAPPING};
	struct itsm_arena *arena;
	size_t i;
	int status;

	if (!reading->names) {
		reading->names = itsm_arena_alloc(reading->arena, row->count * sizeof(*reading->names));
		for (i = 0; i < row->count; i++)
			reading->names[i] = itsm_arena_strdup(reading->arena, row->fields[i]);
		reading->name_count = row->count;
		return 0;
	}
	if (row->count != reading->name_count)
		return itsm_error_set_at(reading->err, ITSM_EDATA, row->line, 1, "%zu fields where the header names %zu columns",
			row->count, reading->name_count);
	arena = itsm_arena_new();
	keys = itsm_arena_alloc(arena, row->count * sizeof(*keys));
	items = itsm_arena_alloc(arena, row->count * sizeof(*items));
	key_list = itsm_arena_alloc(arena, row->count * sizeof(*key_list));
	item_list = itsm_arena_alloc(arena, row->count * sizeof(*item_list));
	for (i = 0; i < row->count; i++) {
		keys[i] = (struct itsm_yaml){.style = ITSM_YAML_DOUBLE_QUOTED, .text = reading->names[i]};
		items[i] = (struct itsm_yaml){.style = ITSM_YAML_DOUBLE_QUOTED, .text = row->fields[i]};
		key_list[i] = &keys[i];
		item_list[i] = &items[i];
	}
	node.count = row->count;
	node.keys = key_list;
	node.items = item_list;
	status = lend(reading, &node);
	itsm_arena_free(arena);
	return status;
}

static int on_broken(void *context, unsigned line, const char *reason)
{
	struct reading *reading = context;

	return itsm_error_set_at(reading->err, ITSM_EDATA, line, 1, "%s", reason);
}

static int lend_csv(struct reading *reading, const char *text, size_t size)
{
	const struct itsm_csv_options options = {
		.delimiter = reading->run->map.delimiter, .row = on_row, .broken = on_broken, .context = reading};
	struct itsm_csv *csv = itsm_csv_new(&options);
	int status = itsm_csv_feed(csv, text, size, reading->err);

	if (status == 0)
		status = itsm_csv_end(csv, reading->err);
	itsm_csv_free(csv);
	return status;
}

static int read_file(struct reconcile *run, const char *path, struct itsm_error *err)
{
	struct reading reading = {.run = run, .arena = itsm_arena_new(), .file = path, .err = err};
	struct itsm_buffer text = {0};
	const char *data;
	int status = itsm_file_read(AT_FDCWD, path, ITSM_JSON_MAX_BYTES, &text, err);

	data = text.data ? text.data : "";
	if (status == 0) {
		switch (run->map.format) {
		case RECONCILE_CSV: status = lend_csv(&reading, data, text.length); break;
		case RECONCILE_JSON: status = lend_json(&reading, data, text.length, true); break;
		case RECONCILE_LINES: status = lend_lines(&reading, data, text.length); break;
		case RECONCILE_YAML: status = lend_documents(&reading, data, text.length); break;
		}
		if (status != 0)
			itsm_error_prefix(err, "%s", path);
	}
	itsm_buffer_free(&text);
	itsm_arena_free(reading.arena);
	return status;
}

static bool has_ending(const struct reconcile *run, const char *name)
{
	static const char *const endings[][4] = {
		[RECONCILE_CSV] = {".csv", ".tsv", ".txt"},
		[RECONCILE_JSON] = {".json", ".tfstate"},
		[RECONCILE_LINES] = {".jsonl", ".ndjson", ".json"},
		[RECONCILE_YAML] = {".yaml", ".yml"},
	};
	const char *dot = strrchr(name, '.');

	return *name != '.' && dot && itsm_list_has(endings[run->map.format], dot);
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static int read_folder(struct reconcile *run, const char *path, DIR *folder, struct itsm_error *err)
{
	const char **names = NULL;
	size_t count = 0, capacity = 0, i;
	struct dirent *entry;
	int status = 0;

	while ((entry = readdir(folder)) != NULL && count < FILES_MAX) {
		if (!has_ending(run, entry->d_name))
			continue;
		itsm_arena_grow(run->arena, &names, &capacity, count, sizeof(*names));
		names[count++] = itsm_arena_printf(run->arena, "%s/%s", path, entry->d_name);
	}
	if (!count)
		return itsm_error_set(err, ITSM_EDATA, "%s has no file of the map's format; name the files", path);
	if (count == FILES_MAX)
		return itsm_error_set(err, ITSM_ELIMIT, "%s has %d files or more; name some of them", path, FILES_MAX);
	qsort(names, count, sizeof(*names), compare_names);
	for (i = 0; i < count && status == 0; i++)
		status = read_file(run, names[i], err);
	return status;
}

int reconcile_read_files(struct reconcile *run, struct itsm_error *err)
{
	size_t i;
	int status = itsm_index_lend(run->index, err);

	for (i = 0; i < run->options->file_count && status == 0; i++) {
		/* The user may name a link, or a way through one; what is in a folder may not be one. */
		char *real = realpath(run->options->files[i], NULL);
		const char *path = real ? itsm_arena_strdup(run->arena, real) : run->options->files[i];
		DIR *folder = opendir(path);

		free(real);
		status = folder ? read_folder(run, path, folder, err) : read_file(run, path, err);
		if (folder)
			closedir(folder);
	}
	return status;
}
