/*
 * Import: rows of a CSV file, or a folder of front-matter Markdown, to records.
 *
 * A map (YAML) says how; docs/import.md documents every key with an example
 * for each real data set. One run makes one commit (or with `replay` one commit
 * per row, with the row's time and author) through git fast-import, so that
 * hundreds of thousands of rows are no burden. All or nothing for the branch: rejected rows
 * are listed with line and reason, nothing of them is written.
 * A second run over the same input adds nothing: the external key finds the record.
 */
#ifndef ITSM_IMPORT_H
#define ITSM_IMPORT_H

#include "itsm/desk.h"

struct itsm_import_rejection {
	const char *file;    /* as given, or the file in the folder */
	unsigned line;       /* where the row starts, 1-based */
	const char *key;     /* the row's key, or NULL */
	const char *reason;
};

struct itsm_import_options {
	const char *map_path;    /* as given, for messages */
	const char *map;         /* its text */
	size_t map_size;
	const char *source;      /* file or folder, absolute or relative to the working directory */
	bool replay;
	bool dry_run;            /* say what would happen */
	const char *message;     /* the user's text for the commit(s), or NULL */
	/* Called for each rejected row; may be NULL. */
	void (*rejected)(void *context, const struct itsm_import_rejection *rejection);
	void *context;
};

struct itsm_import_result {
	size_t rows;       /* read */
	size_t records;    /* written: new ones */
	size_t changed;    /* written: updates of ones that were there */
	size_t unchanged;  /* there already, the same */
	size_t ensured;    /* records that the map's `ensure` made */
	size_t rejected;
	size_t commits;
	struct itsm_oid head;
};

ITSM_API int itsm_desk_import(struct itsm_desk *desk, const struct itsm_import_options *options,
	struct itsm_import_result *out, struct itsm_error *err);

#endif
