/* What the files of calendars share. */
#ifndef ITSM_LIB_INDEX_CALENDAR_H
#define ITSM_LIB_INDEX_CALENDAR_H

#include "index.h"
#include "itsm/calendar.h"

#define CALENDAR_FOLDER "policy/calendars"

struct calendar_names {
	struct itsm_arena *arena;
	const char **items;
	size_t count, capacity;
};

/* ---- calendar.c ---- */
/* The .ics files of the snapshot in use, sorted; also such as cannot be read for where they lie or how they are called. */
int calendar_file_list(struct itsm_index *index, struct calendar_names *names, struct itsm_error *err);
/* The bytes of one of them; `context` is the index. */
int calendar_file_read(void *context, const char *name, struct itsm_buffer *out, struct itsm_error *err);
/* The error that a file has the name of a record and is none of its own files. */
int calendar_hidden(const char *id, struct itsm_error *err);
/* SQL that gives ID and front matter, as JSON, of each record; a desk's own kind may lack a field. */
void calendar_select(struct itsm_index *index, const struct itsm_kind *kind, struct itsm_buffer *sql);
/* SQL that gives ID, message and rule of each error in records below the kind's folder, which is to be bound. */
void calendar_select_broken(struct itsm_index *index, struct itsm_buffer *sql);
void calendar_bind_folder(sqlite3_stmt *statement, const struct itsm_kind *kind);
/* The calendar of a record. `names`: the files that it names, in the arena; told even where it can't be made. */
int calendar_make(struct itsm_index *index, struct itsm_arena *arena, const char *id, const char *json,
	const struct itsm_yaml **names, struct itsm_calendar **out, struct itsm_error *err);

#endif
