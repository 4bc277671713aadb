/*
 * CSV: RFC 4180 read by libcsv, as a stream, with line numbers and bounds.
 *
 * A byte order mark is skipped, lines end in LF, CRLF or CR, a last line
 * may lack its end, blank lines are no rows. Blanks around a field belong to it.
 * A quoted field may hold delimiters, doubled quotes and line ends.
 *
 * A row that breaks the rules (a quote inside an unquoted field, text behind a
 * closing quote, a quote that is never closed) is told as broken with its line; reading goes on
 * at the next line. Nothing is guessed: a broken row is never handed out.
 */
#ifndef ITSM_CSV_H
#define ITSM_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/error.h"

#define ITSM_CSV_MAX_ROW (8u << 20) /* bytes of one row; a longer one is ITSM_ELIMIT */
#define ITSM_CSV_MAX_COLUMNS 4096

struct itsm_csv_row {
	unsigned line;             /* where it starts, 1-based */
	size_t count;
	const char *const *fields; /* each NUL-terminated; a NUL byte inside shows in its length */
	const size_t *lengths;
};

struct itsm_csv_options {
	char delimiter;  /* one byte; 0 = ',' */
	bool no_quotes;  /* quotes are text, as in many tab-separated files */
	/* Rows in order, borrowed until the callback returns. Non-zero stops and becomes the result. */
	int (*row)(void *context, const struct itsm_csv_row *row);
	/* A row that cannot be read: its first line and why. Non-zero stops likewise. */
	int (*broken)(void *context, unsigned line, const char *reason);
	void *context;
};

struct itsm_csv;

ITSM_API struct itsm_csv *itsm_csv_new(const struct itsm_csv_options *options);
/* The next bytes of the input, cut anywhere. */
ITSM_API int itsm_csv_feed(struct itsm_csv *csv, const char *data, size_t length, struct itsm_error *err);
/* The input is at its end: hand out a last row without a line end. */
ITSM_API int itsm_csv_end(struct itsm_csv *csv, struct itsm_error *err);
/* Takes NULL. */
ITSM_API void itsm_csv_free(struct itsm_csv *csv);

#endif
