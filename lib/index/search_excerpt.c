/*
 * Excerpts: what is around the words that were found.
 *
 * The database holds no text, only its words. So the files of the results are read again, put into a table of FTS5
 * in memory, which cuts them into words the same way, and its snippet() is asked. The file in the work tree will do
 * when it is what was found (WORK: when it was changed in this very moment, too), which spares opening the repository.
 */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "itsm/markdown.h"
#include "itsm/utf8.h"
#include "search.h"

#define AT_ONCE 64
#define BYTES_MAX 400           /* of an excerpt: words may be long */
#define BYTES_BEFORE 120        /* of them before the first mark, when it is cut */
#define OPEN '\001'             /* no record has these */
#define CLOSE '\002'

static const char create[] = "CREATE VIRTUAL TABLE text USING fts5(title, fields, body, " SEARCH_TOKENIZER ")";
static const char ask[] =
	"SELECT rowid, snippet(text, 2, char(1), char(2), '…', 24), snippet(text, 1, char(1), char(2), '…', 16),"
	" length(body) > 0 FROM text WHERE text MATCH ?1";

static int notes_error(struct index_search *search, struct itsm_error *err)
{
	return itsm_error_set(err, ITSM_EIO, "excerpts: %s", sqlite3_errmsg(search->notes));
}

