/* A desk in a repository (store_fixture.h) with an index over it. */
#ifndef INDEX_FIXTURE_H
#define INDEX_FIXTURE_H

#include "store_fixture.h"

#include "itsm/index.h"

#define INDEX_NOW 1795341600 /* 2026-11-22T10:00:00Z */

/* The incidents of index_desk, and one more for tests that add it. */
#define A "INC-0000000a"
#define B "INC-0000000b"
#define C "INC-000000cc"
#define FOLDER "operation/incidents/2026/11/"

struct index_fixture {
	struct fixture *base;
	struct itsm_arena *arena;
	struct itsm_kinds *kinds;
	struct itsm_place place;
	struct itsm_index *index;
	struct itsm_error err;
	size_t repositories;      /* how often the repository was asked for */
};

int index_setup(void **state);
int index_teardown(void **state);

/* The index closed, and opened anew over the same file. */
void index_reopen(struct index_fixture *fixture);
/* Another index over the same desk: in memory when `memory`, else over the same file. */
struct itsm_index *index_another(struct index_fixture *fixture, bool memory);
/* Write a file of the desk, folders made. */
void index_file(struct index_fixture *fixture, const char *path, const char *format, ...)
	__attribute__((format(printf, 3, 4), nonnull(3)));
/* An incident in a file of its own. `more` are further lines of front matter. */
void index_incident(
	struct index_fixture *fixture, const char *id, const char *state, const char *title, const char *more);
/* Two incidents, a note on the first, and a service, a person and a team. */
void index_desk(struct index_fixture *fixture);
void index_commit(struct index_fixture *fixture);
/* WORK made true and in use. */
void index_work(struct index_fixture *fixture);
void index_head(struct index_fixture *fixture);
/* The rows of a query as text: values with '|' between, rows with '\n', NULL as "-". */
const char *index_rows(struct index_fixture *fixture, const char *sql);
/* The status of opening or running SQL that must not work; its message in fixture->err. */
int index_refused(struct index_fixture *fixture, const char *sql);
/* The same for `itsm list`: the first column of each row, with blanks between. */
const char *index_list_ids(struct index_fixture *fixture, const struct itsm_list_options *options);
const char *index_dump_text(struct index_fixture *fixture, struct itsm_index *index);
/* "path:line:column rule" of each finding, sorted, with '\n' between. */
const char *index_findings(struct index_fixture *fixture, const char *id);

#endif
