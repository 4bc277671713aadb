/*
 * Errors: what went wrong and where, without a global.
 *
 * Every function that can fail returns ITSM_OK or a negative enum itsm_status.
 * The detail goes to the caller's struct itsm_error, which may be NULL and is
 * untouched on success. Messages are lower case, state the cause first and end
 * with what to do next; they hold no trailing full stop or newline. What they
 * quote is made safe for a terminal: control characters and the like are shown
 * as \xNN or \u{NNNN}.
 *
 * Running out of memory is not an error value: the arena and the buffer abort.
 */
#ifndef ITSM_ERROR_H
#define ITSM_ERROR_H

#include <stddef.h>

#include "itsm/export.h"

enum itsm_status {
	ITSM_OK = 0,
	ITSM_EUSAGE = -1,     /* the call's words are wrong: exit 2 */
	ITSM_EREFUSED = -2,   /* findings, or policy says no: exit 1 */
	ITSM_EIO = -3,        /* file system or process: exit 3, as all below */
	ITSM_EDATA = -4,      /* a file's content cannot be accepted */
	ITSM_ENOTFOUND = -5,  /* no such record, kind, revision, file */
	ITSM_EAMBIGUOUS = -6, /* an abbreviation fits several */
	ITSM_ERACE = -7,      /* somebody else moved the branch: try again */
	ITSM_EGIT = -8,       /* the repository cannot be used as asked */
	ITSM_EINDEX = -9,     /* SQLite said no */
	ITSM_ELIMIT = -10,    /* a bound on size, depth, time or count */
};

struct itsm_error {
	int status;           /* enum itsm_status */
	unsigned line;        /* 1-based position in the named file, or 0 */
	unsigned column;      /* 1-based, in characters, or 0 */
	char message[1024];   /* NUL-terminated, cut when longer */
};

/*
 * Fill err (when not NULL) and return status, so that a function can end in
 * `return itsm_error_set(err, ITSM_EIO, "...")`. Line and column become 0.
 */
ITSM_API int itsm_error_set(struct itsm_error *err, int status, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The same with a position in the file that the message speaks of. */
ITSM_API int itsm_error_set_at(struct itsm_error *err, int status, unsigned line, unsigned column,
	const char *format, ...) __attribute__((format(printf, 5, 6)));

/* Put text and ": " before the message that is there already. */
ITSM_API void itsm_error_prefix(struct itsm_error *err, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The exit code (0, 1, 2 or 3) that a command ends with for this status. */
ITSM_API int itsm_error_exit_code(int status);

#endif
