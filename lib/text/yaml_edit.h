/*
 * The parts of a surgical edit.
 *
 * An edit is made in steps. Each step parses the text as it is, plans splices
 * (a range of bytes and what comes in its place) and makes a new text of them.
 * That goes on until the tree of the text equals the tree that was meant, which
 * yaml_intend.c makes from the first tree without looking at any byte: two ways
 * to the same end that watch each other.
 *
 * A value has up to two places in the text: its token, behind the colon, and,
 * for block scalars and block collections, its body on the lines below. What
 * stands between the two, a comment, stays.
 */
#ifndef TEXT_YAML_EDIT_H
#define TEXT_YAML_EDIT_H

#include "cursor.h"
#include "itsm/yaml.h"

struct itsm_splice {
	size_t start, end;
	const char *text;
	size_t length;
};

/* One step: what it works on and what it has planned. */
struct itsm_surgery {
	struct itsm_arena *arena; /* of this step */
	const char *text;
	size_t size;
	const char *newline;      /* "\n" or "\r\n", as the text has it */
	struct itsm_yaml *root;
	const struct itsm_edit *edit;
	bool careful;             /* second attempt: no block scalars, no blank lines left behind */
	struct itsm_splice *splices;
	size_t count, capacity;
	struct itsm_error *err;
};

/* The path to a field: a mapping, and the pair in it, or what is missing. */
struct itsm_field_place {
	const struct itsm_yaml *mapping;
	size_t index;             /* of the pair */
	bool found;               /* else the mapping lacks the key at the start of rest */
	const char *rest;         /* the path from the key on */
	const struct itsm_yaml *parent; /* the mapping that holds `mapping`, or NULL for the root */
	size_t parent_index;
};

/* yaml_intend.c: the tree that the edit means. Shares nodes with root; new ones are in the arena. */
int itsm_yaml_intend(struct itsm_arena *arena, const struct itsm_yaml *root, const struct itsm_edit *edit,
	struct itsm_yaml **out, struct itsm_error *err);

/* yaml_place.c: one value in place of another, new pairs, pairs taken away. */
void itsm_surgery_splice(struct itsm_surgery *surgery, size_t start, size_t end, const char *text, size_t length);
/*
 * Take away the lines from the one that holds start to the one that holds end.
 * The second attempt takes blank lines below too: a "+" scalar above would claim
 * them.
 */
void itsm_surgery_remove_lines(struct itsm_surgery *surgery, size_t start, size_t end);
void itsm_surgery_locate(const struct itsm_yaml *root, const char *path, struct itsm_field_place *out);
/* How many spaces stand before the keys of a block mapping. */
size_t itsm_surgery_indent(const struct itsm_surgery *surgery, const struct itsm_yaml *mapping);
int itsm_surgery_replace(struct itsm_surgery *surgery, const struct itsm_yaml *mapping, size_t index, const char *rest,
	const struct itsm_yaml *wanted);
int itsm_surgery_insert_pair(struct itsm_surgery *surgery, const struct itsm_yaml *mapping, const char *path,
	const struct itsm_yaml *wanted);
int itsm_surgery_remove_pair(struct itsm_surgery *surgery, const struct itsm_field_place *place);
/* The first byte behind the pair: behind its value, or its colon. */
size_t itsm_surgery_pair_end(const struct itsm_surgery *surgery, const struct itsm_yaml *mapping, size_t index);
/* A block scalar that ends with the text, without line break, must not get one when lines follow. */
void itsm_surgery_settle(struct itsm_surgery *surgery, size_t offset);

/* yaml_list.c: items into and out of sequences, and out of flow collections. */
/*
 * Is the value one that we write: a scalar, a list whose items [from, to) are
 * scalars, or {}? A step may find others missing only when one before it went wrong.
 */
bool itsm_surgery_can_write(const struct itsm_yaml *value, size_t from, size_t to);
int itsm_surgery_list(struct itsm_surgery *surgery, const struct itsm_yaml *list, const struct itsm_yaml *wanted);
/* Take a part of a flow collection away: bytes start to end, between its neighbours. */
void itsm_surgery_remove_flow(struct itsm_surgery *surgery, size_t start, size_t end, size_t previous_end,
	size_t next_start);
/* Put text behind the part of a flow collection that starts and ends here. */
void itsm_surgery_append_flow(struct itsm_surgery *surgery, size_t opener, size_t start, size_t end,
	const char *text, size_t length);

/* yaml_render.c: a value as text. */
struct itsm_rendered {
	struct itsm_buffer token;
	struct itsm_buffer body; /* each of its lines begins with the newline that separates it */
	bool ends_line;          /* the body is followed by a line break, even at the end of the text */
};

/* Where a value goes, and what was there. */
struct itsm_render_context {
	bool flow;
	size_t indent;                /* of the key or dash the value belongs to */
	size_t body_indent;           /* for a block scalar's lines */
	enum itsm_yaml_style style;   /* of the value that is replaced; PLAIN for a new one */
	bool block_list;              /* write a list as lines below */
	size_t list_indent;
};

void itsm_render_value(struct itsm_surgery *surgery, const struct itsm_yaml *value,
	const struct itsm_render_context *context, struct itsm_rendered *out);
void itsm_rendered_free(struct itsm_rendered *rendered);
/* "key:" and the keys below it, as in "window:\n  start:", down to the value. `path` is a dotted path. */
void itsm_render_pair(struct itsm_surgery *surgery, const char *path, const struct itsm_yaml *value,
	const struct itsm_render_context *context, struct itsm_buffer *out, bool *ends_line);
/* How deep one level of this text is indented, as far as it shows. */
size_t itsm_surgery_step(const struct itsm_surgery *surgery);
/* How lists stand under their keys here: false when as flow, else `offset` from the key. */
bool itsm_surgery_list_style(const struct itsm_surgery *surgery, const struct itsm_yaml *mapping, size_t *offset);

/* yaml_scalar.c */
void itsm_yaml_write_styled(struct itsm_buffer *out, const char *value, enum itsm_yaml_style style, bool text,
	bool flow);

#endif
