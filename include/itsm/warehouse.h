/*
 * The desk as data for others: SQL over it, and whole copies of it.
 */
#ifndef ITSM_WAREHOUSE_H
#define ITSM_WAREHOUSE_H

#include "itsm/desk.h"
#include "itsm/sql.h"

/*
 * `itsm sql`: run a query over the work tree (`at` NULL) or a revision. Free with itsm_query_free.
 */
ITSM_API int itsm_desk_sql(struct itsm_desk *desk, const char *at, const struct itsm_sql_request *request,
	struct itsm_query **out, struct itsm_error *err);

/* The view of this name, or of the kind of this name, in the plural too; ITSM_EUSAGE tells what there is. */
ITSM_API int itsm_desk_view_name(struct itsm_desk *desk, const char *word, const char **name, struct itsm_error *err);

enum itsm_export_format {
	ITSM_EXPORT_SQLITE,
	ITSM_EXPORT_CSV,
	ITSM_EXPORT_JSONL,
	ITSM_EXPORT_POSTGRES,
};

struct itsm_export_options {
	enum itsm_export_format format;
	const char *at;             /* a revision, or NULL for the work tree */
	const char *const *words;   /* kinds and views, as itsm_desk_view_name takes them; none = all */
	size_t word_count;
	/*
	 * Absolute path: of a folder for CSV, where each view gets a file, else of a file. NULL = to the sink,
	 * which CSV takes for one view only and SQLite for none.
	 */
	const char *output;
	struct itsm_sink sink;
	const char *schema;         /* PostgreSQL: of the tables; NULL = "itsm" */
	bool force;                 /* replace files that are there */
};

/*
 * `itsm export`: the views as data. Files appear whole or not at all, and no
 * symbolic link is followed. A file that is there is ITSM_EREFUSED without `force`, unless it is
 * an SQLite export of before; what is there and no file stays in any case.
 *
 *   SQLite      a table per view, see itsm_index_write_db
 *   CSV         RFC 4180, the first line names the columns; NULL is an empty field
 *   JSONL       an object per row: {"view": NAME, column: value ...}; without words all but `record`, which repeats the others
 *   PostgreSQL  a script for psql, one transaction: tables with types and comments, COPY, indexes. Tables of an export of
 *               before are replaced, anything else of the same name ends it
 *
 * Text that is not UTF-8 (messages of commits may be anything) has U+FFFD for what is not.
 */
ITSM_API int itsm_desk_export(struct itsm_desk *desk, const struct itsm_export_options *options, struct itsm_error *err);

struct itsm_index_file {
	const char *name;
	int64_t bytes;
};

struct itsm_desk_index_status {
	bool exists;                    /* false: the first command that reads builds it; `index` has its path alone */
	struct itsm_index_status index;
	struct itsm_oid head;           /* of the desk; zero before the first commit */
	struct itsm_index_file *files;  /* databases in the index's folder, and their logs */
	size_t file_count;
};
/* `itsm index status`: refreshes nothing, and makes no index where there is none. Texts in the arena. */
ITSM_API int itsm_desk_index_status(struct itsm_desk *desk, struct itsm_arena *arena,
	struct itsm_desk_index_status *out, struct itsm_error *err);
/* `itsm index rebuild` */
ITSM_API int itsm_desk_index_rebuild(struct itsm_desk *desk, struct itsm_error *err);
/* `itsm index verify`; see itsm_index_examine. */
ITSM_API int itsm_desk_index_verify(struct itsm_desk *desk, struct itsm_examination *examination,
	struct itsm_error *err);

#endif
