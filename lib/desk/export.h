/* What the files of the export share. */
#ifndef DESK_EXPORT_H
#define DESK_EXPORT_H

#include "desk.h"
#include "itsm/warehouse.h"

struct desk_export {
	struct itsm_desk *desk;
	struct itsm_arena *arena;
	const struct itsm_export_options *options;
	struct itsm_index *index;
	const struct itsm_view **views;  /* in order */
	size_t count;
	size_t rows;                     /* so far, for progress */
	struct itsm_error *err;
};

/* Rows of a view in turn, `values` of each column's type and text of it good UTF-8. Non-zero ends it. */
typedef int (*desk_export_row)(void *context, const struct itsm_value *values);
int desk_export_rows(struct desk_export *export, const struct itsm_view *view, desk_export_row row, void *context);

/* The whole script. */
int desk_export_postgres(struct desk_export *export, const struct itsm_sink *sink);

#endif
