/* What the files of the full text search share. search_base.c describes the database. */
#ifndef ITSM_LIB_INDEX_SEARCH_H
#define ITSM_LIB_INDEX_SEARCH_H

#include "index.h"

/* How text is cut into words: letters and digits of all scripts, in lower case, without accents. */
#define SEARCH_TOKENIZER "tokenize = 'unicode61 remove_diacritics 2'"

struct index_search {
	struct itsm_index *index;
	const char *path;               /* of the file */
	sqlite3 *db;
	sqlite3 *notes;                 /* in memory, for excerpts; NULL until needed */
	bool memory;                    /* lives in memory only */
	int log_pages;                  /* in the write-ahead log after the last commit */
	int trouble;                    /* SQLite's code of the last failure, 0 when it was not SQLite's */
	int wipes;                      /* how often the file was begun anew for damage */
};

/* ---- search_base.c ---- */

/* The database, with the text of all that the snapshot in use holds, kept as it is until itsm_index_search_end. */
int itsm_index_search_begin(struct itsm_index *index, struct index_search **out, struct itsm_error *err);
void itsm_index_search_end(struct index_search *search);
/* Do what can be done about `trouble`; true when all may be tried again. */
bool itsm_index_search_recover(struct index_search *search);
/* ITSM_EIO with SQLite's words, `trouble` set. */
int itsm_index_search_error(struct index_search *search, struct itsm_error *err);
int itsm_index_search_execute(struct index_search *search, const char *sql, struct itsm_error *err);
int itsm_index_search_prepare(
	struct index_search *search, const char *sql, sqlite3_stmt **out, struct itsm_error *err);
/* 1 row, 0 done, negative. */
int itsm_index_search_step(struct index_search *search, sqlite3_stmt *statement, struct itsm_error *err);

/* ---- search_fill.c ---- */

/*
 * Within a write transaction: add the text of what the snapshot in use holds and the database lacks. `whole` tells
 * whether all was found (a file may have changed since it was indexed), `stale` whether most of the database is text
 * that the snapshot does not hold.
 */
int itsm_index_search_fill(struct index_search *search, bool *whole, bool *stale, struct itsm_error *err);

/* ---- search_text.c ---- */

/* A record as it is searched. NUL-terminated or NULL. */
struct search_text {
	struct itsm_buffer title, fields, body;
};
/* Touches nothing shared, so that any thread may do it. */
void itsm_index_search_text(struct search_text *out, const struct itsm_kind *kind, const char *text, size_t size);
void itsm_index_search_text_free(struct search_text *text);

/* ---- search_words.c ---- */

struct search_words {
	struct itsm_buffer match;       /* for MATCH */
	const char *only;               /* the item that is all there is to look for, or NULL; it may be an ID */
	struct index_list *filter;      /* gets the qualifiers */
};
int itsm_index_search_words(struct search_words *words, const struct itsm_search_options *options,
	struct itsm_error *err);

/* ---- search_excerpt.c ---- */

/* One hit whose excerpt is wanted: the file that holds the words. */
struct search_hit {
	struct itsm_found *found;
	int64_t content;
	uint64_t sum;                   /* of the text that was found */
	const char *path;
	const struct itsm_kind *kind;
	struct itsm_oid blob;
};
/* Fill `excerpt` and `marks` of each hit; those whose text cannot be had stay without. */
int itsm_index_search_excerpts(struct index_search *search, struct itsm_arena *arena, const char *match,
	const struct search_hit *hits, size_t count, struct itsm_error *err);

#endif
