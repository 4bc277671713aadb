/* Changes of records, as `log` and `diff` print them. */
#ifndef CMD_ENTRY_H
#define CMD_ENTRY_H

#include "context.h"

struct entry_printer {
	struct context *context;
	enum itsm_format format;
	const char *command;
	bool commits;                 /* say who, when and in which commit */
	bool begun;                   /* nothing is printed before the first entry or a good end */
	struct itsm_emitter *emitter; /* NULL for text */
	struct itsm_buffer text;
	struct itsm_oid last;         /* text: the commit whose head is printed */
	char last_id[ITSM_ID_MAX * 2]; /* id: the record that is printed */
	size_t count;
};

/* For itsm_log_options.entry; the context is the printer. Stops when nobody reads any more. */
int entry_print(void *printer, const struct itsm_log_entry *entry);
/* Finish what `status` came of; returns it, or how writing went. */
int entry_end(struct entry_printer *printer, int status, struct itsm_error *err);

#endif
