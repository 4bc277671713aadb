/*
 * Private to lib/model: how a set of kinds is held.
 *
 * The built-in kinds are constant tables that make_table.c writes at
 * build time from their YAML: nothing is parsed when a program starts. Their
 * YAML goes along, for a desk's file that adds to one of them and for people.
 *
 * A struct kind_box has the public struct itsm_kind first, so that the one is
 * found from the other, then what the public one hides.
 */
#ifndef ITSM_MODEL_KIND_SET_H
#define ITSM_MODEL_KIND_SET_H

#include "itsm/kind.h"

struct kind_box {
	struct itsm_kind kind; /* first */
	const struct itsm_field **columns;
	size_t column_count;
	const char *source; /* YAML text, or NULL for a desk's own */
};

struct kind_builtin {
	struct kind_box box;
	size_t size;        /* of box.source */
	uint64_t digest;    /* of its bytes */
};

/* In order of pillar, then name; NULL at the end. */
extern const struct kind_builtin *const kind_builtins[];

struct kind_entry {
	const struct itsm_kind *kind;
	const struct kind_builtin *builtin; /* NULL for a desk's own */
	const struct itsm_yaml *tree;       /* as merged; NULL while the kind is only the built-in one */
	uint64_t digest;
};

struct itsm_kinds {
	struct itsm_arena *arena;
	struct kind_entry **entries; /* in order of pillar, then name */
	size_t count, capacity;
	char digest[17];
};

/* kind_read.c: a kind's tree as a kind. ITSM_EDATA with line and column. */
int kind_read(struct itsm_arena *arena, const struct itsm_yaml *tree, const char *origin, struct kind_box **out,
	struct itsm_error *err);
/* kind_read_field.c: the mapping of fields below `prefix` ("" or "window."). */
int kind_read_fields(struct itsm_arena *arena, const struct itsm_yaml *node, const char *prefix,
	struct itsm_field **out, size_t *count, struct itsm_error *err);
/* kind_merge.c: what a desk's file makes of the kind it names. Both trees stay as they are. */
int kind_merge(struct itsm_arena *arena, const struct itsm_yaml *base, const struct itsm_yaml *desk,
	struct itsm_yaml **out, struct itsm_error *err);
/* kind_verify.c: does all that the kind names exist? */
int kind_verify(const struct itsm_kinds *kinds, const struct itsm_kind *kind, struct itsm_error *err);
int kind_verify_set(const struct itsm_kinds *kinds, struct itsm_error *err);
/* kind_set.c */
struct kind_entry *kind_entry_find(const struct itsm_kinds *kinds, const char *name);
int kind_pillar_rank(const char *pillar);
#define KIND_DIGEST_START 0xcbf29ce484222325u
uint64_t kind_digest(uint64_t digest, const void *data, size_t length); /* FNV-1a */

/* kind_place.c: where a path stands. */
struct kind_place {
	const struct itsm_kind *kind; /* NULL: the path is in no kind's folder */
	char id[128], owner[128];  /* ITSM_ID_MAX */
	char problem[400];         /* why it is misplaced; "" when it is well placed */
	char remedy[400];
};
void kind_place_find(const struct itsm_kinds *kinds, const char *path, struct kind_place *out);

/* kind_shape.c: mappings read by a table of their keys. */
enum kind_key_type {
	KIND_KEY_STRING, /* const char * */
	KIND_KEY_BOOL,   /* bool */
	KIND_KEY_LIST,   /* const char *const *; a scalar counts as a list of one */
	KIND_KEY_NUMBER, /* double, and the bool behind `given` */
	KIND_KEY_NODE,   /* const struct itsm_yaml * */
};

struct kind_key {
	const char *name;
	enum kind_key_type type;
	size_t offset; /* of the value in the target */
	size_t given;  /* KIND_KEY_NUMBER: of the bool that says so */
	bool required;
};

/* Read `node`, called `what` in messages, into `target`. Keys the table does not have are refused. */
int kind_shape_read(struct itsm_arena *arena, const struct itsm_yaml *node, const struct kind_key *keys, size_t count,
	const char *what, void *target, struct itsm_error *err);
/* Is it what a kind, field, state or rule may be called? Letters, digits, '_' and, where told, '-'. */
bool kind_shape_is_name(const char *name, bool dash);

#endif
