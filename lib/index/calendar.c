/*
 * The calendars of the snapshot in use: compiled from its records when first asked for, and kept until the
 * snapshot or the database changes.
 *
 * An .ics file is no record: it is read from where the snapshot is, the work tree or a commit. Those that a
 * record names are parts of its calendar, each other one is a calendar of its own, called as the file is.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "calendar.h"
#include "itsm/file.h"
#include "itsm/json.h"
#include "scope.h"

#define FILES_MAX 500
#define SCOPES 16384            /* a power of two; half of it is used at most */

/* What the calendars were made of. */
struct state {
	enum itsm_snapshot snapshot;
	struct itsm_oid commit;
	sqlite3 *db;
	int64_t changes, position;
	unsigned version;
};

struct index_calendars {
	struct itsm_arena *arena;
	struct state state;
	struct itsm_calendar **items;   /* of records; then, once `complete`, of files, all by ID */
	size_t count, capacity;
	const char **names;             /* of .ics files that records name */
	size_t name_count, name_capacity;
	bool complete;
	bool *named;                    /* beside the items: some item of the desk names it as its calendar */
	sqlite3_stmt *scope_statement;  /* of scope.c */
	struct index_scope **scopes;    /* a table of SCOPES places, by the hash of what was asked */
	size_t scope_count;
};

void itsm_index_calendars_drop(struct itsm_index *index)
{
	struct index_calendars *calendars = index->calendars;

	if (!calendars)
		return;
	for (size_t i = 0; i < calendars->count; i++)
		itsm_calendar_free(calendars->items[i]);
	sqlite3_finalize(calendars->scope_statement);
	itsm_arena_free(calendars->arena);
	index->calendars = NULL;
}

static void look(struct itsm_index *index, struct state *out)
{
	memset(out, 0, sizeof(*out));
	out->snapshot = index->snapshot;
	if (index->snapshot != ITSM_SNAPSHOT_WORK)
		out->commit = index->snapshot == ITSM_SNAPSHOT_AT ? index->at : index->head;
	out->db = index->db;
	out->changes = itsm_index_changes(index);
	out->position = index->position;
	sqlite3_file_control(index->db, "main", SQLITE_FCNTL_DATA_VERSION, &out->version);
}

/* ---- files ---- */

static int read_work(struct itsm_index *index, const char *path, struct itsm_buffer *out, struct itsm_error *err)
{
	int root = open(index->options.place->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC), status;

	if (root < 0)
		return itsm_error_set(err, ITSM_EIO, "cannot open '%s': %s", index->options.place->root, strerror(errno));
	status = itsm_file_read(root, path, ITSM_CALENDAR_FILE_MAX_BYTES, out, err);
	close(root);
	return status;
}

int calendar_file_read(void *context, const char *name, struct itsm_buffer *out, struct itsm_error *err)
{
	struct itsm_index *index = context;
	struct itsm_buffer path = {0};
	struct itsm_entry entry;
	int status;

	itsm_buffer_printf(&path, CALENDAR_FOLDER "/%s", name);
	if (strchr(name, '/')) {
		status = itsm_error_set(err, ITSM_EDATA, "'%.80s' is no file in " CALENDAR_FOLDER "; put it there", name);
	} else if (strlen(name) < 5 || strlen(name) >= ITSM_ID_MAX || *name == '.' ||
		strcmp(name + strlen(name) - 4, ".ics") != 0) {
		status = itsm_error_set(err, ITSM_EDATA, "'%.80s' is no name of a calendar; call it NAME.ics, in small letters", name);
	} else if (index->snapshot == ITSM_SNAPSHOT_WORK) {
		status = read_work(index, path.data, out, err);
	} else if ((status = itsm_index_repository(index, err)) == 0 &&
		(status = itsm_repo_find(index->repo,
			index->snapshot == ITSM_SNAPSHOT_AT ? &index->at : &index->head, path.data, &entry, err)) == 0) {
		status = (entry.mode & 0170000) == 0100000 ?
			itsm_repo_blob(index->repo, &entry.blob, ITSM_CALENDAR_FILE_MAX_BYTES, out, err) :
			itsm_error_set(err, ITSM_EDATA, "'%s' is no file; put the file itself there", path.data);
	}
	itsm_buffer_free(&path);
	return status;
}

