/* The words of a command that changes one record or many. */
#ifndef CMD_IDS_H
#define CMD_IDS_H

#include "context.h"

/*
 * Part the words into IDs, which have no `=`, and assignments, in their order. The word `-` stands for
 * the IDs on stdin, one or more a line.
 */
int ids_part(struct context *context, struct itsm_words words, struct itsm_words *ids, struct itsm_words *assignments,
	struct itsm_error *err);

#endif
