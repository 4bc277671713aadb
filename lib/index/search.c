/*
 * `itsm search`: what FTS5 finds, seen through the snapshot in use.
 *
 * The text is in a database of its own, so there is no join: all that matches is scored (bm25 over title, fields
 * and body), put on a heap, and taken from there, the best first, each asked of the index (is it in the snapshot, do
 * the qualifiers hold for its record?) until there are enough. What is excerpted is read last.
 */
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "search.h"

#define WEIGHTS "10.0, 3.0, 1.0"
#define RECOVERIES_MAX 4

struct scored {
	double score;                   /* as bm25 has it: the lower the better */
	int64_t content;
};

struct searching {
	const struct itsm_search_options *options;
	struct itsm_arena *arena;       /* of the results */
	struct index_search *search;
	struct index_list list;
	struct search_words words;
	struct scored *heap;            /* the best on top */
	size_t heap_count;
	sqlite3_stmt *entries, *own, *owner, *content;
	struct itsm_found **found;
	struct search_hit *hits;
	size_t count, found_capacity, hit_capacity;
	uint64_t *seen;                 /* checksums of paths: open addressing */
	size_t seen_size;
	bool named;                     /* its ID was looked for: it is no less there for being hidden */
	struct itsm_found **out;
	size_t *out_count;
};

static bool is_better(const struct scored *a, const struct scored *b)
{
	return a->score < b->score || (a->score <= b->score && a->content > b->content);
}

static void sift_down(struct searching *searching, size_t at)
{
	struct scored *heap = searching->heap, moved = heap[at];
	size_t child;

	for (; (child = 2 * at + 1) < searching->heap_count; at = child) {
		if (child + 1 < searching->heap_count && is_better(&heap[child + 1], &heap[child]))
			child++;
		if (!is_better(&heap[child], &moved))
			break;
		heap[at] = heap[child];
	}
	heap[at] = moved;
}

static struct scored take_best(struct searching *searching)
{
	struct scored best = searching->heap[0];

	searching->heap[0] = searching->heap[--searching->heap_count];
	if (searching->heap_count)
		sift_down(searching, 0);
	return best;
}

/* All that matches, onto the heap. */
static int score_all(struct searching *searching, struct itsm_arena *arena, struct itsm_error *err)
{
	static const char sql[] = "SELECT rowid, bm25(text, " WEIGHTS ") FROM text WHERE text MATCH ?1";
	sqlite3_stmt *statement = NULL;
	size_t capacity = 0;
	int status = itsm_index_search_prepare(searching->search, sql, &statement, err);

	searching->heap = NULL;
	searching->heap_count = 0;
	if (status == 0)
		itsm_index_bind_text(statement, 1, searching->words.match.data);
	while (status == 0 && (status = itsm_index_search_step(searching->search, statement, err)) == 1) {
		itsm_arena_grow(arena, &searching->heap, &capacity, searching->heap_count, sizeof(*searching->heap));
		searching->heap[searching->heap_count++] = (struct scored){
			sqlite3_column_double(statement, 1), sqlite3_column_int64(statement, 0)};
		status = 0;
	}
	sqlite3_finalize(statement);
	for (size_t i = searching->heap_count / 2; i-- > 0;)
		sift_down(searching, i);
	return status;
}

/* Rows of the index for an entry and the record's part in the result; `place` narrows it to one. */
static int prepare_rows(struct searching *searching, const char *place, sqlite3_stmt **out, struct itsm_error *err)
{
	struct index_list *list = &searching->list;
	struct itsm_buffer sql = {0};
	int status;

	itsm_buffer_printf(&sql, "SELECT e.path, %s, n.name, c.state, c.title FROM %s AS e"
		" CROSS JOIN itsm_content AS c ON c.bid = e.bid CROSS JOIN itsm_kind AS n ON n.kid = e.kid", NAME,
		itsm_index_entry_table(list->index, list->index->snapshot));
	if (list->kind) {
		itsm_buffer_puts(&sql, " CROSS JOIN ");
		itsm_index_quote(&sql, itsm_arena_printf(list->arena, "itsm_k_%s", list->kind->name));
		itsm_buffer_puts(&sql, " AS k ON k.bid = e.bid");
	}
	itsm_buffer_printf(&sql, " WHERE %s AND c.readable%s", place, list->where.data ? list->where.data : "");
	status = itsm_index_prepare(list->index, sql.data, out, err);
	for (size_t i = 0; i < list->value_count && status == 0; i++)
		itsm_index_bind_value(*out, (int)i + 1, &list->values[i]);
	itsm_buffer_free(&sql);
	return status;
}

