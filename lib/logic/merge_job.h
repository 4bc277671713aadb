/*
 * The parts of a record merge.
 *
 * First a plan is made from the three trees alone: for every field, which
 * version's value holds, or that there is a conflict. Then the text is put
 * together from whole lines of the three texts (a field with the comments above
 * it is a part, so is an item of a list in block style) and read again: taking
 * either side of every conflict, it must mean what the plan says. The plan never looks at
 * a byte, the text never at a meaning; so the two watch each other. Where they
 * disagree, the whole front matter (or body) becomes one conflict.
 */
#ifndef LOGIC_MERGE_JOB_H
#define LOGIC_MERGE_JOB_H

#include <stdint.h>

#include "itsm/merge.h"

#define MERGE_NONE SIZE_MAX

enum merge_side {
	MERGE_BASE,
	MERGE_OURS,
	MERGE_THEIRS,
	MERGE_SIDES,
};

/* Bytes of a text; text is NULL where there is nothing. */
struct merge_span {
	const char *text;
	size_t size;
};

/* One version. Its line ends are those of ours. For a base that is not there `root` is NULL and the texts are empty. */
struct merge_version {
	struct merge_span all;
	struct merge_span open;  /* byte order mark and opening fence */
	struct merge_span front; /* positions in `root` count from here */
	struct merge_span fence; /* the closing one */
	struct merge_span body;
	const struct itsm_yaml *root;
	struct itsm_document document;
	struct itsm_section_span *sections; /* positions count from `all` */
	size_t section_count;
};

/* merge_version.c */
int merge_version_read(struct itsm_arena *arena, bool markdown, const char *text, size_t size,
	struct merge_version *out, struct itsm_error *err);
/* The text with the line ends (CRLF or LF) that are wanted. */
struct merge_span merge_convert(struct itsm_arena *arena, const char *text, size_t size, bool crlf);
bool merge_span_equal(struct merge_span a, struct merge_span b);
/* The first byte of the line that holds offset, and of the next one (or the size). */
size_t merge_line_start(struct merge_span span, size_t offset);
size_t merge_line_next(struct merge_span span, size_t offset);

/* merge_value.c */
/* A text that is equal for values of one meaning. `lenient`: what is empty counts as absent inside mappings. */
void merge_canonical(struct itsm_arena *arena, const struct itsm_yaml *node, bool lenient, struct itsm_buffer *out);
bool merge_same(const struct itsm_yaml *a, const struct itsm_yaml *b, bool lenient);
/* A value as people read it in a conflict: a scalar's text, else JSON; NULL when absent. */
const char *merge_value_text(struct itsm_arena *arena, const struct itsm_yaml *node, const struct itsm_field *field);

/* merge_flow.c: a value as YAML in one line. */
void merge_flow_write(struct itsm_buffer *out, const struct itsm_yaml *node);

/*
 * merge_items.c: what the items of a list are known by in all three versions:
 * `id` or `name`, else the first field that the schema requires, else all that
 * it requires and its enums, as far as every item has it and no two of a
 * version the same; else the whole value.
 */
void merge_name_items(struct itsm_arena *arena, const struct itsm_yaml *const lists[MERGE_SIDES],
	const struct itsm_field *schema, const char **const names[MERGE_SIDES]);

/* merge_order.c: which parts of three versions are the same, and in which order the result has them. */
struct merge_slot {
	size_t index[MERGE_SIDES]; /* MERGE_NONE = absent */
};

/*
 * Names are unique in each version. The order is that of ours (of theirs when
 * ours is in the order of base); what only the other has goes behind what it
 * follows there, in a `list` to the end. What only base has is left out.
 */
void merge_order(struct itsm_arena *arena, const char *const *const names[MERGE_SIDES],
	const size_t counts[MERGE_SIDES], bool list, struct merge_slot **out, size_t *count);

/* The lines of a pair or item: comments above it from start, its own from own to end. */
struct merge_part {
	size_t start, own, end;
};

struct merge_parts {
	struct merge_part *items;
	size_t count;
	size_t indent; /* columns before the keys or dashes */
};

enum merge_take {
	MERGE_TAKE_OURS,   /* nothing, where ours is absent */
	MERGE_TAKE_THEIRS,
	MERGE_TAKE_PARTS,  /* the children */
	MERGE_TAKE_CONFLICT,
};

struct merge_plan {
	const char *name;                          /* key, or item's identity */
	const char *field;                         /* for people: "window.start", "actions[a1]" */
	const struct itsm_field *schema;           /* or NULL */
	const struct itsm_yaml *node[MERGE_SIDES]; /* NULL = absent */
	size_t index[MERGE_SIDES];                 /* in the parent's node */
	enum merge_take take;
	const char *reason;                        /* of the conflict */
	bool list;
	struct merge_plan *children;               /* in the order of the result */
	size_t count;
	bool split;                                /* children have lines of their own, in every version */
	enum merge_side host;                      /* whose lines stand before the children */
	struct merge_parts parts[MERGE_SIDES];
};

/* merge_plan.c */
struct merge_plan *merge_plan_front(struct itsm_arena *arena, const struct itsm_kind *kind,
	const struct merge_version versions[MERGE_SIDES]);
/* The value that results when conflicts are settled by taking `side`; NULL when there is none. */
const struct itsm_yaml *merge_plan_value(struct itsm_arena *arena, const struct merge_plan *plan, enum merge_side side);

/* merge_place.c: find the lines of every part. A conflict in a value whose parts have none is one of the value. */
void merge_place(struct itsm_arena *arena, const struct merge_version versions[MERGE_SIDES], struct merge_plan *plan);

/* merge_out.c: text under construction. Conflicts are written with markers, or settled by taking one side. */
struct merge_out {
	struct itsm_arena *arena;
	struct itsm_buffer text;
	enum merge_side settle; /* MERGE_BASE = not settled: markers */
	const struct itsm_merge_labels *labels;
	const char *newline;
	size_t start;           /* bytes that are no line: the byte order mark */
	struct itsm_merge_conflict *conflicts;
	size_t count, capacity;
	size_t counted;         /* up to here lines are counted */
	unsigned line;
};

void merge_out_span(struct merge_out *out, struct merge_span span);
/* Begin a new line unless at the start of one. */
void merge_out_line(struct merge_out *out);
/* Lines moved from one indentation to another. */
void merge_out_indented(struct merge_out *out, struct merge_span lines, size_t from, size_t to);
/* A conflict between whole lines; `values` are what to report. */
void merge_out_conflict(struct merge_out *out, const char *field, const char *reason,
	const char *const values[MERGE_SIDES], const struct merge_span lines[MERGE_SIDES]);

/* merge_front.c */
void merge_front_write(struct merge_out *out, const struct merge_version versions[MERGE_SIDES],
	const struct merge_plan *plan);

/* merge_chunk.c: a body in chunks, each a section with its heading, or what stands between sections. */
struct merge_chunk {
	const char *name;  /* identity */
	const char *field; /* "## Section" or "body" */
	size_t start;      /* in the body */
	size_t trail;      /* where the line end of its last line that is not blank begins */
	size_t end;
};

void merge_chunks(struct itsm_arena *arena, const struct merge_version *version, struct merge_chunk **out,
	size_t *count);

/* merge_body.c. `written` are the chunks of the result, positions from the start of its body. */
void merge_body_write(struct merge_out *out, const struct merge_version versions[MERGE_SIDES],
	struct merge_chunk **written, size_t *count);

#endif
