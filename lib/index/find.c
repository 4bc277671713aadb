/* From a word of the command line to a record. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "index.h"

#define CANDIDATES_MAX 10

static const char columns[] = "SELECT e.id, k.name, e.path, c.state, c.title, e.owner, c.blob, k.part, c.place"
			      " FROM %s AS e CROSS JOIN itsm_content AS c ON c.bid = e.bid CROSS JOIN itsm_kind AS k "
			      "ON k.kid = e.kid WHERE %s";

/* The hits so far: all of them while they are few. */
struct finding {
	struct itsm_index *index;
	struct itsm_arena *arena;
	const char *kind;
	struct itsm_hit hits[CANDIDATES_MAX];
	size_t count, exact;
	struct itsm_hit match;           /* the exact one that was found last */
};

static const char *column_text(struct itsm_arena *arena, sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? itsm_arena_strdup(arena, text) : NULL;
}

static void read_hit(struct itsm_arena *arena, sqlite3_stmt *row, struct itsm_hit *hit)
{
	const char *part = (const char *)sqlite3_column_text(row, 7),
		   *place = (const char *)sqlite3_column_text(row, 8);

	*hit = (struct itsm_hit){
		.id = column_text(arena, row, 0),
		.kind = column_text(arena, row, 1),
		.path = column_text(arena, row, 2),
		.state = column_text(arena, row, 3),
		.title = column_text(arena, row, 4),
		.record = column_text(arena, row, 5),
	};
	if (!hit->title)
		hit->title = "";
	if (hit->record && part)
		hit->id = itsm_arena_printf(arena, "%s/%s/%s", hit->record, part, hit->id);
	if (place && !*place)
		itsm_index_column_oid(row, 6, &hit->blob);
}

static int prepare(struct finding *finding, const char *where, sqlite3_stmt **out, struct itsm_error *err)
{
	char sql[1024];

	sqlite3_snprintf(sizeof(sql), sql, columns, itsm_index_entry_table(finding->index, finding->index->snapshot), where);
	return itsm_index_prepare(finding->index, sql, out, err);
}

/* Take every row; those whose plain ID is `exact` count as exact. */
static int take(struct finding *finding, sqlite3_stmt *rows, const char *exact, struct itsm_error *err)
{
	int status;

	while ((status = itsm_index_step(finding->index, rows, err)) == 1) {
		struct itsm_hit hit;
		bool is_exact = strcmp((const char *)sqlite3_column_text(rows, 0), exact) == 0;

		if (finding->kind && strcmp(finding->kind, (const char *)sqlite3_column_text(rows, 1)) != 0)
			continue;
		if (!is_exact && finding->count >= CANDIDATES_MAX)
			continue;
		read_hit(finding->arena, rows, &hit);
		if (is_exact) {
			finding->match = hit;
			finding->exact++;
		}
		if (finding->count < CANDIDATES_MAX)
			finding->hits[finding->count++] = hit;
	}
	return status;
}

/* IDs that start with this text: the alphabet of IDs lies below 0x7f. */
static int take_prefix(struct finding *finding, sqlite3_stmt *statement, int position, const char *start,
	struct itsm_error *err)
{
	const char *end = itsm_arena_printf(finding->arena, "%s\x7f", start);

	sqlite3_reset(statement);
	itsm_index_bind_text(statement, position, start);
	itsm_index_bind_text(statement, position + 1, end);
	return take(finding, statement, start, err);
}