static int prepare(struct searching *searching, struct itsm_error *err)
{
	struct index_list *list = &searching->list;
	const char *sql = itsm_arena_printf(list->arena, "SELECT e.path, e.id, e.owner, e.kid, %s FROM %s AS e"
		" CROSS JOIN itsm_kind AS n ON n.kid = e.kid WHERE e.bid = ?1 ORDER BY e.path", NAME,
		itsm_index_entry_table(list->index, list->index->snapshot));
	size_t place = list->value_count;
	int status = itsm_index_prepare(list->index, sql, &searching->entries, err);

	if (status == 0 && (status = prepare_rows(searching,
		itsm_arena_printf(list->arena, "e.bid = ?%zu AND e.path = ?%zu", place + 1, place + 2),
		&searching->own, err)) == 0 && (status = prepare_rows(searching,
		itsm_arena_printf(list->arena, "e.id = ?%zu AND e.owner IS NULL", place + 1),
		&searching->owner, err)) == 0)
		status = itsm_index_prepare(list->index, "SELECT blob FROM itsm_content WHERE bid = ?1",
			&searching->content, err);
	return status;
}

/* Was the path among the results? Now it is. */
static bool was_seen(struct searching *searching, const char *path)
{
	uint64_t sum = itsm_index_checksum(path, strlen(path)) | 1, *old = searching->seen;
	size_t size = searching->seen_size, slot;

	if (2 * searching->count >= size) {
		searching->seen_size = size ? 4 * size : 64;
		searching->seen = itsm_arena_alloc(
			searching->list.arena, searching->seen_size * sizeof(*searching->seen));
		for (size_t i = 0; i < size; i++) {
			for (slot = old[i]; old[i] && searching->seen[slot % searching->seen_size]; slot++)
				continue;
			if (old[i])
				searching->seen[slot % searching->seen_size] = old[i];
		}
	}
	for (slot = sum; searching->seen[slot % searching->seen_size]; slot++)
		if (searching->seen[slot % searching->seen_size] == sum)
			return true;
	searching->seen[slot % searching->seen_size] = sum;
	return false;
}

static const char *copy(struct itsm_arena *arena, sqlite3_stmt *row, int column)
{
	const char *text = (const char *)sqlite3_column_text(row, column);

	return text ? itsm_arena_strdup(arena, text) : NULL;
}

/* The result at the row of `record`; the words are in the entry's file. */
static int add_found(struct searching *searching, sqlite3_stmt *record, bool part, const struct scored *scored,
	struct itsm_error *err)
{
	struct itsm_arena *arena = searching->arena;
	sqlite3_stmt *entry = searching->entries;
	struct itsm_found *found = itsm_arena_alloc(arena, sizeof(*found));
	struct search_hit *hit;
	int status;

	found->path = copy(arena, record, 0);
	found->id = copy(arena, record, 1);
	found->kind = copy(arena, record, 2);
	found->state = copy(arena, record, 3);
	found->title = copy(arena, record, 4);
	found->part = part ? copy(arena, entry, 4) : NULL;
	found->score = -scored->score;
	itsm_arena_grow(searching->list.arena, &searching->found, &searching->found_capacity, searching->count,
		sizeof(*searching->found));
	itsm_arena_grow(searching->list.arena, &searching->hits, &searching->hit_capacity, searching->count,
		sizeof(*searching->hits));
	searching->found[searching->count] = found;
	hit = &searching->hits[searching->count++];
	*hit = (struct search_hit){
		.found = found, .content = scored->content, .path = copy(searching->list.arena, entry, 0),
		.kind = itsm_index_kind_at(searching->list.index, sqlite3_column_int(entry, 3)),
	};
	sqlite3_reset(searching->content);
	sqlite3_bind_int64(searching->content, 1, scored->content);
	if ((status = itsm_index_step(searching->list.index, searching->content, err)) == 1)
		itsm_index_column_oid(searching->content, 0, &hit->blob);
	return status < 0 ? status : 0;
}

