/* The emitter's inside, shared by its formats. */
#ifndef TEXT_EMIT_PRIVATE_H
#define TEXT_EMIT_PRIVATE_H

#include "itsm/emit.h"

/*
 * Rows are kept until EMIT_ROWS are there or the output ends; then the widths
 * are fixed and every further row goes straight out.
 */
#define EMIT_ROWS 1000
#define EMIT_FLUSH 65536

struct itsm_emitter {
	struct itsm_sink sink;
	struct itsm_emit_options options;
	struct itsm_arena *arena;  /* column names */
	const char **columns;
	size_t count;
	size_t rows;               /* JSON, ID, CSV: written; text: seen */
	struct itsm_buffer out;    /* waits for the sink */
	bool failed;

	/* Text only. */
	struct itsm_arena *cells_arena;
	const char **cells;        /* EMIT_ROWS x count, already safe for a terminal */
	size_t *widths;
	bool *right;               /* numbers stand at the right of their column */
	bool streaming;
};

/* Hand what has gathered to the sink, if it is much or `all`. */
void itsm_emit_flush(struct itsm_emitter *emitter, bool all);

void itsm_emit_json_begin(struct itsm_emitter *emitter);
void itsm_emit_json_row(struct itsm_emitter *emitter, const struct itsm_value *values);
void itsm_emit_json_end(struct itsm_emitter *emitter);

void itsm_emit_text_begin(struct itsm_emitter *emitter);
void itsm_emit_text_row(struct itsm_emitter *emitter, const struct itsm_value *values);
void itsm_emit_text_end(struct itsm_emitter *emitter);

/* A number as short as it reads back exactly, always with a point as its mark. Finite only. */
void itsm_emit_real(struct itsm_buffer *out, double real);
/* For people: three decimals at most, "17.4" and "0.333". Finite only. */
void itsm_emit_real_rounded(struct itsm_buffer *out, double real);
/*
 * A JSON value as it is, save that what must not reach a terminal becomes
 * \uNNNN: such characters stand in strings only, where that means the same.
 */
void itsm_emit_json_value(struct itsm_buffer *out, const char *json);
/* The value as people read it, safe for a terminal. */
void itsm_emit_for_people(const struct itsm_emitter *emitter, struct itsm_buffer *out, const struct itsm_value *value);

#endif
