/*
 * What commands print: tables through the library's emitter, cards and texts
 * through a buffer. Whatever comes from a record is escaped on its way.
 */
#ifndef CMD_OUTPUT_H
#define CMD_OUTPUT_H

#include "context.h"

/* The emitter's sink for stdout; -1 once the output is lost. */
int output_write(void *context, const char *data, size_t length);
/* Write the buffer to stdout and empty it. */
void output_flush(struct context *context, struct itsm_buffer *text);
/* Send stdout through the user's pager, on a terminal only. */
void output_page(struct context *context);

/* Begin a table in the user's zone and width. */
struct itsm_emitter *output_begin(struct context *context, enum itsm_format format, const char *command,
	const char *const *columns, size_t count);
/* A whole table: the rows of a query, until its end or until the reader goes away. `rows` (may be NULL) gets how many. */
int output_query(struct context *context, const char *command, struct itsm_query *query, enum itsm_format format,
	size_t *rows, struct itsm_error *err);

/* For a command that has told its findings: ITSM_EREFUSED, with nothing more to say. */
int output_told(struct itsm_error *err);

/* "itsm: <message>" on stderr; nothing for an empty message. */
void output_error(const struct itsm_error *err);
/* One line of chatter on stderr, escaped. */
void output_note(struct context *context, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* path:line:column: severity: rule: message, then the remedy indented. */
void output_finding(const struct palette *palette, const struct itsm_finding *finding, struct itsm_buffer *out);
/* Every finding of a refused write, on stderr. */
void output_refusal(struct context *context, const struct itsm_findings *findings);

/* What a write did, on stderr, or why it was refused. Returns `status`. */
int output_outcome(struct context *context, const struct itsm_outcome *outcome, int status);
/* The ID of what a write made, on stdout, or why it was refused. Returns `status`. */
int output_made(struct context *context, const struct itsm_outcome *outcome, int status);

/* 2026-11-22 10:00 +01:00 */
void output_moment(struct context *context, int64_t seconds, struct itsm_buffer *out);
/* " (in 3 h)", " (2 d ago)": how far from now. */
void output_distance(struct context *context, int64_t seconds, struct itsm_buffer *out);
/* 4h30m, 45s, -2h: hours, minutes and seconds, whatever a day is in the calendar that counted them. */
void output_duration(struct itsm_buffer *out, int64_t seconds);
/* Text with terminal escapes made visible, each line but the first indented. */
void output_indented(struct itsm_buffer *out, const char *text, size_t indent);
/*
 * Text of a finding or error: each line but the first behind a bar. Runners of pipelines take a line that begins with
 * "::", or "##[" anywhere in it, for a command.
 */
void output_quoted(struct itsm_buffer *out, const char *text);
/* Text, escaped, then blanks up to `width` columns. */
void output_padded(struct itsm_buffer *out, const char *text, size_t width);

struct itsm_value output_text(const char *text);
struct itsm_value output_json(const char *json);
struct itsm_value output_integer(int64_t number);
struct itsm_value output_boolean(bool truth);
/* A time, as RFC 3339 in UTC kept in the arena. */
struct itsm_value output_time(struct context *context, int64_t seconds);

/* A JSON array of a NULL-terminated list (NULL = empty). */
void output_json_list(struct itsm_buffer *out, const char *const *list);
/* `"name":"text"`, with a comma before where out does not end in { or [; null for NULL. */
void output_json_pair(struct itsm_buffer *out, const char *name, const char *text);
void output_json_number(struct itsm_buffer *out, const char *name, int64_t number);
void output_json_boolean(struct itsm_buffer *out, const char *name, bool truth);
/* The name and colon alone, its comma before where needed. */
void output_json_name(struct itsm_buffer *out, const char *name);
/* A comma, unless out ends in { or [. */
void output_json_next(struct itsm_buffer *out);
void output_json_findings(struct itsm_buffer *out, const struct itsm_findings *findings);

#endif
