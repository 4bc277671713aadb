/*
 * What a command runs with. The clock, the environment, the terminal and the
 * working directory are read once, here, and nowhere else.
 */
#ifndef CMD_CONTEXT_H
#define CMD_CONTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "itsm/desk.h"
#include "itsm/emit.h"
#include "itsm/file.h"
#include "itsm/time.h"

/* Terminal styles: all empty strings where there is to be no colour. */
struct palette {
	const char *bold, *dim, *good, *bad, *warning, *head, *reset;
};

/* A bar on stderr for work that takes longer than a second. */
struct progress {
	bool enabled, drawn;
	int64_t started, shown; /* milliseconds of a steady clock; 0 = not yet */
};

struct context {
	int64_t now;              /* seconds since 1970: the moment of this command */
	int offset;               /* the user's minutes east of UTC at that moment */
	bool in_terminal, out_terminal, err_terminal;
	bool unicode;             /* stdout is a terminal that shows more than ASCII */
	unsigned width;           /* columns of the terminal on stdout; 0 = none */
	const char *folder;       /* working directory, absolute */
	struct palette palette;   /* for stdout */
	bool no_pager;
	bool table, told;         /* a table was begun for people; something was said to them, on stdout or stderr */
	struct itsm_arena *arena; /* as long as the command */
	struct itsm_desk *desk;   /* NULL for commands that need none */
	pid_t pager;              /* 0 = none */
	bool closed;              /* the reader of stdout went away: nothing more is wanted */
	int write_error;          /* errno of the first write to stdout that failed, or 0 */
	struct progress progress;
	int failure_code;         /* of the command's syntax */
};

/* Fill a context whose arena is made. `folder` NULL = where the process is; else as `git -C`. */
int context_begin(struct context *context, const char *folder, struct itsm_error *err);
/* Flush stdout, wait for the pager, free. Returns ITSM_EIO when output was lost. */
int context_end(struct context *context, struct itsm_error *err);

/* Flush stdout; wait until the reader has left the pager: nothing more goes to stdout then. */
void context_settle(struct context *context);

/* What the desk needs to know of this context. */
struct itsm_desk_options context_desk_options(struct context *context);
/* Open the desk that the working directory lies in. */
int context_desk(struct context *context, struct itsm_error *err);
/* Take away the bar, so that something else can be written to stderr. */
void context_progress_clear(struct context *context);

/* When patience ends, `seconds` from now: milliseconds of a steady clock. */
int64_t context_deadline(int64_t seconds);
/* Whether that moment, an int64_t, has come: the `expired` of those who ask long questions. */
bool context_expired(void *deadline);

/* Minutes east of UTC of the user's zone at an instant; context is not looked at. */
int context_zone(void *context, int64_t seconds);

/* What the user calls a path as an absolute one, without "." and ".." in it; in the arena. */
const char *context_path(struct context *context, const char *path);

/* A file that the user names, or "-" for stdin, up to `limit` bytes; relative to the working directory. */
int context_read(const char *path, size_t limit, struct itsm_buffer *out, struct itsm_error *err);

#endif
