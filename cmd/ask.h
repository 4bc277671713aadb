/* Asking a person for values of fields. */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include "context.h"

/*
 * On a terminal, ask for those fields that the kind wants asked for (`ask: true`) and that are not given; the answers
 * are added to the request's words. Anywhere else nothing happens.
 */
void ask_fields(struct context *context, const struct itsm_kind *kind, struct itsm_new *request);

/*
 * Ask for one field until the answer is a value of it: "name=value" in the arena, or NULL where nothing was said. `more`
 * is false at the end of the input. Only for a terminal.
 */
const char *ask_field(struct context *context, const struct itsm_field *field, bool *more);

#endif
