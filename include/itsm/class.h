/*
 * Classes of configuration items: what is to be known of each sort. A class is
 * a file policy/classes/<name>.yaml; the built-in ones (lib/model/classes/) are
 * compiled in, and a desk's file of that name takes its place:
 *
 *   class: server                  as items name it in `class`, and as the file is called
 *   help: A machine, real or virtual
 *   required: [owner|team, hostname, environment]    a|b: one of them is enough
 *   recommended: [serial, attributes.rack]           fields of the item, or what its `attributes` hold
 *   stale: 60d                     not seen, audited or changed for so long: it may be wrong
 *   audit: 365d                    compared with reality at least so often; absent: nobody asks
 *
 * The class `item` stands for items without a class, or with one that has no file.
 */
#ifndef ITSM_CLASS_H
#define ITSM_CLASS_H

#include <stdbool.h>

#include "itsm/kind.h"

#define ITSM_CLASS_STALE (60 * 86400)
#define ITSM_CLASS_OTHER "item"

struct itsm_class {
	const char *name, *help, *origin; /* origin: the file, or "built-in" */
	const char *const *required, *const *recommended; /* NULL-terminated, or NULL */
	int64_t stale, audit;             /* seconds; audit 0 = not asked for */
	unsigned line;
};

struct itsm_classes;

/* The built-in classes. Counted: each itsm_classes_keep asks for one more itsm_classes_free. */
ITSM_API int itsm_classes_new(struct itsm_classes **out, struct itsm_error *err);
ITSM_API struct itsm_classes *itsm_classes_keep(struct itsm_classes *classes);
ITSM_API void itsm_classes_free(struct itsm_classes *classes);
/* Add a desk's file, in place of one of that name. ITSM_EDATA with line and column. */
ITSM_API int itsm_classes_add(struct itsm_classes *classes, const char *path, const char *text, size_t size,
	struct itsm_error *err);
/* After the last one: every field that is named must be one of the kind. */
ITSM_API int itsm_classes_finish(struct itsm_classes *classes, const struct itsm_kind *kind, struct itsm_error *err);
/* In order of name. */
ITSM_API size_t itsm_classes_count(const struct itsm_classes *classes);
ITSM_API const struct itsm_class *itsm_classes_at(const struct itsm_classes *classes, size_t position);
/* The class of this name (NULL: of none), else the one that stands for others. */
ITSM_API const struct itsm_class *itsm_classes_find(const struct itsm_classes *classes, const char *name);

/* Is it one of the desk's, and not a built-in one? */
ITSM_API bool itsm_class_is_own(const struct itsm_class *one);

#endif
