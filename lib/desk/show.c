/*
 * `itsm show`: one record, its parts, and what links to it.
 *
 * A full ID whose file is as the index knows it needs no scan of the work
 * tree: the file is read, its parts are what lies in its folder.
 */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk.h"
#include "itsm/file.h"

#define PARTS_LIMIT 10000

struct part_list {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	struct itsm_error *err;
	struct itsm_record **items;
	size_t count, capacity;
};

static void add_part(struct part_list *list, struct itsm_record *part)
{
	if (!part || list->count >= PARTS_LIMIT)
		return;
	itsm_arena_grow(list->arena, &list->items, &list->capacity, list->count, sizeof(*list->items));
	list->items[list->count++] = part;
}

/* "transition/changes/2026/11/CHG-xxxxxxxx": the folder that belongs to a record's file. */
static char *own_folder(struct itsm_arena *arena, const struct itsm_record *record)
{
	const char *slash = strrchr(record->path, '/');

	return itsm_arena_printf(arena, "%.*s/%s", slash ? (int)(slash - record->path) : 0, record->path, record->id);
}

static void add_part_file(struct part_list *list, const char *path)
{
	struct itsm_findings findings;
	struct itsm_buffer text = {0};

	itsm_findings_init(&findings, list->arena);
	if (itsm_file_read(list->desk->root, path, ITSM_FILE_MAX_BYTES, &text, NULL) == 0)
		add_part(list, itsm_record_read(list->arena, list->desk->kinds, path, text.data ? text.data : "", text.length, &findings));
	itsm_buffer_free(&text);
}

