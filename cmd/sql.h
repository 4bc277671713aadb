/* What the files of `itsm sql` share. */
#ifndef CMD_SQL_H
#define CMD_SQL_H

#include "context.h"
#include "itsm/warehouse.h"

/* What the views hold: those that the words name, or all. */
int sql_schema(struct context *context, struct itsm_words words, enum itsm_format format, struct itsm_error *err);

#endif
