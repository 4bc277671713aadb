/*
 * The stream that `git log -z --raw --format=HISTORY_FORMAT` prints, taken apart
 * as it comes. Per commit, each field ending in NUL:
 *
 *   hash, parents (by spaces), author's name, mail, "seconds +hhmm",
 *   committer's name, mail, "seconds +hhmm", message
 *
 * then per changed path two fields:
 *
 *   ":<mode> <mode> <hash> <hash> <letter>"     (ordinary commits)
 *   "::<modes> <mode> <hashes> <hash> <letters>" (merges: one colon, mode, hash and letter per parent)
 *   the path
 *
 * with NULs and newlines strewn in between.
 */
#ifndef STORE_HISTORY_H
#define STORE_HISTORY_H

#include "internal.h"

#define HISTORY_FORMAT "--format=tformat:%H%x00%P%x00%an%x00%ae%x00%ad%x00%cn%x00%ce%x00%cd%x00%B%x00"
#define HISTORY_FIELDS 9
#define HISTORY_SIDES 257 /* of a change: one for each parent of a merge, and its own */

struct history_parser {
	const struct itsm_history *history;
	const char *prefix; /* of the desk: stripped from paths */
	bool changed_only;  /* commits without a change are passed over */
	size_t limit, count; /* commits to report (0 = all), and reported so far */
	struct itsm_buffer text; /* the fields of the commit at hand, each with its NUL; then of a change */
	size_t starts[HISTORY_FIELDS];
	size_t fields;      /* complete ones */
	bool told;          /* on_commit was called for it */
	bool between;       /* the next byte decides what comes */
	size_t meta, path;  /* where a change's two fields start; 0 = not there yet */
	struct itsm_buffer parents; /* 20 bytes each */
	bool done;          /* the limit was reached */
};

/* Take the next bytes. What a callback returns, or an error. */
int history_feed(struct history_parser *parser, const char *data, size_t length, struct itsm_error *err);
/* The stream is at its end. */
int history_finish(struct history_parser *parser, struct itsm_error *err);
void history_free(struct history_parser *parser);

#endif
