/* Changes of records for people. */
#ifndef CMD_ENTRY_TEXT_H
#define CMD_ENTRY_TEXT_H

#include "entry.h"

/* Print one entry; the head of its commit where it is another one than before. */
void entry_text(struct entry_printer *printer, const struct itsm_log_entry *entry);
/* The user's own text of a commit: its body without the trailers at its end. */
void entry_message(const struct itsm_commit *commit, struct itsm_buffer *out);

#endif