static int open_notes(struct index_search *search, struct itsm_error *err)
{
	if (search->notes)
		return sqlite3_exec(search->notes, "DELETE FROM text", NULL, NULL, NULL) == SQLITE_OK ? 0 :
			notes_error(search, err);
	if (sqlite3_open_v2(":memory:", &search->notes, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != 0 ||
		sqlite3_exec(search->notes, create, NULL, NULL, NULL) != SQLITE_OK) {
		notes_error(search, err);
		sqlite3_close_v2(search->notes);
		search->notes = NULL;
		return ITSM_EIO;
	}
	return 0;
}

/* The bytes of the file; false when they are not to be had. */
static bool load(struct index_search *search, const struct search_hit *hit, int root, struct itsm_buffer *out)
{
	struct itsm_index *index = search->index;
	struct stat info;

	if (root >= 0 && itsm_index_file_read(root, hit->path, out, &info) == 0 &&
		(index->snapshot == ITSM_SNAPSHOT_WORK ||
			itsm_index_checksum(out->data ? out->data : "", out->length) == hit->sum))
		return true;
	return itsm_index_repository(index, NULL) == 0 &&
		itsm_repo_blob(index->repo, &hit->blob, ITSM_FILE_MAX_BYTES, out, NULL) == 0;
}

static int note(struct index_search *search, const struct search_hit *hits, size_t count, struct itsm_error *err)
{
	const char *place = search->index->options.place->root;
	int root = place ? open(place, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	struct itsm_buffer bytes = {0};
	sqlite3_stmt *statement = NULL;
	int code = sqlite3_prepare_v2(search->notes,
		"INSERT INTO text(rowid, title, fields, body) VALUES(?1, ?2, ?3, ?4)", -1, &statement, NULL);

	for (size_t i = 0; i < count && (code == SQLITE_OK || code == SQLITE_DONE); i++) {
		struct search_text text = {0};

		if (!hits[i].kind || !load(search, &hits[i], root, &bytes))
			continue;
		itsm_index_search_text(&text, hits[i].kind, bytes.data ? bytes.data : "", bytes.length);
		sqlite3_bind_int64(statement, 1, (sqlite3_int64)i);
		itsm_index_bind_text(statement, 2, text.title.data ? text.title.data : "");
		itsm_index_bind_text(statement, 3, text.fields.data ? text.fields.data : "");
		itsm_index_bind_text(statement, 4, text.body.data ? text.body.data : "");
		code = sqlite3_step(statement);
		sqlite3_reset(statement);
		itsm_index_search_text_free(&text);
	}
	sqlite3_finalize(statement);
	itsm_buffer_free(&bytes);
	if (root >= 0)
		close(root);
	return code == SQLITE_OK || code == SQLITE_DONE ? 0 : notes_error(search, err);
}

/* One that is too long is cut some way before its first mark, between characters. */
static const char *cut(const char *text, size_t *length)
{
	const char *mark = strchr(text, OPEN), *start = text;

	*length = strlen(text);
	if (*length <= BYTES_MAX)
		return text;
	if (mark && mark - text > BYTES_BEFORE)
		start = mark - BYTES_BEFORE;
	while (((unsigned char)*start & 0xc0) == 0x80)
		start++;
	*length = strnlen(start, BYTES_MAX);
	while (*length && ((unsigned char)start[*length] & 0xc0) == 0x80)
		--*length;
	return start;
}

/* Text with OPEN and CLOSE in it to one line and its marks. */
static void set_excerpt(struct itsm_found *found, struct itsm_arena *arena, const char *snippet)
{
	struct itsm_buffer line = {0};
	size_t length, capacity = 0;
	const char *text = cut(snippet, &length);
	bool blank = false, inside = false;

	for (size_t i = 0; i < length; i++) {
		if (strchr(" \t\r\n", text[i]) && text[i]) {
			blank = line.length > 0;
			continue;
		}
		if (text[i] != CLOSE && blank) {
			itsm_buffer_putc(&line, ' ');
			blank = false;
		}
		if (text[i] == OPEN && !inside) {
			itsm_arena_grow(arena, &found->marks, &capacity, found->mark_count, sizeof(*found->marks));
			found->marks[found->mark_count++].start = line.length;
			inside = true;
		} else if (text[i] == CLOSE && inside) {
			found->marks[found->mark_count - 1].end = line.length;
			inside = false;
		} else if (text[i] != OPEN && text[i] != CLOSE) {
			itsm_buffer_putc(&line, text[i]);
		}
	}
	if (inside)
		found->marks[found->mark_count - 1].end = line.length;
	if (line.length)
		found->excerpt = itsm_arena_strndup(arena, line.data, line.length);
	itsm_buffer_free(&line);
}

/* From where something was found; when that is the title alone, the beginning of the body, else of the fields. */
static void choose(struct itsm_found *found, struct itsm_arena *arena, sqlite3_stmt *row)
{
	const char *body = (const char *)sqlite3_column_text(row, 1), *fields = (const char *)sqlite3_column_text(row, 2);

	if (!body || !fields)
		return;
	if (!strchr(body, OPEN) && (strchr(fields, OPEN) || !sqlite3_column_int(row, 3)))
		body = fields;
	set_excerpt(found, arena, body);
}

static int excerpt(struct index_search *search, struct itsm_arena *arena, const char *match,
	const struct search_hit *hits, size_t count, struct itsm_error *err)
{
	sqlite3_stmt *statement = NULL;
	int status = open_notes(search, err), code = SQLITE_DONE;

	if (status != 0 || (status = note(search, hits, count, err)) != 0)
		return status;
	code = sqlite3_prepare_v2(search->notes, ask, -1, &statement, NULL);
	if (code == SQLITE_OK) {
		itsm_index_bind_text(statement, 1, match);
		while ((code = sqlite3_step(statement)) == SQLITE_ROW)
			choose(hits[sqlite3_column_int64(statement, 0)].found, arena, statement);
	}
	status = code == SQLITE_DONE ? 0 : notes_error(search, err);
	sqlite3_finalize(statement);
	return status;
}

int itsm_index_search_excerpts(struct index_search *search, struct itsm_arena *arena, const char *match,
	const struct search_hit *hits, size_t count, struct itsm_error *err)
{
	int status = 0;

	for (size_t i = 0; i < count && status == 0; i += AT_ONCE)
		status = excerpt(search, arena, match, hits + i, count - i < AT_ONCE ? count - i : AT_ONCE, err);
	return status;
}