/* Open a folder below the desk without following a link anywhere on the way. */
static DIR *open_folder(int root, const char *path)
{
	char part[256];
	int current = dup(root);
	DIR *folder;

	while (*path && current >= 0) {
		size_t length = strcspn(path, "/");
		int next;

		if (length >= sizeof(part)) {
			close(current);
			return NULL;
		}
		memcpy(part, path, length);
		part[length] = '\0';
		next = openat(current, part, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		close(current);
		current = next;
		path += length + (path[length] == '/');
	}
	if (current < 0)
		return NULL;
	folder = fdopendir(current);
	if (!folder)
		close(current);
	return folder;
}

static void list_parts_of_work_tree(struct part_list *list, const char *folder)
{
	size_t i;

	for (i = 0; i < itsm_kinds_count(list->desk->kinds); i++) {
		const struct itsm_kind *kind = itsm_kinds_at(list->desk->kinds, i);
		const char *path;
		struct dirent *entry;
		DIR *directory;

		if (!kind->part)
			continue;
		path = itsm_arena_printf(list->arena, "%s/%s", folder, kind->part);
		directory = open_folder(list->desk->root, path);
		while (directory && (entry = readdir(directory)) != NULL) {
			if (entry->d_name[0] != '.')
				add_part_file(list, itsm_arena_printf(list->arena, "%s/%s", path, entry->d_name));
		}
		if (directory)
			closedir(directory);
	}
}

static const char *part_moment(const struct itsm_record *part)
{
	const char *at = itsm_record_text(part, "at");

	return at ? at : "";
}

static int compare_parts(const void *a, const void *b)
{
	const struct itsm_record *left = *(struct itsm_record *const *)a, *right = *(struct itsm_record *const *)b;
	struct itsm_time left_time, right_time;
	int order;

	if (itsm_time_parse(part_moment(left), &left_time, NULL) == 0 && itsm_time_parse(part_moment(right), &right_time, NULL) == 0 &&
	    left_time.seconds != right_time.seconds)
		return left_time.seconds < right_time.seconds ? -1 : 1;
	order = strcmp(part_moment(left), part_moment(right));
	return order ? order : strcmp(left->path, right->path);
}

static int read_part(struct part_list *list, const struct itsm_hit *hit)
{
	struct itsm_findings findings;
	struct itsm_record *part = NULL;
	int status;

	if (itsm_oid_is_zero(&hit->blob))
		return 0;
	itsm_findings_init(&findings, list->arena);
	status = itsm_desk_read_blob(
		list->desk, list->arena, list->desk->kinds, hit->path, &hit->blob, &part, &findings, list->err);
	if (status == 0)
		add_part(list, part);
	return status;
}

/* Those that lie in the record's own folder: another one of the same ID has its own. */
static int list_committed_parts(struct part_list *list, struct itsm_index *index, const char *id, const char *folder)
{
	struct itsm_hit *hits;
	size_t count, length = strlen(folder);
	int status = itsm_index_parts(index, list->arena, id, &hits, &count, list->err);

	for (size_t i = 0; status == 0 && i < count; i++)
		if (strncmp(hits[i].path, folder, length) == 0 && hits[i].path[length] == '/')
			status = read_part(list, &hits[i]);
	return status;
}

/* Of the commit whose snapshot the index has in use, or (NULL) of the work tree. */
static int find_parts(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_index *committed,
	struct itsm_shown *shown, struct itsm_error *err)
{
	struct part_list list = {.desk = desk, .arena = arena, .err = err};
	const char *folder = own_folder(arena, shown->record);
	int status = 0;

	if (committed)
		status = list_committed_parts(&list, committed, shown->record->id, folder);
	else
		list_parts_of_work_tree(&list, folder);
	if (list.count)
		qsort(list.items, list.count, sizeof(*list.items), compare_parts);
	shown->parts = list.items;
	shown->part_count = list.count;
	return status;
}

/* The name of a relation from the other end: the field's inverse where the kind gives one. */
static const char *relation_from_here(struct itsm_desk *desk, const char *kind_name, const char *relation)
{
	const struct itsm_kind *kind = itsm_kinds_find(desk->kinds, kind_name);
	const struct itsm_field *field = kind ? itsm_kind_field(kind, relation) : NULL;

	return field && field->inverse ? field->inverse : relation;
}

static int find_backlinks(struct itsm_desk *desk, struct itsm_arena *arena, struct itsm_index *index,
	struct itsm_shown *shown, struct itsm_error *err)
{
	struct itsm_value id = {.type = ITSM_VALUE_TEXT, .text = shown->record->id};
	struct itsm_query *query;
	size_t capacity = 0;
	int status = itsm_query_open(index,
		"SELECT l.source, l.source_kind, r.title, l.relation FROM link AS l JOIN record AS r ON r.id = l.source"
		" WHERE l.target = ?1 AND r.record IS NOT ?1 ORDER BY l.source_kind, l.source, l.relation", &id, 1, &query, err);

	if (status != 0)
		return status;
	while ((status = itsm_query_next(query, err)) == 1) {
		struct itsm_backlink *link;
		const char *title = itsm_query_value(query, 2).text;

		itsm_arena_grow(arena, &shown->backlinks, &capacity, shown->backlink_count, sizeof(*shown->backlinks));
		link = &shown->backlinks[shown->backlink_count++];
		link->source = itsm_arena_strdup(arena, itsm_query_value(query, 0).text);
		link->kind = itsm_arena_strdup(arena, itsm_query_value(query, 1).text);
		link->title = itsm_arena_strdup(arena, title ? title : "");
		link->relation = itsm_arena_strdup(arena, relation_from_here(desk, link->kind, itsm_query_value(query, 3).text));
	}
	itsm_query_free(query);
	return status;
}

static int unreadable(const struct itsm_hit *hit, const struct itsm_findings *findings, struct itsm_error *err)
{
	const struct itsm_finding *first = findings->count ? &findings->items[0] : NULL;

	return itsm_error_set(err, ITSM_EDATA, "%s:%u:%u: %s; mend it with `itsm edit %s`", hit->path, first ? first->line : 1,
		first ? first->column : 1, first ? first->message : "can't be read as a record", hit->id);
}

static int show_work(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, bool full, struct itsm_shown *out,
	struct itsm_error *err)
{
	struct itsm_findings findings;
	struct itsm_buffer text = {0};
	struct itsm_index *index;
	struct itsm_hit hit;
	int status = itsm_desk_index(desk, &index, err);

	if (status != 0)
		return status;
	if (full || !itsm_index_peek(index, arena, id, &hit)) {
		if ((status = itsm_desk_view(desk, NULL, &index, err)) != 0 ||
		    (status = itsm_index_find(index, arena, id, NULL, &hit, err)) != 0)
			return status;
	}
	itsm_findings_init(&findings, arena);
	status = itsm_file_read(desk->root, hit.path, ITSM_FILE_MAX_BYTES, &text, err);
	if (status == 0) {
		out->record = itsm_record_read(arena, desk->kinds, hit.path, text.data ? text.data : "", text.length, &findings);
		if (!out->record)
			status = unreadable(&hit, &findings, err);
	}
	itsm_buffer_free(&text);
	if (status == 0)
		status = find_parts(desk, arena, NULL, out, err);
	return status == 0 && full ? find_backlinks(desk, arena, index, out, err) : status;
}

static int show_committed(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at, bool full,
	struct itsm_shown *out, struct itsm_error *err)
{
	struct itsm_findings findings;
	struct itsm_index *index;
	struct itsm_hit hit;
	int status;

	itsm_findings_init(&findings, arena);
	if ((status = itsm_desk_view(desk, at, &index, err)) != 0 ||
	    (status = itsm_index_find(index, arena, id, NULL, &hit, err)) != 0 ||
	    (status = itsm_desk_read_blob(desk, arena, desk->kinds, hit.path, &hit.blob, &out->record, &findings, err)) != 0)
		return status;
	if (!out->record)
		return unreadable(&hit, &findings, err);
	status = find_parts(desk, arena, index, out, err);
	return status == 0 && full ? find_backlinks(desk, arena, index, out, err) : status;
}

int itsm_desk_show(struct itsm_desk *desk, struct itsm_arena *arena, const char *id, const char *at, bool full,
	struct itsm_shown *out, struct itsm_error *err)
{
	struct itsm_shown shown = {0};
	int status;

	if (!at && desk->root < 0)
		at = "HEAD";
	status = at ? show_committed(desk, arena, id, at, full, &shown, err) : show_work(desk, arena, id, full, &shown, err);
	if (status == 0)
		*out = shown;
	return status;
}