static void take_name(struct calendar_names *names, const char *name)
{
	size_t length = strlen(name);

	if (length < 5 || strcasecmp(name + length - 4, ".ics") != 0)
		return;
	itsm_arena_grow(names->arena, &names->items, &names->capacity, names->count, sizeof(*names->items));
	names->items[names->count++] = itsm_arena_strdup(names->arena, name);
}

static int take_entry(void *context, const struct itsm_entry *entry)
{
	take_name(context, entry->path + sizeof(CALENDAR_FOLDER));
	return 0;
}

/* What lies in a folder of the folder is told too: it counts for nothing, and its reading says so. */
static void list_below(int parent, const char *folder, struct calendar_names *names)
{
	int below = openat(parent, folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = below < 0 ? NULL : fdopendir(below);
	struct dirent *entry;

	while (stream && (entry = readdir(stream)) != NULL)
		take_name(names, itsm_arena_printf(names->arena, "%s/%s", folder, entry->d_name));
	if (stream)
		closedir(stream);
	else if (below >= 0)
		close(below);
}

static int list_work(struct itsm_index *index, struct calendar_names *names, struct itsm_error *err)
{
	int root = open(index->options.place->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int folder = root < 0 ? -1 : openat(root, "policy", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int inner = folder < 0 ? -1 : openat(folder, "calendars", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	DIR *stream = inner < 0 ? NULL : fdopendir(inner);
	int cause = errno;
	struct dirent *entry;

	while (stream && (entry = readdir(stream)) != NULL) {
		take_name(names, entry->d_name);
		if (*entry->d_name != '.')
			list_below(inner, entry->d_name, names);
	}
	if (stream)
		closedir(stream);
	else if (inner >= 0)
		close(inner);
	if (folder >= 0)
		close(folder);
	if (root >= 0)
		close(root);
	return stream || cause == ENOENT ? 0 :
		itsm_error_set(err, ITSM_EIO, "cannot read " CALENDAR_FOLDER ": %s", strerror(cause));
}

static int compare_names(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int calendar_file_list(struct itsm_index *index, struct calendar_names *names, struct itsm_error *err)
{
	const struct itsm_oid *commit = index->snapshot == ITSM_SNAPSHOT_AT ? &index->at : &index->head;
	int status = 0;

	if (index->snapshot == ITSM_SNAPSHOT_WORK) {
		status = list_work(index, names, err);
	} else if (!itsm_oid_is_zero(commit) && (status = itsm_index_repository(index, err)) == 0) {
		status = itsm_repo_walk(index->repo, commit, CALENDAR_FOLDER, take_entry, names, err);
		if (status == ITSM_ENOTFOUND)
			status = 0;
	}
	if (status == 0 && names->count > FILES_MAX)
		status = itsm_error_set(err, ITSM_ELIMIT, CALENDAR_FOLDER " holds more than %d .ics files", FILES_MAX);
	if (names->count)
		qsort(names->items, names->count, sizeof(*names->items), compare_names);
	return status;
}

/* ---- records ---- */

static const struct {
	const char *key, *column;       /* a column of NULL begins, a key of NULL ends an object */
	bool json;
} parts[] = {
	{"name", "name", false}, {"zone", "zone", false}, {"hours", NULL, false}, {"monday", "hours_monday", true},
	{"tuesday", "hours_tuesday", true}, {"wednesday", "hours_wednesday", true}, {"thursday", "hours_thursday", true},
	{"friday", "hours_friday", true}, {"saturday", "hours_saturday", true}, {"sunday", "hours_sunday", true},
	{NULL, NULL, false}, {"holidays", "holidays", true}, {"holidays_from", "holidays_from", true},
	{"windows", "windows", true}, {"freezes", "freezes", true},
};

void calendar_select(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_buffer *sql)
{
	itsm_buffer_puts(sql, "SELECT e.id, '{'");
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++) {
		const struct itsm_field *field = parts[i].column ? itsm_kind_field(kind, parts[i].column) : NULL;

		if (!parts[i].key)
			itsm_buffer_puts(sql, " || '\"zz\":null},'");
		else if (!parts[i].column)
			itsm_buffer_printf(sql, " || '\"%s\":{'", parts[i].key);
		else if (field && parts[i].json)
			itsm_buffer_printf(sql, " || '\"%s\":' || ifnull(k.f_%s, 'null') || ','", parts[i].key, field->column);
		else if (field)
			itsm_buffer_printf(sql, " || '\"%s\":' || json_quote(k.f_%s) || ','", parts[i].key, field->column);
	}
	itsm_buffer_printf(sql, " || '\"zz\":null}' FROM itsm_k_calendar AS k CROSS JOIN %s AS e ON e.bid = k.bid"
		" ORDER BY e.id",
		itsm_index_entry_table(index, index->snapshot));
}

static void remember_names(struct index_calendars *calendars, const struct itsm_yaml *names)
{
	for (size_t i = 0; names && names->type == ITSM_YAML_SEQUENCE && i < names->count; i++) {
		if (names->items[i]->type != ITSM_YAML_SCALAR)
			continue;
		itsm_arena_grow(calendars->arena, &calendars->names, &calendars->name_capacity, calendars->name_count,
			sizeof(*calendars->names));
		calendars->names[calendars->name_count++] =
			itsm_arena_strdup(calendars->arena, names->items[i]->text);
	}
}

static void add(struct index_calendars *calendars, struct itsm_calendar *calendar)
{
	itsm_arena_grow(calendars->arena, &calendars->items, &calendars->capacity, calendars->count,
		sizeof(*calendars->items));
	calendars->items[calendars->count++] = calendar;
}

void calendar_select_broken(struct itsm_index *index, struct itsm_buffer *sql)
{
	itsm_buffer_printf(sql, "SELECT e.id, f.message, f.rule FROM %s AS e CROSS JOIN itsm_finding AS f ON f.bid = e.bid"
		" WHERE e.path > ?1 AND e.path < ?2 AND f.severity = 'error' ORDER BY e.path, f.ord",
		itsm_index_entry_table(index, index->snapshot));
}

void calendar_bind_folder(sqlite3_stmt *statement, const struct itsm_kind *kind)
{
	char *from = sqlite3_mprintf("%s/", kind->folder), *to = sqlite3_mprintf("%s0", kind->folder);

	sqlite3_bind_text(statement, 1, from, -1, sqlite3_free);
	sqlite3_bind_text(statement, 2, to, -1, sqlite3_free);
}

int calendar_make(struct itsm_index *index, struct itsm_arena *arena, const char *id, const char *json,
	const struct itsm_yaml **names, struct itsm_calendar **out, struct itsm_error *err)
{
	const struct itsm_calendar_files files = {calendar_file_read, index};
	struct itsm_yaml *front;
	int status = itsm_json_parse(arena, json, strlen(json), &front, err);

	*names = status == 0 ? itsm_yaml_get(front, "holidays_from") : NULL;
	if (status == 0)
		status = itsm_calendar_new(id, front, &files, out, err);
	if (status != 0 && err)
		err->line = err->column = 0;
	return status;
}

static int add_record(struct itsm_index *index, struct index_calendars *calendars, const char *id, const char *json,
	struct itsm_error *err)
{
	struct itsm_arena *arena = itsm_arena_new();
	const struct itsm_yaml *names;
	struct itsm_calendar *calendar;
	int status = calendar_make(index, arena, id, json, &names, &calendar, err);

	if (status == 0) {
		remember_names(calendars, names);
		add(calendars, calendar);
	}
	itsm_arena_free(arena);
	return status;
}

/* A record with an error in it says less than it means to: then nothing is computed at all. */
static int refuse_broken(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_error *err)
{
	struct itsm_buffer sql = {0};
	sqlite3_stmt *statement = NULL;
	int status;

	calendar_select_broken(index, &sql);
	status = itsm_index_prepare(index, sql.data, &statement, err);
	itsm_buffer_free(&sql);
	if (status != 0)
		return status;
	calendar_bind_folder(statement, kind);
	if ((status = itsm_index_step(index, statement, err)) == 1)
		status = itsm_error_set(err, ITSM_EDATA, "calendar '%s': %s", (const char *)sqlite3_column_text(statement, 0),
			(const char *)sqlite3_column_text(statement, 1));
	sqlite3_finalize(statement);
	return status;
}

static int load_records(struct itsm_index *index, struct index_calendars *calendars, struct itsm_error *err)
{
	const struct itsm_kind *kind = itsm_kinds_find(index->options.kinds, "calendar");
	struct itsm_buffer sql = {0};
	sqlite3_stmt *statement = NULL;
	int status;

	if (!kind || kind->part)
		return 0;
	if ((status = refuse_broken(index, kind, err)) != 0)
		return status;
	calendar_select(index, kind, &sql);
	status = itsm_index_prepare(index, sql.data, &statement, err);
	while (status == 0 && (status = itsm_index_step(index, statement, err)) == 1) {
		const char *json = (const char *)sqlite3_column_text(statement, 1);

		status = add_record(index, calendars, (const char *)sqlite3_column_text(statement, 0), json ? json : "{}", err);
	}
	sqlite3_finalize(statement);
	itsm_buffer_free(&sql);
	return status;
}

static int compare_calendars(const void *a, const void *b)
{
	return strcmp(itsm_calendar_id(*(struct itsm_calendar *const *)a), itsm_calendar_id(*(struct itsm_calendar *const *)b));
}

static struct itsm_calendar *find(const struct index_calendars *calendars, const char *id)
{
	for (size_t i = 0; i < calendars->count; i++)
		if (strcmp(itsm_calendar_id(calendars->items[i]), id) == 0)
			return calendars->items[i];
	return NULL;
}

static bool is_named(const struct index_calendars *calendars, const char *name)
{
	for (size_t i = 0; i < calendars->name_count; i++)
		if (strcmp(calendars->names[i], name) == 0)
			return true;
	return false;
}

int calendar_hidden(const char *id, struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_EDATA, CALENDAR_FOLDER "/%s.ics counts for nothing, for the record '%s' has its name: name it"
		" in the record's holidays_from, or call it otherwise", id, id);
}

/* The files that stand for themselves. */
static int load_files(struct itsm_index *index, struct index_calendars *calendars, struct itsm_error *err)
{
	struct calendar_names names = {.arena = calendars->arena};
	int status = calendar_file_list(index, &names, err);

	for (size_t i = 0; i < names.count && status == 0; i++) {
		char *id = itsm_arena_strndup(calendars->arena, names.items[i], strlen(names.items[i]) - 4);
		struct itsm_calendar *calendar;
		struct itsm_buffer text = {0};

		if (is_named(calendars, names.items[i]))
			continue;
		if (find(calendars, id))
			status = calendar_hidden(id, err);
		else if ((status = calendar_file_read(index, names.items[i], &text, err)) == 0 &&
			(status = itsm_calendar_new_ics(id, text.data ? text.data : "", text.length, NULL, &calendar, err)) == 0)
			add(calendars, calendar);
		itsm_buffer_free(&text);
	}
	if (status == 0 && calendars->count)
		qsort(calendars->items, calendars->count, sizeof(*calendars->items), compare_calendars);
	calendars->complete = status == 0;
	return status;
}

static int find_named(struct itsm_index *index, struct index_calendars *calendars, struct itsm_error *err)
{
	const struct itsm_kind *item = itsm_kinds_find(index->options.kinds, "item");
	struct itsm_buffer sql = {0};
	sqlite3_stmt *statement = NULL;
	int status = 0;

	calendars->named = itsm_arena_alloc(calendars->arena, calendars->count + 1);
	if (!item || !calendars->count)
		return 0;
	itsm_buffer_printf(&sql, "SELECT EXISTS (SELECT 1 FROM itsm_reference AS r JOIN %s AS e ON e.bid = r.bid AND e.kid = %d"
		" WHERE r.target = ?1 AND r.field = 'calendar')", itsm_index_entry_table(index, index->snapshot),
		itsm_index_shape(index, item)->number);
	status = itsm_index_prepare(index, sql.data, &statement, err);
	for (size_t i = 0; i < calendars->count && status == 0; i++) {
		itsm_index_bind_text(statement, 1, itsm_calendar_id(calendars->items[i]));
		status = itsm_index_step(index, statement, err);
		calendars->named[i] = status == 1 && sqlite3_column_int(statement, 0);
		status = status < 0 ? status : 0;
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
	itsm_buffer_free(&sql);
	return status;
}

static int load(struct itsm_index *index, void *context, struct itsm_error *err)
{
	bool foreign = index->foreign;
	struct state state;
	int status = 0;

	index->foreign = false;
	look(index, &state);
	if (index->calendars && memcmp(&index->calendars->state, &state, sizeof(state)) != 0)
		itsm_index_calendars_drop(index);
	if (!index->calendars) {
		struct itsm_arena *arena = itsm_arena_new();

		index->calendars = itsm_arena_alloc(arena, sizeof(*index->calendars));
		index->calendars->arena = arena;
		index->calendars->state = state;
		status = load_records(index, index->calendars, err);
	}
	if (status == 0 && *(const bool *)context && !index->calendars->complete)
		if ((status = load_files(index, index->calendars, err)) == 0)
			status = find_named(index, index->calendars, err);
	if (status != 0)
		itsm_index_calendars_drop(index);
	index->foreign = foreign;
	return status;
}

int itsm_index_calendars_load(struct itsm_index *index, bool files, struct itsm_error *err)
{
	return load(index, &files, err);
}

int itsm_index_calendar_find(struct itsm_index *index, const char *id, struct itsm_calendar **out,
	struct itsm_error *err)
{
	int status = itsm_index_calendars_load(index, false, err);
	struct itsm_calendar *found;

	if (status != 0)
		return status;
	found = find(index->calendars, id);
	if (!found && (status = itsm_index_calendars_load(index, true, err)) == 0)
		found = find(index->calendars, id);
	if (status == 0 && !found)
		status = itsm_error_set(err, ITSM_ENOTFOUND, "there is no calendar '%s'; `itsm list calendar` names them", id);
	if (status == 0)
		*out = found;
	return status;
}

int itsm_index_calendars_now(struct itsm_index *index, struct itsm_calendar *const **out, size_t *count,
	struct itsm_error *err)
{
	int status = itsm_index_calendars_load(index, true, err);

	if (status == 0) {
		*out = index->calendars->items;
		*count = index->calendars->count;
	}
	return status;
}

bool itsm_index_calendar_is_named(const struct itsm_index *index, const char *id)
{
	for (size_t i = 0; i < index->calendars->count; i++)
		if (strcmp(itsm_calendar_id(index->calendars->items[i]), id) == 0)
			return index->calendars->named[i];
	return false;
}

sqlite3_stmt **itsm_index_scope_statement(struct itsm_index *index)
{
	return &index->calendars->scope_statement;
}

struct index_scope **itsm_index_scope_slot(struct itsm_index *index, const char *items, const char *services,
	struct itsm_arena **arena)
{
	struct index_calendars *calendars = index->calendars;
	uint64_t hash = itsm_index_checksum(items, strlen(items)) * 31 + itsm_index_checksum(services, strlen(services));

	*arena = calendars->arena;
	if (!calendars->scopes || calendars->scope_count > SCOPES / 2) {
		calendars->scopes = itsm_arena_alloc(calendars->arena, SCOPES * sizeof(struct index_scope *));
		calendars->scope_count = 0;
	}
	for (;; hash++) {
		struct index_scope **slot = &calendars->scopes[hash & (SCOPES - 1)];

		if (!*slot) {
			calendars->scope_count++;
			return slot;
		}
		if (itsm_index_scope_is(*slot, items, services))
			return slot;
	}
}

int itsm_index_calendars(struct itsm_index *index, struct itsm_calendar *const **out, size_t *count,
	struct itsm_error *err)
{
	bool files = true;
	int status = itsm_index_attempt(index, load, &files, err);

	if (status == 0) {
		*out = index->calendars->items;
		*count = index->calendars->count;
	}
	return status;
}
