/* A kind, as text and as data. */
#ifndef CMD_SCHEMA_PRINT_H
#define CMD_SCHEMA_PRINT_H

#include "context.h"

void schema_text(struct context *context, const struct itsm_kind *kind, struct itsm_buffer *out);
/* JSON: one row for the kind. CSV: one row for each field. ID: field names. */
int schema_emit(struct context *context, const struct itsm_kind *kind, enum itsm_format format, struct itsm_error *err);

#endif
