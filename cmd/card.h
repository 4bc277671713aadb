/* Records as people read them, and as JSON: what `show` prints. */
#ifndef CMD_CARD_H
#define CMD_CARD_H

#include "context.h"

/* Title, state, fields, body, parts, what links here. */
void card_text(struct context *context, const struct itsm_shown *shown, struct itsm_buffer *out);
/* One row: id, kind, state, title, path, then its fields, body, sections, parts, backlinks. */
int card_emit(struct context *context, const struct itsm_shown *shown, bool links, enum itsm_format format,
	struct itsm_error *err);

/* The Markdown body: a part of record->text, not NUL-terminated. */
const char *card_body(const struct itsm_record *record, size_t *length);
/* What record names in its front matter that every row has anyway. */
bool card_is_base(const struct itsm_record *record, const char *field);

#endif