static char *lowered(struct itsm_arena *arena, const char *text)
{
	char *copy = itsm_arena_strdup(arena, text);

	for (char *c = copy; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	return copy;
}

/* With the word as it is, with its letters after a kind's prefix lowered, and with each prefix before it. */
static int find_ids(struct finding *finding, sqlite3_stmt *statement, int position, const char *word,
	struct itsm_error *err)
{
	const char *lower = lowered(finding->arena, word);
	sqlite3_stmt *prefixes = itsm_index_statement(finding->index, SQL_PREFIXES, 0, err);
	int status = prefixes ? take_prefix(finding, statement, position, lower, err) : ITSM_EINDEX;

	while (status == 0 && (status = itsm_index_step(finding->index, prefixes, err)) == 1) {
		const char *prefix = (const char *)sqlite3_column_text(prefixes, 0);
		size_t length = strlen(prefix);

		if (strncasecmp(word, prefix, length) == 0 && word[length] == '-')
			status = take_prefix(finding, statement, position,
				itsm_arena_printf(finding->arena, "%s%s", prefix, lower + length), err);
		else if (strncasecmp(word, prefix, strlen(word)) == 0)
			status = take_prefix(finding, statement, position, prefix, err);
		else
			status = 0;
		if (status == 0)
			status = take_prefix(finding, statement, position,
				itsm_arena_printf(finding->arena, "%s-%s", prefix, lower), err);
	}
	if (prefixes)
		sqlite3_reset(prefixes);
	return status;
}

static int find_plain(struct finding *finding, const char *word, struct itsm_error *err)
{
	sqlite3_stmt *statement = NULL;
	int status;

	if (!finding->kind) {
		if (!(statement = itsm_index_statement(finding->index, SQL_FIND, finding->index->snapshot, err)))
			return ITSM_EINDEX;
		status = find_ids(finding, statement, 1, word, err);
		sqlite3_reset(statement);
		return status;
	}
	status = prepare(finding, "e.id >= ?1 AND e.id < ?2", &statement, err);
	if (status == 0)
		status = find_ids(finding, statement, 1, word, err);
	sqlite3_finalize(statement);
	return status;
}

static int find_path(struct finding *finding, const char *path, struct itsm_error *err)
{
	sqlite3_stmt *statement = NULL;
	int status = prepare(finding, "e.path = ?1 AND e.id IS NOT NULL", &statement, err);

	if (status == 0) {
		itsm_index_bind_text(statement, 1, path);
		if ((status = itsm_index_step(finding->index, statement, err)) == 1) {
			read_hit(finding->arena, statement, &finding->match);
			finding->exact = 1;
			status = 0;
		}
	}
	sqlite3_finalize(statement);
	return status;
}

/* <owner>/<folder>/<id>: the owner may be abbreviated just as the ID. */
static int find_part(struct finding *finding, const char *word, struct itsm_error *err)
{
	const char *folder = strchr(word, '/') + 1, *name = strchr(folder, '/');
	const char *owner = itsm_arena_strndup(finding->arena, word, (size_t)(folder - 1 - word));
	struct itsm_hit hit;
	sqlite3_stmt *statement = NULL;
	int status;

	if (!name || strchr(name + 1, '/') || !*owner)
		return 0;
	status = itsm_index_find(finding->index, finding->arena, owner, NULL, &hit, err);
	if (status == ITSM_ENOTFOUND)
		return 0;
	if (status == 0)
		status = prepare(finding, "e.owner = ?1 AND k.part = ?2 AND e.id >= ?3 AND e.id < ?4", &statement, err);
	if (status == 0) {
		itsm_index_bind_text(statement, 1, hit.id);
		sqlite3_bind_text(statement, 2, folder, (int)(name - folder), SQLITE_TRANSIENT);
		status = find_ids(finding, statement, 3, name + 1, err);
	}
	sqlite3_finalize(statement);
	return status;
}

static int conclude(struct finding *finding, const char *word, struct itsm_hit *out, struct itsm_error *err)
{
	struct itsm_buffer names = {0};
	int status;

	if (finding->exact == 1 || (!finding->exact && finding->count == 1)) {
		*out = finding->exact ? finding->match : finding->hits[0];
		return 0;
	}
	if (!finding->count)
		return itsm_error_set(err, ITSM_ENOTFOUND, "no %s is called '%s'; `itsm list%s%s` shows what there is",
			finding->kind ? finding->kind : "record", word, finding->kind ? " " : "",
			finding->kind ? finding->kind : "");
	for (size_t i = 0; i < finding->count; i++) {
		const struct itsm_hit *hit = &finding->hits[i];

		itsm_buffer_printf(&names, "%s%s", i ? ", " : "", finding->exact ? hit->path : hit->id);
	}
	status = itsm_error_set(err, ITSM_EAMBIGUOUS, "'%s' may be %s%s; give more of it", word, names.data,
		finding->count == CANDIDATES_MAX ? " ..." : "");
	itsm_buffer_free(&names);
	return status;
}

struct request {
	struct finding *finding;
	const char *word;
};

static int find(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct request *request = context;
	struct finding *finding = request->finding;
	int status = 0;

	(void)index;
	finding->count = finding->exact = 0;
	if (strchr(request->word, '/')) {
		status = find_path(finding, request->word, err);
		if (status == 0 && !finding->exact)
			status = find_part(finding, request->word, err);
	} else if (*request->word) {
		status = find_plain(finding, request->word, err);
	}
	return status;
}

int itsm_index_find(struct itsm_index *index, struct itsm_arena *arena, const char *word, const char *kind,
	struct itsm_hit *out, struct itsm_error *err)
{
	struct finding finding = {.index = index, .arena = arena, .kind = kind};
	struct request request = {&finding, word};
	int status = itsm_index_attempt(index, find, &request, err);

	return status == 0 ? conclude(&finding, word, out, err) : status;
}

struct listing {
	struct itsm_arena *arena;
	const char *id;
	struct itsm_hit *hits;
	size_t count, capacity;
};

static int list_parts(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct listing *listing = context;
	struct finding finding = {.index = index, .arena = listing->arena};
	sqlite3_stmt *rows = NULL;
	int status = prepare(&finding, "e.owner = ?1 ORDER BY e.path", &rows, err);

	listing->count = 0;
	if (status == 0)
		itsm_index_bind_text(rows, 1, listing->id);
	while (status == 0 && (status = itsm_index_step(index, rows, err)) == 1) {
		itsm_arena_grow(listing->arena, &listing->hits, &listing->capacity, listing->count,
			sizeof(*listing->hits));
		read_hit(listing->arena, rows, &listing->hits[listing->count++]);
		status = 0;
	}
	sqlite3_finalize(rows);
	return status;
}

int itsm_index_parts(struct itsm_index *index, struct itsm_arena *arena, const char *id, struct itsm_hit **out,
	size_t *count, struct itsm_error *err)
{
	struct listing listing = {.arena = arena, .id = id};
	int status = itsm_index_attempt(index, list_parts, &listing, err);

	if (status != 0)
		return status;
	*out = listing.hits;
	*count = listing.count;
	return 0;
}

/* Is there an entry, of a record or not, at this path? */
static int has_path(struct itsm_index *index, const char *path, struct itsm_error *err)
{
	sqlite3_stmt *statement = itsm_index_statement(index, SQL_ENTRY_FIND, index->snapshot, err);
	int status;

	if (!statement)
		return ITSM_EINDEX;
	itsm_index_bind_text(statement, 1, path);
	status = itsm_index_step(index, statement, err);
	sqlite3_reset(statement);
	return status;
}

int itsm_index_exact_path(struct itsm_index *index, const struct itsm_kind *kind, const char *id,
	struct itsm_arena *arena, const char **out, struct itsm_error *err)
{
	struct finding finding = {.index = index, .arena = arena, .kind = kind ? kind->name : NULL};
	const char *name = strrchr(id, '/');
	sqlite3_stmt *statement = NULL;
	int status = has_path(index, id, err);

	*out = status == 1 ? id : NULL;
	if (status == 0) {
		status = prepare(&finding,
			name ? "e.id = ?1 AND e.owner || '/' || k.part || '/' || e.id = ?2" : "e.id = ?1", &statement,
			err);
		if (status == 0) {
			itsm_index_bind_text(statement, 1, name ? name + 1 : id);
			if (name)
				itsm_index_bind_text(statement, 2, id);
			status = take(&finding, statement, name ? name + 1 : id, err);
		}
		sqlite3_finalize(statement);
	}
	if (status == 0 && finding.exact)
		*out = finding.match.path;
	return status < 0 ? status : 0;
}
