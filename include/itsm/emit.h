/*
 * Output: one interface under every command, so that none formats by hand.
 *
 * A command emits a table: named columns, then rows. Text aligns columns for
 * people, CSV is RFC 4180, ID prints the first column only, JSON is one
 * envelope {"schema_version":1,"command":...,"records":[{column:value,...}]}, JSONL
 * the records alone, an object a line.
 * Record text never reaches a terminal raw: in text form control characters,
 * bidirectional overrides and escape bytes are shown as \xNN or \u{NNNN}; JSON
 * writes them as \uNNNN. CSV is data and holds the text as it is, a leading "="
 * too: a spreadsheet that takes it for a formula has to be told not to. Its lines
 * end in LF, its first line names the columns.
 *
 * In text an absent value is "-", numbers stand right and have three decimals at
 * most, a JSON list of plain values reads "a, b". The first 1000 rows set the
 * widths of the columns; rows beyond them are written as they come. A table
 * without rows prints nothing.
 */
#ifndef ITSM_EMIT_H
#define ITSM_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "itsm/error.h"
#include "itsm/memory.h"

#define ITSM_SCHEMA_VERSION 1

enum itsm_format {
	ITSM_FORMAT_TEXT,
	ITSM_FORMAT_JSON,
	ITSM_FORMAT_CSV,
	ITSM_FORMAT_ID,
	ITSM_FORMAT_JSONL,
};

enum itsm_value_type {
	ITSM_VALUE_NULL,
	ITSM_VALUE_TEXT,
	ITSM_VALUE_INTEGER,
	ITSM_VALUE_REAL,
	ITSM_VALUE_BOOLEAN,
	ITSM_VALUE_TIME, /* text is RFC 3339 in UTC; text form shows it in the user's zone */
	ITSM_VALUE_JSON, /* text is a JSON value (list or object), written as it is in JSON */
};

struct itsm_value {
	enum itsm_value_type type;
	const char *text;  /* borrowed until the call returns */
	int64_t integer;   /* also boolean */
	double real;
};

/* Where output goes: returns 0, or -1 when it could not be written. */
struct itsm_sink {
	int (*write)(void *context, const char *data, size_t length);
	void *context;
};

struct itsm_emit_options {
	enum itsm_format format;
	const char *command;      /* for the JSON envelope */
	const char *list_name;    /* the envelope's array; NULL means "records" */
	int zone_offset_minutes;  /* of the user, used where zone_offset is NULL */
	int (*zone_offset)(void *context, int64_t seconds); /* minutes east of UTC at that instant */
	void *zone_context;
	unsigned width;           /* of the terminal; 0 = do not cut */
	bool header;              /* text: print the column names */
	bool color;
};

struct itsm_emitter;

ITSM_API struct itsm_emitter *itsm_emit_begin(const struct itsm_sink *sink, const struct itsm_emit_options *options,
	const char *const *columns, size_t count);
/* One row of as many values as there are columns. Values are copied where needed. */
ITSM_API void itsm_emit_row(struct itsm_emitter *emitter, const struct itsm_value *values);
/* Finish, free the emitter. ITSM_EIO when any write failed. */
ITSM_API int itsm_emit_end(struct itsm_emitter *emitter, struct itsm_error *err);

/*
 * Append text with everything a terminal could act on made visible. Newlines
 * become "\n" and tabs "\t" unless `lines`, where CRLF becomes LF.
 */
ITSM_API void itsm_escape_terminal(struct itsm_buffer *out, const char *text, bool lines);
/* Append text as a JSON string, quotes included. Invalid UTF-8 becomes U+FFFD. */
ITSM_API void itsm_escape_json(struct itsm_buffer *out, const char *text);
/* Append one RFC 4180 field, quoted where it must be. */
ITSM_API void itsm_escape_csv(struct itsm_buffer *out, const char *text);
/* Append text safe inside HTML elements and double-quoted attributes. */
ITSM_API void itsm_escape_html(struct itsm_buffer *out, const char *text);
/*
 * As text within a paragraph of Markdown, of one line: no markup, no HTML, no link, and nothing that a forge takes for a mention
 * or a reference.
 */
ITSM_API void itsm_escape_markdown(struct itsm_buffer *out, const char *text);
/* Columns that a UTF-8 text takes on a terminal. */
ITSM_API size_t itsm_display_width(const char *text);

#endif