/* Does the part's path lie in the folder of this record's file? */
static bool owns(const char *record, const char *part)
{
	const char *suffix = strrchr(record, '.');
	size_t length = suffix ? (size_t)(suffix - record) : strlen(record);

	return strncmp(record, part, length) == 0 && part[length] == '/';
}

/* The views that hidden_when reads are made before any statement runs. */
static int prepare_hidden(struct searching *searching, struct itsm_error *err)
{
	const struct itsm_kinds *kinds = searching->list.index->options.kinds;
	bool hidden;
	int status = 0;

	for (size_t i = 0; i < itsm_kinds_count(kinds) && status == 0 && !searching->options->hidden; i++)
		if (itsm_kinds_at(kinds, i)->hidden_when)
			status = itsm_index_is_hidden(searching->list.index, itsm_kinds_at(kinds, i), NULL, &hidden, err);
	return status;
}

/* 1 when the record at the row is left out, 0, negative. */
static int is_hidden(struct searching *searching, sqlite3_stmt *record, struct itsm_error *err)
{
	const char *name = (const char *)sqlite3_column_text(record, 2);
	const struct itsm_kind *kind = name ? itsm_kinds_find(searching->list.index->options.kinds, name) : NULL;
	bool hidden = false;
	int status = 0;

	if (kind && kind->hidden_when && !searching->options->hidden && !searching->named)
		status = itsm_index_is_hidden(searching->list.index, kind, (const char *)sqlite3_column_text(record, 0), &hidden, err);
	return status ? status : hidden;
}

/* What one entry makes a result: itself, or as a part the record it belongs to. */
static int add_entry(struct searching *searching, const struct scored *scored, struct itsm_error *err)
{
	sqlite3_stmt *entry = searching->entries, *row;
	const char *path = (const char *)sqlite3_column_text(entry, 0);
	const char *owner = (const char *)sqlite3_column_text(entry, 2);
	bool part = owner && !searching->list.parts;
	int place = (int)searching->list.value_count + 1, status;

	row = part ? searching->owner : searching->own;
	sqlite3_reset(row);
	if (part) {
		itsm_index_bind_text(row, place, owner);
	} else {
		sqlite3_bind_int64(row, place, scored->content);
		itsm_index_bind_text(row, place + 1, path);
	}
	while ((status = itsm_index_step(searching->list.index, row, err)) == 1) {
		const char *record = (const char *)sqlite3_column_text(row, 0);

		if ((part && !owns(record, path)) || was_seen(searching, record))
			continue;
		if ((status = is_hidden(searching, row, err)) == 1)
			continue;
		if (status != 0 || (status = add_found(searching, row, part, scored, err)) != 0)
			return status;
	}
	return status;
}

static bool is_enough(const struct searching *searching)
{
	return searching->options->limit > 0 && searching->count >= (size_t)searching->options->limit;
}

/* The entries of one content. */
static int add_content(struct searching *searching, const struct scored *scored, struct itsm_error *err)
{
	int status = 0;

	sqlite3_reset(searching->entries);
	sqlite3_bind_int64(searching->entries, 1, scored->content);
	while (status == 0 && !is_enough(searching) &&
		(status = itsm_index_step(searching->list.index, searching->entries, err)) == 1)
		status = add_entry(searching, scored, err);
	return status;
}

/* The record whose ID was looked for, before those that name it. */
static int take_named(struct searching *searching, struct itsm_error *err)
{
	struct itsm_index *index = searching->list.index;
	struct scored scored = {searching->heap_count ? searching->heap[0].score - 1 : -1, 0};
	const char *sql = itsm_arena_printf(searching->list.arena, "SELECT bid FROM %s WHERE id = ?1 ORDER BY path",
		itsm_index_entry_table(index, index->snapshot));
	sqlite3_stmt *statement = NULL;
	int status = itsm_index_prepare(index, sql, &statement, err);

	if (status == 0)
		itsm_index_bind_text(statement, 1, searching->words.only);
	searching->named = true;
	while (status == 0 && !is_enough(searching) && (status = itsm_index_step(index, statement, err)) == 1) {
		scored.content = sqlite3_column_int64(statement, 0);
		status = add_content(searching, &scored, err);
	}
	searching->named = false;
	sqlite3_finalize(statement);
	return status;
}

