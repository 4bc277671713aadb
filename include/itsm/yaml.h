/*
 * YAML as records use it, with positions.
 *
 * libyaml reads; this refuses what a record must not hold (duplicate keys,
 * anchors, aliases, tags, merge keys, several documents, keys that are not
 * scalars) and bounds depth, nodes and size. No scalar is ever guessed to be a
 * number, date or boolean: the text is the value, the kind's schema types it.
 *
 * All offsets are bytes into the text that was given to itsm_yaml_parse (BOM
 * included), lines and columns are 1-based; columns count characters.
 */
#ifndef ITSM_YAML_H
#define ITSM_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "itsm/error.h"
#include "itsm/memory.h"

#define ITSM_YAML_MAX_DEPTH 32
#define ITSM_YAML_MAX_NODES 200000
#define ITSM_YAML_MAX_BYTES (4u << 20)

enum itsm_yaml_type {
	ITSM_YAML_SCALAR,
	ITSM_YAML_SEQUENCE,
	ITSM_YAML_MAPPING,
};

enum itsm_yaml_style {
	ITSM_YAML_PLAIN,
	ITSM_YAML_SINGLE_QUOTED,
	ITSM_YAML_DOUBLE_QUOTED,
	ITSM_YAML_LITERAL,
	ITSM_YAML_FOLDED,
	ITSM_YAML_BLOCK, /* collections */
	ITSM_YAML_FLOW,
};

struct itsm_yaml {
	enum itsm_yaml_type type;
	enum itsm_yaml_style style;
	size_t start, end;     /* bytes; the end of a block collection is the end of its last child */
	unsigned line, column; /* of start */
	const char *text;      /* scalar: its value, NUL-terminated, without NUL inside */
	size_t count;          /* sequence: items; mapping: pairs */
	struct itsm_yaml **items; /* sequence: values; mapping: values, keys[i] names items[i] */
	struct itsm_yaml **keys;  /* mapping only: scalars */
};

/*
 * Parse one document. `first_line` is the line number of the first byte of
 * text (2 for front matter behind a `---`, else 1). Empty text, or only
 * comments, gives an empty mapping. The tree lives in `arena` and does not
 * point into `text`. ITSM_EDATA or ITSM_ELIMIT with line and column set.
 */
ITSM_API int itsm_yaml_parse(struct itsm_arena *arena, const char *text, size_t size, unsigned first_line,
	struct itsm_yaml **out, struct itsm_error *err);

/* The value under `key`, or NULL; node may be NULL or no mapping. Borrowed. */
ITSM_API const struct itsm_yaml *itsm_yaml_get(const struct itsm_yaml *node, const char *key);
/* The same for a dotted path: "window.start". */
ITSM_API const struct itsm_yaml *itsm_yaml_find(const struct itsm_yaml *node, const char *path);
/* The text of the scalar under `key`, or NULL. */
ITSM_API const char *itsm_yaml_text(const struct itsm_yaml *node, const char *key);
/* NULL, an empty plain scalar, `~` or plain `null`: the field is as good as absent. */
ITSM_API bool itsm_yaml_is_null(const struct itsm_yaml *node);
/* Same shape, keys, order and scalar texts; styles and positions do not count. */
ITSM_API bool itsm_yaml_equal(const struct itsm_yaml *a, const struct itsm_yaml *b);

enum itsm_edit_operation {
	ITSM_EDIT_SET,    /* make the field this value (scalar), or these values (list) */
	ITSM_EDIT_ADD,    /* add to the list what it has not yet */
	ITSM_EDIT_REMOVE, /* take from the list what it has */
	ITSM_EDIT_UNSET,  /* take the field away, its line with it */
};

struct itsm_edit {
	enum itsm_edit_operation operation;
	const char *field;         /* dotted path of mapping keys */
	const char *const *values; /* one for a scalar */
	size_t count;
	bool list;                 /* the field is a list even if one value is given */
	bool text;                 /* a string by schema: quote what other YAML readers would type ("no", "1.10") */
};

/*
 * Apply edits to YAML text (what lies between the fences of front matter, or a
 * whole .yaml file) and put the new text into `out` (cleared first). Surgical:
 * every byte outside the edited values stays, comments, quoting, CRLF and BOM
 * included; a value keeps its quoting style where it can. A new field goes
 * after the last one of its mapping; a value of several lines is written as a
 * literal block scalar where one can hold it; a new list in the style of the
 * lists that are there, else as [a, b]. Taking the last item or field away leaves
 * [] or {}. Several edits are made in turn. ITSM_EUSAGE for a field name or value
 * that cannot be, ITSM_EDATA where a value stands in the way. The result is
 * parsed again and compared with what was meant: anything else differing is
 * ITSM_EDATA, never output.
 */
ITSM_API int itsm_yaml_edit(const char *text, size_t size, unsigned first_line, const struct itsm_edit *edits,
	size_t count, struct itsm_buffer *out, struct itsm_error *err);

/*
 * Append `value` as a YAML scalar that reads back as itself behind "key: " or
 * "- " (not within [] or {}): plain, else quoted, on one line. See itsm_edit.text.
 */
ITSM_API void itsm_yaml_write_scalar(struct itsm_buffer *out, const char *value, bool text);

#endif
