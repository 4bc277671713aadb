/* What is like a record, and what changed on what it touches: itsm similar, and itsm new on a terminal. */
#ifndef CMD_SIMILAR_H
#define CMD_SIMILAR_H

#include "context.h"
#include "itsm/incident.h"

/* Ask, for some seconds at most. `quick`: the full text only where that does not take long. */
int similar_ask(struct context *context, const char *id, bool quick, struct itsm_similar *out, struct itsm_error *err);
/* Query by query, for people. */
void similar_text(struct context *context, const struct itsm_similar *similar, const struct palette *palette,
	struct itsm_buffer *out);
/* An array of objects. */
void similar_json(const struct itsm_similar *similar, struct itsm_buffer *out);

#endif
