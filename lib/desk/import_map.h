/*
 * The map of an import: what docs/import.md documents, read and checked.
 *
 * A rule makes one value of a row: it takes text from columns (`from`), a
 * template or a constant (`value`), and passes it through the steps it names.
 * A block says, for one kind, which rule fills which place of a record.
 */
#ifndef ITSM_LIB_DESK_IMPORT_MAP_H
#define ITSM_LIB_DESK_IMPORT_MAP_H

#include <regex.h>

#include "import_text.h"
#include "import_time.h"
#include "itsm/kind.h"
#include "itsm/yaml.h"

#define IMPORT_NONE SIZE_MAX
/* In `ensure`: the item that a record is made for. */
#define IMPORT_ITEM (SIZE_MAX - 1)

enum import_on_error {
	IMPORT_REJECT, /* the whole row */
	IMPORT_KEEP,   /* the text as the source has it: `check` will report it */
	IMPORT_DROP,   /* no value */
};

/* A piece of a template: literal text, or a column when `text` is NULL. */
struct import_piece {
	const char *text;
	size_t column;
	bool slug, lower;
	const char *otherwise; /* stands for a column without a value, or NULL */
};

struct import_match {
	regex_t *pattern;
	const char *value;
};

struct import_rule {
	const char *name;      /* for messages: "state", "columns.priority" */
	unsigned line, column; /* in the map */
	/* where the text is from: one of the three */
	size_t *from; size_t from_count;
	struct import_piece *pieces; size_t piece_count;
	const char *value;
	/* steps, in this order */
	const char **nulls; size_t null_count;
	const char *split;
	regex_t *pattern;
	bool lower;
	const struct itsm_yaml *map; /* sorted by `map_order` */
	size_t *map_order;
	struct import_match *matches; size_t match_count;
	const char *otherwise;
	bool time;
	struct import_format *formats; size_t format_count;
	struct itsm_zone *zone;
	bool slug;
	const char *default_value;
	enum import_on_error on_error;
	/* of a target */
	bool take_first;
	const struct itsm_yaml *states; /* a sequence, or NULL */
	bool one_line;                  /* the text of a template loses its line ends */
	bool list;                      /* several items may come out */
	const struct itsm_field *field; /* that must take the value, or NULL */
	const struct itsm_kind *kind;   /* of the field; without a field, the value is its state */
	struct import_table memo;       /* from texts to places in the reader's values */
};

enum import_role {
	IMPORT_FIELD,
	IMPORT_STATE,
	IMPORT_BODY,
	IMPORT_SECTION,
};

struct import_target {
	enum import_role role;
	const char *name;
	struct import_rule *rule;
	const struct itsm_field *field;
};

struct import_block {
	const struct itsm_kind *kind;
	struct import_target *targets;
	size_t target_count, target_capacity;
	size_t filed;            /* the target whose time picks the month, or IMPORT_NONE */
	size_t state;            /* or IMPORT_NONE */
	struct import_rule *id;  /* of a kind with slugs, or NULL */
	bool has_body, take_first;
};

/* A record that rows refer to and that is made where there is none. */
struct import_ensure {
	struct import_rule *id;
	struct import_block block;     /* its targets */
	struct import_table known; /* IDs that are there or made: 1 */
};

/* A column that the map speaks of. */
struct import_column {
	const char *name;
	unsigned line, column;
	bool seen;
};

enum import_mixed_zones { IMPORT_MIXED_REJECT, IMPORT_MIXED_KEEP, IMPORT_MIXED_ZONE };

struct import_map {
	struct itsm_arena *arena;
	const struct itsm_kinds *kinds;
	const char *path;
	const char *source;
	bool markdown;
	bool json;                          /* what a sender of alerts says: for event_form.c, no source of an import */
	char delimiter;
	bool no_quotes;
	const char **header; size_t header_count;
	const char *files;
	const char **nulls; size_t null_count;
	struct import_format *formats; size_t format_count;
	struct itsm_zone *zone;
	enum import_mixed_zones mixed_zones;
	const char *key_field, *source_field;
	struct import_rule *key;
	struct import_rule *kind;           /* NULL when there is one block only */
	struct import_block *blocks; size_t block_count, block_capacity;
	struct import_ensure *ensures; size_t ensure_count, ensure_capacity;
	struct import_rule *time, *author, *mail; /* of `replay`, or NULL */
	struct import_column *columns; size_t column_count, column_capacity;
	regex_t **patterns; size_t pattern_count, pattern_capacity;
};

/* A block's or an ensured record's fields, sections, state and body: whatever of them `node` has. */
int import_block_read(struct import_map *map, const struct itsm_yaml *node, struct import_block *block,
	struct itsm_error *err);
/* What every block has (key and source), and what its kind can't do without. */
int import_block_finish(struct import_map *map, const struct itsm_yaml *node, struct import_block *block,
	struct itsm_error *err);
/* Is its default the moment or the person at work, which is not what an import is about? */
bool import_default_is_ours(const struct itsm_field *field);
/* Must the field have a value that nothing but a row can give? */
bool import_field_needed(const struct itsm_field *field);
int import_ensure_read(struct import_map *map, const struct itsm_yaml *node, struct import_ensure *ensure,
	struct itsm_error *err);

/* Read a map. Errors name `path` and carry line and column. Free with import_map_free, on failure too. */
int import_map_read(struct import_map *map, struct itsm_arena *arena, const struct itsm_kinds *kinds, const char *path,
	const char *text, size_t size, struct itsm_error *err);
void import_map_free(struct import_map *map);

/* The number of a column by name; `node` is where the map speaks of it. */
size_t import_map_column(struct import_map *map, const char *name, const struct itsm_yaml *node);

/* A rule from a mapping, a column's name, or a text with {columns} in it. */
int import_rule_read(struct import_map *map, const char *name, const struct itsm_yaml *node, struct import_rule **out,
	struct itsm_error *err);
/*
 * What takes the rule's values: a field, or (NULL) the state of the kind. Its
 * constants are judged here, the rest row by row.
 */
int import_rule_bind(struct import_rule *rule, const struct itsm_kind *kind, const struct itsm_field *field,
	struct itsm_error *err);
/* Does the field (NULL: the kind's state) take this text? The message names the rule. */
int import_rule_takes(const struct import_rule *rule, struct itsm_arena *arena, const char *text,
	struct itsm_error *err);

int import_template_read(struct import_map *map, const struct itsm_yaml *node, const char *text,
	struct import_rule *rule, struct itsm_error *err);

/* Texts of a sequence, or of one scalar. */
int import_map_texts(struct import_map *map, const struct itsm_yaml *node, const char ***texts, size_t *count,
	struct itsm_error *err);
/* Refuse keys of a mapping that are not in the NULL-terminated list. */
int import_map_keys(const struct itsm_yaml *node, const char *what, const char *const *known, struct itsm_error *err);
/* A scalar under a key into `out`; absent is fine. */
int import_map_text(const struct itsm_yaml *node, const char *key, const char **out, struct itsm_error *err);

#endif
