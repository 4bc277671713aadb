/* Private to lib/model: the built-in matrices. */
#ifndef ITSM_MODEL_MATRIX_H
#define ITSM_MODEL_MATRIX_H

#include "itsm/matrix.h"

struct matrix_builtin {
	const char *name; /* NULL ends the table */
	const char *rows; /* JSON */
};

/* Written by make_matrices.c. */
extern const struct matrix_builtin matrix_builtins[];

#endif