static int take_all(struct searching *searching, struct itsm_error *err)
{
	int status = searching->words.only ? take_named(searching, err) : 0;

	while (status == 0 && searching->heap_count && !is_enough(searching)) {
		struct scored best = take_best(searching);

		status = add_content(searching, &best, err);
	}
	return status;
}

static int find_sums(struct searching *searching, struct itsm_error *err)
{
	struct index_search *search = searching->search;
	sqlite3_stmt *statement = NULL;
	int status = itsm_index_search_prepare(search, "SELECT sum FROM itsm_text WHERE bid = ?1", &statement, err);

	for (size_t i = 0; i < searching->count && status == 0; i++) {
		sqlite3_bind_int64(statement, 1, searching->hits[i].content);
		if ((status = itsm_index_search_step(search, statement, err)) == 1) {
			searching->hits[i].sum = (uint64_t)sqlite3_column_int64(statement, 0);
			status = 0;
		}
		sqlite3_reset(statement);
	}
	sqlite3_finalize(statement);
	return status;
}

static void give(struct searching *searching)
{
	struct itsm_found *items = itsm_arena_alloc(searching->arena, (searching->count + 1) * sizeof(*items));

	for (size_t i = 0; i < searching->count; i++)
		items[i] = *searching->found[i];
	*searching->out = items;
	*searching->out_count = searching->count;
}

static int search_text(struct searching *searching, struct itsm_error *err)
{
	struct itsm_index *index = searching->list.index;
	int status = itsm_index_search_begin(index, &searching->search, err);

	if (status != 0)
		return status;
	searching->count = 0;
	searching->seen_size = 0;
	searching->found_capacity = searching->hit_capacity = 0;
	searching->found = NULL;
	searching->hits = NULL;
	if ((status = score_all(searching, searching->list.arena, err)) == 0 &&
		(status = prepare_hidden(searching, err)) == 0 && (status = prepare(searching, err)) == 0 && (status = take_all(searching, err)) == 0 &&
		(status = find_sums(searching, err)) == 0)
		status = itsm_index_search_excerpts(searching->search, searching->arena, searching->words.match.data,
			searching->hits, searching->count, err);
	if (status == 0)
		give(searching);
	sqlite3_finalize(searching->entries);
	sqlite3_finalize(searching->own);
	sqlite3_finalize(searching->owner);
	sqlite3_finalize(searching->content);
	searching->entries = searching->own = searching->owner = searching->content = NULL;
	itsm_index_search_end(searching->search);
	return status;
}

/* Damage may show only when words are looked up. */
static int attempt(struct itsm_index *index, void *context, struct itsm_error *err)
{
	struct searching *searching = context;
	int status = itsm_index_pin(index, err);

	if (status == 0)
		status = search_text(searching, err);
	for (int again = 0; again < RECOVERIES_MAX && status == ITSM_EIO && itsm_index_search_recover(index->search);
		again++)
		status = search_text(searching, err);
	return status;
}

int itsm_index_search(struct itsm_index *index, struct itsm_arena *arena,
	const struct itsm_search_options *options, struct itsm_found **out, size_t *count, struct itsm_error *err)
{
	struct searching searching = {
		.options = options, .arena = arena, .out = out, .out_count = count,
		.list = {.index = index, .arena = itsm_arena_new(), .parts = options->parts},
		.words = {.filter = &searching.list},
	};
	int status = 0;

	if (options->kind) {
		searching.list.kind = itsm_kinds_find(index->options.kinds, options->kind);
		if (!searching.list.kind)
			status = itsm_error_set(
				err, ITSM_EUSAGE, "'%s' is no kind; `itsm kinds` lists them", options->kind);
		else
			searching.list.parts |= searching.list.kind->part != NULL;
	}
	if (status == 0)
		status = itsm_index_search_words(&searching.words, options, err);
	if (status == 0)
		status = itsm_index_attempt(index, attempt, &searching, err);
	itsm_buffer_free(&searching.words.match);
	itsm_buffer_free(&searching.list.where);
	itsm_arena_free(searching.list.arena);
	return status;
}
