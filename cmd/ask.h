/* Asking a person for values of fields. */
#ifndef CMD_ASK_H
#define CMD_ASK_H

#include "context.h"

/*
 * On a terminal, ask for those of the fields that `words` ("name=value") have no value of: all of them, or those that
 * their kind wants asked for (`ask: true`). The answers are added to the words. Anywhere else nothing happens.
 */
void ask_fields(struct context *context, const struct itsm_field *fields, size_t count, bool all, struct itsm_words *words);

#endif
