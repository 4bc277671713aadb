/*
 * Matrices: tables that tell one grade from two others, such as priority from
 * impact and urgency. A desk's own are records of the kind `matrix`
 * (policy/matrices/<name>.yaml); where it has none of a name, the compiled-in
 * one of that name (lib/model/matrices/) holds. SQL asks them by priority(name,
 * row, column), see itsm/index.h.
 */
#ifndef ITSM_MATRIX_H
#define ITSM_MATRIX_H

#include "itsm/export.h"

/* The rows of a built-in matrix as JSON, ["1 2","2 3"]; NULL when there is none of this name. Borrowed. */
ITSM_API const char *itsm_matrix_builtin(const char *name);

#endif
